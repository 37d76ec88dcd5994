//! Follows the local cloud's inbox by long polls. AWS has no such thing, and no SDK knows it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::connect::Cloud;
use super::context::Context;
use super::plain;
use crate::model::inbox::{Confirmation, Letter};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Seconds that one poll waits for a letter.
const WAIT: u64 = 20;
/// Between polls that do not work.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Answer {
    letters: Vec<Wire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    number: u64,
    protocol: String,
    to: String,
    #[serde(default)]
    subject: Option<String>,
    body: String,
    at: Timestamp,
    #[serde(default)]
    topic_arn: String,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    confirm_url: Option<String>,
}

/// Tells of every letter, from the first.
pub(super) async fn follow(context: Arc<Context>, cloud: Arc<Cloud>) {
    let Some(endpoint) = &cloud.endpoint else { return };
    let mut after = 0;
    loop {
        let url = format!("{endpoint}/_imgwatch/inbox?after={after}&wait={WAIT}");
        let answer = plain::get(&url, Duration::from_secs(WAIT + 10)).await.ok();
        let answer = answer.filter(|(status, _)| status.is_success());
        match answer.and_then(|(_, body)| serde_json::from_slice::<Answer>(&body).ok()) {
            Some(answer) => {
                let newest = answer.letters.iter().map(|letter| letter.number).max();
                let letters: Vec<Letter> = answer.letters.into_iter().map(letter).collect();
                if !letters.is_empty() {
                    context.say(Update::Letters(letters)).await;
                }
                after = newest.unwrap_or(after).max(after);
            }
            // The followers of logs tell of a cloud that is gone.
            None => tokio::time::sleep(RETRY).await,
        }
    }
}

fn letter(wire: Wire) -> Letter {
    let confirmation = wire.confirm_url.as_deref().and_then(|url| confirmation(url, &wire.topic_arn));
    Letter {
        number: wire.number,
        protocol: Clean::from(wire.protocol),
        to: Clean::from(wire.to),
        subject: wire.subject.map(Clean::from),
        body: wire.body.lines().map(Clean::new).collect(),
        at: wire.at,
        message_id: wire.message_id.map(Clean::from),
        confirmation,
    }
}

/// What the link of a confirmation mail carries.
fn confirmation(url: &str, topic_arn: &str) -> Option<Confirmation> {
    let (_, query) = url.split_once('?')?;
    let value = |name: &str| {
        let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let topic_arn = value("TopicArn").unwrap_or_else(|| topic_arn.to_owned());
    Some(Confirmation { topic_arn: Clean::from(topic_arn), token: Clean::from(value("Token")?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_of_a_confirmation_mail_gives_topic_and_token() {
        let arn = "arn:aws:sns:us-east-1:000000000000:image-uploads";
        let url = "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:a%20b&Token=2336412f37";
        let found = confirmation(url, arn).expect("a token is there");
        assert_eq!(found.token, Clean::new("2336412f37"));
        assert_eq!(found.topic_arn, Clean::new("arn:aws:sns:us-east-1:000000000000:a b"));
        assert_eq!(confirmation("http://x/?Token=t", arn).map(|found| found.topic_arn), Some(Clean::new(arn)));
        assert_eq!(confirmation("http://x/?Action=Other", arn), None);
        assert_eq!(confirmation("nonsense", arn), None);
    }
}
