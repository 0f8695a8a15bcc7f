//! Claims about the contact's machine, told as conversations.

use super::{Context, Decision, Event, Flow, State, decide, decode_events, encode_events};
use crate::journal::StateBytes;
use crate::model::*;
use crate::ports::{ChannelSettings, Mode, UtcOffset};

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
            own_ids: false,
            help_desk: Some(GatewayId::of(
                "glpi",
                &tenant,
                &Name::new("demo-glpi").unwrap(),
            )),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
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
        self.position += 1;
        let context = Context {
            now: self.now,
            position: InSeq(self.position),
            seen_before: false,
            settings: Some(&self.settings),
            alias_of: None,
            siblings: &[],
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
        .filter_map(|effect| match &effect.call {
            Call::SendText { text, .. } | Call::SendButtons { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect()
}

fn done(id: u64) -> Outcome {
    Outcome::Done(Reply {
        id: id.to_string().into(),
        at: Some(NOW),
        remark: None,
    })
}

#[test]
fn the_example_dialogue_is_held_word_for_word() {
    let mut chat = Chat::dialogue();
    let greeting = chat.says("Hola, tengo un problema con mi computadora");
    assert_eq!(
        greeting,
        ["¡Hola! 👋 Soy el asistente de soporte de IT Green Peru.\n\
          Te ayudo a crear un ticket para resolver tu problema.\n\n\
          ¿Podrías describir qué está pasando con tu computadora?"]
    );
    let draft = chat.says("No enciende desde esta mañana");
    assert_eq!(
        draft,
        ["Entiendo. Para ayudarte mejor, necesito algunos datos:\n\n\
          📋 Información del Ticket\n\
          - Problema: Computadora no enciende\n\
          - Prioridad: 🔴 Alta (por ser equipo de trabajo)\n\n\
          ¿Podrías confirmar tu nombre completo y área de trabajo?"]
    );
    assert!(
        chat.says("Juan Pérez, área de contabilidad").is_empty(),
        "the ticket speaks next"
    );
    let (effect, ticket) = chat.ticket();
    assert_eq!(ticket.title, "Computadora no enciende");
    assert_eq!(
        ticket.description,
        "Computadora no enciende desde esta mañana"
    );
    assert_eq!(ticket.transcript.len(), 2);
    assert_eq!(ticket.urgency, 4);
    let confirmation = chat.reports(effect, done(1234));
    assert_eq!(
        confirmation,
        ["✅ Ticket creado exitosamente\n\
          📋 Número: #TK-2025-001234\n\
          👤 Solicitante: Juan Pérez - Contabilidad\n\
          🔴 Prioridad: Alta\n\
          📝 Descripción: Computadora no enciende desde esta mañana\n\
          📅 Creado: 21/01/2025 14:30\n\n\
          Un técnico se pondrá en contacto contigo pronto.\n\
          Te notificaré cualquier actualización por este chat."]
    );
    assert_eq!(chat.state.tickets.len(), 1);
}

#[test]
fn a_duplicate_changes_nothing_and_is_not_answered() {
    let mut chat = Chat::dialogue();
    let input = chat.input(
        "same",
        chat.message(Content::Text("mi laptop no prende".into())),
    );
    assert_eq!(texts(&chat.take(&input).effects).len(), 1);
    let before = chat.state.clone();
    let again = chat.take(&input);
    assert!(again.effects.is_empty());
    assert_eq!(chat.state, before);
}

#[test]
fn a_correction_replaces_the_object_before_the_ticket_is_opened() {
    let mut chat = Chat::dialogue();
    chat.says("mi computadora no enciende");
    let corrected = chat.says("no, es la impresora");
    assert!(
        corrected[0].contains("Impresora no enciende"),
        "{corrected:?}"
    );
    chat.says("Juan Pérez, contabilidad");
    assert_eq!(chat.ticket().1.title, "Impresora no enciende");
}

#[test]
fn cancelling_ends_the_dialogue_at_every_question() {
    for turns in [vec!["hola"], vec!["mi laptop"], vec!["mi laptop no prende"]] {
        let mut chat = Chat::dialogue();
        for turn in &turns {
            chat.says(turn);
        }
        assert!(!chat.state.flow.is_idle());
        let answer = chat.says("cancelar");
        assert!(answer[0].contains("cancelé"), "{answer:?}");
        assert!(chat.state.flow.is_idle());
    }
}

#[test]
fn only_the_missing_part_of_the_identity_is_asked_for() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    let answer = chat.says("Juan Pérez");
    assert!(answer[0].contains("área"), "{answer:?}");
    chat.says("contabilidad");
    let (_, ticket) = chat.ticket();
    assert_eq!(
        (&*ticket.requester_name, &*ticket.requester_area),
        ("Juan Pérez", "Contabilidad")
    );
}

#[test]
fn a_known_person_confirms_with_a_button() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    chat.says("Juan Pérez, contabilidad");
    let (effect, _) = chat.ticket();
    chat.reports(effect, done(1));
    chat.says("mi monitor no enciende");
    assert!(matches!(&chat.last[0].call, Call::SendButtons { buttons, .. } if buttons.len() == 2));
    let press = Content::Button {
        id: "ticket.confirm".into(),
        title: "Sí, crear ticket".into(),
    };
    let input = chat.input("press", chat.message(press));
    chat.take(&input);
    assert_eq!(chat.ticket().1.title, "Monitor no enciende");
}

#[test]
fn a_slow_help_desk_is_told_once_and_the_number_follows() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    chat.says("Juan Pérez, contabilidad");
    let (effect, _) = chat.ticket();
    assert_eq!(chat.reports(effect, Outcome::Late).len(), 1);
    assert!(chat.reports(effect, Outcome::Late).is_empty());
    assert!(chat.reports(effect, done(7))[0].contains("#TK-2025-000007"));
    assert!(
        chat.reports(effect, done(7)).is_empty(),
        "a repeated report says nothing"
    );
}

#[test]
fn a_burst_becomes_one_ticket_in_order_when_its_interval_passed() {
    let mut chat = Chat::new(Mode::Queue {
        merge_interval_ms: 15_000,
    });
    assert_eq!(chat.says("hola").len(), 1, "acknowledged at once");
    for text in ["la impresora", "no imprime", "desde ayer"] {
        chat.now = chat.now.plus_ms(9_000);
        assert!(chat.says(text).is_empty());
    }
    let due = chat.state.next_wake().expect("the burst has an end");
    assert_eq!(due, chat.now.plus_ms(15_000).ceil_seconds());
    let early = Seconds(due.0 - 9);
    let input = chat.input("early", Inbound::Woken { due: early });
    assert!(
        chat.take(&input).effects.is_empty(),
        "an outdated wake ends nothing"
    );
    chat.now = due.to_millis();
    let input = chat.input("due", Inbound::Woken { due });
    chat.take(&input);
    let (_, ticket) = chat.ticket();
    assert_eq!(
        ticket.transcript,
        ["hola", "la impresora", "no imprime", "desde ayer"]
    );
    assert!(chat.state.flow.is_idle());
    assert_eq!(chat.state.next_wake(), None);
}

#[test]
fn a_flooding_contact_is_told_once_and_every_message_is_kept() {
    let mut chat = Chat::dialogue();
    let answers: Vec<String> = (0..60)
        .flat_map(|n| chat.says(&format!("gracias {}", "!".repeat(n % 3))))
        .collect();
    assert_eq!(
        answers.len(),
        21,
        "twenty answers and one word about the pace"
    );
    assert_eq!(
        answers
            .iter()
            .filter(|text| text.contains("seguidos"))
            .count(),
        1
    );
    assert_eq!(chat.state.messages, 60);
}

#[test]
fn a_long_burst_is_one_ticket_with_every_message() {
    let mut chat = Chat::new(Mode::Queue {
        merge_interval_ms: 15_000,
    });
    let answers: Vec<String> = (0..60)
        .flat_map(|n| chat.says(&format!("mensaje {n}")))
        .collect();
    assert_eq!(answers.len(), 1);
    let due = chat.state.next_wake().expect("the burst has an end");
    chat.now = due.to_millis();
    let input = chat.input("due", Inbound::Woken { due });
    chat.take(&input);
    assert_eq!(chat.ticket().1.transcript.len(), 60);
}

#[test]
fn an_older_contact_is_forwarded_to_and_receives_the_younger_state() {
    let mut chat = Chat::dialogue();
    chat.says("mi laptop no prende");
    let older = Key::Contact(ContactId([9; 16]));
    let input = chat.input("join", Inbound::Joined { into: older });
    let told = chat.take(&input).effects;
    let Call::Tell { to, input: merged } = &told[0].call else {
        panic!("{told:?}")
    };
    assert_eq!(*to, older);
    let mut elder = Chat::dialogue();
    elder.key = older;
    let merged = elder.input("merge", (**merged).clone());
    elder.take(&merged);
    assert!(
        matches!(elder.state.flow, Flow::Asking(_)),
        "the open conversation goes on there"
    );
    let before = bytes(&elder.state);
    assert!(matches!(
        elder.take(&merged).events[..],
        [Event::DuplicateFound { .. }]
    ));
    assert_eq!(bytes(&elder.state), before);
    let next = chat.input("next", chat.message(Content::Text("hola?".into())));
    assert!(matches!(chat.take(&next).effects[0].call, Call::Tell { to, .. } if to == older));
}

#[test]
fn a_conversation_never_hangs_on_one_question() {
    let mut chat = Chat::dialogue();
    for _ in 0..12 {
        chat.says("xyz");
        if chat
            .last
            .iter()
            .any(|effect| matches!(effect.call, Call::OpenTicket(_)))
        {
            return;
        }
    }
    panic!("no ticket after twelve answers: {:?}", chat.state.flow);
}

#[test]
fn snapshots_of_an_unknown_release_are_refused() {
    assert!(State::decode(&[9, 0, 1]).is_err());
    assert!(State::decode(&[1]).is_err());
    let chat = Chat::dialogue();
    assert_eq!(State::decode(&bytes(&chat.state)), Ok(chat.state.clone()));
}
