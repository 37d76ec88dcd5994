//! Refuses answers that are cut short or lack what makes an entry one.
//!
//! The SDK takes an XML document that ends early for the whole, and an entry without its fields for one: a listing would
//! lack entries, or have some that do not exist. JSON that ends early it refuses itself.

use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadOutput;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_sns::operation::confirm_subscription::ConfirmSubscriptionOutput;
use aws_sdk_sns::operation::list_subscriptions_by_topic::ListSubscriptionsByTopicOutput;
use aws_sdk_sns::operation::subscribe::SubscribeOutput;
use aws_sdk_sns::operation::unsubscribe::UnsubscribeOutput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{AfterDeserializationInterceptorContextRef, Output};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// For every client of a service that speaks XML.
#[derive(Debug)]
pub(super) struct Complete;

impl Intercept for Complete {
    fn name(&self) -> &'static str {
        "Complete"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        // The content of an object is not read yet here; its length is checked where it is.
        let Some(body) = context.response().body().bytes() else { return Ok(()) };
        if is_cut(body) || (body.is_empty() && is_listing(output)) {
            return Err("the answer is cut short".into());
        }
        let response = context.response();
        match missing(output).or_else(|| undone(output, response.status().as_u16(), body)) {
            Some(what) => Err(format!("the answer is malformed: {what}").into()),
            None => Ok(()),
        }
    }
}

/// Whether an XML document does not end with the end of its root.
fn is_cut(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let mut rest = text;
    // Declarations and comments come before the root.
    while let Some(after) = ["<?", "<!"].iter().find_map(|start| rest.strip_prefix(start)) {
        let Some((_, after)) = after.split_once('>') else { return true };
        rest = after.trim_start();
    }
    let Some(root) = rest.strip_prefix('<') else { return text.starts_with('<') };
    let Some((tag, _)) = root.split_once('>') else { return true };
    let name = tag.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
    let is_empty = tag.ends_with('/') && root.len() == tag.len() + 1;
    !is_empty && !text.strip_suffix('>').is_some_and(|text| text.trim_end().ends_with(&format!("</{name}")))
}

/// Whether an answer without a body says nothing, where "none" needs a document.
fn is_listing(output: &Output) -> bool {
    output.downcast_ref::<ListObjectsV2Output>().is_some()
        || output.downcast_ref::<ListObjectVersionsOutput>().is_some()
        || output.downcast_ref::<GetBucketNotificationConfigurationOutput>().is_some()
}

/// What an entry of a listing lacks that AWS always gives.
fn missing(output: &Output) -> Option<&'static str> {
    if let Some(listed) = output.downcast_ref::<ListSubscriptionsByTopicOutput>() {
        let is_whole = |one: &aws_sdk_sns::types::Subscription| {
            [one.subscription_arn(), one.protocol(), one.endpoint()]
                .into_iter()
                .all(|part| part.is_some_and(|part| !part.is_empty()))
        };
        return (!listed.subscriptions().iter().all(is_whole))
            .then_some("a subscription lacks its ARN, protocol or endpoint");
    }
    if let Some(listed) = output.downcast_ref::<ListObjectsV2Output>() {
        let is_whole = |one: &aws_sdk_s3::types::Object| {
            one.key().is_some_and(|key| !key.is_empty()) && one.size().is_some() && one.last_modified().is_some()
        };
        let is_next_missing = listed.is_truncated() == Some(true) && listed.next_continuation_token().is_none();
        let objects = (!listed.contents().iter().all(is_whole)).then_some("an object lacks its key, size or time");
        return objects.or(is_next_missing.then_some("the list goes on, but does not say where"));
    }
    if let Some(listed) = output.downcast_ref::<ListObjectVersionsOutput>() {
        let is_whole = |one: &aws_sdk_s3::types::ObjectVersion| one.key().is_some() && one.last_modified().is_some();
        return (!listed.versions().iter().all(is_whole)).then_some("a version lacks its key or time");
    }
    None
}

/// What shows that an answer to a change is not AWS's, where the SDK reads nothing of it: a network that wants its users to
/// sign in answers every request with 200.
fn undone(output: &Output, status: u16, body: &[u8]) -> Option<&'static str> {
    if output.downcast_ref::<AbortMultipartUploadOutput>().is_some() {
        return (status != 204).then_some("its status is not 204");
    }
    let is_unsubscribed = || String::from_utf8_lossy(body).contains("UnsubscribeResponse");
    if output.downcast_ref::<UnsubscribeOutput>().is_some() {
        return (!is_unsubscribed()).then_some("it is no UnsubscribeResponse");
    }
    let subscribed = output.downcast_ref::<SubscribeOutput>().map(|answer| answer.subscription_arn());
    let confirmed = output.downcast_ref::<ConfirmSubscriptionOutput>().map(|answer| answer.subscription_arn());
    (subscribed.or(confirmed) == Some(None)).then_some("it has no subscription ARN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_for_signing_in_is_no_answer_to_a_change() {
        let page = b"<html><body>Sign in</body></html>";
        let aborted = Output::erase(AbortMultipartUploadOutput::builder().build());
        assert_eq!(undone(&aborted, 200, page), Some("its status is not 204"));
        assert_eq!(undone(&aborted, 204, b""), None);
        let unsubscribed = Output::erase(UnsubscribeOutput::builder().build());
        assert_eq!(undone(&unsubscribed, 200, page), Some("it is no UnsubscribeResponse"));
        assert_eq!(undone(&unsubscribed, 200, b"<UnsubscribeResponse/>"), None);
        let subscribed =
            |arn: Option<&str>| SubscribeOutput::builder().set_subscription_arn(arn.map(Into::into)).build();
        assert!(undone(&Output::erase(subscribed(None)), 200, page).is_some());
        assert_eq!(undone(&Output::erase(subscribed(Some("pending confirmation"))), 200, b""), None);
        assert!(undone(&Output::erase(ConfirmSubscriptionOutput::builder().build()), 200, page).is_some());
    }

    #[test]
    fn a_document_that_ends_anywhere_before_its_end_is_cut() {
        let whole = [
            "<?xml version=\"1.0\"?>\n<!-- made by hand --><List xmlns=\"x\"><Item><Name>a &gt; b</Name></Item><Item/></List>\n",
            "<List/>",
            "<List><List>nested</List></List>",
        ];
        for text in whole {
            assert!(!is_cut(text.as_bytes()), "{text}");
        }
        let text = whole[0].trim_end();
        for end in 1..text.len() {
            assert!(is_cut(&text.as_bytes()[..end]), "{}", &text[..end]);
        }
        for other in ["", "{\"a\": 1}", "plain"] {
            assert!(!is_cut(other.as_bytes()), "{other:?} is no XML");
        }
    }
}
