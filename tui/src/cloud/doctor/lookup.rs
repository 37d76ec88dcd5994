//! One look: a request, bounded in time, and what came of it. The only place that tells a missing thing from a missing
//! permission and from an endpoint that does not know the operation.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::cloud::connection::problem;
use crate::domain::diagnosis::findings::Lookup;
use crate::domain::problem::ProblemKind;
use crate::text::clean::Clean;

/// The longest that one look may take, repeated attempts included.
const LIMIT: Duration = Duration::from_secs(20);

/// How to read answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct LookupReader<'a> {
    /// AWS knows every operation; other endpoints need not.
    pub(super) is_aws: bool,
    /// The name of the resource; without one no request can be made.
    pub(super) named: &'a str,
}

impl LookupReader<'_> {
    /// Sends a request that needs one permission, which is also the operation's name but for exceptions.
    pub(super) async fn at<T, E>(
        self,
        permission: &'static str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Lookup<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if self.named.is_empty() {
            return Lookup::NotAsked;
        }
        match tokio::time::timeout(LIMIT, Box::pin(request)).await {
            Ok(Ok(answer)) => Lookup::Found(answer),
            Ok(Err(error)) => self.refused(permission, &error),
            Err(_) => Lookup::Failed(Clean::new(&format!("no answer within {} s", LIMIT.as_secs()))),
        }
    }

    fn refused<T, E>(self, permission: &'static str, error: &SdkError<E, HttpResponse>) -> Lookup<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let why = problem::line(&problem::said(error));
        let (code, status) = match error {
            SdkError::ServiceError(answer) => (answer.err().code().unwrap_or_default(), answer.raw().status().as_u16()),
            _ => return Lookup::Failed(why),
        };
        if !self.is_aws && is_unknown(code, status) {
            return Lookup::NotOffered(permission);
        }
        match problem::kind(error) {
            ProblemKind::Denied => Lookup::Denied { permission, why },
            ProblemKind::NotFound | ProblemKind::NoSuchBucket => Lookup::Missing(why),
            _ if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") => Lookup::Missing(why),
            _ => Lookup::Failed(why),
        }
    }
}

/// Whether an endpoint says that it does not know the operation, in one of the ways that there are.
fn is_unknown(code: &str, status: u16) -> bool {
    let known = [
        "NotImplemented",
        "NotImplementedException",
        "NotYetImplemented",
        "InvalidAction",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    ];
    status == 501 || known.contains(&code) || (code.is_empty() && matches!(status, 400 | 404 | 405))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_does_not_know_is_distinguished_from_what_it_refuses() {
        for (code, status, unknown) in [
            ("NotImplementedException", 501, true),
            ("InvalidAction", 400, true),
            ("", 404, true),
            ("", 403, false),
            ("ResourceNotFoundException", 404, false),
            ("AccessDenied", 403, false),
            ("InternalError", 500, false),
        ] {
            assert_eq!(is_unknown(code, status), unknown, "{code} {status}");
        }
    }
}
