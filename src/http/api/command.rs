//! A command of an operator, whatever it wishes.
//!
//! Each command carries an id that its client made. The command is durable before it is carried
//! out, and the contact itself decides it; the same id given again is the same command and has the
//! same answer, however often a client has to ask.

use std::collections::HashMap;
use std::time::Duration;

use actors::contact::{Answer, State as Contact};
use actors::model::{self, ContactId, InEvent, InSeq, Inbound, Key, Wish};
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::contacts::known;
use crate::http::{ApiError, Caller, Edge, Scope};

/// How long a command's answer is awaited; then it is said to be accepted.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often the contact is looked at meanwhile.
const LOOK_PAUSE: Duration = Duration::from_millis(15);
/// Longest id of a command and longest name of an operator, in characters.
const NAME_CHARS: usize = 80;

/// What is told of a command.
pub type Commanded = Result<(StatusCode, Json<Value>), ApiError>;

/// A command that a caller may give, and the fields of its body that are its own.
pub struct Ordered<T>(pub Command, pub T);

/// What every command says: who gives it, under which id, about whom.
pub struct Command {
    /// The server.
    pub edge: Edge,
    /// Whose token it came with.
    pub caller: Caller,
    /// The contact's id, as it stands in the address.
    pub contact: String,
    /// The operator.
    pub by: String,
    id: String,
}

impl<T: DeserializeOwned> FromRequest<Edge> for Ordered<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, ApiError> {
        let unreadable = || ApiError::Unreadable {
            expected: "a JSON object with the fields of this address",
        };
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, edge).await?;
        caller.may(Scope::ConversationsWrite)?;
        let names = Path::<HashMap<String, String>>::from_request_parts(&mut parts, edge).await;
        let contact = names.ok().and_then(|Path(mut names)| names.remove("id"));
        let contact = contact.ok_or(ApiError::NotFound { what: "contact" })?;
        let body = Json::<Map<String, Value>>::from_request(Request::from_parts(parts, body), edge);
        let Json(mut fields) = body.await.map_err(|_| unreadable())?;
        let mut text = |name| match fields.remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(unreadable()),
        };
        let command = Command {
            edge: edge.clone(),
            caller,
            contact,
            id: text("id")?,
            by: text("by")?,
        };
        let own = T::deserialize(Value::Object(fields)).map_err(|_| unreadable())?;
        Ok(Self(command, own))
    }
}

impl Command {
    /// Gives the command to its contact and tells what became of it.
    pub async fn give(self, wish: Wish) -> Commanded {
        let Self { edge, caller, .. } = self;
        let (id, by) = (named(self.id, "id")?, named(self.by, "by")?);
        let (contact, state, _) = known(&edge, &caller, &self.contact).await?;
        let tenant = state.tenant.clone().ok_or(ApiError::Internal)?;
        let name = format!("{contact}/{id}");
        let event = InEvent {
            key: Key::Contact(contact),
            id: edge.identity.id_hash(b"command", name.as_bytes()),
            stamp: None,
            received: edge.clock.now(),
            body: Inbound::Operator(model::Command {
                tenant,
                by: by.into(),
                wish,
            }),
        };
        if let Some(answer) = answer_of(&state, &event) {
            return told(contact, &id, answer);
        }
        let position = edge.core.command(event.clone()).await?;
        match awaited(&edge, contact, &event, position).await? {
            Some(answer) => told(contact, &id, answer),
            None => {
                let body = json!({"id": id, "contact": contact.to_string(), "done": false});
                Ok((StatusCode::ACCEPTED, Json(body)))
            }
        }
    }
}

/// A name that is no longer than names are.
pub(super) fn named(text: String, name: &'static str) -> Result<String, ApiError> {
    let chars = text.trim().chars().count();
    let fits = (1..=NAME_CHARS).contains(&chars);
    fits.then_some(text).ok_or(ApiError::Parameter {
        name,
        expected: "1 to 80 characters",
    })
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
