//! Text that is not ASCII in headers: as RFC 2047 writes it for mail, which is how S3 answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that stand for themselves.
const SAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'*').remove(b'+').remove(b'/');

/// ASCII stays as it is. Other text is encoded in the shorter of the two ways, by the rule that S3 follows.
pub(super) fn encode(text: &str) -> String {
    let is_plain = |character: &char| matches!(character, '\t' | ' '..='~');
    let plain = text.chars().filter(is_plain).count();
    let other = text.chars().count() - plain;
    if other == 0 {
        return text.to_owned();
    }
    if plain <= other {
        return format!("=?UTF-8?B?{}?=", BASE64.encode(text));
    }
    // The encoding of URLs with another sign, so that a percent sign is not taken for one of it.
    let words = text.split('%').map(|part| utf8_percent_encode(part, SAFE).to_string().replace('%', "="));
    format!("=?UTF-8?Q?{}?=", words.collect::<Vec<_>>().join("%").replace("=20", "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_s3_answered_it() {
        assert_eq!(encode("plain = text_1"), "plain = text_1");
        assert_eq!(encode("\u{c4}M\u{c4}Z\u{d5}\u{d1} S3"), "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=");
        assert_eq!(encode("\0\u{1}\u{2}\u{3}\u{4}"), "=?UTF-8?B?AAECAwQ=?=");
        let file = "test_\u{2014}_file%E2%80%94_\u{e9}_2\u{1f451}.pdf";
        let encoded = "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=F0=9F=91=91.pdf?=";
        assert_eq!(encode(file), encoded);
    }
}
