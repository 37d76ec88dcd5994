//! Doctor's list and one check in full, healthy and with errors.

use std::collections::{BTreeMap, BTreeSet};

use imgwatch::domain::diagnosis::diagnose;
use imgwatch::domain::diagnosis::findings::{
    Attributes, Backlog, BucketNotifications, Caller, EventInvoke, FailedInvocation, Findings, Function, Joints,
    LogGroup, Lookup, Names, Queue, Rule, RuleKind, Subscription, Topic,
};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::parts::Incomplete;
use imgwatch::effect::{Effect, TerminalEffect};
use imgwatch::model::Model;
use imgwatch::model::dialog::{Dialog, DoctorView};
use imgwatch::model::doctor::Doctor;
use imgwatch::model::load::Load;
use imgwatch::text::clean::Clean;
use imgwatch::text::key::Key;
use imgwatch::update::{Msg, update};

use crate::models::{busy, problem};
use crate::picture::text;
use crate::shot::screen;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:ImageUploadProcessor";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";
const FAILED: &str = "arn:aws:sqs:us-east-1:000000000000:image-uploads-failed";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:image-uploads-audit";

/// The failure destination with so many messages.
fn backlogs(visible: u64) -> BTreeMap<Clean, Lookup<Backlog>> {
    let oldest = Lookup::Found(7_260);
    let backlog = Backlog { url: "http://127.0.0.1:4566/failed".into(), visible, oldest, ..Backlog::default() };
    BTreeMap::from([(FAILED.into(), Lookup::Found(backlog))])
}

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
        attributes: Lookup::Found(Attributes { authenticated: Some(authenticated), ..Attributes::default() }),
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
        caller: Lookup::Found(Caller { account: "000000000000".into(), arn: "arn:aws:iam::000000000000:root".into() }),
        clock_ahead_ms: Lookup::Found(0),
        bucket_region: Lookup::Found("us-east-1".into()),
        incomplete_uploads: Lookup::Found(Incomplete::default()),
        notifications: Lookup::Found(BucketNotifications { rules: vec![rule], event_bridge: false }),
        function: Lookup::Found(Function {
            arn: FUNCTION.into(),
            state: Some("Active".into()),
            last_update: Some("Successful".into()),
            description: Some(imgwatch_shared::function::DESCRIPTION.into()),
            runtime: Some("provided.al2023".into()),
            handler: Some("bootstrap".into()),
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
        function_policy: Lookup::Found(
            allow("s3.amazonaws.com", "lambda:InvokeFunction", "arn:aws:s3:::images").into(),
        ),
        event_invoke: Lookup::Found(EventInvoke { on_failure: Some(FAILED.into()), ..EventInvoke::default() }),
        concurrency: Lookup::Found(None),
        log_group: Lookup::Found(LogGroup {
            name: "/aws/lambda/ImageUploadProcessor".into(),
            class: Some("STANDARD".into()),
            retention: None,
        }),
        failures: Lookup::Found(Vec::new().into()),
        invocations: Lookup::Missing("no log group of this name is listed".into()),
        object: Lookup::NotAsked,
        object_log: Lookup::NotAsked,
        topic: Lookup::Found(Topic {
            success_sample_rates: BTreeMap::from([("SQS", 100)]),
            failure_logging: BTreeSet::from(["SQS"]),
            ..Topic::default()
        }),
        subscriptions: Lookup::Found(
            vec![subscription(1, "email", "you@example.com", true), subscription(2, "sqs", QUEUE, true)].into(),
        ),
        queues: BTreeMap::from([(
            QUEUE.into(),
            Lookup::Found(Queue {
                url: "http://127.0.0.1:4566/q".into(),
                policy: Some(queue.into()),
                ..Queue::default()
            }),
        )]),
        backlogs: backlogs(0),
        sms_sandbox: Lookup::NotAsked,
        joints: Joints::default(),
    }
}

/// A rule for `.jpg` only and a `.PNG`; no permission; a pending address; and things that may not be looked at.
fn broken() -> Findings {
    let mut findings = healthy();
    findings.key = Some("holiday/cat.PNG".into());
    if let Lookup::Found(notifications) = &mut findings.notifications {
        notifications.rules[0].filter = vec![("Suffix".into(), ".jpg".into())];
    }
    findings.function_policy = Lookup::Missing("The resource you requested does not exist.".into());
    if let Lookup::Found(subscriptions) = &mut findings.subscriptions {
        subscriptions.items[0].arn = None;
    }
    let why = "User: arn:aws:iam::000000000000:user/ada is not authorized to perform this action";
    findings.event_invoke = Lookup::Denied { permission: "lambda:GetFunctionEventInvokeConfig", why: why.into() };
    findings.concurrency = Lookup::NotOffered("lambda:GetFunctionConcurrency");
    findings.object = Lookup::Missing("NotFound".into());
    findings
}

/// Events that Lambda gave up on.
fn full() -> Findings {
    Findings { backlogs: backlogs(3), ..healthy() }
}

/// A report full of hostile names.
pub(crate) fn hostile() -> Doctor {
    let nasty = || Clean::new(&"\u{1b}[2J\u{202e}日本語".repeat(20));
    let mut findings = broken();
    findings.key = Some(nasty());
    findings.names.bucket = nasty();
    findings.function_policy = Lookup::Failed(nasty());
    let at = jiff::Timestamp::UNIX_EPOCH;
    let failed = FailedInvocation { request_id: Some(nasty()), attempts: 3, reason: nasty(), at };
    findings.failures = Lookup::Found(vec![failed].into());
    if let Lookup::Found(notifications) = &mut findings.notifications {
        notifications.rules[0].filter = vec![("Suffix".into(), nasty())];
    }
    Doctor { key: Some(nasty()), load: Load::Ready, report: Some(diagnose(&findings)) }
}

fn with(findings: &Findings, view: DoctorView) -> Model {
    let mut model = busy();
    model.doctor.key.clone_from(&findings.key);
    model.doctor.report = Some(diagnose(findings));
    model.doctor.load = Load::Ready;
    model.dialog = Some(Dialog::Doctor(view));
    model
}

/// Doctor's list and one check in full, in every state.
pub(crate) fn states() -> Vec<(&'static str, Model)> {
    let open = |id| DoctorView { open: Some((id, 0)), ..DoctorView::default() };
    let mut looking = with(&healthy(), DoctorView::default());
    (looking.doctor.report, looking.doctor.load) = (None, Load::Loading(RequestId(1), None));
    let mut again = with(&healthy(), DoctorView::default());
    again.doctor.load = Load::Loading(RequestId(1), None);
    let mut failed = with(&healthy(), DoctorView::default());
    let trouble = problem("no AWS credentials", "the SSO token has expired", "sign in again");
    (failed.doctor.report, failed.doctor.load) = (None, Load::Failed(trouble));
    vec![
        ("healthy", with(&healthy(), DoctorView::default())),
        ("failures", with(&broken(), DoctorView::default())),
        ("scrolled", with(&healthy(), DoctorView { cursor: 25, offset: 8, open: None })),
        ("check", with(&broken(), open("key"))),
        ("failure-queue", with(&full(), open("failure-queue"))),
        ("check-denied", with(&broken(), open("failed-events"))),
        ("looking", looking),
        ("looking-again", again),
        ("failed", failed),
    ]
}

#[test]
fn the_commands_that_mend_a_check_are_copied_in_one_piece() {
    let press_y = |view| {
        let mut model = with(&broken(), view);
        let effects = update(&mut model, Msg::Key(Key::char('y')));
        let [Effect::Terminal(TerminalEffect::Copy(copied))] = effects.as_slice() else { panic!("{effects:?}") };
        (copied.clone(), text(&screen(&model, (80, 24))).join("\n"))
    };
    let report = diagnose(&broken());
    let check = report.checks.iter().find(|check| check.id == "permission").unwrap();
    let fix: Vec<&str> = check.fix.iter().map(Clean::raw).collect();
    assert!(!fix.is_empty(), "{check:?}");
    let place = report.worst_first().iter().position(|check| check.id == "permission").unwrap();
    let (listed, shown) = press_y(DoctorView { cursor: place, ..DoctorView::default() });
    assert_eq!(listed, fix.join("\n"));
    assert!(shown.contains("✓ copied the commands: "), "{shown}");
    let (full, _) = press_y(DoctorView { open: Some(("permission", 0)), ..DoctorView::default() });
    assert_eq!(full, listed);
    let (finding, _) = press_y(DoctorView { open: Some(("clock", 0)), ..DoctorView::default() });
    assert!(finding.contains("within 30 seconds"), "what is in order needs no command: {finding}");
}
