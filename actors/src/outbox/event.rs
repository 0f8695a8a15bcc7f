//! What an outbox is told.

use smol_str::SmolStr;

use crate::model::{AttemptNo, DeliveryRank, EffectId, GatewayId, Millis};
use crate::ports::{Called, LookedUp};

/// What an outbox is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A `Send` went to this line. Told before anything else about the try.
    Taken {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// The line.
        line: GatewayId,
    },
    /// A planned effect is worth trying only later. Forgotten by a restart.
    NotBefore {
        /// The effect.
        effect: EffectId,
        /// When.
        until: Millis,
    },
    /// The gateway's answer to a `Send`.
    Called {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// What is known.
        called: Called,
    },
    /// The gateway did not begin: circuit open, gate full, or `Sending` could not be recorded.
    /// Nothing is on record for this try; it burns none.
    NotStarted {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// When it is worth asking again; a second later when unknown.
        until: Option<Millis>,
    },
    /// The try probed a half-open circuit and was surely not done. It is on record, but burns no
    /// try, so that an outage does not end in dead letters.
    Spared {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// When it is worth asking again.
        until: Millis,
        /// What was seen.
        reason: SmolStr,
    },
    /// No gateway may be asked: the connection was deleted, the person withdrew their consent, or the
    /// day's templates are used up. It fails. Nothing is on record for this try, unless it was
    /// committed with its step.
    Undeliverable {
        /// The effect.
        effect: EffectId,
        /// Which try.
        no: AttemptNo,
        /// Why.
        reason: SmolStr,
    },
    /// The person no longer consents to marketing: what waits of it is never sent.
    MarketingWithdrawn,
    /// The answer to a `LookUp`.
    LookedUp {
        /// The effect.
        effect: EffectId,
        /// What was found.
        looked: LookedUp,
    },
    /// A status that names the effect: settles doubt and corrects the record.
    Proof {
        /// The effect.
        effect: EffectId,
        /// How far it came.
        rank: DeliveryRank,
        /// The provider's id of the message.
        provider_id: SmolStr,
        /// Code and plain reason, for a failure.
        failure: Option<(u32, SmolStr)>,
    },
    /// The other entity's input is durable.
    Told {
        /// The effect.
        effect: EffectId,
    },
    /// A step has taken note of these reports.
    Closed {
        /// The effects.
        effects: Vec<EffectId>,
    },
    /// Status webhooks of this channel arrive, of whatever message.
    StatusesSeen {
        /// When.
        at: Millis,
    },
    /// A gateway's circuit opened or closed. Optional: [`Event::NotStarted`] tells it too.
    Circuit {
        /// The gateway.
        gateway: GatewayId,
        /// Whether it is open now.
        open: bool,
    },
    /// An operator sends a shelved effect again; it joins the end of its lane.
    Redriven {
        /// The effect.
        effect: EffectId,
    },
    /// An operator gives a shelved effect up.
    Dismissed {
        /// The effect.
        effect: EffectId,
    },
}

impl Event {
    /// Whether this ends what an [`super::Action::Send`] began.
    pub const fn answers_a_send(&self) -> bool {
        matches!(
            self,
            Self::Called { .. }
                | Self::NotStarted { .. }
                | Self::Spared { .. }
                | Self::Undeliverable { .. }
        )
    }
}
