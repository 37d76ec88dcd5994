//! Object keys as S3's events write them: `application/x-www-form-urlencoded`, `+` for a space.

use percent_encoding::percent_decode_str;

/// Decodes a key from an S3 event: `+` to a space first, then `%XX` as UTF-8.
///
/// Bytes that are not UTF-8 become U+FFFD, so that a key is never lost, only its odd bytes.
pub fn decode(encoded: &str) -> String {
    percent_decode_str(&encoded.replace('+', " ")).decode_utf8_lossy().into_owned()
}
