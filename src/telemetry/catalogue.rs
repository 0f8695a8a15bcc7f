//! Every metric of `/metrics`: its name, kind, unit, labels and meaning, in one place.
//!
//! From here come the HELP lines, the zeros that stand there before anything was counted, and
//! `docs/metrics.md`; a test of a running server compares what it tells with this list. Label sets
//! are bounded: a label has the values named here, or one for each connection and channel that the
//! installation has set up. No tenant and no person is in any of them.

mod inside;
mod outside;

use std::fmt::Write as _;

use metrics::{Label, counter, describe_counter, describe_gauge, describe_histogram};

/// Every metric, in the order of a message's way.
pub const ALL: &[Metric] = &joined::<{ inside::ALL.len() + outside::ALL.len() }>();

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name; it ends in its unit, and a counter in `_total`.
    pub name: &'static str,
    /// What it is to Prometheus.
    pub kind: Kind,
    /// Its unit in words.
    pub unit: &'static str,
    /// Its labels.
    pub labels: &'static [(&'static str, Values)],
    /// What it means, in one line.
    pub meaning: &'static str,
}

/// The kinds of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the process ends.
    Counter,
    /// A value now.
    Gauge,
    /// Counts by size, in buckets.
    Histogram,
}

impl Kind {
    /// Its word in Prometheus' text format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The values a label can have.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// These.
    Of(&'static [&'static str]),
    /// One for each thing of this kind that is set up.
    Each(&'static str),
}

const fn metric(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    labels: &'static [(&'static str, Values)],
    meaning: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        unit,
        labels,
        meaning,
    }
}

const fn joined<const N: usize>() -> [Metric; N] {
    let mut all = [inside::ALL[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = match at < inside::ALL.len() {
            true => inside::ALL[at],
            false => outside::ALL[at - inside::ALL.len()],
        };
        at += 1;
    }
    all
}

/// Tells the recorder what every metric means, and that those counters are 0 of which all label
/// values are known.
pub(super) fn announce() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.meaning),
            Kind::Gauge => describe_gauge!(metric.name, metric.meaning),
            Kind::Histogram => describe_histogram!(metric.name, metric.meaning),
        }
        if metric.kind == Kind::Counter {
            for labels in combinations(metric.labels) {
                counter!(metric.name, labels).increment(0);
            }
        }
    }
}

/// Every combination of label values; none when a label has values that are not known here.
fn combinations(labels: &[(&'static str, Values)]) -> Vec<Vec<Label>> {
    let mut sets = vec![Vec::new()];
    for (name, values) in labels {
        let Values::Of(values) = values else {
            return Vec::new();
        };
        let longer = sets.iter().flat_map(|set: &Vec<Label>| {
            values.iter().map(|value| {
                let mut set = set.clone();
                set.push(Label::from_static_parts(name, value));
                set
            })
        });
        sets = longer.collect();
    }
    sets
}

/// `docs/metrics.md`.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for metric in ALL {
        let labels = metric.labels.iter().map(|(name, values)| match values {
            Values::Of(values) => format!("`{name}`: {}", values.join(", ")),
            Values::Each(what) => format!("`{name}`: one for each {what}"),
        });
        let labels: Vec<String> = labels.collect();
        let labels = match labels.is_empty() {
            true => "none".to_owned(),
            false => labels.join("; "),
        };
        let (name, kind, unit) = (metric.name, metric.kind.name(), metric.unit);
        let meaning = metric.meaning;
        writeln!(
            page,
            "| `{name}` | {kind} | {unit} | {labels} | {meaning} |"
        )
        .expect("a string takes everything");
    }
    page
}

const HEAD: &str = "\
# Metrics

What `GET /metrics` tells, in Prometheus' text format. This page is made from the list in \
`src/telemetry/catalogue`, from which the HELP lines come too; a test compares both with what a \
running server says.

- Everything is counted since the start of the process; nothing is sampled. A value goes onto a \
lock-free list (65 to 110 ns on a machine of two cores, about five a message) that a thread of its \
own folds into buckets every five seconds (9 ns a value).
- Gauges are read when `/metrics` is asked. That looks at every contact with work left (not at \
those that sleep), so ask every few seconds at most.
- Seconds are measured with a monotonic clock, but for `chasqui_message_to_provider_seconds`, \
`chasqui_gateway_call_seconds` and ages, which are differences of wall-clock milliseconds.
- Label sets are bounded, and none names a tenant or a person. `gateway` is the id of a connection \
or channel, which is unique within its provider.
- `ops/grafana/chasqui.json` shows them by stage of a message, `ops/prometheus/chasqui.rules.yml` \
alerts; `ops/README.md` says how to use both.

| Metric | Kind | Unit | Labels | Meaning |
|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_in_what_they_count() {
        for (index, metric) in ALL.iter().enumerate() {
            let name = metric.name;
            assert!(
                name.starts_with("chasqui_") && !metric.meaning.ends_with('.'),
                "{name}"
            );
            assert_eq!(
                name.ends_with("_total"),
                metric.kind == Kind::Counter,
                "{name}"
            );
            let earlier = ALL[..index].iter();
            assert!(
                earlier.clone().all(|other| other.name != name),
                "{name} twice"
            );
            for unit in ["seconds", "bytes"] {
                if metric.unit == unit {
                    assert!(name.trim_end_matches("_total").ends_with(unit), "{name}");
                }
            }
        }
    }

    #[test]
    fn counters_with_known_labels_stand_at_zero_from_the_start() {
        let known = Values::Of(&["a", "b"]);
        assert_eq!(combinations(&[]).len(), 1);
        assert_eq!(combinations(&[("x", known), ("y", known)]).len(), 4);
        assert!(combinations(&[("x", known), ("y", Values::Each("channel"))]).is_empty());
    }
}
