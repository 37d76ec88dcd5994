//! Which functions and topics are followed, and why the others are not: those of the line first, then those that events
//! reach.
//!
//! They are bounded because all followers share the account's quota: with more of them, each is read less often.

use std::fmt;

use super::{Edge, EdgeKind, Node, NodeKind, State, Wiring};
use crate::text::clean::Clean;

/// Functions whose logs are followed at most. A session of Live Tail takes as many log groups.
pub const MOST_FUNCTIONS: usize = 10;

/// Topics whose delivery-status logs are followed at most; each has two.
pub const MOST_TOPICS: usize = 5;

/// What of a wiring is followed.
#[derive(Debug, Clone)]
pub struct FollowSet<'a> {
    wiring: &'a Wiring,
    /// What events reach from the bucket.
    reached: Vec<&'a Node>,
    /// The functions whose logs are followed: that of the line first, then the nearest to the bucket.
    pub logs: Vec<FollowedLog<'a>>,
    /// The topics whose delivery-status logs are followed: that of the line first, then those that these functions publish
    /// to.
    pub topics: Vec<&'a Node>,
}

/// A function whose log is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedLog<'a> {
    pub function: &'a Node,
    /// The name of its log group; where nothing says which, the usual one.
    pub group: Clean,
}

/// Why something is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFollowed {
    /// It is only shown: its kind is never followed, or no event reaches it.
    Shown,
    /// So many others are followed, which is the most.
    TooMany(usize),
    /// Events reach this version or alias of it alone.
    Qualified(Clean),
    OtherAccount,
    Missing,
    NotRead,
}

impl fmt::Display for NotFollowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not followed")?;
        match self {
            Self::Shown => Ok(()),
            Self::TooMany(most) => write!(f, ": {most} others are, which is the most"),
            Self::Qualified(name) => write!(f, ": events go to its version or alias {}", name.raw()),
            Self::OtherAccount => f.write_str(": it is in another account"),
            Self::Missing => f.write_str(": it does not exist"),
            Self::NotRead => f.write_str(": it is not read yet"),
        }
    }
}

impl Wiring {
    /// What is followed.
    pub fn follow(&self) -> FollowSet<'_> {
        let reached = self.reached();
        let mut followed = FollowSet { wiring: self, reached, logs: Vec::new(), topics: Vec::new() };
        followed.logs = followed.find_logs();
        followed.topics = followed.find_topics();
        followed
    }

    /// The topics that a function publishes to, as far as its configuration or the user says.
    fn topics_of(&self, function: &Node) -> Vec<&Node> {
        let publishes = |edge: &&Edge| matches!(edge.kind, EdgeKind::Variable(_) | EdgeKind::Named | EdgeKind::Success);
        let edges = self.from(&function.id()).into_iter().filter(publishes);
        edges.filter(|edge| edge.to.kind == NodeKind::Topic).filter_map(|edge| self.node(&edge.to)).collect()
    }

    fn group_of(&self, function: &Node) -> Clean {
        let edges = self.from(&function.id());
        let groups = edges.iter().filter(|edge| edge.kind == EdgeKind::Log).filter_map(|edge| self.node(&edge.to));
        // Of the line's function two may be known: the one that the user named, and the one of its configuration.
        match groups.max_by_key(|group| group.is_followed) {
            Some(group) => group.name.clone(),
            None => Clean::new(&format!("/aws/lambda/{}", function.name.raw())),
        }
    }
}

impl<'a> FollowSet<'a> {
    fn find_logs(&self) -> Vec<FollowedLog<'a>> {
        let line = self.wiring.followed(NodeKind::Function);
        let is_other = |node: &&'a Node| line.is_none_or(|line| !is_same(line, node));
        let others = self.reached.iter().copied().filter(|node| node.kind == NodeKind::Function).filter(is_other);
        let functions = line.into_iter().chain(others.filter(|node| self.obstacle(node).is_none()));
        let log = |function: &'a Node| FollowedLog { function, group: self.wiring.group_of(function) };
        functions.take(MOST_FUNCTIONS).map(log).collect()
    }

    fn find_topics(&self) -> Vec<&'a Node> {
        let mut topics: Vec<&Node> = self.wiring.followed(NodeKind::Topic).into_iter().collect();
        for topic in self.published() {
            let is_new = topics.iter().all(|known| !is_same(known, topic));
            if is_new && topics.len() < MOST_TOPICS && self.obstacle(topic).is_none() {
                topics.push(topic);
            }
        }
        topics
    }

    /// The topics that the followed functions publish to.
    fn published(&self) -> Vec<&'a Node> {
        self.logs.iter().flat_map(|log| self.wiring.topics_of(log.function)).collect()
    }

    /// Whether a node is followed. A log group is, with its function.
    pub fn has(&self, node: &Node) -> bool {
        match node.kind {
            NodeKind::Function => self.logs.iter().any(|log| is_same(log.function, node)),
            NodeKind::LogGroup => self.logs.iter().any(|log| log.group == node.name),
            NodeKind::Topic => self.topics.iter().any(|topic| is_same(topic, node)),
            _ => node.is_followed,
        }
    }

    /// Why a node is not followed; `None` where it is.
    pub fn why_not(&self, node: &Node) -> Option<NotFollowed> {
        let (could_be, most) = match node.kind {
            _ if self.has(node) => return None,
            NodeKind::Function => (self.reached.iter().any(|it| is_same(it, node)), MOST_FUNCTIONS),
            NodeKind::Topic => (self.published().iter().any(|it| is_same(it, node)), MOST_TOPICS),
            _ => (false, 0),
        };
        let why = || self.obstacle(node).unwrap_or(NotFollowed::TooMany(most));
        Some(if could_be { why() } else { NotFollowed::Shown })
    }

    /// What there is to say of a node besides its state.
    pub fn about(&self, node: &Node) -> Option<String> {
        let ignored = self.why_not(node).map(|why| why.to_string());
        let parts: Vec<String> = node.about().into_iter().chain(ignored).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// What keeps a function or a topic from being followed, the bounds aside.
    fn obstacle(&self, node: &Node) -> Option<NotFollowed> {
        match node.state {
            State::OtherAccount => Some(NotFollowed::OtherAccount),
            State::Missing => Some(NotFollowed::Missing),
            State::NotRead => Some(NotFollowed::NotRead),
            // Something that may not be read has a log all the same.
            State::Ok | State::Disabled | State::Denied(_) | State::NotOffered => self.qualified(node),
        }
    }

    /// Whether events reach a function by versions or aliases alone, which stand for others of its versions from time to
    /// time.
    fn qualified(&self, node: &Node) -> Option<NotFollowed> {
        let id = node.id();
        let is_reached = |edge: &&Edge| {
            edge.to == id && (edge.from.kind == NodeKind::Bucket || self.reached.iter().any(|it| it.id() == edge.from))
        };
        let edges: Vec<&Edge> = self.wiring.edges().iter().filter(is_reached).collect();
        let name = edges.first()?.qualifier.clone()?;
        edges.iter().all(|edge| edge.qualifier.is_some()).then_some(NotFollowed::Qualified(name))
    }
}

fn is_same(one: &Node, other: &Node) -> bool {
    one.by_id() == other.by_id()
}

#[cfg(test)]
mod tests;
