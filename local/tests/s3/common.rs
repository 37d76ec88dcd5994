//! A running cloud and a client for it.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use imgwatch_local::{HandlerCommand, LocalCloud, Options};

pub(super) struct Fixture {
    pub(super) cloud: LocalCloud,
    pub(super) s3: Client,
}

/// A cloud with the bucket `photos`.
pub(super) async fn start() -> Fixture {
    let handler = HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() };
    let cloud = LocalCloud::start(Options::new(handler)).await.unwrap();
    let s3 = client(cloud.endpoint());
    s3.create_bucket().bucket("photos").send().await.unwrap();
    Fixture { cloud, s3 }
}

pub(super) fn client(endpoint: &str) -> Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(Credentials::new("AKIDANY", "any secret at all", None, None, "test"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .http_client(http)
        .region(Region::new("us-east-1"))
        .build();
    Client::from_conf(config)
}
