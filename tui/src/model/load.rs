//! How the data of one panel stands; old data stays visible beside every state.

use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;

/// The state of one panel's latest request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Load {
    /// Nothing asked for yet.
    #[default]
    Idle,
    /// In progress; an earlier error stays known until the answer.
    Loading(RequestId, Option<Problem>),
    /// The data is as fresh as the last answer.
    Ready,
    /// The last request failed; the data is older.
    Failed(Problem),
}

impl Load {
    /// A request goes out.
    pub fn begin(&mut self, request: RequestId) {
        *self = Self::Loading(request, self.problem().cloned());
    }

    /// Whether an answer is the one being waited for.
    pub fn expects(&self, request: RequestId) -> bool {
        matches!(self, Self::Loading(latest, _) if *latest == request)
    }

    /// Whether a request is in progress.
    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Loading(..))
    }

    /// What went wrong last.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed(problem) | Self::Loading(_, Some(problem)) => Some(problem),
            _ => None,
        }
    }
}
