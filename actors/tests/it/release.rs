//! An operator releases inputs that were set aside, or takes them off the list. The fail point
//! `contact::decide` makes the decision on one word panic.

use std::time::Duration;

use actors::journal::memory::MemoryJournal;
use actors::journal::{Entry, Journal};
use actors::model::{InEvent, InSeq, Note};
use actors::ports::Clock;
use actors::system::Limits;
use actors::testing::company::{Company, PARTITIONS};

use crate::support::life::Life;
use crate::support::machine::MachineClock;

const WORD: &str = "gira";

async fn begin() -> Life<MemoryJournal> {
    Life::begin(MemoryJournal::new(PARTITIONS), Limits::default()).await
}

impl Life<MemoryJournal> {
    /// Ends the process and starts the next one on what is on record.
    async fn next(self) -> Self {
        self.system.drain(Duration::from_secs(5)).await;
        Self::of(self.company, self.journal, Limits::default()).await
    }

    /// Waits until as many texts were told.
    async fn told(&self, count: usize) -> Vec<String> {
        self.until(async || {
            let texts = self.company.texts();
            (texts.len() >= count).then_some(texts)
        })
        .await
    }

    /// Waits until the quarantine holds as many inputs.
    async fn quarantine(&self, count: usize) -> Vec<(InSeq, InEvent, String)> {
        self.until(async || {
            let held = self.system.desk(9).await.unwrap().quarantined;
            (held.len() == count).then_some(held)
        })
        .await
    }

    /// Waits until every input on record is consumed, and gives all that is on record.
    async fn settled(&self) -> Vec<Entry> {
        self.until(async || {
            let entries = self.system.timeline(self.key()).await.unwrap();
            let count = |of: fn(&Entry) -> bool| entries.iter().filter(|entry| of(entry)).count();
            let inputs = count(|entry| matches!(entry, Entry::Input(..)));
            let steps = count(|entry| matches!(entry, Entry::Step(..)));
            (inputs == steps).then_some(entries)
        })
        .await
    }

    async fn until<T>(&self, mut found: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = std::time::Instant::now();
        loop {
            if let Some(found) = found().await {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it never came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn poison(on: bool) {
    let action = if on {
        format!("return(panic {WORD})")
    } else {
        "off".to_owned()
    };
    fail::cfg("contact::decide", &action).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_input_is_consumed_once_after_everything_before_it() {
    let _scenario = fail::FailScenario::setup();
    poison(true);
    let life = begin().await;
    life.says("1", WORD).await;
    life.says("2", "hola").await;
    let held = life.quarantine(1).await;
    assert_eq!(life.told(1).await.len(), 1, "the next input was answered");
    poison(false);
    let (position, input, _) = held[0].clone();
    life.system.release(position, input.clone()).await.unwrap();
    life.system.release(position, input).await.unwrap();
    assert_eq!(life.told(2).await.len(), 2);
    life.quarantine(0).await;
    let entries = life.settled().await;
    let steps: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Step(_, step) => Some((step.consumed, step.set_aside, step.effects.is_empty())),
            _ => None,
        })
        .collect();
    assert!(steps.is_sorted_by_key(|(consumed, ..)| *consumed));
    let shapes: Vec<_> = steps
        .iter()
        .map(|(_, aside, empty)| (*aside, *empty))
        .collect();
    let expected = [(true, true), (false, false), (false, false), (false, true)];
    assert_eq!(
        shapes[..4],
        expected,
        "set aside, answered, released, the same release again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_survives_a_crash_between_its_note_and_its_step() {
    let _scenario = fail::FailScenario::setup();
    poison(true);
    let life = begin().await;
    life.says("1", WORD).await;
    let (position, input, _) = life.quarantine(1).await.remove(0);
    life.system.drain(Duration::from_secs(5)).await;
    poison(false);
    // What is on record when the process dies before the step.
    let release = input.released(position, &Company::identity(), MachineClock.now());
    let key = life.key();
    life.journal.accept(vec![release]).await.unwrap();
    let note = Note::Released { input: position };
    life.journal.note(key, &note).await.unwrap();
    let life = life.next().await;
    assert_eq!(life.told(1).await.len(), 1);
    life.quarantine(0).await;
    life.settled().await;
    let life = life.next().await;
    life.says("2", "gracias").await;
    assert_eq!(life.told(2).await.len(), 2, "nothing was said twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_input_that_is_poison_still_is_set_aside_at_its_new_position() {
    let _scenario = fail::FailScenario::setup();
    poison(true);
    let life = begin().await;
    life.says("1", WORD).await;
    let (first, input, _) = life.quarantine(1).await.remove(0);
    life.system.release(first, input.clone()).await.unwrap();
    let second = life
        .until(async || {
            let held = life.system.desk(9).await.unwrap().quarantined;
            held.into_iter().find(|(position, ..)| *position > first)
        })
        .await;
    let held = life.quarantine(1).await;
    assert_eq!(held[0].0, second.0, "the old place is free");
    assert_eq!(held[0].1.fact(), &input.body);
    poison(false);
    life.system.release(second.0, second.1).await.unwrap();
    assert_eq!(life.told(1).await.len(), 1);
    life.quarantine(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_input_is_gone_and_never_consumed() {
    let _scenario = fail::FailScenario::setup();
    poison(true);
    let life = begin().await;
    life.says("1", WORD).await;
    let (position, input, _) = life.quarantine(1).await.remove(0);
    life.system.discard(input.key, position).await.unwrap();
    life.quarantine(0).await;
    poison(false);
    let life = life.next().await;
    life.says("1", WORD).await;
    life.says("2", "hola").await;
    life.settled().await;
    assert_eq!(
        life.told(1).await.len(),
        1,
        "only the second message is answered"
    );
}
