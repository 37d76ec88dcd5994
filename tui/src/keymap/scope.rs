//! Which scopes hold: by what lies over the panels, and each with those that hold beside it.

use super::Scope;
use crate::model::Model;
use crate::model::dialog::Dialog;

/// The scope that holds beside a narrower one.
pub(super) fn wider(scope: Scope) -> Option<Scope> {
    match scope {
        Scope::In(_) => Some(Scope::Panels),
        Scope::Doctor | Scope::Versions => Some(Scope::Reading),
        Scope::Browsing => Some(Scope::Choosing),
        Scope::FirstChoice => Some(Scope::FirstRun),
        Scope::Choosing | Scope::Planning | Scope::SubscribeForm | Scope::Finding | Scope::SwitchForm => {
            Some(Scope::Typing)
        }
        Scope::Panels | Scope::Reading | Scope::Asking | Scope::Typing | Scope::FirstRun => Some(Scope::Always),
        Scope::Always => None,
    }
}

/// The scopes that hold now, the narrowest first.
pub fn scopes(model: &Model) -> Vec<Scope> {
    scopes_with(model, model.dialog.as_ref())
}

/// The scopes that hold where this dialog is the one on top.
pub fn scopes_with(model: &Model, dialog: Option<&Dialog>) -> Vec<Scope> {
    let narrowest = match dialog {
        None if model.search.is_some() && model.pipelines.is_empty() => Scope::FirstRun,
        None if model.search.is_some() => Scope::FirstChoice,
        None => Scope::In(model.focus),
        Some(Dialog::Doctor(view)) if view.open.is_none() => Scope::Doctor,
        Some(Dialog::Versions(view)) if view.open.is_none() => Scope::Versions,
        Some(
            Dialog::Details(_) | Dialog::Help { .. } | Dialog::History { .. } | Dialog::Doctor(_) | Dialog::Versions(_),
        ) => Scope::Reading,
        Some(Dialog::Question(_)) => Scope::Asking,
        Some(Dialog::Choose(chooser)) if chooser.text.value().is_empty() => Scope::Browsing,
        Some(Dialog::Choose(_)) => Scope::Choosing,
        Some(Dialog::Plan(_)) => Scope::Planning,
        Some(Dialog::Subscribe(_)) => Scope::SubscribeForm,
        Some(Dialog::Palette(_)) => Scope::Finding,
        Some(Dialog::Filter(_) | Dialog::Link(_) | Dialog::Download(_)) => Scope::Typing,
        Some(Dialog::Switch(_)) => Scope::SwitchForm,
    };
    std::iter::successors(Some(narrowest), |scope| wider(*scope)).collect()
}
