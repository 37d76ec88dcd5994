//! JSON with one member a line. It only adds spaces and line breaks: order, numbers and escapes stay as written.

/// The rows of a JSON object or array; `None` where the text is no such thing.
pub(super) fn pretty(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut rows = vec![String::new()];
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            push(&mut rows, c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                while chars.peek().is_some_and(|next| next.is_whitespace()) {
                    chars.next();
                }
                push(&mut rows, c);
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    push(&mut rows, end);
                } else {
                    depth += 1;
                    rows.push("  ".repeat(depth));
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                rows.push("  ".repeat(depth));
                push(&mut rows, c);
            }
            ',' => {
                push(&mut rows, c);
                rows.push("  ".repeat(depth));
            }
            ':' => rows.last_mut().into_iter().for_each(|row| row.push_str(": ")),
            c if c.is_whitespace() => {}
            '"' => {
                in_string = true;
                push(&mut rows, c);
            }
            c => push(&mut rows, c),
        }
    }
    Some(rows)
}

fn push(rows: &mut [String], c: char) {
    if let Some(row) = rows.last_mut() {
        row.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_stand_in_rows_and_nothing_else_changes() {
        let rows = pretty(r#" {"b":1.50,"a":["x, {\"y\"}",{}, [ ]],"c":null} "#).unwrap();
        let expected = [
            "{",
            r#"  "b": 1.50,"#,
            r#"  "a": ["#,
            r#"    "x, {\"y\"}","#,
            "    {},",
            "    []",
            "  ],",
            r#"  "c": null"#,
            "}",
        ];
        assert_eq!(rows, expected);
        assert_eq!(pretty("START RequestId: 4f"), None);
        assert_eq!(pretty("{broken"), None);
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(keys in prop::collection::btree_map(".*", ".*", 0..6)) {
            let text = serde_json::to_string(&keys).unwrap();
            let rows = pretty(&text).unwrap().join("\n");
            prop_assert_eq!(serde_json::from_str::<std::collections::BTreeMap<String, String>>(&rows).unwrap(), keys);
        }
    }
}
