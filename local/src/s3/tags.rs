//! The tags of objects: `PutObjectTagging`, `GetObjectTagging`, `DeleteObjectTagging`, and `x-amz-tagging` of a write.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    PutObjectTaggingInput, PutObjectTaggingOutput, Tag, Tagging,
};
use s3s::xml::{Deserialize as _, Deserializer};
use s3s::{S3ErrorCode, S3Request};

use super::event::{self, Change};
use super::problem::Problem;
use super::service::Call;
use super::store::Object;

/// By name, which is the order in which S3 lists them.
pub(crate) type Tags = BTreeMap<String, String>;

/// The most tags of an object.
const MOST: usize = 10;

/// Reads `x-amz-tagging`: names and values as in a query string.
pub(crate) fn of_header(header: Option<&str>) -> Result<Tags, Problem> {
    let Some(header) = header else { return Ok(Tags::new()) };
    let invalid = || {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without \
                       tag name duplicates.";
        Problem::invalid_argument(message, "x-amz-tagging", header)
    };
    let mut tags = Tags::new();
    for (name, value) in form_urlencoded::parse(header.as_bytes()).into_owned() {
        if !is_name(&name) || !is_value(&value) || tags.contains_key(&name) {
            return Err(invalid());
        }
        add(&mut tags, name, value)?;
    }
    limit(tags)
}

/// Reads the field `tagging` of a form, which is the body of `PutObjectTagging`.
pub(crate) fn of_xml(xml: Option<&str>) -> Result<Tags, Problem> {
    let Some(xml) = xml else { return Ok(Tags::new()) };
    let tagging = Tagging::deserialize(&mut Deserializer::new(xml.as_bytes()));
    of_list(tagging.map_err(|_| Problem::of(S3ErrorCode::MalformedXML))?.tag_set)
}

fn of_list(list: Vec<Tag>) -> Result<Tags, Problem> {
    let mut tags = Tags::new();
    for tag in list {
        let (Some(name), Some(value)) = (tag.key, tag.value) else {
            return Err(Problem::of(S3ErrorCode::MalformedXML));
        };
        add(&mut tags, name, value)?;
    }
    limit(tags)
}

fn add(tags: &mut Tags, name: String, value: String) -> Result<(), Problem> {
    let invalid =
        |message: &'static str| Problem::new(S3ErrorCode::InvalidTag, message).detail("TagKey", name.as_str());
    if tags.contains_key(&name) {
        return Err(invalid("Cannot provide multiple Tags with the same key"));
    }
    if name.starts_with("aws:") {
        return Err(invalid("Your TagKey cannot be prefixed with aws:"));
    }
    if !is_name(&name) {
        return Err(invalid("The TagKey you have provided is invalid"));
    }
    if !is_value(&value) {
        return Err(invalid("The TagValue you have provided is invalid").detail("TagValue", value));
    }
    tags.insert(name, value);
    Ok(())
}

fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.chars().count()) && text.chars().all(is_allowed)
}

fn is_value(text: &str) -> bool {
    text.chars().count() <= 256 && text.chars().all(is_allowed)
}

fn is_allowed(char: char) -> bool {
    char.is_alphanumeric() || char.is_whitespace() || "+-=._:/@".contains(char)
}

fn limit(tags: Tags) -> Result<Tags, Problem> {
    if tags.len() <= MOST {
        return Ok(tags);
    }
    let code = S3ErrorCode::Custom("BadRequest".into());
    Err(Problem::new(code, format!("Object tags cannot be greater than {MOST}")).status(StatusCode::BAD_REQUEST))
}

/// The object whose tags a request is about, and its version as the response names it. Unlike the object itself, the
/// tags of a delete marker are refused with 405 also where no version is named.
fn find(
    call: &Call,
    method: &str,
    (bucket, key, version): (&str, &str, Option<&str>),
) -> Result<(Arc<Object>, Option<String>), Problem> {
    call.store().with(bucket, |bucket| {
        if bucket.is_marker(key, version) {
            let problem = Problem::of(S3ErrorCode::MethodNotAllowed).status(StatusCode::METHOD_NOT_ALLOWED);
            return Err(problem.detail("Method", method).detail("ResourceType", "DeleteMarker"));
        }
        bucket.read(key, version)
    })
}

fn announce(call: &Call, bucket: &str, key: &str, name: &'static str, object: &Object) {
    event::send(call, bucket, &Change::tagged(&call.s3.env, name, key, object));
}

pub(crate) fn put(call: &Call, request: S3Request<PutObjectTaggingInput>) -> Result<PutObjectTaggingOutput, Problem> {
    let PutObjectTaggingInput { bucket, key, version_id, tagging, .. } = request.input;
    let tags = of_list(tagging.tag_set)?;
    let (object, version_id) = find(call, "PUT", (&bucket, &key, version_id.as_deref()))?;
    object.set_tags(tags);
    announce(call, &bucket, &key, "ObjectTagging:Put", &object);
    Ok(PutObjectTaggingOutput { version_id })
}

pub(crate) fn get(call: &Call, request: S3Request<GetObjectTaggingInput>) -> Result<GetObjectTaggingOutput, Problem> {
    let GetObjectTaggingInput { bucket, key, version_id, .. } = request.input;
    let (object, version_id) = find(call, "GET", (&bucket, &key, version_id.as_deref()))?;
    let tag_set = object.tags().into_iter().map(|(name, value)| Tag { key: Some(name), value: Some(value) }).collect();
    Ok(GetObjectTaggingOutput { tag_set, version_id })
}

pub(crate) fn delete(
    call: &Call,
    request: S3Request<DeleteObjectTaggingInput>,
) -> Result<DeleteObjectTaggingOutput, Problem> {
    let DeleteObjectTaggingInput { bucket, key, version_id, .. } = request.input;
    let (object, version_id) = find(call, "DELETE", (&bucket, &key, version_id.as_deref()))?;
    object.set_tags(Tags::new());
    announce(call, &bucket, &key, "ObjectTagging:Delete", &object);
    Ok(DeleteObjectTaggingOutput { version_id })
}
