//! What operators do with a conversation: commands, each with the fields of its own.

use actors::model::{Name, Wish};
use actors::understand::{Category, Level};
use serde::Deserialize;

use super::command::{Commanded, Ordered, named};
use crate::http::ApiError;

/// A command that says all it wishes by its address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {}

/// A remark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    text: String,
}

/// Where to hand a conversation over to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    queue: Option<String>,
}

/// Into whose hands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hands {
    operator: Option<String>,
}

/// What the ticket to be is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    priority: Option<String>,
    category: Option<String>,
}

/// `POST /api/v1/contacts/{id}/handover`: the conversation waits in a queue, the channel's unless
/// one is named.
pub async fn hand_over(Ordered(command, Transfer { queue }): Ordered<Transfer>) -> Commanded {
    let expected = "the id of a queue";
    let queue = queue.map(|queue| {
        Name::new(&queue).map_err(|_| ApiError::Parameter {
            name: "queue",
            expected,
        })
    });
    let queue = queue.transpose()?;
    command.give(Wish::HandOver { queue }).await
}

/// `POST /api/v1/contacts/{id}/handback`: the bot answers again, where it was.
pub async fn hand_back(Ordered(command, Plain {}): Ordered<Plain>) -> Commanded {
    command.give(Wish::HandBack).await
}

/// `POST /api/v1/contacts/{id}/take`: the conversation is in an operator's hands, the caller's
/// unless another is named.
pub async fn take(Ordered(command, Hands { operator }): Ordered<Hands>) -> Commanded {
    let operator = operator.unwrap_or_else(|| command.by.clone());
    let operator = named(operator, "operator")?.into();
    command.give(Wish::Take { operator }).await
}

/// `POST /api/v1/contacts/{id}/close`: the conversation is over; nothing is said.
pub async fn close(Ordered(command, Plain {}): Ordered<Plain>) -> Commanded {
    command.give(Wish::Close).await
}

/// `POST /api/v1/contacts/{id}/notes`: a remark in the timeline that the person does not see.
pub async fn note(Ordered(command, Note { text }): Ordered<Note>) -> Commanded {
    command.give(Wish::Note { text }).await
}

/// `POST /api/v1/contacts/{id}/classification`: priority and category of the ticket that is being
/// prepared, in the place of what the bot understood.
pub async fn classify(Ordered(command, asked): Ordered<Classification>) -> Commanded {
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
    command.give(wish).await
}

fn level(word: &str) -> Option<Level> {
    match word {
        "high" => Some(Level::High),
        "medium" => Some(Level::Medium),
        "low" => Some(Level::Low),
        _ => None,
    }
}
