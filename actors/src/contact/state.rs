//! Everything a contact remembers between messages. Serialised it stays under 64 KiB: every
//! collection in it states its bound.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::consent::Permission;
use super::files::Files;
use super::flow::{Admission, Answer, Errand, Flow, Linking, Opening};
use super::limiter::Limiter;
use super::recent::Recent;
use super::sends::Sends;
use super::told::Told;
use crate::fold::put_state;
use crate::journal::StateBytes;
use crate::model::{
    ChannelId, EffectId, IdHash, Identity, InSeq, Key, Millis, Phone, Recipient, Seconds, TenantId,
    TicketState,
};
use crate::texts::Locale;
use crate::understand::Category;

/// Identities kept; more than a person has under the providers known today.
pub(super) const IDENTITIES: usize = 8;
/// Answers to commands kept, newest last.
pub(super) const ANSWERS: usize = 24;
/// Tickets kept, newest last.
pub(super) const TICKETS: usize = 24;

/// A contact's state: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The organisation, from the first message on.
    pub tenant: Option<TenantId>,
    /// The channel of the last message.
    pub channel: Option<ChannelId>,
    /// Whom answers go to.
    pub reply_to: Option<Recipient>,
    /// Every identity seen, at most eight; further ones are not kept.
    pub identities: Vec<Identity>,
    /// What is known of the person.
    pub profile: Profile,
    /// End of the service window.
    pub window_end: Option<Seconds>,
    /// The dedup ring.
    pub recent: Recent,
    /// The soft limit.
    pub limiter: Limiter,
    /// Where the conversation stands.
    pub flow: Flow,
    /// Tickets on their way, at most eight.
    pub opening: Vec<Opening>,
    /// The last 24 tickets.
    pub tickets: Vec<Ticket>,
    /// Delivery ranks of the last 24 messages.
    pub sends: Sends,
    /// The older contact this one was found to be.
    pub joined: Option<Key>,
    /// Messages taken in all, duplicates not counted.
    pub messages: u64,
    /// The language the person writes or asked for; the channel's until one was heard.
    pub language: Option<Locale>,
    /// What the help desk is being asked about tickets that exist, at most eight.
    pub errands: Vec<Errand>,
    /// Tickets that were not opened here and under which numbers they were shown, the last ten.
    pub shown: Vec<(u64, SmolStr)>,
    /// What the person was told of their tickets.
    pub told: Told,
    /// Messages of the conversation so far that came to nothing, from either side.
    pub talk: u16,
    /// What became of the last 24 commands of operators, newest last.
    pub answers: Vec<(IdHash, Answer)>,
    /// What may be sent to the person unasked.
    pub permission: Permission,
    /// Files on their way, at most 64.
    pub files: Files,
    /// Whether the number belongs to a user of the help desk; what waits for that answer is bounded.
    pub admission: Admission,
    /// Where the person was forgotten; what was accepted before is not taken up again.
    pub forgotten: Option<InSeq>,
    /// What is known of the person's user at the help desk.
    pub linking: Linking,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Full name as given in the conversation.
    pub name: Option<String>,
    /// Work area as given.
    pub area: Option<String>,
    /// Display name chosen at the provider.
    pub display_name: Option<SmolStr>,
    /// Phone in the spelling last written from.
    pub phone: Option<Phone>,
}

/// A ticket opened for this contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The effect that opened it.
    pub effect: EffectId,
    /// The help desk's id.
    pub id: u64,
    /// The number people read.
    pub number: SmolStr,
    /// Short summary.
    pub title: String,
    /// When it was opened.
    pub opened: Millis,
    /// Its category.
    pub category: Category,
    /// Its last known state; "new" until the help desk told another.
    pub state: TicketState,
}

impl State {
    /// The second at which the contact wants to be woken, as a function of its state alone.
    pub fn next_wake(&self) -> Option<Seconds> {
        let own = [self.flow.due(), self.admission.due()];
        own.into_iter().flatten().min()
    }

    /// Whether nothing was ever heard of this contact.
    pub fn is_new(&self) -> bool {
        self.messages == 0 && self.joined.is_none()
    }
}

impl StateBytes for State {
    fn encode(&self, out: &mut Vec<u8>) {
        put_state(self, out);
    }
}
