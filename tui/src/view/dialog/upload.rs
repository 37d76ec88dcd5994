//! The question before the first upload to AWS: whom it will notify, as far as that is known.
//!
//! ```text
//! ┏ Upload ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Upload 3 files to bucket my-images?                                             ┃
//! ┃                                                                                 ┃
//! ┃ Each image notifies the 4 subscribers of topic image-uploads: 2 email, 1 https, ┃
//! ┃ 1 sqs.                                                                          ┃
//! ┃ y yes    n no, also Enter and Esc                                               ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::style::Style;
use ratatui::text::Line;

use super::super::text::{count, prose};
use super::super::theme;
use super::{Content, answers};
use crate::domain::subscriptions::Protocol;
use crate::model::Model;
use crate::model::dialog::Question;

const ONCE: &str = "This is asked once for each pipeline; confirm-upload = false in the config file turns it off.";

pub(super) fn ask(question: &Question, model: &Model, width: usize) -> Content<'static> {
    let mut lines = prose(question.text.shown(), width, theme::strong());
    lines.push(Line::default());
    lines.extend(prose(&notifies(model), width, Style::new()));
    lines.extend(prose(ONCE, width, theme::dim()));
    lines.push(Line::default());
    lines.extend(answers(model, width));
    Content { title: "Upload", lines, offset: 0, field: None, list: None }
}

/// Whom an upload notifies.
fn notifies(model: &Model) -> String {
    let topic = model.pipeline.topic.shown();
    let known = &model.subscriptions.known;
    if let Some(problem) = &known.not_listed {
        return format!("Whom it notifies is not known: {}: {}.", problem.what.shown(), problem.why.shown());
    }
    if known.listed_at.is_none() {
        return format!("Whom it notifies is not known: the subscribers of topic {topic} have not been read.");
    }
    let probe = known.probe.queue();
    let confirmed =
        || known.items.iter().filter(|item| !item.is_pending() && probe.is_none_or(|queue| item.endpoint != *queue));
    let mut protocols: Vec<(Protocol, usize)> = Vec::new();
    for item in confirmed() {
        match protocols.iter_mut().find(|(protocol, _)| *protocol == item.protocol) {
            Some((_, number)) => *number += 1,
            None => protocols.push((item.protocol, 1)),
        }
    }
    let parts: Vec<String> =
        protocols.iter().map(|(protocol, number)| format!("{} {}", count(*number), protocol.word())).collect();
    match confirmed().count() {
        0 => format!("It notifies no one: topic {topic} has no confirmed subscriber."),
        1 => format!("Each image notifies the only subscriber of topic {topic}: {}.", parts.join(", ")),
        all => format!("Each image notifies the {} subscribers of topic {topic}: {}.", count(all), parts.join(", ")),
    }
}
