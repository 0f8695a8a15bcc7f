//! Claims about what people are told of their tickets.

mod files;

use std::sync::Arc;

use super::*;
use crate::templates::{Approval, Catalogue, Header, Template};

fn desk() -> GatewayId {
    let name = |text| Name::new(text).unwrap();
    GatewayId::of("glpi", &name("demo"), &name("demo-glpi"))
}

fn news(ticket: u64, state: TicketState, changes: Vec<TicketFact>) -> TicketNews {
    TicketNews {
        tenant: Name::new("demo").unwrap(),
        gateway: desk(),
        line: TicketLine {
            id: ticket,
            title: "Laptop no enciende".into(),
            state,
            opened: Some(NOW),
            changed: None,
        },
        survey: false,
        changes,
    }
}

fn assigned(id: u64, fresh: bool) -> TicketFact {
    TicketFact::Assigned {
        group: false,
        id,
        fresh,
    }
}

fn word(id: u64, is_solution: bool, text: &str) -> TicketFact {
    TicketFact::Word(TicketWord {
        is_solution,
        id,
        at: None,
        text: text.into(),
    })
}

fn stay(state: TicketState, stay: &str) -> TicketFact {
    TicketFact::Stay {
        state,
        stay: stay.into(),
    }
}

/// A person who has written today.
fn chat() -> Chat {
    let mut chat = Chat::dialogue();
    chat.says("Hola");
    chat
}

impl Chat {
    /// Is given news, and says what is sent.
    fn is_told(&mut self, news: TicketNews) -> Vec<String> {
        let id = format!("news{}", self.position);
        let decision = self.hears(&id, Inbound::TicketNews(Box::new(news)));
        texts(&decision.effects)
    }
}

fn buttons(chat: &Chat) -> Vec<String> {
    let shown = |effect: &'_ Effect| match &effect.call {
        Call::SendButtons { buttons, .. } => Some(buttons.clone()),
        _ => None,
    };
    let buttons = chat.last.iter().find_map(shown).unwrap_or_default();
    buttons.iter().map(|button| button.id.to_string()).collect()
}

#[test]
fn what_is_found_again_is_told_once() {
    use TicketState::Assigned;
    let mut chat = chat();
    let first = || {
        let facts = vec![
            assigned(5, true),
            stay(Assigned, "7:2:0"),
            word(9, false, "Voy"),
        ];
        news(7, Assigned, facts)
    };
    let told = chat.is_told(first());
    assert_eq!(told.len(), 1, "one message of one look");
    assert!(told[0].contains("atendiendo") && told[0].contains("Voy"));
    for _ in 0..3 {
        assert_eq!(chat.is_told(first()), Vec::<String>::new());
    }
    // A later look finds the assignment and the state again with what is new.
    let facts = vec![
        assigned(5, false),
        stay(Assigned, "7:2:0"),
        word(9, false, "Voy"),
        word(11, false, "Llegué"),
    ];
    let told = chat.is_told(news(7, Assigned, facts));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("Llegué") && !told[0].contains("Voy"),
        "{told:?}"
    );
    assert!(!told[0].contains("atendiendo"));
}

#[test]
fn a_solution_is_one_thing_whichever_half_is_found_first() {
    use TicketState::{Assigned, Solved};
    let mut chat = chat();
    let words = word(3, true, "Cambié la fuente");
    let told = chat.is_told(news(7, Assigned, vec![words.clone()]));
    assert!(told[0].contains("Cambié la fuente"));
    let half = news(7, Solved, vec![words.clone(), stay(Solved, "7:5:a")]);
    assert_eq!(chat.is_told(half), Vec::<String>::new());
    // Refused, and solved again by the state alone.
    chat.is_told(news(7, Assigned, vec![stay(Assigned, "7:2:1.1")]));
    let told = chat.is_told(news(7, Solved, vec![words, stay(Solved, "7:5:b")]));
    assert_eq!(told.len(), 1);
    assert!(told[0].ends_with("Está solucionado.\n\n¿Quedó resuelto?"));
    assert_eq!(buttons(&chat), ["ticket.accept:7", "ticket.reject:7"]);
    // Both halves at once.
    let both = vec![word(4, true, "Otra vez"), stay(Solved, "8:5:a")];
    let told = chat.is_told(news(8, Solved, both));
    assert_eq!(told[0].matches("Está solucionado").count(), 1, "{told:?}");
}

#[test]
fn each_state_offers_what_can_be_done_about_it() {
    use TicketState::{Closed, Pending};
    let mut chat = chat();
    chat.is_told(news(7, Pending, vec![stay(Pending, "7:4:a")]));
    assert_eq!(buttons(&chat), ["ticket.comment:7"]);
    let told = chat.is_told(news(7, Closed, vec![stay(Closed, "7:6:a")]));
    assert!(told[0].contains("Quedó cerrado") && buttons(&chat).is_empty());
    let mut surveyed = news(8, Closed, vec![stay(Closed, "8:6:a")]);
    surveyed.survey = true;
    chat.is_told(surveyed);
    assert_eq!(buttons(&chat), ["ticket.rate:8"]);
}

#[test]
fn an_old_assignment_is_no_news_of_a_ticket_seen_for_the_first_time() {
    let mut chat = chat();
    let facts = vec![assigned(5, false), word(9, false, "Hola")];
    let told = chat.is_told(news(7, TicketState::Assigned, facts));
    assert!(told[0].contains("Hola") && !told[0].contains("atendiendo"));
    // From then on the ticket is known, and another one is news without a date.
    let facts = vec![assigned(5, false), assigned(6, false)];
    let told = chat.is_told(news(7, TicketState::Assigned, facts));
    assert!(told[0].contains("atendiendo"));
}

#[test]
fn what_is_switched_off_is_noted_and_not_told_later() {
    let mut chat = chat();
    chat.settings.notices = [Notice::Closed].into_iter().collect();
    let facts = || vec![word(9, false, "Hola"), stay(TicketState::Pending, "7:4:a")];
    let told = chat.is_told(news(7, TicketState::Pending, facts()));
    assert_eq!(told, Vec::<String>::new());
    chat.settings.notices = Notices::ALL;
    let told = chat.is_told(news(7, TicketState::Pending, facts()));
    assert_eq!(told, Vec::<String>::new(), "the past stays untold");
    let told = chat.is_told(news(
        7,
        TicketState::Closed,
        vec![stay(TicketState::Closed, "c")],
    ));
    assert_eq!(told.len(), 1);
}

#[test]
fn long_words_of_a_technician_are_told_whole_and_the_buttons_stand_below_the_last_message() {
    let mut chat = chat();
    let words = "ñandú ".repeat(480);
    let one = vec![word(99, false, &words), stay(TicketState::Pending, "7:4:a")];
    let told = chat.is_told(news(7, TicketState::Pending, one));
    let [ahead, last] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert!(ahead.contains(words.trim()), "nothing is left out");
    assert!(last.chars().count() <= 1_024 && !last.contains("ñandú"));
    assert_eq!(buttons(&chat), ["ticket.comment:7"]);
    let has_buttons = |effect: &Effect| matches!(effect.call, Call::SendButtons { .. });
    let places: Vec<bool> = chat.last.iter().map(has_buttons).collect();
    assert_eq!(places, [false, true]);
}

#[test]
fn more_than_three_messages_hold_is_cut_by_the_same_measure() {
    let mut chat = chat();
    let facts = (1..=16).map(|id| word(id, false, &"ñandú ".repeat(400)));
    let told = chat.is_told(news(7, TicketState::Assigned, facts.collect()));
    let chars: usize = told.iter().map(|text| text.chars().count()).sum();
    assert!(chars <= 3 * 4_096, "{chars}");
    assert!(told.iter().all(|text| text.chars().count() <= 4_096));
    assert_eq!(told.concat().matches('…').count(), 16, "each was cut");
}

#[test]
fn outside_the_window_a_template_carries_the_news_and_without_one_the_reason_is_on_record() {
    let mut chat = chat();
    chat.now = chat.now.plus_ms(25 * 3_600_000);
    let facts = || {
        vec![
            word(9, false, "Listo\nya"),
            stay(TicketState::Solved, "7:5:a"),
        ]
    };
    let body = Inbound::TicketNews(Box::new(news(7, TicketState::Solved, facts())));
    let decision = chat.hears("n1", body);
    assert!(decision.effects.is_empty());
    let withheld = |event: &Event| matches!(event, Event::ReplyWithheld { .. });
    assert!(
        decision.events.iter().any(withheld),
        "{:?}",
        decision.events
    );

    chat.settings.sending.templates = Arc::new(Catalogue {
        templates: vec![Template {
            name: "ticket_update".into(),
            language: "es".into(),
            category: TemplateCategory::Utility,
            approval: Approval::Approved,
            provider_id: "".into(),
            second_id: None,
            header: Header::None,
            body: "Hola {{1}}, tu ticket {{2}} cambió a: {{3}}.".into(),
            footer: String::new(),
            buttons: Vec::new(),
            rests: false,
        }],
        ..Catalogue::default()
    });
    let facts = vec![
        word(10, false, "a"),
        word(11, false, "b"),
        stay(TicketState::Solved, "7:5:b"),
    ];
    let body = Inbound::TicketNews(Box::new(news(7, TicketState::Solved, facts)));
    let decision = chat.hears("n2", body);
    let sent = decision
        .effects
        .iter()
        .find_map(|effect| match &effect.call {
            Call::SendTemplate(message) => Some(message.text.as_str()),
            _ => None,
        });
    let expected =
        "Hola Juan, tu ticket #TK-2025-000007 cambió a: un técnico te escribió; solucionado.";
    assert_eq!(sent, Some(expected));
}

#[test]
fn another_organisations_ticket_is_not_told() {
    let mut chat = chat();
    let mut foreign = news(7, TicketState::Solved, vec![stay(TicketState::Solved, "a")]);
    foreign.tenant = Name::new("other").unwrap();
    assert_eq!(chat.is_told(foreign), Vec::<String>::new());
    assert_eq!(chat.state.told, Default::default());
}

#[test]
fn news_of_a_contact_that_joined_another_are_passed_on() {
    let mut chat = chat();
    let older = Key::Contact(ContactId([9; 16]));
    chat.hears("join", Inbound::Joined { into: older });
    let told = news(7, TicketState::Solved, vec![stay(TicketState::Solved, "a")]);
    let body = Inbound::TicketNews(Box::new(told));
    let decision = chat.hears("news", body.clone());
    let passed = |effect: &Effect| matches!(&effect.call, Call::Tell { to, input } if *to == older && **input == body);
    assert!(decision.effects.iter().any(passed) && texts(&decision.effects).is_empty());
    let again = chat.hears("again", body);
    assert!(again.effects.is_empty(), "the older one is given them once");
}
