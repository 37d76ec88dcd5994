//! One upload's story: each stage with its time since the beginning and its evidence, then each delivery.
//!
//! The panel shows it in single rows; the details show the same steps wrapped, with every id in full.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, date, endpoint, name, right, words};
use super::super::theme;
use super::row::{NARROW, TimeSource, origin, since};
use super::stages::steps;
use super::step::Columns;
use super::transfer;
use crate::domain::delivery::{Delivery, DeliveryState, deliveries};
use crate::domain::evidence::InvocationReport;
use crate::domain::log;
use crate::domain::timeline::{Joined, Timeline, UploadStatus};
use crate::domain::transfer::TransferState;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::keys::key_of;
use crate::model::uploads::UploadRow;
use crate::text::size;
use crate::text::width::{columns, cut};

/// The story in single rows.
pub(super) fn lines(row: UploadRow<'_>, model: &Model, width: usize) -> Vec<Line<'static>> {
    let timeline = match row {
        UploadRow::Transfer(transfer) => {
            let text = words(&transfer::text(transfer, model), width.saturating_sub(4));
            return text.into_iter().map(|row| Line::from(format!("    {row}"))).collect();
        }
        UploadRow::Timeline(timeline) => timeline,
    };
    let steps = steps(timeline, model);
    let shared = Columns::of(&steps, width);
    let mut lines: Vec<Line<'static>> = steps.iter().map(|step| step.row(width, shared)).collect();
    let told = deliveries(timeline, &model.subscriptions.known);
    let widths = Widths::of(&told, width);
    lines.extend(told.iter().map(|delivery| told_row(delivery, timeline, &widths)));
    lines
}

/// The columns of the deliveries of one upload.
struct Widths {
    indent: &'static str,
    protocol: usize,
    endpoint: usize,
    state: usize,
    time: usize,
    evidence: usize,
}

impl Widths {
    /// Narrow panels lose the evidence first, then the time, then the longest word, then the protocol.
    fn of(told: &[Delivery], width: usize) -> Self {
        let widest = |text: fn(&Delivery) -> &str| told.iter().map(|row| columns(text(row))).max().unwrap_or(0);
        let is_narrow = width < NARROW;
        let indent = if is_narrow { "  " } else { "    " };
        let protocol = if is_narrow { 0 } else { widest(|row| row.protocol.word()) };
        let state = widest(|row| row.state.word()).min(if width >= 64 { 20 } else { 9 });
        let time = if width >= 52 { 11 } else { 0 };
        let room = width.saturating_sub(indent.len() + 2 + protocol + usize::from(!is_narrow) + 2 + state + time);
        let wanted = widest(|row| name(row.endpoint.shown()));
        let endpoint = if width >= 90 { wanted.min(room * 2 / 5) } else { wanted.min(room) };
        let evidence = room.saturating_sub(endpoint + 2);
        Self { indent, protocol, endpoint, state, time, evidence }
    }
}

/// The source of a delivery's time: SNS accepted a message when the function says so.
fn clock(delivery: &Delivery) -> TimeSource {
    if delivery.state == DeliveryState::Accepted { TimeSource::Function } else { TimeSource::Delivery }
}

fn told_row(delivery: &Delivery, timeline: &Timeline, widths: &Widths) -> Line<'static> {
    let (glyph, style) = theme::delivery(delivery.state);
    let word = delivery.state.word();
    let word = if columns(word) > widths.state { "pending" } else { word };
    let at = delivery.at.map(|at| since(timeline, at, clock(delivery))).unwrap_or_default();
    let mut spans = vec![
        Span::styled(format!("{}{glyph} ", widths.indent), style),
        cell(delivery.protocol.word(), widths.protocol, Style::new()),
        Span::raw(if widths.protocol > 0 { " " } else { "" }),
        endpoint(delivery.endpoint.shown(), widths.endpoint),
        Span::raw("  "),
        cell(word, widths.state, style),
        Span::raw(right(&at, widths.time)),
    ];
    if widths.evidence > 16 {
        spans.push(Span::styled(format!("  {}", cut(&delivery.evidence, widths.evidence)), theme::dim()));
    }
    Line::from(spans)
}

/// The story with every id, for the details.
pub(in crate::view) fn details(row: UploadRow<'_>, model: &Model, width: usize) -> Vec<Line<'static>> {
    let timeline = match row {
        UploadRow::Transfer(transfer) => {
            let text = format!("{}: {}", transfer.key.shown(), transfer::text(transfer, model));
            let mut out: Vec<Line<'static>> = words(&text, width).into_iter().map(Line::from).collect();
            if matches!(transfer.state, TransferState::Failed(_)) {
                out.extend(pointer(model, width));
            }
            return out;
        }
        UploadRow::Timeline(timeline) => timeline,
    };
    let write = &timeline.write;
    let mut out = Vec::new();
    let mut pair = |name: &'static str, text: String| hanging(&mut out, name, 12, &text, width, Style::new());
    pair("key", write.key.shown().to_owned());
    pair("bucket", write.bucket.shown().to_owned());
    let ids = [
        ("etag", &write.e_tag),
        ("version", &write.version_id),
        ("sequencer", &write.sequencer),
        ("s3 request", &write.s3_request_id),
    ];
    for (name, id) in ids {
        if let Some(id) = id {
            pair(name, id.shown().to_owned());
        }
    }
    if let Some(bytes) = timeline.size {
        pair("size", size::exact(bytes));
    }
    if let Some(began) = origin(timeline) {
        pair("began", date(began));
    }
    for part in timeline.each() {
        let function = if timeline.beside.is_empty() { String::new() } else { format!("{}: ", part.function.shown()) };
        pair("correlation", format!("{function}{}", joined(part.joined)));
    }
    if let Some(nameless) = model.uploads.timelines.nameless().filter(|_| timeline.upload.is_some()) {
        pair("hint", log::advice(nameless.invocations, model.logs.settings.as_ref()));
    }
    for invocation in timeline.each().flat_map(|part| &part.invocations) {
        pair("invocation", invocation.request_id.shown().to_owned());
        for attempt in &invocation.attempts {
            pair("log stream", attempt.stream.shown().to_owned());
            if let Some(cost) = attempt.report.as_ref().map(InvocationReport::cost).filter(|cost| !cost.is_empty()) {
                pair("cost", cost);
            }
        }
    }
    out.push(Line::default());
    for step in steps(timeline, model) {
        if width < NARROW {
            hanging(&mut out, &format!("{} {}", step.name, step.at), width, "", width, Style::new());
            hanging(&mut out, "", 2, &step.text, width, step.style);
            continue;
        }
        let head = format!("{} {}", cell(step.name, 10, Style::new()).content, right(&step.at, 11));
        hanging(&mut out, &head, 24, &step.text, width, step.style);
    }
    let told = deliveries(timeline, &model.subscriptions.known);
    if !told.is_empty() {
        out.push(Line::default());
    }
    for delivery in told {
        let (glyph, style) = theme::delivery(delivery.state);
        let at = delivery.at.map(|at| format!(" {}", since(timeline, at, clock(&delivery))));
        let head = format!("{glyph} {} {}", delivery.protocol.word(), delivery.endpoint.shown());
        out.extend(words(&head, width).into_iter().map(|row| Line::styled(row, theme::strong())));
        let text = format!("{}{}: {}", delivery.state.word(), at.unwrap_or_default(), delivery.evidence);
        hanging(&mut out, "", 2, &text, width, style);
    }
    let marked = timeline.began.is_some() && timeline.logged.is_some()
        || timeline.delivery_statuses.len() + timeline.probed.len() > 0;
    if marked {
        out.push(Line::default());
        let text = "~ marks an approximate time: it comes from another clock than the first one";
        out.extend(words(text, width).into_iter().map(|row| Line::styled(row, theme::dim())));
    }
    if matches!(
        model.status(timeline),
        UploadStatus::Late | UploadStatus::Stuck | UploadStatus::Unknown | UploadStatus::Failed
    ) {
        out.extend(pointer(model, width));
    }
    out
}

/// Where to go on from an upload with a problem.
fn pointer(model: &Model, width: usize) -> [Line<'static>; 2] {
    const SENTENCE: &str = " to diagnose the pipeline";
    let key = Span::styled(key_of(model, Scope::Panels, Action::Doctor), theme::key());
    let text = if width < SENTENCE.len() + 7 { " to diagnose" } else { SENTENCE };
    [Line::default(), Line::from(vec![Span::raw("press "), key, Span::raw(text)])]
}

/// A name and its text, wrapped with the name standing out.
fn hanging(out: &mut Vec<Line<'static>>, name: &str, indent: usize, text: &str, width: usize, style: Style) {
    for (index, row) in words(text, width.saturating_sub(indent).max(8)).into_iter().enumerate() {
        let head = if index == 0 { cell(name, indent, theme::dim()) } else { cell("", indent, Style::new()) };
        out.push(Line::from(vec![head, Span::styled(row, style)]));
    }
}

fn joined(joined: Joined) -> &'static str {
    match joined {
        Joined::Exactly => "same S3 request id in the upload and the log",
        Joined::ByObject => "same key and content; the log has no S3 request id of this upload",
        Joined::By(basis) => basis.sentence(),
        Joined::UploadOnly => "no matching log entry",
        Joined::LogOnly => "uploaded elsewhere; known from the log only",
    }
}
