//! An operation's answer, and its form in each of CloudWatch's protocols.

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::common::query;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Text(String),
    Number(f64),
    /// Seconds since 1970.
    Time(i64),
    List(Vec<Item>),
    Structure(Vec<(&'static str, Item)>),
}

impl Item {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
            Self::Time(seconds) => json!(seconds),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Structure(members) => {
                members.iter().map(|(name, item)| ((*name).to_owned(), item.json())).collect::<Map<_, _>>().into()
            }
        }
    }

    pub(super) fn cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        self.encode(&mut encoder);
        encoder.into_writer()
    }

    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Self::Text(text) => {
                encoder.str(text);
            }
            Self::Number(number) => {
                encoder.double(*number);
            }
            Self::Time(seconds) => {
                encoder.timestamp(&DateTime::from_secs(*seconds));
            }
            Self::List(items) => {
                encoder.array(items.len());
                for item in items {
                    item.encode(encoder);
                }
            }
            Self::Structure(members) => {
                encoder.map(members.len());
                for (name, item) in members {
                    encoder.str(name);
                    item.encode(encoder);
                }
            }
        }
    }

    /// The content of this item's element: the members of a structure, or a `member` for each item of a list.
    pub(super) fn xml(&self) -> String {
        match self {
            Self::Text(text) => query::text(text),
            Self::Number(number) => format!("{number:?}"),
            Self::Time(seconds) => Timestamp::from_second(*seconds).unwrap_or_default().to_string(),
            Self::List(items) => items.iter().map(|item| element("member", item)).collect(),
            Self::Structure(members) => members.iter().map(|(name, item)| element(name, item)).collect(),
        }
    }
}

fn element(name: &str, item: &Item) -> String {
    format!("<{name}>{}</{name}>", item.xml())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_has_three_forms() {
        let point = Item::Structure(vec![("Timestamp", Item::Time(1_700_000_040)), ("Sum", Item::Number(2.0))]);
        let answer = Item::Structure(vec![("Label", Item::text("a&b")), ("Datapoints", Item::List(vec![point]))]);
        let json = json!({"Label": "a&b", "Datapoints": [{"Timestamp": 1_700_000_040, "Sum": 2.0}]});
        assert_eq!(answer.json(), json);
        let xml = "<Label>a&amp;b</Label><Datapoints><member><Timestamp>2023-11-14T22:14:00Z</Timestamp>\
                   <Sum>2.0</Sum></member></Datapoints>";
        assert_eq!(answer.xml(), xml);
        let cbor = super::super::cbor::read(&answer.cbor()).unwrap();
        assert_eq!(cbor["Datapoints"][0], json!({"Timestamp": 1_700_000_040.0, "Sum": 2.0}));
    }
}
