//! What a message is to filters and to protocols.

use serde_json::{Value, json};

use super::Message;
use crate::sns::params::Params;

fn read(form: &[(&str, &str)]) -> Message {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Message::read(&Params::parse(None, form.as_bytes()), "", Some("Root=1-2-3")).expect("a message")
}

#[test]
fn each_protocol_has_its_text_or_the_default() {
    let message =
        read(&[("Message", r#"{"default":"d","email":"mail","sqs":7,"default":"e"}"#), ("MessageStructure", "json")]);
    assert_eq!((message.text("email"), message.text("sqs"), message.text("http")), ("mail", "e", "e"));
    assert_eq!(message.trace_header.as_deref(), Some("Root=1-2-3"));
    let plain = read(&[("Message", r#"{"default":"d"}"#)]);
    assert_eq!(plain.text("email"), r#"{"default":"d"}"#, "without a structure a message is its text");
}

#[test]
fn filters_see_attributes_by_their_type() {
    let attributes = [
        ("s", "String", "StringValue", "7"),
        ("n", "Number", "StringValue", " 7.50 "),
        ("l", "String.Array", "StringValue", r#"["a",1,null]"#),
        ("broken", "String.Array", "StringValue", "a"),
        ("b", "Binary", "BinaryValue", "AgME"),
    ];
    let mut form = vec![("Message".to_owned(), "m")];
    for (index, (name, data_type, field, value)) in attributes.into_iter().enumerate() {
        let place = format!("MessageAttributes.entry.{}", index + 1);
        form.push((format!("{place}.Name"), name));
        form.push((format!("{place}.Value.DataType"), data_type));
        form.push((format!("{place}.Value.{field}"), value));
    }
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let seen = Value::Object(read(&form).filterable());
    assert_eq!(seen, json!({"s": "7", "n": 7.5, "l": ["a", 1, null]}));
}
