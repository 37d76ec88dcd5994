//! Filter patterns.
//!
//! Text patterns (`ERROR "time out" -retry`, `?ERROR ?WARN`) and JSON patterns (`{ $.level = "ERROR" }`). Regular
//! expressions and space-delimited patterns (`[ip, user, ...]`) are refused. Parsing never panics.

mod condition;
mod json;
mod lexer;
#[cfg(test)]
mod tests;

/// AWS's bound on a pattern's length.
const MOST_CHARS: usize = 1024;

/// Why a pattern is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid(pub(crate) String);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pattern {
    /// An empty pattern matches everything.
    Everything,
    Terms(Terms),
    Json(json::Expression),
}

impl Pattern {
    /// Errors: [`Invalid`] for a syntax error, and for what is not implemented here.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.chars().count() > MOST_CHARS {
            return Err(Invalid(format!("Invalid filter pattern: it has more than {MOST_CHARS} characters")));
        }
        if text.is_empty() {
            return Ok(Self::Everything);
        }
        if let Some(inner) = text.strip_prefix('{') {
            let inner =
                inner.strip_suffix('}').ok_or_else(|| Invalid("Invalid filter pattern: no closing }".to_owned()))?;
            return json::parse(inner).map(Self::Json);
        }
        if text.starts_with('[') {
            return Err(Invalid("space-delimited filter patterns are not implemented by this local cloud".to_owned()));
        }
        parse_terms(text).map(Self::Terms)
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Terms(terms) => terms.matches(message),
            // A message that is no JSON matches no JSON pattern.
            Self::Json(expression) => serde_json::from_str(message).is_ok_and(|value| expression.matches(&value)),
        }
    }
}

/// A parsed text pattern; terms are found anywhere in a message, in the case in which they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Terms {
    required: Vec<String>,
    excluded: Vec<String>,
    /// `?term`: one of them is enough. As on AWS, they are ignored beside other terms.
    optional: Vec<String>,
}

impl Terms {
    fn matches(&self, message: &str) -> bool {
        let holds = |term: &String| message.contains(term.as_str());
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.is_empty() || self.optional.iter().any(holds);
        }
        self.required.iter().all(holds) && !self.excluded.iter().any(holds)
    }
}

fn parse_terms(text: &str) -> Result<Terms, Invalid> {
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
        return lexer::quoted(quoted, '"');
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
