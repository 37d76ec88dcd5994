//! The versions of an object as ministack 1.5.33 and moto 5.2.5 keep them, listed as the dashboard lists them.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use imgwatch::cloud::{Driver, Progress};
use imgwatch::config::{Feeds, Settings, Target};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::objects::Version;
use imgwatch::domain::preview::{Preview, PreviewId};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use tokio::sync::{mpsc, watch};

use super::account::Account;
use super::emulator::Emulator;
use super::pipeline::{BUCKET, FUNCTION, TOPIC};

/// An emulator with a bucket, and the dashboard's cloud side on it.
struct Bench {
    account: Account,
    driver: Driver,
    updates: mpsc::Receiver<Update>,
    _emulator: Emulator,
}

impl Bench {
    async fn on(emulator: Emulator) -> Self {
        let account = Account::of(&emulator).await;
        account.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        let topic_arn = account.topic(TOPIC).await;
        // These are all the names that there are: nothing is left to be found.
        let settings = Settings {
            target: Target::Endpoint { url: emulator.endpoint.clone(), profile: None, region: None },
            bucket: Some(BUCKET.to_owned()),
            function: Some(FUNCTION.to_owned()),
            topic: Some(topic_arn),
            ..Settings::default()
        };
        let (to_updates, updates) = mpsc::channel(64);
        let driver = Driver::start(settings, Feeds::default(), to_updates, watch::Sender::new(Progress::default()));
        Self { account, driver, updates, _emulator: emulator }
    }

    async fn keep_versions(&self) {
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let put = self.account.s3.put_bucket_versioning().bucket(BUCKET).versioning_configuration(enabled);
        put.send().await.unwrap();
    }

    /// Writes an object, and gives the version's id.
    async fn put(&self, key: &str, text: &'static str) -> Option<String> {
        let put = self.account.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(text.as_bytes()));
        put.send().await.unwrap().version_id
    }

    /// The first update that is looked for.
    async fn until<T>(&mut self, mut wanted: impl FnMut(Update) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = wanted(self.updates.recv().await.expect("the driver goes on")) {
                    return found;
                }
            }
        };
        tokio::time::timeout(Duration::from_mins(1), search).await.expect("the update comes")
    }

    async fn list(&mut self, request: RequestId, key: &str) -> Vec<Version> {
        self.driver.perform(CloudEffect::ListVersions { request, key: key.into() });
        self.until(move |update| match update {
            Update::VersionsListed { request: r, versions, more } if r == request => {
                assert!(!more);
                Some(versions)
            }
            Update::VersionsFailed { problem, .. } => panic!("{problem}"),
            _ => None,
        })
        .await
    }

    /// The text of a version, as its preview shows it.
    async fn text(&mut self, request: RequestId, key: &str, version: &Version) -> String {
        let content = version.content.clone().unwrap();
        let id = PreviewId::Object { key: key.into(), e_tag: content.e_tag, version: Some(version.id.clone()) };
        self.driver.perform(CloudEffect::Preview { request, id, size: content.size });
        let preview = self.until(move |update| match update {
            Update::Previewed { request: r, preview } if r == request => Some(preview),
            _ => None,
        });
        match preview.await {
            Ok(Preview::Text { lines, .. }) => lines[0].shown().to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

/// What is overwritten and deleted is listed with S3's own ids, and read by them.
async fn kept(emulator: Emulator) {
    let mut bench = Bench::on(emulator).await;
    let key = "folder/été + 1%.png";
    assert_eq!(bench.put(key, "before").await.filter(|id| id != "null"), None);
    let [only] = &bench.list(RequestId(1), key).await[..] else { panic!("one version") };
    assert!(only.is_null() && only.is_latest, "{only:?}");

    bench.keep_versions().await;
    let first = bench.put(key, "first").await.unwrap();
    let second = bench.put(key, "second").await.unwrap();
    for other in ["folder/été + 1%.png.bak", "folder/été + 1%.png/inside", "folder/été + 1%"] {
        bench.put(other, "other").await;
    }
    let deleted = bench.account.s3.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    let marker = deleted.version_id.unwrap();
    let versions = bench.list(RequestId(2), key).await;
    let told: Vec<_> = versions
        .iter()
        .map(|version| (version.id.raw(), version.is_latest, version.content.as_ref().map(|content| content.size)))
        .collect();
    let expected = [
        (marker.as_str(), true, None),
        (second.as_str(), false, Some(6)),
        (first.as_str(), false, Some(5)),
        ("null", false, Some(6)),
    ];
    assert_eq!(told, expected);
    for (request, (version, text)) in (3..).map(RequestId).zip(versions[1..].iter().zip(["second", "first", "before"]))
    {
        assert_eq!(bench.text(request, key, version).await, text);
    }
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_ministack_keeps_is_listed_and_read() {
    kept(Emulator::ministack()).await;
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_moto_keeps_is_listed_and_read() {
    kept(Emulator::moto()).await;
}
