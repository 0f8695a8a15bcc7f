//! The verdict over a run: what was accepted, against what the provider received. Nothing that the
//! server says about itself is believed.
//!
//! A question's reply names the question's number, so each is judged by itself. The parts of a
//! chopped conversation leave one after the other's acceptance, so the sequence of their replies is
//! known. Two messages that were under way together have no order of their own; order is demanded
//! where one was accepted before the other left.

use std::collections::{HashMap, HashSet, VecDeque};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::generator::wa_id;
use crate::ledger::{self, Kind, Ledger, Row};
use crate::request_log::{Reply, Said};

/// What went wrong, in numbers of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Accepted messages without reply.
    pub lost: u64,
    /// Replies that were taken more than once.
    pub doubled: u64,
    /// Replies that came before the reply to an earlier message of the same person.
    pub out_of_order: u64,
    /// Replies that do not fit what the person said, or that nobody asked for.
    pub wrong_state: u64,
    /// Delivery statuses that the server never took.
    pub statuses_missing: u64,
}

/// The verdict, and what is known of each reply.
#[derive(Debug)]
pub struct Judgement {
    /// What went wrong.
    pub verdict: Verdict,
    /// Scheduled arrival to arrival at the provider, in microseconds.
    pub to_provider_us: Histogram<u64>,
    /// Arrival of the first reply to each row, microseconds since 1970; 0 without one.
    pub replied_us: Vec<i64>,
    /// The first few messages or replies with something wrong about them, in words.
    pub examples: Vec<String>,
}

/// Examples that are kept.
const EXAMPLES_MAX: usize = 20;

/// Judges a run by the replies that were taken during it and until it stood still.
pub fn judge(ledger: &Ledger, replies: &[Reply]) -> Judgement {
    let mut case = Case {
        ledger,
        verdict: Verdict::default(),
        replied_us: vec![0; ledger.rows.len()],
        order: HashMap::new(),
        examples: Vec::new(),
    };
    let noise = ledger.rows.iter().filter(|row| row.kind == Kind::Noise);
    let noisy: HashSet<u32> = noise.map(|row| row.contact).collect();
    let pictures = ledger
        .rows
        .iter()
        .filter(|row| matches!(row.kind, Kind::Picture(_)));
    let pictured: HashSet<u32> = pictures.map(|row| row.contact).collect();
    let mut recorded = HashMap::<u32, VecDeque<usize>>::new();
    for (index, row) in ledger.rows.iter().enumerate() {
        if matches!(row.kind, Kind::Recorded { .. }) && row.accepted_us != 0 {
            recorded.entry(row.contact).or_default().push_back(index);
        }
    }
    let mut effects = HashSet::with_capacity(replies.len());
    let mut parts = HashMap::<u32, Vec<&Reply>>::new();
    for reply in replies {
        if !effects.insert(reply.effect) {
            case.verdict.doubled += 1;
            case.complain("doubled", reply);
            continue;
        }
        match (reply.said, reply.contact) {
            (_, Some(contact)) if noisy.contains(&contact) => {}
            // The load's pictures exist nowhere, and some 90 s later their senders are told so.
            (Said::FileLost, Some(contact)) if pictured.contains(&contact) => {}
            (Said::Unknown(number), Some(contact)) => case.answered(number, contact, reply),
            (_, Some(contact)) if recorded.contains_key(&contact) => {
                // Whatever is said is an answer to the oldest message without one.
                if let Some(index) = recorded.get_mut(&contact).and_then(VecDeque::pop_front) {
                    case.replied_us[index] = reply.at_us;
                }
            }
            (_, Some(contact)) => parts.entry(contact).or_default().push(reply),
            (_, None) => {
                case.verdict.wrong_state += 1;
                case.complain("for nobody", reply);
            }
        }
    }
    case.order_of_questions();
    case.sequences(&parts);
    case.lost();
    let rows = case.ledger.rows.iter().zip(&case.replied_us);
    let mut to_provider_us = ledger::histogram();
    for (row, at_us) in rows.filter(|(_, at)| **at != 0) {
        ledger::record(&mut to_provider_us, row.scheduled_us, *at_us);
    }
    Judgement {
        verdict: case.verdict,
        to_provider_us,
        replied_us: case.replied_us,
        examples: case.examples,
    }
}

struct Case<'a> {
    ledger: &'a Ledger,
    verdict: Verdict,
    replied_us: Vec<i64>,
    /// Questions of each contact, in the order of their replies.
    order: HashMap<u32, Vec<usize>>,
    examples: Vec<String>,
}

impl Case<'_> {
    fn complain(&mut self, what: &str, reply: &Reply) {
        if self.examples.len() < EXAMPLES_MAX {
            let who = reply.contact.map_or("?".to_owned(), wa_id);
            let Reply { at_us, said, .. } = reply;
            self.examples
                .push(format!("{what}: reply {said:?} to {who} at {at_us} us"));
        }
    }

    fn lost(&mut self) {
        let ledger = self.ledger;
        for (index, (row, at_us)) in ledger.rows.iter().zip(&self.replied_us).enumerate() {
            if row.accepted_us == 0 || *at_us != 0 || !row.kind.is_answered() {
                continue;
            }
            self.verdict.lost += 1;
            if self.examples.len() < EXAMPLES_MAX {
                self.examples.push(format!(
                    "lost: message {} ({:?}) of {}, accepted at {} us",
                    ledger.first + index as u64,
                    row.kind,
                    wa_id(row.contact),
                    row.accepted_us
                ));
            }
        }
    }

    /// The reply to the question with this number.
    fn answered(&mut self, number: u64, contact: u32, reply: &Reply) {
        let Some(index) = number.checked_sub(self.ledger.first) else {
            // A straggler of an earlier run, which missed it.
            return;
        };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let row = self.ledger.rows.get(index);
        let fits = row.is_some_and(|row| {
            let is_understood = reply.tongue.is_none_or(|tongue| tongue == row.tongue);
            row.kind == Kind::Question && row.contact == contact && is_understood
        });
        if !fits {
            self.verdict.wrong_state += 1;
            self.complain("no such question", reply);
        } else if self.replied_us[index] != 0 {
            self.verdict.doubled += 1;
            self.complain("doubled", reply);
        } else {
            self.replied_us[index] = reply.at_us;
            self.order.entry(contact).or_default().push(index);
        }
    }

    /// A reply is out of order when a later reply belongs to a message that was accepted before
    /// the earlier reply's message left.
    fn order_of_questions(&mut self) {
        for (contact, order) in &self.order {
            let mut accepted_later = (i64::MAX, 0);
            for index in order.iter().rev() {
                let Row {
                    sent_us,
                    accepted_us,
                    ..
                } = self.ledger.rows[*index];
                if accepted_later.0 < sent_us {
                    self.verdict.out_of_order += 1;
                    if self.examples.len() < EXAMPLES_MAX {
                        let number = |index: usize| self.ledger.first + index as u64;
                        self.examples.push(format!(
                            "out of order: {} was answered before {} of {}",
                            number(*index),
                            number(accepted_later.1),
                            wa_id(*contact)
                        ));
                    }
                }
                if accepted_us != 0 {
                    accepted_later = accepted_later.min((accepted_us, *index));
                }
            }
        }
    }

    /// Fragments and pictures: the replies to a contact, in order, against its messages in order.
    fn sequences(&mut self, parts: &HashMap<u32, Vec<&Reply>>) {
        let mut written = HashMap::<u32, Vec<usize>>::new();
        for (index, row) in self.ledger.rows.iter().enumerate() {
            let is_part = matches!(row.kind, Kind::Fragment(_) | Kind::Picture(0));
            if row.accepted_us != 0 && is_part {
                written.entry(row.contact).or_default().push(index);
            }
        }
        for (contact, replies) in parts {
            if !written.contains_key(contact) {
                self.verdict.wrong_state += replies.len() as u64;
                for reply in replies {
                    self.complain("nobody asked", reply);
                }
            }
        }
        for (contact, rows) in written {
            let replies = parts.get(&contact).map_or(&[][..], Vec::as_slice);
            self.sequence(&rows, replies);
        }
    }

    fn sequence(&mut self, rows: &[usize], replies: &[&Reply]) {
        let expected: Vec<_> = rows
            .iter()
            .map(|index| self.ledger.rows[*index].kind.reply())
            .collect();
        let heard: Vec<_> = replies.iter().map(|reply| reply.said).collect();
        let tongue = rows.first().map(|index| self.ledger.rows[*index].tongue);
        for reply in replies {
            if reply.tongue.is_some() && reply.tongue != tongue {
                self.verdict.wrong_state += 1;
                self.complain("in another language", reply);
            }
        }
        if expected == heard {
            for (index, reply) in rows.iter().zip(replies) {
                self.replied_us[*index] = reply.at_us;
            }
            return;
        }
        // Each expected reply takes the first that says so; what is left over fits nothing.
        let mut free: Vec<Option<&Reply>> = replies.iter().map(|reply| Some(*reply)).collect();
        let mut last = 0;
        for (index, expected) in rows.iter().zip(&expected) {
            let says = |reply: &Option<&Reply>| reply.is_some_and(|reply| reply.said == *expected);
            let Some(at) = free.iter().position(says) else {
                continue;
            };
            self.verdict.out_of_order += u64::from(at < last);
            last = last.max(at);
            self.replied_us[*index] = free[at].take().map_or(0, |reply| reply.at_us);
        }
        for reply in free.into_iter().flatten() {
            self.verdict.wrong_state += 1;
            self.complain("not what was asked", reply);
        }
    }
}

impl Kind {
    /// The reply it must have; a question's names a number instead.
    fn reply(self) -> Said {
        match self {
            Self::Fragment(0) => Said::AskedObject,
            Self::Fragment(1) => Said::AskedSymptom,
            Self::Fragment(2) => Said::Draft,
            Self::Fragment(_) => Said::Cancelled,
            Self::Picture(_) => Said::AskedAbout,
            Self::Question | Self::Noise | Self::Recorded { .. } => Said::Other,
        }
    }
}

impl Verdict {
    /// Both verdicts together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            out_of_order: self.out_of_order + other.out_of_order,
            wrong_state: self.wrong_state + other.wrong_state,
            statuses_missing: self.statuses_missing + other.statuses_missing,
        }
    }

    /// Messages with something wrong about them.
    pub fn total(self) -> u64 {
        self.lost + self.doubled + self.out_of_order + self.wrong_state + self.statuses_missing
    }
}

#[cfg(test)]
mod tests;
