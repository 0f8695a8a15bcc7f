//! What a person sent, as facts of a timeline's line.

use actors::model::{Content, Media, MessageContext};
use serde_json::{Value, json};

/// Adds the facts of a message; gives the sentence about it.
pub(super) fn content(content: &Content, facts: &mut Value) -> &'static str {
    facts["content"] = content.kind().into();
    match content {
        Content::Text(text) => {
            facts["text"] = text.as_str().into();
            "the person wrote"
        }
        Content::Button { id, title } => {
            facts["text"] = title.as_str().into();
            facts["button"] = id.as_str().into();
            "the person pressed a button"
        }
        Content::Row { id, title, .. } => {
            facts["text"] = title.as_str().into();
            facts["row"] = id.as_str().into();
            "the person chose a row of a list"
        }
        Content::Media(file) => {
            media(file, facts);
            "the person sent a file"
        }
        Content::Location(place) => {
            facts["latitude"] = place.latitude.into();
            facts["longitude"] = place.longitude.into();
            facts["text"] = place.name.as_deref().or(place.address.as_deref()).into();
            "the person sent a place"
        }
        Content::Cards(cards) => {
            let cards = cards.iter();
            facts["cards"] = cards
                .map(|card| json!({"name": card.name, "phones": card.phones}))
                .collect();
            "the person sent contacts"
        }
        Content::Reaction { message, emoji } => {
            facts["message"] = message.as_str().into();
            facts["text"] = emoji.as_deref().into();
            match emoji {
                Some(_) => "the person reacted to a message",
                None => "the person took a reaction back",
            }
        }
        Content::Edited { message, content } => {
            let mut now = json!({});
            self::content(content, &mut now);
            facts["message"] = message.as_str().into();
            facts["now"] = now;
            "the person wrote a message anew"
        }
        Content::Revoked { message } => {
            facts["message"] = message.as_str().into();
            "the person took a message back"
        }
        Content::Order(order) => {
            let items = order.items.iter();
            facts["items"] = items
                .map(|item| json!({"product": item.product, "quantity": item.quantity}))
                .collect();
            "the person ordered"
        }
        Content::Form { name, answers } => {
            facts["form"] = name.as_str().into();
            facts["text"] = answers.as_str().into();
            "the person filled in a form"
        }
        Content::Changed { what, .. } => {
            facts["what"] = what.as_str().into();
            "the person's number or user id changed"
        }
        Content::Unsupported { kind, code } => {
            facts["what"] = kind.as_deref().into();
            facts["code"] = (*code).into();
            "the person sent something that WhatsApp does not hand on"
        }
        Content::Other { .. } => "the person sent something this release does not read",
    }
}

/// Adds what a message stands in.
pub(super) fn context(context: &MessageContext, facts: &mut Value) {
    if let Some(answered) = context.answers.first() {
        facts["answers"] = answered.as_str().into();
    }
    if context.forwarded {
        facts["forwarded"] = true.into();
    }
    if let Some(referral) = &context.referral {
        facts["referral"] = json!({"kind": referral.kind, "id": referral.id});
    }
}

fn media(file: &Media, facts: &mut Value) {
    facts["mime"] = file.mime.as_str().into();
    if let Some(caption) = &file.caption {
        facts["text"] = caption.as_str().into();
    }
    if let Some(name) = &file.file_name {
        facts["file"] = name.as_str().into();
    }
}
