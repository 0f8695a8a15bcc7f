//! From our calls to the Cloud API's bodies, within WhatsApp's limits.

mod rich;
mod template;

use actors::model::{Button, Call, EffectId, Recipient, Row};

use super::wire;
use crate::providers::whatsapp::{
    SHORT_TEXT_MAX, TEXT_MAX, Unsendable, check_buttons, check_list, fit,
};
pub(super) use rich::file_body;

/// Room for the body of most messages.
const BODY_BYTES: usize = 512;

/// The JSON body of a call.
pub(super) fn body(effect: EffectId, call: &Call) -> Result<Vec<u8>, Unsendable> {
    match call {
        Call::SendText { to, text } => {
            let text = fit(text, TEXT_MAX)?;
            let body = wire::Body::Text {
                text: wire::Text {
                    preview_url: false,
                    body: &text,
                },
            };
            Ok(encode(&outgoing(effect, to, body)))
        }
        Call::SendButtons { to, text, buttons } => {
            let text = fit(text, SHORT_TEXT_MAX)?;
            let body = wire::Body::Interactive {
                interactive: wire::Interactive {
                    kind: "button",
                    body: wire::InteractiveBody { text: &text },
                    action: wire::Action::Buttons {
                        buttons: reply_buttons(buttons)?,
                    },
                },
            };
            Ok(encode(&outgoing(effect, to, body)))
        }
        Call::SendList {
            to,
            text,
            button,
            rows,
        } => {
            check_list(button, rows)?;
            let text = fit(text, SHORT_TEXT_MAX)?;
            let body = wire::Body::Interactive {
                interactive: wire::Interactive {
                    kind: "list",
                    body: wire::InteractiveBody { text: &text },
                    action: wire::Action::List {
                        button,
                        sections: [wire::Section {
                            title: button,
                            rows: rows.iter().map(list_row).collect(),
                        }],
                    },
                },
            };
            Ok(encode(&outgoing(effect, to, body)))
        }
        Call::MarkRead { message, typing } => Ok(encode(&wire::ReadMark {
            messaging_product: "whatsapp",
            status: "read",
            message_id: message,
            typing_indicator: typing.then_some(wire::Typing { kind: "text" }),
        })),
        Call::SendTemplate(message) => {
            let body = wire::Body::Template {
                template: template::of(message),
            };
            Ok(encode(&outgoing(effect, &message.to, body)))
        }
        Call::SendRich(message) => rich::body(effect, message),
        Call::OpenTicket(_)
        | Call::AskTickets(_)
        | Call::ChangeTicket(_)
        | Call::LinkRequester(_)
        | Call::FetchMedia(_)
        | Call::AttachFile(_)
        | Call::Tell { .. }
        | Call::ReportConsent { .. } => Err(Unsendable::Foreign(call.name())),
    }
}

fn outgoing<'a>(effect: EffectId, to: &'a Recipient, body: wire::Body<'a>) -> wire::Outgoing<'a> {
    let (to, recipient) = match to {
        Recipient::Phone(phone) => (Some(phone.digits()), None),
        Recipient::UserId(id) => (None, Some(id.as_str())),
    };
    wire::Outgoing {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        recipient,
        body,
        context: None,
        biz_opaque_callback_data: effect.to_string(),
    }
}

fn list_row(row: &Row) -> wire::Row<'_> {
    wire::Row {
        id: &row.id,
        title: &row.title,
        description: &row.description,
    }
}

fn reply_buttons(buttons: &[Button]) -> Result<Vec<wire::Button<'_>>, Unsendable> {
    check_buttons(buttons)?;
    let replies = buttons.iter().map(|Button { id, title }| wire::Button {
        kind: "reply",
        reply: wire::ReplyButton { id, title },
    });
    Ok(replies.collect())
}

fn encode(body: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BODY_BYTES);
    serde_json::to_writer(&mut bytes, body)
        .expect("these shapes have string keys and no failing serialiser");
    bytes
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, IdHash, InSeq, Key, Phone};
    use serde_json::{Value, json};

    use super::*;

    fn effect() -> EffectId {
        EffectId::derive(
            Key::Contact(ContactId([7; 16])),
            InSeq(1),
            IdHash([1; 8]),
            0,
        )
    }

    fn to_phone() -> Recipient {
        Recipient::Phone(Phone::parse("51999888777").expect("valid"))
    }

    fn buttons(titles: &[&str]) -> Call {
        let button = |title: &&str| Button {
            id: format!("id-{title}").into(),
            title: (*title).into(),
        };
        Call::SendButtons {
            to: to_phone(),
            text: "¿Confirma?".into(),
            buttons: titles.iter().map(button).collect(),
        }
    }

    fn json_of(call: &Call) -> Value {
        let body = body(effect(), call).expect("sendable");
        serde_json::from_slice(&body).expect("json")
    }

    #[test]
    fn a_list_has_one_titled_section() {
        let row = |id: &str, description: &str| Row {
            id: id.into(),
            title: "Mis tickets".into(),
            description: description.into(),
        };
        let call = Call::SendList {
            to: to_phone(),
            text: "¿Qué necesita?".into(),
            button: "Opciones".into(),
            rows: vec![row("menu.mine", "Los abiertos"), row("menu.report", "")],
        };
        assert_eq!(
            json_of(&call)["interactive"],
            json!({
                "type": "list", "body": {"text": "¿Qué necesita?"},
                "action": {"button": "Opciones", "sections": [{"title": "Opciones", "rows": [
                    {"id": "menu.mine", "title": "Mis tickets", "description": "Los abiertos"},
                    {"id": "menu.report", "title": "Mis tickets"},
                ]}]},
            })
        );
    }

    #[test]
    fn a_text_carries_its_effect_id() {
        let call = Call::SendText {
            to: to_phone(),
            text: "Hola".into(),
        };
        assert_eq!(
            json_of(&call),
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual",
                "to": "51999888777", "type": "text",
                "text": {"preview_url": false, "body": "Hola"},
                "biz_opaque_callback_data": effect().to_string(),
            })
        );
    }

    #[test]
    fn a_user_id_goes_into_recipient_and_never_into_to() {
        let call = Call::SendText {
            to: Recipient::UserId("US.13491208655302741918".into()),
            text: "Hola".into(),
        };
        let body = json_of(&call);
        assert_eq!(body["recipient"], "US.13491208655302741918");
        assert_eq!(body.get("to"), None);
    }

    #[test]
    fn reply_buttons_have_the_interactive_form() {
        let body = json_of(&buttons(&["Sí", "No"]));
        assert_eq!(body["type"], "interactive");
        assert_eq!(body["interactive"]["type"], "button");
        assert_eq!(
            body["interactive"]["action"]["buttons"][0],
            json!({"type": "reply", "reply": {"id": "id-Sí", "title": "Sí"}})
        );
    }

    #[test]
    fn a_read_mark_shows_typing_only_when_asked() {
        let mark = |typing| {
            json_of(&Call::MarkRead {
                message: "wamid.A".into(),
                typing,
            })
        };
        let plain = json!({
            "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A",
        });
        assert_eq!(mark(false), plain);
        assert_eq!(mark(true)["typing_indicator"], json!({"type": "text"}));
    }

    #[test]
    fn buttons_that_meta_would_refuse_are_errors() {
        let refused = |titles: &[&str]| body(effect(), &buttons(titles)).expect_err("refused");
        assert_eq!(refused(&[]), Unsendable::ButtonCount);
        assert_eq!(refused(&["a", "b", "c", "d"]), Unsendable::ButtonCount);
        assert_eq!(refused(&["123456789012345678901"]), Unsendable::ButtonTitle);
        assert_eq!(refused(&["a", "a"]), Unsendable::ButtonTwice);
        assert_eq!(refused(&[" a", "b "]), Unsendable::ButtonId);
    }
}
