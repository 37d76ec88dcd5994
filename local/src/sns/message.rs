//! A message of `Publish`, checked.

mod attribute;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub(super) use self::attribute::Attribute;
use super::check::invalid;
use crate::common::env::Env;
use crate::common::query::Params;
use crate::common::wire::ApiError;

/// AWS's limit on the text and the attributes together.
pub(super) const MOST_BYTES: usize = 262_144;

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) subject: Option<String>,
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) published: Timestamp,
    /// `X-Amzn-Trace-Id` of the publisher's request.
    pub(super) trace_header: Option<String>,
    /// The bytes that count against the limit.
    pub(super) size: usize,
    default: String,
    /// Texts for particular protocols.
    variants: BTreeMap<String, String>,
}

impl Message {
    pub(super) fn new(env: &Env, subject: Option<&str>, text: String) -> Self {
        Self {
            id: env.id(),
            subject: subject.map(str::to_owned),
            attributes: BTreeMap::new(),
            published: env.now(),
            trace_header: None,
            size: text.len(),
            default: text,
            variants: BTreeMap::new(),
        }
    }

    /// Reads a message from the parameters of `Publish` or of an entry of `PublishBatch`; `place` is the entry's place in
    /// AWS's error messages.
    pub(super) fn read(env: &Env, params: &Params, place: &str, trace_header: Option<&str>) -> Result<Self, ApiError> {
        let text = params.get("Message").unwrap_or_default();
        if text.is_empty() {
            return Err(invalid("Empty message"));
        }
        if params.get("MessageDeduplicationId").is_some() {
            let reason = "The request includes MessageDeduplicationId parameter that is not valid for this topic type";
            return Err(invalid(format!("MessageDeduplicationId Reason: {reason}")));
        }
        let subject = params.get("Subject");
        if let Some(subject) = subject {
            check_subject(subject)?;
        }
        let attributes = attribute::read(params, place)?;
        let mut message = Self::new(env, subject, text.to_owned());
        message.size += attributes.iter().map(|(name, attribute)| name.len() + attribute.size()).sum::<usize>();
        if message.size > MOST_BYTES {
            return Err(invalid("Message too long"));
        }
        match params.get("MessageStructure") {
            None | Some("") => {}
            Some("json") => (message.default, message.variants) = structure(text)?,
            Some(other) => return Err(invalid(format!("MessageStructure Reason: {other} is not a valid value"))),
        }
        message.attributes = attributes;
        message.trace_header = trace_header.map(str::to_owned);
        Ok(message)
    }

    pub(super) fn text(&self, protocol: &str) -> &str {
        self.variants.get(protocol).unwrap_or(&self.default)
    }

    /// The attributes as filter policies see them.
    pub(super) fn filterable(&self) -> Value {
        let pair = |(name, attribute): (&String, &Attribute)| Some((name.clone(), attribute.filterable()?));
        self.attributes.iter().filter_map(pair).collect()
    }
}

/// Less than 100 characters, none of them a control character.
fn check_subject(subject: &str) -> Result<(), ApiError> {
    let is_right = !subject.is_empty() && subject.chars().count() < 100 && !subject.chars().any(char::is_control);
    if is_right { Ok(()) } else { Err(invalid("Subject")) }
}

/// Splits a message that has a text for each protocol. Values of other types count as absent.
fn structure(text: &str) -> Result<(String, BTreeMap<String, String>), ApiError> {
    let fault = |what: &str| invalid(format!("Message Structure - {what}"));
    let texts: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| fault("JSON message body failed to parse"))?;
    let mut variants = BTreeMap::new();
    for (protocol, value) in texts {
        if let Value::String(text) = value {
            variants.insert(protocol, text);
        }
    }
    let default = variants.remove("default").ok_or_else(|| fault("No default entry in JSON message body"))?;
    Ok((default, variants))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::common::env::testing;

    fn read(form: &[(&str, &str)]) -> Message {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Message::read(&testing::env().0, &Params::parse(None, form.as_bytes()), "", Some("Root=1-2-3"))
            .expect("a message")
    }

    #[test]
    fn each_protocol_has_its_text_or_the_default() {
        let message = read(&[
            ("Message", r#"{"default":"d","email":"mail","sqs":7,"default":"e"}"#),
            ("MessageStructure", "json"),
        ]);
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
        let seen = read(&form).filterable();
        assert_eq!(seen, json!({"s": "7", "n": 7.5, "l": ["a", 1, null]}));
    }
}
