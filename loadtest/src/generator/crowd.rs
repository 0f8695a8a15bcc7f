//! Who writes next. People write a few messages in a row and then fall silent: of the `turns`
//! messages of a contact the first finds it asleep or new, the others awake.
//!
//! The silences keep the load within WhatsApp's own limit of a pair (one message in six seconds; a
//! burst within six seconds may borrow, and all of it must be paid back before the next message:
//! WhatsApp Cloud API, rate limits). A load that breaks it would measure the limit.

use std::collections::VecDeque;

use crate::world::World;

/// Where the contacts of chopped conversations begin.
const CHOPPED: u32 = 50_000_000;
/// Where the contacts that send albums begin.
const ALBUMS: u32 = 60_000_000;
/// How many contacts each of the two have.
const APART: u32 = 20_000;
/// Silence that pays for one message of a pair.
const DEBT_US: i64 = 6_000_000;
/// A burst is over well before the six seconds in which it may borrow, because replies take time.
const BURST_US: i64 = 3_500_000;
/// Contacts that are looked at to find one without debt.
const LOOKED_AT_MAX: u32 = 1_000;

/// The people of the load world, and what each owes its pair.
#[derive(Debug, Default)]
pub struct Crowd {
    /// Contacts in the middle of their turns, the one that waits longest first.
    writing: VecDeque<Writing>,
    /// When each contact's debt is paid, microseconds since 1970.
    paid_us: Vec<i64>,
    next: u32,
    turns: u32,
    pause_us: i64,
    chopped: u32,
    albums: u32,
    indebted: u64,
}

#[derive(Debug)]
struct Writing {
    contact: u32,
    left: u32,
    began_us: i64,
    ready_us: i64,
}

impl Crowd {
    /// A crowd of which nobody has written yet. `begun` sets where in the row it starts, for a
    /// server that knows some of it already.
    pub fn new(world: &World, begun: u64) -> Self {
        let contacts = world.contacts.max(1);
        Self {
            writing: VecDeque::new(),
            paid_us: vec![0; contacts as usize],
            next: (begun % u64::from(contacts)) as u32,
            turns: world.turns.max(1),
            pause_us: i64::from(world.pause_ms) * 1_000,
            chopped: (begun % u64::from(APART)) as u32,
            albums: (begun % u64::from(APART)) as u32,
            indebted: 0,
        }
    }

    /// Whoever was in the middle of their turns has fallen silent: between two stretches of load
    /// more time passes than a burst may last.
    pub fn fall_silent(&mut self) {
        self.writing.clear();
    }

    /// Who asks the next `questions` at `now_us`.
    pub fn next(&mut self, questions: u32, now_us: i64) -> u32 {
        while self
            .writing
            .front()
            .is_some_and(|first| first.ready_us <= now_us)
        {
            let Some(mut writing) = self.writing.pop_front() else {
                break;
            };
            // Whoever had to wait too long has fallen silent.
            if now_us - writing.began_us < BURST_US {
                writing.left = writing.left.saturating_sub(questions);
                return self.write(writing, questions, now_us);
            }
        }
        let writing = Writing {
            contact: self.rested(now_us),
            left: self.turns.saturating_sub(questions),
            began_us: now_us,
            ready_us: now_us,
        };
        self.write(writing, questions, now_us)
    }

    fn write(&mut self, mut writing: Writing, questions: u32, now_us: i64) -> u32 {
        let paid_us = &mut self.paid_us[writing.contact as usize];
        *paid_us = (*paid_us).max(now_us) + DEBT_US * i64::from(questions);
        let contact = writing.contact;
        if writing.left > 0 {
            writing.ready_us = now_us + self.pause_us;
            self.writing.push_back(writing);
        }
        contact
    }

    /// The next contact in the row that owes nothing; when there is none nearby, the next one.
    fn rested(&mut self, now_us: i64) -> u32 {
        let contacts = self.paid_us.len() as u32;
        let row = (0..contacts.min(LOOKED_AT_MAX)).map(|nth| (self.next + nth) % contacts);
        let found = row
            .clone()
            .find(|contact| self.paid_us[*contact as usize] <= now_us);
        if found.is_none() {
            self.indebted += 1;
        }
        let contact = found.unwrap_or(self.next);
        self.next = (contact + 1) % contacts;
        contact
    }

    /// How often somebody had to write although they owe: more contacts would be needed.
    pub fn indebted(&self) -> u64 {
        self.indebted
    }

    /// Who begins the next chopped conversation.
    pub fn next_chopped(&mut self) -> u32 {
        self.chopped = (self.chopped + 1) % APART;
        CHOPPED + self.chopped
    }

    /// Who sends the next album.
    pub fn next_album(&mut self) -> u32 {
        self.albums = (self.albums + 1) % APART;
        ALBUMS + self.albums
    }
}

/// The WhatsApp id of a contact.
pub fn wa_id(contact: u32) -> String {
    format!("519{contact:08}")
}

/// The contact of a WhatsApp id; `None` when it is none of the load's.
pub fn contact(wa_id: &str) -> Option<u32> {
    let digits = wa_id
        .strip_prefix("519")
        .filter(|digits| digits.len() == 8)?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Times in which each contact wrote, of so many messages at this rate.
    fn written(world: &World, messages: i64, per_s: i64) -> (HashMap<u32, Vec<i64>>, u64) {
        let mut crowd = Crowd::new(world, 0);
        let mut written = HashMap::<u32, Vec<i64>>::new();
        for nth in 0..messages {
            let now_us = 1_000_000 + nth * 1_000_000 / per_s;
            written
                .entry(crowd.next(1, now_us))
                .or_default()
                .push(now_us);
        }
        (written, crowd.indebted())
    }

    /// The pair's rule: a burst of six seconds borrows, then everything is paid back.
    fn keeps_to_the_pair(times: &[i64]) -> bool {
        let (mut paid, mut burst) = (0, 0);
        times.iter().all(|at| {
            if *at >= paid {
                (paid, burst) = (at + DEBT_US, *at);
                return true;
            }
            paid += DEBT_US;
            at - burst <= 6_000_000
        })
    }

    #[test]
    fn a_crowd_that_is_large_enough_keeps_to_the_limit_of_pairs_at_any_rate() {
        let world = World {
            contacts: 40_000,
            turns: 4,
            pause_ms: 1_000,
            ..World::default()
        };
        for per_s in [20, 200, 2_000, 6_000] {
            let (written, indebted) = written(&world, per_s * 60, per_s);
            assert_eq!(indebted, 0, "{per_s}");
            assert!(
                written.values().all(|times| keeps_to_the_pair(times)),
                "{per_s}"
            );
        }
        let (_, indebted) = written(&world, 600_000, 10_000);
        assert!(indebted > 0);
    }

    #[test]
    fn people_write_several_messages_in_a_row() {
        let world = World {
            contacts: 40_000,
            turns: 4,
            pause_ms: 1_000,
            ..World::default()
        };
        let (written, _) = written(&world, 40_000, 2_000);
        let full = written.values().filter(|times| times.len() == 4).count();
        assert!(full * 10 > written.len() * 7, "{full} of {}", written.len());
        assert!(written.values().all(|times| times.len() <= 4));
    }

    #[test]
    fn a_wa_id_leads_back_to_its_contact() {
        for id in [0, 39_999, 50_000_001, 99_999_999] {
            assert_eq!(contact(&wa_id(id)), Some(id));
        }
        assert_eq!(contact("51999888777777"), None);
        assert_eq!(contact("15550001111"), None);
    }
}
