//! The AWS query protocol: parameters in a query string or a form, answers in XML.
//!
//! SNS and STS speak it only. Older clients of SQS and CloudWatch do as well.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

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

/// The deepest name of a parameter that is read; AWS's have fewer parts.
const DEPTH: usize = 16;

#[derive(Default)]
struct Node<'a> {
    value: &'a str,
    below: BTreeMap<&'a str, Node<'a>>,
}

impl Node<'_> {
    fn into_value(self) -> Value {
        if self.below.is_empty() {
            return self.value.into();
        }
        let numbers: Option<BTreeMap<u32, &str>> =
            self.below.keys().map(|name| Some((name.parse().ok()?, *name))).collect();
        let mut below = self.below;
        match numbers {
            Some(numbers) => {
                numbers.values().filter_map(|name| below.remove(name)).map(Node::into_value).collect::<Vec<_>>().into()
            }
            None => Value::Object(below.into_iter().map(|(name, node)| (name.to_owned(), node.into_value())).collect()),
        }
    }
}

impl Params {
    /// All parameters as one tree, in which every value is text: `A.member.1.B` and `A.1.B` are both the member `B` of
    /// the first item of the list `A`. An item's place is its number's place among the others.
    pub(crate) fn tree(&self) -> Map<String, Value> {
        let mut root = Node::default();
        for (name, value) in &self.0 {
            let parts: Vec<&str> =
                name.split('.').filter(|part| !matches!(*part, "member" | "entry")).take(DEPTH + 1).collect();
            if parts.len() > DEPTH {
                continue;
            }
            let node = parts.into_iter().fold(&mut root, |node, part| node.below.entry(part).or_default());
            if node.value.is_empty() {
                node.value = value;
            }
        }
        match root.into_value() {
            Value::Object(tree) => tree,
            // No parameters, or only such that a number names.
            _ => Map::new(),
        }
    }
}

/// The XML inside an operation's result element; `None` for no result element.
pub(crate) type Answer = Option<String>;

/// Text as XML; a reader would turn a carriage return that is not a reference into a line feed.
pub(crate) fn text(text: &str) -> String {
    escape(text).replace('\r', "&#13;")
}

/// `<name>text</name>`, escaped.
pub(crate) fn element(name: &str, content: &str) -> String {
    format!("<{name}>{}</{name}>", text(content))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_one_tree() {
        let form = b"Action=A&D.member.2.Name=b&D.member.1.Name=a&D.member.10.Name=j&T.1.V.S=x&S.member.1=Sum&Empty=";
        let tree = Value::Object(Params::parse(None, form).tree());
        let expected = json!({
            "Action": "A",
            "D": [{"Name": "a"}, {"Name": "b"}, {"Name": "j"}],
            "T": [{"V": {"S": "x"}}],
            "S": ["Sum"],
            "Empty": "",
        });
        assert_eq!(tree, expected);
    }

    #[test]
    fn a_name_without_end_is_left_out() {
        let tree = Params::parse(None, format!("{}=x&a=1&a=2&1=y", "b.".repeat(100_000)).as_bytes()).tree();
        assert_eq!(Value::Object(tree), json!({"a": "1", "1": "y"}));
        assert_eq!(Params::default().tree(), Map::new());
        assert_eq!(Params::parse(None, b"1=y").tree(), Map::new());
    }

    #[test]
    fn a_carriage_return_survives_the_reader() {
        assert_eq!(element("Body", "a\r\n<b>"), "<Body>a&#13;\n&lt;b&gt;</Body>");
    }
}
