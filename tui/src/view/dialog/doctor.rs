//! Doctor's list of checks, the worst first, and one check in full with its suggested fix.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, prose, words};
use super::super::theme;
use crate::domain::diagnosis::{Check, CheckStatus, Diagnosis};
use crate::model::dialog::DoctorView;
use crate::model::doctor::Doctor;
use crate::model::load::Load;
use crate::text::clean::Clean;
use crate::text::width::{cut, wrap};

/// Columns of a status: its sign and its word; where that leaves a title no room, its sign.
const STATUS: usize = 16;
const SIGN: usize = 1;
/// Columns that a list with words takes at least.
const WORDS: usize = 50;
/// Columns of a title where what was found stands beside it.
const TITLE: usize = 46;
/// Columns of names in a check.
const NAMES: usize = 12;

/// The title, the rows, and the first of them that is shown.
pub(super) fn text(view: &DoctorView, doctor: &Doctor, width: usize) -> (&'static str, Vec<Line<'static>>, usize) {
    let report = doctor.report.as_ref();
    if let Some((id, offset)) = view.open {
        let check = report.and_then(|report| report.checks.iter().find(|check| check.id == id));
        let lines =
            check.map_or_else(|| vec![Line::styled("no longer in the list", theme::dim())], |check| full(check, width));
        return ("Check", lines, offset);
    }
    let mut lines = vec![headline(doctor, width), Line::default()];
    if let Some(report) = report {
        let checks = report.worst_first();
        lines.extend(checks.into_iter().enumerate().map(|(index, check)| row(check, width, index == view.cursor)));
    } else if let Load::Failed(problem) = &doctor.load {
        lines.extend(prose(Clean::new(&problem.to_string()).shown(), width, theme::bad()));
    }
    ("Doctor", lines, view.offset)
}

/// What came of it, and for which key.
fn headline(doctor: &Doctor, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    match (&doctor.load, &doctor.report) {
        (Load::Failed(_), None) => spans.push(Span::styled("✗ no check was made", theme::bad())),
        (Load::Failed(_), Some(_)) => spans.push(Span::styled("✗ checks failed; previous: ", theme::bad())),
        (Load::Loading(..), None) => spans.push(Span::styled("… checking the pipeline", theme::busy())),
        (Load::Loading(..), Some(_)) => spans.push(Span::styled("… checking again; previous: ", theme::busy())),
        _ => {}
    }
    if let Some(report) = &doctor.report {
        spans.extend(counts(report, width < WORDS));
    }
    if let Some(key) = &doctor.key {
        let used: usize = spans.iter().map(Span::width).sum();
        let room = width.saturating_sub(used + 6);
        spans.push(Span::styled(format!("  for {}", cut(key.shown(), room)), theme::strong()));
    }
    Line::from(spans)
}

/// `1 failure, 2 warnings, 20 ok`, or in signs `✗ 1  ! 2  ✓ 20`.
fn counts(report: &Diagnosis, in_signs: bool) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for status in CheckStatus::ALL {
        let number = report.count(status);
        if number == 0 {
            continue;
        }
        if !spans.is_empty() {
            spans.push(Span::raw(if in_signs { "  " } else { ", " }));
        }
        if in_signs {
            spans.push(Span::styled(format!("{} {number}", status.sign()), theme::check(status)));
            continue;
        }
        spans.push(Span::styled(status.counted(number), theme::check(status)));
    }
    spans
}

fn row(check: &Check, width: usize, under_cursor: bool) -> Line<'static> {
    let style = theme::check(check.status);
    let mark = |style: Style| if under_cursor { style.patch(theme::cursor()) } else { style };
    let (status, columns) = match width {
        WORDS.. => (format!("{} {}", check.status.sign(), check.status.word()), STATUS),
        _ => (check.status.sign().to_owned(), SIGN),
    };
    let room = width.saturating_sub(columns + 1);
    let title = if room > TITLE + 20 { TITLE } else { room };
    let mut spans = vec![
        cell(&status, columns, mark(style)),
        Span::styled(" ", mark(Style::new())),
        cell(check.title, title, mark(Style::new())),
    ];
    if room > title {
        spans.push(Span::styled("  ", mark(Style::new())));
        spans.push(cell(check.found.shown(), room - title - 2, mark(theme::dim())));
    }
    Line::from(spans)
}

fn full(check: &Check, width: usize) -> Vec<Line<'static>> {
    let style = theme::check(check.status);
    let mut lines = prose(check.title, width, theme::strong());
    lines.push(Line::styled(format!("{} {}", check.status.sign(), check.status.word()), style));
    lines.push(Line::default());
    let mut pair = |name: &'static str, text: &str| {
        for (index, row) in words(text, width.saturating_sub(NAMES).max(8)).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            lines.push(Line::from(vec![cell(name, NAMES, theme::dim()), Span::raw(row)]));
        }
    };
    pair("check", check.id);
    pair("found", check.found.shown());
    pair("why", check.why);
    if let Some(permission) = check.permission {
        pair("permission", permission);
    }
    if check.fix.is_empty() {
        return lines;
    }
    lines.push(Line::default());
    lines.push(Line::styled("Suggested fix (read each command before you run it)", theme::strong()));
    for line in &check.fix {
        let shown = line.shown();
        // Comments are prose; a command is broken anywhere, so that copying it back together is all there is to do.
        match shown.strip_prefix("# ") {
            Some(note) => lines.extend(prose(note, width, theme::dim())),
            None => lines.extend(wrap(shown, width.max(8)).into_iter().map(Line::from)),
        }
    }
    lines.push(Line::default());
    lines.extend(prose("`imgwatch doctor` prints the commands unwrapped, to be copied.", width, theme::dim()));
    lines
}
