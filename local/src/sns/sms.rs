//! The account's SMS attributes. The messages themselves go to the inbox; see `delivery`.

use super::Call;
use crate::common::query::{self, Answer};
use crate::common::wire::ApiError;

/// Switches delivery status logging of SMS messages on.
pub(super) const ROLE: &str = "DeliveryStatusIAMRole";
pub(super) const RATE: &str = "DeliveryStatusSuccessSamplingRate";

const NAMES: [&str; 6] = ["MonthlySpendLimit", ROLE, RATE, "DefaultSenderID", "DefaultSMSType", "UsageReportS3Bucket"];

pub(super) fn set_attributes(call: &Call<'_>) -> Result<Answer, ApiError> {
    let attributes = call.params.map("attributes");
    for (name, value) in &attributes {
        check(name, value).map_err(|what| ApiError::bad_request("InvalidParameter", what))?;
    }
    call.sns.lock().sms_attributes.extend(attributes);
    Ok(Some(String::new()))
}

fn check(name: &str, value: &str) -> Result<(), String> {
    let is_right = match name {
        "DefaultSMSType" => matches!(value, "Promotional" | "Transactional"),
        "DefaultSenderID" => {
            let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let is_right = value.len() <= 11 && is_plain && value.bytes().any(|byte| byte.is_ascii_alphabetic());
            // AWS's message names the attribute like this.
            return if is_right { Ok(()) } else { Err("DefaultSendID is not a valid attribute".to_owned()) };
        }
        RATE => value.parse::<u8>().is_ok_and(|rate| rate <= 100),
        _ if NAMES.contains(&name) => true,
        _ => return Err(format!("{name} is not a valid attribute")),
    };
    if is_right { Ok(()) } else { Err(format!("{name} is invalid")) }
}

pub(super) fn get_attributes(call: &Call<'_>) -> String {
    let wanted = call.params.list("attributes");
    let state = call.sns.lock();
    let mut attributes = state.sms_attributes.clone();
    // The default limit of an account.
    attributes.entry("MonthlySpendLimit".to_owned()).or_insert_with(|| "1".to_owned());
    let is_wanted = |name: &String| wanted.is_empty() || wanted.contains(name);
    let shown = attributes.iter().filter(|(name, _)| is_wanted(name));
    query::map("attributes", shown.map(|(name, value)| (name.as_str(), value.as_str())))
}
