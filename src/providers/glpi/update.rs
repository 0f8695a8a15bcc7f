//! Changing what a ticket says about itself. A change repeated is the same change, so a lost answer
//! is settled by comparing the ticket with what was wanted.
//!
//! GLPI stores invalid numbers as sent (GLPI REST API, CRUD), so they are checked here.

use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::convert::{one_line, paragraph};
use super::fault::{Fault, Missing, Obstacle};
use super::followup::found;
use super::status::obstacle;
use super::ticket::PREPARATION;
use super::wire::{self, TICKET, TicketColumns, TicketRow};
use super::{rich, status::Status};

/// New values of a ticket; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketUpdate {
    /// One line, cut to 255 characters.
    pub title: Option<String>,
    /// Plain text that replaces the description; the hidden marker stays.
    pub description: Option<String>,
    /// 1 very low to 5 very high; GLPI derives the priority from it unless one is given.
    pub urgency: Option<u8>,
    /// 1 very low to 5 very high.
    pub impact: Option<u8>,
    /// 1 very low to 6 major.
    pub priority: Option<u8>,
    /// An ITIL category of GLPI's.
    pub category: Option<u32>,
    /// Waiting for the requester, or no longer.
    pub pending: Option<bool>,
}

impl Client {
    /// Changes a ticket; `Done` carries the ticket's id. A closed ticket refuses.
    pub async fn update_ticket(&self, ticket: u32, update: &TicketUpdate) -> Called {
        let preparing = self.prepare_update(ticket, update);
        let wanted = match tokio::time::timeout(PREPARATION, preparing).await {
            Ok(Ok(wanted)) => wanted,
            Ok(Err(fault)) => return fault.before_write(),
            Err(_) => return Fault::Lost("the ticket could not be read in time").not_done(),
        };
        match self
            .change(TICKET, ticket, wanted.columns(), "update tickets")
            .await
        {
            Ok(()) => Called::Done(self.made(ticket, wanted.remark)),
            Err(fault) => self.explained(ticket, fault, false).await.of_write(),
        }
    }

    /// Whether a ticket shows everything that an update wanted.
    pub async fn find_update(&self, ticket: u32, update: &TicketUpdate) -> LookedUp {
        let row = self.ticket_row(ticket).await;
        found(match row {
            Err(Fault::Refused { status: 404, .. }) => Ok(None),
            Err(fault) => Err(fault),
            Ok(row) => Ok(shows(&row, update).then(|| self.made(ticket, None))),
        })
    }

    async fn prepare_update(&self, ticket: u32, update: &TicketUpdate) -> Result<Wanted, Fault> {
        let senseless = |why| Fault::Ticket {
            ticket,
            why: Obstacle::Senseless(why),
        };
        let beyond = |value: Option<u8>, most| value.is_some_and(|v| !(1..=most).contains(&v));
        if *update == TicketUpdate::default() {
            return Err(senseless("the update changes nothing"));
        }
        if beyond(update.urgency, 5) || beyond(update.impact, 5) || beyond(update.priority, 6) {
            return Err(senseless(
                "urgency and impact go from 1 to 5, priority from 1 to 6",
            ));
        }
        if update
            .description
            .as_deref()
            .is_some_and(|text| text.trim().is_empty())
        {
            return Err(senseless("a description cannot be empty"));
        }
        let row = self.ticket_row(ticket).await;
        let row = row.map_err(|fault| obstacle(ticket, fault))?;
        let status = Status::read(&row.status);
        if status == Status::Closed {
            let why = Obstacle::Closed;
            return Err(Fault::Ticket { ticket, why });
        }
        let remark = match update.category {
            Some(category) if category > 0 => self.category_exists(ticket, category).await?,
            _ => None,
        };
        let content = update.description.as_ref().map(|text| {
            let mut html = String::new();
            paragraph(&mut html, text);
            html.push_str(&markers(&rich::decoded(wire::string(&row.content))));
            html
        });
        let status = match (update.pending, status) {
            (Some(true), _) => Some(Status::Pending.number()),
            (Some(false), Status::Pending) => Some(Status::Assigned.number()),
            _ => None,
        };
        Ok(Wanted {
            title: update.title.as_deref().map(one_line),
            content,
            update: update.clone(),
            status,
            remark,
        })
    }

    /// GLPI takes any number for a category. Reading them is a right of its own, without which the
    /// number is taken as given.
    async fn category_exists(&self, ticket: u32, category: u32) -> Result<Option<String>, Fault> {
        let path = ["ITILCategory", &category.to_string()];
        match self
            .get::<serde_json::Value>(&path, "read categories")
            .await
        {
            Ok(_) => Ok(None),
            Err(Fault::SetUp(Missing::Right(_))) => Ok(Some(format!(
                "category {category} was not checked: let the integration user read ITIL categories"
            ))),
            Err(Fault::Refused { status: 404, .. }) => Err(Fault::Ticket {
                ticket,
                why: Obstacle::Senseless("its new category does not exist in GLPI"),
            }),
            Err(fault) => Err(fault),
        }
    }
}

/// An update after its checks.
struct Wanted {
    title: Option<String>,
    content: Option<String>,
    update: TicketUpdate,
    status: Option<u8>,
    remark: Option<String>,
}

impl Wanted {
    fn columns(&self) -> TicketColumns<'_> {
        TicketColumns {
            name: self.title.as_deref(),
            content: self.content.as_deref(),
            urgency: self.update.urgency,
            impact: self.update.impact,
            priority: self.update.priority,
            category: self.update.category,
            status: self.status,
        }
    }
}

fn shows(row: &TicketRow, update: &TicketUpdate) -> bool {
    let number = |wanted: Option<u8>, held| wanted.is_none_or(|w| wire::id(held) == Some(w.into()));
    let same = |wanted: &str, held: &str| wanted.split_whitespace().eq(held.split_whitespace());
    let title = rich::title(wire::string(&row.name));
    let description = rich::plain(wire::string(&row.content));
    let pending = Status::read(&row.status) == Status::Pending;
    number(update.urgency, &row.urgency)
        && number(update.impact, &row.impact)
        && number(update.priority, &row.priority)
        && update
            .category
            .is_none_or(|c| wire::id(&row.itilcategories_id) == Some(c))
        && update.pending.is_none_or(|wanted| wanted == pending)
        && update
            .title
            .as_deref()
            .is_none_or(|wanted| same(&one_line(wanted), &title))
        && update
            .description
            .as_deref()
            .is_none_or(|wanted| same(wanted, &description))
}

/// The hidden markers of a text, without which its ticket would not be found again.
fn markers(html: &str) -> String {
    let comments = html.match_indices("<!--").filter_map(|(at, _)| {
        let end = html[at..].find("-->")?;
        Some(&html[at..at + end + 3])
    });
    comments
        .filter(|comment| comment.contains("chasqui:"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_our_own_comments_are_kept() {
        let html = "<p>a</p><!-- x --><!-- chasqui:abc --><!-- open chasqui:";
        assert_eq!(markers(html), "<!-- chasqui:abc -->");
    }

    #[test]
    fn a_ticket_shows_an_update_when_all_of_it_is_there() {
        let row: TicketRow = serde_json::from_value(json!({
            "status": 4, "urgency": 5, "priority": "4", "itilcategories_id": 2,
            "name": "Sin  red", "content": "<p>No hay red<br>en el piso 3</p><!-- chasqui:x -->",
        }))
        .expect("a row");
        let update = TicketUpdate {
            title: Some("Sin red".into()),
            description: Some("No hay red\nen el piso 3".into()),
            urgency: Some(5),
            priority: Some(4),
            category: Some(2),
            pending: Some(true),
            impact: None,
        };
        assert!(shows(&row, &update));
        let other = TicketUpdate {
            impact: Some(3),
            ..update
        };
        assert!(!shows(&row, &other));
    }
}
