//! One port for all services: finds out which service a request is for and hands it over.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use tokio::net::TcpListener;

use crate::cloud::Cloud;

/// Serves until the cloud stops.
pub(crate) async fn serve(cloud: Arc<Cloud>, listener: TcpListener) {
    let stop = cloud.stop.clone();
    let service = axum::Router::new().fallback(move |request: Request| {
        let cloud = Arc::clone(&cloud);
        async move { route(&cloud, request).await }
    });
    let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the listener failed");
    }
}

async fn route(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    // Only until the router that knows every service is here.
    if request.uri().path().starts_with("/_imgwatch/") {
        return crate::inbox::handle(cloud, request).await;
    }
    let scope = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if scope.contains("/sts/") {
        return crate::sts::handle(cloud, request).await;
    }
    if scope.contains("/sns/") || request.uri().query().is_some_and(|query| query.contains("Action=")) {
        return crate::sns::handle(cloud, request).await;
    }
    let target =
        request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if target.starts_with("AmazonSQS.") {
        return crate::sqs::handle(cloud, request).await;
    }
    if target.starts_with("Logs_20140328.") {
        return crate::logs::handle(cloud, request).await;
    }
    crate::s3::handle(cloud, request).await
}
