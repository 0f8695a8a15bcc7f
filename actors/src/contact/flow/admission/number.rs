//! Whether a number belongs to a user of the help desk: asked once, recorded, and kept for a while.

use serde::{Deserialize, Serialize};

use super::super::super::Event;
use super::super::super::plan::Plan;
use super::super::{TURN_BYTES, cut, say};
use crate::model::{Content, EffectId, Found, Message, Millis, Outcome, Phone, Report, Seconds};
use crate::ports::{HelpDeskMatch, People, UnknownNumbers};
use crate::texts::Key;

/// Messages held while the help desk is asked. A further one ends the wait as silence does, because
/// a message that was acknowledged is never dropped.
const HELD: usize = 16;
/// Bytes of them in all.
const HELD_BYTES: usize = 16 * 1_024;

/// What is known of whether a person's number belongs to a user of the help desk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Admission {
    /// The last answer.
    pub checked: Option<Checked>,
    /// The question that is open, or was given up on.
    pub asked: Option<Asked>,
}

/// An answer of the help desk's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The number that was asked for.
    pub phone: Phone,
    /// Whether it belongs to a user.
    pub known: bool,
    /// When it was answered.
    pub at: Millis,
}

/// A question to the help desk, and what waits for its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The effect that asks.
    pub effect: EffectId,
    /// The number.
    pub phone: Phone,
    /// The second after which nothing waits any longer; none once nothing does.
    pub until: Option<Seconds>,
    /// Whether the person was told that it takes longer.
    pub late_told: bool,
    /// What the person wrote meanwhile: at most 16 messages and 16 KiB, texts cut as flows cut them.
    pub held: Vec<Message>,
}

impl Admission {
    /// When the wait ends by itself.
    pub fn due(&self) -> Option<Seconds> {
        self.asked.as_ref()?.until
    }

    pub(in crate::contact) fn apply(&mut self, event: &Event) {
        match event {
            Event::NumberAsked {
                effect,
                phone,
                until,
            } => {
                self.asked = Some(Asked {
                    effect: *effect,
                    phone: phone.clone(),
                    until: Some(*until),
                    late_told: false,
                    held: Vec::new(),
                });
            }
            Event::MessageHeld(message) => {
                if let Some(asked) = &mut self.asked {
                    asked.held.push((**message).clone());
                }
            }
            Event::NumberLate { .. } => {
                if let Some(asked) = &mut self.asked {
                    asked.late_told = true;
                }
            }
            Event::NumberChecked {
                known: Some(known),
                at,
            } => {
                self.checked = self.asked.take().map(|asked| Checked {
                    phone: asked.phone,
                    known: *known,
                    at: *at,
                });
            }
            Event::NumberChecked { known: None, .. } => {
                if let Some(asked) = &mut self.asked {
                    asked.until = None;
                    asked.held.clear();
                }
            }
            _ => {}
        }
    }
}

/// How a number stands with the help desk.
pub(super) enum Standing {
    /// It belongs to a user.
    Known,
    /// It does not.
    Unknown,
    /// Nobody can tell, and this is what then becomes of it.
    Silent(UnknownNumbers),
    /// The help desk is being asked, and the message is held.
    Held,
}

/// How an unlisted number stands, asking for it where that is not known.
pub(super) fn standing(plan: &mut Plan<'_>, people: &People, message: &Message) -> Standing {
    let (Some(matching), Some(phone)) = (people.help_desk_match, plan.state.profile.phone.clone())
    else {
        return Standing::Unknown;
    };
    if let Some(known) = fresh(plan, matching, &phone) {
        return match known {
            true => Standing::Known,
            false => Standing::Unknown,
        };
    }
    if !fits(&[], message) {
        return Standing::Silent(matching.silent);
    }
    let Some(effect) = plan.ask_person(matching.wait_ms) else {
        return Standing::Silent(matching.silent);
    };
    let until = plan.now.plus_ms(matching.wait_ms).ceil_seconds();
    plan.emit(Event::NumberAsked {
        effect,
        phone,
        until,
    });
    hold(plan, message);
    plan.show_typing(message.provider_id.clone());
    Standing::Held
}

/// Takes a message behind those that are held, also when the lists let it through by now: what one
/// person writes is answered in its order.
pub(super) fn take_behind(plan: &mut Plan<'_>, message: &Message) {
    if !hold(plan, message) {
        take_silence(plan);
        let policy = policy(plan, None);
        super::take_held(plan, message, policy);
    }
}

/// The answer for this number, while it holds.
fn fresh(plan: &Plan<'_>, matching: HelpDeskMatch, phone: &Phone) -> Option<bool> {
    let checked = plan.state.admission.checked.as_ref()?;
    let same = checked.phone.canonical() == phone.canonical();
    let holds = plan.now < checked.at.plus_ms(matching.keep_ms);
    (same && holds).then_some(checked.known)
}

/// Holds a message; `false` when no more can be held.
fn hold(plan: &mut Plan<'_>, message: &Message) -> bool {
    let mut message = message.clone();
    if let Content::Text(text) = &mut message.content {
        text.truncate(cut(text, TURN_BYTES).len());
    }
    let asked = plan.state.admission.asked.as_ref();
    let held = asked.map_or(&[][..], |asked| &asked.held);
    let room = fits(held, &message);
    if room {
        plan.emit(Event::MessageHeld(Box::new(message)));
    }
    room
}

fn fits(held: &[Message], message: &Message) -> bool {
    let size = |message: &Message| postcard::to_stdvec(message).map_or(HELD_BYTES, |it| it.len());
    let bytes: usize = held.iter().chain([message]).map(size).sum();
    held.len() < HELD && bytes <= HELD_BYTES
}

/// Takes what the help desk told of the number, or that it takes long; `false` when the report
/// belongs to no such question.
pub(in crate::contact::flow) fn take_report(plan: &mut Plan<'_>, report: &Report) -> bool {
    let asked = plan.state.admission.asked.as_ref();
    let Some(asked) = asked.filter(|asked| asked.effect == report.effect) else {
        return false;
    };
    let (waits, late_told) = (asked.until.is_some(), asked.late_told);
    let known = match &report.outcome {
        Outcome::Done(reply) => match reply.found.as_deref() {
            Some(Found::Known) => Some(true),
            Some(Found::Stranger) => Some(false),
            _ => None,
        },
        Outcome::Failed { .. } | Outcome::Shelved { .. } => None,
        Outcome::Late | Outcome::RetryAt { .. } | Outcome::InDoubt { .. } => {
            if waits && !late_told {
                plan.emit(Event::NumberLate {
                    effect: report.effect,
                });
                plan.notify(say(plan, Key::NumberChecking, &[]));
            } else {
                plan.emit(Event::Ignored {
                    reason: "the person knows that it takes longer".into(),
                });
            }
            return true;
        }
    };
    if report.outcome.is_final() {
        plan.close(report.effect);
    }
    match (waits, known) {
        (true, known) => end(plan, known),
        (false, Some(_)) => plan.emit(Event::NumberChecked {
            known,
            at: plan.now,
        }),
        (false, None) => plan.emit(Event::Ignored {
            reason: "nothing waits for the help desk any longer".into(),
        }),
    }
    true
}

/// The help desk was silent for as long as anything waits.
pub(in crate::contact::flow) fn take_silence(plan: &mut Plan<'_>) {
    end(plan, None);
}

/// Ends the wait: what was held goes its way, in order.
fn end(plan: &mut Plan<'_>, known: Option<bool>) {
    let asked = plan.state.admission.asked.as_ref();
    let held = asked.map(|asked| asked.held.clone()).unwrap_or_default();
    plan.emit(Event::NumberChecked {
        known,
        at: plan.now,
    });
    if let Some(older) = plan.state.joined {
        for message in held {
            plan.tell(older, crate::model::Inbound::Message(message));
        }
        return;
    }
    let policy = policy(plan, known);
    for (index, message) in held.iter().enumerate() {
        let refused = policy == UnknownNumbers::Refuse && plan.state.flow.is_idle();
        match index > 0 && refused {
            true => plan.emit(Event::Ignored {
                reason: "the number was refused just now".into(),
            }),
            false => super::take_held(plan, message, policy),
        }
    }
}

/// What becomes of a number by what the help desk told of it, or did not.
fn policy(plan: &Plan<'_>, known: Option<bool>) -> UnknownNumbers {
    let people = plan.settings.map(|settings| &settings.people);
    let silent = |people: &People| people.help_desk_match.map(|matching| matching.silent);
    match known {
        Some(true) => UnknownNumbers::Accept,
        Some(false) => people.map_or_else(Default::default, |people| people.unknown_numbers),
        None => people.and_then(silent).unwrap_or_default(),
    }
}
