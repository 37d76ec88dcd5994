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

/// A command of the AWS CLI.
struct Command {
    /// Such as `sqs` and `create-queue`.
    service: String,
    operation: String,
    options: HashMap<String, String>,
    text: String,
}

impl Command {
    fn parse(text: &str) -> Self {
        let words = words(text);
        assert_eq!(words[0], "aws", "{text}");
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
        let [service, operation] = names.try_into().unwrap();
        Self { service, operation, options, text: text.to_owned() }
    }

    fn option(&self, name: &str) -> String {
        self.get(name).unwrap_or_else(|| panic!("no --{name} in {}", self.text))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.options.get(name).cloned()
    }
}

/// Runs a command that doctor printed.
pub(crate) async fn run(clients: &Clients, command: &str) {
    let command = Command::parse(command);
    match command.service.as_str() {
        "s3api" => s3(clients, &command).await,
        "lambda" => lambda(clients, &command).await,
        "sqs" => sqs(clients, &command).await,
        "sns" => sns(clients, &command).await,
        "events" => events(clients, &command).await,
        _ => panic!("{}", command.text),
    }
}

async fn s3(clients: &Clients, command: &Command) {
    assert_eq!(command.operation, "put-bucket-notification-configuration", "{}", command.text);
    let document: Value = serde_json::from_str(&command.option("notification-configuration")).unwrap();
    let request = clients.s3.put_bucket_notification_configuration().bucket(command.option("bucket"));
    request.notification_configuration(notifications(&document)).send().await.unwrap();
}

async fn lambda(clients: &Clients, command: &Command) {
    let lambda = &clients.lambda;
    let types = || command.get("function-response-types").map(|it| vec![it.as_str().into()]);
    match command.operation.as_str() {
        "add-permission" => {
            let request = lambda.add_permission().function_name(command.option("function-name"));
            let request = request.statement_id(command.option("statement-id")).action(command.option("action"));
            let request = request.principal(command.option("principal")).source_arn(command.option("source-arn"));
            request.set_source_account(command.get("source-account")).send().await.unwrap();
        }
        "create-event-source-mapping" => {
            let request = lambda.create_event_source_mapping().function_name(command.option("function-name"));
            let request = request.event_source_arn(command.option("event-source-arn"));
            request.set_function_response_types(types()).send().await.unwrap();
        }
        "update-event-source-mapping" => {
            let mut request = lambda.update_event_source_mapping().uuid(command.option("uuid"));
            if command.get("enabled").is_some() {
                request = request.enabled(true);
            }
            if let Some(criteria) = command.get("filter-criteria") {
                assert_eq!(criteria, "{}", "{}", command.text);
                request = request.filter_criteria(FilterCriteria::builder().build());
            }
            request.set_function_response_types(types()).send().await.unwrap();
        }
        "update-function-configuration" => configure(clients, command).await,
        "delete-function-concurrency" => {
            let request = lambda.delete_function_concurrency().function_name(command.option("function-name"));
            request.send().await.unwrap();
        }
        _ => panic!("{}", command.text),
    }
}

async fn configure(clients: &Clients, command: &Command) {
    let mut request = clients.lambda.update_function_configuration().function_name(command.option("function-name"));
    if let Some(environment) = command.get("environment") {
        let environment: Value = serde_json::from_str(&environment).unwrap();
        let variables: HashMap<String, String> = serde_json::from_value(environment["Variables"].clone()).unwrap();
        request = request.environment(Environment::builder().set_variables(Some(variables)).build());
    }
    if let Some(config) = command.get("logging-config") {
        let mut logging = LoggingConfig::builder();
        for (name, value) in config.split(',').map(|pair| pair.split_once('=').unwrap()) {
            logging = match name {
                "LogFormat" => logging.log_format(value.into()),
                "ApplicationLogLevel" => logging.application_log_level(value.into()),
                "SystemLogLevel" => logging.system_log_level(value.into()),
                "LogGroup" => logging.log_group(value),
                _ => panic!("{}", command.text),
            };
        }
        request = request.logging_config(logging.build());
    }
    request.send().await.unwrap();
}

async fn sqs(clients: &Clients, command: &Command) {
    match command.operation.as_str() {
        "create-queue" => {
            clients.sqs.create_queue().queue_name(command.option("queue-name")).send().await.unwrap();
        }
        "set-queue-attributes" => {
            let text = command.option("attributes");
            let attributes: HashMap<String, String> = match text.split_once('=') {
                Some((name, value)) if !text.starts_with('{') => HashMap::from([(name.to_owned(), value.to_owned())]),
                _ => serde_json::from_str(&text).unwrap(),
            };
            let mut request = clients.sqs.set_queue_attributes().queue_url(command.option("queue-url"));
            for (name, value) in attributes {
                request = request.attributes(QueueAttributeName::from(name.as_str()), value);
            }
            request.send().await.unwrap();
        }
        _ => panic!("{}", command.text),
    }
}

async fn sns(clients: &Clients, command: &Command) {
    let attribute = || (command.option("attribute-name"), command.option("attribute-value"));
    match command.operation.as_str() {
        "create-topic" => {
            clients.sns.create_topic().name(command.option("name")).send().await.unwrap();
        }
        "subscribe" => {
            let request = clients.sns.subscribe().topic_arn(command.option("topic-arn"));
            let request = request.protocol(command.option("protocol"));
            request.endpoint(command.option("notification-endpoint")).send().await.unwrap();
        }
        "set-topic-attributes" => {
            let (name, value) = attribute();
            let request = clients.sns.set_topic_attributes().topic_arn(command.option("topic-arn"));
            request.attribute_name(name).attribute_value(value).send().await.unwrap();
        }
        "set-subscription-attributes" => {
            let (name, value) = attribute();
            let arn = command.option("subscription-arn");
            let request = clients.sns.set_subscription_attributes().subscription_arn(arn);
            request.attribute_name(name).attribute_value(value).send().await.unwrap();
        }
        _ => panic!("{}", command.text),
    }
}

async fn events(clients: &Clients, command: &Command) {
    match command.operation.as_str() {
        "enable-rule" => {
            clients.events.enable_rule().name(command.option("name")).send().await.unwrap();
        }
        "put-rule" => {
            let request = clients.events.put_rule().name(command.option("name"));
            request.event_pattern(command.option("event-pattern")).send().await.unwrap();
        }
        "put-targets" => {
            let mut target = Target::builder();
            for (name, value) in command.option("targets").split(',').map(|pair| pair.split_once('=').unwrap()) {
                target = match name {
                    "Id" => target.id(value),
                    "Arn" => target.arn(value),
                    _ => panic!("{}", command.text),
                };
            }
            let request = clients.events.put_targets().rule(command.option("rule"));
            request.targets(target.build().unwrap()).send().await.unwrap();
        }
        _ => panic!("{}", command.text),
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
                        .set_events(Some(created(rule)))
                        .set_filter(filter(rule));
                    configuration = configuration.lambda_function_configurations(one.build().unwrap());
                }
            }
            "QueueConfigurations" => {
                for rule in all {
                    let one = QueueConfiguration::builder()
                        .set_id(rule["Id"].as_str().map(str::to_owned))
                        .queue_arn(rule["QueueArn"].as_str().unwrap())
                        .set_events(Some(created(rule)))
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

fn created(rule: &Value) -> Vec<aws_sdk_s3::types::Event> {
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
