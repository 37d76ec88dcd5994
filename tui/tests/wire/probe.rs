//! The probe against the local cloud: what it makes, what it proves, and that nothing of it is left.

use std::time::{Duration, Instant};

use imgwatch::config::Feeds;
use imgwatch::domain::evidence::{Fact, Probed};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::metrics::Counts;
use imgwatch::domain::probe::{PREFIX, ProbeNews};
use imgwatch::domain::problem::ProblemKind;
use imgwatch::domain::switch::Switch;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, LocalCloud};
use jiff::{SignedDuration, Timestamp};

use super::bench::{self, Bench};

/// What the tests look at the cloud with, beside the driver.
struct Eyes {
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    topic: String,
}

impl Eyes {
    fn new(cloud: &LocalCloud) -> Self {
        Self {
            sqs: bench::sqs(cloud),
            sns: bench::client!(aws_sdk_sns, cloud),
            topic: format!("arn:aws:sns:{}:000000000000:{}", cloud.region(), imgwatch_local::TOPIC),
        }
    }

    /// Names of probe queues, and endpoints of their subscriptions.
    async fn probes(&self) -> (Vec<String>, Vec<String>) {
        let queues = self.sqs.list_queues().queue_name_prefix(PREFIX).send().await.unwrap();
        let names = queues.queue_urls().iter().map(|url| url.rsplit('/').next().unwrap().to_owned()).collect();
        let listed = self.sns.list_subscriptions_by_topic().topic_arn(&self.topic).send().await.unwrap();
        let endpoints = listed.subscriptions().iter().filter_map(|one| one.endpoint()).map(str::to_owned);
        (names, endpoints.filter(|endpoint| endpoint.contains(PREFIX)).collect())
    }

    /// A probe as a program of another machine would have made it.
    async fn plant(&self, name: &str, alive: Option<Timestamp>) {
        let mut queue = self.sqs.create_queue().queue_name(name);
        if let Some(alive) = alive {
            queue = queue.tags("imgwatch:probe", &self.topic).tags("imgwatch:alive", alive.to_string());
        }
        queue.send().await.unwrap();
        self.subscribe(name).await;
    }

    async fn subscribe(&self, name: &str) {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
        self.sns.subscribe().topic_arn(&self.topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    }
}

async fn open(bench: &mut Bench) -> String {
    bench.perform(CloudEffect::BeginProbe);
    bench
        .until(|update| match update {
            Update::Probe(ProbeNews::Opened { queue, .. }) => Some(queue.raw().to_owned()),
            Update::Probe(ProbeNews::Ended { problem, .. }) => panic!("{problem:?}"),
            _ => None,
        })
        .await
}

async fn ended(bench: &mut Bench) -> ProbeNews {
    bench
        .until(|update| match update {
            Update::Probe(news @ ProbeNews::Ended { .. }) => Some(news),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn the_probe_receives_what_is_published_and_leaves_nothing() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let queue = open(&mut bench).await;
    let name = queue.rsplit(':').next().unwrap().to_owned();
    assert_eq!(eyes.probes().await, (vec![name.clone()], vec![queue.clone()]));
    let url = eyes.sqs.get_queue_url().queue_name(&name).send().await.unwrap().queue_url.unwrap();
    let tags = eyes.sqs.list_queue_tags().queue_url(&url).send().await.unwrap().tags.unwrap();
    assert_eq!(tags.get("imgwatch:probe"), Some(&eyes.topic));
    assert!(tags["imgwatch:created"].parse::<Timestamp>().is_ok() && tags.contains_key("imgwatch:owner"), "{tags:?}");

    bench.perform(CloudEffect::BeginProbe);
    let ProbeNews::Ended { queue: None, problem: Some(problem), .. } = ended(&mut bench).await else {
        panic!("one only")
    };
    assert!(problem.is_transient(), "{problem}");
    assert_eq!(eyes.probes().await.1, std::slice::from_ref(&queue), "the first goes on");

    for number in 0..3 {
        let sent = eyes.sns.publish().topic_arn(&eyes.topic).message(number.to_string()).send().await.unwrap();
        let id = sent.message_id.unwrap();
        let probed: Probed = bench
            .until(|update| match update {
                Update::Facts(facts) => facts.into_iter().find_map(|fact| match fact {
                    Fact::Probed(probed) if probed.message_id.raw() == id => Some(probed),
                    _ => None,
                }),
                _ => None,
            })
            .await;
        assert_eq!(probed.queue.raw(), queue);
        assert!(Timestamp::now().duration_since(probed.at).abs() < SignedDuration::from_mins(5), "{probed:?}");
    }

    bench.perform(CloudEffect::EndProbe);
    let ProbeNews::Ended { queue: Some(told), problem: None, left: None } = ended(&mut bench).await else {
        panic!("it ends well")
    };
    assert_eq!(told.raw(), queue);
    assert_eq!(eyes.probes().await, (Vec::new(), Vec::new()));
    assert_eq!(bench.driver.probe(), None);
    assert_eq!(bench.driver.stop().await, []);
    cloud.stop().await;
}

#[tokio::test]
async fn stopping_removes_the_probe() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    open(&mut bench).await;
    assert!(bench.driver.probe().is_some());
    assert_eq!(bench.driver.stop().await, []);
    assert_eq!(eyes.probes().await, (Vec::new(), Vec::new()));
    cloud.stop().await;
}

#[tokio::test]
async fn a_probe_that_waits_for_its_subscription_ends_at_once() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    bench::inject(&cloud, "sns", "GetSubscriptionAttributes", 100, Fault::Delay(Duration::from_hours(1)));
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    bench.perform(CloudEffect::BeginProbe);
    while eyes.probes().await.1.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.perform(CloudEffect::EndProbe);
    let news = bench
        .until(|update| match update {
            Update::Probe(news) => Some(news),
            _ => None,
        })
        .await;
    assert!(matches!(news, ProbeNews::Ended { problem: None, left: None, .. }), "{news:?}");
    assert_eq!(eyes.probes().await, (Vec::new(), Vec::new()));
    assert_eq!(bench.driver.stop().await, []);
    cloud.stop().await;
}

#[tokio::test]
async fn what_could_not_be_removed_before_another_connection_is_named_at_the_end() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let queue = open(&mut bench).await;
    bench::fail(&cloud, "sqs", "DeleteQueue", 1, 403, "AccessDenied");
    bench.perform(CloudEffect::Switch(Switch { to: None, region: Some("us-east-1".to_owned()) }));
    while bench.driver.probe().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let left = bench.driver.stop().await;
    assert!(left.len() == 1 && queue.ends_with(left[0].raw()), "{left:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn a_cloud_that_does_not_answer_holds_nothing_up_and_what_is_left_is_named() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let queue = open(&mut bench).await;
    bench::inject(&cloud, "sqs", "DeleteQueue", 3, Fault::Delay(Duration::from_hours(1)));
    let left = bench.driver.stop().await;
    assert!(left.len() == 1 && queue.ends_with(left[0].raw()), "{left:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn a_sweep_removes_what_was_left_and_nothing_else() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let ago = |minutes| Some(Timestamp::now() - SignedDuration::from_mins(minutes));
    eyes.plant("imgwatch-probe-left", ago(31)).await;
    eyes.plant("imgwatch-probe-alive", ago(4)).await;
    eyes.plant("imgwatch-probe-of-somebody", None).await;
    // A queue that is gone, with its subscription still there.
    eyes.subscribe("imgwatch-probe-orphan").await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    bench.perform(CloudEffect::BeginProbe);
    let mut swept = bench
        .until(|update| match update {
            Update::Probe(ProbeNews::Swept(queues)) => Some(queues),
            _ => None,
        })
        .await;
    swept.sort();
    assert_eq!(swept, ["imgwatch-probe-left".into(), "imgwatch-probe-orphan".into()]);
    bench.until(|update| matches!(update, Update::Probe(ProbeNews::Opened { .. })).then_some(())).await;
    assert_eq!(bench.driver.stop().await, []);
    let (mut queues, endpoints) = eyes.probes().await;
    queues.sort();
    assert_eq!(queues, ["imgwatch-probe-alive", "imgwatch-probe-of-somebody"]);
    assert_eq!(endpoints.len(), 2, "{endpoints:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn a_probe_at_work_on_this_machine_is_left_alone() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let mut first = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let mut second = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let queue = open(&mut first).await;
    open(&mut second).await;
    assert_eq!(second.driver.stop().await, []);
    assert_eq!(eyes.probes().await.1, [queue]);
    assert_eq!(first.driver.stop().await, []);
    cloud.stop().await;
}

#[tokio::test]
async fn the_right_that_is_missing_is_named_and_nothing_is_left() {
    for (service, operation, right) in
        [("sqs", "CreateQueue", "sqs:CreateQueue"), ("sns", "Subscribe", "sns:Subscribe")]
    {
        let cloud = bench::cloud().await;
        let eyes = Eyes::new(&cloud);
        bench::fail(&cloud, service, operation, 3, 403, "AccessDenied");
        let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
        bench.perform(CloudEffect::BeginProbe);
        let ProbeNews::Ended { problem: Some(problem), left: None, .. } = ended(&mut bench).await else {
            panic!("it ends with a problem, and leaves nothing")
        };
        assert!(problem.why.shown().contains(&format!("{right} is not allowed")), "{problem}");
        assert_eq!(eyes.probes().await, (Vec::new(), Vec::new()));
        assert_eq!(bench.driver.stop().await, []);
        cloud.stop().await;
    }
}

#[tokio::test]
async fn a_queue_that_is_deleted_elsewhere_ends_the_probe() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let queue = open(&mut bench).await;
    let name = queue.rsplit(':').next().unwrap();
    let url = eyes.sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
    eyes.sqs.delete_queue().queue_url(url).send().await.unwrap();
    let ProbeNews::Ended { problem: Some(problem), left: None, .. } = ended(&mut bench).await else {
        panic!("it ends with a problem")
    };
    assert!(problem.what.shown().contains(name), "{problem}");
    assert_eq!(eyes.probes().await, (Vec::new(), Vec::new()), "its subscription is gone as well");
    bench.driver.stop().await;
    cloud.stop().await;
}

#[tokio::test]
async fn what_the_topic_counts_is_read_by_the_minute() {
    let cloud = bench::cloud().await;
    let eyes = Eyes::new(&cloud);
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    eyes.sns.publish().topic_arn(&eyes.topic).message("m").send().await.unwrap();
    // The seeded topic notifies an email address and a queue; deliveries go out after the answer.
    let mut request = 0;
    let end = Instant::now() + Duration::from_mins(3);
    loop {
        request += 1;
        bench.perform(CloudEffect::ReadMetrics { request: RequestId(request) });
        let counts = bench
            .until(|update| match update {
                Update::MetricsRead { request: RequestId(id), minutes } if id == request => {
                    Some(minutes.iter().map(|minute| minute.counts).collect::<Vec<_>>())
                }
                Update::MetricsFailed { problem, .. } => panic!("{problem}"),
                _ => None,
            })
            .await;
        let sum = |of: fn(&Counts) -> u64| counts.iter().map(of).sum::<u64>();
        assert!(sum(|c| c.published) <= 1 && sum(|c| c.delivered) <= 2 && sum(|c| c.failed) == 0, "{counts:?}");
        if (sum(|c| c.published), sum(|c| c.delivered)) == (1, 2) {
            break;
        }
        assert!(Instant::now() < end, "not counted yet: {counts:?}");
    }
    bench::fail(&cloud, "monitoring", "GetMetricStatistics", 8, 403, "AccessDenied");
    bench.perform(CloudEffect::ReadMetrics { request: RequestId(0) });
    let problem = bench
        .until(|update| match update {
            Update::MetricsFailed { problem, .. } => Some(problem),
            _ => None,
        })
        .await;
    assert_eq!(problem.kind, ProblemKind::Denied);
    assert!(problem.why.shown().contains("cloudwatch:GetMetricStatistics is not allowed"), "{problem}");
    bench.driver.stop().await;
    cloud.stop().await;
}
