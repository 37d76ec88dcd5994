//! What every service gets from the cloud: the account, the endpoint, a clock, ids, tasks and the signal to stop.

use std::sync::Arc;

use imgwatch_shared::arn::{Arn, partition_of};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// The account that every ARN names.
pub(crate) const ACCOUNT: &str = "000000000000";

pub(crate) struct Env {
    pub(crate) region: String,
    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub(crate) endpoint: String,
    /// Cancelled when the cloud stops; every task and long poll ends on it.
    pub(crate) stop: CancellationToken,
    /// Every task that outlives its request runs here, so that stopping can wait for it.
    pub(crate) tasks: TaskTracker,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    ids: Box<dyn Fn() -> Uuid + Send + Sync>,
}

impl Env {
    pub(crate) fn new(region: String, endpoint: String) -> Arc<Self> {
        Arc::new(Self {
            region,
            endpoint,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            clock: Box::new(Timestamp::now),
            ids: Box::new(Uuid::new_v4),
        })
    }

    /// The partition of the region, which every ARN names.
    pub(crate) fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        Arn { partition: self.partition(), service, region: &self.region, account: ACCOUNT, resource }.to_string()
    }

    /// The ARN of an identity: `root`, or a role.
    pub(crate) fn identity_arn(&self, resource: &str) -> String {
        Arn { partition: self.partition(), service: "iam", region: "", account: ACCOUNT, resource }.to_string()
    }

    /// Credentials are not checked, so every caller is the account's root.
    pub(crate) fn caller_arn(&self) -> String {
        self.identity_arn("root")
    }

    pub(crate) fn bucket_arn(&self, bucket: &str) -> String {
        Arn::of_bucket(self.partition(), bucket).to_string()
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn uuid(&self) -> Uuid {
        (self.ids)()
    }

    /// A new id with hyphens, which is AWS's form of request and message ids.
    pub(crate) fn id(&self) -> String {
        self.uuid().to_string()
    }

    /// A new id of 32 hexadecimal digits.
    pub(crate) fn hex_id(&self) -> String {
        self.uuid().simple().to_string()
    }
}

/// A clock that a test sets, and ids that count from 1.
#[cfg(test)]
pub(crate) mod testing {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use super::{Arc, CancellationToken, Env, TaskTracker, Timestamp, Uuid};

    /// Seconds since 1970.
    #[derive(Clone, Default)]
    pub(crate) struct TestClock(Arc<AtomicI64>);

    impl TestClock {
        pub(crate) fn advance(&self, seconds: i64) {
            self.0.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    pub(crate) fn env() -> (Arc<Env>, TestClock) {
        let clock = TestClock(Arc::new(AtomicI64::new(1_700_000_000)));
        let (seconds, last) = (Arc::clone(&clock.0), AtomicU64::new(0));
        let env = Env {
            region: "us-east-1".to_owned(),
            endpoint: "http://127.0.0.1:1".to_owned(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            clock: Box::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).expect("a time")),
            ids: Box::new(move || Uuid::from_u128(u128::from(last.fetch_add(1, Ordering::Relaxed) + 1))),
        };
        (Arc::new(env), clock)
    }
}
