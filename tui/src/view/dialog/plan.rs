//! The plan of an upload: under which keys, how much it is, what is there already, what Enter will do, and every file.
//!
//! ```text
//! ┏ Upload ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Key prefix in bucket images (optional)                              ┃
//! ┃ > photos/                                                           ┃
//! ┃                                                                     ┃
//! ┃ Enter uploads 11 files                                              ┃
//! ┃ ! 1 is in the bucket already: photos/cats/a.png                     ┃
//! ┃   [skip it]   overwrite it                                          ┃
//! ┃                                                                     ┃
//! ┃ 12 files, 3.4 MiB                                                   ┃
//! ┃   photos/cats/a.png                  (exists)  131.8 KiB  image/png ┃
//! ┃   photos/cats/b.png                             64.0 KiB  image/png ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, cell_end, count, prose, right};
use super::super::theme;
use super::{Content, List};
use crate::domain::files::{ENTRIES_MAX, FILES_MAX, FileScan, Limit, ScannedFile};
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::keys::key_of;
use crate::model::load::Load;
use crate::model::plan::Plan;
use crate::text::clean::Clean;
use crate::text::size;
use crate::text::width::columns;

/// Reasons and problems that are named; the rest are counted.
const NAMED: usize = 5;
/// Columns of a size, of a content type, and of what sets a file apart.
const SIZE: usize = 11;
const TYPE: usize = 14;
const STATE: usize = 12;

pub(super) fn content<'a>(plan: &'a Plan, model: &Model, width: usize) -> Content<'a> {
    let bucket = model.pipeline.bucket.shown();
    let head = match plan.single() {
        Some(_) => format!("Key in bucket {bucket}"),
        None => format!("Key prefix in bucket {bucket} (optional)"),
    };
    let mut lines = prose(&head, width, theme::dim());
    let field = lines.len();
    lines.extend([Line::default(), Line::default()]);
    lines.extend(consequence(plan, model, width));
    match &plan.scan {
        None => lines.push(Line::styled("reading the selected files…", theme::busy())),
        Some(_) if plan.is_test_image() => {}
        Some(scan) => {
            lines.extend(clashes(plan, model, width));
            lines.extend(left_out(plan, scan, width));
            lines.push(Line::default());
            lines.push(number(plan));
        }
    }
    let files = plan.files();
    let row = move |index| files.get(index).map(|file| row(index, file, plan, width)).unwrap_or_default();
    let list = Some(List { len: files.len(), row: Box::new(row) });
    Content { title: "Upload", lines, offset: 0, field: Some((field, &plan.key)), list }
}

/// How many files there are, and how much it is.
fn number(plan: &Plan) -> Line<'static> {
    let number = match plan.files().len() {
        1 => "1 file".to_owned(),
        number => format!("{} files", count(number)),
    };
    Line::styled(format!("{number}, {}", size::bytes(plan.bytes())), theme::strong())
}

/// A file with its key, and with what sets it apart from those that are simply sent.
fn row(index: usize, file: &ScannedFile, plan: &Plan, width: usize) -> Line<'static> {
    let exists = plan.clashes.binary_search(&index).is_ok();
    let (state, style) = match (plan.unfit.contains_key(&index), exists) {
        (true, _) => (" (skipped)", theme::bad()),
        (false, true) => (" (exists)", theme::warn()),
        (false, false) => ("", Style::new()),
    };
    let is_sent = state.is_empty() || exists && plan.replace;
    let state =
        if plan.clashes.is_empty() && plan.unfit.is_empty() { Span::raw("") } else { cell(state, STATE, style) };
    let size = right(&size::bytes(file.size), SIZE);
    let room = width.saturating_sub(2 + state.width() + columns(&size) + 2 + TYPE);
    let key = Clean::new(&plan.key_of(file));
    Line::from(vec![
        Span::raw("  "),
        cell_end(key.shown(), room, if is_sent { Style::new() } else { theme::dim() }),
        state,
        Span::raw(size),
        Span::raw("  "),
        cell(file.content_type.shown(), TYPE, theme::dim()),
    ])
}

/// What is not among the files.
fn left_out(plan: &Plan, scan: &FileScan, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if scan.skipped > 0 {
        let text = format!("{} skipped: hidden files and links to folders", count(scan.skipped));
        lines.extend(prose(&text, width, theme::dim()));
    }
    let limit = match scan.limit {
        None => None,
        Some(Limit::Files) => Some(format!("! only the first {} files: the limit of one upload", count(FILES_MAX))),
        Some(Limit::Entries) => Some(format!("! incomplete: the limit is {} files and folders", count(ENTRIES_MAX))),
    };
    lines.extend(limit.iter().flat_map(|text| prose(text, width, theme::warn())));
    for reason in plan.unfit.values().take(NAMED) {
        lines.extend(prose(&format!("✗ skipped: {}", reason.shown()), width, theme::bad()));
    }
    if plan.unfit.len() > NAMED {
        lines.push(Line::styled(format!("✗ and {} more skipped", count(plan.unfit.len() - NAMED)), theme::bad()));
    }
    for refused in scan.refused.iter().take(NAMED) {
        lines.extend(prose(&format!("✗ {}", refused.problem), width, theme::bad()));
    }
    if scan.refused.len() > NAMED {
        let more = count(scan.refused.len() - NAMED);
        lines.push(Line::styled(format!("✗ and {more} more that cannot be uploaded"), theme::bad()));
    }
    lines
}

/// What is in the bucket already, as far as that is known, and what becomes of it.
fn clashes(plan: &Plan, model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if plan.clashes.is_empty() {
        if model.objects.load != Load::Ready {
            let text = "The bucket listing is not complete: existing objects are not overwritten";
            lines.extend(prose(text, width, theme::dim()));
        }
        return lines;
    }
    let named: Vec<String> = plan
        .clashes
        .iter()
        .take(3)
        .filter_map(|index| plan.files().get(*index))
        .map(|file| Clean::new(&plan.key_of(file)).shown().to_owned())
        .collect();
    let (number, verb, it) = match plan.clashes.len() {
        1 => ("1".to_owned(), "exists", "it"),
        number => (count(number), "exist", "them"),
    };
    let more = if plan.clashes.len() > named.len() { ", …" } else { "" };
    let text = format!("! {number} already {verb}: {}{more}", named.join(", "));
    lines.extend(prose(&text, width, theme::warn()));
    let choice = |text: String, is_chosen: bool| {
        if is_chosen { Span::styled(format!("[{text}]"), theme::key()) } else { Span::raw(format!(" {text} ")) }
    };
    let leave = choice(format!("skip {it}"), !plan.replace);
    lines.push(Line::from(vec![
        Span::raw("  "),
        leave,
        Span::raw("  "),
        choice(format!("overwrite {it}"), plan.replace),
    ]));
    lines
}

/// What Enter will do.
fn consequence(plan: &Plan, model: &Model, width: usize) -> Vec<Line<'static>> {
    if let Some(fault) = &plan.fault {
        return prose(&format!("✗ {}", fault.shown()), width, theme::bad());
    }
    let enter = key_of(model, Scope::Typing, Action::Submit);
    if plan.scan.is_none() {
        let soon = "the upload starts when the files are read".to_owned();
        let text = if plan.is_wanted { soon } else { format!("{enter} uploads the files") };
        return prose(&text, width, theme::strong());
    }
    if plan.is_test_image() {
        return prose(&format!("{enter} uploads a generated test image"), width, theme::strong());
    }
    let overwritten = if plan.replace { plan.clashes.len() } else { 0 };
    let text = match (plan.len(), overwritten) {
        (0, _) if plan.clashes.is_empty() => return prose("✗ no files to upload", width, theme::bad()),
        (0, _) => return prose("✗ no files left to upload: choose overwrite, or change the key", width, theme::bad()),
        (1, 1) => format!("{enter} uploads 1 file and overwrites the existing object"),
        (1, _) => format!("{enter} uploads 1 file"),
        (files, 0) => format!("{enter} uploads {} files", count(files)),
        (files, over) => {
            format!("{enter} uploads {} files and overwrites {} existing objects", count(files), count(over))
        }
    };
    let refused = match plan.scan.as_ref().map_or(0, |scan| scan.refused.len()) {
        0 => String::new(),
        1 => "; 1 cannot be uploaded".to_owned(),
        refused => format!("; {} cannot be uploaded", count(refused)),
    };
    prose(&format!("{text}{refused}"), width, theme::strong())
}
