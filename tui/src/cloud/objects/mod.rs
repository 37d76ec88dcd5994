//! The bucket's objects: listed, or looked up by key; their versions, and previews of them.

pub(super) mod listing;
pub(super) mod preview;
mod ranges;
mod split;
pub(super) mod versions;
mod width;
pub(super) mod written;

use aws_sdk_s3::types::{EncodingType, Object as S3Object};
use imgwatch_shared::object_key;
use jiff::Timestamp;

use crate::cloud::connection::Connection;
use crate::domain::objects::{self, Object};
use crate::msg::Update;
use crate::text::clean::Clean;

/// What the user can do about an endpoint with a defect.
const NOT_AS_S3: &str = "check the endpoint: it does not list as S3 does";

/// Looks one object up, with no right beyond that of listing. A key that is gone by now gives no answer: nothing waits
/// for one.
pub(super) async fn find(connection: &Connection, key: &Clean) {
    let Ok(cloud) = connection.cloud().await else { return };
    let answer = cloud
        .s3
        .list_objects_v2()
        .bucket(&cloud.bucket)
        .encoding_type(EncodingType::Url)
        .prefix(key.raw())
        .max_keys(1)
        .send()
        .await;
    // The listing reports the error; here it would be repeated for each object.
    let Ok(answer) = answer else { return };
    let encoded = answer.encoding_type() == Some(&EncodingType::Url);
    let found = answer.contents().iter().filter_map(|object| read(object, encoded)).find(|object| object.key == *key);
    if let Some(object) = found {
        connection.send(Update::ObjectFound(object)).await;
    }
}

/// Keys travel encoded, since XML cannot hold every character that a key can; the SDK leaves decoding to its caller.
fn read(object: &S3Object, encoded: bool) -> Option<Object> {
    let key = object.key()?;
    let key = if encoded { Clean::new(&object_key::decode(key)) } else { Clean::new(key) };
    let modified = object.last_modified().map(|time| Timestamp::new(time.secs(), 0));
    Some(Object {
        key,
        size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        modified: modified.and_then(Result::ok).unwrap_or(Timestamp::UNIX_EPOCH),
        e_tag: object.e_tag().map(objects::e_tag),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_keys_are_decoded_and_others_are_not() {
        let object = S3Object::builder().key("a+b%2Bc%0A%C3%BC/d.png").size(7).e_tag("\"abc-2\"").build();
        let found = read(&object, true).expect("an object");
        assert_eq!((found.key.raw(), found.size), ("a b+c\nü/d.png", 7));
        assert_eq!(found.e_tag, Some(Clean::new("abc-2")));
        assert_eq!(read(&object, false).map(|found| found.key), Some(Clean::new("a+b%2Bc%0A%C3%BC/d.png")));
        assert_eq!(read(&S3Object::builder().build(), true), None, "an object without a key is none");
    }
}
