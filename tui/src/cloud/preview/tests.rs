use std::sync::Arc;

use imgwatch_local::{BUCKET, Fault, FaultRule, HandlerCommand, LocalCloud, Options};
use tokio::sync::mpsc;

use super::*;
use crate::cloud::link;
use crate::config::{Settings, Target};

const LIMIT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn an_answer_that_does_not_come_is_told() {
    let handler = HandlerCommand { program: "/nonexistent/handler".into(), args: Vec::new(), env: Vec::new() };
    let cloud = LocalCloud::start(Options::new(handler)).await.unwrap();
    let (service, operation) = ("s3".to_owned(), Some("GetObject".to_owned()));
    let fault = Fault::Delay(Duration::from_secs(3_600));
    cloud.inject(FaultRule { service, operation, times: u32::MAX, fault });
    let target = Target::Endpoint { url: cloud.endpoint().to_owned(), profile: None, region: None };
    let settings = Settings { target, bucket: Some(BUCKET.to_owned()), ..Settings::default() };
    let (said, _heard) = mpsc::channel(64);
    let context = Arc::new(Context::alone(settings, said));
    tokio::spawn(link::establish(Arc::clone(&context)));
    let id = PreviewId::Object { key: "cat.png".into(), e_tag: None };
    let problem = look(&context, &id, 1_000, LIMIT).await.unwrap_err();
    assert_eq!(problem.to_string(), "cannot read object cat.png: nothing came for 300 ms; refresh to try again");
    context.stop.cancel();
    cloud.stop().await;
}
