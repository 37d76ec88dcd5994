//! The form for a new subscription. It says what Enter will do before it is pressed.
//!
//! ```text
//! ┏ Subscribe ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ [email] email-json sms https http sqs …    ┃
//! ┃ > ada@example.com                          ┃
//! ┃                                            ┃
//! ┃ ✓ Enter subscribes the address                      ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::text::{Line, Span};

use super::super::text::prose;
use super::super::theme;
use super::Content;
use crate::domain::endpoint::validate;
use crate::domain::subscriptions::Protocol;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::dialog::SubscribeForm;
use crate::model::keys::key_of;
use crate::text::clean::Clean;

pub(super) fn subscribe<'a>(form: &'a SubscribeForm, model: &Model, width: usize) -> Content<'a> {
    let mut lines = protocols(form.protocol, width);
    lines.extend(prose(expected(form.protocol), width, theme::dim()));
    let row = lines.len();
    lines.extend([Line::default(), Line::default()]);
    let typed = form.endpoint.value().trim();
    match validate(form.protocol, typed) {
        Ok(()) => {
            let key = key_of(model, Scope::Typing, Action::Submit);
            lines.extend(prose(&format!("✓ {key} {}", consequence(form.protocol)), width, theme::good()));
        }
        // An empty field is not an error yet.
        Err(_) if typed.is_empty() => lines.extend(prose("enter an endpoint", width, theme::dim())),
        Err(why) => lines.extend(prose(&format!("✗ {}", Clean::new(&why).shown()), width, theme::bad())),
    }
    Content { title: "Subscribe", lines, offset: 0, field: Some((row, &form.endpoint)), list: None }
}

/// All protocols; brackets mark the chosen one, as a colour alone would not.
fn protocols(chosen: Protocol, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    for protocol in Protocol::CHOICES {
        let span = if protocol == chosen {
            Span::styled(format!("[{}]", protocol.word()), theme::key())
        } else {
            Span::raw(format!(" {} ", protocol.word()))
        };
        if lines.last().is_some_and(|line| line.width() + span.width() > width) {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            line.push_span(span);
        }
    }
    lines
}

fn expected(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson => "An email address, such as ada@example.com",
        Protocol::Sms => "A phone number with +, such as +4915112345678",
        Protocol::Https => "An https:// URL",
        Protocol::Http => "An http:// URL",
        Protocol::Sqs => "The ARN of an SQS queue",
        Protocol::Lambda => "The ARN of a Lambda function",
        Protocol::Firehose => "The ARN of a delivery stream",
        Protocol::Application => "The ARN of a platform endpoint",
        Protocol::Other => "An endpoint",
    }
}

/// What the key will do.
fn consequence(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson => "subscribes the address; SNS sends a confirmation email first",
        Protocol::Http | Protocol::Https => "subscribes the URL; SNS posts a confirmation request first",
        _ => "subscribes the endpoint",
    }
}
