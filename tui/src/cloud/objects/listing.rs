//! Lists the whole bucket, with many requests at the same time where it is large.
//!
//! The first pages come one after another; most buckets have no more. Then one request finds out whether the endpoint
//! starts after a key that does not exist, as S3 does. Only then are ranges of keys listed at the same time. An endpoint
//! that lists in another way is listed page after page.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use tokio::task::JoinSet;

use super::ranges::{Job, Keyed, OutOfOrder, Ranges, Shown};
use super::split::LONGEST;
use super::width::Width;
use super::{NOT_AS_S3, read};
use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::spread;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::ids::RequestId;
use crate::domain::objects::{self, ListingOrder, Object};
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;

/// S3's own limit of a page.
const PAGE: i32 = 1_000;
/// Pages that come one after another before anything else is tried.
const FIRST: usize = 2;
/// Tries of one request: while S3 asks to slow down, and with another failure that may pass.
const TRIES: (u32, u32) = (9, 3);
/// The wait before the second try; it doubles with each further one, up to the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Lists the whole bucket; pages leave in the order that the caller needs.
pub(in crate::cloud) async fn list(connection: &Connection, request: RequestId, order: ListingOrder) {
    let listed = async {
        let cloud = connection.cloud().await?;
        cloud.needs_bucket()?;
        let bucket = Bucket { client: cloud.s3.clone(), name: cloud.bucket.clone() };
        Listing { connection, request, bucket }.run(order).await
    };
    if let Err(problem) = listed.await {
        connection.send(Update::ObjectsFailed { request, problem }).await;
    }
}

struct Listing<'a> {
    connection: &'a Connection,
    request: RequestId,
    bucket: Bucket,
}

impl Listing<'_> {
    async fn run(&self, order: ListingOrder) -> Result<(), Problem> {
        let mut from = From::First;
        let mut keys: Vec<String> = Vec::new();
        for _ in 0..FIRST {
            let page = self.bucket.page(&from).await?;
            let before = keys.last().cloned();
            keys = page.objects.iter().map(|object| object.key().to_owned()).collect();
            self.send(page.objects.into(), page.token.is_none()).await;
            let Some(token) = page.token else { return Ok(()) };
            from = From::Token(token);
            if !before.iter().chain(&keys).is_sorted_by(|a, b| a < b) {
                return self.in_turn(from, None).await;
            }
        }
        match (from, keys.last().cloned()) {
            (From::Token(token), Some(last)) if self.starts_after_any_key(&keys).await => {
                self.at_once(Ranges::new(order, &keys, last, token)).await
            }
            (from, _) => self.in_turn(from, None).await,
        }
    }

    /// Whether the endpoint starts a listing after a key that does not exist: tried where the answer is known. An endpoint
    /// that refuses the request may still list page after page; if not, the next page says why.
    async fn starts_after_any_key(&self, keys: &[String]) -> bool {
        let middle = keys.len() / 2;
        let mut pairs = keys.iter().zip(keys.iter().skip(1)).skip(middle);
        let Some(point) = pairs
            .find_map(|(key, next)| Some(format!("{key}!")).filter(|point| point < next && point.len() <= LONGEST))
        else {
            return false;
        };
        let Ok(page) = self.bucket.page(&From::After(point.clone())).await else { return false };
        let is_known = |object: &Object| keys.last().is_some_and(|last| object.key() <= last.as_str());
        page.objects.first().is_some_and(|first| first.key() > point.as_str() && is_known(first))
    }

    /// Page after page, whatever order they have. If keys up to one of them were shown already, the rest is shown, for
    /// which the order must be that of the keys.
    async fn in_turn(&self, mut from: From, mut shown: Option<Shown>) -> Result<(), Problem> {
        loop {
            let mut page = self.bucket.page(&from).await?;
            if let Some(shown) = &mut shown {
                page.objects = shown.rest(page.objects).map_err(|OutOfOrder| {
                    let why = "its endpoint does not list keys in order, so that some would be left out";
                    Problem::new(ProblemKind::Other, self.bucket.what(), why).with_hint(NOT_AS_S3)
                })?;
            }
            self.send(page.objects.into(), page.token.is_none()).await;
            let Some(token) = page.token else { return Ok(()) };
            from = From::Token(token);
        }
    }

    /// Many ranges at the same time.
    async fn at_once(&self, mut ranges: Ranges<objects::Page>) -> Result<(), Problem> {
        let once = self.bucket.client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        let bucket = Bucket { client: Client::from_conf(once), name: self.bucket.name.clone() };
        let (mut width, mut asked) = (Width::default(), JoinSet::new());
        loop {
            while let Some(free) = width.now().checked_sub(asked.len()).filter(|free| *free > 0) {
                let Some(job) = ranges.next(free) else { break };
                asked.spawn(ask(bucket.clone(), Attempt { job, tries: 1, halved: width.halved() }, Duration::ZERO));
            }
            // A task ends early only where it panics, and then the program ends.
            let Some(Ok((attempt, answer))) = asked.join_next().await else { return Ok(()) };
            let page = match answer {
                Ok(page) => page,
                Err(problem) => {
                    let is_limit = problem.kind == ProblemKind::Throttled;
                    let tries = if is_limit { TRIES.0 } else { TRIES.1 };
                    if attempt.tries >= tries || !problem.is_transient() {
                        return Err(problem);
                    }
                    width.refused(attempt.halved);
                    let wait = spread((WAITS.0 * 2_u32.pow(attempt.tries - 1)).min(WAITS.1));
                    let again = Attempt { tries: attempt.tries + 1, halved: width.halved(), ..attempt };
                    asked.spawn(ask(bucket.clone(), again, wait));
                    continue;
                }
            };
            width.answered();
            let Ok(pages) = ranges.answered(attempt.job.range, page.objects, page.token) else {
                // Not what was asked for: nothing that started after a key can be relied on.
                let shown = ranges.shown();
                return self.in_turn(From::First, shown.map(Shown::until)).await;
            };
            let (is_over, mut pages) = (ranges.is_over(), pages);
            let last = if is_over { Some(pages.pop().unwrap_or_default()) } else { None };
            for page in pages {
                self.send(page, false).await;
            }
            if let Some(last) = last {
                self.send(last, true).await;
                return Ok(());
            }
        }
    }

    async fn send(&self, page: objects::Page, last: bool) {
        self.connection.send(Update::ObjectsListed { request: self.request, page, last }).await;
    }
}

/// A request, how often it was made, and how often the width was halved before.
#[derive(Debug)]
struct Attempt {
    job: Job,
    tries: u32,
    halved: u32,
}

async fn ask(bucket: Bucket, attempt: Attempt, wait: Duration) -> (Attempt, Result<Page, Problem>) {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let job = &attempt.job;
    let from = job.token.clone().map_or_else(|| From::After(job.after.clone()), From::Token);
    let page = bucket.page(&from).await;
    (attempt, page)
}

/// Where a page starts.
#[derive(Debug)]
enum From {
    First,
    /// After a key.
    After(String),
    /// Where a page ended.
    Token(String),
}

#[derive(Debug)]
struct Page {
    objects: Vec<Object>,
    /// Continues after it; nothing where it is the last one.
    token: Option<String>,
}

#[derive(Debug, Clone)]
struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// What a failure is about.
    fn what(&self) -> String {
        format!("cannot list bucket {}", self.name)
    }

    async fn page(&self, from: &From) -> Result<Page, Problem> {
        let request = self.client.list_objects_v2().bucket(&self.name).encoding_type(EncodingType::Url).max_keys(PAGE);
        let request = match from {
            From::First => request,
            From::After(key) => request.start_after(key),
            From::Token(token) => request.continuation_token(token),
        };
        let answer = request
            .send()
            .await
            .map_err(|error| problem::of(&error, &OperationContext::new(self.what(), "s3:ListBucket")))?;
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let token = answer.next_continuation_token().map(str::to_owned).filter(|_| answer.is_truncated() == Some(true));
        // Without this the listing would never end.
        if let (From::Token(asked), Some(next)) = (from, &token)
            && asked == next
        {
            let why = "the answer says that the list goes on where it already was";
            return Err(Problem::new(ProblemKind::Other, self.what(), why).with_hint(NOT_AS_S3));
        }
        Ok(Page { objects: answer.contents().iter().filter_map(|object| read(object, encoded)).collect(), token })
    }
}

impl Keyed for Object {
    fn key(&self) -> &str {
        self.key.raw()
    }
}
