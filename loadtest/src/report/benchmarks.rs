//! The figures of several runs as one Markdown page.

use std::fmt::Write as _;

use super::table::{self, Row};
use super::{Report, html};

/// Renders the reports of one machine and commit.
pub fn render(reports: &[Report]) -> String {
    let mut page = String::from("# Benchmarks\n\n");
    if let Some(first) = reports.first() {
        push(
            &mut page,
            format_args!(
                "Measured on {} at commit `{}`, {}, by `chasqui-loadtest figures`. Generator, simulators and server share the machine; ratios are the result, absolute rates belong to this machine. Latency counts from the scheduled arrival.\n\n",
                first.machine,
                first.commit,
                html::utc(first.began_s)
            ),
        );
    }
    page.push_str("| Scenario | Steps/s | Bare handler/s | Ratio | Ratio, statuses on | Webhook p99, ms | To provider p50 / p99, ms | Cores | RSS, MB | Disk/step, B | Verdict |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for report in reports {
        row(&mut page, report);
    }
    page.push_str("\n## Targets\n\n| Scenario | What | Wanted | Got | |\n|---|---|---|---|---|\n");
    for report in reports {
        for check in &report.checks {
            let got = optional(check.got, 3);
            let word = if check.passed { "holds" } else { "**missed**" };
            push(
                &mut page,
                format_args!(
                    "| {} | {} | {} | {got} | {word} |\n",
                    report.scenario, check.name, check.wanted
                ),
            );
        }
    }
    page.push_str("\n## Against the industry\n\n| What | Qualification | Field | Best | Ours | |\n|---|---|---|---|---|---|\n");
    for Row {
        what,
        qualification,
        average,
        best,
        ours,
        passed,
    } in together(reports)
    {
        let word = match passed {
            Some(true) => "pass",
            Some(false) => "**fail**",
            None => "not measured",
        };
        push(
            &mut page,
            format_args!("| {what} | {qualification} | {average} | {best} | {ours} | {word} |\n"),
        );
    }
    page
}

fn row(page: &mut String, report: &Report) {
    let on = report.statuses_on.and_then(|on| on.rate.ratio);
    let verdict = report
        .verdict
        .plus(report.statuses_on.map(|on| on.verdict).unwrap_or_default());
    let words = if verdict.total() == 0 {
        "clean".to_owned()
    } else {
        verdict.line()
    };
    push(
        page,
        format_args!(
            "| {} | {:.0} | {} | {} | {} | {:.1} | {:.1} / {:.1} | {} | {} | {} | {words} |\n",
            report.scenario,
            report.rate.steps_per_s,
            optional(report.rate.ceiling_per_s, 0),
            optional(report.rate.ratio, 3),
            optional(on, 3),
            report.latency_ms.webhook.p99,
            report.latency_ms.to_provider.p50,
            report.latency_ms.to_provider.p99,
            optional(report.resources.cpu_cores, 2),
            optional(report.resources.rss_peak_mb, 0),
            optional(report.resources.disk_bytes_per_step, 0),
        ),
    );
}

/// Each row of the table from the run that says the least good about it.
fn together(reports: &[Report]) -> Vec<Row> {
    let mut all = reports.iter().map(table::rows);
    let Some(mut rows) = all.next() else {
        return Vec::new();
    };
    for further in all {
        for (row, other) in rows.iter_mut().zip(further) {
            let is_worse = matches!(
                (row.passed, other.passed),
                (None, Some(_)) | (Some(true), Some(false))
            );
            if is_worse {
                *row = other;
            }
        }
    }
    rows
}

fn optional(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.digits$}"))
}

fn push(page: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;

    #[test]
    fn a_missed_target_and_a_failed_row_are_shown() {
        let (mut good, mut bad) = (report(), report());
        good.recovery_s = None;
        bad.scenario = "crash".to_owned();
        bad.recovery_s = Some(40.0);
        bad.verdict.lost = 2;
        bad.check(&crate::scenario::Require::default());
        let page = render(&[good, bad]);
        assert!(
            page.contains("| crash | lost | 0 | 2.000 | **missed** |"),
            "{page}"
        );
        assert!(page.contains("| 40.0 s | **fail** |") && page.contains("lost 2"));
        assert!(
            page.contains("Template delivery (R286) | ≥ 99 % | 99.3 % | 99.9 % | – | not measured")
        );
    }
}
