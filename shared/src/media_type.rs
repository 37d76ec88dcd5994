//! The content type that an extension stands for: one answer for the handler, doctor, the dashboard and the uploads.

/// What `mime_guess` does not know or knows by another name, as IANA registers it, and in use where it registers none.
/// Cameras and browsers write `.hif`, `.jfi`, `.pjpeg` and their like.
const MORE: [(&str, &str); 56] = [
    ("avci", "image/avci"),
    ("avcs", "image/avcs"),
    ("azv", "image/vnd.airzip.accelerator.azv"),
    ("b16", "image/vnd.pco.b16"),
    ("btf", "image/prs.btif"),
    ("cur", "image/x-icon"),
    ("dds", "image/vnd.ms-dds"),
    ("dpx", "image/dpx"),
    ("drle", "image/dicom-rle"),
    ("dwg", "image/vnd.dwg"),
    ("dxf", "image/vnd.dxf"),
    ("emf", "image/emf"),
    ("exr", "image/aces"),
    ("fit", "image/fits"),
    ("fits", "image/fits"),
    ("fts", "image/fits"),
    ("hej2", "image/hej2k"),
    // Registered for AVIF too; cameras write HEIF.
    ("hif", "image/heif"),
    ("hsj2", "image/hsj2"),
    ("icns", "image/x-icns"),
    ("j2c", "image/j2c"),
    ("j2k", "image/j2c"),
    ("jfi", "image/jpeg"),
    ("jfif-tbnl", "image/jpeg"),
    ("jhc", "image/jphc"),
    ("jif", "image/jpeg"),
    ("jls", "image/jls"),
    ("jpc", "image/j2c"),
    ("jpgm", "image/jpm"),
    ("jph", "image/jph"),
    ("jphc", "image/jphc"),
    ("jxr", "image/jxr"),
    ("jxra", "image/jxrA"),
    ("jxrs", "image/jxrS"),
    ("jxs", "image/jxs"),
    ("jxsc", "image/jxsc"),
    ("jxsi", "image/jxsi"),
    ("jxss", "image/jxss"),
    ("ktx2", "image/ktx2"),
    ("pcx", "image/vnd.zbrush.pcx"),
    ("pgb", "image/vnd.globalgraphics.pgb"),
    ("pjp", "image/jpeg"),
    ("pjpeg", "image/jpeg"),
    ("psb", "image/vnd.adobe.photoshop"),
    ("psd", "image/vnd.adobe.photoshop"),
    ("pti", "image/prs.pti"),
    ("qoi", "image/qoi"),
    ("rgbe", "image/vnd.radiance"),
    ("rle", "image/bmp"),
    ("tap", "image/vnd.tencent.tap"),
    ("tfx", "image/tiff-fx"),
    ("vtf", "image/vnd.valve.source.texture"),
    ("wmf", "image/wmf"),
    ("x-png", "image/png"),
    ("xcf", "image/x-xcf"),
    ("xyze", "image/vnd.radiance"),
];

/// The content type for an extension, in any case of letters.
pub fn of_extension(extension: &str) -> Option<&'static str> {
    let more = MORE.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension)).map(|(_, media_type)| *media_type);
    more.or_else(|| mime_guess::from_ext(extension).first_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_of_an_image_format_is_known() {
        let cases = [
            ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif", "jif", "jfi", "pjpeg", "pjp"] as &[&str]),
            ("image/heif", &["heif", "hif", "HIF"]),
            ("image/heic", &["heic"]),
            ("image/heif-sequence", &["heifs"]),
            ("image/heic-sequence", &["heics"]),
            ("image/avif", &["avif"]),
            ("image/avif-sequence", &["avifs"]),
            ("image/png", &["png"]),
            ("image/apng", &["apng"]),
            ("image/bmp", &["bmp", "dib", "rle"]),
            ("image/tiff", &["tif", "tiff"]),
            ("image/x-icon", &["ico", "cur"]),
            ("image/webp", &["webp"]),
            ("image/svg+xml", &["svg", "svgz"]),
            ("image/jxl", &["jxl"]),
        ];
        for (media_type, extensions) in cases {
            for extension in extensions {
                assert_eq!(of_extension(extension), Some(media_type), ".{extension}");
            }
        }
    }

    #[test]
    fn the_table_has_nothing_twice_and_only_images() {
        assert!(MORE.is_sorted_by(|a, b| a.0 < b.0));
        for (extension, media_type) in MORE {
            assert!(media_type.starts_with("image/"), ".{extension}");
            assert_ne!(
                mime_guess::from_ext(extension).first_raw(),
                Some(media_type),
                ".{extension} is known without it"
            );
        }
    }
}
