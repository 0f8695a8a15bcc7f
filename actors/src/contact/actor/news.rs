//! What an input or a step says beyond the state: to the outbox, to the gateway, and to the door
//! where marketing leaves.

use super::consume::BATCH;
use super::{Contact, Life};
use crate::journal::{Journal, ReadError};
use crate::model::{InEvent, Inbound, Millis, Receipt, Seconds, TemplateCategory};
use crate::outbox;

/// How long after a provider told of trouble it is taken for what is now.
const TROUBLE_IS_NEWS_MS: u64 = 120_000;

impl<J: Journal> Contact<J> {
    /// Marketing of a person who does not want it ends where it waits and is stopped at the door where
    /// it is on its way.
    pub(super) fn heed_consent(&self, life: &mut Life) {
        let withdrawals = &self.environment.withdrawals;
        let allowed = life.state.permission.allows(TemplateCategory::Marketing);
        let refuses = allowed.is_err() && life.outbox.holds_marketing();
        withdrawals.settle(self.key, life.consumed, refuses);
        if !refuses {
            return;
        }
        let now = self.environment.clock.now();
        life.outbox.on(outbox::Event::MarketingWithdrawn, now);
    }

    /// Listens to stop words that were accepted before this contact was loaded and are not consumed.
    pub(super) async fn hear_waiting(&self, life: &Life) -> Result<(), ReadError> {
        let mut after = life.consumed;
        while life.outbox.holds_marketing() {
            let journal = &self.environment.journal;
            let inputs = journal.next_inputs(self.key, after, BATCH).await?;
            let Some((last, _)) = inputs.last() else {
                break;
            };
            after = *last;
            for (position, event) in &inputs {
                self.environment.withdrawals.hear(*position, event);
            }
        }
        Ok(())
    }

    /// What an input says about effects.
    pub(super) fn tell_outbox(&self, life: &mut Life, input: &InEvent, now: Millis) {
        let proof = match input.fact() {
            Inbound::Status(status) => Some(outbox::Event::Proof {
                effect: status.effect,
                rank: status.rank,
                provider_id: status.provider_id.clone(),
                failure: status.failure.clone(),
            }),
            Inbound::Receipt(receipt) => self.proof_by_receipt(life, input, receipt),
            _ => return,
        };
        let own_ids = matches!(input.fact(), Inbound::Receipt(_));
        let channel = life.state.channel.as_ref();
        let settings = channel.and_then(|channel| self.environment.settings.channel(channel));
        if let Some(line) = settings.and_then(|settings| settings.line_telling(own_ids)) {
            self.environment.statuses.arrived(line, now);
        }
        if let Some(proof) = proof {
            life.outbox.on(proof, now);
        }
    }

    /// What a provider did not send for reasons of its own says how its gateway goes on. Old news
    /// say nothing of it.
    pub(super) fn tell_gateway(&self, life: &Life, input: &InEvent, now: Millis) {
        let Inbound::Receipt(receipt) = input.fact() else {
            return;
        };
        let told = input.stamp.map_or(input.received, Seconds::to_millis);
        let recent = now.since(told) < TROUBLE_IS_NEWS_MS;
        let Some(trouble) = receipt.trouble.filter(|_| recent) else {
            return;
        };
        let channel = life.state.channel.as_ref();
        let settings = channel.and_then(|channel| self.environment.settings.channel(channel));
        let Some(line) = settings.and_then(|settings| settings.line_telling(true)) else {
            return;
        };
        if let Some(gateway) = self.environment.gateways.get(&line) {
            gateway.troubled(trouble, now);
        }
    }

    /// The effect a receipt speaks of: the one known by its ids, else the one whose answer is
    /// missing.
    fn proof_by_receipt(
        &self,
        life: &Life,
        input: &InEvent,
        receipt: &Receipt,
    ) -> Option<outbox::Event> {
        let known = life.state.sends.named(self.key, &receipt.ids);
        let told = input.stamp.map_or(input.received, Seconds::to_millis);
        let effect = known.or_else(|| life.outbox.unanswered(&receipt.ids, receipt.rank, told))?;
        Some(outbox::Event::Proof {
            effect,
            rank: receipt.rank,
            provider_id: receipt.ids.first().cloned().unwrap_or_default(),
            failure: receipt.failure.clone(),
        })
    }
}
