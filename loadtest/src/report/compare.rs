//! Two reports or two studies side by side: what became better, what became worse.

use std::fmt::Write as _;

use super::words::figure;
use super::{Latencies, Report};
use crate::study::Study;

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
pub fn reports(a: &Report, b: &Report) -> (String, bool) {
    let from = |report: &Report| {
        let Report {
            scenario,
            seed,
            commit,
            build,
            machine,
            ..
        } = report;
        let build = build.name();
        format!("{scenario} seed {seed} commit {commit}, {build} build, on {machine}")
    };
    let is_same = a.machine == b.machine && a.scenario == b.scenario;
    let out = table([from(a), from(b)], is_same, &figures(a, b));
    (out, b.verdict.total() > a.verdict.total())
}

/// The same of two studies: their figures by name.
pub fn studies(a: &Study, b: &Study) -> (String, bool) {
    let from = |study: &Study| {
        let quick = if study.quick {
            " (a quick trial, which says nothing)"
        } else {
            ""
        };
        let Study {
            name,
            commit,
            build,
            machine,
            ..
        } = study;
        let build = build.name();
        format!("{name} commit {commit}, {build} build, on {machine}{quick}")
    };
    let is_same = a.machine == b.machine && a.name == b.name && a.quick == b.quick;
    let value = |study: &Study, name: &str| {
        let found = study.figures.iter().find(|figure| figure.name == name);
        found.and_then(|figure| figure.value)
    };
    let is_new = |name: &str| a.figures.iter().all(|figure| figure.name != name);
    let added = b.figures.iter().filter(|figure| is_new(&figure.name));
    let mut figures: Vec<_> = a
        .figures
        .iter()
        .chain(added)
        .map(|figure| Figure {
            name: format!("{} {}", figure.name, figure.unit)
                .trim_end()
                .to_owned(),
            a: value(a, &figure.name),
            b: value(b, &figure.name),
            rises: figure.rises,
        })
        .collect();
    figures.push(Figure {
        name: "wrong in all (verdict)".to_owned(),
        a: Some(a.verdict.total() as f64),
        b: Some(b.verdict.total() as f64),
        rises: false,
    });
    let out = table([from(a), from(b)], is_same, &figures);
    (out, b.verdict.total() > a.verdict.total())
}

fn table(from: [String; 2], is_same: bool, figures: &[Figure]) -> String {
    let [a, b] = from;
    let mut out = format!("A: {a}\nB: {b}\n");
    if !is_same {
        out.push_str("not the same on the same machine: compare ratios, not rates\n");
    }
    let names = figures.iter().map(|figure| figure.name.chars().count());
    let width = names.max().unwrap_or_default().max(32) + 2;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:<width$}{:>12}{:>12}{:>10}", "", "A", "B", "B to A");
    for figure in figures {
        let _ = writeln!(out, "{}", figure.line(width));
    }
    out
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
    fn line(&self, width: usize) -> String {
        let (change, word) = match (self.a, self.b) {
            (Some(a), Some(b)) if a != 0.0 => {
                let change = b / a - 1.0;
                (format!("{:+.1} %", change * 100.0), self.word(change))
            }
            (Some(a), Some(b)) if a != b => (String::new(), self.word(b - a)),
            _ => (String::new(), ""),
        };
        let line = format!(
            "{:<width$}{:>12}{:>12}{change:>10}  {word}",
            self.name,
            figure(self.a, 3),
            figure(self.b, 3)
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
        let (text, is_worse) = reports(&a, &b);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("steps_per_s").contains("+50.0 %") && line("steps_per_s").ends_with("better"));
        assert!(line("webhook p99").ends_with("worse"));
        assert!(line("webhook p50").ends_with("+1.0 %"));
        assert!(!is_worse);
        b.verdict.lost = 1;
        assert!(reports(&a, &b).1);
    }

    #[test]
    fn studies_are_compared_figure_by_figure() {
        use crate::study::Figure as Measured;

        let study = |figures: Vec<Measured>| Study {
            figures,
            ..crate::study::tests::study()
        };
        let a = study(vec![
            Measured::at_most("Indexed", "s", Some(4.0)),
            Measured::at_least("Drained", "/s", Some(5_000.0)),
        ]);
        let mut b = study(vec![
            Measured::at_least("Drained", "/s", Some(4_000.0)),
            Measured::at_most("Indexed", "s", Some(2.0)),
            Measured::at_most(
                "Quite new and with a name that is longer than others",
                "s",
                Some(1.0),
            ),
        ]);
        let (text, is_worse) = studies(&a, &b);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line("Indexed s").contains("-50.0 %") && line("Indexed s").ends_with("better"));
        assert!(line("Drained /s").ends_with("worse"));
        assert!(line("Quite new").contains("–") && !is_worse);
        assert!(!text.contains("not the same"));
        b.verdict.lost = 1;
        b.quick = true;
        let (text, is_worse) = studies(&a, &b);
        assert!(is_worse && text.contains("not the same") && text.contains("quick trial"));
    }
}
