//! What each action does.

use imgwatch_shared::record::Level;
use tui_input::Input;

use super::{
    chooser, copy, dialogs, doctor, download, link, list_objects, live_tail, navigate, pipeline, plan, probe, queue,
    rows, switch, versions,
};
use crate::domain::protection::READ_ONLY_HINT;
use crate::domain::subscriptions::Protocol;
use crate::effect::{CloudEffect, Effect, TerminalEffect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Details, Dialog, PaletteForm, Question, Subject, SubscribeForm};
use crate::model::display_settings::Depth;
use crate::model::load::Load;
use crate::model::uploads::UploadState;
use crate::model::{Connection, Model, NoticeLevel, keys};
use crate::text::clean::Clean;
use crate::text::size::count;

/// Does what the user asked for.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.protection.read_only && action.changes_something() {
        model.say(NoticeLevel::Hint, format!("read-only: nothing can be changed; {READ_ONLY_HINT}"));
        return Vec::new();
    }
    match action {
        Action::Quit => return quit(model),
        Action::QuitNow => return vec![Effect::Terminal(TerminalEffect::Quit)],
        Action::Suspend => return vec![Effect::Terminal(TerminalEffect::Suspend)],
        Action::Help if matches!(model.dialog, Some(Dialog::Help { .. })) => model.dialog = None,
        Action::Help => model.dialog = Some(Dialog::Help { offset: 0 }),
        Action::History => model.dialog = Some(Dialog::History { offset: 0 }),
        Action::Back if download::is_asked(model) => return download::give_up(model),
        Action::Back => dialogs::back(model),
        Action::Focus(Panel::Uploads) if versions::is_open(model) => versions::go_to_upload(model),
        Action::Focus(Panel::Logs) if pipeline::is_open(model) => pipeline::go_to_logs(model),
        Action::Focus(panel) => focus(model, panel),
        Action::FocusNext => focus_step(model, 1),
        Action::FocusPrevious => focus_step(model, -1),
        Action::Zoom => model.zoom = !model.zoom,
        Action::Refresh if doctor::is_open(model) => return doctor::again(model),
        Action::Refresh if versions::is_open(model) => return versions::again(model),
        Action::Refresh if pipeline::is_open(model) => return pipeline::again(),
        Action::Doctor => return doctor::open(model),
        Action::Pipeline => return pipeline::open(model),
        Action::Refresh => return refresh(model),
        Action::Filter => model.dialog = Some(Dialog::Filter(Input::new(rows::filter_text(model)))),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last => {
            navigate::go(model, action);
        }
        Action::Details if doctor::is_open(model) => doctor::unfold(model),
        Action::Details if versions::is_open(model) => versions::unfold(model),
        Action::Details if pipeline::is_open(model) => pipeline::unfold(model),
        Action::Details => details(model),
        Action::Upload => chooser::open(model),
        Action::CancelUpload => return queue::cancel(model),
        Action::CancelUploads => queue::cancel_all(model),
        Action::SendAgain => return queue::resume(model),
        Action::SendAllAgain => return queue::resume_all(model),
        Action::Enter => chooser::enter_selected(model),
        Action::Parent => chooser::leave(model),
        Action::LastFolder => chooser::enter_last(model),
        Action::Mark => chooser::mark(model),
        Action::MarkAll => chooser::mark_all(model),
        Action::Overwrite => plan::toggle_replace(model),
        Action::Download => download::open(model),
        Action::CancelDownload => return download::cancel(model),
        Action::Versions => return versions::open(model),
        Action::Sort => navigate::order(model, model.objects.sort().next()),
        Action::UploadState => rows::set_state(model, UploadState::next(model.uploads.only)),
        Action::Pause => rows::pause(model),
        Action::Wrap => model.logs.wrap = !model.logs.wrap,
        Action::NextMatch => rows::seek(model, true),
        Action::PreviousMatch => rows::seek(model, false),
        Action::Severity => severity(model),
        Action::Clock => {
            model.display.clock = model.display.clock.next();
            model.tell(NoticeLevel::Done, format!("timestamps: {}", model.display.clock.word()));
        }
        Action::Theme => {
            model.display.theme = model.display.theme.next();
            match model.display.depth {
                Depth::None => {
                    model.tell(NoticeLevel::Hint, "themes need colours: NO_COLOR is set, or the terminal has none");
                }
                _ => model.tell(NoticeLevel::Done, format!("theme: {}", model.display.theme.word())),
            }
        }
        Action::Copy => return copy::copy(model, false),
        Action::CopyName => return copy::copy(model, true),
        Action::Mouse => return mouse(model),
        Action::Palette => model.dialog = Some(Dialog::Palette(PaletteForm::default())),
        Action::LiveTail => return vec![Effect::Cloud(live_tail::toggle(model))],
        Action::Subscribe => {
            let form = SubscribeForm { protocol: Protocol::Email, endpoint: Input::default() };
            model.dialog = Some(Dialog::Subscribe(form));
        }
        Action::Unsubscribe => unsubscribe(model),
        Action::Confirm => confirm(model),
        Action::Probe => return probe::toggle(model),
        Action::Switch => return switch::open(model),
        Action::StartLocal => return switch::start_local(model),
        Action::Retry => return switch::retry(model),
        Action::NextRegion => switch::step_region(model, 1),
        Action::PreviousRegion => switch::step_region(model, -1),
        Action::NextChoice => switch::step(model, 1),
        Action::PreviousChoice => switch::step(model, -1),
        Action::Submit => return dialogs::submit(model),
        Action::Complete => return chooser::complete(model),
        Action::NextProtocol => dialogs::step_protocol(model, 1),
        Action::PreviousProtocol => dialogs::step_protocol(model, -1),
        Action::Yes => return dialogs::yes(model),
        Action::No => model.dialog = None,
    }
    Vec::new()
}

fn quit(model: &mut Model) -> Vec<Effect> {
    let sending = model.uploads.transfers.iter().filter(|transfer| transfer.is_under_way()).count();
    let receiving = model.downloads.under_way().count();
    let uploads = match sending {
        0 => None,
        1 => Some("One upload is not stored yet.".to_owned()),
        _ => Some(format!("{} uploads are not stored yet.", count(sending))),
    };
    let downloads = match receiving {
        0 => None,
        1 => Some("One download is not complete.".to_owned()),
        _ => Some(format!("{} downloads are not complete.", count(receiving))),
    };
    let what: Vec<String> = uploads.into_iter().chain(downloads).collect();
    if what.is_empty() {
        return vec![Effect::Terminal(TerminalEffect::Quit)];
    }
    let them = if sending + receiving == 1 { "it" } else { "them" };
    let text = format!("{} Quit and cancel {them}?", what.join(" "));
    model.dialog = Some(Dialog::Question(Question { text: text.into(), action: ConfirmAction::Quit }));
    Vec::new()
}

fn focus(model: &mut Model, panel: Panel) {
    if model.panels().any(|known| known == panel) {
        model.focus = panel;
    } else {
        model.say(NoticeLevel::Hint, "only the local cloud has an inbox");
    }
}

fn focus_step(model: &mut Model, step: isize) {
    let panels: Vec<Panel> = model.panels().collect();
    let here = panels.iter().position(|panel| *panel == model.focus).unwrap_or(0);
    let len = panels.len().cast_signed();
    let next = (here.cast_signed() + step).rem_euclid(len).cast_unsigned();
    if let Some(panel) = panels.get(next) {
        model.focus = *panel;
    }
}

pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    model.previews.retry();
    // Rights may have been given since.
    let metrics = &mut model.subscriptions.metrics;
    if metrics.is_denied() {
        metrics.load = Load::Idle;
    }
    metrics.tried_at = None;
    if model.connection != Connection::Ready {
        return vec![Effect::Cloud(CloudEffect::Reconnect)];
    }
    let objects = list_objects(model);
    let request = model.next_request();
    model.subscriptions.load.begin(request);
    let subscriptions = CloudEffect::ListSubscriptions { request, refresh: true };
    vec![objects, Effect::Cloud(subscriptions), Effect::Cloud(CloudEffect::ReadWiring)]
}

fn details(model: &mut Model) {
    if let Some(subject) = copy::selected(model) {
        model.dialog = Some(Dialog::Details(Details { subject, offset: 0 }));
    }
}

fn mouse(model: &mut Model) -> Vec<Effect> {
    let off = !model.display.mouse_off;
    model.display.mouse_off = off;
    let key = keys::key_of(model, Scope::Panels, Action::Mouse);
    let back = format!("mouse support is off: the mouse selects text; {key} turns it on");
    model.tell(NoticeLevel::Done, if off { back } else { "mouse support is on".to_owned() });
    vec![Effect::Terminal(TerminalEffect::Mouse(!off))]
}

/// All lines, then those from INFO, WARN and ERROR on.
fn severity(model: &mut Model) {
    let least = match model.logs.least() {
        None => Some(Level::Info),
        Some(Level::Info) => Some(Level::Warn),
        Some(Level::Warn) => Some(Level::Error),
        Some(_) => None,
    };
    model.logs.set_least(least);
    // A paused view stays paused.
    if model.logs.follow {
        rows::set_follow(model, true);
    }
}

fn unsubscribe(model: &mut Model) {
    let Some(subscription) = model.subscriptions.selected().cloned() else { return };
    let name = format!("{} {}", subscription.protocol.word(), subscription.endpoint.shown());
    match subscription.arn {
        Some(arn) => {
            let text = Clean::new(&format!("Unsubscribe {name}? It will get no more notifications."));
            model.dialog = Some(Dialog::Question(Question { text, action: ConfirmAction::Unsubscribe { arn } }));
        }
        // SNS gives a pending subscription no ARN, so there is nothing to unsubscribe with.
        None => model.say(NoticeLevel::Hint, format!("{name} is not confirmed; SNS removes it after two days")),
    }
}

/// The subscription of the message that is open or selected, else the newest one that still waits, else one whose link is
/// pasted.
fn confirm(model: &mut Model) {
    let open = match &model.dialog {
        None => None,
        Some(Dialog::Details(Details { subject: Subject::InboxMessage(number), .. })) => model.inbox.message(*number),
        // What is open has nothing to do with what lies below it.
        Some(_) => return model.say(NoticeLevel::Hint, "close this dialog first"),
    };
    if !model.inbox.available {
        return link::ask(model);
    }
    let selected = (model.focus == Panel::Inbox).then(|| model.inbox.selected()).flatten();
    let selected = open.or(selected);
    let pending = |to: &Clean| model.subscriptions.known.items.iter().any(|s| s.is_pending() && s.endpoint == *to);
    // The one under the cursor, where that waits.
    let chosen = (model.focus == Panel::Subscriptions).then(|| model.subscriptions.selected()).flatten();
    let chosen = chosen.filter(|subscription| subscription.is_pending()).map(|subscription| &subscription.endpoint);
    let message = match selected {
        Some(message) => message.confirmation.is_some().then_some(message),
        None => model.inbox.messages.iter().find(|message| {
            let is_meant = chosen.map_or_else(|| pending(&message.to), |chosen| *chosen == message.to);
            message.confirmation.is_some() && is_meant
        }),
    };
    let found = message.and_then(|message| Some((message.to.clone(), message.confirmation.clone()?)));
    match found {
        Some((to, confirmation)) => {
            let text = Clean::new(&format!("Confirm the subscription of {}?", to.shown()));
            model.dialog = Some(Dialog::Question(Question { text, action: ConfirmAction::Confirm(confirmation) }));
        }
        None if selected.is_some() => model.say(NoticeLevel::Hint, "this email is not a confirmation email"),
        None => link::ask(model),
    }
}
