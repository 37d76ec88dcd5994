//! From the SDK's errors to problems: what failed, why, and what to do about it.
//!
//! The only place that words cloud errors for people. It sends nothing and retries nothing.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::plain::causes;
use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// What was being done, and the permission that it takes.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    what: String,
    permission: &'static str,
}

impl Trouble {
    pub(super) fn new(what: impl Into<String>, permission: &'static str) -> Self {
        Self { what: what.into(), permission }
    }
}

/// Whether a problem is that there are no credentials any more: its hint then makes room for the profile's own command.
pub(super) fn can_be_renewed(problem: &Problem) -> bool {
    [Kind::Expired, Kind::NoCredentials].iter().any(|kind| kind.hint() == problem.hint)
}

/// Whether a problem is one of credentials: other ones may help.
pub(super) fn is_about_credentials(problem: &Problem) -> bool {
    [Kind::Expired, Kind::NoCredentials, Kind::BadCredentials].iter().any(|kind| kind.hint() == problem.hint)
}

/// The kinds of failure that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Denied,
    NoSuchBucket,
    NotFound,
    WrongRegion,
    Expired,
    NoCredentials,
    BadCredentials,
    Clock,
    Archived,
    Throttled,
    Refused,
    Cut,
    Slow,
    Tls,
    Server,
    Other,
}

impl Kind {
    /// What the user can do.
    fn hint(self) -> &'static str {
        match self {
            Self::Denied => "ask for the permission named here, or choose another --profile",
            Self::NoSuchBucket => "check --bucket, --profile and --region",
            Self::NotFound => "check the name, --region and --profile",
            Self::WrongRegion => "pass the region named here with --region",
            Self::Expired => "sign in again with `aws sso login` or `aws login`",
            Self::NoCredentials => {
                "sign in with `aws sso login` or `aws login`, pass --profile, or try `imgwatch --local`"
            }
            Self::BadCredentials => "check the access key of this profile or environment",
            Self::Clock => "set this machine's clock",
            Self::Archived => "restore the object first, with `aws s3api restore-object`",
            Self::Throttled => "wait a little; other programs may be using the same limits",
            Self::Refused => "is anything listening there? start it with `imgwatch local`, or check the network",
            Self::Cut | Self::Slow => "check the network, then try again",
            Self::Tls => "behind a company's proxy, set AWS_CA_BUNDLE to its certificates",
            Self::Server => "try again in a moment",
            Self::Other => "",
        }
    }

    /// Whether the same request may work later without anyone doing anything.
    fn is_transient(self) -> bool {
        // Expired credentials are renewed elsewhere, and then all goes on.
        matches!(self, Self::Throttled | Self::Refused | Self::Cut | Self::Slow | Self::Server | Self::Expired)
    }
}

/// The problem that an SDK error is.
pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, trouble: &Trouble) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let kind = kind(error);
    let said = said(error);
    let why = match kind {
        Kind::Denied => denied(&said, trouble.permission),
        Kind::WrongRegion => match bucket_region(error) {
            Some(region) => format!("the bucket is in {region}"),
            None => said,
        },
        _ => said,
    };
    Problem { what: Clean::new(&trouble.what), why: line(&why), hint: kind.hint(), transient: kind.is_transient() }
}

/// What is not allowed. A request may need more than one permission, as to read what is encrypted: the service's word
/// counts where it names one.
fn denied(said: &str, permission: &str) -> String {
    let named = said.split_once("is not authorized to perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
    let named = named.map(|action| action.trim_end_matches(['.', ',', ';']));
    // The same action in other letters is the one that is documented.
    let other = named.filter(|action| action.contains(':') && !action.eq_ignore_ascii_case(permission));
    format!("{} is not allowed: {said}", other.unwrap_or(permission))
}

/// The problem that missing credentials are.
pub(super) fn of_credentials(error: &dyn Error) -> Problem {
    let why = causes(error);
    let kind = match of_credential_text(&why) {
        Kind::Other => Kind::NoCredentials,
        kind => kind,
    };
    Problem {
        what: Clean::new("no AWS credentials"),
        why: line(&why),
        hint: kind.hint(),
        transient: kind.is_transient(),
    }
}

/// Tells failures apart, by code where the service gave one.
pub(super) fn kind<E>(error: &SdkError<E, HttpResponse>) -> Kind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::TimeoutError(_) => Kind::Slow,
        SdkError::DispatchFailure(failure) => {
            let text = failure.as_connector_error().map(|error| causes(error)).unwrap_or_default();
            if failure.is_timeout() { Kind::Slow } else { of_connection_text(&text) }
        }
        SdkError::ConstructionFailure(_) => of_credential_text(&causes(error)),
        SdkError::ResponseError(_) => Kind::Cut,
        SdkError::ServiceError(answer) => {
            of_answer(answer.err().code().unwrap_or_default(), answer.raw().status().as_u16())
        }
        _ => Kind::Other,
    }
}

fn of_answer(code: &str, status: u16) -> Kind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Forbidden"
        | "AllAccessDisabled" => Kind::Denied,
        "NoSuchBucket" => Kind::NoSuchBucket,
        "NotFound" | "NotFoundException" | "ResourceNotFoundException" | "NoSuchKey" => Kind::NotFound,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            Kind::WrongRegion
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Kind::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature" => Kind::BadCredentials,
        "InvalidObjectState" => Kind::Archived,
        "RequestTimeTooSkewed" | "RequestExpired" => Kind::Clock,
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "SlowDown"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "RequestThrottled" => Kind::Throttled,
        "RequestTimeout" => Kind::Slow,
        _ => match status {
            301 | 307 => Kind::WrongRegion,
            403 => Kind::Denied,
            429 => Kind::Throttled,
            500.. => Kind::Server,
            _ => Kind::Other,
        },
    }
}

fn of_connection_text(text: &str) -> Kind {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["certificate", "unknownissuer", "handshake"]) {
        Kind::Tls
    } else if has(&["refused", "dns error", "lookup address", "unreachable", "tcp connect"]) {
        Kind::Refused
    } else if of_credential_text(&text) != Kind::Other {
        of_credential_text(&text)
    } else {
        Kind::Cut
    }
}

fn of_credential_text(text: &str) -> Kind {
    let text = text.to_lowercase();
    let expired = text.contains("expired") || text.contains("cached sso token");
    match ["credential", "token", "profile"].iter().any(|word| text.contains(word)) {
        true if expired => Kind::Expired,
        true => Kind::NoCredentials,
        false => Kind::Other,
    }
}

/// The service's own words, else the causes.
pub(super) fn said<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let (err, status) = (answer.err(), answer.raw().status().as_u16());
            match (err.code(), err.message()) {
                (Some(code), Some(message)) => format!("{message} ({code})"),
                (Some(code), None) => format!("{code}, status {status}"),
                (None, _) => format!("the service answered with status {status} ({})", causes(err)),
            }
        }
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().map_or_else(|| causes(error), |error| causes(error))
        }
        _ => causes(error),
    }
}

/// Where S3 says that the bucket is.
pub(super) fn bucket_region<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    Some(error.raw_response()?.headers().get("x-amz-bucket-region")?.to_owned())
}

/// Foreign text as one line.
pub(super) fn line(text: &str) -> Clean {
    Clean::new(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
