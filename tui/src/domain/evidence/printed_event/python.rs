//! Dictionaries as Python prints them, as JSON.

use std::iter::Peekable;
use std::str::Chars;

/// The JSON of the dictionary or list with which a text begins; `None` if it is none.
pub(super) fn to_json(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' | '"' => out.push_str(&serde_json::to_string(&string(&mut rest, c)?).ok()?),
            '{' | '[' => {
                depth += 1;
                out.push(c);
            }
            '}' | ']' => {
                depth = depth.checked_sub(1)?;
                out.push(c);
                if depth == 0 {
                    return Some(out);
                }
            }
            c if c.is_alphabetic() => out.push_str(constant(c, &mut rest)?),
            c => out.push(c),
        }
    }
    None
}

/// The text up to the quote that ends it.
fn string(rest: &mut Peekable<Chars<'_>>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\\' => match rest.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'x' => text.push(letter(rest, 2)?),
                'u' => text.push(letter(rest, 4)?),
                'U' => text.push(letter(rest, 8)?),
                // A quote or a backslash.
                c => text.push(c),
            },
            c if c == quote => return Some(text),
            c => text.push(c),
        }
    }
}

/// A letter by its number in so many hexadecimal digits.
fn letter(rest: &mut Peekable<Chars<'_>>, digits: usize) -> Option<char> {
    let digits: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

/// `True`, `False` or `None`.
fn constant(first: char, rest: &mut Peekable<Chars<'_>>) -> Option<&'static str> {
    let mut word = String::from(first);
    while let Some(c) = rest.next_if(|c| c.is_alphanumeric()) {
        word.push(c);
    }
    Some(match word.as_str() {
        "True" => "true",
        "False" => "false",
        "None" => "null",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_prints_is_json_and_other_text_is_not() {
        for (printed, json) in [
            (
                r#"{'a': 'it\\s', 'b': "it's", 'c': [1, -2.5, True, None]} and more"#,
                r#"{"a":"it\\s","b":"it's","c":[1,-2.5,true,null]}"#,
            ),
            (
                r#"{'body': '{"Records":[{"key":"a\\\\u00e9"}]}'}"#,
                r#"{"body":"{\"Records\":[{\"key\":\"a\\\\u00e9\"}]}"}"#,
            ),
            (r"{'a': '\xe9\u732b\U0001f408\n'}", r#"{"a":"é猫🐈\n"}"#),
        ] {
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(value(&to_json(printed).unwrap()), value(json), "{printed}");
        }
        for other in ["", "{", "{'a'", "{'a': <object at 0x7f>}", "{ Records: [ [Object] ] }", "}", r"{'\x"] {
            assert_eq!(to_json(other), None, "{other}");
        }
    }
}
