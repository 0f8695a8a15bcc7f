//! The gate of one gateway: circuit, rate, pairs and concurrency in one place.
//!
//! Shared by handle between the gateway actor and the entities' shells. Entering is synchronous and
//! all or nothing; who may not enter is told when to come again. Passes given out keep the gate alive
//! when the actor ends before them.

mod outage;
mod pass;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::{SmolStr, format_smolstr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::breaker::{Admission, Breaker};
use super::busy::Busy;
use super::health::{Counts, Health, LastError, Names, Paused, SecondInUse};
use super::limiter::Limiter;
use super::meters::Meters;
use super::number::Number;
use super::pairs;
use crate::model::{Call, Effect, GatewayId, Millis, Recipient, Release};
use crate::ports::{Fallback, GatewaySettings};
pub use pass::Pass;

/// Who may call a provider, and when.
#[derive(Debug)]
pub struct Gate {
    names: Names,
    meters: Meters,
    timeout: Duration,
    concurrency: usize,
    permits: Arc<Semaphore>,
    inner: Mutex<Inner>,
    /// Locked after `inner`, where both are.
    number: Arc<Number>,
    waiting: AtomicUsize,
    closed: AtomicBool,
    circuit: watch::Sender<bool>,
}

#[derive(Debug)]
struct Inner {
    breaker: Breaker,
    limiter: Limiter,
    counts: Counts,
    last_error: Option<LastError>,
    release: Option<Release>,
    fallback: Option<Fallback>,
    /// Whether the second line carried something since the circuit opened.
    handed_over: bool,
    paused: Option<Paused>,
    /// Since an operator paused it.
    held: Option<Paused>,
}

impl Gate {
    /// A gate with everything open.
    pub fn new(settings: &GatewaySettings, now: Millis) -> Arc<Self> {
        Self::of_number(settings, Arc::new(Number::new(settings)), now)
    }

    /// A gate with everything open, of a number that another line may carry too.
    pub fn of_number(settings: &GatewaySettings, number: Arc<Number>, now: Millis) -> Arc<Self> {
        let mut breaker = Breaker::default();
        breaker.ask_first(settings.fallback.is_some());
        let concurrency = settings.concurrency.max(1);
        Arc::new(Self {
            names: Names {
                id: settings.id,
                provider: settings.provider,
                tenant: settings.tenant.clone(),
                name: settings.name.clone(),
            },
            meters: Meters::new(settings),
            timeout: settings.timeout,
            concurrency,
            permits: Arc::new(Semaphore::new(concurrency)),
            inner: Mutex::new(Inner {
                breaker,
                limiter: Limiter::new(settings.rate_per_second, now),
                counts: Counts::default(),
                last_error: None,
                release: None,
                fallback: settings.fallback,
                handed_over: false,
                paused: None,
                held: None,
            }),
            number,
            waiting: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            circuit: watch::Sender::new(false),
        })
    }

    /// Enters at once or not at all; not past attempts that wait already.
    pub fn try_enter(self: &Arc<Self>, effect: &Effect, now: Millis) -> Result<Pass, Busy> {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            return Err(Busy::Full);
        }
        self.enter(effect, now)
    }

    /// Enters for the most urgent of those that wait.
    pub(super) fn enter(self: &Arc<Self>, effect: &Effect, now: Millis) -> Result<Pass, Busy> {
        self.pass(pairs::recipient(effect), now)
    }

    /// Enters for a search, which writes to nobody.
    pub(crate) fn enter_to_search(self: &Arc<Self>, now: Millis) -> Result<Pass, Busy> {
        self.pass(None, now)
    }

    fn pass(self: &Arc<Self>, to: Option<&Recipient>, now: Millis) -> Result<Pass, Busy> {
        let entered = self.check(to, now);
        if let Err(busy) = entered {
            self.waited(busy);
        }
        let (permit, probe) = entered?;
        Ok(Pass::new(Arc::clone(self), permit, probe, now))
    }

    fn check(
        &self,
        to: Option<&Recipient>,
        now: Millis,
    ) -> Result<(OwnedSemaphorePermit, bool), Busy> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Busy::Closed);
        }
        let mut guard = self.lock();
        let inner = &mut *guard;
        if inner.held.is_some() {
            let until = now.plus_ms(outage::HELD_MS);
            return Err(Busy::Circuit { until });
        }
        if let Admission::Shut { until } = inner.breaker.peek(now) {
            // Whoever waits here may be the second line's before the next probe is due.
            let handover = inner.handover_at().filter(|at| *at > now);
            let until = handover.map_or(until, |at| until.min(at));
            return Err(Busy::Circuit { until });
        }
        let mut number = self.number.lock();
        let pair = number.pairs.as_mut().zip(to);
        if let Some((pairs, to)) = &pair {
            let until = pairs.ready_at(to, now);
            if until > now {
                return Err(Busy::Pair { until });
            }
        }
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        let permit = permit.map_err(|_| Busy::Full)?;
        let taken = inner.limiter.take(now);
        taken.map_err(|until| Busy::Rate { until })?;
        if let Some((pairs, to)) = pair {
            pairs.count(to, now);
        }
        let probe = inner.breaker.admit(now) == Admission::Probe;
        Ok((permit, probe))
    }

    /// No further call begins; those in flight end.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Waits until nothing is in flight. Call [`Gate::close`] before.
    pub async fn drained(&self) {
        let all = u32::try_from(self.concurrency).unwrap_or(u32::MAX);
        // The semaphore is never closed; an error would mean there is nothing to wait for.
        let _all_permits = self.permits.acquire_many(all).await;
    }

    /// Whether the circuit is open, now and whenever it changes.
    pub fn circuit(&self) -> watch::Receiver<bool> {
        self.circuit.subscribe()
    }

    /// After this an attempt's outcome is unknown.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The gateway's id.
    pub const fn id(&self) -> GatewayId {
        self.names.id
    }

    /// The observable state.
    pub fn health(&self, now: Millis) -> Health {
        let inner = self.lock();
        Health {
            gateway: self.names.id.to_string(),
            provider: self.names.provider,
            tenant: self.names.tenant.clone(),
            name: self.names.name.clone(),
            circuit: inner.breaker.circuit(),
            circuit_opened: inner.breaker.opened(),
            in_flight: self.concurrency - self.permits.available_permits(),
            waiting: self.waiting.load(Ordering::Relaxed),
            rate_per_second: inner.limiter.rate_milli() as f64 / 1_000.0,
            counts: inner.counts,
            last_error: inner.last_error.clone(),
            release: inner.release.clone(),
            templates: {
                let number = self.number.lock();
                number.quota.as_ref().map(|quota| quota.count(now))
            },
            fallback: inner.fallback.map(|fallback| SecondInUse {
                line: fallback.line.to_string(),
                in_use: inner.handed_over,
                since: inner.breaker.since().filter(|_| inner.handed_over),
            }),
            alert: inner.alert(),
            paused: inner.held.as_ref().or(inner.paused.as_ref()).cloned(),
        }
    }

    /// A call took this long.
    pub(super) fn answered(&self, took: Duration) {
        self.meters.answered(took);
    }

    /// Counts a template that is about to leave; everything else passes.
    ///
    /// # Errors
    /// In plain words, when the day's templates are used up.
    pub(crate) fn count_template(&self, effect: &Effect, now: Millis) -> Result<(), SmolStr> {
        let Call::SendTemplate(template) = &effect.call else {
            return Ok(());
        };
        let mut number = self.number.lock();
        let Some(quota) = &mut number.quota else {
            return Ok(());
        };
        let taken = quota.take(template.category, now);
        let count = quota.count(now);
        drop(number);
        self.meters.templates(&count);
        taken.map_err(|limit| {
            format_smolstr!(
                "this number's {limit} templates of a day are used up; they come back hour by hour"
            )
        })
    }

    /// The business number behind it.
    pub(super) const fn number(&self) -> &Arc<Number> {
        &self.number
    }

    /// Notes the release of the product behind this gateway.
    pub(super) fn set_release(&self, release: Release) {
        self.meters.release(&release);
        self.lock().release = Some(release);
    }

    /// Thousandths of a call a second that the limiter lets through at present.
    pub(super) fn rate_milli(&self) -> u64 {
        self.lock().limiter.rate_milli()
    }

    pub(super) fn set_waiting(&self, waiting: usize) {
        self.waiting.store(waiting, Ordering::SeqCst);
        self.meters.waiting.set(waiting as f64);
    }

    /// Whether the gateway's actor has to hear when a call ends: somebody waits for its place, or the
    /// provider is to be asked how it is.
    pub(super) fn awaits_ends(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0 || self.ask_at().is_some()
    }

    pub(super) fn given_back(&self) {
        self.lock().counts.not_started += 1;
    }

    fn waited(&self, busy: Busy) {
        self.lock().counts.limiter_waits += 1;
        self.meters.limited(busy).increment(1);
    }

    /// The machines behind the lock hold no broken state when a holder panics between two fields.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, probe: bool, healthy: Option<bool>, now: Millis) {
        let mut inner = self.lock();
        match healthy {
            Some(healthy) => inner.breaker.ended(probe, healthy, now),
            None => inner.breaker.abandoned(probe, now),
        }
        drop(inner);
        self.tell_circuit();
    }
}
