//! Any credentials are accepted, so signatures are removed before `s3s` would check them.
//!
//! The cloud listens on the loopback interface, and knows no secret keys. Only the expiry of a
//! presigned URL is checked.

use http::{Uri, header};
use jiff::{SignedDuration, Timestamp};
use s3s::S3ErrorCode;

use super::problem::Problem;

/// Query parameters that carry a signature of version 4, in lower case.
const V4: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// Those of version 2, which some SDKs still use for presigned URLs.
const V2: [&str; 3] = ["awsaccesskeyid", "signature", "expires"];

/// Removes the signature from a request.
/// Errors: a presigned URL has expired, or does not say when it was signed.
pub(crate) fn accept<B>(request: &mut http::Request<B>, now: Timestamp) -> Result<(), Problem> {
    request.headers_mut().remove(header::AUTHORIZATION);
    let Some(query) = request.uri().query() else { return Ok(()) };
    let has = |name: &str| pairs(query).any(|(_, decoded)| decoded == name);
    let names: &[&str] = if has("x-amz-signature") {
        &V4
    } else if has("signature") && has("awsaccesskeyid") {
        &V2
    } else {
        return Ok(());
    };
    let end = end_of(query)?;
    if now > end {
        return Err(Problem::new(S3ErrorCode::AccessDenied, "Request has expired")
            .detail("Expires", end.to_string())
            .detail("ServerTime", now.to_string()));
    }
    // The other parameters keep their bytes: decoding and encoding them again could change a key.
    let kept: Vec<&str> =
        pairs(query).filter(|(_, name)| !names.contains(&name.as_str())).map(|(pair, _)| pair).collect();
    let path = request.uri().path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let uri: Uri = target.parse().map_err(|_| Problem::of(S3ErrorCode::InvalidURI))?;
    *request.uri_mut() = uri;
    Ok(())
}

/// Every `name=value`, with its decoded name in lower case.
fn pairs(query: &str) -> impl Iterator<Item = (&str, String)> {
    query.split('&').map(|pair| {
        let name = form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.to_ascii_lowercase());
        (pair, name.unwrap_or_default())
    })
}

/// The expiry of a presigned URL.
fn end_of(query: &str) -> Result<Timestamp, Problem> {
    let value = |wanted: &str| {
        let mut all = form_urlencoded::parse(query.as_bytes());
        all.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.into_owned())
    };
    if let Some(seconds) = value("Expires").and_then(|text| text.parse().ok()) {
        return Timestamp::from_second(seconds).map_err(|_| malformed());
    }
    let signed = value("X-Amz-Date").ok_or_else(malformed)?;
    let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &signed).map_err(|_| malformed())?;
    let signed = jiff::tz::TimeZone::UTC.to_timestamp(signed).map_err(|_| malformed())?;
    let seconds: u32 = value("X-Amz-Expires").and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
    signed.checked_add(SignedDuration::from_secs(i64::from(seconds))).map_err(|_| malformed())
}

fn malformed() -> Problem {
    Problem::new(
        S3ErrorCode::AuthorizationQueryParametersError,
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
         X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str) -> http::Request<()> {
        http::Request::builder().uri(target).header("authorization", "AWS4-HMAC-SHA256 x").body(()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_presigned_url_loses_its_signature_and_nothing_else() {
        let mut request = request(
            "/images/a%2Bb+c?x-id=GetObject&X-Amz-Algorithm=A&X-Amz-Date=20261123T150000Z&X-Amz-Expires=60\
             &X-Amz-Signature=00&prefix=%20%2B",
        );
        accept(&mut request, at("2026-11-23T15:00:59Z")).unwrap();
        assert_eq!(request.uri().to_string(), "/images/a%2Bb+c?x-id=GetObject&prefix=%20%2B");
        assert!(!request.headers().contains_key("authorization"));
    }

    #[test]
    fn an_expired_url_is_denied_in_both_versions() {
        let mut four = request("/b/k?X-Amz-Date=20261123T150000Z&X-Amz-Expires=60&X-Amz-Signature=00");
        let problem = accept(&mut four, at("2026-11-23T15:01:01Z")).unwrap_err();
        assert_eq!(problem.code(), &S3ErrorCode::AccessDenied);
        let mut two = request("/b/k?AWSAccessKeyId=A&Signature=s&Expires=1000");
        assert_eq!(accept(&mut two, at("2026-11-23T15:01:01Z")).unwrap_err().code(), &S3ErrorCode::AccessDenied);
        accept(&mut two, Timestamp::from_second(999).unwrap()).unwrap();
        assert_eq!(two.uri().to_string(), "/b/k");
    }

    #[test]
    fn a_listing_keeps_a_parameter_that_only_looks_like_a_signature() {
        let mut request = request("/b?prefix=signature&delimiter=%2F");
        accept(&mut request, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(request.uri().query(), Some("prefix=signature&delimiter=%2F"));
    }
}
