//! Effects on files: from the person or the help desk into the store, and from there onto a ticket.

use super::Plan;
use crate::model::{
    Call, Class, Effect, EffectId, Fetch, GatewayId, Lane, Media, Priority, TicketFile,
};

/// WhatsApp keeps a file that a person sent for 7 days, in milliseconds.
const MEDIA_LIFE_MS: u64 = 7 * 86_400_000;
/// A technician's file that could not be had for so long is only told of, in milliseconds: it stays
/// on its ticket, and the service window may close meanwhile.
const DESK_FILE_LIFE_MS: u64 = 3_600_000;

impl Plan<'_> {
    /// Has a file fetched into the store; `None` when the channel was deleted.
    pub fn fetch(&mut self, media: &Media) -> Option<EffectId> {
        let settings = self.settings?;
        let id = self.next_effect_id();
        let life = self.now.plus_ms(MEDIA_LIFE_MS);
        let fetch = Fetch {
            tenant: settings.tenant.clone(),
            media: Media {
                caption: None,
                ..media.clone()
            },
        };
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Notification,
            class: Class::Repeatable,
            gateway: Some(self.own_line(settings.media, |second| second.media)),
            expires: Some(media.expires.map_or(life, |expires| expires.min(life))),
            report: true,
            call: Call::FetchMedia(Box::new(fetch)),
        });
        Some(id)
    }

    /// Has a file of a help desk's fetched into the store; `None` when the channel was deleted.
    pub fn fetch_from(&mut self, help_desk: GatewayId, media: Media) -> Option<EffectId> {
        let tenant = self.settings?.tenant.clone();
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Free,
            priority: Priority::Notification,
            class: Class::Repeatable,
            gateway: Some(help_desk),
            expires: Some(self.now.plus_ms(DESK_FILE_LIFE_MS)),
            report: true,
            call: Call::FetchMedia(Box::new(Fetch { tenant, media })),
        });
        Some(id)
    }

    /// Puts a file of the store onto a ticket; `None` when the channel has no help desk.
    pub fn attach(&mut self, file: TicketFile) -> Option<EffectId> {
        let help_desk = self.settings?.help_desk?;
        let id = self.next_effect_id();
        self.effects.push(Effect {
            id,
            lane: Lane::Ticket(file.ticket),
            priority: Priority::Notification,
            class: Class::Searchable,
            gateway: Some(help_desk),
            expires: None,
            report: true,
            call: Call::AttachFile(Box::new(file)),
        });
        Some(id)
    }
}
