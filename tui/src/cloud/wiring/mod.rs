//! Finds the pipeline's parts that the user did not name: from a stack's outputs, then along the wiring.
//!
//! What is named is never looked up, what is not needed is never looked for, and a look that is not allowed is no
//! failure where something can stand in. It changes nothing.

mod bucket;
mod outputs;

use aws_config::SdkConfig;

use crate::cloud::connection::topic::Unread;
use crate::cloud::connection::{function, problem};
use crate::config::{BUCKET, FUNCTION, Purpose, Settings, TOPIC};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::search::{Looked, Mark};
use crate::text::clean::Clean;
use outputs::Outputs;

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

/// The parts of the pipeline.
#[derive(Debug, Default)]
pub(super) struct DiscoveredNames {
    pub(super) bucket: Option<String>,
    /// Its name.
    pub(super) function: String,
    /// Nothing says that this is the function: it only has the usual name.
    pub(super) is_assumed: bool,
    /// Why nothing names the topic, where something could not be read: there may be one.
    pub(super) topic_unread: Option<Unread>,
    /// A name or an ARN.
    pub(super) topic: Option<String>,
    pub(super) log_group: String,
    /// What the user should know of how they were found.
    pub(super) notes: Vec<Clean>,
}

/// Parts as they become known.
#[derive(Debug, Default)]
struct Parts {
    bucket: Option<String>,
    function: Option<String>,
    topic: Option<String>,
    log_group: Option<String>,
    /// What could not be read on the way.
    unread: Option<Problem>,
    /// The first of them that stands in the way of everything else.
    blocked: Option<Problem>,
    notes: Vec<Clean>,
}

impl Parts {
    fn lack(&self, purpose: Purpose) -> bool {
        (purpose.wants_bucket() && self.bucket.is_none())
            || (purpose.wants_topic() && self.topic.is_none())
            || (purpose.wants_log() && self.function.is_none() && self.log_group.is_none())
    }

    fn has_any(&self) -> bool {
        [&self.bucket, &self.function, &self.topic, &self.log_group].into_iter().any(Option::is_some)
    }

    /// Something could not be read. What is known without it goes on; the rest is reported where it is needed.
    fn miss(&mut self, problem: Problem, place: SearchScope) {
        if place.is_blocked_by(&problem) {
            self.blocked.get_or_insert_with(|| problem.clone());
        }
        self.unread = Some(problem);
    }

    fn apply(&mut self, outputs: Outputs) {
        self.bucket = self.bucket.take().or(outputs.bucket);
        self.function = self.function.take().or(outputs.function);
        self.topic = self.topic.take().or(outputs.topic);
        self.log_group = self.log_group.take().or(outputs.log_group);
    }
}

/// Finds what the purpose wants and the settings do not name.
///
/// Without a problem as the error, everything was looked at and nothing was found.
pub(super) async fn find(
    settings: &Settings,
    config: &SdkConfig,
    s3: &aws_sdk_s3::Client,
    place: SearchScope,
    looked: &mut Vec<Looked>,
) -> Result<DiscoveredNames, Option<Problem>> {
    let purpose = settings.purpose;
    let mut parts = Parts {
        bucket: settings.bucket.clone(),
        function: settings.function.clone(),
        topic: settings.topic.clone(),
        log_group: settings.log_group.clone(),
        unread: None,
        blocked: None,
        notes: Vec::new(),
    };
    if parts.lack(purpose) && !place.is_own {
        if let Some(stack) = &settings.stack {
            match outputs::named(config, stack).await {
                Ok(outputs) => parts.apply(outputs),
                // What else is named may do.
                Err(problem) if parts.has_any() => {
                    parts.notes.push(Clean::new(&problem.to_string()));
                    parts.unread = Some(problem);
                }
                Err(problem) => return Err(Some(problem)),
            }
        } else if !settings.names_something()
            && let Some(outputs) = outputs::only(config, settings.target.profile(), place, looked).await?
        {
            parts.notes.push(Clean::new(&format!("found the pipeline of stack {}", outputs.stack)));
            parts.apply(outputs);
        }
    }
    Box::pin(follow(&mut parts, purpose, config, s3, place, looked)).await?;
    if place.loopback && purpose.wants_bucket() {
        parts.bucket.get_or_insert_with(|| BUCKET.to_owned());
    }
    if place.loopback && purpose.wants_topic() {
        parts.topic.get_or_insert_with(|| TOPIC.to_owned());
    }
    let is_known = match purpose {
        Purpose::Watch => parts.has_any(),
        Purpose::Store => parts.bucket.is_some(),
        Purpose::Tell => parts.topic.is_some(),
        Purpose::Follow => parts.bucket.is_some() && parts.topic.is_some(),
        // The function has a usual name.
        Purpose::Log => true,
    };
    if !is_known {
        return Err(parts.blocked);
    }
    let is_assumed = parts.function.is_none() && parts.log_group.is_none() && !place.is_own;
    if is_assumed && purpose.wants_log() {
        parts.notes.push(assumed(looked));
    }
    let function = function::name(parts.function.as_deref().unwrap_or(FUNCTION)).to_owned();
    let log_group = parts.log_group.unwrap_or_else(|| format!("/aws/lambda/{function}"));
    // A topic that is only named has to be completed, for which AWS is asked when it is needed.
    let topic = parts.topic.filter(|_| purpose.wants_topic());
    let topic_unread = parts.unread.map(|problem| Unread { function: parts.function, problem });
    Ok(DiscoveredNames {
        bucket: parts.bucket,
        function,
        is_assumed,
        topic_unread,
        topic,
        log_group,
        notes: parts.notes,
    })
}

/// From the bucket to the function, and from there to the topic and the log group.
async fn follow(
    parts: &mut Parts,
    purpose: Purpose,
    config: &SdkConfig,
    s3: &aws_sdk_s3::Client,
    place: SearchScope,
    looked: &mut Vec<Looked>,
) -> Result<(), Problem> {
    let wants_topic = purpose.wants_topic() && parts.topic.is_none();
    let wants_log = purpose.wants_log() && parts.log_group.is_none();
    if !(wants_topic || wants_log) {
        return Ok(());
    }
    if let (Some(bucket), None) = (&parts.bucket, &parts.function) {
        match bucket::functions(s3, bucket).await {
            Ok(functions) => match bucket::choose(&functions) {
                Some(function) => {
                    if functions.len() > 1 {
                        parts.notes.push(bucket::several(bucket, &functions, function));
                    }
                    parts.function = Some(function.to_owned());
                }
                None => looked.push(Looked::nothing(&format!("bucket {bucket}"), "its notifications name no function")),
            },
            // Where S3 itself cannot be reached, nothing can: the whole connection is tried again.
            Err(problem) if !place.loopback && is_cut_off(&problem) => return Err(problem),
            Err(problem) => {
                looked.push(not_read(&format!("bucket {bucket}"), &problem));
                parts.miss(problem, place);
            }
        }
    }
    // In the local cloud every log group has the usual name.
    let Some(function) = parts.function.as_deref().filter(|_| wants_topic || !place.is_own) else { return Ok(()) };
    let name = function::name(function);
    match function::read(config, function).await {
        Ok(wired) => {
            if wants_topic && wired.topic.is_none() {
                looked.push(Looked::nothing(&format!("function {name}"), "it has no variable SNS_TOPIC_ARN"));
            }
            parts.topic = parts.topic.take().or(wired.topic);
            parts.log_group = parts.log_group.take().or(wired.log_group);
        }
        Err(problem) => {
            looked.push(not_read(&format!("function {name}"), &problem));
            parts.miss(problem, place);
        }
    }
    Ok(())
}

/// Whether nothing came through, or nothing can with these credentials. A service that answers with an error of its own is
/// there.
fn is_cut_off(problem: &Problem) -> bool {
    let kind = problem.kind;
    kind.is_about_credentials() || (kind.is_transient() && kind != ProblemKind::Server)
}

/// Says that the function only has the usual name, and why no other one is known.
fn assumed(looked: &[Looked]) -> Clean {
    let reasons: Vec<String> =
        looked.iter().map(|looked| format!("{}: {}", looked.place.shown(), looked.outcome.shown())).collect();
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
    Clean::new(&format!("no function was found{why}; assuming {FUNCTION}, name yours with --function"))
}

/// A place that could not be looked into.
fn not_read(place: &str, problem: &Problem) -> Looked {
    Looked { place: Clean::new(place), outcome: problem.why.clone(), mark: Mark::NotRead }
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
