//! Claims about gateways: real actors and tasks, a journal in memory, time that is paused.

mod attempts;
mod circuit;
mod door;
mod lines;
mod waiting;

use std::collections::VecDeque;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SupervisionEvent};
use tokio::sync::mpsc;

use super::*;
use crate::journal::memory::MemoryJournal;
use crate::journal::{Journal, OpenEffect, StateBytes};
use crate::model::{
    Attempt, AttemptNo, Class, ContactId, Effect, EffectId, GatewayId, IdHash, InSeq, Key, Millis,
    Name, Priority, Step, Version,
};
use crate::outbox::Event;
use crate::outbox::tests::{done, not_done, refused, unknown};
use crate::ports::{Asked, Called, Clock, GatewaySettings, LookedUp, Provider, Request};

/// Effects made by the outbox's tests all belong to this entity.
fn key() -> Key {
    Key::Contact(ContactId([9; 16]))
}

/// The paused clock of the runtime.
struct Paused(tokio::time::Instant);

impl Clock for Paused {
    fn now(&self) -> Millis {
        Millis(1_700_000_000_000).plus_ms(self.0.elapsed().as_millis() as u64)
    }
}

/// What the provider does with one call.
enum Does {
    Answers(Called),
    AnswersAfter(u64, Called),
    Panics,
    NeverAnswers,
}

/// A provider that follows a script and then does everything.
#[derive(Default)]
struct Scripted {
    script: Mutex<VecDeque<Does>>,
    searches: Mutex<VecDeque<LookedUp>>,
    answers: Mutex<VecDeque<Asked>>,
    asked: AtomicUsize,
    calls: Mutex<Vec<(EffectId, u32)>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl Scripted {
    fn will(&self, does: impl IntoIterator<Item = Does>) {
        self.script.lock().expect("not poisoned").extend(does);
    }

    fn answers(&self, asked: impl IntoIterator<Item = Asked>) {
        self.answers.lock().expect("not poisoned").extend(asked);
    }

    /// How often it was asked how it is.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn calls(&self) -> Vec<(EffectId, u32)> {
        self.calls.lock().expect("not poisoned").clone()
    }

    async fn act(&self, request: Request<'_>) -> Called {
        let call = (request.effect, request.attempt.0);
        self.calls.lock().expect("not poisoned").push(call);
        let next = self.script.lock().expect("not poisoned").pop_front();
        match next.unwrap_or(Does::Answers(done())) {
            Does::Answers(called) => called,
            Does::AnswersAfter(ms, called) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                called
            }
            Does::Panics => panic::panic_any("a bug in the client"),
            Does::NeverAnswers => std::future::pending().await,
        }
    }
}

impl Provider for Scripted {
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called> {
        async move {
            let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
            let leaves = Leaves(&self.in_flight);
            let called = self.act(request).await;
            drop(leaves);
            called
        }
        .boxed()
    }

    fn look_up<'a>(&'a self, _effect: &'a Effect) -> BoxFuture<'a, LookedUp> {
        let next = self.searches.lock().expect("not poisoned").pop_front();
        async move { next.unwrap_or(LookedUp::NotFound) }.boxed()
    }

    fn ask(&self) -> BoxFuture<'_, Asked> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let next = self.answers.lock().expect("not poisoned").pop_front();
        async move { next.unwrap_or(Asked::Unsupported) }.boxed()
    }
}

struct Leaves<'a>(&'a AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A supervisor that lets its children end.
struct Patron;

impl Actor for Patron {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<()>, _: ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<()>,
        _: SupervisionEvent,
        _: &mut (),
    ) -> Result<(), ActorProcessingErr> {
        Ok(())
    }
}

struct NoState;

impl StateBytes for NoState {
    fn encode(&self, _out: &mut Vec<u8>) {}
}

/// One gateway with everything around it.
struct Bench {
    handle: GatewayHandle,
    provider: Arc<Scripted>,
    journal: Arc<MemoryJournal>,
    clock: Arc<Paused>,
    patron: ActorCell,
    events: mpsc::UnboundedReceiver<Event>,
    back: Back,
    withdrawals: Arc<Withdrawals>,
}

fn settings() -> GatewaySettings {
    let name = |text| Name::new(text).expect("a legal name");
    GatewaySettings {
        id: GatewayId([1; 16]),
        provider: "meta",
        name: name("demo-meta"),
        tenant: name("demo"),
        rate_per_second: 1_000,
        pair_burst: Some(10),
        concurrency: 4,
        timeout: Duration::from_millis(3_500),
        settle: Duration::from_secs(35),
        templates: None,
        fallback: None,
        number_of: None,
        paused: false,
    }
}

impl Bench {
    async fn new(settings: GatewaySettings) -> Self {
        let (patron, _) = Actor::spawn(None, Patron, ()).await.expect("it starts");
        let patron = patron.get_cell();
        let provider = Arc::new(Scripted::default());
        let journal = Arc::new(MemoryJournal::new(4));
        let clock = Arc::new(Paused(tokio::time::Instant::now()));
        let withdrawals = Arc::new(Withdrawals::default());
        let parts = Parts {
            number: Arc::new(Number::new(&settings)),
            settings: Arc::new(settings),
            provider: provider.clone(),
            journal: Arc::clone(&journal),
            clock: clock.clone(),
            withdrawals: withdrawals.clone(),
        };
        let handle = spawn(parts, patron.clone()).expect("it starts");
        let (sender, events) = mpsc::unbounded_channel();
        let back: Back = Arc::new(move |event| {
            // A test that has seen enough drops its end.
            let _ = sender.send(event);
        });
        Self {
            handle,
            provider,
            journal,
            clock,
            patron,
            events,
            back,
            withdrawals,
        }
    }

    /// Makes the effects known to the journal, as the step that planned them.
    async fn decide(&self, effects: Vec<Effect>) -> Vec<Arc<Effect>> {
        let version = self.journal.load(key()).await.expect("readable").version;
        let step = Step {
            consumed: InSeq(version.0 + 1),
            input: IdHash([0; 8]),
            now: self.clock.now(),
            schema: 1,
            events: Vec::new(),
            effects: effects.clone(),
            closes: Vec::new(),
            wake: None,
            set_aside: false,
        };
        let committed = self.journal.commit(key(), &step, None, version, &NoState);
        assert_eq!(committed.await, Ok(Version(version.0 + 1)));
        effects.into_iter().map(Arc::new).collect()
    }

    fn send(&self, effect: &Arc<Effect>, no: u32) {
        let (effect, no) = (Arc::clone(effect), AttemptNo(no));
        let back = Arc::clone(&self.back);
        self.handle.send(effect, no, false, false, None, back);
    }

    async fn send_new(&self, effect: Effect) -> Arc<Effect> {
        let mut effects = self.decide(vec![effect]).await;
        let effect = effects.remove(0);
        self.send(&effect, 1);
        effect
    }

    async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(Duration::from_secs(600), self.events.recv());
        event
            .await
            .expect("an answer comes")
            .expect("the gateway holds the sender")
    }

    /// The answer to the attempt under way.
    async fn called(&mut self) -> Called {
        match self.event().await {
            Event::Called { called, .. } => called,
            other => panic!("{other:?}"),
        }
    }

    async fn open(&self, id: EffectId) -> OpenEffect {
        let loaded = self.journal.load(key()).await.expect("readable");
        let mut open = loaded.open.into_iter();
        open.find(|open| open.effect.id == id).expect("it is open")
    }
}
