//! What `/` narrows a list to: text that a row must contain, letter case aside.

use std::ops::Range;

/// Empty matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    folded: String,
}

impl Filter {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: folded(text) }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Without letter case.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a row with this text stays.
    pub fn matches(&self, row: &str) -> bool {
        if self.folded.is_empty() {
            return true;
        }
        if row.is_ascii() && self.folded.is_ascii() {
            return self.find(row).is_some();
        }
        folded(row).contains(&self.folded)
    }

    /// Where in a text it is, for the first time; an empty filter is nowhere. There is a place wherever it [`matches`].
    ///
    /// [`matches`]: Self::matches
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        if self.folded.is_empty() {
            return None;
        }
        if text.is_ascii() && self.folded.is_ascii() {
            let wanted = self.folded.as_bytes();
            let place = text.as_bytes().windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))?;
            return Some(place..place + wanted.len());
        }
        // Letters without case with the place of each: a letter may be longer without its case.
        let letters: Vec<(usize, char)> = text
            .char_indices()
            .flat_map(|(at, letter)| letter.to_lowercase().map(move |letter| (at, letter)))
            .collect();
        let wanted: Vec<char> = self.folded.chars().collect();
        let found = letters.windows(wanted.len()).find(|window| window.iter().map(|(_, letter)| letter).eq(&wanted))?;
        let ((start, _), (last, _)) = (found.first()?, found.last()?);
        Some(*start..last + text.get(*last..)?.chars().next().map_or(0, char::len_utf8))
    }
}

/// Letter by letter, so that a part of a text is without its case what it is in the whole.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        assert!(Filter::new("CAT").matches("photos/cat.png"));
        assert!(Filter::new("ÜBER").matches("über.png"));
        assert!(!Filter::new("dog").matches("photos/cat.png"));
        assert!(Filter::default().matches("anything"));
    }

    #[test]
    fn a_match_has_a_place_whatever_its_letters_are() {
        for (wanted, text, found) in [
            ("CAT", "photos/cat.png", "cat"),
            ("über", "fotos/ÜBER.png", "ÜBER"),
            ("東京", "写真/東京タワー.png", "東京"),
            // Without its case it is two letters, of which one is looked for.
            ("i", "photos/İ.png", "İ"),
            ("σ", "ΟΔΟΣ", "Σ"),
        ] {
            let filter = Filter::new(wanted);
            assert!(filter.matches(text), "{wanted} in {text}");
            assert_eq!(filter.find(text).map(|place| &text[place]), Some(found), "{wanted} in {text}");
        }
        assert_eq!(Filter::new("dog").find("photos/cat.png"), None);
        assert_eq!(Filter::default().find("anything"), None);
    }
}
