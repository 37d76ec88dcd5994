//! Downloads: asked for in a form that stays open until the file can be written, followed, and stopped.

use tui_input::Input;

use crate::domain::ids::DownloadId;
use crate::domain::preview::PreviewId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{Destination, Download, DownloadNews};
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Dialog, DownloadForm, Question};
use crate::model::downloads::Running;
use crate::model::keys::key_of;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;
use crate::text::size::{self, count};

/// What is said where Objects has no row to do anything with.
const NO_OBJECT: &str = "no object is selected";

/// Opens the form for the object or version that is shown in full, or selected.
pub(super) fn open(model: &mut Model) {
    let Some((PreviewId::Object { key, e_tag, version: version_id }, size)) = model.downloadable() else {
        let key = key_of(model, Scope::In(Panel::Objects), Action::Download);
        let why = match &model.dialog {
            Some(Dialog::Versions(_)) => "a delete marker has no content to download".to_owned(),
            None => NO_OBJECT.to_owned(),
            _ => format!("no object is selected: press {key} in Objects to download one"),
        };
        return model.say(NoticeLevel::Hint, why);
    };
    let path = Input::new(model.downloads.offer(&key));
    model.dialog =
        Some(Dialog::Download(Box::new(DownloadForm { key, version_id, e_tag, size, path, asked: None, fault: None })));
}

/// Changes the form's path. While one is being checked, it stays that one.
pub(super) fn change(form: &mut DownloadForm, edit: impl FnOnce(&mut Input)) {
    if form.asked.is_none() {
        edit(&mut form.path);
        form.fault = None;
    }
}

/// Asks for what the form says; the form stays until the file can be written.
pub(super) fn submit(model: &mut Model, mut form: Box<DownloadForm>) -> Vec<Effect> {
    let mut effects = Vec::new();
    if form.asked.is_none() && !form.path.value().trim().is_empty() {
        let download = Download {
            key: form.key.clone(),
            version_id: form.version_id.clone(),
            e_tag: form.e_tag.clone(),
            to: Destination::Typed(form.path.value().to_owned()),
            replace: false,
        };
        let (id, effect) = start(model, download, form.size);
        (form.asked, form.fault) = (Some(id), None);
        effects.push(effect);
    }
    model.dialog = Some(Dialog::Download(form));
    effects
}

/// Downloads over the file that is there.
pub(super) fn replace(model: &mut Model, download: Download, size: u64) -> Vec<Effect> {
    vec![start(model, Download { replace: true, ..download }, size).1]
}

fn start(model: &mut Model, download: Download, size: u64) -> (DownloadId, Effect) {
    let id = DownloadId(model.next_request().0);
    let running = Running { download: download.clone(), to: None, size, got: None, began: model.now };
    model.downloads.running.insert(id, running);
    (id, Effect::Cloud(CloudEffect::Download { id, download }))
}

/// The download that the open form waits for.
fn asked(model: &Model) -> Option<DownloadId> {
    match &model.dialog {
        Some(Dialog::Download(form)) => form.asked,
        _ => None,
    }
}

/// Whether the open form waits for its path to be checked.
pub(super) fn is_asked(model: &Model) -> bool {
    asked(model).is_some()
}

/// Closes the form, and what it asked for is not done.
pub(super) fn give_up(model: &mut Model) -> Vec<Effect> {
    let asked = asked(model);
    model.dialog = None;
    asked
        .into_iter()
        .filter(|id| model.downloads.running.remove(id).is_some())
        .map(CloudEffect::CancelDownload)
        .map(Effect::Cloud)
        .collect()
}

/// Stops the downloads of the key that is selected or shown.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let Some(key) = model.downloads_key() else {
        let is_list = model.dialog.is_none();
        model.say(NoticeLevel::Hint, if is_list { NO_OBJECT } else { "no download to cancel here" });
        return Vec::new();
    };
    let ids: Vec<DownloadId> = model.downloads.of(&key).map(|(id, _)| id).collect();
    match ids.len() {
        0 => model.say(NoticeLevel::Hint, "this object is not being downloaded"),
        // It says itself that it has stopped.
        1 => {}
        // One sentence for all: they are no longer listened to, unless one is done already.
        number => {
            model.downloads.running.retain(|id, _| !ids.contains(id));
            let text = format!("cancelling {} downloads of {}; partial files are removed", count(number), key.shown());
            model.say(NoticeLevel::Hint, text);
        }
    }
    ids.into_iter().map(CloudEffect::CancelDownload).map(Effect::Cloud).collect()
}

/// More has come.
pub(super) fn received(model: &mut Model, id: DownloadId, got: u64, size: u64) {
    let now = model.now;
    if let Some(running) = model.downloads.running.get_mut(&id) {
        if running.got.is_none() {
            running.began = now;
        }
        (running.got, running.size) = (Some(got), size);
    }
}

/// The file can be written, unless another download writes it: then this one is stopped.
fn began(model: &mut Model, id: DownloadId, to: Clean) -> Vec<Effect> {
    let is_asked = asked(model) == Some(id);
    if model.downloads.under_way().any(|(other, running)| other != id && running.to.as_ref() == Some(&to)) {
        let what = Clean::new(&format!("cannot write {}", to.raw()));
        let why = "a download to this path is in progress";
        let problem = Problem::new(ProblemKind::Exists, what, why).with_hint("choose another path, or wait");
        model.downloads.running.remove(&id);
        failed(model, is_asked, problem);
        return vec![Effect::Cloud(CloudEffect::CancelDownload(id))];
    }
    if let Some(running) = model.downloads.running.get_mut(&id) {
        let text = format!("downloading {} to {}", running.download.key.shown(), to.shown());
        running.to = Some(to);
        model.say(NoticeLevel::Hint, text);
    }
    if is_asked {
        model.dialog = None;
    }
    Vec::new()
}

/// Says what went wrong, in the form if that waits for it.
fn failed(model: &mut Model, is_asked: bool, problem: Problem) {
    match &mut model.dialog {
        Some(Dialog::Download(form)) if is_asked => (form.asked, form.fault) = (None, Some(problem)),
        _ => model.say(NoticeLevel::Error, problem.to_string()),
    }
}

/// Takes in what became of a download. One that was given up before it began says nothing more, unless it is done.
pub(super) fn learn(model: &mut Model, id: DownloadId, news: DownloadNews) -> Vec<Effect> {
    let is_asked = asked(model) == Some(id);
    if let DownloadNews::Began { to } = news {
        return began(model, id, to);
    }
    let known = model.downloads.running.remove(&id);
    let key = known.as_ref().map(|running| running.download.key.shown().to_owned());
    match (news, known) {
        (DownloadNews::Exists { to }, Some(running)) if is_asked => {
            let text = format!("Overwrite the file {}?", to.shown());
            let action = ConfirmAction::Replace { download: running.download, size: running.size };
            model.dialog = Some(Dialog::Question(Question { text: text.into(), action }));
        }
        (DownloadNews::Done { to, size, .. }, _) => {
            let (key, size) = (key.unwrap_or_else(|| "the object".to_owned()), size::bytes(size));
            model.say(NoticeLevel::Done, format!("downloaded {key} ({size}) to {}", to.shown()));
        }
        (DownloadNews::Failed(problem), Some(_)) => failed(model, is_asked, problem),
        (DownloadNews::Cancelled, Some(_)) => {
            model.say(
                NoticeLevel::Hint,
                format!("cancelled the download of {}; the partial file is removed", key.unwrap_or_default()),
            );
        }
        _ => {}
    }
    Vec::new()
}
