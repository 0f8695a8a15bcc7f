//! Folding events into the state. Total: every recorded event can be applied to every state, and
//! nothing is decided here.

use super::event::Event;
use super::flow::Flow;
use super::state::{ANSWERS, IDENTITIES, State, TICKETS, Ticket};
use crate::model::TicketState;

impl State {
    /// Applies one recorded event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::DuplicateFound { .. }
            | Event::Ignored { .. }
            | Event::ReplyWithheld { .. }
            | Event::MessageBilled { .. }
            | Event::ConsentTold { .. }
            | Event::HandedOver { .. }
            | Event::PeopleLetGo(_)
            | Event::NoteKept { .. } => {}
            Event::PeopleHeard { at, until } => {
                if let Flow::WithPeople(attended) = &mut self.flow {
                    (attended.heard, attended.until) = (*at, *until);
                }
            }
            Event::CommandAnswered { id, answer, .. } => {
                self.recent.remember(*id, None);
                if self.answers.len() == ANSWERS {
                    self.answers.remove(0);
                }
                self.answers.push((*id, *answer));
            }
            Event::TalkCounted { messages } => self.talk = *messages,
            Event::SetAside { id, stamp } | Event::ConsentHeard { id, stamp } => {
                self.recent.remember(*id, *stamp);
            }
            Event::MessageTaken {
                id,
                stamp,
                window_end,
            } => {
                self.recent.remember(*id, *stamp);
                self.window_end = self.window_end.max(Some(*window_end));
                self.messages += 1;
            }
            Event::Reached {
                tenant,
                channel,
                reply_to,
            } => {
                self.tenant = Some(tenant.clone());
                self.channel = Some(*channel);
                self.reply_to = Some(reply_to.clone());
            }
            Event::IdentitySeen(identity) => {
                if self.identities.len() < IDENTITIES && !self.identities.contains(identity) {
                    self.identities.push(identity.clone());
                }
            }
            Event::DisplayNameSeen(name) => self.profile.display_name = Some(name.clone()),
            Event::PhoneSeen(phone) => self.profile.phone = Some(phone.clone()),
            Event::LimitPassed { at, per_minute } => self.limiter.pass(*at, *per_minute),
            Event::Throttled { told } => {
                if *told {
                    self.limiter.tell();
                }
            }
            Event::NameGiven(name) => self.profile.name = Some(name.clone()),
            Event::AreaGiven(area) => self.profile.area = Some(area.clone()),
            Event::FlowMoved(flow) => self.flow = flow.clone(),
            Event::ReplyPlanned { effect } => self.sends.planned(*effect),
            Event::DeliveryAdvanced { effect, rank, .. } => self.sends.advance(*effect, *rank),
            Event::SentAgain { effect, instead_of } => {
                self.sends.planned_again(*effect, *instead_of);
            }
            Event::SendNamed { effect, ids } => self.sends.name(*effect, ids),
            Event::ReceiptKept(receipt) => self.sends.keep(receipt),
            Event::TicketRequested(_) | Event::TicketLate { .. } => self.apply_opening(event),
            Event::TicketFailed { .. } => {
                self.apply_opening(event);
                self.apply_files(event);
            }
            Event::FileSent(_)
            | Event::FilesMoved { .. }
            | Event::MediaStored { .. }
            | Event::MediaLost { .. }
            | Event::FileAttaching { .. }
            | Event::FileAttached { .. }
            | Event::FileRefused { .. }
            | Event::FileShown { .. }
            | Event::FileTroubleTold { .. } => self.apply_files(event),
            Event::TicketOpened {
                effect,
                id,
                number,
                title,
                opened,
                category,
            } => {
                self.apply_opening(event);
                self.apply_files(event);
                self.remember_ticket(Ticket {
                    effect: *effect,
                    id: *id,
                    number: number.clone(),
                    title: title.clone(),
                    opened: *opened,
                    category: *category,
                    state: TicketState::New,
                });
            }
            Event::ErrandBegun(_)
            | Event::ErrandLate { .. }
            | Event::ErrandFailed { .. }
            | Event::ErrandEnded { .. }
            | Event::TicketsShown(_)
            | Event::TicketSeen { .. } => self.apply_errand(event),
            Event::NumberAsked { .. }
            | Event::MessageHeld(_)
            | Event::NumberLate { .. }
            | Event::NumberChecked { .. } => self.admission.apply(event),
            Event::LinkOffered | Event::LinkDropped | Event::LinkEnded { .. } => {
                self.apply_linking(event);
            }
            Event::LanguageHeard(language) => self.language = Some(*language),
            Event::NewsTaken(known) => self.told.remember(known),
            Event::ConsentChanged { .. }
            | Event::ConsentAsked(_)
            | Event::ConsentDeclined { .. }
            | Event::MarketingRefused { .. } => self.permission.apply(event),
            Event::OrderTaken { id, .. } => self.recent.remember(*id, None),
            Event::Erased { before } => {
                *self = Self {
                    recent: std::mem::take(&mut self.recent),
                    forgotten: Some(*before),
                    ..Self::default()
                };
            }
            Event::JoinedInto(older) => self.joined = Some(*older),
            Event::MergedFrom { id, state, .. } => {
                self.merge(state);
                self.recent.remember(*id, None);
            }
        }
    }

    fn remember_ticket(&mut self, ticket: Ticket) {
        if self
            .tickets
            .iter()
            .any(|known| known.effect == ticket.effect)
        {
            return;
        }
        if self.tickets.len() == TICKETS {
            self.tickets.remove(0);
        }
        self.tickets.push(ticket);
    }

    /// Takes over what the younger contact knew and this one does not. The conversation that is
    /// open here goes on; the younger one's is taken over only when none is. Tickets on their way stay
    /// with the younger one, whose effects they are.
    fn merge(&mut self, younger: &Self) {
        self.recent.merge(&younger.recent);
        self.window_end = self.window_end.max(younger.window_end);
        self.messages += younger.messages;
        for identity in &younger.identities {
            self.apply(&Event::IdentitySeen(identity.clone()));
        }
        for ticket in &younger.tickets {
            self.remember_ticket(ticket.clone());
        }
        self.tickets.sort_by_key(|ticket| ticket.opened);
        let theirs = younger.profile.clone();
        let ours = &mut self.profile;
        ours.name = ours.name.take().or(theirs.name);
        ours.area = ours.area.take().or(theirs.area);
        ours.phone = ours.phone.take().or(theirs.phone);
        ours.display_name = ours.display_name.take().or(theirs.display_name);
        self.language = self.language.or(younger.language);
        self.told.merge(&younger.told);
        self.permission.merge(&younger.permission);
        self.files.merge(&younger.files);
        self.linking.merge(&younger.linking);
        if self.flow.is_idle() {
            self.flow = younger.flow.clone();
        }
    }
}
