//! A function's resource policy.

use imgwatch_shared::arn::Arn;
use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::{Value, json};

/// The statements and their revision.
#[derive(Debug, Default)]
pub(super) struct Policy {
    statements: Vec<Statement>,
    pub(super) revision: String,
}

/// One permission of `AddPermission`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) id: String,
    /// A service such as `s3.amazonaws.com`, an account, an ARN or `*`.
    pub(super) principal: String,
    pub(super) action: String,
    /// The function's ARN.
    pub(super) resource: String,
    /// A pattern with `*` and `?`.
    pub(super) source_arn: Option<String>,
    pub(super) source_account: Option<String>,
}

impl Policy {
    /// Adds a statement, in place of one of the same id.
    pub(super) fn put(&mut self, statement: Statement, revision: String) {
        self.statements.retain(|other| other.id != statement.id);
        self.statements.push(statement);
        self.revision = revision;
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.statements.iter().any(|statement| statement.id == id)
    }

    /// False when there is no such statement.
    pub(super) fn remove(&mut self, id: &str, revision: String) -> bool {
        let before = self.statements.len();
        self.statements.retain(|statement| statement.id != id);
        self.revision = revision;
        self.statements.len() < before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether a service may invoke the function for a resource, which is of this account.
    pub(super) fn allows(&self, principal: &str, source_arn: &str) -> bool {
        // Each statement names the one function that the policy belongs to.
        let resource = self.statements.first().map_or("", |statement| statement.resource.as_str());
        let action = "lambda:InvokeFunction";
        let asking = Asking { principal, action, source_arn, source_account: crate::common::env::ACCOUNT, resource };
        resource_policy::allows(&self.document().to_string(), &asking)
    }

    pub(super) fn document(&self) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(Statement::document).collect();
        json!({"Version": "2012-10-17", "Id": "default", "Statement": statements})
    }
}

impl Statement {
    /// Permits a service to invoke a function for one resource, as the console sets it up.
    pub(super) fn of_service(id: &str, function_arn: &str, principal: &str, source_arn: &str) -> Self {
        Self {
            id: id.to_owned(),
            principal: principal.to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            resource: function_arn.to_owned(),
            source_arn: Some(source_arn.to_owned()),
            source_account: None,
        }
    }

    /// Of this account only: a bucket's name may become another's.
    pub(super) fn of_account(self, account: &str) -> Self {
        Self { source_account: Some(account.to_owned()), ..self }
    }

    pub(super) fn document(&self) -> Value {
        let principal = match self.principal.as_str() {
            "*" => json!("*"),
            service if service.contains(".amazonaws.com") => json!({"Service": service}),
            account if account.bytes().all(|byte| byte.is_ascii_digit()) => {
                // The account's partition is the function's.
                let partition = Arn::parse(&self.resource).map_or("aws", |arn| arn.partition);
                let root = Arn { partition, service: "iam", region: "", account, resource: "root" };
                json!({"AWS": root.to_string()})
            }
            arn => json!({"AWS": arn}),
        };
        let mut document = json!({
            "Sid": self.id,
            "Effect": "Allow",
            "Principal": principal,
            "Action": self.action,
            "Resource": self.resource,
        });
        if let Some(account) = &self.source_account {
            document["Condition"]["StringEquals"]["AWS:SourceAccount"] = account.as_str().into();
        }
        if let Some(arn) = &self.source_arn {
            document["Condition"]["ArnLike"]["AWS:SourceArn"] = arn.as_str().into();
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_bucket_may_invoke() {
        let images = Statement::of_service("images", "arn:f", "s3.amazonaws.com", "arn:aws:s3:::images");
        let mut policy = Policy::default();
        policy.put(images.clone().of_account(crate::common::env::ACCOUNT), String::new());
        assert!(policy.allows("s3.amazonaws.com", "arn:aws:s3:::images"));
        assert!(!policy.allows("s3.amazonaws.com", "arn:aws:s3:::others"));
        assert!(!policy.allows("sns.amazonaws.com", "arn:aws:s3:::images"));
        policy.put(images.of_account(&"1".repeat(12)), String::new());
        assert!(!policy.allows("s3.amazonaws.com", "arn:aws:s3:::images"));
    }
}
