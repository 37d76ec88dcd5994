//! The forms: what to upload, and whom to tell. What Enter will do is written out before it is pressed.
//!
//! ```text
//! ┏ Upload ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓   ┏ Subscribe ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Path of a file; empty: a test image     ┃   ┃ [email] email-json sms https http sqs …    ┃
//! ┃ > ~/pictures/c                          ┃   ┃ > ada@example.com                          ┃
//! ┃                                         ┃   ┃                                            ┃
//! ┃ Enter uploads this file to images       ┃   ┃ ✓ Enter subscribes it                      ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛   ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::text::{Line, Span};

use super::super::text::prose;
use super::super::theme;
use super::Content;
use crate::model::Model;
use crate::model::dialog::{SubscribeForm, UploadForm};
use crate::model::subscriptions::Protocol;
use crate::text::clean::Clean;
use crate::text::width::cut_start;
use crate::update::subscribe::validate;

/// Completions shown; the rest are counted.
const COMPLETIONS: usize = 6;

pub(super) fn upload<'a>(form: &'a UploadForm, model: &Model, width: usize) -> Content<'a> {
    let bucket = model.pipeline.bucket.shown();
    let empty = form.path.value().trim().is_empty();
    let mut lines = prose("Path of a file, or nothing for a generated test image", width, theme::dim());
    let row = lines.len();
    lines.extend([Line::default(), Line::default()]);
    if let Some(error) = &form.error {
        lines.extend(prose(&format!("✗ {}", Clean::new(error).shown()), width, theme::bad()));
    } else {
        let what = if empty { "a generated test image" } else { "this file" };
        lines.extend(prose(&format!("Enter uploads {what} to bucket {bucket}"), width, theme::strong()));
    }
    if !form.completions.is_empty() {
        lines.push(Line::default());
    }
    for path in form.completions.iter().take(COMPLETIONS) {
        lines.push(Line::from(format!("  {}", cut_start(path.shown(), width.saturating_sub(2)))));
    }
    let more = form.completions.len().saturating_sub(COMPLETIONS);
    if more > 0 {
        lines.push(Line::styled(format!("  … and {more} more: type on, then Tab"), theme::dim()));
    }
    Content { title: "Upload", lines, offset: 0, field: Some((row, &form.path)) }
}

pub(super) fn subscribe(form: &SubscribeForm, width: usize) -> Content<'_> {
    let mut lines = protocols(form.protocol, width);
    lines.extend(prose(expected(form.protocol), width, theme::dim()));
    let row = lines.len();
    lines.extend([Line::default(), Line::default()]);
    let typed = form.endpoint.value().trim();
    match validate(form.protocol, typed) {
        Ok(()) => lines.extend(prose(&format!("✓ {}", consequence(form.protocol)), width, theme::good())),
        // Nobody is told that they are wrong before they have begun.
        Err(_) if typed.is_empty() => lines.extend(prose("type where SNS is to send to", width, theme::dim())),
        Err(why) => lines.extend(prose(&format!("✗ {}", Clean::new(&why).shown()), width, theme::bad())),
    }
    Content { title: "Subscribe", lines, offset: 0, field: Some((row, &form.endpoint)) }
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
        Protocol::Sms => "A telephone number with +, such as +4915112345678",
        Protocol::Https => "An https:// URL",
        Protocol::Http => "An http:// URL",
        Protocol::Sqs => "The ARN of an SQS queue",
        Protocol::Lambda => "The ARN of a Lambda function",
        Protocol::Firehose => "The ARN of a delivery stream",
        Protocol::Application => "The ARN of a platform endpoint",
        Protocol::Other => "An endpoint",
    }
}

fn consequence(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Email | Protocol::EmailJson => {
            "Enter asks SNS for a confirmation letter; until it is confirmed, nothing is sent"
        }
        Protocol::Http | Protocol::Https => {
            "Enter asks SNS to post a confirmation there; until it is confirmed, nothing is sent"
        }
        _ => "Enter subscribes it",
    }
}
