//! The question before a probe is made: what will be created, where, what it costs, what it takes, when it goes.
//!
//! ```text
//! ┏ Probe ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Prove the fan-out with a probe queue?                                          ┃
//! ┃                                                                                ┃
//! ┃ creates    SQS queue imgwatch-probe-<random> in account 123456789012, …        ┃
//! ┃ y yes    n no, also Enter and Esc                                              ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use imgwatch_shared::arn::Arn;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, prose, words};
use super::super::theme;
use super::{Content, answers};
use crate::domain::probe::PREFIX;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::dialog::Question;
use crate::model::keys::key_of;
use crate::text::clean::Clean;

/// Columns of the names.
const NAMES: usize = 9;

pub(super) fn ask(question: &Question, model: &Model, width: usize) -> Content<'static> {
    let arn = model.subscriptions.known.topic_arn.as_ref().map(Clean::shown).unwrap_or_default();
    let (region, account) = Arn::parse(arn).map_or(("", ""), |arn| (arn.region, arn.account));
    let topic = model.pipeline.topic.shown();
    let key = key_of(model, Scope::Panels, Action::Probe);
    let notes = [
        (
            "creates",
            format!(
                "SQS queue {PREFIX}<random> in account {account}, {region}, with a policy that lets only this topic \
                 send to it, and its subscription to topic {topic}"
            ),
        ),
        ("proves", "that the topic delivers messages; it proves nothing about other subscribers".to_owned()),
        ("costs", "about 3 SQS requests a minute (4,600 a day), and 2 more when messages arrive".to_owned()),
        (
            "needs",
            "sqs:CreateQueue, TagQueue, ReceiveMessage, DeleteMessage, DeleteQueue; sns:Subscribe, Unsubscribe"
                .to_owned(),
        ),
        ("ends", format!("when you press {key} again or quit; after a crash the next start removes it")),
    ];
    let mut lines = prose(question.text.shown(), width, theme::strong());
    lines.push(Line::default());
    for (name, text) in notes {
        for (index, row) in words(&text, width.saturating_sub(NAMES).max(8)).into_iter().enumerate() {
            let head = if index == 0 { cell(name, NAMES, theme::dim()) } else { cell("", NAMES, Style::new()) };
            lines.push(Line::from(vec![head, Span::raw(row)]));
        }
    }
    lines.push(Line::default());
    lines.extend(answers(model, width));
    Content { title: "Probe", lines, offset: 0, field: None, list: None }
}
