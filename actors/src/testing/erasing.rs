//! Operators who have a person forgotten in the middle of a conversation, with effects and files on
//! their way and the process dying in between: the same order of work as `system::erase` and the
//! application around it, without tasks.

use std::collections::{BTreeMap, BTreeSet};

use super::BUSY_MS;
use super::core::{Core, What};
use super::people::Person;
use super::sabotage::Sabotage;
use crate::contact::State;
use crate::model::{Call, Effect, EffectId, Identity, InSeq, Inbound, Key, Note};

/// How often an order looks whether it was carried out.
const LOOK_EVERY_MS: u64 = 200;
/// When a client repeats an order that was not answered.
const AGAIN_MS: u64 = 3_000;
/// A download that was under way may still bring a file until then.
const DOWNLOADS_END_MS: u64 = 150_000;

/// An order to forget a person, until it is answered.
#[derive(Clone, Debug)]
pub(super) struct Order {
    person: Person,
    /// The process that works on it, and the inputs it waits for.
    under_way: Option<(u64, Vec<(Key, InSeq)>)>,
    /// How often every self was told.
    rounds: u8,
    /// Where the record ends by which the lists let go of the person.
    let_go: Option<usize>,
}

/// The files of the store by contact, each by the effect that fetched it.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<Key, BTreeSet<EffectId>>);

impl Files {
    /// A download ends.
    pub(super) fn keep(&mut self, effect: &Effect) {
        if matches!(effect.call, Call::FetchMedia(_)) {
            self.0.entry(effect.id.key).or_default().insert(effect.id);
        }
    }

    /// What can be read of a contact's.
    pub(super) fn readable(&self, key: Key) -> impl Iterator<Item = EffectId> {
        self.0.get(&key).into_iter().flatten().copied()
    }

    fn forget(&mut self, key: Key) {
        self.0.remove(&key);
    }
}

/// Some people are forgotten at some time.
pub(super) fn schedule(core: &mut Core, person: Person) {
    if !core.chance(30) {
        return;
    }
    let at = core.dice.below(BUSY_MS);
    let order = Order {
        person,
        under_way: None,
        rounds: 0,
        let_go: None,
    };
    core.after(at, What::Erase(order));
}

impl Core {
    /// Goes on with an order; while nobody is there it comes again.
    pub(super) fn erase(&mut self, mut order: Order, up: bool) {
        let process = self.process;
        let ours = |of: &(u64, Vec<_>)| of.0 == process;
        if !up {
            return self.after(AGAIN_MS, What::Erase(order));
        }
        let Some((_, positions)) = order.under_way.clone().filter(ours) else {
            (order.rounds, order.let_go) = (0, None);
            return self.tell_selves(order);
        };
        let open = |(key, position): &(Key, InSeq)| self.store.consumed(*key) < *position;
        if positions.iter().any(open) {
            return self.after(LOOK_EVERY_MS, What::Erase(order));
        }
        if positions.len() > 1 && order.rounds < 2 {
            return self.tell_selves(order);
        }
        let keys: Vec<Key> = positions.into_iter().map(|(key, _)| key).collect();
        match order.let_go {
            None => {
                order.let_go = Some(self.let_go(&keys));
                self.after(LOOK_EVERY_MS, What::Erase(order));
            }
            Some(end) if self.store.durable() < end => {
                self.after(LOOK_EVERY_MS, What::Erase(order));
            }
            Some(_) => {
                self.remove_files(&keys);
                self.after(DOWNLOADS_END_MS, What::RemoveLate(keys));
            }
        }
    }

    /// Every contact that is this person gets the input, and an alias that leads to itself.
    fn tell_selves(&mut self, mut order: Order) {
        let selves = self.selves(order.person);
        let mut positions = Vec::with_capacity(selves.len());
        for key in selves {
            let name = format!("{key}/{}", self.now.0);
            let position = self.accept_inside(key, b"erase", &name, Inbound::Erased);
            positions.push((key, position));
            if let Key::Contact(id) = key {
                self.note(key, Note::Alias { alias: id.0 });
            }
        }
        if positions.is_empty() {
            return;
        }
        order.rounds += 1;
        order.under_way = Some((self.process, positions));
        self.after(LOOK_EVERY_MS, What::Erase(order));
    }

    /// What was set aside is let go of. Gives where the log ends then.
    fn let_go(&mut self, keys: &[Key]) -> usize {
        for (position, input, _) in self.store.desk().quarantined {
            if keys.contains(&input.key) {
                self.checks.dismissed(input.key, position);
                self.note(input.key, Note::Released { input: position });
            }
        }
        self.store.end()
    }

    /// Removes what downloads brought late, unless the person has written again.
    pub(super) fn remove_late(&mut self, keys: &[Key]) {
        let blank = |key: &&Key| {
            let loaded = self.store.load(**key, self.now);
            let mut state = State::default();
            let folded = loaded.tail.iter().try_for_each(|step| state.fold(step));
            folded.is_ok() && state.is_new()
        };
        let blank: Vec<Key> = keys.iter().filter(blank).copied().collect();
        self.remove_files(&blank);
    }

    fn remove_files(&mut self, keys: &[Key]) {
        if self.sabotage != Some(Sabotage::KeyKept) {
            keys.iter().for_each(|key| self.files.forget(*key));
        }
        let durable = self.store.durable();
        self.checks.read(self.store.records(), durable);
        self.look_behind(keys);
    }

    fn look_behind(&mut self, keys: &[Key]) {
        let desk = self.store.desk();
        for key in keys {
            let loaded = self.store.load(*key, self.now);
            let files = self.files.readable(*key);
            self.checks.carried_out(*key, &loaded, &desk, files);
        }
    }

    /// The contacts of a person's names of which anything is on record.
    fn selves(&self, person: Person) -> Vec<Key> {
        let channel = &self.people.channels[(person.nth % 3) as usize];
        let names = person.names();
        let keys = names.iter().map(|name: &Identity| {
            let contact = self.people.identity.contact_id(&channel.tenant, name);
            Key::Contact(contact)
        });
        keys.filter(|key| self.store.knows(*key)).collect()
    }
}
