//! Forms, questions and what is typed into them.

use tui_input::{Input, InputRequest};

use super::{link, palette, paths, probe, rows, subscribe, switch};
use crate::action::{Code, Key};
use crate::effect::{Effect, UploadSource};
use crate::model::dialog::{Deed, Dialog, DoctorView, Question, SubscribeForm, UploadForm};
use crate::model::load::RequestId;
use crate::model::problem::Problem;
use crate::model::subscriptions::Protocol;
use crate::model::uploads::fact::UploadId;
use crate::model::uploads::transfer::{Transfer, TransferState};
use crate::model::{Model, Panel, Tone};
use crate::text::clean::Clean;

/// Closes what is open; with nothing open, drops the filter, then the marks of the log's search, then the zoom.
pub(super) fn back(model: &mut Model) {
    match model.dialog.take() {
        Some(Dialog::Filter(_)) => rows::set_filter(model, ""),
        Some(Dialog::Doctor(view)) if view.open.is_some() => {
            model.dialog = Some(Dialog::Doctor(DoctorView { open: None, ..view }));
        }
        Some(_) => {}
        None if !rows::filter_text(model).is_empty() => rows::set_filter(model, ""),
        None if model.focus == Panel::Logs && model.logs.drop_search() => {}
        None => model.zoom = false,
    }
}

/// A key that no binding took: text fields read it.
pub(super) fn typed(model: &mut Model, key: Key) -> Vec<Effect> {
    if let Some(request) = edit(key) {
        // Whoever types wants to see the field.
        model.scroll = None;
        change(model, |input| {
            input.handle(request);
        });
    }
    Vec::new()
}

/// Pasted text goes into the text field; line breaks at its ends are not meant.
pub(super) fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.search.is_none() && link::pasted(model, text) {
        return Vec::new();
    }
    // Of several lines only the first can be meant for a field of one.
    let text: String = text.trim().lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    if model.dialog.is_none() && model.search.is_none() && !text.is_empty() {
        // A path dropped onto the terminal arrives as a paste: offer to upload it.
        model.dialog =
            Some(Dialog::Upload(UploadForm { path: Input::new(paths::plain(&text)), ..UploadForm::default() }));
        return Vec::new();
    }
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
        Some(Dialog::Upload(form)) => {
            edit(&mut form.path);
            form.error = None;
            form.completions.clear();
            // An answer to what was typed before would overwrite this.
            form.completing = None;
        }
        Some(Dialog::Subscribe(form)) => edit(&mut form.endpoint),
        Some(Dialog::Palette(form)) => {
            edit(&mut form.text);
            form.cursor = 0;
        }
        Some(Dialog::Link(form)) => edit(&mut form.link),
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
    if matches!(model.dialog, Some(Dialog::Palette(_))) {
        return palette::choose(model);
    }
    if model.dialog.is_none() {
        return switch::watch(model);
    }
    match model.dialog.take() {
        Some(Dialog::Upload(form)) => upload(model, form.path.value().trim()),
        Some(Dialog::Subscribe(form)) => submit_subscription(model, form),
        Some(Dialog::Link(form)) => link::submit(model, form),
        Some(Dialog::Switch(form)) => switch::submit(model, form),
        // The filter stays as typed; only its text field closes.
        _ => Vec::new(),
    }
}

fn upload(model: &mut Model, path: &str) -> Vec<Effect> {
    let id = UploadId(model.next_request().0);
    let (source, name) = match path {
        "" => (UploadSource::TestImage, "test image"),
        path => (UploadSource::File(paths::plain(path)), path),
    };
    let transfer =
        Transfer { id, key: Clean::new(name), size: None, sent: 0, began: model.now, state: TransferState::Sending };
    model.uploads.transfers.insert(0, transfer);
    model.uploads.selected = Some(format!("upload {}", id.0));
    model.focus = Panel::Uploads;
    vec![Effect::Upload { id, source }]
}

fn submit_subscription(model: &mut Model, form: SubscribeForm) -> Vec<Effect> {
    let endpoint = form.endpoint.value().trim().to_owned();
    if subscribe::validate(form.protocol, &endpoint).is_err() {
        // The form says what is wrong beside the field as it is typed.
        model.dialog = Some(Dialog::Subscribe(form));
        return Vec::new();
    }
    model.say(Tone::Hint, format!("subscribing {endpoint} …"));
    vec![Effect::Subscribe { protocol: form.protocol, endpoint }]
}

/// A file that cannot be read is for the form to tell, so that its path can be mended.
pub(super) fn reopen(model: &mut Model, id: UploadId, problem: &Problem) -> bool {
    let Some(index) = model.uploads.transfers.iter().position(|transfer| transfer.id == id) else { return false };
    let never_began = model.uploads.transfers.get(index).is_some_and(|transfer| transfer.size.is_none());
    if model.dialog.is_some() || !never_began || problem.transient {
        return false;
    }
    let transfer = model.uploads.transfers.remove(index);
    let form = UploadForm { path: Input::new(transfer.key.raw().to_owned()), ..UploadForm::default() };
    model.dialog = Some(Dialog::Upload(UploadForm { error: Some(problem.to_string()), ..form }));
    true
}

/// Asks for paths that begin as typed.
pub(super) fn complete(model: &mut Model) -> Vec<Effect> {
    let request = model.next_request();
    match &mut model.dialog {
        Some(Dialog::Upload(form)) => {
            form.completing = Some(request);
            vec![Effect::CompletePath { request, text: form.path.value().to_owned() }]
        }
        _ => Vec::new(),
    }
}

/// The paths that were found: what they share is filled in, the rest is listed.
pub(super) fn completed(model: &mut Model, request: RequestId, paths: Vec<Clean>) {
    let Some(Dialog::Upload(form)) = &mut model.dialog else { return };
    if form.completing != Some(request) {
        return;
    }
    form.completing = None;
    match shared_start(&paths) {
        Some(start) if start.len() > form.path.value().len() => form.path = Input::new(start),
        Some(_) => {}
        None => form.error = Some("nothing begins like this".to_owned()),
    }
    form.completions = if paths.len() > 1 { paths } else { Vec::new() };
}

/// The longest text that all paths begin with.
fn shared_start(paths: &[Clean]) -> Option<String> {
    let (first, rest) = paths.split_first()?;
    let mut start = first.raw();
    for path in rest {
        let same = start.chars().zip(path.raw().chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        start = start.get(..same).unwrap_or_default();
    }
    Some(start.to_owned())
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
        Some(Dialog::Question(Question { deed: Deed::Quit, .. })) => vec![Effect::Quit],
        Some(Dialog::Question(Question { deed: Deed::Probe, .. })) => probe::begin(model),
        Some(Dialog::Question(Question { deed, .. })) => vec![Effect::Do(deed)],
        _ => Vec::new(),
    }
}
