//! Parts of an object: ranges of bytes, and the parts of its upload.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart};

use crate::common::{raw, start};

/// As recorded in `test_get_object_range`.
#[tokio::test]
async fn a_malformed_range_and_several_ranges_give_the_whole_object() {
    let fixture = start().await;
    let put = fixture.s3.put_object().bucket("photos").key("k").checksum_algorithm(ChecksumAlgorithm::Crc32);
    put.body(ByteStream::from_static(b"0123456789")).send().await.unwrap();
    for (range, status, body, content_range, has_checksum) in [
        ("bytes=0-8", 206, "012345678", "bytes 0-8/10", false),
        ("bytes=-15", 206, "0123456789", "bytes 0-9/10", true),
        ("bytes=0-100", 206, "0123456789", "bytes 0-9/10", true),
        ("bytes=1-0", 200, "0123456789", "", true),
        ("bytes=-1-", 200, "0123456789", "", true),
        ("bytes=0--1", 200, "0123456789", "", true),
        ("bytes=-", 200, "0123456789", "", true),
        ("bytes=0-1,3-4,7-9", 200, "0123456789", "", true),
        ("0-8", 200, "0123456789", "", true),
    ] {
        let headers = [("range", range), ("x-amz-checksum-mode", "ENABLED")];
        let answer = raw(fixture.cloud.endpoint(), "GET /photos/k", &headers, b"").await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{range}");
        let line = format!("content-range: {content_range}\r\n");
        assert_eq!(answer.head.contains("content-range"), !content_range.is_empty(), "{range}: {}", answer.head);
        assert!(content_range.is_empty() || answer.head.contains(&line), "{range}: {}", answer.head);
        assert_eq!(answer.head.contains("x-amz-checksum-crc32: pothxg=="), has_checksum, "{range}: {}", answer.head);
        let head = raw(fixture.cloud.endpoint(), "HEAD /photos/k", &headers, b"").await;
        assert_eq!((head.status, head.body.as_str()), (status, ""), "{range}");
    }
}

#[tokio::test]
async fn a_range_that_nothing_satisfies_is_refused_with_the_size() {
    let fixture = start().await;
    fixture.s3.put_object().bucket("photos").key("empty").send().await.unwrap();
    let put = fixture.s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"0123456789"));
    put.send().await.unwrap();
    for (key, range, size) in [
        ("k", "bytes=-0", 10),
        ("k", "bytes=10-", 10),
        ("k", "bytes=100-200", 10),
        ("empty", "bytes=0-", 0),
        ("empty", "bytes=-1", 0),
    ] {
        let answer = raw(fixture.cloud.endpoint(), &format!("GET /photos/{key}"), &[("range", range)], b"").await;
        let parts = [
            "<Code>InvalidRange</Code>",
            &format!("<RangeRequested>{range}</RangeRequested>"),
            &format!("<ActualObjectSize>{size}</ActualObjectSize>"),
        ];
        answer.expect(416, &parts);
        assert!(answer.head.contains(&format!("content-range: bytes */{size}\r\n")), "{}", answer.head);
    }
}

/// As recorded in `test_get_object_part` and `test_get_object_part_checksum`.
#[tokio::test]
async fn a_part_number_names_a_part_of_the_upload() {
    let fixture = start().await;
    let (s3, endpoint) = (&fixture.s3, fixture.cloud.endpoint());
    let single = s3.put_object().bucket("photos").key("single").body(ByteStream::from_static(b"test-123"));
    single.send().await.unwrap();
    let created = s3.create_multipart_upload().bucket("photos").key("parts");
    let created = created.checksum_algorithm(ChecksumAlgorithm::Crc32C).send().await.unwrap();
    let id = created.upload_id().unwrap();
    let mut done = Vec::new();
    for (number, data) in [(1, vec![7; 5 * 1024 * 1024]), (2, b"test content 123".to_vec())] {
        let sent = s3.upload_part().bucket("photos").key("parts").upload_id(id).part_number(number);
        let sent =
            sent.checksum_algorithm(ChecksumAlgorithm::Crc32C).body(ByteStream::from(data)).send().await.unwrap();
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
        done.push(part.set_checksum_crc32_c(sent.checksum_crc32_c).build());
    }
    let complete = s3.complete_multipart_upload().bucket("photos").key("parts").upload_id(id);
    let parts = CompletedMultipartUpload::builder().set_parts(Some(done)).build();
    complete.multipart_upload(parts).send().await.unwrap();

    let get = s3.get_object().bucket("photos").key("parts").part_number(2).checksum_mode(ChecksumMode::Enabled);
    let part = get.send().await.unwrap();
    assert_eq!(part.content_range(), Some("bytes 5242880-5242895/5242896"));
    assert_eq!((part.parts_count(), part.checksum_crc32_c()), (Some(2), Some("fwuu0Q==")));
    assert_eq!(part.body.collect().await.unwrap().to_vec(), b"test content 123");

    let whole = raw(endpoint, "GET /photos/single?partNumber=1", &[], b"").await;
    assert_eq!((whole.status, whole.body.as_str()), (206, "test-123"));
    assert!(whole.head.contains("content-range: bytes 0-7/8"), "{}", whole.head);
    assert!(!whole.head.contains("x-amz-mp-parts-count"), "{}", whole.head);
    for (key, number, count) in [("parts", 10, 2), ("single", 2, 1)] {
        let answer = raw(endpoint, &format!("GET /photos/{key}?partNumber={number}"), &[], b"").await;
        let parts = [
            "<Code>InvalidPartNumber</Code><Message>The requested partnumber is not satisfiable</Message>",
            &format!("<PartNumberRequested>{number}</PartNumberRequested>"),
            &format!("<ActualPartCount>{count}</ActualPartCount>"),
        ];
        answer.expect(416, &parts);
    }
    for number in [0, 10_001] {
        let answer = raw(endpoint, &format!("GET /photos/parts?partNumber={number}"), &[], b"").await;
        answer.expect(400, &["Part number must be an integer between 1 and 10000"]);
    }
}
