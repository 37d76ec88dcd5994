//! The versions of one object: what S3 keeps of a key, and what this program knows of how each one got there.

use super::Model;
use super::load::Load;
use super::selection::Selection;
use crate::domain::objects::{Content, Version};
use crate::domain::preview::PreviewId;
use crate::domain::timeline::Timeline;
use crate::text::clean::Clean;

/// The versions that were listed last.
#[derive(Debug, Default)]
pub struct Versions {
    pub key: Clean,
    /// The latest listing.
    pub load: Load,
    /// The newest first.
    pub items: Vec<Version>,
    /// Whether there are older ones beyond those.
    pub more: bool,
}

impl Versions {
    pub fn find(&self, id: &Clean) -> Option<&Version> {
        self.items.iter().find(|version| version.id == *id)
    }

    /// The version under the cursor, or the one that is shown in full.
    pub fn selected(&self, view: &VersionsView) -> Option<&Version> {
        match &view.open {
            Some((id, _)) => self.find(id),
            None => self.items.get(view.selection.cursor),
        }
    }

    /// Names a version's content, with its bytes; a delete marker has none.
    pub fn content(&self, version: &Version) -> Option<(PreviewId, u64)> {
        let Content { size, e_tag } = version.content.clone()?;
        // To read what is current takes no right beyond that to read objects.
        let named = (!version.is_latest).then(|| version.id.clone());
        Some((PreviewId::Object { key: self.key.clone(), e_tag, version: named }, size))
    }
}

/// What is seen of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionsView {
    /// The version under the cursor, and the first row shown.
    pub selection: Selection,
    /// The version that is shown in full, and the first row shown of it.
    pub open: Option<(Clean, usize)>,
}

impl Model {
    /// The upload that made a version, where it was made from here or is in the log.
    pub fn upload_of(&self, version: &Version) -> Option<&Timeline> {
        let e_tag = version.content.as_ref()?.e_tag.as_ref();
        self.uploads_of_key().find(|timeline| {
            let write = &timeline.write;
            // Timelines come newest first: of several writes without an id, the last one is what is there.
            match &write.version_id {
                Some(id) => *id == version.id,
                None => version.is_null() && e_tag.is_some() && write.e_tag.as_ref() == e_tag,
            }
        })
    }

    /// Whether any upload of the key is known.
    pub fn has_upload_of_versions(&self) -> bool {
        self.uploads_of_key().next().is_some()
    }

    fn uploads_of_key(&self) -> impl Iterator<Item = &Timeline> {
        let is_of_key = |timeline: &&Timeline| {
            timeline.write.bucket == self.pipeline.bucket && timeline.write.key == self.versions.key
        };
        self.uploads.timelines.all().iter().filter(is_of_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Fact, Write};
    use crate::domain::ids::UploadId;
    use crate::domain::pipeline::Pipeline;
    use jiff::Timestamp;

    fn version(id: &str, is_latest: bool) -> Version {
        let content = Some(Content { size: 1, e_tag: Some("tag".into()) });
        Version { id: id.into(), at: Timestamp::UNIX_EPOCH, is_latest, content }
    }

    /// A model with one upload for each version id; the later ones are newer.
    fn model(uploads: &[(&str, &str, Option<&str>)]) -> Model {
        let pipeline = Pipeline { bucket: "b".into(), function: "f".into(), topic: "t".into(), target: "here".into() };
        let mut model = Model::new(Timestamp::UNIX_EPOCH, pipeline);
        model.versions.key = "k".into();
        model.uploads.timelines.learn(uploads.iter().zip(0_u32..).map(|((bucket, key, id), number)| {
            let write = Write {
                bucket: (*bucket).into(),
                key: (*key).into(),
                e_tag: Some("tag".into()),
                version_id: id.map(Into::into),
                sequencer: None,
                s3_request_id: Some(number.to_string().as_str().into()),
            };
            let at = Timestamp::from_second(number.into()).unwrap();
            Fact::Stored { upload: UploadId(number.into()), began: at, at, not_before: at, write, size: 1 }
        }));
        model.uploads.timelines.refold();
        model
    }

    #[test]
    fn a_version_has_the_upload_that_names_it_and_no_other() {
        let uploads =
            [("b", "k", Some("1")), ("b", "k", Some("2")), ("b", "other", Some("3")), ("other", "k", Some("4"))];
        let model = model(&uploads);
        let made = |id| model.upload_of(&version(id, false)).and_then(|timeline| timeline.upload);
        assert_eq!(
            ["1", "2", "3", "4", "5", "null"].map(made),
            [Some(UploadId(0)), Some(UploadId(1)), None, None, None, None]
        );
        let marker = Version { content: None, ..version("1", false) };
        assert!(model.upload_of(&marker).is_none(), "a delete marker is not uploaded");
    }

    #[test]
    fn without_ids_the_last_write_of_the_same_content_is_meant() {
        let model = model(&[("b", "k", None), ("b", "k", None), ("b", "k", Some("1"))]);
        assert_eq!(model.upload_of(&version("null", true)).and_then(|timeline| timeline.upload), Some(UploadId(1)));
        let other = Content { size: 1, e_tag: Some("other".into()) };
        assert!(model.upload_of(&Version { content: Some(other), ..version("null", true) }).is_none());
        let unknown = Content { size: 1, e_tag: None };
        assert!(model.upload_of(&Version { content: Some(unknown), ..version("null", true) }).is_none());
    }

    #[test]
    fn only_what_is_not_current_is_read_by_its_id() {
        let versions = Versions { key: "k".into(), ..Versions::default() };
        let named = |version: &Version| match versions.content(version) {
            Some((PreviewId::Object { version, .. }, 1)) => Some(version),
            _ => None,
        };
        assert_eq!(named(&version("1", true)), Some(None));
        assert_eq!(named(&version("1", false)), Some(Some("1".into())));
        assert_eq!(named(&Version { content: None, ..version("1", true) }), None);
    }
}
