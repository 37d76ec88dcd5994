//! Every dialog by itself with its keys, in every state.

use std::collections::BTreeSet;

use imgwatch::domain::ids::DownloadId;
use imgwatch::domain::preview::About;
use imgwatch::domain::probe::Probe;
use imgwatch::domain::subscriptions::{Protocol, Subscriptions};
use imgwatch::domain::transfer::{Destination, Download, file_name};
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{
    ConfirmAction, Details, Dialog, DownloadForm, LinkForm, PaletteForm, Question, Subject, SubscribeForm,
};
use imgwatch::model::downloads::Running;
use imgwatch::model::{Model, NoticeLevel};
use imgwatch::text::clean::Clean;
use tui_input::Input;

use crate::models::{self, QUEUE, busy};
use crate::panels::focused;
use crate::shot::{Shot, Size, take};
use crate::{choosing, doctor, finding, versions, wired};

/// The room of a dialog on the usual screen.
const USUAL: Size = (80, 22);
/// And on the least and on a large one: a dialog of each kind is wrapped and laid out for these as well.
const EVERY_WIDTH: &[Size] = &[USUAL, (30, 11), (160, 58)];

/// What the snapshots of a kind of dialog are called. A new kind has to be given an arm.
pub(crate) fn name(dialog: &Dialog) -> &'static str {
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
        Dialog::Pipeline(_) => "pipeline",
        Dialog::Help { .. } => "help",
        Dialog::History { .. } => "history",
        Dialog::Filter(_) => "filter",
        Dialog::Palette(_) => "palette",
    }
}

pub(crate) fn over(dialog: Dialog) -> Model {
    let mut model = models::counted();
    model.subscriptions.known.topic_arn = Some(models::TOPIC.into());
    model.dialog = Some(dialog);
    model
}

/// Every dialog, and what is special about it.
pub(crate) fn dialogs() -> Vec<(&'static str, Model)> {
    let mut states = vec![
        ("keys", over(Dialog::Help { offset: 0 })),
        ("scrolled", over(Dialog::Help { offset: 30 })),
        ("all", over(Dialog::Palette(PaletteForm { text: Input::default(), cursor: 1 }))),
        ("narrowed", over(Dialog::Palette(PaletteForm { text: Input::new("subs".into()), cursor: 0 }))),
        ("none", over(Dialog::Palette(PaletteForm { text: Input::new("qqq".into()), cursor: 0 }))),
        ("empty", over(Dialog::History { offset: 0 })),
    ];
    let mut said = over(Dialog::History { offset: 0 });
    said.say(NoticeLevel::Done, "subscribed ada@example.com");
    said.say(NoticeLevel::Error, "cannot list bucket images: AccessDenied; allow s3:ListBucket on the bucket");
    said.say(NoticeLevel::Hint, "nothing to copy here");
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
    let upload = || over(ask("Upload 12 files to bucket images?", ConfirmAction::Upload { files: 12 }));
    states.push(("upload", upload()));
    let mut unread = upload();
    unread.subscriptions.known = Subscriptions::default();
    states.push(("upload-unread", unread));
    let mut probe = over(ask("Create a temporary probe queue to prove delivery?", ConfirmAction::Probe));
    probe.subscriptions.known.probe = Probe::Off;
    states.push(("probe", probe));
    states.extend(choosing::dialogs());
    states.extend(finding::switches());
    states.extend(doctor::states());
    states.extend(details());
    states.extend(versions::states());
    states.extend(wired::states());
    states
}

/// Three downloads: one that comes, one that waits, and one of a row that is not in view. The dialog is over them.
pub(crate) fn downloading(dialog: Option<Dialog>) -> Model {
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

/// The form in each of its states, and details of what is in progress.
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
        of("letter", Subject::InboxMessage(1), 0),
        of("gone", Subject::InboxMessage(99), 0),
        ("subscription-unread", unread()),
        ("all-deliveries", deliveries()),
    ]
}

/// An upload whose message went to a subscriber of each kind, read to its end.
fn deliveries() -> Model {
    let mut model = models::delivered_to_all();
    let upload = model.uploads.rows().nth(3).unwrap().id();
    model.dialog = Some(Dialog::Details(Details { subject: Subject::Upload(upload), offset: 18 }));
    model
}

/// A subscription whose attributes could not be read.
fn unread() -> Model {
    let mut model = models::unknown();
    let subject = Subject::Subscription(Protocol::Email, "ada@example.com".into());
    model.dialog = Some(Dialog::Details(Details { subject, offset: 0 }));
    model
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

/// What lays out the text of a dialog.
fn layout_of(dialog: &Dialog) -> String {
    let part = match dialog {
        Dialog::Details(details) => match &details.subject {
            Subject::Upload(_) => "upload",
            Subject::Object(_) => "object",
            Subject::LogLine(_) => "line",
            Subject::Subscription(..) => "subscription",
            Subject::InboxMessage(_) => "letter",
        },
        Dialog::Versions(view) if view.open.is_some() => "open",
        Dialog::Doctor(view) if view.open.is_some() => "open",
        Dialog::Question(question) if question.action == ConfirmAction::Probe => "probe",
        _ => "",
    };
    format!("{} {part}", name(dialog))
}

pub(crate) fn shots() -> Vec<Shot> {
    let mut laid_out = BTreeSet::new();
    let shot = |(state, model): (&str, Model)| {
        let dialog = model.dialog.as_ref().unwrap();
        let is_first = laid_out.insert(layout_of(dialog));
        let sizes: &[Size] = if is_first { EVERY_WIDTH } else { &[USUAL] };
        Shot::dialog(format!("dialog-{}-{state}", name(dialog)), model, sizes)
    };
    dialogs().into_iter().map(shot).collect()
}

/// One dialog of each kind.
pub(crate) fn of_every_kind() -> Vec<(String, Model)> {
    let mut known = BTreeSet::new();
    let named = dialogs().into_iter().map(|(state, model)| {
        let dialog = model.dialog.as_ref().unwrap();
        (layout_of(dialog), format!("{} {state}", name(dialog)), model)
    });
    named.filter_map(|(layout, name, model)| known.insert(layout).then_some((name, model))).collect()
}

#[test]
fn every_dialog() {
    take(shots());
}
