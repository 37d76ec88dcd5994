//! Finding the pipeline: by its stack, by the only stack, and from the bucket alone along the wiring.

use serde_json::{Value, json};

use super::account::Account;
use super::emulator::Emulator;
use super::pipeline::{Names, Pipeline};

/// None of these is what `imgwatch` expects on loopback.
const NAMES: Names = Names { bucket: "gallery-bucket", function: "gallery-function", topic: "gallery-topic" };
const STACK: &str = "gallery";

/// A stack with one resource and the outputs that the template in this repository has.
fn outputs(topic_arn: &str) -> Value {
    let output = |value: &str| json!({"Value": value});
    json!({
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {
            "BucketName": output(NAMES.bucket),
            "FunctionName": output(NAMES.function),
            "TopicArn": output(topic_arn),
            "LogGroupName": output(&format!("/aws/lambda/{}", NAMES.function)),
        },
    })
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn an_upload_is_followed_through_what_was_found() {
    let pipeline = Pipeline::start_as(NAMES).await;
    // Along the wiring: before there is any stack.
    let mut ways = vec![vec!["--bucket", NAMES.bucket]];
    for stack in [None, Some(STACK)] {
        if let Some(stack) = stack {
            pipeline.account.stack(stack, &outputs(&pipeline.topic_arn)).await;
            ways = vec![vec![], vec!["--stack", stack], vec!["--bucket", NAMES.bucket]];
        }
        for way in &ways {
            let args = [way.as_slice(), &["upload", "--test-image", "--wait", "--json"]].concat();
            let report = pipeline.emulator.run(&args).only(0);
            assert_eq!((&report["status"], &report["bucket"]), (&json!("published"), &json!(NAMES.bucket)), "{way:?}");
            let (envelope, notification) = pipeline.told().await;
            assert_eq!((&envelope["TopicArn"], &notification["subject"]), (&json!(pipeline.topic_arn), &report["key"]));
            let log = pipeline.emulator.run(&[way.as_slice(), &["logs"]].concat());
            assert!(log.stdout.contains(report["key"].as_str().unwrap()), "{way:?}: {}{}", log.stdout, log.stderr);
        }
    }
    // A second one: neither is taken for the only one.
    pipeline.account.stack("other", &outputs(&pipeline.topic_arn)).await;
    let done = pipeline.emulator.run(&["upload", "--test-image", "--json"]);
    assert_ne!(done.code, Some(0), "{}", done.stdout);
}

/// All of a pipeline but its code, made by a stack.
fn whole() -> Value {
    let attribute = |part: &str, name: &str| json!({"Fn::GetAtt": [part, name]});
    let reference = |part: &str| json!({"Ref": part});
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]});
    json!({
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": NAMES.bucket}},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": NAMES.topic}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {
                "FunctionName": NAMES.function, "Runtime": "python3.13", "Handler": "index.handler",
                "Role": attribute("Role", "Arn"), "Code": {"ZipFile": "def handler(event, context): pass"},
                "Environment": {"Variables": {"SNS_TOPIC_ARN": reference("Topic")}},
            }},
        },
        "Outputs": {
            "BucketName": {"Value": reference("Bucket")},
            "FunctionName": {"Value": reference("Function")},
            "TopicArn": {"Value": reference("Topic")},
        },
    })
}

/// moto invokes no function, so what was found is only listed.
#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_a_stack_made_is_found_by_its_outputs_and_by_its_wiring() {
    let emulator = Emulator::moto();
    let account = Account::of(&emulator).await;
    account.stack(STACK, &whole()).await;
    let function = account.lambda.get_function_configuration().function_name(NAMES.function).send().await.unwrap();
    let topic_arn = format!("arn:aws:sns:us-east-1:{}:{}", account.id, NAMES.topic);
    account.subscribe(&topic_arn, "email", "reader@example.com").await;
    account.notify(NAMES.bucket, function.function_arn()).await;

    for way in [&[][..], &["--stack", STACK], &["--bucket", NAMES.bucket]] {
        let stored = emulator.run(&[way, &["upload", "--test-image", "--json"]].concat()).only(0);
        assert_eq!(stored["bucket"], NAMES.bucket, "{way:?}");
        let row = emulator.run(&[way, &["subscriptions", "--json"]].concat()).only(0);
        assert_eq!(row["endpoint"], "reader@example.com", "{way:?}");
    }
    let done = emulator.run(&["--stack", "no-such-stack", "objects"]);
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    assert!(done.stderr.contains("no-such-stack"), "{}", done.stderr);
}
