//! Who the bot answers. Where a channel lists its numbers, or asks the help desk whose they are, the
//! others are left to people or refused in words; where it has cohorts, everybody outside them is left
//! to people. Asked only while nothing is open, so that a change of the lists never cuts a
//! conversation in two.
//!
//! While the help desk is asked ([`number`]) what the person writes is held, in order, and goes its
//! way when the answer is there, when the wait is over, or when no more can be held.

mod number;

pub use number::{Admission, Asked, Checked};
pub(super) use number::{take_report, take_silence};

use super::super::Event;
use super::super::plan::Plan;
use super::handover::{self, TransferCause};
use super::{Flow, media, say, words};
use crate::model::{Content, Message};
use crate::ports::UnknownNumbers;
use crate::texts::Key;

use number::Standing;

/// Takes a message that the bot does not answer, or not yet; `false` when it does.
pub(super) fn turns_away(plan: &mut Plan<'_>, message: &Message) -> bool {
    let Some(people) = plan.settings.map(|settings| &settings.people) else {
        return false;
    };
    if people.paused {
        return ignore(plan);
    }
    if !plan.state.flow.is_idle() {
        return false;
    }
    if plan.state.admission.due().is_some() {
        number::take_behind(plan, message);
        return true;
    }
    let number = plan.state.profile.phone.as_ref();
    let unlisted = people.unknown_numbers != UnknownNumbers::Accept && !people.knows(number);
    let policy = match unlisted {
        false => UnknownNumbers::Accept,
        true => match number::standing(plan, people, message) {
            Standing::Known => UnknownNumbers::Accept,
            Standing::Unknown => people.unknown_numbers,
            Standing::Silent(policy) => policy,
            Standing::Held => return true,
        },
    };
    leaves(plan, message, policy)
}

/// Takes a message that was held, now that it is known what becomes of the number. What opened a
/// conversation before it answers it.
fn take_held(plan: &mut Plan<'_>, message: &Message, policy: UnknownNumbers) {
    if handover::take_message(plan, message) {
        return;
    }
    let paused = plan.settings.is_some_and(|settings| settings.people.paused);
    let left = match (paused, plan.state.flow.is_idle()) {
        (true, _) => ignore(plan),
        (false, true) => leaves(plan, message, policy),
        (false, false) => false,
    };
    if !left {
        super::take_admitted(plan, message);
    }
}

fn ignore(plan: &mut Plan<'_>) -> bool {
    plan.emit(Event::Ignored {
        reason: "the channel is paused".into(),
    });
    true
}

/// Does with a message what the policy says and the cohorts ask for; `false` when the bot answers it.
fn leaves(plan: &mut Plan<'_>, message: &Message, policy: UnknownNumbers) -> bool {
    let Some(people) = plan.settings.map(|settings| &settings.people) else {
        return false;
    };
    let number = plan.state.profile.phone.as_ref();
    let in_cohort = plan
        .contact()
        .is_none_or(|contact| people.is_in_cohort(contact, number));
    match policy {
        UnknownNumbers::Refuse => {
            let own = people.refusal_text.clone();
            let text = own.unwrap_or_else(|| say(plan, Key::NumberRefused, &[]));
            plan.reply(text);
        }
        UnknownNumbers::People => handover::leave(plan, TransferCause::Policy, words(message)),
        UnknownNumbers::Accept if !in_cohort => {
            handover::leave(plan, TransferCause::Cohort, words(message));
        }
        UnknownNumbers::Accept => return false,
    }
    if matches!(plan.state.flow, Flow::WithPeople(_))
        && let Content::Media(file) = &message.content
    {
        media::take_silently(plan, file);
    }
    true
}
