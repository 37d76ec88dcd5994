//! Cases: what is written and published, by whom, and how much of it is seen.

use proptest::prelude::*;

use crate::domain::evidence::Write;
use crate::text::clean::Clean;

/// What a function prints of the object that it handles.
#[derive(Debug, Clone, Copy)]
pub(super) enum Prints {
    Event,
    EventWithoutIds,
    Encoded,
    Decoded,
    Uri,
    KeyAndETag,
    ETag,
    Nothing,
}

pub(super) fn print(prints: Prints, write: &Write) -> String {
    let (key, tag) = (write.key.raw(), write.e_tag.as_ref().map_or("", Clean::raw));
    let form = imgwatch_shared::notification_rule::encoded(key);
    let id = write.s3_request_id.as_ref().map_or("", Clean::raw);
    match prints {
        Prints::Event => {
            format!("{{\"x-amz-request-id\":\"{id}\",\"key\":\"{form}\",\"eTag\":\"{tag}\",\"sequencer\":\"0\"}}")
        }
        Prints::EventWithoutIds => format!("{{'key': '{form}', 'eTag': '{tag}', 'sequencer': '0'}}"),
        Prints::Encoded => format!("key: {form}"),
        Prints::Decoded => format!("new object {key}"),
        Prints::Uri => format!("s3://images/{key}"),
        Prints::KeyAndETag => format!("key={form} etag={tag}"),
        Prints::ETag => format!("etag {tag}"),
        Prints::Nothing => "working".to_owned(),
    }
}

/// Keys that contain each other; none is another one's encoded form, since one text would name both.
pub(super) const KEYS: [&str; 9] = [
    "in/a.png",
    "in/a.png.png",
    "x/in/a.png",
    "in/a b.png",
    "b.png",
    "in/é 🐈.png",
    "in/100%2F.png",
    "in/a (1).png",
    "a.png",
];

/// One write, and what comes of it.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) key: usize,
    pub(super) content: u8,
    pub(super) writer: Writer,
    /// Seconds after the write before.
    pub(super) gap: i64,
    /// Seconds until it is handled.
    pub(super) delay: i64,
    /// How often its event comes.
    pub(super) events: i64,
    /// Which other key its function names.
    pub(super) other: Option<usize>,
    /// How many seconds an invocation takes.
    pub(super) lasts: i64,
    /// What each invocation publishes.
    pub(super) sends: Vec<Sent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// This process.
    Us,
    /// Somebody else.
    Other,
    /// Somebody else, and the object is gone again before the bucket is listed.
    Unseen,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Seconds after the invocation began.
    pub(super) after: i64,
    pub(super) seen: Seen,
    /// Whether CloudWatch counts it in another minute, if it comes in the first or in the last second of one.
    pub(super) is_shifted: bool,
}

/// What a delivery status says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Accepted,
    WithoutTime,
    /// There is none.
    Not,
}

pub(super) fn sent(after: std::ops::Range<i64>) -> impl Strategy<Value = Sent> {
    let seen = prop_oneof![6 => Just(Seen::Accepted), 1 => Just(Seen::WithoutTime), 2 => Just(Seen::Not)];
    (after, seen, any::<bool>()).prop_map(|(after, seen, is_shifted)| Sent { after, seen, is_shifted })
}

pub(super) fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let other = proptest::option::weighted(0.2, 0..KEYS.len());
    let writer = prop_oneof![3 => Just(Writer::Us), 2 => Just(Writer::Other), 1 => Just(Writer::Unseen)];
    let gap = prop::sample::select(vec![1_i64, 1, 1, 40, 130, 400, 700]);
    let events = prop_oneof![3 => Just(1_i64), 1 => Just(2)];
    let lasts = prop::sample::select(vec![0_i64, 0, 1, 3, 40]);
    let sends = prop_oneof![
        4 => sent(0..41).prop_map(|sent| vec![sent]),
        1 => Just(Vec::new()),
        1 => proptest::collection::vec(sent(0..41), 2..3),
    ];
    let plan = (0..KEYS.len(), 0..4_u8, writer, gap, 0..90_i64, events, other, lasts, sends);
    let plan = plan.prop_map(|(key, content, writer, gap, delay, events, other, lasts, sends)| Plan {
        key,
        content,
        writer,
        gap,
        delay,
        events,
        other,
        lasts,
        sends,
    });
    proptest::collection::vec(plan, 1..12)
}

pub(super) fn prints() -> impl Strategy<Value = Prints> {
    use Prints::{Decoded, ETag, Encoded, Event, EventWithoutIds, KeyAndETag, Nothing, Uri};
    prop::sample::select(vec![Event, EventWithoutIds, Encoded, Decoded, Uri, KeyAndETag, ETag, Nothing])
}

/// Messages of other publishers: near which write, and when.
pub(super) fn strangers() -> impl Strategy<Value = Vec<(usize, Sent)>> {
    let near = (0..12_usize, sent(-70..130));
    prop_oneof![2 => Just(Vec::new()), 3 => proptest::collection::vec(near, 1..4)]
}

/// What there is to know, and what of it can be seen.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) plans: Vec<Plan>,
    pub(super) prints: Prints,
    pub(super) strangers: Vec<(usize, Sent)>,
    /// The second from which on the log is read.
    pub(super) log_from: i64,
    /// How long after the last invocation the bucket is listed.
    pub(super) listing: i64,
    /// How long after that CloudWatch's counts are complete.
    pub(super) counted: i64,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let parts = (plans(), prints(), strangers(), -700..100_i64, 10..200_i64, -60..200_i64);
    parts.prop_map(|(plans, prints, strangers, log_from, listing, counted)| Case {
        plans,
        prints,
        strangers,
        log_from,
        listing,
        counted,
    })
}
