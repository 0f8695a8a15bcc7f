//! From numbers to places in a chart: scales, and the round numbers written at them.

use super::{Across, LEFT, RIGHT, WIDTH};

/// From what lies to the right to its place.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    by_tens: bool,
    name: String,
}

impl Scale {
    /// A scale on which all `values` lie.
    pub fn of(across: Across<'_>, values: impl Iterator<Item = f64> + Clone) -> Self {
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

    /// The place of a value.
    pub fn x(&self, value: f64) -> f64 {
        let value = if self.by_tens {
            value.max(1.0).log10()
        } else {
            value
        };
        LEFT + (value - self.from) / (self.to - self.from) * (WIDTH - LEFT - RIGHT)
    }

    /// Where something is written below the chart, and what.
    pub fn labels(&self) -> Vec<(f64, String)> {
        let values: Vec<f64> = if self.by_tens {
            let tens = self.from.ceil() as i32..=self.to.floor() as i32;
            tens.map(|ten| 10f64.powi(ten)).collect()
        } else {
            let step = step(self.to - self.from);
            let first = (self.from / step).ceil() as i64;
            let last = (self.to / step + 1e-9).floor() as i64;
            (first..=last).map(|nth| nth as f64 * step).collect()
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

/// Into how many parts a scale up to `top`, which is 1, 2 or 5 times a power of ten, divides evenly.
pub(super) fn divisions(top: f64) -> u32 {
    let leading = top / 10f64.powf(top.log10().floor());
    if (leading - 2.0).abs() < 0.01 { 4 } else { 5 }
}

/// A round step that divides `span` into at most eight parts.
fn step(span: f64) -> f64 {
    let power = 10f64.powf((span / 8.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let fits = steps.into_iter().find(|step| span / step <= 8.0);
    fits.unwrap_or(10.0 * power)
}

/// The next 1, 2 or 5 times a power of ten that is not below `value`.
pub(super) fn nice(value: f64) -> f64 {
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

/// A value in few characters.
pub(super) fn short(value: f64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_on_round_numbers() {
        assert_eq!(
            [0.0, 0.7, 3.0, 99.0, 100.0].map(nice),
            [1.0, 1.0, 5.0, 100.0, 100.0]
        );
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!([10.0, 21.0, 240.0, 4.0].map(step), [2.0, 5.0, 50.0, 0.5]);
        assert_eq!([100.0, 20.0, 5.0].map(divisions), [5, 4, 5]);
    }
}
