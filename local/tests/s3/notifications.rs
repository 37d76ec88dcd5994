//! A bucket's notification configuration, as AWS takes it and gives it back.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};

use crate::common::{raw, start};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:nobody";

fn function(arn: &str) -> LambdaFunctionConfiguration {
    let rule = FilterRule::builder().name(FilterRuleName::Suffix).value(".png").build();
    let filter =
        NotificationConfigurationFilter::builder().key(S3KeyFilter::builder().filter_rules(rule).build()).build();
    LambdaFunctionConfiguration::builder()
        .lambda_function_arn(arn)
        .events(Event::S3ObjectCreated)
        .filter(filter)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_configuration_comes_back_with_an_id_and_capitalised_names() {
    let fixture = start().await;
    let configuration = NotificationConfiguration::builder().lambda_function_configurations(function(FUNCTION)).build();
    let put = fixture.s3.put_bucket_notification_configuration().bucket("photos").skip_destination_validation(true);
    put.notification_configuration(configuration).send().await.unwrap();
    let got = fixture.s3.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    let one = &got.lambda_function_configurations()[0];
    assert_eq!(one.lambda_function_arn(), FUNCTION);
    assert!(!one.id().unwrap().is_empty());
    let rule = &one.filter().unwrap().key().unwrap().filter_rules()[0];
    assert_eq!((rule.name().unwrap().as_str(), rule.value()), ("Suffix", Some(".png")));
    // These events have no receiver, and the upload succeeds.
    fixture.s3.put_object().bucket("photos").key("a.png").send().await.unwrap();

    let empty = NotificationConfiguration::builder().build();
    let put = fixture.s3.put_bucket_notification_configuration().bucket("photos").notification_configuration(empty);
    put.send().await.unwrap();
    let got = fixture.s3.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    assert_eq!(got.lambda_function_configurations().len(), 0);
}

#[tokio::test]
async fn a_destination_that_does_not_take_events_is_refused() {
    let fixture = start().await;
    let body = format!(
        "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>{FUNCTION}</CloudFunction>\
         <Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration></NotificationConfiguration>"
    );
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos?notification", &[], body.as_bytes()).await;
    assert_eq!(answer.status, 400);
    let expected = format!(
        "<Code>InvalidArgument</Code><Message>Unable to validate the following destination configurations</Message>\
         <ArgumentName1>{FUNCTION}, null</ArgumentName1>\
         <ArgumentValue1>Not authorized to invoke function [{FUNCTION}]</ArgumentValue1>"
    );
    assert!(answer.body.contains(&expected), "{}", answer.body);

    let queue = QueueConfiguration::builder().queue_arn("no-arn").events(Event::S3ObjectCreated).build().unwrap();
    let configuration = NotificationConfiguration::builder().queue_configurations(queue).build();
    let put = fixture.s3.put_bucket_notification_configuration().bucket("photos").skip_destination_validation(true);
    let error = put.notification_configuration(configuration).send().await.unwrap_err().into_service_error();
    assert_eq!((error.code(), error.message()), (Some("InvalidArgument"), Some("The ARN could not be parsed")));
}
