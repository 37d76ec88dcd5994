//! What a line of a log names, among the names that are known: ids, entity tags, keys, and the last parts of keys.
//!
//! Ids and encoded keys are found as bare tokens, because nesting and escaping leave only them unchanged. A key is found as it
//! is, form-encoded, and with `%20` for spaces, wherever nothing beside it shows that it is a part of a longer key. No line is
//! searched for all keys: its words are looked up in a tree of the words of all keys.

mod bounds;
mod tree;
mod unescape;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use imgwatch_shared::notification_rule::encoded;
use imgwatch_shared::object_key::file_name;

use super::Write;
use crate::text::clean::Clean;
use tree::Tree;

/// The shortest id that is looked for. Anything shorter may be a word.
const SHORTEST_ID: usize = 8;

/// One name that a line names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// S3's id of the request that wrote an object.
    S3RequestId(Clean),
    /// The version of an object.
    VersionId(Clean),
    /// S3's order of events for one key.
    Sequencer(Clean),
    /// The entity tag of an object's content.
    ETag(Clean),
    /// SNS's id of a message.
    MessageId(Clean),
    /// The whole key of an object.
    Key(ObjectName),
    /// The key of an object and the entity tag of its content, both in one line.
    KeyAndETag(ObjectName, Clean),
    /// The last part of an object's key.
    KeyPart(ObjectName),
    /// A field of S3's event, whatever it holds.
    EventField(EventField),
    /// The address of an object, `s3://...`, whichever it is.
    Address,
    /// Nothing is known of what it names: the line is too long to be searched.
    Unread,
}

/// Fields of S3's event, which show that the event itself is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventField {
    /// `x-amz-request-id`, or `request-id` in EventBridge's form.
    S3RequestId,
    /// `sequencer`
    Sequencer,
}

/// The fields' names, and how Java's classes call them.
const EVENT_FIELDS: [(&str, EventField); 3] = [
    ("request-id", EventField::S3RequestId),
    ("xAmzRequestId", EventField::S3RequestId),
    ("sequencer", EventField::Sequencer),
];

/// What addresses of objects begin with.
const ADDRESSES: [&str; 2] = ["s3://", "arn:aws:s3:::"];

/// An object's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The bucket's name.
    pub bucket: Clean,
    /// The decoded key.
    pub key: Clean,
}

/// The names that are looked for.
#[derive(Debug, Default)]
pub struct KnownNames {
    ids: HashMap<String, BTreeSet<Name>>,
    keys: Tree,
    e_tags: HashMap<ObjectName, BTreeSet<Clean>>,
}

impl KnownNames {
    /// Adds the names of a write.
    pub fn add(&mut self, write: &Write) {
        let ids = [
            write.s3_request_id.clone().map(Name::S3RequestId),
            // What a bucket without versions calls its only one.
            write.version_id.clone().filter(|id| id.raw() != "null").map(Name::VersionId),
            write.sequencer.clone().map(Name::Sequencer),
            write.e_tag.clone().map(Name::ETag),
        ];
        for name in ids.into_iter().flatten() {
            self.add_id(name);
        }
        let object = ObjectName { bucket: write.bucket.clone(), key: write.key.clone() };
        if let Some(e_tag) = &write.e_tag {
            self.e_tags.entry(object.clone()).or_default().insert(e_tag.clone());
        }
        let key = write.key.raw();
        for form in forms(key) {
            self.keys.add_key(&form, &object);
        }
        if key.contains('/') {
            for form in forms(file_name(key)) {
                self.keys.add_part(&form, &object);
            }
        }
    }

    /// Adds the id of a message.
    pub fn add_message(&mut self, message_id: &Clean) {
        self.add_id(Name::MessageId(message_id.clone()));
    }

    fn add_id(&mut self, name: Name) {
        let id = match &name {
            Name::S3RequestId(id)
            | Name::VersionId(id)
            | Name::Sequencer(id)
            | Name::ETag(id)
            | Name::MessageId(id) => id,
            Name::Key(_)
            | Name::KeyAndETag(..)
            | Name::KeyPart(_)
            | Name::EventField(_)
            | Name::Address
            | Name::Unread => return,
        };
        if id.raw().len() >= SHORTEST_ID {
            self.ids.entry(id.raw().to_owned()).or_default().insert(name);
        }
    }

    /// The names in a line.
    pub fn find(&self, line: &str) -> BTreeSet<Name> {
        let mut found: BTreeSet<Name> =
            tokens(line).filter_map(|token| self.ids.get(token)).flatten().cloned().collect();
        found.extend(
            EVENT_FIELDS.iter().filter(|(text, _)| line.contains(text)).map(|(_, field)| Name::EventField(*field)),
        );
        found.extend(ADDRESSES.iter().any(|start| line.contains(start)).then_some(Name::Address));
        self.keys.find(line, &mut found);
        if let Cow::Owned(plain) = unescape::all(line) {
            self.keys.find(&plain, &mut found);
        }
        let pairs: Vec<Name> = self.pairs(&found).collect();
        found.extend(pairs);
        found
    }

    /// The keys of a line that stand there with an entity tag of theirs.
    fn pairs(&self, found: &BTreeSet<Name>) -> impl Iterator<Item = Name> {
        let e_tags: BTreeSet<&Clean> =
            found.iter().filter_map(|name| if let Name::ETag(tag) = name { Some(tag) } else { None }).collect();
        let objects = found.iter().filter_map(|name| if let Name::Key(object) = name { Some(object) } else { None });
        objects.flat_map(move |object| {
            let own = self.e_tags.get(object);
            let is_own = |tag: &&Clean| own.is_some_and(|own| own.contains(*tag));
            let pairs = e_tags.iter().copied().filter(is_own);
            pairs.map(|tag| Name::KeyAndETag(object.clone(), tag.clone())).collect::<Vec<_>>()
        })
    }
}

/// The forms in which functions print a key: decoded, as S3's events have it, and as some emulators do.
fn forms(key: &str) -> BTreeSet<String> {
    let form = encoded(key);
    let forms = [form.replace('+', "%20"), form, key.to_owned()];
    forms.into_iter().filter(|form| !form.is_empty()).collect()
}

/// The runs of letters, digits, `-`, `_` and `.` of a line: what ids consist of.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let runs = line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    runs.filter(|run| run.len() >= SHORTEST_ID).flat_map(|run| {
        // A sentence may end behind an id.
        let bare = run.trim_end_matches('.');
        [Some(run), Some(bare).filter(|bare| bare.len() < run.len())].into_iter().flatten()
    })
}
