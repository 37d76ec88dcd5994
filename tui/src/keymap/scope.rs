//! Which scopes hold: by what lies over the panels, and each with those that hold beside it.

use super::Scope;

/// The scope that holds beside a narrower one.
pub fn wider(scope: Scope) -> Option<Scope> {
    match scope {
        Scope::In(_) => Some(Scope::Panels),
        Scope::Doctor | Scope::Versions | Scope::Pipeline => Some(Scope::Reading),
        Scope::Browsing => Some(Scope::Choosing),
        Scope::FirstChoice => Some(Scope::FirstRun),
        Scope::Choosing | Scope::Planning | Scope::SubscribeForm | Scope::Finding | Scope::SwitchForm => {
            Some(Scope::Typing)
        }
        Scope::Panels | Scope::Reading | Scope::Asking | Scope::Typing | Scope::FirstRun => Some(Scope::Always),
        Scope::Always => None,
    }
}
