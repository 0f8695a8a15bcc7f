//! What a person does with tickets that exist: ask how one stands, see the open ones, choose one.
//!
//! Everything is asked of the help desk at that moment, as the person's own, and answered when its
//! report comes back ([`errand`]). Buttons and rows name a verb and a ticket, `ticket.<verb>:<id>`;
//! who sends a message with them needs nothing else, and a press is understood in every flow.

mod errand;
mod show;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub(super) use errand::take_report;
pub use errand::{Deed, Errand, Work};

use super::super::plan::Plan;
use super::{offset, say};
use crate::model::{About, Millis};
use crate::texts::{self, Key};

/// What a person wants of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Know how it stands.
    State,
}

impl Verb {
    /// The verb in the id of a button or row.
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
        }
    }

    /// The id of the button or row for this verb and a ticket.
    pub fn id(self, ticket: u64) -> SmolStr {
        smol_str::format_smolstr!("ticket.{}:{ticket}", self.word())
    }
}

impl FromStr for Verb {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "state" => Ok(Self::State),
            _ => Err(()),
        }
    }
}

/// Moves by a pressed button or a chosen row; `false` when it is none of these.
pub(super) fn take_press(plan: &mut Plan<'_>, id: &str, message: &SmolStr) -> bool {
    match id {
        "menu.mine" => show_open(plan, message),
        _ => {
            let Some((verb, ticket)) = pressed(id) else {
                return false;
            };
            match verb {
                Verb::State => tell_state(plan, Some(ticket), message),
            }
        }
    }
    true
}

fn pressed(id: &str) -> Option<(Verb, u64)> {
    let (verb, ticket) = id.strip_prefix("ticket.")?.split_once(':')?;
    Some((verb.parse().ok()?, ticket.parse().ok()?))
}

/// Asks how a ticket stands; without a number the only open one is meant, or one of a list.
pub(super) fn tell_state(plan: &mut Plan<'_>, ticket: Option<u64>, message: &SmolStr) {
    let about = ticket.map_or(About::Open, About::Ticket);
    errand::ask(plan, about, Verb::State, message);
}

/// Asks for the open tickets.
pub(super) fn show_open(plan: &mut Plan<'_>, message: &SmolStr) {
    errand::ask(plan, About::Open, Verb::State, message);
}

/// The number people read, as it was told before or as the year of opening makes it.
fn number_of(plan: &Plan<'_>, id: u64, opened: Option<Millis>) -> SmolStr {
    let known = plan.state.tickets.iter().find(|ticket| ticket.id == id);
    if let Some(ticket) = known {
        return ticket.number.clone();
    }
    let at = opened.unwrap_or(plan.now);
    let settings = plan.settings;
    let prefix = settings.map_or("TK", |settings| settings.ticket_prefix.as_str());
    let year = texts::year((at.0 / 1_000) as i64, offset(plan, at));
    texts::ticket_number(prefix, year, id).into()
}

/// The words for a ticket nobody finds, or that is somebody else's.
fn say_unknown(plan: &mut Plan<'_>, id: u64) {
    let number = id.to_string();
    plan.reply(say(plan, Key::StatusUnknown, &[("number", &number)]));
}
