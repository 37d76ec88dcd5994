//! Snapshots: what people see, at the sizes that people have.

use std::sync::Arc;

use imgwatch::domain::ids::RequestId;
use imgwatch::domain::preview::{Picture, Pixels, Preview};
use imgwatch::keymap::action::{Action, Panel};
use imgwatch::model::dialog::{Details, Dialog, Subject};
use imgwatch::model::filter::Filter;
use imgwatch::model::looks::Depth;
use imgwatch::model::objects::Column;
use imgwatch::model::{Hit, Model, Tone, keys};
use imgwatch::terminal::pictures;
use imgwatch::text::key::Key;
use imgwatch::view;
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use crate::models::busy;

pub(crate) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

pub(crate) fn screen(model: &Model, width: u16, height: u16) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model, None)).unwrap();
    terminal.backend().clone()
}

pub(crate) fn small(name: &str, model: &Model) {
    assert_snapshot!(format!("{name}-80x24"), screen(model, 80, 24));
}

fn focused(panel: Panel) -> Model {
    let mut model = busy();
    model.focus = panel;
    model
}

pub(crate) fn with(dialog: Dialog) -> Model {
    let mut model = busy();
    model.dialog = Some(dialog);
    model
}

#[test]
fn everything_at_once_on_small_screens() {
    assert_snapshot!("busy-60x15", screen(&busy(), 60, 15));
    assert_snapshot!("busy-100x32", screen(&busy(), 100, 32));
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
fn too_small() {
    assert_snapshot!("too-small-29x20", screen(&busy(), 29, 20));
    assert_snapshot!("too-small-20x5", screen(&busy(), 20, 5));
}

#[test]
fn the_footer_ends_with_help_and_quit_where_they_hold() {
    for focus in Panel::ALL {
        let model = focused(focus);
        let shown = screen(&model, 60, 15).to_string();
        assert!(shown.trim_end().trim_end_matches('"').ends_with("? help  q quit"), "{shown}");
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
        screen(&model, 120, 40).to_string().lines().last().unwrap_or_default().to_owned()
    };
    assert!(footer(0, true).contains("\"x cancel  u upload"), "{}", footer(0, true));
    assert!(footer(1, false).contains("\"x remove  R again  u upload"), "{}", footer(1, false));
    assert!(footer(1, true).contains("\"x remove  R again  Ctrl-R again all"), "{}", footer(1, true));
}

#[test]
fn without_utf_8_the_whole_screen_is_ascii() {
    let mut model = busy();
    model.looks.ascii = true;
    small("ascii", &model);
    let screen = screen(&model, 200, 60);
    assert!(screen.buffer().content.iter().all(|cell| cell.symbol().is_ascii()));
}

#[test]
fn what_the_filter_found_is_marked_in_its_panel() {
    let mut model = focused(Panel::Objects);
    let name = model.objects.row(0).unwrap().key.raw().chars().take(3).collect::<String>();
    model.objects.set_filter(Filter::new(&name.to_uppercase()));
    let screen = screen(&model, 120, 40);
    let marked = screen.buffer().content.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED)).count();
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
                let found = (0..width).step_by(5).filter_map(|x| view::hit(&model, (width, height), (x, y)));
                let Some(row) = found.filter(|hit| hit.panel == panel).find_map(|hit| hit.row) else { continue };
                assert!(lowest.is_none_or(|lowest| row >= lowest), "{panel:?} at line {y}: rows go down");
                (hits, lowest) = (hits + 1, Some(row));
            }
            assert!(hits > 0, "{panel:?} has no row under the mouse at {width}x{height}");
        }
    }
    let model = focused(Panel::Objects);
    let screen = screen(&model, 120, 40);
    let key = model.objects.row(1).unwrap().key.shown();
    let tail: String = key.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    let lines: Vec<String> = (0..40).map(|y| (0..120).map(|x| screen.buffer()[(x, y)].symbol()).collect()).collect();
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
        told.say(Tone::Done, "it is done");
        models.extend([helped, told]);
        for model in models {
            let screen = screen(&model, width, height);
            let cell = |x| screen.buffer()[(x, height - 1)].symbol().to_owned();
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
    let screen = screen(&model, width, height);
    let line = |y| (0..width).map(|x| screen.buffer()[(x, y)].symbol()).collect::<Vec<_>>();
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

/// The model with a preview of its selected object, as it is drawn once the picture is encoded.
pub(crate) fn previewing(mut model: Model, preview: Preview, width: u16, height: u16) -> TestBackend {
    model.looks.depth = Depth::Many;
    let id = model.previewed().unwrap().0;
    model.previews.begin(RequestId(99), id);
    model.previews.take(RequestId(99), Ok(preview), model.now);
    let encoded = view::wanted(&model, width, height).and_then(|wanted| pictures::in_blocks(&wanted));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, &model, encoded.as_ref())).unwrap();
    terminal.backend().clone()
}

pub(crate) fn picture() -> Preview {
    let rgba = (0..64 * 48).flat_map(|at| if at % 64 < 32 { [200, 40, 40, 255] } else { [40, 40, 200, 255] }).collect();
    let pixels = Arc::new(Pixels { width: 64, height: 48, rgba });
    Preview::Picture(Picture { format: "JPEG", size: (4_032, 3_024), turned: true, ends_early: false, pixels })
}

#[test]
fn objects_are_shown_beside_their_list_and_in_their_details() {
    let zoomed = || {
        let mut model = focused(Panel::Objects);
        model.zoom = true;
        model
    };
    let detailed = || {
        let mut model = focused(Panel::Objects);
        let key = model.objects.row(0).unwrap().key.clone();
        model.dialog = Some(Dialog::Details(Details { subject: Subject::Object(key), offset: 0 }));
        model
    };
    let text =
        || Preview::Text { lines: vec!["{".into(), "  \"name\": \"\u{1b}[31mcat\"".into(), "}".into()], more: false };
    let nothing = || Preview::Nothing("10000 x 10000 pixels are 100 million; up to 64 million are decoded".into());
    for (width, height) in SIZES {
        assert_snapshot!(format!("preview-{width}x{height}"), previewing(zoomed(), picture(), width, height));
        assert_snapshot!(format!("preview-details-{width}x{height}"), previewing(detailed(), picture(), width, height));
    }
    assert_snapshot!("preview-text-80x24", previewing(zoomed(), text(), 80, 24));
    assert_snapshot!("preview-text-details-80x24", previewing(detailed(), text(), 80, 24));
    assert_snapshot!("preview-nothing-80x24", previewing(zoomed(), nothing(), 80, 24));
}

#[test]
fn without_colours_no_picture_is_asked_for() {
    let mut model = focused(Panel::Objects);
    model.zoom = true;
    model.looks.depth = Depth::Many;
    let id = model.previewed().unwrap().0;
    model.previews.begin(RequestId(99), id);
    model.previews.take(RequestId(99), Ok(picture()), model.now);
    assert!(view::wanted(&model, 120, 40).is_some());
    model.looks.depth = Depth::None;
    assert!(view::wanted(&model, 120, 40).is_none());
    assert!(format!("{:?}", screen(&model, 120, 40)).contains("a picture takes more colours"));
    model.looks.no_color = true;
    assert!(format!("{:?}", screen(&model, 120, 40)).contains("NO_COLOR takes them away"));
}
