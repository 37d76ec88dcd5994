//! What keys do: sequences of them, the effects they ask for, and what is remembered.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "flow/downloading.rs"]
mod downloading;
#[path = "flow/functions.rs"]
mod functions;
#[path = "flow/nameless.rs"]
mod nameless;
#[path = "flow/narrowing.rs"]
mod narrowing;
#[path = "flow/newer.rs"]
mod newer;
#[path = "flow/read_only.rs"]
mod read_only;
mod support;
#[path = "flow/uploading.rs"]
mod uploading;
#[path = "flow/versions.rs"]
mod versions;

use std::sync::Arc;

use imgwatch::domain::diagnosis::{Check, CheckStatus};
use imgwatch::domain::display::{Clock, Theme};
use imgwatch::domain::evidence::{Fact, Write};
use imgwatch::domain::inbox::{Confirmation, InboxMessage};
use imgwatch::domain::live_tail::{LiveTail, LiveTailMode};
use imgwatch::domain::log::Tail;
use imgwatch::domain::metrics::{Counts, Minute};
use imgwatch::domain::objects::Object;
use imgwatch::domain::pace::Pace;
use imgwatch::domain::pipeline::Pipeline;
use imgwatch::domain::preview::{Preview, PreviewId};
use imgwatch::domain::probe::{Probe, ProbeNews};
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::domain::subscriptions::{DeliveryStatusLogging, Protocol, Subscription};
use imgwatch::domain::transfer::{UploadNews, UploadSource};
use imgwatch::domain::wiring::{Node, NodeKind, Wiring};
use imgwatch::effect::{CloudEffect, Effect, TerminalEffect};
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{ConfirmAction, Dialog, Subject};
use imgwatch::model::load::Load;
use imgwatch::model::objects::{Column, Sort};
use imgwatch::model::{Connection, Hit, Model, NoticeLevel, Viewports, palette};
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use imgwatch::text::key::{Code, Key};
use imgwatch::update::{Msg, settle, update};
use imgwatch_shared::record::Level;
use jiff::Timestamp;

fn at(seconds: i64) -> Timestamp {
    support::at(seconds * 1_000)
}

fn pipeline() -> Pipeline {
    support::pipeline("local")
}

/// A connected dashboard with ten rows in each panel, its first requests still in progress.
fn model() -> (Model, Vec<Effect>) {
    let mut model = Model::new(at(0), pipeline());
    update(&mut model, Msg::Viewports(Viewports { panels: [10; 5], dialog: 10, dialog_len: 30 }));
    let effects = send(&mut model, Update::Connected { pipeline: pipeline(), inbox: true });
    (model, effects)
}

fn send(model: &mut Model, said: Update) -> Vec<Effect> {
    let mut effects = update(model, Msg::Update(said));
    effects.extend(settle(model));
    effects
}

/// Presses keys, written as they are called: `u enter`, `ctrl-c`; anything in quotes is typed letter by letter.
fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for word in keys.split(' ') {
        let typed = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
        let pressed = match typed {
            Some(text) => text.chars().map(Key::char).collect(),
            None => vec![key(word)],
        };
        for key in pressed {
            effects.extend(update(model, Msg::Key(key)));
        }
    }
    effects.extend(settle(model));
    effects
}

fn key(name: &str) -> Key {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        return Key::ctrl(letter.parse().unwrap());
    }
    Key::plain(match name {
        "enter" => Code::Enter,
        "esc" => Code::Esc,
        "tab" => Code::Tab,
        "back-tab" => Code::BackTab,
        "space" => Code::Char(' '),
        "down" => Code::Down,
        "up" => Code::Up,
        "backspace" => Code::Backspace,
        letter => Code::Char(letter.parse().unwrap()),
    })
}

fn is_of(id: &PreviewId, object: &str) -> bool {
    matches!(id, PreviewId::Object { key, .. } if key.raw() == object)
}

fn object(key: &str, size: u64, modified: i64) -> Object {
    support::object(key, size, at(modified))
}

fn problem() -> Problem {
    support::problem("cannot list bucket images", "AccessDenied", "ask")
}

/// Answers the listing that is in progress.
fn list(model: &mut Model, page: Vec<Object>, last: bool) -> Vec<Effect> {
    let Load::Loading(request, _) = model.objects.load else { panic!("{:?}", model.objects.load) };
    send(model, Update::ObjectsListed { request, page: page.into(), last })
}

fn subscription(endpoint: &str, confirmed: bool) -> Subscription {
    support::subscription(Protocol::Email, endpoint, confirmed.then(|| at(0)))
}

fn subscribe_all(model: &mut Model, items: Vec<Subscription>) {
    let Load::Loading(request, _) = model.subscriptions.load else { panic!("{:?}", model.subscriptions.load) };
    send(model, Update::SubscriptionsListed { request, items, status_logging: DeliveryStatusLogging::For(Vec::new()) });
}

fn published(key: &str) -> Fact {
    let write = Write { e_tag: None, ..support::write(key, Some("S3-9")) };
    support::published(support::source(at(1), "L-9"), write, "M-9")
}

#[test]
fn connecting_asks_for_objects_and_subscriptions() {
    let (model, effects) = model();
    assert_eq!(model.connection, Connection::Ready);
    assert!(
        matches!(
            effects[..],
            [Effect::Cloud(CloudEffect::ListObjects { .. }), Effect::Cloud(CloudEffect::ListSubscriptions { .. })]
        ),
        "{effects:?}"
    );
}

#[test]
fn u_and_enter_upload_a_test_image_and_speed_the_watching_up() {
    let (mut model, _) = model();
    let effects = press(&mut model, "u enter");
    let [Effect::Cloud(CloudEffect::Upload { id, ref upload }), Effect::Cloud(CloudEffect::Pace(Pace::InFlight))] =
        effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(upload.source, UploadSource::TestImage);
    assert_eq!(model.uploads.transfers[0].id, id);
    assert_eq!(press(&mut model, "x"), [Effect::Cloud(CloudEffect::CancelUpload(id))]);
    let effects = send(&mut model, Update::Upload(id, UploadNews::Cancelled));
    assert_eq!(effects, [Effect::Cloud(CloudEffect::Pace(Pace::Idle))]);
}

#[test]
fn quitting_asks_only_while_something_is_being_sent() {
    let (mut model, _) = model();
    assert_eq!(press(&mut model, "q"), [Effect::Terminal(TerminalEffect::Quit)]);
    press(&mut model, "u enter");
    assert_eq!(press(&mut model, "q"), []);
    assert!(matches!(&model.dialog, Some(Dialog::Question(question)) if question.action == ConfirmAction::Quit));
    assert_eq!(press(&mut model, "enter"), [], "no is the default");
    assert_eq!(press(&mut model, "q y"), [Effect::Terminal(TerminalEffect::Quit)]);
    assert_eq!(press(&mut model, "ctrl-c"), [Effect::Terminal(TerminalEffect::Quit)], "Ctrl-C does not ask");
}

#[test]
fn letters_typed_into_a_form_are_not_commands() {
    let (mut model, _) = model();
    assert_eq!(press(&mut model, "s 'quiz@example.com'"), []);
    let effects = press(&mut model, "enter");
    let expected =
        Effect::Cloud(CloudEffect::Subscribe { protocol: Protocol::Email, endpoint: "quiz@example.com".to_owned() });
    assert_eq!(effects, [expected]);
    press(&mut model, "s 'nonsense' enter");
    assert!(matches!(model.dialog, Some(Dialog::Subscribe(_))), "a bad address keeps the form open");
}

#[test]
fn unsubscribing_asks_by_name_and_pending_ones_cannot_be() {
    let (mut model, _) = model();
    subscribe_all(&mut model, vec![subscription("a@example.com", true), subscription("b@example.com", false)]);
    press(&mut model, "4 x");
    let Some(Dialog::Question(question)) = &model.dialog else { panic!("a question") };
    assert!(question.text.shown().contains("email a@example.com"));
    let unsubscribe = Effect::Cloud(CloudEffect::Unsubscribe { arn: "arn:a@example.com".into() });
    assert_eq!(press(&mut model, "y"), [unsubscribe]);
    assert_eq!(press(&mut model, "j x"), []);
    assert!(model.dialog.is_none() && model.notice.is_some());
}

#[test]
fn c_confirms_the_message_of_a_pending_subscription() {
    let (mut model, _) = model();
    subscribe_all(&mut model, vec![subscription("b@example.com", false)]);
    let confirmation = Confirmation { topic_arn: "arn:topic".into(), token: "secret".into() };
    let message = InboxMessage {
        number: 1,
        protocol: "email".into(),
        to: "b@example.com".into(),
        subject: None,
        body: Vec::new(),
        at: at(0),
        message_id: None,
        confirmation: Some(confirmation.clone()),
    };
    send(&mut model, Update::InboxMessages(vec![message]));
    assert_eq!(press(&mut model, "c y"), [Effect::Cloud(CloudEffect::Confirm(confirmation.clone()))]);
    assert_eq!(
        press(&mut model, "5 enter c y"),
        [Effect::Cloud(CloudEffect::Confirm(confirmation))],
        "as it is read, too"
    );
    press(&mut model, "esc 4 enter c");
    assert!(matches!(model.dialog, Some(Dialog::Details(_))) && model.notice.is_some(), "{:?}", model.dialog);
}

#[test]
fn c_confirms_the_selected_subscription_of_several_that_wait() {
    let (mut model, _) = model();
    subscribe_all(&mut model, vec![subscription("a@example.com", false), subscription("b@example.com", false)]);
    let message = |number: u64, to: &str| InboxMessage {
        number,
        protocol: "email".into(),
        to: to.into(),
        subject: None,
        body: Vec::new(),
        at: at(0),
        message_id: None,
        confirmation: Some(Confirmation { topic_arn: "arn:topic".into(), token: to.into() }),
    };
    send(&mut model, Update::InboxMessages(vec![message(1, "a@example.com"), message(2, "b@example.com")]));
    press(&mut model, "4");
    for row in ["first", "second"] {
        let selected = model.subscriptions.selected().unwrap().endpoint.clone();
        let effects = press(&mut model, "c y");
        let [Effect::Cloud(CloudEffect::Confirm(confirmation))] = effects.as_slice() else {
            panic!("{row}: {effects:?}")
        };
        assert_eq!(confirmation.token, selected, "{row}");
        press(&mut model, "j");
    }
}

#[test]
fn what_was_read_comes_back_when_what_was_opened_over_it_closes() {
    let (mut model, _) = model();
    list(&mut model, vec![object("a.png", 1, 1)], true);
    let is_details = |model: &Model| matches!(model.dialog, Some(Dialog::Details(_)));
    for keys in ["?", "v", "d", "D", "v ?", "v d", "v D", "? esc v d ? esc esc"] {
        press(&mut model, "2 enter");
        press(&mut model, keys);
        assert!(!is_details(&model), "{keys}");
        // The form of a version that is not known does not open.
        let open = model.below.len();
        for _ in 0..open {
            press(&mut model, "esc");
        }
        assert!(is_details(&model) && model.below.is_empty(), "{keys}: {:?}", model.dialog);
        press(&mut model, "esc");
        assert!(model.dialog.is_none(), "{keys}");
    }
}

#[test]
fn the_key_that_opens_the_help_closes_it() {
    let (mut model, _) = model();
    press(&mut model, "! ?");
    assert!(matches!(model.dialog, Some(Dialog::Help { .. })), "{:?}", model.dialog);
    press(&mut model, "?");
    assert!(model.dialog.is_none(), "{:?}", model.dialog);
}

#[test]
fn without_words_the_palette_has_what_is_near_first() {
    use imgwatch::keymap::Scope;
    let (mut model, _) = model();
    press(&mut model, "3");
    let mut scopes: Vec<bool> = Vec::new();
    for row in palette::found(&model, "") {
        let is_own = row.scope == Scope::In(Panel::Logs);
        assert!(!is_own || scopes.is_empty(), "{row:?} comes late");
        if !is_own {
            scopes.push(matches!(row.scope, Scope::In(_)));
        }
    }
    assert!(scopes.is_sorted() && scopes.contains(&true) && scopes.contains(&false), "{scopes:?}");
}

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:image-uploads";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:imgwatch-probe-1";

#[test]
fn the_messages_of_a_cloud_that_is_gone_go_with_it() {
    let (mut model, _) = model();
    let message = |number| InboxMessage {
        number,
        protocol: "email".into(),
        to: "ada@example.com".into(),
        subject: None,
        body: Vec::new(),
        at: at(0),
        message_id: None,
        confirmation: None,
    };
    send(&mut model, Update::InboxMessages(vec![message(1), message(2)]));
    press(&mut model, "5 j");
    let effects = send(&mut model, Update::InboxReplaced);
    let is_listing = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::ListObjects { .. }));
    assert!(effects.iter().any(is_listing), "the bucket is another one, too: {effects:?}");
    assert!(model.inbox.messages.is_empty() && model.inbox.selected().is_none());
    send(&mut model, Update::InboxMessages(vec![message(1)]));
    assert_eq!(model.inbox.selected().map(|message| message.number), Some(1));
}

#[test]
fn p_asks_before_it_makes_a_probe_and_removes_it_without_asking() {
    let (mut model, _) = model();
    assert_eq!(press(&mut model, "p"), []);
    assert!(model.dialog.is_none(), "without a topic there is nothing to ask about");
    send(&mut model, Update::Topic { arn: TOPIC.into(), endpoint: None });
    assert_eq!(press(&mut model, "p enter"), [], "no is the default");
    assert_eq!(press(&mut model, "p y"), [Effect::Cloud(CloudEffect::BeginProbe)]);
    assert_eq!(press(&mut model, "p"), [], "it is in progress");
    assert!(model.dialog.is_none());
    let effects = send(&mut model, Update::Probe(ProbeNews::Opened { queue: QUEUE.into(), since: at(0) }));
    assert!(
        matches!(effects[..], [Effect::Cloud(CloudEffect::ListSubscriptions { .. })]),
        "the list has changed: {effects:?}"
    );
    assert_eq!(press(&mut model, "p"), [Effect::Cloud(CloudEffect::EndProbe)]);
    assert_eq!(press(&mut model, "p"), [], "once is enough");
    send(&mut model, Update::Probe(ProbeNews::Ended { queue: Some(QUEUE.into()), problem: None, left: None }));
    assert_eq!(model.subscriptions.known.probe, Probe::Off);
}

#[test]
fn without_an_inbox_c_takes_the_link_of_the_mail() {
    let (mut model, _) = model();
    model.inbox.available = false;
    send(&mut model, Update::Topic { arn: TOPIC.into(), endpoint: None });
    let link = |topic: &str| {
        format!(
            "https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={topic}&Token=2336412f37&Endpoint=a@b.c"
        )
    };
    press(&mut model, "c");
    update(
        &mut model,
        Msg::Paste(format!("Visit this:\n{}\nPlease", link("arn:aws:sns:eu-west-1:123456789012:other"))),
    );
    assert_eq!(press(&mut model, "enter"), []);
    assert!(matches!(model.dialog, Some(Dialog::Link(_))), "a link of another topic keeps the form open");
    // Another paste takes the place of the one before.
    update(&mut model, Msg::Paste(link(TOPIC)));
    let confirmation = Confirmation { topic_arn: TOPIC.into(), token: "2336412f37".into() };
    assert_eq!(press(&mut model, "enter"), [Effect::Cloud(CloudEffect::Confirm(confirmation))]);
    assert!(model.dialog.is_none());
    update(&mut model, Msg::Paste(link(TOPIC)));
    assert!(matches!(model.dialog, Some(Dialog::Link(_))), "a pasted link opens the form by itself");
}

#[test]
fn metrics_are_read_once_a_minute_while_an_email_address_is_subscribed() {
    let (mut model, _) = model();
    assert!(settle(&mut model).is_empty(), "there is no subscription yet");
    let Load::Loading(request, _) = model.subscriptions.load else { panic!("loading") };
    let items = vec![subscription("a@example.com", true)];
    let effects = send(
        &mut model,
        Update::SubscriptionsListed { request, items, status_logging: DeliveryStatusLogging::default() },
    );
    let [Effect::Cloud(CloudEffect::ReadMetrics { request })] = effects[..] else { panic!("{effects:?}") };
    assert_eq!(settle(&mut model), [], "it is in progress");
    let minute = Minute { at: at(0), counts: Counts { delivered: 3, ..Counts::default() } };
    send(&mut model, Update::MetricsRead { request, minutes: vec![minute] });
    assert_eq!(model.subscriptions.metrics.last(5).delivered, 3);
    let reads = |model: &mut Model, seconds| {
        update(model, Msg::Tick(at(seconds)));
        settle(model).into_iter().find(|effect| matches!(effect, Effect::Cloud(CloudEffect::ReadMetrics { .. })))
    };
    assert_eq!(reads(&mut model, 59), None);
    let Some(Effect::Cloud(CloudEffect::ReadMetrics { request })) = reads(&mut model, 60) else {
        panic!("a minute has passed")
    };
    send(&mut model, Update::MetricsFailed { request, problem: problem() });
    assert_eq!(reads(&mut model, 300), None, "who may not is not asked again");
    press(&mut model, "r");
    assert!(!model.subscriptions.metrics.is_denied(), "until the user asks");
}

#[test]
fn a_pending_subscription_shows_its_time_only_where_its_beginning_was_seen() {
    let (mut model, _) = model();
    subscribe_all(&mut model, vec![subscription("old@example.com", false)]);
    let item = &model.subscriptions.known.items[0];
    assert_eq!(model.subscriptions.known.expires_in(item, at(0)), None, "it is not known since when");
    update(&mut model, Msg::Tick(at(100)));
    settle(&mut model);
    subscribe_all(&mut model, vec![subscription("old@example.com", false), subscription("new@example.com", false)]);
    let subscriptions = &model.subscriptions;
    let left: Vec<_> =
        subscriptions.known.items.iter().map(|item| subscriptions.known.expires_in(item, at(3_700))).collect();
    assert_eq!(left, [None, Some(47 * 3_600_000)]);
}

#[test]
fn pending_subscriptions_are_looked_at_often_and_flip_by_themselves() {
    let (mut model, _) = model();
    subscribe_all(&mut model, vec![subscription("b@example.com", false)]);
    update(&mut model, Msg::Tick(at(1)));
    assert_eq!(settle(&mut model), []);
    update(&mut model, Msg::Tick(at(3)));
    let effects = settle(&mut model);
    assert!(matches!(effects[..], [Effect::Cloud(CloudEffect::ListSubscriptions { .. })]), "{effects:?}");
    subscribe_all(&mut model, vec![subscription("b@example.com", true)]);
    assert_eq!(model.subscriptions.known.pending(), 0);
    assert_eq!(
        model.subscriptions.known.confirmed_since(&model.subscriptions.known.items[0]),
        Some(at(0)),
        "as its attributes were read"
    );
}

#[test]
fn an_answer_to_an_older_question_changes_nothing() {
    let (mut model, _) = model();
    let Load::Loading(old, _) = model.objects.load else { panic!("loading") };
    press(&mut model, "r");
    send(&mut model, Update::ObjectsListed { request: old, page: vec![object("old.png", 1, 0)].into(), last: true });
    assert_eq!(model.objects.total(), 0);
    assert!(model.objects.load.is_loading());
}

#[test]
fn a_refresh_keeps_what_is_shown_until_it_is_complete_and_also_when_it_fails() {
    let (mut model, _) = model();
    list(&mut model, vec![object("a.png", 1, 0), object("b.png", 1, 1)], true);
    press(&mut model, "r");
    list(&mut model, vec![object("c.png", 1, 2)], false);
    assert_eq!(model.objects.total(), 2, "the first page of a refresh hides nothing");
    let Load::Loading(request, _) = model.objects.load else { panic!("loading") };
    send(&mut model, Update::ObjectsFailed { request, problem: problem() });
    assert_eq!((model.objects.total(), model.objects.load.problem()), (2, Some(&problem())));
}

#[test]
fn the_selection_stays_on_its_object_when_others_arrive() {
    let (mut model, _) = model();
    list(
        &mut model,
        (0..30).map(|n| object(&format!("{n:02}.png"), n, 30 - i64::try_from(n).unwrap())).collect(),
        true,
    );
    press(&mut model, "2 j j j");
    assert_eq!(model.objects.selected_object().unwrap().key.raw(), "03.png");
    send(&mut model, Update::ObjectFound(object("new.png", 1, 100)));
    assert_eq!(model.objects.row(0).unwrap().key.raw(), "new.png");
    assert_eq!(model.objects.selected_object().unwrap().key.raw(), "03.png");
    press(&mut model, "o o");
    assert_eq!(model.objects.sort(), Sort::Largest);
    assert_eq!(model.objects.selected_object().unwrap().key.raw(), "03.png");
    press(&mut model, "/ '03' enter");
    assert_eq!((model.objects.len(), model.objects.selected_object().unwrap().key.raw()), (1, "03.png"));
    press(&mut model, "esc");
    assert_eq!(model.objects.len(), 31);
}

#[test]
fn an_upload_from_elsewhere_shows_and_its_object_is_looked_up() {
    let (mut model, _) = model();
    list(&mut model, Vec::new(), true);
    let effects = send(&mut model, Update::Facts(vec![published("theirs.png")]));
    assert!(effects.contains(&Effect::Cloud(CloudEffect::FindObject { key: "theirs.png".into() })), "{effects:?}");
    assert_eq!(model.uploads.timelines.all().len(), 1);
}

#[test]
fn an_object_that_was_overwritten_elsewhere_is_looked_up_once() {
    let (mut model, _) = model();
    let known = Object { e_tag: Some("before".into()), ..object("theirs.png", 1, 0) };
    list(&mut model, vec![known], true);
    let Fact::Published { source, write, message_id } = published("theirs.png") else { panic!("published") };
    let fact = Fact::Published { source, write: Write { e_tag: Some("after".into()), ..write }, message_id };
    let find = Effect::Cloud(CloudEffect::FindObject { key: "theirs.png".into() });
    assert!(send(&mut model, Update::Facts(vec![fact.clone()])).contains(&find));
    assert!(!send(&mut model, Update::Facts(vec![fact])).contains(&find));
}

#[test]
fn what_was_looked_up_is_remembered_only_while_it_is_missing() {
    let (mut model, _) = model();
    list(&mut model, Vec::new(), true);
    for name in ["a.png", "b.png"] {
        let Fact::Published { source, write, .. } = published(name) else { panic!("published") };
        let write = Write { s3_request_id: Some(name.into()), ..write };
        send(&mut model, Update::Facts(vec![Fact::Published { source, write, message_id: name.into() }]));
    }
    assert_eq!(model.objects.looked_up.len(), 2);
    press(&mut model, "r");
    let effects = list(&mut model, vec![object("a.png", 1, 0)], true);
    assert_eq!(model.objects.looked_up.len(), 1, "one is there");
    assert_eq!(effects, [], "and the other is not asked for again");
}

#[test]
fn details_open_on_what_is_selected_and_scroll_to_their_end() {
    let (mut model, _) = model();
    list(&mut model, vec![object("a.png", 1, 0)], true);
    press(&mut model, "2 enter G");
    let Some(Dialog::Details(details)) = &model.dialog else { panic!("details") };
    assert_eq!((&details.subject, details.offset), (&Subject::Object("a.png".into()), 20));
    press(&mut model, "esc");
    assert!(model.dialog.is_none());
}

#[test]
fn focus_goes_round_and_leaves_out_an_inbox_that_is_not_there() {
    let (mut model, _) = model();
    press(&mut model, "back-tab");
    assert_eq!(model.focus, Panel::Inbox);
    press(&mut model, "tab");
    assert_eq!(model.focus, Panel::Uploads);
    model.inbox.available = false;
    press(&mut model, "back-tab");
    assert_eq!(model.focus, Panel::Subscriptions);
    press(&mut model, "5");
    assert_eq!(model.focus, Panel::Subscriptions);
}

#[test]
fn a_failed_upload_stays_on_the_screen_until_it_is_taken_off() {
    let (mut model, _) = model();
    press(&mut model, "u enter");
    let id = model.uploads.transfers[0].id;
    send(&mut model, Update::Upload(id, UploadNews::Began { key: "test.png".into(), size: 10 }));
    send(&mut model, Update::Upload(id, UploadNews::Failed(problem())));
    assert_eq!(model.uploads.len(), 1);
    assert_eq!(model.notice.as_ref().unwrap().level, NoticeLevel::Error);
    assert_eq!(press(&mut model, "x"), []);
    assert!(model.uploads.is_empty());
}

#[test]
fn a_listing_that_failed_for_a_passing_reason_is_tried_again() {
    let (mut model, _) = model();
    let Load::Loading(request, _) = model.objects.load else { panic!("loading") };
    send(
        &mut model,
        Update::ObjectsFailed { request, problem: Problem { kind: ProblemKind::Interrupted, ..problem() } },
    );
    assert!(model.objects.load.problem().is_some());
    update(&mut model, Msg::Tick(at(6)));
    let effects = settle(&mut model);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Cloud(CloudEffect::ListObjects { .. }))),
        "{effects:?}"
    );
    assert!(model.objects.load.problem().is_some(), "the error stays on the screen until there is an answer");
}

#[test]
fn the_palette_finds_every_action_of_the_panels_by_its_words_and_does_it() {
    use imgwatch::keymap::{KEYMAP, Scope};
    let (model, _) = model();
    for row in KEYMAP.iter().filter(|row| matches!(row.scope, Scope::In(_) | Scope::Panels | Scope::Always)) {
        let found = palette::found(&model, row.help);
        assert!(found.first().is_some_and(|first| first.help == row.help), "{:?} is not found first", row.help);
    }
}

#[test]
fn the_palette_does_what_is_chosen_where_it_belongs() {
    let (mut model, _) = model();
    press(&mut model, ": 'unsubscribe' down");
    assert!(matches!(&model.dialog, Some(Dialog::Palette(form)) if form.cursor <= 1));
    press(&mut model, "esc");
    assert!(model.dialog.is_none());
    press(&mut model, "ctrl-p 'sortby' enter");
    assert_eq!((model.focus, model.objects.sort()), (Panel::Objects, Sort::Key));
    assert_eq!(press(&mut model, ": 'atonce' enter"), vec![Effect::Terminal(TerminalEffect::Quit)]);
}

#[test]
fn times_and_colours_change_by_a_key() {
    let (mut model, _) = model();
    press(&mut model, "T ctrl-t");
    assert_eq!((model.display.clock, model.display.theme), (Clock::Local, Theme::Dark));
}

#[test]
fn the_log_shows_only_what_is_severe_enough() {
    let (mut model, _) = model();
    press(&mut model, "3 l l l");
    assert_eq!(model.logs.least(), Some(Level::Error));
    press(&mut model, "l");
    assert_eq!(model.logs.least(), None);
    press(&mut model, "n");
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.raw().contains("no search yet")));
}

#[test]
fn what_is_selected_is_copied_as_it_is_or_by_the_name_that_aws_knows() {
    let (mut model, _) = model();
    model.objects.put(object("a b.png", 1, 1));
    assert_eq!(press(&mut model, "2 y"), vec![Effect::Terminal(TerminalEffect::Copy("a b.png".to_owned()))]);
    assert_eq!(press(&mut model, "Y"), vec![Effect::Terminal(TerminalEffect::Copy("s3://images/a b.png".to_owned()))]);
    assert_eq!(press(&mut model, "3 y"), vec![], "an empty panel has nothing to copy");
    assert!(model.notice.as_ref().is_some_and(|notice| notice.level == NoticeLevel::Hint));
}

#[test]
fn what_a_dialog_shows_is_copied_whatever_is_selected_below_it() {
    let (mut model, _) = model();
    let copied = |text: &str| vec![Effect::Terminal(TerminalEffect::Copy(text.to_owned()))];
    model.objects.put(object("a.png", 1, 1));
    press(&mut model, "2 enter");
    model.objects.put(object("b.png", 1, 2));
    assert_eq!(press(&mut model, "y"), copied("a.png"), "a newer one has come first since");
    assert_eq!(press(&mut model, "Y"), copied("s3://images/a.png"));
    subscribe_all(&mut model, vec![subscription("ada@example.com", false)]);
    press(&mut model, "esc 4 enter");
    assert_eq!(press(&mut model, "y"), copied("ada@example.com"));
    assert_eq!(press(&mut model, "Y"), vec![], "one that is pending has no ARN");
    press(&mut model, "esc !");
    let effects = press(&mut model, "y");
    let [Effect::Terminal(TerminalEffect::Copy(said))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(said.lines().next(), Some("nothing to copy here"));
    assert_eq!(said.lines().last(), Some("copied the key: a.png"));
    press(&mut model, "esc ?");
    assert_eq!(press(&mut model, "y"), vec![], "keys are no text to paste");
}

#[test]
fn the_mouse_selects_rows_and_scrolls_what_is_under_it() {
    let (mut model, _) = model();
    for name in ["a", "b", "c", "d", "e", "f"] {
        model.objects.put(object(name, 1, 1));
    }
    press(&mut model, "o");
    update(&mut model, Msg::Click(Hit { panel: Panel::Objects, row: Some(2), column: None }));
    assert_eq!(
        (model.focus, model.objects.selected_object().map(|object| object.key)),
        (Panel::Objects, Some("c".into()))
    );
    model.focus = Panel::Logs;
    update(&mut model, Msg::Wheel(Some(Panel::Objects), 3));
    assert_eq!(
        (model.focus, model.objects.selection.cursor),
        (Panel::Logs, 5),
        "the wheel leaves the keys where they are"
    );
    press(&mut model, "?");
    update(&mut model, Msg::Click(Hit { panel: Panel::Uploads, row: None, column: None }));
    assert_eq!(model.focus, Panel::Logs, "a dialog covers the panels");
    update(&mut model, Msg::Wheel(None, 3));
    assert!(matches!(model.dialog, Some(Dialog::Help { offset: 3 })));
    assert_eq!(press(&mut model, "esc M"), vec![Effect::Terminal(TerminalEffect::Mouse(false))]);
}

#[test]
fn a_click_on_the_name_of_a_column_orders_by_it() {
    let (mut model, _) = model();
    model.objects.put(object("a", 2, 1));
    model.objects.put(object("b", 1, 2));
    model.objects.put(object("c", 3, 3));
    press(&mut model, "2 j");
    assert_eq!(model.objects.selected_object().map(|object| object.key), Some("b".into()));
    for (column, sort, first) in [
        (Column::Written, Sort::Oldest, "a"),
        (Column::Written, Sort::Newest, "c"),
        (Column::Age, Sort::Oldest, "a"),
        (Column::Key, Sort::Key, "a"),
        (Column::Size, Sort::Largest, "c"),
        (Column::Age, Sort::Newest, "c"),
    ] {
        model.focus = Panel::Logs;
        update(&mut model, Msg::Click(Hit { panel: Panel::Objects, row: None, column: Some(column) }));
        let shown = model.objects.row(0).map(|object| object.key);
        assert_eq!(
            (model.focus, model.objects.sort(), shown),
            (Panel::Objects, sort, Some(first.into())),
            "{column:?}"
        );
        let selected = model.objects.selected_object().map(|object| object.key);
        assert_eq!(selected, Some("b".into()), "the cursor stays on its object");
    }
}

#[test]
fn the_object_that_is_shown_is_fetched_once() {
    let (mut model, _) = model();
    model.objects.put(object("a.png", 7, 1));
    model.objects.put(object("b.png", 8, 2));
    let asked = press(&mut model, "2 z");
    let [Effect::Cloud(CloudEffect::Preview { request, id, size: 8 })] = &asked[..] else { panic!("{asked:?}") };
    assert!(is_of(id, "b.png"));
    assert_eq!(press(&mut model, "enter"), vec![], "it is in progress");
    send(&mut model, Update::Previewed { request: *request, preview: Ok(Preview::Nothing("no".into())) });
    assert_eq!(press(&mut model, "esc"), vec![], "it is known");
    assert!(
        matches!(&press(&mut model, "j")[..], [Effect::Cloud(CloudEffect::Preview { id, .. })] if is_of(id, "a.png"))
    );
    assert_eq!(press(&mut model, "z"), vec![], "without a place for it none is fetched");
}

#[test]
fn t_in_the_log_asks_for_live_tail_and_says_what_it_costs() {
    let (mut model, _) = model();
    assert_eq!(press(&mut model, "t"), [], "only in the Logs panel");
    assert_eq!(press(&mut model, "3 t"), [Effect::Cloud(CloudEffect::LiveTail(LiveTailMode::InFlight))]);
    let notice = model.notice.clone().unwrap().text;
    assert!(notice.shown().contains("about $0.01 a minute") && notice.shown().contains("pricing"), "{notice}");
    let again = send(&mut model, Update::Connected { pipeline: pipeline(), inbox: true });
    assert!(again.contains(&Effect::Cloud(CloudEffect::LiveTail(LiveTailMode::InFlight))), "a new connection gets it");
    assert_eq!(press(&mut model, "t"), [Effect::Cloud(CloudEffect::LiveTail(LiveTailMode::Off))]);
}

#[test]
fn a_live_tail_that_leaves_lines_out_or_fails_is_reported_once() {
    let (mut model, _) = model();
    send(&mut model, Update::LiveTail(LiveTail::Open { sampled: false }));
    assert_eq!(model.notice, None);
    send(&mut model, Update::LiveTail(LiveTail::Open { sampled: true }));
    assert!(model.notice.take().unwrap().text.shown().contains("samples lines"));
    send(&mut model, Update::LiveTail(LiveTail::Open { sampled: true }));
    assert_eq!(model.notice, None);
    send(&mut model, Update::LiveTail(LiveTail::Failed(problem())));
    assert_eq!(model.notice.unwrap().level, NoticeLevel::Error);
}

/// A key of doctor's effect.
fn examined(effects: &[Effect]) -> Vec<Option<&str>> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Cloud(CloudEffect::Examine { key, .. }) => Some(key.as_ref().map(Clean::raw)),
            _ => None,
        })
        .collect()
}

#[test]
fn doctor_looks_again_and_closes() {
    let (mut model, _) = model();
    assert_eq!(examined(&press(&mut model, "d")), [None]);
    assert!(matches!(model.dialog, Some(Dialog::Doctor(_))));
    assert_eq!(examined(&press(&mut model, "r")), [None], "r looks again");
    let Load::Loading(request, _) = model.doctor.load else { panic!("{:?}", model.doctor.load) };
    send(&mut model, Update::ExamineFailed { request: imgwatch::domain::ids::RequestId(0), problem: problem() });
    assert!(model.doctor.load.is_loading(), "an answer to another question changes nothing");
    send(&mut model, Update::ExamineFailed { request, problem: problem() });
    assert_eq!(model.doctor.load, Load::Failed(problem()));
    press(&mut model, "esc");
    assert!(model.dialog.is_none());
}

#[test]
fn doctor_is_asked_for_the_key_of_an_upload_with_a_problem() {
    let (mut model, _) = model();
    send(&mut model, Update::Facts(vec![published("fine.png")]));
    assert_eq!(examined(&press(&mut model, "1 d")), [None], "nothing is wrong with it");
    assert_eq!(examined(&press(&mut model, "esc enter d")), [Some("fine.png")], "in its details, it is what is meant");
}

#[test]
fn what_went_wrong_is_kept_and_repetitions_are_one_entry() {
    let (mut model, _) = model();
    for _ in 0..3 {
        send(&mut model, Update::ActionFailed(problem()));
    }
    assert_eq!(model.history.len(), 1);
    send(&mut model, Update::Done("subscribed".into()));
    press(&mut model, "!");
    assert!(matches!(model.dialog, Some(Dialog::History { offset: 0 })));
    assert_eq!(
        model.history.iter().map(|notice| notice.level).collect::<Vec<_>>(),
        [NoticeLevel::Error, NoticeLevel::Done]
    );
}

#[test]
fn esc_takes_back_the_filter_then_the_marks_then_the_zoom() {
    let (mut model, _) = model();
    press(&mut model, "3 z / 'cat' enter esc");
    assert!(model.filter(Panel::Logs).is_empty() && !model.marked(Panel::Logs).is_empty() && model.zoom);
    press(&mut model, "esc");
    assert!(model.marked(Panel::Logs).is_empty() && model.zoom);
    press(&mut model, "esc");
    assert!(!model.zoom);
}

#[test]
fn names_that_become_known_later_are_shown() {
    let (mut model, _) = model();
    let node = |kind, name| Node::new(kind, name).followed();
    let nodes = [node(NodeKind::Bucket, "photos"), node(NodeKind::Function, "resize"), node(NodeKind::Topic, "done")];
    send(&mut model, Update::Wiring(Arc::new(Wiring::new(nodes, []))));
    let Pipeline { bucket, function, topic, target } = &model.pipeline;
    assert_eq!([bucket, function, topic, target].map(Clean::raw), ["photos", "resize", "done", "local"]);
}

#[test]
fn what_was_read_of_one_log_says_nothing_of_the_next() {
    let (mut model, _) = model();
    send(&mut model, Update::LogRead(at(1)));
    let settings = support::json_logs("INFO", "INFO");
    send(&mut model, Update::LogSettings(settings.clone()));
    send(&mut model, Update::Tail(Tail::Live));
    assert_eq!((model.logs.read_at, &model.logs.settings), (Some(at(1)), &Some(settings)));
    send(&mut model, Update::Tail(Tail::Connecting));
    assert_eq!((model.logs.read_at, &model.logs.settings), (None, &None));
}

#[test]
fn doctor_examines_the_key_of_an_object() {
    let (mut model, _) = model();
    list(&mut model, vec![object("b.png", 1, 2), object("a.png", 1, 1)], true);
    let key = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Cloud(CloudEffect::Examine { key, .. }) => Some(key.as_ref().map(|key| key.raw().to_owned())),
            _ => None,
        })
    };
    assert_eq!(key(&press(&mut model, "2 j d")), Some(Some("a.png".to_owned())));
    press(&mut model, "esc");
    assert_eq!(key(&press(&mut model, "enter d")), Some(Some("a.png".to_owned())), "from its details as well");
    press(&mut model, "esc esc");
    assert_eq!(key(&press(&mut model, "4 d")), Some(None), "elsewhere the whole pipeline is examined");
}

#[test]
fn a_queue_that_refuses_the_topic_is_shown_with_the_fix_at_once() {
    let check = |status| Check {
        id: "queue-policies",
        title: "SQS queue policies",
        status,
        found: "the policy does not allow the topic to send: arn:q".into(),
        why: "",
        fix: vec!["aws sqs set-queue-attributes".into()],
        permission: None,
    };
    let (mut model, _) = model();
    send(&mut model, Update::Done("arn:q is subscribed".into()));
    send(&mut model, Update::QueueChecked(Box::new(check(CheckStatus::Ok))));
    assert!(model.dialog.is_none() && model.notice.as_ref().unwrap().level == NoticeLevel::Done);
    send(&mut model, Update::QueueChecked(Box::new(check(CheckStatus::Failure))));
    let Some(Dialog::Doctor(view)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(view.open, Some(("queue-policies", 0)));
    let copied = press(&mut model, "y");
    assert!(copied.contains(&Effect::Terminal(TerminalEffect::Copy("aws sqs set-queue-attributes".to_owned()))));
    press(&mut model, "esc esc");
    // What the user does by now is not covered.
    press(&mut model, "u");
    send(&mut model, Update::QueueChecked(Box::new(check(CheckStatus::Failure))));
    assert!(matches!(model.dialog, Some(Dialog::Choose(_))));
    assert!(model.notice.as_ref().unwrap().text.shown().contains("press d for the fix"));
}
