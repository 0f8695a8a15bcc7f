//! The outbox of one entity: what it decided to do outside, until every effect has an end.
//!
//! A machine without I/O, tasks, clock or chance. The entity's shell plans the effects of a durable
//! step, feeds what the gateway, the journal and the webhooks tell, and carries out the actions that
//! [`Outbox::poll`] gives. An effect goes `planned → sending → done | retry at | failed | in doubt`:
//!
//! - `lane` keeps one effect in flight a lane, in order of decision within a priority;
//! - `schedule` says when an attempt that was surely not done is made again;
//! - `doubt` says, by class, what an unknown outcome leads to;
//! - `entry` and `answer` join them for one effect; `restore` takes up what a stopped process
//!   left; `bounds` forgets what has ended and closes what is too much.
//!
//! Bounds. An entity with [`OPEN_MAX`] effects under way consumes no further input until some have
//! ended ([`Outbox::room`]); its inputs wait in the journal. Worthless-when-late effects beyond the
//! bound are dropped. Past [`SHELF_MAX`] shelved effects the oldest is closed as failed, past
//! [`REPORTS_MAX`] reports in memory the oldest is left to the journal, which keeps it open.

mod action;
mod answer;
mod bounds;
mod doubt;
mod ending;
mod entry;
mod event;
mod lane;
mod restore;
mod rules;
mod schedule;
mod stuck;
#[cfg(test)]
pub(crate) mod tests;
mod unanswered;
mod view;
mod withdrawal;

use std::sync::Arc;

use crate::journal::OpenEffect;
use crate::model::{Call, Class, Effect, EffectId, GatewayId, Key, Lane, Millis, Outcome};
pub use action::Action;
pub use bounds::{OPEN_MAX, REPORTS_MAX, SHELF_MAX};
use doubt::Statuses;
use ending::Proof;
use entry::{Entry, State, Surroundings};
pub use event::Event;
use lane::Turn;
pub use rules::Rules;
pub use schedule::LAST_TRY;
pub use stuck::{Stuck, StuckShare, StuckTotals};
pub use view::View;
pub(crate) use withdrawal::WITHDRAWN;

/// Everything one entity has decided to do and that has not ended.
#[derive(Debug)]
pub struct Outbox {
    key: Key,
    rules: Rules,
    /// How statuses arrive of the line on which something is in doubt.
    statuses: Statuses,
    statuses_of: Option<GatewayId>,
    /// In order of decision; a redriven effect moves to the end.
    entries: Vec<Entry>,
    next_seq: u64,
    actions: Vec<Action>,
    /// First tries begun before an older effect of their lane and priority.
    overtaken: u32,
    /// The latest instant the machine was told.
    now: Millis,
}

impl Outbox {
    /// Takes up the effects that were open when the entity was last alive. A `Sending` without
    /// outcome is in doubt.
    pub fn restore(key: Key, open: Vec<OpenEffect>, rules: Rules, now: Millis) -> Self {
        let mut outbox = Self {
            key,
            rules,
            statuses: Statuses::default(),
            statuses_of: None,
            entries: Vec::with_capacity(open.len()),
            next_seq: 0,
            actions: Vec::new(),
            overtaken: 0,
            now,
        };
        for open in open {
            let seq = outbox.take_seq();
            let restored = restore::entry(open, seq, outbox.surroundings(now));
            outbox.entries.extend(restored);
        }
        outbox.sweep();
        outbox
    }

    /// Replaces the settings, when the entity's channel is known or its settings changed.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// The effect of a step about to be committed whose lane is free, so that its first `Sending`
    /// may be committed with the step: the most urgent of those that need one.
    pub fn would_start(&self, effects: &[Effect], now: Millis) -> Option<usize> {
        let startable = |(index, effect): &(usize, &Effect)| {
            let recorded = effect.class != Class::Disposable && effect.lane != Lane::Free;
            let alive = effect.expires.is_none_or(|expires| now < expires);
            let first = !effects.iter().enumerate().any(|(other, rival)| {
                rival.lane == effect.lane && (rival.priority, other) < (effect.priority, *index)
            });
            let to_a_gateway =
                effect.gateway.is_some() && !matches!(effect.call, Call::Tell { .. });
            recorded && alive && to_a_gateway && first && self.lane_is_free(&effect.lane)
        };
        let candidates = effects.iter().enumerate().filter(startable);
        candidates
            .min_by_key(|(index, effect)| (effect.priority, *index))
            .map(|(index, _)| index)
    }

    /// Takes the effects of a step that is durable; `started` is the one whose `Sending` was
    /// committed with it.
    pub fn plan(&mut self, effects: Vec<Effect>, started: Option<usize>, now: Millis) {
        self.now = self.now.max(now);
        for (index, effect) in effects.into_iter().enumerate() {
            let seq = self.take_seq();
            let mut entry = Entry::planned(Arc::new(effect), seq, now);
            if started == Some(index) {
                self.overtaken += u32::from(lane::overtakes(&self.entries, &entry));
                entry.start_committed(now, &mut self.actions);
            } else if entry.is_worthless_late() && self.room() == 0 {
                entry.drop_unsent("the outbox is full", now, &mut self.actions);
            }
            self.entries.push(entry);
        }
        self.sweep();
    }

    /// Feeds one event. What it names and the outbox no longer has is ignored: it came twice or
    /// late.
    pub fn on(&mut self, event: Event, now: Millis) {
        self.now = self.now.max(now);
        match event {
            Event::Taken { effect, no, line } => {
                self.with(effect, now, |entry, _| entry.taken(no, line));
            }
            Event::NotBefore { effect, until } => {
                self.with(effect, now, |entry, _| entry.delay(until));
            }
            Event::Called { effect, no, called } => {
                self.with(effect, now, |entry, around| {
                    entry.called(no, called, around)
                });
            }
            Event::NotStarted { effect, no, until } => {
                self.with(effect, now, |entry, around| {
                    entry.not_started(no, until, around);
                });
            }
            Event::Spared {
                effect,
                no,
                until,
                reason,
            } => {
                self.with(effect, now, |entry, around| {
                    entry.spared(no, until, reason, around);
                });
            }
            Event::Undeliverable { effect, no, reason } => {
                self.with(effect, now, |entry, around| {
                    entry.undeliverable(no, &reason, around);
                });
            }
            Event::MarketingWithdrawn => self.withdraw_marketing(now),
            Event::LookedUp { effect, looked } => {
                self.with(effect, now, |entry, around| entry.looked_up(looked, around));
            }
            Event::Proof {
                effect,
                rank,
                provider_id,
                failure,
            } => {
                let proof = Proof::of(rank, provider_id, failure);
                self.with(effect, now, |entry, around| entry.proven(proof, around));
            }
            Event::Told { effect } => {
                self.with(effect, now, |entry, around| entry.told(around));
            }
            Event::Closed { effects } => {
                for effect in effects {
                    self.with(effect, now, |entry, _| entry.close());
                }
            }
            Event::StatusesSeen { at } => self.statuses.seen(at.min(now)),
            Event::Circuit { gateway, open } => self.circuit(gateway, open, now),
            Event::Redriven { effect } => self.redrive(effect, now),
            Event::Dismissed { effect } => {
                self.with(effect, now, |entry, around| entry.dismissed(around));
            }
        }
        self.sweep();
    }

    /// What is to be done now, in this order; call until it gives nothing after every plan, event
    /// and due time.
    pub fn poll(&mut self, now: Millis) -> Vec<Action> {
        self.now = self.now.max(now);
        for index in 0..self.entries.len() {
            let around = Surroundings {
                rules: &self.rules,
                statuses: &self.statuses,
                actions: &mut self.actions,
                now,
            };
            self.entries[index].tick(around);
        }
        self.sweep();
        for lane in lane::distinct(&self.entries) {
            while let Turn::Start(index) = lane::turn(&self.entries, &lane, now) {
                let overtakes = lane::overtakes(&self.entries, &self.entries[index]);
                self.overtaken += u32::from(overtakes);
                self.entries[index].start(now, &mut self.actions);
            }
        }
        self.sweep();
        std::mem::take(&mut self.actions)
    }

    /// How many first tries were begun since the last call before an older effect of their lane and
    /// priority that had never been begun. The order of a lane holds as long as this gives 0.
    pub fn take_overtaken(&mut self) -> u32 {
        std::mem::take(&mut self.overtaken)
    }

    /// When to poll again if nothing happens before; `None` when only an event can change anything.
    pub fn next_due(&self) -> Option<Millis> {
        if !self.actions.is_empty() {
            return Some(self.now);
        }
        let own = self
            .entries
            .iter()
            .filter_map(|entry| entry.due(&self.rules, &self.statuses));
        let lanes = lane::distinct(&self.entries);
        let turns =
            lanes
                .iter()
                .filter_map(|lane| match lane::turn(&self.entries, lane, self.now) {
                    Turn::Start(_) => Some(self.now),
                    Turn::Wait(until) => until,
                });
        own.chain(turns).min()
    }

    /// Whether the arrival of statuses, of whatever message of the line, may decide something.
    pub fn awaits_status(&self) -> bool {
        self.entries.iter().any(Entry::awaits_status)
    }

    /// The line whose statuses may decide something. What was seen of another line's says nothing of
    /// it and is forgotten.
    pub fn status_line(&mut self) -> Option<GatewayId> {
        let doubtful = self.entries.iter().find(|entry| entry.awaits_status())?;
        let line = doubtful.line.or(doubtful.effect.gateway);
        if line != self.statuses_of {
            self.statuses_of = line;
            self.statuses = Statuses::default();
        }
        line
    }

    /// Whether nothing is planned, sending, retrying or in doubt. Shelved effects and reports that
    /// wait for their step do not count.
    pub fn is_idle(&self) -> bool {
        !self.entries.iter().any(Entry::is_active)
    }

    /// Every effect that has not been closed.
    pub fn effects(&self) -> Vec<EffectId> {
        self.entries.iter().map(|entry| entry.effect.id).collect()
    }

    /// The entity this outbox belongs to.
    pub const fn key(&self) -> Key {
        self.key
    }

    fn lane_is_free(&self, lane: &Lane) -> bool {
        !self
            .entries
            .iter()
            .any(|entry| entry.effect.lane == *lane && entry.is_active())
    }

    fn circuit(&mut self, gateway: GatewayId, open: bool, now: Millis) {
        let concerned = |entry: &&mut Entry| entry.effect.gateway == Some(gateway);
        for entry in self.entries.iter_mut().filter(concerned) {
            if open {
                entry.hold_for_circuit(now);
            } else {
                entry.release(now);
            }
        }
    }

    fn redrive(&mut self, effect: EffectId, now: Millis) {
        let position = self.entries.iter().position(|entry| {
            entry.effect.id == effect && matches!(entry.state, State::Shelved(_))
        });
        let Some(position) = position else { return };
        let mut entry = self.entries.remove(position);
        entry.seq = self.take_seq();
        entry.redriven(now, &mut self.actions);
        self.entries.push(entry);
    }

    fn with(
        &mut self,
        effect: EffectId,
        now: Millis,
        change: impl FnOnce(&mut Entry, Surroundings<'_>),
    ) {
        let found = self
            .entries
            .iter_mut()
            .find(|entry| entry.effect.id == effect);
        if let Some(entry) = found {
            let around = Surroundings {
                rules: &self.rules,
                statuses: &self.statuses,
                actions: &mut self.actions,
                now,
            };
            change(entry, around);
        }
    }

    fn surroundings(&mut self, now: Millis) -> Surroundings<'_> {
        Surroundings {
            rules: &self.rules,
            statuses: &self.statuses,
            actions: &mut self.actions,
            now,
        }
    }

    fn take_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq
    }
}

/// Shorthand for the end of an effect that no provider was asked about.
fn failed(reason: &str) -> Outcome {
    Outcome::Failed {
        code: 0,
        reason: reason.into(),
    }
}
