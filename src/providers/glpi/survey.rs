//! GLPI's own satisfaction survey of a closed ticket (GLPI REST API, conversation objects).
//!
//! GLPI makes the survey's row some time after closing, where the entity asks for it; without a row
//! nothing can be answered. It may be answered by the account that wrote the ticket, which is the
//! integration user, and changed for 12 h. A rating repeated is the same rating.

use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::followup::found;
use super::ticket::PREPARATION;
use super::wire::{self, Rating, Survey, TICKET};

const SURVEY: &str = "TicketSatisfaction";
/// A survey that another system asks; its answer is not GLPI's.
const EXTERNAL: u32 = 2;

impl Client {
    /// Whether GLPI waits for the requester's rating of a ticket.
    pub(super) async fn asks_rating(&self, ticket: u32) -> Result<bool, Fault> {
        let survey = self.survey(ticket).await?;
        Ok(survey.is_some_and(|survey| survey.date_answered.is_null()))
    }

    /// Answers a ticket's survey with 1 to 5; `Done` carries the ticket's id.
    pub async fn rate(&self, ticket: u32, stars: u8, text: &str) -> Called {
        let fault = |why| Fault::Ticket { ticket, why };
        if !(1..=5).contains(&stars) {
            return fault(Obstacle::Senseless("a rating goes from 1 to 5")).of_write();
        }
        match tokio::time::timeout(PREPARATION, self.survey(ticket)).await {
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => return fault(Obstacle::NoSurvey).of_write(),
            Ok(Err(fault)) => return fault.not_done(),
            Err(_) => return Fault::Lost("the survey could not be read in time").not_done(),
        }
        let rating = Rating {
            tickets_id: ticket,
            satisfaction: stars,
            comment: text.trim(),
        };
        match self.change(SURVEY, ticket, rating, "answer surveys").await {
            Ok(()) => Called::Done(self.made(ticket, None)),
            // The writer of the ticket may answer, for 12 h after the first time.
            Err(Fault::Refused { .. }) => fault(Obstacle::SurveyOver).of_write(),
            Err(fault) => fault.of_write(),
        }
    }

    /// Whether the survey holds this rating.
    pub async fn find_rating(&self, ticket: u32, stars: u8) -> LookedUp {
        found(self.survey(ticket).await.map(|survey| {
            let held = survey.and_then(|survey| wire::id(&survey.satisfaction));
            (held == Some(u32::from(stars))).then(|| self.made(ticket, None))
        }))
    }

    async fn survey(&self, ticket: u32) -> Result<Option<Survey>, Fault> {
        let parent = (TICKET, ticket);
        let rows: Vec<Survey> = self
            .below_until(parent, SURVEY, "read surveys", |_: &[Survey]| true)
            .await?;
        let mut rows = rows.into_iter();
        Ok(rows.find(|row| wire::id(&row.kind) != Some(EXTERNAL)))
    }
}
