//! What is to be watched and where, as the command line says it.

use std::time::Duration;

use crate::text::clean::Clean;

/// Where the pipeline is and what its parts are called.
#[derive(Debug, Clone)]
pub struct Settings {
    /// AWS, or an endpoint that speaks like it.
    pub target: Target,
    /// The bucket.
    pub bucket: String,
    /// The function.
    pub function: String,
    /// The topic: a name, or an ARN.
    pub topic: String,
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
        /// Its URL.
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
    /// The topic's delivery-status logs, from this long ago.
    pub receipts: Option<Duration>,
    /// The local cloud's inbox.
    pub inbox: bool,
}

impl Target {
    /// How the header names it before anything is resolved.
    pub fn name(&self) -> Clean {
        match self {
            Self::Endpoint { url, .. } => {
                Clean::new(url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/'))
            }
            Self::Aws { profile, region } => {
                let words: Vec<&str> = ["aws"].into_iter().chain(profile.as_deref()).chain(region.as_deref()).collect();
                Clean::new(&words.join(" "))
            }
        }
    }
}
