//! Calls to providers, noted in the trace log and among the spans on their way out.

use std::sync::Arc;
use std::time::Instant;

use actors::model::{Effect, GatewayId};
use actors::ports::{
    Asked, Called, Clock, GatewaySettings, HelpDesk, LookedUp, Provider, Providers, Request,
    Settings,
};

use crate::http::Awaited;
use crate::providers::ProviderSet;
use crate::spans::{Sent, Spans};
use crate::store::{Direction, Trace, TraceLevel};
use crate::trace::Tracer;

/// The providers of `inner`, each call noted.
pub(super) struct Traced {
    pub inner: Arc<ProviderSet>,
    pub tracer: Arc<Tracer>,
    pub clock: Arc<dyn Clock>,
    pub spans: Spans,
    /// What gateways are called.
    pub settings: Arc<dyn Settings>,
}

struct TracedProvider {
    inner: Arc<dyn Provider>,
    tracer: Arc<Tracer>,
    clock: Arc<dyn Clock>,
    spans: Spans,
    gateway: Option<Arc<GatewaySettings>>,
}

impl Providers for Traced {
    fn provider(&self, id: &GatewayId) -> Option<Arc<dyn Provider>> {
        let (tracer, clock) = (self.tracer.clone(), self.clock.clone());
        let inner = self.inner.provider(id)?;
        Some(Arc::new(TracedProvider {
            inner,
            tracer,
            clock,
            spans: self.spans.clone(),
            gateway: self.settings.gateway(id),
        }))
    }

    /// Looks leave no lines: they come every few seconds, and what they find is on record.
    fn help_desk(&self, id: &GatewayId) -> Option<Arc<dyn HelpDesk>> {
        self.inner.help_desk(id)
    }
}

impl Provider for TracedProvider {
    fn call<'a>(&'a self, request: Request<'a>) -> Awaited<'a, Called> {
        Box::pin(async move {
            let begun = Instant::now();
            let called = self.inner.call(request).await;
            let (level, end) = match &called {
                Called::Done(_) => (TraceLevel::Info, "done"),
                Called::NotDone { .. } => (TraceLevel::Warn, "not done"),
                Called::Refused { .. } => (TraceLevel::Error, "refused"),
                Called::Unknown { .. } => (TraceLevel::Warn, "unknown outcome"),
            };
            if self.spans.wants_calls() {
                let gateway = self.gateway.as_ref();
                self.spans.sent(&Sent {
                    request,
                    provider: gateway.map_or("", |gateway| gateway.provider),
                    gateway: gateway.map_or("", |gateway| gateway.name.as_str()),
                    begun,
                    outcome: end,
                    failed: level != TraceLevel::Info,
                });
            }
            let at = self.clock.now();
            self.tracer.write(level, at, || Trace {
                at,
                level,
                module: "providers".to_owned(),
                direction: Direction::Out,
                correlation_id: request.effect.to_string(),
                payload_digest: None,
                message: format!(
                    "{} attempt {}: {end}",
                    request.call.name(),
                    request.attempt.0
                ),
            });
            called
        })
    }

    fn look_up<'a>(&'a self, effect: &'a Effect) -> Awaited<'a, LookedUp> {
        self.inner.look_up(effect)
    }

    fn ask(&self) -> Awaited<'_, Asked> {
        self.inner.ask()
    }
}
