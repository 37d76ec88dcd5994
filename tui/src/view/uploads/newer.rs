//! Objects that are newer than the newest entry of the log: in the title of Uploads, and in a sentence where it has no rows.

use jiff::Timestamp;

use super::super::text::count;
use crate::domain::display::Clock;
use crate::domain::newer::{Newer, Since};
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::display_settings::DisplaySettings;
use crate::model::keys::key_of;
use crate::text::time;

/// For the header and the panel's title: `! 12 objects newer than the log`, or `! at least 12 …` where the bucket is
/// not listed to its end.
pub(in super::super) fn status(model: &Model) -> Option<String> {
    let newer = model.newer.as_ref()?;
    Some(format!("! {} newer than the log", how_many(newer)))
}

/// How many, than what, and of when that is.
pub(super) fn sentence(model: &Model) -> Option<String> {
    let newer = model.newer.as_ref()?;
    let at = |at: Timestamp| moment(at, &model.display, model.now);
    let listed = match newer.listed_at {
        Some(listed) => format!("as of {}", at(listed)),
        None => "bucket listing incomplete".to_owned(),
    };
    let all = how_many(newer);
    let (is, was) = if newer.count == 1 { ("is", "was") } else { ("are", "were") };
    let known = match newer.since {
        Since::Invocation(_) => format!("{all} {is} newer than the last invocation in the log"),
        Since::Line(_) => format!("{all} {is} newer than the last line of the log"),
        Since::Reading(since) => format!("no invocation in the log since {}; {all} {is} newer", at(since)),
        Since::NoGroup(since) => {
            format!("the function has no log group yet; {all} {was} written since {}", at(since))
        }
    };
    let key = key_of(model, Scope::Panels, Action::Doctor);
    Some(format!("! {known} ({listed}): press {key} to diagnose the pipeline"))
}

fn how_many(newer: &Newer) -> String {
    let least = if newer.listed_at.is_some() { "" } else { "at least " };
    let objects = if newer.count == 1 { "object" } else { "objects" };
    format!("{least}{} {objects}", count(newer.count))
}

/// A time of the day to the second, or how long ago it was.
fn moment(at: Timestamp, display: &DisplaySettings, now: Timestamp) -> String {
    const FORM: &str = "%H:%M:%S";
    match (display.clock, &display.zone) {
        (Clock::Relative, _) => format!("{} ago", time::age(at, now)),
        (Clock::Local, Some(zone)) => at.to_zoned_datetime(zone.clone()).strftime(FORM).to_string(),
        (Clock::Utc, _) | (Clock::Local, None) => format!("{} UTC", at.strftime(FORM)),
    }
}
