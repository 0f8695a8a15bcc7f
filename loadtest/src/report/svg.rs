//! Line charts as SVG, drawn for a page's own colours.

use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 26.0;
/// Points that are drawn at most; more are thinned out to the greatest of their neighbours.
const POINTS_MAX: usize = 900;

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// A CSS colour.
    pub colour: String,
    /// Seconds and value, in order.
    pub points: Vec<(f64, f64)>,
}

/// A chart over time.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Its lines, on one scale from 0 on.
    pub lines: &'a [Line],
    /// What happened: seconds and name.
    pub marks: &'a [(f64, String)],
}

impl Chart<'_> {
    /// The chart as a figure.
    pub fn svg(&self) -> String {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let end = all().map(|point| point.0).fold(1.0, f64::max);
        let top = nice(all().map(|point| point.1).fold(0.0, f64::max));
        let x = |seconds: f64| LEFT + seconds / end * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            self.title, self.title
        );
        for quarter in 0..=4 {
            let value = top * f64::from(quarter) / 4.0;
            push(
                &mut svg,
                format_args!(
                    "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"var(--line)\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                    WIDTH - RIGHT,
                    LEFT - 6.0,
                    y(value) + 4.0,
                    short(value),
                    y = y(value),
                ),
            );
        }
        for part in 0..=6 {
            let seconds = end * f64::from(part) / 6.0;
            push(
                &mut svg,
                format_args!(
                    "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{seconds:.0} s</text>",
                    x(seconds),
                    HEIGHT - 8.0
                ),
            );
        }
        for (seconds, name) in self.marks {
            push(
                &mut svg,
                format_args!(
                    "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{}\" stroke=\"var(--bad)\" stroke-dasharray=\"3 3\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    HEIGHT - BOTTOM,
                    x(*seconds) + 4.0,
                    TOP + 10.0,
                    name.replace('&', "&amp;").replace('<', "&lt;"),
                    x = x(*seconds),
                ),
            );
        }
        for (nth, line) in self.lines.iter().enumerate() {
            let mut path = String::new();
            for (at, (seconds, value)) in thinned(&line.points).into_iter().enumerate() {
                let letter = if at == 0 { 'M' } else { 'L' };
                push(
                    &mut path,
                    format_args!("{letter}{:.1} {:.1}", x(seconds), y(value)),
                );
            }
            let legend = LEFT + 90.0 * nth as f64;
            push(
                &mut svg,
                format_args!(
                    "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"/><rect x=\"{legend}\" y=\"2\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{colour}\"/><text x=\"{}\" y=\"11\">{}</text>",
                    legend + 15.0,
                    line.name,
                    colour = line.colour,
                ),
            );
        }
        svg.push_str("</svg></figure>");
        svg
    }
}

/// At most [`POINTS_MAX`] points, each the greatest of those it stands for.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let together = points.len().div_ceil(POINTS_MAX).max(1);
    let greatest = |chunk: &[(f64, f64)]| chunk.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    points.chunks(together).filter_map(greatest).collect()
}

/// The next 1, 2 or 5 times a power of ten that is not below `value`.
fn nice(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let fits = steps
        .iter()
        .map(|step| step * power)
        .find(|bound| *bound >= value);
    fits.unwrap_or(10.0 * power)
}

fn short(value: f64) -> String {
    match value {
        large if large >= 10_000.0 => format!("{:.0}k", large / 1_000.0),
        whole if whole >= 10.0 || whole.fract() == 0.0 => format!("{whole:.0}"),
        small => format!("{small:.2}"),
    }
}

fn push(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_on_round_numbers_and_peaks_survive_thinning() {
        assert_eq!(
            [0.0, 0.7, 3.0, 99.0, 100.0].map(nice),
            [1.0, 1.0, 5.0, 100.0, 100.0]
        );
        let mut points: Vec<_> = (0..5_000).map(|n| (f64::from(n), 1.0)).collect();
        points[3_333].1 = 80.0;
        let thinned = thinned(&points);
        assert!(thinned.len() <= POINTS_MAX && thinned.contains(&(3_333.0, 80.0)));
    }

    #[test]
    fn every_point_lies_inside_the_chart() {
        let line = Line {
            name: "p99".to_owned(),
            colour: "red".to_owned(),
            points: vec![(0.0, 3.0), (10.0, 17.0), (20.0, 0.0)],
        };
        let marks = [(10.0, "kill".to_owned())];
        let svg = Chart {
            title: "t",
            lines: &[line],
            marks: &marks,
        }
        .svg();
        let path = svg
            .split("d=\"M")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        for point in path.split('L') {
            let (x, y) = point.split_once(' ').unwrap();
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            assert!((LEFT..=WIDTH).contains(&x) && (TOP..=HEIGHT - BOTTOM).contains(&y));
        }
        assert!(svg.contains(">kill</text>"));
    }
}
