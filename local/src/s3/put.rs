//! `PutObject`.

use std::sync::Arc;

use s3s::dto::{ETag, PutObjectInput, PutObjectOutput, ServerSideEncryption, StreamingBlob};
use s3s::{S3ErrorCode, S3Request};

use super::digest::with_checksum;
use super::event::{self, Change};
use super::files::Blob;
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, ObjectHeaders, WriteCondition, object_headers};
use super::tags::{self, Tags};
use super::versions::Written;
use crate::common::wire::hex;

pub(crate) async fn object(call: &Call, request: S3Request<PutObjectInput>) -> Result<PutObjectOutput, Problem> {
    let input = request.input;
    if input.content_length.is_none() {
        return Err(Problem::of(S3ErrorCode::MissingContentLength));
    }
    let tags = tags::of_header(input.tagging.as_deref());
    let headers = object_headers!(input);
    let condition = WriteCondition::new(input.if_match, input.if_none_match);
    let body = input.body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
    // The body is read before a refusal: a client that is still sending would not read the response.
    let blob = call.store().reserve().receive(body).await;
    let blob = blob.map_err(|error| call.not_received(error))?;
    let (tags, condition) = (tags?, condition?);
    let object = received(call, blob, headers, tags)?;
    let Written { object, sequencer, version } =
        call.store().with(&input.bucket, |bucket| bucket.insert(&input.key, object, &condition))?;
    let change = Change::created(&call.s3.env, "ObjectCreated:Put", &input.key, &object, sequencer);
    event::send(call, &input.bucket, &change);
    let checksum = &object.checksum;
    Ok(with_checksum!(
        checksum,
        PutObjectOutput {
            e_tag: Some(ETag::Strong(object.etag.clone())),
            checksum_type: Some(checksum.kind()),
            server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
            version_id: version,
            ..Default::default()
        }
    ))
}

/// The object whose body was received just now.
pub(super) fn received(call: &Call, blob: Blob, headers: ObjectHeaders, tags: Tags) -> Result<Object, Problem> {
    let received = call.reply.take_received().ok_or_else(|| Problem::internal("the body has no digest"))?;
    Ok(Object {
        blob: Arc::new(blob),
        size: received.size,
        etag: hex(received.md5),
        modified: call.now(),
        checksum: received.checksum,
        parts: Vec::new(),
        has_part_checksums: false,
        headers,
        version: None,
        tags: tags.into(),
    })
}
