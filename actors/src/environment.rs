//! What every actor of one running system shares: ports, maps and switches. A value, so that many
//! systems can run in one process; there is no global registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dashmap::DashMap;

use crate::channel::ChannelKind;
use crate::gateway::{GatewayKind, Pollers, Withdrawals};
use crate::gateways::Gateways;
use crate::journal::{Accepted, CommitError, Journal, Ownership, Refused, SoleOwner};
use crate::meters::Meters;
use crate::model::{ChannelId, GatewayId, IdentityKey, InEvent, InSeq, Inbound, Key, Millis, Note};
use crate::outbox::{Rules, StuckTotals};
use crate::ports::{Clock, Random, Settings, Witness};
use crate::registry::{Channels, ContactKind, Contacts, GatewayEntities, Kind};
use crate::waiting::WaitingRoom;
use crate::wakes::Wakes;
use crate::watchdog::Steps;

/// How long an idle contact stays that would make room for others, in milliseconds.
const LINGERS_MS: u64 = 500;
/// A crowd of one part in so many of [`Limits::live_max`] leaves nobody time to linger.
const PRESSING_PART: usize = 4;
/// A crowd of one part in so many keeps those asleep who have work left. Those idle longest are asked
/// to leave a few times a second, so as many must be there to be asked, and fewer than press.
const FULL_PART: usize = 5;

/// Limits of a running system.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Contacts alive at once beyond which those idle longest rest before their time.
    pub live_max: usize,
    /// How long a contact without work stays alive, in milliseconds.
    pub passivate_after_ms: u64,
    /// Supervisors the contacts are spread over.
    pub supervisors: usize,
    /// How long a channel keeps the texts of items that belong to nobody, in milliseconds.
    pub unplaced_kept_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            live_max: 20_000,
            passivate_after_ms: 10_000,
            supervisors: 16,
            unplaced_kept_ms: 90 * 86_400_000,
        }
    }
}

/// Shared by every actor of one system.
pub(crate) struct Environment<J> {
    pub journal: Arc<J>,
    pub ownership: SoleOwner,
    pub settings: Arc<dyn Settings>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub identity: IdentityKey,
    pub contacts: Contacts,
    pub channels: Channels,
    pub gateway_entities: GatewayEntities,
    pub gateways: Gateways<J>,
    pub pollers: Pollers,
    pub wakes: Wakes,
    pub statuses: StatusTimes,
    pub withdrawals: Arc<Withdrawals>,
    pub steps: Arc<Steps>,
    pub waiting: WaitingRoom,
    pub counters: Counters,
    pub meters: Meters,
    pub stuck: Arc<StuckTotals>,
    pub witness: Option<Arc<dyn Witness>>,
    pub calls: Calls,
    pub limits: Limits,
    draining: AtomicBool,
}

/// Sends handed to gateways whose end is not on record yet; a shutdown waits for them.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    under_way: AtomicU64,
}

impl Calls {
    pub fn begun(&self) {
        self.under_way.fetch_add(1, Ordering::AcqRel);
    }

    /// Saturates: an answer that comes twice must not wrap the count.
    pub fn ended(&self) {
        let _ = self
            .under_way
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                Some(count.saturating_sub(1))
            });
    }

    pub fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Acquire)
    }
}

/// When a status of each line last arrived. Bounded by the number of lines.
#[derive(Debug, Default)]
pub(crate) struct StatusTimes(DashMap<GatewayId, Millis>);

impl StatusTimes {
    pub fn arrived(&self, line: GatewayId, at: Millis) {
        self.0.insert(line, at);
    }

    pub fn last(&self, line: &GatewayId) -> Option<Millis> {
        self.0.get(line).map(|at| *at)
    }
}

/// Counts since the start, for health and metrics.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    steps: AtomicU64,
    accepted: AtomicU64,
    messages: AtomicU64,
    disordered: AtomicU64,
    overtaken: AtomicU64,
}

impl Counters {
    pub fn stepped(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// These were accepted.
    pub fn took(&self, events: &[InEvent]) {
        let is_message = |event: &&InEvent| matches!(event.body, Inbound::Message(_));
        let messages = events.iter().filter(is_message).count() as u64;
        self.accepted
            .fetch_add(events.len() as u64, Ordering::Relaxed);
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    /// An input was about to be decided behind one that stands after it.
    pub fn disordered(&self, key: Key, position: InSeq) {
        tracing::error!(entity = %key, position = position.0, "an input comes out of order");
        self.disordered.fetch_add(1, Ordering::Relaxed);
    }

    /// Effects left before older ones of their lane and priority.
    pub fn overtaken(&self, key: Key, effects: u32) {
        tracing::error!(entity = %key, effects, "effects left out of order");
        self.overtaken
            .fetch_add(u64::from(effects), Ordering::Relaxed);
    }

    pub fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// Inputs decided and effects begun out of order.
    pub fn out_of_order(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.disordered), read(&self.overtaken))
    }

    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }
}

/// The ports and maps an environment is made of.
pub(crate) struct Wiring<J> {
    pub journal: Arc<J>,
    pub ownership: SoleOwner,
    pub settings: Arc<dyn Settings>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub identity: IdentityKey,
    pub contacts: Contacts,
    pub gateways: Gateways<J>,
    pub withdrawals: Arc<Withdrawals>,
    pub limits: Limits,
    pub witness: Option<Arc<dyn Witness>>,
}

impl<J: Journal> Environment<J> {
    pub fn new(wiring: Wiring<J>) -> Self {
        Self {
            steps: Steps::new(wiring.journal.running()),
            journal: wiring.journal,
            ownership: wiring.ownership,
            settings: wiring.settings,
            clock: wiring.clock,
            random: wiring.random,
            identity: wiring.identity,
            contacts: wiring.contacts,
            channels: Channels::new(),
            gateway_entities: GatewayEntities::new(),
            pollers: Pollers::default(),
            gateways: wiring.gateways,
            wakes: Wakes::default(),
            statuses: StatusTimes::default(),
            waiting: WaitingRoom::default(),
            withdrawals: wiring.withdrawals,
            counters: Counters::default(),
            meters: Meters::default(),
            stuck: Arc::default(),
            witness: wiring.witness,
            calls: Calls::default(),
            limits: wiring.limits,
            draining: AtomicBool::new(false),
        }
    }

    pub fn partitions(&self) -> u16 {
        self.ownership.partitions()
    }

    /// Whether the system is shutting down: nothing new is sent, what is in flight is awaited.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// When an entity that last worked at `last_work` may rest, however few are alive.
    pub fn rest_at(&self, last_work: Millis) -> Millis {
        last_work.plus_ms(self.limits.passivate_after_ms)
    }

    /// How many more contacts are alive than should be.
    pub fn crowd(&self) -> usize {
        let live = self.contacts.live();
        live.saturating_sub(self.limits.live_max)
    }

    /// Whether a contact that has been idle for so long leaves before its time, because too many are
    /// alive. Those idle longest are asked first; only when the crowd presses nobody lingers. Who
    /// has just been written to is about to hear what became of the message, and to answer.
    pub fn is_crowded_out(&self, idle_ms: u64) -> bool {
        match self.crowd() {
            0 => false,
            crowd => idle_ms >= LINGERS_MS || crowd > self.limits.live_max / PRESSING_PART,
        }
    }

    /// Whether so many are alive that nobody is brought to life who may wait.
    pub fn is_full(&self) -> bool {
        self.crowd() > self.limits.live_max / FULL_PART
    }

    /// The outbox rules for a contact on `channel`.
    pub fn outbox_rules(&self, channel: Option<&ChannelId>) -> Rules {
        let settings = channel.and_then(|channel| self.settings.channel(channel));
        let help_desk = settings
            .as_ref()
            .and_then(|settings| settings.help_desk)
            .and_then(|id| self.settings.gateway(&id));
        let mut rules = Rules {
            seed: self.random.next(),
            ..Rules::default()
        };
        if let Some(settings) = &settings {
            rules.interim_after_ms = settings.interim_after_ms;
            let first = self.settings.gateway(&settings.messages);
            let fallback = first.and_then(|first| first.fallback);
            rules.takes_over_ms = fallback.map(|fallback| fallback.after.as_millis() as u64);
            rules.own_ids = settings.own_ids;
        }
        if let Some(help_desk) = &help_desk {
            rules.settle_ms = help_desk.settle.as_millis() as u64;
        }
        rules
    }

    /// Accepts the events of one webhook and hands each to its entity.
    pub async fn ingest(self: &Arc<Self>, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        if self.is_draining() {
            return Err(Refused::Closed);
        }
        self.accept(events).await
    }

    /// Accepts an input that the system itself gives to an entity. A refusal that may pass is waited
    /// for, because whoever gives it has nobody to send it again.
    pub async fn accept_inside(self: &Arc<Self>, event: InEvent) -> Result<(), Refused> {
        let mut pause_ms = 20;
        loop {
            match self.accept(vec![event.clone()]).await {
                Ok(_) => return Ok(()),
                Err(refused) if refused.is_final() => return Err(refused),
                Err(_) => {
                    tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
            }
        }
    }

    /// Records a note. A refusal that may pass is waited for.
    pub async fn note(&self, key: Key, note: &Note) -> Result<(), CommitError> {
        let mut pause_ms = 20;
        loop {
            match self.journal.note(key, note).await {
                Err(CommitError::Refused(refused)) if !refused.is_final() => {
                    tokio::time::sleep(std::time::Duration::from_millis(pause_ms)).await;
                    pause_ms = (pause_ms * 2).min(1_000);
                }
                noted => return noted,
            }
        }
    }

    /// A released input that is being consumed stands in the queue by itself: the quarantine lets go
    /// of what it stands for. On record before its step; after a crash in between it is consumed all
    /// the same, and letting go twice is letting go once.
    pub async fn let_go_of_released(&self, input: &InEvent) -> Result<(), CommitError> {
        if let Inbound::Released { position, .. } = &input.body {
            let note = Note::Released { input: *position };
            Box::pin(self.note(input.key, &note)).await?;
        }
        Ok(())
    }

    async fn accept(self: &Arc<Self>, events: Vec<InEvent>) -> Result<Vec<Accepted>, Refused> {
        let accepted = self.journal.accept(events.clone()).await?;
        self.counters.took(&events);
        for (accepted, event) in accepted.iter().zip(&events) {
            self.withdrawals.hear(accepted.seq, event);
        }
        for (accepted, event) in accepted.iter().zip(events) {
            self.hand_over(event.key, *accepted, Some(Box::new(event)));
        }
        Ok(accepted)
    }

    /// Nudges the entity of an accepted input. Losing the nudge loses nothing: the input waits in
    /// the journal for the next one, or for the entity's restart.
    pub fn hand_over(self: &Arc<Self>, key: Key, accepted: Accepted, event: Option<Box<InEvent>>) {
        match key {
            Key::Contact(id) => self.contacts.hand_over(self, id, accepted, event),
            Key::Channel(id) => self.channels.hand_over(self, id, accepted, event),
            Key::Gateway(id) => self.gateway_entities.hand_over(self, id, accepted, event),
        }
    }

    /// Brings an entity to life that has work left.
    pub fn wake(self: &Arc<Self>, key: Key) {
        match key {
            Key::Contact(id) => self.contacts.send(self, id, ContactKind::due()),
            Key::Channel(id) => self.channels.send(self, id, ChannelKind::due()),
            Key::Gateway(id) => self.gateway_entities.send(self, id, GatewayKind::due()),
        }
    }
}
