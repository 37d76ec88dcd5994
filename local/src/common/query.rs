//! The AWS query protocol, which SNS and STS speak: parameters in a query string or a form, answers in XML.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use quick_xml::escape::escape;

use super::wire::ApiError;

/// Names and values in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query string and the form, in that order.
    pub(crate) fn parse(query: Option<&str>, form: &[u8]) -> Self {
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(query.chain(form_urlencoded::parse(form)).map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a parameter, empty values included.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a required parameter.
    pub(crate) fn require(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| {
            let message = format!("Invalid parameter: {name} Reason: no value for required parameter");
            ApiError::bad_request("InvalidParameter", message)
        })
    }

    /// The parameters below `prefix.`, without it.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let strip = |name: &str| name.strip_prefix(prefix)?.strip_prefix('.').map(str::to_owned);
        Self(self.0.iter().filter_map(|(name, value)| Some((strip(name)?, value.clone()))).collect())
    }

    /// The items of a list or a map: `PREFIX.member.1.X` and `PREFIX.entry.1.X` each become one item with its `X`s.
    ///
    /// An item that is a plain value has it under the empty name.
    pub(crate) fn items(&self, prefix: &str) -> Vec<Self> {
        let mut items: BTreeMap<u32, Self> = BTreeMap::new();
        for (name, value) in self.below(prefix).0 {
            let Some(rest) = name.strip_prefix("member.").or_else(|| name.strip_prefix("entry.")) else { continue };
            let (number, field) = rest.split_once('.').unwrap_or((rest, ""));
            if let Ok(number) = number.parse() {
                items.entry(number).or_default().0.push((field.to_owned(), value));
            }
        }
        items.into_values().collect()
    }

    pub(crate) fn list(&self, prefix: &str) -> Vec<String> {
        self.items(prefix).iter().filter_map(|item| item.get("").map(str::to_owned)).collect()
    }

    pub(crate) fn map(&self, prefix: &str) -> BTreeMap<String, String> {
        let pair = |item: &Self| Some((item.get("key")?.to_owned(), item.get("value").unwrap_or_default().to_owned()));
        self.items(prefix).iter().filter_map(pair).collect()
    }
}

/// The XML inside an operation's result element; `None` for no result element.
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

pub(crate) fn map<'a>(name: &str, entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let entry = |(key, value)| format!("<entry>{}{}</entry>", element("key", key), element("value", value));
    let entries: Vec<String> = entries.into_iter().map(entry).collect();
    format!("<{name}>{}</{name}>", entries.concat())
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
