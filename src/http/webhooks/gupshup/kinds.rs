//! The kinds of messages of version 2, from Gupshup's shapes to ours (Gupshup, v2 envelope).
//!
//! Orders, answers of flows, edits and what WhatsApp does not hand on have no documented shape in
//! version 2; they are named and kept as `Content::Other`.

use actors::model::{Content, Media, MediaKind, MessageContext, Millis};
use serde_json::value::RawValue;

use super::wire;
use crate::http::webhooks::meta::kinds::{cards, link, location, name, other, read, referral};
use crate::http::webhooks::meta::parse::{TEXT_BYTES_MAX, cut, short};
use crate::http::webhooks::meta::wire::Text;

/// What a message says. A tap is known by its keys, because its type has two names.
pub(super) fn content(kind: &Text<'_>, payload: Option<&RawValue>) -> Content {
    let kind = &*kind.0;
    let typed = match kind {
        "text" => read::<wire::Said<'_>>(payload).and_then(|said| {
            let words = said.text.some()?;
            Some(Content::Text(cut(words, TEXT_BYTES_MAX).to_owned()))
        }),
        "quick_reply" | "button_reply" => read::<wire::Said<'_>>(payload).and_then(button),
        "list_reply" => read::<wire::Said<'_>>(payload).map(|said| Content::Row {
            id: short(said.postback_text.some().unwrap_or_default()),
            title: short(&said.title.0),
            description: name(&said.description),
        }),
        "image" => media(payload, MediaKind::Image),
        "video" => media(payload, MediaKind::Video),
        "audio" => media(payload, MediaKind::Audio),
        "file" => media(payload, MediaKind::Document),
        "sticker" => media(payload, MediaKind::Sticker),
        "location" => location(payload),
        "contact" => read::<wire::Cards<'_>>(payload).and_then(|found| cards(found.contacts)),
        "reaction" => read::<wire::Reaction<'_>>(payload).and_then(|reaction| {
            Some(Content::Reaction {
                message: name(&reaction.gs_id).or_else(|| name(&reaction.id))?,
                emoji: name(&reaction.emoji),
            })
        }),
        _ => None,
    };
    typed.unwrap_or_else(|| match kind {
        "file" => other("document"),
        kind => other(kind),
    })
}

/// What a message stands in. `gsId` is null for messages older than a week.
pub(super) fn context(message: &wire::Message<'_>) -> Option<Box<MessageContext>> {
    let mut context = MessageContext::default();
    if let Some(told) = read::<wire::Context<'_>>(message.context) {
        let ids = [&told.gs_id, &told.id];
        context.answers = ids.iter().filter_map(|id| name(id)).collect();
        context.forwarded_often = told.frequently_forwarded == Some(true);
        context.forwarded = context.forwarded_often || told.forwarded == Some(true);
    }
    context.referral = referral(message.referral);
    (!context.is_empty()).then(|| Box::new(context))
}

/// Our id of the button came with it; without one its label has to do.
fn button(said: wire::Said<'_>) -> Option<Content> {
    let title = said.title.some().or(said.text.some())?;
    Some(Content::Button {
        id: short(said.postback_text.some().unwrap_or_default()),
        title: short(title),
    })
}

/// Voice notes are sounds of WhatsApp's own codec.
fn media(payload: Option<&RawValue>, kind: MediaKind) -> Option<Content> {
    let object: wire::Media<'_> = read(payload)?;
    let voice = kind == MediaKind::Audio && object.content_type.0.contains("codecs=opus");
    let expires = object.url_expiry.0.parse().ok().map(Millis);
    Some(Content::Media(Box::new(Media {
        kind: match voice {
            true => MediaKind::Voice,
            false => kind,
        },
        id: None,
        link: Some(link(&object.url)?),
        expires,
        mime: short(&object.content_type.0),
        digest: None,
        caption: object
            .caption
            .some()
            .map(|text| cut(text, TEXT_BYTES_MAX).to_owned()),
        file_name: name(&object.name),
    })))
}
