//! What is to be watched and where: what was named, and what may stand in for it. It sends no request.
//!
//! Names come from flags, then the environment, then the configuration file; what is still missing after that is looked
//! for in the cloud by `cloud::wiring`.

pub(crate) mod dashboard;
pub mod file;
mod keys;
pub(crate) mod xdg;

use std::time::Duration;

use crate::domain::display::{Clock, Notify, Theme};
use crate::domain::protection::Protection;
use crate::domain::search::{Looked, Search};
use crate::domain::switch::ChoiceKind;
use crate::keymap::Keymap;
use crate::text::clean::Clean;
use file::Choice;

/// What the local cloud's pipeline is called; attaching to one needs the names in every build.
#[cfg(feature = "local")]
pub use imgwatch_local::{BUCKET, FUNCTION, TOPIC};
#[cfg(not(feature = "local"))]
mod names {
    pub const BUCKET: &str = "images";
    pub const FUNCTION: &str = "ImageUploadProcessor";
    pub const TOPIC: &str = "image-uploads";
}
#[cfg(not(feature = "local"))]
pub use names::{BUCKET, FUNCTION, TOPIC};

/// What the dashboard begins with, as flags, the environment and the config file say.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its colours.
    pub theme: Theme,
    /// The timestamp format.
    pub clock: Clock,
    /// Whether it takes the mouse.
    pub mouse: bool,
    /// Whether Live Tail is on from the beginning.
    pub live_tail: bool,
    /// How it calls for attention.
    pub notify: Notify,
    /// Whether the first upload to AWS is asked about.
    pub confirm_upload: bool,
    /// The keys that hold.
    pub keys: Keymap,
}

/// Where the pipeline is, and what is named of it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// AWS, or an endpoint that speaks like it.
    pub target: Target,
    /// Whether the target is the endpoint of `AWS_ENDPOINT_URL`, which a profile may ignore.
    pub endpoint_is_of_variable: bool,
    /// Whether the region was asked for by name: then nothing else is tried.
    pub region_is_fixed: bool,
    pub bucket: Option<String>,
    /// The function: a name, or an ARN.
    pub function: Option<String>,
    /// The topic: a name, or an ARN.
    pub topic: Option<String>,
    /// Further topics that the function publishes to, likewise.
    pub more_topics: Vec<String>,
    pub log_group: Option<String>,
    /// The CloudFormation stack whose outputs name the rest.
    pub stack: Option<String>,
    /// What a flag or the environment says of changes. It holds for every pipeline that is switched to.
    pub read_only: Option<bool>,
    /// What the names are for: nothing else is looked for.
    pub purpose: Purpose,
    /// How long nothing may move on a connection, where that is not left to the program.
    pub idle_timeout: Option<Duration>,
    /// The configuration file: what else could be chosen from it.
    pub file: Choice,
}

/// What the user wants to do, which decides what has to be known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Whatever is known is watched: no single name has to be.
    #[default]
    Watch,
    /// Objects are listed or read.
    Store,
    /// Objects are written.
    Upload,
    /// The function's log is read.
    Log,
    /// The topic's subscriptions are listed or made.
    Tell,
    /// Uploads are followed from the bucket to the subscribers.
    Follow,
    /// The whole wiring is read, also what is named.
    Wiring,
}

impl Purpose {
    /// Whether the bucket is of use.
    pub fn wants_bucket(self) -> bool {
        matches!(self, Self::Watch | Self::Store | Self::Upload | Self::Follow | Self::Wiring)
    }

    /// Whether the function and its log are of use.
    pub fn wants_log(self) -> bool {
        matches!(self, Self::Watch | Self::Log | Self::Follow | Self::Wiring)
    }

    /// Whether the topic is of use.
    pub fn wants_topic(self) -> bool {
        matches!(self, Self::Watch | Self::Tell | Self::Follow | Self::Wiring)
    }
}

/// Which cloud is talked to.
#[derive(Debug, Clone)]
pub enum Target {
    /// AWS, by the SDK's own chain of profiles and credentials.
    Aws {
        /// `--profile`, else the chain decides.
        profile: Option<String>,
        /// `--region`, else the chain decides.
        region: Option<String>,
    },
    /// An endpoint for all services, such as the local cloud or an emulator.
    Endpoint {
        url: String,
        /// `--profile`; without it and without credentials in the environment, placeholders are used on loopback.
        profile: Option<String>,
        /// `--region`, else the chain decides, else `us-east-1`.
        region: Option<String>,
    },
}

/// What is followed in the background once connected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Feeds {
    /// The function's log, from this long ago.
    pub logs: Option<Duration>,
    /// Whether only what the log's lines prove is wanted, and not the lines.
    pub without_lines: bool,
    /// The topic's delivery-status logs, from this long ago.
    pub delivery_status: Option<Duration>,
    /// The local cloud's inbox.
    pub inbox: bool,
    /// The whole wiring, and not only the line that is followed.
    pub wiring: bool,
}

impl Default for Target {
    fn default() -> Self {
        Self::Aws { profile: None, region: None }
    }
}

impl Target {
    /// How the header names it before anything is resolved.
    pub fn name(&self) -> Clean {
        match self {
            Self::Endpoint { url, .. } => {
                let url = redacted(url);
                Clean::new(url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/'))
            }
            Self::Aws { profile, region } => {
                let words: Vec<&str> = ["aws"].into_iter().chain(profile.as_deref()).chain(region.as_deref()).collect();
                Clean::new(&words.join(" "))
            }
        }
    }

    /// The named profile.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Aws { profile, .. } | Self::Endpoint { profile, .. } => profile.as_deref(),
        }
    }

    /// The named region.
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::Aws { region, .. } | Self::Endpoint { region, .. } => region.as_deref(),
        }
    }

    /// The same place with another profile and region.
    #[must_use]
    pub fn with(&self, profile: Option<String>, region: Option<String>) -> Self {
        match self {
            Self::Aws { .. } => Self::Aws { profile, region },
            Self::Endpoint { url, .. } => Self::Endpoint { url: url.clone(), profile, region },
        }
    }

    /// Whether it is an endpoint on this machine, where the local cloud's names stand in for missing ones.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Endpoint { url, .. } if is_loopback(url) == Some(true))
    }
}

impl Settings {
    /// What was chosen by name: a pipeline of the config file, a profile, or both.
    pub fn chosen(&self) -> Vec<(ChoiceKind, Clean)> {
        let pipeline = self.file.chosen.as_deref().map(|name| (ChoiceKind::Pipeline, Clean::new(name)));
        let profile = self.target.profile().map(|name| (ChoiceKind::Profile, Clean::new(name)));
        pipeline.into_iter().chain(profile).collect()
    }

    /// How the chosen pipeline is protected.
    pub fn protection(&self) -> Protection {
        let entry = self.file.entry();
        let read_only = self.read_only.or(entry.and_then(|entry| entry.read_only)).unwrap_or(false);
        Protection { read_only, color: entry.and_then(|entry| entry.color) }
    }

    /// Whether anything at all says which pipeline is meant.
    pub fn names_something(&self) -> bool {
        [&self.bucket, &self.function, &self.topic, &self.log_group, &self.stack].into_iter().any(Option::is_some)
    }

    /// Whether the dashboard has nothing to go on until something is found.
    pub fn has_nothing(&self) -> bool {
        self.purpose == Purpose::Watch && !self.names_something() && !self.target.is_loopback()
    }

    /// Whether a command has nothing to go on until something is found; the log alone has a usual name.
    pub fn needs_a_name(&self) -> bool {
        self.purpose != Purpose::Log && !self.names_something() && !self.target.is_loopback()
    }

    /// What was looked for before any network: the ways to name a pipeline, none of which was used.
    pub fn search(&self) -> Search {
        if self.names_something() {
            return Search::default();
        }
        let looked = vec![
            Looked::nothing("flags", "no --bucket, --stack or --pipeline"),
            Looked::nothing("environment", "no IMGWATCH_BUCKET, IMGWATCH_STACK or IMGWATCH_PIPELINE"),
            Looked::nothing("config file", &self.file.outcome()),
        ];
        Search { looked, ..Search::default() }
    }
}

/// A URL without the user and the password that it may have, as it may be shown and logged.
pub(crate) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => url.to_owned(),
    }
}

/// Whether an endpoint is on this machine; `None` where it is no URL.
pub fn is_loopback(url: &str) -> Option<bool> {
    let uri: hyper::Uri = url.parse().ok()?;
    let host = Some(&uri).filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")))?.host()?;
    Some(is_loopback_host(host))
}

/// Whether the host of a URL is this machine. The one test for it: by name, or by address of either family.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let is_name = host == "localhost" || host.ends_with(".localhost");
    is_name || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_keeps_its_password_to_itself() {
        assert_eq!(redacted("http://ada:secret@host:1/a@b"), "http://…@host:1/a@b");
        assert_eq!(redacted("http://ada:p@ss@host?x"), "http://…@host?x");
        assert_eq!(redacted("http://host/a@b"), "http://host/a@b");
        let url = "https://ada:secret@host:1/".to_owned();
        assert_eq!(Target::Endpoint { url, profile: None, region: None }.name().shown(), "…@host:1");
    }
}
