use std::sync::Arc;

use imgwatch_local::{BUCKET, Fault, FaultRule, HandlerCommand, LocalCloud, Options};
use tokio::io::{AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;
use crate::cloud::establish;
use crate::config::{Settings, Target};

const LIMIT: Duration = Duration::from_millis(300);
const SIZE: u64 = 1_000;

pub(in crate::cloud) async fn local() -> LocalCloud {
    let handler = HandlerCommand { program: "/nonexistent/handler".into(), args: Vec::new(), env: Vec::new() };
    LocalCloud::start(Options::new(handler)).await.unwrap()
}

/// A connection to this endpoint, and what it says.
pub(in crate::cloud) fn connected(
    endpoint: &str,
    idle_timeout: Option<Duration>,
) -> (Arc<Connection>, mpsc::Receiver<Update>) {
    let target = Target::Endpoint { url: endpoint.to_owned(), profile: None, region: None };
    let settings = Settings { target, bucket: Some(BUCKET.to_owned()), idle_timeout, ..Settings::default() };
    let (said, heard) = mpsc::channel(64);
    let connection = Arc::new(Connection::alone(settings, said));
    tokio::spawn(establish::begin(Arc::clone(&connection)));
    (connection, heard)
}

async fn told(endpoint: &str) -> String {
    let (connection, _heard) = connected(endpoint, None);
    let id = PreviewId::Object { key: "cat.png".into(), e_tag: None, version: None };
    let problem = look(&connection, &id, SIZE, LIMIT).await.unwrap_err();
    connection.stop.cancel();
    problem.to_string()
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_reported() {
    let cloud = local().await;
    let (service, operation) = ("s3".to_owned(), Some("GetObject".to_owned()));
    let fault = Fault::Delay(Duration::from_secs(3_600));
    cloud.inject(FaultRule { service, operation, times: u32::MAX, fault });
    let told = told(cloud.endpoint()).await;
    assert_eq!(told, "cannot read object cat.png: nothing came for 300 ms; refresh to try again");
    cloud.stop().await;
}

#[tokio::test]
async fn an_object_that_stops_coming_is_reported() {
    let cloud = local().await;
    let told = told(&before(&cloud).await).await;
    assert_eq!(told, "cannot read object cat.png: nothing came for 300 ms; refresh to try again");
    cloud.stop().await;
}

/// A server before the local cloud, where `cat.png` stops coming.
pub(in crate::cloud) async fn before(cloud: &LocalCloud) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let behind = cloud.endpoint().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pass_on(stream, behind.clone()));
        }
    });
    endpoint
}

/// Passes a request on to the local cloud; of the object only the first bytes are sent, and then nothing.
async fn pass_on(mut stream: TcpStream, behind: String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    if head.contains("/cat.png") {
        let answer = format!("HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: {SIZE}\r\n\r\nfirst");
        stream.write_all(answer.as_bytes()).await.unwrap();
        return std::future::pending().await;
    }
    // One request on each connection, so that each is looked at.
    let (line, rest) = head.split_once("\r\n").unwrap();
    let mut cloud = TcpStream::connect(behind).await.unwrap();
    cloud.write_all(format!("{line}\r\nconnection: close\r\n{rest}").as_bytes()).await.unwrap();
    // However it ends, the next request has a connection of its own.
    let _ = copy_bidirectional(&mut stream, &mut cloud).await;
}
