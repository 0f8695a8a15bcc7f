//! Messages as OpenTelemetry traces: off unless a collector is named, and then a sample.
//!
//! ```text
//! webhook                      the door: a request is read until its events are durable
//! └─ decide                    the contact: its turn has come until it has decided
//!    ├─ record                 ... until the step is durable
//!    └─ send                   a gateway: one call to a provider; one span for each try
//!       └─ decide              ... when the end of that call is an input of its own (a ticket)
//! ```
//!
//! No context travels with a message. Which messages are traced, and every id, follows from the
//! input's own id hash, so the door and the contact agree without a word, in whatever order and
//! after whatever restart. A call is joined to the decision by the effect's id, through a table of
//! at most [`LINKS_MAX`] effects. Only messages that people wrote are traced, and no span holds a
//! text, a number or a name.
//!
//! Spans leave as OTLP over HTTP in its JSON form, which every collector takes. The client that
//! calls providers sends them; the crates of the OpenTelemetry project would add ten packages and a
//! second batching runtime to say the same. A full queue drops spans and counts them: nothing waits
//! for a collector.

mod export;
mod links;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actors::model::{EffectId, IdHash, InEvent, Inbound, Key};
use actors::ports::{Request, Stepped, Witness};
use reqwest::Url;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::config::OpenTelemetry;
use crate::providers::{BadSettings, Transport};
use export::Collector;
pub use links::LINKS_MAX;
use links::{Link, Links};
pub(crate) use wire::{Kind, Span, SpanId, TraceId};

/// Spans that may wait for the collector.
const QUEUE_MAX: usize = 8_192;
/// How long a connection to the collector may be idle.
const IDLE: Duration = Duration::from_secs(60);

/// Why messages cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum SpansError {
    /// The address of the collector is none.
    #[error("opentelemetry.endpoint is not an address: {0}")]
    Endpoint(String),
    /// A client for it cannot be made.
    #[error(transparent)]
    Client(#[from] BadSettings),
}

/// Where spans are handed in. Cheap to clone; switched off it does nothing.
#[derive(Clone, Default)]
pub struct Spans(Option<Arc<Recorder>>);

struct Recorder {
    /// An input is traced when its hash, read as a number, is not above it.
    up_to: u64,
    links: Links,
    queue: mpsc::Sender<Span>,
    /// The same instant on both clocks.
    origin: (Instant, Duration),
    ending: watch::Sender<bool>,
    exporter: Mutex<Option<JoinHandle<()>>>,
}

/// One call to a provider.
pub(crate) struct Sent<'a> {
    pub request: Request<'a>,
    pub provider: &'static str,
    pub gateway: &'a str,
    pub begun: Instant,
    pub outcome: &'static str,
    /// Why it was not done.
    pub failed: bool,
}

impl Spans {
    /// Starts sending to the collector that the settings name; off when they name none.
    ///
    /// # Errors
    /// When its address cannot be used.
    pub fn start(settings: &OpenTelemetry) -> Result<Self, SpansError> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(Self::default());
        };
        let url = Url::parse(endpoint).map_err(|error| SpansError::Endpoint(error.to_string()))?;
        let collector = Collector::new(Transport::new(&url, IDLE)?, url);
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let (ending, ended) = watch::channel(false);
        let exporter = tokio::spawn(export::run(waiting, collector, ended));
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        let thousandth = u64::MAX / 1_000;
        Ok(Self(Some(Arc::new(Recorder {
            up_to: match settings.traces_per_thousand {
                1_000.. => u64::MAX,
                share => thousandth * u64::from(share),
            },
            links: Links::default(),
            queue,
            origin: (Instant::now(), since_1970.unwrap_or_default()),
            ending,
            exporter: Mutex::new(Some(exporter)),
        }))))
    }

    /// Who is to be shown the steps of contacts.
    pub fn witness(&self) -> Option<Arc<dyn Witness>> {
        let recorder = self.0.clone()?;
        Some(recorder)
    }

    /// Which of these events are traced.
    pub(crate) fn watched(&self, events: &[InEvent]) -> Vec<TraceId> {
        let Some(recorder) = &self.0 else {
            return Vec::new();
        };
        let traced = events.iter().filter(|event| recorder.traces(event));
        traced
            .map(|event| TraceId::of(event.key, event.id))
            .collect()
    }

    /// The events of a webhook are durable.
    pub(crate) fn webhook(&self, provider: &'static str, begun: Instant, watched: &[TraceId]) {
        let Some(recorder) = &self.0 else { return };
        let ended = Instant::now();
        for trace in watched {
            recorder.hand_in(Span {
                kind: Kind::Server,
                attributes: vec![("chasqui.provider", provider.to_owned())],
                ..recorder.span(*trace, trace.webhook(), None, "webhook", (begun, ended))
            });
        }
    }

    /// Whether any call could belong to a traced message.
    pub(crate) fn wants_calls(&self) -> bool {
        self.0.as_ref().is_some_and(|recorder| recorder.links.any())
    }

    /// A call to a provider ended.
    pub(crate) fn sent(&self, sent: &Sent<'_>) {
        let Some(recorder) = &self.0 else { return };
        let (effect, attempt) = (sent.request.effect, sent.request.attempt.0);
        let Some(link) = recorder.links.of(effect) else {
            return;
        };
        let id = link.trace.send(effect, attempt);
        recorder.links.sent(effect, id);
        let times = (sent.begun, Instant::now());
        recorder.hand_in(Span {
            kind: Kind::Client,
            attributes: vec![
                ("chasqui.effect", effect.to_string()),
                ("chasqui.call", sent.request.call.name().to_owned()),
                ("chasqui.provider", sent.provider.to_owned()),
                ("chasqui.gateway", sent.gateway.to_owned()),
                ("chasqui.attempt", attempt.to_string()),
                ("chasqui.outcome", sent.outcome.to_owned()),
            ],
            failed: sent.failed.then_some(sent.outcome),
            ..recorder.span(link.trace, id, Some(link.decided), "send", times)
        });
    }

    /// Sends what waits and ends.
    pub async fn finish(&self) {
        let Some(recorder) = &self.0 else { return };
        recorder.ending.send_replace(true);
        let exporter = recorder
            .exporter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(exporter) = exporter {
            // A panic there was logged by the panic hook; only spans are lost.
            let _ = exporter.await;
        }
    }
}

impl Recorder {
    fn traces(&self, event: &InEvent) -> bool {
        let IdHash(hash) = event.id;
        matches!(event.body, Inbound::Message(_)) && u64::from_be_bytes(hash) <= self.up_to
    }

    fn span(
        &self,
        trace: TraceId,
        id: SpanId,
        parent: Option<SpanId>,
        name: &'static str,
        (begun, ended): (Instant, Instant),
    ) -> Span {
        let (instant, since_1970) = self.origin;
        let at = |when: Instant| {
            let later = when.saturating_duration_since(instant);
            let earlier = instant.saturating_duration_since(when);
            (since_1970 + later).saturating_sub(earlier).as_nanos() as u64
        };
        Span {
            trace,
            id,
            parent,
            name,
            kind: Kind::Internal,
            begun_ns: at(begun),
            ended_ns: at(ended),
            attributes: Vec::new(),
            failed: None,
        }
    }

    fn hand_in(&self, span: Span) {
        if self.queue.try_send(span).is_err() {
            export::dropped(1);
        }
    }

    /// The trace that an input belongs to, and the span that led to it.
    fn cause(&self, input: &InEvent) -> Option<(TraceId, SpanId)> {
        match &input.body {
            Inbound::Message(_) if self.traces(input) => {
                let trace = TraceId::of(input.key, input.id);
                Some((trace, trace.webhook()))
            }
            Inbound::Report(report) => {
                let link = self.links.of(report.effect)?;
                Some((link.trace, link.last))
            }
            _ => None,
        }
    }
}

impl Witness for Recorder {
    fn stepped(&self, step: &Stepped<'_>) {
        let Some((trace, parent)) = self.cause(step.input) else {
            return;
        };
        let decided = trace.decide(step.input.id);
        let link = Link {
            trace,
            decided,
            last: decided,
        };
        self.links
            .add(step.effects.iter().map(|effect| effect.id), link);
        let times = (step.begun, step.decided);
        self.hand_in(Span {
            attributes: vec![
                ("chasqui.entity", step.input.key.to_string()),
                ("chasqui.input", format!("in_{:?}", step.input.id)),
                ("chasqui.effects", step.effects.len().to_string()),
            ],
            ..self.span(trace, decided, Some(parent), "decide", times)
        });
        let recorded = trace.record(step.input.id);
        let times = (step.decided, step.recorded);
        self.hand_in(self.span(trace, recorded, Some(decided), "record", times));
    }
}

impl TraceId {
    fn of(key: Key, input: IdHash) -> Self {
        Self::derived(key.to_string().as_bytes(), &input.0)
    }

    fn webhook(self) -> SpanId {
        self.span("webhook", &[])
    }

    fn decide(self, input: IdHash) -> SpanId {
        self.span("decide", &input.0)
    }

    fn record(self, input: IdHash) -> SpanId {
        self.span("record", &input.0)
    }

    fn send(self, effect: EffectId, attempt: u32) -> SpanId {
        let mut what = effect.to_string().into_bytes();
        what.extend_from_slice(&attempt.to_be_bytes());
        self.span("send", &what)
    }
}
