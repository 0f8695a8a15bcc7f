//! What providers tell under ids of their own: how far a message came and what it is charged as.
//!
//! The name of a message is learnt from the report of its send. A receipt that comes first is kept;
//! one that concerns a message of an older self of this contact is passed on to it.

use smol_str::SmolStr;

use super::Event;
use super::State;
use super::plan::Plan;
use crate::model::{
    Billed, Class, DeliveryRank, Effect, EffectId, Inbound, Key, Outcome, Receipt, Report,
};

/// The message that an input says was not sent for reasons of the provider's, and that may leave
/// again: its shell looks up how it was decided.
pub fn repeatable(state: &State, own: Key, input: &Inbound) -> Option<EffectId> {
    let (effect, trouble) = match input {
        Inbound::Receipt(receipt) => (state.sends.named(own, &receipt.ids)?, receipt.trouble?),
        Inbound::Report(report) => {
            let Outcome::Done(reply) = &report.outcome else {
                return None;
            };
            let mut early = state.sends.early(&reply.id);
            (report.effect, early.find_map(|receipt| receipt.trouble)?)
        }
        _ => return None,
    };
    (state.sends.tries(effect) < trouble.tries()).then_some(effect)
}

/// Takes how far a message came.
pub(super) fn take_receipt(
    plan: &mut Plan<'_>,
    own: Key,
    older: Option<Key>,
    receipt: &Receipt,
    again: Option<&Effect>,
) {
    match plan.state.sends.named(own, &receipt.ids) {
        Some(effect) => {
            if plan.state.sends.learns(effect, &receipt.ids) {
                let ids = receipt.ids.clone();
                plan.emit(Event::SendNamed { effect, ids });
            }
            if plan.state.sends.advances(effect, receipt.rank) {
                plan.emit(Event::DeliveryAdvanced {
                    effect,
                    rank: receipt.rank,
                    failure: failure(receipt),
                });
                send_again(plan, effect, receipt, again);
            } else {
                ignore(plan, "receipt says nothing new");
            }
        }
        None => match older {
            Some(older) => plan.tell(older, Inbound::Receipt(receipt.clone())),
            None => plan.emit(Event::ReceiptKept(receipt.clone())),
        },
    }
}

/// Takes how a message's send ended, if it is one of the remembered ones and not a ticket.
pub(super) fn take_report(plan: &mut Plan<'_>, report: &Report, again: Option<&Effect>) -> bool {
    let effect = report.effect;
    if !plan.state.sends.holds(effect) {
        return false;
    }
    match &report.outcome {
        Outcome::Done(reply) => {
            let kept: Vec<Receipt> = plan.state.sends.early(&reply.id).cloned().collect();
            let mut ids = vec![reply.id.clone()];
            let further = kept.iter().flat_map(|receipt| &receipt.ids);
            ids.extend(further.filter(|id| **id != reply.id).cloned());
            plan.emit(Event::SendNamed { effect, ids });
            for receipt in &kept {
                if plan.state.sends.advances(effect, receipt.rank) {
                    plan.emit(Event::DeliveryAdvanced {
                        effect,
                        rank: receipt.rank,
                        failure: failure(receipt),
                    });
                    send_again(plan, effect, receipt, again);
                }
            }
            plan.close(effect);
        }
        Outcome::Failed { code, reason } => {
            let rank = DeliveryRank::Failed;
            if plan.state.sends.advances(effect, rank) {
                plan.emit(Event::DeliveryAdvanced {
                    effect,
                    rank,
                    failure: Some((*code, reason.clone())),
                });
            } else {
                ignore(plan, "the message had failed before");
            }
            plan.close(effect);
        }
        Outcome::Shelved { .. }
        | Outcome::Late
        | Outcome::RetryAt { .. }
        | Outcome::InDoubt { .. } => ignore(plan, "the message waits for an operator"),
    }
    true
}

/// Takes what a message is charged as.
pub(super) fn take_billed(plan: &mut Plan<'_>, own: Key, older: Option<Key>, billed: &Billed) {
    let effect = plan.state.sends.named(own, &billed.ids);
    if let (None, Some(older)) = (effect, older) {
        return plan.tell(older, Inbound::Billed(billed.clone()));
    }
    plan.emit(Event::MessageBilled {
        effect,
        billable: billed.billable,
        category: billed.category.clone(),
    });
}

/// Sends the same message once more: it was surely not sent, and it is as good as before. Paid
/// messages are not sent again by themselves.
fn send_again(plan: &mut Plan<'_>, failed: EffectId, receipt: &Receipt, again: Option<&Effect>) {
    let wanted = |again: &&Effect| again.id == failed && again.class == Class::Reply;
    if receipt.trouble.is_some()
        && receipt.rank == DeliveryRank::Failed
        && let Some(again) = again.filter(wanted)
    {
        plan.send_again(again);
    }
}

fn failure(receipt: &Receipt) -> Option<(u32, SmolStr)> {
    receipt
        .failure
        .clone()
        .filter(|_| receipt.rank == DeliveryRank::Failed)
}

fn ignore(plan: &mut Plan<'_>, reason: &'static str) {
    plan.emit(Event::Ignored {
        reason: SmolStr::new_static(reason),
    });
}
