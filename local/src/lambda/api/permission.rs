//! The resource policy over the wire: `GetPolicy`, `AddPermission`, `RemovePermission`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Call, ok, with_status};
use crate::lambda::function::Function;
use crate::lambda::policy::Statement;
use crate::wire::ApiError;

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

pub(super) fn add(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let permission: Permission = call.json()?;
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
    policy.put(statement);
    Ok(with_status(StatusCode::CREATED, &json!({ "Statement": document })))
}

pub(super) fn remove(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let id = call.path.get(3).map(String::as_str).unwrap_or_default();
    if function.policy().remove(id) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(missing(format!("Statement {id} is not found in resource policy.")))
}

fn missing(message: String) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}
