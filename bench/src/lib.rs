//! What the benchmarks have in common: one contact of a small company, a message of theirs, and what
//! came of it.

use std::sync::Arc;

use actors::contact::{self, Context, Decision, State, encode_events};
use actors::model::{InEvent, InSeq, Millis, SCHEMA, Step};
use actors::ports::{ChannelSettings, Mode, Settings as _};
use actors::testing::Company;

/// When everything happens: 21 January 2025, 14:30 in Lima.
pub const NOW: Millis = Millis(1_737_487_800_000);
/// The inbound text of a step.
pub const QUESTION: &str = "¿Cómo va mi ticket 1234567?";

/// A company with a contact who asks something.
#[derive(Debug)]
pub struct Asked {
    /// The company.
    pub company: Arc<Company>,
    /// Its channel.
    pub channel: Arc<ChannelSettings>,
    /// The message.
    pub message: InEvent,
    /// The contact after an earlier message.
    pub state: State,
}

impl Asked {
    /// A contact who has written once before.
    pub fn again() -> Self {
        let company = Company::new(Mode::Dialogue);
        let greeting = company.message("wamid.1", "hola", NOW);
        let channel = match greeting.fact() {
            actors::model::Inbound::Message(message) => company.channel(&message.channel),
            _ => None,
        };
        let channel = channel.expect("the company has the channel of its messages");
        let later = Millis(NOW.0 + 20_000);
        let mut asked = Self {
            message: greeting,
            state: State::default(),
            company,
            channel,
        };
        asked.state = asked.decide(NOW).state;
        asked.message = asked.company.message("wamid.2", QUESTION, later);
        asked
    }

    /// Decides the message.
    pub fn decide(&self, now: Millis) -> Decision {
        let context = Context {
            now,
            position: InSeq(7),
            seen_before: false,
            settings: Some(&self.channel),
            alias_of: None,
            siblings: &[],
        };
        contact::decide(&self.state, &self.message, context)
    }

    /// The step that records a decision.
    pub fn step(&self, decision: &Decision, consumed: InSeq) -> Step {
        Step {
            consumed,
            input: self.message.id,
            now: NOW,
            schema: SCHEMA,
            events: encode_events(&decision.events),
            effects: decision.effects.clone(),
            closes: decision.closes.clone(),
            wake: None,
            set_aside: false,
        }
    }
}
