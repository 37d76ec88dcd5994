//! The few commands of the AWS CLI that doctor prints, run through the SDK, so that what is printed is what is tested.

use std::collections::HashMap;

use aws_sdk_eventbridge::types::Target;
use aws_sdk_lambda::types::{Environment, FilterCriteria, LoggingConfig};
use aws_sdk_s3::types::{
    EventBridgeConfiguration, FilterRule, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;

/// Clients of an endpoint in `us-east-1`.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
}

macro_rules! client {
    ($sdk:ident, $endpoint:expr) => {
        $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new("us-east-1"))
            .endpoint_url($endpoint)
            .credentials_provider($sdk::config::Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
    };
}

impl Clients {
    pub(crate) fn at(endpoint: &str) -> Self {
        Self {
            s3: aws_sdk_s3::Client::from_conf(client!(aws_sdk_s3, endpoint).force_path_style(true).build()),
            lambda: aws_sdk_lambda::Client::from_conf(client!(aws_sdk_lambda, endpoint).build()),
            sns: aws_sdk_sns::Client::from_conf(client!(aws_sdk_sns, endpoint).build()),
            sqs: aws_sdk_sqs::Client::from_conf(client!(aws_sdk_sqs, endpoint).build()),
            events: aws_sdk_eventbridge::Client::from_conf(client!(aws_sdk_eventbridge, endpoint).build()),
        }
    }
}

/// Words as a POSIX shell reads them: plain ones, and single quotes with `'\''` in them.
pub(crate) fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                begun = true;
            }
            '\\' if !quoted => word.extend(chars.next()),
            ' ' if !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => word.push(c),
        }
    }
    assert!(!quoted, "an open quote in {command}");
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Runs a command that doctor printed.
pub(crate) async fn run(clients: &Clients, command: &str) {
    let words = words(command);
    assert_eq!(words[0], "aws", "{command}");
    let (mut names, mut options) = (Vec::new(), HashMap::new());
    let mut rest = words.into_iter().skip(1).peekable();
    while let Some(word) = rest.next() {
        match word.strip_prefix("--") {
            Some(option) => {
                let value = rest.next_if(|next| !next.starts_with("--")).unwrap_or_default();
                options.insert(option.to_owned(), value);
            }
            None => names.push(word),
        }
    }
    let option = |name: &str| options.get(name).unwrap_or_else(|| panic!("no --{name} in {command}")).clone();
    match (names[0].as_str(), names[1].as_str()) {
        ("s3api", "put-bucket-notification-configuration") => {
            let document: Value = serde_json::from_str(&option("notification-configuration")).unwrap();
            let request = clients.s3.put_bucket_notification_configuration().bucket(option("bucket"));
            request.notification_configuration(notifications(&document)).send().await.unwrap();
        }
        ("lambda", "add-permission") => {
            let request = clients.lambda.add_permission().function_name(option("function-name"));
            let request = request.statement_id(option("statement-id")).action(option("action"));
            let request = request.principal(option("principal")).source_arn(option("source-arn"));
            request.set_source_account(options.get("source-account").cloned()).send().await.unwrap();
        }
        ("lambda", "create-event-source-mapping") => {
            let request = clients.lambda.create_event_source_mapping().function_name(option("function-name"));
            let request = request.event_source_arn(option("event-source-arn"));
            let types = options.get("function-response-types").map(|it| vec![it.as_str().into()]);
            request.set_function_response_types(types).send().await.unwrap();
        }
        ("lambda", "update-event-source-mapping") => {
            let mut request = clients.lambda.update_event_source_mapping().uuid(option("uuid"));
            if options.contains_key("enabled") {
                request = request.enabled(true);
            }
            if let Some(criteria) = options.get("filter-criteria") {
                assert_eq!(criteria, "{}", "{command}");
                request = request.filter_criteria(FilterCriteria::builder().build());
            }
            let types = options.get("function-response-types").map(|it| vec![it.as_str().into()]);
            request.set_function_response_types(types).send().await.unwrap();
        }
        ("sqs", "create-queue") => {
            drop(clients.sqs.create_queue().queue_name(option("queue-name")).send().await.unwrap())
        }
        ("sqs", "set-queue-attributes") => {
            let text = option("attributes");
            let attributes: HashMap<String, String> = match text.split_once('=') {
                Some((name, value)) if !text.starts_with('{') => HashMap::from([(name.to_owned(), value.to_owned())]),
                _ => serde_json::from_str(&text).unwrap(),
            };
            let mut request = clients.sqs.set_queue_attributes().queue_url(option("queue-url"));
            for (name, value) in attributes {
                request = request.attributes(QueueAttributeName::from(name.as_str()), value);
            }
            request.send().await.unwrap();
        }
        ("sns", "create-topic") => drop(clients.sns.create_topic().name(option("name")).send().await.unwrap()),
        ("sns", "subscribe") => {
            let request = clients.sns.subscribe().topic_arn(option("topic-arn")).protocol(option("protocol"));
            request.endpoint(option("notification-endpoint")).send().await.unwrap();
        }
        ("sns", "set-topic-attributes") => {
            let request = clients.sns.set_topic_attributes().topic_arn(option("topic-arn"));
            let request = request.attribute_name(option("attribute-name"));
            request.attribute_value(option("attribute-value")).send().await.unwrap();
        }
        ("sns", "set-subscription-attributes") => {
            let request = clients.sns.set_subscription_attributes().subscription_arn(option("subscription-arn"));
            let request = request.attribute_name(option("attribute-name"));
            request.attribute_value(option("attribute-value")).send().await.unwrap();
        }
        ("events", "enable-rule") => drop(clients.events.enable_rule().name(option("name")).send().await.unwrap()),
        ("events", "put-rule") => {
            let request = clients.events.put_rule().name(option("name"));
            request.event_pattern(option("event-pattern")).send().await.unwrap();
        }
        ("events", "put-targets") => {
            let mut target = Target::builder();
            for (name, value) in option("targets").split(',').map(|pair| pair.split_once('=').unwrap()) {
                target = match name {
                    "Id" => target.id(value),
                    "Arn" => target.arn(value),
                    other => panic!("{other} in {command}"),
                };
            }
            let request = clients.events.put_targets().rule(option("rule"));
            request.targets(target.build().unwrap()).send().await.unwrap();
        }
        ("lambda", "update-function-configuration") => {
            let mut request = clients.lambda.update_function_configuration().function_name(option("function-name"));
            if let Some(environment) = options.get("environment") {
                let environment: Value = serde_json::from_str(environment).unwrap();
                let variables: HashMap<String, String> =
                    serde_json::from_value(environment["Variables"].clone()).unwrap();
                request = request.environment(Environment::builder().set_variables(Some(variables)).build());
            }
            if let Some(config) = options.get("logging-config") {
                let mut logging = LoggingConfig::builder();
                for (name, value) in config.split(',').map(|pair| pair.split_once('=').unwrap()) {
                    logging = match name {
                        "LogFormat" => logging.log_format(value.into()),
                        "ApplicationLogLevel" => logging.application_log_level(value.into()),
                        "SystemLogLevel" => logging.system_log_level(value.into()),
                        "LogGroup" => logging.log_group(value),
                        other => panic!("{other} in {command}"),
                    };
                }
                request = request.logging_config(logging.build());
            }
            request.send().await.unwrap();
        }
        ("lambda", "delete-function-concurrency") => {
            clients.lambda.delete_function_concurrency().function_name(option("function-name")).send().await.unwrap();
        }
        other => panic!("{other:?} in {command}"),
    }
}

fn notifications(document: &Value) -> NotificationConfiguration {
    let mut configuration = NotificationConfiguration::builder();
    for (kind, rules) in document.as_object().unwrap() {
        let all = rules.as_array().into_iter().flatten();
        match kind.as_str() {
            "LambdaFunctionConfigurations" => {
                for rule in all {
                    let one = LambdaFunctionConfiguration::builder()
                        .set_id(rule["Id"].as_str().map(str::to_owned))
                        .lambda_function_arn(rule["LambdaFunctionArn"].as_str().unwrap())
                        .set_events(Some(events(rule)))
                        .set_filter(filter(rule));
                    configuration = configuration.lambda_function_configurations(one.build().unwrap());
                }
            }
            "QueueConfigurations" => {
                for rule in all {
                    let one = QueueConfiguration::builder()
                        .set_id(rule["Id"].as_str().map(str::to_owned))
                        .queue_arn(rule["QueueArn"].as_str().unwrap())
                        .set_events(Some(events(rule)))
                        .set_filter(filter(rule));
                    configuration = configuration.queue_configurations(one.build().unwrap());
                }
            }
            "EventBridgeConfiguration" => {
                configuration = configuration.event_bridge_configuration(EventBridgeConfiguration::builder().build());
            }
            other => panic!("{other} in {document}"),
        }
    }
    configuration.build()
}

fn events(rule: &Value) -> Vec<aws_sdk_s3::types::Event> {
    rule["Events"].as_array().unwrap().iter().map(|event| event.as_str().unwrap().into()).collect()
}

fn filter(rule: &Value) -> Option<NotificationConfigurationFilter> {
    let rules = rule["Filter"]["Key"]["FilterRules"].as_array()?.iter().map(|rule| {
        let name = rule["Name"].as_str().unwrap();
        FilterRule::builder().name(name.into()).value(rule["Value"].as_str().unwrap()).build()
    });
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.collect())).build();
    Some(NotificationConfigurationFilter::builder().key(key).build())
}
