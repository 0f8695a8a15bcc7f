//! The table of the third seed document: what qualifies, what the field measured, the best in the
//! industry, and this run (R286–R290, R114–R116); below it the rows about a company's own system.

mod crm;

use super::Report;

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What is measured, with its requirement.
    pub what: &'static str,
    /// What qualifies.
    pub qualification: &'static str,
    /// What the field measured.
    pub average: &'static str,
    /// The best in the industry.
    pub best: &'static str,
    /// What this run measured.
    pub ours: String,
    /// Whether that qualifies; `None` when it is not part of the run, or nothing is asked of it.
    pub passed: Option<bool>,
}

/// The rows, filled as far as the run has measured them.
pub fn rows(report: &Report) -> Vec<Row> {
    let counts = &report.counts;
    let messages = counts.accepted.max(1) as f64;
    let integrity = 100.0 * (1.0 - (report.verdict.total() as f64 / messages).min(1.0));
    let delay_s = report.latency_ms.to_provider.p99 / 1e3;
    let response_s = report.latency_ms.to_provider.p95 / 1e3;
    let per_minute = report.ramp.as_ref().map_or_else(
        || report.rate.steps_per_s * 60.0,
        |ramp| ramp.peak_per_minute,
    );
    let attempts = (counts.messages + counts.refused + counts.broken).max(1) as f64;
    let unanswered = counts.messages - counts.replied.min(counts.messages);
    let errors = 100.0 * (counts.refused + counts.broken + unanswered) as f64 / attempts;
    let served = report
        .series
        .iter()
        .filter(|point| point.accepted > 0 || point.errors == 0);
    let seconds = report.series.len().max(1) as f64;
    let uptime = 100.0 * served.count() as f64 / seconds;
    let has_run = counts.replied > 0;
    let measured = |ours: String, passed: bool| match has_run {
        true => (ours, Some(passed)),
        false => ("–".to_owned(), None),
    };
    let recovery = report.recovery_s.map_or(("–".to_owned(), None), |seconds| {
        (format!("{seconds:.1} s"), Some(seconds <= 30.0))
    });
    let delivery = report.templates.map_or(("–".to_owned(), None), |sent| {
        let percent = sent.delivery * 100.0;
        (format!("{percent:.2} %"), Some(percent >= 99.0))
    });
    let row = |what, qualification, average, best, (ours, passed)| Row {
        what,
        qualification,
        average,
        best,
        ours,
        passed,
    };
    let mut rows = vec![
        row(
            "Template delivery (R286)",
            "≥ 99 %",
            "99.3 %",
            "99.9 %",
            delivery,
        ),
        row(
            "Two-way delay, 99th percentile (R287)",
            "≤ 3 s",
            "2.1 s",
            "0.8 s",
            measured(format!("{delay_s:.3} s"), delay_s <= 3.0),
        ),
        row(
            "Record integrity (R288)",
            "≥ 99.5 %",
            "99.6 %",
            "99.98 %",
            measured(format!("{integrity:.3} %"), integrity >= 99.5),
        ),
        row(
            "Messages a minute (R289)",
            "≥ 1,000",
            "1,200",
            "5,000",
            measured(format!("{per_minute:.0}"), per_minute >= 1_000.0),
        ),
        row(
            "Recovery from errors (R290)",
            "≤ 30 s",
            "15 s",
            "5 s",
            recovery,
        ),
        row(
            "Uptime, seconds in which webhooks were taken (R114)",
            "≥ 99.5 %",
            "–",
            "–",
            measured(format!("{uptime:.2} %"), uptime >= 99.5),
        ),
        row(
            "Response, 95th percentile (R115)",
            "< 2 s",
            "–",
            "–",
            measured(format!("{response_s:.3} s"), response_s < 2.0),
        ),
        row(
            "Errors (R116)",
            "< 0.1 %",
            "–",
            "–",
            measured(format!("{errors:.3} %"), errors < 0.1),
        ),
    ];
    rows.extend(crm::rows(report));
    rows
}

impl Row {
    /// What came of it, in a word; `absent` where it was not measured.
    pub fn word(&self, absent: &'static str) -> &'static str {
        match self.passed {
            Some(true) => "pass",
            Some(false) => "fail",
            None if self.qualification == "–" && self.ours != "–" => "",
            None => absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Verdict;
    use crate::report::tests::report;

    fn passed(report: &Report, what: &str) -> Option<bool> {
        let rows = rows(report);
        rows.iter()
            .find(|row| row.what.contains(what))
            .unwrap()
            .passed
    }

    #[test]
    fn a_good_run_passes_and_templates_are_not_claimed() {
        let report = report();
        for what in ["R287", "R288", "R289", "R290", "R114", "R115", "R116"] {
            assert_eq!(passed(&report, what), Some(true), "{what}");
        }
        assert_eq!(passed(&report, "R286"), None);
        for (delivery, passes) in [(0.995, true), (0.98, false)] {
            let sent = crate::report::Templates {
                names: 20,
                sends: 1_000,
                delivery,
                rendering: 1.0,
                delay_p99_s: 0.1,
            };
            let report = crate::report::Report {
                templates: Some(sent),
                ..crate::report::tests::report()
            };
            assert_eq!(passed(&report, "R286"), Some(passes));
        }
    }

    #[test]
    fn each_row_can_fail() {
        let mut bad = report();
        bad.verdict = Verdict {
            lost: 30,
            ..Verdict::default()
        };
        bad.counts.replied = 970;
        bad.latency_ms.to_provider.p99 = 3_100.0;
        bad.latency_ms.to_provider.p95 = 2_100.0;
        bad.rate.steps_per_s = 10.0;
        bad.recovery_s = Some(31.0);
        bad.series[0].accepted = 0;
        bad.series[0].errors = 5;
        for what in ["R287", "R288", "R289", "R290", "R114", "R115", "R116"] {
            assert_eq!(passed(&bad, what), Some(false), "{what}");
        }
        bad.counts = crate::report::Counts::default();
        assert_eq!(passed(&bad, "R288"), None);
    }
}
