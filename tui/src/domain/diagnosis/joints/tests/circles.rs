//! Paths that meet at a function, and functions that start themselves.

use super::*;

#[test]
fn paths_that_meet_are_named() {
    let both = Pipeline::new().rule(NodeKind::Function, RESIZE, "in/").event_bridge("{}", (NodeKind::Function, RESIZE));
    both.expect("overlapping-paths", CheckStatus::Note, "resize is started by bucket photos and by event rule images");
    let two_rules = Pipeline::new().rule(NodeKind::Function, RESIZE, "a/").rule(NodeKind::Function, RESIZE, "b/");
    assert!(!two_rules.checks().contains_key("overlapping-paths"), "S3 refuses rules that overlap");
}

#[test]
fn a_function_that_starts_itself_is_named_with_the_rule_that_closes_the_circle() {
    let queued = || queued(good_queue(), good_mapping(), good_function());
    let (resize, jobs) = ((NodeKind::Function, RESIZE), (NodeKind::Queue, JOBS));
    let failed = queued().edge(resize, jobs, EdgeKind::Failure, State::Ok);
    failed.expect("recursion", CheckStatus::Failure, "the event source mapping from jobs closes the circle");
    let fanned = || {
        let by = EdgeKind::Subscription("lambda".into());
        Pipeline::new().rule(NodeKind::Topic, FAN, "").edge((NodeKind::Topic, FAN), resize, by, State::Ok)
    };
    let published = fanned().edge(resize, (NodeKind::Topic, FAN), EdgeKind::Variable("T".into()), State::Ok);
    published.expect("recursion", CheckStatus::Warning, "what is published by resize goes to fan");
    assert!(!fanned().checks().contains_key("recursion"));

    let writes = EntryFunction { bucket_variables: vec!["BUCKET".into()], ..good_function() };
    let direct = |prefix: &str| Pipeline::new().rule(NodeKind::Function, RESIZE, prefix).function(writes.clone());
    direct("").expect("recursion", CheckStatus::Warning, "BUCKET, and rule in starts it for every key");
    direct("in/").expect(
        "recursion",
        CheckStatus::Note,
        "rule in starts it for keys that match s3:ObjectCreated:*, prefix in/",
    );
    let by_rule = |pattern| Pipeline::new().event_bridge(pattern, resize).function(writes.clone());
    by_rule("{}").expect("recursion", CheckStatus::Warning, "rule images starts it for every key");
    let narrowed = by_rule(r#"{"detail":{"object":{"key":[{"prefix":"in/"}]}}}"#);
    narrowed.expect("recursion", CheckStatus::Note, "object.key prefix in/");
}
