//! Who wrote a message.
//!
//! Since usernames, a webhook may name a person by number, by business-scoped user id, by the id of
//! the business's parent, or by several of them, in the message, in `contacts` or in a system
//! message about a change (WhatsApp Cloud API, identifiers). All of them are kept as identities.

use actors::model::{Identity, Phone};

use super::wire;

/// A country code, `.ENT.` and up to 128 characters.
const USER_ID_MAX: usize = 140;

/// Who wrote a message, under every name the webhook gives.
pub(in crate::http::webhooks) struct Person {
    /// The first one makes the contact id: a phone number before a user id.
    pub identities: Vec<Identity>,
    /// The spelling to answer to.
    pub answer_to: Option<Phone>,
}

impl Person {
    pub fn of(message: &wire::Message<'_>, contact: Option<&wire::Contact<'_>>) -> Self {
        let no_change = wire::System::default();
        let change = message.system.as_ref().unwrap_or(&no_change);
        let no_contact = wire::Contact::default();
        let contact = contact.unwrap_or(&no_contact);
        // After a change of number the sender is the old one and answers go to the new one.
        let [from, wa_id, changed] =
            [&message.from, &contact.wa_id, &change.wa_id].map(|text| Phone::parse(&text.0).ok());
        let answer_to = [&changed, &from, &wa_id]
            .into_iter()
            .flatten()
            .next()
            .cloned();
        let phones = [from, wa_id, changed].into_iter().flatten();
        let user_ids = [
            &message.from_user_id,
            &contact.user_id,
            &change.previous_user_id,
            &change.user_id,
            &message.from_parent_user_id,
            &contact.parent_user_id,
            &change.previous_parent_user_id,
            &change.parent_user_id,
        ];
        let user_ids = user_ids.into_iter().filter_map(wire::Text::some);
        let user_ids = user_ids.filter(|id| id.len() <= USER_ID_MAX);
        let mut identities: Vec<Identity> = Vec::with_capacity(4);
        let all = phones
            .map(Identity::Phone)
            .chain(user_ids.map(|id| Identity::UserId(id.into())));
        for identity in all {
            if !identities.contains(&identity) {
                identities.push(identity);
            }
        }
        Self {
            identities,
            answer_to,
        }
    }
}

/// The entry of `contacts` that describes the sender of a message: the one that agrees with it, or
/// the only one if it does not disagree.
pub(in crate::http::webhooks) fn contact_of<'c, 'a>(
    message: &wire::Message<'_>,
    contacts: &'c [wire::Contact<'a>],
) -> Option<&'c wire::Contact<'a>> {
    let number = |text: &wire::Text<'_>| Phone::parse(&text.0).ok().map(|p| p.canonical());
    let from = number(&message.from);
    let describes = |contact: &&wire::Contact<'_>| {
        let by_number = number(&contact.wa_id)
            .zip(from.as_ref())
            .map(|(a, b)| a == *b);
        let user_ids = contact.user_id.some().zip(message.from_user_id.some());
        match (by_number, user_ids.map(|(a, b)| a == b)) {
            (None, None) => contacts.len() == 1,
            (by_number, by_user_id) => by_number != Some(false) && by_user_id != Some(false),
        }
    };
    contacts.iter().find(describes)
}
