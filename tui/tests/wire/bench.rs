//! A local cloud with a driver that talks to it, and patience for what the driver says.

use std::time::Duration;

use imgwatch::cloud::{Driver, Progress};
use imgwatch::config::{Feeds, Settings, Target};
use imgwatch::domain::transfer::{ObjectKey, Upload, UploadSource};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, FaultRule, HandlerCommand, LocalCloud, Options};
use imgwatch_shared::function::DESCRIPTION;
use tokio::sync::{mpsc, watch};

/// Generous: only a test that fails waits as long as this.
const PATIENCE: Duration = Duration::from_mins(1);

/// A driver and what it says.
pub(crate) struct Bench {
    pub(crate) driver: Driver,
    pub(crate) updates: mpsc::Receiver<Update>,
    pub(crate) progress: watch::Receiver<Progress>,
}

/// A cloud whose function cannot start: these tests follow no invocation.
pub(crate) async fn cloud() -> LocalCloud {
    cloud_on(0).await
}

pub(crate) async fn cloud_on(port: u16) -> LocalCloud {
    let handler = HandlerCommand { program: "/nonexistent/handler".into(), args: Vec::new(), env: Vec::new() };
    LocalCloud::start(Options { port, description: DESCRIPTION.to_owned(), ..Options::new(handler) })
        .await
        .expect("the local cloud starts")
}

pub(crate) fn settings(url: &str) -> Settings {
    Settings {
        target: Target::Endpoint { url: url.to_owned(), profile: None, region: None },
        bucket: Some("bench".to_owned()),
        function: Some("bench".to_owned()),
        topic: Some(imgwatch_local::TOPIC.to_owned()),
        ..Settings::default()
    }
}

/// An upload of a generated image.
pub(crate) fn test_image() -> Upload {
    Upload { source: UploadSource::TestImage, key: ObjectKey::Own { prefix: String::new() }, replace: true }
}

impl Bench {
    pub(crate) fn new(settings: Settings, feeds: Feeds) -> Self {
        let (to_updates, updates) = mpsc::channel(64);
        let (to_progress, progress) = watch::channel(Progress::default());
        Self { driver: Driver::start(settings, feeds, to_updates, to_progress), updates, progress }
    }

    /// On a bucket without notifications, which is made here.
    pub(crate) async fn on(cloud: &LocalCloud) -> Self {
        let made = s3(cloud).create_bucket().bucket("bench").send().await;
        made.expect("the bucket is made");
        Self::new(settings(cloud.endpoint()), Feeds::default())
    }

    pub(crate) fn perform(&self, effect: CloudEffect) {
        self.driver.perform(effect);
    }

    /// The next update that is looked for; others are passed over.
    pub(crate) async fn until<T>(&mut self, mut wanted: impl FnMut(Update) -> Option<T>) -> T {
        let search = async {
            let mut passed = Vec::new();
            loop {
                let Some(update) = self.updates.recv().await else { panic!("the driver has ended after {passed:?}") };
                passed.push(format!("{update:?}"));
                if let Some(found) = wanted(update) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("the update comes")
    }
}

/// A client of the local cloud, to see what the driver did. The SDKs' clients differ in their types only.
macro_rules! client {
    ($sdk:ident, $cloud:expr) => {{
        use $sdk::config::{BehaviorVersion, Credentials, Region};
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new($cloud.region().to_owned()))
            .endpoint_url($cloud.endpoint())
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        $sdk::Client::from_conf(config.build())
    }};
}
pub(crate) use client;

pub(crate) fn s3(cloud: &LocalCloud) -> aws_sdk_s3::Client {
    client!(aws_sdk_s3, cloud)
}

pub(crate) fn logs(cloud: &LocalCloud) -> aws_sdk_cloudwatchlogs::Client {
    client!(aws_sdk_cloudwatchlogs, cloud)
}

pub(crate) fn sqs(cloud: &LocalCloud) -> aws_sdk_sqs::Client {
    client!(aws_sdk_sqs, cloud)
}

/// The next requests of one operation are answered with an error.
pub(crate) fn fail(cloud: &LocalCloud, service: &str, operation: &str, times: u32, status: u16, code: &str) {
    let fault = Fault::Error { status, code: code.to_owned(), message: "injected".to_owned() };
    inject(cloud, service, operation, times, fault);
}

pub(crate) fn inject(cloud: &LocalCloud, service: &str, operation: &str, times: u32, fault: Fault) {
    cloud.inject(FaultRule { service: service.to_owned(), operation: Some(operation.to_owned()), times, fault });
}
