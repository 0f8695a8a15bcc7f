//! The table of stages is the truth: conversations move along it and nowhere else, every row of it
//! is used, and the drawn diagram shows it.

use std::collections::HashSet;

use actors::contact::transitions::{Cause, Stage, TRANSITIONS, diagram, permits};
use actors::contact::{Context, Event, State, decide};
use actors::model::*;
use actors::ports::{ChannelSettings, Mode, People, Queue, UtcOffset};

const CONVERSATIONS: u64 = 8_000;
const TURNS_MAX: usize = 16;

/// What people write: openings, pieces of them, answers, corrections, changes of mind, noise.
const SAYINGS: [&str; 28] = [
    "hola",
    "no enciende mi computadora desde ayer",
    "tengo un problema con mi impresora",
    "no enciende",
    "no funciona",
    "no, es la impresora",
    "Juan Pérez, área de contabilidad",
    "soy Ana Torres",
    "contabilidad",
    "sí",
    "no",
    "gracias",
    "cancelar",
    "asdf qwer",
    "???",
    "¿cómo va mi ticket?",
    "el wifi está lento",
    "mejor la pantalla, se ve azul",
    "quiero hablar con una persona",
    "no, es la impresora. Soy Juan Pérez, del área de contabilidad",
    "menú",
    "estado del ticket 1",
    "mi impresora no imprime",
    "la impresora no imprime",
    "sigue sin imprimir mi impresora",
    "agrega al ticket 1 que es urgente",
    "vincular mi correo",
    "ana@empresa.pe",
];

/// What they press, whatever stands open.
const PRESSES: [&str; 11] = [
    "ticket.confirm",
    "ticket.cancel",
    "ticket.comment:1",
    "ticket.reject:1",
    "ticket.cancel:1",
    "ticket.rate:1",
    "ticket.apart",
    "menu.state",
    "menu.report",
    "menu.account",
    "link.skip",
];

/// Repeatable chance (SplitMix64; Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

struct Conversation {
    state: State,
    settings: ChannelSettings,
    identity: IdentityKey,
    now: Millis,
    position: u64,
    /// Tickets asked for and not opened yet.
    asked: Vec<EffectId>,
}

impl Conversation {
    fn new() -> Self {
        let tenant = TenantId::new("demo").expect("a name");
        let name = Name::new("demo-meta").expect("a name");
        let settings = ChannelSettings {
            id: ChannelId::of(&tenant, &name),
            tenant_name: "IT Green Peru".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode: Mode::Dialogue,
            messages: GatewayId::of("meta", &tenant, &name),
            media: GatewayId::of_media(&tenant, &name),
            help_desk: Some(GatewayId::of("glpi", &tenant, &name)),
            ticket_prefix: "TK".into(),
            second: None,
            own_ids: None,
            soft_limit_per_minute: 1_000,
            interim_after_ms: 8_000,
            notices: Notices::ALL,
            link_domains: ["empresa.pe".into()].into(),
            people: people(),
            sending: Default::default(),
            name,
            tenant,
        };
        Self {
            state: State::default(),
            settings,
            identity: IdentityKey::new(&[7; 32]),
            now: Millis(1_737_487_800_000),
            position: 0,
            asked: Vec::new(),
        }
    }

    fn message(&self, content: Content) -> Inbound {
        let phone = Phone::parse("51999888777").expect("a number");
        Inbound::Message(Message {
            tenant: self.settings.tenant.clone(),
            channel: self.settings.id,
            second_line: false,
            provider_id: "wamid.1".into(),
            from: Some(phone.clone()),
            identities: vec![Identity::Phone(phone)],
            profile_name: None,
            context: None,
            content,
        })
    }

    /// Consumes one input; gives the moves it made.
    fn take(&mut self, body: Inbound) -> Vec<(Stage, Stage)> {
        self.position += 1;
        self.now = self.now.plus_ms(5_000);
        let phone = Identity::Phone(Phone::parse("51999888777").expect("a number"));
        let input = InEvent {
            key: Key::Contact(self.identity.contact_id(&self.settings.tenant, &phone)),
            id: self.identity.id_hash(b"test", &self.position.to_be_bytes()),
            stamp: Some(self.now.floor_seconds()),
            received: self.now,
            body,
        };
        let context = Context {
            again: None,
            now: self.now,
            position: InSeq(self.position),
            seen_before: false,
            settings: Some(&self.settings),
            alias_of: None,
            siblings: &[],
        };
        let decision = decide(&self.state, &input, context);
        let opens = |effect: &&Effect| matches!(effect.call, Call::OpenTicket(_));
        let asked = decision.effects.iter().filter(opens);
        self.asked.extend(asked.map(|effect| effect.id));
        let mut moves = Vec::new();
        for event in &decision.events {
            let from = Stage::of(&self.state.flow);
            self.state.apply(event);
            if matches!(event, Event::FlowMoved(_)) {
                moves.push((from, Stage::of(&self.state.flow)));
            }
        }
        moves
    }
}

/// A queue that opens no tickets and hands nothing over by number.
fn people() -> People {
    let name = Name::new("support").expect("a name");
    let queue = Queue {
        name: name.clone(),
        hours: None,
        closed_text: None,
        idle_ms: 60_000,
        opens: None,
        tells_tickets: false,
    };
    People {
        queue: Some(name),
        queues: [queue.into()].into(),
        messages_max: 0,
        ..People::default()
    }
}

/// One conversation of random turns; most are sayings, some press a button, wait or change the mode.
fn moves_of(seed: u64) -> Vec<(Stage, Stage)> {
    let mut chance = Chance(seed << 32);
    let mut talk = Conversation::new();
    let mut moves = Vec::new();
    for _ in 0..TURNS_MAX {
        // Stages that chance seldom meets are left on purpose by the way it would take last.
        let rare = match Stage::of(&talk.state.flow) {
            Stage::Similar => Some("menu.account"),
            Stage::Account => Some("link.skip"),
            _ => None,
        };
        if let Some(id) = rare.filter(|_| chance.below(4) == 0) {
            let (id, title) = (id.into(), "Sí".into());
            moves.extend(talk.take(talk.message(Content::Button { id, title })));
            continue;
        }
        let body = match chance.below(20) {
            0 => {
                talk.settings.mode = match talk.settings.mode {
                    Mode::Dialogue => Mode::Queue {
                        merge_interval_ms: 15_000,
                    },
                    Mode::Queue { .. } => Mode::Dialogue,
                };
                continue;
            }
            1..=3 => talk.message(Content::Button {
                id: PRESSES[chance.below(PRESSES.len())].into(),
                title: "Sí".into(),
            }),
            4 | 5 => match talk.asked.pop() {
                Some(effect) => Inbound::Report(Report {
                    effect,
                    outcome: Outcome::Done(Reply {
                        id: "1".into(),
                        ..Reply::default()
                    }),
                }),
                None => continue,
            },
            6 => match talk.state.next_wake() {
                Some(due) => Inbound::Woken { due },
                None => continue,
            },
            7 => Inbound::Operator(Command {
                tenant: talk.settings.tenant.clone(),
                by: "ana".into(),
                wish: match chance.below(3) {
                    0 => Wish::HandBack,
                    1 => Wish::HandOver { queue: None },
                    _ => Wish::Say {
                        text: "hola".into(),
                    },
                },
            }),
            _ => {
                let said = SAYINGS[chance.below(SAYINGS.len())];
                talk.message(Content::Text(said.to_owned()))
            }
        };
        moves.extend(talk.take(body));
    }
    moves
}

#[test]
fn conversations_move_only_along_the_table_and_use_all_of_it() {
    let mut seen = HashSet::new();
    for seed in 0..CONVERSATIONS {
        for (from, to) in moves_of(seed) {
            assert!(permits(from, to), "seed {seed}: from {from:?} to {to:?}");
            seen.insert((from, to));
        }
    }
    let unused: Vec<_> = TRANSITIONS
        .iter()
        .filter(|(from, _, to)| !seen.contains(&(*from, *to)))
        .collect();
    assert!(
        unused.is_empty(),
        "rows that no conversation used: {unused:?}"
    );
}

#[test]
fn a_ticket_is_opened_only_by_a_complete_dialogue_or_silence() {
    let ending: HashSet<_> = TRANSITIONS
        .iter()
        .filter(|(_, cause, _)| matches!(cause, Cause::Complete | Cause::Silence))
        .map(|(from, _, to)| (*from, *to))
        .collect();
    assert_eq!(
        ending,
        HashSet::from([
            (Stage::Identity, Stage::Idle),
            (Stage::Confirmation, Stage::Idle),
            (Stage::Gathering, Stage::Idle),
        ])
    );
}

#[test]
fn the_diagram_in_the_architecture_is_the_table() {
    let page = include_str!("../../../ARCHITECTURE.md");
    let drawn = format!("```mermaid\n{}```", diagram());
    assert!(
        page.contains(&drawn),
        "ARCHITECTURE.md lacks this diagram; put it there:\n{drawn}"
    );
}
