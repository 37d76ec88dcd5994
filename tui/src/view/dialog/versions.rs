//! An object's versions: what S3 keeps, the newest first, and what the pipeline did with each; or one of them in full.
//!
//! ```text
//! ┏ Versions ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ photos/cat.png                                                                    ┃
//! ┃ 3 versions, 1 of them a delete marker                                             ┃
//! ┃ version     3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH                                      ┃
//! ┃                                                                                   ┃
//! ┃     age       size  state          pipeline     version id                        ┃
//! ┃ ▸   <1m   47.1 KiB  current        ✓ published  3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH  ┃
//! ┃      5m             delete marker               YmFkbWFya2VyLCBub3QgcmVhbGx5ISE=  ┃
//! ┃      1h   46.9 KiB  noncurrent     ✗ failed     c29tZXRoaW5nIGVsc2UgZW50aXJlbHk=  ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::panel::{chosen, mark};
use super::super::text::{cell, cell_end, count, date, exact_moment, prose, right, window};
use super::super::{download, heading, preview, theme, uploads};
use super::details::{pair, room, sentence};
use super::{Content, LIST_LEAST, List};
use crate::domain::objects::{MOST, Version};
use crate::domain::timeline::{Outcome, Timeline};
use crate::model::Model;
use crate::model::load::Load;
use crate::model::versions::{Versions, VersionsView};
use crate::text::width::{columns, cut};
use crate::text::{size, time};

/// Columns of an age, a size, a state, and a status in a word or by its glyph, each with what sets it apart.
const AGE: usize = 6;
const SIZE: usize = 11;
const STATE: usize = 15;
const WORD: usize = 13;
const GLYPH: usize = 3;
/// Columns that a version's id takes at least, and that a whole one takes.
const ID: usize = 8;
const WHOLE_ID: usize = 32;
/// Columns that a list with words and with sizes takes at least.
const WORDS: usize = 60;
const SIZES: usize = 40;

/// The list, or what is shown in full, in a box of this many columns and at most this many rows.
pub(super) fn content<'a>(view: &'a VersionsView, model: &'a Model, width: usize, height: usize) -> Content<'a> {
    if let Some((id, offset)) = &view.open {
        let version = model.versions.find(id);
        let lines = version.map_or_else(
            || vec![Line::styled("no longer in the list", theme::dim())],
            |version| full(version, model, width),
        );
        return Content { title: "Version", lines, offset: *offset, field: None, list: None };
    }
    let versions = &model.versions;
    let mut lines = vec![Line::from(cell_end(versions.key.shown(), width, theme::strong()))];
    lines.extend(state(versions, width));
    if let Some(text) = download::summary(&versions.key, model) {
        pair(&mut lines, "download", &cut(&text, room(width)), width);
    }
    let widths = widths(model, width);
    let len = versions.items.len();
    let cursor = view.selection.cursor.min(len.saturating_sub(1));
    if let Some(version) = versions.items.get(cursor) {
        let mut whole = Vec::new();
        pair(&mut whole, "version", id(version), width);
        whole.push(Line::default());
        // On a low screen rows matter more: the whole id is in the version's details, too.
        if lines.len() + whole.len() + 1 + LIST_LEAST <= height {
            lines.extend(whole);
        }
        lines.push(names(widths));
    }
    let row = move |index: usize| {
        let version = versions.items.get(index);
        version.map(|version| row(version, model, width, widths, index == cursor)).unwrap_or_default()
    };
    // Where the lines above leave the list no room, they scroll away with it.
    let offset = match height.checked_sub(lines.len()).filter(|rows| *rows >= LIST_LEAST) {
        Some(rows) => window(view.selection, len, rows).start,
        // Errors come first.
        None if cursor == 0 && matches!(versions.load, Load::Failed(_)) => 0,
        None => (lines.len() + cursor + 1).saturating_sub(height),
    };
    let list = Some(List { len, row: Box::new(row) });
    Content { title: "Versions", lines, offset, field: None, list }
}

/// How many there are, or why they are not known.
fn state(versions: &Versions, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    match &versions.load {
        Load::Loading(..) => lines.push(Line::styled("listing…", theme::busy())),
        Load::Failed(problem) => {
            let text = format!("✗ {}: {}", problem.what.shown(), problem.why.shown());
            lines.extend(prose(&text, width, theme::bad()));
            if !problem.hint.is_empty() {
                lines.extend(prose(&format!("→ {}", problem.hint), width, theme::strong()));
            }
            if !versions.items.is_empty() {
                lines.extend(prose("before:", width, theme::dim()));
            }
        }
        Load::Idle | Load::Ready => {}
    }
    if let (Load::Ready, text) = (&versions.load, counted(versions)) {
        lines.extend(prose(&text, width, Style::new()));
    }
    lines
}

fn counted(versions: &Versions) -> String {
    let markers = versions.items.iter().filter(|version| version.content.is_none()).count();
    if versions.more {
        return format!("the newest {} versions (more exist)", count(MOST));
    }
    let all = match versions.items.len() {
        0 => return "no versions of this key".to_owned(),
        1 => "1 version".to_owned(),
        number => format!("{} versions", count(number)),
    };
    match (markers, versions.items.len()) {
        (0, _) => all,
        (1, 1) => "only a delete marker".to_owned(),
        (1, _) => format!("{all}, 1 of them a delete marker"),
        (markers, _) => format!("{all}, {} of them delete markers", count(markers)),
    }
}

/// A version's id; what has none says why.
fn id(version: &Version) -> &str {
    if version.is_null() { "null: written without versioning" } else { version.id.shown() }
}

/// Columns of each part of a row behind its mark; none for a part that has given way.
#[derive(Clone, Copy)]
struct Widths {
    written: usize,
    size: usize,
    made: usize,
    id: usize,
}

/// As the width shrinks, dates are left out first, then ids, then words and sizes: when, what and what came of it need the
/// least room. Where nothing is known of any upload of the key, its column is left out at every width.
fn widths(model: &Model, width: usize) -> Widths {
    let size = if width >= SIZES { SIZE } else { 0 };
    let made = if !model.has_upload_of_versions() {
        0
    } else if width >= WORDS {
        WORD
    } else {
        GLYPH
    };
    let used = 2 + AGE + size + 2 + STATE + made;
    let date = columns(&exact_moment(model.now, &model.display));
    let written = if width >= used + date + WHOLE_ID { date } else { 0 };
    let rest = width.saturating_sub(used + written);
    Widths { written, size, made, id: if rest >= ID { rest } else { 0 } }
}

fn names(Widths { written, size, made, id }: Widths) -> Line<'static> {
    Line::from(vec![
        mark(false),
        heading::name_right("written", written),
        heading::name_right("age", AGE),
        heading::name_right("size", size),
        Span::raw("  "),
        heading::name("state", STATE),
        heading::name(if made == WORD { "pipeline" } else { "" }, made),
        heading::name("version id", id),
    ])
}

fn row(version: &Version, model: &Model, width: usize, widths: Widths, is_cursor: bool) -> Line<'static> {
    let bytes = version.content.as_ref().map(|content| size::bytes(content.size)).unwrap_or_default();
    let (state, style) = match (&version.content, version.is_latest) {
        (None, _) => ("delete marker", theme::warn()),
        (Some(_), true) => ("current", theme::strong()),
        (Some(_), false) => ("noncurrent", Style::new()),
    };
    let made = model.upload_of(version).map(|timeline| uploads::row::mark(timeline, model));
    let made = match made {
        Some((glyph, word, style)) if widths.made == WORD => cell(&format!("{glyph} {word}"), WORD, style),
        Some((glyph, _, style)) => cell(glyph, widths.made, style),
        None => Span::raw(" ".repeat(widths.made)),
    };
    let line = Line::from(vec![
        mark(is_cursor),
        Span::styled(right(&exact_moment(version.at, &model.display), widths.written), theme::dim()),
        Span::styled(right(&time::age(version.at, model.now), AGE), theme::dim()),
        Span::raw(right(&bytes, widths.size)),
        Span::raw("  "),
        cell(state, STATE, style),
        made,
        cell(version.id.shown(), widths.id, theme::dim()),
    ]);
    if is_cursor { chosen(line, width) } else { line }
}

fn full(version: &Version, model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    pair(&mut out, "key", model.versions.key.shown(), width);
    pair(&mut out, "version", id(version), width);
    let age = time::age(version.at, model.now);
    let at = format!("{}, age {age}", date(version.at));
    let Some(content) = &version.content else {
        let what = if version.is_latest { "delete marker: the object is deleted" } else { "delete marker" };
        sentence(&mut out, "state", what, width);
        sentence(&mut out, "deleted", &at, width);
        out.push(Line::default());
        let text = if version.is_latest {
            "S3 keeps the older versions until a user or a lifecycle rule deletes them. If this marker is deleted, the version \
             below it becomes current."
        } else {
            "The object was deleted at this time; newer versions are listed above."
        };
        out.extend(prose(text, width, theme::dim()));
        return out;
    };
    sentence(&mut out, "state", if version.is_latest { "current" } else { "noncurrent" }, width);
    pair(&mut out, "size", &size::exact(content.size), width);
    sentence(&mut out, "written", &at, width);
    if let Some(e_tag) = &content.e_tag {
        pair(&mut out, "etag", e_tag.shown(), width);
    }
    let about = model.versions.content(version).and_then(|(id, _)| model.previews.about(&id));
    if let Some(content_type) = about.and_then(|about| about.content_type.as_ref()) {
        pair(&mut out, "type", content_type.shown(), width);
    }
    for row in download::details(&model.versions.key, model) {
        sentence(&mut out, "download", &row, width);
    }
    sentence(&mut out, "pipeline", &story(model.upload_of(version), model), width);
    out.push(Line::default());
    out.extend(preview::lines(model, width));
    out
}

/// What the pipeline did with it, in short.
fn story(upload: Option<&Timeline>, model: &Model) -> String {
    let Some(upload) = upload else {
        return "upload unknown: the version is older than the log that was read, or the log does not name it"
            .to_owned();
    };
    let (_, word, _) = uploads::row::mark(upload, model);
    let reason = match &upload.outcome {
        Outcome::Published(publications) => {
            publications.first().map(|publication| format!("message {}", publication.message_id.shown()))
        }
        Outcome::Skipped(reason) => Some(reason.shown().to_owned()),
        Outcome::Failed(_) | Outcome::Waiting => upload.failure(),
    };
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{word}{reason}")
}
