//! A page of a listing in little memory: its keys are one text, everything else is in columns. A million objects with keys
//! of thirty letters take about seventy megabytes.

use jiff::Timestamp;

use super::Object;
use crate::text::clean::{Clean, is_harmful};

/// An entity tag of 32 hexadecimal digits.
type Tag = [u8; 16];

/// Objects, which do not change. Every key is kept as S3 has it; what may be shown of it is made when it is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    keys: Box<str>,
    /// Where each key ends.
    ends: Box<[u32]>,
    sizes: Box<[u64]>,
    /// Seconds since 1970: S3 lists no parts of them.
    modified: Box<[u32]>,
    tags: Box<[Tag]>,
    /// Entity tags of another form, by their place, and places without one; in order.
    other_tags: Box<[(u32, Option<Box<str>>)]>,
    /// Whether every key may be shown as it is.
    is_plain: bool,
}

impl Page {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The key of an object, as S3 has it. Not for the screen.
    pub fn key(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.keys.get(start..end(at)).unwrap_or_default()
    }

    /// Bytes of an object.
    pub fn size(&self, at: usize) -> u64 {
        self.sizes.get(at).copied().unwrap_or_default()
    }

    /// When S3 wrote an object, in seconds since 1970.
    pub fn seconds(&self, at: usize) -> u32 {
        self.modified.get(at).copied().unwrap_or_default()
    }

    pub fn modified(&self, at: usize) -> Timestamp {
        Timestamp::from_second(self.seconds(at).into()).unwrap_or_default()
    }

    pub fn get(&self, at: usize) -> Option<Object> {
        (at < self.len()).then(|| Object {
            key: Clean::new(self.key(at)),
            size: self.size(at),
            modified: self.modified(at),
            e_tag: self.e_tag(at),
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = Object> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Whether something holds for what may be shown of a key.
    pub fn shown(&self, at: usize, holds: impl Fn(&str) -> bool) -> bool {
        if self.is_plain { holds(self.key(at)) } else { holds(Clean::new(self.key(at)).shown()) }
    }

    /// The place of a key, in a page whose keys are in order.
    pub fn find(&self, key: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.len() && self.key(low) == key).then_some(low)
    }

    fn e_tag(&self, at: usize) -> Option<Clean> {
        if let Ok(other) = self.other_tags.binary_search_by_key(&at, |(place, _)| *place as usize) {
            return self.other_tags.get(other)?.1.as_deref().map(Clean::new);
        }
        Some(Clean::new(&format!("{:032x}", u128::from_be_bytes(*self.tags.get(at)?))))
    }
}

impl FromIterator<Object> for Page {
    fn from_iter<T: IntoIterator<Item = Object>>(objects: T) -> Self {
        let (mut keys, mut ends, mut sizes, mut modified) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut tags, mut other_tags) = (Vec::new(), Vec::new());
        for object in objects {
            let Ok(end) = u32::try_from(keys.len() + object.key.raw().len()) else { break };
            let e_tag = object.e_tag.as_ref().map(Clean::raw);
            let tag = e_tag.and_then(tag);
            if let (None, Ok(at)) = (tag, u32::try_from(ends.len())) {
                other_tags.push((at, e_tag.map(Box::from)));
            }
            keys.push_str(object.key.raw());
            ends.push(end);
            sizes.push(object.size);
            modified.push(u32::try_from(object.modified.as_second().max(0)).unwrap_or(u32::MAX));
            tags.push(tag.unwrap_or_default());
        }
        Self {
            is_plain: !keys.chars().any(is_harmful),
            keys: keys.into(),
            ends: ends.into(),
            sizes: sizes.into(),
            modified: modified.into(),
            tags: tags.into(),
            other_tags: other_tags.into(),
        }
    }
}

impl From<Vec<Object>> for Page {
    fn from(objects: Vec<Object>) -> Self {
        objects.into_iter().collect()
    }
}

/// The bytes of an entity tag that is written as S3 writes a digest.
fn tag(text: &str) -> Option<Tag> {
    let digits = text.as_bytes();
    let is_digest = digits.len() == 32 && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then(|| u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_object() -> impl Strategy<Value = Object> {
        let e_tag = prop_oneof![
            Just(None),
            "[0-9a-f]{32}".prop_map(|tag| Some(Clean::new(&tag))),
            "([0-9a-fA-F+]{32}|[0-9a-f]{32}-[0-9]{1,5}|\\PC{0,40})".prop_map(|tag| Some(Clean::new(&tag))),
        ];
        (any::<String>(), any::<u64>(), 0i64..4_000_000_000, e_tag).prop_map(|(key, size, second, e_tag)| {
            let modified = Timestamp::from_second(second).unwrap();
            Object { key: Clean::new(&key), size, modified, e_tag }
        })
    }

    proptest! {
        #[test]
        fn objects_come_out_as_they_went_in(objects in prop::collection::vec(any_object(), 0..20)) {
            let page = Page::from(objects.clone());
            prop_assert_eq!(page.iter().collect::<Vec<_>>(), objects.clone());
            for (at, object) in objects.iter().enumerate() {
                prop_assert_eq!(page.key(at), object.key.raw());
                prop_assert!(page.shown(at, |shown| shown == object.key.shown()));
            }
            prop_assert_eq!(page.get(objects.len()), None);
        }

        #[test]
        fn a_key_is_found_where_it_is(keys in prop::collection::btree_set("[ab]{0,3}", 0..12), wanted in "[ab]{0,3}") {
            let object = |key: &String| Object { key: Clean::new(key), size: 1, modified: Timestamp::UNIX_EPOCH, e_tag: None };
            let page: Page = keys.iter().map(object).collect();
            prop_assert_eq!(page.find(&wanted), keys.iter().position(|key| *key == wanted));
        }
    }
}
