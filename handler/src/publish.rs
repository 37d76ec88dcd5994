//! Publishing to the topic: the one thing that the function does to the world.

mod sns;

use std::future::Future;

use imgwatch_shared::message::Message;

use crate::error::PublishError;

pub use sns::SnsTopic;

/// Where messages go. [`SnsTopic`] in the function; a test may record them instead.
pub trait Publish {
    /// Publishes the message and returns the id with which SNS accepted it.
    ///
    /// # Errors
    /// When SNS did not accept it, or when it cannot be known whether it did.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<String, PublishError>> + Send;
}
