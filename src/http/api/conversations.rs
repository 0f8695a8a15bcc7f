//! What operators do with a conversation.
//!
//! Each command carries an id that its client made. The command is durable before it is carried
//! out, and the contact itself decides it; the same id given again is the same command and has the
//! same answer, however often a client has to ask.

use std::time::Duration;

use actors::contact::{Answer, State as Contact};
use actors::model::{Command, ContactId, InEvent, InSeq, Key, Name, Wish};
use actors::understand::{Category, Level};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::contacts::known;
use crate::http::{ApiError, Caller, Edge, Scope};

/// How long a command's answer is awaited; then it is said to be accepted.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often the contact is looked at meanwhile.
const LOOK_PAUSE: Duration = Duration::from_millis(15);
/// Longest id of a command and longest name of an operator, in characters.
const NAME_CHARS: usize = 80;

pub(super) type Commanded = Result<(StatusCode, Json<Value>), ApiError>;
pub(super) type Body<T> = Result<Json<T>, JsonRejection>;

/// What every command says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {
    id: String,
    by: String,
}

/// A text, to the person or as a remark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    id: String,
    by: String,
    text: String,
}

/// Where to hand a conversation over to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    id: String,
    by: String,
    queue: Option<String>,
}

/// Into whose hands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hands {
    id: String,
    by: String,
    operator: Option<String>,
}

/// What the ticket to be is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    id: String,
    by: String,
    priority: Option<String>,
    category: Option<String>,
}

/// `POST /api/v1/contacts/{id}/handover`: the conversation waits in a queue, the channel's unless
/// one is named.
pub async fn hand_over(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Transfer>,
) -> Commanded {
    let Transfer { id, by, queue } = read(body)?;
    let expected = "the id of a queue";
    let queue = queue.map(|queue| {
        Name::new(&queue).map_err(|_| ApiError::Parameter {
            name: "queue",
            expected,
        })
    });
    let wish = Wish::HandOver {
        queue: queue.transpose()?,
    };
    command(&edge, &caller, &contact, (id, by), wish).await
}

/// `POST /api/v1/contacts/{id}/handback`: the bot answers again, where it was.
pub async fn hand_back(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Plain>,
) -> Commanded {
    let Plain { id, by } = read(body)?;
    command(&edge, &caller, &contact, (id, by), Wish::HandBack).await
}

/// `POST /api/v1/contacts/{id}/take`: the conversation is in an operator's hands, the caller's
/// unless another is named.
pub async fn take(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Hands>,
) -> Commanded {
    let Hands { id, by, operator } = read(body)?;
    let operator = operator.unwrap_or_else(|| by.clone());
    let operator = named(operator, "operator")?.into();
    command(&edge, &caller, &contact, (id, by), Wish::Take { operator }).await
}

/// `POST /api/v1/contacts/{id}/close`: the conversation is over; nothing is said.
pub async fn close(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Plain>,
) -> Commanded {
    let Plain { id, by } = read(body)?;
    command(&edge, &caller, &contact, (id, by), Wish::Close).await
}

/// `POST /api/v1/contacts/{id}/notes`: a remark in the timeline that the person does not see.
pub async fn note(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Text>,
) -> Commanded {
    let Text { id, by, text } = read(body)?;
    command(&edge, &caller, &contact, (id, by), Wish::Note { text }).await
}

/// `POST /api/v1/contacts/{id}/classification`: priority and category of the ticket that is being
/// prepared, in the place of what the bot understood.
pub async fn classify(
    State(edge): State<Edge>,
    caller: Caller,
    Path(contact): Path<String>,
    body: Body<Classification>,
) -> Commanded {
    let asked = read(body)?;
    let level = asked.priority.map(|word| {
        level(&word).ok_or(ApiError::Parameter {
            name: "priority",
            expected: "high, medium or low",
        })
    });
    let category = asked.category.map(|code| {
        let mut all = Category::ALL.iter().copied();
        let found = all.find(|category| category.code() == code);
        found.ok_or(ApiError::Parameter {
            name: "category",
            expected: "the code of a category, such as printing",
        })
    });
    let wish = Wish::Classify {
        level: level.transpose()?,
        category: category.transpose()?,
    };
    command(&edge, &caller, &contact, (asked.id, asked.by), wish).await
}

fn level(word: &str) -> Option<Level> {
    match word {
        "high" => Some(Level::High),
        "medium" => Some(Level::Medium),
        "low" => Some(Level::Low),
        _ => None,
    }
}

pub(super) fn read<T>(body: Body<T>) -> Result<T, ApiError> {
    let expected = "a JSON object with the fields of this address";
    let Json(body) = body.map_err(|_| ApiError::Unreadable { expected })?;
    Ok(body)
}

fn named(text: String, name: &'static str) -> Result<String, ApiError> {
    let chars = text.trim().chars().count();
    let fits = (1..=NAME_CHARS).contains(&chars);
    fits.then_some(text).ok_or(ApiError::Parameter {
        name,
        expected: "1 to 80 characters",
    })
}

/// Gives a command to a contact and tells what became of it.
pub(super) async fn command(
    edge: &Edge,
    caller: &Caller,
    contact: &str,
    (id, by): (String, String),
    wish: Wish,
) -> Commanded {
    caller.may(Scope::ConversationsWrite)?;
    let (id, by) = (named(id, "id")?, named(by, "by")?);
    let (contact, state, _) = known(edge, caller, contact).await?;
    let tenant = state.tenant.clone().ok_or(ApiError::Internal)?;
    let name = format!("{contact}/{id}");
    let event = InEvent {
        key: Key::Contact(contact),
        id: edge.identity.id_hash(b"command", name.as_bytes()),
        stamp: None,
        received: edge.clock.now(),
        body: actors::model::Inbound::Operator(Command {
            tenant,
            by: by.into(),
            wish,
        }),
    };
    if let Some(answer) = answer_of(&state, &event) {
        return told(contact, &id, answer);
    }
    let hash = event.clone();
    let position = edge.core.command(event).await?;
    match awaited(edge, contact, &hash, position).await? {
        Some(answer) => told(contact, &id, answer),
        None => {
            let body = json!({"id": id, "contact": contact.to_string(), "done": false});
            Ok((StatusCode::ACCEPTED, Json(body)))
        }
    }
}

fn answer_of(state: &Contact, event: &InEvent) -> Option<Answer> {
    let mut answers = state.answers.iter().rev();
    let (_, answer) = answers.find(|(id, _)| *id == event.id)?;
    Some(*answer)
}

/// What the contact decided, once it has consumed the command. A repeat that is older than the
/// answers a contact keeps was done and has no answer any more.
async fn awaited(
    edge: &Edge,
    contact: ContactId,
    event: &InEvent,
    position: InSeq,
) -> Result<Option<Answer>, ApiError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (state, consumed) = edge.core.contact_at(contact).await?;
        if consumed >= position {
            let done = Answer::Done { effect: None };
            return Ok(Some(answer_of(&state, event).unwrap_or(done)));
        }
        if tokio::time::Instant::now() >= deadline {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

fn told(contact: ContactId, id: &str, answer: Answer) -> Commanded {
    match answer {
        Answer::Done { effect } => {
            let mut body = json!({"id": id, "contact": contact.to_string(), "done": true});
            if let Some(effect) = effect {
                body["effect"] = effect.to_string().into();
            }
            Ok((StatusCode::OK, Json(body)))
        }
        Answer::Refused(refusal) => Err(ApiError::Refused {
            code: refusal.code(),
            reason: refusal.words(),
        }),
    }
}
