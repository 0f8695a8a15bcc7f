//! A report against what its scenario requires.

use super::{Check, Report};
use crate::scenario::{Capacity, Require};

impl Report {
    /// Holds the report against what the scenario requires and the load it is rated for.
    pub fn check(&mut self, require: &Require, capacity: &Capacity) {
        let mut checks = Vec::new();
        let mut most = |name: &str, wanted: Option<f64>, got: Option<f64>| {
            if let Some(wanted) = wanted {
                let passed = got.is_some_and(|got| got <= wanted);
                checks.push(Check {
                    name: name.to_owned(),
                    wanted,
                    got,
                    at_least: false,
                    passed,
                });
            }
        };
        let on = self.statuses_on;
        let noisy = self.noise.map(|noise| noise.verdict).unwrap_or_default();
        let both = self.verdict_of_both().plus(noisy);
        for (name, bound, got) in [
            ("lost", require.lost_max, both.lost),
            ("doubled", require.doubled_max, both.doubled),
            ("out_of_order", require.out_of_order_max, both.out_of_order),
            ("wrong_state", require.wrong_state_max, both.wrong_state),
            (
                "statuses_missing",
                require.statuses_missing_max,
                both.statuses_missing,
            ),
        ] {
            most(name, Some(bound as f64), Some(got as f64));
        }
        most(
            "webhook_p99_ms",
            require.webhook_p99_ms,
            Some(self.latency_ms.webhook.p99),
        );
        most(
            "to_provider_p99_ms",
            require.to_provider_p99_ms,
            Some(self.latency_ms.to_provider.p99),
        );
        most("recovery_s", require.recovery_s, self.recovery_s);
        most(
            "disk_bytes_per_step",
            require.disk_bytes_per_step,
            self.resources.disk_bytes_per_step,
        );
        most(
            "rss_peak_mb",
            require.rss_peak_mb,
            self.resources.rss_peak_mb,
        );
        let change = self.noise.map(|noise| noise.change());
        most("noise", require.noise_change_max, change);
        let talks = self.conversations;
        most(
            "anomalies",
            require.anomalies_max,
            talks.map(|talks| talks.anomalies),
        );
        let sent = self.templates;
        let delay = sent.map(|sent| sent.delay_p99_s);
        most("template_delay_s", require.template_delay_s, delay);
        if let Some(rated) = capacity.rated_per_minute {
            let usable = self.capacity.map(|capacity| capacity.usable_per_minute);
            // Without a maximum nothing is known to be usable.
            most(
                "rated_per_minute",
                Some(usable.unwrap_or_default()),
                Some(rated),
            );
        }
        let desk = self.help_desk;
        for (name, wanted, got) in [
            (
                "written_p99_s",
                require.written_p99_s,
                desk.map(|desk| desk.written_ms.p99),
            ),
            (
                "told_p95_s",
                require.told_p95_s,
                desk.map(|desk| desk.told_ms.p95),
            ),
            (
                "in_step_p99_s",
                require.in_step_p99_s,
                desk.map(|desk| desk.both_ms.p99),
            ),
        ] {
            most(name, wanted, got.map(|ms| ms / 1e3));
        }
        let mut least = |name: &str, wanted: Option<f64>, got: Option<f64>| {
            if let Some(wanted) = wanted {
                let passed = got.is_some_and(|got| got >= wanted);
                checks.push(Check {
                    name: name.to_owned(),
                    wanted,
                    got,
                    at_least: true,
                    passed,
                });
            }
        };
        least(
            "steps_per_s",
            require.steps_per_s_min,
            Some(self.rate.steps_per_s),
        );
        least("ratio", require.ratio_min, self.rate.ratio);
        least(
            "ratio with statuses",
            require.ratio_on_min,
            on.and_then(|on| on.rate.ratio),
        );
        let peak = self.ramp.as_ref().map(|ramp| ramp.peak_per_minute);
        least("peak_per_minute", require.peak_per_minute_min, peak);
        let integrity = talks.map(|talks| talks.record_integrity);
        least("record_integrity", require.record_integrity_min, integrity);
        let people = talks.map(|talks| talks.complete as f64);
        least("complete conversations", require.conversations_min, people);
        let recorded = desk.map(|desk| desk.statuses_recorded);
        least("statuses_recorded", require.statuses_recorded_min, recorded);
        let delivery = sent.map(|sent| sent.delivery);
        least("template_delivery", require.template_delivery_min, delivery);
        let rendering = sent.map(|sent| sent.rendering);
        least(
            "template_rendering",
            require.template_rendering_min,
            rendering,
        );
        self.passed = checks.iter().all(|check| check.passed);
        self.checks = checks;
    }
}
