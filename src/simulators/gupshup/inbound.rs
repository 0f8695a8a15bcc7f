//! A person writes: the phone side turns what was typed or tapped into the inbound event of both
//! versions (Gupshup, v2 envelope; v3 events).

use std::time::Duration;

use serde_json::{Value, json};

use super::super::meta::inbound::{SentFile, Tap, Typed, TypedError, Written as Place};
use super::super::whatsapp::conversation::Said;
use super::super::whatsapp::wamid;
use super::app::App;
use super::event::{Event, Written};

/// The person with this WhatsApp id writes to the app's number.
pub fn write(app: &App, wa_id: &str, typed: Typed) -> Result<Place, TypedError> {
    let settings = app.settings();
    let now_ms = app.around.clock.now_ms();
    let (two, three) = content(app, wa_id, &typed)?;
    let id = typed
        .id
        .unwrap_or_else(|| wamid::make(wa_id, true, app.around.ids.bits()));
    let name = app.people.with(wa_id, |person| {
        person.wrote_at_ms = Some(now_ms);
        if typed.name.is_some() {
            person.name = typed.name;
        }
        person.name.clone()
    });
    let (kind, shown) = three.clone();
    let n = app.say(wa_id, || Said {
        n: 0,
        from_person: true,
        id: id.clone(),
        kind,
        content: shown,
        context: typed.context_id.clone(),
        status: "sent",
        at_ms: now_ms,
    });
    let referral = typed.message.as_ref().and_then(|raw| raw.get("referral"));
    let written = Written {
        id: id.clone(),
        who: wa_id.to_owned(),
        name: name.unwrap_or_else(|| format!("Contact {wa_id}")),
        at_s: typed.timestamp.unwrap_or(now_ms.div_euclid(1_000)),
        two,
        three,
        // The phone knows WhatsApp's id only; Gupshup's is absent after a week too.
        context: typed.context_id.map(|id| (None, id)),
        referral: referral.cloned(),
    };
    if !settings.opted_out.contains(wa_id) {
        let wait = Duration::from_millis(typed.wait_ms);
        app.courier
            .post(app, Event::Message(Box::new(written)), wait);
    }
    Ok(Place { id, n })
}

type Form = (String, Value);

/// Type and payload of version 2, type and object of version 3.
fn content(app: &App, who: &str, typed: &Typed) -> Result<(Form, Form), TypedError> {
    let form = |kind: &str, content: Value| (kind.to_owned(), content);
    if let Some(file) = &typed.file {
        return Ok((sent(file), file.object()));
    }
    match (
        &typed.text,
        &typed.button_reply,
        &typed.list_reply,
        &typed.message,
    ) {
        (Some(text), None, None, None) => Ok((
            form("text", json!({"text": text})),
            form("text", json!({"body": text})),
        )),
        (None, Some(tap), None, None) => {
            let two = match app.settings().oddities.button_as_quick_reply {
                true => "quick_reply",
                false => "button_reply",
            };
            let reply = json!({"id": tap.id, "title": tap.title});
            Ok((
                form(two, tapped(app, who, tap)),
                form(
                    "interactive",
                    json!({"type": "button_reply", "button_reply": reply}),
                ),
            ))
        }
        (None, None, Some(tap), None) => {
            let mut reply = json!({"id": tap.id, "title": tap.title});
            let mut two = tapped(app, who, tap);
            if let Some(description) = &tap.description {
                reply["description"] = description.as_str().into();
                two["description"] = description.as_str().into();
            }
            Ok((
                form("list_reply", two),
                form(
                    "interactive",
                    json!({"type": "list_reply", "list_reply": reply}),
                ),
            ))
        }
        (None, None, None, Some(raw)) => {
            let kind = raw
                .get("type")
                .and_then(Value::as_str)
                .ok_or(TypedError::Untyped)?;
            let payload = raw.get("payload").cloned().unwrap_or_default();
            let object = raw.get(kind).cloned().unwrap_or_default();
            Ok((form(kind, payload), form(kind, object)))
        }
        _ => Err(TypedError::Kind),
    }
}

/// A file in version 2: its address stands in for its id (Gupshup, v2 envelope).
fn sent(file: &SentFile) -> Form {
    let kind = match file.kind.as_str() {
        "document" => "file",
        "voice" => "audio",
        kind => kind,
    };
    let mut payload = json!({
        "url": file.kept.url, "contentType": file.mime, "urlExpiry": file.kept.expires_ms,
    });
    if let Some(caption) = &file.caption {
        payload["caption"] = caption.as_str().into();
    }
    if let Some(name) = &file.name {
        payload["name"] = name.as_str().into();
    }
    (kind.to_owned(), payload)
}

/// A tap in version 2: the message's own id and the position come with it.
fn tapped(app: &App, who: &str, tap: &Tap) -> Value {
    let asked = app.people.with(who, |person| person.last_with(&tap.id));
    let (msgid, position) = asked.unwrap_or_default();
    json!({
        "title": tap.title, "id": msgid, "reply": format!("{} {position}", tap.title),
        "postbackText": tap.id,
    })
}
