//! What leads from one resource of a pipeline to the next.

use imgwatch_shared::arn;

use super::{EventPattern, Node, NodeId, NodeKind, Rule, State};
use crate::text::clean::Clean;

/// One connection: events or messages pass from `from` to `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: NodeId,
    pub to: NodeId,
    /// The version or alias of the function to which it leads, where it names one.
    pub qualifier: Option<Clean>,
    pub kind: EdgeKind,
    pub state: State,
}

/// By what one resource leads to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A rule of the bucket's notification configuration.
    Rule(Rule),
    /// The bucket sends all its events to `EventBridge`.
    AllEvents,
    /// The bus gives the rule the events that match this pattern, in JSON.
    Pattern(Clean),
    /// A target of the rule; `transformed` ones do not get the event as it is.
    Target { id: Clean, transformed: bool },
    /// The function has an environment variable with the topic's ARN.
    Variable(Clean),
    /// The user says that the function publishes to the topic.
    Named,
    /// The function's log is in the log group.
    Log,
    /// An event source mapping gives the queue's messages to the function.
    EventSourceMapping(Mapping),
    /// A subscription of the topic, over this protocol.
    Subscription(Clean),
    /// What came of a successful invocation goes there.
    Success,
    /// What failed goes there.
    Failure,
}

/// An event source mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    pub uuid: Clean,
    /// Lambda's word for its state.
    pub state: Clean,
    /// What came of its last read, where Lambda says so.
    pub last_result: Option<Clean>,
    /// Messages that match none of these are deleted.
    pub filters: Vec<Clean>,
    /// Whether the function may return the messages that failed.
    pub reports_item_failures: bool,
    /// Seconds that it waits for a batch to fill.
    pub batching_window: i32,
}

impl Mapping {
    /// Whether it reads the queue.
    pub fn is_enabled(&self) -> bool {
        self.state.raw() == "Enabled"
    }

    /// Whether its last read went wrong.
    pub fn has_problem(&self) -> bool {
        self.last_result.as_ref().is_some_and(|result| result.raw().starts_with("PROBLEM"))
    }
}

impl EdgeKind {
    /// Its name in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rule(_) => "rule",
            Self::AllEvents => "all_events",
            Self::Pattern(_) => "pattern",
            Self::Target { .. } => "target",
            Self::Variable(_) => "variable",
            Self::Named => "named",
            Self::Log => "log",
            Self::EventSourceMapping(_) => "event_source_mapping",
            Self::Subscription(_) => "subscription",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl Edge {
    /// An edge to a node of this kind, by its name or ARN, with that node.
    pub fn to(from: &Node, kind: NodeKind, named: &str, by: EdgeKind, state: State) -> (Node, Self) {
        let node = Node::new(kind, named);
        let qualifier = if kind == NodeKind::Function { arn::function(named).1 } else { None };
        let qualifier = qualifier.filter(|it| *it != "$LATEST").map(Clean::new);
        let edge = Self { from: from.id(), to: node.id(), qualifier, kind: by, state };
        (node, edge)
    }

    /// Whether two readings mean the same connection.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_same_kind = match (&self.kind, &other.kind) {
            // What came of its last read is another each time.
            (EdgeKind::EventSourceMapping(one), EdgeKind::EventSourceMapping(other)) => one.uuid == other.uuid,
            (one, other) => one == other,
        };
        is_same_kind && (&self.from, &self.to, &self.qualifier) == (&other.from, &other.to, &other.qualifier)
    }

    /// What it depends on, in one phrase.
    pub fn condition(&self) -> Option<String> {
        let condition = match &self.kind {
            EdgeKind::Rule(rule) => Some(match &rule.id {
                Some(id) => format!("{}: {}", id.raw(), rule.conditions()),
                None => rule.conditions(),
            }),
            EdgeKind::Pattern(pattern) => {
                let doubt = if self.state == State::NotRead { ", not known whether it matches" } else { "" };
                Some(format!("{}{doubt}", EventPattern::new(pattern.raw())))
            }
            EdgeKind::Variable(text) => Some(text.raw().to_owned()),
            EdgeKind::Target { id, transformed: true } => Some(format!("{}, input is transformed", id.raw())),
            EdgeKind::Target { id, transformed: false } => Some(id.raw().to_owned()),
            EdgeKind::EventSourceMapping(mapping) => Some(mapping.uuid.raw().to_owned()),
            EdgeKind::Subscription(protocol) if self.state == State::Disabled => {
                Some(format!("{}, pending confirmation", protocol.raw()))
            }
            EdgeKind::Subscription(protocol) => Some(protocol.raw().to_owned()),
            EdgeKind::Named => Some("named by --topic or the config file".to_owned()),
            EdgeKind::AllEvents | EdgeKind::Log | EdgeKind::Success | EdgeKind::Failure => None,
        };
        let parts: Vec<String> = [condition, self.qualification()].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Which version or alias it leads to, where it names one.
    pub fn qualification(&self) -> Option<String> {
        self.qualifier.as_ref().map(|it| format!("version or alias {}, not followed", it.raw()))
    }
}
