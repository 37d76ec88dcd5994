//! The buckets and their objects. Bodies are in files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName};
use s3s::S3ErrorCode;
use s3s::dto::{self, ETagCondition};
use serde_json::{Value, json};

use super::digest::Checksum;
use super::files::{Blob, Directory};
use super::multipart::Uploads;
use super::notification::BucketNotifications;
use super::problem::Problem;
use super::tags::Tags;
use super::versions::{Version, Versioning};
use crate::common::env::Env;

pub(crate) struct Store {
    env: Arc<Env>,
    buckets: Mutex<BTreeMap<String, Bucket>>,
    directory: Directory,
}

pub(crate) struct Bucket {
    pub(super) env: Arc<Env>,
    pub(crate) created: SystemTime,
    /// By key: in UTF-8 order, which is also that of a listing.
    pub(crate) objects: BTreeMap<String, Arc<Object>>,
    pub(crate) versioning: Versioning,
    /// By key: versions that are no longer current, and delete markers, the newest last.
    pub(super) below: BTreeMap<String, Vec<Version>>,
    pub(crate) uploads: Uploads,
    pub(crate) notifications: BucketNotifications,
    /// The last sequencer given; the next one is greater.
    sequencer: u64,
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) blob: Arc<Blob>,
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) modified: SystemTime,
    pub(crate) checksum: Checksum,
    /// The parts of a multipart upload; empty for all others.
    pub(crate) parts: Vec<Part>,
    /// Whether the checksums of the parts are of the object's algorithm, because the upload named it.
    pub(crate) has_part_checksums: bool,
    pub(crate) headers: ObjectHeaders,
    /// Its id, where the bucket kept versions when it was written; `Bucket::insert` gives it.
    pub(crate) version: Option<String>,
    /// Tags change without a new version.
    pub(crate) tags: Mutex<Tags>,
}

/// A part of an object that was uploaded in parts.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
}

impl Object {
    pub(crate) fn tags(&self) -> Tags {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_tags(&self, tags: Tags) {
        *self.tags.lock().unwrap_or_else(PoisonError::into_inner) = tags;
    }
}

/// Headers that the client sets, and gets back with the object.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectHeaders {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) expires: Option<dto::Timestamp>,
    pub(crate) metadata: Option<dto::Metadata>,
    pub(crate) storage_class: Option<dto::StorageClass>,
    pub(crate) website_redirect_location: Option<String>,
}

/// The headers in an input of `s3s`.
macro_rules! object_headers {
    ($input:ident) => {
        $crate::s3::store::ObjectHeaders {
            content_type: $input.content_type,
            cache_control: $input.cache_control,
            content_disposition: $input.content_disposition,
            content_encoding: $input.content_encoding,
            content_language: $input.content_language,
            expires: $input.expires,
            metadata: $input.metadata,
            storage_class: $input.storage_class,
            website_redirect_location: $input.website_redirect_location,
        }
    };
}
pub(super) use object_headers;

/// `If-Match` and `If-None-Match` of a write.
#[derive(Debug, Clone, Default)]
pub(crate) struct WriteCondition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl Store {
    pub(crate) fn new(env: Arc<Env>, parent: &Path) -> std::io::Result<Self> {
        Ok(Self { env, buckets: Mutex::default(), directory: Directory::new(parent)? })
    }

    /// A path for a body that is about to be written.
    pub(crate) fn reserve(&self) -> Blob {
        Blob::new(self.directory.path().join(self.env.hex_id()))
    }

    /// The problem of a request that the disk failed.
    pub(crate) fn disk(&self, error: &std::io::Error) -> Problem {
        Problem::disk(error, self.directory.path())
    }

    pub(crate) fn buckets(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much is kept. A body that several objects share counts once.
    pub(crate) fn held(&self) -> Value {
        let buckets = self.buckets();
        let (mut objects, mut noncurrent, mut markers, mut uploads) = (0, 0, 0, 0);
        let mut bodies = HashMap::new();
        for bucket in buckets.values() {
            objects += bucket.objects.len();
            uploads += bucket.uploads.len();
            let mut add = |object: &Object| bodies.insert(Arc::as_ptr(&object.blob), object.size);
            for object in bucket.objects.values() {
                add(object);
            }
            for version in bucket.below.values().flatten() {
                match version {
                    Version::Object(object) => {
                        noncurrent += 1;
                        add(object);
                    }
                    Version::Marker(_) => markers += 1,
                }
            }
            let parts = bucket.uploads.values().flat_map(|upload| upload.parts.values());
            bodies.extend(parts.map(|part| (Arc::as_ptr(&part.blob), part.size)));
        }
        json!({
            "buckets": buckets.len(),
            "objects": objects,
            "noncurrent_versions": noncurrent,
            "delete_markers": markers,
            "multipart_uploads": uploads,
            "bytes": bodies.values().sum::<u64>(),
        })
    }

    /// Creates a bucket; `false` where it exists.
    pub(crate) fn create(&self, name: &str) -> bool {
        let mut buckets = self.buckets();
        if buckets.contains_key(name) {
            return false;
        }
        buckets.insert(name.to_owned(), Bucket::new(Arc::clone(&self.env)));
        true
    }

    /// Runs `change` on a bucket, alone.
    /// Errors: there is no such bucket, or what `change` says.
    pub(crate) fn with<T>(
        &self,
        bucket: &str,
        change: impl FnOnce(&mut Bucket) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut buckets = self.buckets();
        change(buckets.get_mut(bucket).ok_or_else(|| Problem::no_such_bucket(bucket))?)
    }

    /// The current object or one version of it, and that version as a response names it.
    /// Errors: there is no such bucket, key or version.
    pub(crate) fn object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(Arc<Object>, Option<String>), Problem> {
        self.with(bucket, |bucket| bucket.read(key, version))
    }
}

impl Bucket {
    fn new(env: Arc<Env>) -> Self {
        Self {
            created: whole_seconds(&env),
            env,
            objects: BTreeMap::new(),
            versioning: Versioning::Never,
            below: BTreeMap::new(),
            uploads: Uploads::default(),
            notifications: BucketNotifications::default(),
            sequencer: 0,
        }
    }

    /// Follows the clock, so that it grows from one run of the program to the next.
    pub(super) fn next_sequencer(&mut self) -> u64 {
        let clock = u64::try_from(self.env.now().as_microsecond()).unwrap_or(0);
        self.sequencer = clock.max(self.sequencer.saturating_add(1));
        self.sequencer
    }
}

impl WriteCondition {
    /// The condition of a write. S3 takes one of the two headers, `If-Match` with an entity tag and `If-None-Match`
    /// with an asterisk.
    pub(crate) fn new(if_match: Option<ETagCondition>, if_none_match: Option<ETagCondition>) -> Result<Self, Problem> {
        let refused = |header: &str, message: &str| {
            let problem = Problem::of(S3ErrorCode::NotImplemented).detail("Header", header);
            Err(problem.detail("additionalMessage", message))
        };
        let value = |name: &str| format!("We don't accept the provided value of {name} header for this API");
        match (&if_match, &if_none_match) {
            (Some(_), Some(_)) => {
                refused("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
            }
            (Some(ETagCondition::Any), None) => refused("If-Match", &value("If-Match")),
            (None, Some(ETagCondition::ETag(_))) => refused("If-None-Match", &value("If-None-Match")),
            _ => Ok(Self { if_match, if_none_match }),
        }
    }

    /// The condition in a request's headers, where the input of `s3s` lacks it.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let read = |name: HeaderName| match headers.get(&name) {
            None => Ok(None),
            Some(value) => ETagCondition::parse_http_header(value.as_bytes())
                .map(Some)
                .map_err(|_| Problem::of(S3ErrorCode::NotImplemented).detail("Header", name.as_str())),
        };
        Self::new(read(IF_MATCH)?, read(IF_NONE_MATCH)?)
    }

    pub(crate) fn is_none(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// The condition's header, for an error.
    pub(crate) fn name(&self) -> &'static str {
        if self.if_match.is_some() { "If-Match" } else { "If-None-Match" }
    }

    pub(crate) fn check(&self, key: &str, present: Option<&Object>) -> Result<(), Problem> {
        if let Some(condition) = &self.if_match {
            let object = present.ok_or_else(|| Problem::no_such_key(key))?;
            if !matches(condition, &object.etag) {
                return Err(Problem::precondition_failed("If-Match"));
            }
        }
        if self.if_none_match.is_some() && present.is_some() {
            return Err(Problem::precondition_failed("If-None-Match"));
        }
        Ok(())
    }
}

/// Whether a condition names this `ETag`.
pub(crate) fn matches(condition: &ETagCondition, etag: &str) -> bool {
    condition.as_etag().is_none_or(|wanted| wanted.value() == etag)
}

/// The time in whole seconds: S3 keeps no finer ones.
pub(super) fn whole_seconds(env: &Env) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(env.now().as_second()).unwrap_or(0))
}
