//! The versions of one object, asked for by its key. It reads no object and changes nothing.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::EncodingType;
use imgwatch_shared::object_key;
use jiff::Timestamp;

use super::NOT_AS_S3;
use crate::cloud::connection::Connection;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::ids::RequestId;
use crate::domain::objects::{self, Content, MOST, Version};
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Few objects have so many versions; S3 would send a thousand, most of them of other keys.
const PAGE: i32 = 250;

/// Lists the newest versions and says them.
pub(in crate::cloud) async fn list(connection: &Connection, request: RequestId, key: &Clean) {
    let update = match versions(connection, key).await {
        Ok((versions, more)) => Update::VersionsListed { request, versions, more },
        Err(problem) => Update::VersionsFailed { request, problem },
    };
    connection.send(update).await;
}

/// The newest ones, and whether there are more.
async fn versions(connection: &Connection, key: &Clean) -> Result<(Vec<Version>, bool), Problem> {
    let cloud = connection.cloud().await?;
    cloud.needs_bucket()?;
    let what = || format!("cannot list the versions of {}", key.shown());
    let (mut found, mut marker) = (Vec::new(), (None, None));
    loop {
        let answer = cloud
            .s3
            .list_object_versions()
            .bucket(&cloud.bucket)
            .prefix(key.raw())
            .encoding_type(EncodingType::Url)
            .max_keys(PAGE)
            .set_key_marker(marker.0.clone())
            .set_version_id_marker(marker.1.clone())
            .send()
            .await
            .map_err(|error| problem::of(&error, &OperationContext::new(what(), "s3:ListBucketVersions")))?;
        found.extend(read(&answer, key.raw()));
        // Keys come in their order, and all others that begin with this one come after it.
        let next = next_key(&answer).filter(|next| next == key.raw());
        if next.is_none() || found.len() > MOST {
            newest_first(&mut found);
            let more = found.len() > MOST;
            found.truncate(MOST);
            return Ok((found, more));
        }
        let next = (next, answer.next_version_id_marker);
        // Without this the listing might never end.
        if next == marker {
            let why = "the answer says that the list goes on where it already was";
            return Err(Problem::new(ProblemKind::Other, what(), why).with_hint(NOT_AS_S3));
        }
        marker = next;
    }
}

/// The versions and delete markers that are of this very key.
fn read(answer: &ListObjectVersionsOutput, key: &str) -> Vec<Version> {
    let is_of_key = |other: Option<&str>| other.is_some_and(|other| decoded(answer, other) == key);
    let versions = answer.versions().iter().filter(|version| is_of_key(version.key())).map(|version| Version {
        id: id(version.version_id()),
        at: moment(version.last_modified()),
        is_latest: version.is_latest() == Some(true),
        content: Some(Content {
            size: version.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
            e_tag: version.e_tag().map(objects::e_tag),
        }),
    });
    let markers = answer.delete_markers().iter().filter(|marker| is_of_key(marker.key())).map(|marker| Version {
        id: id(marker.version_id()),
        at: moment(marker.last_modified()),
        is_latest: marker.is_latest() == Some(true),
        content: None,
    });
    markers.chain(versions).collect()
}

/// The SDK gives versions and markers in two lists, so that S3's order among both is known by their times only: those
/// of one second stand as S3 lists their kind, markers before what they are likely to have deleted.
fn newest_first(versions: &mut [Version]) {
    versions.sort_by_key(|version| std::cmp::Reverse((version.is_latest, version.at)));
}

/// The key that the next page begins with or after, if there is one.
fn next_key(answer: &ListObjectVersionsOutput) -> Option<String> {
    let next = answer.next_key_marker().filter(|_| answer.is_truncated() == Some(true));
    next.map(|next| decoded(answer, next))
}

fn decoded(answer: &ListObjectVersionsOutput, key: &str) -> String {
    if answer.encoding_type() == Some(&EncodingType::Url) { object_key::decode(key) } else { key.to_owned() }
}

fn id(id: Option<&str>) -> Clean {
    Clean::new(id.unwrap_or_default())
}

fn moment(time: Option<&DateTime>) -> Timestamp {
    // S3 gives whole seconds; where a server gives fractions, the order is better known.
    time.and_then(|time| Timestamp::from_nanosecond(time.as_nanos()).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};

    use super::*;

    #[test]
    fn versions_and_markers_of_other_keys_are_left_out_and_the_rest_is_newest_first() {
        let version = |key: &str, id: &str, at| {
            ObjectVersion::builder()
                .key(key)
                .version_id(id)
                .last_modified(DateTime::from_secs(at))
                .is_latest(false)
                .build()
        };
        let marker = |key: &str, id: &str, at, latest| {
            let marker = DeleteMarkerEntry::builder().key(key).version_id(id);
            marker.last_modified(DateTime::from_secs(at)).is_latest(latest).build()
        };
        let answer = ListObjectVersionsOutput::builder()
            .encoding_type(EncodingType::Url)
            .versions(version("a+b.png", "v3", 5))
            .versions(version("a+b.png", "v1", 1))
            .versions(version("a+b.png.bak", "other", 9))
            .delete_markers(marker("a+b.png", "m4", 5, true))
            .delete_markers(marker("a+b.png", "m2", 5, false))
            .delete_markers(marker("a+b.png.bak", "other", 9, true))
            .next_key_marker("a+b.png")
            .is_truncated(true)
            .build();
        let mut found = read(&answer, "a b.png");
        newest_first(&mut found);
        let ids: Vec<&str> = found.iter().map(|version| version.id.raw()).collect();
        assert_eq!(ids, ["m4", "m2", "v3", "v1"]);
        assert_eq!(next_key(&answer).as_deref(), Some("a b.png"));
        assert!(read(&answer, "a+b.png").is_empty(), "it is another key");
    }
}
