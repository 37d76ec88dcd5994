//! The words of all keys as a tree, so that finding the keys in a line costs what the line is long, not what is known.

use std::collections::{BTreeSet, HashMap};

use super::Name;
use super::bounds::{self, Span};

/// The most words of a key that are looked at. S3 allows 1,024 bytes, and hardly any key has that many words.
const DEEPEST: usize = 256;

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// By the next word.
    next: HashMap<Box<str>, usize>,
    /// What ends here.
    names: BTreeSet<Name>,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl Tree {
    pub(super) fn add(&mut self, form: &str, name: Name) {
        let mut at = 0;
        for (depth, (_, word)) in words(form).enumerate() {
            if depth >= DEEPEST {
                return;
            }
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = *node.next.entry(word.into()).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.names.insert(name);
        }
    }

    /// Adds the names that stand in a line by themselves. What stands within a longer name is a part of that.
    pub(super) fn find(&self, line: &str, found: &mut BTreeSet<Name>) {
        let all: Vec<(usize, &str)> = words(line).collect();
        let mut spans: Vec<(Span, &BTreeSet<Name>)> = Vec::new();
        for (index, (start, _)) in all.iter().enumerate() {
            let mut node = self.nodes.first();
            for (at, word) in all.iter().skip(index) {
                node = node.and_then(|node| self.nodes.get(*node.next.get(*word)?));
                let Some(node) = node else { break };
                if !node.names.is_empty() {
                    spans.push((Span { start: *start, end: at + word.len() }, &node.names));
                }
            }
        }
        // The longest of those that begin at one place comes first.
        spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let mut longest = Span { start: 0, end: 0 };
        for (span, names) in spans {
            if span.end <= longest.end && span != longest {
                continue;
            }
            longest = span;
            found.extend(names.iter().filter(|name| bounds::stands_alone(line, span, name)).cloned());
        }
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
