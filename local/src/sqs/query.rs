//! The query protocol, which SQS's clients spoke before AWS JSON: botocore before 1.29.127, version 1 of the Java SDK.
//!
//! It has the operations and members of the newer protocol in another form, so a request is turned into the same input,
//! and its answer is written from the same output.

use axum::response::Response;
use http::Request;
use serde_json::{Map, Value};

use crate::common::aws_json::Call;
use crate::common::query::{self, Params, element};

const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

/// Lists: the name of each item, and the member's name.
const LISTS: [(&str, &str); 7] = [
    ("AttributeName", "AttributeNames"),
    ("BatchResultErrorEntry", "Failed"),
    ("Message", "Messages"),
    ("MessageAttributeName", "MessageAttributeNames"),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames"),
    ("QueueUrl", "QueueUrls"),
    ("TagKey", "TagKeys"),
];
/// Maps: the name of each entry, the member's name, and the name of an entry's key.
const MAPS: [(&str, &str, &str); 4] = [
    ("Attribute", "Attributes", "Name"),
    ("MessageAttribute", "MessageAttributes", "Name"),
    ("MessageSystemAttribute", "MessageSystemAttributes", "Name"),
    ("Tag", "Tags", "Key"),
];
const NUMBERS: [&str; 5] =
    ["DelaySeconds", "MaxNumberOfMessages", "MaxResults", "VisibilityTimeout", "WaitTimeSeconds"];

/// The call, if the request speaks the query protocol: a form or a query string, and no target in a header.
pub(super) fn read<B>(request: &Request<B>) -> Option<Call> {
    if request.headers().contains_key("x-amz-target") {
        return None;
    }
    let params = request.extensions().get::<Params>()?;
    let operation = params.get("Action")?.to_owned();
    let mut input = members(&operation, params.tree());
    // The queue may be named by the address alone.
    let path = request.uri().path();
    if !input.contains_key("QueueUrl") && path.len() > 1 {
        input.insert("QueueUrl".to_owned(), path.into());
    }
    let trace_header = request.headers().get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    Some(Call::new(operation, trace_header.map(str::to_owned), Value::Object(input)))
}

/// The members of a structure, as the newer protocol names and nests them.
fn members(operation: &str, tree: Map<String, Value>) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        // A queue's URL is a list's item in answers only.
        let list = LISTS.iter().find(|(item, _)| *item == name && *item != "QueueUrl");
        if let Some((_, list)) = list {
            return ((*list).to_owned(), Value::Array(items(value)));
        }
        if let Some((_, map, key)) = MAPS.iter().find(|(entry, ..)| *entry == name) {
            let entry = |mut entry: Value| {
                let name = entry.get(*key)?.as_str()?.to_owned();
                Some((name, entry.get_mut("Value").map_or_else(|| "".into(), Value::take)))
            };
            return ((*map).to_owned(), Value::Object(items(value).into_iter().filter_map(entry).collect()));
        }
        if name.strip_suffix("RequestEntry") == Some(operation) {
            let entry = |entry| match entry {
                Value::Object(tree) => Value::Object(members(operation, tree)),
                other => other,
            };
            return ("Entries".to_owned(), items(value).into_iter().map(entry).collect());
        }
        let number = NUMBERS.contains(&name.as_str()).then(|| value.as_str()?.parse::<i64>().ok()).flatten();
        (name, number.map_or(value, Value::from))
    };
    tree.into_iter().map(member).collect()
}

/// The items of a list; a list of one may be written without a number.
fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

pub(super) fn answer(operation: &str, output: &Value, request_id: &str) -> Response {
    let result = output.as_object().map(|members| write(operation, members));
    query::respond(NAMESPACE, operation, result, request_id)
}

/// A structure's members in XML. Lists and maps are flat: their items have no element around them.
fn write(operation: &str, members: &Map<String, Value>) -> String {
    let member = |(name, value): (&String, &Value)| match value {
        Value::Array(items) => {
            let entry = format!("{operation}ResultEntry");
            let item = LISTS.iter().find(|(_, list)| list == name).map_or(entry.as_str(), |(item, _)| *item);
            items.iter().map(|value| write_one(operation, item, value)).collect()
        }
        Value::Object(entries) => match MAPS.iter().find(|(_, map, _)| map == name) {
            Some((item, _, key)) => {
                let entry = |(name, value): (&String, &Value)| {
                    format!("<{item}>{}{}</{item}>", element(key, name), write_one(operation, "Value", value))
                };
                entries.iter().map(entry).collect::<Vec<_>>().concat()
            }
            None => write_one(operation, name, value),
        },
        _ => write_one(operation, name, value),
    };
    members.iter().map(member).collect()
}

fn write_one(operation: &str, name: &str, value: &Value) -> String {
    match value {
        Value::Object(members) => format!("<{name}>{}</{name}>", write(operation, members)),
        Value::String(text) => element(name, text),
        other => element(name, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(form: &str) -> Value {
        let params = Params::parse(None, form.as_bytes());
        let operation = params.get("Action").unwrap();
        Value::Object(members(operation, params.tree()).into_iter().filter(|(name, _)| name != "Action").collect())
    }

    #[test]
    fn a_form_becomes_the_input_of_the_newer_protocol() {
        let send = "Action=SendMessage&MessageBody=12&DelaySeconds=5&MessageAttribute.1.Name=n\
                    &MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=7";
        let attributes = json!({"n": {"DataType": "Number", "StringValue": "7"}});
        let expected = json!({"MessageBody": "12", "DelaySeconds": 5, "MessageAttributes": attributes});
        assert_eq!(input(send), expected);
        let create = "Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=7\
                      &Tag.1.Key=team&Tag.1.Value=a";
        let created = json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "7"}, "Tags": {"team": "a"}});
        assert_eq!(input(create), created);
        let batch = "Action=SendMessageBatch&QueueUrl=u&SendMessageBatchRequestEntry.1.Id=a\
                     &SendMessageBatchRequestEntry.1.MessageBody=x&SendMessageBatchRequestEntry.1.DelaySeconds=1";
        assert_eq!(
            input(batch),
            json!({"QueueUrl": "u", "Entries": [{"Id": "a", "MessageBody": "x", "DelaySeconds": 1}]})
        );
        assert_eq!(
            input("Action=GetQueueAttributes&AttributeName.1=All&AttributeName.2=Policy"),
            json!({"AttributeNames": ["All", "Policy"]})
        );
        assert_eq!(
            input("Action=SetQueueAttributes&Attribute.Name=DelaySeconds&Attribute.Value=3"),
            json!({"Attributes": {"DelaySeconds": "3"}}),
            "an example of AWS's documentation"
        );
    }

    #[test]
    fn an_output_is_written_flat() {
        let message = json!({
            "MessageId": "m",
            "Body": "a<b\r",
            "Attributes": {"SenderId": "1"},
            "MessageAttributes": {"n": {"DataType": "String", "StringValue": "v"}},
        });
        let Value::Object(received) = json!({"Messages": [message]}) else { unreachable!() };
        let xml = "<Message><Attribute><Name>SenderId</Name><Value>1</Value></Attribute><Body>a&lt;b&#13;</Body>\
                   <MessageAttribute><Name>n</Name><Value><DataType>String</DataType><StringValue>v</StringValue>\
                   </Value></MessageAttribute><MessageId>m</MessageId></Message>";
        assert_eq!(write("ReceiveMessage", &received), xml);
        let Value::Object(batch) = json!({
            "Successful": [{"Id": "a"}],
            "Failed": [{"Id": "b", "SenderFault": true, "Code": "c", "Message": "d"}],
        }) else {
            unreachable!()
        };
        let xml = "<BatchResultErrorEntry><Code>c</Code><Id>b</Id><Message>d</Message><SenderFault>true</SenderFault>\
                   </BatchResultErrorEntry><DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>";
        assert_eq!(write("DeleteMessageBatch", &batch), xml);
        let Value::Object(listed) = json!({"QueueUrls": ["u", "v"]}) else { unreachable!() };
        assert_eq!(write("ListQueues", &listed), "<QueueUrl>u</QueueUrl><QueueUrl>v</QueueUrl>");
    }
}
