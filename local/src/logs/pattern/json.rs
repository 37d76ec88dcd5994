//! JSON patterns: comparisons joined by `&&`, `||` and parentheses; `&&` binds tighter.

use serde_json::Value;

use super::Invalid;
use super::condition::{self, Condition};
use super::lexer::{Token, words};

/// Deeper parentheses are refused, so that no pattern exhausts the stack.
const MOST_DEPTH: usize = 32;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    One(Condition),
}

impl Expression {
    pub(crate) fn matches(&self, message: &Value) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.matches(message)),
            Self::All(parts) => parts.iter().all(|part| part.matches(message)),
            Self::One(condition) => condition.holds(message),
        }
    }
}

/// Reads what stands between the braces.
pub(crate) fn parse(text: &str) -> Result<Expression, Invalid> {
    let words = words(text)?;
    let mut parser = Parser { words: &words, next: 0 };
    let expression = parser.any(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(word) => Err(Invalid(format!("Invalid filter pattern: unexpected {word:?}"))),
    }
}

struct Parser<'a> {
    words: &'a [Token<'a>],
    next: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token<'a>> {
        self.words.get(self.next)
    }

    fn take(&mut self, word: &Token<'_>) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expression, Invalid> {
        let mut parts = vec![self.all(depth)?];
        while self.take(&Token::Or) {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, Invalid> {
        let mut parts = vec![self.one(depth)?];
        while self.take(&Token::And) {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Expression, Invalid> {
        if !self.take(&Token::Open) {
            let rest = self.words.get(self.next..).unwrap_or_default();
            let (condition, used) = condition::parse(rest)?;
            self.next += used;
            return Ok(Expression::One(condition));
        }
        if depth == MOST_DEPTH {
            return Err(Invalid("Invalid filter pattern: too many nested parentheses".to_owned()));
        }
        let inner = self.any(depth + 1)?;
        if self.take(&Token::Close) {
            Ok(inner)
        } else {
            Err(Invalid("Invalid filter pattern: no closing )".to_owned()))
        }
    }
}
