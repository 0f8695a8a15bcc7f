//! From our calls to the Cloud API's bodies, within its limits (WhatsApp Cloud API, length and
//! count limits).
//!
//! A text that is too long is cut where people see it; buttons that Meta would refuse are an error,
//! because cutting a label or an id would change what pressing it means.

use std::borrow::Cow;

use actors::model::{Button, Call, EffectId, Recipient};

use super::wire;

/// Characters of a text message.
const TEXT_MAX: usize = 4096;
/// Characters of the text above reply buttons.
const BUTTON_TEXT_MAX: usize = 1024;
const BUTTONS_MAX: usize = 3;
const BUTTON_TITLE_MAX: usize = 20;
const BUTTON_ID_MAX: usize = 256;
/// How far back a cut looks for the end of a word.
const WORD_MAX: usize = 30;

/// A call that cannot be put to the Cloud API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsendable {
    #[error("the text is empty")]
    EmptyText,
    #[error("a message takes 1 to 3 reply buttons")]
    ButtonCount,
    #[error("a button title takes 1 to 20 characters")]
    ButtonTitle,
    #[error("a button id takes 1 to 256 characters without space at either end")]
    ButtonId,
    #[error("two buttons have the same title or id")]
    ButtonTwice,
    #[error("WhatsApp cannot do {0}")]
    Foreign(&'static str),
}

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
            let text = fit(text, BUTTON_TEXT_MAX)?;
            let body = wire::Body::Interactive {
                interactive: wire::Interactive {
                    kind: "button",
                    body: wire::InteractiveBody { text: &text },
                    action: wire::Action {
                        buttons: reply_buttons(buttons)?,
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
        Call::OpenTicket(_) | Call::Tell { .. } => Err(Unsendable::Foreign(call.name())),
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
        biz_opaque_callback_data: effect.to_string(),
    }
}

fn reply_buttons(buttons: &[Button]) -> Result<Vec<wire::Button<'_>>, Unsendable> {
    if !(1..=BUTTONS_MAX).contains(&buttons.len()) {
        return Err(Unsendable::ButtonCount);
    }
    for (index, button) in buttons.iter().enumerate() {
        if button.title.trim().is_empty() || button.title.chars().count() > BUTTON_TITLE_MAX {
            return Err(Unsendable::ButtonTitle);
        }
        let id_fits = (1..=BUTTON_ID_MAX).contains(&button.id.chars().count());
        if !id_fits || button.id.trim() != button.id {
            return Err(Unsendable::ButtonId);
        }
        let same = |other: &Button| other.title == button.title || other.id == button.id;
        if buttons[..index].iter().any(same) {
            return Err(Unsendable::ButtonTwice);
        }
    }
    let replies = buttons.iter().map(|Button { id, title }| wire::Button {
        kind: "reply",
        reply: wire::ReplyButton { id, title },
    });
    Ok(replies.collect())
}

/// `text` if it has at most `max` characters, otherwise its beginning up to a word's end and `…`.
fn fit(text: &str, max: usize) -> Result<Cow<'_, str>, Unsendable> {
    if text.trim().is_empty() {
        return Err(Unsendable::EmptyText);
    }
    let Some((cut, _)) = text.char_indices().nth(max - 1) else {
        return Ok(Cow::Borrowed(text));
    };
    if text[cut..].chars().nth(1).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let kept = &text[..cut];
    let kept = match kept.rfind(char::is_whitespace) {
        Some(space) if kept[space..].chars().count() <= WORD_MAX => kept[..space].trim_end(),
        _ => kept.trim_end_matches('\u{200d}'),
    };
    Ok(Cow::Owned(format!("{kept}…")))
}

fn encode(body: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("these shapes have string keys and no failing serialiser")
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, IdHash, InSeq, Key, Phone};
    use proptest::prelude::*;
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

    #[test]
    fn a_long_text_ends_at_a_word_with_an_ellipsis() {
        let words = "palabra ".repeat(600);
        let fitted = fit(&words, TEXT_MAX).expect("not empty");
        assert!(fitted.ends_with("palabra…") && fitted.chars().count() <= TEXT_MAX);
        let exact = "x".repeat(TEXT_MAX);
        assert_eq!(fit(&exact, TEXT_MAX).expect("not empty"), exact);
        assert_eq!(fit(" \n", TEXT_MAX), Err(Unsendable::EmptyText));
    }

    proptest! {
        #[test]
        fn no_text_leaves_longer_than_allowed(text in "(?s)\\PC{0,60}[a-zñ\u{1f600} \\n]{0,60}") {
            if let Ok(fitted) = fit(&text, 40) {
                prop_assert!(fitted.chars().count() <= 40);
                prop_assert!(text.chars().count() > 40 || fitted == text);
            }
        }
    }
}
