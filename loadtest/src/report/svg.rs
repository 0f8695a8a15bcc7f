//! Line charts as SVG: inside a page, in the page's colours, or alone, in their own.

mod scale;

use super::words::push;
use scale::{Scale, divisions, nice, short};

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 28.0;
/// Width of a letter, about.
const LETTER: f64 = 6.8;
/// Marks beside each other are written this far below one another, in so many rows.
const MARK_ROW: f64 = 13.0;
const MARK_ROWS: usize = 4;
/// Points that are drawn at most; more are thinned out to the greatest of their neighbours.
const POINTS_MAX: usize = 900;
/// With fewer points each is also drawn as a dot.
const DOTS_BELOW: usize = 40;

/// The colours of a chart that stands alone.
const STYLE: &str = "<style>:root{--ink:#1c2430;--soft:#5b6675;--line:#d8dee6;--ground:#fff;--bad:#b3261e;--a:#2563a8;--b:#c2571a;--c:#7a4fa3}@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#333d4a;--ground:#151a21;--bad:#ff8a80;--a:#6aa9ef;--b:#f09a5f;--c:#b794e0}}text{fill:var(--soft);font:12px system-ui,sans-serif}.title{fill:var(--ink);font-size:13px;font-weight:600}</style>";

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// A CSS colour.
    pub colour: String,
    /// What lies to the right and the value, in order.
    pub points: Vec<(f64, f64)>,
}

/// What goes to the right.
#[derive(Clone, Copy, Debug)]
pub enum Across<'a> {
    /// Seconds from 0 on.
    Seconds,
    /// A number with this name.
    Number(&'a str),
    /// A number with this name, by factors of ten.
    Tens(&'a str),
}

/// A chart.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Its lines, on one scale from 0 on.
    pub lines: &'a [Line],
    /// What happened: seconds and name.
    pub marks: &'a [(f64, String)],
    /// What goes to the right.
    pub across: Across<'a>,
}

impl Chart<'_> {
    /// The chart as a figure of a page, which knows the colours.
    pub fn svg(&self) -> String {
        let title = escaped(self.title);
        let mut svg = format!(
            "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">"
        );
        self.draw(&mut svg);
        svg.push_str("</svg></figure>");
        svg
    }

    /// The chart as a file of its own, light or dark as the reader's machine is.
    pub fn alone(&self) -> String {
        let title = escaped(self.title);
        let whole = HEIGHT + 30.0;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 -30 {WIDTH} {whole}\" width=\"{WIDTH}\" height=\"{whole}\" role=\"img\" aria-label=\"{title}\">{STYLE}<rect y=\"-30\" width=\"{WIDTH}\" height=\"{whole}\" fill=\"var(--ground)\"/><text class=\"title\" x=\"{LEFT}\" y=\"-10\">{title}</text>"
        );
        self.draw(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn draw(&self, svg: &mut String) {
        let all = || self.lines.iter().flat_map(|line| &line.points);
        let top = nice(all().map(|point| point.1).fold(0.0, f64::max));
        let scale = Scale::of(self.across, all().map(|point| point.0));
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
        draw_heights(svg, top, &y);
        draw_labels(svg, &scale);
        self.draw_marks(svg, &scale);
        for line in self.lines {
            let gap = self.gap(&line.points);
            draw_line(svg, line, gap, &|x| scale.x(x), &y);
        }
        self.draw_names(svg);
    }

    /// The lines' names, each behind its colour.
    fn draw_names(&self, svg: &mut String) {
        let mut at = LEFT;
        for line in self.lines.iter().filter(|line| !line.points.is_empty()) {
            push(
                svg,
                format_args!(
                    "<rect x=\"{at:.1}\" y=\"4\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{}\"/><text x=\"{:.1}\" y=\"13\">{}</text>",
                    line.colour,
                    at + 15.0,
                    escaped(&line.name),
                ),
            );
            at += 36.0 + LETTER * line.name.chars().count() as f64;
        }
    }

    /// Seconds that were not measured are left open; other numbers are joined.
    fn gap(&self, points: &[(f64, f64)]) -> f64 {
        let together = points.len().div_ceil(POINTS_MAX).max(1) as f64;
        match self.across {
            Across::Seconds => 2.6 * together,
            Across::Number(_) | Across::Tens(_) => f64::INFINITY,
        }
    }

    /// A name goes below those beside it that it would lie on, and to the left near the right end.
    fn draw_marks(&self, svg: &mut String, scale: &Scale) {
        let mut taken = [f64::MIN; MARK_ROWS];
        for (seconds, name) in self.marks {
            let at = scale.x(*seconds);
            let width = LETTER * name.chars().count() as f64 + 8.0;
            let (anchor, from, text_x) = match at + width > WIDTH - RIGHT {
                true => ("end", at - width, at - 4.0),
                false => ("start", at, at + 4.0),
            };
            let row = taken.iter().position(|end| *end <= from).unwrap_or(0);
            taken[row] = from + width;
            push(
                svg,
                format_args!(
                    "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{}\" stroke=\"var(--bad)\" stroke-dasharray=\"3 3\"/><text x=\"{text_x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                    HEIGHT - BOTTOM,
                    TOP + 10.0 + MARK_ROW * row as f64,
                    escaped(name),
                ),
            );
        }
    }
}

/// Even heights up to `top`, and their values.
fn draw_heights(svg: &mut String, top: f64, y: &dyn Fn(f64) -> f64) {
    let parts = divisions(top);
    for part in 0..=parts {
        let value = top * f64::from(part) / f64::from(parts);
        push(
            svg,
            format_args!(
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"var(--line)\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y(value) + 4.0,
                short(value),
                y = y(value),
            ),
        );
    }
}

/// What stands below the chart; the outermost labels are not cut off.
fn draw_labels(svg: &mut String, scale: &Scale) {
    let labels = scale.labels();
    let last = labels.len().saturating_sub(1);
    for (nth, (value, label)) in labels.into_iter().enumerate() {
        let width = LETTER * label.chars().count() as f64;
        let anchor = match scale.x(value) {
            left if nth == 0 && left - width / 2.0 < 4.0 => "start",
            right if nth == last && right + width / 2.0 > WIDTH => "end",
            _ => "middle",
        };
        push(
            svg,
            format_args!(
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{label}</text>",
                scale.x(value),
                HEIGHT - 9.0
            ),
        );
    }
}

/// Nothing is drawn between points farther apart than `gap`.
fn draw_line(
    svg: &mut String,
    line: &Line,
    gap: f64,
    x: &dyn Fn(f64) -> f64,
    y: &dyn Fn(f64) -> f64,
) {
    let points = thinned(&line.points);
    let mut path = String::new();
    let mut before: Option<f64> = None;
    for (right, value) in &points {
        let is_joined = before.is_some_and(|before| right - before <= gap);
        let letter = if is_joined { 'L' } else { 'M' };
        before = Some(*right);
        push(
            &mut path,
            format_args!("{letter}{:.1} {:.1}", x(*right), y(*value)),
        );
    }
    push(
        svg,
        format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"/>",
            line.colour
        ),
    );
    let is_few = points.len() < DOTS_BELOW && gap.is_infinite();
    if is_few {
        for (right, value) in points {
            push(
                svg,
                format_args!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\" fill=\"{}\"/>",
                    x(right),
                    y(value),
                    line.colour
                ),
            );
        }
    }
}

/// At most [`POINTS_MAX`] points, each the greatest of those it stands for.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let together = points.len().div_ceil(POINTS_MAX).max(1);
    let greatest = |chunk: &[(f64, f64)]| chunk.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    points.chunks(together).filter_map(greatest).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(svg: &str) -> Vec<(f64, f64)> {
        let path = svg.split("d=\"M").nth(1).unwrap();
        let path = path.split('"').next().unwrap();
        let place = |point: &str| {
            let (x, y) = point.split_once(' ').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        };
        path.split('L').map(place).collect()
    }

    fn line(points: Vec<(f64, f64)>) -> Line {
        Line {
            name: "p99".to_owned(),
            colour: "red".to_owned(),
            points,
        }
    }

    #[test]
    fn peaks_survive_thinning() {
        let mut points: Vec<_> = (0..5_000).map(|n| (f64::from(n), 1.0)).collect();
        points[3_333].1 = 80.0;
        let thinned = thinned(&points);
        assert!(thinned.len() <= POINTS_MAX && thinned.contains(&(3_333.0, 80.0)));
    }

    #[test]
    fn every_point_lies_inside_the_chart() {
        let lines = [line(vec![(18.0, 3.0), (19.0, 17.0), (20.0, 0.0)])];
        let marks = [(10.0, "kill".to_owned()), (19.9, "restart".to_owned())];
        let svg = Chart {
            title: "t",
            lines: &lines,
            marks: &marks,
            across: Across::Seconds,
        }
        .svg();
        for (x, y) in places(&svg) {
            assert!((LEFT..=WIDTH).contains(&x) && (TOP..=HEIGHT - BOTTOM).contains(&y));
        }
        assert!(svg.contains(">kill</text>"));
        assert!(svg.contains("text-anchor=\"end\">restart</text>"), "{svg}");
    }

    #[test]
    fn what_was_not_measured_is_left_open() {
        let chart = |across| {
            let lines = [line(vec![(0.0, 1.0), (1.0, 1.0), (9.0, 1.0), (10.0, 1.0)])];
            let chart = Chart {
                title: "t",
                lines: &lines,
                marks: &[],
                across,
            };
            let svg = chart.svg();
            let path = svg.split("<path d=\"").nth(1).unwrap();
            path.split('"').next().unwrap().matches('M').count()
        };
        assert_eq!(chart(Across::Seconds), 2);
        assert_eq!(chart(Across::Number("turn")), 1);
    }

    #[test]
    fn factors_of_ten_lie_evenly() {
        let lines = [line(vec![(1e3, 1.0), (1e4, 1.0), (1e6, 1.0)])];
        let svg = Chart {
            title: "a & b",
            lines: &lines,
            marks: &[],
            across: Across::Tens("contacts"),
        }
        .alone();
        let places = places(&svg);
        let tenth = places[1].0 - places[0].0;
        assert!((places[2].0 - places[1].0 - 2.0 * tenth).abs() < 0.2);
        assert!(svg.contains(">1 M contacts</text>") && svg.contains(">1000</text>"));
        assert!(svg.contains("xmlns") && svg.contains("a &amp; b"));
    }
}
