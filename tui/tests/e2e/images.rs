//! Files to upload, made here: pictures worth looking at, and those that a preview must not stumble over.

use std::fs::File;
use std::io::{BufWriter, Cursor, Write as _};
use std::path::{Path, PathBuf};

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, RgbaImage};

/// The colours of a landscape: its sky from above to the horizon, its sun, and its hills from far to near.
pub(crate) struct Scene {
    pub(crate) sky: [[u8; 3]; 2],
    pub(crate) sun: [u8; 3],
    pub(crate) hills: [[u8; 3]; 2],
}

/// Hills below a sky in bands, with a sun between them.
pub(crate) fn landscape(width: u32, height: u32, scene: &Scene) -> RgbImage {
    const BANDS: u32 = 9;
    const HILLS: u32 = 4;
    let (w, h) = (f64::from(width), f64::from(height));
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / w, f64::from(y) / h);
        // The nearest hill hides those behind it.
        let hill = (0..HILLS).rev().find(|hill| {
            let (number, wave) = (f64::from(*hill), across * std::f64::consts::TAU);
            let rise = (wave * (0.6 + 0.35 * number) + 1.9 * number).sin() * 0.07
                + (wave * (1.7 + 0.8 * number) + 0.7 * number).sin() * 0.025;
            down > 0.52 + 0.12 * number - rise
        });
        let from_sun = ((across - 0.68) * w / h).hypot(down - 0.36);
        match hill {
            Some(hill) => mixed(scene.hills, f64::from(hill) / f64::from(HILLS - 1)),
            None if from_sun < 0.11 => Rgb(scene.sun),
            None => mixed(scene.sky, f64::from(y * BANDS / (height * 2 / 3)).min(8.0) / 8.0),
        }
    })
}

fn mixed([a, b]: [[u8; 3]; 2], part: f64) -> Rgb<u8> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes there are bytes")]
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * part).round() as u8;
    Rgb([mix(a[0], b[0]), mix(a[1], b[1]), mix(a[2], b[2])])
}

/// A small landscape as large as this: it takes a moment, where to calculate each pixel would take half a minute.
pub(crate) fn enlarged(width: u32, height: u32, scene: &Scene) -> RgbImage {
    let small = DynamicImage::ImageRgb8(landscape(width / 10, height / 10, scene));
    small.resize_exact(width, height, FilterType::Nearest).into_rgb8()
}

/// Red and green above, blue and white below.
pub(crate) fn quarters() -> RgbImage {
    RgbImage::from_fn(160, 80, |x, y| match (x < 80, y < 40) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    })
}

/// Writes an image in the format of its name.
pub(crate) fn save(folder: &Path, name: &str, image: RgbImage) -> PathBuf {
    let path = folder.join(name);
    DynamicImage::ImageRgb8(image).save(&path).unwrap();
    path
}

pub(crate) fn encoded(image: RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Writes a file.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A JPEG file whose EXIF data say that it is to be turned a quarter to the right.
pub(crate) fn turned_jpeg(image: &RgbImage) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(image).unwrap();
    // A TIFF header and one entry: orientation (0x0112) is 6.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    // Right behind the start of the image, where cameras write it.
    let mut segment = vec![0xff, 0xe1, length[0], length[1]];
    segment.append(&mut exif);
    jpeg.splice(2..2, segment);
    jpeg
}

/// An animation of two frames: the first one red, the second one green.
pub(crate) fn animation() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut gif = GifEncoder::new(&mut bytes);
    for colour in [[255, 0, 0, 255], [0, 255, 0, 255]] {
        gif.encode_frame(Frame::new(RgbaImage::from_pixel(64, 64, image::Rgba(colour)))).unwrap();
    }
    drop(gif);
    bytes
}

/// A PNG file of 10,000 x 10,000 pixels. It is small, and what it unpacks to is not.
pub(crate) fn bomb(folder: &Path, name: &str) -> PathBuf {
    const SIDE: u32 = 10_000;
    let path = folder.join(name);
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(&path).unwrap()), SIDE, SIDE);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().unwrap();
    let mut pixels = writer.stream_writer().unwrap();
    let row = vec![0; SIDE as usize];
    (0..SIDE).for_each(|_| pixels.write_all(&row).unwrap());
    pixels.finish().unwrap();
    path
}
