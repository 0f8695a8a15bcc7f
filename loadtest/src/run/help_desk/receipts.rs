//! Delivery statuses, message by message: what the phones show against what the server recorded in
//! the person's timeline (R267).

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::deeds::Person;
use crate::client::Client;
use crate::generator::wa_id;
use crate::stage::Stage;
use crate::world::API_TOKEN;

/// Messages that a phone keeps.
const KEPT: u32 = 200;
/// Lines of a timeline that are read; the server gives no more.
const LINES: u32 = 1_000;
const EXAMPLES_MAX: usize = 5;

/// What was reconciled.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// Statuses that the phones show.
    pub statuses: u64,
    /// The share of them that the server recorded; 1 of nothing.
    pub recorded: f64,
    /// Some that it did not, in words.
    pub examples: Vec<String>,
}

/// Has phones keep what they show.
pub(super) fn kept(stage: &Stage) -> Value {
    let of = |meta: bool| {
        let channels = stage.channels.iter();
        let channels = channels.filter(move |channel| channel.is_meta() == meta);
        let lines = channels.map(|channel| (channel.slug.clone(), json!({"keep_messages": KEPT})));
        Value::Object(lines.collect())
    };
    json!({"meta": of(true), "gupshup": of(false)})
}

/// Compares every message on the phones of `people` with the server's timeline.
pub(super) async fn reconcile(stage: &Stage, people: &[Person]) -> anyhow::Result<Receipts> {
    let mut simulators = Client::new(stage.simulators.clone());
    let mut server = Client::new(stage.server.clone()).with_token(API_TOKEN);
    let mut receipts = Receipts::default();
    let mut recorded = 0;
    for person in people {
        let (slug, who) = (&stage.channels[person.channel].slug, wa_id(person.contact));
        let phone = simulators
            .json(&format!("/_phone/{slug}/{who}/messages"))
            .await?;
        let known = server
            .json(&format!("/api/v1/contacts?phone={who}&tenant={slug}"))
            .await?;
        let id = known["id"].as_str().context("a contact without an id")?;
        let path = format!("/api/v1/contacts/{id}/timeline?limit={LINES}");
        let told = of_timeline(&server.json(&path).await?);
        for (id, status) in of_phone(&phone) {
            receipts.statuses += 1;
            if told
                .get(id.as_str())
                .is_some_and(|told| told.contains(&status))
            {
                recorded += 1;
            } else if receipts.examples.len() < EXAMPLES_MAX {
                let example = format!("{who}: {status} of {id} is in no record");
                receipts.examples.push(example);
            }
        }
    }
    receipts.recorded = match receipts.statuses {
        0 => 1.0,
        statuses => recorded as f64 / statuses as f64,
    };
    Ok(receipts)
}

/// The messages to a person, each with the status their phone shows.
fn of_phone(phone: &Value) -> Vec<(String, String)> {
    let messages = phone["messages"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let of_us = messages.filter(|message| message["direction"] == "out");
    of_us
        .filter_map(|message| Some((text(&message["id"])?, text(&message["status"])?)))
        .collect()
}

/// The statuses that a timeline holds of each message.
fn of_timeline(timeline: &Value) -> HashMap<String, Vec<String>> {
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    let entries = timeline["entries"].as_array().into_iter().flatten();
    for entry in entries.filter(|entry| entry["kind"] == "status") {
        let several = entry["provider_ids"].as_array().into_iter().flatten();
        let ids = several.chain([&entry["provider_id"]]);
        for id in ids.filter_map(Value::as_str) {
            let status = entry["status"].as_str().unwrap_or_default();
            told.entry(id.to_owned())
                .or_default()
                .push(status.to_owned());
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_matched_by_message_and_only_those_to_the_person_count() {
        let phone = json!({"messages": [
            {"direction": "in", "id": "a", "status": "read"},
            {"direction": "out", "id": "b", "status": "read"},
            {"direction": "out", "id": "c", "status": null},
        ]});
        assert_eq!(of_phone(&phone), [("b".to_owned(), "read".to_owned())]);
        let timeline = json!({"entries": [
            {"kind": "status", "provider_id": "b", "status": "sent"},
            {"kind": "status", "provider_ids": ["b", "d"], "status": "read"},
            {"kind": "outcome", "provider_id": "e", "status": "read"},
        ]});
        let told = of_timeline(&timeline);
        assert_eq!(told["b"], ["sent", "read"]);
        assert_eq!(told["d"], ["read"]);
        assert!(!told.contains_key("e"));
    }
}
