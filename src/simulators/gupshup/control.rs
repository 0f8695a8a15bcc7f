//! An app's part of `_control`: settings, and commands beside them.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::super::whatsapp::settings::without;
use super::app::App;
use super::event::Event;
use super::settings::AppSettings;
use super::{Gupshup, WorldError, account};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Commands {
    close_windows: Vec<String>,
    open_windows: Vec<String>,
    opt_in: Vec<String>,
    opt_out: Vec<String>,
    emit: Vec<Value>,
}

const COMMANDS: [&str; 5] = ["close_windows", "open_windows", "opt_in", "opt_out", "emit"];

impl Gupshup {
    /// Applies a channel's part of `_control`.
    pub fn change(&self, slug: &str, patch: &Value) -> Result<(), WorldError> {
        let wrong = |source| WorldError::Settings {
            slug: slug.to_owned(),
            source,
        };
        let commands = Commands::deserialize(patch).map_err(wrong)?;
        let fields = without(&COMMANDS, patch, slug);
        let before = self
            .app(slug)
            .map(|app| AppSettings::clone(&app.settings()));
        self.put(before.unwrap_or_default().patched(&fields).map_err(wrong)?)?;
        if let Some(app) = self.app(slug) {
            command(&app, commands);
        }
        Ok(())
    }
}

fn command(app: &App, commands: Commands) {
    let now_ms = app.around.clock.now_ms();
    app.people
        .order_windows(&commands.close_windows, &commands.open_windows, now_ms);
    for (people, given) in [(commands.opt_in, true), (commands.opt_out, false)] {
        for phone in people {
            let form = HashMap::from([("user".to_owned(), phone)]);
            // The name is one number, which is always accepted.
            let _ = account::consent(app, given, &form);
        }
    }
    for body in commands.emit {
        app.courier.post(app, Event::Raw(body), Duration::ZERO);
    }
}
