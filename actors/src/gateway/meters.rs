//! The metrics of one gateway. Looked up once, because a call touches several of them.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::busy::Busy;
use super::quota::TemplateCount;
use crate::meters::stage;
use crate::model::Release;
use crate::ports::{Called, GatewaySettings};

/// Handles to what is counted.
pub(super) struct Meters {
    /// `chasqui_gateway_waiting`: attempts and searches that wait for the gate.
    pub waiting: Gauge,
    /// `chasqui_gateway_circuit_open`: 1 while the circuit is not closed.
    pub circuit_open: Gauge,
    /// `chasqui_gateway_call_seconds`: from entering the gate to the outcome.
    pub call_seconds: Histogram,
    /// `chasqui_line_sends_total`: messages taken, by line of their channel.
    pub sends: Counter,
    /// `chasqui_line_second_in_use`: 1 while messages go by the channel's second line.
    pub on_second: Gauge,
    /// `chasqui_line_handovers_total`: times the second line took over.
    pub handovers: Counter,
    /// `chasqui_gateway_pauses_total`: times sending was paused for a reason the provider told.
    pub pauses: Counter,
    /// `chasqui_gateway_templates_day`: templates of the last day, by category.
    templates: [Gauge; 2],
    /// `chasqui_gateway_limited_total`, by what made somebody wait.
    limited: [Counter; 5],
    /// `chasqui_gateway_attempts_total`, by outcome.
    attempts: [Counter; 4],
    /// `chasqui_stage_seconds{stage="answered"}`: from the beginning of a call to its outcome.
    answered: Histogram,
    provider: &'static str,
    name: String,
}

impl Meters {
    pub fn new(settings: &GatewaySettings) -> Self {
        let name = settings.name.to_string();
        let provider = settings.provider;
        let line = match settings.number_of {
            None => "first",
            Some(_) => "second",
        };
        let limited = |by: &'static str| {
            counter!(
                "chasqui_gateway_limited_total",
                "provider" => provider, "gateway" => name.clone(), "by" => by
            )
        };
        let attempts = |outcome: &'static str| {
            counter!(
                "chasqui_gateway_attempts_total",
                "provider" => provider, "gateway" => name.clone(), "outcome" => outcome
            )
        };
        let templates = |category: &'static str| {
            gauge!(
                "chasqui_gateway_templates_day",
                "provider" => provider, "gateway" => name.clone(), "category" => category
            )
        };
        let gauge = |metric: &'static str| gauge!(metric, "provider" => provider, "gateway" => name.clone());
        Self {
            templates: ["notices", "marketing"].map(templates),
            waiting: gauge("chasqui_gateway_waiting"),
            circuit_open: gauge("chasqui_gateway_circuit_open"),
            call_seconds: histogram!("chasqui_gateway_call_seconds", "provider" => provider),
            limited: ["circuit", "rate", "pair", "full", "closed"].map(limited),
            attempts: ["done", "not_done", "refused", "unknown"].map(attempts),
            sends: counter!(
                "chasqui_line_sends_total",
                "provider" => provider, "gateway" => name.clone(), "line" => line
            ),
            on_second: gauge!("chasqui_line_second_in_use", "provider" => provider, "gateway" => name.clone()),
            handovers: counter!("chasqui_line_handovers_total", "provider" => provider, "gateway" => name.clone()),
            pauses: counter!("chasqui_gateway_pauses_total", "provider" => provider, "gateway" => name.clone()),
            answered: stage("answered"),
            provider,
            name,
        }
    }

    /// Somebody has to wait.
    pub fn limited(&self, by: Busy) -> &Counter {
        &self.limited[match by {
            Busy::Circuit { .. } => 0,
            Busy::Rate { .. } => 1,
            Busy::Pair { .. } => 2,
            Busy::Full => 3,
            Busy::Closed => 4,
        }]
    }

    /// A template was counted.
    pub fn templates(&self, count: &TemplateCount) {
        let [notices, marketing] = &self.templates;
        notices.set(f64::from(count.notices));
        marketing.set(f64::from(count.marketing));
    }

    /// The product's release was asked: `chasqui_gateway_release_supported` is 1 for one that this
    /// server knows.
    pub fn release(&self, release: &Release) {
        let supported = f64::from(u8::from(release.supported));
        gauge!(
            "chasqui_gateway_release_supported",
            "provider" => self.provider, "gateway" => self.name.clone()
        )
        .set(supported);
    }

    /// A provider answered, or its time was over.
    pub fn answered(&self, took: Duration) {
        self.answered.record(took.as_secs_f64());
    }

    /// An attempt ended.
    pub fn attempts(&self, called: &Called) -> &Counter {
        &self.attempts[match called {
            Called::Done(_) => 0,
            Called::NotDone { .. } => 1,
            Called::Refused { .. } => 2,
            Called::Unknown { .. } => 3,
        }]
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}
