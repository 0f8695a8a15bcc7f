//! Effects at the help desk. They come back to the contact as reports, but for some that an operator
//! ordered.

use smol_str::SmolStr;

use super::Plan;
use crate::model::{
    About, By, Call, Change, Class, Effect, EffectId, Lane, Link, LinkedBy, Phone, Priority,
    Requester, TicketChange, TicketDraft, TicketQuestion,
};

/// Nobody waits for the answer to a question longer than this, in milliseconds.
const QUESTION_LIFE_MS: u64 = 60_000;

impl Plan<'_> {
    /// Opens a ticket at the channel's help desk; `None` when it has none.
    pub fn open_ticket(&mut self, draft: TicketDraft) -> Option<EffectId> {
        let draft = Call::OpenTicket(Box::new(draft));
        self.desk_effect(Lane::Ticket(0), Class::Searchable, draft)
    }

    /// Asks the help desk about the person's own tickets; `None` when the channel has none.
    pub fn ask_tickets(&mut self, about: About) -> Option<EffectId> {
        self.ask(about, QUESTION_LIFE_MS)
    }

    /// Asks the help desk, for at most `wait_ms`, whether it knows the person by their number; `None`
    /// when the channel has none.
    pub fn ask_person(&mut self, wait_ms: u64) -> Option<EffectId> {
        self.ask(About::Person, wait_ms)
    }

    fn ask(&mut self, about: About, life_ms: u64) -> Option<EffectId> {
        let requester = self.requester();
        let question = Call::AskTickets(Box::new(TicketQuestion { requester, about }));
        let effect = self.desk_effect(Lane::Free, Class::Repeatable, question)?;
        let expires = self.now.plus_ms(life_ms);
        let asked = self.effects.last_mut().expect("decided just above");
        asked.expires = Some(expires);
        Some(effect)
    }

    /// Changes one of the person's own tickets; `None` when the channel has no help desk.
    pub fn change_ticket(&mut self, ticket: u64, change: Change) -> Option<EffectId> {
        let by = By::Requester(self.requester());
        let change = Call::ChangeTicket(Box::new(TicketChange { ticket, by, change }));
        self.desk_effect(Lane::Ticket(ticket), Class::Searchable, change)
    }

    /// Changes a ticket on an operator's word; `None` when the channel has no help desk. How it ended
    /// stands in the timeline, and on the desk when it could not be done.
    pub fn change_for_operator(&mut self, ticket: u64, change: Change) -> Option<EffectId> {
        let by = By::Operator;
        let change = Call::ChangeTicket(Box::new(TicketChange { ticket, by, change }));
        self.unreported(Lane::Ticket(ticket), change)
    }

    /// Joins the person's number to the help desk's user with an e-mail on their own word; `None` when
    /// the channel has no help desk, or the number is not known.
    pub fn link_for_person(&mut self, email: SmolStr) -> Option<EffectId> {
        let phone = self.state.profile.phone.clone()?;
        let by = LinkedBy::Person;
        let link = Call::LinkRequester(Box::new(Link { phone, email, by }));
        self.desk_effect(Lane::Free, Class::Searchable, link)
    }

    /// Joins a number to the help desk's user with an e-mail on an operator's word; `None` when the
    /// channel has no help desk. Its end comes back to the contact when `reported`.
    pub fn link_for_operator(
        &mut self,
        phone: Phone,
        email: SmolStr,
        reported: bool,
    ) -> Option<EffectId> {
        let by = LinkedBy::Operator;
        let link = Call::LinkRequester(Box::new(Link { phone, email, by }));
        match reported {
            true => self.desk_effect(Lane::Free, Class::Searchable, link),
            false => self.unreported(Lane::Free, link),
        }
    }

    fn unreported(&mut self, lane: Lane, call: Call) -> Option<EffectId> {
        let effect = self.desk_effect(lane, Class::Searchable, call)?;
        let ordered = self.effects.last_mut().expect("decided just above");
        ordered.report = false;
        Some(effect)
    }

    /// What the person is recognised by: the number they write from, and nothing they typed.
    fn requester(&self) -> Requester {
        Requester {
            phone: self.state.profile.phone.clone(),
            email: None,
        }
    }

    fn desk_effect(&mut self, lane: Lane, class: Class, call: Call) -> Option<EffectId> {
        let help_desk = self.settings?.help_desk?;
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane,
            priority: Priority::Reply,
            class,
            gateway: Some(help_desk),
            expires: None,
            report: true,
            call,
        });
        Some(id)
    }
}
