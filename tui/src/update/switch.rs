//! Switching to another connection: the form, and what is kept of the old one. Pure.

use crate::domain::ids::RequestId;
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::Problem;
use crate::domain::protection::Protection;
use crate::domain::search::Search;
use crate::domain::switch::{Choice, ChoiceKind, Switch};
use crate::domain::transfer::Transfer;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Dialog, Question};
use crate::model::keys::key_of;
use crate::model::switch::SwitchForm;
use crate::model::{Model, NoticeLevel};
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::size::count;

/// Opens the form at what is watched now; the profiles come as soon as they are read.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if is_busy(model) {
        return Vec::new();
    }
    let request = model.next_request();
    let mut form = SwitchForm { asked: Some(request), choices: model.pipelines.clone(), ..SwitchForm::default() };
    form.start_at(|choice| model.is_chosen(choice));
    model.dialog = Some(Dialog::Switch(form));
    vec![Effect::Cloud(CloudEffect::ListProfiles { request })]
}

/// The profiles, below the pipelines.
pub(super) fn listed(model: &mut Model, request: RequestId, profiles: Result<Vec<Choice>, Problem>) {
    let Some(Dialog::Switch(mut form)) = model.dialog.take_if(|dialog| asks_for(dialog, request)) else { return };
    form.asked = None;
    match profiles {
        Ok(profiles) => form.choices.extend(profiles),
        Err(problem) => form.error = Some(Clean::new(&problem.to_string())),
    }
    form.start_at(|choice| model.is_chosen(choice));
    model.dialog = Some(Dialog::Switch(form));
}

/// Whether a form waits for the answer to this request.
fn asks_for(dialog: &Dialog, request: RequestId) -> bool {
    matches!(dialog, Dialog::Switch(form) if form.asked == Some(request))
}

/// Chooses another row, of the form or of the first-run screen.
pub(super) fn step(model: &mut Model, by: isize) {
    if let Some(Dialog::Switch(form)) = &mut model.dialog {
        form.step(by);
    } else if let Some(search) = &mut model.search {
        search.cursor = search.cursor.saturating_add_signed(by).min(model.pipelines.len().saturating_sub(1));
    }
}

/// Watches the pipeline that is chosen on the first-run screen.
pub(super) fn watch(model: &mut Model) -> Vec<Effect> {
    let Some(search) = &model.search else { return Vec::new() };
    let Some(choice) = model.pipelines.get(search.cursor) else { return Vec::new() };
    let to = Some((choice.kind, choice.name.clone()));
    go(model, Switch { to, region: None })
}

pub(super) fn step_region(model: &mut Model, by: isize) {
    if let Some(Dialog::Switch(form)) = &mut model.dialog {
        form.step_region(by);
    }
}

/// Leaves this connection for what the form says.
pub(super) fn submit(model: &mut Model, form: SwitchForm) -> Vec<Effect> {
    let region = form.region.value().trim().to_owned();
    let is_wrong = |region: &str| region.chars().any(|c| !c.is_ascii_alphanumeric() && c != '-');
    if is_wrong(&region) || (form.chosen().is_none() && region.is_empty()) {
        // The form says what is wrong with it.
        model.dialog = Some(Dialog::Switch(form));
        return Vec::new();
    }
    if is_busy(model) {
        return Vec::new();
    }
    let to = form.chosen().map(|choice| (choice.kind, choice.name.clone()));
    // The region beside a choice is its own: with it in the request, the bucket's would not be looked up.
    let region = Some(region).filter(|region| form.region_is_typed && !region.is_empty());
    let switch = Switch { to, region };
    let text = match model.uploads.transfers.iter().filter(|transfer| transfer.is_unfinished()).count() {
        0 => return go(model, switch),
        1 => "One upload is not complete and will be removed from the list. Switch anyway?".to_owned(),
        unfinished => {
            format!("{} uploads are not complete and will be removed from the list. Switch anyway?", count(unfinished))
        }
    };
    model.dialog = Some(Dialog::Question(Question { text: text.into(), action: ConfirmAction::Switch(switch) }));
    Vec::new()
}

/// Leaves this connection for another one.
pub(super) fn go(model: &mut Model, switch: Switch) -> Vec<Effect> {
    model.forget();
    vec![Effect::Cloud(CloudEffect::Switch(switch))]
}

/// Starts the local cloud, where this build has one.
pub(super) fn start_local(model: &mut Model) -> Vec<Effect> {
    if !cfg!(feature = "local") {
        model.say(NoticeLevel::Hint, "this build has no local cloud; build it with the feature `local`");
        return Vec::new();
    }
    model.say(NoticeLevel::Hint, "starting the local cloud …");
    vec![Effect::Cloud(CloudEffect::StartLocal)]
}

/// Looks for the pipeline again.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    if let Some(search) = &mut model.search {
        search.is_over = false;
    }
    vec![Effect::Cloud(CloudEffect::Reconnect)]
}

/// The new connection speaks for the first time.
pub(super) fn begun(
    model: &mut Model,
    target: Clean,
    chosen: Vec<(ChoiceKind, Clean)>,
    protection: Protection,
    search: Option<Search>,
    is_loopback: bool,
) {
    let (dialog, notice) = (model.dialog.take(), model.notice.take());
    model.forget();
    model.is_switching = false;
    model.search = search;
    model.is_loopback = is_loopback;
    model.chosen = chosen;
    model.protection = protection;
    model.pipeline = Pipeline { target, ..model.pipeline.clone() };
    // A dialog that was opened meanwhile is about what to do next.
    model.dialog = dialog.filter(|dialog| matches!(dialog, Dialog::Switch(_) | Dialog::Help { .. }));
    model.notice = notice;
}

/// What the old connection still sends after a switch: only a failed action is shown.
pub(super) fn unswitched(model: &mut Model, update: Update) -> Vec<Effect> {
    if let Update::ActionFailed(problem) = update {
        model.say(NoticeLevel::Error, problem.to_string());
    }
    Vec::new()
}

/// No pipeline was found: the first-run screen says so.
pub(super) fn nothing(model: &mut Model, search: Search) {
    let cursor = model.search.as_ref().map_or(0, |search| search.cursor);
    model.search = Some(Search { cursor, ..search });
}

fn is_busy(model: &mut Model) -> bool {
    let is_sending = model.uploads.transfers.iter().any(Transfer::is_under_way);
    let is_receiving = model.downloads.under_way().next().is_some();
    if is_sending {
        let key = key_of(model, Scope::In(Panel::Uploads), Action::CancelUploads);
        model.say(NoticeLevel::Hint, format!("uploads are in progress: wait, or cancel them in Uploads with {key}"));
    } else if is_receiving {
        let key = key_of(model, Scope::In(Panel::Objects), Action::CancelDownload);
        let text = format!("a download is in progress: wait, or cancel it with {key} on its object or its versions");
        model.say(NoticeLevel::Hint, text);
    }
    is_sending || is_receiving
}

#[cfg(test)]
mod tests;
