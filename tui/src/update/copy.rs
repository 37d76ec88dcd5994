//! What a copy takes from the selected row: what people paste most, and with the second key what names it exactly.

use crate::effect::Effect;
use crate::model::uploads::Row;
use crate::model::uploads::timeline::Outcome;
use crate::model::{Model, Panel, Tone};
use crate::text::clean::Clean;

/// Copies the selected row's text, or with `exact` the name that AWS knows it by.
pub(super) fn copy(model: &mut Model, exact: bool) -> Vec<Effect> {
    match selected(model, exact) {
        Some((what, text)) => {
            model.say(Tone::Done, format!("copied the {what}: {}", text.shown()));
            vec![Effect::Copy(text.raw().to_owned())]
        }
        None => {
            model.say(Tone::Hint, "there is nothing to copy here");
            Vec::new()
        }
    }
}

fn selected(model: &Model, exact: bool) -> Option<(&'static str, Clean)> {
    let uri = |key: &Clean| Clean::new(&format!("s3://{}/{}", model.pipeline.bucket.raw(), key.raw()));
    Some(match model.focus {
        Panel::Uploads => match (model.uploads.selected_row()?, exact) {
            (Row::Timeline(timeline), true) => match &timeline.outcome {
                Outcome::Published(publications) => ("message id", publications.first()?.message_id.clone()),
                _ => ("S3 URI", uri(&timeline.write.key)),
            },
            (row, true) => ("S3 URI", uri(row.key())),
            (row, false) => ("key", row.key().clone()),
        },
        Panel::Objects => {
            let key = &model.objects.selected_object()?.key;
            if exact { ("S3 URI", uri(key)) } else { ("key", key.clone()) }
        }
        Panel::Logs => {
            let line = model.logs.selected()?;
            if exact { ("request id", line.request_id.clone()?) } else { ("line", line.full.clone()) }
        }
        Panel::Subscriptions => {
            let subscription = model.subscriptions.selected()?;
            if exact { ("ARN", subscription.arn.clone()?) } else { ("endpoint", subscription.endpoint.clone()) }
        }
        Panel::Inbox => {
            let letter = model.inbox.selected()?;
            if exact {
                ("message id", letter.message_id.clone()?)
            } else {
                let text: Vec<&str> = letter.body.iter().map(Clean::raw).collect();
                ("text", Clean::new(&text.join("\n")))
            }
        }
    })
}
