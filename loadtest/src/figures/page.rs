//! BENCHMARKS.md: the figures and what they are held against, the plots, the scenarios, the table of
//! the industry, and the notes. Nothing else in it is written by hand.

use super::notes::Notes;
use super::{Piece, What, held, industry, plots};
use crate::report::words::{NONE, figure, push};
use crate::report::{Report, html};
use crate::study::Figure;

/// Renders the pieces that are there; `missing` names the others.
pub fn render(pieces: &[(&str, Piece)], missing: &[&str], notes: &Notes, quick: bool) -> String {
    let mut page = String::from("# Benchmarks\n\n");
    if quick {
        page.push_str(
            "**A quick trial of the way, with so little load that no number here says anything.**\n\n",
        );
    }
    page.push_str("Made by `chasqui-loadtest figures`; every number comes from the pieces in `benchmarks/`. Generator, simulators and server share the machine, so ratios are the result and absolute rates belong to this machine. Latency counts from the scheduled arrival. Encryption and fdatasync are on. A build is plain (`cargo build --release`) or profiled (`make release`).\n\n");
    if !missing.is_empty() {
        push(
            &mut page,
            format_args!("Not measured yet: {}.\n\n", missing.join(", ")),
        );
    }
    figures(&mut page, pieces);
    notes.write(&mut page, pieces);
    pictures(&mut page, pieces);
    let reports: Vec<&Report> = pieces
        .iter()
        .filter_map(|(_, piece)| match &piece.what {
            What::Report(report) => Some(&**report),
            What::Study(_) => None,
        })
        .collect();
    scenarios(&mut page, &reports);
    industry::write(&mut page, pieces);
    made(&mut page, pieces);
    page
}

fn figures(page: &mut String, pieces: &[(&str, Piece)]) {
    page.push_str("## Figures\n\n| Piece | What | Measured | Must hold | Goal | |\n|---|---|---:|---:|---:|---|\n");
    for (name, piece) in pieces {
        for figure in figures_of(name, piece) {
            push(
                page,
                format_args!(
                    "| {name} | {} | {} | {} | {} | {} |\n",
                    figure.name,
                    with_unit(figure.value, &figure.unit),
                    with_unit(figure.must, &figure.unit),
                    with_unit(figure.goal, &figure.unit),
                    figure.word()
                ),
            );
        }
    }
}

/// What a piece is made for.
pub(super) fn figures_of(name: &str, piece: &Piece) -> Vec<Figure> {
    match &piece.what {
        What::Report(report) => held::of(name, report),
        What::Study(study) => study.figures.clone(),
    }
}

fn pictures(page: &mut String, pieces: &[(&str, Piece)]) {
    let plots = pieces
        .iter()
        .flat_map(|(name, piece)| plots::of(piece, name));
    let plots: Vec<_> = plots.map(|(plot, _)| plot).collect();
    if plots.is_empty() {
        return;
    }
    page.push_str("\n## Plots\n");
    for plot in plots {
        push(page, format_args!("\n![{plot}](benchmarks/{plot}.svg)\n"));
    }
}

fn scenarios(page: &mut String, reports: &[&Report]) {
    page.push_str("\n## Scenarios\n\n| Scenario | Steps/s | Bare handler/s | Ratio | Ratio, statuses on | Webhook p99, ms | To provider p50 / p99, ms | Cores | RSS, MB | Disk/step, B | Verdict |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for report in reports {
        row(page, report);
    }
    page.push_str("\n| Scenario | Required | Wanted | Got | |\n|---|---|---|---|---|\n");
    for report in reports {
        for check in &report.checks {
            let got = figure(check.got, 3);
            let word = if check.passed { "holds" } else { "**missed**" };
            push(
                page,
                format_args!(
                    "| {} | {} | {} | {got} | {word} |\n",
                    report.scenario, check.name, check.wanted
                ),
            );
        }
    }
}

/// Where and when each piece was made.
fn made(page: &mut String, pieces: &[(&str, Piece)]) {
    page.push_str(
        "\n## Pieces\n\n| Piece | Made | Took | Commit | Build | Machine | Wrong |\n|---|---|---:|---|---|---|---|\n",
    );
    for (name, piece) in pieces {
        let (began_s, commit, build, machine, verdict) = match &piece.what {
            What::Report(report) => {
                let verdict = report.verdict_of_both();
                (
                    report.began_s,
                    &report.commit,
                    report.build,
                    &report.machine,
                    verdict,
                )
            }
            What::Study(study) => (
                study.began_s,
                &study.commit,
                study.build,
                &study.machine,
                study.verdict,
            ),
        };
        let wrong = match verdict.total() {
            0 => "nothing".to_owned(),
            _ => verdict.line(),
        };
        push(
            page,
            format_args!(
                "| {name} | {} | {:.0} s | `{commit}` | {} | {machine} | {wrong} |\n",
                html::utc(began_s),
                piece.took_s,
                build.name(),
            ),
        );
    }
}

fn row(page: &mut String, report: &Report) {
    let on = report.statuses_on.and_then(|on| on.rate.ratio);
    let verdict = report.verdict_of_both();
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
            figure(report.rate.ceiling_per_s, 0),
            figure(report.rate.ratio, 3),
            figure(on, 3),
            report.latency_ms.webhook.p99,
            report.latency_ms.to_provider.p50,
            report.latency_ms.to_provider.p99,
            figure(report.resources.cpu_cores, 2),
            figure(report.resources.rss_peak_mb, 0),
            figure(report.resources.disk_bytes_per_step, 0),
        ),
    );
}

pub(super) fn with_unit(value: Option<f64>, unit: &str) -> String {
    let Some(value) = value else {
        return NONE.to_owned();
    };
    let digits = match value.abs() {
        large if large >= 100.0 => 0,
        whole if whole.fract() == 0.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 3,
    };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::piece;
    use crate::report::tests::report;
    use crate::study::{Plot, Study};

    #[test]
    fn a_missed_target_and_a_failed_row_are_shown() {
        let (mut good, mut bad) = (report(), report());
        good.recovery_s = None;
        bad.scenario = "crash".to_owned();
        bad.recovery_s = Some(40.0);
        bad.verdict.lost = 2;
        bad.check(&Default::default(), &Default::default());
        let pieces = [
            ("burst", piece(What::Report(Box::new(good)))),
            ("crash", piece(What::Report(Box::new(bad)))),
        ];
        let page = render(&pieces, &["cost"], &Notes::default(), false);
        assert!(page.contains("Not measured yet: cost."), "{page}");
        assert!(
            page.contains("| crash | lost | 0 | 2.000 | **missed** |"),
            "{page}"
        );
        assert!(page.contains("| 40.000 s | crash | **fail** |") && page.contains("lost 2"));
        assert!(page.contains(
            "| crash | Longest time without a reply after a fault | 40 s | 30 s | 5 s | **missed** |"
        ));
        assert!(page.contains(
            "Template delivery (R286) | ≥ 99 % | 99.3 % | 99.9 % | – | – | not measured"
        ));
        assert!(!page.contains("quick"));
        assert!(
            render(&pieces, &[], &Notes::default(), true).contains("no number here says anything")
        );
    }

    #[test]
    fn a_study_brings_its_figures_and_its_plot() {
        let study = Study {
            name: "cost".to_owned(),
            figures: vec![Figure::at_most("A message", "ms", Some(0.25)).must(0.2)],
            plot: Some(Plot {
                title: "cost".to_owned(),
                x: "contacts".to_owned(),
                by_tens: true,
                lines: vec![("ms".to_owned(), vec![(1e3, 0.2), (1e6, 0.25)])],
            }),
            ..crate::study::tests::study()
        };
        let pieces = [("cost", piece(What::Study(Box::new(study))))];
        let page = render(&pieces, &[], &Notes::default(), false);
        assert!(page.contains("| cost | A message | 0.250 ms | 0.200 ms | – | **missed** |"));
        assert!(page.contains("![cost](benchmarks/cost.svg)"));
    }
}
