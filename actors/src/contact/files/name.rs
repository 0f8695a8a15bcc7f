//! What a file is called on a ticket.
//!
//! The help desk decides by the extension alone, so it follows from what the bytes are, not from
//! what the person's phone called them. Old servers refuse names of up to 23 characters (GLPI REST
//! API, media and documents), so short ones are made longer.

use super::File;

/// The shortest name that every server takes, in characters.
const CHARS_MIN: usize = 24;
/// The longest name, in characters, before what is put in front of it.
const CHARS_MAX: usize = 80;

/// Extensions by media type, the usual one first.
const EXTENSIONS: &[(&str, &[&str])] = &[
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/webp", &["webp"]),
    ("image/gif", &["gif"]),
    ("video/mp4", &["mp4"]),
    ("video/3gpp", &["3gp"]),
    ("audio/ogg", &["ogg"]),
    ("audio/mpeg", &["mp3"]),
    ("audio/mp4", &["m4a"]),
    ("audio/aac", &["aac"]),
    ("audio/amr", &["amr"]),
    ("application/pdf", &["pdf"]),
    ("application/zip", &["zip"]),
    ("application/msword", &["doc"]),
    ("application/vnd.ms-excel", &["xls"]),
    ("application/vnd.ms-powerpoint", &["ppt"]),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
    ),
    ("application/vnd.oasis.opendocument.text", &["odt"]),
    ("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    ("text/plain", &["txt", "log"]),
    ("text/csv", &["csv"]),
];

/// The name of `file` as a file of media type `mime`.
pub(in crate::contact) fn of(file: &File, mime: &str) -> String {
    let own = file.name.as_deref().unwrap_or_default();
    let own = own.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, given) = match own.rsplit_once('.') {
        Some((stem, extension)) => (stem, extension.to_lowercase()),
        None => (own, String::new()),
    };
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let known = EXTENSIONS.iter().find(|(known, _)| *known == plain);
    let extension = match known {
        Some((_, usual)) if usual.contains(&given.as_str()) => given,
        Some((_, usual)) => usual[0].to_owned(),
        None => "bin".to_owned(),
    };
    let kept = stem.chars().take(CHARS_MAX);
    let stem: String = kept.map(|c| if legal(c) { c } else { '_' }).collect();
    let stem = stem.trim_matches(['_', '.', ' ']);
    let whole = format!("{stem}.{extension}");
    if !stem.is_empty() && whole.chars().count() >= CHARS_MIN {
        return whole;
    }
    let hash = file.fetch.hash;
    let mark = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    let kind = file.kind.name();
    if stem.is_empty() {
        return format!("whatsapp-{kind}-{mark:08x}.{extension}");
    }
    format!("whatsapp-{kind}-{mark:08x}-{whole}")
}

fn legal(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::files::Place;
    use crate::model::{ContactId, EffectId, Key, MediaKind, Millis};

    fn named(name: Option<&str>, kind: MediaKind, mime: &str) -> String {
        let file = File {
            fetch: EffectId {
                key: Key::Contact(ContactId([1; 16])),
                hash: [0xab; 8],
            },
            kind,
            name: name.map(Into::into),
            at: Millis(0),
            place: Place::Draft,
            kept: None,
            attach: None,
        };
        of(&file, mime)
    }

    #[test]
    fn the_extension_follows_from_the_bytes_and_short_names_grow() {
        let image = named(None, MediaKind::Image, "image/jpeg");
        assert_eq!(image, "whatsapp-image-abababab.jpg");
        let voice = named(None, MediaKind::Voice, "audio/ogg; codecs=opus");
        assert_eq!(voice, "whatsapp-voice-abababab.ogg");
        let short = named(Some("a.pdf"), MediaKind::Document, "application/pdf");
        assert_eq!(short, "whatsapp-document-abababab-a.pdf");
        let renamed = named(
            Some("factura-de-noviembre-2026.exe"),
            MediaKind::Document,
            "application/pdf",
        );
        assert_eq!(renamed, "factura-de-noviembre-2026.pdf");
        let path = named(
            Some("../../etc/informe anual del área.PDF"),
            MediaKind::Document,
            "application/pdf",
        );
        assert_eq!(path, "informe anual del área.pdf");
        let odd = named(Some("\"\r\n;x"), MediaKind::Image, "image/x-unknown");
        assert_eq!(odd, "whatsapp-image-abababab-x.bin");
    }
}
