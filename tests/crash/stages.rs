//! What a kill interrupted, read from the simulators' log right after it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde_json::{Value, json};

use crate::oracle::Said;
use crate::request_log::Line;

/// Older requests without answer were cut off by an earlier kill.
const RECENT_MS: u64 = 4_000;

/// What was under way when the process died.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// The fail point at which it stood still.
    pub point: Option<&'static str>,
    /// It had not begun to listen.
    pub starting: bool,
    /// Messages posted and not answered.
    pub at_the_door: usize,
    /// Messages answered 200 whose reply had not left.
    pub between: usize,
    /// Sends that WhatsApp had and had not answered.
    pub sends: usize,
    /// Tickets that GLPI was asked for and had not answered.
    pub creations: usize,
    /// Other calls without answer.
    pub other_calls: usize,
}

impl Stage {
    /// Adds the calls in flight at `killed_ms`, and how many of the `accepted` messages wait
    /// for their reply.
    pub fn read(&mut self, lines: &[Line], killed_ms: u64, accepted: usize) {
        let recent = lines
            .iter()
            .filter(|line| line.is_in_flight() && line.at_ms + RECENT_MS > killed_ms);
        for line in recent {
            if line.send().is_some() {
                self.sends += 1;
            } else if line.creation().is_some() {
                self.creations += 1;
            } else {
                self.other_calls += 1;
            }
        }
        let sends = lines.iter().filter_map(Line::send);
        let replied: HashSet<&str> = sends
            .filter(|send| Said::of(send.text).is_reply())
            .map(|send| send.effect)
            .collect();
        self.between = accepted.saturating_sub(replied.len());
    }

    pub fn has_call_in_flight(&self) -> bool {
        self.sends + self.creations + self.other_calls > 0
    }

    fn names(&self) -> Vec<&'static str> {
        let facts = [
            ("while starting", self.starting),
            ("message at the door", self.at_the_door > 0),
            ("between acceptance and reply", self.between > 0),
            ("whatsapp send in flight", self.sends > 0),
            ("ticket creation in flight", self.creations > 0),
            ("other call in flight", self.other_calls > 0),
            ("any call in flight", self.has_call_in_flight()),
        ];
        let mut names: Vec<_> = facts
            .iter()
            .filter(|fact| fact.1)
            .map(|fact| fact.0)
            .collect();
        if names.is_empty() {
            names.push("idle");
        }
        names.extend(self.point);
        names
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "door {}, between {}, sends {}, creations {}, other calls {}",
            self.at_the_door, self.between, self.sends, self.creations, self.other_calls
        )?;
        match self.point {
            Some(point) => write!(formatter, "; stood at {point}"),
            None if self.starting => write!(formatter, "; while starting"),
            None => Ok(()),
        }
    }
}

/// How many kills hit each stage; one kill hits several.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    pub fn add(&mut self, stage: &Stage) {
        for name in stage.names() {
            *self.0.entry(name).or_default() += 1;
        }
    }

    pub fn of(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or_default()
    }

    pub fn to_json(&self) -> Value {
        json!(self.0)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(name, count)| writeln!(formatter, "  {count:>4}  {name}"))
    }
}
