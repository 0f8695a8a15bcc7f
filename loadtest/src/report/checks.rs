//! A report against what its scenario requires.

use super::{Check, Report};
use crate::scenario::{Capacity, Require};

/// Checks in the making; what is not required is not checked.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn most(&mut self, name: &str, wanted: Option<f64>, got: Option<f64>) {
        self.hold(name, wanted, got, false);
    }

    fn least(&mut self, name: &str, wanted: Option<f64>, got: Option<f64>) {
        self.hold(name, wanted, got, true);
    }

    fn hold(&mut self, name: &str, wanted: Option<f64>, got: Option<f64>, at_least: bool) {
        let Some(wanted) = wanted else { return };
        let holds = |got: f64| match at_least {
            true => got >= wanted,
            false => got <= wanted,
        };
        self.0.push(Check {
            name: name.to_owned(),
            wanted,
            got,
            at_least,
            passed: got.is_some_and(holds),
        });
    }
}

impl Report {
    /// Holds the report against what the scenario requires and the load it is rated for.
    pub fn check(&mut self, require: &Require, capacity: &Capacity) {
        let mut checks = Checks::default();
        self.check_most(require, capacity, &mut checks);
        self.check_least(require, &mut checks);
        let Checks(checks) = checks;
        self.passed = checks.iter().all(|check| check.passed);
        self.checks = checks;
    }

    /// What may not be more.
    fn check_most(&self, require: &Require, capacity: &Capacity, checks: &mut Checks) {
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
            checks.most(name, Some(bound as f64), Some(got as f64));
        }
        checks.most(
            "webhook_p99_ms",
            require.webhook_p99_ms,
            Some(self.latency_ms.webhook.p99),
        );
        checks.most(
            "to_provider_p99_ms",
            require.to_provider_p99_ms,
            Some(self.latency_ms.to_provider.p99),
        );
        checks.most("recovery_s", require.recovery_s, self.recovery_s);
        checks.most(
            "disk_bytes_per_step",
            require.disk_bytes_per_step,
            self.resources.disk_bytes_per_step,
        );
        checks.most(
            "rss_peak_mb",
            require.rss_peak_mb,
            self.resources.rss_peak_mb,
        );
        let change = self.noise.map(|noise| noise.change());
        checks.most("noise", require.noise_change_max, change);
        checks.most(
            "anomalies",
            require.anomalies_max,
            self.conversations.map(|talks| talks.anomalies),
        );
        let delay = self.templates.map(|sent| sent.delay_p99_s);
        checks.most("template_delay_s", require.template_delay_s, delay);
        if let Some(rated) = capacity.rated_per_minute {
            let usable = self.capacity.map(|capacity| capacity.usable_per_minute);
            // Without a maximum nothing is known to be usable.
            checks.most(
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
            checks.most(name, wanted, got.map(|ms| ms / 1e3));
        }
    }

    /// What may not be less.
    fn check_least(&self, require: &Require, checks: &mut Checks) {
        let talks = self.conversations;
        let sent = self.templates;
        checks.least(
            "steps_per_s",
            require.steps_per_s_min,
            Some(self.rate.steps_per_s),
        );
        checks.least("ratio", require.ratio_min, self.rate.ratio);
        checks.least(
            "ratio with statuses",
            require.ratio_on_min,
            self.statuses_on.and_then(|on| on.rate.ratio),
        );
        let peak = self.ramp.as_ref().map(|ramp| ramp.peak_per_minute);
        checks.least("peak_per_minute", require.peak_per_minute_min, peak);
        let integrity = talks.map(|talks| talks.record_integrity);
        checks.least("record_integrity", require.record_integrity_min, integrity);
        let people = talks.map(|talks| talks.complete as f64);
        checks.least("complete conversations", require.conversations_min, people);
        let recorded = self.help_desk.map(|desk| desk.statuses_recorded);
        checks.least("statuses_recorded", require.statuses_recorded_min, recorded);
        let delivery = sent.map(|sent| sent.delivery);
        checks.least("template_delivery", require.template_delivery_min, delivery);
        let rendering = sent.map(|sent| sent.rendering);
        checks.least(
            "template_rendering",
            require.template_rendering_min,
            rendering,
        );
    }
}
