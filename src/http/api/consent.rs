//! What a person consents to: with its proof, and noted by an operator.

use actors::contact::{ConsentProof, Permission};
use actors::model::{ConsentLevel, ConsentNote, InEvent, Inbound, Key};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::line;
use super::sending::{ID_CHARS_MAX, person};
use crate::http::{ApiError, Caller, Edge, Scope};

/// Characters of a proof and of an operator's name, at most.
const TEXT_CHARS_MAX: usize = 300;

/// A note on consent; the same id is the same note however often it comes. At least one of `level` and `marketing_refused`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    id: String,
    level: Option<ConsentLevel>,
    marketing_refused: Option<bool>,
    by: String,
    #[serde(default)]
    proof: String,
}

/// `GET /api/v1/contacts/{id}/consent`.
pub async fn read(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let (contact, state) = person(&edge, &caller, &id).await?;
    let mut answer = told(&state.permission);
    answer["contact"] = contact.to_string().into();
    Ok(Json(answer))
}

/// `POST /api/v1/contacts/{id}/consent`: notes a consent that was given elsewhere, takes one back,
/// or marks that marketing is refused. Consent to marketing needs a proof. 202: the note is durable.
pub async fn note(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    note: Result<Json<Note>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.may(Scope::MessagesWrite)?;
    let (contact, _) = person(&edge, &caller, &id).await?;
    let Json(note) = note.map_err(|_| ApiError::Unreadable {
        expected: "JSON with id, level or marketing_refused, by, and proof",
    })?;
    let wrong = |name, expected| ApiError::Parameter { name, expected };
    if !(1..=ID_CHARS_MAX).contains(&note.id.chars().count()) {
        return Err(wrong("id", "1 to 100 characters that name this note"));
    }
    if note.level.is_none() && note.marketing_refused.is_none() {
        return Err(wrong("level", "none, transactional or marketing"));
    }
    if note.by.trim().is_empty() || note.by.chars().count() > TEXT_CHARS_MAX {
        return Err(wrong("by", "who notes it, in at most 300 characters"));
    }
    let unproven = note.level == Some(ConsentLevel::Marketing) && note.proof.trim().is_empty();
    if unproven || note.proof.chars().count() > TEXT_CHARS_MAX {
        return Err(wrong(
            "proof",
            "where consent was given, in at most 300 characters",
        ));
    }
    let now = edge.clock.now();
    let scope = format!("consent/{contact}");
    let event = InEvent {
        key: Key::Contact(contact),
        id: edge.identity.id_hash(scope.as_bytes(), note.id.as_bytes()),
        stamp: None,
        received: now,
        body: Inbound::ConsentNoted(ConsentNote {
            level: note.level,
            marketing_refused: note.marketing_refused,
            by: note.by.into(),
            proof: note.proof.into(),
        }),
    };
    edge.core.ingest(vec![event]).await?;
    let noted = json!({"ordered": "consent", "id": contact.to_string()});
    Ok((StatusCode::ACCEPTED, Json(noted)))
}

fn told(permission: &Permission) -> Value {
    let mut facts = json!({
        "level": permission.level.as_str(),
        "withdrawn": permission.withdrawn,
        "marketing_refused": permission.refused_by.is_some(),
    });
    if let Some(by) = &permission.refused_by {
        facts["refused_by"] = by.as_str().into();
    }
    if let Some(shown) = &permission.proof {
        facts["proof"] = proof(shown);
    }
    if let Some(asked) = &permission.asked {
        facts["asked"] = proof(asked);
    }
    facts
}

fn proof(proof: &ConsentProof) -> Value {
    json!({
        "source": proof.source.as_str(),
        "at": line::time(proof.at),
        "proof": proof.proof,
    })
}
