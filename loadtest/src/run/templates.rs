//! Templates that an operator orders over the server's API (R281, R283): whether each reaches the
//! phone once, reads as it should and comes soon.
//!
//! The simulated providers get the templates, the server copies their lists, people write once so
//! that they are known, and then every send is ordered with values of its own, which tell at the
//! provider which order it was.

mod arrivals;
mod ready;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::{Followed, Outcome};
use crate::client::Client;
use crate::clock::now_us;
use crate::generator::{Pool, wa_id};
use crate::ledger::{self, Kind, Row};
use crate::measure::{Measured, Numbers, statuses_settled};
use crate::oracle::{Judgement, Verdict};
use crate::report::Templates;
use crate::request_log::Pages;
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::tongue::Tongue;
use crate::watch::Sample;
use crate::webhook::{Content, Message, Writer};
use crate::world::{self, API_TOKEN};
use arrivals::Arrivals;
use ready::{READY, gupshup_id};

/// Where the people begin who get templates.
const PEOPLE: u32 = 90_000_000;
/// Sends to one person: WhatsApp takes one message in six seconds, and the limit is not the matter here.
const EACH: usize = 1;
/// How long the server may take to know templates and people.
const KNOWN_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is ordered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub names: usize,
    pub sends: usize,
    pub per_second: f64,
}

/// One ordered send.
struct Send {
    template: usize,
    person: usize,
    values: [String; 3],
    ordered_us: i64,
    arrived_us: i64,
    is_right: bool,
}

pub(super) async fn run(
    scenario: &Scenario,
    order: Order,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    anyhow::ensure!(
        (1..=READY.len()).contains(&order.names),
        "1 to {} templates are ready",
        READY.len()
    );
    stage
        .control(&world::statuses(&stage.channels, true))
        .await?;
    stage.control(&lists(stage)).await?;
    let mut server = Client::new(stage.server.clone()).with_token(API_TOKEN);
    for channel in &stage.channels {
        let path = format!("/api/v1/channels/{}/templates/sync", channel.slug);
        server.post(&path, &json!({})).await?;
    }
    let total = order.names * order.sends;
    let people = total.div_ceil(EACH);
    let ids = acquaint(scenario, stage, numbers, people).await?;
    let (_, first) = numbers.take(total as u64);
    let mut sends: Vec<Send> = (0..total)
        .map(|nth| Send {
            template: nth % order.names,
            person: nth % people,
            values: [
                format!("Persona {}", nth % people),
                format!("#TK-2026-{:07}", first + nth as u64),
                "el 3 de diciembre, 10:30".to_owned(),
            ],
            ordered_us: 0,
            arrived_us: 0,
            is_right: false,
        })
        .collect();
    wait_for_lists(&mut server, stage, order.names).await?;

    let mut pages = Pages::from_now(&stage.simulators).await?;
    let mut samples = vec![Sample::of(stage, now_us())];
    let began_us = now_us();
    let began = Instant::now();
    for (nth, send) in sends.iter_mut().enumerate() {
        let due = began + Duration::from_secs_f64(nth as f64 / order.per_second);
        tokio::time::sleep_until(due.into()).await;
        let (name, language, _) = READY[send.template];
        let body = json!({
            "id": format!("{began_us}-{nth}"), "template": name, "language": language,
            "values": send.values,
        });
        send.ordered_us = now_us();
        let path = format!("/api/v1/contacts/{}/templates", ids[send.person]);
        server.post(&path, &body).await?;
    }
    let ended_us = now_us();
    let mut arrivals = Arrivals::new(&sends);
    let settle = Duration::from_secs_f64(scenario.door.settle_s);
    let mut moved = Instant::now();
    while arrivals.missing(&sends) > 0 && moved.elapsed() < settle {
        if arrivals.read(&mut pages, &mut sends).await? {
            moved = Instant::now();
        }
        eprintln!(
            "templates  {} of {total} arrived",
            total - arrivals.missing(&sends)
        );
        tokio::time::sleep(LOOK_EVERY * 10).await;
    }
    let mut simulators = Client::new(stage.simulators.clone());
    let statuses_missing = statuses_settled(&mut simulators, settle).await?;
    arrivals.read(&mut pages, &mut sends).await?;
    let failed = failed(&mut simulators, stage, scenario, people).await?;
    samples.push(Sample::of(stage, now_us()));

    let arrived = sends.iter().filter(|send| send.arrived_us != 0).count();
    let right = sends.iter().filter(|send| send.is_right).count();
    let delivered = arrived.saturating_sub(failed);
    let mut delays = ledger::histogram();
    for send in sends.iter().filter(|send| send.arrived_us != 0) {
        ledger::record(&mut delays, send.ordered_us, send.arrived_us);
    }
    let verdict = Verdict {
        lost: (total - delivered) as u64,
        doubled: arrivals.doubled,
        out_of_order: 0,
        wrong_state: (arrived - right) as u64,
        statuses_missing,
    };
    let templates = Templates {
        names: order.names as u64,
        sends: total as u64,
        delivery: delivered as f64 / total as f64,
        rendering: right as f64 / arrived.max(1) as f64,
        delay_p99_s: ledger::ms(&delays, 0.99) / 1_000.0,
    };
    let measured = measured(
        &sends,
        first,
        verdict,
        delays,
        (began_us, ended_us),
        samples,
    );
    Ok(Outcome {
        steps_per_s: (measured.steps_per_s, None),
        off: vec![measured],
        templates: Some(templates),
        ..Outcome::default()
    })
}

/// The templates as each simulated number has them.
fn lists(stage: &Stage) -> Value {
    let of = |meta: bool| {
        let rows = READY
            .iter()
            .enumerate()
            .map(|(nth, (name, language, body))| match meta {
                true => json!({
                    "name": name, "language": language, "category": "UTILITY",
                    "status": "APPROVED", "body": body,
                }),
                false => json!({
                    "id": gupshup_id(nth), "element_name": name, "language_code": language,
                    "category": "UTILITY", "status": "APPROVED", "body": body,
                }),
            });
        let rows: Value = rows.collect();
        let numbers = stage.channels.iter();
        let numbers = numbers.filter(|channel| channel.is_meta() == meta);
        let change = json!({"templates": rows, "keep_messages": 100});
        let lines = numbers.map(|channel| (channel.slug.clone(), change.clone()));
        Value::Object(lines.collect())
    };
    json!({"meta": of(true), "gupshup": of(false)})
}

/// Lets everybody write once, and gives the ids under which the server knows them.
async fn acquaint(
    scenario: &Scenario,
    stage: &Stage,
    numbers: &mut Numbers,
    people: usize,
) -> anyhow::Result<Vec<String>> {
    let (run, first) = numbers.take(people as u64);
    let pool = Pool::new(stage.server.address, scenario.door.connections);
    let writers = stage.channels.iter();
    let writers: Vec<_> = writers
        .map(|channel| Writer::new(channel, &stage.server.host, run))
        .collect();
    let mut server = Client::new(stage.server.clone()).with_token(API_TOKEN);
    for nth in 0..people {
        let contact = PEOPLE + nth as u32;
        let message = Message {
            number: first + nth as u64,
            stamp: now_us() / 1_000_000,
            content: Content::Text("hola"),
        };
        let channel = scenario.world.channel_of(contact, &stage.channels);
        let status = pool
            .exchange(&writers[channel].request(&wa_id(contact), &[message]))
            .await?;
        anyhow::ensure!(status == 200, "a first message was answered {status}");
    }
    let mut ids = Vec::with_capacity(people);
    let began = Instant::now();
    for nth in 0..people {
        let contact = PEOPLE + nth as u32;
        let channel = scenario.world.channel_of(contact, &stage.channels);
        let tenant = &stage.channels[channel].slug;
        let path = format!("/api/v1/contacts?phone={}&tenant={tenant}", wa_id(contact));
        let id = server.json(&path).await?["id"].as_str().map(str::to_owned);
        let id = id.context("a contact without an id")?;
        // Known is who has been decided about: the order needs a channel and consent.
        while server.json(&format!("/api/v1/contacts/{id}")).await?["messages"].as_u64() == Some(0)
        {
            anyhow::ensure!(began.elapsed() < KNOWN_WITHIN, "{id} stays unknown");
            tokio::time::sleep(LOOK_EVERY).await;
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Waits until the server's copies hold the templates.
async fn wait_for_lists(server: &mut Client, stage: &Stage, names: usize) -> anyhow::Result<()> {
    let began = Instant::now();
    for channel in &stage.channels {
        let path = format!("/api/v1/templates?channel={}", channel.slug);
        loop {
            let list = server.json(&path).await?;
            let rows = list["templates"].as_array().map_or(0, Vec::len);
            if rows >= names {
                break;
            }
            anyhow::ensure!(
                began.elapsed() < KNOWN_WITHIN,
                "{} has {rows} templates",
                channel.slug
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

/// Templates that were taken and then failed, by what the phones show.
async fn failed(
    simulators: &mut Client,
    stage: &Stage,
    scenario: &Scenario,
    people: usize,
) -> anyhow::Result<usize> {
    let mut failed = 0;
    for nth in 0..people {
        let contact = PEOPLE + nth as u32;
        let channel = scenario.world.channel_of(contact, &stage.channels);
        let slug = &stage.channels[channel].slug;
        let path = format!("/_phone/{slug}/{}/messages", wa_id(contact));
        let shown = simulators.json(&path).await?;
        let messages = shown["messages"].as_array().into_iter().flatten();
        failed += messages
            .filter(|message| message["type"] == "template" && message["status"] == "failed")
            .count();
    }
    Ok(failed)
}

fn measured(
    sends: &[Send],
    first: u64,
    verdict: Verdict,
    to_provider_us: hdrhistogram::Histogram<u64>,
    (began_us, ended_us): (i64, i64),
    samples: Vec<Sample>,
) -> Measured {
    let rows = sends.iter().map(|send| Row {
        contact: PEOPLE + send.person as u32,
        kind: Kind::Question,
        tongue: Tongue::default(),
        scheduled_us: send.ordered_us,
        sent_us: send.ordered_us,
        accepted_us: send.ordered_us,
    });
    let followed = Followed {
        first,
        rows: rows.collect(),
        webhook_us: ledger::histogram(),
        span_us: (began_us, ended_us),
        samples,
    };
    followed.measured(Judgement {
        verdict,
        to_provider_us,
        replied_us: sends.iter().map(|send| send.arrived_us).collect(),
        examples: Vec::new(),
    })
}
