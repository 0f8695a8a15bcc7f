//! Every kind of message of both providers, as typed values.

use actors::model::{
    Card, ChannelId, Content, IdentityKey, Inbound, Location, Media, MediaKind, Message,
    MessageContext, Millis, Name, Order, OrderItem, Phone, Referral,
};
use bytes::Bytes;
use chasqui::http::webhooks::{gupshup, meta};
use ring::hmac;
use serde_json::Value;

const RECEIVED: Millis = Millis(1_750_857_390_123);
const LINK: &str = "https://filemanager.gupshup.io/wa/82ed/wa/media/u?download=false";

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    std::fs::read(format!("{folder}/{name}.json")).expect("a fixture")
}

fn name(text: &str) -> Name {
    Name::new(text).expect("valid")
}

fn messages(batch: meta::Batch) -> Vec<Message> {
    assert_eq!(batch.unplaced, []);
    let messages = batch.events.into_iter().map(|event| match event.body {
        Inbound::Message(message) => message,
        other => panic!("no message: {other:?}"),
    });
    messages.collect()
}

/// What Meta's body of this name holds.
fn of_meta(fixture_name: &str) -> Vec<Message> {
    let body = fixture(&format!("meta/{fixture_name}"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    let signature = format!("sha256={}", hex::encode(hmac::sign(&key, &body)));
    let secret = meta::AppSecret::new("secret").expect("not empty");
    let verified = meta::verify(&secret, Some(signature.as_bytes()), Bytes::from(body));
    let line = meta::Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-meta")),
        phone_number_id: "106540352242922".into(),
        second: false,
        messages: "meta/106540352242922".into(),
    };
    let identities = IdentityKey::new(&[1; 32]);
    let batch = meta::read(
        &verified.expect("signed here"),
        &line,
        &identities,
        RECEIVED,
    );
    messages(batch.expect("JSON"))
}

/// What a body of Gupshup's holds.
fn of_gupshup(body: &Value) -> Vec<Message> {
    let line = gupshup::Line {
        tenant: name("demo"),
        channel: ChannelId::of(&name("demo"), &name("demo-gupshup")),
        app: "DemoApp".into(),
        app_id: "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
        second: false,
        messages: "gupshup/82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into(),
    };
    let secret = gupshup::PathSecret::new("demo-secret");
    let body = Bytes::from(body.to_string());
    let verified = gupshup::verify(&secret, "demo-secret", body).expect("the secret");
    let identities = IdentityKey::new(&[1; 32]);
    messages(gupshup::read(&verified, &line, &identities, RECEIVED).expect("JSON"))
}

fn media(kind: MediaKind, id: &str, mime: &str, digest: &str) -> Media {
    Media {
        kind,
        id: Some(id.into()),
        link: None,
        expires: None,
        mime: mime.into(),
        digest: Some(digest.into()),
        caption: None,
        file_name: None,
    }
}

fn file(media: Media) -> Content {
    Content::Media(Box::new(media))
}

fn lima(link: Option<&str>, address: Option<&str>) -> Content {
    Content::Location(Box::new(Location {
        latitude: -12.04,
        longitude: -77.03,
        name: Some("Lima".into()),
        address: address.map(Into::into),
        link: link.map(Into::into),
    }))
}

fn metas_kinds() -> Vec<Content> {
    use MediaKind::{Audio, Document, Image, Sticker, Video, Voice};
    let about = |emoji: Option<&str>| Content::Reaction {
        message: "wamid.X".into(),
        emoji: emoji.map(Into::into),
    };
    let button = |id: &str| Content::Button {
        id: id.into(),
        title: "Sí".into(),
    };
    let other = |kind: &str| Content::Other { kind: kind.into() };
    vec![
        file(Media {
            link: Some("https://lookaside.fbsbx.com/x".into()),
            caption: Some("la pantalla".into()),
            ..media(Image, "1003383421387256", "image/jpeg", "s1=")
        }),
        file(media(Video, "2", "video/mp4", "s2=")),
        file(media(Voice, "3", "audio/ogg; codecs=opus", "s3=")),
        file(media(Audio, "4", "audio/mpeg", "s4=")),
        file(Media {
            caption: Some("factura".into()),
            file_name: Some("a.pdf".into()),
            ..media(Document, "5", "application/pdf", "s5=")
        }),
        file(media(Sticker, "6", "image/webp", "s6=")),
        lima(Some("https://lima.example"), Some("Centro")),
        Content::Cards(vec![Card {
            name: "L G".into(),
            phones: vec!["+1 (983) 555-2319".into()],
            whatsapp: Phone::parse("19835552319").ok(),
            emails: vec!["l@example.com".into()],
            company: Some("ACME".into()),
        }]),
        Content::Row {
            id: "row1".into(),
            title: "Impresora".into(),
            description: Some("HP".into()),
        },
        button("confirm"),
        Content::Form {
            name: "flow".into(),
            answers: "{\"x\":\"1\"}".into(),
        },
        button("YES_123"),
        about(Some("👍")),
        about(None),
        Content::Order(Box::new(Order {
            catalogue: "194836987003835".into(),
            words: Some("para hoy".into()),
            items: vec![OrderItem {
                product: "SKU".into(),
                quantity: 2,
                price: "30.5".into(),
                currency: "USD".into(),
            }],
        })),
        Content::Changed {
            what: "user_changed_number".into(),
            words: "User A changed".into(),
        },
        Content::Unsupported {
            kind: Some("poll".into()),
            code: 131_051,
        },
        Content::Edited {
            message: "wamid.X".into(),
            content: Box::new(Content::Text("corregido".into())),
        },
        Content::Revoked {
            message: "wamid.X".into(),
        },
        other("hologram"),
        other("image"),
    ]
}

#[test]
fn every_kind_of_metas_is_typed_and_the_rest_is_named() {
    let found = of_meta("kinds").into_iter().map(|message| message.content);
    for (index, (found, expected)) in found.zip(metas_kinds()).enumerate() {
        assert_eq!(found, expected, "message {index}");
    }
    assert_eq!(of_meta("kinds").len(), metas_kinds().len());
}

#[test]
fn gupshup_passes_metas_kinds_on() {
    let mut body: Value = serde_json::from_slice(&fixture("meta/kinds")).expect("JSON");
    body["gs_app_id"] = "82ed0d6c-5a1b-4c55-9f1d-3c2f0e8a7b10".into();
    let found = of_gupshup(&body).into_iter().map(|message| message.content);
    assert_eq!(found.collect::<Vec<_>>(), metas_kinds());
}

#[test]
fn every_kind_of_gupshups_own_is_typed_and_the_rest_is_named() {
    use MediaKind::{Document, Image, Sticker, Video, Voice};
    let bodies: Vec<Value> = serde_json::from_slice(&fixture("gupshup/v2_kinds")).expect("JSON");
    let linked = |kind, mime: &str| Media {
        id: None,
        link: Some(LINK.into()),
        expires: Some(Millis(1_718_612_000_000)),
        digest: None,
        ..media(kind, "", mime, "")
    };
    let about = |message: &str, emoji: Option<&str>| Content::Reaction {
        message: message.into(),
        emoji: emoji.map(Into::into),
    };
    let other = |kind: &str| Content::Other { kind: kind.into() };
    let expected = [
        file(Media {
            caption: Some("la pantalla".into()),
            ..linked(Image, "image/jpeg")
        }),
        file(linked(Video, "video/mp4")),
        file(linked(Voice, "audio/ogg; codecs=opus")),
        file(Media {
            file_name: Some("a.pdf".into()),
            ..linked(Document, "application/pdf")
        }),
        file(Media {
            expires: None,
            ..linked(Sticker, "image/webp")
        }),
        lima(None, None),
        Content::Cards(vec![Card {
            name: "L G".into(),
            phones: vec!["+1 (983) 555-2319".into()],
            ..Card::default()
        }]),
        Content::Row {
            id: "row_2".into(),
            title: "Impresora".into(),
            description: Some("No imprime".into()),
        },
        about("gs-x", Some("👍")),
        about("wamid.X", None),
        other("order"),
        other("image"),
    ];
    assert_eq!(bodies.len(), expected.len());
    for (body, expected) in bodies.iter().zip(expected) {
        assert_eq!(of_gupshup(body)[0].content, expected, "{body}");
    }
}

#[test]
fn what_a_message_answers_and_where_it_came_from_is_kept() {
    let found = of_meta("contexts")
        .into_iter()
        .map(|message| message.context);
    let context = |change: fn(&mut MessageContext)| {
        let mut context = MessageContext::default();
        change(&mut context);
        Some(Box::new(context))
    };
    let expected = [
        context(|c| c.answers = vec!["wamid.Q".into()]),
        context(|c| c.forwarded = true),
        context(|c| (c.forwarded, c.forwarded_often) = (true, true)),
        context(|c| {
            c.answers = vec!["wamid.Q".into()];
            c.product = Some("SKU".into());
        }),
        None,
        context(|c| {
            c.referral = Some(Referral {
                kind: "ad".into(),
                id: "123".into(),
                link: "https://fb.me/x".into(),
                headline: "Soporte".into(),
                text: "Escríbanos".into(),
                click: Some("click".into()),
            });
        }),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);

    let bodies: Vec<Value> = serde_json::from_slice(&fixture("gupshup/v2_kinds")).expect("JSON");
    let context = |index: usize| of_gupshup(&bodies[index])[0].context.clone().expect("one");
    assert_eq!(context(0).referral.expect("an ad").id, "123");
    assert_eq!(context(1).answers, ["gs-q", "gBEG"], "Gupshup's id first");
    assert!(context(1).forwarded);
    let three: Value = serde_json::from_slice(&fixture("gupshup/v3_text")).expect("JSON");
    let found = of_gupshup(&three)[0].context.clone().expect("one");
    assert_eq!(found.answers.len(), 3);
    assert!(
        found.answers[0].starts_with("ee4a68a0"),
        "Gupshup's id first"
    );
}
