//! Listing a large bucket with many requests at the same time: nothing is lost or doubled, whatever the endpoint does and
//! while keys come and go.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use imgwatch::config::Feeds;
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::objects::ListingOrder;
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_bench::{Keys, Options, Shape, StartAfter, Stub};

use super::bench::{self, Bench};

const ORDERS: [ListingOrder; 2] = [ListingOrder::AsTheyCome, ListingOrder::ByKey];

/// The keys of a listing as they came.
async fn list(bench: &mut Bench, request: u64, order: ListingOrder) -> Result<Vec<String>, Problem> {
    let request = RequestId(request);
    bench.perform(CloudEffect::ListObjects { request, order });
    let mut keys = Vec::new();
    bench
        .until(move |update| match update {
            Update::ObjectsListed { request: r, page, last } if r == request => {
                keys.extend(page.iter().map(|object| object.key.raw().to_owned()));
                last.then(|| Ok(std::mem::take(&mut keys)))
            }
            Update::ObjectsFailed { request: r, problem } if r == request => Some(Err(problem)),
            _ => None,
        })
        .await
}

async fn stub(keys: impl IntoIterator<Item = String>, options: Options) -> (Arc<RwLock<BTreeSet<String>>>, Stub) {
    let keys = Arc::new(RwLock::new(keys.into_iter().collect()));
    let stub = Stub::start(Keys::Set(Arc::clone(&keys)), options).await.expect("a free port");
    (keys, stub)
}

fn on(stub: &Stub) -> Bench {
    Bench::new(bench::settings(&stub.url()), Feeds::default())
}

fn numbered(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("photos/2026/{number:06}.png"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_every_shape_are_listed_in_order_or_as_they_come() {
    for shape in Shape::ALL {
        let keys = Keys::Computed { shape, count: 6_000 };
        let options = Options { most: Some(50), ..Options::default() };
        let stub = Stub::start(keys, options).await.expect("a free port");
        let mut bench = on(&stub);
        let in_order = list(&mut bench, 1, ListingOrder::ByKey).await.expect("a listing");
        assert_eq!((in_order.len(), in_order.is_sorted_by(|a, b| a < b)), (6_000, true), "{shape:?}");
        let mut as_they_came = list(&mut bench, 2, ListingOrder::AsTheyCome).await.expect("a listing");
        as_they_came.sort_unstable();
        assert!(as_they_came == in_order, "{shape:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_made_at_the_same_time() {
    let options = Options { most: Some(100), latency: Duration::from_millis(20), ..Options::default() };
    let (_, stub) = stub(numbered(10_000), options).await;
    let mut bench = on(&stub);
    assert_eq!(list(&mut bench, 1, ListingOrder::AsTheyCome).await.map(|keys| keys.len()), Ok(10_000));
    assert!(stub.most_at_once() > 8, "{} at the same time", stub.most_at_once());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exists_throughout_is_listed_once_while_keys_come_and_go() {
    for order in ORDERS {
        let options = Options { most: Some(20), latency: Duration::from_millis(1), ..Options::default() };
        let (keys, stub) = stub(numbered(4_000), options).await;
        let others = Arc::clone(&keys);
        let changes = tokio::spawn(async move {
            for round in 0u32.. {
                {
                    let mut keys = others.write().expect("no writer panics");
                    for number in 0..400 {
                        let key = format!("photos/2026/{:06}.png.{}", (number * 37 + round) % 4_000, number % 3);
                        if !keys.remove(&key) {
                            keys.insert(key);
                        }
                    }
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let listed = list(&mut on(&stub), 1, order).await.expect("a listing");
        changes.abort();
        let unique: BTreeSet<&String> = listed.iter().collect();
        assert_eq!(unique.len(), listed.len(), "{order:?}: nothing is doubled");
        let lost: Vec<String> = numbered(4_000).filter(|key| !unique.contains(key)).collect();
        assert!(lost.is_empty(), "{order:?}: {lost:?}");
        assert!(order == ListingOrder::AsTheyCome || listed.is_sorted());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_starts_elsewhere_is_listed_page_after_page() {
    let cases = [(StartAfter::Ignored, 1), (StartAfter::OfKeysThatExist, 1), (StartAfter::Refused, 0)];
    for (start_after, question) in cases {
        for order in ORDERS {
            let (_, stub) = stub(numbered(3_000), Options { most: Some(100), start_after, ..Options::default() }).await;
            let listed = list(&mut on(&stub), 1, order).await.expect("a listing");
            assert!(listed.iter().cloned().eq(numbered(3_000)), "{start_after:?}, {order:?}: {}", listed.len());
            assert_eq!(stub.answered(), 30 + question, "30 pages, and the question where it starts");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_slows_the_program_down_loses_nothing() {
    let (_, stub) = stub(numbered(3_000), Options { most: Some(50), refused: Some(5), ..Options::default() }).await;
    let listed = list(&mut on(&stub), 1, ListingOrder::ByKey).await.expect("a listing");
    assert!(listed.iter().cloned().eq(numbered(3_000)));
    assert!(stub.refused() > 0, "it did slow down");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_never_goes_on_ends_the_listing() {
    for order in ORDERS {
        let (_, stub) =
            stub(numbered(300), Options { most: Some(100), ignores_tokens: true, ..Options::default() }).await;
        let problem = list(&mut on(&stub), 1, order).await.expect_err("no listing");
        assert!(problem.why.shown().contains("goes on where it already was"), "{order:?}: {problem}");
        assert_eq!((problem.kind, stub.answered()), (ProblemKind::Other, 2), "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_refuses_everything_ends_the_listing() {
    let (_, stub) = stub(numbered(3_000), Options { rate: Some(0), ..Options::default() }).await;
    let problem = list(&mut on(&stub), 1, ListingOrder::ByKey).await.expect_err("no listing");
    assert_eq!(problem.kind, ProblemKind::Throttled);
}
