//! Follows the local cloud's inbox by long polls. AWS has no such thing, and no SDK knows it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::endpoint;
use crate::domain::inbox::{Confirmation, InboxMessage};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Seconds that one poll waits for a message.
const WAIT: u64 = 20;
/// Waits after a poll that did not work: the first, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));

#[derive(Deserialize)]
struct Answer {
    /// Another one after each start of the cloud.
    #[serde(default)]
    inbox: Option<String>,
    messages: Vec<Wire>,
}

#[derive(Deserialize)]
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

/// Sends every message of the inbox, from the first.
pub(in crate::cloud) async fn follow(connection: Arc<Connection>, cloud: Arc<Cloud>) {
    if let Some(endpoint) = &cloud.endpoint {
        follow_at(&connection, endpoint).await;
    }
}

async fn follow_at(connection: &Connection, endpoint: &str) {
    // Nothing is waited for until it is known whose messages are read.
    let (mut after, mut wait, mut known) = (0, 0, None);
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    loop {
        // The followers of logs report a cloud that is gone. One that comes back counts from one again.
        let Some(answer) = poll(endpoint, after, wait).await else {
            (after, wait) = (0, 0);
            tokio::time::sleep(back_off.wait()).await;
            continue;
        };
        back_off.reset();
        wait = WAIT;
        let before = known.replace(answer.inbox.clone());
        if before.is_some_and(|before| before != answer.inbox) {
            connection.send(Update::InboxReplaced).await;
            if after > 0 {
                (after, wait) = (0, 0);
                continue;
            }
        }
        after = answer.messages.iter().map(|message| message.number).max().unwrap_or(0).max(after);
        if !answer.messages.is_empty() {
            connection.send(Update::InboxMessages(answer.messages.into_iter().map(message).collect())).await;
        }
    }
}

/// The messages after a number; with a wait, as soon as there are some.
async fn poll(endpoint: &str, after: u64, wait: u64) -> Option<Answer> {
    let url = format!("{endpoint}/_imgwatch/inbox?after={after}&wait={wait}");
    let (status, body) = endpoint::get(&url, Duration::from_secs(wait + 10)).await.ok()?;
    status.is_success().then(|| serde_json::from_slice(&body).ok())?
}

fn message(wire: Wire) -> InboxMessage {
    let confirmation = wire.confirm_url.as_deref().and_then(|url| confirmation(url, &wire.topic_arn));
    InboxMessage {
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

/// What the link of a confirmation email carries.
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

    /// Takes one request and gives its first line; answers with messages of an inbox, or hangs up as a cloud does that
    /// ends.
    async fn serve(listener: &TcpListener, answer: Option<(&str, &[u64])>) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.split();
        let mut lines = BufReader::new(reader).lines();
        let request = lines.next_line().await.unwrap().unwrap();
        while lines.next_line().await.unwrap().is_some_and(|line| !line.is_empty()) {}
        if let Some((inbox, numbers)) = answer {
            let message = |number: &u64| {
                let at = "2026-03-01T12:00:00Z";
                serde_json::json!({"number": number, "protocol": "sms", "to": "+49", "body": "x", "at": at})
            };
            let messages: Vec<_> = numbers.iter().map(message).collect();
            let body = serde_json::json!({ "inbox": inbox, "messages": messages }).to_string();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            writer.write_all((head + &body).as_bytes()).await.unwrap();
        }
        request
    }

    /// Where a follower runs, and what it says.
    async fn following() -> (TcpListener, mpsc::Receiver<Update>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let target = Target::Endpoint { url: url.clone(), profile: None, region: None };
        let settings = Settings { target, ..Settings::default() };
        let (updates, heard) = mpsc::channel(16);
        let connection = Connection::alone(settings, updates);
        (listener, heard, tokio::spawn(async move { follow_at(&connection, &url).await }))
    }

    async fn messages(heard: &mut mpsc::Receiver<Update>) -> Vec<u64> {
        let Some(Update::InboxMessages(messages)) = heard.recv().await else { panic!("messages") };
        messages.iter().map(|message| message.number).collect()
    }

    #[tokio::test]
    async fn a_cloud_that_comes_back_is_read_from_its_first_letter() {
        let (listener, mut heard, follower) = following().await;
        assert!(serve(&listener, Some(("a", &[1, 2]))).await.contains("after=0&wait=0 "));
        assert!(serve(&listener, None).await.contains("after=2&wait=20 "), "what was read is not asked for again");
        assert!(serve(&listener, Some(("b", &[]))).await.contains("after=0&wait=0 "), "it is not waited for a message");
        assert!(serve(&listener, Some(("b", &[1]))).await.contains("after=0&wait=20 "));
        assert!(serve(&listener, Some(("b", &[]))).await.contains("after=1&"));
        assert_eq!(messages(&mut heard).await, [1, 2]);
        assert!(matches!(heard.recv().await, Some(Update::InboxReplaced)), "the messages of the other one are gone");
        assert_eq!(messages(&mut heard).await, [1]);
        follower.abort();
    }

    #[tokio::test]
    async fn a_start_that_went_unseen_is_noticed_by_the_name_of_the_inbox() {
        let (listener, mut heard, follower) = following().await;
        serve(&listener, Some(("a", &[1, 2]))).await;
        assert!(serve(&listener, Some(("b", &[3]))).await.contains("after=2&"));
        assert!(serve(&listener, Some(("b", &[1, 2, 3]))).await.contains("after=0&wait=0 "));
        assert_eq!(messages(&mut heard).await, [1, 2]);
        assert!(matches!(heard.recv().await, Some(Update::InboxReplaced)));
        assert_eq!(messages(&mut heard).await, [1, 2, 3]);
        follower.abort();
    }

    #[tokio::test]
    async fn an_outage_of_the_same_cloud_loses_no_letter() {
        let (listener, mut heard, follower) = following().await;
        serve(&listener, Some(("a", &[1]))).await;
        serve(&listener, None).await;
        serve(&listener, Some(("a", &[1, 2]))).await;
        assert_eq!((messages(&mut heard).await, messages(&mut heard).await), (vec![1], vec![1, 2]));
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
