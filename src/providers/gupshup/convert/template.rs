//! Templates in Gupshup's form: its own id and one ordered array of values (Gupshup, template
//! message).

use actors::model::TemplateMessage;

use super::{Ask, digits, encode};
use crate::providers::gupshup::wire::{Linked, Template, TemplateMedia};
use crate::providers::whatsapp::Unsendable;

/// The request for a filled template. Its values are in Gupshup's order already: the header's, the
/// body's, the buttons'.
pub(super) fn ask(message: &TemplateMessage) -> Result<Ask<'_>, Unsendable> {
    if message.provider_id.is_empty() {
        return Err(Unsendable::NoTemplateId);
    }
    let template = Template {
        id: &message.provider_id,
        params: message.values.iter().map(|value| &*value.text).collect(),
    };
    let media = message.media.as_ref().map(|media| {
        let linked = Linked { link: &media.link };
        let when = |kind: &str| (media.kind == kind).then_some(linked);
        encode(&TemplateMedia {
            kind: &media.kind,
            image: when("image"),
            video: when("video"),
            document: when("document"),
        })
    });
    Ok(Ask::Template {
        destination: digits(&message.to)?,
        template: encode(&template),
        message: media,
    })
}

#[cfg(test)]
mod tests {
    use actors::model::{
        Phone, Recipient, TemplateCategory, TemplateMedia, TemplatePlace, TemplateValue,
    };

    use super::*;

    fn message(provider_id: &str) -> TemplateMessage {
        let value = |text: &str| TemplateValue {
            place: TemplatePlace::Body,
            variable: "1".into(),
            text: text.to_owned(),
        };
        TemplateMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("valid")),
            name: "ticket_update".into(),
            language: "es".into(),
            provider_id: provider_id.into(),
            second_id: None,
            category: TemplateCategory::Utility,
            values: vec![value("Ana"), value("#7")],
            media: Some(TemplateMedia {
                kind: "image".into(),
                link: "https://example.com/a.png".into(),
            }),
            text: String::new(),
        }
    }

    #[test]
    fn a_template_goes_by_gupshups_id_with_its_values_in_order() {
        let expected = Ask::Template {
            destination: "51999888777",
            template: r##"{"id":"c6ae","params":["Ana","#7"]}"##.to_owned(),
            message: Some(
                r#"{"type":"image","image":{"link":"https://example.com/a.png"}}"#.to_owned(),
            ),
        };
        assert_eq!(ask(&message("c6ae")), Ok(expected));
        assert_eq!(ask(&message("")), Err(Unsendable::NoTemplateId));
    }
}
