//! Whether an uploaded file may be shown as the kind a message says (WhatsApp Cloud API, media).

use serde_json::Value;

use super::errors::Refusal;
use super::media::Media;

const KB: usize = 1_024;

/// Types and largest size of each kind.
const KINDS: [(&str, &[&str], usize); 5] = [
    ("image", &["image/jpeg", "image/png"], 5 * KB * KB),
    ("video", &["video/mp4", "video/3gpp"], 16 * KB * KB),
    (
        "audio",
        &[
            "audio/aac",
            "audio/amr",
            "audio/mpeg",
            "audio/mp4",
            "audio/ogg",
        ],
        16 * KB * KB,
    ),
    (
        "document",
        &[
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
        100 * KB * KB,
    ),
    ("sticker", &["image/webp"], 500 * KB),
];

/// Whether WhatsApp shows these bytes as this kind: the reason when it does not.
pub fn fits(kind: &str, mime: &str, bytes: usize) -> Result<(), String> {
    let found = KINDS.iter().find(|(name, ..)| *name == kind);
    let Some((_, types, max)) = found else {
        return Ok(());
    };
    let plain = mime.split(';').next().unwrap_or_default().trim();
    if !types.contains(&plain) {
        return Err(format!("Media of type {plain} cannot be sent as {kind}"));
    }
    if bytes > *max {
        return Err(format!("File size {bytes} exceeds {max} bytes for {kind}"));
    }
    Ok(())
}

/// Checks a message that shows a file by its id: the file was uploaded for this number, and fits.
pub fn check(body: &Value, media: &Media, owner: &str) -> Result<(), Refusal> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let id = body.get(kind).and_then(|content| content.get("id"));
    let Some(id) = id.and_then(Value::as_str) else {
        return Ok(());
    };
    if !KINDS.iter().any(|(name, ..)| *name == kind) {
        return Ok(());
    }
    let Some((mime, bytes)) = media.facts(id, owner) else {
        let details = format!(
            "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
        );
        return Err(Refusal::new(100, details));
    };
    fits(kind, &mime, bytes).map_err(|details| Refusal::new(131_053, details))
}
