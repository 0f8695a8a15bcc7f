//! Two reports side by side: what became better, what became worse.

use std::fmt::Write as _;

use super::{Latencies, Report};

/// Changes below this share are noise on a shared machine.
const NOISE: f64 = 0.05;

/// Reads one quantile.
type Quantile = fn(&Latencies) -> f64;

/// One figure of two reports.
#[derive(Clone, Debug, PartialEq)]
struct Figure {
    name: String,
    a: Option<f64>,
    b: Option<f64>,
    /// Whether more is better.
    rises: bool,
}

/// The comparison as text; the second value tells whether a verdict became worse.
pub fn compare(a: &Report, b: &Report) -> (String, bool) {
    let mut out = String::new();
    for (letter, report) in [('A', a), ('B', b)] {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{letter}: {} seed {} commit {} on {}",
            report.scenario, report.seed, report.commit, report.machine
        );
    }
    if a.machine != b.machine || a.scenario != b.scenario {
        out.push_str("not the same scenario on the same machine: compare ratios, not rates\n");
    }
    let _ = writeln!(out, "{:<34}{:>12}{:>12}{:>10}", "", "A", "B", "B to A");
    for figure in figures(a, b) {
        let _ = writeln!(out, "{}", figure.line());
    }
    (out, b.verdict.total() > a.verdict.total())
}

fn figures(a: &Report, b: &Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut figure = |name: &str, rises: bool, of: &dyn Fn(&Report) -> Option<f64>| {
        figures.push(Figure {
            name: name.to_owned(),
            a: of(a),
            b: of(b),
            rises,
        });
    };
    figure("steps_per_s", true, &|report| Some(report.rate.steps_per_s));
    figure("ceiling_per_s", true, &|report| report.rate.ceiling_per_s);
    figure("ratio", true, &|report| report.rate.ratio);
    figure("ratio, statuses on", true, &|report| {
        report.statuses_on?.rate.ratio
    });
    let quantiles: [(&str, Quantile); 6] = [
        ("webhook p50 ms", |latency| latency.webhook.p50),
        ("webhook p99 ms", |latency| latency.webhook.p99),
        ("to provider p50 ms", |latency| latency.to_provider.p50),
        ("to provider p99 ms", |latency| latency.to_provider.p99),
        ("to provider p99.9 ms", |latency| latency.to_provider.p999),
        ("to provider max ms", |latency| latency.to_provider.max),
    ];
    for (name, of) in quantiles {
        figure(name, false, &|report| Some(of(&report.latency_ms)));
    }
    figure("cpu_cores", false, &|report| report.resources.cpu_cores);
    figure("rss_peak_mb", false, &|report| report.resources.rss_peak_mb);
    figure("disk_bytes_per_step", false, &|report| {
        report.resources.disk_bytes_per_step
    });
    figure("peak_per_minute", true, &|report| {
        Some(report.ramp.as_ref()?.peak_per_minute)
    });
    figure("wrong in all (verdict)", false, &|report| {
        Some(report.verdict.total() as f64)
    });
    figures
}

impl Figure {
    fn line(&self) -> String {
        let shown =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
        let (change, word) = match (self.a, self.b) {
            (Some(a), Some(b)) if a != 0.0 => {
                let change = b / a - 1.0;
                (format!("{:+.1} %", change * 100.0), self.word(change))
            }
            (Some(a), Some(b)) if a != b => (String::new(), self.word(b - a)),
            _ => (String::new(), ""),
        };
        let line = format!(
            "{:<34}{:>12}{:>12}{change:>10}  {word}",
            self.name,
            shown(self.a),
            shown(self.b)
        );
        line.trim_end().to_owned()
    }

    fn word(&self, change: f64) -> &'static str {
        match (change.abs() < NOISE, (change > 0.0) == self.rises) {
            (true, _) => "",
            (false, true) => "better",
            (false, false) => "worse",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;

    #[test]
    fn a_comparison_names_what_changed_and_which_way() {
        let (a, mut b) = (report(), report());
        b.rate.steps_per_s = a.rate.steps_per_s * 1.5;
        b.latency_ms.webhook.p99 = a.latency_ms.webhook.p99 * 2.0;
        b.latency_ms.webhook.p50 = a.latency_ms.webhook.p50 * 1.01;
        let (text, is_worse) = compare(&a, &b);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("steps_per_s").contains("+50.0 %") && line("steps_per_s").ends_with("better"));
        assert!(line("webhook p99").ends_with("worse"));
        assert!(line("webhook p50").ends_with("+1.0 %"));
        assert!(!is_worse);
        b.verdict.lost = 1;
        assert!(compare(&a, &b).1);
    }
}
