//! Finds the pipeline: what is named, a stack's outputs, then from the bucket along the wiring, into `domain::wiring`.
//!
//! What is named is never looked up, what is not needed is never looked for, and a look that is not allowed is no
//! failure where something can stand in. What failed for a reason that passes is read again. It changes nothing.

mod bucket;
mod bus;
mod depth;
pub(in crate::cloud) mod function;
mod outputs;
mod queue;
mod read;
mod reread;
mod topic;
mod whole;

use aws_config::SdkConfig;

use crate::cloud::connection::problem;
use crate::config::{FUNCTION, Purpose, Settings};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::search::Looked;
use crate::domain::wiring::{Node, NodeKind, Wiring};
use crate::text::clean::Clean;
pub(super) use bucket::{notifications, of_bucket};
use outputs::Outputs;
pub(super) use read::Reader;
pub(super) use reread::keep_current;
pub(super) use whole::read_on;

/// What is known of the cloud that is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchScope {
    /// It is imgwatch's local cloud, whose names are known.
    pub(super) is_own: bool,
    /// It is on this machine: the local cloud's names stand in for what is not found.
    pub(super) loopback: bool,
}

impl SearchScope {
    /// Whether a problem stands in the way of everything, and not of one look only. Emulators lack whole services.
    fn is_blocked_by(self, problem: &Problem) -> bool {
        problem.kind.is_about_credentials() || (problem.is_transient() && !self.loopback)
    }
}

/// The pipeline as it was found.
#[derive(Debug)]
pub(super) struct Discovered {
    pub(super) wiring: Wiring,
    /// What the user should know of how it was found.
    pub(super) notes: Vec<Clean>,
    /// What reads it again.
    pub(super) reader: Reader,
}

/// What is named: by flags, the environment, the config file, or a stack's outputs.
#[derive(Debug, Clone, Default)]
struct Names {
    bucket: Option<String>,
    /// A name or an ARN.
    function: Option<String>,
    /// A name or an ARN.
    topic: Option<String>,
    /// Further topics that the function publishes to.
    more_topics: Vec<String>,
    log_group: Option<String>,
}

impl Names {
    fn lack(&self, purpose: Purpose) -> bool {
        (purpose.wants_bucket() && self.bucket.is_none())
            || (purpose.wants_topic() && self.topic.is_none())
            || (purpose.wants_log() && self.function.is_none() && self.log_group.is_none())
    }

    fn has_any(&self) -> bool {
        [&self.bucket, &self.function, &self.topic, &self.log_group].into_iter().any(Option::is_some)
    }

    fn add(&mut self, outputs: Outputs) {
        self.bucket = self.bucket.take().or(outputs.bucket);
        self.function = self.function.take().or(outputs.function);
        self.topic = self.topic.take().or(outputs.topic);
        self.log_group = self.log_group.take().or(outputs.log_group);
    }
}

/// Finds what the purpose wants and the settings do not name.
///
/// Without a problem as the error, everything was read and nothing was found.
pub(super) async fn find(
    settings: &Settings,
    config: &SdkConfig,
    s3: &aws_sdk_s3::Client,
    place: SearchScope,
    looked: &mut Vec<Looked>,
) -> Result<Discovered, Option<Problem>> {
    let purpose = settings.purpose;
    let mut names = Names {
        bucket: settings.bucket.clone(),
        function: settings.function.clone(),
        topic: settings.topic.clone(),
        more_topics: settings.more_topics.clone(),
        log_group: settings.log_group.clone(),
    };
    let (mut notes, mut stack) = (Vec::new(), None);
    if names.lack(purpose) && !place.is_own {
        if let Some(name) = &settings.stack {
            match outputs::named(config, name).await {
                Ok(outputs) => names.add(outputs),
                // What else is named may do.
                Err(problem) if names.has_any() => {
                    notes.push(Clean::new(&problem.to_string()));
                    stack = Some(Node::new(NodeKind::Stack, name).unread(problem, outputs::PERMISSION));
                }
                Err(problem) => return Err(Some(problem)),
            }
        } else if !settings.names_something()
            && let Some(outputs) = outputs::only(config, settings.target.profile(), place, looked).await?
        {
            notes.push(Clean::new(&format!("found the pipeline of stack {}", outputs.stack)));
            names.add(outputs);
        }
    }
    let reader = Reader { names, stack, purpose, place };
    let reading = Box::pin(reader.read(config, s3, looked)).await?;
    notes.extend(reading.notes);
    let is_named = |kind| reading.wiring.followed(kind).is_some();
    let is_known = match purpose {
        Purpose::Watch | Purpose::Wiring => {
            reader.names.has_any() || is_named(NodeKind::Bucket) || is_named(NodeKind::Topic)
        }
        Purpose::Store | Purpose::Upload => is_named(NodeKind::Bucket),
        Purpose::Tell => is_named(NodeKind::Topic),
        Purpose::Follow => is_named(NodeKind::Bucket) && is_named(NodeKind::Topic),
        // The function has a usual name.
        Purpose::Log => true,
    };
    if !is_known {
        return Err(reading.blocked);
    }
    let function = reading.wiring.followed(NodeKind::Function);
    if purpose.wants_log() && function.is_some_and(|node| node.is_assumed) {
        notes.push(assumed(looked));
    }
    Ok(Discovered { wiring: reading.wiring, notes, reader })
}

/// Says that the function only has the usual name, and why no other one is known.
fn assumed(looked: &[Looked]) -> Clean {
    let reasons: Vec<String> =
        looked.iter().map(|looked| format!("{}: {}", looked.place.shown(), looked.outcome.shown())).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
    Clean::new(&format!("no function was found{why}; assuming {FUNCTION}, name yours with --function"))
}

/// What a command says that cannot do without what was not found.
pub(super) fn missing(settings: &Settings, looked: &[Looked]) -> Problem {
    let lacks_bucket = settings.purpose.wants_bucket() && settings.bucket.is_none();
    let (what, hint) = if lacks_bucket {
        (
            "no bucket is known",
            "pass --bucket NAME or --stack NAME, or try `imgwatch --local`, which needs no AWS account",
        )
    } else {
        (
            "no topic is known",
            "pass --topic NAME or --stack NAME, or try `imgwatch --local`, which needs no AWS account",
        )
    };
    let places: Vec<String> =
        looked.iter().map(|looked| format!("{}: {}", looked.place.shown(), looked.outcome.shown())).collect();
    let why = if places.is_empty() { "nothing that is named leads to one".to_owned() } else { places.join("; ") };
    Problem::new(ProblemKind::Unnamed, what, problem::line(&why)).with_hint(hint)
}
