//! What the keys of Uploads bring about, with uploads that S3 does not answer or refuses. The way begins and ends at the
//! panels, with nothing under way.

use imgwatch::keymap::Scope;
use imgwatch::keymap::action::Action;
use imgwatch::keymap::action::Panel;

use super::see::{both, gone, home, text};
use super::stage::{Expectation, Step, never, press, refused, shows};
use crate::ENTER;

pub(super) fn all() -> Vec<Expectation> {
    let scope = Scope::In(Panel::Uploads);
    let and = |before: Vec<Step>, then: Step| before.into_iter().chain([then]).collect::<Vec<_>>();
    let stopped = || and(sending(), press("x", text("may be stored")));
    let refused = vec![
        Step::Trouble("s3", "PutObject", refused()),
        press("u", text("generated test image")),
        press(ENTER, text("✗ failed")),
        Step::Calm,
        Step::Trouble("s3", "PutObject", never()),
    ];
    let again = |before| shows(scope, Action::SendAgain, before, text("1 uploading"), no_longer_sending());
    vec![
        shows(
            scope,
            Action::CancelUpload,
            sending(),
            text("may be stored"),
            vec![press("x", gone("may be stored")), Step::Calm],
        ),
        shows(scope, Action::CancelUpload, stopped(), both(home(), gone("may be stored")), vec![Step::Calm]),
        again(stopped()),
        again(refused),
        shows(
            scope,
            Action::SendAllAgain,
            sending_two().into_iter().chain(stop_both()).collect(),
            both(text("0 of 2 stored"), gone("unfinished")),
            no_longer_sending_two(),
        ),
        shows(
            scope,
            Action::CancelUploads,
            sending_two(),
            text("Cancel the 2 uploads that are not stored yet?"),
            and(vec![press("n", home())], press("X", text("┏ Confirm")))
                .into_iter()
                .chain([press("y", text("2 unfinished")), press("X", gone("unfinished")), Step::Calm])
                .collect(),
        ),
        shows(
            scope,
            Action::UploadState,
            vec![],
            both(text("only failed"), text("0 of 30")),
            vec![
                press("f", text("only waiting")),
                press("f", text("only late")),
                press("f", text("only unknown")),
                press("f", gone("only ")),
            ],
        ),
        shows(scope, Action::CancelUploads, stopped(), both(home(), gone("may be stored")), vec![Step::Calm]),
    ]
}

/// An upload whose request is not answered.
pub(super) fn sending() -> Vec<Step> {
    vec![
        Step::Trouble("s3", "PutObject", never()),
        press("u", text("generated test image")),
        press(ENTER, text("1 uploading")),
    ]
}

/// Stops it, and takes it off the list.
pub(super) fn no_longer_sending() -> Vec<Step> {
    vec![press("x", text("may be stored")), press("x", gone("may be stored")), Step::Calm]
}

/// The same with one more.
fn sending_two() -> Vec<Step> {
    let another = [press("u", text("generated test image")), press(ENTER, text("0 of 2 stored"))];
    sending().into_iter().chain(another).collect()
}

/// Stops both.
fn stop_both() -> Vec<Step> {
    vec![press("X", text("Cancel the 2 uploads that are not stored yet?")), press("y", text("2 unfinished"))]
}

/// Stops both, and takes them off the list.
fn no_longer_sending_two() -> Vec<Step> {
    stop_both().into_iter().chain([press("X", gone("unfinished")), Step::Calm]).collect()
}
