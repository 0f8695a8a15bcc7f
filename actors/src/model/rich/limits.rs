//! What WhatsApp takes in a message that is more than a text (WhatsApp Cloud API, media; length and
//! count limits). The same holds at Gupshup, which stands in front of it.

use super::{Rich, SentFile};
use crate::model::{Card, Location, MediaKind};
use crate::split::{SHORT_CHARS_MAX, is_border};

const KB: u64 = 1_024;
const MB: u64 = 1_024 * KB;

const IMAGES: &[&str] = &["image/jpeg", "image/png"];
const STICKERS: &[&str] = &["image/webp"];
const FILMS: &[&str] = &["video/mp4", "video/3gpp"];
const SOUNDS: &[&str] = &[
    "audio/aac",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
];
const VOICES: &[&str] = &["audio/ogg"];
/// A list of values is a text to WhatsApp.
const DOCUMENTS: &[&str] = &[
    "text/plain",
    "text/csv",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// Names and addresses of places and cards, in characters.
const NAME_CHARS_MAX: usize = 255;
/// A file's name, in characters.
const FILE_NAME_CHARS_MAX: usize = 240;
const PHONES_MAX: usize = 10;
/// The longest emoji, a family, has 11 characters with what joins them.
const EMOJI_CHARS_MAX: usize = 16;

/// Why WhatsApp would not take a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The file is larger than this kind may be.
    #[error("WhatsApp takes {kind} files of at most {max_kb} KB, and this one is larger")]
    TooLarge {
        /// The kind.
        kind: &'static str,
        /// The bound.
        max_kb: u64,
    },
    /// The file cannot be shown as this kind.
    #[error(
        "WhatsApp does not take this type of file as {kind}: {takes}; leave the kind out to have \
         it chosen by the file"
    )]
    Type {
        /// The kind.
        kind: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// The caption is too long, or the kind has none.
    #[error("a caption has at most 1,024 characters, and sounds and stickers have none")]
    Caption,
    /// The file's name is empty, too long, or not one line.
    #[error("a file name has 1 to 240 characters on one line")]
    FileName,
    /// The place is not on the earth, or its name or address is too long.
    #[error(
        "a place has a latitude of -90 to 90 and a longitude of -180 to 180 degrees; its name and \
         address have at most 255 characters each"
    )]
    Location,
    /// The card lacks a name or a number, or has too much of something.
    #[error("a card has a name and 1 to 10 phone numbers, each of at most 255 characters")]
    Card,
    /// It is no emoji, or not one.
    #[error("a reaction is one emoji, or nothing to take it away")]
    Emoji,
}

/// The kind a file is best sent as; `None` when WhatsApp takes it as none.
pub fn kind_for(mime: &str, size: u64) -> Option<MediaKind> {
    let order = [
        MediaKind::Image,
        MediaKind::Video,
        MediaKind::Audio,
        MediaKind::Sticker,
        MediaKind::Document,
    ];
    let mut kinds = order.into_iter();
    kinds.find(|kind| fits(*kind, mime, size).is_ok())
}

/// The types of a kind, its largest size, and the types in words.
const fn bounds(kind: MediaKind) -> (&'static [&'static str], u64, &'static str) {
    match kind {
        MediaKind::Image => (IMAGES, 5 * MB, "JPEG or PNG"),
        MediaKind::Video => (FILMS, 16 * MB, "MP4 or 3GPP"),
        MediaKind::Audio => (SOUNDS, 16 * MB, "AAC, AMR, MP3, MP4 or OGG with Opus"),
        MediaKind::Voice => (VOICES, 16 * MB, "OGG with Opus"),
        MediaKind::Document => (DOCUMENTS, 100 * MB, "text, PDF, Word, Excel or PowerPoint"),
        // Only one that moves may have more than 100 KB; its bytes tell.
        MediaKind::Sticker => (STICKERS, 500 * KB, "WebP of 512 by 512 pixels"),
    }
}

fn fits(kind: MediaKind, mime: &str, size: u64) -> Result<(), Misfit> {
    let (types, max, takes) = bounds(kind);
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let kind = kind.name();
    if !types.contains(&plain) {
        return Err(Misfit::Type { kind, takes });
    }
    if size > max {
        let max_kb = max / KB;
        return Err(Misfit::TooLarge { kind, max_kb });
    }
    Ok(())
}

impl SentFile {
    /// Whether WhatsApp takes it as its kind. A caption of any length fits where there may be one:
    /// what has no room goes ahead.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> Result<(), Misfit> {
        fits(self.kind, &self.mime, self.size)?;
        let silent = matches!(
            self.kind,
            MediaKind::Audio | MediaKind::Voice | MediaKind::Sticker
        );
        if silent && self.caption.is_some() {
            return Err(Misfit::Caption);
        }
        let is_name = |name: &str| {
            let chars = name.chars().count();
            (1..=FILE_NAME_CHARS_MAX).contains(&chars) && !name.contains(char::is_control)
        };
        match &self.file_name {
            Some(name) if !is_name(name.trim()) => Err(Misfit::FileName),
            _ => Ok(()),
        }
    }
}

impl Rich {
    /// Whether WhatsApp takes it.
    ///
    /// # Errors
    /// What does not fit.
    pub fn check(&self) -> Result<(), Misfit> {
        match self {
            Self::Text(_) => Ok(()),
            Self::File(file) => file.check(),
            Self::Location(place) => is_place(place).then_some(()).ok_or(Misfit::Location),
            Self::Card(card) => is_card(card).then_some(()).ok_or(Misfit::Card),
            Self::Reaction { emoji, .. } => match emoji {
                Some(emoji) if !is_emoji(emoji) => Err(Misfit::Emoji),
                _ => Ok(()),
            },
        }
    }

    /// Whether what stands below a file has room there.
    pub fn caption_fits(&self) -> bool {
        match self {
            Self::File(file) => {
                let caption = file.caption.as_deref().unwrap_or_default();
                caption.chars().nth(SHORT_CHARS_MAX).is_none()
            }
            _ => true,
        }
    }
}

fn is_named(text: &str) -> bool {
    text.chars().count() <= NAME_CHARS_MAX
}

fn is_place(place: &Location) -> bool {
    let named = |text: &Option<smol_str::SmolStr>| text.as_deref().is_none_or(is_named);
    (-90.0..=90.0).contains(&place.latitude)
        && (-180.0..=180.0).contains(&place.longitude)
        && named(&place.name)
        && named(&place.address)
}

fn is_card(card: &Card) -> bool {
    let fits = |text: &str| !text.trim().is_empty() && is_named(text);
    let numbered = (1..=PHONES_MAX).contains(&card.phones.len());
    fits(&card.name)
        && numbered
        && card.emails.len() <= PHONES_MAX
        && card
            .phones
            .iter()
            .chain(&card.emails)
            .all(|text| fits(text))
        && card.company.as_deref().is_none_or(is_named)
}

/// One picture as people see it, and no letter.
fn is_emoji(text: &str) -> bool {
    let one = || {
        let mut places = text.char_indices().skip(1).map(|(at, _)| at);
        !places.any(|at| is_border(text, at))
    };
    let picture = |letter: char| !letter.is_alphanumeric() || letter.is_ascii_digit();
    let plain = text.is_ascii();
    let chars = text.chars().count();
    (1..=EMOJI_CHARS_MAX).contains(&chars)
        && !plain
        && text
            .chars()
            .all(|letter| picture(letter) && !letter.is_whitespace())
        && one()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContactId;

    fn file(kind: MediaKind, mime: &str, size: u64) -> SentFile {
        SentFile {
            kind,
            contact: ContactId([1; 16]),
            name: "0".repeat(32).into(),
            mime: mime.into(),
            size,
            caption: None,
            file_name: None,
        }
    }

    #[test]
    fn each_kind_takes_its_own_types_up_to_its_own_size() {
        for (kind, mime, max) in [
            (MediaKind::Image, "image/png", 5 * MB),
            (MediaKind::Video, "video/mp4", 16 * MB),
            (MediaKind::Audio, "audio/mpeg", 16 * MB),
            (MediaKind::Voice, "audio/ogg; codecs=opus", 16 * MB),
            (MediaKind::Document, "application/pdf", 100 * MB),
            (MediaKind::Sticker, "image/webp", 500 * KB),
        ] {
            assert_eq!(file(kind, mime, max).check(), Ok(()), "{mime}");
            let larger = file(kind, mime, max + 1).check();
            assert!(matches!(larger, Err(Misfit::TooLarge { .. })), "{mime}");
            let other = file(kind, "font/ttf", 1).check();
            assert!(matches!(other, Err(Misfit::Type { .. })), "{mime}");
        }
    }

    #[test]
    fn the_kind_is_chosen_by_the_file_and_a_list_of_values_is_a_document() {
        assert_eq!(kind_for("image/jpeg", 1), Some(MediaKind::Image));
        assert_eq!(kind_for("text/csv", 1), Some(MediaKind::Document));
        assert_eq!(kind_for("image/webp", 1), Some(MediaKind::Sticker));
        assert_eq!(kind_for("image/jpeg", 6 * MB), None);
        assert_eq!(kind_for("application/zip", 1), None);
    }

    #[test]
    fn a_reaction_is_one_emoji() {
        let reaction = |emoji: &str| Rich::Reaction {
            message: "wamid.1".into(),
            emoji: Some(emoji.into()),
        };
        for emoji in [
            "👍",
            "👍🏽",
            "❤\u{fe0f}",
            "🇵🇪",
            "👨\u{200d}👩\u{200d}👧",
            "1\u{fe0f}\u{20e3}",
        ] {
            assert_eq!(reaction(emoji).check(), Ok(()), "{emoji}");
        }
        for other in ["", "a", "ok", "👍👍", ":)", "ñ", " 👍"] {
            assert_eq!(reaction(other).check(), Err(Misfit::Emoji), "{other}");
        }
    }

    #[test]
    fn a_place_is_on_the_earth_and_a_card_has_a_number() {
        let place = |latitude, longitude| {
            let place = Location {
                latitude,
                longitude,
                name: None,
                address: None,
                link: None,
            };
            Rich::Location(Box::new(place)).check()
        };
        assert_eq!(place(-12.04, -77.03), Ok(()));
        for (latitude, longitude) in [(90.1, 0.0), (0.0, 180.1), (f64::NAN, 0.0)] {
            assert_eq!(place(latitude, longitude), Err(Misfit::Location));
        }
        let card = |name: &str, phones: &[&str]| {
            let card = Card {
                name: name.into(),
                phones: phones.iter().map(|phone| (*phone).into()).collect(),
                ..Card::default()
            };
            Rich::Card(Box::new(card)).check()
        };
        assert_eq!(card("Mesa de ayuda", &["+51 1 555 0100"]), Ok(()));
        assert_eq!(card("Mesa de ayuda", &[]), Err(Misfit::Card));
        assert_eq!(card(" ", &["+51 1 555 0100"]), Err(Misfit::Card));
    }
}
