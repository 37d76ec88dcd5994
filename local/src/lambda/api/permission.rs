//! `GetPolicy`, `AddPermission` and `RemovePermission`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use imgwatch_shared::arn::Arn;
use serde::Deserialize;
use serde_json::json;

use super::{Call, ok};
use crate::common::env::PARTITION;
use crate::common::wire::{self, ApiError};
use crate::lambda::function::Function;
use crate::lambda::policy::Statement;

pub(super) fn get(function: &Function) -> Result<Response, ApiError> {
    let policy = function.policy();
    if policy.is_empty() {
        return Err(missing("The resource you requested does not exist.".to_owned()));
    }
    Ok(ok(&json!({"Policy": policy.document().to_string(), "RevisionId": policy.revision})))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Permission {
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
}

impl Permission {
    fn check(&self) -> Result<(), ApiError> {
        let Self { statement_id, action, principal, source_account, .. } = self;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        must_match("statementId", statement_id, "([a-zA-Z0-9-_]+)", filled(statement_id, is_word))?;
        if statement_id.len() > 100 {
            return Err(violation("statementId", statement_id, "Member must have length less than or equal to 100"));
        }
        let operation = action.strip_prefix("lambda:").unwrap_or_default();
        let is_action = action == "*" || operation == "*" || filled(operation, |byte| byte.is_ascii_alphabetic());
        must_match("action", action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])", is_action)?;
        if let Some(account) = source_account {
            must_match("sourceAccount", account, "\\d{12}", is_account(account))?;
        }
        let is_principal = principal == "*"
            || is_account(principal)
            || principal
                .strip_suffix(".amazonaws.com")
                .is_some_and(|name| filled(name, |byte| byte == b'.' || is_word(byte)))
            || Arn::parse(principal).is_some_and(|arn| arn.partition == PARTITION);
        if !is_principal {
            let message = "The provided principal was invalid. Please check the principal and try again.";
            return Err(ApiError::bad_request("InvalidParameterValueException", message));
        }
        Ok(())
    }
}

fn filled(text: &str, is_allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is_allowed)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn must_match(name: &str, value: &str, pattern: &str, does: bool) -> Result<(), ApiError> {
    let constraint = || format!("Member must satisfy regular expression pattern: {pattern}");
    if does { Ok(()) } else { Err(violation(name, value, &constraint())) }
}

fn violation(name: &str, value: &str, constraint: &str) -> ApiError {
    let message =
        format!("1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}");
    ApiError::bad_request("ValidationException", message)
}

pub(super) fn add(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let permission: Permission = call.json()?;
    permission.check()?;
    let mut policy = function.policy();
    if policy.has(&permission.statement_id) {
        let message = format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the \
             existing statement.",
            permission.statement_id
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "ResourceConflictException", message));
    }
    let statement = Statement {
        id: permission.statement_id,
        principal: permission.principal,
        action: permission.action,
        resource: function.arn.clone(),
        source_arn: permission.source_arn,
        source_account: permission.source_account,
    };
    let document = statement.document().to_string();
    policy.put(statement, function.env.id());
    Ok(wire::json(StatusCode::CREATED, &json!({ "Statement": document })))
}

pub(super) fn remove(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let id = call.path.get(3).map(String::as_str).unwrap_or_default();
    if function.policy().remove(id, function.env.id()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(missing(format!("Statement {id} is not found in resource policy.")))
}

fn missing(message: String) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}
