//! From lines of the log to what they say of one object. Pure: text in, data out.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

use super::failures::bad_end;
use crate::cloud::follow::lines;
use crate::domain::diagnosis::findings::{Mention, Sighting};
use crate::domain::evidence::{Fact, Write};
use crate::text::clean::Clean;

/// The lines that are about the object, in the order of the events.
pub(super) fn of(
    events: &[FilteredLogEvent],
    bucket: &str,
    key: &str,
    forms: &[String],
    e_tag: Option<&Clean>,
) -> Vec<Sighting> {
    // A line about other content of the same key is about an earlier or a later upload.
    let is_it = |write: &Write| {
        let same_content = match (e_tag, &write.e_tag) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        write.bucket.raw() == bucket && write.key.raw() == key && same_content
    };
    let sighting = |event: &FilteredLogEvent| {
        let (mut read, facts) = lines::read(std::slice::from_ref(event));
        let line = read.pop()?;
        // The first says what became of the object, the next in what the event came.
        let mention = match facts.into_iter().next() {
            Some(Fact::Received(_, write)) => is_it(&write).then_some(Mention::Received)?,
            Some(Fact::Published { write, message_id, .. }) => {
                is_it(&write).then_some(Mention::Published(message_id))?
            }
            Some(Fact::Skipped { write, reason, .. }) => is_it(&write).then_some(Mention::Skipped(reason))?,
            Some(Fact::Failed { write, reason, .. }) => is_it(&write).then_some(Mention::Failed(reason))?,
            _ => {
                let text = event.message().unwrap_or_default();
                forms.iter().any(|form| names(text, bucket, form)).then(|| Mention::Named(line.text.clone()))?
            }
        };
        Some(Sighting { at: line.at, request_id: line.request_id, mention })
    };
    events.iter().filter_map(sighting).collect()
}

pub(super) fn bad_ends(events: &[FilteredLogEvent], requests: &[String]) -> Vec<Sighting> {
    let (_, facts) = lines::read(events);
    let end = |fact: Fact| {
        let Fact::Reported(source, report) = fact else { return None };
        let request_id = source.lambda_request_id.filter(|id| requests.iter().any(|it| it == id.raw()))?;
        Some(Sighting { at: source.at, request_id: Some(request_id), mention: Mention::Failed(bad_end(&report)?) })
    };
    facts.into_iter().filter_map(end).collect()
}

/// Whether a text has the key as a word of its own: `cat.png` is not named by `bobcat.png` or `cat.png.bak`.
fn names(text: &str, bucket: &str, key: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-./%+~".contains(c);
    text.match_indices(key).any(|(start, _)| {
        let before = text.get(..start).unwrap_or_default();
        let begins = !before.ends_with(is_part) || before.ends_with(&format!("{bucket}/"));
        let after = text.get(start + key.len()..).unwrap_or_default();
        // A full stop may also end a sentence.
        let sentence = after.strip_prefix('.').is_some_and(|rest| !rest.starts_with(is_part));
        begins && (sentence || !after.starts_with(is_part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_as_a_word_of_its_own() {
        for (line, named) in [
            ("got cat.png", true),
            ("s3://images/cat.png: 3 bytes", true),
            (r#"{"key":"cat.png"}"#, true),
            ("stored cat.png.", true),
            ("got bobcat.png", false),
            ("got cat.png.bak", false),
            ("got other/cat.png", false),
            ("got dog.png", false),
        ] {
            assert_eq!(names(line, "images", "cat.png"), named, "{line}");
        }
    }
}
