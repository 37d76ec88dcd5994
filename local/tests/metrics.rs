//! CloudWatch's metrics over TCP, in each of the three protocols that its clients speak.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use imgwatch_local::LocalCloud;
use serde_json::{Value, json};
use support::without_function;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A cloud in which so many messages have been published.
async fn cloud(published: usize) -> LocalCloud {
    let cloud = LocalCloud::start(without_function()).await.unwrap();
    for _ in 0..published {
        let publish = format!("Action=Publish&Version=2010-03-31&Message=m&TopicArn={TOPIC}");
        assert_eq!(post(&cloud, "/", &[FORM], publish).await.status, 200);
    }
    cloud
}

async fn post(cloud: &LocalCloud, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut request = http::Request::post(format!("{}{path}", cloud.endpoint()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap().into_parts();
    Answer { status: head.status.as_u16(), headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn in_json(cloud: &LocalCloud, operation: &str, input: &Value) -> Answer {
    let target = format!("GraniteServiceVersion20100801.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
    post(cloud, "/", &headers, input.to_string()).await
}

async fn in_query(cloud: &LocalCloud, form: &str) -> Answer {
    post(cloud, "/", &[FORM], format!("Version=2010-08-01&{form}")).await
}

async fn in_cbor(cloud: &LocalCloud, operation: &str, body: Encoder) -> Answer {
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    let headers = [("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")];
    post(cloud, &path, &headers, body.into_writer()).await
}

/// The last hour, and the minute that has begun.
fn window() -> (i64, i64) {
    let now = jiff::Timestamp::now().as_second();
    (now - 3_600, now + 60)
}

/// The parameters of the topic's published messages in CBOR, with this statistic.
fn statistics_in_cbor(statistic: &str) -> Encoder {
    let (start, end) = window();
    let mut body = Encoder::new(Vec::new());
    body.map(7).str("Namespace").str("AWS/SNS").str("MetricName").str("NumberOfMessagesPublished");
    body.str("Dimensions").array(1).map(2).str("Name").str("TopicName").str("Value").str("image-uploads");
    body.str("StartTime").timestamp(&DateTime::from_secs(start)).str("EndTime").timestamp(&DateTime::from_secs(end));
    body.str("Period").integer(3_600).str("Statistics").array(1).str(statistic);
    body
}

fn statistics_in_json(statistic: &str) -> Value {
    let (start, end) = window();
    json!({
        "Namespace": "AWS/SNS",
        "MetricName": "NumberOfMessagesPublished",
        "Dimensions": [{"Name": "TopicName", "Value": "image-uploads"}],
        "StartTime": start,
        "EndTime": end,
        "Period": 3_600,
        "Statistics": [statistic],
    })
}

fn statistics_in_query(statistic: &str) -> String {
    let (start, end) = window();
    let time = |seconds| jiff::Timestamp::from_second(seconds).unwrap();
    format!(
        "Action=GetMetricStatistics&Namespace=AWS%2FSNS&MetricName=NumberOfMessagesPublished\
         &Dimensions.member.1.Name=TopicName&Dimensions.member.1.Value=image-uploads&Period=3600\
         &StartTime={}&EndTime={}&Statistics.member.1={statistic}",
        time(start),
        time(end)
    )
}

#[tokio::test]
async fn one_metric_is_the_same_in_every_protocol() {
    let cloud = cloud(2).await;

    let answer = in_json(&cloud, "GetMetricStatistics", &statistics_in_json("Sum")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-amz-json-1.0"));
    let output: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(output["Label"], "NumberOfMessagesPublished");
    let points = output["Datapoints"].as_array().unwrap();
    // The hour may end between the messages and the question.
    let sum = |points: &[Value]| points.iter().map(|point| point["Sum"].as_f64().unwrap()).sum::<f64>();
    assert!((sum(points) - 2.0).abs() < f64::EPSILON && points[0]["Unit"] == "Count", "{output}");
    assert!(points[0]["Timestamp"].is_number(), "{output}");

    let answer = in_query(&cloud, &statistics_in_query("Sum")).await;
    let xml = answer.text();
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml"));
    assert!(xml.starts_with("<GetMetricStatisticsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">"));
    assert!(xml.contains("<Label>NumberOfMessagesPublished</Label>"), "{xml}");
    let times = xml.split("<Timestamp>").skip(1).map(|rest| rest.split('<').next().unwrap().parse());
    assert!(times.clone().count() > 0 && times.into_iter().all(|time: Result<jiff::Timestamp, _>| time.is_ok()));
    let sums = xml.split("<Sum>").skip(1).map(|rest| rest.split('<').next().unwrap().parse::<f64>().unwrap());
    assert!((sums.sum::<f64>() - 2.0).abs() < f64::EPSILON, "{xml}");

    let answer = in_cbor(&cloud, "GetMetricStatistics", statistics_in_cbor("Sum")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/cbor"));
    assert_eq!(answer.header("smithy-protocol"), "rpc-v2-cbor");
    let mut decoder = Decoder::new(&answer.body);
    assert_eq!(decoder.map().unwrap(), Some(2));
    assert_eq!((&*decoder.str().unwrap(), &*decoder.str().unwrap()), ("Label", "NumberOfMessagesPublished"));
    assert_eq!(&*decoder.str().unwrap(), "Datapoints");
    let mut sum = 0.0;
    for _ in 0..decoder.list().unwrap().unwrap() {
        for _ in 0..decoder.map().unwrap().unwrap() {
            match &*decoder.str().unwrap().into_owned() {
                "Timestamp" => assert!(decoder.timestamp().is_ok()),
                "Sum" => sum += decoder.double().unwrap(),
                "Unit" => assert_eq!(&*decoder.str().unwrap(), "Count"),
                other => panic!("{other}"),
            }
        }
    }
    assert!((sum - 2.0).abs() < f64::EPSILON);
    cloud.stop().await;
}

#[tokio::test]
async fn an_error_has_the_form_of_its_protocol() {
    let cloud = cloud(0).await;
    let why = "only the statistic Sum of NumberOfMessagesPublished is served here";
    let model = "com.amazonaws.cloudwatch.v2010_08_01#InvalidParameterValueException";

    let answer = in_json(&cloud, "GetMetricStatistics", &statistics_in_json("Average")).await;
    assert_eq!((answer.status, answer.header("x-amzn-query-error")), (400, "InvalidParameterValue;Sender"));
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), json!({"__type": model, "message": why}));

    let answer = in_query(&cloud, &statistics_in_query("Average")).await;
    let error = format!("<Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>{why}</Message></Error>");
    assert!(answer.status == 400 && answer.text().contains(&error), "{}", answer.text());

    let answer = in_cbor(&cloud, "GetMetricStatistics", statistics_in_cbor("Average")).await;
    assert_eq!((answer.status, answer.header("x-amzn-query-error")), (400, "InvalidParameterValue;Sender"));
    let mut decoder = Decoder::new(&answer.body);
    decoder.map().unwrap();
    let said: Vec<_> = (0..4).map(|_| decoder.string().unwrap()).collect();
    assert_eq!(said, ["__type", model, "message", why]);

    // What AWS's front end refuses has other names.
    let unknown = [
        in_json(&cloud, "PutDashboard", &json!({})).await,
        in_cbor(&cloud, "PutDashboard", Encoder::new(Vec::new())).await,
    ];
    for answer in unknown {
        assert_eq!((answer.status, answer.header("x-amzn-query-error")), (400, "InvalidAction;Sender"));
        let text = answer.text();
        assert!(text.contains("com.amazon.coral.service#UnknownOperationException"), "{text}");
    }
    let answer = in_query(&cloud, "Action=PutDashboard").await;
    assert!(answer.status == 400 && answer.text().contains("<Code>InvalidAction</Code>"), "{}", answer.text());
    let answer = in_query(&cloud, "Action=GetMetricStatistics&MetricName=m").await;
    let error = "<Code>MissingParameter</Code><Message>The parameter StartTime is required.</Message>";
    assert!(answer.status == 400 && answer.text().contains(error), "{}", answer.text());
    let answer = in_json(&cloud, "GetMetricStatistics", &json!([])).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let answer = in_query(&cloud, &statistics_in_query("Sum").replace("Period=3600", "Period=hour")).await;
    assert!(answer.status == 400 && answer.text().contains("&quot;hour&quot; is not a whole number"));
    let answer = in_query(&cloud, &statistics_in_query("Sum").replace("Period=3600", "Period=1")).await;
    assert!(answer.status == 400 && answer.text().contains("must be a multiple of 60"), "{}", answer.text());
    let year = statistics_in_query("Sum").replace("StartTime=2", "StartTime=1").replace("Period=3600", "Period=60");
    let answer = in_query(&cloud, &year).await;
    assert!(answer.status == 400 && answer.text().contains("exceeds the limit of 1440"), "{}", answer.text());
    cloud.stop().await;
}

#[tokio::test]
async fn metrics_are_listed_and_read_together() {
    let cloud = cloud(3).await;
    let answer = in_json(&cloud, "ListMetrics", &json!({"Namespace": "AWS/SNS"})).await;
    let listed: Value = serde_json::from_slice(&answer.body).unwrap();
    let published = json!({
        "Namespace": "AWS/SNS",
        "MetricName": "NumberOfMessagesPublished",
        "Dimensions": [{"Name": "TopicName", "Value": "image-uploads"}],
    });
    assert!(listed["Metrics"].as_array().unwrap().contains(&published), "{listed}");
    let answer = in_query(&cloud, "Action=ListMetrics&Dimensions.member.1.Name=QueueName").await.text();
    assert!(answer.contains("<Name>QueueName</Name><Value>image-uploads-audit</Value>"), "{answer}");
    assert!(!answer.contains("AWS/SNS"), "{answer}");

    let (start, end) = window();
    let ask = |id: &str, metric: &Value, stat: &str| json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 3_600, "Stat": stat}});
    let age = json!({
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "image-uploads-failed"}],
    });
    let queries = [ask("sent", &published, "Sum"), ask("age", &age, "Maximum")];
    let input = json!({"MetricDataQueries": queries, "StartTime": start, "EndTime": end});
    let answer = in_json(&cloud, "GetMetricData", &input).await;
    let data: Value = serde_json::from_slice(&answer.body).unwrap();
    let results = data["MetricDataResults"].as_array().unwrap();
    let facts: Vec<_> = results.iter().map(|one| (&one["Id"], &one["Label"], &one["StatusCode"])).collect();
    assert_eq!(facts[0], (&json!("sent"), &json!("NumberOfMessagesPublished"), &json!("Complete")), "{data}");
    assert_eq!(results[1]["Values"], json!([0.0]), "an empty queue has no old message: {data}");
    let sent: f64 = results[0]["Values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).sum();
    assert!((sent - 3.0).abs() < f64::EPSILON, "{data}");
    assert_eq!(results[0]["Timestamps"].as_array().unwrap().len(), results[0]["Values"].as_array().unwrap().len());

    let refused =
        json!({"MetricDataQueries": [{"Id": "e", "Expression": "SUM(METRICS())"}], "StartTime": start, "EndTime": end});
    let answer = in_json(&cloud, "GetMetricData", &refused).await;
    assert_eq!((answer.status, answer.header("x-amzn-query-error")), (400, "ValidationError;Sender"));
    cloud.stop().await;
}

#[tokio::test]
async fn a_fault_meets_a_request_in_any_protocol() {
    let cloud = cloud(0).await;
    for _ in 0..3 {
        cloud.inject(imgwatch_local::FaultRule {
            service: "monitoring".to_owned(),
            operation: Some("GetMetricStatistics".to_owned()),
            times: 1,
            fault: imgwatch_local::Fault::Error {
                status: 403,
                code: "AccessDenied".to_owned(),
                message: "no".to_owned(),
            },
        });
    }
    let answers = [
        in_json(&cloud, "GetMetricStatistics", &statistics_in_json("Sum")).await,
        in_query(&cloud, &statistics_in_query("Sum")).await,
        in_cbor(&cloud, "GetMetricStatistics", statistics_in_cbor("Sum")).await,
    ];
    let types = answers.each_ref().map(|answer| (answer.status, answer.header("content-type").to_owned()));
    let form = |name: &str| (403, name.to_owned());
    assert_eq!(types, [form("application/x-amz-json-1.0"), form("text/xml"), form("application/cbor")]);
    cloud.stop().await;
}
