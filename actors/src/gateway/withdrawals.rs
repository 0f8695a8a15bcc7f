//! People who took their consent to marketing back while some of it may still be on its way.
//!
//! Set when a stop word is accepted, which is before its contact consumes it, and looked at by the
//! gateway at the last moment before a call, so that a stop word that was accepted before a send
//! wins. It names only contacts that are awake or about to be, so it is no larger than they are
//! many; what it says is taken from state and journal again whenever a contact is loaded.

use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::model::{ConsentLevel, Content, Effect, InEvent, InSeq, Inbound, Key, Priority};
use crate::understand::{ConsentWord, consent_word};

/// Contacts whose marketing is not sent.
#[derive(Debug, Default)]
pub struct Withdrawals(DashMap<Key, Mark, RandomState>);

/// Why a contact's marketing is not sent.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// The last stop word accepted; nothing leaves until it is consumed.
    stop: InSeq,
    /// The contact's state refuses marketing.
    refuses: bool,
}

impl Withdrawals {
    /// Listens to an input that was accepted at `position`. Whether a word that may also mean
    /// something else was meant so is decided by the contact; until then nothing leaves.
    pub fn hear(&self, position: InSeq, event: &InEvent) {
        if asks_to_stop(event.fact()) {
            let mut mark = self.0.entry(event.key).or_default();
            mark.stop = mark.stop.max(position);
        }
    }

    /// Takes what a contact's state says once everything up to `consumed` is decided.
    pub fn settle(&self, key: Key, consumed: InSeq, refuses: bool) {
        if refuses {
            self.0.entry(key).or_default().refuses = true;
        } else {
            self.0.remove_if_mut(&key, |_, mark| {
                mark.refuses = false;
                mark.stop <= consumed
            });
        }
    }

    /// Whether an effect must not leave.
    pub fn stops(&self, effect: &Effect) -> bool {
        effect.priority == Priority::Marketing && self.0.contains_key(&effect.id.key)
    }
}

/// Whether an input may withdraw consent.
fn asks_to_stop(fact: &Inbound) -> bool {
    match fact {
        Inbound::Message(message) => match &message.content {
            Content::Text(text) => is_stop_word(text),
            Content::Button { title, .. } => is_stop_word(title),
            _ => false,
        },
        Inbound::Consent(consent) => !consent.given,
        Inbound::ConsentNoted(note) => {
            let narrower = |level| level < ConsentLevel::Marketing;
            note.marketing_refused == Some(true) || note.level.is_some_and(narrower)
        }
        _ => false,
    }
}

fn is_stop_word(text: &str) -> bool {
    let word = consent_word(text);
    matches!(word, Some((ConsentWord::Stop | ConsentWord::Leave, _)))
}
