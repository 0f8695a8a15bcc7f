//! What a running server tells those who watch it, compared with what is written about it: the list
//! of metrics, the dashboard and the alert rules. Over real HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chasqui::telemetry::catalogue::{self, Kind, Metric, Values};
use serde_json::json;

use crate::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(30);
const DASHBOARD: &str = "ops/grafana/chasqui.json";
const RULES: &str = "ops/prometheus/chasqui.rules.yml";

/// Prometheus' text format, read.
#[derive(Default)]
struct Told {
    help: BTreeMap<String, String>,
    kinds: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Told {
    async fn by(scene: &Scene) -> Self {
        let mut told = Self::default();
        for line in scene.server.metrics().await.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                told.help.insert(name.to_owned(), help.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                told.kinds.insert(name.to_owned(), kind.to_owned());
            } else if !line.is_empty() {
                told.samples.push(Sample::read(line));
            }
        }
        told
    }

    /// Asks until `holds`, at most [`PATIENCE`] long; the last answer in any case.
    async fn until(scene: &Scene, holds: impl Fn(&Self) -> bool) -> Self {
        let begun = tokio::time::Instant::now();
        loop {
            let told = Self::by(scene).await;
            if holds(&told) || begun.elapsed() > PATIENCE {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The sum of the samples with this name and, if given, this label value.
    fn sum(&self, name: &str, value: Option<&str>) -> f64 {
        let fits = |sample: &&Sample| {
            let labelled = |value: &str| sample.labels.values().any(|own| own == value);
            sample.name == name && value.is_none_or(labelled)
        };
        self.samples.iter().filter(fits).map(|s| s.value).sum()
    }

    fn knows(&self, name: &str) -> bool {
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|part| name.strip_suffix(part))
            .find(|family| {
                self.kinds
                    .get(*family)
                    .is_some_and(|kind| kind == "histogram")
            });
        family.is_some() || self.kinds.contains_key(name)
    }
}

impl Sample {
    fn read(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let pairs = labels.trim_end_matches('}').split("\",");
        let pairs = pairs.filter_map(|pair| pair.split_once("=\""));
        Self {
            name: name.to_owned(),
            labels: pairs
                .map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned()))
                .collect(),
            value: value.parse().unwrap(),
        }
    }

    fn is_of(&self, metric: &Metric) -> bool {
        let rest = self.name.strip_prefix(metric.name);
        rest.is_some_and(|rest| match metric.kind {
            Kind::Histogram => matches!(rest, "_bucket" | "_sum" | "_count"),
            _ => rest.is_empty(),
        })
    }
}

/// A file of the repository.
fn text_of(file: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(path).unwrap()
}

/// Every word of a text that begins like a metric of ours.
fn named_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    let ours = words.filter(|word| word.starts_with("chasqui_"));
    ours.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_described_charted_or_alerted_on_is_told_by_a_running_server() {
    let often =
        |config: &mut chasqui::config::Config| config.providers.glpi.poll_interval_ms = 1_000;
    let scene = Scene::begin_with(often).await;
    let people = scene.people(0..2);
    scene.converse(0..2).join_all().await;
    scene.ends_well(&people).await;
    let all = |told: &Told| catalogue::ALL.iter().all(|metric| told.knows(metric.name));
    let told = Told::until(&scene, all).await;

    let listed: BTreeMap<_, _> = catalogue::ALL
        .iter()
        .map(|metric| (metric.name.to_owned(), metric.kind.name().to_owned()))
        .collect();
    assert_eq!(told.kinds, listed, "src/telemetry/catalogue lists others");
    for metric in catalogue::ALL {
        assert_eq!(told.help[metric.name], metric.meaning, "{}", metric.name);
        let samples = told.samples.iter().filter(|sample| sample.is_of(metric));
        for sample in samples {
            let mut labels = sample.labels.clone();
            labels.remove("le");
            assert_eq!(
                labels.len(),
                metric.labels.len(),
                "{} {labels:?}",
                sample.name
            );
            for (label, values) in metric.labels {
                let value = &labels[*label];
                if let Values::Of(values) = values {
                    assert!(
                        values.contains(&value.as_str()),
                        "{} {labels:?}",
                        sample.name
                    );
                }
            }
        }
    }
    for file in [DASHBOARD, RULES] {
        let named = named_in(&text_of(file));
        assert!(named.len() > 20, "{file} names {named:?}");
        let unknown: Vec<_> = named.iter().filter(|name| !told.knows(name)).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{file}");
    }
}

#[test]
fn whatever_an_alert_watches_is_on_the_dashboard() {
    let rules = text_of(RULES);
    let mut alerts = rules.split("- alert: ");
    // What stands before the first alert are recorded rules.
    let _ = alerts.next();
    let watched: BTreeSet<_> = alerts
        .filter_map(|alert| alert.split_once("expr:"))
        .filter_map(|(_, rest)| rest.split_once("labels:"))
        .flat_map(|(expression, _)| named_in(expression))
        .collect();
    assert!(watched.len() > 15, "{watched:?}");
    let charted = named_in(&text_of(DASHBOARD));
    let missing: Vec<_> = watched.difference(&charted).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_counted_in_every_stage_and_nothing_is_lost_or_out_of_order() {
    let scene = Scene::begin().await;
    let people = scene.people(0..4);
    scene.converse(0..4).join_all().await;
    scene.ends_well(&people).await;
    let idle = |told: &Told| told.sum("chasqui_effects_waiting", None) == 0.0;
    let told = Told::until(&scene, idle).await;
    let sum = |name: &str| told.sum(name, None);

    let said = 3.0 * people.len() as f64;
    assert!(sum("chasqui_messages_received_total") >= said);
    assert!(sum("chasqui_steps_total") >= said);
    assert!(sum("chasqui_message_to_provider_seconds_count") >= said);
    for stage in ["accepted", "decided", "recorded", "answered"] {
        let count = told.sum("chasqui_stage_seconds_count", Some(stage));
        assert!(count >= said, "{stage}: {count}");
        let seconds = told.sum("chasqui_stage_seconds_sum", Some(stage));
        assert!(
            seconds > 0.0 && seconds / count < 10.0,
            "{stage}: {seconds}"
        );
    }
    assert!(told.sum("chasqui_webhooks_total", Some("taken")) >= said);
    assert!(sum("chasqui_journal_group_records_count") == sum("chasqui_journal_groups_total"));
    assert!(sum("chasqui_journal_group_records_sum") == sum("chasqui_journal_records_total"));
    assert!(sum("chasqui_contacts_live") >= people.len() as f64);
    for zero in [
        "chasqui_inputs_lost_total",
        "chasqui_order_violations_total",
        "chasqui_inputs_waiting",
        "chasqui_oldest_input_age_seconds",
        "chasqui_effects_waiting",
        "chasqui_oldest_effect_age_seconds",
        "chasqui_lanes_blocked",
        "chasqui_effects_in_doubt",
        "chasqui_dead_letters",
        "chasqui_restarts_total",
    ] {
        assert_eq!(sum(zero), 0.0, "{zero}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_fails_shows_in_metrics_and_health_alike() {
    let scene = Scene::begin().await;
    let away = json!({"provider": "meta", "path": "/messages", "kind": "drop"});
    scene.world.fault(away);
    let person = scene.person(0);
    scene.say(&person, 0).await;
    scene.say(&person, 1).await;
    let blocked = |told: &Told| {
        told.sum("chasqui_lanes_blocked", None) >= 1.0
            && told.sum("chasqui_oldest_effect_age_seconds", None) > 1.0
    };
    let told = Told::until(&scene, blocked).await;
    assert!(blocked(&told), "{}", scene.server.metrics().await);
    assert_eq!(told.sum("chasqui_effects_in_doubt", None), 1.0);
    assert!(told.sum("chasqui_effects_waiting", None) >= 2.0);
    assert!(told.sum("chasqui_gateway_attempts_total", Some("unknown")) >= 1.0);
    assert_eq!(
        told.sum("chasqui_message_to_provider_seconds_count", None),
        0.0
    );

    let (_, health) = scene.server.api(person.tenant, "/health/actors").await;
    assert_eq!(health["in_doubt"], 1, "{health:#}");
    assert_eq!(health["lanes_blocked"], 1, "{health:#}");
    assert_eq!(health["inputs_out_of_order"], 0, "{health:#}");
    assert_eq!(health["effects_out_of_order"], 0, "{health:#}");
    assert_eq!(health["journal"]["inputs_lost"], 0, "{health:#}");
    let backlog = &health["backlog"];
    assert_eq!(backlog["inputs"], 0, "{health:#}");
    assert!(backlog["effects"].as_u64() >= Some(2), "{health:#}");
    assert!(
        backlog["oldest_effect_age_s"].as_f64() > Some(1.0),
        "{health:#}"
    );
}
