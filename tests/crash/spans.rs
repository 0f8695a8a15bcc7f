//! Messages as traces: what a collector on loopback hears of a real server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::oracle::Said;
use crate::scene::Scene;

const PATIENCE: Duration = Duration::from_secs(30);

/// An OTLP receiver: it takes everything and remembers the spans.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

/// A span as it was received.
#[derive(Clone, Debug)]
struct Span {
    trace: String,
    id: String,
    parent: Option<String>,
    name: String,
    kind: u64,
    begun: u64,
    ended: u64,
    attributes: HashMap<String, String>,
    failed: bool,
}

impl Collector {
    /// Starts it and gives its address.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let collector = self.clone();
        let take = async move |Json(body): Json<Value>| {
            let resource = &body["resourceSpans"][0];
            let service = &resource["resource"]["attributes"][0];
            assert_eq!(service["value"]["stringValue"], "chasqui");
            let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
            let mut kept = collector.0.lock().unwrap();
            kept.extend(spans.iter().map(Span::read));
        };
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async { axum::serve(listener, router).await });
        url
    }

    /// Waits until what was heard fulfils `holds`.
    async fn hears(&self, holds: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let begun = tokio::time::Instant::now();
        loop {
            let heard = self.0.lock().unwrap().clone();
            if holds(&heard) {
                return heard;
            }
            assert!(begun.elapsed() < PATIENCE, "only this: {heard:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Span {
    fn read(span: &Value) -> Self {
        let text = |key: &str| span[key].as_str().map(str::to_owned);
        let nanoseconds = |key: &str| text(key).unwrap().parse().unwrap();
        let attributes = span["attributes"].as_array().unwrap().iter();
        Self {
            trace: text("traceId").unwrap(),
            id: text("spanId").unwrap(),
            parent: text("parentSpanId"),
            name: text("name").unwrap(),
            kind: span["kind"].as_u64().unwrap(),
            begun: nanoseconds("startTimeUnixNano"),
            ended: nanoseconds("endTimeUnixNano"),
            attributes: attributes
                .map(|pair| {
                    let value = pair["value"]["stringValue"].as_str().unwrap();
                    (pair["key"].as_str().unwrap().to_owned(), value.to_owned())
                })
                .collect(),
            failed: span["status"]["code"] == 2,
        }
    }

    fn calls(&self, call: &str) -> bool {
        self.name == "send" && self.attributes["chasqui.call"] == call
    }
}

/// The spans that `parent` led to.
fn led_to<'a>(spans: &'a [Span], parent: &'a Span) -> impl Iterator<Item = &'a Span> {
    let child =
        |span: &&Span| span.parent.as_ref() == Some(&parent.id) && span.trace == parent.trace;
    spans.iter().filter(child)
}

fn traced_to(collector: &str) -> impl FnOnce(&mut chasqui::config::Config) + use<> {
    let endpoint = collector.to_owned();
    |config| {
        config.opentelemetry.endpoint = Some(endpoint);
        config.opentelemetry.traces_per_thousand = 1_000;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_message_is_one_trace_from_its_webhook_to_the_provider() {
    let collector = Collector::default();
    let url = collector.start().await;
    let mut scene = Scene::begin_with(traced_to(&url)).await;
    let person = scene.person(0);
    scene.say(&person, 0).await;
    let sent = |spans: &[Span]| {
        spans
            .iter()
            .any(|span| span.name == "send" && span.kind == 3 && !span.calls("mark_read"))
    };
    let heard = collector.hears(sent).await;
    // What waited is sent before the process ends.
    scene.server.terminate(&scene.world).await;
    let spans = collector.hears(|spans| spans.len() >= heard.len()).await;

    let roots: Vec<_> = spans.iter().filter(|span| span.parent.is_none()).collect();
    let [webhook] = roots[..] else {
        panic!("one root expected: {spans:#?}");
    };
    assert_eq!((webhook.name.as_str(), webhook.kind), ("webhook", 2));
    assert_eq!(webhook.attributes["chasqui.provider"], "meta");
    assert!(
        spans.iter().all(|span| span.trace == webhook.trace),
        "{spans:#?}"
    );
    let [decide] = led_to(&spans, webhook).collect::<Vec<_>>()[..] else {
        panic!("one decision expected: {spans:#?}");
    };
    assert_eq!(decide.name, "decide");
    assert!(decide.attributes["chasqui.entity"].starts_with("ct_"));
    assert!(led_to(&spans, decide).any(|span| span.name == "record"));
    let send = led_to(&spans, decide).find(|span| span.name == "send" && !span.calls("mark_read"));
    let send = send.unwrap_or_else(|| panic!("no answer: {spans:#?}"));
    assert_eq!((send.kind, send.failed), (3, false));
    assert_eq!(send.attributes["chasqui.provider"], "meta");
    assert_eq!(send.attributes["chasqui.gateway"], person.tenant.channel);
    assert_eq!(send.attributes["chasqui.outcome"], "done");
    for span in &spans {
        assert!(span.begun <= span.ended, "{span:?}");
    }
    assert!(
        webhook.begun <= decide.begun && decide.ended <= send.begun,
        "{spans:#?}"
    );
    // The effect's id is what WhatsApp got with the message.
    let log = scene.world.log().await;
    let taken = crate::request_log::taken_for(&log, &person.phone);
    assert_eq!(taken[0].effect, send.attributes["chasqui.effect"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_ticket_led_to_is_in_the_trace_of_the_message_that_asked_for_it() {
    let collector = Collector::default();
    let url = collector.start().await;
    let scene = Scene::begin_with(traced_to(&url)).await;
    scene.converse(0..1).join_all().await;
    scene
        .told(&scene.person(0), Said::Confirmation, PATIENCE)
        .await;
    let follows = |spans: &[Span]| {
        let opened = spans.iter().find(|span| span.calls("open_ticket"))?;
        let reported = led_to(spans, opened).find(|span| span.name == "decide")?;
        let told = led_to(spans, reported).find(|span| span.name == "send")?;
        let root = spans
            .iter()
            .find(|span| span.trace == opened.trace && span.parent.is_none())?;
        Some(root.name == "webhook" && told.attributes["chasqui.provider"] == "meta")
    };
    let spans = collector.hears(|spans| follows(spans) == Some(true)).await;
    let told = spans
        .iter()
        .map(|span| format!("{span:?}"))
        .collect::<String>();
    let person = scene.person(0);
    assert!(
        !told.contains(&person.phone) && !told.contains(&person.name),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_costs_nothing_but_its_spans() {
    let nowhere = "http://127.0.0.1:9/v1/traces";
    let scene = Scene::begin_with(traced_to(nowhere)).await;
    let people = scene.people(0..2);
    scene.converse(0..2).join_all().await;
    scene.ends_well(&people).await;
    let dropped = async || {
        let metrics = scene.server.metrics().await;
        let line = metrics
            .lines()
            .find(|line| line.starts_with("chasqui_spans_dropped_total "));
        line.unwrap()
            .rsplit_once(' ')
            .unwrap()
            .1
            .parse::<u64>()
            .unwrap()
    };
    let begun = tokio::time::Instant::now();
    while dropped().await == 0 {
        assert!(begun.elapsed() < PATIENCE, "no span was counted as dropped");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
