//! A snapshot: what it is of, and the file that keeps it.
//!
//! A panel and a dialog are taken by themselves, first with their styles and then as text at other sizes, where the size
//! changes what they show. A whole screen shows how the parts lie; there are few of them.

use std::collections::BTreeSet;

use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::view;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::{Frame, Terminal};

use crate::picture::{Picture, picture, text};

pub(crate) type Size = (u16, u16);

/// One snapshot; it is drawn when it is taken.
pub(crate) struct Shot {
    pub(crate) name: String,
    take: Box<dyn FnOnce() -> String>,
}

impl Shot {
    /// Of any text.
    pub(crate) fn text(name: impl Into<String>, take: impl FnOnce() -> String + 'static) -> Self {
        Self { name: name.into(), take: Box::new(take) }
    }

    /// A panel by itself, with its styles at the first of the sizes.
    pub(crate) fn panel(name: impl Into<String>, model: Model, panel: Panel, sizes: &'static [Size]) -> Self {
        let draw = move |frame: &mut Frame<'_>, model: &Model| view::draw_panel(frame, model, panel);
        Self::text(name, move || styled(model, sizes, draw))
    }

    /// The open dialog and its keys, with its styles at the first of the sizes.
    pub(crate) fn dialog(name: impl Into<String>, model: Model, sizes: &'static [Size]) -> Self {
        Self::text(name, move || styled(model, sizes, view::draw_dialog))
    }

    /// A whole screen with its styles.
    pub(crate) fn styled_screen(name: impl Into<String>, model: Model, size: Size) -> Self {
        Self::text(name, move || styled(model, &[size], |frame, model| view::draw(frame, model, None)))
    }

    /// A whole screen.
    pub(crate) fn screen(name: impl Into<String>, model: Model, size: Size) -> Self {
        Self::text(name, move || text(&screen(&model, size)).join("\n"))
    }
}

/// The model on a screen of this size.
pub(crate) fn screen(model: &Model, size: Size) -> Buffer {
    drawn(size, |frame| view::draw(frame, model, None))
}

/// The open dialog and its keys, alone.
pub(crate) fn dialog(model: &Model, size: Size) -> Buffer {
    drawn(size, |frame| view::draw_dialog(frame, model))
}

/// A panel alone.
pub(crate) fn panel(model: &Model, panel: Panel, size: Size) -> Buffer {
    drawn(size, |frame| view::draw_panel(frame, model, panel))
}

fn drawn((width, height): Size, draw: impl FnOnce(&mut Frame<'_>)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(draw).unwrap();
    terminal.backend().buffer().clone()
}

fn styled(mut model: Model, sizes: &[Size], draw: impl Fn(&mut Frame<'_>, &Model)) -> String {
    let (first, others) = sizes.split_first().unwrap();
    let Picture { text: mut rows, mut styles } = picture(&mut model, |model| drawn(*first, |frame| draw(frame, model)));
    let is_blank: Vec<bool> = rows.iter().map(String::is_empty).collect();
    for lines in [&mut rows, &mut styles] {
        let mut place = is_blank.iter();
        lines.retain(|_| place.next().is_some_and(|is_blank| !is_blank));
    }
    let mut out = vec![rows.join("\n"), styles.join("\n")];
    for size in others {
        let mut rows = text(&drawn(*size, |frame| draw(frame, &model)));
        rows.retain(|row| !row.is_empty());
        out.push(rows.join("\n"));
    }
    out.join("\n\n")
}

/// Compares them with their files.
pub(crate) fn take(shots: Vec<Shot>) {
    for shot in shots {
        let shown = (shot.take)();
        let settings = || {
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings
        };
        settings().bind(|| insta::assert_snapshot!(shot.name, shown));
    }
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/snapshots")
}

/// What the file of a snapshot shows.
pub(crate) fn kept(name: &str) -> String {
    let path = folder().join(format!("{name}.snap"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_file_is_of_a_snapshot_and_every_name_is_one_snapshots() {
    let all: Vec<String> = crate::shots().into_iter().map(|shot| shot.name).collect();
    let names: BTreeSet<String> = all.iter().map(|name| format!("{name}.snap")).collect();
    assert_eq!(names.len(), all.len(), "two snapshots have one name");
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // What insta writes beside a snapshot that differs is none of them.
    let files: BTreeSet<String> = files.filter(|name| !name.ends_with(".snap.new")).collect();
    let left: Vec<_> = files.difference(&names).collect();
    assert!(left.is_empty(), "no test takes these snapshots: {left:?}");
    let missing: Vec<_> = names.difference(&files).collect();
    assert!(missing.is_empty(), "these snapshots have no file: {missing:?}");
}
