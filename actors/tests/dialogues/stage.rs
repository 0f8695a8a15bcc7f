//! A contact's machine on a stage: inputs in, what is said and asked for out, as text.

use std::sync::Arc;

use actors::contact::{Context, Decision, Event, State, decide, decode_events, encode_events};
use actors::hours::{Hours, Span};
use actors::journal::StateBytes;
use actors::model::{
    ChannelId, Command, Content, EffectId, Fetch, Found, GatewayId, Identity, IdentityKey, InEvent,
    InSeq, Inbound, Key, Message, Millis, Name, Notices, Outcome, Phone, Reply, Report, SCHEMA,
    TemplateCategory, TemplateChoice, TemplateOrder, TenantId, TicketNews, Wish,
};
use actors::ports::{
    ChannelSettings, HelpDeskMatch, Mode, Opens, People, Queue, Sending, UnknownNumbers, UtcOffset,
};
use actors::templates::{Approval, Catalogue, Header, Template};

use crate::desk;

/// 21 January 2025, 14:30 in Lima.
const START: Millis = Millis(1_737_487_800_000);
/// The time between two messages of a person.
const PAUSE_MS: u64 = 5_000;

/// One conversation, in virtual time.
pub struct Stage {
    state: State,
    /// Every recorded step, from which a crash rebuilds the state.
    records: Vec<Vec<u8>>,
    settings: ChannelSettings,
    identity: IdentityKey,
    key: Key,
    now: Millis,
    position: u64,
    last: Option<InEvent>,
    /// What the help desk has been asked for last.
    pub(super) asked: Option<EffectId>,
    /// The files that are fetched, then those that are put onto a ticket.
    pub(super) fetching: Vec<(EffectId, Fetch)>,
    pub(super) attaching: Vec<EffectId>,
    /// The last news, and how many things technicians did.
    pub(super) told: Option<TicketNews>,
    pub(super) facts_made: u64,
}

impl Stage {
    pub fn new(mode: Mode, locale: &str) -> Self {
        let tenant = TenantId::new("demo").unwrap();
        let name = Name::new("demo-meta").unwrap();
        let identity = IdentityKey::new(&[7; 32]);
        let contact = identity.contact_id(&tenant, &Identity::Phone(phone()));
        let desk = Name::new("demo-glpi").unwrap();
        let settings = ChannelSettings {
            id: ChannelId::of(&tenant, &name),
            tenant_name: "IT Green".into(),
            locale: locale.into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode,
            messages: GatewayId::of("meta", &tenant, &name),
            media: GatewayId::of_media(&tenant, &name),
            second: None,
            own_ids: None,
            help_desk: Some(GatewayId::of("glpi", &tenant, &desk)),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
            notices: Notices::ALL,
            link_domains: Default::default(),
            people: People::default(),
            sending: Sending {
                templates: Arc::new(templates()),
                tells_consent: None,
            },
            name,
            tenant,
        };
        Self {
            state: State::default(),
            records: Vec::new(),
            settings,
            identity,
            key: Key::Contact(contact),
            now: START,
            position: 0,
            last: None,
            asked: None,
            fetching: Vec::new(),
            attaching: Vec::new(),
            told: None,
            facts_made: 0,
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.now
    }

    /// The title of a ticket that was opened here.
    pub(super) fn title_of(&self, ticket: u64) -> Option<&str> {
        let mut tickets = self.state.tickets.iter();
        let found = tickets.find(|known| known.id == ticket)?;
        Some(&found.title)
    }

    pub(super) fn tenant(&self) -> TenantId {
        self.settings.tenant.clone()
    }

    pub(super) fn help_desk(&self) -> GatewayId {
        self.settings.help_desk.expect("the channel has one")
    }

    /// Something reaches the contact.
    pub(super) fn hears(&mut self, kind: &str, body: Inbound) -> String {
        self.now = self.now.plus_ms(1_000);
        let input = self.input(kind, body);
        self.takes(input)
    }

    /// Gives the channel people: `always`, in `office` hours, `closed` at this hour, or `always`
    /// with a `ticket` opened by each transfer. The seventh message of a conversation is theirs.
    pub fn with_people(mut self, when: &str) -> Self {
        let hours = |span: &str| Hours {
            offset: self.settings.utc_offset.clone(),
            spans: vec![Span::parse(span).unwrap()],
        };
        let name = Name::new("support").unwrap();
        let queue = Queue {
            name: name.clone(),
            hours: match when {
                "office" => Some(hours("mon-fri 09:00-18:00")),
                "closed" => Some(hours("mon-fri 08:00-12:00")),
                _ => None,
            },
            closed_text: None,
            idle_ms: 1_800_000,
            opens: (when == "ticket").then_some(Opens {
                merge_interval_ms: 15_000,
                number_told: true,
            }),
            tells_tickets: false,
        };
        self.settings.people = People {
            queue: Some(name),
            queues: [queue.into()].into(),
            messages_max: 6,
            ..People::default()
        };
        self
    }

    /// Lets the bot answer only numbers of the help desk's users, and does this with a number while
    /// the help desk is silent: `accept`, `people`, or `refuse` as with everybody else's.
    pub fn for_users_only(mut self, silent: &str) -> Self {
        self.settings.people.unknown_numbers = UnknownNumbers::Refuse;
        self.settings.people.help_desk_match = Some(HelpDeskMatch {
            wait_ms: 15_000,
            keep_ms: 86_400_000,
            silent: match silent {
                "accept" => UnknownNumbers::Accept,
                "people" => UnknownNumbers::People,
                _ => UnknownNumbers::Refuse,
            },
        });
        self
    }

    /// Lets people join their number to a user with an e-mail of this domain.
    pub fn with_domain(mut self, domain: &str) -> Self {
        self.settings.link_domains = [domain.into()].into();
        self
    }

    /// The person writes a text.
    pub fn writes(&mut self, text: &str) -> String {
        self.sends(Content::Text(text.to_owned()))
    }

    /// Something else happens.
    pub fn happens(&mut self, event: &str) -> String {
        let (what, of) = event.split_once(' ').unwrap_or((event, ""));
        if let Some(reply) = desk::answer(what, of, START, self.now) {
            return self.reports(Outcome::Done(reply));
        }
        match what {
            "again" => {
                let input = self.last.clone().expect("something was written");
                self.takes(input)
            }
            "crash" => self.crashes(),
            "silence" => {
                let due = self.state.next_wake().expect("a wake is due");
                self.now = Millis(due.0 as u64 * 1_000);
                let input = self.input("wake", Inbound::Woken { due });
                self.takes(input)
            }
            "slow" => self.reports(Outcome::Late),
            "refused" => self.reports(Outcome::Failed {
                code: of.parse().unwrap_or(400),
                reason: "ERROR_GLPI_ADD".into(),
            }),
            "newcomer" => self.reports(Outcome::Done(Reply {
                id: of.into(),
                at: Some(self.now),
                found: Some(Box::new(Found::Newcomer)),
                ..Reply::default()
            })),
            "linked" => self.reports(Outcome::Done(Reply::default())),
            "link" => self.commands(Wish::Link { email: of.into() }),
            "ticket" => self.reports(Outcome::Done(Reply {
                id: of.into(),
                at: Some(self.now),
                remark: None,
                ..Reply::default()
            })),
            "operator" => self.commands(Wish::Say { text: of.into() }),
            "handback" => self.commands(Wish::HandBack),
            "close" => self.commands(Wish::Close),
            "button" => self.sends(Content::Button {
                id: of.into(),
                title: "".into(),
            }),
            "row" => self.sends(Content::Row {
                id: of.into(),
                title: "".into(),
                description: None,
            }),
            "later" => {
                let hours: u64 = of.parse().expect("a number of hours");
                self.now = self.now.plus_ms(hours * 3_600_000);
                String::new()
            }
            "order" => {
                let values = ["Ana", "#TK-2025-001234", "OK"].map(str::to_owned);
                let order = Inbound::TemplateOrdered(TemplateOrder {
                    client_id: "n-1".into(),
                    choice: TemplateChoice::Purpose(of.into()),
                    values: values.into(),
                    media: None,
                });
                let input = self.input("order", order);
                self.last = Some(input.clone());
                self.takes(input)
            }
            "news" => self.news(of),
            "image" => self.sends(Content::Other {
                kind: "image".into(),
            }),
            other => self.file_happens(other, of),
        }
    }

    pub(super) fn sends(&mut self, content: Content) -> String {
        self.now = self.now.plus_ms(PAUSE_MS);
        let message = Inbound::Message(Message {
            tenant: self.settings.tenant.clone(),
            channel: self.settings.id,
            second_line: false,
            provider_id: "wamid.1".into(),
            from: Some(phone()),
            identities: vec![Identity::Phone(phone())],
            profile_name: None,
            context: None,
            content,
        });
        let input = self.input("message", message);
        self.last = Some(input.clone());
        self.takes(input)
    }

    fn commands(&mut self, wish: Wish) -> String {
        self.now = self.now.plus_ms(PAUSE_MS);
        let (tenant, by) = (self.settings.tenant.clone(), "ana".into());
        let mut input = self.input("command", Inbound::Operator(Command { tenant, by, wish }));
        input.stamp = None;
        self.last = Some(input.clone());
        self.takes(input)
    }

    fn reports(&mut self, outcome: Outcome) -> String {
        let effect = self.asked.expect("a ticket was asked for");
        self.ends(effect, outcome)
    }

    /// An effect ends, or is late.
    pub(super) fn ends(&mut self, effect: EffectId, outcome: Outcome) -> String {
        self.now = self.now.plus_ms(1_000);
        let input = self.input("report", Inbound::Report(Report { effect, outcome }));
        self.takes(input)
    }

    fn input(&self, kind: &str, body: Inbound) -> InEvent {
        let id = format!("{kind}-{}", self.position);
        InEvent {
            key: self.key,
            id: self.identity.id_hash(b"dialogue", id.as_bytes()),
            stamp: Some(self.now.floor_seconds()),
            received: self.now,
            body,
        }
    }

    fn takes(&mut self, input: InEvent) -> String {
        self.position += 1;
        let context = Context {
            again: None,
            now: self.now,
            position: InSeq(self.position),
            seen_before: false,
            settings: Some(&self.settings),
            alias_of: None,
            siblings: &[],
        };
        let Decision {
            state,
            events,
            effects,
            ..
        } = decide(&self.state, &input, context);
        self.records.push(encode_events(&events));
        self.state = state;
        let withheld = events.iter().filter_map(|event| match event {
            Event::ReplyWithheld { reason } => Some(format!("- {reason}\n")),
            _ => None,
        });
        let withheld: String = withheld.collect();
        let told: String = effects.iter().map(|effect| self.effect(effect)).collect();
        told + &withheld
    }

    /// The process dies: what it knew is folded from the records again.
    fn crashes(&mut self) -> String {
        let mut rebuilt = State::default();
        for record in &self.records {
            let events = decode_events(SCHEMA, record).unwrap();
            events.iter().for_each(|event| rebuilt.apply(event));
        }
        assert_eq!(
            bytes(&rebuilt),
            bytes(&self.state),
            "replay gives the live state"
        );
        self.state = State::decode(&bytes(&rebuilt)).unwrap();
        String::new()
    }
}

/// A notice and a promotion in every language.
fn templates() -> Catalogue {
    let template = |name: &str, language: &str, category, body: &str| Template {
        name: name.into(),
        language: language.into(),
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
    let notice =
        |language, body| template("ticket_update", language, TemplateCategory::Utility, body);
    let promo = |language, body| template("promo", language, TemplateCategory::Marketing, body);
    Catalogue {
        templates: vec![
            notice("es", "Hola {{1}}, tu ticket {{2}} cambió a: {{3}}."),
            notice("pt_BR", "Olá {{1}}, seu chamado {{2}} mudou para: {{3}}."),
            notice("en", "Hello {{1}}, your ticket {{2}} is now: {{3}}."),
            notice("it", "Ciao {{1}}, il tuo ticket {{2}} ora è: {{3}}."),
            promo("es", "Hola {{1}}: {{2}} {{3}}, este mes con descuento."),
            promo("pt_BR", "Olá {{1}}: {{2}} {{3}}, este mês com desconto."),
            promo("en", "Hello {{1}}: {{2}} {{3}}, cheaper this month."),
            promo("it", "Ciao {{1}}: {{2}} {{3}}, questo mese in sconto."),
        ],
        ..Catalogue::default()
    }
}

fn phone() -> Phone {
    Phone::parse("51999888777").unwrap()
}

fn bytes(state: &State) -> Vec<u8> {
    let mut bytes = Vec::new();
    state.encode(&mut bytes);
    bytes
}
