//! Files, places, cards, reactions and answers, as the Cloud API takes them.

use actors::model::{Card, EffectId, MediaKind, Rich, RichMessage, SentFile};
use smol_str::SmolStr;

use super::{encode, outgoing, wire};
use crate::providers::whatsapp::{SHORT_TEXT_MAX, TEXT_MAX, Unsendable, fit};

/// The body of what needs no file.
pub(super) fn body(effect: EffectId, message: &RichMessage) -> Result<Vec<u8>, Unsendable> {
    message.body.check().map_err(Unsendable::Misfit)?;
    let text;
    let body = match &message.body {
        Rich::Text(said) => {
            text = fit(said, TEXT_MAX)?;
            wire::Body::Text {
                text: wire::Text {
                    preview_url: false,
                    body: &text,
                },
            }
        }
        Rich::File(_) => return Err(Unsendable::NoStore),
        Rich::Location(place) => wire::Body::Location {
            location: wire::Location {
                latitude: place.latitude,
                longitude: place.longitude,
                name: place.name.as_deref(),
                address: place.address.as_deref(),
            },
        },
        Rich::Card(card) => wire::Body::Contacts {
            contacts: [contact(card)],
        },
        Rich::Reaction { message, emoji } => wire::Body::Reaction {
            reaction: wire::Reaction {
                message_id: message,
                emoji: emoji.as_deref().unwrap_or_default(),
            },
        },
    };
    Ok(whole(effect, message, body))
}

/// The body of a message that shows the uploaded file `id`.
pub(in crate::providers::meta) fn file_body(
    effect: EffectId,
    message: &RichMessage,
    file: &SentFile,
    id: &str,
) -> Result<Vec<u8>, Unsendable> {
    file.check().map_err(Unsendable::Misfit)?;
    let caption = file.caption.as_deref();
    let caption = caption.filter(|caption| !caption.trim().is_empty());
    let caption = caption
        .map(|caption| fit(caption, SHORT_TEXT_MAX))
        .transpose()?;
    let media = wire::Media {
        id,
        caption: caption.as_deref(),
        filename: None,
        voice: None,
    };
    let body = match file.kind {
        MediaKind::Image => wire::Body::Image { image: media },
        MediaKind::Video => wire::Body::Video { video: media },
        MediaKind::Audio => wire::Body::Audio { audio: media },
        MediaKind::Voice => wire::Body::Audio {
            audio: wire::Media {
                voice: Some(true),
                ..media
            },
        },
        MediaKind::Document => wire::Body::Document {
            document: wire::Media {
                filename: file.file_name.as_deref(),
                ..media
            },
        },
        MediaKind::Sticker => wire::Body::Sticker { sticker: media },
    };
    Ok(whole(effect, message, body))
}

/// A reaction names its message itself; it answers none.
fn whole(effect: EffectId, message: &RichMessage, body: wire::Body<'_>) -> Vec<u8> {
    let answers = message.answers.as_ref().map(SmolStr::as_str);
    let answers = answers.filter(|_| !matches!(body, wire::Body::Reaction { .. }));
    let context = answers.map(|message_id| wire::Context { message_id });
    encode(&wire::Outgoing {
        context,
        ..outgoing(effect, &message.to, body)
    })
}

fn contact(card: &Card) -> wire::Contact<'_> {
    let phone = |phone| wire::ContactPhone {
        phone,
        kind: "WORK",
        wa_id: None,
    };
    let mut phones: Vec<_> = card.phones.iter().map(|own| phone(own.as_str())).collect();
    if let (Some(whatsapp), Some(first)) = (&card.whatsapp, phones.first_mut()) {
        first.wa_id = Some(whatsapp.digits());
    }
    wire::Contact {
        name: wire::ContactName {
            formatted_name: &card.name,
            first_name: &card.name,
        },
        phones,
        emails: card
            .emails
            .iter()
            .map(|email| wire::ContactEmail {
                email,
                kind: "WORK",
            })
            .collect(),
        org: card
            .company
            .as_deref()
            .map(|company| wire::Organisation { company }),
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, IdHash, InSeq, Key, Location, Phone, Recipient};
    use serde_json::{Value, json};

    use super::*;

    fn effect() -> EffectId {
        let key = Key::Contact(ContactId([7; 16]));
        EffectId::derive(key, InSeq(1), IdHash([1; 8]), 0)
    }

    fn message(body: Rich) -> RichMessage {
        RichMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("valid")),
            answers: Some("wamid.A".into()),
            body,
        }
    }

    fn json_of(body: Rich) -> Value {
        let bytes = super::body(effect(), &message(body)).expect("sendable");
        serde_json::from_slice(&bytes).expect("json")
    }

    #[test]
    fn an_answer_names_the_message_it_answers() {
        let body = json_of(Rich::Text("Sí".into()));
        assert_eq!(body["context"], json!({"message_id": "wamid.A"}));
        assert_eq!(body["text"]["body"], "Sí");
    }

    #[test]
    fn a_place_a_card_and_a_reaction_have_their_forms() {
        let place = Location {
            latitude: -12.04,
            longitude: -77.03,
            name: Some("Oficina".into()),
            address: None,
            link: None,
        };
        let body = json_of(Rich::Location(Box::new(place)));
        let expected = json!({"latitude": -12.04, "longitude": -77.03, "name": "Oficina"});
        assert_eq!(body["location"], expected);
        let card = Card {
            name: "Mesa de ayuda".into(),
            phones: vec!["+51 1 555 0100".into()],
            emails: vec!["mesa@example.com".into()],
            company: Some("IT Green".into()),
            whatsapp: None,
        };
        let body = json_of(Rich::Card(Box::new(card)));
        assert_eq!(
            body["contacts"],
            json!([{
                "name": {"formatted_name": "Mesa de ayuda", "first_name": "Mesa de ayuda"},
                "phones": [{"phone": "+51 1 555 0100", "type": "WORK"}],
                "emails": [{"email": "mesa@example.com", "type": "WORK"}],
                "org": {"company": "IT Green"},
            }])
        );
        let body = json_of(Rich::Reaction {
            message: "wamid.B".into(),
            emoji: None,
        });
        assert_eq!(
            body["reaction"],
            json!({"message_id": "wamid.B", "emoji": ""})
        );
        assert_eq!(body.get("context"), None, "it names its message itself");
    }

    #[test]
    fn a_file_is_shown_by_its_id_as_its_kind() {
        let mut file = SentFile {
            kind: MediaKind::Document,
            contact: ContactId([7; 16]),
            name: "0".repeat(32).into(),
            mime: "application/pdf".into(),
            size: 10,
            caption: Some("La guía".into()),
            file_name: Some("guia.pdf".into()),
        };
        let shown = |file: &SentFile| {
            let message = message(Rich::File(Box::new(file.clone())));
            let bytes = file_body(effect(), &message, file, "4711").expect("sendable");
            serde_json::from_slice::<Value>(&bytes).expect("json")
        };
        let body = shown(&file);
        assert_eq!(body["type"], "document");
        assert_eq!(
            body["document"],
            json!({"id": "4711", "caption": "La guía", "filename": "guia.pdf"})
        );
        (file.kind, file.mime, file.caption) = (MediaKind::Voice, "audio/ogg".into(), None);
        assert_eq!(shown(&file)["audio"], json!({"id": "4711", "voice": true}));
        file.kind = MediaKind::Image;
        let refused = file_body(effect(), &message(Rich::Text("x".into())), &file, "1");
        assert!(matches!(refused, Err(Unsendable::Misfit(_))));
    }
}
