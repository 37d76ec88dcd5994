//! What lies where: keys in the footer, rows and names of columns under the mouse, and what a filter marks.

use imgwatch::keymap::action::{Action, Panel};
use imgwatch::model::dialog::Dialog;
use imgwatch::model::filter::Filter;
use imgwatch::model::objects::Column;
use imgwatch::model::{Hit, NoticeLevel, keys};
use imgwatch::text::key::Key;
use imgwatch::view;
use ratatui::style::Modifier;

use crate::models::busy;
use crate::panels::focused;
use crate::picture::text;
use crate::shot::screen;

pub(crate) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

#[test]
fn the_footer_ends_with_help_and_quit_where_they_hold() {
    for focus in Panel::ALL {
        let model = focused(focus);
        let shown = text(&screen(&model, (60, 15))).pop().unwrap();
        assert!(shown.ends_with("? help  q quit"), "{shown}");
        assert!(keys::active(&model).iter().any(|row| row.action == Action::Help));
    }
}

#[test]
fn the_footer_says_what_x_does_to_the_selected_upload() {
    let footer = |row: usize, others: bool| {
        let mut model = busy();
        model.uploads.selection.cursor = row;
        if !others {
            model.uploads.transfers = model.uploads.transfers[..2].to_vec().into();
        }
        text(&screen(&model, (120, 40))).pop().unwrap()
    };
    assert!(footer(0, true).starts_with("x cancel  u upload"), "{}", footer(0, true));
    assert!(footer(1, false).starts_with("x remove  R retry  u upload"), "{}", footer(1, false));
    assert!(footer(1, true).starts_with("x remove  R retry  Ctrl-R retry all"), "{}", footer(1, true));
}

#[test]
fn without_utf_8_the_whole_screen_is_ascii() {
    let mut model = busy();
    model.display.ascii = true;
    let screen = screen(&model, (200, 60));
    assert!(screen.content.iter().all(|cell| cell.symbol().is_ascii()));
}

#[test]
fn what_the_filter_found_is_marked_in_its_panel() {
    let mut model = focused(Panel::Objects);
    let name = model.objects.row(0).unwrap().key.raw().chars().take(3).collect::<String>();
    model.objects.set_filter(Filter::new(&name.to_uppercase()));
    let screen = screen(&model, (120, 40));
    let marked = screen.content.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED)).count();
    assert!(marked >= 3, "{name:?} is marked {marked} times");
}

#[test]
fn every_row_is_found_under_the_mouse() {
    for (width, height) in SIZES {
        for panel in Panel::ALL {
            let mut model = focused(panel);
            model.logs.follow = false;
            let (mut hits, mut lowest) = (0, None);
            for y in 0..height {
                let found = (0..width).step_by(11).filter_map(|x| view::hit(&model, (width, height), (x, y)));
                let Some(row) = found.filter(|hit| hit.panel == panel).find_map(|hit| hit.row) else { continue };
                assert!(lowest.is_none_or(|lowest| row >= lowest), "{panel:?} at line {y}: rows go down");
                (hits, lowest) = (hits + 1, Some(row));
            }
            assert!(hits > 0, "{panel:?} has no row under the mouse at {width}x{height}");
        }
    }
    let model = focused(Panel::Objects);
    let screen = screen(&model, (120, 40));
    let key = model.objects.row(1).unwrap().key;
    let key = key.shown();
    let tail: String = key.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    let lines: Vec<String> = (0..40).map(|y| (0..120).map(|x| screen[(x, y)].symbol()).collect()).collect();
    let is_second = |hit: Hit| hit.panel == Panel::Objects && hit.row == Some(1);
    let y = (0..40).find(|y| (0..120).any(|x| view::hit(&model, (120, 40), (x, *y)).is_some_and(is_second))).unwrap();
    assert!(lines[usize::from(y)].contains(&tail), "{tail:?} is not in {:?}", lines[usize::from(y)]);
}

#[test]
fn to_click_on_a_key_in_the_footer_is_to_press_it() {
    for (width, height) in SIZES {
        let mut models = vec![focused(Panel::Uploads), focused(Panel::Logs)];
        let mut helped = focused(Panel::Objects);
        helped.dialog = Some(Dialog::Help { offset: 0 });
        let mut told = focused(Panel::Objects);
        told.say(NoticeLevel::Done, "it is done");
        models.extend([helped, told]);
        for model in models {
            let screen = screen(&model, (width, height));
            let cell = |x| screen[(x, height - 1)].symbol().to_owned();
            let at = |x| view::hinted(&model, (width, height), (x, height - 1));
            let mut keys = Vec::new();
            for x in 0..width {
                let Some(key) = at(x).filter(|_| x == 0 || at(x - 1).is_none()) else { continue };
                let shown: String = (x..width).map(cell).collect();
                assert!(shown.starts_with(&format!("{key} ")), "{key} is not what stands at {x}: {shown:?}");
                keys.push(key);
            }
            let styled = (0..width).filter(|x| at(*x).is_some() && cell(*x) != " ").count();
            let words = (0..width).filter(|x| cell(*x) != " ").count();
            let said = model.notice.as_ref().map_or(0, |_| "✓itisdone".chars().count());
            let line: String = (0..width).map(cell).collect();
            // A click that misses what lies above is not to end the program.
            let quit = line.matches("q quit").map(|text| text.replace(' ', "").len()).sum::<usize>();
            assert_eq!(styled + said + quit, words, "every other word belongs to a key: {line}");
            assert!(!keys.contains(&Key::char('q')) || model.dialog.is_some());
            assert!(!keys.is_empty());
            assert_eq!(view::hinted(&model, (width, height), (0, height - 2)), None);
        }
    }
}

#[test]
fn the_names_of_columns_are_found_under_the_mouse_and_are_no_rows() {
    let (width, height) = (200, 60);
    let model = focused(Panel::Objects);
    let screen = screen(&model, (width, height));
    let line = |y| (0..width).map(|x| screen[(x, y)].symbol()).collect::<Vec<_>>();
    let names = (0..height).find(|y| line(*y).concat().contains("written↓")).unwrap();
    for (name, column) in
        [("key", Column::Key), ("size", Column::Size), ("written", Column::Written), ("age", Column::Age)]
    {
        let cells = line(names);
        let x = (0..cells.len()).find(|x| cells[*x..].concat().starts_with(&format!(" {name}"))).unwrap() + 1;
        let found = view::hit(&model, (width, height), (u16::try_from(x).unwrap(), names)).unwrap();
        assert_eq!((found.panel, found.row, found.column), (Panel::Objects, None, Some(column)), "{name}");
    }
    let below = view::hit(&model, (width, height), (width - 10, names + 1)).unwrap();
    assert_eq!((below.row, below.column), (Some(0), None), "the first row is below the names");
    assert_eq!(
        view::viewports(&model, width, height).panels[1],
        (names..height).take_while(|y| view::hit(&model, (width, height), (width - 10, y + 1)).is_some_and(|hit| hit.row.is_some())).count()
    );
}
