//! Functions that others wrote: what doctor says of them, and that nothing is said that holds of imgwatch's handler only.

use imgwatch_shared::function::DESCRIPTION;
use jiff::Timestamp;

use super::evidence::failed;
use super::{FUNCTION, TOPIC, check, fix, function, healthy, rule, subscription};
use crate::domain::diagnosis::findings::{
    Author, BucketNotifications, EventInvoke, Findings, Invocations, Lookup, Seen,
};
use crate::domain::diagnosis::{CheckStatus, diagnose};
use crate::domain::timeline::Basis;

/// A function in Python that names its topic, and nothing is known of its log.
fn python() -> Findings {
    let mut findings = healthy();
    let function = function(&mut findings);
    function.description = None;
    function.runtime = Some("python3.13".into());
    function.handler = Some("app.handler".into());
    function.variables.clear();
    function.variables.insert("TOPIC_ARN".to_owned(), TOPIC.into());
    findings
}

/// The last invocations, each with what it can be joined by.
fn seen(bases: &[Option<Basis>]) -> Invocations {
    let at = |second| Timestamp::from_second(1_790_000_000 + second).unwrap();
    let one = |(second, basis): (i64, &Option<Basis>)| Seen { at: at(second), is_recorded: false, basis: *basis };
    Invocations {
        since: at(0),
        all: (1..).zip(bases).map(one).collect(),
        rest: Lookup::Found(()),
        unlisted: Lookup::Found(()),
    }
}

fn with(findings: Findings, bases: &[Option<Basis>]) -> Findings {
    Findings { invocations: Lookup::Found(seen(bases)), ..findings }
}

#[test]
fn whose_the_program_is_needs_evidence() {
    let recorded = |is_recorded| {
        let mut one = seen(&[None, Some(Basis::S3RequestId)]);
        one.all[1].is_recorded = is_recorded;
        Lookup::Found(one)
    };
    let author = |change: &dyn Fn(&mut Findings)| {
        let mut findings = healthy();
        change(&mut findings);
        match findings.author() {
            Author::Ours(evidence) => ("ours", evidence),
            Author::Others(evidence) => ("others", evidence),
            Author::Unknown => ("unknown", String::new()),
        }
    };
    assert_eq!(author(&|_| ()).0, "ours", "it has the template's description");
    let plain = |findings: &mut Findings| function(findings).description = None;
    assert_eq!(author(&plain).0, "unknown");
    assert_eq!(author(&|it| function(it).description = Some("Makes thumbnails".into())).0, "unknown");
    let listed = |it: &mut Findings| {
        plain(it);
        function(it).variables.insert("IMAGE_TYPES".to_owned(), "image/png".into());
    };
    assert_eq!(author(&listed), ("ours", "it has the variable IMAGE_TYPES".to_owned()));
    let in_python = |it: &mut Findings| function(it).runtime = Some("python3.13".into());
    assert_eq!(author(&in_python), ("others", "its runtime is python3.13".to_owned()));
    // The log outweighs the description: the code may have been replaced.
    assert_eq!(author(&|it| it.invocations = recorded(false)).0, "others");
    let logged = |it: &mut Findings| {
        plain(it);
        it.invocations = recorded(true);
    };
    assert_eq!(author(&logged), ("ours", "its log has imgwatch's records".to_owned()));
    // Records are of the level INFO: without it the log shows nothing.
    let hidden = |it: &mut Findings| {
        it.invocations = recorded(false);
        function(it).application_level = Some("WARN".into());
    };
    assert_eq!(author(&hidden).1, "its description is that of imgwatch's template");
    assert_eq!(DESCRIPTION, healthy().function.found().unwrap().description.as_ref().unwrap().raw());
}

#[test]
fn nothing_of_imgwatchs_handler_is_said_of_another_program() {
    let mut unknown = healthy();
    function(&mut unknown).description = None;
    for mut findings in [python(), unknown] {
        findings.key = Some("notes.txt".into());
        let policy = r#"{"contentType":["image/png"]}"#;
        let queue = "arn:aws:sqs:eu-west-1:123456789012:q";
        findings.subscriptions = Lookup::Found(vec![subscription("sqs", queue, Some(policy))].into());
        function(&mut findings).timeout = Some(1);
        let report = diagnose(&findings);
        assert!(report.checks.iter().all(|check| check.id != "image-types"), "{report:#?}");
        let worst = report.worst();
        assert!(worst < CheckStatus::Warning, "{worst:?}: {report:#?}");
        let filters = check(&findings, "filter-policies");
        assert_eq!(filters.status, CheckStatus::Note);
        assert!(filters.found.raw().contains("depends on what the function publishes"), "{filters:#?}");
    }
    // A program that does not start is built by its own tools.
    let mut findings = python();
    findings.failures = Lookup::Found(vec![failed(Some("r"), 3, "Runtime.ExitError")].into());
    assert!(!fix(&check(&findings, "recent-failures")).contains("sam build"));
}

#[test]
fn a_denied_configuration_leaves_what_the_log_shows() {
    let mut findings = with(healthy(), &[Some(Basis::Key)]);
    findings.function = super::denied("lambda:GetFunctionConfiguration");
    assert_eq!(check(&findings, "image-types").status, CheckStatus::NotChecked, "levels are not known");
}

#[test]
fn the_handler_is_described_with_what_shows_whose_it_is() {
    let mut findings = python();
    let rules = vec![
        rule("images", FUNCTION, &["s3:ObjectCreated:*"], &[]),
        rule("others", "arn:aws:lambda:eu-west-1:123456789012:function:Index:live", &["s3:ObjectCreated:*"], &[]),
    ];
    findings.notifications = Lookup::Found(BucketNotifications { rules, event_bridge: false });
    let text = check(&findings, "handler").found;
    let expected = "python3.13, handler app.handler, log format JSON, ApplicationLogLevel INFO, SystemLogLevel INFO: not \
                    imgwatch's handler (its runtime is python3.13); the bucket also invokes Index, not followed";
    assert_eq!(text.raw(), expected);
    function(&mut findings).runtime = None;
    assert!(check(&findings, "handler").found.raw().contains("a container image"));
}

#[test]
fn topics_are_told_with_what_names_them() {
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let other = "arn:aws:sns:eu-west-1:123456789012:other";
    let cases: [(Variables, Option<&str>, CheckStatus, &str); 6] = [
        (&[("TOPIC_ARN", TOPIC)], None, CheckStatus::Ok, "variable TOPIC_ARN: arn"),
        (&[("TOPIC", "t")], None, CheckStatus::Ok, "variable TOPIC: t"),
        (&[], Some(TOPIC), CheckStatus::Ok, "on-success destination: arn"),
        (
            &[("A", TOPIC), ("B", other)],
            None,
            CheckStatus::Ok,
            "variable A: arn:aws:sns:eu-west-1:123456789012:t; besides, variable B",
        ),
        (
            &[("B", other)],
            None,
            CheckStatus::Note,
            "variable B: arn:aws:sns:eu-west-1:123456789012:other; imgwatch watches",
        ),
        (&[("TZ", "UTC")], None, CheckStatus::Note, "no variable and no destination names a topic"),
    ];
    for (variables, destination, status, text) in cases {
        let mut findings = python();
        function(&mut findings).variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        findings.event_invoke =
            Lookup::Found(EventInvoke { on_success: destination.map(Into::into), ..EventInvoke::default() });
        let found = check(&findings, "topic-variable");
        assert_eq!(found.status, status, "{variables:?}: {found:#?}");
        assert!(found.found.raw().contains(text), "{variables:?}: {found:#?}");
    }
    // What was not read is not none.
    let mut findings = python();
    function(&mut findings).variables.clear();
    findings.event_invoke = super::denied("lambda:GetFunctionEventInvokeConfig");
    assert_eq!(check(&findings, "topic-variable").status, CheckStatus::NotChecked);
    findings.event_invoke = Lookup::Missing("none".into());
    assert_eq!(check(&findings, "topic-variable").status, CheckStatus::Note);
}

#[test]
fn levels_that_hide_lines_are_notes_that_say_what_they_hide() {
    for (id, hidden) in [("log-level", "may name the objects"), ("platform-log-level", "START and REPORT lines")] {
        let mut findings = python();
        function(&mut findings).application_level = Some("ERROR".into());
        function(&mut findings).system_level = Some("WARN".into());
        let found = check(&findings, id);
        assert_eq!(found.status, CheckStatus::Note, "{found:#?}");
        assert!(found.found.raw().contains(hidden) && fix(&found).contains("Level=INFO"), "{found:#?}");
        // Of imgwatch's handler it is known what is missing then.
        function(&mut findings).runtime = Some("provided.al2023".into());
        function(&mut findings).description = Some(DESCRIPTION.into());
        assert!(check(&findings, id).status >= CheckStatus::Warning);
    }
}

#[test]
fn how_uploads_are_joined_is_told_with_the_line_that_makes_it_exact() {
    let (key, part, event) = (Some(Basis::Key), Some(Basis::KeyPart), Some(Basis::S3RequestId));
    let line = "Python:  import json; print(json.dumps(event))";
    let cases: [(&[Option<Basis>], CheckStatus, &str, &str); 8] = [
        (&[key; 20], CheckStatus::Note, "by key: 20 of the last 20 invocations name one", line),
        (&[event; 20], CheckStatus::Ok, "by S3 request id: 20 of the last 20 invocations name one", ""),
        (
            &[part, key, key],
            CheckStatus::Note,
            "by key: 2 of the last 3 invocations name one, by the last part of the key: 1",
            line,
        ),
        (
            &[key, None],
            CheckStatus::Note,
            "by key: 1 of the last 2 invocations name one; 1 of them name no object",
            line,
        ),
        (&[None; 5], CheckStatus::Warning, "the last 5 invocations name no object of the bucket", line),
        (&[None], CheckStatus::Warning, "the last invocation names no object of the bucket", line),
        (&[key], CheckStatus::Note, "by key: the last invocation names one", line),
        (&[], CheckStatus::Note, "no successful invocation in the log since 2026-", ""),
    ];
    for (bases, status, text, line) in cases {
        let found = check(&with(python(), bases), "correlation");
        assert_eq!(found.status, status, "{found:#?}");
        assert!(found.found.raw().contains(text) && fix(&found).contains(line), "{text}: {found:#?}");
        assert_eq!(found.fix.is_empty(), line.is_empty(), "{found:#?}");
    }
    let mut findings = with(python(), &[None]);
    function(&mut findings).has_powertools = true;
    function(&mut findings).application_level = Some("WARN".into());
    let text = fix(&check(&findings, "correlation"));
    assert!(text.contains("POWERTOOLS_LOGGER_LOG_EVENT") && text.contains("see the check `log-level`"), "{text}");
    function(&mut findings).runtime = Some("provided.al2023".into());
    let text = fix(&check(&findings, "correlation"));
    assert!(text.contains("Go:  ") && text.contains("Rust:  ") && !text.contains("Python:  "), "{text}");
}

#[test]
fn what_was_not_read_of_log_and_bucket_is_said() {
    let mut findings = with(python(), &[None]);
    let Lookup::Found(seen) = &mut findings.invocations else { panic!() };
    seen.unlisted = super::denied("s3:ListBucket");
    let found = check(&findings, "correlation");
    assert_eq!((found.status, found.permission), (CheckStatus::NotChecked, Some("s3:ListBucket")), "{found:#?}");
    let mut findings = with(python(), &[Some(Basis::S3RequestId)]);
    let Lookup::Found(seen) = &mut findings.invocations else { panic!() };
    seen.rest = Lookup::Failed("it is longer".into());
    assert_eq!(check(&findings, "correlation").status, CheckStatus::NotChecked);
    findings.invocations = super::denied("logs:FilterLogEvents");
    assert_eq!(check(&findings, "correlation").permission, Some("logs:FilterLogEvents"));
    findings.invocations = Lookup::Missing("no group".into());
    assert_eq!(check(&findings, "correlation").status, CheckStatus::Note);
}
