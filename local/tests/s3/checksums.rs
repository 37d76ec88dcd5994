//! Every digest that a client announces is checked, in every form on the wire.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};

use crate::common::{raw, start};

#[tokio::test]
async fn every_algorithm_is_checked_kept_and_shown() {
    let fixture = start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"hello").unwrap();
    for (algorithm, value) in [
        (ChecksumAlgorithm::Crc32, "NhCmhg=="),
        (ChecksumAlgorithm::Crc32C, "mnG7TA=="),
        (ChecksumAlgorithm::Sha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        (ChecksumAlgorithm::Sha256, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
        (ChecksumAlgorithm::Crc64Nvme, "M3eFcAZSQlc="),
    ] {
        let bodies = [ByteStream::from_static(b"hello"), ByteStream::from_path(file.path()).await.unwrap()];
        for body in bodies {
            let put = fixture.s3.put_object().bucket("photos").key("k").checksum_algorithm(algorithm.clone());
            put.body(body).send().await.unwrap();
            let head = fixture.s3.head_object().bucket("photos").key("k").checksum_mode(ChecksumMode::Enabled);
            let head = head.send().await.unwrap();
            let shown = [
                head.checksum_crc32(),
                head.checksum_crc32_c(),
                head.checksum_sha1(),
                head.checksum_sha256(),
                head.checksum_crc64_nvme(),
            ];
            assert_eq!(shown.into_iter().flatten().collect::<Vec<_>>(), [value], "{algorithm:?}");
        }
    }
}

/// A code, the headers and the body that lead to it.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [u8]);

/// The wire forms that are wrong, and AWS's codes for them.
#[tokio::test]
async fn a_body_that_is_not_what_was_announced_is_refused_and_not_stored() {
    let fixture = start().await;
    let zeros = "0".repeat(64);
    let chunked: &[(&str, &str)] = &[
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let short: &[(&str, &str)] = &[("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "6")];
    let cases: [Case<'_>; 9] = [
        ("BadDigest", &[("x-amz-checksum-crc32", "AAAAAA==")], b"hello"),
        ("BadDigest", &[("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")], b"hello"),
        ("BadDigest", &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], b"hello"),
        ("InvalidDigest", &[("content-md5", "nonsense")], b"hello"),
        ("InvalidRequest", &[("x-amz-checksum-sha1", "AAAA")], b"hello"),
        ("XAmzContentSHA256Mismatch", &[("x-amz-content-sha256", &zeros)], b"hello"),
        ("BadDigest", chunked, b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
        ("MalformedTrailerError", chunked, b"5\r\nhello\r\n0\r\n\r\n"),
        ("IncompleteBody", short, b"5\r\nhello\r\n0\r\n\r\n"),
    ];
    for (code, headers, body) in cases {
        let answer = raw(fixture.cloud.endpoint(), "PUT /photos/wrong", headers, body).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{code}: {}", answer.body);
        assert!(answer.head.contains("x-amz-request-id"), "{}", answer.head);
    }
    let listed = fixture.s3.list_objects_v2().bucket("photos").send().await.unwrap();
    assert_eq!(listed.contents().len(), 0);
    let right = b"5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let answer = raw(fixture.cloud.endpoint(), "PUT /photos/right", chunked, right).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The checks are the same for bodies that are instructions, and not objects.
#[tokio::test]
async fn a_delete_whose_digest_is_wrong_deletes_nothing() {
    let fixture = start().await;
    fixture.s3.put_object().bucket("photos").key("keep").send().await.unwrap();
    let body = b"<Delete><Object><Key>keep</Key></Object></Delete>";
    let headers = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
    let answer = raw(fixture.cloud.endpoint(), "POST /photos?delete", &headers, body).await;
    assert!(answer.body.contains("<Code>BadDigest</Code>"), "{}", answer.body);
    fixture.s3.head_object().bucket("photos").key("keep").send().await.unwrap();
}
