//! Message attributes, checked with AWS's error messages.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::common::query::Params;
use crate::common::wire::ApiError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// `String`, `Number` or `Binary`, perhaps with a suffix such as `.Array`.
    pub(crate) data_type: String,
    /// Binary values are in base64.
    pub(crate) value: String,
}

impl Attribute {
    pub(super) fn size(&self) -> usize {
        self.data_type.len() + self.value.len()
    }

    /// The value as filter policies see it; they do not see binary values and invalid arrays.
    pub(super) fn filterable(&self) -> Option<Value> {
        match self.data_type.as_str() {
            "String.Array" => serde_json::from_str(&self.value).ok().filter(Value::is_array),
            data_type if base(data_type) == "String" => Some(Value::String(self.value.clone())),
            data_type if base(data_type) == "Number" => {
                let number = self.value.trim().parse::<f64>().ok()?;
                serde_json::Number::from_f64(number).map(Value::Number)
            }
            _ => None,
        }
    }
}

fn base(data_type: &str) -> &str {
    data_type.split('.').next().unwrap_or_default()
}

fn fault(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("ParameterValueInvalid", message)
}

/// The request's `MessageAttributes`.
pub(super) fn read(params: &Params, place: &str) -> Result<BTreeMap<String, Attribute>, ApiError> {
    let items = params.items("MessageAttributes");
    let pair = |item: &Params| {
        let name = item.get("Name").unwrap_or_default();
        check_name(name)?;
        Ok((name.to_owned(), attribute(name, &item.below("Value"), place)?))
    };
    items.iter().map(pair).collect()
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(fault("The message attribute name can not be empty."));
    }
    if name.len() > 256 {
        return Err(fault("Length of message attribute name must be less than 256 bytes."));
    }
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    if let Some(char) = name.chars().find(|char| !is_allowed(*char)) {
        return Err(fault(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(char)
        )));
    }
    if name.starts_with('.') {
        return Err(fault("Invalid message attribute name starting with character '.' was found."));
    }
    if name.ends_with('.') {
        return Err(fault("Invalid message attribute name ending with character '.' was found."));
    }
    if name.contains("..") {
        return Err(fault("Message attribute name can not have successive '.' character."));
    }
    Ok(())
}

fn attribute(name: &str, value: &Params, place: &str) -> Result<Attribute, ApiError> {
    let Some(data_type) = value.get("DataType") else {
        let message = format!(
            "1 validation error detected: Value null at '{place}messageAttributes.{name}.member.dataType' failed to \
             satisfy constraint: Member must not be null"
        );
        return Err(ApiError::bad_request("ValidationError", message));
    };
    // A suffix is free, and must not be empty.
    let base =
        if data_type.split_once('.').is_some_and(|(_, suffix)| suffix.is_empty()) { "" } else { base(data_type) };
    let (field, right, wrong) = match base {
        "String" | "Number" => ("String", "StringValue", "BinaryValue"),
        "Binary" => ("Binary", "BinaryValue", "StringValue"),
        _ => {
            return Err(fault(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            )));
        }
    };
    let given = value.get(right).filter(|text| !text.is_empty());
    if given.is_none() && value.get(wrong).is_some_and(|text| !text.is_empty()) {
        return Err(fault(format!("The message attribute '{name}' with type '{base}' must use field '{field}'.")));
    }
    let Some(given) = given else {
        return Err(fault(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{data_type}'."
        )));
    };
    if base == "Number" && !given.trim().parse::<f64>().is_ok_and(f64::is_finite) {
        return Err(fault(format!("Could not cast message attribute '{name}' value to number.")));
    }
    if base == "Binary" && STANDARD.decode(given).is_err() {
        return Err(fault(format!("The message attribute '{name}' has a binary value that is not in base64.")));
    }
    Ok(Attribute { data_type: data_type.to_owned(), value: given.to_owned() })
}
