//! What a run must fulfil.

use serde::{Deserialize, Serialize};

/// What a run must fulfil; what is absent is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Require {
    /// Messages without reply.
    pub lost_max: u64,
    /// Replies sent more than once.
    pub doubled_max: u64,
    /// Replies that overtook an earlier one of the same person.
    pub out_of_order_max: u64,
    /// Replies that do not fit what was said.
    pub wrong_state_max: u64,
    /// Statuses that were not taken.
    pub statuses_missing_max: u64,
    /// Least steps a second.
    pub steps_per_s_min: Option<f64>,
    /// Least ratio to the ceiling, statuses off.
    pub ratio_min: Option<f64>,
    /// Least ratio to the ceiling, statuses on.
    pub ratio_on_min: Option<f64>,
    /// Webhook answers, 99th percentile in milliseconds.
    pub webhook_p99_ms: Option<f64>,
    /// From scheduled arrival to the provider, 99th percentile in milliseconds.
    pub to_provider_p99_ms: Option<f64>,
    /// Longest time without a reply after a mark, seconds.
    pub recovery_s: Option<f64>,
    /// Bytes written to disk for each step.
    pub disk_bytes_per_step: Option<f64>,
    /// Resident memory, megabytes.
    pub rss_peak_mb: Option<f64>,
    /// Least peak of a ramp, messages a minute.
    pub peak_per_minute_min: Option<f64>,
    /// Most conversations with anything amiss, as a share.
    pub anomalies_max: Option<f64>,
    /// Least people with exactly one ticket, as a share.
    pub record_integrity_min: Option<f64>,
    /// Least complete conversations.
    pub conversations_min: Option<f64>,
    /// Most by which noise may move the others' 99th percentile and their rate, as a share.
    pub noise_change_max: Option<f64>,
    /// Least ordered templates that reach the phone, as a share.
    pub template_delivery_min: Option<f64>,
    /// Least of them that read as they should, as a share.
    pub template_rendering_min: Option<f64>,
    /// From a person's message until GLPI has it, 99th percentile in seconds.
    pub written_p99_s: Option<f64>,
    /// From a change in GLPI, which tells it by webhook, to the person, 95th percentile in seconds.
    pub told_p95_s: Option<f64>,
    /// Both ways together, 99th percentile in seconds.
    pub in_step_p99_s: Option<f64>,
    /// Least delivery statuses that are in the record, as a share.
    pub statuses_recorded_min: Option<f64>,
    /// From the order of a template to the provider, 99th percentile in seconds.
    pub template_delay_s: Option<f64>,
}
