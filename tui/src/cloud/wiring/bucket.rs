//! The bucket's part of the wiring: where S3 sends its events.

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::types::{Event, FilterRuleName, NotificationConfigurationFilter, S3KeyFilter};
use imgwatch_shared::arn;

use crate::cloud::connection::problem::{self, OperationContext};
use crate::config::FUNCTION;
use crate::domain::problem::Problem;
use crate::domain::wiring::{BucketNotifications, Edge, EdgeKind, Node, NodeKind, Rule, RuleKind, State, Wiring};
use crate::text::clean::Clean;

/// The permission that reading takes.
pub(super) const PERMISSION: &str = "s3:GetBucketNotification";

/// The bucket's notification configuration.
pub(super) async fn read(s3: &aws_sdk_s3::Client, bucket: &str) -> Result<BucketNotifications, Problem> {
    let request = s3.get_bucket_notification_configuration().bucket(bucket).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read the notifications of bucket {bucket}");
        problem::of(&error, &OperationContext::new(what, PERMISSION))
    })?;
    Ok(notifications(&answer))
}

/// What S3 answered, as data.
pub(in crate::cloud) fn notifications(answer: &GetBucketNotificationConfigurationOutput) -> BucketNotifications {
    let functions = answer
        .lambda_function_configurations()
        .iter()
        .map(|one| rule(RuleKind::Function, one.id(), one.lambda_function_arn(), one.events(), one.filter()));
    let queues = answer
        .queue_configurations()
        .iter()
        .map(|one| rule(RuleKind::Queue, one.id(), one.queue_arn(), one.events(), one.filter()));
    let topics = answer
        .topic_configurations()
        .iter()
        .map(|one| rule(RuleKind::Topic, one.id(), one.topic_arn(), one.events(), one.filter()));
    BucketNotifications {
        rules: functions.chain(queues).chain(topics).collect(),
        event_bridge: answer.event_bridge_configuration().is_some(),
    }
}

fn rule(
    kind: RuleKind,
    id: Option<&str>,
    arn: &str,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Rule {
    let rules = filter.and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules).unwrap_or_default();
    let filter = rules.iter().map(|rule| {
        let name = rule.name().map(FilterRuleName::as_str).unwrap_or_default();
        (Clean::new(name), Clean::new(rule.value().unwrap_or_default()))
    });
    Rule {
        kind,
        id: id.map(Clean::new),
        arn: Clean::new(arn),
        events: events.iter().map(|event| Clean::new(event.as_str())).collect(),
        filter: filter.collect(),
    }
}

/// The wiring of a bucket as far as its notification configuration says.
pub(in crate::cloud) fn of_bucket(bucket: Node, notifications: &BucketNotifications) -> Wiring {
    let (nodes, edges) = joints(&bucket, notifications);
    Wiring::new(nodes.into_iter().chain([bucket]), edges)
}

/// The nodes that a bucket's rules lead to, and the edges to them.
pub(super) fn joints(bucket: &Node, notifications: &BucketNotifications) -> (Vec<Node>, Vec<Edge>) {
    let to_rule = |rule: &Rule| {
        let kind = match rule.kind {
            RuleKind::Function => NodeKind::Function,
            RuleKind::Queue => NodeKind::Queue,
            RuleKind::Topic => NodeKind::Topic,
        };
        Edge::to(bucket, kind, rule.arn.raw(), EdgeKind::Rule(rule.clone()), State::Ok)
    };
    let to_bus = || Edge::to(bucket, NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
    notifications.rules.iter().map(to_rule).chain(notifications.event_bridge.then(to_bus)).unzip()
}

/// The ARNs of the functions that a bucket invokes, each once.
pub(super) fn functions(notifications: &BucketNotifications) -> Vec<&str> {
    let mut arns: Vec<&str> = Vec::new();
    for rule in notifications.rules.iter().filter(|rule| rule.kind == RuleKind::Function) {
        let arn = rule.arn.raw();
        if !arn.is_empty() && !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    arns
}

fn name(function: &str) -> &str {
    arn::function(function).0
}

/// The function that is followed: ours by its name, else the first.
pub(super) fn choose<'a>(arns: &[&'a str]) -> Option<&'a str> {
    let exact = arns.iter().find(|arn| name(arn) == FUNCTION);
    // CloudFormation puts the stack before a name and random letters behind it.
    let alike = || arns.iter().find(|arn| name(arn).contains(FUNCTION));
    exact.or_else(alike).or(arns.first()).copied()
}

/// Says which of several was chosen.
pub(super) fn several(bucket: &str, arns: &[&str], chosen: &str) -> Clean {
    let names: Vec<&str> = arns.iter().map(|arn| name(arn)).collect();
    let text = format!("bucket {bucket} invokes {}; following {}, see --function", names.join(", "), name(chosen));
    Clean::new(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}")).collect()
    }

    #[test]
    fn ours_is_preferred_and_the_choice_is_said() {
        let cases: [(&[&str], Option<&str>); 4] = [
            (&["resize", "stack-ImageUploadProcessor-X1"], Some("stack-ImageUploadProcessor-X1")),
            (&["stack-ImageUploadProcessor-X1", "ImageUploadProcessor:live"], Some("ImageUploadProcessor")),
            (&["resize", "index"], Some("resize")),
            (&[], None),
        ];
        for (names, expected) in cases {
            let arns = arns(names);
            let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
            assert_eq!(choose(&arns).map(name), expected, "{names:?}");
        }
        let all = arns(&["resize", "index"]);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let said = several("b", &all, all[0]);
        assert!(said.shown().contains("resize, index; following resize"), "{said}");
    }
}
