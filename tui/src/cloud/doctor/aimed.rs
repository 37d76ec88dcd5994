//! What would lead to the function although the bucket's events do not come there: asked only where nothing leads to it.

use aws_config::SdkConfig;

use super::lookup::LookupReader;
use crate::domain::diagnosis::findings::{Aimed, AimedRule, Lookup};
use crate::text::clean::Clean;

/// Rules that are read at most.
const MOST: usize = 10;

/// The queues that a function reads, and the rules of the default event bus that invoke it. What may not be read is left
/// out: it is for suggestions, and proves nothing.
pub(super) async fn read(reader: LookupReader<'_>, config: &SdkConfig, function_arn: &str) -> Aimed {
    if function_arn.is_empty() {
        return Aimed::default();
    }
    let (queues, rules) =
        tokio::join!(Box::pin(queues(reader, config, function_arn)), Box::pin(rules(reader, config, function_arn)));
    Aimed { queues, rules }
}

async fn queues(reader: LookupReader<'_>, config: &SdkConfig, function_arn: &str) -> Vec<Clean> {
    let request = aws_sdk_lambda::Client::new(config).list_event_source_mappings().function_name(function_arn).send();
    let Lookup::Found(answer) = reader.at("lambda:ListEventSourceMappings", request).await else { return Vec::new() };
    let sources = answer.event_source_mappings().iter().filter_map(|mapping| mapping.event_source_arn());
    sources.filter(|arn| arn.contains(":sqs:")).map(Clean::new).collect()
}

async fn rules(reader: LookupReader<'_>, config: &SdkConfig, function_arn: &str) -> Vec<AimedRule> {
    let events = aws_sdk_eventbridge::Client::new(config);
    let request = events.list_rule_names_by_target().target_arn(function_arn).send();
    let Lookup::Found(answer) = reader.at("events:ListRuleNamesByTarget", request).await else { return Vec::new() };
    let mut rules = Vec::new();
    for name in answer.rule_names().iter().take(MOST) {
        let request = events.list_rules().name_prefix(name).send();
        let Lookup::Found(answer) = reader.at("events:ListRules", request).await else { break };
        let rule = answer.rules().iter().find(|rule| rule.name() == Some(name));
        // One with a schedule has no pattern.
        let pattern = rule.and_then(|rule| rule.event_pattern());
        rules.extend(pattern.map(|pattern| AimedRule { name: Clean::new(name), pattern: Clean::new(pattern) }));
    }
    rules
}
