//! `GetPolicy`, `AddPermission` and `RemovePermission`.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use imgwatch_shared::arn::{self, Arn};
use serde::Deserialize;
use serde_json::json;

use super::{Call, missing, ok, violation};
use crate::common::wire::{self, ApiError};
use crate::lambda::function::Function;
use crate::lambda::policy::{Policy, Statement};
use crate::lambda::{Lambda, arn_of, not_found};

pub(super) fn get(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let none = || missing("The resource you requested does not exist.");
    let function = lambda.find(&call.name(lambda)?).ok_or_else(none)?;
    let policy = function.policy();
    if policy.is_empty() {
        return Err(none());
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
    revision_id: Option<String>,
}

impl Permission {
    fn check(&self) -> Result<(), ApiError> {
        let Self { statement_id, action, principal, source_account, .. } = self;
        must_match("statementId", statement_id, "([a-zA-Z0-9-_]+)", is_word(statement_id))?;
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
            || principal.strip_suffix(".amazonaws.com").is_some_and(|name| name.split('.').all(is_word))
            || Arn::is_one(principal);
        if !is_principal {
            let message = "The provided principal was invalid. Please check the principal and try again.";
            return Err(ApiError::bad_request("InvalidParameterValueException", message));
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    filled(text, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
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

/// The function of a permission; there are no versions and aliases, which could have policies of their own.
fn unqualified(lambda: &Lambda, call: &Call) -> Result<Arc<Function>, ApiError> {
    let name = call.name(lambda)?;
    let (_, qualifier) = arn::function(&name);
    match qualifier {
        Some("$LATEST") => {
            let message = "We currently do not support adding policies for $LATEST.";
            Err(ApiError::bad_request("InvalidParameterValueException", message))
        }
        Some(alias) if alias.bytes().any(|byte| byte.is_ascii_alphabetic()) && is_word(alias) => {
            Err(missing(format!("Cannot find alias arn: {}", arn_of(lambda, &name))))
        }
        _ => lambda.find(&name).ok_or_else(|| not_found(lambda, &name)),
    }
}

/// A change may name the revision that it is based on: of the policy, or of the function.
fn check_revision(function: &Function, policy: &Policy, given: Option<&str>) -> Result<(), ApiError> {
    if given.is_none_or(|given| given == policy.revision || given == function.settings().revision) {
        return Ok(());
    }
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                   retrieve the latest Revision Id";
    Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailedException", message))
}

pub(super) fn add(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let permission: Permission = call.json()?;
    permission.check()?;
    let function = unqualified(lambda, call)?;
    let mut policy = function.policy();
    if policy.has(&permission.statement_id) {
        let message = format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the \
             existing statement.",
            permission.statement_id
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "ResourceConflictException", message));
    }
    check_revision(&function, &policy, permission.revision_id.as_deref())?;
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

pub(super) fn remove(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let id = call.path.get(3).map(String::as_str).unwrap_or_default();
    let name = call.name(lambda)?;
    if lambda.find(&name).is_none() && arn::function(&name).1.is_none() {
        return Err(missing(format!("No policy found for: {}", arn_of(lambda, &name))));
    }
    let function = unqualified(lambda, call)?;
    let mut policy = function.policy();
    if policy.is_empty() {
        return Err(missing("No policy is associated with the given resource."));
    }
    check_revision(&function, &policy, call.query("RevisionId"))?;
    if policy.remove(id, function.env.id()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(missing(format!("Statement {id} is not found in resource policy.")))
}
