//! Versions: those of one key and no other, page by page, and their content.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use futures_util::stream::{self, StreamExt as _};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::objects::{MOST, Version};
use imgwatch::domain::preview::{Preview, PreviewId};
use imgwatch::domain::problem::Problem;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, LocalCloud};
use std::time::Duration;

use super::bench::{self, Bench};

/// A cloud and a driver on a bucket that keeps versions.
async fn versioned() -> (LocalCloud, Bench) {
    let cloud = bench::cloud().await;
    let bench = Bench::on(&cloud).await;
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let put = bench::s3(&cloud).put_bucket_versioning().bucket("bench").versioning_configuration(enabled);
    put.send().await.expect("versions are kept");
    (cloud, bench)
}

async fn put(cloud: &LocalCloud, key: &str, text: &'static str) -> String {
    let put = bench::s3(cloud).put_object().bucket("bench").key(key).body(ByteStream::from_static(text.as_bytes()));
    put.send().await.expect("the object is written").version_id.unwrap_or_default()
}

/// The versions of a key and whether there are more, or why they could not be listed.
async fn list(bench: &mut Bench, request: RequestId, key: &str) -> Result<(Vec<Version>, bool), Problem> {
    bench.perform(CloudEffect::ListVersions { request, key: key.into() });
    bench
        .until(move |update| match update {
            Update::VersionsListed { request: r, versions, more } if r == request => Some(Ok((versions, more))),
            Update::VersionsFailed { request: r, problem } if r == request => Some(Err(problem)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn those_of_one_key_come_newest_first_and_no_others() {
    let (cloud, mut bench) = versioned().await;
    let key = "a b+ü%.png";
    let first = put(&cloud, key, "one").await;
    let second = put(&cloud, key, "two!").await;
    for other in ["a b+ü%.png.bak", "a b+ü%.png/inside", "a b+ü%"] {
        put(&cloud, other, "x").await;
    }
    let delete = bench::s3(&cloud).delete_object().bucket("bench").key(key).send().await.expect("it is deleted");
    let marker = delete.version_id.unwrap_or_default();
    let (versions, more) = list(&mut bench, RequestId(1), key).await.expect("they are listed");
    let told: Vec<_> = versions
        .iter()
        .map(|version| (version.id.raw(), version.is_latest, version.content.as_ref().map(|content| content.size)))
        .collect();
    assert_eq!(told, [(marker.as_str(), true, None), (second.as_str(), false, Some(4)), (&first, false, Some(3))]);
    assert!(!more);
    let (none, _) = list(&mut bench, RequestId(2), "a b").await.expect("they are listed");
    assert_eq!(none, [], "a prefix is no key");
}

#[tokio::test]
async fn a_bucket_that_keeps_none_has_one_called_null() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    for text in ["one", "two"] {
        put(&cloud, "k", text).await;
    }
    let (versions, _) = list(&mut bench, RequestId(1), "k").await.expect("they are listed");
    let [only] = &versions[..] else { panic!("{versions:?}") };
    assert!(only.is_null() && only.is_latest, "{only:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_very_many_the_newest_are_listed_and_it_is_said_that_there_are_more() {
    let (cloud, mut bench) = versioned().await;
    let client = bench::s3(&cloud);
    let writes = stream::iter(0..MOST).map(|_| {
        let put = client.put_object().bucket("bench").key("k").body(ByteStream::from_static(b"x"));
        async move { put.send().await.expect("the object is written") }
    });
    writes.buffer_unordered(16).for_each(|_| async {}).await;
    put(&cloud, "k/other", "x").await;
    let (all, more) = list(&mut bench, RequestId(1), "k").await.expect("they are listed");
    assert_eq!((all.len(), more), (MOST, false), "the next key is another one");
    let newest = put(&cloud, "k", "newest").await;
    let (most, more) = list(&mut bench, RequestId(2), "k").await.expect("they are listed");
    assert_eq!((most.len(), more), (MOST, true));
    assert_eq!((most[0].id.raw(), most[0].is_latest), (newest.as_str(), true));
}

#[tokio::test]
async fn the_right_that_is_missing_to_list_them_is_named() {
    let (cloud, mut bench) = versioned().await;
    put(&cloud, "k", "x").await;
    bench::fail(&cloud, "s3", "ListObjectVersions", 1, 403, "AccessDenied");
    let denied = list(&mut bench, RequestId(1), "k").await.expect_err("no listing");
    assert_eq!(denied.what.shown(), "cannot list the versions of k");
    assert!(denied.why.shown().contains("s3:ListBucketVersions") && !denied.is_transient(), "{denied}");
    bench::fail(&cloud, "s3", "ListObjectVersions", 1, 503, "SlowDown");
    assert!(list(&mut bench, RequestId(2), "k").await.is_ok(), "short trouble is outlived");
}

#[tokio::test]
async fn a_new_listing_takes_the_place_of_the_one_before() {
    let (cloud, mut bench) = versioned().await;
    bench::inject(&cloud, "s3", "ListObjectVersions", u32::MAX, Fault::Delay(Duration::from_secs(3_600)));
    bench.until(|update| matches!(update, Update::Connected { .. }).then_some(())).await;
    bench.perform(CloudEffect::ListVersions { request: RequestId(1), key: "a".into() });
    // As a rule the request has gone out by then; that the next one takes its place holds either way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    cloud.clear_faults();
    bench.perform(CloudEffect::ListVersions { request: RequestId(2), key: "b".into() });
    let answered = bench
        .until(|update| match update {
            Update::VersionsListed { request, .. } | Update::VersionsFailed { request, .. } => Some(request),
            _ => None,
        })
        .await;
    assert_eq!(answered, RequestId(2));
}

#[tokio::test]
async fn what_was_overwritten_is_previewed_by_its_id() {
    let (cloud, mut bench) = versioned().await;
    put(&cloud, "k", "before").await;
    put(&cloud, "k", "after").await;
    let (versions, _) = list(&mut bench, RequestId(1), "k").await.expect("they are listed");
    for (request, (version, text)) in (2..).map(RequestId).zip(versions.iter().zip(["after", "before"])) {
        let content = version.content.clone().expect("it has content");
        let named = (!version.is_latest).then(|| version.id.clone());
        let id = PreviewId::Object { key: "k".into(), e_tag: content.e_tag, version: named };
        bench.perform(CloudEffect::Preview { request, id, size: content.size });
        let preview = bench
            .until(move |update| match update {
                Update::Previewed { request: r, preview } if r == request => Some(preview),
                _ => None,
            })
            .await;
        assert!(matches!(&preview, Ok(Preview::Text { lines, .. }) if lines[0].shown() == text), "{preview:?}");
    }
    let old = versions.last().expect("the older one");
    bench::fail(&cloud, "s3", "GetObject", 1, 403, "AccessDenied");
    let id = PreviewId::Object { key: "k".into(), e_tag: None, version: Some(old.id.clone()) };
    bench.perform(CloudEffect::Preview { request: RequestId(9), id, size: 6 });
    let denied = bench
        .until(|update| match update {
            Update::Previewed { request: RequestId(9), preview } => Some(preview),
            _ => None,
        })
        .await;
    assert!(denied.expect_err("no preview").why.shown().starts_with("s3:GetObjectVersion is not allowed"));
}
