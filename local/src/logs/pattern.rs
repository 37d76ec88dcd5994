//! Filter patterns.
//!
//! Text patterns (`ERROR "time out" -retry`, `?ERROR ?WARN`) and JSON patterns (`{ $.level = "ERROR" }`). Regular
//! expressions and space-delimited patterns (`[ip, user, ...]`) are refused. Parsing never panics.

mod condition;
mod json;
mod lexer;
mod terms;
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
    Terms(terms::Terms),
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
        terms::parse(text).map(Self::Terms)
    }

    /// Whether the pattern matches a message.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Terms(terms) => terms.matches(message),
            // A message that is no JSON matches no JSON pattern.
            Self::Json(expression) => serde_json::from_str(message).is_ok_and(|value| expression.matches(&value)),
        }
    }
}
