//! What is measured where the server speaks to others, and of the process itself.

use super::Kind::{Counter, Gauge, Histogram};
use super::{Metric, Values, metric};

/// From the decision to its end.
pub(super) const ALL: &[Metric] = &[
    metric(
        "chasqui_gateway_attempts_total",
        Counter,
        "attempts",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
            (
                "outcome",
                Values::Of(&["done", "not_done", "refused", "unknown"]),
            ),
        ],
        "Calls that change something at a provider, by outcome: done, not_done (surely not; tried again), refused (for good), unknown (in doubt)",
    ),
    metric(
        "chasqui_gateway_call_seconds",
        Histogram,
        "seconds",
        &[("provider", Values::Each("provider"))],
        "From a call's entry into its gateway to its outcome, with the record that it begins",
    ),
    metric(
        "chasqui_gateway_circuit_open",
        Gauge,
        "0 or 1",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "1 while the circuit is not closed: nothing but a probe is sent",
    ),
    metric(
        "chasqui_gateway_waiting",
        Gauge,
        "calls",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "Attempts and searches that wait for the gateway to let them through",
    ),
    metric(
        "chasqui_gateway_limited_total",
        Counter,
        "waits",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
            (
                "by",
                Values::Of(&["circuit", "rate", "pair", "full", "closed"]),
            ),
        ],
        "Times somebody was told to wait, by what: the circuit, the rate limiter, the limit of one pair of numbers, all places taken, the end of the process",
    ),
    metric(
        "chasqui_gateway_templates_day",
        Gauge,
        "templates",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
            ("category", Values::Of(&["notices", "marketing"])),
        ],
        "Templates sent in the last 24 hours",
    ),
    metric(
        "chasqui_gateway_release_supported",
        Gauge,
        "0 or 1",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "1 when the product behind the gateway is of a release that this server knows; there once it was asked",
    ),
    metric(
        "chasqui_gateway_pauses_total",
        Counter,
        "pauses",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "Times sending was paused for a reason that the provider told",
    ),
    metric(
        "chasqui_line_sends_total",
        Counter,
        "messages",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
            ("line", Values::Of(&["first", "second"])),
        ],
        "Messages that a channel's provider took, by the line they went by",
    ),
    metric(
        "chasqui_line_second_in_use",
        Gauge,
        "0 or 1",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "1 while a channel's messages go by its second line",
    ),
    metric(
        "chasqui_line_handovers_total",
        Counter,
        "handovers",
        &[
            ("provider", Values::Each("provider")),
            ("gateway", Values::Each("connection or channel")),
        ],
        "Times a channel's second line took over",
    ),
    metric(
        "chasqui_effects_in_doubt",
        Gauge,
        "effects",
        &[],
        "Effects of which nobody knows whether they were done, not given to an operator yet",
    ),
    metric(
        "chasqui_dead_letters",
        Gauge,
        "effects",
        &[],
        "Effects whose retries are used up, on the operators' list",
    ),
    metric(
        "chasqui_oldest_dead_letter_age_seconds",
        Gauge,
        "seconds",
        &[],
        "Since the last try of the oldest of these; somebody must have dealt with it within 24 h",
    ),
    metric(
        "chasqui_uncertain_sends",
        Gauge,
        "effects",
        &[],
        "Effects of unknown outcome that must not be repeated, on the operators' list",
    ),
    metric(
        "chasqui_glpi_alerts_total",
        Counter,
        "faults",
        &[(
            "alert",
            Values::Of(&[
                "wrong_entity",
                "client_not_found",
                "client_not_created",
                "ticket_refused",
                "set_up",
                "unavailable",
            ]),
        )],
        "Faults met at GLPI, by what an operator can do about them (docs/glpi.md)",
    ),
    metric(
        "chasqui_traces_dropped_total",
        Counter,
        "lines",
        &[],
        "Lines of the trace log that found its queue full",
    ),
    metric(
        "chasqui_spans_sent_total",
        Counter,
        "spans",
        &[],
        "Spans that the OpenTelemetry collector took",
    ),
    metric(
        "chasqui_spans_dropped_total",
        Counter,
        "spans",
        &[],
        "Spans that found their queue full or that the collector did not take",
    ),
    metric(
        "chasqui_process_resident_bytes",
        Gauge,
        "bytes",
        &[],
        "Resident memory of the process",
    ),
    metric(
        "chasqui_process_start_time_seconds",
        Gauge,
        "seconds",
        &[],
        "When the process started, in seconds since 1970",
    ),
];
