//! Snapshots: what people see, at the sizes that people have.

use imgwatch::action::Action;
use imgwatch::model::dialog::{Deed, Details, Dialog, Question, Subject, SubscribeForm, UploadForm};
use imgwatch::model::filter::Filter;
use imgwatch::model::subscriptions::Protocol;
use imgwatch::model::{Model, Panel, Tone};
use imgwatch::{keymap, view};
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tui_input::Input;

use crate::models::{self, QUEUE, busy};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn screen(model: &Model, width: u16, height: u16) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model)).unwrap();
    terminal.backend().clone()
}

fn at_all_sizes(name: &str, model: &Model) {
    for (width, height) in SIZES {
        assert_snapshot!(format!("{name}-{width}x{height}"), screen(model, width, height));
    }
}

fn small(name: &str, model: &Model) {
    assert_snapshot!(format!("{name}-80x24"), screen(model, 80, 24));
}

fn focused(panel: Panel) -> Model {
    let mut model = busy();
    model.focus = panel;
    model
}

fn with(dialog: Dialog) -> Model {
    let mut model = busy();
    model.dialog = Some(dialog);
    model
}

#[test]
fn first_frame() {
    at_all_sizes("first", &models::first());
}

#[test]
fn empty_pipeline() {
    at_all_sizes("empty", &models::quiet());
}

#[test]
fn everything_at_once() {
    at_all_sizes("busy", &busy());
    assert_snapshot!("busy-60x15", screen(&busy(), 60, 15));
    assert_snapshot!("busy-100x32", screen(&busy(), 100, 32));
}

#[test]
fn without_inbox() {
    let mut model = busy();
    model.inbox.available = false;
    at_all_sizes("aws", &model);
}

#[test]
fn trouble() {
    at_all_sizes("broken", &models::broken());
    small("broken-and-empty", &models::broken_and_empty());
    at_all_sizes("unconnected", &models::unconnected());
}

#[test]
fn loading() {
    let mut model = models::loading();
    model.say(Tone::Done, "unsubscribed ada@example.com");
    small("loading", &model);
    model.say(Tone::Trouble, "cannot unsubscribe: AuthorizationError; allow sns:Unsubscribe on the topic");
    small("complaint", &model);
}

#[test]
fn every_upload_unfolds() {
    for (index, row) in busy().uploads.rows().enumerate() {
        let mut model = busy();
        model.uploads.selection.cursor = index;
        model.zoom = true;
        let name: String = row.key().shown().chars().filter(char::is_ascii_alphabetic).collect();
        assert_snapshot!(format!("unfolded-{name}"), screen(&model, 120, 32));
    }
}

#[test]
fn zoom() {
    for panel in Panel::ALL {
        let mut model = focused(panel);
        model.zoom = true;
        at_all_sizes(&format!("zoom-{}", panel.title().to_lowercase()), &model);
    }
}

#[test]
fn logs_standing_still() {
    let mut model = focused(Panel::Logs);
    model.zoom = true;
    model.logs.follow = false;
    model.logs.unseen = 2;
    model.logs.cursor = 4;
    small("logs-paused", &model);
    model.logs.wrap = true;
    small("logs-wrapped", &model);
    model.logs.set_filter(Filter::new("cat"));
    small("logs-filtered", &model);
}

#[test]
fn typing_a_filter() {
    let mut model = focused(Panel::Objects);
    model.dialog = Some(Dialog::Filter(Input::new("PNG".into())));
    model.objects.set_filter(Filter::new("PNG"));
    small("filter", &model);
    model.objects.set_filter(Filter::new("nothing like it"));
    model.dialog = None;
    small("filter-without-match", &model);
}

#[test]
fn forms() {
    at_all_sizes("upload-form", &with(Dialog::Upload(UploadForm::default())));
    let form = UploadForm {
        path: Input::new("~/pictures/ca".into()),
        completions: (1..=8).map(|number| format!("~/pictures/cat-{number}.png").into()).collect(),
        ..UploadForm::default()
    };
    small("upload-form-completions", &with(Dialog::Upload(form)));
    let error = Some("cannot read ~/pictures/ca: no such file".to_owned());
    let form = UploadForm { path: Input::new("~/pictures/ca".into()), error, ..UploadForm::default() };
    small("upload-form-error", &with(Dialog::Upload(form)));

    let form = |protocol, text: &str| Dialog::Subscribe(SubscribeForm { protocol, endpoint: Input::new(text.into()) });
    at_all_sizes("subscribe-form", &with(form(Protocol::Email, "")));
    small("subscribe-form-wrong", &with(form(Protocol::Email, "ada@example")));
    small("subscribe-form-right", &with(form(Protocol::Email, "ada@example.com")));
    small("subscribe-form-arn", &with(form(Protocol::Sqs, &QUEUE.repeat(3))));
}

#[test]
fn question() {
    let question = Question { text: "unsubscribe email ada@example.com?".into(), deed: Deed::Quit };
    at_all_sizes("question", &with(Dialog::Question(question)));
}

#[test]
fn details() {
    let model = busy();
    let uploads: Vec<String> = model.uploads.rows().map(|row| row.id()).collect();
    let subjects = [
        ("upload", Subject::Upload(uploads[3].clone())),
        ("object", Subject::Object("photos/2026/03/dog.png".into())),
        ("log-line", Subject::LogLine("record".into())),
        ("subscription", Subject::Subscription(Protocol::Https, "https://hooks.example.com/images".into())),
        ("letter", Subject::Letter(1)),
        ("gone", Subject::Letter(99)),
    ];
    for (name, subject) in subjects {
        small(&format!("details-{name}"), &with(Dialog::Details(Details { subject, offset: 0 })));
    }
    let published = Subject::Upload(uploads[1].clone());
    let dialog = Dialog::Details(Details { subject: published, offset: 0 });
    assert_snapshot!("details-published-120x40", screen(&with(dialog), 120, 40));
    let subject = Subject::Upload(uploads[3].clone());
    at_all_sizes("details-scrolled", &with(Dialog::Details(Details { subject, offset: 6 })));
}

#[test]
fn help() {
    at_all_sizes("help", &with(Dialog::Help { offset: 0 }));
}

#[test]
fn too_small() {
    assert_snapshot!("too-small-59x20", screen(&busy(), 59, 20));
    assert_snapshot!("too-small-20x5", screen(&busy(), 20, 5));
}

#[test]
fn the_footer_ends_with_help_and_quit_where_they_hold() {
    for focus in Panel::ALL {
        let model = focused(focus);
        let shown = screen(&model, 60, 15).to_string();
        assert!(shown.trim_end().trim_end_matches('"').ends_with("? help  q quit"), "{shown}");
        assert!(keymap::active(&model).iter().any(|row| row.action == Action::Help));
    }
}
