//! The stages of an upload between the bucket and the function: the rule of `EventBridge` that its event matched, the topic
//! that sent it on, the queue that held it.
//!
//! They are evidence only where the function logs the envelope of its event. Else they are what the wiring predicts, and
//! which rule, topic or queue it was is the wiring's word in either case: no event names them.

use imgwatch_shared::s3_event::Entry;

use super::{Basis, Invocation, Timeline};
use crate::domain::evidence::Envelope;
use crate::domain::wiring::{Node, NodeKind, ObjectEvent, Route, Wiring};
use crate::text::clean::Clean;

/// One stage between the bucket and the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStage<'a> {
    pub kind: PathStageKind,
    /// The rule, the topic, or the queue; `None` where the wiring does not say which one it is.
    pub node: Option<&'a Node>,
    /// The id of the message, where the log names it.
    pub message_id: Option<&'a Clean>,
    pub evidence: PathEvidence,
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
        }
    }

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::FannedOut => "fanned out",
            Self::Queued => "queued",
        }
    }

    /// The kind of what stands there.
    fn noun(self) -> &'static str {
        match self {
            Self::Matched => "rule",
            Self::FannedOut => "topic",
            Self::Queued => "queue",
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
    /// The stages between the bucket and the function that is followed, in the order of the event.
    pub fn path<'a>(&'a self, wiring: &'a Wiring) -> Vec<PathStage<'a>> {
        let is_followed = |route: &Route<'_>| route.end.kind == NodeKind::Function && route.end.is_followed;
        let mut routes: Vec<Path<'a>> =
            self.routes(wiring).into_iter().filter(is_followed).map(|route| Path::of(&route, wiring)).collect();
        let logged = self.invocations.iter().find_map(logged);
        let Some(logged) = logged else {
            // Where the event may come by several ways, nothing tells which one.
            let only = routes.pop().filter(|_| routes.is_empty());
            return only.map(|path| path.stages(&[], self.basis())).unwrap_or_default();
        };
        routes.retain(|path| logged.iter().all(|(kind, _)| path.stops.iter().any(|(known, _)| known == kind)));
        match routes.as_slice() {
            [path] => path.stages(&logged, self.basis()),
            _ => {
                let evidence = PathEvidence::Log(self.basis());
                let stage = |(kind, message_id)| PathStage { kind, node: None, message_id, evidence };
                logged.into_iter().map(stage).collect()
            }
        }
    }

    /// The routes that its event takes by the rules. Whoever wrote the object may have copied it, which S3 names otherwise.
    pub fn routes<'a>(&self, wiring: &'a Wiring) -> Vec<Route<'a>> {
        let is_multipart = self.write.e_tag.as_ref().is_some_and(|e_tag| e_tag.raw().contains('-'));
        let name = if is_multipart { "ObjectCreated:CompleteMultipartUpload" } else { "ObjectCreated:Put" };
        let (bucket, key) = (self.write.bucket.raw(), self.write.key.raw());
        wiring.routes(&ObjectEvent { name, bucket, key, size: self.size })
    }
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
