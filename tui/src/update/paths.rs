//! Paths as terminals paste them when files are dropped onto them: quoted, escaped, or as `file://` URLs; one or many.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The files that a pasted text names; nothing where it is no list of absolute paths.
pub(super) fn dropped(text: &str) -> Option<Vec<PathBuf>> {
    // Terminals send a line's end as the Enter key does.
    let words: Vec<String> =
        text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).flat_map(words).collect();
    let is_path = |word: &String| word.starts_with('/') || word.get(1..3) == Some(":\\");
    (!words.is_empty() && words.iter().all(is_path)).then(|| words.into_iter().map(PathBuf::from).collect())
}

/// The words of a line, as a shell parts them. A line that is one path with bare spaces in it stays one.
fn words(line: &str) -> Vec<String> {
    let words = parted(line);
    if words.iter().skip(1).all(|word| word.starts_with('/') || word.get(1..3) == Some(":\\")) {
        return words;
    }
    vec![line.to_owned()]
}

fn parted(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quote, chars.peek()) {
            (' ' | '\t', None, _) => words.extend(word.take()),
            (c, Some(open), _) if c == open => quote = None,
            (c @ ('\'' | '"'), None, _) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            // Shells escape single characters; a backslash at the end, or on Windows before a letter, is one.
            ('\\', None, Some(next)) if !next.is_alphanumeric() => word.get_or_insert_default().extend(chars.next()),
            (c, ..) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        // A quote that is never closed is an apostrophe.
        return vec![decoded(line)];
    }
    words.extend(word);
    words.into_iter().map(|word| decoded(&word)).collect()
}

fn decoded(word: &str) -> String {
    // `file://localhost/` is the same machine in other words.
    match word.strip_prefix("file://localhost/").or_else(|| word.strip_prefix("file:///")) {
        Some(path) => format!("/{}", percent_decode_str(path).decode_utf8_lossy()),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<String> {
        let files = dropped(text).unwrap_or_default();
        files.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn all_forms_of_a_dropped_path_mean_the_path() {
        let forms = [
            "/tmp/with space.png",
            "'/tmp/with space.png'",
            "\"/tmp/with space.png\"",
            r"/tmp/with\ space.png ",
            "file:///tmp/with%20space.png\r\n",
        ];
        for form in forms {
            assert_eq!(files(form), ["/tmp/with space.png"], "{form}");
        }
        assert_eq!(files(r"C:\Users\me\a.png"), [r"C:\Users\me\a.png"]);
    }

    #[test]
    fn an_apostrophe_is_no_quote() {
        assert_eq!(files("/tmp/it's.png"), ["/tmp/it's.png"]);
    }

    #[test]
    fn several_files_are_several_paths() {
        assert_eq!(files(r"/a.png '/b c.png' /d\ e.png"), ["/a.png", "/b c.png", "/d e.png"]);
        assert_eq!(files("file:///a.png\nfile:///b.png\n"), ["/a.png", "/b.png"]);
        assert_eq!(files("/a.png\r/b.png\r"), ["/a.png", "/b.png"], "as tmux pastes lines");
    }

    #[test]
    fn other_text_is_no_path() {
        for text in ["", "cat", "ada@example.com", "https://example.com/a.png", "a/b.png"] {
            assert_eq!(dropped(text), None, "{text}");
        }
    }
}
