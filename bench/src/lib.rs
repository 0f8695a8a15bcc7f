//! What the benchmarks have in common: one contact of a small company, a message of theirs, and what
//! came of it.

use actors::contact::{self, Context, Decision, State, encode_events};
use actors::model::{
    ChannelId, Content, GatewayId, Identity, IdentityKey, InEvent, InSeq, Inbound, Key, Message,
    Millis, Name, Notices, Phone, SCHEMA, Step,
};
use actors::ports::{ChannelSettings, Mode, People, UtcOffset};

/// When everything happens: 21 January 2025, 14:30 in Lima.
pub const NOW: Millis = Millis(1_737_487_800_000);
/// The inbound text of a step.
pub const QUESTION: &str = "¿Cómo va mi ticket 1234567?";

/// A company with a contact who asks something.
#[derive(Debug)]
pub struct Asked {
    /// Its channel.
    pub channel: ChannelSettings,
    /// The message.
    pub message: InEvent,
    /// The contact after an earlier message.
    pub state: State,
}

impl Asked {
    /// A contact who has written once before.
    pub fn again() -> Self {
        let channel = channel();
        let mut asked = Self {
            message: message(&channel, "wamid.1", "hola", NOW),
            state: State::default(),
            channel,
        };
        asked.state = asked.decide(NOW).state;
        let later = Millis(NOW.0 + 20_000);
        asked.message = message(&asked.channel, "wamid.2", QUESTION, later);
        asked
    }

    /// Decides the message.
    pub fn decide(&self, now: Millis) -> Decision {
        let context = Context {
            now,
            position: InSeq(7),
            seen_before: false,
            settings: Some(&self.channel),
            alias_of: None,
            siblings: &[],
            again: None,
        };
        contact::decide(&self.state, &self.message, context)
    }

    /// The step that records a decision.
    pub fn step(&self, decision: &Decision, consumed: InSeq) -> Step {
        Step {
            consumed,
            input: self.message.id,
            now: NOW,
            schema: SCHEMA,
            events: encode_events(&decision.events),
            effects: decision.effects.clone(),
            closes: decision.closes.clone(),
            wake: None,
            set_aside: false,
        }
    }
}

/// A channel without help desk, as those of the load world.
fn channel() -> ChannelSettings {
    let name = |text| Name::new(text).expect("a legal name");
    let (tenant, channel) = (name("demo"), name("demo-meta"));
    ChannelSettings {
        id: ChannelId::of(&tenant, &channel),
        tenant_name: "IT Green Peru".into(),
        locale: "es".into(),
        utc_offset: UtcOffset::fixed(-5 * 3600),
        mode: Mode::Dialogue,
        messages: GatewayId::of("meta", &tenant, &channel),
        media: GatewayId::of_media(&tenant, &channel),
        own_ids: None,
        second: None,
        help_desk: None,
        ticket_prefix: "TK".into(),
        soft_limit_per_minute: 60,
        interim_after_ms: 3_000,
        notices: Notices::ALL,
        link_domains: Default::default(),
        people: People::default(),
        sending: Default::default(),
        name: channel,
        tenant,
    }
}

fn message(channel: &ChannelSettings, id: &str, text: &str, at: Millis) -> InEvent {
    let identities = IdentityKey::new(&[7; 32]);
    let phone = Phone::parse("51999888777").expect("a number");
    let identity = Identity::Phone(phone.clone());
    let contact = identities.contact_id(&channel.tenant, &identity);
    InEvent {
        key: Key::Contact(contact),
        id: identities.id_hash(b"meta", id.as_bytes()),
        stamp: Some(at.floor_seconds()),
        received: at,
        body: Inbound::Message(Message {
            tenant: channel.tenant.clone(),
            channel: channel.id,
            second_line: false,
            provider_id: id.into(),
            from: Some(phone),
            profile_name: Some("Juan".into()),
            content: Content::Text(text.to_owned()),
            context: None,
            identities: vec![identity],
        }),
    }
}
