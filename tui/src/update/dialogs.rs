//! Forms, questions and what is typed into them.

use tui_input::{Input, InputRequest};

use super::{chooser, download, link, palette, paths, plan, probe, queue, rows, switch};
use crate::domain::endpoint::validate;
use crate::domain::subscriptions::Protocol;
use crate::effect::{CloudEffect, Effect, TerminalEffect};
use crate::keymap::action::Panel;
use crate::model::dialog::{ConfirmAction, Dialog, DoctorView, PipelineView, Question, SubscribeForm};
use crate::model::versions::VersionsView;
use crate::model::{Model, NoticeLevel};
use crate::text::key::{Code, Key};

/// Closes what is open; with nothing open, drops the filter, then the state of Uploads, the functions that the log is narrowed
/// to or the marks of its search, then the zoom.
pub(super) fn back(model: &mut Model) {
    match model.dialog.take() {
        Some(Dialog::Filter(_)) => rows::set_filter(model, ""),
        Some(Dialog::Doctor(view)) if view.open.is_some() => {
            model.dialog = Some(Dialog::Doctor(DoctorView { open: None, ..view }));
        }
        Some(Dialog::Pipeline(view)) if view.open.is_some() => {
            model.dialog = Some(Dialog::Pipeline(PipelineView { open: None, ..view }));
        }
        Some(Dialog::Versions(view)) if view.open.is_some() => {
            model.dialog = Some(Dialog::Versions(VersionsView { open: None, ..view }));
        }
        Some(Dialog::Plan(plan)) => plan::back(model, *plan),
        // What is typed goes first, and what is marked last.
        Some(Dialog::Choose(mut chooser)) if !chooser.text.value().is_empty() => {
            chooser.text = Input::default();
            chooser::typed(&mut chooser);
            model.dialog = Some(Dialog::Choose(chooser));
        }
        Some(Dialog::Choose(mut chooser)) if !chooser.marked.is_empty() => {
            chooser.marked.clear();
            model.dialog = Some(Dialog::Choose(chooser));
        }
        Some(_) => {}
        None if !rows::filter_text(model).is_empty() => rows::set_filter(model, ""),
        None if model.focus == Panel::Uploads && model.uploads.only.is_some() => rows::set_state(model, None),
        None if model.focus == Panel::Logs && !model.logs.only().is_empty() => model.logs.show_only(Vec::new()),
        None if model.focus == Panel::Logs && model.logs.drop_search() => {}
        None => model.zoom = false,
    }
}

/// A key that no binding took: text fields read it.
pub(super) fn typed(model: &mut Model, key: Key) -> Vec<Effect> {
    if let Some(request) = edit(key) {
        // The field is shown while the user types.
        model.scroll = None;
        change(model, |input| {
            input.handle(request);
        });
    }
    Vec::new()
}

/// Pasted text goes into the text field; line breaks at its ends are not meant.
pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    // Terminals send the end of a line as the Enter key does.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    if model.search.is_none() && link::pasted(model, text) {
        return Vec::new();
    }
    // Files that are dropped onto the terminal arrive as a paste of their paths: they are offered to be uploaded.
    if matches!(model.dialog, None | Some(Dialog::Choose(_)))
        && model.search.is_none()
        && let Some(files) = paths::dropped(text)
    {
        return plan::open(model, files);
    }
    // Of several lines only the first can be meant for a field of one.
    let text: String = text.trim().lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    change(model, |input| {
        // In one piece: letter by letter, a long text would take its square in time.
        let (before, after): (String, String) = (
            input.value().chars().take(input.cursor()).collect(),
            input.value().chars().skip(input.cursor()).collect(),
        );
        let cursor = input.cursor() + text.chars().count();
        *input = Input::new(before + &text + &after).with_cursor(cursor);
    });
    Vec::new()
}

fn edit(key: Key) -> Option<InputRequest> {
    match key {
        Key { code: Code::Char(c), ctrl: false, alt: false } => Some(InputRequest::InsertChar(c)),
        Key { code: Code::Char('u'), ctrl: true, .. } => Some(InputRequest::DeleteLine),
        Key { code: Code::Char('w'), ctrl: true, .. } => Some(InputRequest::DeletePrevWord),
        Key { code: Code::Char('k'), ctrl: true, .. } => Some(InputRequest::DeleteTillEnd),
        Key { code: Code::Backspace, .. } => Some(InputRequest::DeletePrevChar),
        Key { code: Code::Delete, .. } => Some(InputRequest::DeleteNextChar),
        Key { code: Code::Left, .. } => Some(InputRequest::GoToPrevChar),
        Key { code: Code::Right, .. } => Some(InputRequest::GoToNextChar),
        Key { code: Code::Home, .. } | Key { code: Code::Char('a'), ctrl: true, .. } => Some(InputRequest::GoToStart),
        Key { code: Code::End, .. } | Key { code: Code::Char('e'), ctrl: true, .. } => Some(InputRequest::GoToEnd),
        _ => None,
    }
}

/// Changes the open text field, and what follows from its text.
fn change(model: &mut Model, edit: impl FnOnce(&mut Input)) {
    match &mut model.dialog {
        Some(Dialog::Choose(chooser)) => {
            edit(&mut chooser.text);
            chooser.erased = chooser.text.value().is_empty().then_some(model.now);
            chooser::typed(chooser);
        }
        Some(Dialog::Plan(plan)) => {
            edit(&mut plan.key);
            // Another key is another object: overwriting that one has not been chosen.
            (plan.is_stale, plan.fault, plan.replace) = (true, None, false);
        }
        Some(Dialog::Subscribe(form)) => edit(&mut form.endpoint),
        Some(Dialog::Palette(form)) => {
            edit(&mut form.text);
            form.cursor = 0;
        }
        Some(Dialog::Link(form)) => edit(&mut form.link),
        Some(Dialog::Download(form)) => download::change(form, edit),
        Some(Dialog::Switch(form)) => {
            edit(&mut form.region);
            form.region_is_typed = true;
        }
        Some(Dialog::Filter(input)) => {
            edit(input);
            let text = input.value().to_owned();
            rows::set_filter(model, &text);
        }
        _ => {}
    }
}

/// Does what the open form says.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    match model.dialog {
        Some(Dialog::Palette(_)) => return palette::choose(model),
        Some(Dialog::Choose(_)) => return chooser::submit(model),
        Some(Dialog::Plan(_)) => return plan::submit(model),
        _ => {}
    }
    if model.dialog.is_none() {
        return switch::watch(model);
    }
    match model.dialog.take() {
        Some(Dialog::Subscribe(form)) => submit_subscription(model, form),
        Some(Dialog::Link(form)) => link::submit(model, form),
        Some(Dialog::Download(form)) => download::submit(model, form),
        Some(Dialog::Switch(form)) => switch::submit(model, form),
        // The filter stays as typed; only its text field closes.
        _ => Vec::new(),
    }
}

fn submit_subscription(model: &mut Model, form: SubscribeForm) -> Vec<Effect> {
    let endpoint = form.endpoint.value().trim().to_owned();
    if validate(form.protocol, &endpoint).is_err() {
        // The form says what is wrong beside the field as it is typed.
        model.dialog = Some(Dialog::Subscribe(form));
        return Vec::new();
    }
    model.say(NoticeLevel::Hint, format!("subscribing {endpoint} …"));
    vec![Effect::Cloud(CloudEffect::Subscribe { protocol: form.protocol, endpoint })]
}

/// Chooses another protocol in the subscribe form.
pub(super) fn step_protocol(model: &mut Model, step: isize) {
    if let Some(Dialog::Subscribe(form)) = &mut model.dialog {
        let choices = Protocol::CHOICES;
        let here = choices.iter().position(|choice| *choice == form.protocol).unwrap_or(0);
        let next = (here.cast_signed() + step).rem_euclid(choices.len().cast_signed()).cast_unsigned();
        form.protocol = choices.get(next).copied().unwrap_or(Protocol::Email);
    }
}

/// Does what the question guarded.
pub(super) fn yes(model: &mut Model) -> Vec<Effect> {
    match model.dialog.take() {
        Some(Dialog::Question(Question { action: ConfirmAction::Quit, .. })) => {
            vec![Effect::Terminal(TerminalEffect::Quit)]
        }
        Some(Dialog::Question(Question { action: ConfirmAction::Upload { .. }, .. })) => queue::agreed(model),
        Some(Dialog::Question(Question { action: ConfirmAction::Probe, .. })) => probe::begin(model),
        Some(Dialog::Question(Question { action: ConfirmAction::Overwrite(id), .. })) => queue::overwrite(model, id),
        Some(Dialog::Question(Question { action: ConfirmAction::CancelUploads, .. })) => queue::stop_all(model),
        Some(Dialog::Question(Question { action: ConfirmAction::Switch(switch), .. })) => switch::go(model, switch),
        Some(Dialog::Question(Question { action: ConfirmAction::Replace { download, size }, .. })) => {
            download::replace(model, download, size)
        }
        Some(Dialog::Question(Question { action: ConfirmAction::Unsubscribe { arn }, .. })) => {
            vec![Effect::Cloud(CloudEffect::Unsubscribe { arn })]
        }
        Some(Dialog::Question(Question { action: ConfirmAction::Confirm(confirmation), .. })) => {
            vec![Effect::Cloud(CloudEffect::Confirm(confirmation))]
        }
        _ => Vec::new(),
    }
}
