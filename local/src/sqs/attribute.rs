//! Message attributes and the digests that clients check.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::wire::{self, ApiError};

/// A message attribute's value: text for `String` and `Number`, bytes for `Binary`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Text(String),
    Binary(Bytes),
}

/// A message attribute; the data type may carry a suffix, as in `Number.int`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) data_type: String,
    pub(crate) content: Content,
}

/// A message attribute as it comes over the wire.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeInput {
    data_type: Option<String>,
    string_value: Option<String>,
    binary_value: Option<String>,
}

impl AttributeInput {
    /// An attribute from its data type and its value, which is Base64 for `Binary`.
    pub(crate) fn new(data_type: String, value: String) -> Self {
        let binary = data_type.split('.').next() == Some("Binary");
        let (string_value, binary_value) = if binary { (None, Some(value)) } else { (Some(value), None) };
        Self { data_type: Some(data_type), string_value, binary_value }
    }
}

impl AttributeInput {
    /// As [`size`], before the value is checked.
    pub(crate) fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        // Base64 has four characters for three bytes.
        text(&self.data_type) + text(&self.string_value) + text(&self.binary_value) / 4 * 3
    }
}

pub(crate) type Attributes = BTreeMap<String, Attribute>;

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", message)
}

pub(crate) fn parse(input: BTreeMap<String, AttributeInput>) -> Result<Attributes, ApiError> {
    if input.len() > 10 {
        let count = input.len();
        return Err(invalid(format!("Number of message attributes [{count}] exceeds the allowed maximum [10].")));
    }
    input.into_iter().map(|(name, value)| parse_one(&name, value).map(|attribute| (name, attribute))).collect()
}

fn parse_one(name: &str, input: AttributeInput) -> Result<Attribute, ApiError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 256 || !name.chars().all(legal) || name.starts_with('.') || name.ends_with('.') {
        let hint = "it may hold letters, digits, hyphens, underscores and inner periods, up to 256 characters";
        return Err(invalid(format!("The message attribute name '{name}' is invalid: {hint}.")));
    }
    let data_type = input.data_type.filter(|text| !text.is_empty()).ok_or_else(|| {
        invalid(format!("The message attribute '{name}' must contain a non-empty message attribute type."))
    })?;
    let kind = data_type.split('.').next().unwrap_or_default();
    let empty =
        || invalid(format!("Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."));
    let content = match kind {
        "String" | "Number" => {
            let text = input.string_value.filter(|text| !text.is_empty()).ok_or_else(empty)?;
            if kind == "Number" && text.parse::<f64>().is_err() {
                return Err(invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number.")));
            }
            Content::Text(text)
        }
        "Binary" => {
            let text = input.binary_value.filter(|text| !text.is_empty()).ok_or_else(empty)?;
            let bytes = BASE64_STANDARD.decode(&text).map_err(|error| {
                ApiError::bad_request(
                    "SerializationException",
                    format!("the attribute '{name}' is not Base64: {error}"),
                )
            })?;
            Content::Binary(bytes.into())
        }
        _ => {
            return Err(invalid(format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the following supported \
                 type prefixes: Binary, Number, String."
            )));
        }
    };
    Ok(Attribute { data_type, content })
}

/// The size of names, types and values, which counts towards the message's size.
pub(crate) fn size(attributes: &Attributes) -> usize {
    let one =
        |(name, attribute): (&String, &Attribute)| name.len() + attribute.data_type.len() + content(attribute).1.len();
    attributes.iter().map(one).sum()
}

/// The transport type (1 for text, 2 for binary) and the bytes.
fn content(attribute: &Attribute) -> (u8, &[u8]) {
    match &attribute.content {
        Content::Text(text) => (1, text.as_bytes()),
        Content::Binary(bytes) => (2, bytes),
    }
}

pub(crate) fn render(attribute: &Attribute) -> Value {
    match &attribute.content {
        Content::Text(text) => json!({"DataType": attribute.data_type, "StringValue": text}),
        Content::Binary(bytes) => {
            json!({"DataType": attribute.data_type, "BinaryValue": BASE64_STANDARD.encode(bytes)})
        }
    }
}

/// `MD5OfMessageBody`.
pub(crate) fn md5_of_body(body: &str) -> String {
    wire::hex(Md5::digest(body.as_bytes()))
}

/// `MD5OfMessageAttributes`: each part in the order of the names, preceded by its length in four bytes. `None` without
/// attributes: SQS then leaves the member out.
pub(crate) fn md5_of_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    let part = |digest: &mut Md5, bytes: &[u8]| {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for (name, attribute) in attributes {
        any = true;
        let (transport, bytes) = content(attribute);
        part(&mut digest, name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        digest.update([transport]);
        part(&mut digest, bytes);
    }
    any.then(|| wire::hex(digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> Attribute {
        Attribute { data_type: data_type.to_owned(), content: Content::Text(value.to_owned()) }
    }

    #[test]
    fn digest_of_a_body() {
        // RFC 1321, appendix A.5.
        assert_eq!(md5_of_body("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }

    #[test]
    fn digests_that_aws_answered() {
        let one = Attributes::from([("attr1".to_owned(), text("Number", "99.12"))]);
        assert_eq!(md5_of_attributes(&one).as_deref(), Some("d302007e9aa062660afc85fd0a482472"));
        let mut two = one;
        two.insert("attr2".to_owned(), text("Number", "109.12"));
        assert_eq!(md5_of_attributes(&two).as_deref(), Some("9b720b3af309c1c4b0d395c53b08c502"));
    }

    #[test]
    fn digest_needs_at_least_one_attribute() {
        assert_eq!(md5_of_attributes(&Attributes::new()), None);
    }

    #[test]
    fn numbers_are_checked_and_binary_is_decoded() {
        let input = |json: Value| serde_json::from_value::<BTreeMap<String, AttributeInput>>(json).unwrap();
        assert!(parse(input(json!({"n": {"DataType": "Number.int", "StringValue": "12"}}))).is_ok());
        assert!(parse(input(json!({"n": {"DataType": "Number", "StringValue": "twelve"}}))).is_err());
        assert!(parse(input(json!({"n": {"DataType": "Text", "StringValue": "x"}}))).is_err());
        assert!(parse(input(json!({"n": {"DataType": "String", "StringValue": ""}}))).is_err());
        let parsed = parse(input(json!({"b": {"DataType": "Binary", "BinaryValue": "AAE="}}))).unwrap();
        assert_eq!(parsed.get("b").unwrap().content, Content::Binary(Bytes::from_static(&[0, 1])));
        assert_eq!(size(&Attributes::from([("ab".to_owned(), text("String", "xyz"))])), 11);
    }
}
