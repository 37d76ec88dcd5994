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
    if let Some(endpoint) = &cloud.endpoint {
        follow_at(&context, endpoint).await;
    }
}

async fn follow_at(context: &Context, endpoint: &str) {
    let mut after = 0;
    loop {
        match poll(endpoint, after).await {
            Some((letters, next)) => {
                if !letters.is_empty() {
                    context.say(Update::Letters(letters)).await;
                }
                after = next;
            }
            // The followers of logs tell of a cloud that is gone. One that comes back counts from one again.
            None => {
                after = 0;
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// The letters after a number, and the number to go on after.
async fn poll(endpoint: &str, after: u64) -> Option<(Vec<Letter>, u64)> {
    let url = format!("{endpoint}/_imgwatch/inbox?after={after}&wait={WAIT}");
    let (status, body) = plain::get(&url, Duration::from_secs(WAIT + 10)).await.ok()?;
    let answer: Answer = status.is_success().then(|| serde_json::from_slice(&body).ok())??;
    let newest = answer.letters.iter().map(|letter| letter.number).max();
    Some((answer.letters.into_iter().map(letter).collect(), newest.unwrap_or(after).max(after)))
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
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;
    use crate::config::{Settings, Target};

    /// Takes one request and gives its first line; answers with letters, or hangs up as a cloud does that ends.
    async fn serve(listener: &TcpListener, numbers: Option<&[u64]>) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.split();
        let mut lines = BufReader::new(reader).lines();
        let request = lines.next_line().await.unwrap().unwrap();
        while lines.next_line().await.unwrap().is_some_and(|line| !line.is_empty()) {}
        if let Some(numbers) = numbers {
            let letter = |number: &u64| {
                let at = "2026-03-01T12:00:00Z";
                serde_json::json!({"number": number, "protocol": "sms", "to": "+49", "body": "x", "at": at})
            };
            let letters: Vec<_> = numbers.iter().map(letter).collect();
            let body = serde_json::json!({ "letters": letters }).to_string();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            writer.write_all((head + &body).as_bytes()).await.unwrap();
        }
        request
    }

    #[tokio::test]
    async fn a_cloud_that_comes_back_is_read_from_its_first_letter() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let target = Target::Endpoint { url: url.clone(), profile: None, region: None };
        let settings = Settings { target, ..Settings::default() };
        let (updates, mut heard) = mpsc::channel(16);
        let context = Context::alone(settings, updates);
        let follower = tokio::spawn(async move { follow_at(&context, &url).await });

        assert!(serve(&listener, Some(&[1, 2])).await.contains("after=0&"));
        assert!(serve(&listener, None).await.contains("after=2&"), "what was read is not asked for again");
        assert!(serve(&listener, Some(&[1])).await.contains("after=0&"), "numbers begin anew");
        assert!(serve(&listener, Some(&[])).await.contains("after=1&"));
        for expected in [vec![1, 2], vec![1]] {
            let Some(Update::Letters(letters)) = heard.recv().await else { panic!("letters") };
            assert_eq!(letters.iter().map(|letter| letter.number).collect::<Vec<_>>(), expected);
        }
        follower.abort();
    }

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
