//! Objects: writing, reading, conditions, deleting.

use std::io::Write as _;

use aws_sdk_s3::primitives::ByteStream;

use crate::common::start;

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
