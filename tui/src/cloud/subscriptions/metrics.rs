//! The topic's metrics of the last quarter of an hour, and the counts of its messages in some minutes.
//!
//! `GetMetricStatistics`, one request a metric: its requests are in the free tier, where `GetMetricData` bills each
//! metric from the first one on.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{Datapoint, Dimension, Statistic};
use aws_smithy_types::DateTime;
use imgwatch_shared::arn;
use jiff::Timestamp;

use crate::cloud::connection::Connection;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::evidence::{Counted, Fact};
use crate::domain::ids::RequestId;
use crate::domain::metrics::{Counts, Minute};
use crate::domain::problem::Problem;
use crate::domain::timeline::CountsWanted;
use crate::domain::wiring::NodeKind;
use crate::msg::Update;

/// How far back, in seconds, and the length of a period.
const WINDOW: i64 = 15 * 60;
const PERIOD: i32 = 60;

/// How many messages SNS has accepted.
const PUBLISHED: &str = "NumberOfMessagesPublished";

/// Reads the counts and says them.
pub(in crate::cloud) async fn read(connection: &Connection, request: RequestId) {
    match Box::pin(counts(connection)).await {
        Ok(minutes) => connection.send(Update::MetricsRead { request, minutes }).await,
        Err(problem) => connection.send(Update::MetricsFailed { request, problem }).await,
    }
}

async fn counts(connection: &Connection) -> Result<Vec<Minute>, Problem> {
    let cloud = connection.cloud().await?;
    let client = aws_sdk_cloudwatch::Client::new(&cloud.config);
    let wiring = cloud.wiring();
    let topic = wiring.name(NodeKind::Topic);
    let now = Timestamp::now().as_second();
    let one = |metric: &'static str| sums(&client, topic, metric, (now - WINDOW).div_euclid(60) * 60, now);
    let (published, delivered, failed, filtered_out) = tokio::try_join!(
        Box::pin(one(PUBLISHED)),
        Box::pin(one("NumberOfNotificationsDelivered")),
        Box::pin(one("NumberOfNotificationsFailed")),
        Box::pin(one("NumberOfNotificationsFilteredOut")),
    )?;
    let mut minutes: BTreeMap<i64, Counts> = BTreeMap::new();
    let mut add = |points: &[Datapoint], put: fn(&mut Counts, u64)| {
        for point in points {
            if let (Some(at), Some(sum)) = (point.timestamp(), point.sum()) {
                put(minutes.entry(at.secs()).or_default(), whole(sum));
            }
        }
    };
    add(&published, |counts, sum| counts.published += sum);
    add(&delivered, |counts, sum| counts.delivered += sum);
    add(&failed, |counts, sum| counts.failed += sum);
    add(&filtered_out, |counts, sum| counts.filtered_out += sum);
    let minute = |(at, counts)| Some(Minute { at: Timestamp::from_second(at).ok()?, counts });
    Ok(minutes.into_iter().filter_map(minute).collect())
}

/// Counts the messages that a topic has accepted. If it cannot, that is reported.
pub(in crate::cloud) async fn count(connection: &Connection, wanted: CountsWanted) {
    let CountsWanted { topic, from, to, complete_to } = wanted;
    let Ok(cloud) = connection.cloud().await else { return };
    let at = Timestamp::now();
    let client = aws_sdk_cloudwatch::Client::new(&cloud.config);
    let name = arn::name(topic.raw());
    let points = Box::pin(sums(&client, name, PUBLISHED, from.as_second(), to.as_second())).await;
    let minutes = points.ok().map(|points| points.iter().filter_map(messages).collect());
    let counted = Counted { at, topic, from, to, complete_to, minutes };
    connection.send(Update::Facts(vec![Fact::Counted(counted)])).await;
}

fn messages(point: &Datapoint) -> Option<(Timestamp, u64)> {
    Some((Timestamp::from_second(point.timestamp()?.secs()).ok()?, whole(point.sum()?)))
}

/// The sums of each minute, from one second to another one.
async fn sums(
    client: &aws_sdk_cloudwatch::Client,
    topic: &str,
    metric: &'static str,
    from: i64,
    to: i64,
) -> Result<Vec<Datapoint>, Problem> {
    let asked = client
        .get_metric_statistics()
        .namespace("AWS/SNS")
        .metric_name(metric)
        .dimensions(Dimension::builder().name("TopicName").value(topic).build())
        .start_time(DateTime::from_secs(from))
        .end_time(DateTime::from_secs(to))
        .period(PERIOD)
        .statistics(Statistic::Sum);
    asked.send().await.map(|answer| answer.datapoints.unwrap_or_default()).map_err(|error| {
        let what = format!("cannot read the metrics of {topic}");
        problem::of(&error, &OperationContext::new(what, "cloudwatch:GetMetricStatistics"))
    })
}

/// Counts come as floating point numbers.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and counts are small")]
pub(in crate::cloud) fn whole(sum: f64) -> u64 {
    sum.round() as u64
}
