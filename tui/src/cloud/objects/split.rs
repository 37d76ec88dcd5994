//! Where to split a range of keys, guessed from the keys that were seen.
//!
//! A wrong guess costs one request that finds little; it never loses a key. The guesses follow how keys are made: a common
//! beginning, then a place where they differ, whose letters are of one kind.

use std::collections::BTreeSet;

/// Bytes of a key at most: S3's own limit.
pub(super) const LONGEST: usize = 1_024;
/// Places of a key that are remembered.
const PLACES: usize = 256;
/// Keys of a page that are looked at: its letters repeat.
const SAMPLES: usize = 20;
/// Letters of one place that are remembered.
const LETTERS: usize = 64;

/// The letters that were seen, by their place in the key.
#[derive(Debug, Default)]
pub(super) struct Seen {
    places: Vec<BTreeSet<char>>,
}

impl Seen {
    /// Learns from the keys of a page.
    pub(super) fn learn<'a>(&mut self, keys: impl ExactSizeIterator<Item = &'a str>) {
        let step = (keys.len() / SAMPLES).max(1);
        for key in keys.step_by(step) {
            for (place, letter) in key.chars().take(PLACES).enumerate() {
                if place == self.places.len() {
                    self.places.push(BTreeSet::new());
                }
                if let Some(letters) = self.places.get_mut(place).filter(|letters| letters.len() < LETTERS) {
                    letters.insert(letter);
                }
            }
        }
    }

    /// At most `most` keys between two, in order. Nothing above is no limit.
    pub(super) fn points(&self, after: &str, until: Option<&str>, most: usize) -> Vec<String> {
        let key: Vec<char> = after.chars().collect();
        let limit: Vec<char> = until.unwrap_or_default().chars().collect();
        let common = key.iter().zip(&limit).take_while(|(a, b)| a == b).count();
        let is_differing = |place: &usize| self.places.get(*place).is_some_and(|letters| letters.len() > 1);
        let differing = (common..key.len()).find(is_differing).unwrap_or(key.len());
        // Before the first place where keys are known to differ, others may: one guess for each finds out where.
        let shared = (common..differing).filter_map(|place| Some((place, vec![above(*key.get(place)?)?])));
        let shared = spread(shared.collect(), most);
        let rest = (differing..key.len()).filter(is_differing);
        let rest = rest.filter_map(|place| Some((place, self.letters(place, *key.get(place)?))));
        let mut points = Vec::new();
        for (place, letters) in shared.into_iter().chain(rest) {
            let beginning: String = key.iter().take(place).collect();
            let keys = letters.into_iter().map(|letter| format!("{beginning}{letter}"));
            let is_between = |point: &String| until.is_none_or(|until| point.as_str() < until);
            let keys = keys.filter(|point| point.len() <= LONGEST && is_between(point)).collect();
            points.extend(spread(keys, most - points.len()));
            if points.len() >= most {
                break;
            }
        }
        points.sort_unstable();
        points.dedup();
        points
    }

    /// Letters that may follow at a place after this one.
    fn letters(&self, place: usize, letter: char) -> Vec<char> {
        let seen = self.places.get(place).into_iter().flatten().copied();
        let is_hex = self.places.get(place).is_some_and(|seen| seen.iter().all(char::is_ascii_hexdigit));
        let last = match letter {
            '0'..='9' => '9',
            'a'..='f' if is_hex => 'f',
            'A'..='F' if is_hex => 'F',
            'a'..='z' => 'z',
            'A'..='Z' => 'Z',
            _ => letter,
        };
        // An alphabet that is not ASCII may be long: letters farther and farther away.
        let far =
            (4..16).filter_map(|power| char::from_u32(u32::from(letter) + (1 << power))).filter(|_| !letter.is_ascii());
        let letters: BTreeSet<char> = seen.chain(letter..=last).chain(far).filter(|other| *other > letter).collect();
        // Behind the letters that are known, all others are one range.
        letters.iter().copied().chain(letters.last().copied().or(Some(letter)).and_then(above)).collect()
    }
}

/// The next letter.
fn above(letter: char) -> Option<char> {
    (letter..=char::MAX).nth(1)
}

/// At most `most` of the items, evenly.
fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let all = items.len();
    if all <= most {
        return items;
    }
    items
        .into_iter()
        .enumerate()
        .filter(|(at, _)| (at + 1) * most / all > at * most / all)
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(seen: &[&str], after: &str, until: Option<&str>, most: usize) -> Vec<String> {
        let mut letters = Seen::default();
        letters.learn(seen.iter().copied());
        letters.points(after, until, most)
    }

    #[test]
    fn the_place_where_keys_differ_is_split_by_the_letters_of_its_kind() {
        let seen = ["photos/010.png", "photos/019.png", "photos/100.png"];
        let found = points(&seen, "photos/100.png", Some("photos0"), 9);
        assert_eq!(found, ["2", "3", "4", "5", "6", "7", "8", "9", ":"].map(|letter| format!("photos/{letter}")));
    }

    #[test]
    fn before_that_each_place_is_tried_once() {
        let found = points(&["ab/01", "ab/02"], "ab/02", None, 4);
        assert_eq!(found, ["ab/1", "ab0", "ac", "b"]);
    }

    proptest! {
        #[test]
        fn points_lie_between(
            seen in prop::collection::vec("\\PC{0,6}", 0..6),
            ends in prop::array::uniform2("\\PC{0,6}"),
            is_bounded in any::<bool>(),
            most in 0usize..20,
        ) {
            let [mut after, mut until] = ends;
            if until < after {
                std::mem::swap(&mut after, &mut until);
            }
            if until == after {
                until.push('a');
            }
            let until = is_bounded.then_some(until);
            let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
            let points = points(&seen, &after, until.as_deref(), most);
            prop_assert!(points.len() <= most);
            prop_assert!(points.is_sorted_by(|a, b| a < b));
            prop_assert!(points.iter().all(|point| *point > after && until.as_ref().is_none_or(|until| point < until)));
        }
    }
}
