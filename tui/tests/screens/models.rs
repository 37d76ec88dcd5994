//! Models for the screens: a quiet pipeline, a busy one, a broken one, and one full of hostile names.

use imgwatch::domain::evidence::{DeliveryStatusEntry, Fact, InvocationReport, LogSource, Probed, ReportStatus, Write};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::inbox::{Confirmation, InboxMessage};
use imgwatch::domain::log::{LineKind, LogLine, LogNews, Tail};
use imgwatch::domain::metrics::{Counts, Minute};
use imgwatch::domain::objects::{Object, Page};
use imgwatch::domain::probe::Probe;
use imgwatch::domain::subscriptions::{Attributes, DeliveryStatusLogging, FilterPolicy, Protocol, Subscription};
use imgwatch::domain::timeline::Outcome;
use imgwatch::domain::transfer::{Transfer, TransferState};
use imgwatch::domain::wiring::{Node, NodeKind, Wiring};
use imgwatch::model::load::Load;
use imgwatch::model::subscriptions::SubscriptionsPanel;
use imgwatch::model::uploads::UploadRow;
use imgwatch::model::{Connection, Model, NoticeLevel};
use imgwatch::text::clean::Clean;
use imgwatch_shared::record::Level;
use jiff::{Timestamp, ToSpan as _};

use crate::support::{self, E_TAG, delivery_status, pipeline};
pub(crate) use crate::support::{json_logs, problem};

/// The moment of every screen.
pub(crate) fn now() -> Timestamp {
    "2026-03-04T15:04:05.000Z".parse().unwrap()
}

/// Milliseconds before it.
pub(crate) fn ago(millis: i64) -> Timestamp {
    now() - millis.milliseconds()
}

/// Before the first update.
pub(crate) fn first() -> Model {
    Model::new(now(), pipeline("local 127.0.0.1:4566"))
}

/// Connected, and nothing has ever happened.
pub(crate) fn quiet() -> Model {
    let mut model = first();
    model.connection = Connection::Ready;
    model.inbox.available = true;
    model.objects.load = Load::Ready;
    model.logs.tail = Tail::NoInvocationYet;
    (model.logs.read_at, model.logs.settings) = (Some(ago(400)), Some(json_logs("INFO", "INFO")));
    model.subscriptions.load = Load::Ready;
    model.subscriptions.known.replace(Vec::new(), DeliveryStatusLogging::default(), ago(7_200_000));
    model
}

/// Everything at once.
pub(crate) fn busy() -> Model {
    let mut model = quiet();
    objects(&mut model);
    subscriptions(&mut model);
    uploads(&mut model);
    logs(&mut model);
    inbox(&mut model);
    model
}

fn objects(model: &mut Model) {
    let rows = [
        ("photos/2026/03/cat.png", 48_213, 2_000),
        ("photos/2026/03/dog.png", 1_204_000, 31_000),
        ("photos/2026/02/a really long name of a holiday picture, retouched twice.jpeg", 7_340_032, 3_600_000),
        ("写真/東京タワー.png", 512_000, 7_200_000),
        ("imgwatch/test-2026-03-04T15-00-00Z.png", 913, 86_400_000),
        ("big/panorama.tiff", 3_221_225_472, 864_000_000),
    ];
    let object = |(key, size, age): (&str, u64, i64)| Object {
        e_tag: Some(E_TAG.into()),
        ..support::object(key, size, ago(age))
    };
    model.objects.take_page(rows.map(object).to_vec(), true);
    let older = (0..1_200).map(|index| object((&format!("archive/{index:05}.jpg"), 100_000 + index, 900_000_000)));
    model.objects.take_page(older.collect::<Page>(), true);
}

pub(crate) fn subscription(protocol: Protocol, endpoint: &str, confirmed: bool) -> Subscription {
    let mut item = support::subscription(protocol, endpoint, confirmed.then(|| ago(3_600_000)));
    item.arn = item.arn.map(|_| Clean::new(&format!("{TOPIC}:{}", endpoint.len())));
    item
}

pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:image-uploads-audit";

fn subscriptions(model: &mut Model) {
    let mut filtered = subscription(Protocol::Https, "https://hooks.example.com/images", true);
    let policy = FilterPolicy { json: r#"{"contentType":["image/jpeg","image/png"]}"#.into(), on_body: false };
    filtered.attributes = Attributes::Read { at: ago(3_600_000), filter_policy: Some(policy), authenticated: None };
    let items = vec![
        subscription(Protocol::Email, "ada@example.com", true),
        subscription(Protocol::Sqs, QUEUE, true),
        filtered,
        subscription(Protocol::Email, "grace.hopper@navy.example.org", false),
    ];
    for listed in [3_600_000, 120_000] {
        model.subscriptions.known.replace(items.clone(), DeliveryStatusLogging::For(vec![Protocol::Sqs]), ago(listed));
    }
}

pub(crate) fn write(key: &str, request: &str) -> Write {
    Write {
        e_tag: Some(E_TAG.into()),
        sequencer: Some("0065E5E3A5B1C2D3".into()),
        ..support::write(key, Some(request))
    }
}

const STREAM: &str = "2026/03/04/[$LATEST]3f1c9a7e5d2b4c6f8a0e1d3c5b7f9a2e";

pub(crate) fn source(at: Timestamp, id: &str) -> LogSource {
    LogSource { stream: STREAM.into(), ..support::source(at, id) }
}

pub(crate) fn stored(upload: u64, began: i64, took: i64, write: &Write, size: u64) -> Fact {
    support::stored(upload, ago(began), ago(began - took), write.clone(), size)
}

pub(crate) fn report(at: Timestamp, id: &str, status: ReportStatus, cold: Option<u64>, error: Option<&str>) -> Fact {
    let report = InvocationReport {
        billed_us: Some(15_000 + cold.unwrap_or_default() / 1_000 * 1_000),
        init_us: cold,
        error: error.map(Clean::new),
        ..support::report(status)
    };
    Fact::Reported(source(at, id), report)
}

/// The message of the upload that goes well.
const MESSAGE: &str = "3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c";

fn uploads(model: &mut Model) {
    let cat = write("photos/2026/03/cat.png", "4F2A9C1B7D3E5F60");
    let id = "8f0c2b1e-6a5d-4c3b-9e8f-7a6b5c4d3e2f";
    model.uploads.timelines.learn([
        stored(1, 2_000, 12, &cat, 48_213),
        Fact::Invoked(source(ago(1_966), id)),
        Fact::Received(source(ago(1_960), id), cat.clone()),
        support::published(source(ago(1_952), id), cat.clone(), MESSAGE),
        report(ago(1_950), id, ReportStatus::Success, Some(82_300), None),
        Fact::DeliveryStatusEntry(delivery_status(ago(1_940), MESSAGE, QUEUE)),
    ]);
    // Waiting, late, and without progress for five minutes.
    model.uploads.timelines.learn([stored(2, 12_100, 90, &write("photos/2026/03/dog.png", "5A"), 1_204_000)]);
    model.uploads.timelines.learn([stored(3, 95_000, 40, &write("late.png", "5B"), 913)]);
    model.uploads.timelines.learn([stored(4, 420_000, 40, &write("nothing/heard/of.png", "5C"), 913)]);
    // Two failed attempts, the third one running.
    let retried = write("retried.png", "5D");
    let id = "11111111-2222-4333-8444-555555555555";
    model.uploads.timelines.learn([
        stored(5, 190_000, 20, &retried, 2_048),
        Fact::Invoked(source(ago(189_950), id)),
        Fact::Failed {
            source: source(ago(189_900), id),
            write: retried.clone(),
            reason: "SNS throttled the publish: rate exceeded".into(),
        },
        report(ago(189_890), id, ReportStatus::Failure, None, Some("PublishError")),
        Fact::Invoked(source(ago(129_900), id)),
        report(ago(129_800), id, ReportStatus::Timeout, None, None),
        Fact::Invoked(source(ago(9_700), id)),
    ]);
    given_up_and_skipped(model);
    model.uploads.timelines.refold();
    model.uploads.transfers = transfers().into();
    // The published one comes after the transfers.
    model.uploads.selection.cursor = 3;
}

fn given_up_and_skipped(model: &mut Model) {
    // Three failed attempts: given up.
    let lost = write("lost.png", "5E");
    let id = "99999999-2222-4333-8444-555555555555";
    for (begin, end) in [(900_000, 899_900), (840_000, 839_900), (720_000, 719_900)] {
        model.uploads.timelines.learn([
            Fact::Invoked(source(ago(begin), id)),
            Fact::Failed {
                source: source(ago(begin - 50), id),
                write: lost.clone(),
                reason: "the topic does not exist: arn:aws:sns:us-east-1:000000000000:image-uploads".into(),
            },
            report(ago(end), id, ReportStatus::Failure, None, Some("PublishError")),
        ]);
    }
    // Skipped, and uploaded by another client.
    let skipped = write("notes.txt", "5F");
    let id = "77777777-2222-4333-8444-555555555555";
    model.uploads.timelines.learn([
        Fact::Invoked(source(ago(60_000), id)),
        Fact::Skipped { source: source(ago(59_990), id), write: skipped, reason: "not an image: text/plain".into() },
        report(ago(59_980), id, ReportStatus::Success, None, None),
    ]);
}

fn transfers() -> Vec<Transfer> {
    let denied = problem("cannot upload denied.png", "AccessDenied", "allow s3:PutObject on the bucket");
    let of = |id, key: &str, size, sent, age, state| Transfer {
        size: Some(size),
        sent,
        ..support::transfer(id, key, ago(age), state)
    };
    vec![
        of(7, "big/panorama.tiff", 20 << 20, 13_000_000, 4_100, TransferState::Sending),
        of(6, "denied.png", 913, 0, 20_000, TransferState::Failed(denied)),
        of(8, "stopped.png", 50 << 20, 13_000_000, 40_000, TransferState::Cancelled),
    ]
}

pub(crate) fn line(at: i64, kind: LineKind, level: Option<Level>, id: &str, text: &str) -> LogLine {
    LogLine {
        stream: STREAM.into(),
        kind,
        level,
        request_id: (!id.is_empty()).then(|| id.into()),
        ..support::line(ago(at), &format!("{at}{kind:?}{text}"), text)
    }
}

fn logs(model: &mut Model) {
    model.logs.tail = Tail::Live;
    let id = "8f0c2b1e-6a5d-4c3b-9e8f-7a6b5c4d3e2f";
    let old = "11111111-2222-4333-8444-555555555555";
    let mut lines = vec![
        line(190_100, LineKind::Init, None, "", "INIT_START Runtime Version: provided:al2023.v90"),
        line(189_950, LineKind::Start, None, old, &format!("START RequestId: {old} Version: $LATEST")),
        line(
            189_900,
            LineKind::Record,
            Some(Level::Error),
            old,
            "failed retried.png: SNS throttled the publish: rate exceeded",
        ),
        line(189_892, LineKind::End, None, old, &format!("END RequestId: {old}")),
        line(
            189_890,
            LineKind::Report,
            None,
            old,
            &format!(
                "REPORT RequestId: {old} Duration: 14.20 ms Billed Duration: 15 ms Memory Size: 128 MB Max Memory Used: 31 MB"
            ),
        ),
        line(1_966, LineKind::Start, None, id, &format!("START RequestId: {id} Version: $LATEST")),
        line(
            1_960,
            LineKind::Text,
            Some(Level::Warn),
            id,
            "the key photos/2026/03/cat.png was seen before with another entity tag: 9b2cf535f27731c974343645a3985328 replaces 0a1b2c3d",
        ),
        line(1_951, LineKind::End, None, id, &format!("END RequestId: {id}")),
        line(
            1_950,
            LineKind::Report,
            None,
            id,
            &format!(
                "REPORT RequestId: {id} Duration: 14.20 ms Billed Duration: 97 ms Memory Size: 128 MB Max Memory Used: 31 MB Init Duration: 82.30 ms"
            ),
        ),
    ];
    let mut record =
        line(1_952, LineKind::Record, Some(Level::Info), id, "published photos/2026/03/cat.png as message 3f2a1b0c");
    record.id = "record".into();
    record.full = Clean::log(
        r#"{"timestamp":"2026-03-04T15:04:03.048Z","level":"INFO","message":"notification published","requestId":"8f0c2b1e-6a5d-4c3b-9e8f-7a6b5c4d3e2f","outcome":"published","bucket":"images","key":"photos/2026/03/cat.png","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c"}"#,
    );
    lines.push(record);
    model.logs.insert(lines);
}

/// Two environments at work at once, a third one that starts, and lines that name no invocation.
pub(crate) fn concurrent() -> Model {
    let mut model = busy();
    let (first, second) = ("79b5e81f-3c1d-4d5e-8f6a-1b2c3d4e5f60", "02d7c4aa-9e8f-4a6b-b5c4-d3e2f1a0b9c8");
    let of = |stream: &str, line| LogLine { stream: Clean::new(&format!("2026/03/04/[$LATEST]{stream}")), ..line };
    let start = |at, id: &str| line(at, LineKind::Start, None, id, &format!("START RequestId: {id} Version: $LATEST"));
    let report = |at, id: &str| line(at, LineKind::Report, None, id, &format!("REPORT RequestId: {id} Duration: 9 ms"));
    let text = |at, text: &str| line(at, LineKind::Text, None, "", text);
    let json =
        |at, text: &str, full: &str| LogLine { full: Clean::log(full), ..line(at, LineKind::Text, None, "", text) };
    model.logs.insert([
        of("3f1c9a7e", start(900, first)),
        of("8e61f0b2", start(890, second)),
        of("3f1c9a7e", text(880, "reading photos/2026/03/dog.png")),
        of("3f1c9a7e", text(870, "a second line of the same invocation")),
        of("8e61f0b2", json(860, "GET /owner", r#"{"message":"GET /owner","path":"/owner","status":404,"ms":3}"#)),
        of("55aa21cd", line(850, LineKind::Init, None, "", "INIT_START Runtime Version: provided:al2023.v90")),
        of("3f1c9a7e", report(840, first)),
        of("8e61f0b2", text(830, "no owner: the default one is told")),
        of("8e61f0b2", report(820, second)),
    ]);
    model
}

/// The logs of three functions of one stack, and one whose log cannot be read.
pub(crate) fn several() -> Model {
    let mut model = concurrent();
    let function = |name: &str| Clean::new(&format!("photos-prod-{name}"));
    let mut lines: Vec<LogLine> = model.logs.visible().cloned().collect();
    for line in &mut lines {
        line.function = function(if line.stream.raw().ends_with("8e61f0b2") { "thumbnails" } else { "index" });
        line.invocation = None;
    }
    let read_at = model.now;
    model.logs = imgwatch::model::logs::Logs::default();
    model.logs.insert(lines);
    (model.logs.tail, model.logs.read_at) = (Tail::Live, Some(read_at));
    let line = Node::new(NodeKind::Function, function("index").raw()).read().followed();
    model.wiring = std::sync::Arc::new(Wiring::new([line], []));
    let denied =
        problem("cannot read log group /aws/lambda/photos-prod-audit", "AccessDenied", "ask for the permission");
    for (name, tail, read_at) in [
        ("thumbnails", Tail::Live, Some(ago(1_000))),
        ("resize", Tail::Every { seconds: 5 }, Some(ago(40_000))),
        ("new", Tail::NoInvocationYet, Some(ago(1_000))),
        ("audit", Tail::Failed(denied), None),
    ] {
        model.logs.apply(&function(name), LogNews::Tail(tail));
        if let Some(at) = read_at {
            model.logs.apply(&function(name), LogNews::Read(at));
        }
    }
    model
}

/// A log whose last invocation is old, and a bucket in which others have written since.
pub(crate) fn newer(count: usize) -> Model {
    let mut model = quiet();
    model.logs.tail = Tail::Live;
    let id = "79b5e81f-3c1d-4d5e-8f6a-1b2c3d4e5f60";
    model.logs.insert([line(400_000, LineKind::Report, None, id, &format!("REPORT RequestId: {id} Duration: 9 ms"))]);
    let object = |number: usize| support::object(&format!("photos/{number:05}.jpg"), 100_000, ago(300_000));
    model.objects.take_page((0..count).map(object).collect::<Page>(), true);
    model.objects.arrange();
    model.objects.listed_at = Some(ago(5_000));
    imgwatch::update::settle(&mut model);
    model
}

fn inbox(model: &mut Model) {
    let letter = |number, at, to: &str, subject: Option<&str>, confirmation| InboxMessage {
        number,
        protocol: if subject.is_some() { "email" } else { "sms" }.into(),
        to: to.into(),
        subject: subject.map(Clean::new),
        body: vec!["New image in images: photos/2026/03/cat.png".into(), "".into(), "48,213 bytes, image/png".into()],
        at: ago(at),
        message_id: None,
        confirmation,
    };
    let confirmation = Confirmation {
        topic_arn: "arn:aws:sns:us-east-1:000000000000:image-uploads".into(),
        token: "2336412f37fb".into(),
    };
    model.inbox.receive(vec![
        letter(
            1,
            110_000,
            "grace.hopper@navy.example.org",
            Some("AWS Notification - Subscription Confirmation"),
            Some(confirmation),
        ),
        letter(2, 1_900, "ada@example.com", Some("New image in images: photos/2026/03/cat.png"), None),
        letter(0, 600_000, "+4915112345678", None, None),
    ]);
}

/// Connected, with old data, and nothing can be read any more.
pub(crate) fn broken() -> Model {
    let mut model = busy();
    model.objects.load = Load::Failed(problem(
        "cannot list bucket images",
        "AccessDenied: User is not authorized to perform s3:ListBucket",
        "allow s3:ListBucket on the bucket",
    ));
    model.logs.tail = Tail::Failed(problem(
        "cannot read log group /aws/lambda/ImageUploadProcessor",
        "ExpiredTokenException: The security token included in the request is expired",
        "log in again",
    ));
    model.subscriptions.load = Load::Failed(problem(
        "cannot list subscriptions of image-uploads",
        "no answer within 10 s",
        "check the network, then try again",
    ));
    model
}

/// Nothing could be read from the start.
pub(crate) fn broken_and_empty() -> Model {
    let mut model = quiet();
    let broken = broken();
    model.objects.load = broken.objects.load;
    model.logs.tail = broken.logs.tail;
    model.subscriptions.load = broken.subscriptions.load;
    model.subscriptions.known.listed_at = None;
    model
}

/// Credentials are missing.
pub(crate) fn unconnected() -> Model {
    let mut model = first();
    model.pipeline.target = "AWS profile work, eu-central-1".into();
    model.connection = Connection::Failed(problem(
        "cannot load credentials",
        "the SSO session of profile work has expired or is otherwise invalid",
        "run aws sso login --profile work",
    ));
    model
}

/// During the first listing.
pub(crate) fn loading() -> Model {
    let mut model = busy();
    model.objects.load = Load::Loading(RequestId(9), None);
    model
}

/// Names that try to drive the terminal, to reorder the row, to hide, and to push columns away.
pub(crate) fn hostile() -> Model {
    let mut model = busy();
    let keys = [
        "\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}gpj.exe\n\r\t.png".to_owned(),
        "🦀".repeat(256),
        "\u{0301}".repeat(200),
        "👨\u{200d}👩\u{200d}👧\u{fe0f}".repeat(20),
        "表".repeat(341),
        "a".repeat(1024),
    ];
    for (number, key) in (20..).zip(&keys) {
        let write = write(key, &format!("R{number}"));
        let id = format!("id-{number}-{key}");
        model.uploads.timelines.learn([
            stored(number, 3_000, 10, &write, u64::MAX),
            Fact::Invoked(source(ago(2_900), &id)),
            Fact::Failed { source: source(ago(2_890), &id), write, reason: Clean::new(key) },
        ]);
        model.objects.put(support::object(key, u64::MAX, ago(-5_000)));
        model.logs.insert([line(100 - i64::try_from(number).unwrap(), LineKind::Text, None, &id, key)]);
        model.subscriptions.known.items.push(subscription(Protocol::Other, key, number % 2 == 0));
        model.inbox.receive(vec![InboxMessage {
            number,
            protocol: Clean::new(key),
            to: Clean::new(key),
            subject: Some(Clean::new(key)),
            body: vec![Clean::new(key); 3],
            at: ago(0),
            message_id: Some(Clean::new(key)),
            confirmation: None,
        }]);
        model.say(NoticeLevel::Error, Clean::new(key));
    }
    model.pipeline.target = Clean::new(&keys[0]);
    model.pipeline.topic = Clean::new(&keys[1]);
    model.objects.load = Load::Failed(problem(&keys[0], &keys[4], "try again"));
    model.uploads.timelines.refold();
    model
}

pub(crate) const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";

/// With a probe that received the message of the selected upload.
pub(crate) fn probing() -> Model {
    let mut model = busy();
    let queue = "arn:aws:sqs:us-east-1:000000000000:imgwatch-probe-9f86d081884c7d65";
    model.subscriptions.known.topic_arn = Some(TOPIC.into());
    model.subscriptions.known.probe = Probe::Listening { queue: queue.into(), since: ago(600_000) };
    let position = model.uploads.rows().position(|row| row.key().raw().ends_with("cat.png")).unwrap();
    let Some(UploadRow::Timeline(timeline)) = model.uploads.rows().nth(position) else { panic!("a timeline") };
    let Outcome::Published(publications) = &timeline.outcome else { panic!("it is published") };
    let publication = publications[0].clone();
    let at = publication.at.checked_add(jiff::SignedDuration::from_millis(11)).unwrap();
    model.uploads.timelines.learn([Fact::Probed(Probed {
        message_id: publication.message_id,
        at,
        queue: queue.into(),
    })]);
    model.uploads.timelines.refold();
    model.uploads.selection.cursor = position;
    model
}

/// With CloudWatch's counts, and subscriptions of which more is known.
pub(crate) fn counted() -> Model {
    let mut model = busy();
    let minute = |minutes: i64, delivered, failed| Minute {
        at: ago(minutes * 60_000),
        counts: Counts { published: delivered / 2, delivered, failed, filtered_out: 1 },
    };
    model.subscriptions.metrics.read_at = Some(ago(20_000));
    model.subscriptions.metrics.minutes = vec![minute(3, 8, 0), minute(4, 4, 1), minute(12, 1_200, 0)];
    let mut items = std::mem::take(&mut model.subscriptions.known.items);
    for item in &mut items {
        if let Attributes::Read { authenticated, .. } = &mut item.attributes {
            *authenticated = Some(false);
        }
    }
    let status_logging = model.subscriptions.known.status_logging.clone();
    model.subscriptions.known.replace(items, status_logging, ago(20_000));
    model
}

/// With what could not be read, and an invocation that names no object.
pub(crate) fn unknown() -> Model {
    let mut model = busy();
    let mut items = std::mem::take(&mut model.subscriptions.known.items);
    let why = "sns:GetSubscriptionAttributes is not allowed: AuthorizationError";
    let hint = "ask for sns:GetSubscriptionAttributes, or choose another --profile";
    for item in items.iter_mut().filter(|item| !item.is_pending()) {
        item.attributes = Attributes::NotRead(problem("cannot read the subscription", why, hint));
    }
    model.subscriptions = SubscriptionsPanel::default();
    model.subscriptions.load = Load::Ready;
    model.subscriptions.known.replace(
        items,
        DeliveryStatusLogging::NotRead(problem("cannot read the topic", why, hint)),
        ago(3_600_000),
    );
    model.uploads.timelines.learn([Fact::Invoked(source(ago(94_000), "aaaaaaaa-2222-4333-8444-555555555555"))]);
    model.uploads.timelines.refold();
    model
}

/// With a subscriber for each state of a delivery: one whose filter policy excludes the message, and one whose delivery
/// status is a failure, beside those that there are.
pub(crate) fn delivered_to_all() -> Model {
    let mut model = busy();
    let mut excluded = subscription(Protocol::Https, "https://jpeg.example.com", true);
    let policy = FilterPolicy { json: r#"{"contentType":["image/jpeg"]}"#.into(), on_body: false };
    excluded.attributes = Attributes::Read { at: ago(3_600_000), filter_policy: Some(policy), authenticated: None };
    let failing = "arn:aws:lambda:us-east-1:000000000000:function:resize";
    let mut items = model.subscriptions.known.items.clone();
    items.extend([excluded, subscription(Protocol::Lambda, failing, true)]);
    model.subscriptions = SubscriptionsPanel::default();
    model.subscriptions.load = Load::Ready;
    for listed in [3_600_000, 120_000] {
        model.subscriptions.known.replace(items.clone(), DeliveryStatusLogging::For(vec![Protocol::Sqs]), ago(listed));
    }
    model.uploads.timelines.learn([Fact::DeliveryStatusEntry(DeliveryStatusEntry {
        success: false,
        status_code: Some(403),
        response: Some("the function's policy does not let SNS invoke it".into()),
        ..delivery_status(ago(1_930), MESSAGE, failing)
    })]);
    model.uploads.timelines.refold();
    model
}

/// One upload of which nothing is known after S3, and what the log makes of that.
pub(crate) fn silent(tail: Tail, read_at: Option<i64>, unnamed: usize) -> Model {
    silent_for(420_000, tail, read_at, unnamed)
}

/// The same since so many milliseconds.
pub(crate) fn silent_for(millis: i64, tail: Tail, read_at: Option<i64>, unnamed: usize) -> Model {
    let mut model = quiet();
    model.uploads.timelines.learn([stored(4, millis, 40, &write("nothing/heard/of.png", "5C"), 913)]);
    let invoked =
        |number: usize| Fact::Invoked(source(ago(94_000), &format!("{number:08}-2222-4333-8444-555555555555")));
    model.uploads.timelines.learn((0..unnamed).map(invoked));
    model.uploads.timelines.refold();
    (model.logs.tail, model.logs.read_at) = (tail, read_at.map(ago));
    model
}

/// A function of others has printed the key of the upload, and succeeded.
pub(crate) fn processed() -> Model {
    let mut model = silent(Tail::Live, Some(400), 1);
    let id = "00000000-2222-4333-8444-555555555555";
    model.uploads.timelines.learn([
        Fact::Printed(source(ago(93_000), id), "new object nothing/heard/of.png".into()),
        report(ago(92_000), id, ReportStatus::Success, None, None),
    ]);
    model.uploads.timelines.refold();
    model
}
