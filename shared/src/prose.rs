//! Prose for people: the email and its subject, the SMS.
//!
//! Foreign text (keys, ids) enters prose only cleaned. Prose is for reading: no program may take a key from it.

use crate::clean::{ascii, clean, keep_end};
use crate::message::MAX_SUBJECT_CHARS;
use crate::notification::{Image, Notification};
use crate::object_key;

/// An SMS of one part: 140 bytes, in ASCII.
pub const MAX_SMS_BYTES: usize = 140;

/// What a bucket's name may take of a subject or SMS; S3 allows 63 characters.
const MAX_BUCKET_CHARS: usize = 63;

/// The email's subject: fewer than 100 printable ASCII characters, beginning with a letter, whatever the key is.
pub fn subject(image: &Image) -> String {
    let bucket = keep_end(&image.bucket, MAX_BUCKET_CHARS);
    let frame = "New image:  in ".len() + bucket.len();
    let name = keep_end(&image.key, MAX_SUBJECT_CHARS - frame);
    format!("New image: {name} in {bucket}").trim_end().to_owned()
}

/// The email's text.
pub fn email(notification: &Notification) -> String {
    let image = &notification.data;
    let lines = [
        ("Key", image.key.clone()),
        ("Size", size_with_bytes(image.size)),
        ("Content type", image.content_type.clone().unwrap_or_default()),
        ("Uploaded", notification.time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ("Region", image.region.clone()),
        ("Event", image.event_name.clone()),
        ("ETag", image.e_tag.clone().unwrap_or_default()),
        ("Version", image.version_id.clone().unwrap_or_default()),
        ("S3 request", image.s3_request_id.clone().unwrap_or_default()),
        ("Notification", notification.id.clone()),
    ];
    let mut text = format!("A new image was uploaded to the bucket {}.\n\n", clean(&image.bucket));
    for (label, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        text.extend([&format!("{label:<15}"), &clean(value), "\n"]);
    }
    text
}

/// The SMS: one line of at most [`MAX_SMS_BYTES`] ASCII bytes, so that it is one part and costs one.
pub fn sms(notification: &Notification) -> String {
    let image = &notification.data;
    let bucket = keep_end(&image.bucket, MAX_BUCKET_CHARS);
    let size = ascii(&size(image.size));
    let frame = "New image:  () in ".len() + size.len() + bucket.len();
    let name = keep_end(object_key::file_name(&image.key), MAX_SMS_BYTES - frame);
    format!("New image: {name} ({size}) in {bucket}")
}

/// `12.3 KiB (12,595 bytes)`, or just `512 bytes`.
fn size_with_bytes(bytes: u64) -> String {
    if bytes < 1024 { size(bytes) } else { format!("{} ({} bytes)", size(bytes), thousands(bytes)) }
}

/// `512 bytes`, `12.3 KiB`: binary units, one decimal.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" });
    }
    // Tenths of the unit, rounded; integers, so that no size is ever off by a float's error.
    let mut tenths = (u128::from(bytes) * 10 + 512) / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `1,234,567`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_write_them() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB (1,024 bytes)"),
            (12_595, "12.3 KiB (12,595 bytes)"),
            (1_048_575, "1.0 MiB (1,048,575 bytes)"),
            (1_048_576, "1.0 MiB (1,048,576 bytes)"),
            (5 << 40, "5.0 TiB (5,497,558,138,880 bytes)"),
            (u64::MAX, "16.0 EiB (18,446,744,073,709,551,615 bytes)"),
        ] {
            assert_eq!(size_with_bytes(bytes), text);
        }
    }
}
