//! Which characters of foreign text are dangerous to show, and cleaning it for prose: object keys are whatever an
//! uploader liked them to be.
//!
//! Only prose is cleaned. The JSON forms carry keys unchanged, since a program must find the object again.

/// Stands for a character that was taken out.
const REPLACEMENT: char = '\u{FFFD}';

/// The text with every control, bidi and zero-width character replaced by U+FFFD, so that what was there stays visible
/// as "something was here" and two different names do not become the same.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|character| if is_hidden(character) { REPLACEMENT } else { character }).collect()
}

/// The text in printable ASCII; everything else becomes `?`.
pub(crate) fn ascii(text: &str) -> String {
    text.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' }).collect()
}

/// At most `width` ASCII characters: the beginning gives way to `...`, because a key's end names the file.
pub(crate) fn keep_end(text: &str, width: usize) -> String {
    let text = ascii(text);
    if text.len() <= width {
        return text;
    }
    format!("...{}", &text[text.len() - width.saturating_sub(3)..])
}

/// Whether a character changes what a reader sees without being seen: it can drive a terminal, reorder text or hide in it.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}'
            | '\u{115F}'..='\u{1160}' | '\u{3164}' | '\u{FFA0}' // fillers of Hangul
            | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' // zero-width characters, direction marks
            | '\u{2028}'..='\u{202E}' // line and paragraph separators, bidi embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, invisible operators, bidi isolates
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}' // musical formatting
            | '\u{E0000}'..='\u{E007F}' // tags
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_leave_a_mark() {
        assert_eq!(clean("a\u{1b}]0;x\u{7}b"), "a\u{FFFD}]0;x\u{FFFD}b");
        assert_eq!(clean("gpj.\u{202E}cat"), "gpj.\u{FFFD}cat");
        assert_eq!(clean("one\ntwo\r\u{85}\u{2028}"), "one\u{FFFD}two\u{FFFD}\u{FFFD}\u{FFFD}");
        assert_eq!(clean("zero\u{200B}width\u{FEFF}"), "zero\u{FFFD}width\u{FFFD}");
    }

    #[test]
    fn ordinary_foreign_text_stays() {
        assert_eq!(clean("Zürich 東京 🐈\u{FE0F}.png"), "Zürich 東京 🐈\u{FE0F}.png");
    }

    #[test]
    fn the_end_is_kept() {
        assert_eq!(keep_end("holiday/2026/cat.png", 12), "...6/cat.png");
        assert_eq!(keep_end("cat.png", 12), "cat.png");
        assert_eq!(keep_end("é🐈", 12), "??");
    }
}
