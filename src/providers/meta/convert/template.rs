//! Templates in Meta's form: values by component, named ones with their names (WhatsApp Cloud API,
//! sending).

use actors::model::{TemplateMedia, TemplateMessage, TemplatePlace, TemplateValue};

use super::wire::{Component, Language, Linked, Parameter, Template};

/// The object of a filled template.
pub(super) fn of(message: &TemplateMessage) -> Template<'_> {
    let of_place = |place: TemplatePlace| -> Vec<Parameter<'_>> {
        let here = message.values.iter().filter(|value| value.place == place);
        here.map(text).collect()
    };
    let mut components = Vec::new();
    let header = match &message.media {
        Some(media) => vec![medium(media)],
        None => of_place(TemplatePlace::Header),
    };
    components.extend(component("header", header));
    components.extend(component("body", of_place(TemplatePlace::Body)));
    let buttons = message.values.iter().filter_map(|value| match value.place {
        TemplatePlace::Button(index) => Some(Component {
            kind: "button",
            sub_type: Some("url"),
            index: Some(index.to_string()),
            parameters: vec![Parameter {
                parameter_name: None,
                ..text(value)
            }],
        }),
        TemplatePlace::Header | TemplatePlace::Body => None,
    });
    components.extend(buttons);
    Template {
        name: &message.name,
        language: Language {
            code: &message.language,
        },
        components,
    }
}

fn component<'a>(kind: &'static str, parameters: Vec<Parameter<'a>>) -> Option<Component<'a>> {
    (!parameters.is_empty()).then_some(Component {
        kind,
        sub_type: None,
        index: None,
        parameters,
    })
}

fn text(value: &TemplateValue) -> Parameter<'_> {
    let numbered = value.variable.bytes().all(|byte| byte.is_ascii_digit());
    Parameter {
        kind: "text",
        parameter_name: (!numbered).then_some(value.variable.as_str()),
        text: Some(&value.text),
        image: None,
        video: None,
        document: None,
    }
}

fn medium(media: &TemplateMedia) -> Parameter<'_> {
    let linked = Linked { link: &media.link };
    let when = |kind: &str| (media.kind == kind).then_some(linked);
    Parameter {
        kind: &media.kind,
        parameter_name: None,
        text: None,
        image: when("image"),
        video: when("video"),
        document: when("document"),
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{Phone, Recipient, TemplateCategory};
    use serde_json::json;

    use super::*;

    fn value(place: TemplatePlace, variable: &str, text: &str) -> TemplateValue {
        TemplateValue {
            place,
            variable: variable.into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn values_stand_in_their_components_and_named_ones_say_their_names() {
        use TemplatePlace::{Body, Button, Header};
        let message = TemplateMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("valid")),
            name: "order_update".into(),
            language: "es_MX".into(),
            provider_id: "".into(),
            second_id: None,
            category: TemplateCategory::Utility,
            values: vec![
                value(Header, "1", "7"),
                value(Body, "1", "Ana"),
                value(Body, "order", "123"),
                value(Button(1), "1", "track/123"),
            ],
            media: None,
            text: String::new(),
        };
        let text = |text| json!({"type": "text", "text": text});
        let named = json!({"type": "text", "parameter_name": "order", "text": "123"});
        let expected = json!({
            "name": "order_update", "language": {"code": "es_MX"}, "components": [
                {"type": "header", "parameters": [text("7")]},
                {"type": "body", "parameters": [text("Ana"), named]},
                {"type": "button", "sub_type": "url", "index": "1", "parameters": [text("track/123")]},
            ],
        });
        assert_eq!(serde_json::to_value(of(&message)).expect("json"), expected);
        let with_image = TemplateMessage {
            values: Vec::new(),
            media: Some(TemplateMedia {
                kind: "image".into(),
                link: "https://example.com/a.png".into(),
            }),
            ..message
        };
        let image = json!({"type": "image", "image": {"link": "https://example.com/a.png"}});
        let object = serde_json::to_value(of(&with_image)).expect("json");
        assert_eq!(object["components"][0]["parameters"][0], image);
    }
}
