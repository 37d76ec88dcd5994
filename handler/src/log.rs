//! The function's log: every line is a [`LogRecord`] on standard output, ours and those of `lambda_runtime`.
//!
//! The request id and the X-Ray trace are on every line at every level. They come from the span which `lambda_runtime`
//! opens at INFO around an invocation; a usual subscriber at WARN would not enable that span and lose them, so this
//! one filters events by level but keeps spans. Nothing here may panic or print: a broken log must not stop the work.

mod fields;

use std::io::Write as _;

use imgwatch_shared::record::{LogRecord, Outcome};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use fields::{Fields, Invocation, entry_name, name_of};

/// Installs the subscriber and a panic hook that writes one line of the log instead of several on standard error.
///
/// # Errors
/// When the process already has a subscriber: the lines would go elsewhere, and the dashboard lives on them.
pub fn install() -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    let lines = Lines { level: level_from_env() };
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("no message");
        tracing::error!("the handler panicked{place}: {text}");
    }));
    Ok(())
}

/// Writes the line with the outcome of one image; see [`LogRecord::ended`]. Its timestamp and ids are set again.
pub(crate) fn write(record: &LogRecord) {
    // tracing wants the level at compile time, and Option fields that are None leave no trace.
    macro_rules! emit {
        ($level:ident) => {
            tracing::$level!(
                outcome = record.outcome.map(name_of),
                bucket = record.bucket.as_deref(),
                key = record.key.as_deref(),
                eTag = record.e_tag.as_deref(),
                versionId = record.version_id.as_deref(),
                sequencer = record.sequencer.as_deref(),
                s3RequestId = record.s3_request_id.as_deref(),
                notificationId = record.notification_id.as_deref(),
                snsMessageId = record.sns_message_id.as_deref(),
                entry = record.entry.map(entry_name),
                sqsMessageId = record.sqs_message_id.as_deref(),
                receiveCount = record.receive_count,
                entryMessageId = record.entry_message_id.as_deref(),
                error = record.error.as_deref(),
                "{}",
                record.message
            )
        };
    }
    if record.outcome == Some(Outcome::Failed) { emit!(error) } else { emit!(info) }
}

/// `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG` if it is one simple level, else INFO.
fn level_from_env() -> LevelFilter {
    let variable = |name| std::env::var(name).ok().and_then(|value| parse_level(&value));
    variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG")).unwrap_or(LevelFilter::INFO)
}

/// Lambda's level FATAL has no counterpart here and means ERROR.
fn parse_level(text: &str) -> Option<LevelFilter> {
    match text.trim() {
        "" => None,
        fatal if fatal.eq_ignore_ascii_case("fatal") => Some(LevelFilter::ERROR),
        level => level.parse().ok(),
    }
}

/// The layer that turns events into lines.
struct Lines {
    level: LevelFilter,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= if metadata.is_span() { self.level.max(LevelFilter::INFO) } else { self.level }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.max(LevelFilter::INFO))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut invocation = Invocation::default();
        attributes.record(&mut invocation);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(invocation);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new(jiff::Timestamp::now(), event.metadata());
        event.record(&mut fields);
        let mut record = fields.finish();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(invocation) = span.extensions().get::<Invocation>() {
                record.request_id = record.request_id.take().or_else(|| invocation.request_id.clone());
                record.xray_trace_id = record.xray_trace_id.take().or_else(|| invocation.xray_trace_id.clone());
            }
        }
        if let Ok(mut line) = record.to_line() {
            line.push('\n');
            // One write, so that lines of several threads do not mix. A failure cannot be reported elsewhere.
            let _ = std::io::stdout().lock().write_all(line.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_level_is_read_and_nothing_else() {
        assert_eq!(parse_level("WARN"), Some(LevelFilter::WARN));
        assert_eq!(parse_level("debug"), Some(LevelFilter::DEBUG));
        assert_eq!(parse_level("FATAL"), Some(LevelFilter::ERROR));
        assert_eq!(parse_level(""), None);
        assert_eq!(parse_level("imgwatch=debug,warn"), None);
    }
}
