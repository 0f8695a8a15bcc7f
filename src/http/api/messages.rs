//! What an operator sends a person: a text, a file, a place, contact cards or a reaction, also as an
//! answer to one of their messages.
//!
//! A file is uploaded first and then named; the same upload can be sent again. What WhatsApp would
//! not take is refused here, with the limit in words, before anything is on record.

use actors::journal::media::Reading;
use actors::model::{
    Card, ContactId, Kept, Location, MediaKind, Misfit, Rich, SentFile, Wish, kind_for,
};
use serde::Deserialize;
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::command::{Command, Commanded, Ordered};
use super::contacts::known;
use crate::http::ApiError;

/// Cards of one command.
const CARDS_MAX: usize = 10;
/// Characters of a provider's message id.
const MESSAGE_CHARS_MAX: usize = 512;
/// A sticker that does not move (WhatsApp Cloud API, media).
const STILL_STICKER_BYTES_MAX: u64 = 100 * 1_024;
const STICKER_PIXELS: u32 = 512;

/// A message as it is ordered: one of `text`, `media`, `location`, `contacts`, `reaction`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    text: Option<String>,
    media: Option<FileOrder>,
    location: Option<Place>,
    contacts: Option<Vec<CardOrder>>,
    reaction: Option<ReactionOrder>,
    reply_to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOrder {
    name: String,
    kind: Option<String>,
    caption: Option<String>,
    file_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    latitude: f64,
    longitude: f64,
    name: Option<SmolStr>,
    address: Option<SmolStr>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardOrder {
    name: SmolStr,
    phones: Vec<SmolStr>,
    #[serde(default)]
    emails: Vec<SmolStr>,
    company: Option<SmolStr>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReactionOrder {
    message: String,
    emoji: Option<SmolStr>,
}

/// The schema of the body.
pub fn schema() -> Value {
    let text = || json!({"type": "string"});
    let object = |required: &[&str], properties: Value| {
        json!({
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": false,
        })
    };
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let one = |name: &str| json!({"required": [name]});
    let mut schema = object(
        &["id", "by"],
        json!({
            "id": text(),
            "by": text(),
            "text": {
                "type": "string",
                "maxLength": 12_288,
                "description": "Longer than 4,096 characters it leaves in several messages.",
            },
            "media": object(&["name"], json!({
                "name": {"type": "string", "description": "As the upload of the file gave it."},
                "kind": {"enum": ["image", "document", "audio", "voice", "video", "sticker"]},
                "caption": text(),
                "file_name": text(),
            })),
            "location": object(&["latitude", "longitude"], json!({
                "latitude": {"type": "number", "minimum": -90, "maximum": 90},
                "longitude": {"type": "number", "minimum": -180, "maximum": 180},
                "name": text(),
                "address": text(),
            })),
            "contacts": {
                "type": "array",
                "minItems": 1,
                "maxItems": CARDS_MAX,
                "items": object(&["name", "phones"], json!({
                    "name": text(),
                    "phones": texts(),
                    "emails": texts(),
                    "company": text(),
                })),
            },
            "reaction": object(&["message"], json!({
                "message": {"type": "string", "description": "The provider's id of the message."},
                "emoji": {"type": "string", "description": "Without it the reaction is taken away."},
            })),
            "reply_to": {
                "type": "string",
                "description": "The provider's id of the person's message that this answers.",
            },
        }),
    );
    schema["oneOf"] = ["text", "media", "location", "contacts", "reaction"]
        .map(one)
        .into_iter()
        .collect();
    schema
}

/// `POST /api/v1/contacts/{id}/messages`: a message to the person. A conversation that the bot has
/// is taken over with it.
pub async fn message(Ordered(command, order): Ordered<Order>) -> Commanded {
    let wish = wished(&command, order).await?;
    command.give(wish).await
}

async fn wished(command: &Command, order: Order) -> Result<Wish, ApiError> {
    let answers = order.reply_to.map(|id| message_id(id, "reply_to"));
    let answers = answers.transpose()?;
    let wanted = (
        order.text,
        order.media,
        order.location,
        order.contacts,
        order.reaction,
    );
    let bodies = match wanted {
        (Some(text), None, None, None, None) => match answers {
            None => return Ok(Wish::Say { text }),
            Some(_) => vec![Rich::Text(text)],
        },
        (None, Some(file), None, None, None) => {
            vec![file_of(command, file).await?]
        }
        (None, None, Some(place), None, None) => vec![Rich::Location(Box::new(Location {
            latitude: place.latitude,
            longitude: place.longitude,
            name: place.name,
            address: place.address,
            link: None,
        }))],
        (None, None, None, Some(cards), None) => {
            if !(1..=CARDS_MAX).contains(&cards.len()) {
                return Err(ApiError::Parameter {
                    name: "contacts",
                    expected: "1 to 10 cards",
                });
            }
            cards.into_iter().map(card).collect()
        }
        (None, None, None, None, Some(reaction)) => vec![Rich::Reaction {
            message: message_id(reaction.message, "reaction.message")?,
            emoji: reaction.emoji.filter(|emoji| !emoji.is_empty()),
        }],
        _ => {
            return Err(ApiError::Unreadable {
                expected: "exactly one of text, media, location, contacts, reaction",
            });
        }
    };
    for body in &bodies {
        body.check().map_err(unfit)?;
    }
    Ok(Wish::Send { answers, bodies })
}

fn card(order: CardOrder) -> Rich {
    Rich::Card(Box::new(Card {
        name: order.name,
        phones: order.phones,
        whatsapp: None,
        emails: order.emails,
        company: order.company,
    }))
}

fn message_id(id: String, name: &'static str) -> Result<SmolStr, ApiError> {
    let fits = (1..=MESSAGE_CHARS_MAX).contains(&id.chars().count());
    let plain = id.chars().all(|c| c.is_ascii_graphic());
    (fits && plain)
        .then(|| id.into())
        .ok_or(ApiError::Parameter {
            name,
            expected: "the provider's id of a message, as the timeline shows it",
        })
}

/// What WhatsApp would not take.
pub(super) fn unfit(misfit: Misfit) -> ApiError {
    ApiError::Unacceptable {
        code: "unfit",
        reason: misfit.to_string(),
    }
}

fn kind_of(word: &str) -> Option<MediaKind> {
    let kinds = [
        MediaKind::Image,
        MediaKind::Document,
        MediaKind::Audio,
        MediaKind::Voice,
        MediaKind::Video,
        MediaKind::Sticker,
    ];
    kinds.into_iter().find(|kind| kind.name() == word)
}

async fn file_of(command: &Command, order: FileOrder) -> Result<Rich, ApiError> {
    let Command { edge, caller, .. } = command;
    let (contact, state, _) = known(edge, caller, &command.contact).await?;
    let missing = ApiError::NotFound { what: "file" };
    let reading = edge.core.media(contact, order.name.clone()).await;
    let reading = reading.map_err(|error| {
        tracing::error!(%error, %contact, "a file could not be read");
        ApiError::Internal
    })?;
    let own = |reading: &Reading| state.tenant.as_ref().is_some_and(|own| reading.is_of(own));
    let reading = reading.filter(own).ok_or(missing)?;
    let kept = reading.kept().clone();
    let asked = match order.kind.as_deref() {
        Some(word) => Some(kind_of(word).ok_or(ApiError::Parameter {
            name: "media.kind",
            expected: "image, document, audio, voice, video or sticker",
        })?),
        None => None,
    };
    let Some(kind) = asked.or_else(|| kind_for(&kept.mime, kept.size)) else {
        return Err(not_taken());
    };
    if kind == MediaKind::Sticker {
        check_sticker(reading, &kept).await?;
    }
    Ok(Rich::File(Box::new(sent(contact, kind, &kept, order))))
}

fn sent(contact: ContactId, kind: MediaKind, kept: &Kept, order: FileOrder) -> SentFile {
    SentFile {
        kind,
        contact,
        name: kept.name.clone(),
        mime: kept.mime.clone(),
        size: kept.size,
        caption: order.caption.filter(|caption| !caption.trim().is_empty()),
        file_name: order.file_name.map(|name| name.trim().into()),
    }
}

/// A file that WhatsApp takes as nothing.
pub(super) fn not_taken() -> ApiError {
    ApiError::Unacceptable {
        code: "unfit",
        reason:
            "WhatsApp takes JPEG and PNG of at most 5 MB, sounds (AAC, AMR, MP3, MP4, OGG) and \
            films (MP4, 3GPP) of at most 16 MB, stickers (WebP) of at most 500 KB, and documents \
            (text, PDF, Word, Excel, PowerPoint); this file is none of them"
                .to_owned(),
    }
}

/// A sticker is 512 by 512 pixels, and small unless it moves.
async fn check_sticker(reading: Reading, kept: &Kept) -> Result<(), ApiError> {
    let mut reading = reading;
    let head = tokio::task::spawn_blocking(move || reading.next_chunk()).await;
    let head = head.ok().and_then(Result::ok).flatten();
    let shape = head.as_deref().and_then(webp);
    let wrong = |reason: &str| ApiError::Unacceptable {
        code: "unfit",
        reason: reason.to_owned(),
    };
    match shape {
        Some(shape) if !shape.moves && kept.size > STILL_STICKER_BYTES_MAX => {
            Err(wrong("a sticker that does not move has at most 100 KB"))
        }
        Some(shape) if (shape.width, shape.height) == (STICKER_PIXELS, STICKER_PIXELS) => Ok(()),
        _ => Err(wrong("a sticker is a WebP of 512 by 512 pixels")),
    }
}

/// What the head of a WebP says (RFC 9649).
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    width: u32,
    height: u32,
    moves: bool,
}

fn webp(bytes: &[u8]) -> Option<Shape> {
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    let still = |width, height| Shape {
        width,
        height,
        moves: false,
    };
    match bytes.get(12..16)? {
        b"VP8X" => {
            let three = |at| Some(byte(at)? | byte(at + 1)? << 8 | byte(at + 2)? << 16);
            Some(Shape {
                width: three(24)? + 1,
                height: three(27)? + 1,
                moves: byte(20)? & 0b10 != 0,
            })
        }
        b"VP8L" => {
            let bits = byte(21)? | byte(22)? << 8 | byte(23)? << 16 | byte(24)? << 24;
            Some(still((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            let two = |at| Some((byte(at)? | byte(at + 1)? << 8) & 0x3fff);
            Some(still(two(26)?, two(28)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_sticker_is_read_from_each_form_of_webp() {
        let mut extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
        extended.extend_from_slice(&[0b10, 0, 0, 0, 0xff, 1, 0, 0xff, 1, 0]);
        let moving = Shape {
            width: 512,
            height: 512,
            moves: true,
        };
        assert_eq!(webp(&extended), Some(moving));
        let mut lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".to_vec();
        lossless.extend_from_slice(&(511_u32 | 511 << 14).to_le_bytes());
        let still = || Shape {
            width: 512,
            height: 512,
            moves: false,
        };
        assert_eq!(webp(&lossless), Some(still()));
        let mut lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a".to_vec();
        lossy.extend_from_slice(&[0, 2, 0, 2]);
        assert_eq!(webp(&lossy), Some(still()));
        assert_eq!(webp(b"RIFF"), None);
    }
}
