//! Presigned URLs: any credentials, but not after their end.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use crate::common::{raw, start};

#[tokio::test]
async fn a_presigned_url_writes_and_reads_until_it_ends() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    let target = |uri: &str| uri.strip_prefix(endpoint).unwrap().to_owned();
    let valid = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let put = fixture.s3.put_object().bucket("photos").key("a b+é.png").content_type("image/png");
    let put = put.presigned(valid.clone()).await.unwrap();
    let headers: Vec<_> = put.headers().filter(|(name, _)| *name != "content-length").collect();
    let answer = raw(endpoint, &format!("PUT {}", target(put.uri())), &headers, b"hello").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.head.contains("x-amz-request-id"), "{}", answer.head);

    let get = fixture.s3.get_object().bucket("photos").key("a b+é.png").presigned(valid).await.unwrap();
    let answer = raw(endpoint, &format!("GET {}", target(get.uri())), &[], b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));

    let past = PresigningConfig::builder()
        .start_time(SystemTime::now() - Duration::from_mins(2))
        .expires_in(Duration::from_mins(1))
        .build()
        .unwrap();
    let get = fixture.s3.get_object().bucket("photos").key("a b+é.png").presigned(past).await.unwrap();
    let answer = raw(endpoint, &format!("GET {}", target(get.uri())), &[], b"").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"), "{}", answer.body);
}

#[tokio::test]
async fn the_bucket_may_be_in_the_host_name() {
    let fixture = start().await;
    fixture.s3.put_object().bucket("photos").key("a/b").body(ByteStream::from_static(b"x")).send().await.unwrap();
    let host = format!("photos.localhost:{}", fixture.cloud.endpoint().rsplit(':').next().unwrap());
    let answer = raw(fixture.cloud.endpoint(), "GET /a/b", &[("host", &host)], b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "x"));
    let answer = raw(fixture.cloud.endpoint(), "GET /?list-type=2&prefix=a%2F", &[("host", &host)], b"").await;
    assert!(answer.body.contains("<Key>a/b</Key>"), "{}", answer.body);
}
