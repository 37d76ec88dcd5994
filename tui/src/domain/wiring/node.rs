//! One resource of a pipeline, and what is known of it.

use std::fmt;

use imgwatch_shared::arn::{self, Arn};

use crate::domain::problem::{Problem, ProblemKind};
use crate::text::clean::Clean;
use crate::text::time;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    pub name: Clean,
    /// Its ARN, without version and alias, where that is known.
    pub arn: Option<Clean>,
    /// What reading it came to.
    pub state: State,
    /// Why it could not be read.
    pub problem: Option<Problem>,
    /// Whether it is on the line, which is followed whatever its state is. [`Wiring::follow`](super::Wiring::follow) has what
    /// is followed beside it.
    pub is_followed: bool,
    /// Nothing says that this is the one: it only has the usual name.
    pub is_assumed: bool,
    /// What waits in it, if it is a queue.
    pub depth: Option<Depth>,
    /// After how many receives a queue moves a message to its dead-letter queue.
    pub max_receives: Option<u32>,
}

/// What waits in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Messages that wait.
    pub visible: u64,
    /// Messages that were received and neither deleted nor given up.
    pub in_flight: u64,
    /// Messages that do not wait yet.
    pub delayed: u64,
    /// Seconds since the oldest was sent, where CloudWatch says so.
    pub oldest: Option<u64>,
}

impl Depth {
    pub fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// `3 messages (1 in flight), oldest 40 s`.
impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total() {
            0 => return f.write_str("empty"),
            1 => f.write_str("1 message")?,
            total => write!(f, "{total} messages")?,
        }
        if self.in_flight > 0 {
            write!(f, " ({} in flight)", self.in_flight)?;
        }
        if let Some(seconds) = self.oldest {
            // The metric is in whole seconds.
            let millis = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
            let age = if seconds < 60 { format!("{seconds} s") } else { time::duration(millis) };
            write!(f, ", oldest {age}")?;
        }
        Ok(())
    }
}

/// What a node is, in the order in which an event passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A `CloudFormation` stack that should name the others.
    Stack,
    Bucket,
    Queue,
    /// The default event bus of `EventBridge`.
    EventBus,
    /// A rule of that bus whose pattern matches the bucket's events.
    EventRule,
    /// A function that is invoked.
    Function,
    /// Where a function logs.
    LogGroup,
    /// A topic: one that the bucket sends to, or that a function publishes to.
    Topic,
    /// Who is subscribed, and is neither a function nor a queue.
    Subscriber,
    /// A state machine of Step Functions, which is not followed.
    StateMachine,
    /// A resource of another service, which is not followed.
    Other,
}

/// What is known of a node or an edge. Of two of them the greater one says more, and counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Not read yet, or not read completely.
    #[default]
    NotRead,
    /// In an account other than the pipeline's.
    OtherAccount,
    /// The endpoint does not have the operation.
    NotOffered,
    /// Reading it needs this permission.
    Denied(&'static str),
    /// It does not exist.
    Missing,
    /// It exists and is switched off.
    Disabled,
    /// It exists, as far as this can be read.
    Ok,
}

/// What identifies a node: its ARN where that is known, else its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId {
    pub kind: NodeKind,
    pub name: Clean,
}

impl NodeKind {
    /// Its name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Bucket => "bucket",
            Self::Queue => "queue",
            Self::EventBus => "event_bus",
            Self::EventRule => "event_rule",
            Self::Function => "function",
            Self::LogGroup => "log_group",
            Self::Topic => "topic",
            Self::Subscriber => "subscriber",
            Self::StateMachine => "state_machine",
            Self::Other => "other",
        }
    }

    /// Whether there is something to read of it.
    pub fn is_read(self) -> bool {
        use NodeKind::{Bucket, EventBus, Function, LogGroup, Queue, Topic};
        matches!(self, Bucket | Queue | EventBus | Function | LogGroup | Topic)
    }

    /// The kind of a resource to which events or messages are sent.
    pub fn of_target(arn: &str) -> Self {
        let arn = Arn::parse(arn);
        match arn.map_or("", |arn| arn.service) {
            "lambda" => Self::Function,
            "sqs" => Self::Queue,
            "sns" => Self::Topic,
            "states" => Self::StateMachine,
            _ => Self::Other,
        }
    }
}

impl State {
    /// Its name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotRead => "not_read",
            Self::OtherAccount => "other_account",
            Self::NotOffered => "not_offered",
            Self::Denied(_) => "denied",
            Self::Missing => "missing",
            Self::Disabled => "disabled",
            Self::Ok => "ok",
        }
    }

    /// What a problem makes of a node that was read by an operation with this permission.
    fn of(problem: &Problem, permission: &'static str) -> Self {
        match problem.kind {
            ProblemKind::Denied => Self::Denied(permission),
            ProblemKind::NotFound | ProblemKind::NoSuchBucket => Self::Missing,
            ProblemKind::NotOffered => Self::NotOffered,
            _ => Self::NotRead,
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.name.raw())
    }
}

impl Node {
    /// A node that is not read yet, from its name or its ARN.
    pub fn new(kind: NodeKind, named: &str) -> Self {
        let (name, arn) = match kind {
            NodeKind::Function => {
                let (name, qualifier) = arn::function(named);
                let rest = qualifier.map_or(0, |qualifier| qualifier.len() + 1);
                let whole = named.get(..named.len() - rest).filter(|whole| Arn::is_one(whole));
                (name, whole.map(Clean::new))
            }
            // A rule's ARN names its bus, unless that is the default one.
            NodeKind::EventRule if Arn::is_one(named) => {
                (named.rsplit('/').next().unwrap_or(named), Some(Clean::new(named)))
            }
            _ if Arn::is_one(named) => (arn::name(named), Some(Clean::new(named))),
            _ => (named, None),
        };
        let name = match Arn::parse(named) {
            // Its name says what it is.
            Some(Arn { service, resource, .. }) if kind == NodeKind::Other => {
                Clean::new(&format!("{service} {resource}"))
            }
            _ => Clean::new(name),
        };
        Self {
            kind,
            name,
            arn,
            state: State::NotRead,
            problem: None,
            is_followed: false,
            is_assumed: false,
            depth: None,
            max_receives: None,
        }
    }

    /// The same as one that exists.
    #[must_use]
    pub fn read(self) -> Self {
        Self { state: State::Ok, ..self }
    }

    /// The same as one that could not be read.
    #[must_use]
    pub fn unread(self, problem: Problem, permission: &'static str) -> Self {
        Self { state: State::of(&problem, permission), problem: Some(problem), ..self }
    }

    /// The same as one that is followed.
    #[must_use]
    pub fn followed(self) -> Self {
        Self { is_followed: true, ..self }
    }

    /// The same as one that only has the usual name, if so.
    #[must_use]
    pub fn assumed(self, is_assumed: bool) -> Self {
        Self { is_assumed, ..self }
    }

    /// What there is to say of it besides its state and whether it is followed.
    pub(super) fn about(&self) -> Option<String> {
        let problem = self.problem.as_ref().map(|problem| format!("{}: {}", problem.what.raw(), problem.why.raw()));
        let assumed = self.is_assumed.then(|| "assumed: no configuration names it".to_owned());
        let depth = self.depth.map(|depth| depth.to_string());
        let parts: Vec<String> = [problem, assumed, depth].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The account that its ARN names.
    pub fn account(&self) -> Option<&str> {
        let arn = Arn::parse(self.arn.as_ref()?.raw())?;
        Some(arn.account).filter(|account| !account.is_empty())
    }

    /// What identifies it.
    pub fn id(&self) -> NodeId {
        NodeId { kind: self.kind, name: self.arn.as_ref().unwrap_or(&self.name).clone() }
    }

    /// The same without a copy.
    pub(super) fn by_id(&self) -> (NodeKind, &Clean) {
        (self.kind, self.arn.as_ref().unwrap_or(&self.name))
    }

    /// Adds what another source says of it.
    pub(super) fn merge(&mut self, other: &Self) {
        self.arn = self.arn.take().or_else(|| other.arn.clone());
        if (other.state, &other.problem) > (self.state, &self.problem) {
            (self.state, self.problem) = (other.state, other.problem.clone());
        }
        self.depth = self.depth.or(other.depth);
        self.max_receives = self.max_receives.or(other.max_receives);
        self.is_followed |= other.is_followed;
        self.is_assumed &= other.is_assumed;
    }
}
