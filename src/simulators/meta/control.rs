//! A number's part of `_control`: settings, and commands beside them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::super::whatsapp::settings::without;
use super::line::Line;
use super::settings::{LineSettings, Template};
use super::webhook::Update;
use super::{Meta, WorldError, templates};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Commands {
    close_windows: Vec<String>,
    open_windows: Vec<String>,
    emit: Vec<Emit>,
}

/// A webhook of any field, sent as given.
#[derive(Debug, Deserialize)]
struct Emit {
    field: String,
    value: Value,
}

const COMMANDS: [&str; 3] = ["close_windows", "open_windows", "emit"];

impl Meta {
    /// Applies a channel's part of `_control`.
    pub fn change(&self, slug: &str, patch: &Value) -> Result<(), WorldError> {
        let wrong = |source| WorldError::Settings {
            slug: slug.to_owned(),
            source,
        };
        let commands = Commands::deserialize(patch).map_err(wrong)?;
        let fields = without(&COMMANDS, patch, slug);
        let before = self
            .line(slug)
            .map(|line| LineSettings::clone(&line.settings()));
        let after = before.clone().unwrap_or_default().patched(&fields);
        self.put(after.map_err(wrong)?)?;
        let Some(line) = self.line(slug) else {
            return Ok(());
        };
        if let Some(before) = &before {
            tell_of_templates(&line, before);
        }
        let now_ms = line.around.clock.now_ms();
        line.people
            .order_windows(&commands.close_windows, &commands.open_windows, now_ms);
        for Emit { field, value } in commands.emit {
            let update = Update::Field { field, value };
            line.courier.post(&*line, update, Duration::ZERO);
        }
        Ok(())
    }
}

/// Tells the receiver of every template whose status is another one than before.
fn tell_of_templates(line: &Line, before: &LineSettings) {
    for row in &line.settings().templates {
        let same = |old: &&Template| old.name == row.name && old.language == row.language;
        let old = before.templates.iter().find(same);
        if old.is_none_or(|old| old.status != row.status) {
            let update = Update::Field {
                field: "message_template_status_update".to_owned(),
                value: templates::status_update(row),
            };
            line.courier.post(line, update, Duration::ZERO);
        }
    }
}
