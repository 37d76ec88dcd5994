//! One reading of the wiring: from the bucket to its functions, from the followed one to its topics and its log group.

use aws_config::SdkConfig;

use super::{Names, SearchScope, bucket, function, whole};
use crate::config::{BUCKET, FUNCTION, Purpose, TOPIC};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::search::{Looked, Mark};
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeKind, State, Wiring};
use crate::text::clean::Clean;

/// What reads the wiring, as often as it has to be read.
#[derive(Debug)]
pub(in crate::cloud) struct Reader {
    pub(super) names: Names,
    /// The stack that should have named more, where it could not be read.
    pub(super) stack: Option<Node>,
    pub(super) purpose: Purpose,
    pub(super) place: SearchScope,
}

/// What one reading came to.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) wiring: Wiring,
    /// What the user should know of it.
    pub(super) notes: Vec<Clean>,
    /// The first problem that stands in the way of everything else.
    pub(super) blocked: Option<Problem>,
}

/// The graph while it is read.
#[derive(Debug, Default)]
struct Parts {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    notes: Vec<Clean>,
    blocked: Option<Problem>,
}

impl Parts {
    fn join(&mut self, from: &Node, to: Node, kind: EdgeKind) {
        let edge = Edge { from: from.id(), to: to.id(), qualifier: None, kind, state: State::Ok };
        self.edges.push(edge);
        self.nodes.push(to);
    }

    /// Something could not be read. What is known without it goes on; the rest is reported where it is needed.
    fn miss(
        &mut self,
        node: Node,
        problem: Problem,
        permission: &'static str,
        place: SearchScope,
        looked: &mut Vec<Looked>,
    ) {
        let name = format!("{} {}", node.kind.word(), node.name.raw());
        looked.push(Looked { place: Clean::new(&name), outcome: problem.why.clone(), mark: Mark::NotRead });
        if place.is_blocked_by(&problem) {
            self.blocked.get_or_insert_with(|| problem.clone());
        }
        self.nodes.push(node.unread(problem, permission));
    }
}

impl Reader {
    /// Reads what the purpose wants and nothing names.
    ///
    /// # Errors
    /// Where S3 itself cannot be reached: then nothing can.
    pub(super) async fn read(
        &self,
        config: &SdkConfig,
        s3: &aws_sdk_s3::Client,
        looked: &mut Vec<Looked>,
    ) -> Result<Reading, Problem> {
        let Self { names, purpose, place, .. } = self;
        let mut parts = Parts::default();
        parts.nodes.extend(self.stack.clone());
        let wants_topic = purpose.wants_topic() && names.topic.is_none();
        let wants_log = purpose.wants_log() && names.log_group.is_none();
        let mut function = names.function.clone();
        if (wants_topic || wants_log)
            && function.is_none()
            && let Some(bucket) = &names.bucket
        {
            function = Box::pin(self.invoked(&mut parts, s3, bucket, looked)).await?;
        }
        // The local cloud's function has the usual name; what it logs to may have been changed.
        let function = function.or_else(|| (wants_log && place.is_own).then(|| FUNCTION.to_owned()));
        let wired = match &function {
            Some(function) if wants_topic || wants_log => {
                Box::pin(self.wired(&mut parts, config, function, looked)).await
            }
            _ => None,
        };
        self.line(&mut parts, function.as_deref(), wired.as_ref());
        let Parts { nodes, edges, notes, blocked } = parts;
        let mut wiring = Wiring::new(nodes, edges);
        if *purpose == Purpose::Wiring {
            wiring = Box::pin(whole::read(config, s3, wiring, |_| {})).await;
        }
        Ok(Reading { wiring, notes, blocked })
    }

    /// Reads on from what is known of the pipeline, as far as it leads.
    pub(super) async fn read_on(
        config: &SdkConfig,
        s3: &aws_sdk_s3::Client,
        wiring: Wiring,
        report: impl FnMut(&Wiring) + Send,
    ) -> Wiring {
        Box::pin(whole::read(config, s3, wiring, report)).await
    }

    /// Reads where the bucket sends its events, and chooses the function that is followed.
    async fn invoked(
        &self,
        parts: &mut Parts,
        s3: &aws_sdk_s3::Client,
        name: &str,
        looked: &mut Vec<Looked>,
    ) -> Result<Option<String>, Problem> {
        let bucket = Node::new(NodeKind::Bucket, name);
        let notifications = match bucket::read(s3, name).await {
            Ok(notifications) => notifications,
            // Where S3 itself cannot be reached, nothing can: the whole connection is tried again.
            Err(problem) if !self.place.loopback && is_cut_off(&problem) => return Err(problem),
            Err(problem) => {
                parts.miss(bucket, problem, bucket::PERMISSION, self.place, looked);
                return Ok(None);
            }
        };
        let (nodes, edges) = bucket::joints(&bucket, &notifications);
        parts.nodes.extend(nodes);
        parts.edges.extend(edges);
        parts.nodes.push(bucket.read());
        let functions = bucket::functions(&notifications);
        let Some(chosen) = bucket::choose(&functions) else {
            looked.push(Looked::nothing(&format!("bucket {name}"), "its notifications name no function"));
            return Ok(None);
        };
        if functions.len() > 1 {
            parts.notes.push(bucket::several(name, &functions, chosen));
        }
        Ok(Some(chosen.to_owned()))
    }

    /// Reads where the function publishes and logs.
    async fn wired(
        &self,
        parts: &mut Parts,
        config: &SdkConfig,
        function: &str,
        looked: &mut Vec<Looked>,
    ) -> Option<function::Wired> {
        let node = Node::new(NodeKind::Function, function);
        match function::read(config, function).await {
            Ok(wired) => {
                if self.purpose.wants_topic() && self.names.topic.is_none() && wired.topics.is_empty() {
                    let outcome = "it has no variable with the ARN of a topic";
                    looked.push(Looked::nothing(&format!("function {}", node.name.raw()), outcome));
                }
                let identified = wired.arn.as_deref().map(|arn| Node::new(NodeKind::Function, arn));
                parts.nodes.push(identified.filter(|it| it.name == node.name).unwrap_or(node).read());
                Some(wired)
            }
            Err(problem) => {
                parts.miss(node, problem, function::PERMISSION, self.place, looked);
                None
            }
        }
    }

    /// The line that is followed: of each kind the node that is named, else the one that was found, else the usual one.
    fn line(&self, parts: &mut Parts, function: Option<&str>, wired: Option<&function::Wired>) {
        let Self { names, purpose, place, .. } = self;
        let usual = |usual: &str, wanted: bool| (place.loopback && wanted).then(|| usual.to_owned());
        let bucket = names.bucket.clone().or_else(|| usual(BUCKET, purpose.wants_bucket()));
        parts.nodes.extend(bucket.map(|name| {
            let is_assumed = names.bucket.is_none() && !place.is_own;
            Node::new(NodeKind::Bucket, &name).followed().assumed(is_assumed)
        }));

        let is_assumed = function.is_none() && names.log_group.is_none() && !place.is_own;
        let function = Node::new(NodeKind::Function, function.unwrap_or(FUNCTION)).followed().assumed(is_assumed);
        parts.nodes.push(function.clone());

        let (topics, own_group) = wired.map_or((&[][..], None), |it| (&it.topics[..], it.log_group.as_deref()));
        let group = names.log_group.as_deref().or(own_group);
        let default = format!("/aws/lambda/{}", function.name.raw());
        let is_assumed = group.is_none() && wired.is_none() && !place.is_own;
        let group = Node::new(NodeKind::LogGroup, group.unwrap_or(&default)).followed().assumed(is_assumed);
        parts.join(&function, group, EdgeKind::Log);

        for (variable, topic) in topics {
            parts.join(&function, Node::new(NodeKind::Topic, topic), EdgeKind::Variable(Clean::new(variable)));
        }
        if !purpose.wants_topic() {
            return;
        }
        if !names.more_topics.is_empty() {
            for topic in names.topic.iter().chain(&names.more_topics) {
                parts.join(&function, Node::new(NodeKind::Topic, topic), EdgeKind::Named);
            }
        }
        let found = names.topic.clone().or_else(|| topics.first().map(|(_, topic)| topic.clone()));
        if let (None, [first, others @ ..]) = (&names.topic, topics)
            && others.iter().any(|(_, topic)| *topic != first.1)
        {
            parts.notes.push(several(&function, topics));
        }
        let is_assumed = found.is_none() && !place.is_own;
        let topic = found.or_else(|| usual(TOPIC, true));
        parts.nodes.extend(topic.map(|topic| Node::new(NodeKind::Topic, &topic).followed().assumed(is_assumed)));
    }
}

/// Says which of several topics is followed.
fn several(function: &Node, topics: &[(String, String)]) -> Clean {
    let names: Vec<String> =
        topics.iter().map(|(_, topic)| Node::new(NodeKind::Topic, topic).name.raw().to_owned()).collect();
    let first = names.first().map(String::as_str).unwrap_or_default();
    let name = function.name.raw();
    Clean::new(&format!("function {name} names the topics {}; following {first}, see --topic", names.join(", ")))
}

/// Whether nothing came through, or nothing can with these credentials. A service that answers with an error of its own is
/// there.
fn is_cut_off(problem: &Problem) -> bool {
    let kind = problem.kind;
    kind.is_about_credentials() || (kind.is_transient() && kind != ProblemKind::Server)
}
