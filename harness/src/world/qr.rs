//! QR codes as apps get at them: through a camera, off a screen, out of a file.

use crate::flow::KeyWay;
use image::{GrayImage, ImageFormat, Luma, imageops};

/// Why there is no text to be had from a picture.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The page's picture is no PNG.
    #[error("the picture does not open: {0}")]
    Picture(#[from] image::ImageError),
    /// There is not exactly one QR code to be seen.
    #[error("{0} QR codes are to be seen")]
    Count(usize),
    /// It does not decode.
    #[error("the QR code does not decode: {0}")]
    Decode(String),
    /// It cannot be saved and read again.
    #[error("the picture cannot be saved: {0}")]
    File(#[from] std::io::Error),
}

/// The text of the QR code in `png`, got at in this way. A typed key needs no picture; it reads as from a screen.
pub fn read(png: &[u8], way: KeyWay) -> Result<String, QrError> {
    let seen = match way {
        KeyWay::Camera => photographed(&open(png)?),
        KeyWay::Screen | KeyWay::Key => on_a_screen(&open(png)?),
        KeyWay::PngFile => saved(png)?,
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(seen.width() as usize, seen.height() as usize, |x, y| {
        u32::try_from(x).ok().zip(u32::try_from(y).ok()).and_then(|(x, y)| seen.get_pixel_checked(x, y)).map_or(255, |pixel| pixel.0[0])
    });
    let grids = prepared.detect_grids();
    let [grid] = grids.as_slice() else { return Err(QrError::Count(grids.len())) };
    grid.decode().map(|(_, text)| text).map_err(|error| QrError::Decode(error.to_string()))
}

fn open(png: &[u8]) -> Result<GrayImage, QrError> {
    Ok(image::load_from_memory_with_format(png, ImageFormat::Png)?.to_luma8())
}

/// As a phone sees it: askew, in poor light, on a grey screen with a margin of its own.
fn photographed(picture: &GrayImage) -> GrayImage {
    let mut screen = imageops::rotate90(picture);
    for pixel in screen.pixels_mut() {
        pixel.0 = pixel.0.map(|light| 40 + light / 2);
    }
    placed(&screen, 60, 90, 168)
}

/// As a page shows it, scaled to twice its size between other things.
fn on_a_screen(picture: &GrayImage) -> GrayImage {
    let (width, height) = (picture.width() * 2, picture.height() * 2);
    let mut screen = placed(&imageops::resize(picture, width, height, imageops::FilterType::Nearest), 200, 120, 255);
    for (x, y) in (20..180).step_by(3).flat_map(|x| (20..60).step_by(10).map(move |y| (x, y))) {
        screen.put_pixel(x, y, Luma([30]));
    }
    screen
}

/// On a larger ground of one shade.
fn placed(picture: &GrayImage, x: u32, y: u32, ground: u8) -> GrayImage {
    let mut larger = GrayImage::from_pixel(picture.width() + 2 * x, picture.height() + 2 * y, Luma([ground]));
    imageops::replace(&mut larger, picture, i64::from(x), i64::from(y));
    larger
}

/// Saved as a file and opened from there.
fn saved(png: &[u8]) -> Result<GrayImage, QrError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("qr.png");
    std::fs::write(&path, png)?;
    Ok(image::open(&path)?.to_luma8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use sekisho_core::secret::Secret;

    fn picture(text: &str) -> Vec<u8> {
        let drawn = sekisho::otpauth::enrolment(&Secret::new([7; 20]), text, "ta***").unwrap();
        base64::engine::general_purpose::STANDARD.decode(drawn.png.expose()).unwrap()
    }

    #[test]
    fn the_picture_of_the_set_up_page_is_read_in_every_way() {
        let png = picture("試験組合");
        for way in [KeyWay::Camera, KeyWay::Screen, KeyWay::PngFile] {
            let text = read(&png, way).unwrap_or_else(|error| panic!("{way:?}: {error}"));
            assert!(text.starts_with("otpauth://totp/"), "{text}");
        }
    }

    #[test]
    fn a_picture_without_a_code_is_refused() {
        let mut png = std::io::Cursor::new(Vec::new());
        GrayImage::from_pixel(64, 64, Luma([255])).write_to(&mut png, ImageFormat::Png).unwrap();
        assert!(matches!(read(png.get_ref(), KeyWay::PngFile), Err(QrError::Count(0))));
        assert!(read(b"GIF89a", KeyWay::Camera).is_err());
    }
}
