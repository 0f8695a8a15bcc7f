//! Files, places, cards, reactions and answers, as Gupshup takes them (Gupshup, session message).

use actors::model::{Card, MediaKind, Rich, RichMessage, SentFile};
use smol_str::SmolStr;

use super::{Ask, digits, encode, wire};
use crate::providers::whatsapp::{SHORT_TEXT_MAX, TEXT_MAX, Unsendable, fit};

/// What a document is called that came without a name.
const NAMELESS: &str = "document";

/// The request of what needs no file.
pub(super) fn ask(message: &RichMessage) -> Result<Ask<'_>, Unsendable> {
    message.body.check().map_err(Unsendable::Misfit)?;
    let more = wire::More {
        caption: None,
        context: context(message),
    };
    let text;
    let body = match &message.body {
        Rich::Text(said) => {
            text = fit(said, TEXT_MAX)?;
            wire::Message::Text {
                text: &text,
                preview_url: false,
                context: more.context,
            }
        }
        Rich::File(_) => return Err(Unsendable::NoStore),
        Rich::Location(place) => wire::Message::Location {
            latitude: place.latitude,
            longitude: place.longitude,
            name: place.name.as_deref().unwrap_or_default(),
            address: place.address.as_deref().unwrap_or_default(),
            more,
        },
        Rich::Card(card) => wire::Message::Contact {
            contact: contact(card),
            more,
        },
        Rich::Reaction { message, emoji } => wire::Message::Reaction {
            message,
            emoji: emoji.as_deref().unwrap_or_default(),
        },
    };
    Ok(Ask::Message {
        destination: digits(&message.to)?,
        message: encode(&body),
    })
}

/// The request of a message that shows the file Gupshup finds at `url`.
pub(in crate::providers::gupshup) fn file_ask<'a>(
    message: &'a RichMessage,
    file: &SentFile,
    url: &str,
) -> Result<Ask<'a>, Unsendable> {
    file.check().map_err(Unsendable::Misfit)?;
    let caption = file.caption.as_deref();
    let caption = caption.filter(|caption| !caption.trim().is_empty());
    let caption = caption
        .map(|caption| fit(caption, SHORT_TEXT_MAX))
        .transpose()?;
    let more = wire::More {
        caption: caption.as_deref(),
        context: context(message),
    };
    let body = match file.kind {
        MediaKind::Image => wire::Message::Image {
            original_url: url,
            preview_url: url,
            more,
        },
        MediaKind::Video => wire::Message::Video { url, more },
        MediaKind::Audio | MediaKind::Voice => wire::Message::Audio { url, more },
        MediaKind::Document => wire::Message::File {
            url,
            filename: file.file_name.as_deref().unwrap_or(NAMELESS),
            more,
        },
        MediaKind::Sticker => wire::Message::Sticker { url, more },
    };
    Ok(Ask::Message {
        destination: digits(&message.to)?,
        message: encode(&body),
    })
}

fn context(message: &RichMessage) -> Option<wire::Context<'_>> {
    let answers = message.answers.as_ref().map(SmolStr::as_str);
    answers.map(|message| wire::Context { message })
}

fn contact(card: &Card) -> wire::Contact<'_> {
    let phone = |phone| wire::ContactPhone {
        phone,
        kind: "WORK",
    };
    let email = |email| wire::ContactEmail {
        email,
        kind: "WORK",
    };
    wire::Contact {
        name: wire::ContactName {
            formatted_name: &card.name,
            first_name: &card.name,
        },
        phones: card.phones.iter().map(SmolStr::as_str).map(phone).collect(),
        emails: card.emails.iter().map(SmolStr::as_str).map(email).collect(),
        org: card
            .company
            .as_deref()
            .map(|company| wire::Organisation { company }),
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, Location, Phone, Recipient};
    use serde_json::{Value, json};

    use super::*;

    fn message(body: Rich) -> RichMessage {
        RichMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("valid")),
            answers: Some("wamid.A".into()),
            body,
        }
    }

    fn json_of(asked: Result<Ask<'_>, Unsendable>) -> Value {
        let Ok(Ask::Message { message, .. }) = asked else {
            panic!("{asked:?}");
        };
        serde_json::from_str(&message).expect("json")
    }

    #[test]
    fn answers_places_cards_and_reactions_have_their_forms() {
        let answers = json!({"msgId": "wamid.A"});
        let text = message(Rich::Text("Sí".into()));
        assert_eq!(
            json_of(ask(&text)),
            json!({"type": "text", "text": "Sí", "previewUrl": false, "context": answers})
        );
        let place = message(Rich::Location(Box::new(Location {
            latitude: -12.04,
            longitude: -77.03,
            name: Some("Oficina".into()),
            address: None,
            link: None,
        })));
        assert_eq!(
            json_of(ask(&place)),
            json!({"type": "location", "latitude": -12.04, "longitude": -77.03, "name": "Oficina",
                "address": "", "context": answers})
        );
        let card = message(Rich::Card(Box::new(Card {
            name: "Mesa".into(),
            phones: vec!["+51 1 555 0100".into()],
            ..Card::default()
        })));
        assert_eq!(
            json_of(ask(&card))["contact"],
            json!({"name": {"formattedName": "Mesa", "firstName": "Mesa"},
                "phones": [{"phone": "+51 1 555 0100", "type": "WORK"}]})
        );
        let reaction = message(Rich::Reaction {
            message: "wamid.B".into(),
            emoji: Some("👍".into()),
        });
        assert_eq!(
            json_of(ask(&reaction)),
            json!({"type": "reaction", "msgId": "wamid.B", "emoji": "👍"})
        );
    }

    #[test]
    fn a_file_is_named_by_its_address() {
        let file = SentFile {
            kind: MediaKind::Document,
            contact: ContactId([7; 16]),
            name: "0".repeat(32).into(),
            mime: "application/pdf".into(),
            size: 10,
            caption: None,
            file_name: None,
        };
        let message = message(Rich::File(Box::new(file.clone())));
        let url = "https://bot.example/files/x";
        assert_eq!(
            json_of(file_ask(&message, &file, url)),
            json!({"type": "file", "url": url, "filename": "document",
                "context": {"msgId": "wamid.A"}})
        );
        let photo = SentFile {
            kind: MediaKind::Image,
            mime: "image/png".into(),
            caption: Some("Aquí".into()),
            ..file
        };
        assert_eq!(
            json_of(file_ask(&message, &photo, url)),
            json!({"type": "image", "originalUrl": url, "previewUrl": url, "caption": "Aquí",
                "context": {"msgId": "wamid.A"}})
        );
    }
}
