//! Which objects count as images: the content type is guessed from the key's extension.
//!
//! The handler decides by it, `imgwatch doctor` says by it what the handler will decide. The object itself is never
//! read, so the function needs no rights on the bucket.

use crate::{media_type, object_key};

/// The variable of the function's environment that holds the accepted types.
pub const VARIABLE: &str = "IMAGE_TYPES";

/// A list that holds something else than media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of media types; write for example image/png,image/jpeg or image/*")]
pub struct NotMediaTypes;

/// The media types that count as images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTypes {
    accepted: Vec<String>,
}

impl ImageTypes {
    /// Reads the variable's value: media types and `image/*` forms separated by commas; blank, every `image/*`.
    ///
    /// # Errors
    /// When an element is no media type.
    pub fn parse(list: &str) -> Result<Self, NotMediaTypes> {
        if list.trim().is_empty() {
            return Ok(Self::default());
        }
        let accepted: Vec<String> = list
            .split(',')
            .map(|media_type| media_type.trim().to_ascii_lowercase())
            .filter(|media_type| !media_type.is_empty())
            .collect();
        let valid = |media_type: &String| {
            let parts = media_type.split_once('/');
            parts.is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty() && !subtype.contains('/'))
        };
        if accepted.is_empty() || !accepted.iter().all(valid) {
            return Err(NotMediaTypes);
        }
        Ok(Self { accepted })
    }

    /// The content type of the object with this key.
    ///
    /// # Errors
    /// Why the object does not count as an image.
    pub fn judge(&self, key: &str) -> Result<String, String> {
        let extension = object_key::extension(key).ok_or("the key has no extension that names a content type")?;
        let media_type = media_type::of_extension(extension)
            .ok_or_else(|| format!("the extension .{extension} is of no known type"))?;
        if self.accepts(media_type) {
            Ok(media_type.to_owned())
        } else {
            Err(format!("{media_type} is not one of {}", self.accepted.join(",")))
        }
    }

    fn accepts(&self, media_type: &str) -> bool {
        self.accepted.iter().any(|accepted| match accepted.strip_suffix('*') {
            Some(kind) => media_type.starts_with(kind),
            None => media_type == accepted,
        })
    }
}

impl Default for ImageTypes {
    fn default() -> Self {
        Self { accepted: vec!["image/*".to_owned()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_counts_by_default() {
        let types = ImageTypes::default();
        for (key, media_type) in [
            ("cat.png", "image/png"),
            ("holiday/CAT.JPG", "image/jpeg"),
            ("a b.webp", "image/webp"),
            ("phone.heic", "image/heic"),
            ("DSC0001.HIF", "image/heif"),
            ("saved.jfif", "image/jpeg"),
            ("saved.jfi", "image/jpeg"),
            ("scan.tif", "image/tiff"),
            ("logo.svg", "image/svg+xml"),
        ] {
            assert_eq!(types.judge(key), Ok(media_type.to_owned()));
        }
    }

    #[test]
    fn the_reason_says_why_it_is_no_image() {
        let types = ImageTypes::default();
        for (key, reason) in [
            ("notes.txt", "text/plain is not one of image/*"),
            ("README", "the key has no extension that names a content type"),
            ("folder.png/", "the key has no extension that names a content type"),
            ("cat.unheard-of", "the extension .unheard-of is of no known type"),
        ] {
            assert_eq!(types.judge(key), Err(reason.to_owned()));
        }
    }

    #[test]
    fn the_list_is_configurable() {
        let types = ImageTypes::parse(" image/PNG, video/* ,").unwrap();
        assert!(types.judge("cat.png").is_ok());
        assert!(types.judge("cat.mp4").is_ok());
        assert_eq!(types.judge("cat.gif"), Err("image/gif is not one of image/png,video/*".to_owned()));
    }

    #[test]
    fn a_list_that_cannot_work_is_refused() {
        for list in ["png", "image/", "/png", "image/png;image/gif/x", ","] {
            let error = ImageTypes::parse(list).unwrap_err().to_string();
            assert!(error.contains("media types"), "{error}");
        }
    }
}
