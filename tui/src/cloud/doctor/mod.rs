//! Looking at the whole pipeline: every question that doctor has, asked at once, and AWS's answers as findings.
//!
//! It judges nothing and changes nothing; `domain::diagnosis` reads the findings. Environment variables of the function
//! may hold secrets: only values of names that are known to hold none leave this module.

mod aimed;
mod bucket;
mod failures;
mod function;
mod invocations;
mod joints;
mod log;
mod lookup;
mod queues;
mod sightings;
mod topic;

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use crate::cloud::connection::Connection;
use crate::cloud::connection::clients::{self, Cloud};
use crate::domain::diagnosis::findings::{Caller, Findings, Lookup, Names};
use crate::domain::diagnosis::queue_policies;
use crate::domain::ids::RequestId;
use crate::domain::wiring::NodeKind;
use crate::msg::Update;
use crate::text::clean::Clean;
use lookup::LookupReader;

/// Requests about subscriptions and queues at the same time.
const AT_ONCE: usize = 8;

/// Checks, and says what was found.
pub(super) async fn examine(connection: &Connection, request: RequestId, key: Option<Clean>) {
    let update = match connection.cloud().await {
        Ok(cloud) => {
            let findings = Box::pin(gather(&cloud, connection.settings.target.profile(), key)).await;
            Update::Examined { request, findings: Box::new(findings) }
        }
        Err(problem) => Update::ExamineFailed { request, problem },
    };
    connection.send(update).await;
}

/// Checks whether a queue that was just subscribed lets the topic send, and says so.
pub(super) async fn check_queue(connection: &Connection, arn: &str) {
    // Without a connection nothing was subscribed.
    let Ok(cloud) = connection.cloud().await else { return };
    let topic_arn = cloud.topic_arn().await.unwrap_or_default();
    let reader = LookupReader { is_aws: cloud.endpoint.is_none(), named: arn };
    let sqs = aws_sdk_sqs::Client::new(&cloud.config);
    let mut findings = Findings::none(names(&cloud, &topic_arn, connection.settings.target.profile()));
    findings.queues.insert(Clean::new(arn), queues::subscribed(reader, &sqs, arn).await);
    if let Some(check) = queue_policies(&findings) {
        connection.send(Update::QueueChecked(Box::new(check))).await;
    }
}

async fn gather(cloud: &Cloud, profile: Option<&str>, key: Option<Clean>) -> Findings {
    let is_aws = cloud.endpoint.is_none();
    let reader = |named| LookupReader { is_aws, named };
    // What cannot be learned of its ARN is not checked; why is in what the caller's identity comes to.
    let topic_arn = cloud.topic_arn().await.unwrap_or_default();
    let names = names(cloud, &topic_arn, profile);
    let name = names.function.raw();
    let (at_bucket, at_function, at_topic) = (reader(&cloud.bucket), reader(name), reader(&topic_arn));
    let lambda = aws_sdk_lambda::Client::new(&cloud.config);
    let sqs = aws_sdk_sqs::Client::new(&cloud.config);
    let function = async {
        let function = function::configuration(at_function, &lambda, name, &topic_arn).await;
        let group = function.found().and_then(|function| function.log_group.clone());
        let group = group.unwrap_or_else(|| names.log_group.clone());
        let (log_group, failures) = tokio::join!(
            log::group(at_function, &cloud.logs, &group),
            log::recent_failures(at_function, &cloud.logs, &group)
        );
        (function, group, log_group, failures)
    };
    let subscriptions = async {
        let subscriptions = topic::subscriptions(at_topic, &cloud.sns, &topic_arn).await;
        let listed = subscriptions.found().map(|listing| listing.items.as_slice()).unwrap_or_default();
        let of = |protocol: &str| {
            let arns = listed.iter().filter(move |it| it.arn.is_some() && it.protocol.raw() == protocol);
            arns.map(|it| it.endpoint.clone()).collect::<Vec<_>>()
        };
        let queue = async |arn: Clean| (arn.clone(), queues::subscribed(at_topic, &sqs, arn.raw()).await);
        let queues: BTreeMap<Clean, _> = stream::iter(of("sqs")).map(queue).buffer_unordered(AT_ONCE).collect().await;
        let has_sms = listed.iter().any(|it| it.protocol.raw() == "sms");
        let sandbox = if has_sms { topic::sms_sandbox(at_topic, &cloud.sns).await } else { Lookup::NotAsked };
        (subscriptions, queues, sandbox)
    };
    let object = async {
        match &key {
            Some(key) => bucket::object(at_bucket, &cloud.s3, &cloud.bucket, key).await,
            None => Lookup::NotAsked,
        }
    };
    let (
        caller,
        (bucket_region, clock_ahead_ms),
        incomplete_uploads,
        notifications,
        (function, group, log_group, failures),
        function_policy,
        event_invoke,
        concurrency,
        topic,
        (subscriptions, queues, sms_sandbox),
        object,
    ) = tokio::join!(
        Box::pin(caller(reader("caller"), cloud)),
        Box::pin(bucket::region_and_clock(at_bucket, &cloud.s3, &cloud.bucket)),
        Box::pin(bucket::incomplete_uploads(at_bucket, &cloud.s3, &cloud.bucket)),
        Box::pin(bucket::notifications(at_bucket, &cloud.s3, &cloud.bucket)),
        Box::pin(function),
        Box::pin(function::policy(at_function, &lambda, name)),
        Box::pin(function::event_invoke(at_function, &lambda, name)),
        Box::pin(function::concurrency(at_function, &lambda, name)),
        Box::pin(topic::attributes(at_topic, &cloud.sns, &topic_arn)),
        Box::pin(subscriptions),
        Box::pin(object),
    );
    let mut findings = Findings {
        key,
        caller,
        clock_ahead_ms,
        bucket_region,
        incomplete_uploads,
        notifications,
        function,
        function_policy,
        event_invoke,
        concurrency,
        log_group,
        failures,
        object,
        topic,
        subscriptions,
        queues,
        sms_sandbox,
        ..Findings::none(names)
    };
    Box::pin(follow_up(cloud, &sqs, &group, &mut findings)).await;
    findings
}

/// What can be asked for only when the answers so far have named it: the queues of failures, and lines in the log: the
/// object's, and those of the last invocations.
async fn follow_up(cloud: &Cloud, sqs: &aws_sdk_sqs::Client, group: &Clean, findings: &mut Findings) {
    let is_aws = cloud.endpoint.is_none();
    let metrics = aws_sdk_cloudwatch::Client::new(&cloud.config);
    let backlog = async |arn: Clean| {
        let reader = LookupReader { is_aws, named: arn.raw() };
        (arn.clone(), queues::backlog(reader, sqs, &metrics, arn.raw()).await)
    };
    let backlogs = stream::iter(findings.failure_queues()).map(backlog).buffer_unordered(AT_ONCE).collect();
    let object_log = async {
        match &findings.key {
            Some(key) => {
                let reader = LookupReader { is_aws, named: findings.names.function.raw() };
                log::object(reader, &cloud.logs, group, (&cloud.bucket, key), &findings.object).await
            }
            None => Lookup::NotAsked,
        }
    };
    let reader = LookupReader { is_aws, named: findings.names.function.raw() };
    let objects = (&cloud.s3, &findings.names.bucket);
    let invocations = invocations::read(reader, &cloud.logs, group, objects);
    let joints = joints::gather(cloud, findings);
    let (backlogs, object_log, invocations, joints) =
        tokio::join!(Box::pin(backlogs), Box::pin(object_log), Box::pin(invocations), Box::pin(joints));
    (findings.backlogs, findings.object_log) = (backlogs, object_log);
    (findings.invocations, findings.joints) = (invocations, joints);
}

fn names(cloud: &Cloud, topic_arn: &str, profile: Option<&str>) -> Names {
    let wiring = cloud.wiring();
    Names {
        bucket: Clean::new(&cloud.bucket),
        function: Clean::new(wiring.name(NodeKind::Function)),
        topic_arn: Clean::new(topic_arn),
        region: Clean::new(cloud.config.region().map(AsRef::as_ref).unwrap_or_default()),
        log_group: Clean::new(wiring.name(NodeKind::LogGroup)),
        profile: profile.map(Clean::new),
        endpoint: cloud.endpoint.as_deref().map(Clean::new),
    }
}

async fn caller(reader: LookupReader<'_>, cloud: &Cloud) -> Lookup<Caller> {
    let request = clients::sts(&cloud.config).get_caller_identity().send();
    let answer = reader.at("sts:GetCallerIdentity", request).await;
    answer.map(|answer| Caller {
        account: Clean::new(answer.account().unwrap_or_default()),
        arn: Clean::new(answer.arn().unwrap_or_default()),
    })
}
