//! What goes into the log file of what is asked for and said: failures in full, the rest by its name.
//!
//! Names only, because some requests carry what confirms a subscription; what failed is on the screen, too, and clean.

use std::fmt::{self, Debug, Write as _};

use crate::effect::CloudEffect;
use crate::msg::Update;

pub(in crate::cloud) fn asked(effect: &CloudEffect) {
    tracing::debug!("asked for {}", Name(effect));
}

/// Something is said. It is not changed; its problems can only be had so.
pub(in crate::cloud) fn said(update: &mut Update) {
    for problem in update.problems_mut() {
        tracing::warn!("{problem}");
    }
    match update {
        Update::Connected { pipeline, .. } => tracing::info!(
            "connected to {}: bucket {}, function {}, topic {}",
            pipeline.target,
            pipeline.bucket,
            pipeline.function,
            pipeline.topic
        ),
        Update::Switched { target, .. } => tracing::info!("going on with {target}"),
        Update::Notice(text) | Update::Leftovers(Some(text)) | Update::Done(text) => tracing::info!("{text}"),
        update => tracing::debug!("received {}", Name(update)),
    }
}

/// The name of a variant, without what it carries.
struct Name<'a, T>(&'a T);

impl<T: Debug> fmt::Display for Name<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = Head(String::new());
        // It ends early by an error: what comes after the name may be long.
        let _ = write!(head, "{:?}", self.0);
        f.write_str(&head.0)
    }
}

/// Takes letters and digits, and nothing after them.
struct Head(String);

impl fmt::Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let name = text.find(|c: char| !c.is_ascii_alphanumeric()).and_then(|end| text.get(..end));
        self.0.push_str(name.unwrap_or(text));
        if name.is_some() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RequestId;
    use crate::domain::objects::ListingOrder;
    use crate::domain::subscriptions::Protocol;

    #[test]
    fn a_name_carries_nothing() {
        let subscribe = CloudEffect::Subscribe { protocol: Protocol::Email, endpoint: "ada@example.com".to_owned() };
        assert_eq!(Name(&subscribe).to_string(), "Subscribe");
        assert_eq!(Name(&CloudEffect::EndProbe).to_string(), "EndProbe");
        assert_eq!(
            Name(&CloudEffect::ListObjects { request: RequestId(1), order: ListingOrder::ByKey }).to_string(),
            "ListObjects"
        );
    }
}
