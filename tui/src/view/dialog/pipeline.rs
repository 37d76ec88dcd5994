//! The pipeline as rows: each resource below what leads to it, with its state and what stands at the joint; and one of them
//! in full.

mod resource;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::metrics;
use super::super::text::cell;
use super::super::theme;
use crate::domain::wiring::{Edge, EdgeKind, FollowSet, Mapping, Node, NodeKind, NotFollowed, Row, State, Wiring};
use crate::model::Model;
use crate::model::dialog::PipelineView;
use crate::text::clean::Clean;
use crate::text::width::{columns, cut};

/// Columns of a state: its sign and its word; where that leaves names no room, its sign.
const STATE: usize = 16;
/// Columns that a list with words takes at least.
const WORDS: usize = 60;
/// Columns of names in one resource's text.
const NAMES: usize = 12;

/// The title, the rows, and the first of them that is shown.
pub(super) fn text(view: &PipelineView, model: &Model, width: usize) -> (&'static str, Vec<Line<'static>>, usize) {
    let wiring = &model.wiring;
    if let Some((id, offset)) = &view.open {
        let node = wiring.node(id);
        let gone = || vec![Line::styled("no longer part of the pipeline", theme::dim())];
        return ("Resource", node.map_or_else(gone, |node| resource::text(node, model, width)), *offset);
    }
    let (rows, followed) = (wiring.outline(), wiring.follow());
    let mut lines = vec![summary(wiring), Line::default()];
    let names = rows.iter().map(|row| columns(&name(row))).max().unwrap_or(0);
    let state = if width < WORDS { 1 } else { STATE };
    let names = names.min(width.saturating_sub(state + 2) * 3 / 5);
    let columns = (names, state, width);
    let draw = |(index, row): (usize, &Row<'_>)| line(row, model, &followed, columns, index == view.cursor);
    lines.extend(rows.iter().enumerate().map(draw));
    ("Pipeline", lines, view.offset)
}

/// How much there is, and what of it is not as it should be.
fn summary(wiring: &Wiring) -> Line<'static> {
    let mut parts = Vec::new();
    for (kind, one, many) in [
        (NodeKind::Queue, "queue", "queues"),
        (NodeKind::EventRule, "EventBridge rule", "EventBridge rules"),
        (NodeKind::Function, "function", "functions"),
        (NodeKind::Topic, "topic", "topics"),
        (NodeKind::Subscriber, "subscriber", "subscribers"),
    ] {
        let count = match kind {
            NodeKind::Subscriber => subscriber_count(wiring),
            kind => wiring.of(kind).count(),
        };
        match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            count => parts.push(format!("{count} {many}")),
        }
    }
    let bad = wiring.nodes().iter().filter(|node| matches!(node.state, State::Denied(_) | State::Missing)).count();
    let text = if parts.is_empty() { "nothing is known of it yet".to_owned() } else { parts.join(", ") };
    let mut spans = vec![Span::raw(text)];
    if bad > 0 {
        spans.push(Span::styled(format!("; {bad} missing or denied"), theme::bad()));
    }
    Line::from(spans)
}

/// The subscribers of the followed topic, as the header counts them: queues and functions among them are nodes of other kinds.
fn subscriber_count(wiring: &Wiring) -> usize {
    let Some(topic) = wiring.followed(NodeKind::Topic) else { return wiring.of(NodeKind::Subscriber).count() };
    wiring.from(&topic.id()).iter().filter(|edge| matches!(edge.kind, EdgeKind::Subscription(_))).count()
}

/// What leads to it and what it is: `→ queue jobs`.
fn name(row: &Row<'_>) -> String {
    let by = match row.edge.map(|edge| &edge.kind) {
        None => "",
        Some(EdgeKind::Success) => "on success → ",
        Some(EdgeKind::Failure) => "on failure → ",
        Some(_) => "→ ",
    };
    format!("{}{by}{} {}", "  ".repeat(row.depth), kind(row.node.kind), row.node.name.shown())
}

fn kind(kind: NodeKind) -> String {
    match kind {
        NodeKind::EventRule => "rule".to_owned(),
        NodeKind::Other => "service".to_owned(),
        kind => kind.word().replace('_', " "),
    }
}

/// A state in a sign and a word.
fn state(node: &Node) -> (&'static str, &'static str, Style) {
    match node.state {
        State::NotRead if !node.kind.is_read() => ("·", "", theme::dim()),
        State::NotRead => ("○", "not read", theme::dim()),
        State::OtherAccount => ("○", "other account", theme::dim()),
        State::NotOffered => ("○", "not offered", theme::dim()),
        State::Denied(_) => ("✗", "denied", theme::bad()),
        State::Missing => ("✗", "missing", theme::bad()),
        State::Disabled => ("!", "disabled", theme::warn()),
        State::Ok => ("✓", "ok", theme::good()),
    }
}

fn line(
    row: &Row<'_>,
    model: &Model,
    followed: &FollowSet<'_>,
    (names, state_width, width): (usize, usize, usize),
    under: bool,
) -> Line<'static> {
    let mark = |style: Style| if under { style.patch(theme::cursor()) } else { style };
    let (sign, word, style) = state(row.node);
    let state = if state_width == 1 { sign.to_owned() } else { format!("{sign} {word}") };
    let name_style = if followed.has(row.node) { theme::strong() } else { Style::new() };
    let mut spans = vec![
        cell(&name(row), names, mark(name_style)),
        Span::styled(" ", mark(Style::new())),
        cell(&state, state_width, mark(style)),
    ];
    let room = width.saturating_sub(names + state_width + 2);
    let mut used = 0;
    for (text, style) in notes(row, model, followed) {
        let gap = if used == 0 { " " } else { " · " };
        let left = room.saturating_sub(used + columns(gap));
        // A word that would be cut to nothing is left out.
        if left < 4 {
            break;
        }
        let text = cut(&text, left);
        used += columns(gap) + columns(&text);
        spans.push(Span::styled(gap, mark(theme::dim())));
        spans.push(Span::styled(text, mark(style)));
    }
    Line::from(spans)
}

/// What stands at a joint, the most telling first.
fn notes(row: &Row<'_>, model: &Model, followed: &FollowSet<'_>) -> Vec<(String, Style)> {
    let shown = |text: &str| Clean::new(text).shown().to_owned();
    if row.is_repeated {
        return vec![("see above".to_owned(), theme::dim())];
    }
    let mut notes = Vec::new();
    let node = row.node;
    if let Some(problem) = &node.problem {
        notes.push((problem.why.shown().to_owned(), theme::bad()));
    }
    if let Some(edge) = row.edge {
        notes.extend(at_the_joint(edge));
    }
    if let Some(depth) = &node.depth {
        let is_empty = depth.total() == 0;
        notes.push((depth.to_string(), if is_empty { theme::dim() } else { theme::strong() }));
    }
    if node.kind == NodeKind::Topic {
        notes.push((subscribers(node, &model.wiring), Style::new()));
        let metrics = &model.subscriptions.metrics;
        if node.is_followed && metrics.read_at.is_some() {
            let counts = metrics.last(5);
            let text = format!("last 5 min: {}", metrics::with_published(counts));
            notes.push((text, if counts.failed > 0 { theme::warn() } else { theme::dim() }));
        }
    }
    if node.is_assumed {
        notes.push(("assumed: no configuration names it".to_owned(), theme::warn()));
    }
    if let Some(condition) = row.edge.and_then(condition) {
        notes.push((shown(&condition), theme::dim()));
    }
    match followed.why_not(node) {
        Some(NotFollowed::Shown) if !matches!(node.kind, NodeKind::StateMachine | NodeKind::Other) => {}
        // Its state says so.
        Some(NotFollowed::OtherAccount | NotFollowed::Missing | NotFollowed::NotRead) | None => {}
        Some(why) => notes.insert(0, (shown(&why.to_string()), theme::dim())),
    }
    notes
}

/// What the edge depends on, but for ids that say nothing to a reader and what the joint's own words say.
fn condition(edge: &Edge) -> Option<String> {
    match &edge.kind {
        EdgeKind::Target { transformed: true, .. } => Some("input is transformed".to_owned()),
        EdgeKind::EventSourceMapping(_) | EdgeKind::Target { .. } => edge.qualification(),
        EdgeKind::Subscription(_) if edge.state == State::Disabled => None,
        _ => edge.condition(),
    }
}

/// What is not as it should be at the joint itself.
fn at_the_joint(edge: &Edge) -> Vec<(String, Style)> {
    let mut notes = Vec::new();
    if let EdgeKind::EventSourceMapping(mapping) = &edge.kind {
        let state = if mapping.state.shown().is_empty() { "unknown" } else { mapping.state.shown() };
        let style = if mapping.is_enabled() { theme::dim() } else { theme::warn() };
        notes.push((format!("mapping {}", state.to_lowercase()), style));
        notes.extend(last_result(mapping));
    }
    if let EdgeKind::Subscription(_) = edge.kind
        && edge.state == State::Disabled
    {
        notes.extend(edge.condition().map(|condition| (Clean::new(&condition).shown().to_owned(), theme::warn())));
    }
    notes
}

fn last_result(mapping: &Mapping) -> Option<(String, Style)> {
    let result = mapping.last_result.as_ref()?;
    let style = if mapping.has_problem() { theme::bad() } else { theme::dim() };
    Some((format!("last result: {}", result.shown()), style))
}

/// How many a topic sends to.
fn subscribers(topic: &Node, wiring: &Wiring) -> String {
    let all = wiring.from(&topic.id());
    let all: Vec<&&Edge> = all.iter().filter(|edge| matches!(edge.kind, EdgeKind::Subscription(_))).collect();
    let pending = all.iter().filter(|edge| edge.state == State::Disabled).count();
    let text = match all.len() - pending {
        _ if topic.state != State::Ok => "subscribers not known".to_owned(),
        0 => "no subscribers".to_owned(),
        1 => "1 subscriber".to_owned(),
        count => format!("{count} subscribers"),
    };
    if pending > 0 { format!("{text}, {pending} pending") } else { text }
}
