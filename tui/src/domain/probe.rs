//! The probe: a temporary queue of this program on the topic, which sees whether the topic sends messages on.
//!
//! It remembers how the probe stands; what the probe received are facts.

use jiff::Timestamp;

use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// What the names of probe queues begin with.
pub const PREFIX: &str = "imgwatch-probe-";

/// How this program's probe stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Probe {
    /// There is none.
    #[default]
    Off,
    /// It is being made.
    Opening,
    /// It receives.
    Listening {
        /// The queue's ARN.
        queue: Clean,
        /// From when on the topic sends to it.
        since: Timestamp,
    },
    /// It is being removed.
    Closing {
        /// The queue's ARN.
        queue: Clean,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeNews {
    /// Queues of earlier runs that did not end well are gone.
    Swept(Vec<Clean>),
    /// The topic sends to it.
    Opened {
        /// The queue's ARN.
        queue: Clean,
        /// When.
        since: Timestamp,
    },
    /// It cannot be read at present, and is tried again.
    Unreadable(Problem),
    /// It is over: asked for, or because it could not be made or read.
    Ended {
        /// The queue's ARN, where one was made.
        queue: Option<Clean>,
        /// Why it ended, unless it was asked for.
        problem: Option<Problem>,
        /// What could not be removed, and why.
        left: Option<Problem>,
    },
}

impl Probe {
    /// Its queue, where there is one.
    pub fn queue(&self) -> Option<&Clean> {
        match self {
            Self::Off | Self::Opening => None,
            Self::Listening { queue, .. } | Self::Closing { queue } => Some(queue),
        }
    }

    /// The queue, if it ought to receive a message of this moment.
    pub fn expects(&self, moment: Timestamp) -> Option<&Clean> {
        match self {
            Self::Listening { queue, since } if *since <= moment => Some(queue),
            _ => None,
        }
    }

    /// Takes the news in.
    pub fn note(&mut self, news: &ProbeNews) {
        match news {
            ProbeNews::Opened { queue, since } => *self = Self::Listening { queue: queue.clone(), since: *since },
            ProbeNews::Ended { .. } => *self = Self::Off,
            ProbeNews::Swept(_) | ProbeNews::Unreadable(_) => {}
        }
    }

    /// It is to be removed.
    pub fn close(&mut self) {
        if let Some(queue) = self.queue().cloned() {
            *self = Self::Closing { queue };
        }
    }
}
