//! The stages of an upload before and after its function: the rule of `EventBridge` that its event matched, the topic that
//! sent it on, the queue that held it, and the dead-letter queue at the end.
//!
//! They are evidence only where the function logs the envelope of its event. Else they are what the wiring predicts, and
//! which rule, topic or queue it was is the wiring's word in either case: no event names them.

use imgwatch_shared::s3_event::Entry;

use super::{Basis, Invocation, Timeline};
use crate::domain::evidence::Envelope;
use crate::domain::wiring::{EdgeKind, Node, NodeKind, ObjectEvent, Route, Wiring};
use crate::text::clean::Clean;

/// One stage before or after a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStage<'a> {
    pub kind: PathStageKind,
    /// The rule, the topic, or the queue; `None` where the wiring does not say which one it is.
    pub node: Option<&'a Node>,
    /// The id of the message, where the log names it.
    pub message_id: Option<&'a Clean>,
    pub evidence: PathEvidence,
}

/// A function to which an event goes by the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected<'a> {
    pub function: &'a Node,
    /// The stages before it.
    pub path: Vec<PathStage<'a>>,
    /// Whether all that decides is known.
    pub is_sure: bool,
}

/// What a stage is, in the order in which an event may pass them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathStageKind {
    /// A rule of `EventBridge` matched the event.
    Matched,
    /// A topic sent the event on.
    FannedOut,
    /// The event waits, or waited, in a queue.
    Queued,
    /// All attempts failed, and the event goes to where events go that fail: a dead-letter queue, or another destination.
    DeadLettered,
}

/// What says that an event passed a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathEvidence {
    /// The function logged the envelope, in an invocation that this joins to the upload.
    Log(Option<Basis>),
    /// The wiring predicts it.
    Wiring {
        /// Whether all that decides is known.
        is_sure: bool,
    },
}

impl PathStageKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::FannedOut => "fanned_out",
            Self::Queued => "queued",
            Self::DeadLettered => "dead_lettered",
        }
    }

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::FannedOut => "fanned out",
            Self::Queued => "queued",
            Self::DeadLettered => "gave up",
        }
    }

    /// The kind of what stands there.
    fn noun(self) -> &'static str {
        match self {
            Self::Matched => "rule",
            Self::FannedOut => "topic",
            Self::Queued => "queue",
            Self::DeadLettered => "dead-letter queue",
        }
    }

    fn of(node: &Node) -> Option<Self> {
        Some(match node.kind {
            NodeKind::EventRule => Self::Matched,
            NodeKind::Topic => Self::FannedOut,
            NodeKind::Queue => Self::Queued,
            _ => return None,
        })
    }
}

impl PathStage<'_> {
    /// What is known of it, in one phrase: `queue jobs, message 3f2a...`.
    pub fn sentence(&self) -> String {
        let noun = self.kind.noun();
        let mut text = match self.node {
            Some(node) => format!("{noun} {}", node.name.shown()),
            None => format!("the wiring does not tell which {noun}"),
        };
        if let Some(id) = self.message_id {
            text.push_str(&format!(", message {}", id.shown()));
        }
        match self.evidence {
            PathEvidence::Log(_) => text,
            PathEvidence::Wiring { is_sure } => {
                // Of a queue only what waits in it now is known, and not whose it is.
                let depth = self.node.and_then(|node| node.depth).map(|depth| format!("; {depth}")).unwrap_or_default();
                let doubt = if is_sure { "predicted" } else { "perhaps; predicted" };
                format!("{text} ({doubt} by the wiring{depth})")
            }
        }
    }
}

impl Timeline {
    /// The stages between the bucket and its function, in the order of the event.
    pub fn path<'a>(&'a self, wiring: &'a Wiring) -> Vec<PathStage<'a>> {
        let Some(logged) = self.invocations.iter().find_map(logged) else {
            return only(self.routes_to(wiring, &self.function, false))
                .map(|path| path.stages(&[], None))
                .unwrap_or_default();
        };
        let mut routes = self.routes_to(wiring, &self.function, true);
        routes.retain(|path| logged.iter().all(|(kind, _)| path.stops.iter().any(|(known, _)| known == kind)));
        if let Some(path) = only(routes) {
            return path.stages(&logged, self.basis());
        }
        let evidence = PathEvidence::Log(self.basis());
        let stage = |(kind, message_id)| PathStage { kind, node: None, message_id, evidence };
        logged.into_iter().map(stage).collect()
    }

    /// Where its event goes after the last attempt, as the wiring says. What waits there is no evidence of one object: nothing
    /// shows whose message it is without receiving it.
    pub fn dead_letter<'a>(&'a self, wiring: &'a Wiring) -> Option<PathStage<'a>> {
        if !self.has_given_up() {
            return None;
        }
        let message_id = self.invocations.last()?.receive().map(|receive| &receive.message_id);
        let queue = self.path(wiring).into_iter().rev().find(|stage| stage.kind == PathStageKind::Queued);
        let from = match queue {
            Some(queue) => queue.node?,
            None => wiring.of(NodeKind::Function).find(|node| node.name == self.function)?,
        };
        let mut failures = wiring.from(&from.id()).into_iter().filter(|edge| edge.kind == EdgeKind::Failure);
        let to = failures.next().filter(|_| failures.next().is_none())?;
        let evidence = PathEvidence::Wiring { is_sure: true };
        Some(PathStage { kind: PathStageKind::DeadLettered, node: wiring.node(&to.to), message_id, evidence })
    }

    /// The functions to which its event goes by the rules, and whose logs do not show it, each with the stages before it.
    pub fn expected<'a>(&'a self, wiring: &'a Wiring) -> Vec<Expected<'a>> {
        let is_shown = |node: &Node| self.known().any(|part| part.function == node.name);
        let mut found: Vec<Expected<'a>> = Vec::new();
        for route in self.routes(wiring, false) {
            if route.end.kind != NodeKind::Function || is_shown(route.end) {
                continue;
            }
            // The log of a version or an alias is not followed.
            let is_qualified = route.edges.last().is_some_and(|edge| edge.qualifier.is_some());
            let is_sure = route.is_sure && !is_qualified;
            if let Some(known) = found.iter_mut().find(|known| known.function.id() == route.end.id()) {
                known.is_sure |= is_sure;
                continue;
            }
            let path = only(self.routes_to(wiring, &route.end.name, false)).map(|path| path.stages(&[], None));
            found.push(Expected { function: route.end, path: path.unwrap_or_default(), is_sure });
        }
        found
    }

    /// The routes of its event to a function; to the one that is followed while none is named.
    fn routes_to<'a>(&self, wiring: &'a Wiring, function: &Clean, has_passed: bool) -> Vec<Path<'a>> {
        let is_it = |node: &Node| if function.raw().is_empty() { node.is_followed } else { node.name == *function };
        let routes = self.routes(wiring, has_passed).into_iter();
        let routes = routes.filter(|route| route.end.kind == NodeKind::Function && is_it(route.end));
        routes.map(|route| Path::of(&route, wiring)).collect()
    }

    /// The routes that its event takes by the rules. How it was written is a guess: the event of a copy has another name.
    fn routes<'a>(&self, wiring: &'a Wiring, has_passed: bool) -> Vec<Route<'a>> {
        let is_multipart = self.write.e_tag.as_ref().is_some_and(|e_tag| e_tag.raw().contains('-'));
        let name = if is_multipart { "ObjectCreated:CompleteMultipartUpload" } else { "ObjectCreated:Put" };
        let (bucket, key) = (self.write.bucket.raw(), self.write.key.raw());
        wiring.routes(&ObjectEvent { name, bucket, key, size: self.size, has_passed })
    }
}

/// Where the event may come by several ways, nothing tells which one.
fn only(mut paths: Vec<Path<'_>>) -> Option<Path<'_>> {
    paths.pop().filter(|_| paths.is_empty())
}

/// A stage that an envelope shows, and the id of its message.
type Logged<'a> = (PathStageKind, Option<&'a Clean>);

/// The stages that the envelope of an invocation shows, where one is logged.
fn logged(invocation: &Invocation) -> Option<Vec<Logged<'_>>> {
    let Envelope { entry, sqs, sns_message_id } = invocation.envelope.as_ref()?;
    let matched = (*entry == Some(Entry::EventBridge)).then_some((PathStageKind::Matched, None));
    let is_fanned_out = *entry == Some(Entry::Topic) || sns_message_id.is_some();
    let fanned_out = is_fanned_out.then_some((PathStageKind::FannedOut, sns_message_id.as_ref()));
    let is_queued = *entry == Some(Entry::Queue) || sqs.is_some();
    let queued = is_queued.then(|| (PathStageKind::Queued, sqs.as_ref().map(|receive| &receive.message_id)));
    Some([matched, fanned_out, queued].into_iter().flatten().collect())
}

/// One route to a function, as the stages on it.
struct Path<'a> {
    stops: Vec<(PathStageKind, &'a Node)>,
    is_sure: bool,
}

impl<'a> Path<'a> {
    fn of(route: &Route<'a>, wiring: &'a Wiring) -> Self {
        let nodes = route.edges.iter().filter_map(|edge| wiring.node(&edge.to));
        let stops = nodes.filter_map(|node| Some((PathStageKind::of(node)?, node))).collect();
        Self { stops, is_sure: route.is_sure }
    }

    /// Its stages: those that the log shows, and the others as the wiring predicts them.
    fn stages(&self, logged: &[Logged<'a>], basis: Option<Basis>) -> Vec<PathStage<'a>> {
        let stage = |(kind, node): &(PathStageKind, &'a Node)| {
            let shown = logged.iter().find(|(known, _)| known == kind);
            let evidence = match shown {
                Some(_) => PathEvidence::Log(basis),
                None => PathEvidence::Wiring { is_sure: self.is_sure },
            };
            PathStage { kind: *kind, node: Some(*node), message_id: shown.and_then(|(_, id)| *id), evidence }
        };
        self.stops.iter().map(stage).collect()
    }
}
