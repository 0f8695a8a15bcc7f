//! Claims about the contact's machine, told as conversations.

mod consent;
mod dialogue;
mod news;
mod numbers;
mod operators;
mod people;
mod quarantine;
mod queue;
mod rules;
mod same;
mod unasked;

use super::{Context, Decision, Event, Flow, Sibling, State, decide, decode_events, encode_events};
use crate::journal::StateBytes;
use crate::model::*;
use crate::ports::{ChannelSettings, Mode, People, UtcOffset};

mod receipts;

/// A conversation with one contact, in virtual time.
struct Chat {
    state: State,
    key: Key,
    identity: IdentityKey,
    settings: ChannelSettings,
    now: Millis,
    position: u64,
    last: Vec<Effect>,
}

/// 21 January 2025, 14:30 in Lima.
const NOW: Millis = Millis(1_737_487_800_000);

impl Chat {
    fn new(mode: Mode) -> Self {
        let tenant = TenantId::new("demo").unwrap();
        let name = Name::new("demo-meta").unwrap();
        let identity = IdentityKey::new(&[7; 32]);
        let phone = Phone::parse("51999888777").unwrap();
        let contact = identity.contact_id(&tenant, &Identity::Phone(phone));
        let settings = ChannelSettings {
            id: ChannelId::of(&tenant, &name),
            tenant_name: "IT Green Peru".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode,
            messages: GatewayId::of("meta", &tenant, &name),
            media: GatewayId::of_media(&tenant, &name),
            second: None,
            own_ids: None,
            help_desk: Some(GatewayId::of(
                "glpi",
                &tenant,
                &Name::new("demo-glpi").unwrap(),
            )),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
            notices: Notices::ALL,
            link_domains: Default::default(),
            people: People::default(),
            sending: Default::default(),
            name,
            tenant,
        };
        Self {
            state: State::default(),
            key: Key::Contact(contact),
            identity,
            settings,
            now: NOW,
            position: 0,
            last: Vec::new(),
        }
    }

    fn dialogue() -> Self {
        Self::new(Mode::Dialogue)
    }

    fn input(&self, id: &str, body: Inbound) -> InEvent {
        InEvent {
            key: self.key,
            id: self.identity.id_hash(b"test", id.as_bytes()),
            stamp: Some(self.now.floor_seconds()),
            received: self.now,
            body,
        }
    }

    fn message(&self, content: Content) -> Inbound {
        let phone = Phone::parse("51999888777").unwrap();
        Inbound::Message(Message {
            tenant: self.settings.tenant.clone(),
            channel: self.settings.id,
            second_line: false,
            provider_id: "wamid.1".into(),
            from: Some(phone.clone()),
            identities: vec![Identity::Phone(phone)],
            profile_name: Some("Juan".into()),
            context: None,
            content,
        })
    }

    /// Consumes an input and checks that folding its recorded events gives the decided state.
    fn take(&mut self, input: &InEvent) -> Decision {
        self.take_among(input, &[])
    }

    fn take_among(&mut self, input: &InEvent, siblings: &[Sibling]) -> Decision {
        self.take_knowing(input, siblings, None)
    }

    fn take_knowing(
        &mut self,
        input: &InEvent,
        siblings: &[Sibling],
        again: Option<&Effect>,
    ) -> Decision {
        self.position += 1;
        let context = Context {
            again,
            now: self.now,
            position: InSeq(self.position),
            seen_before: false,
            settings: Some(&self.settings),
            alias_of: None,
            siblings,
        };
        let decision = decide(&self.state, input, context);
        let recorded = decode_events(SCHEMA, &encode_events(&decision.events)).unwrap();
        let mut folded = self.state.clone();
        recorded.iter().for_each(|event| folded.apply(event));
        assert_eq!(
            bytes(&folded),
            bytes(&decision.state),
            "replay gives the live state"
        );
        self.state = decision.state.clone();
        self.last = decision.effects.clone();
        decision
    }

    fn says(&mut self, text: &str) -> Vec<String> {
        let id = format!("m{}", self.position);
        let input = self.input(&id, self.message(Content::Text(text.into())));
        texts(&self.take(&input).effects)
    }

    fn hears(&mut self, id: &str, body: Inbound) -> Decision {
        let input = self.input(id, body);
        self.take(&input)
    }

    /// Hears of a message that was not sent, whose effect was looked up.
    fn hears_again(&mut self, id: &str, body: Inbound, again: Option<&Effect>) -> Decision {
        let input = self.input(id, body);
        self.take_knowing(&input, &[], again)
    }

    fn reports(&mut self, effect: EffectId, outcome: Outcome) -> Vec<String> {
        let input = self.input("report", Inbound::Report(Report { effect, outcome }));
        texts(&self.take(&input).effects)
    }

    fn ticket(&self) -> (EffectId, TicketDraft) {
        let found = self.last.iter().find_map(|effect| match &effect.call {
            Call::OpenTicket(draft) => Some((effect.id, (**draft).clone())),
            _ => None,
        });
        found.expect("a ticket was to be opened")
    }
}

fn bytes(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    state.encode(&mut bytes);
    bytes
}

fn texts(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .filter_map(|effect| effect.call.text().map(str::to_owned))
        .collect()
}

fn done(id: u64) -> Outcome {
    Outcome::Done(Reply {
        id: id.to_string().into(),
        at: Some(NOW),
        remark: None,
        ..Reply::default()
    })
}
