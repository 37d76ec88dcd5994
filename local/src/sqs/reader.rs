//! How Lambda reads queues.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;

use super::attribute::{self, Content};
use super::queue::{Message, receipt_number};
use super::receive::{Wanted, await_messages, system_attributes};
use super::{Sqs, error};
use crate::common::queues::{Attribute, QueueReader, Receive, Received};
use crate::common::wire::ApiError;

#[async_trait::async_trait]
impl QueueReader for Sqs {
    fn visibility(&self, queue_arn: &str) -> Option<Duration> {
        let queue = self.find_arn(queue_arn)?;
        let seconds = queue.settings().visibility();
        Some(Duration::from_secs(seconds.into()))
    }

    async fn receive(&self, queue_arn: &str, how: Receive) -> Result<Vec<Received>, ApiError> {
        let signed = |time: Duration| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let wanted = Wanted {
            most: how.most,
            most_bytes: how.most_bytes,
            visibility: signed(how.visibility),
            wait: signed(how.wait),
        };
        let find = || self.find_arn(queue_arn).ok_or_else(error::no_queue);
        let messages = await_messages(self, find, &wanted).await?;
        Ok(messages.into_iter().map(|(handle, message)| received(handle, message)).collect())
    }

    fn delete(&self, queue_arn: &str, receipt_handles: &[&str]) {
        let Some(queue) = self.find_arn(queue_arn) else { return };
        for handle in receipt_handles {
            if let Some(number) = receipt_number(&queue.arn, handle) {
                queue.delete(self.env.now(), number, handle);
            }
        }
    }
}

fn received(receipt_handle: String, message: Message) -> Received {
    let system = system_attributes(&message).into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let attributes = message.attributes.iter().map(|(name, given)| {
        let (value, is_binary) = match &given.content {
            Content::Text(text) => (text.clone(), false),
            Content::Binary(bytes) => (BASE64_STANDARD.encode(bytes), true),
        };
        (name.clone(), Attribute { data_type: given.data_type.clone(), value, is_binary })
    });
    Received {
        receipt_handle,
        md5_of_body: attribute::md5_of_body(&message.body),
        md5_of_attributes: attribute::md5_of_attributes(&message.attributes),
        system_attributes: system,
        attributes: attributes.collect(),
        id: message.id,
        body: message.body,
    }
}
