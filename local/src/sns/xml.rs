//! Answers in the AWS query protocol. It knows the protocol's form and no operation.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use quick_xml::escape::escape;

/// What an operation answers: the XML inside its result element, or no result element at all.
pub(crate) type Answer = Option<String>;

/// `<name>text</name>`, escaped.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// A list: each item, already XML, in a `member`.
pub(crate) fn list(name: &str, items: impl IntoIterator<Item = String>) -> String {
    let members: Vec<String> = items.into_iter().map(|item| format!("<member>{item}</member>")).collect();
    format!("<{name}>{}</{name}>", members.concat())
}

/// A map of texts.
pub(crate) fn map<'a>(name: &str, entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let entry = |(key, value)| format!("<entry>{}{}</entry>", element("key", key), element("value", value));
    let entries: String = entries.into_iter().map(entry).collect();
    format!("<{name}>{entries}</{name}>")
}

/// The whole response to an operation that succeeded.
pub(crate) fn respond(namespace: &str, operation: &str, answer: Answer, request_id: &str) -> Response {
    let result = answer.map(|xml| format!("<{operation}Result>{xml}</{operation}Result>")).unwrap_or_default();
    let body = format!(
        "<{operation}Response xmlns=\"{namespace}\">{result}\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    );
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
