//! Checks of what the log, the queues and the object in question show.

use super::*;

pub(super) fn failed(request: Option<&str>, attempts: usize, reason: &str) -> FailedInvocation {
    let at = jiff::Timestamp::UNIX_EPOCH;
    FailedInvocation { request_id: request.map(Clean::from), attempts, reason: reason.into(), at }
}

#[test]
fn the_log_shows_what_iam_does_not() {
    let mut findings = healthy();
    let denied = "SNS answered AuthorizationError (403) for arn: not authorized";
    findings.failures = Lookup::Found(vec![failed(Some("r"), 1, denied)].into());
    let check = check(&findings, "recent-failures");
    assert_eq!(check.status, CheckStatus::Warning);
    assert!(fix(&check).contains("iam put-role-policy --role-name r"), "{check:#?}");
}

#[test]
fn an_invocation_that_failed_in_every_attempt_is_a_failure() {
    let mut findings = healthy();
    for (request, attempts, status) in [
        (Some("r"), 1, CheckStatus::Warning),
        (Some("r"), 3, CheckStatus::Failure),
        // A failure of an init phase names no invocation, so nothing is known of its retries.
        (None, 3, CheckStatus::Warning),
    ] {
        findings.failures = Lookup::Found(vec![failed(request, attempts, "Runtime.ExitError")].into());
        assert_eq!(check(&findings, "recent-failures").status, status, "{request:?} {attempts}");
    }
    findings.failures = Lookup::Found(vec![failed(Some("r"), 3, "Runtime.ExitError")].into());
    findings.event_invoke = denied("lambda:GetFunctionEventInvokeConfig");
    assert_eq!(check(&findings, "recent-failures").status, CheckStatus::Warning, "how often it is tried is not known");
}

#[test]
fn crashes_that_lambda_does_not_log_are_not_none() {
    let mut findings = healthy();
    function(&mut findings).system_level = Some("WARN".into());
    assert_eq!(check(&findings, "recent-failures").status, CheckStatus::NotChecked);
}

#[test]
fn what_waits_in_failure_queues_is_a_failure_that_can_be_looked_at() {
    let mut findings = healthy();
    assert_eq!(check(&findings, "failure-queue").status, CheckStatus::Ok);
    findings.backlogs = backlogs(3);
    let full = check(&findings, "failure-queue");
    assert_eq!(full.status, CheckStatus::Failure);
    assert!(full.found.raw().contains("3 messages, oldest 2 h 0 min old"), "{full:#?}");
    let text = fix(&full);
    assert!(text.contains("receive-message") && text.contains("raises their receive count"), "{text}");
    assert!(!text.contains("purge") && !text.contains("delete-message"), "{text}");

    let Some(Lookup::Found(queue)) = findings.backlogs.get_mut(&Clean::from(FAILED)) else { panic!() };
    queue.redrive_policy = Some("{}".into());
    queue.oldest = denied("cloudwatch:GetMetricStatistics");
    let redriven = check(&findings, "failure-queue");
    assert!(!fix(&redriven).contains("receive-message"), "a receive could move messages away: {redriven:#?}");
    assert!(redriven.found.raw().contains("age not checked: cloudwatch:GetMetricStatistics"), "{redriven:#?}");

    findings.backlogs = BTreeMap::from([(FAILED.into(), denied("sqs:GetQueueAttributes"))]);
    let unread = check(&findings, "failure-queue");
    assert_eq!((unread.status, unread.permission), (CheckStatus::NotChecked, Some("sqs:GetQueueAttributes")));
    findings.event_invoke = Lookup::Missing("none".into());
    assert!(diagnose(&findings).checks.iter().all(|check| check.id != "failure-queue"), "there is none");
    findings.function = denied("lambda:GetFunctionConfiguration");
    assert_eq!(check(&findings, "failure-queue").status, CheckStatus::NotChecked, "there may be one");
    assert_eq!(check(&findings, "failed-events").status, CheckStatus::NotChecked, "not: the event is lost");
}

#[test]
fn dead_letter_queues_of_subscriptions_and_of_subscribed_queues_are_looked_at() {
    let policy = |name: &str| format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:{name}"}}"#);
    let mut findings = healthy();
    let mut one = subscription("https", "https://example.com", None);
    if let Lookup::Found(attributes) = &mut one.attributes {
        attributes.redrive_policy = Some(policy("sns-dead").into());
    }
    findings.subscriptions = Lookup::Found(vec![one.clone()].into());
    let queue = Queue { redrive_policy: Some(policy("app-dead").into()), ..Queue::default() };
    findings.queues = BTreeMap::from([("arn:aws:sqs:eu-west-1:123456789012:q".into(), Lookup::Found(queue))]);
    let asked: Vec<String> = findings.failure_queues().iter().map(|arn| arn.raw().to_owned()).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    for (sns, app, status) in [(0, 0, CheckStatus::Ok), (0, 1, CheckStatus::Warning), (1, 0, CheckStatus::Failure)] {
        for (name, visible) in [("sns-dead", sns), ("app-dead", app)] {
            let arn = format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
            let backlog = Backlog { visible, oldest: Lookup::Found(1), ..Backlog::default() };
            findings.backlogs.insert(arn.into(), Lookup::Found(backlog));
        }
        assert_eq!(check(&findings, "dead-letter-queues").status, status, "{sns} {app}");
    }
}

#[test]
fn the_object_in_question_is_described_as_the_log_shows_it() {
    let mut findings = healthy();
    findings.key = Some("a.png".into());
    let at = |second: i64| jiff::Timestamp::from_second(second).unwrap();
    let log = |sightings: Vec<(i64, Mention)>| {
        let sighting = |(second, mention)| Sighting { at: at(second), request_id: None, mention };
        let sightings = sightings.into_iter().map(sighting).collect();
        Lookup::Found(ObjectLog { sightings, ..ObjectLog::nothing(at(0), at(3_600)) })
    };
    findings.object = Lookup::Found(Object { last_modified: Some(at(60)), ..Object::default() });
    for (sightings, status, word) in [
        (vec![], CheckStatus::Note, "no invocation in the log names a.png"),
        (vec![(1, Mention::Named("got a.png".into()))], CheckStatus::Note, "named at"),
        (
            vec![(1, Mention::Received), (2, Mention::Failed("Runtime.ExitError".into()))],
            CheckStatus::Failure,
            "Runtime.ExitError",
        ),
        (
            vec![(1, Mention::Failed("later".into())), (2, Mention::Published("m-1".into()))],
            CheckStatus::Ok,
            "as message m-1",
        ),
        (vec![(1, Mention::Skipped("text/plain".into()))], CheckStatus::Note, "skipped at"),
    ] {
        findings.object_log = log(sightings);
        let check = check(&findings, "object-log");
        assert_eq!(check.status, status, "{check:#?}");
        let said = check.found.raw();
        assert!(
            said.contains(word) && said.contains("from 1970-01-01T00:00:00.000Z to 1970-01-01T01:00"),
            "{check:#?}"
        );
    }
    assert_eq!(check(&findings, "object").status, CheckStatus::Ok);
    findings.object = Lookup::Missing("NotFound".into());
    assert_eq!(check(&findings, "object").status, CheckStatus::Note);
    findings.object = denied("s3:GetObject");
    let unread = check(&findings, "object");
    assert_eq!(unread.status, CheckStatus::NotChecked);
    assert!(unread.found.raw().contains("s3:GetObject is not allowed"), "{unread:#?}");
    findings.log_group = Lookup::Found(LogGroup { name: "/aws/lambda/F".into(), class: None, retention: Some(1) });
    findings.object_log = Lookup::Found(ObjectLog { read_at: at(90_000), ..ObjectLog::nothing(at(0), at(3_600)) });
    assert_eq!(check(&findings, "object-log").status, CheckStatus::NotChecked, "what was written then is deleted");
}

#[test]
fn failures_that_the_topic_does_not_log_are_a_warning_with_the_command() {
    let mut findings = healthy();
    let Lookup::Found(topic) = &mut findings.topic else { panic!("a topic") };
    topic.failure_logging.clear();
    let check = check(&findings, "delivery-status-logging");
    assert_eq!(check.status, CheckStatus::Warning);
    assert!(check.found.shown().contains("failed deliveries by SQS are not logged"), "{}", check.found);
    assert!(check.fix.iter().any(|line| line.raw().contains("SQSFailureFeedbackRoleArn")), "{:?}", check.fix);
}
