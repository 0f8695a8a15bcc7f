//! Claims about the actors around the machines, on paused time and the in-memory journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Limits, Parts, System};
use crate::contact::ContactMsg;
use crate::journal::Journal;
use crate::journal::memory::MemoryJournal;
use crate::model::*;
use crate::ports::*;
use crate::testing::company::{Company, PARTITIONS};

/// 21 January 2025, 14:30 in Lima.
const START: Millis = Millis(1_737_487_800_000);

/// Wall clock that follows tokio's paused time.
struct TestClock(tokio::time::Instant);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        START.plus_ms(self.0.elapsed().as_millis() as u64)
    }
}

struct Counter(AtomicU64);

impl Random for Counter {
    fn next(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

struct World {
    company: Arc<Company>,
    journal: Arc<MemoryJournal>,
    system: System<MemoryJournal>,
}

impl World {
    async fn start(mode: Mode) -> Self {
        let journal = Arc::new(MemoryJournal::new(PARTITIONS));
        Self::start_on(Company::new(mode), journal).await
    }

    async fn start_on(company: Arc<Company>, journal: Arc<MemoryJournal>) -> Self {
        Self::start_within(Limits::default(), company, journal).await
    }

    async fn start_within(
        limits: Limits,
        company: Arc<Company>,
        journal: Arc<MemoryJournal>,
    ) -> Self {
        let clock = Arc::new(TestClock(tokio::time::Instant::now()));
        let random = Arc::new(Counter(AtomicU64::new(1)));
        let parts = Parts {
            limits,
            ..company.parts(journal.clone(), clock, random)
        };
        let system = System::start(parts).await.expect("the tree starts");
        Self {
            company,
            journal,
            system,
        }
    }

    fn message(&self, id: &str, text: &str) -> InEvent {
        self.company.message(id, text, START)
    }

    async fn says(&self, id: &str, text: &str) {
        self.system
            .ingest(vec![self.message(id, text)])
            .await
            .expect("accepted");
    }

    /// Waits until the person has been told `count` texts.
    async fn told(&self, count: usize) -> Vec<String> {
        for _ in 0..20_000 {
            let texts = self.company.texts();
            if texts.len() >= count {
                return texts;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("only {:?} were told", self.company.texts());
    }
}

#[tokio::test(start_paused = true)]
async fn a_conversation_ends_in_one_ticket_and_its_number() {
    let world = World::start(Mode::Dialogue).await;
    world
        .says("1", "Hola, tengo un problema con mi computadora")
        .await;
    world.told(1).await;
    world.says("2", "No enciende desde esta mañana").await;
    world.says("2", "No enciende desde esta mañana").await;
    world.told(2).await;
    world.says("3", "Juan Pérez, área de contabilidad").await;
    let texts = world.told(3).await;
    assert_eq!(texts.len(), 3);
    assert!(texts[2].contains("#TK-2025-001234"), "{texts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_rested_contact_goes_on_where_it_was() {
    let world = World::start(Mode::Dialogue).await;
    world.says("1", "mi laptop no prende").await;
    world.told(1).await;
    for _ in 0..2_000 {
        if world.system.environment.contacts.live() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        world.system.environment.contacts.live(),
        0,
        "nobody has work"
    );
    world.says("2", "Juan Pérez, contabilidad").await;
    assert!(world.told(2).await[1].contains("Laptop no prende"));
}

/// Within an hour of life, and long after each message.
#[tokio::test(start_paused = true)]
async fn who_answers_late_is_answered_from_the_record_and_leaves_in_time() {
    let limits = Limits {
        passivate_after_ms: 3_600_000,
        ..Limits::default()
    };
    let journal = Arc::new(MemoryJournal::new(PARTITIONS));
    let company = Company::new(Mode::Dialogue);
    let world = World::start_within(limits, company, journal).await;
    // Each life in memory holds the totals.
    let totals = Arc::clone(&world.system.environment.stuck);
    let asleep = Arc::strong_count(&totals);
    world.says("1", "mi laptop no prende").await;
    world.told(1).await;
    assert_eq!(Arc::strong_count(&totals), asleep + 1);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(Arc::strong_count(&totals), asleep, "it was put down");

    // Its nudge is lost, as a crash of the actor would lose it, and another comes.
    let event = world.message("2", "Juan Pérez, contabilidad");
    world.journal.accept(vec![event]).await.expect("accepted");
    let environment = &world.system.environment;
    let due = ContactMsg::Due;
    let contact = world.company.contact();
    environment.contacts.send(environment, contact, due);
    assert!(world.told(2).await[1].contains("Laptop no prende"));
    assert_eq!(Arc::strong_count(&totals), asleep + 1);

    tokio::time::sleep(Duration::from_secs(3_590)).await;
    assert_eq!(environment.contacts.live(), 1);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(environment.contacts.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_too_many_awake_those_idle_longest_sleep_first() {
    let limits = Limits {
        live_max: 8,
        passivate_after_ms: 3_600_000,
        ..Limits::default()
    };
    let journal = Arc::new(MemoryJournal::new(PARTITIONS));
    let world = World::start_within(limits, Company::new(Mode::Dialogue), journal).await;
    let contacts = &world.system.environment.contacts;
    let write = async |number: u8| {
        let mut message = world.message(&number.to_string(), "hola");
        let id = ContactId([number; 16]);
        message.key = Key::Contact(id);
        world.system.ingest(vec![message]).await.expect("accepted");
        world.told(usize::from(number)).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        id
    };
    let mut people = Vec::new();
    for number in 1..=10 {
        people.push(write(number).await);
    }
    // Longer than anybody lingers, and shorter than anybody may stay.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let awake = contacts.some(100);
    let awake = awake.iter().map(|actor| contacts.id_of(actor.get_id()));
    let awake: Vec<ContactId> = awake.flatten().collect();
    assert_eq!(awake.len(), 8);
    assert!(people[2..].iter().all(|id| awake.contains(id)), "{awake:?}");
}

#[tokio::test(start_paused = true)]
async fn inputs_accepted_before_a_stop_are_answered_after_the_next_start() {
    let company = Company::new(Mode::Dialogue);
    let journal = Arc::new(MemoryJournal::new(PARTITIONS));
    let first = World::start_on(company.clone(), journal.clone()).await;
    let event = first.message("1", "mi laptop no prende");
    first.system.drain(Duration::from_secs(1)).await;
    journal
        .accept(vec![event])
        .await
        .expect("accepted by the journal alone");
    assert!(company.texts().is_empty());
    let second = World::start_on(company, journal).await;
    assert!(second.told(1).await[0].contains("Laptop no prende"));
}

#[tokio::test(start_paused = true)]
async fn a_burst_in_flight_at_a_stop_becomes_one_ticket_after_the_next_start() {
    let company = Company::new(Mode::Queue {
        merge_interval_ms: 15_000,
    });
    let journal = Arc::new(MemoryJournal::new(PARTITIONS));
    let first = World::start_on(company.clone(), journal.clone()).await;
    first.says("1", "la impresora").await;
    first.says("2", "no imprime").await;
    first.told(1).await;
    first.system.drain(Duration::from_secs(1)).await;
    let second = World::start_on(company, journal).await;
    let texts = second.told(2).await;
    assert!(texts[1].contains("#TK-2025-001234"), "{texts:?}");
    assert_eq!(second.company.tickets(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_contact_that_is_killed_is_loaded_again_and_its_sibling_never_notices() {
    let world = World::start(Mode::Dialogue).await;
    world.says("1", "mi laptop no prende").await;
    world.told(1).await;
    let environment = &world.system.environment;
    // A reply whose outcome is not on record yet would rightly be in doubt after the kill.
    while environment.calls.under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let victim = environment
        .contacts
        .some(1)
        .pop()
        .expect("one contact lives");
    victim.kill();
    world.says("2", "Juan Pérez, contabilidad").await;
    assert!(world.told(2).await[1].contains("#TK-2025-001234"));
    environment
        .contacts
        .send(environment, world.company.contact(), ContactMsg::Due);
    assert!(
        world
            .journal
            .desk(10)
            .await
            .expect("readable")
            .shelved
            .is_empty()
    );
}
