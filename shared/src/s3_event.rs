//! An S3 event in whatever envelope it reaches a function: none, SQS, SNS, EventBridge, or several inside one another.
//!
//! Only the envelopes are opened here, and what they say of the path is kept; the records inside stay as AWS wrote them.
//! Keys in them are form encoded, those of EventBridge are not. Reading never fails: a part that is no event of S3 is in
//! the result, because a message that is ignored silently is a lost upload.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many texts inside one another are opened. S3 -> SNS -> SQS takes two, and a dead-letter queue may add one.
const MAX_DEPTH: usize = 4;
/// How many field names of an unknown event are listed.
const MAX_FIELDS: usize = 10;
/// What to do about an event that is unknown.
const HINT: &str =
    "send the function events of S3 only, by S3, SQS, SNS or EventBridge, and without an input transformer";

/// What invoked a function.
#[derive(Debug, Clone, PartialEq)]
pub struct S3Event {
    /// The event is a batch of SQS messages: the event source mapping reads the function's answer.
    pub is_sqs_batch: bool,
    /// What the envelopes hold, in the event's order.
    pub parts: Vec<Part>,
}

/// One record, and how it came here.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What the envelopes around it say.
    pub envelope: Envelope,
    /// The record itself.
    pub content: Content,
}

/// What was in an envelope.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An element of `Records` as S3 writes it. Its key is form encoded.
    Record(Value),
    /// An event about an object as EventBridge delivers it. Its key is not encoded.
    EventBridge(Value),
    /// `s3:TestEvent`: S3 announces a new notification configuration.
    Test {
        /// The configured bucket, if the event names it.
        bucket: Option<String>,
    },
    /// No event of S3: what it is instead, with a hint.
    Unknown(String),
}

/// What the envelopes around a record say of its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// To whom S3 sent the event; `None` if there is no envelope.
    pub entry: Option<Entry>,
    /// The SQS message, the outermost if there are several.
    pub sqs: Option<SqsMessage>,
    /// The id of the SNS message. A queue that gets raw messages does not have it.
    pub sns_message_id: Option<String>,
}

/// The SQS message around a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqsMessage {
    /// `messageId`, the same at every receive; `None` if it is missing or empty.
    pub id: Option<String>,
    /// `ApproximateReceiveCount`: 1 at the first receive.
    pub receive_count: Option<u32>,
}

/// To whom S3 sent the event, if not to the function itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// An SQS queue, or a topic that delivers raw messages to a queue: the two look alike.
    Queue,
    /// An SNS topic.
    Topic,
    /// `EventBridge`.
    EventBridge,
}

impl S3Event {
    /// Opens the envelopes of an event, or of the body of one SQS message.
    pub fn read(event: &Value) -> Self {
        let is_sqs_batch = event["Records"].as_array().is_some_and(|records| records.iter().any(is_sqs));
        let mut parts = Vec::new();
        open(event, &Envelope::default(), MAX_DEPTH, &mut parts);
        Self { is_sqs_batch, parts }
    }
}

fn open(value: &Value, envelope: &Envelope, depth: usize, parts: &mut Vec<Part>) {
    let mut push = |envelope: Envelope, content| parts.push(Part { envelope, content });
    if let Some(records) = value["Records"].as_array() {
        for record in records {
            open_record(record, envelope, depth, parts);
        }
    } else if value["Event"] == "s3:TestEvent" {
        push(envelope.clone(), Content::Test { bucket: text(&value["Bucket"]) });
    } else if is_of_eventbridge(value) {
        let envelope = Envelope { entry: Some(Entry::EventBridge), ..envelope.clone() };
        push(envelope, Content::EventBridge(value.clone()));
    } else if let (true, Some(message)) = (value["Type"] == "Notification", value["Message"].as_str()) {
        open_text(message, &envelope.in_sns(&value["MessageId"]), depth, parts);
    } else {
        push(envelope.clone(), Content::Unknown(format!("{}; {HINT}", describe(value))));
    }
}

/// Opens one element of `Records`. SNS has names of its own for what it hands to a function.
fn open_record(record: &Value, envelope: &Envelope, depth: usize, parts: &mut Vec<Part>) {
    if let Some(message) = record["Sns"]["Message"].as_str() {
        open_text(message, &envelope.in_sns(&record["Sns"]["MessageId"]), depth, parts);
    } else if is_sqs(record) {
        open_text(record["body"].as_str().unwrap_or_default(), &envelope.in_sqs(record), depth, parts);
    } else {
        parts.push(Part { envelope: envelope.clone(), content: Content::Record(record.clone()) });
    }
}

fn open_text(text: &str, envelope: &Envelope, depth: usize, parts: &mut Vec<Part>) {
    let unknown = match serde_json::from_str(text) {
        Ok(value) if depth > 0 => return open(&value, envelope, depth - 1, parts),
        Ok(_) => format!("the message is wrapped more than {MAX_DEPTH} times; {HINT}"),
        Err(error) => format!("the message is not JSON ({error}); {HINT}"),
    };
    parts.push(Part { envelope: envelope.clone(), content: Content::Unknown(unknown) });
}

impl Envelope {
    fn in_sns(&self, message_id: &Value) -> Self {
        Self { entry: Some(Entry::Topic), sns_message_id: text(message_id), ..self.clone() }
    }

    /// The queue that invoked the function is the one that repeats the message.
    fn in_sqs(&self, record: &Value) -> Self {
        let count = &record["attributes"]["ApproximateReceiveCount"];
        let receive_count = count.as_str().and_then(|count| count.parse().ok());
        let outermost = || SqsMessage { id: text(&record["messageId"]), receive_count };
        Self { entry: Some(Entry::Queue), sqs: Some(self.sqs.clone().unwrap_or_else(outermost)), ..self.clone() }
    }
}

/// `eventSource` alone decides where it is there; some senders of test events leave it out.
fn is_sqs(record: &Value) -> bool {
    match record["eventSource"].as_str() {
        Some(source) => source == "aws:sqs",
        None => record["body"].is_string(),
    }
}

/// S3 sends other events to EventBridge, too, and CloudTrail sends S3's API calls with S3 as their source.
fn is_of_eventbridge(value: &Value) -> bool {
    value["source"] == "aws.s3" && value["detail-type"].as_str().is_some_and(|name| name.starts_with("Object "))
}

/// What an event is that is not known.
fn describe(value: &Value) -> String {
    let Value::Object(fields) = value else {
        return "the message is JSON, but not an object".to_owned();
    };
    if let Some(name) = value["detail-type"].as_str() {
        let source = value["source"].as_str().unwrap_or_default();
        return format!("the EventBridge event {name:?} of {source:?} is not about an object in S3");
    }
    if let (Some(kind), true) = (value["Type"].as_str(), value["TopicArn"].is_string()) {
        return format!("the SNS message is of type {kind:?}");
    }
    let names: Vec<_> = fields.keys().take(MAX_FIELDS).collect();
    format!("the event holds no S3 records, its fields are {names:?}")
}

/// The text, unless it is missing or empty.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
