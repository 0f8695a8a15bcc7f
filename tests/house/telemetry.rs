//! What is promised about log lines and metrics.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use actors::model::Phone;
use chasqui::config::{Config, Format, Level, Log};
use chasqui::telemetry::{self, Metrics};

/// A log in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written while `work` runs.
fn logged(level: Level, format: Format, work: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = telemetry::subscriber(&Log { level, format }, move || writer.clone());
    tracing::subscriber::with_default(subscriber, work);
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn each_line_is_one_json_object() {
    let text = logged(Level::Info, Format::Json, || {
        tracing::info!(target: "chasqui::journal", { group.records = 3 }, "a \"group\"\nis durable");
        tracing::warn!(target: "chasqui::outbox", "a lane waits");
    });
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["group.records"], 3);
    assert_eq!(lines[0]["message"], "a \"group\"\nis durable");
    assert_eq!(lines[1]["level"], "WARN");
}

#[test]
fn libraries_are_heard_only_when_something_is_wrong() {
    let speak = || {
        tracing::info!(target: "sqlx::query", "a statement");
        tracing::warn!(target: "sqlx::pool", "a slow statement");
        tracing::debug!(target: "chasqui::app", "a detail");
        tracing::info!(target: "actors::journal", "a fact");
    };
    let info = logged(Level::Info, Format::Text, speak);
    assert!(
        info.contains("a slow statement") && info.contains("a fact"),
        "{info}"
    );
    assert!(
        !info.contains("a statement") && !info.contains("a detail"),
        "{info}"
    );
    assert!(logged(Level::Trace, Format::Text, speak).contains("a statement"));
}

#[test]
fn no_secret_and_no_phone_number_reaches_a_log_line() {
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = Config::demo("data".into(), listen, "http://127.0.0.1:8090");
    let phone = Phone::parse("+51987654321").unwrap();
    let text = logged(Level::Trace, Format::Json, || {
        tracing::info!(?config, token = %config.bootstrap.api_tokens[0].token, "started");
        tracing::info!(?phone, number = %phone, "a person wrote");
    });
    assert_eq!(text.lines().count(), 2);
    for canary in [
        "demo-app-secret",
        "demo-user-token",
        "demo-api-token",
        "987654321",
    ] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

#[test]
fn metrics_are_rendered_with_buckets() {
    let metrics = Metrics::install().unwrap();
    metrics::counter!("chasqui_steps_total").increment(2);
    metrics::histogram!("chasqui_flush_seconds").record(0.003);
    let text = metrics.render();
    assert!(text.contains("chasqui_steps_total 2"), "{text}");
    assert!(
        text.contains("chasqui_flush_seconds_bucket{le=\"0.005\"} 1"),
        "{text}"
    );
    assert!(Metrics::install().is_err(), "a process has one collection");
}

#[test]
fn the_page_of_metrics_is_the_generated_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let made = telemetry::catalogue::markdown();
    if std::env::var_os("METRICS_WRITE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap() == made,
        "docs/metrics.md is out of date; write it anew with METRICS_WRITE=1 and this test"
    );
}
