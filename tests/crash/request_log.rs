//! Lines of the simulators' request log, as far as the oracle reads them.

use serde::Deserialize;
use serde_json::Value;

/// A request that reached a provider.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    pub n: u64,
    pub provider: String,
    /// 0 while there is no answer, and when the answer was cut off.
    pub status: u16,
    /// Whether it took effect.
    pub accepted: bool,
    /// When it arrived, milliseconds since 1970.
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    pub body: Value,
}

/// A message to a person.
#[derive(Clone, Debug)]
pub struct Send<'a> {
    pub n: u64,
    pub at_ms: u64,
    pub effect: &'a str,
    pub to: &'a str,
    pub text: &'a str,
    pub phone_number_id: &'a str,
    pub accepted: bool,
}

/// The creation of a ticket.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// The effect that stands in the hidden marker.
    pub effect: &'a str,
    pub content: &'a str,
    pub accepted: bool,
}

impl Line {
    pub fn read(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in log line {line}"))
    }

    /// Whether the request has arrived and neither taken effect nor been answered.
    pub fn is_in_flight(&self) -> bool {
        self.status == 0 && !self.accepted
    }

    /// The message that this request sends, read marks and typing signs left out.
    pub fn send(&self) -> Option<Send<'_>> {
        if self.provider != "meta" || self.method != "POST" || self.body["type"].is_null() {
            return None;
        }
        let text = match self.body["type"].as_str()? {
            "interactive" => &self.body["interactive"]["body"]["text"],
            _ => &self.body["text"]["body"],
        };
        let number = self.path.strip_suffix("/messages")?;
        Some(Send {
            n: self.n,
            at_ms: self.at_ms,
            effect: self.body["biz_opaque_callback_data"].as_str()?,
            to: self.body["to"].as_str()?.trim_start_matches('+'),
            text: text.as_str()?,
            phone_number_id: number.rsplit('/').next()?,
            accepted: self.accepted,
        })
    }

    /// The ticket that this request creates.
    pub fn creation(&self) -> Option<Creation<'_>> {
        if self.provider != "glpi" || self.method != "POST" || !self.path.ends_with("/Ticket") {
            return None;
        }
        let content = self.body["input"]["content"].as_str()?;
        let (_, marked) = content.rsplit_once("<!-- chasqui:")?;
        Some(Creation {
            effect: marked.split(' ').next()?,
            content,
            accepted: self.accepted,
        })
    }
}

/// The messages to one person that WhatsApp took, in order of arrival.
pub fn taken_for<'a>(lines: &'a [Line], phone: &str) -> Vec<Send<'a>> {
    let sends = lines.iter().filter_map(Line::send);
    sends
        .filter(|send| send.accepted && send.to == phone)
        .collect()
}

/// The tickets that GLPI took whose text names the person.
pub fn created_for<'a>(lines: &'a [Line], token: &str) -> Vec<Creation<'a>> {
    let creations = lines.iter().filter_map(Line::creation);
    creations
        .filter(|creation| creation.accepted && creation.content.contains(token))
        .collect()
}
