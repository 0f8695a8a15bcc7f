//! `POST /{phone_number_id}/messages`: checks, limits, the answer, and the statuses that
//! follow (WhatsApp Cloud API, sending; rate limits; service window).
//!
//! A closed window and a number that is not on WhatsApp are not refused: the send is
//! accepted and fails by status, as with Meta.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::exchange::Reply;
use super::super::whatsapp::conversation::Said;
use super::super::whatsapp::wamid;
use super::checks;
use super::errors::Refusal;
use super::line::Line;
use super::settings::{LineSettings, Template};
use super::webhook::{Sent, Status, Update};

/// How long an answer is held back when a status shall overtake it.
const OVERTAKEN: Duration = Duration::from_millis(60);

/// Sends a message or marks one as read.
pub fn post(line: &Line, body: &Value) -> Result<Reply, Refusal> {
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Err(Refusal::new(
            100,
            "The parameter messaging_product is required.",
        ));
    }
    match body.get("status").and_then(Value::as_str) {
        Some("read") => read_mark(line, body),
        Some(other) => Err(Refusal::new(131009, format!("Status {other} is not valid"))),
        None => send(line, body),
    }
}

/// Whom a message is for.
struct Addressee {
    /// Conversation key.
    who: String,
    /// What the request named.
    input: String,
    wa_id: Option<String>,
    user_id: Option<String>,
    /// The request named a user id.
    by_user_id: bool,
}

/// What an accepted message is answered with.
#[derive(Serialize)]
struct Answer<'a> {
    messaging_product: &'static str,
    contacts: [Contact<'a>; 1],
    messages: [Message<'a>; 1],
}

#[derive(Serialize)]
struct Contact<'a> {
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_status: Option<&'static str>,
}

fn send(line: &Line, body: &Value) -> Result<Reply, Refusal> {
    let settings = line.settings();
    let to = addressee(&settings, body)?;
    let (kind, template) = checks::message(body, &settings)?;
    take_limits(line, &settings, &to)?;

    let id = wamid::make(&to.who, false, line.around.ids.bits());
    line.say(&to.who, || said(line, body, kind, &id));
    let overtaken = announce(line, &settings, &to, &id, body, template);
    let answer = Answer {
        messaging_product: "whatsapp",
        contacts: [Contact {
            input: &to.input,
            wa_id: to.wa_id.as_deref().filter(|_| !to.by_user_id),
            user_id: to.user_id.as_deref().filter(|_| to.by_user_id),
        }],
        messages: [Message {
            id: &id,
            message_status: template.map(|_| "accepted"),
        }],
    };
    let mut reply = Reply::json(200, &answer);
    if overtaken {
        reply.hold = OVERTAKEN;
    }
    Ok(reply)
}

fn addressee(settings: &LineSettings, body: &Value) -> Result<Addressee, Refusal> {
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if let Some(input) = text("to") {
        let digits: String = input.chars().filter(char::is_ascii_digit).collect();
        if !(5..=20).contains(&digits.len()) {
            return Err(Refusal::new(
                131009,
                format!("Phone number {input} is not valid"),
            ));
        }
        if digits == settings.display_phone_number {
            return Err(Refusal::new(
                131021,
                "Recipient phone number is the sender's own",
            ));
        }
        let wa_id = settings.wa_ids.get(&digits).cloned().unwrap_or(digits);
        return Ok(Addressee {
            who: conversation_key(settings, &wa_id),
            input: input.to_owned(),
            user_id: settings.user_ids.get(&wa_id).cloned(),
            wa_id: Some(wa_id),
            by_user_id: false,
        });
    }
    let Some(user_id) = text("recipient") else {
        return Err(Refusal::new(131008, "The parameter to is required."));
    };
    let wa_id = settings
        .user_ids
        .iter()
        .find(|(_, id)| *id == user_id)
        .map(|(wa_id, _)| wa_id);
    let wa_id = wa_id
        .filter(|wa_id| !settings.hidden.contains(*wa_id))
        .cloned();
    Ok(Addressee {
        who: wa_id.clone().unwrap_or_else(|| user_id.to_owned()),
        input: user_id.to_owned(),
        wa_id,
        user_id: Some(user_id.to_owned()),
        by_user_id: true,
    })
}

/// Conversations are kept by WhatsApp id, those of hidden numbers by user id.
pub(super) fn conversation_key(settings: &LineSettings, wa_id: &str) -> String {
    let user_id = settings
        .user_ids
        .get(wa_id)
        .filter(|_| settings.hidden.contains(wa_id));
    user_id.map_or(wa_id, String::as_str).to_owned()
}

fn take_limits(line: &Line, settings: &LineSettings, to: &Addressee) -> Result<(), Refusal> {
    let now_ms = line.around.clock.now_ms();
    if !line.throughput.take(now_ms, settings.mps) {
        return Err(Refusal::new(
            130429,
            "Message failed to send because there were too many messages sent from this phone number in a short period of time",
        ));
    }
    if settings.pair_limit {
        let taken = line.people.with(&to.who, |person| person.pair.take(now_ms));
        taken.map_err(|_| Refusal::new(131056, "Message failed to send because there were too many messages sent from this phone number to the same recipient in a short period of time"))?;
    }
    Ok(())
}

fn said(line: &Line, body: &Value, kind: &str, id: &str) -> Said {
    let context = body.pointer("/context/message_id").and_then(Value::as_str);
    Said {
        n: 0,
        from_person: false,
        id: id.to_owned(),
        kind: kind.to_owned(),
        content: body.get(kind).cloned().unwrap_or_default(),
        context: context.map(str::to_owned),
        status: "accepted",
        at_ms: line.around.clock.now_ms(),
    }
}

/// Queues the statuses of an accepted message; true when the first shall overtake the answer.
fn announce(
    line: &Line,
    settings: &LineSettings,
    to: &Addressee,
    id: &str,
    body: &Value,
    template: Option<&Template>,
) -> bool {
    if !settings.statuses.enabled {
        return false;
    }
    let exists = to.wa_id.as_ref().is_none_or(|wa_id| settings.exists(wa_id))
        && !to
            .user_id
            .as_ref()
            .is_some_and(|user_id| settings.unknown.contains(user_id));
    let error = if !exists {
        Some((131026, "Message undeliverable."))
    } else if template.is_none() && !line.window_open(&to.who) {
        Some((
            131047,
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        ))
    } else {
        None
    };
    let callback_data = body.get("biz_opaque_callback_data").and_then(Value::as_str);
    let sent = Arc::new(Sent {
        who: to.who.clone(),
        id: id.to_owned(),
        wa_id: to.wa_id.clone(),
        user_id: to.user_id.clone(),
        callback_data: callback_data.map(str::to_owned),
        error,
        category: template.map_or_else(|| "service".to_owned(), |row| row.category.to_lowercase()),
    });
    let status = |status, priced| {
        Update::Status(Status {
            sent: Arc::clone(&sent),
            status,
            priced,
        })
    };
    let (times, dice) = (&settings.statuses, &line.around.dice);
    let overtaken = dice.hits(times.before_answer);
    let first_ms = if overtaken { 0 } else { times.sent_ms };
    let post = |update, wait_ms| {
        line.courier
            .post(line, update, Duration::from_millis(wait_ms))
    };
    if error.is_some() {
        post(status("failed", false), first_ms);
        return overtaken;
    }
    post(status("sent", true), first_ms);
    post(status("delivered", true), times.delivered_ms);
    if dice.hits(times.read_probability) {
        post(status("read", false), times.read_ms);
    }
    overtaken
}

fn read_mark(line: &Line, body: &Value) -> Result<Reply, Refusal> {
    let id = body.get("message_id").and_then(Value::as_str);
    let id = id.ok_or_else(|| Refusal::new(131008, "The parameter message_id is required."))?;
    let typing = match body.get("typing_indicator") {
        None => false,
        Some(indicator) if indicator["type"] == "text" => true,
        Some(_) => {
            return Err(Refusal::new(
                131009,
                "typing_indicator['type'] must be text",
            ));
        }
    };
    let Some(who) = wamid::who(id) else {
        return Err(Refusal::new(131009, format!("Message {id} was not found")));
    };
    line.people.mark(&who, id, "read");
    if typing {
        line.people
            .show(&who, "typing", || json!({"for_ms": 25_000}));
    }
    Ok(Reply::json(200, &json!({"success": true})))
}
