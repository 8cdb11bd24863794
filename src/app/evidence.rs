//! Evidence: drawn signatures and photos. A picture is taken as what its bytes are, made anew without what a camera wrote into it
//! (place, owner, serial number), and kept by its digest; events refer to it as `file:SHA256`.

use std::io::Cursor;

use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};

use crate::app::people::Doing;
use crate::app::{App, AppError};
use crate::domain::problem::{Code, Refusal};
use crate::store::WriteSet;
use crate::store::people_rows::EvidenceFileRow;

/// Bytes of a picture as it is sent.
pub const BYTES_MAX: usize = 6 * 1024 * 1024;
/// Width and height of a picture as it is sent.
const SIDE_MAX: u32 = 8_000;
/// Width and height of a picture as it is kept: a form is still legible.
const KEPT_SIDE_MAX: u32 = 1_600;

/// What an event refers to a file by.
pub fn reference(sha256: &str) -> String {
    format!("file:{sha256}")
}

/// A picture that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Digest of the bytes that are kept.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
}

/// Keeps a picture (PNG or JPEG).
pub fn keep(app: &App, bytes: &[u8], doing: Doing<'_>) -> Result<Kept, AppError> {
    let (bytes, media_type) = clean(bytes)?;
    let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sha256 = app.files.put(bytes)?;
    let row = EvidenceFileRow {
        sha256: sha256.clone(),
        media_type: media_type.to_owned(),
        size_bytes,
        person_id: doing.person.unwrap_or_default().to_owned(),
        at_us: app.now().us(),
    };
    app.store.commit(WriteSet { files: vec![row], ..WriteSet::default() })?;
    Ok(Kept { sha256, media_type })
}

/// The bytes of a kept picture and what they are; `None` when there is none or it was altered.
pub fn find(app: &App, sha256: &str) -> Result<Option<(Vec<u8>, &'static str)>, AppError> {
    Ok(app.files.get(sha256)?.map(|bytes| {
        let is_png = bytes.starts_with(&[0x89, b'P', b'N', b'G']);
        (bytes, if is_png { "image/png" } else { "image/jpeg" })
    }))
}

fn refused(en: &str, vi: &str) -> AppError {
    Refusal::new(Code::BodyNotReadable, en, vi).into()
}

/// Reads a picture within limits; none of its bytes is believed before.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, AppError> {
    if bytes.len() > BYTES_MAX {
        return Err(refused("the picture is larger than 6 MB", "ảnh lớn hơn 6 MB"));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| refused("the picture cannot be read", "không đọc được ảnh"))?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(refused("this is no picture in PNG or JPEG", "tệp này không phải ảnh PNG hoặc JPEG"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        ImageError::Limits(_) => {
            refused("the picture has more than 8,000 pixels on a side", "ảnh có hơn 8.000 điểm ảnh ở một cạnh")
        }
        _ => refused("the picture is damaged: take it again", "ảnh bị hỏng: hãy chụp lại"),
    })
}

fn clean(bytes: &[u8]) -> Result<(Vec<u8>, &'static str), AppError> {
    let mut picture = decode(bytes)?;
    if picture.width() > KEPT_SIDE_MAX || picture.height() > KEPT_SIDE_MAX {
        picture = picture.thumbnail(KEPT_SIDE_MAX, KEPT_SIDE_MAX);
    }
    let is_png = bytes.starts_with(&[0x89, b'P', b'N', b'G']);
    let (format, media_type) = if is_png { (ImageFormat::Png, "image/png") } else { (ImageFormat::Jpeg, "image/jpeg") };
    let picture = if is_png { picture } else { DynamicImage::ImageRgb8(picture.to_rgb8()) };
    let mut kept = Cursor::new(Vec::new());
    picture.write_to(&mut kept, format).map_err(|error| AppError::Internal(format!("a picture: {error}")))?;
    Ok((kept.into_inner(), media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_camera_wrote_into_a_picture_is_not_kept() {
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(20, 10).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let plain = jpeg.into_inner();
        let mut with_comment = plain[..2].to_vec();
        with_comment.extend([0xFF, 0xFE, 0, 12]);
        with_comment.extend(b"GPS 12 109");
        with_comment.extend(&plain[2..]);
        let (kept, media_type) = clean(&with_comment).unwrap();
        assert_eq!(media_type, "image/jpeg");
        assert!(!kept.windows(3).any(|three| three == b"GPS"));
    }

    #[test]
    fn what_is_no_picture_is_refused_and_says_why() {
        let mut wide = Cursor::new(Vec::new());
        DynamicImage::new_luma8(8_001, 1).write_to(&mut wide, ImageFormat::Png).unwrap();
        let cases: &[(&[u8], &str)] = &[
            (b"<svg onload=x>", "no picture"),
            (b"", "no picture"),
            (b"GIF89a\x01\x00", "no picture"),
            (&[0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 1, 2], "damaged"),
            (wide.get_ref(), "8,000 pixels"),
            (&[0; BYTES_MAX + 1], "6 MB"),
        ];
        for (bytes, why) in cases {
            let Err(AppError::Refused(refusal)) = clean(bytes) else { panic!("{why}: it was read") };
            assert!(refusal.message.en.contains(why), "{why}: {}", refusal.message.en);
        }
    }
}
