//! From the SDK's errors to problems: what failed, why, and what to do about it.
//!
//! The only place that words cloud errors for people. It sends nothing and retries nothing.

use std::borrow::Cow;
use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::cloud::connection::endpoint::causes;
use crate::cloud::connection::unreached::Unreached;
use crate::config::is_loopback_host;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::switch::REGIONS;
use crate::text::clean::Clean;

/// What was being done, and the permission that it takes.
#[derive(Debug, Clone)]
pub(in crate::cloud) struct OperationContext {
    what: String,
    permission: &'static str,
}

impl OperationContext {
    pub(in crate::cloud) fn new(what: impl Into<String>, permission: &'static str) -> Self {
        Self { what: what.into(), permission }
    }
}

/// What to do where nothing is configured: AWS may not be meant at all.
const NOTHING_CONFIGURED: &str =
    "sign in with `aws sso login` or `aws login`, pass --profile, or try `imgwatch --local`";

/// What the user can do about a failure of a service.
fn hint(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NoSuchBucket => "check --bucket, --profile and --region",
        ProblemKind::NotFound => "check the name, --region and --profile",
        ProblemKind::WrongRegion => "pass the bucket's region with --region",
        ProblemKind::ExpiredCredentials => "sign in again with `aws sso login` or `aws login`",
        ProblemKind::NoCredentials => "sign in with `aws sso login` or `aws login`, or pass another --profile",
        ProblemKind::BadCredentials => "check the access key of this profile or environment",
        ProblemKind::ClockSkew => "set this machine's clock",
        ProblemKind::Archived => "restore the object first, with `aws s3api restore-object`",
        ProblemKind::Throttled => "wait a little; other programs may be using the same limits",
        ProblemKind::Unreachable => "check the network",
        ProblemKind::Interrupted | ProblemKind::TimedOut => "check the network, then try again",
        ProblemKind::Tls => "behind a company's proxy, set AWS_CA_BUNDLE to its certificates",
        ProblemKind::Server => "try again in a moment",
        ProblemKind::NotOffered => "this endpoint does not have the operation",
        _ => "",
    }
}

pub(in crate::cloud) fn of<E>(error: &SdkError<E, HttpResponse>, context: &OperationContext) -> Problem
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let kind = kind(error);
    let said = said(error);
    // A narrow screen may cut the reason: the hint itself names what the user needs.
    let (why, hint) = match (kind, bucket_region(error)) {
        (ProblemKind::Denied, _) => denied(&said, context.permission),
        (ProblemKind::WrongRegion, Some(region)) => {
            (format!("the bucket is in {region}"), format!("pass --region {}", Clean::new(&region).shown()).into())
        }
        _ => (said, hint(kind).into()),
    };
    let hint = Unreached::of(error).and_then(|unreached| on_the_way(kind, unreached)).unwrap_or(hint);
    Problem::new(kind, context.what.as_str(), line(&why)).with_hint(hint)
}

/// What the user can do about a host that was not reached, as far as its name and the proxy show it.
fn on_the_way(kind: ProblemKind, unreached: &Unreached) -> Option<Cow<'static, str>> {
    if let Some(proxy) = &unreached.proxy
        && kind != ProblemKind::Tls
    {
        let variable = proxy.variable;
        return Some(format!("check the proxy that {variable} names, or except the host in NO_PROXY").into());
    }
    if kind == ProblemKind::Tls && causes(unreached).contains("InvalidContentType") {
        return Some("nothing there speaks TLS: write the endpoint with http://, or check the network".into());
    }
    if kind != ProblemKind::Unreachable {
        return None;
    }
    if is_loopback_host(&unreached.host) {
        return Some("is anything listening there? start it with `imgwatch local`, or check the endpoint".into());
    }
    let region = region_of(&unreached.host)?;
    let near = REGIONS.into_iter().min_by_key(|known| strsim::damerau_levenshtein(known, region))?;
    Some(if REGIONS.contains(&region) {
        format!("check the network, and whether {region} is the region that you mean").into()
    } else {
        format!("is {region} a region? did you mean {near}? it comes from --region, AWS_REGION or the profile").into()
    })
}

/// The region in the name of a host of AWS.
fn region_of(host: &str) -> Option<&str> {
    let rest = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"]
        .into_iter()
        .find_map(|domain| host.strip_suffix(domain))?;
    rest.rsplit('.').next().filter(|region| region.contains('-') && region.ends_with(|c: char| c.is_ascii_digit()))
}

/// What is not allowed, and the hint. A request may need more than one permission, as to read what is encrypted: the
/// service's word counts where it names one.
fn denied(said: &str, permission: &str) -> (String, Cow<'static, str>) {
    let named = said.split_once("is not authorized to perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
    let named = named.map(|action| action.trim_end_matches(['.', ',', ';']));
    // The same action in other letters is the one that is documented.
    let other = named.filter(|action| action.contains(':') && !action.eq_ignore_ascii_case(permission));
    let action = Clean::new(other.unwrap_or(permission));
    let hint = format!("ask for {}, or choose another --profile", action.shown());
    (format!("{} is not allowed: {said}", action.raw()), hint.into())
}

/// The problem that a success is which no S3 has sent: a network that wants its users to sign in answers so.
pub(in crate::cloud) fn not_s3(trouble: &OperationContext) -> Problem {
    let why = "the answer is not one of S3: it has no entity tag";
    Problem::new(ProblemKind::Interrupted, trouble.what.as_str(), why).with_hint("check the network, then try again")
}

/// The problem that missing credentials are. `profile` is the one that the user chose.
pub(in crate::cloud) fn of_credentials(error: &(dyn Error + 'static), profile: Option<&str>) -> Problem {
    let why = causes(error);
    let kind = match of_credential_text(&why) {
        ProblemKind::Other => ProblemKind::NoCredentials,
        kind => kind,
    };
    let what = profile.map_or("no AWS credentials".to_owned(), |name| format!("no AWS credentials by profile {name}"));
    let hint = match kind {
        ProblemKind::NoCredentials if profile.is_none() => NOTHING_CONFIGURED,
        kind => hint(kind),
    };
    Problem::new(kind, what, line(&why)).with_hint(hint)
}

/// Distinguishes failures, by code where the service gave one.
pub(in crate::cloud) fn kind<E>(error: &SdkError<E, HttpResponse>) -> ProblemKind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::TimeoutError(_) => ProblemKind::TimedOut,
        SdkError::DispatchFailure(failure) => {
            let text = failure.as_connector_error().map(|error| causes(error)).unwrap_or_default();
            if failure.is_timeout() { ProblemKind::TimedOut } else { of_connection_text(&text) }
        }
        SdkError::ConstructionFailure(_) => of_credential_text(&causes(error)),
        SdkError::ResponseError(_) => ProblemKind::Interrupted,
        // AWS refuses in its own format, or without a body to a HEAD request.
        SdkError::ServiceError(answer) if answer.err().code().is_none() && plain_text(answer.raw()).is_some() => {
            match of_answer("", answer.raw().status().as_u16()) {
                ProblemKind::Denied => ProblemKind::Other,
                kind => kind,
            }
        }
        SdkError::ServiceError(answer) => {
            of_answer(answer.err().code().unwrap_or_default(), answer.raw().status().as_u16())
        }
        _ => ProblemKind::Other,
    }
}

fn of_answer(code: &str, status: u16) -> ProblemKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Forbidden"
        | "AllAccessDisabled" => ProblemKind::Denied,
        "NoSuchBucket" => ProblemKind::NoSuchBucket,
        "NotFound"
        | "NotFoundException"
        | "ResourceNotFoundException"
        | "NoSuchKey"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ProblemKind::NotFound,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            ProblemKind::WrongRegion
        }
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => ProblemKind::ExpiredCredentials,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature" => ProblemKind::BadCredentials,
        "InvalidObjectState" => ProblemKind::Archived,
        "RequestTimeTooSkewed" | "RequestExpired" => ProblemKind::ClockSkew,
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "SlowDown"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "RequestThrottled" => ProblemKind::Throttled,
        "RequestTimeout" => ProblemKind::TimedOut,
        _ => match status {
            301 | 307 => ProblemKind::WrongRegion,
            403 => ProblemKind::Denied,
            429 => ProblemKind::Throttled,
            // Asking again does not help.
            501 => ProblemKind::NotOffered,
            // The server's disk is full.
            507 => ProblemKind::Other,
            500.. => ProblemKind::Server,
            _ => ProblemKind::Other,
        },
    }
}

fn of_connection_text(text: &str) -> ProblemKind {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["certificate", "unknownissuer", "handshake"]) {
        ProblemKind::Tls
    } else if has(&["refused", "dns error", "lookup address", "unreachable", "tcp connect"]) {
        ProblemKind::Unreachable
    } else if of_credential_text(&text) != ProblemKind::Other {
        of_credential_text(&text)
    } else {
        ProblemKind::Interrupted
    }
}

fn of_credential_text(text: &str) -> ProblemKind {
    let text = text.to_lowercase();
    let expired = text.contains("expired") || text.contains("cached sso token");
    match ["credential", "token", "profile"].iter().any(|word| text.contains(word)) {
        true if expired => ProblemKind::ExpiredCredentials,
        true => ProblemKind::NoCredentials,
        false => ProblemKind::Other,
    }
}

/// The service's own words, else the causes.
pub(in crate::cloud) fn said<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let (err, status) = (answer.err(), answer.raw().status().as_u16());
            match (err.code(), err.message()) {
                (Some(code), Some(message)) => format!("{message} ({code})"),
                (Some(code), None) => format!("{code}, status {status}"),
                (None, Some(message)) => format!("the service answered with status {status}: {message}"),
                (None, None) => match plain_text(answer.raw()) {
                    Some(text) => format!("the service answered with status {status}: {text}"),
                    None => format!("the service answered with status {status}"),
                },
            }
        }
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().map_or_else(|| causes(error), |error| causes(error))
        }
        _ => causes(error),
    }
}

/// What an answer says that is not of AWS, such as one of a proxy or of another user's local cloud.
fn plain_text(answer: &HttpResponse) -> Option<String> {
    const MOST: usize = 200;
    let text = std::str::from_utf8(answer.body().bytes()?).ok()?.trim();
    let is_plain = !text.is_empty() && !text.starts_with(['<', '{', '[']);
    is_plain.then(|| text.chars().take(MOST).collect())
}

/// Where S3 says that the bucket is.
pub(in crate::cloud) fn bucket_region<E>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    Some(error.raw_response()?.headers().get("x-amz-bucket-region")?.to_owned())
}

/// Foreign text as one line.
pub(in crate::cloud) fn line(text: &str) -> Clean {
    Clean::new(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
