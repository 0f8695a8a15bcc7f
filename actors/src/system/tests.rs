//! Claims about the actors around the machines, on paused time and the in-memory journal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;

use super::{Limits, Parts, System};
use crate::contact::ContactMsg;
use crate::journal::memory::MemoryJournal;
use crate::journal::{Journal, SoleOwner};
use crate::model::*;
use crate::ports::*;

const PARTITIONS: u16 = 64;

/// Wall clock that follows tokio's paused time.
struct TestClock(tokio::time::Instant);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(1_737_487_800_000 + self.0.elapsed().as_millis() as u64)
    }
}

struct Counter(AtomicU64);

impl Random for Counter {
    fn next(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

/// A company with one dialogue channel, whose providers do and remember everything they are told.
struct Company {
    channel: Arc<ChannelSettings>,
    calls: Mutex<Vec<(EffectId, Call)>>,
    tickets: AtomicU64,
}

impl Company {
    fn new(mode: Mode) -> Arc<Self> {
        let tenant = TenantId::new("demo").unwrap();
        let name = Name::new("demo-meta").unwrap();
        let channel = ChannelSettings {
            id: ChannelId::of(&tenant, &name),
            tenant_name: "IT Green Peru".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode,
            messages: GatewayId::of("meta", &tenant, &name),
            own_ids: false,
            help_desk: Some(GatewayId::of("glpi", &tenant, &name)),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
            name,
            tenant,
        };
        Arc::new(Self {
            channel: Arc::new(channel),
            calls: Mutex::default(),
            tickets: AtomicU64::new(1_233),
        })
    }

    fn texts(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter_map(|(_, call)| match call {
                Call::SendText { text, .. } | Call::SendButtons { text, .. } => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
}

impl Settings for Company {
    fn channel(&self, id: &ChannelId) -> Option<Arc<ChannelSettings>> {
        (*id == self.channel.id).then(|| self.channel.clone())
    }

    fn gateway(&self, id: &GatewayId) -> Option<Arc<GatewaySettings>> {
        Some(Arc::new(GatewaySettings {
            id: *id,
            provider: "test",
            name: self.channel.name.clone(),
            tenant: self.channel.tenant.clone(),
            rate_per_second: 1_000,
            concurrency: 100,
            timeout: Duration::from_secs(30),
            settle: Duration::from_secs(35),
        }))
    }
}

impl Provider for Company {
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called> {
        Box::pin(async move {
            self.calls
                .lock()
                .unwrap()
                .push((request.effect, request.call.clone()));
            let id = match request.call {
                Call::OpenTicket(_) => self.tickets.fetch_add(1, Ordering::Relaxed) + 1,
                _ => 0,
            };
            Called::Done(Reply {
                id: id.to_string().into(),
                at: None,
                remark: None,
            })
        })
    }

    fn look_up<'a>(&'a self, _effect: &'a Effect) -> BoxFuture<'a, LookedUp> {
        Box::pin(async { LookedUp::NotFound })
    }
}

struct All(Arc<Company>);

impl Providers for All {
    fn provider(&self, _id: &GatewayId) -> Option<Arc<dyn Provider>> {
        Some(self.0.clone())
    }
}

struct World {
    company: Arc<Company>,
    journal: Arc<MemoryJournal>,
    system: System<MemoryJournal>,
    identity: IdentityKey,
}

impl World {
    async fn start(mode: Mode) -> Self {
        let journal = Arc::new(MemoryJournal::new(PARTITIONS));
        Self::start_on(Company::new(mode), journal).await
    }

    async fn start_on(company: Arc<Company>, journal: Arc<MemoryJournal>) -> Self {
        let identity = IdentityKey::new(&[7; 32]);
        let system = System::start(Parts {
            journal: journal.clone(),
            ownership: SoleOwner {
                partitions: PARTITIONS,
            },
            settings: company.clone(),
            providers: Arc::new(All(company.clone())),
            clock: Arc::new(TestClock(tokio::time::Instant::now())),
            random: Arc::new(Counter(AtomicU64::new(1))),
            identity: identity.clone(),
            limits: Limits::default(),
        })
        .await
        .expect("the tree starts");
        Self {
            company,
            journal,
            system,
            identity,
        }
    }

    fn contact(&self) -> ContactId {
        let phone = Phone::parse("51999888777").unwrap();
        self.identity
            .contact_id(&self.company.channel.tenant, &Identity::Phone(phone))
    }

    fn message(&self, id: &str, text: &str) -> InEvent {
        let phone = Phone::parse("51999888777").unwrap();
        InEvent {
            key: Key::Contact(self.contact()),
            id: self.identity.id_hash(b"meta", id.as_bytes()),
            stamp: Some(Seconds(1_737_487_800)),
            received: Millis(1_737_487_800_000),
            body: Inbound::Message(Message {
                tenant: self.company.channel.tenant.clone(),
                channel: self.company.channel.id,
                provider_id: id.into(),
                from: Some(phone.clone()),
                identities: vec![Identity::Phone(phone)],
                profile_name: None,
                context: None,
                content: Content::Text(text.into()),
            }),
        }
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
    let calls = second.company.calls.lock().unwrap();
    let tickets: Vec<_> = calls
        .iter()
        .filter(|(_, call)| matches!(call, Call::OpenTicket(_)))
        .collect();
    assert_eq!(tickets.len(), 1);
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
        .send(environment, world.contact(), ContactMsg::Due);
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
