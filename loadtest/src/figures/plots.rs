//! The plots of a piece, each an SVG file that needs nothing else.

use super::{Piece, What};
use crate::report::Report;
use crate::report::svg::{Across, Chart, Line};

const COLOURS: [&str; 3] = ["a", "b", "c"];

/// Name and SVG of each plot.
pub fn of(piece: &Piece, name: &str) -> Vec<(String, String)> {
    match &piece.what {
        What::Study(study) => {
            let plot = study.plot.iter();
            let plot = plot.filter(|plot| plot.lines.iter().any(|(_, points)| points.len() > 1));
            plot.map(|plot| {
                let lines = lines(&plot.lines);
                let across = match plot.by_tens {
                    true => Across::Tens(&plot.x),
                    false => Across::Number(&plot.x),
                };
                (name.to_owned(), chart(&plot.title, &lines, across))
            })
            .collect()
        }
        What::Report(report) => of_report(report, name).into_iter().collect(),
    }
}

fn of_report(report: &Report, name: &str) -> Option<(String, String)> {
    let over = |value: &dyn Fn(&crate::report::points::Point) -> f64| {
        let points = report.series.iter();
        points.map(|point| (point.at_s, value(point))).collect()
    };
    match name {
        "steady-200" | "steady-4000" => {
            let lines = lines(&[
                ("p50".to_owned(), over(&|point| point.to_provider_p50_ms)),
                ("p99".to_owned(), over(&|point| point.to_provider_p99_ms)),
            ]);
            let title =
                format!("{name}: message to provider over time, ms; the second half with statuses");
            Some((name.to_owned(), chart(&title, &lines, Across::Seconds)))
        }
        "ceiling" => {
            let turns = |of: &dyn Fn(&crate::report::Turn) -> Option<f64>| {
                let turns = report.turns.iter().enumerate();
                turns
                    .filter_map(|(nth, turn)| Some((nth as f64 + 1.0, of(turn)?)))
                    .collect()
            };
            let lines = lines(&[
                (
                    "statuses off".to_owned(),
                    turns(&|turn| Some(turn.steps_per_s / turn.ceiling_per_s)),
                ),
                (
                    "statuses on".to_owned(),
                    turns(&|turn| Some(turn.steps_on_per_s? / turn.ceiling_per_s)),
                ),
            ]);
            let title = "Share of the bare handler's rate, turn by turn";
            Some((
                name.to_owned(),
                chart(title, &lines, Across::Number("turn")),
            ))
        }
        "ramp" | "ramp-steep" => {
            let ramp = report.ramp.as_ref()?;
            let steps = |of: &dyn Fn(&crate::report::RampStep) -> f64| {
                let steps = ramp.steps.iter();
                steps.map(|step| (step.per_minute, of(step))).collect()
            };
            let lines = lines(&[("reply p99, s".to_owned(), steps(&|step| step.reply_p99_s))]);
            let title = format!("{name}: replies against the rate, s");
            let across = Across::Number("messages a minute");
            Some((name.to_owned(), chart(&title, &lines, across)))
        }
        _ => None,
    }
}

/// A line's name and its points.
type Named = (String, Vec<(f64, f64)>);

fn lines(of: &[Named]) -> Vec<Line> {
    let coloured = of.iter().zip(COLOURS.iter().cycle());
    let lines = coloured.map(|((name, points), colour)| Line {
        name: name.clone(),
        colour: format!("var(--{colour})"),
        points: points.clone(),
    });
    lines.collect()
}

fn chart(title: &str, lines: &[Line], across: Across<'_>) -> String {
    let chart = Chart {
        title,
        lines,
        marks: &[],
        across,
    };
    chart.alone()
}
