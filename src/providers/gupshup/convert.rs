//! From our calls to Gupshup's requests, within WhatsApp's limits.

mod rich;
mod template;

use actors::model::{Button, Call, EffectId, Recipient, Row};

use super::wire;
use crate::providers::whatsapp::{
    SHORT_TEXT_MAX, TEXT_MAX, Unsendable, check_buttons, check_list, fit,
};
pub(super) use rich::file_ask;

/// What a call asks Gupshup for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask<'a> {
    /// Send the JSON of the form field `message` to these digits.
    Message {
        destination: &'a str,
        message: String,
    },
    /// Send a template: the JSON of the form fields `template` and, for a medium, `message`.
    Template {
        destination: &'a str,
        template: String,
        message: Option<String>,
    },
    /// Tell that this person may be written to.
    OptIn { user: &'a str },
    /// Mark the message with this id read. The typing sign belongs to the partner API.
    Read { message: &'a str },
}

/// The request of a call.
pub(super) fn ask(effect: EffectId, call: &Call) -> Result<Ask<'_>, Unsendable> {
    match call {
        Call::SendText { to, text } => {
            let text = fit(text, TEXT_MAX)?;
            let message = wire::Message::Text {
                text: &text,
                preview_url: false,
                context: None,
            };
            Ok(Ask::Message {
                destination: digits(to)?,
                message: encode(&message),
            })
        }
        Call::SendButtons { to, text, buttons } => {
            check_buttons(buttons)?;
            let text = fit(text, SHORT_TEXT_MAX)?;
            let message = wire::Message::QuickReply {
                msgid: effect.to_string(),
                content: wire::Content {
                    kind: "text",
                    text: &text,
                },
                options: buttons.iter().map(choice).collect(),
            };
            Ok(Ask::Message {
                destination: digits(to)?,
                message: encode(&message),
            })
        }
        Call::SendList {
            to,
            text,
            button,
            rows,
        } => {
            check_list(button, rows)?;
            let text = fit(text, SHORT_TEXT_MAX)?;
            let message = wire::Message::List {
                msgid: effect.to_string(),
                title: button,
                body: &text,
                buttons: [wire::Label {
                    kind: "text",
                    title: button,
                }],
                items: [wire::Items {
                    title: button,
                    options: rows.iter().map(item).collect(),
                }],
            };
            Ok(Ask::Message {
                destination: digits(to)?,
                message: encode(&message),
            })
        }
        Call::MarkRead { message, .. } => Ok(Ask::Read { message }),
        Call::SendTemplate(template) => template::ask(template),
        Call::ReportConsent { to } => Ok(Ask::OptIn { user: digits(to)? }),
        Call::SendRich(message) => rich::ask(message),
        Call::OpenTicket(_)
        | Call::AskTickets(_)
        | Call::ChangeTicket(_)
        | Call::LinkRequester(_)
        | Call::FetchMedia(_)
        | Call::AttachFile(_)
        | Call::Tell { .. } => Err(Unsendable::Foreign(call.name())),
    }
}

fn choice(button: &Button) -> wire::Choice<'_> {
    wire::Choice {
        kind: "text",
        title: &button.title,
        postback_text: &button.id,
    }
}

fn item(row: &Row) -> wire::Item<'_> {
    wire::Item {
        kind: "text",
        title: &row.title,
        description: &row.description,
        postback_text: &row.id,
    }
}

/// The self-serve API takes numbers only.
fn digits(to: &Recipient) -> Result<&str, Unsendable> {
    match to {
        Recipient::Phone(phone) => Ok(phone.digits()),
        Recipient::UserId(_) => Err(Unsendable::NoNumber),
    }
}

fn encode(message: &impl serde::Serialize) -> String {
    serde_json::to_string(message).expect("these shapes have string keys and no failing serialiser")
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

    fn message_of(call: &Call) -> Value {
        let Ok(Ask::Message {
            destination,
            message,
        }) = ask(effect(), call)
        else {
            panic!("{}", call.name());
        };
        assert_eq!(destination, "51999888777");
        serde_json::from_str(&message).expect("json")
    }

    #[test]
    fn a_text_is_a_text_without_preview() {
        let call = Call::SendText {
            to: to_phone(),
            text: "Hola".into(),
        };
        let expected = json!({"type": "text", "text": "Hola", "previewUrl": false});
        assert_eq!(message_of(&call), expected);
    }

    #[test]
    fn buttons_are_quick_replies_that_bring_our_ids_back() {
        let call = Call::SendButtons {
            to: to_phone(),
            text: "¿Confirma?".into(),
            buttons: vec![Button {
                id: "confirm:1".into(),
                title: "Sí".into(),
            }],
        };
        assert_eq!(
            message_of(&call),
            json!({
                "type": "quick_reply", "msgid": effect().to_string(),
                "content": {"type": "text", "text": "¿Confirma?"},
                "options": [{"type": "text", "title": "Sí", "postbackText": "confirm:1"}],
            })
        );
    }

    #[test]
    fn a_list_brings_the_ids_of_its_rows_back() {
        let call = Call::SendList {
            to: to_phone(),
            text: "¿Cuál?".into(),
            button: "Ver tickets".into(),
            rows: vec![Row {
                id: "ticket.state:7".into(),
                title: "#TK-2025-000007".into(),
                description: "Nuevo".into(),
            }],
        };
        assert_eq!(
            message_of(&call),
            json!({
                "type": "list", "msgid": effect().to_string(), "title": "Ver tickets",
                "body": "¿Cuál?", "globalButtons": [{"type": "text", "title": "Ver tickets"}],
                "items": [{"title": "Ver tickets", "options": [{
                    "type": "text", "title": "#TK-2025-000007", "description": "Nuevo",
                    "postbackText": "ticket.state:7",
                }]}],
            })
        );
    }

    #[test]
    fn a_person_without_a_number_cannot_be_written_to() {
        let call = Call::SendText {
            to: Recipient::UserId("US.13491208655302741918".into()),
            text: "Hola".into(),
        };
        assert_eq!(ask(effect(), &call), Err(Unsendable::NoNumber));
    }
}
