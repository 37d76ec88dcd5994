//! The `Date` header of an answer: what the clock of the service showed. The SDK's outputs do not have it.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// How much later than its `Date` an answer may have been made: it has whole seconds, and servers write it once a second.
const COARSE: SignedDuration = SignedDuration::from_secs(2);

/// Keeps the `Date` of the last answer to a request that it intercepts.
#[derive(Debug, Clone, Default)]
pub(in crate::cloud) struct ResponseDate(Arc<Mutex<Option<Timestamp>>>);

impl ResponseDate {
    pub(in crate::cloud) fn get(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ResponseDate {
    fn name(&self) -> &'static str {
        "ResponseDate"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| rfc2822::parse(date).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| date.timestamp());
        Ok(())
    }
}

/// When a request began, on the clock of the service that answered it: `began` by this machine's clock, unless the `Date`
/// of the answer, which arrived at `at`, shows that one of the clocks is wrong.
pub(in crate::cloud) fn on_the_services_clock(began: Timestamp, at: Timestamp, date: Option<Timestamp>) -> Timestamp {
    let Some(date) = date else { return began };
    let is_ahead = began > date.saturating_add(COARSE).unwrap_or(date);
    let is_behind = at < date;
    if is_ahead || is_behind { date.saturating_sub(began.duration_until(at)).unwrap_or(date) } else { began }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_surely_wrong_is_not_believed() {
        let at = |millis: i64| Timestamp::from_millisecond(1_000_000 + millis).unwrap();
        // Began, answered, the answer's date, and when it began by the service's clock; in milliseconds.
        for (began, answered, date, expected) in [
            (0, 300, Some(0), 0),
            (900, 1_200, Some(0), 900),
            (1_900, 2_200, Some(0), 1_900),
            // Twenty seconds ahead, five minutes ahead, twenty seconds behind.
            (20_000, 20_300, Some(0), -300),
            (300_000, 300_300, Some(1_000), 700),
            (-20_000, -19_700, Some(0), -300),
            // A long transfer is answered at its end.
            (0, 90_000, Some(89_000), 0),
            (0, 90_000, None, 0),
        ] {
            let found = on_the_services_clock(at(began), at(answered), date.map(at));
            assert_eq!(found, at(expected), "{began} {answered} {date:?}");
        }
    }
}
