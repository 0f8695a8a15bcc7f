//! Who writes, what, and how the provider delivers it: again until it is acknowledged, sometimes
//! twice, sometimes much later, sometimes in another order.

use crate::journal::disk::sim::Dice;
use crate::model::{
    ChannelId, Content, GatewayId, Identity, IdentityKey, InEvent, Inbound, Key, Message, Millis,
    Name, Phone, TenantId,
};
use crate::ports::{ChannelSettings, Mode, UtcOffset};

const LINES: [&str; 12] = [
    "hola",
    "mi impresora no imprime",
    "Ana Torres, Ventas",
    "sí",
    "la laptop no prende desde ayer",
    "es urgente, tengo cierre de mes",
    "Luis Quispe de Contabilidad",
    "no, es la impresora",
    "gracias",
    "cancelar",
    "no tengo internet en la oficina",
    "¿cómo va mi ticket?",
];

/// The tenant's two channels and everybody who writes to them.
#[derive(Debug)]
pub(super) struct People {
    pub(super) identity: IdentityKey,
    pub(super) channels: [ChannelSettings; 2],
    pub(super) messages: GatewayId,
    pub(super) help_desk: GatewayId,
}

/// One webhook body.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) events: Vec<InEvent>,
    pub(super) tries: u32,
}

impl People {
    pub(super) fn new() -> Self {
        let name = |text| Name::new(text).expect("a legal name");
        let tenant: TenantId = name("world");
        let messages = GatewayId::of("meta", &tenant, &name("line"));
        let help_desk = GatewayId::of("glpi", &tenant, &name("desk"));
        let channel = |text, mode| ChannelSettings {
            id: ChannelId::of(&tenant, &name(text)),
            name: name(text),
            tenant: tenant.clone(),
            tenant_name: "World".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3_600),
            mode,
            messages,
            own_ids: false,
            help_desk: Some(help_desk),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 1_000,
            interim_after_ms: 8_000,
        };
        let queue = Mode::Queue {
            merge_interval_ms: 15_000,
        };
        Self {
            identity: IdentityKey::new(&[4; 32]),
            channels: [channel("guided", Mode::Dialogue), channel("queue", queue)],
            messages,
            help_desk,
        }
    }

    /// What person `nth` writes, as the provider's message number `number`, at `now`.
    pub(super) fn message(&self, nth: u64, number: u64, now: Millis, dice: &mut Dice) -> InEvent {
        let channel = &self.channels[(nth % 2) as usize];
        let phone = Phone::parse(&format!("5199900{:04}", nth % 10_000)).expect("ten digits");
        let line = LINES[dice.below(LINES.len() as u64) as usize];
        let provider_id = format!("wamid.in.{nth}.{number}");
        let identity = Identity::Phone(phone.clone());
        InEvent {
            key: Key::Contact(self.identity.contact_id(&channel.tenant, &identity)),
            id: self.identity.id_hash(b"meta", provider_id.as_bytes()),
            stamp: Some(now.floor_seconds()),
            received: now,
            body: Inbound::Message(Message {
                tenant: channel.tenant.clone(),
                channel: channel.id,
                provider_id: provider_id.into(),
                from: Some(phone),
                identities: vec![identity],
                profile_name: None,
                context: None,
                content: Content::Text(line.to_owned()),
            }),
        }
    }

    pub(super) fn channel(&self, id: ChannelId) -> Option<&ChannelSettings> {
        self.channels.iter().find(|channel| channel.id == id)
    }
}
