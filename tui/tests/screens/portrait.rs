//! Narrow, low and tall screens: panels one above the other, and dialogs that are longer than the screen.

use imgwatch::domain::subscriptions::Protocol;
use imgwatch::keymap::action::{Action, Panel};
use imgwatch::model::dialog::{Dialog, DoctorView, SubscribeForm};
use imgwatch::model::{Model, keys};
use imgwatch::text::key::{Code, Key};
use imgwatch::update::{Msg, update};
use imgwatch::view;
use tui_input::Input;

use crate::dialogs::{self, over};
use crate::panels::focused;
use crate::picture::text;
use crate::shot::Size;

fn screen(model: &Model, size: Size) -> String {
    text(&crate::shot::screen(model, size)).join("\n")
}

const LEAST: Size = (30, 12);

/// What has the keys is the same list at the same place before and after it was folded.
#[test]
fn a_folded_panel_keeps_its_place_in_its_list() {
    let mut model = focused(Panel::Objects);
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
    let model = focused(Panel::Uploads);
    let shown = screen(&model, LEAST);
    for panel in Panel::ALL {
        let y = shown.lines().position(|line| line.contains(panel.title())).unwrap();
        let hit = view::hit(&model, LEAST, (3, u16::try_from(y).unwrap())).unwrap();
        assert_eq!((hit.panel, hit.row), (panel, None));
    }
}

#[test]
fn what_a_dialog_cuts_away_is_counted_and_scrolled_to() {
    for (name, mut model) in dialogs::of_every_kind() {
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
    let mut model = over(Dialog::Subscribe(SubscribeForm { protocol: Protocol::Email, endpoint: Input::default() }));
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
