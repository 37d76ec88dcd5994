//! The versions of objects and the delete markers.
//!
//! Current versions are in `Bucket::objects`, which listings use; older ones and delete markers are in `Bucket::below`.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::ALLOW;
use http::{HeaderName, StatusCode};
use s3s::S3ErrorCode;

use super::problem::Problem;
use super::store::{Bucket, Object, WriteCondition, whole_seconds};

/// The name of the version that has no id, because it was written while its bucket kept no versions.
pub(crate) const NULL: &str = "null";
const DIGITS: usize = 32;

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Versioning {
    /// It never has.
    #[default]
    Never,
    Enabled,
    /// It has, and keeps those.
    Suspended,
}

/// A delete marker: the object is deleted, and its older versions are below.
#[derive(Debug)]
pub(crate) struct Marker {
    version: Option<String>,
    pub(crate) at: SystemTime,
}

#[derive(Debug, Clone)]
pub(crate) enum Version {
    Object(Arc<Object>),
    Marker(Arc<Marker>),
}

impl Version {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Object(object) => object.version.as_deref(),
            Self::Marker(marker) => marker.version.as_deref(),
        }
    }

    /// Its id, or `null`.
    pub(crate) fn name(&self) -> &str {
        self.id().unwrap_or(NULL)
    }
}

/// The result of a write.
pub(crate) struct Written {
    pub(crate) object: Arc<Object>,
    pub(crate) sequencer: u64,
    /// As the answer names it: unlike reads, writes do not name the version `null`.
    pub(crate) version: Option<String>,
}

/// The result of a deletion.
#[derive(Default)]
pub(crate) struct Removed {
    /// The event's name and sequencer; none where there was no object.
    pub(crate) event: Option<(&'static str, u64)>,
    /// The version that was made or removed, as the answer names it.
    pub(crate) version: Option<String>,
    /// Whether that is a delete marker.
    pub(crate) is_marker: bool,
}

impl Bucket {
    /// Writes an object; in a bucket that keeps versions, the version before stays below it.
    /// Errors: the condition does not hold; nothing is changed then.
    pub(crate) fn insert(
        &mut self,
        key: &str,
        mut object: Object,
        condition: &WriteCondition,
    ) -> Result<Written, Problem> {
        condition.check(key, self.objects.get(key).map(AsRef::as_ref))?;
        self.note_change(key);
        object.version = self.push_below(key);
        let object = Arc::new(object);
        self.objects.insert(key.to_owned(), Arc::clone(&object));
        Ok(Written { sequencer: self.next_sequencer(), version: object.version.clone(), object })
    }

    /// Removes the object; a bucket that keeps versions adds a delete marker instead, even where there is no object.
    pub(crate) fn remove(&mut self, key: &str) -> Removed {
        self.note_change(key);
        if self.versioning == Versioning::Never {
            let found = self.objects.remove(key).is_some();
            let event = found.then(|| ("ObjectRemoved:Delete", self.next_sequencer()));
            return Removed { event, ..Removed::default() };
        }
        let marker = Version::Marker(Arc::new(Marker { version: self.push_below(key), at: whole_seconds(&self.env) }));
        let version = Some(marker.name().to_owned());
        self.below.entry(key.to_owned()).or_default().push(marker);
        let event = Some(("ObjectRemoved:DeleteMarkerCreated", self.next_sequencer()));
        Removed { event, version, is_marker: true }
    }

    /// Removes one version permanently; succeeds also where there is no such version.
    /// Errors: it is not the name of a version.
    pub(crate) fn remove_version(&mut self, key: &str, name: &str) -> Result<Removed, Problem> {
        check(name)?;
        let version = Some(name.to_owned());
        let Some(found) = self.versions(key).find(|version| version.name() == name) else {
            return Ok(Removed { version, ..Removed::default() });
        };
        self.note_change(key);
        let is_current = self.objects.get(key).is_some_and(|object| object.version.as_deref() == found.id());
        if is_current {
            self.objects.remove(key);
        }
        if let Some(below) = self.below.get_mut(key) {
            below.retain(|version| is_current || version.name() != name);
            // The newest version is current again, unless it is a marker.
            if !self.objects.contains_key(key)
                && let Some(Version::Object(top)) = below.pop_if(|version| matches!(version, Version::Object(_)))
            {
                self.objects.insert(key.to_owned(), top);
            }
            if below.is_empty() {
                self.below.remove(key);
            }
        }
        let event = Some(("ObjectRemoved:Delete", self.next_sequencer()));
        Ok(Removed { event, version, is_marker: matches!(found, Version::Marker(_)) })
    }

    /// The current object, or one version of it.
    /// Errors: there is none, or it is a delete marker.
    fn find(&self, key: &str, version: Option<&str>) -> Result<Arc<Object>, Problem> {
        let Some(name) = version else {
            return match self.versions(key).next() {
                Some(Version::Object(object)) => Ok(object),
                Some(marker) => Err(Problem::no_such_key(key)
                    .header(DELETE_MARKER, "true")
                    .header(VERSION_ID, marker.name().to_owned())),
                None => Err(Problem::no_such_key(key)),
            };
        };
        check(name)?;
        match self.versions(key).find(|version| version.name() == name) {
            Some(Version::Object(object)) => Ok(object),
            Some(Version::Marker(_)) => Err(Problem::of(S3ErrorCode::MethodNotAllowed)
                .status(StatusCode::METHOD_NOT_ALLOWED)
                .detail("Method", "GET")
                .detail("ResourceType", "DeleteMarker")
                .header(ALLOW, "DELETE")
                .header(DELETE_MARKER, "true")
                .header(VERSION_ID, name)),
            None => Err(Problem::new(S3ErrorCode::NoSuchVersion, "The specified version does not exist.")
                .detail("Key", key)
                .detail("VersionId", name)),
        }
    }

    /// Whether the newest version of a key, or the one that is named, is a delete marker.
    pub(crate) fn is_marker(&self, key: &str, version: Option<&str>) -> bool {
        let found = self.versions(key).find(|found| version.is_none_or(|name| found.name() == name));
        matches!(found, Some(Version::Marker(_)))
    }

    /// Whether it has no objects and no versions.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.below.is_empty()
    }

    /// All versions of a key, the newest first.
    pub(crate) fn versions(&self, key: &str) -> impl Iterator<Item = Version> {
        let current = self.objects.get(key).cloned().map(Version::Object);
        let below: &[Version] = self.below.get(key).map_or(&[], Vec::as_slice);
        current.into_iter().chain(below.iter().rev().cloned())
    }

    /// The first key from here on that has a version.
    pub(crate) fn next_key(&self, from: &Bound<String>) -> Option<&String> {
        fn first<'a, T>(map: &'a BTreeMap<String, T>, from: &Bound<String>) -> Option<&'a String> {
            map.range((from.clone(), Bound::Unbounded)).next().map(|(key, _)| key)
        }
        first(&self.objects, from).into_iter().chain(first(&self.below, from)).min()
    }

    /// The current object or one version of it, and that version as a response names it; no version where the bucket
    /// never kept versions.
    pub(crate) fn read(&self, key: &str, version: Option<&str>) -> Result<(Arc<Object>, Option<String>), Problem> {
        let object = self.find(key, version)?;
        let null = || (self.versioning != Versioning::Never).then(|| NULL.to_owned());
        let version = object.version.clone().or_else(null);
        Ok((object, version))
    }

    /// A multipart upload that began before a change of its key cannot be completed on a condition.
    fn note_change(&mut self, key: &str) {
        let of_key = (key.to_owned(), String::new())..;
        for (_, upload) in self.uploads.range_mut(of_key).take_while(|((other, _), _)| other == key) {
            upload.key_changed = true;
        }
    }

    /// Moves a key's current version below, and returns the id of the version that replaces it.
    fn push_below(&mut self, key: &str) -> Option<String> {
        let id = (self.versioning == Versioning::Enabled).then(|| self.env.hex_id());
        let current = self.objects.remove(key).map(Version::Object);
        let mut below = self.below.remove(key).unwrap_or_default();
        below.extend(current);
        // There is at most one version `null`, which the new one replaces.
        below.retain(|version| id.is_some() || version.id().is_some());
        if !below.is_empty() {
            self.below.insert(key.to_owned(), below);
        }
        id
    }
}

fn check(name: &str) -> Result<(), Problem> {
    if name == NULL || name.len() == DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Problem::invalid_argument("Invalid version id specified", "versionId", name))
}
