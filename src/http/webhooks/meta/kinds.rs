//! The kinds of messages, from Meta's shapes to ours (WhatsApp Cloud API, inbound messages).
//!
//! Each object is read on its own when its kind is known, so that one odd object costs only itself:
//! a kind without a readable body is named and kept as [`Content::Other`]. Gupshup's version 3
//! carries the same shapes.

mod wire;

use actors::model::{
    Card, Content, ITEMS_MAX, Location, Media, MediaKind, MessageContext, Order, OrderItem, Phone,
    Referral,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::parse::{TEXT_BYTES_MAX, cut, short};
use super::wire::{Message, Text};

/// Addresses are cut to this; longer ones are none of the provider's.
const LINK_CHARS_MAX: usize = 2_000;

/// A message's objects, each raw until its kind is known.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Objects<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    image: Option<&'a RawValue>,
    #[serde(borrow)]
    video: Option<&'a RawValue>,
    #[serde(borrow)]
    audio: Option<&'a RawValue>,
    #[serde(borrow)]
    document: Option<&'a RawValue>,
    #[serde(borrow)]
    sticker: Option<&'a RawValue>,
    #[serde(borrow)]
    location: Option<&'a RawValue>,
    #[serde(borrow)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    interactive: Option<&'a RawValue>,
    #[serde(borrow)]
    button: Option<&'a RawValue>,
    #[serde(borrow)]
    reaction: Option<&'a RawValue>,
    #[serde(borrow)]
    order: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    unsupported: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    #[serde(borrow)]
    edit: Option<&'a RawValue>,
    #[serde(borrow)]
    revoke: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    referral: Option<&'a RawValue>,
}

/// What a message says, and what it stands in. Of a text everything is at hand; any other kind is
/// read once more.
pub(super) fn told_by(
    message: &Message<'_>,
    raw: &RawValue,
) -> (Content, Option<Box<MessageContext>>) {
    if message.kind.0 != "text" {
        return told(raw);
    }
    let objects = Objects {
        kind: message.kind.clone(),
        text: message.text,
        context: message.context,
        referral: message.referral,
        ..Objects::default()
    };
    (said(&objects, true), context(&objects))
}

/// What a message says, and what it stands in.
pub(in crate::http::webhooks) fn told(raw: &RawValue) -> (Content, Option<Box<MessageContext>>) {
    match serde_json::from_str::<Objects<'_>>(raw.get()) {
        Ok(objects) => (said(&objects, true), context(&objects)),
        Err(_) => (other("unknown"), None),
    }
}

fn context(objects: &Objects<'_>) -> Option<Box<MessageContext>> {
    let mut context = MessageContext::default();
    if let Some(told) = read::<wire::Context<'_>>(objects.context) {
        // In Gupshup's version 3 `id` is neither's id of the message.
        let ids = [&told.gs_id, &told.meta_msg_id, &told.id];
        context.answers = ids.iter().filter_map(|id| id.some()).map(short).collect();
        context.forwarded_often = told.frequently_forwarded == Some(true);
        context.forwarded = context.forwarded_often || told.forwarded == Some(true);
        let product = told.referred_product.as_ref();
        context.product = product.and_then(|of| name(&of.product_retailer_id));
    }
    context.referral = referral(objects.referral);
    (!context.is_empty()).then(|| Box::new(context))
}

/// The ad or post in a raw `referral`.
pub(in crate::http::webhooks) fn referral(raw: Option<&RawValue>) -> Option<Referral> {
    let told: wire::Referral<'_> = read(raw)?;
    Some(Referral {
        kind: short(&told.source_type.0),
        id: short(&told.source_id.0),
        link: link(&told.source_url).unwrap_or_default().into(),
        headline: short(&told.headline.0),
        text: cut(&told.body.0, TEXT_BYTES_MAX).to_owned(),
        click: name(&told.ctwa_clid),
    })
}

fn said(objects: &Objects<'_>, whole: bool) -> Content {
    let kind = &*objects.kind.0;
    let typed = match kind {
        "text" => read::<wire::Body<'_>>(objects.text).and_then(|text| {
            let words = text.body.some()?;
            Some(Content::Text(cut(words, TEXT_BYTES_MAX).to_owned()))
        }),
        "image" => media(objects.image, MediaKind::Image),
        "video" => media(objects.video, MediaKind::Video),
        "audio" => media(objects.audio, MediaKind::Audio),
        "document" => media(objects.document, MediaKind::Document),
        "sticker" => media(objects.sticker, MediaKind::Sticker),
        "location" => location(objects.location),
        "contacts" => cards(objects.contacts),
        "interactive" => return interactive(objects.interactive),
        "button" => {
            read::<wire::TemplateButton<'_>>(objects.button).map(|button| Content::Button {
                id: short(&button.payload.0),
                title: short(&button.text.0),
            })
        }
        "reaction" => read::<wire::Reaction<'_>>(objects.reaction).and_then(|reaction| {
            Some(Content::Reaction {
                message: name(&reaction.message_id)?,
                emoji: name(&reaction.emoji),
            })
        }),
        "order" => order(objects.order),
        "system" => read::<wire::Change<'_>>(objects.system).map(|system| Content::Changed {
            what: short(&system.kind.0),
            words: cut(&system.body.0, TEXT_BYTES_MAX).to_owned(),
        }),
        // Older captures say `unknown`.
        "unsupported" | "unknown" => Some(unsupported(objects)),
        "edit" if whole => read::<wire::Edit<'_>>(objects.edit).and_then(edited),
        "revoke" => read::<wire::Revoke<'_>>(objects.revoke).and_then(|revoke| {
            Some(Content::Revoked {
                message: name(&revoke.original_message_id)?,
            })
        }),
        _ => None,
    };
    typed.unwrap_or_else(|| other(kind))
}

/// A kind that has a name only.
pub(in crate::http::webhooks) fn other(kind: &str) -> Content {
    let kind = match kind {
        "" => "unknown",
        kind => kind,
    };
    Content::Other { kind: short(kind) }
}

/// An object, unless it is missing or of another shape.
pub(in crate::http::webhooks) fn read<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// A short text that is not empty.
pub(in crate::http::webhooks) fn name(text: &Text<'_>) -> Option<SmolStr> {
    text.some().map(short)
}

/// A web address.
pub(in crate::http::webhooks) fn link(text: &Text<'_>) -> Option<String> {
    let link = text.some()?;
    (link.chars().count() <= LINK_CHARS_MAX).then(|| link.to_owned())
}

/// A number, written as one or as a text.
pub(in crate::http::webhooks) fn decimal(raw: Option<&RawValue>) -> Option<f64> {
    let number: f64 = raw?.get().trim_matches('"').parse().ok()?;
    number.is_finite().then_some(number)
}

fn media(raw: Option<&RawValue>, kind: MediaKind) -> Option<Content> {
    let object: wire::Media<'_> = read(raw)?;
    let (id, link) = (name(&object.id), link(&object.url));
    if id.is_none() && link.is_none() {
        return None;
    }
    Some(Content::Media(Box::new(Media {
        kind: match object.voice == Some(true) && kind == MediaKind::Audio {
            true => MediaKind::Voice,
            false => kind,
        },
        id,
        link,
        expires: None,
        mime: short(&object.mime_type.0),
        digest: name(&object.sha256),
        caption: object
            .caption
            .some()
            .map(|text| cut(text, TEXT_BYTES_MAX).to_owned()),
        file_name: name(&object.filename),
    })))
}

/// A place, in either provider's shape.
pub(in crate::http::webhooks) fn location(raw: Option<&RawValue>) -> Option<Content> {
    let object: wire::Location<'_> = read(raw)?;
    Some(Content::Location(Box::new(Location {
        latitude: decimal(object.latitude)?,
        longitude: decimal(object.longitude)?,
        name: name(&object.name),
        address: name(&object.address),
        link: link(&object.url).map(SmolStr::from),
    })))
}

/// Cards, in either provider's shape.
pub(in crate::http::webhooks) fn cards(raw: Option<&RawValue>) -> Option<Content> {
    let cards: Vec<&RawValue> = read(raw)?;
    let cards: Vec<Card> = cards
        .into_iter()
        .filter_map(|raw| read(Some(raw)))
        .map(card)
        .take(ITEMS_MAX)
        .collect();
    (!cards.is_empty()).then_some(Content::Cards(cards))
}

fn card(card: wire::Card<'_>) -> Card {
    let phones = card.phones.as_deref().unwrap_or_default();
    let numbers = phones.iter().filter_map(|phone| name(&phone.phone));
    let whatsapp = phones
        .iter()
        .find_map(|phone| Phone::parse(&phone.wa_id.0).ok());
    let emails = card.emails.as_deref().unwrap_or_default();
    let named = card.name.unwrap_or_default();
    Card {
        name: name(&named.formatted_name)
            .or_else(|| name(&named.first_name))
            .unwrap_or_default(),
        phones: numbers.take(ITEMS_MAX).collect(),
        whatsapp,
        emails: emails
            .iter()
            .filter_map(|mail| name(&mail.email))
            .take(ITEMS_MAX)
            .collect(),
        company: card.org.and_then(|org| name(&org.company)),
    }
}

fn interactive(raw: Option<&RawValue>) -> Content {
    let object: wire::Interactive<'_> = read(raw).unwrap_or_default();
    let typed = match &*object.kind.0 {
        "button_reply" => {
            read::<wire::Choice<'_>>(object.button_reply).map(|choice| Content::Button {
                id: short(&choice.id.0),
                title: short(&choice.title.0),
            })
        }
        "list_reply" => read::<wire::Choice<'_>>(object.list_reply).map(|choice| Content::Row {
            id: short(&choice.id.0),
            title: short(&choice.title.0),
            description: name(&choice.description),
        }),
        "nfm_reply" => read::<wire::Form<'_>>(object.nfm_reply).map(|form| Content::Form {
            name: short(&form.name.0),
            answers: cut(&form.response_json.0, TEXT_BYTES_MAX).to_owned(),
        }),
        _ => None,
    };
    typed.unwrap_or_else(|| other(object.kind.some().unwrap_or("interactive")))
}

fn order(raw: Option<&RawValue>) -> Option<Content> {
    let order: wire::Order<'_> = read(raw)?;
    let items = order.product_items.unwrap_or_default().into_iter();
    let items = items.filter_map(|raw| read::<wire::Item<'_>>(Some(raw)));
    let items = items.map(|item| OrderItem {
        product: short(&item.product_retailer_id.0),
        quantity: item.quantity.number().unwrap_or(0),
        price: match decimal(item.item_price) {
            Some(_) => short(
                item.item_price
                    .map_or("", |raw| raw.get())
                    .trim_matches('"'),
            ),
            None => SmolStr::default(),
        },
        currency: short(&item.currency.0),
    });
    Some(Content::Order(Box::new(Order {
        catalogue: short(&order.catalog_id.0),
        words: order
            .text
            .some()
            .map(|text| cut(text, TEXT_BYTES_MAX).to_owned()),
        items: items.take(ITEMS_MAX).collect(),
    })))
}

fn unsupported(objects: &Objects<'_>) -> Content {
    let told: wire::Unsupported<'_> = read(objects.unsupported).unwrap_or_default();
    let errors: Vec<wire::Coded<'_>> = read(objects.errors).unwrap_or_default();
    let code = errors.first().and_then(|error| error.code.number());
    Content::Unsupported {
        kind: name(&told.kind),
        code: code.unwrap_or(0),
    }
}

/// An edit of an edit is none of WhatsApp's.
fn edited(edit: wire::Edit<'_>) -> Option<Content> {
    let message = name(&edit.original_message_id)?;
    let objects: Objects<'_> = read(edit.message).unwrap_or_default();
    Some(Content::Edited {
        message,
        content: Box::new(said(&objects, false)),
    })
}
