//! What was written to the bucket in a stretch of time: whether others wrote beside an upload.

use std::collections::BTreeSet;

use aws_sdk_s3::types::EncodingType;
use jiff::{SignedDuration, Timestamp};

use super::read;
use crate::cloud::connection::Connection;
use crate::cloud::connection::clients::Cloud;
use crate::domain::evidence::{Fact, Listed, ListedObject};
use crate::domain::objects::Object;
use crate::domain::timeline::by_time::MULTIPART_MS;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Pages that are read at most. S3 lists by key, and a new object may stand in the last one of a thousand.
const MOST_PAGES: usize = 20;

/// S3's own limit.
const PAGE: i32 = 1_000;

/// Objects that are reported at most: two others prove no less than many.
const MOST_REPORTED: usize = 16;

/// Lists the bucket for what was written since. If it cannot be listed to its end, that is reported.
pub(in crate::cloud) async fn list(connection: &Connection, since: Timestamp) {
    let Ok(cloud) = connection.cloud().await else { return };
    let at = Timestamp::now();
    let objects = Box::pin(written(&cloud, since)).await;
    let listed = Listed { at, since, bucket: Clean::new(&cloud.bucket), objects };
    connection.send(Update::Facts(vec![Fact::Listed(listed)])).await;
}

async fn written(cloud: &Cloud, since: Timestamp) -> Option<BTreeSet<ListedObject>> {
    cloud.needs_bucket().ok()?;
    let mut found = BTreeSet::new();
    let mut token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let request = cloud.s3.list_objects_v2().bucket(&cloud.bucket).encoding_type(EncodingType::Url).max_keys(PAGE);
        let answer = request.set_continuation_token(token).send().await.ok()?;
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let objects = answer.contents().iter().filter_map(|object| read(object, encoded)).map(one);
        found.extend(objects.filter(|object| may_be_new(object, since)));
        while found.len() > MOST_REPORTED {
            found.pop_last();
        }
        token = answer.next_continuation_token().map(str::to_owned).filter(|_| answer.is_truncated() == Some(true));
        if token.is_none() {
            return Some(found);
        }
    }
    None
}

fn one(object: Object) -> ListedObject {
    ListedObject { key: object.key, e_tag: object.e_tag, modified: object.modified }
}

/// S3 gives whole seconds, and for a multipart upload the time when it began.
fn may_be_new(object: &ListedObject, since: Timestamp) -> bool {
    let before = if object.is_multipart() { MULTIPART_MS } else { 1_000 };
    since.checked_sub(SignedDuration::from_millis(before)).is_ok_and(|since| object.modified >= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_upload_may_have_ended_long_after_its_date() {
        let at = |second: i64| Timestamp::from_second(1_790_000_000 + second).unwrap();
        let object =
            |second, e_tag: &str| ListedObject { key: "k".into(), e_tag: Some(e_tag.into()), modified: at(second) };
        for (second, e_tag, expected) in [
            (0, "abc", true),
            (-1, "abc", true),
            (-2, "abc", false),
            (-3_600, "abc-2", true),
            (-86_401, "abc-2", false),
        ] {
            assert_eq!(may_be_new(&object(second, e_tag), at(0)), expected, "{second} {e_tag}");
        }
    }
}
