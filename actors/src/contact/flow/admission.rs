//! Who the bot answers. Where a channel lists its numbers, the others are left to people or refused
//! in words; where it has cohorts, everybody outside them is left to people. Asked only while
//! nothing is open, so that a change of the lists never cuts a conversation in two.

use super::super::Event;
use super::super::plan::Plan;
use super::handover::{self, TransferCause};
use super::{Flow, media, say, words};
use crate::model::{Content, Message};
use crate::ports::UnknownNumbers;
use crate::texts::Key;

/// Takes a message that the bot does not answer; `false` when it does.
pub(super) fn turns_away(plan: &mut Plan<'_>, message: &Message) -> bool {
    let Some(people) = plan.settings.map(|settings| &settings.people) else {
        return false;
    };
    if people.paused {
        plan.emit(Event::Ignored {
            reason: "the channel is paused".into(),
        });
        return true;
    }
    if !plan.state.flow.is_idle() {
        return false;
    }
    let number = plan.state.profile.phone.as_ref();
    let (known, unknown) = (people.knows(number), people.unknown_numbers);
    let in_cohort = plan
        .contact()
        .is_none_or(|contact| people.is_in_cohort(contact, number));
    match unknown {
        UnknownNumbers::Refuse if !known => {
            let own = people.refusal_text.clone();
            let text = own.unwrap_or_else(|| say(plan, Key::NumberRefused, &[]));
            plan.reply(text);
        }
        UnknownNumbers::People if !known => {
            handover::leave(plan, TransferCause::Policy, words(message));
        }
        _ if !in_cohort => handover::leave(plan, TransferCause::Cohort, words(message)),
        _ => return false,
    }
    if matches!(plan.state.flow, Flow::WithPeople(_))
        && let Content::Media(file) = &message.content
    {
        media::take_silently(plan, file);
    }
    true
}
