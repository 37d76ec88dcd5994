//! Every state that reaches the screen has a snapshot that shows it.
//!
//! The compiler asks for a line here for each new variant, and the line for a snapshot that holds its words.

use imgwatch::domain::delivery::DeliveryState;
use imgwatch::domain::diagnosis::CheckStatus;
use imgwatch::domain::files::{EntryKind, Limit};
use imgwatch::domain::live_tail::LiveTail;
use imgwatch::domain::log::{LineKind, Tail};
use imgwatch::domain::newer::Since;
use imgwatch::domain::preview::Preview;
use imgwatch::domain::probe::Probe;
use imgwatch::domain::search::Mark;
use imgwatch::domain::silence::Silence;
use imgwatch::domain::subscriptions::{Attributes, DeliveryStatusLogging};
use imgwatch::domain::switch::ChoiceKind;
use imgwatch::domain::timeline::{Outcome, UploadStatus};
use imgwatch::domain::transfer::TransferState;
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{Dialog, Subject};
use imgwatch::model::load::Load;
use imgwatch::model::objects::Sort;
use imgwatch::model::{Connection, NoticeLevel};

use crate::shot::kept;

/// Names the snapshot that shows each variant of a type, and words that stand in it for that variant.
macro_rules! shown {
    ($type:ty { $($variant:pat_param => $name:literal, $words:literal;)+ }) => {
        let _: fn(&$type) = |value| match value {
            $($variant)|+ => {}
        };
        for (variant, name, words) in [$((stringify!($variant), $name, $words)),+] {
            let snapshot = kept(name);
            assert!(snapshot.contains(words), "{name} does not show {variant} by {words:?}:\n{snapshot}");
        }
    };
}

#[test]
fn every_state_of_a_connection_and_of_what_is_read_is_shown() {
    shown!(Connection {
        Connection::Connecting => "screen-first-80x24", "○ connecting";
        Connection::Ready => "screen-busy-80x24", "● LIVE";
        Connection::Failed(_) => "screen-unconnected-80x24", "✗ not connected";
    });
    shown!(Load {
        Load::Idle => "empty-panels", "connecting, Objects";
        Load::Loading(..) => "panel-objects-loading", "loading…";
        Load::Ready => "panel-objects-focused", "newest";
        Load::Failed(_) => "panel-objects-trouble", "✗ cannot list";
    });
    shown!(Tail {
        Tail::Connecting => "log-states", "connecting…";
        Tail::Live => "log-states", "● LIVE";
        Tail::Every { .. } => "log-states", "● every 5 s";
        Tail::NoInvocationYet => "log-states", "no invocation yet";
        Tail::BackingOff { .. } => "log-states", "next try in 7 s";
        Tail::Failed(_) => "panel-logs-trouble", "✗ error";
    });
    shown!(LiveTail {
        LiveTail::Off => "log-states", "● LIVE";
        LiveTail::Waiting => "live-tail-states", "Live Tail on";
        LiveTail::Open { .. } => "live-tail-states", "● LIVE TAIL, sampled";
        LiveTail::Failed(_) => "live-tail-states", "✗ LIVE TAIL ";
    });
    shown!(Probe {
        Probe::Off => "panel-subscriptions-focused", "━ 1 pending · 3 confirmed";
        Probe::Opening => "panel-subscriptions-probe-opening", "probe …";
        Probe::Listening { .. } => "panel-subscriptions-probe-on", "probe on";
        Probe::Closing { .. } => "panel-subscriptions-probe-closing", "probe …";
    });
    shown!(Mark {
        Mark::Nothing => "screen-first-run-looking-80x24", "○ environment  no IMGWATCH_BUCKET";
        Mark::Choose => "screen-first-run-several-stacks-80x24", "? stacks in eu-west-1";
        Mark::NotRead => "screen-first-run-not-allowed-80x24", "✗ stacks in eu-west-1";
    });
    shown!(NoticeLevel {
        NoticeLevel::Done => "footers", "✓ unsubscribed";
        NoticeLevel::Hint => "footers", "nothing to copy";
        NoticeLevel::Error => "footers", "✗ cannot unsubscribe";
    });
}

#[test]
fn every_state_of_an_upload_is_shown() {
    shown!(UploadStatus {
        UploadStatus::Queued => "panel-uploads-queue", "queued";
        UploadStatus::Uploading => "panel-uploads-focused", "uploading";
        UploadStatus::Held => "panel-uploads-queue", "held";
        UploadStatus::Waiting => "panel-uploads-focused", "… waiting";
        UploadStatus::Late => "panel-uploads-zoomed", "! late       late.png";
        UploadStatus::Stuck => "panel-uploads-zoomed", "! late       nothing/heard/of.png";
        UploadStatus::Unknown => "silences", "? unknown    nothing";
        UploadStatus::Processed => "silences", "✓ processed  nothing";
        UploadStatus::Published => "panel-uploads-focused", "✓ published";
        UploadStatus::Skipped => "panel-uploads-focused", "○ skipped";
        UploadStatus::Failed => "panel-uploads-focused", "✗ failed";
        UploadStatus::Cancelled => "panel-uploads-focused", "○ cancelled";
        UploadStatus::Exists => "panel-uploads-over", "! exists";
    });
    shown!(TransferState {
        TransferState::Queued => "panel-uploads-queue", "queued";
        TransferState::Sending => "panel-uploads-queue", "uploading";
        TransferState::Held(_) => "panel-uploads-queue", "retrying soon";
        TransferState::Stored => "panel-uploads-queue", "10 of 30";
        TransferState::Failed(_) => "story-deniedpng", "AccessDenied";
        TransferState::Exists => "panel-uploads-over", "R to overwrite";
        TransferState::Cancelled => "panel-uploads-over", "cancelled before the object was stored";
        TransferState::OutcomeUnknown(_) => "panel-uploads-over", "may be stored: cancelled";
    });
    shown!(Outcome {
        Outcome::Waiting => "story-photosdogpng", "waiting";
        Outcome::Published(_) => "story-photoscatpng", "message 3f2a1b0c";
        Outcome::Skipped(_) => "story-notestxt", "not an image: text/plain";
        Outcome::Failed(_) => "story-lostpng", "the topic does not exist";
    });
    shown!(DeliveryState {
        DeliveryState::PendingConfirmation => "dialog-details-all-deliveries", "pending confirmation: the subscription was not confirmed";
        DeliveryState::Filtered => "dialog-details-all-deliveries", "filtered: the filter policy excludes this message";
        DeliveryState::Accepted => "dialog-details-all-deliveries", "accepted ~+48 ms";
        DeliveryState::Delivered => "dialog-details-all-deliveries", "delivered ~+60 ms";
        DeliveryState::Failed => "dialog-details-all-deliveries", "FAILURE, status 403";
        DeliveryState::Unknown => "dialog-details-all-deliveries", "unknown: the topic does not log the status of every delivery by https";
    });
    shown!(Silence {
        Silence::Unreadable => "silences", "the log cannot be read";
        Silence::NotRead => "silences", "the log has not been read since the upload";
        Silence::NoLogGroup(_) => "silences", "the log group does not exist as of";
        Silence::Unnamed { .. } => "silences", "3 invocations since; the log does not show that one of them";
        Silence::NoInvocation(_) => "silences", "no invocation in the log as of";
        Silence::NoLine(_) => "silences", "no log line names this object as of";
        Silence::LinesOff(_) => "silences", "START and REPORT lines are off";
        Silence::LinesUnknown(_) => "silences", "the log may lack invocations";
    });
}

#[test]
fn every_state_of_a_row_is_shown() {
    shown!(Attributes {
        Attributes::Pending => "panel-subscriptions-focused", "pending";
        Attributes::NotRead(_) => "dialog-details-subscription-unread", "attributes  not read";
        Attributes::Read { .. } => "panel-subscriptions-focused", "▽";
    });
    shown!(DeliveryStatusLogging {
        DeliveryStatusLogging::Unread => "empty-panels", "once connected";
        DeliveryStatusLogging::NotRead(_) => "panel-uploads-unknown", "? email ada@example.com           unknown";
        DeliveryStatusLogging::For(_) => "dialog-details-subscription-email", "SNS logs no delivery status for this protocol";
    });
    shown!(LineKind {
        LineKind::Init => "panel-logs-zoomed", "INIT_START";
        LineKind::Start => "panel-logs-zoomed", "┌ START";
        LineKind::End => "panel-logs-zoomed", "END RequestId";
        LineKind::Report => "panel-logs-zoomed", "└ REPORT";
        LineKind::Record => "panel-logs-zoomed", "published photos/2026/03/cat.png";
        LineKind::Text => "panel-logs-zoomed", "was seen before with another entity tag";
    });
    shown!(Sort {
        Sort::Newest => "panel-objects-focused", "newest";
        Sort::Oldest => "panel-objects-oldest", "oldest";
        Sort::Key => "panel-objects-by-key", "key↑";
        Sort::Largest => "panel-objects-by-size", "size↓";
    });
    shown!(CheckStatus {
        CheckStatus::Ok => "dialog-doctor-failures", "✓ ok";
        CheckStatus::Note => "dialog-doctor-failures", "i note";
        CheckStatus::NotChecked => "dialog-doctor-failures", "? not checked";
        CheckStatus::Warning => "dialog-doctor-failures", "! warning";
        CheckStatus::Failure => "dialog-doctor-failures", "✗ failure";
    });
    shown!(EntryKind {
        EntryKind::Folder => "dialog-choose-fresh", "cats/";
        EntryKind::File => "dialog-choose-fresh", "cat.png";
        EntryKind::Other => "dialog-choose-pipe", "not a readable file or folder";
    });
    shown!(Limit {
        Limit::Files => "dialog-plan-troubled", "only the first 10,000 files";
        Limit::Entries => "dialog-plan-deep", "the limit is 200,000 files and folders";
    });
    shown!(ChoiceKind {
        ChoiceKind::Pipeline => "dialog-switch-few", "live";
        ChoiceKind::Profile => "dialog-switch-few", "default";
    });
    shown!(Preview {
        Preview::Picture(_) => "preview-picture", "JPEG";
        Preview::Text { .. } => "preview-text", "\"name\"";
        Preview::Folder { .. } => "preview-chooser-folder", "2 folders";
        Preview::Nothing(_) => "preview-nothing", "no preview: 10000 x 10000 pixels";
    });
    shown!(Since {
        Since::Invocation(_) => "newer-since", "newer than the last invocation";
        Since::Line(_) => "newer-since", "newer than the last line";
        Since::Reading(_) => "newer-since", "no invocation in the log since";
        Since::NoGroup(_) => "newer-since", "no log group yet";
    });
}

#[test]
fn every_panel_and_dialog_is_shown() {
    shown!(Panel {
        Panel::Uploads => "panel-uploads-focused", "1 Uploads";
        Panel::Objects => "panel-objects-focused", "2 Objects";
        Panel::Logs => "panel-logs-focused", "3 Logs";
        Panel::Subscriptions => "panel-subscriptions-focused", "4 Subscriptions";
        Panel::Inbox => "panel-inbox-focused", "5 Inbox";
    });
    shown!(Dialog {
        Dialog::Choose(_) => "dialog-choose-fresh", "┏ Upload";
        Dialog::Plan(_) => "dialog-plan-folder", "┏ Upload";
        Dialog::Download(_) => "dialog-download-offered", "┏ Download";
        Dialog::Subscribe(_) => "dialog-subscribe-empty", "┏ Subscribe";
        Dialog::Link(_) => "dialog-link-empty", "┏ Confirm";
        Dialog::Switch(_) => "dialog-switch-few", "┏ Profile and region";
        Dialog::Question(_) => "dialog-question-unsubscribe", "┏ Confirm ━";
        Dialog::Details(_) => "dialog-details-upload-published", "┏ Upload";
        Dialog::Versions(_) => "dialog-versions-kept", "┏ Versions";
        Dialog::Doctor(_) => "dialog-doctor-healthy", "┏ Doctor";
        Dialog::Pipeline(_) => "dialog-pipeline-several", "┏ Pipeline";
        Dialog::Help { .. } => "dialog-help-keys", "┏ Keys";
        Dialog::History { .. } => "dialog-history-said", "┏ Messages";
        Dialog::Filter(_) => "panel-objects-filter-typed", "/PNG";
        Dialog::Palette(_) => "dialog-palette-all", "┏ Actions";
    });
    shown!(Subject {
        Subject::Upload(_) => "dialog-details-upload-published", "s3 request";
        Subject::Object(_) => "dialog-details-object", "dog.png";
        Subject::LogLine(_) => "dialog-details-log-line", "snsMessageId";
        Subject::Subscription(..) => "dialog-details-subscription-email", "ada@example.com";
        Subject::InboxMessage(_) => "dialog-details-letter", "grace.hopper";
    });
}
