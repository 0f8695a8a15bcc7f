//! A decision in the making: events applied to a working copy of the state as they are decided, and
//! effects with their deterministic ids.

mod desk;
mod files;
mod rich;
mod say;
mod unasked;

use smol_str::SmolStr;

use super::flow::transitions::{Stage, permits};
use super::{Event, Flow, State};
use crate::model::{
    Call, Class, ContactId, Effect, EffectId, GatewayId, IdHash, InSeq, Inbound, Key, Lane, Millis,
    Priority,
};
use crate::ports::{ChannelSettings, SecondLine};
pub(super) use say::Unsent;

/// Read marks and typing signs are worthless after this, in milliseconds.
const FREE_LIFE_MS: u64 = 10_000;

/// Events and effects of one step while it is decided.
#[derive(Clone)]
pub(super) struct Plan<'a> {
    /// The state after the events so far.
    pub state: State,
    /// The channel, unless it was deleted.
    pub settings: Option<&'a ChannelSettings>,
    /// The instant of the decision.
    pub now: Millis,
    key: Key,
    position: InSeq,
    input: IdHash,
    events: Vec<Event>,
    effects: Vec<Effect>,
    closes: Vec<EffectId>,
    missed: bool,
    by_second: bool,
}

/// What makes effect ids: the entity and the input being consumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub key: Key,
    pub position: InSeq,
    pub input: IdHash,
}

impl<'a> Plan<'a> {
    pub fn new(
        state: &State,
        settings: Option<&'a ChannelSettings>,
        now: Millis,
        origin: Origin,
    ) -> Self {
        let Origin {
            key,
            position,
            input,
        } = origin;
        Self {
            state: state.clone(),
            settings,
            now,
            key,
            position,
            input,
            events: Vec::with_capacity(6),
            effects: Vec::with_capacity(2),
            closes: Vec::new(),
            missed: false,
            by_second: false,
        }
    }

    /// Notes that the message being consumed came by the channel's second line.
    pub const fn came_by_second(&mut self, by_second: bool) {
        self.by_second = by_second;
    }

    /// The gateway of the line by which the message being consumed came.
    fn own_line(&self, first: GatewayId, of: impl FnOnce(SecondLine) -> GatewayId) -> GatewayId {
        let second = self.settings.and_then(|settings| settings.second);
        second.filter(|_| self.by_second).map_or(first, of)
    }

    /// Decides an event: it is recorded and applied at once to the working state.
    pub fn emit(&mut self, event: Event) {
        if let Event::FlowMoved(to) = &event {
            let (from, to) = (Stage::of(&self.state.flow), Stage::of(to));
            debug_assert!(permits(from, to), "no move from {from:?} to {to:?}");
        }
        self.state.apply(&event);
        self.events.push(event);
    }

    /// Notes that a reported effect was taken note of.
    pub fn close(&mut self, effect: EffectId) {
        self.closes.push(effect);
    }

    /// Notes that this message was not understood: nothing came of it.
    pub const fn miss(&mut self) {
        self.missed = true;
    }

    /// Whether nothing has come of the conversation yet: the bot has to ask on, or did not
    /// understand.
    pub fn came_to_nothing(&self) -> bool {
        self.missed || matches!(self.state.flow, Flow::Asking(_))
    }

    /// Messages to the person decided so far.
    pub fn replies(&self) -> u16 {
        let events = self.events.iter();
        let replies = events.filter(|event| matches!(event, Event::ReplyPlanned { .. }));
        u16::try_from(replies.count()).unwrap_or(u16::MAX)
    }

    /// Marks the person's message read and shows the typing sign while longer work goes on.
    pub fn show_typing(&mut self, message: SmolStr) {
        let Some(settings) = self.settings else {
            return;
        };
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Reply,
            class: Class::Disposable,
            gateway: Some(self.own_line(settings.messages, |second| second.messages)),
            expires: Some(self.now.plus_ms(FREE_LIFE_MS)),
            report: false,
            call: Call::MarkRead {
                message,
                typing: true,
            },
        });
    }

    /// Gives another entity an input.
    pub fn tell(&mut self, to: Key, input: Inbound) {
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Urgent,
            class: Class::Searchable,
            gateway: None,
            expires: None,
            report: false,
            call: Call::Tell {
                to,
                input: Box::new(input),
            },
        });
    }

    /// The finished parts: state after the step, events, effects, closed effects.
    pub fn finish(self) -> super::Decision {
        super::Decision {
            state: self.state,
            events: self.events,
            effects: self.effects,
            closes: self.closes,
        }
    }

    /// The contact's own id.
    pub const fn contact(&self) -> Option<ContactId> {
        match self.key {
            Key::Contact(id) => Some(id),
            Key::Channel(_) | Key::Gateway(_) => None,
        }
    }

    /// Where the input being consumed stands in the journal.
    pub const fn position(&self) -> InSeq {
        self.position
    }

    fn next_effect_id(&self) -> EffectId {
        EffectId::derive(
            self.key,
            self.position,
            self.input,
            self.effects.len() as u16,
        )
    }
}
