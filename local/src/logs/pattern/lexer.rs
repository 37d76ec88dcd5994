//! The words of a JSON pattern.

use super::Invalid;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    /// `=`, `!=`, `<`, `<=`, `>` or `>=`.
    Operator(&'a str),
    /// `$.a.b[0]`, as written.
    Selector(&'a str),
    Quoted(String),
    /// Anything else: `IS`, `NOT`, a number, a bare text.
    Word(&'a str),
}

/// Reads up to the closing quote; a backslash takes the next character as it is. Returns the text and the rest.
pub(crate) fn quoted(text: &str, quote: char) -> Result<(String, &str), Invalid> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        if c == quote {
            return Ok((value, text.get(index + c.len_utf8()..).unwrap_or_default()));
        }
        if c == '\\' {
            value.extend(chars.next().map(|(_, escaped)| escaped));
        } else {
            value.push(c);
        }
    }
    Err(Invalid(format!("Invalid filter pattern: no closing {quote}")))
}

pub(crate) fn words(text: &str) -> Result<Vec<Token<'_>>, Invalid> {
    const SIGNS: [(&str, Token<'_>); 10] = [
        ("&&", Token::And),
        ("||", Token::Or),
        ("(", Token::Open),
        (")", Token::Close),
        ("!=", Token::Operator("!=")),
        ("<=", Token::Operator("<=")),
        (">=", Token::Operator(">=")),
        ("=", Token::Operator("=")),
        ("<", Token::Operator("<")),
        (">", Token::Operator(">")),
    ];
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            words.push(token.clone());
            rest = rest.get(sign.len()..).unwrap_or_default().trim_start();
            continue;
        }
        let after = if let Some(text) = rest.strip_prefix('"') {
            let (value, after) = quoted(text, '"')?;
            words.push(Token::Quoted(value));
            after
        } else if rest.starts_with('$') {
            let (selector, after) = rest.split_at(selector_end(rest));
            words.push(Token::Selector(selector));
            after
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || "()&|=!<>\"".contains(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(Invalid(format!(
                    "Invalid filter pattern: unexpected {:?}",
                    rest.chars().next().unwrap_or(' ')
                )));
            }
            let (word, after) = rest.split_at(end);
            words.push(Token::Word(word));
            after
        };
        rest = after.trim_start();
    }
    Ok(words)
}

/// Where a selector ends; brackets may hold any character in quotes.
fn selector_end(text: &str) -> usize {
    let (mut in_brackets, mut quote) = (false, None);
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') if in_brackets => quote = Some(c),
            (None, '[') => in_brackets = true,
            (None, ']') => in_brackets = false,
            (None, c) if !in_brackets && (c.is_whitespace() || "()&|=!<>\"".contains(c)) => return index,
            // Within quotes every other character belongs to the selector.
            _ => {}
        }
    }
    text.len()
}
