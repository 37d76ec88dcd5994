//! Doctor's list and one check in full, healthy and in trouble.

use std::collections::BTreeMap;

use imgwatch::action::Key;
use imgwatch::effect::Effect;
use imgwatch::model::Model;
use imgwatch::model::dialog::{Dialog, DoctorView};
use imgwatch::model::doctor::findings::{
    Attributes, Caller, EventInvoke, Findings, Function, LogGroup, Look, Names, Notifications, Queue, Rule, RuleKind,
    Subscription, Topic,
};
use imgwatch::model::doctor::{Doctor, examine};
use imgwatch::model::load::{Load, RequestId};
use imgwatch::msg::Msg;
use imgwatch::text::clean::Clean;
use imgwatch::update::update;
use imgwatch::view;
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::models::{busy, problem};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:ImageUploadProcessor";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:image-uploads-audit";

/// What the local cloud's own pipeline answers.
pub(crate) fn healthy() -> Findings {
    let allow = |service: &str, action: &str, source: &str| {
        format!(
            r#"{{"Statement":[{{"Sid":"s3","Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"{action}","Resource":"*","Condition":{{"ArnLike":{{"AWS:SourceArn":"{source}"}}}}}}]}}"#
        )
    };
    let subscription = |number: u32, protocol: &str, endpoint: &str, authenticated| Subscription {
        arn: Some(format!("{TOPIC}:{number}").into()),
        protocol: protocol.into(),
        endpoint: endpoint.into(),
        attributes: Look::Found(Attributes { authenticated: Some(authenticated), ..Attributes::default() }),
    };
    let rule = Rule {
        kind: RuleKind::Function,
        id: Some("images".into()),
        arn: FUNCTION.into(),
        events: vec!["s3:ObjectCreated:*".into()],
        filter: Vec::new(),
    };
    let queue = allow("sns.amazonaws.com", "sqs:SendMessage", TOPIC);
    Findings {
        names: Names {
            bucket: "images".into(),
            function: "ImageUploadProcessor".into(),
            topic_arn: TOPIC.into(),
            region: "us-east-1".into(),
            log_group: "/aws/lambda/ImageUploadProcessor".into(),
            profile: None,
            endpoint: Some("http://127.0.0.1:4566".into()),
        },
        key: None,
        caller: Look::Found(Caller { account: "000000000000".into(), arn: "arn:aws:iam::000000000000:root".into() }),
        clock_ahead_ms: Look::Found(0),
        bucket_region: Look::Found("us-east-1".into()),
        notifications: Look::Found(Notifications { rules: vec![rule], event_bridge: false }),
        function: Look::Found(Function {
            arn: FUNCTION.into(),
            state: Some("Active".into()),
            last_update: Some("Successful".into()),
            runtime: Some("provided.al2023".into()),
            architectures: vec!["arm64".into()],
            timeout: Some(10),
            memory: Some(128),
            role: Some("arn:aws:iam::000000000000:role/ImageUploadProcessor".into()),
            variables: BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), TOPIC.into())]),
            log_format: Some("JSON".into()),
            application_level: Some("INFO".into()),
            system_level: Some("INFO".into()),
            ..Function::default()
        }),
        function_policy: Look::Found(allow("s3.amazonaws.com", "lambda:InvokeFunction", "arn:aws:s3:::images").into()),
        event_invoke: Look::Found(EventInvoke {
            on_failure: Some("arn:aws:sqs:us-east-1:000000000000:image-uploads-failed".into()),
            ..EventInvoke::default()
        }),
        concurrency: Look::Found(None),
        log_group: Look::Found(LogGroup {
            name: "/aws/lambda/ImageUploadProcessor".into(),
            class: Some("STANDARD".into()),
            retention: None,
        }),
        failures: Look::Found(Vec::new()),
        topic: Look::Found(Topic { receipts: BTreeMap::from([("SQS", 100)]), ..Topic::default() }),
        subscriptions: Look::Found(vec![
            subscription(1, "email", "you@example.com", true),
            subscription(2, "sqs", QUEUE, true),
        ]),
        queues: BTreeMap::from([(
            QUEUE.into(),
            Look::Found(Queue { url: "http://127.0.0.1:4566/q".into(), policy: Some(queue.into()), kms_key: None }),
        )]),
        sms_sandbox: Look::NotAsked,
    }
}

/// A rule for `.jpg` only and a `.PNG`; no permission; a pending address; and things that may not be looked at.
fn broken() -> Findings {
    let mut findings = healthy();
    findings.key = Some("holiday/cat.PNG".into());
    if let Look::Found(notifications) = &mut findings.notifications {
        notifications.rules[0].filter = vec![("Suffix".into(), ".jpg".into())];
    }
    findings.function_policy = Look::Missing("The resource you requested does not exist.".into());
    if let Look::Found(subscriptions) = &mut findings.subscriptions {
        subscriptions[0].arn = None;
    }
    let why = "User: arn:aws:iam::000000000000:user/ada is not authorized to perform this action";
    findings.event_invoke = Look::Denied { permission: "lambda:GetFunctionEventInvokeConfig", why: why.into() };
    findings.concurrency = Look::NotOffered("lambda:GetFunctionConcurrency");
    findings
}

/// A report full of hostile names.
pub(crate) fn hostile() -> Doctor {
    let nasty = || Clean::new(&"\u{1b}[2J\u{202e}日本語".repeat(20));
    let mut findings = broken();
    findings.key = Some(nasty());
    findings.names.bucket = nasty();
    findings.function_policy = Look::Failed(nasty());
    findings.failures = Look::Found(vec![nasty()]);
    if let Look::Found(notifications) = &mut findings.notifications {
        notifications.rules[0].filter = vec![("Suffix".into(), nasty())];
    }
    Doctor { key: Some(nasty()), load: Load::Ready, report: Some(examine(&findings)) }
}

fn with(findings: &Findings, view: DoctorView) -> Model {
    let mut model = busy();
    model.doctor.key.clone_from(&findings.key);
    model.doctor.report = Some(examine(findings));
    model.doctor.load = Load::Ready;
    model.dialog = Some(Dialog::Doctor(view));
    model
}

fn screen(model: &Model, width: u16, height: u16) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model, None)).unwrap();
    terminal.backend().clone()
}

fn at_all_sizes(name: &str, model: &Model) {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        assert_snapshot!(format!("{name}-{width}x{height}"), screen(model, width, height));
    }
}

#[test]
fn healthy_and_with_failures() {
    at_all_sizes("doctor-healthy", &with(&healthy(), DoctorView::default()));
    at_all_sizes("doctor-failures", &with(&broken(), DoctorView::default()));
}

#[test]
fn one_check_in_full() {
    let view = |id| DoctorView { open: Some((id, 0)), ..DoctorView::default() };
    at_all_sizes("doctor-check", &with(&broken(), view("key")));
    assert_snapshot!("doctor-denied-80x24", screen(&with(&broken(), view("failed-events")), 80, 24));
}

#[test]
fn while_looking_and_when_that_fails() {
    let mut model = with(&healthy(), DoctorView::default());
    model.doctor.report = None;
    model.doctor.load = Load::Loading(RequestId(1), None);
    assert_snapshot!("doctor-looking-80x24", screen(&model, 80, 24));
    model.doctor.load = Load::Failed(problem("no AWS credentials", "the SSO token has expired", "sign in again"));
    assert_snapshot!("doctor-failed-80x24", screen(&model, 80, 24));
}

#[test]
fn the_cursor_stays_in_view() {
    let view = DoctorView { cursor: 25, offset: 8, open: None };
    assert_snapshot!("doctor-scrolled-80x24", screen(&with(&healthy(), view), 80, 24));
}

#[test]
fn the_commands_that_mend_a_check_are_copied_in_one_piece() {
    let press_y = |view| {
        let mut model = with(&broken(), view);
        let effects = update(&mut model, Msg::Key(Key::char('y')));
        let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
        (text.clone(), screen(&model, 80, 24).to_string())
    };
    let report = examine(&broken());
    let check = report.checks.iter().find(|check| check.id == "permission").unwrap();
    let mend: Vec<&str> = check.mend.iter().map(Clean::raw).collect();
    assert!(!mend.is_empty(), "{check:?}");
    let place = report.worst_first().iter().position(|check| check.id == "permission").unwrap();
    let (listed, shown) = press_y(DoctorView { cursor: place, ..DoctorView::default() });
    assert_eq!(listed, mend.join("\n"));
    assert!(shown.contains("✓ copied the commands: "), "{shown}");
    let (full, _) = press_y(DoctorView { open: Some(("permission", 0)), ..DoctorView::default() });
    assert_eq!(full, listed);
    let (finding, _) = press_y(DoctorView { open: Some(("clock", 0)), ..DoctorView::default() });
    assert!(finding.contains("half a minute"), "what is in order needs no command: {finding}");
}
