//! The report as one HTML file that needs nothing else: figures, checks and charts as inline SVG.

mod shapes;

use super::svg::{Across, Chart, Line};
use super::table;
use super::words::{NONE, figure, push};
use super::{Latencies, Percentiles, Report};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d8dee6;--ground:#fff;--good:#1a7f4b;--bad:#b3261e;--a:#2563a8;--b:#c2571a;--c:#7a4fa3}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#333d4a;--ground:#151a21;--good:#4cc38a;--bad:#ff8a80;--a:#6aa9ef;--b:#f09a5f;--c:#b794e0}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:78rem;padding:2rem 1.25rem;color:var(--ink);background:var(--ground)}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}p{color:var(--soft);margin:.2rem 0 1rem}
.verdict{font-weight:650;padding:.15rem .7rem;border-radius:1rem;border:1px solid currentColor;font-size:.9rem}
.good{color:var(--good)}.bad{color:var(--bad)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:1.4rem 0}
.tile{border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem}.tile b{display:block;font-size:1.45rem;font-variant-numeric:tabular-nums}.tile span{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.35rem .6rem;border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left}th{color:var(--soft);font-weight:550;font-size:.85rem}
figure{margin:0}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(32rem,100%),1fr));gap:1.6rem 1.4rem}figcaption{font-size:.9rem;color:var(--soft);margin-bottom:.3rem}svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font-size:12px}
.wide{overflow-x:auto}
";

/// Renders a report.
pub fn render(report: &Report) -> String {
    let mut page = String::new();
    let (class, word) = if report.passed {
        ("good", "passed")
    } else {
        ("bad", "failed")
    };
    push(
        &mut page,
        format_args!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{name} · Chasqui load run</title><style>{STYLE}</style><h1>{name} <span class=\"verdict {class}\">{word}</span></h1><p>{about}</p><p>{machine} · commit {commit}, {build} build · seed {seed} · {began}</p>",
            name = text(&report.scenario),
            about = text(&report.about),
            machine = text(&report.machine),
            commit = text(&report.commit),
            build = report.build.name(),
            seed = report.seed,
            began = utc(report.began_s),
        ),
    );
    tiles(&mut page, report);
    checks(&mut page, report);
    latencies(&mut page, report);
    shapes::turns(&mut page, report);
    shapes::ramp(&mut page, report);
    shapes::capacity(&mut page, report);
    shapes::conversations(&mut page, report);
    shapes::help_desk(&mut page, report);
    shapes::templates(&mut page, report);
    shapes::noise(&mut page, report);
    shapes::wrong(&mut page, report);
    charts(&mut page, report);
    seed_table(&mut page, report);
    page.push_str("</html>\n");
    page
}

fn tiles(page: &mut String, report: &Report) {
    let verdict = report.verdict_of_both();
    let tiles = [
        (format!("{:.0}", report.rate.steps_per_s), "steps a second"),
        (figure(report.rate.ratio, 3), "of the bare handler's rate"),
        (
            format!("{:.1} ms", report.latency_ms.webhook.p99),
            "webhook p99",
        ),
        (
            format!("{:.1} ms", report.latency_ms.to_provider.p99),
            "to provider p99",
        ),
        (verdict.lost.to_string(), "lost"),
        (verdict.doubled.to_string(), "doubled"),
        (verdict.out_of_order.to_string(), "out of order"),
        (verdict.wrong_state.to_string(), "wrong state"),
        (figure(report.resources.cpu_cores, 2), "processor cores"),
        (
            figure(report.resources.rss_peak_mb, 0),
            "MB resident at most",
        ),
        (
            figure(report.resources.disk_bytes_per_step, 0),
            "bytes on disk a step",
        ),
        (report.counts.messages.to_string(), "messages"),
    ];
    page.push_str("<div class=\"tiles\">");
    let wrong = ["lost", "doubled", "out of order", "wrong state"];
    // What this run does not measure has no tile.
    for (value, name) in tiles.into_iter().filter(|(value, _)| value != NONE) {
        let class = match wrong.contains(&name) && value != "0" {
            true => "tile bad",
            false => "tile",
        };
        push(
            page,
            format_args!("<div class=\"{class}\"><b>{value}</b><span>{name}</span></div>"),
        );
    }
    page.push_str("</div>");
}

fn checks(page: &mut String, report: &Report) {
    page.push_str("<h2>Required</h2><table><tr><th>What<th>Wanted<th>Got<th>");
    for check in &report.checks {
        let got = check.got.map_or("not measured".to_owned(), number);
        let (class, word) = if check.passed {
            ("good", "holds")
        } else {
            ("bad", "does not hold")
        };
        push(
            page,
            format_args!(
                "<tr><td>{}<td>{} {}<td>{got}<td class=\"{class}\">{word}",
                text(&check.name.replace('_', " ")),
                if check.at_least { "≥" } else { "≤" },
                number(check.wanted)
            ),
        );
    }
    page.push_str("</table>");
}

fn latencies(page: &mut String, report: &Report) {
    page.push_str("<h2>Latency from the scheduled arrival, milliseconds</h2><table><tr><th><th>p50<th>p90<th>p95<th>p99<th>p99.9<th>max");
    let mut rows = |suffix: &str, latency: &Latencies| {
        for (name, of) in [
            ("webhook answered", latency.webhook),
            ("reply at the provider", latency.to_provider),
        ] {
            let Percentiles {
                p50,
                p90,
                p95,
                p99,
                p999,
                max,
            } = of;
            push(page, format_args!("<tr><td>{name}{suffix}"));
            for value in [p50, p90, p95, p99, p999, max] {
                push(page, format_args!("<td>{value:.2}"));
            }
        }
    };
    rows("", &report.latency_ms);
    if let Some(on) = &report.statuses_on {
        rows(", statuses on", &on.latency_ms);
    }
    page.push_str("</table>");
    if let Some(on) = &report.statuses_on {
        push(
            page,
            format_args!(
                "<p>With statuses: {:.0} steps a second, {}</p>",
                on.rate.steps_per_s,
                on.verdict.line()
            ),
        );
    }
}

/// How slow one message in so many is: the tail is spread out where it matters.
fn spectrum(page: &mut String, report: &Report) {
    let line = |name: &str, colour: &str, of: &Percentiles| Line {
        name: name.to_owned(),
        colour: format!("var(--{colour})"),
        points: vec![
            (2.0, of.p50),
            (10.0, of.p90),
            (20.0, of.p95),
            (100.0, of.p99),
            (1_000.0, of.p999),
        ],
    };
    let latency = &report.latency_ms;
    let mut lines = vec![
        line("webhook answered", "a", &latency.webhook),
        line("reply at the provider", "b", &latency.to_provider),
    ];
    if let Some(on) = &report.statuses_on {
        let of = &on.latency_ms.to_provider;
        lines.push(line("the same, statuses on", "c", of));
    }
    let chart = Chart {
        title: "Percentiles, milliseconds: one message in so many takes longer",
        lines: &lines,
        marks: &[],
        across: Across::Tens("messages"),
    };
    page.push_str(&chart.svg());
}

fn charts(page: &mut String, report: &Report) {
    page.push_str("<h2>Over time</h2><div class=\"charts\">");
    let points = &report.series;
    let line =
        |name: &str, colour: &str, value: &dyn Fn(&super::points::Point) -> Option<f64>| Line {
            name: name.to_owned(),
            colour: format!("var(--{colour})"),
            points: points
                .iter()
                .filter_map(|point| Some((point.at_s, value(point)?)))
                .collect(),
        };
    let charts = [
        (
            "Throughput, a second",
            vec![
                line("accepted", "a", &|point| Some(point.accepted as f64)),
                line("replied", "b", &|point| Some(point.replied as f64)),
                line("errors", "c", &|point| Some(point.errors as f64)),
            ],
        ),
        (
            "Webhook answered, milliseconds",
            vec![
                line("p50", "a", &|point| Some(point.webhook_p50_ms)),
                line("p99", "b", &|point| Some(point.webhook_p99_ms)),
            ],
        ),
        (
            "Reply at the provider, milliseconds",
            vec![
                line("p50", "a", &|point| Some(point.to_provider_p50_ms)),
                line("p99", "b", &|point| Some(point.to_provider_p99_ms)),
            ],
        ),
        (
            "Server: processor cores",
            vec![line("cores", "a", &|point| point.cpu_cores)],
        ),
        (
            "Server: resident memory, MB",
            vec![line("memory", "a", &|point| point.rss_mb)],
        ),
        (
            "Journal: records in a group",
            vec![line("records", "a", &|point| point.group_records)],
        ),
        (
            "Journal: a flush, milliseconds",
            vec![line("flush", "a", &|point| point.flush_ms)],
        ),
        (
            "Open circuits",
            vec![line("circuits", "c", &|point| point.circuits_open)],
        ),
    ];
    spectrum(page, report);
    for (title, lines) in charts {
        if lines.iter().all(|line| line.points.is_empty()) {
            continue;
        }
        let chart = Chart {
            title,
            lines: &lines,
            marks: &report.marks,
            across: Across::Seconds,
        };
        page.push_str(&chart.svg());
    }
    page.push_str("</div>");
    if !report.limiter_waits.is_empty() {
        let waits = report
            .limiter_waits
            .iter()
            .map(|(by, count)| format!("{} {count:.0}", text(by)));
        push(
            page,
            format_args!(
                "<p>Waits at limiters: {}</p>",
                waits.collect::<Vec<_>>().join(", ")
            ),
        );
    }
}

fn seed_table(page: &mut String, report: &Report) {
    page.push_str("<h2>Against the industry</h2><div class=\"wide\"><table><tr><th>What<th>Qualification<th>Average<th>Best in the industry<th>Ours<th>");
    let plan = report.plan();
    for row in table::rows(report) {
        let is_asked = row.asked.of(&plan);
        let class = match row.passed {
            Some(true) if is_asked => "good",
            Some(false) if is_asked => "bad",
            _ => "",
        };
        let word = match row.figure {
            Some(_) if !is_asked => "not asked of such a run",
            _ => row.word("not part of this run"),
        };
        push(
            page,
            format_args!(
                "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td class=\"{class}\">{word}",
                row.what,
                row.qualification,
                row.average,
                row.best,
                text(&row.ours)
            ),
        );
    }
    page.push_str("</table></div>");
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1_000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

/// Text as HTML.
fn text(raw: &str) -> String {
    raw.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Seconds since 1970 as `YYYY-MM-DD HH:MM UTC`.
pub fn utc(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0000-03-01, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{of_month:02} {:02}:{:02} UTC",
        rest / 3_600,
        rest % 3_600 / 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc(0), "1970-01-01 00:00 UTC");
        assert_eq!(utc(1_709_208_000), "2024-02-29 12:00 UTC");
    }

    #[test]
    fn a_page_needs_nothing_from_outside_and_escapes_what_it_shows() {
        let mut report = crate::report::tests::report();
        report.about = "a <b> & c".to_owned();
        let page = render(&report);
        assert!(page.contains("a &lt;b&gt; &amp; c") && page.contains("<svg"));
        assert!(!page.contains("http") && !page.contains("src=") && !page.contains("<script"));
        assert!(page.contains("kill") && page.contains("Reply at the provider"));
    }
}
