//! The form for the link of a confirmation email, and what Enter will do with it.
//!
//! ```text
//! ┏ Confirm ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Paste the link of the confirmation email            ┃
//! ┃ > https://sns.eu-west-1.amazonaws.com/confirmation…  ┃
//! ┃                                                      ┃
//! ┃ ✓ Enter confirms it by a signed request: …           ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::text::Line;

use super::super::text::prose;
use super::super::theme;
use super::Content;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::dialog::LinkForm;
use crate::model::keys::key_of;
use crate::text::clean::Clean;

pub(super) fn form<'a>(form: &'a LinkForm, model: &Model, width: usize) -> Content<'a> {
    let mut lines = prose("Paste the link of the confirmation email", width, theme::dim());
    let row = lines.len();
    lines.extend([Line::default(), Line::default()]);
    match model.confirmation(form) {
        Ok(_) => {
            let key = key_of(model, Scope::Typing, Action::Submit);
            let text = format!(
                "✓ {key} confirms with a signed request: only the owner can unsubscribe, not anyone with a copy of an \
                 email"
            );
            lines.extend(prose(&text, width, theme::good()));
        }
        // An empty field is not an error yet.
        Err(_) if form.link.value().trim().is_empty() => {
            let text = "imgwatch uses only the token and does not open the link. The link is valid for two days.";
            lines.extend(prose(text, width, theme::dim()));
        }
        Err(why) => lines.extend(prose(&format!("✗ {}", Clean::new(&why.to_string()).shown()), width, theme::bad())),
    }
    Content { title: "Confirm subscription", lines, offset: 0, field: Some((row, &form.link)), list: None }
}
