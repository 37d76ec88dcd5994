//! Multipart uploads.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};

use crate::common::{Fixture, start};

const PART: usize = 5 * 1024 * 1024;

/// Uploads a part. Only where the upload named an algorithm may its completion name the checksums of the parts.
async fn upload(fixture: &Fixture, id: &str, number: i32, data: &[u8], has_algorithm: bool) -> CompletedPart {
    let part = fixture.s3.upload_part().bucket("photos").key("big").upload_id(id).part_number(number);
    let sent = part.body(ByteStream::from(data.to_vec())).send().await.unwrap();
    let checksum = sent.checksum_crc32.filter(|_| has_algorithm);
    CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).set_checksum_crc32(checksum).build()
}

fn parts(parts: &[CompletedPart]) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder().set_parts(Some(parts.to_vec())).build()
}

#[tokio::test]
async fn twelve_mebibytes_in_three_parts_become_one_object() {
    let fixture = start().await;
    let data: Vec<u8> = (0..12 * 1024 * 1024_u32).map(|number| (number % 253) as u8).collect();
    for algorithm in [None, Some(ChecksumAlgorithm::Crc32)] {
        let create = fixture.s3.create_multipart_upload().bucket("photos").key("big").content_type("image/png");
        let create = create.set_checksum_algorithm(algorithm.clone()).send().await.unwrap();
        let id = create.upload_id().unwrap();
        let mut done = Vec::new();
        for (data, number) in data.chunks(PART).zip(1..) {
            done.push(upload(&fixture, id, number, data, algorithm.is_some()).await);
        }
        let listed =
            fixture.s3.list_parts().bucket("photos").key("big").upload_id(id).max_parts(2).send().await.unwrap();
        assert_eq!((listed.parts().len(), listed.is_truncated()), (2, Some(true)));
        assert_eq!(fixture.s3.list_multipart_uploads().bucket("photos").send().await.unwrap().uploads().len(), 1);
        let complete = fixture.s3.complete_multipart_upload().bucket("photos").key("big").upload_id(id);
        let complete = complete.multipart_upload(parts(&done)).send().await.unwrap();
        assert!(complete.e_tag().unwrap().ends_with("-3\""), "{complete:?}");
        let kind = if algorithm.is_some() { ChecksumType::Composite } else { ChecksumType::FullObject };
        assert_eq!(complete.checksum_type(), Some(&kind));
        let got = fixture.s3.get_object().bucket("photos").key("big").send().await.unwrap();
        assert_eq!((got.content_type(), got.e_tag()), (Some("image/png"), complete.e_tag()));
        assert!(got.body.collect().await.unwrap().to_vec() == data);
        let second = fixture.s3.get_object().bucket("photos").key("big").part_number(3).send().await.unwrap();
        assert_eq!(second.parts_count(), Some(3));
        assert!(second.body.collect().await.unwrap().to_vec() == data[2 * PART..]);
        assert_eq!(fixture.s3.list_multipart_uploads().bucket("photos").send().await.unwrap().uploads().len(), 0);
    }
    let copy = fixture.s3.copy_object().bucket("photos").key("copy").copy_source("photos/big").send().await.unwrap();
    let etag = copy.copy_object_result().unwrap().e_tag().unwrap();
    assert_eq!(etag.len(), 34, "the copy is one piece, so its ETag is the MD5: {etag}");
}

#[tokio::test]
async fn wrong_parts_are_refused() {
    let fixture = start().await;
    let create = fixture.s3.create_multipart_upload().bucket("photos").key("big").send().await.unwrap();
    let id = create.upload_id().unwrap();
    let one = upload(&fixture, id, 1, b"small", false).await;
    let two = upload(&fixture, id, 2, b"last", false).await;
    let unknown = CompletedPart::builder().part_number(3).e_tag("\"00000000000000000000000000000000\"").build();
    let cases = [
        ("EntityTooSmall", vec![one.clone(), two.clone()]),
        ("InvalidPartOrder", vec![two.clone(), one.clone()]),
        ("InvalidPart", vec![unknown]),
        ("MalformedXML", vec![]),
    ];
    for (code, list) in cases {
        let complete = fixture.s3.complete_multipart_upload().bucket("photos").key("big").upload_id(id);
        let error = complete.multipart_upload(parts(&list)).send().await.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some(code), "{error:?}");
    }
    let complete = fixture.s3.complete_multipart_upload().bucket("photos").key("big").upload_id(id).if_none_match("*");
    complete.multipart_upload(parts(std::slice::from_ref(&two))).send().await.unwrap();
    let again = fixture.s3.complete_multipart_upload().bucket("photos").key("big").upload_id(id);
    let error = again.multipart_upload(parts(&[two])).send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NoSuchUpload"));

    let create = fixture.s3.create_multipart_upload().bucket("photos").key("big").send().await.unwrap();
    let id = create.upload_id().unwrap();
    fixture.s3.abort_multipart_upload().bucket("photos").key("big").upload_id(id).send().await.unwrap();
    let part = fixture.s3.upload_part().bucket("photos").key("big").upload_id(id).part_number(1);
    let error = part.body(ByteStream::from_static(b"late")).send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("NoSuchUpload"));
}
