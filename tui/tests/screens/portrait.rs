//! Narrow, low and tall screens: panels one above the other, and dialogs that are longer than the screen.

use imgwatch::domain::search::{Looked, Search};
use imgwatch::domain::subscriptions::Protocol;
use imgwatch::domain::switch::{Choice, Kind};
use imgwatch::keymap::action::{Action, Panel};
use imgwatch::model::dialog::{
    ConfirmAction, Details, Dialog, DoctorView, LinkForm, PaletteForm, Question, Subject, SubscribeForm,
};
use imgwatch::model::load::Load;
use imgwatch::model::switch::SwitchForm;
use imgwatch::model::{Model, keys};
use imgwatch::text::key::{Code, Key};
use imgwatch::update::{Msg, update};
use imgwatch::view;
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tui_input::Input;

use crate::doctor;
use crate::models::{TOPIC, broken, busy, first, quiet};

fn screen(model: &Model, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model, None)).unwrap();
    terminal.backend().to_string()
}

fn focused(mut model: Model, panel: Panel) -> Model {
    model.focus = panel;
    model
}

fn with(dialog: Dialog) -> Model {
    let mut model = busy();
    model.doctor.report = Some(imgwatch::domain::diagnosis::diagnose(&doctor::healthy()));
    model.doctor.load = Load::Ready;
    model.subscriptions.known.topic_arn = Some(TOPIC.into());
    model.dialog = Some(dialog);
    model
}

const LEAST: (u16, u16) = (30, 12);

#[test]
fn the_focused_panel_is_large_and_the_others_are_folded() {
    for panel in Panel::ALL {
        let screens = [LEAST, (45, 30)].map(|size| screen(&focused(busy(), panel), size));
        assert_snapshot!(format!("portrait-{}", panel.title().to_lowercase()), screens.join("\n"));
    }
    let screens = [quiet(), broken(), first()].map(|model| screen(&model, LEAST));
    assert_snapshot!("portrait-states", screens.join("\n"));
    assert_snapshot!("portrait-low", screen(&busy(), (120, 13)));
}

#[test]
fn a_tall_screen_gives_every_panel_rows() {
    for size in [(60, 60), (80, 60)] {
        let (width, height) = size;
        assert_snapshot!(format!("portrait-{width}x{height}"), screen(&busy(), size));
    }
}

/// What has the keys is the same list at the same place before and after it was folded.
#[test]
fn a_folded_panel_keeps_its_place_in_its_list() {
    let mut model = focused(busy(), Panel::Objects);
    let take = |model: &mut Model| {
        let viewports = view::viewports(model, LEAST.0, LEAST.1);
        update(model, Msg::Viewports(viewports));
    };
    take(&mut model);
    for _ in 0..9 {
        update(&mut model, Msg::Key(Key::plain(Code::Down)));
    }
    update(&mut model, Msg::Key(Key::plain(Code::Up)));
    let before = (model.objects.selection, screen(&model, LEAST));
    for key in ['3', '2'] {
        update(&mut model, Msg::Key(Key::char(key)));
        take(&mut model);
    }
    assert_eq!((model.objects.selection, screen(&model, LEAST)), before);
}

#[test]
fn a_click_on_a_folded_title_goes_to_its_panel() {
    let model = focused(busy(), Panel::Uploads);
    let shown = screen(&model, LEAST);
    for panel in Panel::ALL {
        let y = shown.lines().position(|line| line.contains(panel.title())).unwrap();
        let hit = view::hit(&model, LEAST, (3, u16::try_from(y).unwrap())).unwrap();
        assert_eq!((hit.panel, hit.row), (panel, None));
    }
}

fn dialogs() -> Vec<(&'static str, Model)> {
    let details = |subject| Dialog::Details(Details { subject, offset: 0 });
    let upload = busy().uploads.rows().nth(3).unwrap().id();
    let choice = |name: &str| Choice { kind: Kind::Pipeline, name: name.into(), region: Some("eu-west-1".into()) };
    let choices = ["dev", "live", "test"].map(choice).to_vec();
    let question = |text: &str, action| Dialog::Question(Question { text: text.into(), action });
    let mut said = with(Dialog::History { offset: 0 });
    said.say(imgwatch::model::NoticeLevel::Error, "cannot unsubscribe: AuthorizationError; allow sns:Unsubscribe");
    vec![
        ("subscribe", with(Dialog::Subscribe(SubscribeForm { protocol: Protocol::Email, endpoint: Input::default() }))),
        ("link", with(Dialog::Link(LinkForm { link: Input::new("https://example.com/?Token=1".into()) }))),
        ("switch", with(Dialog::Switch(SwitchForm { choices, ..SwitchForm::default() }))),
        ("probe", with(question("Create a temporary probe queue to prove delivery?", ConfirmAction::Probe))),
        (
            "question",
            with(question("Unsubscribe email ada@example.com? It gets no more notifications.", ConfirmAction::Quit)),
        ),
        ("upload", with(details(Subject::Upload(upload)))),
        ("object", with(details(Subject::Object("photos/2026/03/dog.png".into())))),
        ("log line", with(details(Subject::LogLine("record".into())))),
        ("letter", with(details(Subject::InboxMessage(1)))),
        ("doctor", with(Dialog::Doctor(DoctorView::default()))),
        ("check", with(Dialog::Doctor(DoctorView { open: Some(("notification", 0)), ..DoctorView::default() }))),
        ("help", with(Dialog::Help { offset: 0 })),
        ("history", said),
        ("palette", with(Dialog::Palette(PaletteForm::default()))),
    ]
}

#[test]
fn dialogs_fit_the_least_screen() {
    let shown = dialogs().into_iter().map(|(name, model)| format!("{name}\n{}", screen(&model, LEAST)));
    assert_snapshot!("portrait-dialogs", shown.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_a_dialog_cuts_away_is_told_and_scrolled_to() {
    for (name, mut model) in dialogs() {
        for size in [LEAST, (60, 15), (59, 40)] {
            let viewports = view::viewports(&model, size.0, size.1);
            update(&mut model, Msg::Viewports(viewports));
            if viewports.dialog_len <= viewports.dialog {
                continue;
            }
            let shown = screen(&model, size);
            let place = format!("-{} of {} ", viewports.dialog, viewports.dialog_len);
            assert!(shown.contains(&place) || shown.contains(&format!(" of {} ", viewports.dialog_len)), "{shown}");
            if let Some(Dialog::Doctor(DoctorView { open: None, .. })) = model.dialog {
                continue;
            }
            let key = Key::plain(Code::PageDown);
            assert_eq!(keys::lookup(&model, key), Some(Action::PageDown), "{name}");
            for _ in 0..viewports.dialog_len {
                update(&mut model, Msg::Key(key));
            }
            let end = format!("-{0} of {0} ", viewports.dialog_len);
            let shown = screen(&model, size);
            assert!(shown.contains(&end), "{name} is not read to its end at {size:?}\n{shown}");
            for _ in 0..viewports.dialog_len {
                update(&mut model, Msg::Key(Key::plain(Code::PageUp)));
            }
            assert!(screen(&model, size).contains(" 1-"), "{name} at {size:?}");
        }
    }
}

#[test]
fn typing_brings_the_field_back_and_the_next_dialog_begins_at_its_top() {
    let mut model = with(Dialog::Subscribe(SubscribeForm { protocol: Protocol::Email, endpoint: Input::default() }));
    let viewports = view::viewports(&model, LEAST.0, LEAST.1);
    update(&mut model, Msg::Viewports(viewports));
    update(&mut model, Msg::Key(Key::plain(Code::PageDown)));
    assert!(model.scroll.is_some());
    update(&mut model, Msg::Key(Key::char('a')));
    assert!(screen(&model, LEAST).contains("> a"));
    update(&mut model, Msg::Key(Key::plain(Code::PageDown)));
    update(&mut model, Msg::Key(Key::plain(Code::Esc)));
    assert_eq!(model.scroll, None);
}

#[test]
fn the_first_run_screen_fits_the_least_screen() {
    let mut model = first();
    let looked = vec![
        Looked::nothing("flags", "no --bucket, --stack or --pipeline"),
        Looked::nothing("environment", "no IMGWATCH_BUCKET, IMGWATCH_STACK or IMGWATCH_PIPELINE"),
        Looked::nothing("config file", "/home/ada/.config/imgwatch/config.toml is not there"),
    ];
    model.search = Some(Search { looked, is_over: true, ..Search::default() });
    let screens = [LEAST, (45, 30)].map(|size| screen(&model, size));
    assert_snapshot!("portrait-first-run", screens.join("\n"));
}
