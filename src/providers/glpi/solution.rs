//! Solving a ticket. It is answered by a followup: [`super::Then::Close`] accepts the solution,
//! [`super::Then::Reopen`] refuses it.

use actors::model::{AttemptNo, EffectId, Reply};
use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::followup::{Author, found, marked_text};
use super::ticket::PREPARATION;
use super::wire::{NewSolution, TICKET};

pub(super) const SOLUTIONS: &str = "ITILSolution";

/// A solution to propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The ticket's id.
    pub ticket: u32,
    /// Plain text.
    pub text: String,
    /// Who solved it; 9.5 takes the integration user whatever is said here.
    pub author: Author,
    /// GLPI's solution type, where the company uses them.
    pub kind: Option<u32>,
}

impl Client {
    /// Solves a ticket once; `Done` carries the solution's id. A ticket that somebody else has
    /// solved is refused.
    pub async fn solve(&self, effect: EffectId, attempt: AttemptNo, solution: &Solution) -> Called {
        let preparing = self.prepare_solution(effect, attempt, solution);
        let author = match tokio::time::timeout(PREPARATION, preparing).await {
            Ok(Ok(Ok(author))) => author,
            Ok(Ok(Err(reply))) => return Called::Done(reply),
            Ok(Err(fault)) => return fault.before_write(),
            Err(_) => return Fault::Lost("the ticket could not be read in time").not_done(),
        };
        let content = marked_text(effect, &solution.text, None);
        let input = NewSolution {
            itemtype: TICKET,
            items_id: solution.ticket,
            content: &content,
            users_id: author,
            kind: solution.kind,
        };
        let timeout = self.settings.create_timeout;
        match self
            .create(SOLUTIONS, input, timeout, "solve tickets")
            .await
        {
            Ok(id) => Called::Done(self.made(id, None)),
            Err(fault) => {
                let fault = self.explained(solution.ticket, fault, true).await;
                fault.of_write()
            }
        }
    }

    /// Looks for the solution that an effect made.
    pub async fn find_solution(&self, effect: EffectId, ticket: u32) -> LookedUp {
        found(self.marked_below(effect, ticket, SOLUTIONS).await)
    }

    /// The author, or what an earlier try made.
    async fn prepare_solution(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        solution: &Solution,
    ) -> Result<Result<Option<u32>, Reply>, Fault> {
        let ticket = solution.ticket;
        if solution.text.trim().is_empty() {
            let why = Obstacle::Senseless("a solution needs a text");
            return Err(Fault::Ticket { ticket, why });
        }
        if attempt.0 > 1
            && let Some(reply) = self.marked_below(effect, ticket, SOLUTIONS).await?
        {
            return Ok(Err(reply));
        }
        Ok(Ok(self.author(ticket, solution.author).await?))
    }
}
