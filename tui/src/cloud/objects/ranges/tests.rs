use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

impl Keyed for String {
    fn key(&self) -> &str {
        self
    }
}

/// A bucket that answers as S3 does.
struct Bucket {
    keys: BTreeSet<String>,
    page: usize,
}

impl Bucket {
    fn page(&self, after: &str) -> (Vec<String>, Option<String>) {
        let mut rest = self.keys.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let page: Vec<String> = rest.by_ref().take(self.page).cloned().collect();
        let token = rest.next().and_then(|_| page.last().cloned());
        (page, token)
    }

    fn answer(&self, job: &Job) -> (Vec<String>, Option<String>) {
        self.page(job.token.as_deref().unwrap_or(&job.after))
    }
}

/// Keys as people make them.
fn keys() -> impl Strategy<Value = BTreeSet<String>> {
    let shapes = [
        "photos/[0-9]{6}\\.png",
        "([a-c]{1,2}/){0,6}[a-z]{1,3}",
        "[0-9a-f]{8}-[0-9a-f]{4}",
        "2026/(0[1-9]|1[0-2])/[0-3][0-9]/[0-2][0-9]/img-[0-9]{3}\\.jpg",
        "[ -~]{1,12}",
        "\\PC{1,8}",
        "写真/[一-十]{1,2}/[0-9]{1,4}\\.png",
        "[a\u{0}\u{10ffff}]{1,6}",
        "[0-9]{1,4}",
    ];
    let shape = prop::sample::select(shapes.to_vec());
    let short = shape.prop_flat_map(|shape| prop::collection::btree_set(shape, 0..120));
    let long = prop::collection::btree_set("[0-9a-f]{24}", 0..120)
        .prop_map(|keys| keys.into_iter().map(|key| format!("{}{key}", "x".repeat(1_000))).collect());
    prop_oneof![9 => short, 1 => long]
}

/// What happens between two answers: which request is answered, and which key comes or goes.
fn events() -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec((any::<Index>(), any::<Index>()), 64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_exists_throughout_is_listed_exactly_once(
        lasting in keys(),
        passing in keys(),
        page in 1usize..9,
        width in 1usize..12,
        most_held in 1usize..20,
        by_key in any::<bool>(),
        events in events(),
    ) {
        let passing: Vec<String> = passing.difference(&lasting).cloned().collect();
        let mut bucket = Bucket { keys: lasting.clone(), page };
        let order = if by_key { ListingOrder::ByKey } else { ListingOrder::AsTheyCome };
        let (mut listed, token) = bucket.page("");
        if let (Some(token), Some(last)) = (token, listed.last().cloned()) {
            let mut ranges = Ranges::<Vec<String>>::new(order, &listed, last, token);
            ranges.most_held = most_held;
            let (mut asked, mut answers) = (Vec::new(), 0);
            while !ranges.is_over() {
                while asked.len() < width {
                    let Some(job) = ranges.next(width - asked.len()) else { break };
                    asked.push(job);
                }
                prop_assert!(!asked.is_empty(), "something is always asked for");
                let (which, change) = &events[answers % events.len()];
                if !passing.is_empty() {
                    let key = &passing[change.index(passing.len())];
                    if !bucket.keys.remove(key) {
                        bucket.keys.insert(key.clone());
                    }
                }
                let job: Job = asked.swap_remove(which.index(asked.len()));
                let (items, token) = bucket.answer(&job);
                listed.extend(ranges.answered(job.range, items, token).expect("the bucket is in order").concat());
                prop_assert!(ranges.held <= most_held + width, "what waits is bounded: {}", ranges.held);
                answers += 1;
                prop_assert!(answers < 20_000, "it ends");
            }
        }
        let mut times = BTreeMap::new();
        for key in &listed {
            *times.entry(key).or_insert(0) += 1;
        }
        prop_assert!(times.values().all(|times| *times == 1), "nothing is doubled");
        prop_assert!(lasting.iter().all(|key| times.contains_key(key)), "nothing is lost");
        prop_assert!(!by_key || listed.is_sorted(), "the order is kept");
    }
}

fn started() -> Ranges<Vec<String>> {
    let known = ["a".to_owned(), "b".to_owned()];
    Ranges::new(ListingOrder::ByKey, &known, "b".to_owned(), "token".to_owned())
}

#[test]
fn a_page_that_was_not_asked_for_is_refused() {
    for page in [&["b"][..], &["a", "c"], &["d", "c"], &["c", "c"]] {
        let mut ranges = started();
        let job = ranges.next(1).unwrap();
        assert_eq!(job, Job { range: 0, after: "b".to_owned(), token: Some("token".to_owned()) });
        let page = page.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(ranges.answered(job.range, page, None), Err(OutOfOrder));
        assert_eq!(ranges.shown(), Some("b".to_owned()));
    }
}

#[test]
fn an_empty_page_is_not_the_end_where_more_follow() {
    let mut ranges = started();
    let job = ranges.next(1).unwrap();
    assert_eq!(ranges.answered::<String>(job.range, Vec::new(), Some("more".to_owned())), Ok(Vec::new()));
    assert_eq!(ranges.next(1).and_then(|job| job.token), Some("more".to_owned()));
    assert_eq!(ranges.answered(0, vec!["c".to_owned()], None), Ok(vec![vec!["c".to_owned()]]));
    assert!(ranges.is_over());
}

#[test]
fn a_listing_that_begins_again_leaves_out_what_was_shown() {
    let pages = |pages: &[&[&str]]| {
        let mut shown = Shown::until("c".to_owned());
        let pages = pages.iter().map(|page| shown.rest(page.iter().map(|key| (*key).to_owned()).collect()));
        pages.collect::<Result<Vec<Vec<String>>, _>>().map(|pages| pages.concat())
    };
    assert_eq!(pages(&[&["a", "b"], &[], &["bb", "cc"], &["d"]]), Ok(vec!["cc".to_owned(), "d".to_owned()]));
    assert_eq!(pages(&[&["a", "c", "B", "d"]]), Err(OutOfOrder), "B was not shown");
    assert_eq!(pages(&[&["a", "c"], &["B", "d"]]), Err(OutOfOrder), "nor is it in a page of its own");
}

/// How many rounds of requests a bucket takes that is listed by 32 at a time, and how many requests.
fn cost(keys: impl IntoIterator<Item = String>) -> (usize, usize) {
    let bucket = Bucket { keys: keys.into_iter().collect(), page: 100 };
    let (known, token) = bucket.page("");
    let mut ranges: Ranges<Vec<String>> =
        Ranges::new(ListingOrder::AsTheyCome, &known, known.last().unwrap().clone(), token.unwrap());
    let (mut rounds, mut requests) = (0, 0);
    while !ranges.is_over() {
        let mut jobs = Vec::new();
        while let Some(job) = (jobs.len() < 32).then(|| ranges.next(32 - jobs.len())).flatten() {
            jobs.push(job);
        }
        (rounds, requests) = (rounds + 1, requests + jobs.len());
        for job in jobs {
            let (items, token) = bucket.answer(&job);
            ranges.answered(job.range, items, token).unwrap();
        }
    }
    (rounds, requests)
}

#[test]
fn many_shapes_of_keys_are_split_well() {
    // 200 pages each.
    type Shape = fn(u32) -> String;
    let shapes: [(&str, Shape); 5] = [
        ("one prefix", |n| format!("photos/{n:09}.png")),
        ("a tree", |n| format!("user-{:03}/album-{:02}/{:02}.jpg", n / 100, n % 100 / 10, n % 10)),
        ("dates", |n| format!("2026/{:02}/{:02}/img-{n:06}.png", n / 1_700 + 1, n / 60 % 28 + 1)),
        ("hexadecimal", |n| format!("{:016x}", u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15))),
        ("unicode", |n| format!("写真/{}/{n:05}", char::from_u32(0x4E00 + n % 500).unwrap())),
    ];
    for (name, key) in shapes {
        let (rounds, requests) = cost((0..20_000).map(key));
        assert!(rounds <= 30 && requests <= 600, "{name}: {requests} requests in {rounds} rounds");
    }
}
