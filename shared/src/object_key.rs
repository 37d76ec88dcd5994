//! Object keys as S3's events write them: `application/x-www-form-urlencoded`, `+` for a space.
//!
//! A key is a name, not a path of this machine: nothing here may touch a file system or resolve `..`.

use percent_encoding::percent_decode_str;

/// Decodes a key from an S3 event: `+` to a space first, then `%XX` as UTF-8.
///
/// Bytes that are not UTF-8 become U+FFFD, so that a key is never lost, only its odd bytes.
pub fn decode(encoded: &str) -> String {
    percent_decode_str(&encoded.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// What follows the last `/`, the whole key if there is none, and nothing for a "folder" such as `holiday/`.
pub fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// What follows the file name's last dot.
///
/// There is none for `README`, for a hidden name such as `.png`, and for a name that ends in a dot.
pub fn extension(key: &str) -> Option<&str> {
    let (stem, extension) = file_name(key).rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then_some(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_space_and_an_encoded_plus_is_a_plus() {
        assert_eq!(decode("red+flower.jpg"), "red flower.jpg");
        assert_eq!(decode("1%2B1%3D2.png"), "1+1=2.png");
        assert_eq!(decode("a%40b/%C3%A9+%F0%9F%90%88.png"), "a@b/é 🐈.png");
    }

    #[test]
    fn hostile_encodings_give_a_key_all_the_same() {
        assert_eq!(decode("%1B%5D0%3Bx%07"), "\u{1b}]0;x\u{7}");
        assert_eq!(decode("%FF.png"), "\u{FFFD}.png");
        assert_eq!(decode("100%.png"), "100%.png");
        assert_eq!(decode("%2"), "%2");
        assert_eq!(decode(""), "");
    }

    #[test]
    fn the_extension_belongs_to_the_file_name() {
        assert_eq!(extension("holiday/cat.PNG"), Some("PNG"));
        assert_eq!(extension("archive.tar.gz"), Some("gz"));
        for without in ["README", "v1.2/README", "holiday/", "holiday/.png", "cat.", "", "."] {
            assert_eq!(extension(without), None, "{without:?}");
        }
    }

    #[test]
    fn the_file_name_is_the_last_part() {
        assert_eq!(file_name("a/b/cat.png"), "cat.png");
        assert_eq!(file_name("cat.png"), "cat.png");
        assert_eq!(file_name("a/"), "");
    }
}
