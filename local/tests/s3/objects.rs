//! Objects: writing, reading, conditions, deleting.

use std::io::Write as _;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::{RequestId as _, RequestIdExt as _};
use aws_sdk_s3::primitives::ByteStream;

use imgwatch_local::{Fault, FaultRule};

use crate::common::{raw, start};

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let fixture = start().await;
    let put = fixture
        .s3
        .put_object()
        .bucket("photos")
        .key("cat.png")
        .content_type("image/png")
        .metadata("camera", "a real one")
        .body(ByteStream::from_static(b"not really a cat"))
        .send()
        .await
        .unwrap();
    let got = fixture.s3.get_object().bucket("photos").key("cat.png").send().await.unwrap();
    assert_eq!(got.e_tag(), put.e_tag());
    assert_eq!(got.content_type(), Some("image/png"));
    assert_eq!(got.metadata().unwrap()["camera"], "a real one");
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"not really a cat");
    let head = fixture.s3.head_object().bucket("photos").key("cat.png").send().await.unwrap();
    assert_eq!(head.content_length(), Some(16));
    let list = fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap();
    assert_eq!(list.contents()[0].key(), Some("cat.png"));
    assert_eq!(list.contents()[0].e_tag(), put.e_tag());
}

/// A file's upload is `aws-chunked` with its checksum behind it, which memory's is not.
#[tokio::test]
async fn an_object_from_a_file_comes_back_as_it_was() {
    let fixture = start().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let data: Vec<u8> = (0..1_000_003_u32).map(|number| (number % 251) as u8).collect();
    file.write_all(&data).unwrap();
    let body = ByteStream::from_path(file.path()).await.unwrap();
    fixture.s3.put_object().bucket("photos").key("big").body(body).send().await.unwrap();
    let got = fixture.s3.get_object().bucket("photos").key("big").send().await.unwrap();
    assert_eq!(got.content_encoding(), None);
    assert_eq!(got.body.collect().await.unwrap().to_vec(), data);
}

#[tokio::test]
async fn a_range_is_a_part_of_the_object() {
    let fixture = start().await;
    let put = fixture.s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"0123456789"));
    put.send().await.unwrap();
    for (range, data, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=5-500", "56789", "bytes 5-9/10"),
    ] {
        let got = fixture.s3.get_object().bucket("photos").key("k").range(range).send().await.unwrap();
        assert_eq!(got.content_range(), Some(content_range));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), data.as_bytes());
    }
    let error = fixture.s3.get_object().bucket("photos").key("k").range("bytes=10-").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 416);
    assert_eq!(error.into_service_error().code(), Some("InvalidRange"));
}

#[tokio::test]
async fn a_condition_that_does_not_hold_stops_a_write_or_read() {
    let fixture = start().await;
    let put = || fixture.s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"x"));
    let error = put().if_match("\"none\"").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NoSuchKey"));
    let first = put().if_none_match("*").send().await.unwrap();
    let etag = first.e_tag().unwrap();
    let error = put().if_none_match("*").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    assert_eq!(error.into_service_error().code(), Some("PreconditionFailed"));
    let error = put().if_match("\"other\"").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("PreconditionFailed"));
    put().if_match(etag).send().await.unwrap();

    let get = || fixture.s3.get_object().bucket("photos").key("k");
    get().if_match(etag).send().await.unwrap();
    let error = get().if_match("\"other\"").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    let error = get().if_none_match(etag).send().await.unwrap_err();
    let response = error.raw_response().unwrap();
    assert_eq!((response.status().as_u16(), response.headers().get("etag")), (304, Some(etag)));
    let later = aws_sdk_s3::primitives::DateTime::from_secs(4_000_000_000);
    let error = get().if_modified_since(later).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 304);
    get().if_unmodified_since(later).send().await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said_with_awss_codes_and_ids() {
    let fixture = start().await;
    let (s3, endpoint) = (&fixture.s3, fixture.cloud.endpoint());
    let error = s3.get_object().bucket("photos").key("none").send().await.unwrap_err();
    let id = error.request_id().unwrap().to_owned();
    assert!(id.len() == 16 && id.bytes().all(|byte| b"0123456789ABCDEF".contains(&byte)), "{id}");
    assert!(error.extended_request_id().is_some());
    assert!(error.into_service_error().is_no_such_key());
    let error = s3.put_object().bucket("nobodys").key("k").send().await.unwrap_err().into_service_error();
    assert_eq!((error.code(), error.message()), (Some("NoSuchBucket"), Some("The specified bucket does not exist")));
    assert!(
        s3.head_object().bucket("photos").key("none").send().await.unwrap_err().into_service_error().is_not_found()
    );
    assert!(s3.head_bucket().bucket("nobodys").send().await.unwrap_err().into_service_error().is_not_found());
    let error = s3.delete_bucket().bucket("nobodys").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NoSuchBucket"));
    // Deleting what is not there is no error.
    s3.delete_object().bucket("photos").key("none").send().await.unwrap();
    s3.put_object().bucket("photos").key("k").send().await.unwrap();
    let error = s3.delete_bucket().bucket("photos").send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("BucketNotEmpty"));
    // What the protocol layer refuses by itself has ids and a message too.
    for (request, code) in [("GET /X", "InvalidBucketName"), ("GET /photos?website", "NotImplemented")] {
        let answer = raw(endpoint, request, &[], b"").await;
        assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{}", answer.body);
        for part in ["<Message>", "<RequestId>", "<HostId>"] {
            assert!(answer.body.contains(part), "{part}: {}", answer.body);
        }
        assert!(answer.head.contains("x-amz-request-id:") && answer.head.contains("x-amz-id-2:"), "{}", answer.head);
    }
}

#[tokio::test]
async fn a_copy_is_the_same_object_under_another_key() {
    let fixture = start().await;
    let put = fixture.s3.put_object().bucket("photos").key("a b+é").content_type("image/png").metadata("m", "1");
    put.body(ByteStream::from_static(b"x")).send().await.unwrap();
    let copy = fixture.s3.copy_object().bucket("photos").key("copy").copy_source("photos/a%20b%2B%C3%A9");
    copy.send().await.unwrap();
    let got = fixture.s3.get_object().bucket("photos").key("copy").send().await.unwrap();
    assert_eq!((got.content_type(), got.metadata().unwrap()["m"].as_str()), (Some("image/png"), "1"));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"x");
    let same = fixture.s3.copy_object().bucket("photos").key("copy").copy_source("photos/copy").send().await;
    assert_eq!(same.unwrap_err().into_service_error().code(), Some("InvalidRequest"));
    let none = fixture.s3.copy_object().bucket("photos").key("copy").copy_source("photos/none").send().await;
    assert_eq!(none.unwrap_err().into_service_error().code(), Some("NoSuchKey"));
}

#[tokio::test]
async fn buckets_are_made_listed_and_deleted() {
    let fixture = start().await;
    fixture.s3.create_bucket().bucket("another").send().await.unwrap();
    let listed = fixture.s3.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert!(names.contains(&"another") && names.contains(&"photos"), "{names:?}");
    let head = fixture.s3.head_bucket().bucket("another").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("us-east-1"));
    let location = fixture.s3.get_bucket_location().bucket("another").send().await.unwrap();
    assert!(location.location_constraint().is_none_or(|one| one.as_str().is_empty()));
    fixture.s3.delete_bucket().bucket("another").send().await.unwrap();
    let gone = fixture.s3.head_bucket().bucket("another").send().await.unwrap_err();
    assert!(gone.into_service_error().is_not_found());
}

#[tokio::test]
async fn an_object_that_is_xml_keeps_its_length_and_its_bytes() {
    let fixture = start().await;
    let xml = "<a>\u{1}</a>";
    let put = fixture.s3.put_object().bucket("photos").key("a.xml").content_type("application/xml");
    put.body(ByteStream::from_static(xml.as_bytes())).send().await.unwrap();
    let head = fixture.s3.head_object().bucket("photos").key("a.xml").send().await.unwrap();
    assert_eq!(head.content_length(), i64::try_from(xml.len()).ok());
    let got = fixture.s3.get_object().bucket("photos").key("a.xml").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), xml.as_bytes());
}

#[tokio::test]
async fn what_is_not_kept_is_not_accepted() {
    let fixture = start().await;
    for (header, value, status, code) in [
        (
            "x-amz-grant-read",
            "uri=http://acs.amazonaws.com/groups/global/AllUsers",
            400,
            "AccessControlListNotSupported",
        ),
        ("x-amz-acl", "public-read", 400, "AccessControlListNotSupported"),
        ("x-amz-storage-class", "GLACIER", 501, "NotImplemented"),
    ] {
        let answer = raw(fixture.cloud.endpoint(), "PUT /photos/k", &[(header, value)], b"x").await;
        assert_eq!(answer.status, status, "{header}: {}", answer.body);
        assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{}", answer.body);
    }
    let standard = [("x-amz-storage-class", "STANDARD")];
    assert_eq!(raw(fixture.cloud.endpoint(), "PUT /photos/k", &standard, b"x").await.status, 200);
}

/// Otherwise a client that is still sending finds the connection closed, and tries again instead of reading why.
#[tokio::test]
async fn a_request_that_a_fault_refuses_is_read_to_its_end() {
    let fixture = start().await;
    let (code, message) = ("NotImplemented".to_owned(), "so it was asked for".to_owned());
    let fault = Fault::Error { status: 501, code, message };
    fixture.cloud.inject(FaultRule { service: "s3".to_owned(), operation: None, times: 1, fault });
    let body = vec![7; 32 * 1024 * 1024];
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos/k", &[], &body).await;
    assert_eq!(answer.status, 501, "{}", answer.body);
}

#[tokio::test]
async fn a_websites_page_is_refused() {
    let fixture = start().await;
    for headers in [[("host", "evil.example"), ("x", "y")], [("sec-fetch-site", "cross-site"), ("x", "y")]] {
        let answer = raw(fixture.cloud.endpoint(), "PUT /photos/evil", &headers, b"x").await;
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
    let listed = fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap();
    assert_eq!(listed.contents().len(), 0);
}
