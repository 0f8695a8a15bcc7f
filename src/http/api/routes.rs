//! Every address of the API on one page, grouped by what it is about.

mod rows;

use serde_json::{Value, json};

use super::operation::{Operation, texts};
use super::{
    consent, contacts, conversations, desk, erase, health, media, messages, openapi, orders,
    recording, sending, setup, templates, tickets, traces, unplaced, waiting,
};
use crate::config::{Channel, Cohort, GlpiConnection, Queue, Rule, Tenant};
use crate::http::Scope;
use rows::{WHOSE, pauses, rows};

/// All operations below `/api/v1`.
pub fn operations() -> Vec<Operation> {
    let mut all = watching();
    all.extend(people());
    all.extend(answering());
    all.extend(mending());
    all.extend(sending_templates());
    all.extend(rows::<Tenant>());
    all.extend(rows::<GlpiConnection>());
    all.extend(rows::<Queue>());
    all.extend(rows::<Channel>());
    all.extend(rows::<Cohort>());
    all.extend(rows::<Rule>());
    all.extend(pauses::<Tenant>());
    all.extend(pauses::<GlpiConnection>());
    all.extend(pauses::<Queue>());
    all.extend(pauses::<Channel>());
    all.extend(pauses::<Cohort>());
    all.extend(pauses::<Rule>());
    all.extend(rows::templates());
    all.extend(setting_up());
    all
}

fn watching() -> Vec<Operation> {
    vec![
        Operation::get("/openapi.json", "This document", openapi::document),
        Operation::get(
            "/health/actors",
            "How actors, journal and gateways are",
            health::actors,
        )
        .scope(Scope::HealthRead),
        Operation::get(
            "/traces",
            "What went in and out of each part, newest first; for the operators of the service",
            traces::traces,
        )
        .scope(Scope::HealthRead)
        .query(
            "correlation",
            "An input or effect: the lines of one request.",
        )
        .query("level", "`info`, `warn` or `error`.")
        .query("module", "A part, such as `webhooks::meta`.")
        .query("since", "From this instant on (RFC 3339).")
        .query("limit", "How many lines, at most 1,000; 100 without it."),
        Operation::get(
            "/recording",
            "Every message from now on as a JSON line, identities and texts replaced; for the operators of the service",
            recording::recording,
        )
        .scope(Scope::ContactsRead),
    ]
}

fn people() -> Vec<Operation> {
    let read = |operation: Operation| operation.scope(Scope::ContactsRead);
    vec![
        read(Operation::get(
            "/contacts",
            "The contact of a phone number",
            contacts::by_phone,
        ))
        .query("phone", "With its country code, such as 51999888777.")
        .query("tenant", "For the operators of the service: whose contact."),
        read(Operation::get(
            "/contacts/{id}",
            "What is known of a person, and who has the conversation",
            contacts::one,
        )),
        Operation::delete(
            "/contacts/{id}",
            "Forget a person; tells what was removed, and what stays until when",
            erase::erase,
        )
        .scope(Scope::ContactsErase)
        .answer(json!({"type": "object"})),
        read(Operation::get(
            "/contacts/{id}/timeline",
            "Everything that happened with a person, oldest first",
            contacts::timeline,
        ))
        .query("limit", "The newest lines, at most 5,000; 500 without it."),
        read(Operation::get(
            "/contacts/{id}/media/{name}",
            "A file of a person",
            media::media,
        )),
        read(Operation::get(
            "/queues/{id}/waiting",
            "Who is with the people of a queue, and which complaint nobody took in time",
            waiting::waiting,
        ))
        .query("tenant", "For the operators of the service: whose queue."),
    ]
}

fn answering() -> Vec<Operation> {
    let command = |operation: Operation| operation.scope(Scope::ConversationsWrite);
    let plain = || texts(&["id", "by"], &[]);
    vec![
        command(Operation::post(
            "/contacts/{id}/messages",
            "Send a person a text, a file, a place, contact cards or a reaction; the same id again is \
             the same message",
            messages::message,
        ))
        .body(messages::schema()),
        command(Operation::post(
            "/contacts/{id}/media",
            "Upload a file to be sent to a person",
            media::upload,
        ))
        .bytes("The file, at most 16 MiB, with its media type; its bytes decide what it is.")
        .answer(json!({
            "type": "object",
            "required": ["name", "mime", "size", "kind"],
            "properties": {
                "name": {"type": "string"},
                "mime": {"type": "string"},
                "size": {"type": "integer"},
                "kind": {"type": "string"},
            },
        }))
        .creates(),
        command(Operation::post(
            "/contacts/{id}/handover",
            "Let a conversation wait in a queue",
            conversations::hand_over,
        ))
        .body(texts(&["id", "by"], &["queue"])),
        command(Operation::post(
            "/contacts/{id}/handback",
            "Give a conversation back to the bot",
            conversations::hand_back,
        ))
        .body(plain()),
        command(Operation::post(
            "/contacts/{id}/take",
            "Put a conversation into an operator's hands",
            conversations::take,
        ))
        .body(texts(&["id", "by"], &["operator"])),
        command(Operation::post(
            "/contacts/{id}/close",
            "End a conversation without a word",
            conversations::close,
        ))
        .body(plain()),
        command(Operation::post(
            "/contacts/{id}/notes",
            "Keep a remark that the person does not see",
            conversations::note,
        ))
        .body(texts(&["id", "by", "text"], &[])),
        command(Operation::post(
            "/contacts/{id}/classification",
            "Correct priority and category of the ticket that is being prepared",
            conversations::classify,
        ))
        .body(texts(&["id", "by"], &["priority", "category"])),
        command(Operation::post(
            "/contacts/{id}/tickets/{ticket}",
            "Change a ticket at the help desk",
            tickets::change,
        ))
        .body(ticket_change()),
        command(Operation::post(
            "/contacts/{id}/link",
            "Join the person's number to the help desk's user with an e-mail",
            tickets::link,
        ))
        .body(texts(&["id", "by", "email"], &[])),
    ]
}

fn ticket_change() -> Value {
    let text = || json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["id", "by", "action"],
        "properties": {
            "id": text(),
            "by": text(),
            "action": {
                "enum": ["comment", "close", "reopen", "solve", "cancel", "delete", "update"],
            },
            "text": text(),
            "title": text(),
            "description": text(),
            "urgency": {"type": "integer", "minimum": 1, "maximum": 5},
            "category": {"type": "integer", "minimum": 1},
            "pending": {"type": "boolean"},
        },
        "additionalProperties": false,
    })
}

fn mending() -> Vec<Operation> {
    let read = |operation: Operation| operation.scope(Scope::EffectsRead);
    let write = |operation: Operation| operation.scope(Scope::EffectsWrite);
    vec![
        write(Operation::post(
            "/contacts/{id}/unpark",
            "Let a contact that failed too often live again",
            orders::unpark,
        )),
        read(Operation::get(
            "/dead-letters",
            "What used up its retries",
            desk::dead_letters,
        )),
        read(Operation::get(
            "/uncertain-sends",
            "What may or may not have been sent",
            desk::uncertain_sends,
        )),
        read(Operation::get(
            "/quarantine",
            "Inputs that were set aside",
            desk::quarantine,
        )),
        read(Operation::get(
            "/unplaced",
            "What belongs to nobody here",
            unplaced::unplaced,
        )),
        write(Operation::post(
            "/effects/{id}/redrive",
            "Send a shelved effect again",
            orders::redrive,
        )),
        write(Operation::post(
            "/effects/{id}/dismiss",
            "Take a shelved effect off its list",
            orders::dismiss,
        )),
        write(Operation::post(
            "/quarantine/{position}/release",
            "Let an input that was set aside be consumed after all",
            orders::release,
        )),
        write(Operation::post(
            "/quarantine/{position}/dismiss",
            "Take an input off the quarantine for good",
            orders::discard,
        )),
    ]
}

fn sending_templates() -> Vec<Operation> {
    let read = |operation: Operation| operation.scope(Scope::TemplatesRead);
    let write = |operation: Operation| operation.scope(Scope::MessagesWrite);
    vec![
        read(Operation::get(
            "/templates",
            "The catalogue of templates",
            templates::list,
        ))
        .query("channel", "One channel's only."),
        read(Operation::get(
            "/templates/{name}/preview",
            "How a template reads when it is filled",
            templates::preview,
        ))
        .query("channel", "The channel.")
        .query("language", "The language.")
        .query("value", "A value, once for each."),
        Operation::post(
            "/channels/{id}/templates/sync",
            "Have the catalogue fetched now",
            templates::synchronise,
        )
        .scope(Scope::TemplatesWrite),
        write(Operation::post(
            "/contacts/{id}/templates",
            "Send a template to a person",
            sending::template,
        ))
        .body(json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "template": {"type": "string"},
                "purpose": {"type": "string"},
                "language": {"type": "string"},
                "values": {"type": "array", "items": {"type": "string"}},
                "media": {"type": "string"},
            },
        })),
        Operation::get(
            "/contacts/{id}/consent",
            "What a person consents to",
            consent::read,
        )
        .scope(Scope::ContactsRead),
        write(Operation::post(
            "/contacts/{id}/consent",
            "Note a consent, or its end",
            consent::note,
        ))
        .body(json!({
            "type": "object",
            "required": ["by"],
            "properties": {
                "level": {"enum": ["none", "transactional", "marketing"]},
                "marketing_refused": {"type": "boolean"},
                "by": {"type": "string"},
                "proof": {"type": "string"},
            },
        })),
    ]
}

fn setting_up() -> Vec<Operation> {
    vec![
        Operation::post(
            "/glpi-connections/{id}/test",
            "What is missing in a connection's set-up in GLPI",
            setup::test,
        )
        .scope(Scope::Setup)
        .query("tenant", WHOSE),
        Operation::get("/audit", "Who changed what, newest first", setup::audit)
            .scope(Scope::Setup)
            .query("limit", "How many lines, at most 1,000."),
    ]
}
