use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{Frame, ImageEncoder as _, Rgb, RgbImage, RgbaImage};

use super::*;

/// Red at the left, blue at the right.
fn sample() -> RgbImage {
    RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(sample()).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = 4 * (y * picture.pixels.width + x) as usize;
    [picture.pixels.rgba[at], picture.pixels.rgba[at + 1], picture.pixels.rgba[at + 2]]
}

#[test]
fn pictures_of_every_kind_are_shown() {
    let formats = [
        (ImageFormat::Png, "PNG"),
        (ImageFormat::Jpeg, "JPEG"),
        (ImageFormat::WebP, "WebP"),
        (ImageFormat::Bmp, "BMP"),
        (ImageFormat::Tiff, "TIFF"),
    ];
    for (format, named) in formats {
        let bytes = encoded(format);
        assert_eq!(kind(&bytes), ContentKind::Image(format));
        let picture = picture(&bytes, format).unwrap();
        assert_eq!((picture.format, picture.size, picture.turned), (named, (40, 20), false));
        let [red, _, blue] = pixel(&picture, 5, 10);
        assert!(red > 200 && blue < 60, "{named}: {red} {blue}");
    }
}

#[test]
fn of_an_animation_the_first_frame_is_shown() {
    let mut bytes = Vec::new();
    let mut gif = GifEncoder::new(&mut bytes);
    for colour in [[255, 0, 0, 255], [0, 255, 0, 255]] {
        gif.encode_frame(Frame::new(RgbaImage::from_pixel(4, 4, image::Rgba(colour)))).unwrap();
    }
    drop(gif);
    let picture = picture(&bytes, ImageFormat::Gif).unwrap();
    assert_eq!((picture.format, pixel(&picture, 1, 1)), ("GIF", [255, 0, 0]));
}

#[test]
fn exif_turns_the_picture_the_right_way_up() {
    // A TIFF header and one entry, orientation (0x0112), of 6: a quarter to the right.
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    exif.extend(b"\0\x06\0\0\0\0\0\0");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(&sample()).unwrap();
    let picture = picture(&bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!((picture.size, picture.turned), ((20, 40), true));
    let [red, _, blue] = pixel(&picture, 10, 5);
    assert!(red > 200 && blue < 60, "what was left is above: {red} {blue}");
}

#[test]
fn a_bomb_is_refused_by_its_head_alone() {
    let mut head = Vec::new();
    drop(png::Encoder::new(&mut head, 10_000, 10_000).write_header().unwrap());
    // Signature and IHDR; the header is over where the pixels begin.
    head.truncate(33);
    head.extend(b"\0\0\0\x10IDAT");
    let reason = too_many_pixels(&head, ImageFormat::Png).unwrap();
    assert!(reason.contains("10000 x 10000 pixels are 100 million"), "{reason}");
    assert_eq!(too_many_pixels(&encoded(ImageFormat::Png), ImageFormat::Png), None);
}

#[test]
fn a_file_that_ends_early_says_so() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff] {
        let bytes = encoded(format);
        let reason = picture(&bytes[..bytes.len() - 20], format).unwrap_err();
        assert!(reason.contains("ends before") || reason.contains("cannot be decoded"), "{reason}");
    }
}

#[test]
fn a_damaged_png_is_told_without_the_words_of_the_decoder() {
    let mut bytes = encoded(ImageFormat::Png);
    let data = bytes.windows(4).position(|four| four == b"IDAT").unwrap();
    bytes[data + 8] ^= 0xff;
    let reason = picture(&bytes, ImageFormat::Png).unwrap_err();
    assert!(reason.contains("cannot be decoded: ") && !reason.contains(['{', '}']), "{reason}");
}

#[test]
fn of_a_jpeg_that_ends_early_the_start_is_shown_and_said_to_be_one() {
    let image = RgbImage::from_fn(200, 200, |x, y| {
        let [mix, _, _, _] = (x * 7 + y * 13).to_le_bytes();
        Rgb([mix, mix / 2, 255 - mix])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
    assert!(!picture(&bytes, ImageFormat::Jpeg).unwrap().ends_early);
    bytes.truncate(bytes.len() / 2);
    assert!(picture(&bytes, ImageFormat::Jpeg).unwrap().ends_early);
}

#[test]
fn large_pictures_are_made_small_and_tell_their_own_size() {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(3_000, 1_500)).write_to(&mut out, ImageFormat::Png).unwrap();
    let picture = picture(&out.into_inner(), ImageFormat::Png).unwrap();
    assert_eq!((picture.size, picture.pixels.width, picture.pixels.height), ((3_000, 1_500), 1_280, 640));
}

#[test]
fn bombs_of_other_formats_are_refused_before_they_take_memory() {
    // Headers that claim 30,000 x 30,000 pixels, and nothing after them.
    let mut bmp = encoded(ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&30_000u32.to_le_bytes());
    bmp[22..26].copy_from_slice(&30_000u32.to_le_bytes());
    let mut tiff = encoded(ImageFormat::Tiff);
    // Width, height, and the rows of its one strip: numbers of 32 bits.
    for tag in [256u16, 257, 278] {
        let entry = [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0]].concat();
        let at = tiff.windows(8).position(|window| window == entry).unwrap();
        tiff[at + 8..at + 12].copy_from_slice(&30_000u32.to_le_bytes());
    }
    for (bytes, format) in [(bmp, ImageFormat::Bmp), (tiff, ImageFormat::Tiff)] {
        let reason = picture(&bytes, format).unwrap_err();
        assert!(reason.contains("30000 x 30000 pixels are 900 million"), "{reason}");
    }
}

#[test]
fn icons_are_shown() {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(DynamicImage::ImageRgb8(sample()).into_rgba8())
        .write_to(&mut out, ImageFormat::Ico)
        .unwrap();
    let bytes = out.into_inner();
    assert_eq!(kind(&bytes), ContentKind::Image(ImageFormat::Ico));
    assert_eq!(picture(&bytes, ImageFormat::Ico).unwrap().format, "ICO");
}

#[test]
fn the_content_says_what_an_object_is() {
    assert_eq!(kind(b"a text, whatever it is called\n"), ContentKind::Text);
    assert_eq!(kind("caf\u{e9}".as_bytes()), ContentKind::Text);
    assert_eq!(kind(&"caf\u{e9}".as_bytes()[..4]), ContentKind::Text, "a character that is cut at the end is no fault");
    assert_eq!(kind(b"\0\x01\x02"), ContentKind::Other);
    assert_eq!(kind(b""), ContentKind::Other);
    assert_eq!(kind(b"BMW is a maker of cars in Munich"), ContentKind::Text);
}

#[test]
fn json_is_set_out_and_long_texts_are_cut() {
    let Preview::Text { lines, more } = text(br#"{"a":[1]}"#, false) else { panic!("no text") };
    assert_eq!(
        (lines.iter().map(Clean::raw).collect::<Vec<_>>(), more),
        (vec!["{", "  \"a\": [", "    1", "  ]", "}"], false)
    );
    let Preview::Text { lines, more } = text("x\n".repeat(3_000).as_bytes(), false) else { panic!("no text") };
    assert_eq!((lines.len(), more), (LINES, true));
    assert!(matches!(text(b"half a li", true), Preview::Text { more: true, .. }));
}

/// A disc of one colour on nothing, whose hidden colour is the same or another one, and whose edge is half transparent.
fn logo(colour: [u8; 3], hidden: [u8; 3]) -> RgbaImage {
    RgbaImage::from_fn(64, 48, |x, y| {
        let away = (f64::from(x) - 32.0).hypot(f64::from(y) - 24.0);
        let ([r, g, b], alpha) = if away < 15.0 {
            (colour, 255)
        } else if away < 16.0 {
            (colour, 128)
        } else {
            (hidden, 0)
        };
        image::Rgba([r, g, b, alpha])
    })
}

/// How far two pixels are apart in their lightness.
fn contrast(one: [u8; 3], other: [u8; 3]) -> u32 {
    let light = |[r, g, b]: [u8; 3]| 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    light(one).abs_diff(light(other)) / 1_000
}

#[test]
fn what_is_drawn_on_nothing_can_be_seen_whatever_its_colour() {
    let (black, white) = ([0; 3], [255; 3]);
    for (colour, hidden) in [
        (black, black),
        (black, white),
        (white, white),
        (white, black),
        ([128; 3], black),
        ([20, 20, 80], black),
        ([250, 240, 90], white),
    ] {
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            let mut out = Cursor::new(Vec::new());
            DynamicImage::ImageRgba8(logo(colour, hidden)).write_to(&mut out, format).unwrap();
            let picture = picture(&out.into_inner(), format).unwrap();
            assert!(picture.pixels.rgba.chunks(4).all(|pixel| pixel[3] == 255), "nothing transparent is left");
            let corners = [(0, 0), (63, 0), (0, 47), (63, 47), (9, 3)].map(|(x, y)| pixel(&picture, x, y));
            let centre = pixel(&picture, 32, 24);
            assert_eq!(centre, colour, "what is opaque stays as it is");
            for corner in corners {
                assert!(contrast(centre, corner) >= 70, "{colour:?} on {corner:?}, {format:?}");
            }
        }
    }
}

#[test]
fn black_and_white_on_nothing_are_both_seen() {
    let mut both = logo([0; 3], [0; 3]);
    image::imageops::overlay(&mut both, &RgbaImage::from_pixel(20, 20, image::Rgba([255; 4])), 22, 14);
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(both).write_to(&mut out, ImageFormat::Png).unwrap();
    let picture = picture(&out.into_inner(), ImageFormat::Png).unwrap();
    for corner in [(0, 0), (5, 0), (10, 4)].map(|(x, y)| pixel(&picture, x, y)) {
        assert!(contrast([0; 3], corner) >= 70 && contrast([255; 3], corner) >= 70, "{corner:?}");
    }
}

#[test]
fn the_transparent_part_of_every_mode_is_filled() {
    // Greys with transparency, and a picture that is half transparent everywhere.
    let grey = image::GrayAlphaImage::from_fn(40, 20, |x, _| image::LumaA([0, if x < 20 { 255 } else { 0 }]));
    let veil = RgbaImage::from_pixel(40, 20, image::Rgba([255, 0, 0, 128]));
    for image in [DynamicImage::ImageLumaA8(grey), DynamicImage::ImageRgba8(veil)] {
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, ImageFormat::Png).unwrap();
        let picture = picture(&out.into_inner(), ImageFormat::Png).unwrap();
        assert!(picture.pixels.rgba.chunks(4).all(|pixel| pixel[3] == 255));
        assert_ne!(pixel(&picture, 39, 19), [0; 3]);
    }
}
