//! Line charts as SVG: inside a page, in the page's colours, or alone, in their own.

use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 28.0;
/// Width of a letter, about.
const LETTER: f64 = 6.4;
/// Marks beside each other are written this far below one another, in so many rows.
const MARK_ROW: f64 = 13.0;
const MARK_ROWS: usize = 4;
/// Points that are drawn at most; more are thinned out to the greatest of their neighbours.
const POINTS_MAX: usize = 900;
/// With fewer points each is also drawn as a dot.
const DOTS_BELOW: usize = 40;

/// The colours of a chart that stands alone.
const STYLE: &str = "<style>:root{--ink:#1c2430;--soft:#5b6675;--line:#d8dee6;--ground:#fff;--bad:#b3261e;--a:#2563a8;--b:#c2571a;--c:#7a4fa3}@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#333d4a;--ground:#151a21;--bad:#ff8a80;--a:#6aa9ef;--b:#f09a5f;--c:#b794e0}}text{fill:var(--soft);font:11px system-ui,sans-serif}.title{fill:var(--ink);font-size:13px;font-weight:600}</style>";

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
        for quarter in 0..=4 {
            let value = top * f64::from(quarter) / 4.0;
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
        let labels = scale.labels();
        let last = labels.len().saturating_sub(1);
        for (nth, (value, label)) in labels.into_iter().enumerate() {
            // The outermost would be cut off if they stood in their middle.
            let anchor = match nth {
                0 => "start",
                nth if nth == last => "end",
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
        self.draw_marks(svg, &scale);
        for line in self.lines {
            draw_line(svg, line, &|x| scale.x(x), &y);
        }
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

fn draw_line(svg: &mut String, line: &Line, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) {
    let points = thinned(&line.points);
    let mut path = String::new();
    for (at, (right, value)) in points.iter().enumerate() {
        let letter = if at == 0 { 'M' } else { 'L' };
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
    if points.len() < DOTS_BELOW {
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

/// From what lies to the right to its place.
#[derive(Clone, Debug)]
struct Scale {
    from: f64,
    to: f64,
    by_tens: bool,
    name: String,
}

impl Scale {
    fn of(across: Across<'_>, values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().reduce(f64::min).unwrap_or(0.0);
        let most = values.reduce(f64::max).unwrap_or(1.0);
        let (from, to, by_tens, name) = match across {
            Across::Seconds => (0.0, most.max(1.0), false, "s"),
            Across::Number(name) => (least, most, false, name),
            Across::Tens(name) => (least.max(1.0).log10(), most.max(1.0).log10(), true, name),
        };
        Self {
            from,
            to: if to > from { to } else { from + 1.0 },
            by_tens,
            name: name.to_owned(),
        }
    }

    fn x(&self, value: f64) -> f64 {
        let value = if self.by_tens {
            value.max(1.0).log10()
        } else {
            value
        };
        LEFT + (value - self.from) / (self.to - self.from) * (WIDTH - LEFT - RIGHT)
    }

    fn labels(&self) -> Vec<(f64, String)> {
        let values: Vec<f64> = if self.by_tens {
            let tens = self.from.ceil() as i32..=self.to.floor() as i32;
            tens.map(|ten| 10f64.powi(ten)).collect()
        } else {
            let span = self.to - self.from;
            // Few whole numbers are told one by one.
            let parts = match span {
                few if few <= 6.0 && few.fract() == 0.0 => few.max(1.0) as u32,
                _ => 6,
            };
            let part = |nth: u32| self.from + span * f64::from(nth) / f64::from(parts);
            (0..=parts).map(part).collect()
        };
        let last = values.len().saturating_sub(1);
        let label = |(nth, value): (usize, f64)| {
            let named = nth == last || self.name == "s";
            let name = if named { self.name.as_str() } else { "" };
            let label = format!("{} {name}", short(value));
            (value, label.trim_end().to_owned())
        };
        values.into_iter().enumerate().map(label).collect()
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
        million if million >= 1e6 => format!("{} M", trimmed(million / 1e6)),
        large if large >= 10_000.0 => format!("{:.0}k", large / 1_000.0),
        whole if whole >= 10.0 || whole.fract() == 0.0 => format!("{whole:.0}"),
        small => trimmed(small),
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn push(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(words);
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
        let lines = [line(vec![(0.0, 3.0), (10.0, 17.0), (20.0, 0.0)])];
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
