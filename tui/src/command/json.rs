//! JSON for programs that is harmless on a terminal, too: what could drive it is escaped, and parses back exactly.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::failure::Failure;
use crate::text::clean::is_harmful;

/// One line of JSON with its line break.
pub(crate) fn line(value: &impl Serialize) -> Result<String, Failure> {
    let broken = |error: &dyn std::fmt::Display| Failure::new(format!("cannot write JSON: {error}"), "");
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Harmless)).map_err(|error| broken(&error))?;
    out.push(b'\n');
    String::from_utf8(out).map_err(|error| broken(&error))
}

/// Compact JSON with `\uXXXX` for every character that terminals may act on or hide.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, harmful)) = rest.char_indices().find(|(_, c)| is_harmful(*c)) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            for unit in harmful.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.get(harmful.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_drives_a_terminal_is_escaped() {
        let key = "\u{1b}]0;x\u{7}a\u{202e}b\u{7f}\u{e0041}é\n";
        assert_eq!(line(&key).unwrap(), "\"\\u001b]0;x\\u0007a\\u202eb\\u007f\\udb40\\udc41é\\n\"\n");
    }

    proptest! {
        #[test]
        fn every_text_is_harmless_and_comes_back_exactly(text in any::<String>()) {
            let json = line(&text).unwrap();
            prop_assert!(!json.trim_end_matches('\n').chars().any(is_harmful));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
