//! The words of all keys as a tree, so that finding the keys in a line costs what the line is long, not what is known.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::bounds::{self, Place, Span};
use super::{Name, ObjectName};

/// The most words of a key that are looked at. S3 allows 1,024 bytes, and hardly any key has that many words.
const DEEPEST: usize = 256;

/// The most objects that the last part of their keys names. Of more no single one is meant.
const MOST_PARTS: usize = 32;

/// The most steps in the tree for each word of a line. Only a line that repeats the beginning of a long key again and again
/// needs more; no key is looked for in it.
const MOST_STEPS: usize = 8;

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// By the next word.
    next: HashMap<Box<str>, usize>,
    /// Whose key ends here.
    keys: BTreeSet<ObjectName>,
    /// Whose key ends in a last part that ends here; at most one more than are named.
    parts: BTreeSet<ObjectName>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Tree {
    /// Adds a form of an object's whole key.
    pub(super) fn add_key(&mut self, form: &str, object: &ObjectName) {
        if let Some(node) = self.node(form) {
            node.keys.insert(object.clone());
        }
    }

    /// Adds a form of the last part of an object's key.
    pub(super) fn add_part(&mut self, form: &str, object: &ObjectName) {
        if let Some(node) = self.node(form).filter(|node| node.parts.len() <= MOST_PARTS) {
            node.parts.insert(object.clone());
        }
    }

    /// The node at which a form ends; `None` if the form is too long.
    fn node(&mut self, form: &str) -> Option<&mut Node> {
        let mut at = 0;
        for (depth, (_, word)) in words(form).enumerate() {
            if depth >= DEEPEST {
                return None;
            }
            let fresh = self.nodes.len();
            at = *self.nodes.get_mut(at)?.next.entry(word.into()).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        self.nodes.get_mut(at)
    }

    /// Adds the names that stand in a line by themselves. What stands within a longer name is a part of that.
    pub(super) fn find(&self, line: &str, found: &mut BTreeSet<Name>) {
        let all: Vec<(usize, &str)> = words(line).collect();
        let Some(mut spans) = self.spans(&all) else { return };
        // The longest of those that begin at one place comes first.
        spans.sort_by_key(|(span, _)| (span.start, Reverse(span.end)));
        let mut longest = Span { start: 0, end: 0 };
        let mut parts = HashSet::new();
        for (span, at) in spans {
            if span.end <= longest.end && span != longest {
                continue;
            }
            longest = span;
            let (Some(node), Some(place)) = (self.nodes.get(at), Place::of(line, span)) else { continue };
            found.extend(node.keys.iter().filter(|object| place.is_key_of(object)).cloned().map(Name::Key));
            if (1..=MOST_PARTS).contains(&node.parts.len()) && place.is_part() && parts.insert(at) {
                found.extend(node.parts.iter().cloned().map(Name::KeyPart));
            }
        }
    }

    /// Where forms stand in a line, each with its node; `None` if that takes too many steps.
    fn spans(&self, all: &[(usize, &str)]) -> Option<Vec<(Span, usize)>> {
        let mut spans = Vec::new();
        let mut steps = all.len() * MOST_STEPS + DEEPEST;
        for (index, (start, _)) in all.iter().enumerate() {
            let mut node = self.nodes.first()?;
            for (place, word) in all.iter().skip(index) {
                steps = steps.checked_sub(1)?;
                let Some(at) = node.next.get(*word) else { break };
                node = self.nodes.get(*at)?;
                if !(node.keys.is_empty() && node.parts.is_empty()) {
                    spans.push((Span { start: *start, end: place + word.len() }, *at));
                }
            }
        }
        Some(spans)
    }
}

/// The words of a text with their places: runs of what keys mostly consist of, and every other character by itself.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let first = rest.chars().next()?;
        let is_run = is_in_word(rest, first);
        let inside = |(place, c): &(usize, char)| is_run && is_in_word(rest.get(*place..).unwrap_or_default(), *c);
        let end = rest.char_indices().skip(1).find(|place| !inside(place)).map_or(rest.len(), |(place, _)| place);
        let start = at;
        at += end;
        Some((start, rest.get(..end)?))
    })
}

/// Whether a character belongs to a word. A dot does where the word goes on behind it.
fn is_in_word(from: &str, c: char) -> bool {
    if c == '.' {
        return from.chars().nth(1).is_some_and(bounds::is_plain);
    }
    bounds::is_plain(c)
}
