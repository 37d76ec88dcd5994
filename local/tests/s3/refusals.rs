//! What S3 refuses, in the words that were recorded of AWS.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};

use crate::common::{Fixture, raw, start};

const INVALID: &str = "<Code>InvalidArgument</Code>";

#[tokio::test]
async fn what_a_request_may_not_carry_is_refused_with_its_limits() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    let (fits, long) = ("m".repeat(2048 - 1), "m".repeat(2048));
    let (key, long_key) = (format!("PUT /photos/{}", "k".repeat(1024)), format!("PUT /photos/{}", "k".repeat(1025)));
    assert_eq!(raw(endpoint, &key, &[("x-amz-meta-a", &fits)], b"x").await.status, 200);
    let put = "PUT /photos/k";
    for (line, headers, status, parts) in [
        (
            put,
            vec![("x-amz-meta-a", long.as_str())],
            400,
            vec![
                "<Code>MetadataTooLarge</Code>",
                "<Message>Your metadata headers exceed the maximum allowed metadata size</Message>",
                "<Size>2049</Size><MaxSizeAllowed>2048</MaxSizeAllowed>",
            ],
        ),
        (
            &long_key,
            vec![],
            400,
            vec!["<Code>KeyTooLongError</Code>", "<Size>1025</Size><MaxSizeAllowed>1024</MaxSizeAllowed>"],
        ),
        (
            put,
            vec![("x-amz-decoded-content-length", "5368709121")],
            400,
            vec!["<Code>EntityTooLarge</Code>", "<MaxSizeAllowed>5368709120</MaxSizeAllowed>"],
        ),
        (put, vec![("x-amz-acl", "fake-acl")], 400, vec![INVALID, "<ArgumentName>x-amz-acl</ArgumentName>"]),
        (
            put,
            vec![("x-amz-storage-class", "OUTPOSTS")],
            400,
            vec!["<Code>InvalidStorageClass</Code>", "<StorageClassRequested>OUTPOSTS</StorageClassRequested>"],
        ),
        (
            put,
            vec![("x-amz-expected-bucket-owner", "abcd")],
            400,
            vec![
                "<Code>InvalidBucketOwnerAWSAccountID</Code>",
                "The value of the expected bucket owner parameter must be an AWS Account ID... [abcd]",
            ],
        ),
        (put, vec![("x-amz-expected-bucket-owner", "111111111111")], 403, vec!["<Code>AccessDenied</Code>"]),
        (
            put,
            vec![("content-md5", "MTIz")],
            400,
            vec!["<Code>InvalidDigest</Code>", "<Content-MD5>MTIz</Content-MD5>"],
        ),
        (
            put,
            vec![("content-md5", "CYketZBSTjX8czcs3cXVlg==")],
            400,
            vec![
                "<Code>BadDigest</Code>",
                "<ExpectedDigest>CYketZBSTjX8czcs3cXVlg==</ExpectedDigest><CalculatedDigest>",
            ],
        ),
        (
            "DELETE /photos/k",
            vec![("x-amz-if-match-size", "1")],
            501,
            vec!["<Code>NotImplemented</Code>", "<Header>x-amz-if-match-size</Header>"],
        ),
        (
            "DELETE /photos/k",
            vec![("x-amz-bypass-governance-retention", "false")],
            400,
            vec![INVALID, "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."],
        ),
        (
            "PUT /another",
            vec![("x-amz-object-ownership", "RandomValue")],
            400,
            vec![INVALID, "Invalid x-amz-object-ownership header: RandomValue"],
        ),
    ] {
        let body: &[u8] = if line == "PUT /another" { b"" } else { b"x" };
        raw(endpoint, line, &headers, body).await.expect(status, &parts);
    }
}

/// As recorded in `TestS3ObjectWritePrecondition`.
#[tokio::test]
async fn a_condition_that_a_write_cannot_have_is_not_implemented() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    assert_eq!(raw(endpoint, "PUT /photos/source", &[], b"x").await.status, 200);
    for copy in [None, Some(("x-amz-copy-source", "photos/source"))] {
        for (condition, header, message) in [
            (vec![("if-match", "*")], "If-Match", "accept the provided value of If-Match header for this API"),
            (
                vec![("if-none-match", "abc")],
                "If-None-Match",
                "the provided value of If-None-Match header for this API",
            ),
            (
                vec![("if-match", "abc"), ("if-none-match", "*")],
                "If-Match,If-None-Match",
                "Multiple conditional request headers present in the request",
            ),
        ] {
            let headers: Vec<_> = condition.into_iter().chain(copy).collect();
            let answer = raw(endpoint, "PUT /photos/k", &headers, b"").await;
            answer.expect(501, &["<Code>NotImplemented</Code>", &format!("<Header>{header}</Header>"), message]);
        }
    }
    // A copy checks the condition on its target.
    let to_itself = [("x-amz-copy-source", "photos/source"), ("x-amz-metadata-directive", "REPLACE")];
    let none = [to_itself[0], to_itself[1], ("if-none-match", "*")];
    let answer = raw(endpoint, "PUT /photos/source", &none, b"").await;
    answer.expect(412, &["<Condition>If-None-Match</Condition>"]);
    let missing = raw(endpoint, "PUT /photos/k", &[to_itself[0], ("if-match", "abc")], b"").await;
    missing.expect(404, &["<Code>NoSuchKey</Code>"]);
}

/// As recorded in `test_s3_copy_object_preconditions` and `test_upload_part_copy_with_*`.
#[tokio::test]
async fn a_copy_checks_the_conditions_on_its_source() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    let etag = s3.put_object().bucket("photos").key("k").send().await.unwrap().e_tag.unwrap();
    let modified = *s3.head_object().bucket("photos").key("k").send().await.unwrap().last_modified().unwrap();
    let (past, future) = (DateTime::from_secs(modified.secs() - 86_400), DateTime::from_secs(modified.secs() + 86_400));
    let created = s3.create_multipart_upload().bucket("photos").key("parts").send().await.unwrap();
    let id = created.upload_id().unwrap();
    for (condition, if_match, unmodified, if_none_match, modified_since) in [
        (Some("If-Match"), Some("etag123"), Some(past), Some(etag.as_str()), Some(modified)),
        (Some("If-Unmodified-Since"), None, Some(past), Some(etag.as_str()), Some(modified)),
        (Some("If-None-Match"), None, None, Some(etag.as_str()), Some(modified)),
        (Some("If-Modified-Since"), None, None, None, Some(modified)),
        // A time in the future is ignored.
        (None, None, None, None, Some(future)),
        (None, Some(etag.as_str()), Some(past), Some("etag123"), Some(past)),
    ] {
        let (if_match, if_none_match) = (if_match.map(str::to_owned), if_none_match.map(str::to_owned));
        let copy = s3.copy_object().bucket("photos").key("copy").copy_source("photos/k");
        let copy = copy.set_copy_source_if_match(if_match.clone()).set_copy_source_if_none_match(if_none_match.clone());
        let copy = copy.set_copy_source_if_modified_since(modified_since);
        let copy = copy.set_copy_source_if_unmodified_since(unmodified).send().await;
        let copied = s3.upload_part_copy().bucket("photos").key("parts").upload_id(id).part_number(1);
        let copied = copied.copy_source("photos/k").set_copy_source_if_match(if_match);
        let copied =
            copied.set_copy_source_if_none_match(if_none_match).set_copy_source_if_modified_since(modified_since);
        let copied = copied.set_copy_source_if_unmodified_since(unmodified).send().await;
        let Some(condition) = condition else {
            copy.unwrap();
            copied.unwrap();
            continue;
        };
        let body = |response: &aws_sdk_s3::config::http::HttpResponse| {
            String::from_utf8_lossy(response.body().bytes().unwrap()).into_owned()
        };
        let expected = format!("<Condition>x-amz-copy-source-{condition}</Condition>");
        for body in [body(copy.unwrap_err().raw_response().unwrap()), body(copied.unwrap_err().raw_response().unwrap())]
        {
            assert!(body.contains("<Code>PreconditionFailed</Code>") && body.contains(&expected), "{expected}: {body}");
        }
    }
    let out = [("x-amz-copy-source", "photos/k"), ("x-amz-copy-source-range", "bytes=100-200")];
    let answer =
        raw(fixture.cloud.endpoint(), &format!("PUT /photos/parts?partNumber=1&uploadId={id}"), &out, b"").await;
    let message = "The specified copy range is invalid for the source object size";
    answer.expect(400, &["<Code>InvalidRequest</Code>", message]);
}

async fn part(fixture: &Fixture, id: &str) -> CompletedPart {
    let part = fixture.s3.upload_part().bucket("photos").key("k").upload_id(id).part_number(1);
    let sent = part.body(ByteStream::from_static(b"test")).send().await.unwrap();
    CompletedPart::builder().part_number(1).set_e_tag(sent.e_tag).build()
}

/// As recorded in `test_multipart_if_none_match_with_delete` and `test_multipart_if_match_with_put`.
#[tokio::test]
async fn a_conditional_upload_conflicts_with_what_happened_to_its_key() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    let put = || s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"test")).send();
    let create = || s3.create_multipart_upload().bucket("photos").key("k").send();
    put().await.unwrap();
    let created = create().await.unwrap();
    let id = created.upload_id().unwrap();
    let parts = CompletedMultipartUpload::builder().parts(part(&fixture, id).await).build();
    let complete = |id: &str, if_match: Option<&str>, if_none_match: Option<&str>| {
        let complete = s3.complete_multipart_upload().bucket("photos").key("k").upload_id(id);
        let complete = complete.set_if_match(if_match.map(str::to_owned));
        complete.set_if_none_match(if_none_match.map(str::to_owned)).multipart_upload(parts.clone()).send()
    };
    assert_eq!(complete(id, None, Some("*")).await.unwrap_err().code(), Some("PreconditionFailed"));
    s3.delete_object().bucket("photos").key("k").send().await.unwrap();
    let conflict = complete(id, None, Some("*")).await.unwrap_err();
    assert_eq!(conflict.raw_response().unwrap().status().as_u16(), 409);
    assert_eq!(conflict.code(), Some("ConditionalRequestConflict"));
    let etag = put().await.unwrap().e_tag.unwrap();
    assert_eq!(complete(id, Some("\"other\""), None).await.unwrap_err().code(), Some("PreconditionFailed"));
    assert_eq!(complete(id, Some(&etag), None).await.unwrap_err().code(), Some("ConditionalRequestConflict"));

    let created = create().await.unwrap();
    let id = created.upload_id().unwrap();
    part(&fixture, id).await;
    complete(id, Some(&etag), None).await.unwrap();
}

/// As recorded in `TestS3MultipartUploadChecksum`.
#[tokio::test]
async fn a_completion_that_does_not_fit_its_upload_is_refused() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    let created = s3.create_multipart_upload().bucket("photos").key("k").send().await.unwrap();
    let id = created.upload_id().unwrap();
    let sent = part(&fixture, id).await;
    let complete = |part: CompletedPart| {
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        s3.complete_multipart_upload().bucket("photos").key("k").upload_id(id).multipart_upload(parts)
    };
    let size = complete(sent.clone()).mpu_object_size(5).send().await.unwrap_err();
    let message = "The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: 4";
    assert_eq!(size.message(), Some(message));
    let kind = complete(sent.clone()).checksum_type(ChecksumType::Composite).send().await.unwrap_err();
    let message =
        "The upload was created using the null checksum mode. The complete request must use the same checksum mode.";
    assert_eq!((kind.code(), kind.message()), (Some("InvalidRequest"), Some(message)));
    let with_checksum =
        CompletedPart::builder().part_number(1).set_e_tag(sent.e_tag.clone()).checksum_crc32("2H9+DA==");
    let not_asked = complete(with_checksum.build()).send().await.unwrap_err();
    assert_eq!(not_asked.code(), Some("InvalidPart"));

    let created = s3.create_multipart_upload().bucket("photos").key("k").checksum_algorithm(ChecksumAlgorithm::Crc32);
    let created = created.send().await.unwrap();
    let id = created.upload_id().unwrap();
    let etag = part(&fixture, id).await.e_tag;
    let other = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(etag)
        .checksum_sha256("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=");
    let parts = CompletedMultipartUpload::builder().parts(other.build()).build();
    let other = s3.complete_multipart_upload().bucket("photos").key("k").upload_id(id).multipart_upload(parts);
    let other = other.send().await.unwrap_err();
    assert_eq!(other.message(), Some("The sha256 you specified for part 1 did not match what we received."));
}

#[tokio::test]
async fn a_read_may_replace_headers_of_the_object() {
    let fixture = start().await;
    fixture.s3.put_object().bucket("photos").key("k").content_type("image/png").send().await.unwrap();
    let query =
        "response-content-type=text%2Fplain&response-content-disposition=attachment&response-cache-control=no-cache";
    for method in ["GET", "HEAD"] {
        let answer = raw(fixture.cloud.endpoint(), &format!("{method} /photos/k?{query}"), &[], b"").await;
        for header in ["content-type: text/plain", "content-disposition: attachment", "cache-control: no-cache"] {
            assert!(answer.head.contains(header), "{method} {header}: {}", answer.head);
        }
    }
}

#[tokio::test]
async fn a_bucket_is_made_in_the_region_of_the_cloud_only() {
    let fixture = start().await;
    let configuration = |location: &str| {
        format!(
            "<CreateBucketConfiguration><LocationConstraint>{location}</LocationConstraint></CreateBucketConfiguration>"
        )
    };
    for (location, code) in [
        ("us-east-1", "InvalidLocationConstraint"),
        ("foo", "InvalidLocationConstraint"),
        ("eu-west-1", "IllegalLocationConstraintException"),
    ] {
        let answer = raw(fixture.cloud.endpoint(), "PUT /another", &[], configuration(location).as_bytes()).await;
        answer.expect(400, &[&format!("<Code>{code}</Code>")]);
    }
    let versioning =
        |status: &str| format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos?versioning", &[], versioning("enabled").as_bytes()).await;
    answer.expect(400, &["<Code>MalformedXML</Code>"]);
    let rule = "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue>\
                <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name></FilterRule></S3Key>\
                </Filter></QueueConfiguration></NotificationConfiguration>";
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos?notification", &[], rule.as_bytes()).await;
    answer.expect(400, &["<Code>MalformedXML</Code>"]);
}

#[tokio::test]
async fn what_a_copy_or_a_deletion_does_not_understand_changes_nothing() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    assert_eq!(raw(endpoint, "PUT /photos/k", &[], b"x").await.status, 200);
    for (header, value, code) in [
        ("x-amz-metadata-directive", "MERGE", "InvalidArgument"),
        ("x-amz-tagging-directive", "MERGE", "InvalidArgument"),
        ("x-amz-checksum-algorithm", "TEST", "InvalidRequest"),
    ] {
        let headers = [("x-amz-copy-source", "photos/k"), (header, value)];
        let answer = raw(endpoint, "PUT /photos/copy", &headers, b"").await;
        answer.expect(400, &[&format!("<Code>{code}</Code>")]);
    }
    let delete = b"<Delete><Object><Key>k</Key><Size>7</Size></Object></Delete>";
    let answer = raw(endpoint, "POST /photos?delete", &[], delete).await;
    answer.expect(200, &["<Code>NotImplemented</Code>"]);
    assert!(!answer.body.contains("<Deleted>"), "{}", answer.body);
    let keys = fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap();
    assert_eq!(keys.contents().iter().filter_map(|object| object.key()).collect::<Vec<_>>(), ["k"]);
}

/// As recorded in `test_complete_multipart_parts_checksum_default`.
#[tokio::test]
async fn the_parts_of_an_upload_without_an_algorithm_show_no_checksum() {
    let fixture = start().await;
    let s3 = &fixture.s3;
    s3.put_object().bucket("photos").key("source").body(ByteStream::from_static(b"test")).send().await.unwrap();
    for (algorithm, is_shown) in [(None, false), (Some(ChecksumAlgorithm::Crc32), true)] {
        let created = s3.create_multipart_upload().bucket("photos").key("k").set_checksum_algorithm(algorithm);
        let created = created.send().await.unwrap();
        let id = created.upload_id().unwrap();
        part(&fixture, id).await;
        let listed = s3.list_parts().bucket("photos").key("k").upload_id(id).send().await.unwrap();
        assert_eq!(listed.parts()[0].checksum_crc32().is_some(), is_shown);
        let copied = s3.upload_part_copy().bucket("photos").key("k").upload_id(id).part_number(1);
        let copied = copied.copy_source("photos/source").send().await.unwrap();
        assert!(copied.server_side_encryption().is_some());
        let copied = copied.copy_part_result().unwrap();
        assert_eq!((copied.checksum_crc32().is_some(), copied.checksum_crc64_nvme()), (is_shown, None));
    }
}
