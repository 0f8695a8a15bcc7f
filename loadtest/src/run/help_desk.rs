//! How soon the help desk has what a person writes and the person what changes there (R265, R266,
//! R270), and whether every delivery status is in the conversation's record (R267).
//!
//! Whole conversations open the tickets. Then people add to them, a technician writes into them,
//! first with GLPI's webhooks and then without, and each of these messages has a word of its own by
//! which it is found on the other side. Times are those of the simulators' log and of this process,
//! whose clock is the same.

mod deeds;
mod receipts;
mod technician;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::conversations::{self, Held};
use super::{Outcome, lines};
use crate::clock::now_us;
use crate::generator::Pool;
use crate::ledger;
use crate::measure::Numbers;
use crate::oracle::Verdict;
use crate::report::{HelpDesk, Percentiles};
use crate::request_log::Pages;
use crate::scenario::{self, Scenario};
use crate::stage::Stage;
use crate::webhook::Writer;
use crate::world;
use deeds::{Deed, Person, Side};
use technician::Technician;

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Where what is done in this run goes and is looked for.
struct Desk<'a> {
    scenario: &'a Scenario,
    stage: &'a Stage,
    pool: Pool,
    writers: Vec<Writer>,
    technicians: Vec<Technician>,
    people: Vec<Person>,
    /// The number of the next message.
    next: u64,
    verdict: Verdict,
    examples: Vec<String>,
}

/// Runs it.
pub(super) async fn run(
    scenario: &Scenario,
    load: scenario::HelpDesk,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    anyhow::ensure!(
        scenario.world.help_desk,
        "the scenario's world needs help_desk = true"
    );
    let held = conversations::hold(scenario, load.people, load.at_a_time, stage, numbers).await?;
    let Held {
        hall,
        conversations,
        ..
    } = &held;
    let people: Vec<_> = hall.with_tickets().into_iter().map(Person::from).collect();
    anyhow::ensure!(!people.is_empty(), "nobody has a ticket");
    let mut written_us = ledger::histogram();
    for (from_us, to_us) in hall.written_us() {
        ledger::record(&mut written_us, from_us, to_us);
    }
    stage.control(&receipts::kept(stage)).await?;
    stage.control(&technician::webhooks(stage, true)).await?;

    let people_count = people.len();
    let (run, next) = numbers.take(people_count as u64 * u64::from(load.messages));
    let channels = stage.channels.iter();
    let mut desk = Desk {
        scenario,
        stage,
        pool: Pool::new(stage.server.address, scenario.door.connections),
        writers: channels
            .map(|channel| Writer::new(channel, &stage.server.host, run))
            .collect(),
        technicians: Technician::of_all(stage).await?,
        people,
        next,
        verdict: Verdict::default(),
        examples: Vec::new(),
    };
    let added = people_count * load.messages as usize;
    desk.pass(Side::Person, added, load.per_second, &mut written_us)
        .await?;
    eprintln!("help desk  {} s of rest", load.rest_s);
    tokio::time::sleep(Duration::from_secs_f64(load.rest_s)).await;
    let mut told_us = ledger::histogram();
    let changed = people_count * load.changes as usize;
    desk.pass(Side::HelpDesk, changed, load.per_second, &mut told_us)
        .await?;
    let mut polled_us = ledger::histogram();
    if load.polled > 0 {
        stage.control(&technician::webhooks(stage, false)).await?;
        desk.pass(Side::HelpDesk, load.polled, load.per_second, &mut polled_us)
            .await?;
    }
    let Desk {
        people,
        verdict,
        examples,
        ..
    } = desk;

    let conversations = *conversations;
    let mut measured = held.settle(stage).await?;
    let receipts = receipts::reconcile(stage, &people).await?;
    let judged = &mut measured.judgement;
    judged.verdict = judged.verdict.plus(verdict);
    judged.examples.extend(examples);
    judged.examples.extend(receipts.examples);
    let mut both_us = written_us.clone();
    // The bounds of all histograms are the same, so adding cannot fail.
    let _ = both_us.add(&told_us);
    let help_desk = HelpDesk {
        people: people.len() as u64,
        written: written_us.len(),
        written_ms: Percentiles::of(&written_us),
        told: told_us.len(),
        told_ms: Percentiles::of(&told_us),
        polled: polled_us.len(),
        polled_ms: (!polled_us.is_empty()).then(|| Percentiles::of(&polled_us)),
        both_ms: Percentiles::of(&both_us),
        statuses: receipts.statuses,
        statuses_recorded: receipts.recorded,
    };
    Ok(Outcome {
        steps_per_s: (measured.steps_per_s, None),
        off: vec![measured],
        conversations: Some(conversations),
        help_desk: Some(help_desk),
        ..Outcome::default()
    })
}

impl Desk<'_> {
    /// Does `count` deeds on one side, so many a second, and waits until each is on the other.
    async fn pass(
        &mut self,
        side: Side,
        count: usize,
        per_second: f64,
        took_us: &mut hdrhistogram::Histogram<u64>,
    ) -> anyhow::Result<()> {
        let mut pages = Pages::from_now(&self.stage.simulators).await?;
        let settle = Duration::from_secs_f64(self.scenario.door.settle_s);
        // Words of other runs on a server that runs on are other words.
        let stem = now_us() % 1_000_000_000;
        let mut deeds: HashMap<String, Deed> = HashMap::with_capacity(count);
        let began = Instant::now();
        let mut moved = began;
        let mut arrived = 0;
        while arrived < count {
            let due = (began.elapsed().as_secs_f64() * per_second) as usize + 1;
            if deeds.len() < due.min(count) {
                let nth = deeds.len();
                let word = format!("{}{stem}x{nth}x", side.stem());
                let scheduled_us = now_us();
                self.act(side, nth % self.people.len(), &word).await?;
                deeds.insert(word, Deed::new(nth % self.people.len(), scheduled_us));
                moved = Instant::now();
                continue;
            }
            for line in lines::news(&mut pages).await? {
                let Some((word, to)) = side.found(&line) else {
                    continue;
                };
                let Some(deed) = deeds.get_mut(word.as_ref()) else {
                    continue;
                };
                let person = &self.people[deed.person];
                if deed.arrived_us != 0 {
                    self.verdict.doubled += 1;
                    self.examples.push(format!("doubled: {word}"));
                } else if !person.is(&to) {
                    self.verdict.wrong_state += 1;
                    self.examples.push(format!("{word} went astray"));
                } else {
                    deed.arrived_us = line.at_us;
                    ledger::record(took_us, deed.began_us, line.at_us);
                    arrived += 1;
                    moved = Instant::now();
                }
            }
            if deeds.len() == count && moved.elapsed() > settle {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        for (word, _) in deeds.iter().filter(|(_, deed)| deed.arrived_us == 0) {
            self.verdict.lost += 1;
            self.examples.push(format!("lost: {word}"));
        }
        eprintln!("help desk  {arrived} of {count} {}", side.told());
        Ok(())
    }

    /// Does one deed.
    async fn act(&mut self, side: Side, person: usize, word: &str) -> anyhow::Result<()> {
        let person = self.people[person];
        match side {
            Side::Person => {
                let number = self.next;
                self.next += 1;
                let request = person.adds(&self.writers[person.channel], number, word);
                let status = self.pool.exchange(&request).await?;
                anyhow::ensure!(status == 200, "a message was answered {status}");
                Ok(())
            }
            Side::HelpDesk => {
                let technician = &mut self.technicians[person.channel];
                technician.write(person.ticket, word).await
            }
        }
    }
}

/// The name of the GLPI connection of a channel, which is its tenant's.
fn connection(slug: &str) -> String {
    match slug.strip_prefix(world::SLUG) {
        Some(nth) => format!("{}{nth}-glpi", world::SLUG),
        None => "demo-glpi".to_owned(),
    }
}
