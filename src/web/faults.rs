//! What the demo's visitor can make fail outside, each fault switched on and off.
//!
//! The simulators hold what is on, so that a page that is loaded anew shows it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Demo;
use super::pages::demo::Line;
use super::technician::{answered, own_page};
use crate::http::ApiError;

/// A fault as the page offers it.
pub(super) struct Fault {
    /// Its name in addresses.
    pub id: &'static str,
    /// What fails.
    pub name: &'static str,
    /// What the visitor will see.
    pub meaning: &'static str,
    what: What,
}

enum What {
    /// Every call to a provider ends this way. At most so many times.
    Calls {
        provider: &'static str,
        kind: &'static str,
        count: Option<u64>,
    },
    /// Every webhook of both channels comes twice.
    Twice,
}

/// What the server writes at GLPI carries this; a technician's own work does not.
const MARKER: &str = "chasqui:";

/// Delay of a slow GLPI, in milliseconds: less than what calls of the server wait.
const SLOW_MS: u64 = 2_500;

const fn calls(provider: &'static str, kind: &'static str, count: Option<u64>) -> What {
    What::Calls {
        provider,
        kind,
        count,
    }
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "glpi-down",
        name: "GLPI no responde",
        meaning: "El asistente lo dice, y abre el ticket cuando GLPI vuelve.",
        what: calls("glpi", "drop", None),
    },
    Fault {
        id: "glpi-slow",
        name: "GLPI tarda",
        meaning: "Cada llamada espera dos segundos y medio; nadie más espera por eso.",
        what: calls("glpi", "delay", None),
    },
    Fault {
        id: "glpi-lost",
        name: "GLPI pierde la próxima respuesta",
        meaning: "El ticket queda creado y nadie lo sabe: se busca, y no se crea otro.",
        what: calls("glpi", "lose_answer", Some(1)),
    },
    Fault {
        id: "meta-down",
        name: "WhatsApp (Meta) no responde",
        meaning: "Las respuestas esperan y salen en su orden.",
        what: calls("meta", "drop", None),
    },
    Fault {
        id: "gupshup-down",
        name: "Gupshup no responde",
        meaning: "Lo mismo, por el otro número.",
        what: calls("gupshup", "drop", None),
    },
    Fault {
        id: "twice",
        name: "Cada mensaje llega dos veces",
        meaning: "Los avisos de WhatsApp se repiten; se responde una vez.",
        what: What::Twice,
    },
];

/// Whether a fault is to be on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    on: bool,
}

/// `GET /demo/faults`: the faults that are on.
pub(super) async fn list(State(demo): State<Demo>) -> Result<Json<Value>, ApiError> {
    let control = world_of(&demo).await?;
    let lines = &demo.0.page.lines;
    let on = FAULTS.iter().filter(|fault| fault.is_on(&control, lines));
    let on: Vec<_> = on.map(|fault| fault.id).collect();
    Ok(Json(json!({"on": on})))
}

/// `POST /demo/faults/{id}`: switches one on or off; the others stay.
pub(super) async fn switch(
    State(demo): State<Demo>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, ApiError> {
    own_page(&headers)?;
    let missing = ApiError::NotFound { what: "fault" };
    let fault = FAULTS.iter().find(|fault| fault.id == id).ok_or(missing)?;
    let lines = &demo.0.page.lines;
    let change = match &fault.what {
        What::Twice => twice(wanted.on, lines),
        What::Calls { provider, .. } => {
            let control = world_of(&demo).await?;
            let stays = |other: &&Fault| match other.id == fault.id {
                true => wanted.on,
                false => other.is_on(&control, lines),
            };
            let own = FAULTS.iter().filter(|other| other.concerns(provider));
            let rules: Vec<_> = own.filter(stays).filter_map(Fault::rule).collect();
            json!({"clear_faults": provider, "faults": rules})
        }
    };
    let simulators = &demo.0.simulators;
    answered(simulators.control(Method::POST).json(&change)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn world_of(demo: &Demo) -> Result<Value, ApiError> {
    answered(demo.0.simulators.control(Method::GET)).await
}

fn twice(on: bool, lines: &[Line]) -> Value {
    let chance = if on { 1.0 } else { 0.0 };
    let mut change = json!({});
    for line in lines {
        let webhooks = json!({"webhooks": {"duplicate": chance}});
        change[line.provider.to_lowercase()][&line.channel] = webhooks;
    }
    change
}

impl Fault {
    fn concerns(&self, whom: &str) -> bool {
        matches!(&self.what, What::Calls { provider, .. } if *provider == whom)
    }

    /// The simulators' rule for it; what is no rule is a setting.
    fn rule(&self) -> Option<Value> {
        let What::Calls {
            provider,
            kind,
            count,
        } = &self.what
        else {
            return None;
        };
        let mut rule = json!({"provider": provider, "kind": kind});
        if *kind == "delay" {
            rule["ms"] = SLOW_MS.into();
        }
        if let Some(count) = count {
            rule["count"] = (*count).into();
            rule["body"] = MARKER.into();
        }
        Some(rule)
    }

    /// Whether it is on in the simulators' description of themselves.
    fn is_on(&self, control: &Value, lines: &[Line]) -> bool {
        let What::Calls {
            provider,
            kind,
            count,
        } = &self.what
        else {
            return lines.iter().any(|line| {
                let number = &control[line.provider.to_lowercase()][&line.channel];
                let chance = number["settings"]["webhooks"]["duplicate"].as_f64();
                chance.is_some_and(|chance| chance > 0.0)
            });
        };
        let rules = control["faults"].as_array();
        rules.into_iter().flatten().any(|rule| {
            let left = count.is_none_or(|count| rule["hits"].as_u64() < Some(count));
            rule["provider"] == *provider && rule["kind"] == *kind && left
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_on_while_its_rule_stands_and_is_not_used_up() {
        let [down, _, lost, ..] = FAULTS else {
            panic!("three faults of GLPI")
        };
        let mut rule = lost.rule().expect("a rule");
        rule["hits"] = 0.into();
        assert!(lost.is_on(&json!({"faults": [rule]}), &[]));
        assert!(!down.is_on(&json!({"faults": [rule]}), &[]));
        rule["hits"] = 1.into();
        assert!(!lost.is_on(&json!({"faults": [rule]}), &[]));
        assert!(!lost.is_on(&json!({"faults": []}), &[]));
    }

    #[test]
    fn repeated_webhooks_are_a_setting_of_every_number() {
        let lines =
            [("demo-meta", "Meta"), ("demo-gupshup", "Gupshup")].map(|(channel, provider)| {
                let (channel, number) = (channel.to_owned(), String::new());
                Line {
                    channel,
                    provider,
                    number,
                }
            });
        let change = twice(true, &lines);
        assert_eq!(change["meta"]["demo-meta"]["webhooks"]["duplicate"], 1.0);
        assert_eq!(
            change["gupshup"]["demo-gupshup"]["webhooks"]["duplicate"],
            1.0
        );
        let fault = FAULTS.iter().find(|fault| fault.id == "twice");
        let fault = fault.expect("the fault of repeated webhooks");
        let shown = |chance: f64| {
            let settings = json!({"settings": {"webhooks": {"duplicate": chance}}});
            json!({"meta": {"demo-meta": settings}})
        };
        assert!(fault.is_on(&shown(1.0), &lines));
        assert!(!fault.is_on(&shown(0.0), &lines));
    }

    #[test]
    fn no_fault_has_anothers_name() {
        let mut ids: Vec<_> = FAULTS.iter().map(|fault| fault.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), FAULTS.len());
    }
}
