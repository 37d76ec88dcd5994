//! Doctor against any endpoint: a healthy pipeline, then one thing broken at a time, found, and fixed by the very
//! command that doctor prints.
//!
//! Each case leaves the pipeline as it found it, but for the pending subscription, which nothing can remove.

use std::time::Duration;

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{
    ApplicationLogLevel, Environment, LogFormat as LambdaLogFormat, LoggingConfig, State, SystemLogLevel,
};
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, S3KeyFilter,
};
use imgwatch::cloud::{Driver, Progress};
use imgwatch::config::{Feeds, Settings, Target};
use imgwatch::domain::diagnosis::{self, Check, CheckStatus, Diagnosis};
use imgwatch::domain::ids::RequestId;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use tokio::sync::{mpsc, watch};

use crate::shell::{self, Clients};

/// Generous: only a test that fails waits as long as this.
const PATIENCE: Duration = Duration::from_mins(1);

/// A pipeline behind an endpoint, and clients to break it with.
pub(crate) struct Pipeline {
    pub(crate) settings: Settings,
    pub(crate) topic_arn: String,
    pub(crate) function_arn: String,
    clients: Clients,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) sns: aws_sdk_sns::Client,
}

impl Pipeline {
    /// The one that is called so, in `us-east-1`.
    pub(crate) async fn at(endpoint: &str, bucket: &str, function: &str, topic: &str) -> Self {
        let settings = Settings {
            target: Target::Endpoint { url: endpoint.to_owned(), profile: None, region: Some("us-east-1".to_owned()) },
            bucket: Some(bucket.to_owned()),
            function: Some(function.to_owned()),
            topic: Some(topic.to_owned()),
            ..Settings::default()
        };
        let clients = Clients::at(endpoint);
        let Clients { s3, lambda, sns, .. } = clients.clone();
        let topics = sns.list_topics().send().await.unwrap();
        let end = format!(":{topic}");
        let topic_arn = topics.topics().iter().filter_map(|it| it.topic_arn()).find(|arn| arn.ends_with(&end));
        let configuration = active(&lambda, function).await;
        Self {
            settings,
            topic_arn: topic_arn.unwrap().to_owned(),
            function_arn: configuration.function_arn().unwrap().to_owned(),
            clients,
            s3,
            lambda,
            sns,
        }
    }

    /// What doctor says.
    pub(crate) async fn diagnose(&self, key: Option<&str>) -> Diagnosis {
        let (to_updates, mut updates) = mpsc::channel(64);
        let (to_progress, _progress) = watch::channel(Progress::default());
        let driver = Driver::start(self.settings.clone(), Feeds::default(), to_updates, to_progress);
        driver.perform(CloudEffect::Examine { request: RequestId(1), key: key.map(Clean::new) });
        let search = async {
            loop {
                match updates.recv().await.expect("the driver lives") {
                    Update::Examined { findings, .. } => return diagnosis::diagnose(&findings),
                    Update::ExamineFailed { problem, .. } | Update::ConnectionFailed(problem) => panic!("{problem}"),
                    _ => {}
                }
            }
        };
        let report = tokio::time::timeout(PATIENCE, search).await.expect("doctor looks in time");
        driver.stop().await;
        report
    }

    /// One check of what doctor says.
    pub(crate) async fn check(&self, key: Option<&str>, id: &str) -> Check {
        find(&self.diagnose(key).await, id)
    }

    /// The check is as bad as this, its own commands fix it, and then it is fine.
    pub(crate) async fn found_and_fixed(&self, key: Option<&str>, id: &str, status: CheckStatus) -> Check {
        let check = self.check(key, id).await;
        assert_eq!(check.status, status, "{check:#?}");
        let commands: Vec<&Clean> = check.fix.iter().filter(|line| !line.raw().starts_with('#')).collect();
        assert!(!commands.is_empty(), "{check:#?}");
        for command in commands {
            shell::run(&self.clients, command.raw()).await;
        }
        let after = self.check(key, id).await;
        assert_eq!(after.status, CheckStatus::Ok, "after {:#?}: {after:#?}", check.fix);
        check
    }

    pub(crate) async fn notify(&self, configuration: NotificationConfiguration) {
        self.s3
            .put_bucket_notification_configuration()
            .bucket(self.settings.bucket.as_deref().unwrap())
            .notification_configuration(configuration)
            .send()
            .await
            .unwrap();
    }

    pub(crate) async fn notifications(&self) -> NotificationConfiguration {
        let request = self.s3.get_bucket_notification_configuration().bucket(self.settings.bucket.as_deref().unwrap());
        let answer = request.send().await.unwrap();
        NotificationConfiguration::builder()
            .set_lambda_function_configurations(answer.lambda_function_configurations)
            .set_queue_configurations(answer.queue_configurations)
            .set_topic_configurations(answer.topic_configurations)
            .build()
    }
}

/// The function's configuration, as soon as it is ready: some clouds take a while to make one.
async fn active(lambda: &aws_sdk_lambda::Client, function: &str) -> GetFunctionConfigurationOutput {
    let ready = async {
        loop {
            let answer = lambda.get_function_configuration().function_name(function).send().await.unwrap();
            if answer.state() == Some(&State::Active) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.expect("the function becomes active")
}

/// A check by its id.
pub(crate) fn find(report: &Diagnosis, id: &str) -> Check {
    let found = report.checks.iter().find(|check| check.id == id).cloned();
    found.unwrap_or_else(|| panic!("no check {id} in {report:#?}"))
}

/// Nothing fails, and only what is known to be so is warned of.
pub(crate) async fn healthy(pipeline: &Pipeline, true_warnings: &[&str]) {
    let report = pipeline.diagnose(Some("holiday/cat.png")).await;
    let bad: Vec<&Check> = report
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Failure)
        .chain(report.checks.iter().filter(|it| it.status == CheckStatus::Warning && !true_warnings.contains(&it.id)))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for id in true_warnings {
        assert_eq!(find(&report, id).status, CheckStatus::Warning, "{id}");
    }
    for id in ["notification", "notification-events", "permission", "key", "image-types", "topic-variable", "topic"] {
        let check = find(&report, id);
        assert_eq!(check.status, CheckStatus::Ok, "{check:#?}");
    }
}

/// The bucket notifies no function.
pub(crate) async fn notification_removed(pipeline: &Pipeline) {
    let before = pipeline.notifications().await;
    pipeline.notify(NotificationConfiguration::builder().build()).await;
    let key = pipeline.check(Some("x.png"), "key").await;
    assert_eq!(key.status, CheckStatus::Failure, "{key:#?}");
    pipeline.found_and_fixed(None, "notification", CheckStatus::Failure).await;
    pipeline.notify(before).await;
}

/// The rule is for `.jpg`, the file is a `.PNG`; a rule of another team stays.
pub(crate) async fn suffix_of_another_case(pipeline: &Pipeline) {
    let before = pipeline.notifications().await;
    let suffix = FilterRule::builder().name(FilterRuleName::Suffix).value(".jpg").build();
    let filter = NotificationConfigurationFilter::builder().key(S3KeyFilter::builder().filter_rules(suffix).build());
    let rule = |id: &str, event: Event| {
        LambdaFunctionConfiguration::builder().id(id).lambda_function_arn(&pipeline.function_arn).events(event)
    };
    let images = rule("images", Event::S3ObjectCreated).filter(filter.build()).build().unwrap();
    let removed = rule("removed", Event::S3ObjectRemoved).build().unwrap();
    let both = NotificationConfiguration::builder()
        .lambda_function_configurations(images)
        .lambda_function_configurations(removed);
    pipeline.notify(both.build()).await;

    let jpg = pipeline.check(Some("x.jpg"), "key").await;
    assert_eq!(jpg.status, CheckStatus::Ok, "{jpg:#?}");
    let upper = pipeline.check(Some("x.JPG"), "key").await;
    assert!(upper.found.raw().contains("only the case differs"), "{upper:#?}");
    let check = pipeline.found_and_fixed(Some("x.PNG"), "key", CheckStatus::Failure).await;
    assert!(check.found.raw().contains("does not end with .jpg"), "{check:#?}");
    let after = pipeline.notifications().await;
    let ids: Vec<_> = after.lambda_function_configurations().iter().filter_map(|rule| rule.id()).collect();
    assert!(ids.contains(&"images") && ids.contains(&"removed"), "what was there is still there: {ids:?}");
    let jpg = pipeline.check(Some("x.jpg"), "key").await;
    assert_eq!(jpg.status, CheckStatus::Ok, "{jpg:#?}");
    pipeline.notify(before).await;
}

/// The rule takes single uploads only.
pub(crate) async fn only_put(pipeline: &Pipeline) {
    let before = pipeline.notifications().await;
    let rule = LambdaFunctionConfiguration::builder()
        .id("put")
        .lambda_function_arn(&pipeline.function_arn)
        .events(Event::S3ObjectCreatedPut)
        .build()
        .unwrap();
    pipeline.notify(NotificationConfiguration::builder().lambda_function_configurations(rule).build()).await;
    let key = pipeline.check(Some("x.png"), "key").await;
    assert_eq!(key.status, CheckStatus::Warning, "{key:#?}");
    assert!(key.found.raw().contains("not in parts"), "{key:#?}");
    pipeline.found_and_fixed(None, "notification-events", CheckStatus::Warning).await;
    pipeline.notify(before).await;
}

/// S3 may not invoke the function.
pub(crate) async fn permission_removed(pipeline: &Pipeline) {
    let function = pipeline.settings.function.as_deref().unwrap();
    let policy = pipeline.lambda.get_policy().function_name(function).send().await.unwrap();
    let policy: serde_json::Value = serde_json::from_str(policy.policy().unwrap()).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let id = statement["Sid"].as_str().unwrap();
        pipeline.lambda.remove_permission().function_name(function).statement_id(id).send().await.unwrap();
    }
    let check = pipeline.found_and_fixed(None, "permission", CheckStatus::Failure).await;
    assert!(check.fix.iter().any(|line| line.raw().contains("s3.amazonaws.com")), "{check:#?}");
}

/// The function publishes elsewhere.
pub(crate) async fn topic_variable_wrong(pipeline: &Pipeline) {
    let function = pipeline.settings.function.as_deref().unwrap();
    let read = pipeline.lambda.get_function_configuration().function_name(function).send().await.unwrap();
    let mut variables = read.environment().and_then(|it| it.variables()).cloned().unwrap_or_default();
    variables.insert("SNS_TOPIC_ARN".to_owned(), format!("{}-of-another-stack", pipeline.topic_arn));
    variables.insert("RUST_LOG".to_owned(), "info".to_owned());
    let environment = Environment::builder().set_variables(Some(variables.clone())).build();
    let update = pipeline.lambda.update_function_configuration().function_name(function);
    update.environment(environment).send().await.unwrap();
    let check = pipeline.found_and_fixed(None, "topic-variable", CheckStatus::Failure).await;
    assert!(check.found.raw().contains("-of-another-stack"), "{check:#?}");
    let read = pipeline.lambda.get_function_configuration().function_name(function).send().await.unwrap();
    variables.insert("SNS_TOPIC_ARN".to_owned(), pipeline.topic_arn.clone());
    assert_eq!(read.environment().and_then(|it| it.variables()), Some(&variables), "the others are kept");
}

/// Lambda drops the function's lines, then its own.
pub(crate) async fn log_level_too_high(pipeline: &Pipeline) {
    let set = async |config: LoggingConfig| {
        let update = pipeline
            .lambda
            .update_function_configuration()
            .function_name(pipeline.settings.function.as_deref().unwrap());
        update.logging_config(config).send().await.unwrap();
    };
    let json = || LoggingConfig::builder().log_format(LambdaLogFormat::Json);
    set(json().application_log_level(ApplicationLogLevel::Warn).build()).await;
    pipeline.found_and_fixed(None, "log-level", CheckStatus::Failure).await;
    set(json().system_log_level(SystemLogLevel::Warn).build()).await;
    pipeline.found_and_fixed(None, "platform-log-level", CheckStatus::Warning).await;
}

/// A subscriber has not confirmed. `protocol` is one that the endpoint does not confirm by itself.
pub(crate) async fn subscription_pending(pipeline: &Pipeline, protocol: &str, endpoint: &str) {
    let subscribe = pipeline.sns.subscribe().topic_arn(&pipeline.topic_arn).protocol(protocol);
    subscribe.endpoint(endpoint).send().await.unwrap();
    let check = pipeline.check(None, "pending").await;
    assert_eq!(check.status, CheckStatus::Warning, "{check:#?}");
    assert!(check.found.raw().contains(endpoint), "{check:#?}");
    assert!(check.fix.iter().any(|line| line.raw().contains(endpoint)), "{check:#?}");
}

/// A policy asks for what no message has: that may be intended, so it is a note, and no command removes it.
pub(crate) async fn filter_excludes_everything(pipeline: &Pipeline) {
    let listed = pipeline.sns.list_subscriptions_by_topic().topic_arn(&pipeline.topic_arn).send().await.unwrap();
    let confirmed = listed.subscriptions().iter().filter_map(|it| it.subscription_arn());
    let arn = confirmed.into_iter().find(|arn| arn.starts_with("arn:")).expect("a confirmed subscription").to_owned();
    let set = async |policy: &str| {
        let request = pipeline.sns.set_subscription_attributes().subscription_arn(&arn);
        request.attribute_name("FilterPolicy").attribute_value(policy).send().await.unwrap();
    };
    set(r#"{"contentType":["image/jpeg"]}"#).await;
    let general = pipeline.check(None, "filter-policies").await;
    assert_eq!(general.status, CheckStatus::Ok, "some images pass: {general:#?}");
    let png = pipeline.check(Some("x.png"), "filter-policies").await;
    assert_eq!(png.status, CheckStatus::Note, "{png:#?}");
    let policy = r#"{"colour":["red"]}"#;
    set(policy).await;
    let report = pipeline.diagnose(None).await;
    let check = find(&report, "filter-policies");
    assert_eq!(check.status, CheckStatus::Note, "{check:#?}");
    assert!(check.found.raw().contains(policy), "{check:#?}");
    assert_eq!(report.count(CheckStatus::Failure), 0, "{report:#?}");
    for command in check.fix.iter().filter(|line| !line.raw().starts_with('#')) {
        assert!(command.raw().contains(" get-subscription-attributes "), "it changes nothing: {check:#?}");
    }
    set("{}").await;
}
