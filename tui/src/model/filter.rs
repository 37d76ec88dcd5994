//! What `/` narrows a list to: words that a row must contain, and after a `!` words that it must not; letter case aside.

use std::ops::Range;

/// Without a word it matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    folded: String,
    excludes: bool,
}

impl Filter {
    pub fn new(text: &str) -> Self {
        let words = text.split_whitespace().filter_map(|word| {
            let (word, excludes) = word.strip_prefix('!').map_or((word, false), |word| (word, true));
            // The word after a `!` is still to be typed.
            (!word.is_empty()).then(|| Word { folded: folded(word), excludes })
        });
        Self { text: text.to_owned(), words: words.collect() }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words that a row must contain, without letter case.
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter(|word| !word.excludes).map(|word| word.folded.as_str())
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a row with this text stays.
    pub fn matches(&self, row: &str) -> bool {
        self.matches_any(|| [row])
    }

    /// Whether a row with these texts stays: each word is in one of them, and none has what is excluded.
    pub fn matches_any<'a, I: IntoIterator<Item = &'a str>>(&self, texts: impl Fn() -> I) -> bool {
        self.words.iter().all(|word| texts().into_iter().any(|text| is_in(&word.folded, text)) != word.excludes)
    }

    /// Where in a text the first of the wanted words is that the text has.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.wanted().find_map(|word| find(word, text))
    }
}

/// Whether a text has a word. Rows by the hundred thousand are asked: nothing is allocated.
fn is_in(word: &str, text: &str) -> bool {
    if text.is_ascii() && word.is_ascii() {
        return find_ascii(word, text).is_some();
    }
    let mut letters = text.chars().flat_map(char::to_lowercase);
    loop {
        let mut here = letters.clone();
        if word.chars().all(|letter| here.next() == Some(letter)) {
            return true;
        }
        if letters.next().is_none() {
            return false;
        }
    }
}

fn find_ascii(word: &str, text: &str) -> Option<usize> {
    let (first, rest) = word.as_bytes().split_first()?;
    let text = text.as_bytes();
    // Most letters are not the first one of the word, and are passed over by one comparison.
    let is_here = |at: &usize| text.get(at + 1..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(rest));
    let starts = text.iter().enumerate().filter(|(_, letter)| letter.to_ascii_lowercase() == *first);
    starts.map(|(at, _)| at).find(is_here)
}

/// Where in a text a word is, for the first time. There is a place wherever it [`is_in`].
fn find(word: &str, text: &str) -> Option<Range<usize>> {
    if text.is_ascii() && word.is_ascii() {
        let place = find_ascii(word, text)?;
        return Some(place..place + word.len());
    }
    // Letters without case with the place of each: a letter may be longer without its case.
    let letters: Vec<(usize, char)> =
        text.char_indices().flat_map(|(at, letter)| letter.to_lowercase().map(move |letter| (at, letter))).collect();
    let wanted: Vec<char> = word.chars().collect();
    let found = letters.windows(wanted.len()).find(|window| window.iter().map(|(_, letter)| letter).eq(&wanted))?;
    let ((start, _), (last, _)) = (found.first()?, found.last()?);
    Some(*start..last + text.get(*last..)?.chars().next().map_or(0, char::len_utf8))
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
    fn every_word_has_to_be_there_and_none_that_is_excluded() {
        let cases = [
            ("cat 2026", "photos/2026/cat.png", true),
            ("2026 CAT", "photos/2026/cat.png", true),
            ("cat 2025", "photos/2026/cat.png", false),
            ("!dog", "photos/cat.png", true),
            ("!cat", "photos/cat.png", false),
            ("png !CAT", "photos/dog.png", true),
            ("png !cat", "photos/cat.png", false),
            ("!dog !fox cat", "cat.png", true),
            ("!über", "photos/ÜBER.png", false),
            ("東京 !タワー", "写真/東京.png", true),
            ("東京 !タワー", "写真/東京タワー.png", false),
            ("  cat  ", "cat.png", true),
            ("a!b", "a!b.png", true),
            ("a!b", "ab.png", false),
        ];
        for (text, row, stays) in cases {
            assert_eq!(Filter::new(text).matches(row), stays, "{text:?} on {row:?}");
        }
        let parts = |text: &str| Filter::new(text).matches_any(|| ["photos/cat.png", "failed"]);
        assert!(parts("cat failed") && parts("failed !dog") && !parts("cat !failed") && !parts("cat late"));
    }

    #[test]
    fn what_is_still_typed_lets_everything_through() {
        for text in ["", " ", "!", " ! "] {
            let filter = Filter::new(text);
            assert!(filter.is_empty() && filter.matches("anything") && filter.find("!").is_none(), "{text:?}");
        }
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
        assert_eq!(Filter::new("!dog cat").find("dog, cat"), Some(5..8), "what is excluded is not marked");
        assert_eq!(Filter::new("fox cat").find("a cat"), Some(2..5));
    }
}
