//! One resource of the pipeline in full, with all that leads to it and from it.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::super::super::text::{cell, prose, second, words};
use super::super::super::theme;
use super::{NAMES, kind, state};
use crate::domain::log::Tail;
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeId, NodeKind, NotFollowed, State};
use crate::model::Model;
use crate::text::clean::Clean;

pub(super) fn text(node: &Node, model: &Model, width: usize) -> Vec<Line<'static>> {
    let wiring = &model.wiring;
    let mut lines = prose(node.name.shown(), width, theme::strong());
    let (sign, word, style) = state(node);
    lines.push(Line::styled(format!("{sign} {word}"), style));
    lines.push(Line::default());
    let mut pair = |name: &'static str, text: &str| {
        for (index, row) in words(text, width.saturating_sub(NAMES).max(8)).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            lines.push(Line::from(vec![cell(name, NAMES, theme::dim()), Span::raw(row)]));
        }
    };
    pair("kind", &kind(node.kind));
    pair("ARN", wiring.arn_of(node, model.region()).as_ref().map_or("not known", Clean::shown));
    if let State::Denied(permission) = node.state {
        pair("permission", permission);
    }
    if let Some(problem) = &node.problem {
        pair("problem", Clean::new(&problem.to_string()).shown());
    }
    if let Some(depth) = &node.depth {
        pair("messages", &depth.to_string());
    }
    pair("followed", &is_followed(wiring.follow().why_not(node)));
    for (name, text) in logs(node, model) {
        pair(name, &text);
    }
    if node.is_assumed {
        pair("note", "no configuration names it: it has the usual name");
    }
    let id = node.id();
    let other = |id: &NodeId| {
        wiring
            .node(id)
            .map_or_else(|| id.name.shown().to_owned(), |node| format!("{} {}", kind(node.kind), node.name.shown()))
    };
    for edge in wiring.edges().iter().filter(|edge| edge.to == id) {
        pair("comes from", &joint(&other(&edge.from), edge));
    }
    for edge in wiring.from(&id) {
        pair("leads to", &joint(&other(&edge.to), edge));
    }
    lines
}

/// How the logs of a function or a group stand.
fn logs(node: &Node, model: &Model) -> Vec<(&'static str, String)> {
    let followed = model.wiring.follow();
    let of_line = model.wiring.followed(NodeKind::Function).map(Node::id);
    let is_it = |function: &Node, group: &Clean| match node.kind {
        NodeKind::LogGroup => *group == node.name,
        _ => function.id() == node.id(),
    };
    let mut pairs = Vec::new();
    for log in followed.logs.iter().filter(|log| is_it(log.function, &log.group)) {
        let other = || model.logs.others().iter().find(|other| other.function == log.function.name);
        let (tail, read_at) = match other() {
            _ if of_line == Some(log.function.id()) => (&model.logs.tail, model.logs.read_at),
            Some(other) => (&other.tail, other.read_at),
            None => continue,
        };
        let name =
            if node.kind == NodeKind::LogGroup { format!("{}: ", log.function.name.shown()) } else { String::new() };
        pairs.push(("log", format!("{name}{}", stands(tail, read_at, model))));
    }
    pairs
}

fn stands(tail: &Tail, read_at: Option<Timestamp>, model: &Model) -> String {
    let as_of = read_at.map(|at| format!(" as of {}", second(at, &model.display))).unwrap_or_default();
    match tail {
        Tail::Connecting => "not read yet".to_owned(),
        Tail::Live | Tail::Every { .. } => format!("read to its end{as_of}"),
        Tail::NoInvocationYet => format!("the group does not exist{as_of}"),
        Tail::BackingOff { .. } => format!("CloudWatch throttles requests; read to its end{as_of}"),
        Tail::Failed(problem) if read_at.is_none() => Clean::new(&problem.to_string()).shown().to_owned(),
        Tail::Failed(problem) => format!("{}; read to its end{as_of}", Clean::new(&problem.to_string()).shown()),
    }
}

fn is_followed(why_not: Option<NotFollowed>) -> String {
    match why_not {
        None => "yes".to_owned(),
        Some(NotFollowed::Shown) => "no: it is only shown".to_owned(),
        Some(why) => Clean::new(&why.to_string()).shown().replacen("not followed", "no", 1),
    }
}

/// What is at the other end of an edge, and all that is known of the edge.
fn joint(end: &str, edge: &Edge) -> String {
    let mut parts = vec![format!("{end}, by {}", edge.kind.word().replace('_', " "))];
    parts.extend(edge.condition().map(|condition| Clean::new(&condition).shown().to_owned()));
    if let EdgeKind::EventSourceMapping(mapping) = &edge.kind {
        parts.push(format!("state {}", mapping.state.shown()));
        parts.extend(mapping.last_result.as_ref().map(|result| format!("last result {}", result.shown())));
        let reports = if mapping.reports_item_failures { "reports" } else { "does not report" };
        parts.push(format!("{reports} batch item failures"));
        parts.extend(mapping.filters.iter().map(|filter| format!("filter {}", filter.shown())));
    }
    if edge.state != State::Ok {
        parts.push(edge.state.word().replace('_', " "));
    }
    parts.join("; ")
}
