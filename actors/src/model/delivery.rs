//! How far a message to a person came, and what of it is charged, as providers tell it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::EffectId;

/// The delivery lattice. Status only moves forward; `Failed` is terminal unless a later explicit
/// `Delivered` or `Read` proves delivery (WhatsApp Cloud API, statuses).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeliveryRank {
    /// The provider took it.
    Accepted,
    /// It left the provider.
    Sent,
    /// The provider gave up. Ranks between sent and delivered, so that proof of delivery wins.
    Failed,
    /// It reached the phone.
    Delivered,
    /// It was opened.
    Read,
    /// A voice message was played.
    Played,
}

/// How far an outgoing message came, as one provider webhook tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The effect the provider echoes.
    pub effect: EffectId,
    /// The provider's id of the message.
    pub provider_id: SmolStr,
    /// How far it came.
    pub rank: DeliveryRank,
    /// Provider error code and plain reason, for a failure.
    pub failure: Option<(u32, SmolStr)>,
}

/// How far an outgoing message came, told under the provider's own ids of the message. The contact
/// joins them to its effect: a send's answer named the message, or it did not come and exactly one
/// send still waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's ids of the message, the one that a send's answer gives first; one or two.
    pub ids: Vec<SmolStr>,
    /// How far it came.
    pub rank: DeliveryRank,
    /// Provider error code and plain reason, for a failure.
    pub failure: Option<(u32, SmolStr)>,
    /// What of the provider's own made it fail, where nothing is wrong with the message.
    pub trouble: Option<Trouble>,
}

/// Why a provider that had taken a message did not send it, although nothing is wrong with the
/// message: the same message may leave later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// Its balance is used up: nothing leaves until somebody tops it up.
    Balance,
    /// It takes no more for some minutes.
    TooFast,
    /// It or its way to WhatsApp fails.
    Failing,
}

impl Trouble {
    /// How often the same message is sent again. While a balance is used up one message in a while
    /// finds out whether it was topped up, where the provider cannot be asked.
    pub const fn tries(self) -> u8 {
        match self {
            Self::Balance => 12,
            Self::TooFast => 3,
            Self::Failing => 2,
        }
    }
}

/// Whether and as what a message is charged. Providers tell no amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Billed {
    /// The provider's ids of the message, as in [`Receipt::ids`]; a message is billed once for the
    /// first of them.
    pub ids: Vec<SmolStr>,
    /// Whether it is charged at all.
    pub billable: bool,
    /// `marketing`, `utility`, `authentication`, `service`, …
    pub category: SmolStr,
    /// The pricing model, for example `PMP`.
    pub model: SmolStr,
    /// `regular`, `free_customer_service`, `free_entry_point`, …
    pub kind: SmolStr,
    /// The provider's conversation, where the model still has them.
    pub conversation: Option<SmolStr>,
}
