//! The few commands of the AWS CLI that doctor prints, run through the SDK, so that what is printed is what is tested.

use std::collections::HashMap;

use aws_sdk_lambda::types::{Environment, LoggingConfig};
use aws_sdk_s3::types::{
    FilterRule, LambdaFunctionConfiguration, NotificationConfiguration, NotificationConfigurationFilter, S3KeyFilter,
};
use serde_json::Value;

use super::Pipeline;

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
pub(crate) async fn run(pipeline: &Pipeline, command: &str) {
    let words = words(command);
    assert_eq!(words[0], "aws", "{command}");
    let (mut names, mut options) = (Vec::new(), HashMap::new());
    let mut rest = words.into_iter().skip(1);
    while let Some(word) = rest.next() {
        match word.strip_prefix("--") {
            Some(option) => drop(options.insert(option.to_owned(), rest.next().unwrap())),
            None => names.push(word),
        }
    }
    let option = |name: &str| options.get(name).unwrap_or_else(|| panic!("no --{name} in {command}")).clone();
    match (names[0].as_str(), names[1].as_str()) {
        ("s3api", "put-bucket-notification-configuration") => {
            let document: Value = serde_json::from_str(&option("notification-configuration")).unwrap();
            let request = pipeline.s3.put_bucket_notification_configuration().bucket(option("bucket"));
            request.notification_configuration(notifications(&document)).send().await.unwrap();
        }
        ("lambda", "add-permission") => {
            let request = pipeline.lambda.add_permission().function_name(option("function-name"));
            let request = request.statement_id(option("statement-id")).action(option("action"));
            let request = request.principal(option("principal")).source_arn(option("source-arn"));
            request.source_account(option("source-account")).send().await.unwrap();
        }
        ("lambda", "update-function-configuration") => {
            let mut request = pipeline.lambda.update_function_configuration().function_name(option("function-name"));
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
            pipeline.lambda.delete_function_concurrency().function_name(option("function-name")).send().await.unwrap();
        }
        other => panic!("{other:?} in {command}"),
    }
}

fn notifications(document: &Value) -> NotificationConfiguration {
    let mut configuration = NotificationConfiguration::builder();
    for (kind, rules) in document.as_object().unwrap() {
        assert_eq!(kind, "LambdaFunctionConfigurations", "these tests make no others");
        for rule in rules.as_array().unwrap() {
            let mut one = LambdaFunctionConfiguration::builder()
                .set_id(rule["Id"].as_str().map(str::to_owned))
                .lambda_function_arn(rule["LambdaFunctionArn"].as_str().unwrap());
            for event in rule["Events"].as_array().unwrap() {
                one = one.events(event.as_str().unwrap().into());
            }
            if let Some(rules) = rule["Filter"]["Key"]["FilterRules"].as_array() {
                let rules = rules.iter().map(|rule| {
                    let name = rule["Name"].as_str().unwrap();
                    FilterRule::builder().name(name.into()).value(rule["Value"].as_str().unwrap()).build()
                });
                let key = S3KeyFilter::builder().set_filter_rules(Some(rules.collect())).build();
                one = one.filter(NotificationConfigurationFilter::builder().key(key).build());
            }
            configuration = configuration.lambda_function_configurations(one.build().unwrap());
        }
    }
    configuration.build()
}
