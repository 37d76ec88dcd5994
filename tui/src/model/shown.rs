//! What is shown of what is kept: filters, marks, and whose content is previewed.

use super::Model;
use super::dialog::{Details, Dialog, LinkForm, Subject};
use super::filter::Filter;
use super::versions::VersionsView;
use crate::domain::confirmation::{self, Refusal};
use crate::domain::files::EntryKind;
use crate::domain::inbox::Confirmation;
use crate::domain::preview::{Preview, PreviewId};
use crate::domain::switch::{Choice, ChoiceKind};
use crate::keymap::action::Panel;
use crate::text::clean::Clean;

impl Model {
    /// What the open form's link confirms here.
    ///
    /// # Errors
    /// What is wrong with the link, for the user.
    pub fn confirmation(&self, form: &LinkForm) -> Result<Confirmation, Refusal> {
        let (topic, endpoint) = (&self.subscriptions.known.topic_arn, &self.subscriptions.known.endpoint);
        confirmation::read(form.link.value(), topic.as_ref().map(Clean::raw), endpoint.as_ref().map(Clean::raw))
    }

    /// What a panel is narrowed to.
    pub fn filter(&self, panel: Panel) -> &Filter {
        match panel {
            Panel::Uploads => &self.uploads.filter,
            Panel::Objects => self.objects.filter(),
            Panel::Logs => self.logs.filter(),
            Panel::Subscriptions => &self.subscriptions.filter,
            Panel::Inbox => &self.inbox.filter,
        }
    }

    /// What is marked in a panel: what it is narrowed to, and in the log what was looked for last.
    pub fn marked(&self, panel: Panel) -> &Filter {
        match panel {
            Panel::Logs => self.logs.search(),
            panel => self.filter(panel),
        }
    }

    /// The pipeline of the config file that is watched, by its name.
    pub fn chosen_pipeline(&self) -> Option<&Clean> {
        self.chosen.iter().find(|(kind, _)| *kind == ChoiceKind::Pipeline).map(|(_, name)| name)
    }

    /// Whether a choice is what is watched already.
    pub fn is_chosen(&self, choice: &Choice) -> bool {
        self.chosen.iter().any(|(kind, name)| *kind == choice.kind && *name == choice.name)
    }

    /// Whose content is shown, and its bytes: the object or version of the open details, the selected object where
    /// Objects has the screen, or the file or folder under the cursor of the chooser.
    pub fn previewed(&self) -> Option<(PreviewId, u64)> {
        match &self.dialog {
            Some(Dialog::Details(details)) => match &details.subject {
                Subject::Object(key) => self.objects.object(key).map(|object| object.content()),
                _ => None,
            },
            Some(Dialog::Versions(VersionsView { open: Some((id, _)), .. })) => {
                self.versions.find(id).and_then(|version| self.versions.content(version))
            }
            Some(Dialog::Choose(chooser)) => {
                let entry = chooser.selected_entry()?;
                let (path, modified) = (entry.path.clone(), entry.modified);
                match entry.kind {
                    EntryKind::File => Some((PreviewId::File { path, modified }, entry.size)),
                    EntryKind::Folder => Some((PreviewId::Folder { path, modified }, 0)),
                    EntryKind::Other => None,
                }
            }
            _ if self.zoom && self.focus == Panel::Objects => {
                self.objects.selected_object().map(|object| object.content())
            }
            _ => None,
        }
    }

    /// What a download would take, and its bytes: the object that is selected in Objects or shown in full, or the version.
    pub fn downloadable(&self) -> Option<(PreviewId, u64)> {
        match &self.dialog {
            None => self.objects.selected_object().map(|object| object.content()),
            Some(Dialog::Details(Details { subject: Subject::Object(key), .. })) => {
                self.objects.object(key).map(|object| object.content())
            }
            Some(Dialog::Versions(view)) => self.versions.content(self.versions.selected(view)?),
            Some(_) => None,
        }
    }

    /// The key whose downloads are shown, and can be stopped: of the object that is selected or shown in full, or of the
    /// versions, which may be those of an object that is in no list any more.
    pub fn downloads_key(&self) -> Option<Clean> {
        match &self.dialog {
            None => self.objects.selected_object().map(|object| object.key),
            Some(Dialog::Details(Details { subject: Subject::Object(key), .. })) => Some(key.clone()),
            Some(Dialog::Versions(_)) => Some(self.versions.key.clone()),
            Some(_) => None,
        }
    }

    /// What the previewed content looks like, once it is known.
    pub fn preview(&self) -> Option<&Preview> {
        self.previews.get(&self.previewed()?.0)
    }
}
