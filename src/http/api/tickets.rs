//! What operators do at the help desk for a person: tickets changed, a number joined to its user.
//!
//! These are commands like those of [`super::conversations`]: durable, decided by the contact, done
//! once for each id. They are carried out in the background; the answer names the effect, whose end
//! stands in the timeline, and on the list of dead letters when it could not be done.

use actors::model::{Change, Then, TicketUpdate, Wish};
use axum::extract::Path;
use serde::Deserialize;

use super::command::{Commanded, Ordered};
use crate::http::ApiError;

/// A change of a ticket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    action: String,
    text: Option<String>,
    title: Option<String>,
    description: Option<String>,
    urgency: Option<u8>,
    category: Option<u32>,
    pending: Option<bool>,
}

/// A number to be joined to a user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    email: String,
}

/// `POST /api/v1/contacts/{id}/tickets/{ticket}`: changes a ticket of the help desk of the person's
/// channel, by its id there.
pub async fn change(
    Path((_, ticket)): Path<(String, String)>,
    Ordered(command, asked): Ordered<Changed>,
) -> Commanded {
    let parameter = |name, expected| ApiError::Parameter { name, expected };
    let ticket = ticket.parse().ok().filter(|ticket| *ticket > 0);
    let ticket = ticket.ok_or(parameter("ticket", "the help desk's id of a ticket"))?;
    let text = asked.text.unwrap_or_default();
    let then = |then| Change::Say {
        text: text.clone(),
        then,
    };
    let change = match asked.action.as_str() {
        "comment" => then(Then::Keep),
        "close" => then(Then::Close),
        "reopen" => then(Then::Reopen),
        "solve" => Change::Solve { text },
        "cancel" => Change::Cancel { text },
        "delete" => Change::Delete,
        "update" => Change::Update(TicketUpdate {
            title: asked.title,
            description: asked.description,
            urgency: asked.urgency,
            category: asked.category,
            pending: asked.pending,
        }),
        _ => {
            let actions = "comment, close, reopen, solve, cancel, delete or update";
            return Err(parameter("action", actions));
        }
    };
    let wish = Wish::Ticket { ticket, change };
    command.give(wish).await
}

/// `POST /api/v1/contacts/{id}/link`: joins the number that the person writes from to the help
/// desk's user with this e-mail, who must have no number yet.
pub async fn link(Ordered(command, Linked { email }): Ordered<Linked>) -> Commanded {
    let email = email.trim().into();
    command.give(Wish::Link { email }).await
}
