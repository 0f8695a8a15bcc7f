//! When whom what happens to: the events of one person, set on the queue when a world begins.

use super::BUSY_MS;
use super::core::{Core, What};
use super::people::{Delivery, Person};
use crate::model::Millis;

/// What operators order for half of the people, all the time that they write.
pub(super) fn orders(core: &mut Core, person: Person) {
    if core.chance(50) {
        return;
    }
    let start = core.now;
    for number in 0..2 + core.dice.below(16) {
        let at = start.plus_ms(core.dice.below(BUSY_MS));
        let event = core.people.order(person, number, at, &mut core.dice);
        let delivery = Delivery {
            events: vec![event],
            tries: 0,
        };
        core.after(at.since(start), What::Webhook(delivery));
    }
}

/// One person's messages from `begins_ms` on: a few or many, fast or slow, two sometimes in one body.
pub(super) fn person(core: &mut Core, person: Person, begins_ms: u64) {
    let messages = if core.chance(35) {
        45
    } else {
        3 + core.dice.below(12)
    };
    let gap_ms = [1_500, 8_000, 30_000][core.dice.below(3) as usize];
    let start = core.now;
    let mut at = start.plus_ms(begins_ms + core.dice.below(20_000));
    let mut held: Option<Delivery> = None;
    for number in 0..messages {
        at = Millis(at.0 + 50 + core.dice.below(gap_ms));
        if at.since(start) > begins_ms + BUSY_MS {
            break;
        }
        if core.chance(20) {
            let event = core.people.command(person, number, at, &mut core.dice);
            let events = vec![event];
            let late_ms = core.dice.below(4_000);
            let arrives = at.plus_ms(late_ms).since(start);
            core.after(arrives, What::Webhook(Delivery { events, tries: 0 }));
        }
        let event = core.people.message(person, number, at, &mut core.dice);
        let mut delivery = held.take().unwrap_or(Delivery {
            events: Vec::new(),
            tries: 0,
        });
        delivery.events.push(event);
        if core.chance(10) {
            held = Some(delivery);
            continue;
        }
        // Some arrive after later ones.
        let late_ms = if core.chance(10) {
            core.dice.below(5_000)
        } else {
            0
        };
        let arrives = at.plus_ms(late_ms).since(start);
        core.after(arrives, What::Webhook(delivery));
    }
    if let Some(delivery) = held {
        core.after(at.since(start), What::Webhook(delivery));
    }
}
