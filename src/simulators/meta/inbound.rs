//! A person writes: the phone side turns what was typed or tapped into the inbound message of
//! the sheet and hands it to the courier (WhatsApp Cloud API, inbound messages).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::super::whatsapp::conversation::Said;
use super::super::whatsapp::wamid;
use super::line::Line;
use super::media::KeptFile;
use super::sending::conversation_key;
use super::webhook::Update;

/// Body of `POST /_phone/{channel}/{wa_id}/messages`: one of `text`, `button_reply`,
/// `list_reply` and `message`, the rest optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Typed {
    /// A plain text.
    pub text: Option<String>,
    /// A tap on a reply button.
    pub button_reply: Option<Tap>,
    /// A tap on a list row.
    pub list_reply: Option<Tap>,
    /// Any other inbound message: `type` and the object of that name; copied as it is.
    pub message: Option<Map<String, Value>>,
    /// A file that the provider keeps already.
    #[serde(skip)]
    pub file: Option<SentFile>,
    /// `value.errors[]` beside a `message` that lacks its body.
    pub errors: Option<Value>,
    /// Id of the message this answers.
    pub context_id: Option<String>,
    /// Message id; made up when absent. The same id twice is a duplicate on purpose.
    pub id: Option<String>,
    /// Seconds since 1970; now when absent.
    pub timestamp: Option<i64>,
    /// Profile name, kept for later messages.
    pub name: Option<String>,
    /// Leaves `contacts` out, as system messages do.
    pub without_contact: bool,
    /// Milliseconds until the webhook leaves.
    pub wait_ms: u64,
}

/// A file on its way from a phone.
#[derive(Debug)]
pub struct SentFile {
    /// `image`, `video`, `audio`, `voice`, `document` or `sticker`.
    pub kind: String,
    /// Its media type.
    pub mime: String,
    /// What the person wrote below it.
    pub caption: Option<String>,
    /// Its name, of documents.
    pub name: Option<String>,
    /// Where it is kept.
    pub kept: KeptFile,
}

impl SentFile {
    /// The message's type and the object of that name. A voice note is an audio that says so.
    pub fn object(&self) -> (String, Value) {
        let kind = match self.kind.as_str() {
            "voice" => "audio",
            kind => kind,
        };
        let mut object = json!({
            "id": self.kept.id, "mime_type": self.mime, "sha256": self.kept.sha256,
        });
        if self.kind == "voice" {
            object["voice"] = true.into();
        }
        if let Some(caption) = &self.caption {
            object["caption"] = caption.as_str().into();
        }
        if let Some(name) = &self.name {
            object["filename"] = name.as_str().into();
        }
        if let Some(url) = &self.kept.url {
            object["url"] = url.as_str().into();
        }
        (kind.to_owned(), object)
    }
}

/// A tapped button or row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// Developer's id.
    pub id: String,
    /// What the person saw.
    pub title: String,
    /// Second line of a list row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What was wrong with the typed body.
#[derive(Debug, Error)]
pub enum TypedError {
    /// None or several of the four kinds.
    #[error("give exactly one of text, button_reply, list_reply and message")]
    Kind,
    /// A raw message without its type.
    #[error("message needs a type")]
    Untyped,
    /// 80 messages a second are used up.
    #[error("the number's messages a second are used up")]
    Throughput,
}

/// Where a written message stands.
#[derive(Debug)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// Its position in the conversation.
    pub n: u64,
}

/// The person with this WhatsApp id writes to the number.
pub fn write(line: &Line, wa_id: &str, typed: Typed) -> Result<Written, TypedError> {
    let settings = line.settings();
    let (kind, content) = content(&typed)?;
    let now_ms = line.around.clock.now_ms();
    if !line.throughput.take(now_ms, settings.mps) {
        return Err(TypedError::Throughput);
    }
    let who = conversation_key(&settings, wa_id);
    let hidden = settings.hidden.contains(wa_id);
    let user_id = settings.user_ids.get(wa_id);
    let id = typed
        .id
        .unwrap_or_else(|| wamid::make(&who, true, line.around.ids.bits()));

    let mut message = json!({
        "id": id,
        "timestamp": typed.timestamp.unwrap_or(now_ms.div_euclid(1000)).to_string(),
        "type": kind,
    });
    if !content.is_null() {
        message[&kind] = content.clone();
    }
    if let Some(context_id) = &typed.context_id {
        message["context"] = json!({"from": settings.display_phone_number, "id": context_id});
    }
    for (key, value) in typed.message.into_iter().flatten() {
        message[key] = value;
    }
    if !hidden {
        message["from"] = wa_id.into();
    }
    if let Some(user_id) = user_id {
        message["from_user_id"] = user_id.as_str().into();
    }

    let name = line.people.with(&who, |person| {
        person.wrote_at_ms = Some(now_ms);
        if typed.name.is_some() {
            person.name = typed.name;
        }
        person.name.clone()
    });
    let mut contact =
        json!({"profile": {"name": name.unwrap_or_else(|| format!("Contact {wa_id}"))}});
    if !hidden {
        contact["wa_id"] = wa_id.into();
    }
    if let Some(user_id) = user_id {
        contact["user_id"] = user_id.as_str().into();
    }

    let n = line.say(&who, || Said {
        n: 0,
        from_person: true,
        id: id.clone(),
        kind,
        content,
        context: typed.context_id,
        status: "sent",
        at_ms: now_ms,
    });
    let contact = (!typed.without_contact).then_some(contact);
    let update = Update::Message {
        who,
        message,
        contact,
        errors: typed.errors,
    };
    line.courier
        .post(line, update, Duration::from_millis(typed.wait_ms));
    Ok(Written { id, n })
}

fn content(typed: &Typed) -> Result<(String, Value), TypedError> {
    if let Some(file) = &typed.file {
        return Ok(file.object());
    }
    match (
        &typed.text,
        &typed.button_reply,
        &typed.list_reply,
        &typed.message,
    ) {
        (Some(text), None, None, None) => Ok(("text".to_owned(), json!({"body": text}))),
        (None, Some(tap), None, None) => {
            let reply = json!({"id": tap.id, "title": tap.title});
            Ok((
                "interactive".to_owned(),
                json!({"type": "button_reply", "button_reply": reply}),
            ))
        }
        (None, None, Some(tap), None) => {
            let mut reply = json!({"id": tap.id, "title": tap.title});
            if let Some(description) = &tap.description {
                reply["description"] = description.as_str().into();
            }
            Ok((
                "interactive".to_owned(),
                json!({"type": "list_reply", "list_reply": reply}),
            ))
        }
        (None, None, None, Some(message)) => {
            let kind = message
                .get("type")
                .and_then(Value::as_str)
                .ok_or(TypedError::Untyped)?;
            Ok((
                kind.to_owned(),
                message.get(kind).cloned().unwrap_or_default(),
            ))
        }
        _ => Err(TypedError::Kind),
    }
}
