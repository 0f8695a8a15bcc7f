//! What a person lets the business send, with source, time and proof.
//!
//! Answers to what somebody writes need no consent; everything else does. A person who writes
//! consents to notices about what they asked for. Marketing needs their explicit word, given twice:
//! they ask for it and confirm it. Withdrawing takes one word and holds at once.

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::Event;
use super::plan::Plan;
use crate::model::{
    Consent, ConsentLevel, ConsentNote, ConsentScope, InEvent, Inbound, Key, Millis,
    TemplateCategory, TemplateChoice, TemplateOrder,
};

/// Where a change of consent comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentSource {
    /// The person wrote first.
    Wrote,
    /// The person withdrew it by a stop word.
    StopWord,
    /// The person asked for it and confirmed it.
    Confirmed,
    /// The provider told it.
    Provider,
    /// An operator noted it.
    Operator,
}

impl ConsentSource {
    /// The word for it in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wrote => "wrote",
            Self::StopWord => "stop_word",
            Self::Confirmed => "confirmed",
            Self::Provider => "provider",
            Self::Operator => "operator",
        }
    }
}

/// What proves a change of consent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentProof {
    /// Where it comes from.
    pub source: ConsentSource,
    /// When.
    pub at: Millis,
    /// The provider's id of the message that said so, or what the operator named.
    pub proof: SmolStr,
}

/// What may be sent to a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permission {
    /// How far their consent goes.
    pub level: ConsentLevel,
    /// What proves it.
    pub proof: Option<ConsentProof>,
    /// Whether a wider consent was taken back and not given since.
    pub withdrawn: bool,
    /// The operator who noted that marketing is refused, whatever the level.
    pub refused_by: Option<SmolStr>,
    /// The person asked for marketing and has not confirmed it yet.
    pub asked: Option<ConsentProof>,
}

impl Permission {
    /// Whether a template of this category may be sent.
    ///
    /// # Errors
    /// Why not, in plain words.
    pub fn allows(&self, category: TemplateCategory) -> Result<(), &'static str> {
        match category {
            TemplateCategory::Marketing if self.refused_by.is_some() => {
                Err("an operator noted that this person refuses marketing")
            }
            TemplateCategory::Marketing if self.level == ConsentLevel::Marketing => Ok(()),
            TemplateCategory::Marketing if self.withdrawn => {
                Err("the person withdrew their consent to marketing")
            }
            TemplateCategory::Marketing => Err("the person has not consented to marketing"),
            TemplateCategory::Utility | TemplateCategory::Authentication => {
                match (self.level, self.withdrawn) {
                    (ConsentLevel::None, true) => Err("the person opted out of being written to"),
                    (ConsentLevel::None, false) => {
                        Err("the person has not consented to be written to")
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::ConsentChanged { level, proof } => {
                self.withdrawn = *level < ConsentLevel::Marketing
                    && (self.withdrawn || proof.source != ConsentSource::Wrote);
                self.level = *level;
                self.proof = Some(proof.clone());
                self.asked = None;
            }
            Event::ConsentAsked(proof) => self.asked = Some(proof.clone()),
            Event::ConsentDeclined { .. } => self.asked = None,
            Event::MarketingRefused { by, .. } => self.refused_by.clone_from(by),
            _ => {}
        }
    }

    /// Of two records of one person the later word holds; a refusal of either stays.
    pub(super) fn merge(&mut self, younger: &Self) {
        let at = |permission: &Self| permission.proof.as_ref().map(|proof| proof.at);
        let refused_by = self.refused_by.take().or(younger.refused_by.clone());
        let withdrawn = self.withdrawn || younger.withdrawn;
        if at(younger) > at(self) && !(self.withdrawn && younger.is_first_word()) {
            *self = younger.clone();
        }
        self.refused_by = refused_by;
        self.withdrawn = withdrawn && self.level < ConsentLevel::Marketing;
    }

    fn is_first_word(&self) -> bool {
        let wrote = |proof: &ConsentProof| proof.source == ConsentSource::Wrote;
        self.proof.as_ref().is_some_and(wrote)
    }
}

/// Takes a word on consent from outside the conversation, or an order that depends on it. What comes
/// again changes nothing: it might undo what the person said meanwhile. A contact that turned out to
/// be an older one passes it on.
pub(super) fn take(plan: &mut Plan<'_>, input: &InEvent, older: Option<Key>, seen_before: bool) {
    let id = input.id;
    if plan.state.recent.holds(id) || seen_before {
        return plan.emit(Event::DuplicateFound { id });
    }
    let fact = input.fact();
    match fact {
        Inbound::TemplateOrdered(order) => plan.emit(Event::OrderTaken {
            id,
            client_id: order.client_id.clone(),
        }),
        _ => plan.emit(Event::ConsentHeard {
            id,
            stamp: input.stamp,
        }),
    }
    if let Some(older) = older {
        return plan.tell(older, fact.clone());
    }
    match fact {
        Inbound::Consent(told) => take_told(plan, told),
        Inbound::ConsentNoted(note) => take_note(plan, note),
        Inbound::TemplateOrdered(order) => take_order(plan, order),
        _ => {}
    }
}

fn take_told(plan: &mut Plan<'_>, consent: &Consent) {
    plan.emit(Event::ConsentTold {
        channel: consent.channel,
        given: consent.given,
    });
    let now = plan.state.permission.level;
    let level = match (consent.scope, consent.given) {
        (ConsentScope::Everything, true) => now.max(ConsentLevel::Transactional),
        (ConsentScope::Everything, false) => ConsentLevel::None,
        (ConsentScope::Marketing, true) => ConsentLevel::Marketing,
        (ConsentScope::Marketing, false) => now.min(ConsentLevel::Transactional),
    };
    let withdrawn = !consent.given && !plan.state.permission.withdrawn;
    if level != now || withdrawn {
        let proof = proof(plan, ConsentSource::Provider, "told by the provider".into());
        plan.emit(Event::ConsentChanged { level, proof });
    }
}

fn take_note(plan: &mut Plan<'_>, note: &ConsentNote) {
    if let Some(refused) = note.marketing_refused {
        plan.emit(Event::MarketingRefused {
            by: refused.then(|| note.by.clone()),
            at: plan.now,
        });
    }
    if let Some(level) = note.level {
        let words = match note.proof.is_empty() {
            true => note.by.clone(),
            false => format_smolstr!("{}: {}", note.by, note.proof),
        };
        let proof = proof(plan, ConsentSource::Operator, words);
        plan.emit(Event::ConsentChanged { level, proof });
        plan.tell_consent();
    }
}

/// Sends a template that was ordered; why not is on record.
fn take_order(plan: &mut Plan<'_>, order: &TemplateOrder) {
    let _ = match (&order.choice, order.media.as_deref()) {
        (TemplateChoice::Purpose(purpose), None) => plan.send_template(purpose, &order.values),
        (choice, media) => plan.send_chosen_template(choice, &order.values, media),
    };
}

/// A person who writes consents to notices about what they write of.
pub(super) fn on_message(plan: &mut Plan<'_>, message: &SmolStr) {
    if plan.state.permission.level == ConsentLevel::None {
        let proof = proof(plan, ConsentSource::Wrote, message.clone());
        let level = ConsentLevel::Transactional;
        plan.emit(Event::ConsentChanged { level, proof });
    }
}

pub(super) fn proof(plan: &Plan<'_>, source: ConsentSource, proof: SmolStr) -> ConsentProof {
    ConsentProof {
        source,
        at: plan.now,
        proof,
    }
}
