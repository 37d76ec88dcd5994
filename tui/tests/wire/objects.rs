//! Listing: pages, odd keys, bad weather.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use futures_util::stream::{self, StreamExt as _};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::objects::{ListingOrder, Object};
use imgwatch::domain::preview::{Preview, PreviewId};
use imgwatch::domain::problem::Problem;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use imgwatch_local::{Fault, LocalCloud};

use super::bench::{self, Bench};

const ODD: [&str; 14] = [
    "a b.png",
    "a+b.png",
    "a%20b.png",
    "a%2Bb.png",
    "ünïcödé/ü.png",
    "emoji 😀.png",
    "\u{202e}gpj.exe",
    "\u{1b}]0;x\u{7}\n.png",
    "tab\there",
    "<xml> & \"quotes\" '",
    "//slashes//",
    "..dots",
    "=formula",
    "日本語.png",
];

async fn put(cloud: &LocalCloud, keys: impl IntoIterator<Item = String>) {
    let client = bench::s3(cloud);
    let puts = stream::iter(keys).map(|key| {
        let put = client.put_object().bucket("bench").key(key).body(ByteStream::from_static(b"x"));
        async move { put.send().await.expect("the object is written") }
    });
    puts.buffer_unordered(16).for_each(|_| async {}).await;
}

/// All pages of a listing, or why it failed.
async fn list(bench: &mut Bench, request: RequestId) -> Result<Vec<Vec<Object>>, Problem> {
    bench.perform(CloudEffect::ListObjects { request, order: ListingOrder::ByKey });
    let mut pages = Vec::new();
    bench
        .until(move |update| match update {
            Update::ObjectsListed { request: r, page, last } if r == request => {
                pages.push(page.iter().collect());
                last.then(|| Ok(std::mem::take(&mut pages)))
            }
            Update::ObjectsFailed { request: r, problem } if r == request => Some(Err(problem)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_bucket_comes_in_pages_in_order() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    put(&cloud, (0..2_500).map(|number| format!("photos/{number:05}.png"))).await;
    let pages = list(&mut bench, RequestId(1)).await.expect("the listing works");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    let keys: Vec<_> = pages.iter().flatten().map(|object| object.key.raw().to_owned()).collect();
    assert_eq!(keys, (0..2_500).map(|number| format!("photos/{number:05}.png")).collect::<Vec<_>>());
}

#[tokio::test]
async fn odd_keys_come_back_as_they_were_written() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    put(&cloud, ODD.map(str::to_owned)).await;
    let pages = list(&mut bench, RequestId(1)).await.expect("the listing works");
    let found: BTreeSet<String> = pages.iter().flatten().map(|object| object.key.raw().to_owned()).collect();
    assert_eq!(found, ODD.map(str::to_owned).into());
    assert!(pages.iter().flatten().all(|object| object.size == 1 && object.e_tag.is_some()));

    for key in ODD {
        bench.perform(CloudEffect::FindObject { key: Clean::new(key) });
        let found = bench
            .until(|update| match update {
                Update::ObjectFound(object) => Some(object),
                _ => None,
            })
            .await;
        assert_eq!(found.key.raw(), key);
    }
}

#[tokio::test]
async fn short_trouble_is_outlived() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    put(&cloud, ["a.png".to_owned()]).await;
    let troubles = [
        Fault::Error { status: 503, code: "SlowDown".to_owned(), message: "slow".to_owned() },
        Fault::Error { status: 500, code: "InternalError".to_owned(), message: "oops".to_owned() },
        Fault::Cut,
        Fault::Delay(Duration::from_millis(300)),
    ];
    for (request, fault) in (1..).map(RequestId).zip(troubles) {
        bench::inject(&cloud, "s3", "ListObjectsV2", 1, fault.clone());
        let pages = list(&mut bench, request).await;
        assert_eq!(pages.map(|pages| pages.concat().len()), Ok(1), "{fault:?}");
    }
}

#[tokio::test]
async fn lasting_trouble_is_named() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    bench::fail(&cloud, "s3", "ListObjectsV2", 1, 403, "AccessDenied");
    let denied = list(&mut bench, RequestId(1)).await.expect_err("no listing");
    assert!(denied.why.shown().contains("s3:ListBucket") && !denied.is_transient(), "{denied}");
    assert_eq!(denied.what.shown(), "cannot list bucket bench");

    bench::fail(&cloud, "s3", "ListObjectsV2", 3, 503, "SlowDown");
    let slow = list(&mut bench, RequestId(2)).await.expect_err("no listing");
    assert!(slow.is_transient() && slow.why.shown().contains("SlowDown"), "{slow}");

    bench::s3(&cloud).delete_bucket().bucket("bench").send().await.expect("the bucket goes");
    let missing = list(&mut bench, RequestId(3)).await.expect_err("no listing");
    assert!(missing.why.shown().contains("NoSuchBucket") && missing.hint.contains("--bucket"), "{missing}");
}

#[tokio::test]
async fn a_new_listing_takes_the_place_of_the_one_before() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    bench::inject(&cloud, "s3", "ListObjectsV2", u32::MAX, Fault::Delay(Duration::from_secs(3_600)));
    bench.until(|update| matches!(update, Update::Connected { .. }).then_some(())).await;
    bench.perform(CloudEffect::ListObjects { request: RequestId(1), order: ListingOrder::ByKey });
    bench.perform(CloudEffect::ListObjects { request: RequestId(2), order: ListingOrder::ByKey });
    // As a rule a request has gone out by then; that the next one takes its place holds either way.
    tokio::time::sleep(Duration::from_millis(200)).await;
    cloud.clear_faults();
    bench.perform(CloudEffect::ListObjects { request: RequestId(3), order: ListingOrder::ByKey });
    let answered = bench
        .until(|update| match update {
            Update::ObjectsListed { request, .. } | Update::ObjectsFailed { request, .. } => Some(request),
            _ => None,
        })
        .await;
    assert_eq!(answered, RequestId(3));
}

#[tokio::test]
async fn a_preview_comes_with_what_s3_says_of_the_object() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let put = bench::s3(&cloud).put_object().bucket("bench").key("notes").content_type("text/x-notes");
    let e_tag = put.body(b"some notes".to_vec().into()).send().await.expect("it is stored").e_tag.unwrap_or_default();
    let id = PreviewId::Object { key: "notes".into(), e_tag: Some(e_tag.trim_matches('"').into()), version: None };
    bench.perform(CloudEffect::Preview { request: RequestId(1), id: id.clone(), size: 10 });
    let about = bench
        .until(|update| match update {
            Update::Described { id: described, about } if described == id => Some(about),
            _ => None,
        })
        .await;
    assert_eq!((about.content_type, about.version_id), (Some("text/x-notes".into()), None));
    let preview = bench
        .until(|update| match update {
            Update::Previewed { request: RequestId(1), preview } => Some(preview),
            _ => None,
        })
        .await;
    assert!(matches!(preview, Ok(Preview::Text { lines, more: false }) if lines[0].shown() == "some notes"));
}
