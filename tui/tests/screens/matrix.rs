//! The matrix: every panel, every dialog and every state, at the sizes that people have, in each look.
//!
//! `INSTA_UPDATE=always cargo test -p imgwatch --test screens matrix` takes them as they are now.

use std::collections::BTreeSet;

use imgwatch::domain::ids::DownloadId;
use imgwatch::domain::preview::About;
use imgwatch::domain::probe::Probe;
use imgwatch::domain::subscriptions::Protocol;
use imgwatch::domain::transfer::{Destination, Download, file_name};
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{
    ConfirmAction, Details, Dialog, DownloadForm, LinkForm, PaletteForm, Question, Subject, SubscribeForm,
};
use imgwatch::model::downloads::Running;
use imgwatch::model::filter::Filter;
use imgwatch::model::load::Load;
use imgwatch::model::objects::Sort;
use imgwatch::model::{Model, Tone};
use imgwatch::text::clean::Clean;
use insta::assert_snapshot;
use tui_input::Input;

use crate::models::{self, QUEUE, busy};
use crate::picture::picture;
use crate::{choosing, doctor, finding, versions};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

type State = (String, Model);

/// Takes the pictures, in a folder of their own.
fn take(states: Vec<State>) {
    let mut names = BTreeSet::new();
    for (name, mut model) in states {
        assert!(names.insert(name.clone()), "two states are called {name}");
        for (width, height) in SIZES {
            let picture = picture(&mut model, width, height);
            insta::with_settings!({ snapshot_path => "snapshots/matrix", prepend_module_to_snapshot => false, omit_expression => true }, {
                assert_snapshot!(format!("{name}-{width}x{height}"), picture);
            });
        }
    }
}

fn focused(panel: Panel) -> Model {
    let mut model = busy();
    model.focus = panel;
    model
}

fn zoomed(panel: Panel) -> Model {
    let mut model = focused(panel);
    model.zoom = true;
    model
}

fn filtered(panel: Panel, text: &str, is_typed: bool) -> Model {
    let mut model = focused(panel);
    let filter = Filter::new(text);
    match panel {
        Panel::Uploads => model.uploads.filter = filter,
        Panel::Objects => model.objects.set_filter(filter),
        Panel::Logs => model.logs.set_filter(filter),
        Panel::Subscriptions => model.subscriptions.filter = filter,
        Panel::Inbox => model.inbox.filter = filter,
    }
    model.dialog = is_typed.then(|| Dialog::Filter(Input::new(text.to_owned())));
    model
}

/// What is special about one panel; each has an arm.
fn special(panel: Panel) -> Vec<State> {
    match panel {
        Panel::Uploads => {
            let mut states = choosing::queues();
            states.push(("uploads-probed".into(), models::probing()));
            states.push(("uploads-newer".into(), models::newer(20_000)));
            states.push(("uploads-unknown".into(), models::unknown()));
            states
        }
        Panel::Objects => {
            let mut loading = models::loading();
            loading.focus = Panel::Objects;
            let sorted = |sort| {
                let mut model = zoomed(Panel::Objects);
                model.objects.set_sort(sort);
                model
            };
            vec![
                ("objects-loading".into(), loading),
                ("objects-downloading".into(), downloading(None)),
                ("objects-by-size".into(), sorted(Sort::Largest)),
                ("objects-oldest".into(), sorted(Sort::Oldest)),
            ]
        }
        Panel::Logs => {
            let mut paused = zoomed(Panel::Logs);
            paused.logs.follow = false;
            (paused.logs.unseen, paused.logs.cursor) = (2, 4);
            let mut wrapped = zoomed(Panel::Logs);
            wrapped.logs.wrap = true;
            let concurrent = |text: &str, wrap| {
                let mut model = models::concurrent();
                (model.focus, model.zoom, model.logs.wrap) = (Panel::Logs, !text.is_empty(), wrap);
                model.logs.set_filter(Filter::new(text));
                model
            };
            vec![
                ("logs-paused".into(), paused),
                ("logs-wrapped".into(), wrapped),
                ("logs-concurrent".into(), concurrent("", false)),
                ("logs-found".into(), concurrent("404", false)),
                ("logs-found-wrapped".into(), concurrent("404", true)),
            ]
        }
        Panel::Subscriptions => {
            let mut counted = models::counted();
            counted.focus = Panel::Subscriptions;
            let mut denied = models::counted();
            denied.focus = Panel::Subscriptions;
            denied.subscriptions.metrics.load =
                Load::Failed(models::problem("cannot read the metrics", "not allowed", ""));
            let mut unread = models::unknown();
            unread.focus = Panel::Subscriptions;
            let subject = Subject::Subscription(Protocol::Email, "ada@example.com".into());
            unread.dialog = Some(Dialog::Details(Details { subject, offset: 0 }));
            vec![
                ("subscriptions-metrics".into(), counted),
                ("subscriptions-metrics-denied".into(), denied),
                ("subscriptions-unread".into(), unread),
            ]
        }
        Panel::Inbox => {
            let mut aws = busy();
            aws.inbox.available = false;
            vec![("without-inbox".into(), aws)]
        }
    }
}

#[test]
fn panels() {
    let mut states = Vec::new();
    for panel in Panel::ALL {
        let name = panel.title().to_lowercase();
        states.push((format!("{name}-focused"), focused(panel)));
        states.push((format!("{name}-zoomed"), zoomed(panel)));
        states.push((format!("{name}-filtered"), filtered(panel, "cat", false)));
        states.push((format!("{name}-without-match"), filtered(panel, "nothing like it", false)));
        states.extend(special(panel));
    }
    take(states);
}

#[test]
fn states() {
    let said = |tone, text: &str| {
        let mut model = busy();
        model.say(tone, text);
        model
    };
    let states = vec![
        ("first-frame", models::first()),
        ("nothing-yet", models::quiet()),
        ("trouble", models::broken()),
        ("trouble-and-empty", models::broken_and_empty()),
        ("not-connected", models::unconnected()),
        ("said-done", said(Tone::Done, "unsubscribed ada@example.com")),
        ("said-hint", said(Tone::Hint, "there is nothing to copy here")),
        ("said-trouble", said(Tone::Trouble, "cannot unsubscribe: AuthorizationError; allow sns:Unsubscribe")),
    ];
    let states = states.into_iter().chain(finding::first_runs());
    take(states.map(|(name, model)| (name.to_owned(), model)).collect());
}

/// Where a kind of dialog has its pictures. A new kind has to be given an arm, and [`every_dialog_has_a_picture`] asks
/// for a picture of it.
fn name(dialog: &Dialog) -> &'static str {
    match dialog {
        Dialog::Choose(_) => "choose",
        Dialog::Plan(_) => "plan",
        Dialog::Download(_) => "download",
        Dialog::Subscribe(_) => "subscribe",
        Dialog::Link(_) => "link",
        Dialog::Switch(_) => "switch",
        Dialog::Question(_) => "question",
        Dialog::Details(_) => "details",
        Dialog::Versions(_) => "versions",
        Dialog::Doctor(_) => "doctor",
        Dialog::Help { .. } => "help",
        Dialog::History { .. } => "history",
        Dialog::Filter(_) => "filter",
        Dialog::Palette(_) => "palette",
    }
}

fn over(dialog: Dialog) -> Model {
    let mut model = models::counted();
    model.subscriptions.known.topic_arn = Some(models::TOPIC.into());
    model.dialog = Some(dialog);
    model
}

/// Every dialog, and what is special about it.
fn dialogs() -> Vec<(&'static str, Model)> {
    let mut states = vec![
        ("typed", filtered(Panel::Objects, "PNG", true)),
        ("keys", over(Dialog::Help { offset: 0 })),
        ("scrolled", over(Dialog::Help { offset: 30 })),
        ("all", over(Dialog::Palette(PaletteForm { text: Input::default(), cursor: 1 }))),
        ("narrowed", over(Dialog::Palette(PaletteForm { text: Input::new("subs".into()), cursor: 0 }))),
        ("none", over(Dialog::Palette(PaletteForm { text: Input::new("qqq".into()), cursor: 0 }))),
        ("empty", over(Dialog::History { offset: 0 })),
    ];
    let mut said = over(Dialog::History { offset: 0 });
    said.say(Tone::Done, "subscribed ada@example.com");
    said.say(Tone::Trouble, "cannot list bucket images: AccessDenied; allow s3:ListBucket on the bucket");
    said.say(Tone::Hint, "there is nothing to copy here");
    said.notice = None;
    states.push(("said", said));
    let form = |protocol, text: &str| Dialog::Subscribe(SubscribeForm { protocol, endpoint: Input::new(text.into()) });
    states.push(("empty", over(form(Protocol::Email, ""))));
    states.push(("wrong", over(form(Protocol::Email, "ada@example"))));
    states.push(("right", over(form(Protocol::Email, "ada@example.com"))));
    states.push(("arn", over(form(Protocol::Sqs, &QUEUE.repeat(3)))));
    let good = "https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:us-east-1:000000000000:image-uploads&Token=2336412f37fb687f5d51e6e241d44a2cb136f8ab";
    for (name, text) in [("empty", ""), ("good", good), ("wrong", "https://example.com/confirm?Token=1")] {
        states.push((name, over(Dialog::Link(LinkForm { link: Input::new(text.to_owned()) }))));
    }
    states.extend(downloads());
    let ask = |text: &str, action| Dialog::Question(Question { text: text.into(), action });
    states.push((
        "unsubscribe",
        over(ask("Unsubscribe email ada@example.com? It gets no more notifications.", ConfirmAction::Quit)),
    ));
    let mut probe = over(ask("Prove the fan-out with a probe queue?", ConfirmAction::Probe));
    probe.subscriptions.known.probe = Probe::Off;
    states.push(("probe", probe));
    states.extend(choosing::dialogs());
    states.extend(finding::switches());
    states.extend(doctor::states());
    states.extend(details());
    states.extend(versions::states());
    states
}

/// Three downloads: one that comes, one that waits, and one of a row that is not in view. The dialog is over them.
fn downloading(dialog: Option<Dialog>) -> Model {
    let mut model = focused(Panel::Objects);
    let keys =
        [("photos/2026/03/dog.png", Some(540_000)), ("写真/東京タワー.png", None), ("archive/01000.jpg", Some(50_000))];
    for (number, (key, got)) in (1..).zip(keys) {
        let to = Clean::new(&format!("/home/ada/{}", file_name(key)));
        let running = Running {
            download: Download {
                key: key.into(),
                version_id: None,
                e_tag: None,
                to: Destination::Typed(to.raw().to_owned()),
                replace: false,
            },
            size: model.objects.object(&key.into()).unwrap().size,
            to: Some(to),
            got,
            began: models::ago(1_500),
        };
        model.downloads.running.insert(DownloadId(number), running);
    }
    model.dialog = dialog;
    model
}

/// The form in each of its states, and details of what is on its way.
fn downloads() -> Vec<(&'static str, Model)> {
    let form = |path: &str, asked, fault| {
        over(Dialog::Download(Box::new(DownloadForm {
            key: "photos/2026/03/cat.png".into(),
            version_id: None,
            e_tag: None,
            size: 48_213,
            path: Input::new(path.into()),
            asked,
            fault,
        })))
    };
    let fault =
        models::problem("cannot write /home/ada/pics/cat.png", "there is no such directory", "choose another path");
    let dog = Details { subject: Subject::Object("photos/2026/03/dog.png".into()), offset: 0 };
    let replace = Download {
        key: "photos/2026/03/cat.png".into(),
        version_id: None,
        e_tag: None,
        to: Destination::Typed("/home/ada/cat.png".into()),
        replace: true,
    };
    let question = Question {
        text: "Overwrite the file /home/ada/cat.png?".into(),
        action: ConfirmAction::Replace { download: replace, size: 48_200 },
    };
    vec![
        ("offered", form("/home/ada/cat.png", None, None)),
        ("version", over_version(form("/home/ada/cat.png", None, None))),
        ("empty", form("", None, None)),
        ("looked-at", form("/mnt/far/cat.png", Some(DownloadId(1)), None)),
        ("refused", form("/home/ada/pics/cat.png", None, Some(fault))),
        ("replace", over(Dialog::Question(question))),
        ("object-downloading", downloading(Some(Dialog::Details(dog)))),
    ]
}

/// The form for a version that is not current.
fn over_version(mut model: Model) -> Model {
    if let Some(Dialog::Download(form)) = &mut model.dialog {
        form.version_id = Some("3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH".into());
    }
    model
}

fn details() -> Vec<(&'static str, Model)> {
    let uploads: Vec<String> = busy().uploads.rows().map(|row| row.id()).collect();
    let subscription = |protocol, endpoint: &str| Subject::Subscription(protocol, endpoint.into());
    let of = |name, subject, offset| (name, over(Dialog::Details(Details { subject, offset })));
    vec![
        of("upload-failed", Subject::Upload(uploads[2].clone()), 0),
        of("upload-published", Subject::Upload(uploads[3].clone()), 0),
        of("upload-scrolled", Subject::Upload(uploads[3].clone()), 6),
        ("object", described()),
        of("log-line", Subject::LogLine("record".into()), 0),
        of("subscription-filtered", subscription(Protocol::Https, "https://hooks.example.com/images"), 0),
        of("subscription-email", subscription(Protocol::Email, "ada@example.com"), 0),
        of("subscription-pending", subscription(Protocol::Email, "grace.hopper@navy.example.org"), 0),
        of("letter", Subject::Letter(1), 0),
        of("gone", Subject::Letter(99), 0),
    ]
}

/// An object with what S3 says of it.
fn described() -> Model {
    let mut model =
        over(Dialog::Details(Details { subject: Subject::Object("photos/2026/03/dog.png".into()), offset: 0 }));
    let about = About { content_type: Some("image/png".into()), version_id: Some("3sL4kqtJlcpXroDTDmJ".into()) };
    let (id, _) = model.previewed().unwrap();
    model.previews.describe(id, about);
    model
}

#[test]
fn every_dialog() {
    let states = dialogs().into_iter().map(|(state, model)| {
        let dialog = model.dialog.as_ref().unwrap();
        (format!("dialog-{}-{state}", name(dialog)), model)
    });
    take(states.collect());
}

#[test]
fn every_dialog_has_a_picture() {
    let source = include_str!("../../src/model/dialog.rs");
    let (_, rest) = source.split_once("pub enum Dialog {").unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    // Variants stand four columns in, their fields deeper, and comments begin with a slash.
    let variants: BTreeSet<String> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect();
    let shown: BTreeSet<String> = dialogs()
        .iter()
        .map(|(_, model)| format!("{:?}", model.dialog.as_ref().unwrap()))
        .map(|text| text.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect();
    assert!(variants.len() > 5, "the source is read: {variants:?}");
    assert_eq!(shown, variants);
}
