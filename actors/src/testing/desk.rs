//! Technicians at the help desks of a world, and the looks of a poller without tasks.
//!
//! Technicians write and solve at any moment; looks come late, fail halfway, die with the process
//! between news and mark, and find the same again because they overlap. Each look is the poller's own
//! machine, and a gateway's inputs are decided by its own. Every word is unique, so that whoever was
//! told what is seen in the messages.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::core::{Core, What};
use super::sabotage::Sabotage;
use crate::fold::{Folded, put_events};
use crate::gateway::entity::{State, decide};
use crate::gateway::look::{Look, Next};
use crate::journal::Accepted;
use crate::model::{
    EffectId, GatewayId, InEvent, InSeq, Key, Millis, ReadTicket, SCHEMA, Step, TenantId,
    TicketFact, TicketLine, TicketState, TicketWord, Version,
};
use crate::ports::{ChangedTicket, ChangedTickets, TicketOwner, TicketStory};

/// Seconds of a look that are looked at again.
const OVERLAP_S: u64 = 2;

/// What a word of a technician's looks like in a message: `⟦17⟧`.
const MARKS: (char, char) = ('⟦', '⟧');

/// The tickets of all help desks as technicians left them.
#[derive(Debug, Default)]
pub(super) struct Desk {
    tickets: BTreeMap<(GatewayId, u64), Story>,
    words: u64,
    /// The looks of this process, by help desk.
    looks: BTreeMap<GatewayId, Looking>,
}

#[derive(Debug)]
struct Story {
    effect: EffectId,
    state: TicketState,
    stay: u64,
    changed_s: u64,
    words: Vec<(u64, TicketWord)>,
    assigned: u64,
}

/// A gateway's poller: what it remembers, and the look it is in.
#[derive(Debug, Default)]
struct Looking {
    state: Option<State>,
    look: Option<Look>,
    /// The record that must be durable before the look goes on.
    waits_for: usize,
}

impl Desk {
    /// A ticket was opened through this service.
    pub(super) fn opened(
        &mut self,
        gateway: GatewayId,
        ticket: u64,
        effect: EffectId,
        now: Millis,
    ) {
        let story = Story {
            effect,
            state: TicketState::New,
            stay: 0,
            changed_s: now.0 / 1_000,
            words: Vec::new(),
            assigned: 0,
        };
        self.tickets.insert((gateway, ticket), story);
    }

    /// The process died, and its pollers with it.
    pub(super) fn crashed(&mut self) {
        self.looks.clear();
    }

    /// Every word that was written, and for whom.
    pub(super) fn words(&self) -> impl Iterator<Item = (u64, EffectId)> {
        let stories = self.tickets.values();
        stories.flat_map(|story| story.words.iter().map(|(_, word)| (word.id, story.effect)))
    }
}

/// The words in a text.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = u64> {
    let parts = text.split(MARKS.0).skip(1);
    parts.filter_map(|part| part.split(MARKS.1).next()?.parse().ok())
}

fn date(second: u64) -> SmolStr {
    format_smolstr!("{second:012}")
}

fn second(date: &str) -> u64 {
    date.parse().unwrap_or(0)
}

impl Core {
    /// A technician does something to some ticket.
    pub(super) fn act(&mut self) {
        let count = self.desk.tickets.len() as u64;
        if count == 0 {
            return;
        }
        let nth = self.dice.below(count) as usize;
        let (what, now_s) = (self.dice.below(4), self.now.0 / 1_000);
        self.desk.words += 1;
        let id = self.desk.words;
        let (key, story) = self.desk.tickets.iter_mut().nth(nth).expect("counted");
        let gateway = key.0;
        story.changed_s = now_s;
        let word = |is_solution| TicketWord {
            is_solution,
            id,
            at: None,
            text: format!("{}{id}{}", MARKS.0, MARKS.1),
        };
        match what {
            0 => story.assigned = id,
            1 => (story.state, story.stay) = (TicketState::Pending, id),
            2 => {
                story.words.push((now_s, word(true)));
                (story.state, story.stay) = (TicketState::Solved, id);
            }
            _ => story.words.push((now_s, word(false))),
        }
        self.look_soon(gateway);
    }

    /// Looks at a help desk within a poll's interval.
    pub(super) fn look_soon(&mut self, gateway: GatewayId) {
        let ms = self.dice.below(5_000);
        let what = What::Look(self.process, gateway);
        self.after(ms, what);
    }

    /// A poller's timer.
    pub(super) fn look(&mut self, gateway: GatewayId) {
        let Some(tenant) = self.people.tenant_of(gateway) else {
            return;
        };
        if self.looking(gateway).look.is_none() {
            let state = match self.looking(gateway).state.clone() {
                Some(state) => state,
                None => self.gateway_on_record(gateway).0,
            };
            let looking = self.looking(gateway);
            looking.look = Some(Look::new(gateway, tenant, state.clone()));
            looking.state = Some(state);
            looking.waits_for = 0;
        }
        self.go_on_looking(gateway);
    }

    /// Looks that waited for the disk go on.
    pub(super) fn look_on(&mut self) {
        let waiting: Vec<GatewayId> = self.desk.looks.keys().copied().collect();
        for gateway in waiting {
            if self.looking(gateway).look.is_some() {
                self.go_on_looking(gateway);
            }
        }
    }

    fn looking(&mut self, gateway: GatewayId) -> &mut Looking {
        self.desk.looks.entry(gateway).or_default()
    }

    fn go_on_looking(&mut self, gateway: GatewayId) {
        let identity = self.people.identity.clone();
        let durable = self.store.durable();
        let looking = self.looking(gateway);
        let Some(mut look) = looking.look.take() else {
            return;
        };
        if looking.waits_for > durable {
            looking.look = Some(look);
            return;
        }
        if looking.waits_for > 0 {
            looking.waits_for = 0;
            if let (Some(polled), Some(state)) = (look.moves(), &mut looking.state) {
                state.apply(&crate::gateway::entity::Event::Looked(polled.clone()));
            }
            look.given();
        }
        loop {
            let next = look.next(&identity, self.now);
            let asks = !matches!(
                next,
                Next::Give(_) | Next::Contact { .. } | Next::End { .. }
            );
            if asks && self.faults && self.chance(10) {
                // No answer: the look is given up, and comes again from the same mark.
                return self.look_soon(gateway);
            }
            match next {
                Next::Mark => look.marked(date(0)),
                Next::Changed { since } => look.found(self.changed(gateway, &since)),
                Next::Owner { ticket } => {
                    let story = self.desk.tickets.get(&(gateway, ticket));
                    look.owned(story.map(|story| TicketOwner {
                        effect: Some(story.effect),
                        phones: Vec::new(),
                    }));
                }
                Next::Contact { owner } => {
                    let key = owner.effect.map(|effect| effect.key);
                    look.is_of(key.filter(|key| self.store.knows(*key)));
                }
                Next::News { ticket, since } => {
                    let story = self.story(gateway, ticket, &since);
                    look.told(story, &identity, self.now);
                }
                Next::Give(_) if self.skips_news(&look) => look.given(),
                Next::Give(event) => {
                    self.accept_event(*event);
                    let end = self.store.end();
                    let looking = self.looking(gateway);
                    looking.waits_for = end;
                    looking.look = Some(look);
                    return;
                }
                Next::End { .. } => return self.looked(gateway),
            }
        }
    }

    /// Whether news are taken for durable that are not, as they are when the mark is moved first.
    fn skips_news(&mut self, look: &Look) -> bool {
        let first = self.sabotage == Some(Sabotage::MarkFirst);
        first && look.moves().is_none() && self.chance(5)
    }

    /// A look ended; another follows while something may be unread.
    fn looked(&mut self, gateway: GatewayId) {
        let state = self.looking(gateway).state.clone().unwrap_or_default();
        let unread = self.desk.tickets.iter().any(|((of, ticket), story)| {
            let read = ReadTicket {
                ticket: *ticket,
                changed: date(story.changed_s),
            };
            let from = second(&state.mark.clone().unwrap_or_default());
            let found_again = story.changed_s + OVERLAP_S > from;
            *of == gateway && found_again && !state.has_read(&read)
        });
        if unread || state.mark.is_none() {
            self.look_soon(gateway);
        }
    }

    fn changed(&self, gateway: GatewayId, since: &str) -> ChangedTickets {
        let from = second(since).saturating_sub(OVERLAP_S);
        let now_s = self.now.0 / 1_000;
        let of = self.desk.tickets.iter();
        let changed = of.filter(|((of, _), story)| *of == gateway && story.changed_s > from);
        let mut tickets: Vec<ChangedTicket> = changed
            .map(|((_, ticket), story)| ChangedTicket {
                read: ReadTicket {
                    ticket: *ticket,
                    changed: date(story.changed_s),
                },
                settled: now_s >= story.changed_s + 2,
            })
            .collect();
        tickets.sort_by(|a, b| a.read.changed.cmp(&b.read.changed));
        let last = tickets.last().map(|ticket| second(&ticket.read.changed));
        let mark = last.unwrap_or(0).max(second(since));
        ChangedTickets {
            tickets,
            mark: date(mark),
            from: date(mark.saturating_sub(OVERLAP_S)),
            more: false,
        }
    }

    fn story(&self, gateway: GatewayId, ticket: u64, since: &str) -> Option<TicketStory> {
        let story = self.desk.tickets.get(&(gateway, ticket))?;
        let from = second(since).saturating_sub(OVERLAP_S);
        let mut changes = Vec::new();
        if story.assigned > 0 {
            changes.push(TicketFact::Assigned {
                group: false,
                id: story.assigned,
                fresh: false,
            });
        }
        let words = story.words.iter().filter(|(at, _)| *at >= from);
        changes.extend(words.map(|(_, word)| TicketFact::Word(word.clone())));
        if story.stay > 0 {
            changes.push(TicketFact::Stay {
                state: story.state,
                stay: format_smolstr!("{}", story.stay),
            });
        }
        Some(TicketStory {
            line: TicketLine {
                id: ticket,
                title: "World".into(),
                state: story.state,
                opened: None,
                changed: None,
            },
            survey: false,
            changes,
        })
    }

    /// A gateway's state, version and last input, as they are on record.
    fn gateway_on_record(&mut self, gateway: GatewayId) -> (State, Version, InSeq) {
        let loaded = self.store.load(Key::Gateway(gateway), self.now);
        let mut state = State::default();
        for step in &loaded.tail {
            if let Err(error) = state.fold(step) {
                self.checks.broken(11, error.to_string());
            }
        }
        (state, loaded.version, loaded.consumed)
    }

    /// A gateway consumes everything that was accepted for it.
    pub(super) fn gateway_consumes(&mut self, gateway: GatewayId) {
        let key = Key::Gateway(gateway);
        let (mut state, mut version, mut consumed) = self.gateway_on_record(gateway);
        while let Some((position, input)) = self.store.next_input(key, consumed) {
            let (after, events) = decide(&state, &input);
            let step = Step {
                consumed: position,
                input: input.id,
                now: self.now,
                schema: SCHEMA,
                events: put_events(&events),
                effects: Vec::new(),
                closes: Vec::new(),
                wake: None,
                set_aside: false,
            };
            match self.store.commit(key, &step, None, version) {
                Ok(next) => (version, consumed, state) = (next, position, after),
                Err(error) => return self.checks.broken(3, error.to_string()),
            }
            self.need_flush();
        }
    }
}

impl super::people::People {
    /// The organisation of a help desk.
    fn tenant_of(&self, gateway: GatewayId) -> Option<TenantId> {
        let mut channels = self.channels.iter();
        let of = channels.find(|channel| channel.help_desk == Some(gateway))?;
        Some(of.tenant.clone())
    }

    /// Every help desk, once.
    pub(super) fn help_desks(&self) -> Vec<GatewayId> {
        let mut desks: Vec<GatewayId> = self.channels.iter().filter_map(|c| c.help_desk).collect();
        desks.sort_unstable();
        desks.dedup();
        desks
    }
}

/// Whether an input is a gateway's.
pub(super) fn gateway_of(input: &(Accepted, InEvent)) -> Option<GatewayId> {
    match input.1.key {
        Key::Gateway(gateway) => Some(gateway),
        Key::Contact(_) | Key::Channel(_) => None,
    }
}
