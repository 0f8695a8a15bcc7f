//! Lines of the simulators' log as those read them who follow single people: who was told what, and
//! what the help desk was given.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::generator::contact;
use crate::request_log::Pages;

/// A line of the log, as far as one is concerned who talks or works at the help desk.
#[derive(Deserialize)]
pub(in crate::run) struct Line {
    pub n: u64,
    pub provider: String,
    pub accepted: bool,
    pub at_us: i64,
    pub path: String,
    pub body: Value,
}

/// A reply in a line.
pub(in crate::run) struct Heard<'a> {
    pub to: Option<u32>,
    pub words: Cow<'a, str>,
    /// The same for every request that carries the same effect; texts of Gupshup's carry none.
    pub effect: Option<Cow<'a, str>>,
}

impl Line {
    /// The reply in it, when it is one that was taken.
    pub fn heard(&self) -> Option<Heard<'_>> {
        let text = |value: &Value| value.as_str().map(|text| text.to_owned().into());
        let body = &self.body;
        match self.provider.as_str() {
            _ if !self.accepted => None,
            "meta" => Some(Heard {
                to: body["to"].as_str().and_then(contact),
                words: text(&body["text"]["body"])
                    .or_else(|| text(&body["interactive"]["body"]["text"]))?,
                effect: text(&body["biz_opaque_callback_data"]),
            }),
            "gupshup" => {
                let message = serde_json::from_str(body["message"].as_str()?);
                let message: Value = message.ok()?;
                let said = [
                    &message["text"],
                    &message["content"]["text"],
                    &message["body"],
                ];
                Some(Heard {
                    to: body["destination"].as_str().and_then(contact),
                    words: said.into_iter().find_map(text)?,
                    effect: text(&message["msgid"]),
                })
            }
            _ => None,
        }
    }
}

/// Everything that came since the last call and has its outcome.
pub(in crate::run) async fn news(pages: &mut Pages) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    while pages
        .next(|line| {
            let line: Line = serde_json::from_slice(line)?;
            let n = line.n;
            lines.push(line);
            Ok(n)
        })
        .await?
    {}
    Ok(lines)
}
