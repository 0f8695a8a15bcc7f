//! A world that goes on for days: the daily curve of people who write, with crashes, outages and
//! technicians all the time.

use std::collections::BTreeMap;

use super::World;
use super::core::{Core, What};
use super::people::Person;
use super::schedule;

const HOUR_MS: u64 = 3_600_000;
/// A day by the hour, in shares of its peaks from 9 to 11 and from 19 to 21 o'clock, in percent.
const DAY: [u64; 24] = [
    10, 6, 4, 4, 5, 8, 15, 30, 60, 100, 100, 70, 55, 50, 55, 60, 55, 55, 70, 100, 100, 60, 35, 20,
];
/// Events that an hour and a person may need at most: looks at help desks every few seconds, and
/// what becomes of some dozen messages.
const EVENTS_PER_HOUR: u64 = 10_000;
const EVENTS_PER_PERSON: u64 = 10_000;

impl World {
    /// `people` write over so many hours, each when the hour of the day makes it likely; every hour
    /// has a crash, an outage, operators and technicians.
    pub fn soak(seed: u64, hours: u64, people: u64) -> Self {
        let busy_ms = hours * HOUR_MS;
        let mut core = Core::new(seed, None);
        for nth in 0..people {
            let person = Person::nth(nth, &mut core.dice);
            let begins_ms = begins(&mut core, hours);
            schedule::person(&mut core, person, begins_ms);
        }
        let repaired = core.dice.below(HOUR_MS);
        core.after(repaired, What::Repair);
        for hour in 0..hours {
            let happenings = [
                What::Crash,
                What::Outage,
                What::Operator,
                What::Act,
                What::Act,
            ];
            for what in happenings {
                let at = hour * HOUR_MS + core.dice.below(HOUR_MS);
                core.after(at, what);
            }
        }
        core.after(busy_ms + HOUR_MS, What::Operator);
        for gateway in core.people.help_desks() {
            core.look_soon(gateway);
        }
        let events_max = hours * EVENTS_PER_HOUR + people * EVENTS_PER_PERSON;
        Self {
            core,
            shells: BTreeMap::new(),
            up: true,
            busy_ms,
            events_max: usize::try_from(events_max).unwrap_or(usize::MAX),
        }
    }
}

/// When somebody begins to write, by the curve of the day.
fn begins(core: &mut Core, hours: u64) -> u64 {
    loop {
        let hour = core.dice.below(hours);
        if core.dice.below(100) < DAY[(hour % 24) as usize] {
            return hour * HOUR_MS + core.dice.below(HOUR_MS);
        }
    }
}
