//! Filters of mappings and of subscriptions, compared with the messages that come.

use super::*;

/// A queue with a mapping that has this filter, for a key.
fn mapped(filter: &str, key: &str) -> Pipeline {
    let mapping = Mapping { filters: vec![filter.into()], ..good_mapping() };
    let mut pipeline = queued(good_queue(), mapping, good_function());
    pipeline.key = (!key.is_empty()).then(|| key.into());
    pipeline
}

#[test]
fn a_filter_of_a_mapping_is_compared_with_the_message_of_the_key() {
    let key = |test: &str| format!(r#"{{"body":{{"Records":{{"s3":{{"object":{{"key":[{test}]}}}}}}}}}}"#);
    let prefix = key(r#"{"prefix":"in/"}"#);
    for (filter, of, status) in [
        (prefix.as_str(), "in/a.jpg", CheckStatus::Ok),
        (&prefix, "out/a.jpg", CheckStatus::Failure),
        (&prefix, "", CheckStatus::Note),
        // Keys are encoded in S3's events.
        (&key(r#"{"prefix":"my+photos/"}"#), "my photos/a.jpg", CheckStatus::Ok),
        (&key(r#"{"prefix":"my photos/"}"#), "my photos/a.jpg", CheckStatus::Failure),
        // S3's event has no such fields, and is no text.
        (r#"{"body":{"detail":{"object":{"key":[{"prefix":"in/"}]}}}}"#, "", CheckStatus::Failure),
        (r#"{"body":["all"]}"#, "", CheckStatus::Failure),
        (r#"{"body":{"Records":{"eventName":[{"prefix":"ObjectCreated:"}]}}}"#, "", CheckStatus::Ok),
        (r#"{"body":{"Records":{"eventName":["ObjectCreated:Put"]}}}"#, "in/a.jpg", CheckStatus::Note),
        (r#"{"body":{"Records":{"s3":{"bucket":{"name":[{"sounds-like":"x"}]}}}}}"#, "", CheckStatus::NotChecked),
    ] {
        let check = mapped(filter, of).expect("mapping-filters", status, filter);
        assert_eq!(check.fix.is_empty(), status != CheckStatus::Failure, "{check:#?}");
    }
    let check =
        mapped(&prefix, "out/a.jpg").expect("mapping-filters", CheckStatus::Failure, "of out/a.jpg do not match");
    assert!(check.fix[1].raw().ends_with("--uuid u1 --filter-criteria {}"), "{:?}", check.fix);
}

#[test]
fn a_filter_of_a_mapping_is_compared_with_the_form_in_which_the_message_comes() {
    let (fan, jobs) = ((NodeKind::Topic, FAN), (NodeKind::Queue, JOBS));
    let filter = |filter: &str| Mapping { filters: vec![filter.into()], ..good_mapping() };
    let records = r#"{"body":{"Records":{"eventSource":["aws:s3"]}}}"#;
    let by_topic = |is_raw: bool| {
        let mut pipeline = Pipeline::new()
            .rule(NodeKind::Topic, FAN, "")
            .edge(fan, jobs, EdgeKind::Subscription("sqs".into()), State::Ok)
            .mapping(filter(records))
            .queue(good_queue())
            .function(good_function());
        let listed = vec![subscription("sqs", JOBS, Attributes { is_raw, ..Attributes::default() })];
        let topic = EntryTopic { subscriptions: Lookup::Found(listed.into()), ..EntryTopic::default() };
        pipeline.joints.topics.insert(FAN.into(), Lookup::Found(topic));
        pipeline
    };
    by_topic(true).expect("mapping-filters", CheckStatus::Ok, "which events of new objects match");
    // In SNS's envelope the event is a text.
    by_topic(false).expect("mapping-filters", CheckStatus::Failure, "do not match");
    let mut unread = by_topic(true);
    unread.joints.topics.clear();
    unread.expect("mapping-filters", CheckStatus::NotChecked, "cannot be evaluated here");

    let by_rule = |transformed: bool| {
        let (bucket, bus, rule) =
            ((NodeKind::Bucket, "photos"), (NodeKind::EventBus, "default"), (NodeKind::EventRule, RULE));
        let to_queue = EdgeKind::Target { id: "1".into(), transformed };
        Pipeline::new()
            .edge(bucket, bus, EdgeKind::AllEvents, State::Ok)
            .edge(bus, rule, EdgeKind::Pattern("{}".into()), State::Ok)
            .edge(rule, jobs, to_queue, State::Ok)
            .mapping(filter(r#"{"body":{"detail":{"object":{"key":[{"prefix":"my photos/"}]}}}}"#))
            .queue(good_queue())
            .function(good_function())
    };
    let mut pipeline = by_rule(false);
    pipeline.key = Some("my photos/a.jpg".into());
    pipeline.expect("mapping-filters", CheckStatus::Ok, "my photos/");
    by_rule(true).expect("mapping-filters", CheckStatus::NotChecked, "cannot be evaluated here");
}

#[test]
fn a_filter_policy_on_attributes_excludes_what_has_none() {
    let subscribed = |attributes: Attributes, endpoint: &str| {
        let by = EdgeKind::Subscription("lambda".into());
        let mut pipeline = Pipeline::new().rule(NodeKind::Topic, FAN, "").edge(
            (NodeKind::Topic, FAN),
            (NodeKind::Function, endpoint),
            by,
            State::Ok,
        );
        let listed = vec![subscription("lambda", endpoint, attributes)];
        let topic = EntryTopic { subscriptions: Lookup::Found(listed.into()), ..EntryTopic::default() };
        pipeline.joints.topics.insert(FAN.into(), Lookup::Found(topic));
        pipeline.key = Some("in/a.jpg".into());
        pipeline
    };
    let policy =
        |text: &str, on_body: bool| Attributes { filter_policy: Some(text.into()), on_body, ..Attributes::default() };
    let key = |prefix: &str| format!(r#"{{"Records":{{"s3":{{"object":{{"key":[{{"prefix":"{prefix}"}}]}}}}}}}}"#);
    for (text, on_body, status) in [
        (r#"{"type":["image"]}"#, false, CheckStatus::Failure),
        (r#"{"type":[{"exists":false}]}"#, false, CheckStatus::Ok),
        ("no policy", false, CheckStatus::NotChecked),
        (&key("in/"), true, CheckStatus::Ok),
        (&key("out/"), true, CheckStatus::Failure),
    ] {
        let check = subscribed(policy(text, on_body), RESIZE).expect("entry-filter-policies", status, text);
        let is_removed = check.fix.iter().any(|fix| fix.raw().contains("--attribute-name FilterPolicy"));
        assert_eq!(is_removed, status == CheckStatus::Failure, "{check:#?}");
    }
    // It may be meant for a function of others.
    let other = "arn:aws:lambda:eu-west-1:123456789012:function:other";
    subscribed(policy(&key("out/"), true), other).expect("entry-filter-policies", CheckStatus::Note, "do not match");
    assert!(!subscribed(Attributes::default(), RESIZE).checks().contains_key("entry-filter-policies"));
}
