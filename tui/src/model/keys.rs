//! Which keys apply at present.

use super::Model;
use super::dialog::Dialog;
use crate::keymap::action::Action;
use crate::keymap::{Binding, KEYMAP, Scope, wider};
use crate::text::key::Key;

/// The rows that hold now, the narrowest scope first. Keys of a wider scope that a narrower one takes are left out.
pub fn active(model: &Model) -> Vec<&'static Binding> {
    let mut rows: Vec<&'static Binding> = Vec::new();
    for scope in scopes(model) {
        for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
            let keys = model.keys.of(binding);
            if !keys.iter().all(|key| rows.iter().any(|row| model.keys.of(row).contains(key))) {
                rows.push(binding);
            }
        }
    }
    rows
}

/// What a key does now.
pub fn lookup(model: &Model, key: Key) -> Option<Action> {
    let holds = |binding: &&Binding, scope| binding.scope == scope && model.keys.of(binding).contains(&key);
    let binding = scopes(model).into_iter().find_map(|scope| KEYMAP.iter().find(|binding| holds(binding, scope)));
    binding.map(|binding| binding.action)
}

/// The keys of an action in a place, as they are shown.
pub fn keys_of(model: &Model, scope: Scope, action: Action) -> Vec<String> {
    let row = KEYMAP.iter().find(|row| row.scope == scope && row.action == action);
    row.into_iter().flat_map(|row| model.keys.of(row)).map(ToString::to_string).collect()
}

/// How a sentence on the screen names the key of an action: `u`. Where it has none, what finds it: `: upload`.
pub fn key_of(model: &Model, scope: Scope, action: Action) -> String {
    let first = |scope, action| keys_of(model, scope, action).into_iter().next();
    let found = || match scope {
        Scope::Panels | Scope::In(_) => first(Scope::Panels, Action::Palette)
            .map(|palette| format!("{palette} {}", crate::keymap::names::action(action))),
        _ => None,
    };
    first(scope, action).or_else(found).unwrap_or_else(|| "no key".to_owned())
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
        Some(Dialog::Pipeline(view)) if view.open.is_none() => Scope::Pipeline,
        Some(Dialog::Doctor(view)) if view.open.is_none() => Scope::Doctor,
        Some(Dialog::Versions(view)) if view.open.is_none() => Scope::Versions,
        Some(
            Dialog::Details(_)
            | Dialog::Help { .. }
            | Dialog::History { .. }
            | Dialog::Doctor(_)
            | Dialog::Versions(_)
            | Dialog::Pipeline(_),
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
