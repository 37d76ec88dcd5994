//! The form that confirms a subscription by the link of its confirmation email.

use crate::domain::confirmation::find;
use crate::effect::{CloudEffect, Effect};
use crate::model::dialog::{Dialog, LinkForm};
use crate::model::{Model, NoticeLevel};

/// Opens the form.
pub(super) fn ask(model: &mut Model) {
    model.dialog = Some(Dialog::Link(LinkForm::default()));
}

/// A pasted confirmation link opens the form by itself, and replaces what is in it.
pub(super) fn pasted(model: &mut Model, text: &str) -> bool {
    match (&model.dialog, find(text)) {
        (None | Some(Dialog::Link(_)), Some(link)) => {
            model.dialog = Some(Dialog::Link(LinkForm { link: link.into() }));
            true
        }
        _ => false,
    }
}

/// Confirms what the form's link says; a link that will not do keeps the form open, which says why.
pub(super) fn submit(model: &mut Model, form: LinkForm) -> Vec<Effect> {
    match model.confirmation(&form) {
        Ok(confirmation) => {
            model.say(NoticeLevel::Hint, "confirming …");
            vec![Effect::Cloud(CloudEffect::Confirm(confirmation))]
        }
        Err(_) => {
            model.dialog = Some(Dialog::Link(form));
            Vec::new()
        }
    }
}
