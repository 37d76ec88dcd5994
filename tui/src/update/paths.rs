//! Paths as terminals paste them: quoted, escaped or as `file://` URLs.

use percent_encoding::percent_decode_str;

/// The path that a pasted or typed text means.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim();
    if let Some(path) = text.strip_prefix("file://") {
        return percent_decode_str(path).decode_utf8_lossy().into_owned();
    }
    for quote in ['\'', '"'] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inside.to_owned();
        }
    }
    let mut path = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        // Shells escape single characters; a backslash at the end, or on Windows before a letter, is one.
        match (c, chars.clone().next()) {
            ('\\', Some(next)) if !next.is_alphanumeric() => path.extend(chars.next()),
            _ => path.push(c),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_dropped_path_mean_the_path() {
        let forms = [
            "/tmp/with space.png",
            "'/tmp/with space.png'",
            "\"/tmp/with space.png\"",
            r"/tmp/with\ space.png",
            "file:///tmp/with%20space.png",
        ];
        for form in forms {
            assert_eq!(plain(form), "/tmp/with space.png", "{form}");
        }
        assert_eq!(plain(r"C:\Users\me\a.png"), r"C:\Users\me\a.png");
    }
}
