//! Finds the service of a request: by the scope of its signature, else by its shape.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};

use crate::cloud::Cloud;
use crate::common::env::Env;
use crate::common::query::Params;
use crate::common::wire::{self, ApiError, Protocol};

/// Most bytes of a form: SQS takes messages of 1 MiB, and percent-encoding triples them at worst.
const FORM_LIMIT: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    S3,
    Sns,
    Sqs,
    Events,
    Logs,
    Lambda,
    Sts,
    Metrics,
}

impl Service {
    /// The name in signing scopes, ARNs and fault rules.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Lambda => "lambda",
            Self::Sts => "sts",
            Self::Metrics => "monitoring",
        }
    }

    fn from_scope(name: &str) -> Option<Self> {
        [Self::S3, Self::Sns, Self::Sqs, Self::Events, Self::Logs, Self::Lambda, Self::Sts, Self::Metrics]
            .into_iter()
            .find(|service| service.name() == name)
    }

    /// The protocol of the response.
    pub(super) fn protocol(self, request: &Request<Body>) -> Protocol {
        match self {
            Self::S3 => Protocol::RestXml,
            Self::Sns | Self::Sts => Protocol::Query,
            Self::Sqs if target(request.headers()).is_none() => Protocol::Query,
            Self::Sqs | Self::Events | Self::Logs => Protocol::Json,
            Self::Lambda => Protocol::RestJson,
            Self::Metrics => crate::metrics::named(request).0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    Control,
    Service(Service),
}

/// Finds a request's destination. A form is read for it, put back, and left in the request's extensions as [`Params`].
/// Errors: the answer to a form that is too long or breaks off.
pub(super) async fn find(env: &Env, mut request: Request<Body>) -> Result<(Destination, Request<Body>), Box<Response>> {
    let path = request.uri().path();
    if path.starts_with("/_imgwatch/") {
        return Ok((Destination::Control, request));
    }
    let scope = scope(&request);
    // S3 and Lambda bodies are never forms of the query protocol, and S3's may be endless.
    if !matches!(scope, Some(Service::S3 | Service::Lambda)) {
        request = with_form(env, request).await?;
    }
    let service = scope.or_else(|| by_shape(&request)).unwrap_or(Service::S3);
    Ok((Destination::Service(service), request))
}

async fn with_form(env: &Env, request: Request<Body>) -> Result<Request<Body>, Box<Response>> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let (mut parts, mut body) = request.into_parts();
    let mut form = Bytes::new();
    if is_form {
        form = axum::body::to_bytes(body, FORM_LIMIT).await.map_err(|error| {
            let message = format!("the form could not be read: {error}; at most {FORM_LIMIT} bytes are taken");
            let error = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message);
            Box::new(wire::error(Protocol::Query, &error, &env.id()))
        })?;
        body = Body::from(form.clone());
    }
    parts.extensions.insert(Params::parse(parts.uri.query(), &form));
    Ok(Request::from_parts(parts, body))
}

/// The service in the signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`, in the header or the query.
fn scope(request: &Request<Body>) -> Option<Service> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let from_header = header
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default().to_owned());
    let credential = from_header.or_else(|| {
        let query = request.uri().query()?;
        let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "X-Amz-Credential")?;
        Some(value.into_owned())
    })?;
    // Counted from the end, because an access key may contain a slash.
    Service::from_scope(credential.rsplit('/').nth(1)?)
}

pub(super) fn target(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()
}

/// Unsigned requests: links in emails, health checks, `curl`.
fn by_shape(request: &Request<Body>) -> Option<Service> {
    if let Some(target) = target(request.headers()) {
        return match target.split_once('.')?.0 {
            "Logs_20140328" => Some(Service::Logs),
            "AmazonSQS" => Some(Service::Sqs),
            crate::events::TARGET => Some(Service::Events),
            crate::metrics::TARGET => Some(Service::Metrics),
            _ => None,
        };
    }
    let path = request.uri().path();
    let versioned = |version: &str| {
        path.strip_prefix('/').and_then(|path| path.strip_prefix(version)).is_some_and(|rest| rest.starts_with('/'))
    };
    if ["2015-03-31", "2019-09-25", "2019-09-30", "2017-10-31"].into_iter().any(versioned) {
        return Some(Service::Lambda);
    }
    if path.starts_with(crate::metrics::PATH) {
        return Some(Service::Metrics);
    }
    // Certificates and the like of SNS; no bucket name has capitals.
    if path.starts_with("/SimpleNotificationService-") {
        return Some(Service::Sns);
    }
    let form = request.extensions().get::<Params>()?;
    let action = form.get("Action")?;
    match form.get("Version") {
        Some("2010-03-31") => Some(Service::Sns),
        Some("2011-06-15") => Some(Service::Sts),
        Some("2012-11-05") => Some(Service::Sqs),
        Some(crate::metrics::VERSION) => Some(Service::Metrics),
        // The links in SNS's emails name no version.
        None if matches!(action, "ConfirmSubscription" | "Unsubscribe") => Some(Service::Sns),
        _ => None,
    }
}

pub(super) async fn dispatch(cloud: &Arc<Cloud>, service: Service, request: Request<Body>) -> Response {
    match service {
        Service::S3 => crate::s3::handle(&cloud.s3, request).await,
        Service::Lambda => crate::lambda::handle(&cloud.lambda, request).await,
        Service::Sns => crate::sns::handle(&cloud.sns, request).await,
        Service::Sqs => crate::sqs::handle(&cloud.sqs, request).await,
        Service::Events => crate::events::handle(&cloud.events, request).await,
        Service::Logs => crate::logs::handle(&cloud.logs, request).await,
        Service::Sts => crate::sts::handle(&cloud.env, request).await,
        Service::Metrics => crate::metrics::handle(&cloud.metrics, request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    async fn found(build: http::request::Builder, body: &'static str) -> Destination {
        find(&testing::env().0, build.body(Body::from(body)).unwrap()).await.unwrap().0
    }

    fn signed(service: &str) -> http::request::Builder {
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=AK/20261123/us-east-1/{service}/aws4_request, SignedHeaders=host");
        Request::builder().uri("/").header(header::AUTHORIZATION, scope)
    }

    fn form(uri: &str) -> http::request::Builder {
        Request::builder().method("POST").uri(uri).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    #[tokio::test]
    async fn the_signature_decides() {
        for service in [
            Service::S3,
            Service::Sns,
            Service::Sqs,
            Service::Events,
            Service::Logs,
            Service::Lambda,
            Service::Sts,
            Service::Metrics,
        ] {
            assert_eq!(found(signed(service.name()), "").await, Destination::Service(service));
        }
        let presigned = "/images/a?X-Amz-Credential=AK%2F20261123%2Fus-east-1%2Fs3%2Faws4_request";
        assert_eq!(found(Request::builder().uri(presigned), "").await, Destination::Service(Service::S3));
    }

    #[tokio::test]
    async fn unsigned_requests_are_known_by_their_shape() {
        let cases = [
            (form("/"), "Action=Publish&Version=2010-03-31", Service::Sns),
            (form("/"), "Action=GetCallerIdentity&Version=2011-06-15", Service::Sts),
            (form("/000000000000/q"), "Action=SendMessage&Version=2012-11-05", Service::Sqs),
            (Request::builder().uri("/?Action=ConfirmSubscription&Token=t"), "", Service::Sns),
            (Request::builder().uri("/").header("x-amz-target", "Logs_20140328.FilterLogEvents"), "", Service::Logs),
            (Request::builder().uri("/").header("x-amz-target", "AmazonSQS.SendMessage"), "", Service::Sqs),
            (Request::builder().uri("/").header("x-amz-target", "AWSEvents.PutRule"), "", Service::Events),
            (form("/"), "Action=ListMetrics&Version=2010-08-01", Service::Metrics),
            (
                Request::builder().uri("/").header("x-amz-target", "GraniteServiceVersion20100801.ListMetrics"),
                "",
                Service::Metrics,
            ),
            (
                Request::builder().uri("/service/GraniteServiceVersion20100801/operation/ListMetrics"),
                "",
                Service::Metrics,
            ),
            (Request::builder().uri("/2015-03-31/functions/"), "", Service::Lambda),
            (Request::builder().uri("/images/2015-03-31/functions/"), "", Service::S3),
            (Request::builder().uri("/images/key?Action=x"), "", Service::S3),
        ];
        for (request, body, service) in cases {
            assert_eq!(found(request, body).await, Destination::Service(service), "{body}");
        }
        assert_eq!(found(Request::builder().uri("/_imgwatch/health"), "").await, Destination::Control);
    }

    #[tokio::test]
    async fn a_form_is_put_back() {
        let request = form("/").body(Body::from("Action=Publish&Version=2010-03-31&Message=a%20b")).unwrap();
        let (_, request) = find(&testing::env().0, request).await.unwrap();
        assert_eq!(request.extensions().get::<Params>().unwrap().get("Message"), Some("a b"));
        let body = axum::body::to_bytes(request.into_body(), 1000).await.unwrap();
        assert_eq!(body, "Action=Publish&Version=2010-03-31&Message=a%20b");
    }
}
