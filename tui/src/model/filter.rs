//! What `/` narrows a list to: text that a row must contain, letter case aside.

/// Empty matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    folded: String,
}

impl Filter {
    /// A filter for this text.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: text.to_lowercase() }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a row with this text stays.
    pub fn matches(&self, row: &str) -> bool {
        self.folded.is_empty()
            || if row.is_ascii() && self.folded.is_ascii() {
                let needle = self.folded.as_bytes();
                row.as_bytes().windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
            } else {
                row.to_lowercase().contains(&self.folded)
            }
    }
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
}
