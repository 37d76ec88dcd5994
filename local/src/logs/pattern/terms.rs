//! Text patterns: terms that a message holds, holds one of, or does not hold.

use super::Invalid;

/// A parsed text pattern; terms are found anywhere in a message, in the case in which they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Terms {
    required: Vec<String>,
    excluded: Vec<String>,
    /// `?term`: one of them is enough. As on AWS, they are ignored beside other terms.
    optional: Vec<String>,
}

impl Terms {
    pub(crate) fn matches(&self, message: &str) -> bool {
        let holds = |term: &String| message.contains(term.as_str());
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.is_empty() || self.optional.iter().any(holds);
        }
        self.required.iter().all(holds) && !self.excluded.iter().any(holds)
    }
}

pub(crate) fn parse(text: &str) -> Result<Terms, Invalid> {
    let mut terms = Terms::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (kind, after) = match rest.chars().next() {
            Some(sign @ ('-' | '?')) => (Some(sign), rest.get(1..).unwrap_or_default()),
            _ => (None, rest),
        };
        let (term, after) = term(after)?;
        match kind {
            Some('-') => terms.excluded.push(term),
            Some(_) => terms.optional.push(term),
            None => terms.required.push(term),
        }
        rest = after.trim_start();
    }
    Ok(terms)
}

fn term(text: &str) -> Result<(String, &str), Invalid> {
    if let Some(quoted) = text.strip_prefix('"') {
        return super::lexer::quoted(quoted, '"');
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.starts_with('%') {
        let message = "regular expressions in filter patterns are not implemented by this local cloud";
        return Err(Invalid(message.to_owned()));
    }
    let legal = |c: char| c.is_alphanumeric() || c == '_';
    if word.is_empty() || !word.chars().all(legal) {
        let hint = "put terms with other characters than letters, digits and _ in double quotes";
        return Err(Invalid(format!("Invalid character(s) in term '{word}'; {hint}")));
    }
    Ok((word.to_owned(), rest))
}
