//! What reached the providers of the templates that were ordered: each send is told from the others
//! by the number among its values.

use std::collections::HashMap;

use serde_json::Value;

use super::ready::{READY, filled, gupshup_id};
use super::{PEOPLE, Send};
use crate::generator::wa_id;
use crate::request_log::Pages;
use crate::run::lines::{self, Line};

/// What reached the providers.
pub(super) struct Arrivals {
    /// Sends by the number in their values.
    by_number: HashMap<String, usize>,
    pub doubled: u64,
}

impl Arrivals {
    pub fn new(sends: &[Send]) -> Self {
        let numbers = sends.iter().map(|send| send.values[1].clone());
        Self {
            by_number: numbers.zip(0..).collect(),
            doubled: 0,
        }
    }

    pub fn missing(&self, sends: &[Send]) -> usize {
        sends.iter().filter(|send| send.arrived_us == 0).count()
    }

    /// Reads what came since; tells whether anything did.
    pub async fn read(&mut self, pages: &mut Pages, sends: &mut [Send]) -> anyhow::Result<bool> {
        let mut any = false;
        let lines = lines::news(pages).await?.into_iter();
        for line in lines.filter(|line| line.accepted) {
            let Some((text, values)) = shown(&line) else {
                continue;
            };
            let number = values.get(1).and_then(|number| self.by_number.get(number));
            let Some(send) = number.map(|nth| &mut sends[*nth]) else {
                continue;
            };
            any = true;
            if send.arrived_us != 0 {
                self.doubled += 1;
                continue;
            }
            send.arrived_us = line.at_us;
            let wanted = filled(READY[send.template].2, &send.values);
            let who = line.body["to"]
                .as_str()
                .or(line.body["destination"].as_str());
            let is_theirs = who == Some(wa_id(PEOPLE + send.person as u32).as_str());
            send.is_right = is_theirs && text == wanted && !text.contains("{{");
        }
        Ok(any)
    }
}

/// The text that a template in a line shows, and its values.
fn shown(line: &Line) -> Option<(String, Vec<String>)> {
    let (text, values) = match line.provider.as_str() {
        "meta" => {
            let template = &line.body["template"];
            let named = |row: &&(&str, &str, &str)| {
                template["name"] == row.0 && template["language"]["code"] == row.1
            };
            let (_, _, text) = READY.iter().find(named)?;
            let components = template["components"].as_array()?.iter();
            let body = components.clone().find(|part| part["type"] == "body")?;
            let values = body["parameters"].as_array()?.iter();
            let values = values.map(|value| value["text"].as_str().map(str::to_owned));
            (text, values.collect::<Option<Vec<_>>>()?)
        }
        "gupshup" => {
            let template: Value = serde_json::from_str(line.body["template"].as_str()?).ok()?;
            let id = template["id"].as_str()?;
            let nth = (0..READY.len()).find(|nth| gupshup_id(*nth) == id)?;
            let values = template["params"].as_array()?.iter();
            let values = values.map(|value| value.as_str().map(str::to_owned));
            (&READY[nth].2, values.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    };
    Some((filled(text, &values), values))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(provider: &str, body: Value) -> Line {
        Line {
            n: 1,
            provider: provider.to_owned(),
            accepted: true,
            at_us: 1,
            path: String::new(),
            body,
        }
    }

    #[test]
    fn a_template_reads_the_same_through_both_providers() {
        let values = json!(["Ana", "#7", "mañana"]);
        let parameters = values.as_array().unwrap().iter();
        let parameters: Value = parameters
            .map(|value| json!({"type": "text", "text": value}))
            .collect();
        let meta = line(
            "meta",
            json!({"template": {"name": READY[0].0, "language": {"code": "es"},
                "components": [{"type": "body", "parameters": parameters}]}}),
        );
        let template = json!({"id": gupshup_id(0), "params": values}).to_string();
        let gupshup = line("gupshup", json!({"template": template}));
        let text = "Hola Ana, tu pedido #7 está confirmado. Llega el mañana.";
        assert_eq!(shown(&meta).unwrap().0, text);
        assert_eq!(shown(&gupshup).unwrap().0, text);
        assert!(shown(&line("meta", json!({"text": {"body": "x"}}))).is_none());
    }
}
