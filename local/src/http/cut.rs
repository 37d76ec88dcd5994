//! An answer that breaks off in the middle of its body, as an injected fault asks. What comes before is as it was.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};

use super::Cut;

/// The answer up to so many bytes of its body, and then the end of its connection.
pub(super) fn after(answer: Response, bytes: u64) -> Response {
    answer.map(|body| {
        let pieces = stream::try_unfold((body.into_data_stream(), bytes), |(body, left)| piece(body, left));
        Body::from_stream(pieces)
    })
}

type State = (BodyDataStream, u64);

/// The next piece, as far as it may go.
async fn piece(
    mut body: BodyDataStream,
    left: u64,
) -> Result<Option<(Bytes, State)>, Box<dyn std::error::Error + Send + Sync>> {
    let Some(mut piece) = body.next().await.transpose()? else { return Ok(None) };
    if left == 0 && !piece.is_empty() {
        // What was handed over before is sent before hyper hears of the end.
        tokio::task::yield_now().await;
        return Err(Cut.into());
    }
    piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
    let left = left - piece.len() as u64;
    Ok(Some((piece, (body, left))))
}
