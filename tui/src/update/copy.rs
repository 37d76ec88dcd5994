//! What a copy takes from the selected row, or from what a dialog shows: what people paste most, and with the second key
//! what names it exactly.

use super::{pipeline, versions};
use crate::domain::timeline::Outcome;
use crate::effect::{Effect, TerminalEffect};
use crate::keymap::action::Panel;
use crate::model::dialog::{Dialog, DoctorView, Subject};
use crate::model::uploads::UploadRow;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// Copies the text of what is shown, or with `exact` the name that AWS knows it by.
pub(super) fn copy(model: &mut Model, exact: bool) -> Vec<Effect> {
    let found = match &model.dialog {
        Some(Dialog::Doctor(view)) => commands(model, view),
        Some(Dialog::Versions(view)) => versions::copied(model, view, exact),
        Some(Dialog::Pipeline(view)) => pipeline::copied(model, view, exact),
        Some(Dialog::History { .. }) => said(model),
        Some(Dialog::Details(details)) => subject(model, &details.subject, exact),
        Some(_) => None,
        None => selected(model).and_then(|selected| subject(model, &selected, exact)),
    };
    match found {
        Some((what, text)) => {
            model.say(NoticeLevel::Done, format!("copied the {what}: {}", text.shown()));
            vec![Effect::Terminal(TerminalEffect::Copy(text.raw().to_owned()))]
        }
        None => {
            model.say(NoticeLevel::Hint, "nothing to copy here");
            Vec::new()
        }
    }
}

/// What the selected row of the focused panel stands for.
pub(super) fn selected(model: &Model) -> Option<Subject> {
    match model.focus {
        Panel::Uploads => model.uploads.selected_row().map(|row| Subject::Upload(row.id())),
        Panel::Objects => model.objects.selected_object().map(|object| Subject::Object(object.key)),
        Panel::Logs => model.logs.selected().map(|line| Subject::LogLine(line.id.clone())),
        Panel::Subscriptions => {
            model.subscriptions.selected().map(|s| Subject::Subscription(s.protocol, s.endpoint.clone()))
        }
        Panel::Inbox => model.inbox.selected().map(|message| Subject::InboxMessage(message.number)),
    }
}

fn subject(model: &Model, subject: &Subject, exact: bool) -> Option<(&'static str, Clean)> {
    let uri = |key: &Clean| Clean::new(&format!("s3://{}/{}", model.pipeline.bucket.raw(), key.raw()));
    Some(match subject {
        Subject::Upload(id) => match (model.uploads.find(id)?, exact) {
            (UploadRow::Timeline(timeline), true) => match &timeline.outcome {
                Outcome::Published(publications) => ("message id", publications.first()?.message_id.clone()),
                _ => ("S3 URI", uri(&timeline.write.key)),
            },
            (row, true) => ("S3 URI", uri(row.key())),
            (row, false) => ("key", row.key().clone()),
        },
        Subject::Object(key) => {
            let key = model.objects.object(key)?.key;
            if exact { ("S3 URI", uri(&key)) } else { ("key", key) }
        }
        Subject::LogLine(id) => {
            let line = model.logs.line(id)?;
            if exact { ("request id", line.invocation.clone()?) } else { ("line", line.full.clone()) }
        }
        Subject::Subscription(protocol, endpoint) => {
            let subscription = model.subscriptions.known.find(*protocol, endpoint)?;
            if exact { ("ARN", subscription.arn.clone()?) } else { ("endpoint", subscription.endpoint.clone()) }
        }
        Subject::InboxMessage(number) => {
            let message = model.inbox.message(*number)?;
            if exact { ("message id", message.message_id.clone()?) } else { ("text", lines(&message.body)) }
        }
    })
}

/// The commands of the check that is shown, or under the cursor; of one that needs none, what was found.
fn commands(model: &Model, view: &DoctorView) -> Option<(&'static str, Clean)> {
    let report = model.doctor.report.as_ref()?;
    let check = match view.open {
        Some((id, _)) => report.checks.iter().find(|check| check.id == id)?,
        None => report.worst_first().get(view.cursor).copied()?,
    };
    Some(match check.fix.as_slice() {
        [] => ("finding", check.found.clone()),
        fix => ("commands", lines(fix)),
    })
}

/// All that was said, the latest first, as it is shown.
fn said(model: &Model) -> Option<(&'static str, Clean)> {
    let texts: Vec<Clean> = model.history.iter().rev().map(|notice| notice.text.clone()).collect();
    (!texts.is_empty()).then(|| ("history", lines(&texts)))
}

fn lines(rows: &[Clean]) -> Clean {
    let rows: Vec<&str> = rows.iter().map(Clean::raw).collect();
    Clean::new(&rows.join("\n"))
}
