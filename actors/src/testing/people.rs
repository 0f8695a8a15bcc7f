//! Who writes, what, and how the provider delivers it: again until it is acknowledged, sometimes
//! twice, sometimes much later, sometimes in another order.
//!
//! Two organisations with numbers of their own. Some people are known by phone, some hide it behind a
//! business-scoped user id until later, and some are named by both at once.

use std::sync::Arc;

use crate::journal::disk::sim::Dice;
use crate::model::{
    ChannelId, Command, ConsentLevel, ConsentNote, Content, GatewayId, Identity, IdentityKey,
    InEvent, Inbound, Key, Media, MediaKind, Message, Millis, Name, Notices, Phone,
    TemplateCategory, TemplateChoice, TemplateOrder, TenantId, Wish,
};
use crate::ports::{
    self, ChannelSettings, HelpDeskMatch, Mode, Opens, Queue, SecondLine, Sending, UnknownNumbers,
    UtcOffset,
};
use crate::templates::{Approval, Catalogue, Header, Template};

/// What makes the decision panic until somebody has repaired it.
pub(super) const POISON: &str = "gira";

/// The domain of the e-mails in [`LINES`].
const LINK_DOMAIN: &str = "empresa.pe";

const LINES: [&str; 21] = [
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
    "estado del ticket 3",
    "estado del ticket 999",
    "quiero hablar con una persona",
    "pésimo servicio",
    "BAJA",
    "salir",
    "vincular mi correo",
    "ana@empresa.pe",
    "vincular mi correo luis@empresa.pe",
];

/// A template of each kind.
const NOTICE: &str = "ticket_update";
const PROMO: &str = "promo";

fn catalogue() -> Catalogue {
    let template = |name: &str, category, body: &str| Template {
        name: name.into(),
        language: "es".into(),
        category,
        approval: Approval::Approved,
        provider_id: "".into(),
        second_id: None,
        header: Header::None,
        body: body.to_owned(),
        footer: String::new(),
        buttons: Vec::new(),
        rests: false,
    };
    Catalogue {
        templates: vec![
            template(
                NOTICE,
                TemplateCategory::Utility,
                "Hola {{1}}, novedades de tu ticket {{2}}: {{3}}.",
            ),
            template(PROMO, TemplateCategory::Marketing, "Hola {{1}}"),
        ],
        ..Catalogue::default()
    }
}

/// The organisations' channels and everybody who writes to them.
#[derive(Debug)]
pub(super) struct People {
    pub(super) identity: IdentityKey,
    pub(super) channels: [ChannelSettings; 3],
}

/// One webhook body.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) events: Vec<InEvent>,
    pub(super) tries: u32,
}

/// Somebody who writes to one channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) nth: u64,
    /// Their messages before this number hide the phone, ...
    pub(super) hidden_until: u64,
    /// ... and those from this number on name the user id beside the phone.
    pub(super) both_from: u64,
}

impl Person {
    /// Half of the people have a phone and nothing else.
    pub(super) fn nth(nth: u64, dice: &mut Dice) -> Self {
        let plain = dice.below(2) == 0;
        let (hidden_until, both_from) = match plain {
            true => (0, u64::MAX),
            false => (dice.below(6), dice.below(8)),
        };
        Self {
            nth,
            hidden_until,
            both_from,
        }
    }

    fn phone(self) -> Phone {
        Phone::parse(&format!("5199900{:04}", self.nth % 10_000)).expect("eleven digits")
    }

    /// Everything the person is known by.
    pub(super) fn names(self) -> [Identity; 2] {
        let user_id = Identity::UserId(format!("PE.{}", self.nth).into());
        [Identity::Phone(self.phone()), user_id]
    }

    /// The names that the provider gives with a message, the one that makes the contact id first.
    fn identities(self, number: u64) -> Vec<Identity> {
        let [phone, user_id] = self.names();
        if number < self.hidden_until {
            return vec![user_id];
        }
        if number < self.both_from {
            return vec![phone];
        }
        vec![phone, user_id]
    }
}

impl People {
    pub(super) fn new() -> Self {
        let name = |text| Name::new(text).expect("a legal name");
        let queues = queues();
        let templates = Arc::new(catalogue());
        let channel = |tenant, text, mode| {
            let tenant: TenantId = name(tenant);
            ChannelSettings {
                id: ChannelId::of(&tenant, &name(text)),
                name: name(text),
                tenant_name: "World".into(),
                locale: "es".into(),
                utc_offset: UtcOffset::fixed(-5 * 3_600),
                mode,
                messages: GatewayId::of("meta", &tenant, &name(text)),
                media: GatewayId::of_media(&tenant, &name(text)),
                second: None,
                own_ids: None,
                help_desk: Some(GatewayId::of("glpi", &tenant, &name("desk"))),
                ticket_prefix: "TK".into(),
                soft_limit_per_minute: 1_000,
                interim_after_ms: 8_000,
                notices: Notices::ALL,
                link_domains: [LINK_DOMAIN.into()].into(),
                people: queues.clone(),
                sending: Sending {
                    templates: templates.clone(),
                    tells_consent: None,
                },
                tenant,
            }
        };
        let queue = Mode::Queue {
            merge_interval_ms: 15_000,
        };
        let mut asking = channel("north", "guided", Mode::Dialogue);
        asking.people = only_users(asking.people);
        let mut two_lines = channel("south", "guided", Mode::Dialogue);
        let second = SecondLine {
            messages: GatewayId::of("gupshup", &two_lines.tenant, &two_lines.name),
            media: GatewayId::of_media(&two_lines.tenant, &name("guided-second")),
        };
        two_lines.second = Some(second);
        two_lines.own_ids = Some(second.messages);
        Self {
            identity: IdentityKey::new(&[4; 32]),
            channels: [asking, channel("north", "queue", queue), two_lines],
        }
    }

    /// What an operator orders for a person at `now`: mostly marketing, after consent was noted.
    pub(super) fn order(
        &self,
        person: Person,
        number: u64,
        now: Millis,
        dice: &mut Dice,
    ) -> InEvent {
        let channel = &self.channels[(person.nth % 3) as usize];
        let identity = Identity::Phone(person.phone());
        let contact = self.identity.contact_id(&channel.tenant, &identity);
        let body = match dice.below(4) {
            0 => Inbound::ConsentNoted(ConsentNote {
                level: Some(ConsentLevel::Marketing),
                marketing_refused: None,
                by: "ana".into(),
                proof: "form".into(),
            }),
            rolled => Inbound::TemplateOrdered(TemplateOrder {
                client_id: format!("o-{number}").into(),
                choice: TemplateChoice::Purpose(if rolled == 1 { NOTICE } else { PROMO }.into()),
                values: vec!["Ana".into()],
                media: None,
            }),
        };
        let id = format!("{}/{number}", person.nth);
        InEvent {
            key: Key::Contact(contact),
            id: self.identity.id_hash(b"order", id.as_bytes()),
            stamp: None,
            received: now,
            body,
        }
    }

    /// What a person writes, as the provider's message number `number`, at `now`.
    pub(super) fn message(
        &self,
        person: Person,
        number: u64,
        now: Millis,
        dice: &mut Dice,
    ) -> InEvent {
        let channel = &self.channels[(person.nth % 3) as usize];
        let line = match dice.below(40) {
            0 => POISON,
            _ => LINES[dice.below(LINES.len() as u64) as usize],
        };
        let content = match dice.below(8) {
            0 if line != POISON => photo(number, (dice.below(3) == 0).then_some(line)),
            _ => Content::Text(line.to_owned()),
        };
        let provider_id = format!("wamid.in.{}.{number}", person.nth);
        let identities = person.identities(number);
        let shown = identities.contains(&Identity::Phone(person.phone()));
        let contact = self.identity.contact_id(&channel.tenant, &identities[0]);
        InEvent {
            key: Key::Contact(contact),
            id: self.identity.id_hash(b"meta", provider_id.as_bytes()),
            stamp: Some(now.floor_seconds()),
            received: now,
            body: Inbound::Message(Message {
                tenant: channel.tenant.clone(),
                channel: channel.id,
                second_line: false,
                provider_id: provider_id.into(),
                from: shown.then(|| person.phone()),
                identities,
                profile_name: None,
                context: None,
                content,
            }),
        }
    }

    /// What an operator does with a person's conversation, as the client's command number `number`.
    pub(super) fn command(
        &self,
        person: Person,
        number: u64,
        now: Millis,
        dice: &mut Dice,
    ) -> InEvent {
        let channel = &self.channels[(person.nth % 3) as usize];
        let identities = person.identities(number);
        let contact = self.identity.contact_id(&channel.tenant, &identities[0]);
        let name = format!("{}.{number}", person.nth);
        let wish = match dice.below(8) {
            0 => Wish::HandBack,
            1 => Wish::Close,
            2 => Wish::HandOver { queue: None },
            3 => Wish::Take {
                operator: "ana".into(),
            },
            _ => Wish::Say {
                text: format!("ya lo veo ({name})"),
            },
        };
        InEvent {
            key: Key::Contact(contact),
            id: self.identity.id_hash(b"operator", name.as_bytes()),
            stamp: None,
            received: now,
            body: Inbound::Operator(Command {
                tenant: channel.tenant.clone(),
                by: "ana".into(),
                wish,
            }),
        }
    }

    pub(super) fn channel(&self, id: ChannelId) -> Option<&ChannelSettings> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub(super) fn is_help_desk(&self, gateway: Option<GatewayId>) -> bool {
        let mut channels = self.channels.iter();
        gateway.is_some() && channels.any(|channel| channel.help_desk == gateway)
    }
}

/// A photo, with a line below it or without.
fn photo(number: u64, caption: Option<&str>) -> Content {
    Content::Media(Box::new(Media {
        kind: MediaKind::Image,
        id: Some(format!("{number}").into()),
        link: None,
        expires: None,
        mime: "image/jpeg".into(),
        digest: None,
        caption: caption.map(str::to_owned),
        file_name: None,
    }))
}

/// One queue, with a ticket for each transfer, that takes over what comes to nothing.
fn queues() -> ports::People {
    let name = Name::new("support").expect("a legal name");
    let queue = Queue {
        name: name.clone(),
        hours: None,
        closed_text: None,
        idle_ms: 120_000,
        opens: Some(Opens {
            merge_interval_ms: 15_000,
            number_told: true,
        }),
        tells_tickets: true,
    };
    ports::People {
        queue: Some(name),
        queues: [queue.into()].into(),
        messages_max: 6,
        ..ports::People::default()
    }
}

/// The bot answers users of the help desk alone, and everybody while it is silent.
fn only_users(people: ports::People) -> ports::People {
    ports::People {
        unknown_numbers: UnknownNumbers::People,
        help_desk_match: Some(HelpDeskMatch {
            wait_ms: 15_000,
            keep_ms: 120_000,
            silent: UnknownNumbers::Accept,
        }),
        ..people
    }
}

/// Whether deciding this fact panics as long as nobody has repaired it.
pub(super) fn is_poison(input: &InEvent) -> bool {
    match input.fact() {
        Inbound::Message(message) => message.content == Content::Text(POISON.to_owned()),
        _ => false,
    }
}
