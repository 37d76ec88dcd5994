//! The palette does the action that was chosen in it.

use super::actions;
use crate::effect::Effect;
use crate::keymap::Scope;
use crate::model::Model;
use crate::model::dialog::Dialog;
use crate::model::palette::found;

/// Does the chosen action, in the panel that it belongs to.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Dialog::Palette(form)) = &model.dialog else { return Vec::new() };
    let Some(row) = found(model, form.text.value()).get(form.cursor).copied() else { return Vec::new() };
    model.dialog = None;
    if let Scope::In(panel) = row.scope {
        model.focus = panel;
    }
    actions::perform(model, row.action)
}
