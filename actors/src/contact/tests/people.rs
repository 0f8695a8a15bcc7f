//! Claims about people taking over.

use super::*;
use crate::contact::{Answer, Refusal, TransferCause};
use crate::hours::{Hours, Span};
use crate::ports::{Opens, Queue};
use crate::understand::Level;

pub(super) const DAY_MS: u64 = 86_400_000;

impl Chat {
    pub(super) fn with_queue(change: impl FnOnce(&mut Queue)) -> Self {
        let mut chat = Self::dialogue();
        let name = Name::new("support").unwrap();
        let mut queue = Queue {
            name: name.clone(),
            hours: None,
            closed_text: None,
            idle_ms: 600_000,
            opens: None,
            tells_tickets: false,
        };
        change(&mut queue);
        chat.settings.people = People {
            queue: Some(name),
            queues: [queue.into()].into(),
            messages_max: 6,
            ..People::default()
        };
        chat
    }

    pub(super) fn commands(&mut self, id: &str, wish: Wish) -> (Answer, Vec<String>) {
        let command = Command {
            tenant: self.settings.tenant.clone(),
            by: "ana".into(),
            wish,
        };
        let mut input = self.input(id, Inbound::Operator(command));
        input.stamp = None;
        let decision = self.take(&input);
        let mut answers = self.state.answers.iter();
        let answer = answers.find(|(known, _)| *known == input.id);
        (answer.unwrap().1, texts(&decision.effects))
    }

    pub(super) fn writes_for_operator(&mut self, id: &str, text: &str) -> (Answer, Vec<String>) {
        self.commands(id, Wish::Say { text: text.into() })
    }

    pub(super) fn cause(&self) -> Option<TransferCause> {
        match &self.state.flow {
            Flow::WithPeople(attended) => Some(attended.cause),
            _ => None,
        }
    }

    fn wakes(&mut self) -> Vec<String> {
        let due = self.state.next_wake().expect("a wake");
        self.now = due.to_millis();
        let input = self.input("wake", Inbound::Woken { due });
        texts(&self.take(&input).effects)
    }

    pub(super) fn opens_a_ticket(&self) -> bool {
        let opens = |effect: &Effect| matches!(effect.call, Call::OpenTicket(_));
        self.last.iter().any(opens)
    }
}

#[test]
fn whoever_asks_for_a_person_is_handed_over_and_the_bot_falls_silent() {
    for opening in [None, Some("hola"), Some("mi laptop no prende")] {
        let mut chat = Chat::with_queue(|_| {});
        if let Some(opening) = opening {
            chat.says(opening);
        }
        assert_eq!(chat.says("quiero hablar con una persona").len(), 1);
        assert_eq!(chat.cause(), Some(TransferCause::Asked), "{opening:?}");
        for text in ["hola", "mi impresora no imprime", "cancelar", "gracias"] {
            assert!(chat.says(text).is_empty(), "{text}");
        }
    }
}

#[test]
fn a_complaint_is_handed_over_in_the_step_that_reads_it_ahead_of_everything_else() {
    let mut chat = Chat::with_queue(|_| {});
    let heard = chat.says("esto es un pésimo servicio");
    assert!(heard[0].contains("Lamento"), "{heard:?}");
    assert_eq!(chat.cause(), Some(TransferCause::Complaint));
    assert_eq!(chat.last[0].priority, Priority::Urgent);
}

#[test]
fn without_a_queue_the_bot_keeps_answering() {
    let mut chat = Chat::dialogue();
    assert_eq!(chat.says("quiero hablar con una persona").len(), 1);
    assert_eq!(chat.cause(), None);
}

/// Messages from either side count: the person's first is number 1, the answer number 2.
#[test]
fn the_sixth_message_is_the_bots_and_the_seventh_is_handed_over() {
    let mut chat = Chat::with_queue(|_| {});
    for text in ["hola", "asdf qwer", "zxcv"] {
        assert_eq!(chat.says(text).len(), 1);
        assert_eq!(chat.cause(), None, "{text}");
    }
    assert_eq!(chat.state.talk, 6);
    chat.says("poiu");
    assert_eq!(chat.cause(), Some(TransferCause::TooManyMessages));
}

#[test]
fn the_number_of_messages_is_a_setting() {
    let mut chat = Chat::with_queue(|_| {});
    chat.settings.people.messages_max = 4;
    chat.says("hola");
    chat.says("asdf qwer");
    assert_eq!(chat.cause(), None);
    chat.says("zxcv");
    assert_eq!(chat.cause(), Some(TransferCause::TooManyMessages));
    let mut chat = Chat::with_queue(|_| {});
    chat.settings.people.messages_max = 0;
    for text in ["hola", "asdf", "qwer", "zxcv", "uiop", "hjkl"] {
        chat.says(text);
    }
    assert_eq!(chat.cause(), None, "0 is never");
}

#[test]
fn a_seventh_message_that_completes_the_ticket_is_not_handed_over() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    chat.says("mi computadora");
    chat.says("no enciende");
    assert_eq!(chat.state.talk, 6);
    chat.says("Juan Pérez, área de contabilidad");
    assert!(chat.opens_a_ticket());
    assert_eq!((chat.cause(), chat.state.talk), (None, 0));
}

#[test]
fn a_transfer_opens_a_ticket_only_where_the_queue_says_so() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("quiero hablar con una persona");
    chat.says("es por mi impresora");
    assert!(chat.wakes().is_empty(), "the idle time");
    assert!(!chat.opens_a_ticket());
    let opens = Opens {
        merge_interval_ms: 15_000,
        number_told: false,
    };
    let mut chat = Chat::with_queue(|queue| queue.opens = Some(opens));
    chat.says("quiero hablar con una persona");
    chat.now = chat.now.plus_ms(14_000);
    chat.says("es por mi impresora");
    chat.wakes();
    let (effect, ticket) = chat.ticket();
    assert_eq!(
        ticket.transcript,
        ["quiero hablar con una persona", "es por mi impresora"]
    );
    assert!(
        chat.reports(effect, done(7)).is_empty(),
        "the number stays here"
    );
    assert_eq!(chat.state.tickets.len(), 1);
    assert_eq!(chat.cause(), Some(TransferCause::Asked));
}

#[test]
fn a_command_given_again_is_answered_as_before_and_sent_once() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("quiero hablar con una persona");
    let (answer, sent) = chat.writes_for_operator("m-1", "Hola, soy Ana");
    assert_eq!(sent, ["Hola, soy Ana"]);
    let Answer::Done {
        effect: Some(effect),
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert_eq!(effect, chat.last[0].id);
    let (again, sent) = chat.writes_for_operator("m-1", "Hola, soy Ana");
    assert_eq!((again, sent.len()), (answer, 0));
    for nth in 0..30 {
        chat.says(&format!("{nth}"));
    }
    let command = Command {
        tenant: chat.settings.tenant.clone(),
        by: "ana".into(),
        wish: Wish::HandBack,
    };
    let late = InEvent {
        stamp: None,
        ..chat.input("m-1", Inbound::Operator(command))
    };
    let looks_up = super::super::needs_look_up(&chat.state, &late);
    assert!(looks_up, "what the ring forgot is looked up");
}

#[test]
fn an_operator_who_writes_takes_the_conversation() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("mi laptop no prende");
    chat.writes_for_operator("m-1", "Te ayudo yo");
    assert_eq!(chat.cause(), Some(TransferCause::Operator));
    assert!(chat.says("gracias").is_empty());
    let (_, heard) = chat.commands("c-1", Wish::HandBack);
    assert!(
        heard[1].contains("Laptop no prende"),
        "the draft goes on: {heard:?}"
    );
}

#[test]
fn outside_the_service_window_an_operator_is_refused_and_nothing_changes() {
    let mut chat = Chat::with_queue(|_| {});
    assert_eq!(
        chat.writes_for_operator("m-0", "hola").0,
        Answer::Refused(Refusal::Unreachable)
    );
    chat.says("hola");
    let before = chat.state.flow.clone();
    chat.now = chat.now.plus_ms(DAY_MS);
    let (answer, sent) = chat.writes_for_operator("m-1", "¿Sigue ahí?");
    assert_eq!(answer, Answer::Refused(Refusal::WindowClosed));
    assert!(sent.is_empty());
    assert_eq!(chat.state.flow, before);
}

#[test]
fn the_idle_time_starts_anew_with_every_word_and_then_the_bot_answers() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("quiero hablar con una persona");
    let first = chat.state.next_wake().unwrap();
    chat.now = chat.now.plus_ms(300_000);
    chat.says("¿hola?");
    assert!(chat.state.next_wake().unwrap() > first);
    let stale = chat.input("stale", Inbound::Woken { due: first });
    chat.take(&stale);
    assert_eq!(chat.cause(), Some(TransferCause::Asked));
    chat.now = chat.now.plus_ms(300_000);
    chat.writes_for_operator("m-1", "Un momento");
    chat.wakes();
    assert!(chat.state.flow.is_idle());
    assert_eq!(chat.says("mi impresora no imprime").len(), 1);
}

#[test]
fn out_of_hours_people_hear_when_somebody_will_be_there() {
    let offset = UtcOffset::fixed(-5 * 3600);
    let spans = vec![Span::parse("mon-fri 08:00-12:00").unwrap()];
    let hours = Hours { offset, spans };
    let mut chat = Chat::with_queue(|queue| queue.hours = Some(hours.clone()));
    let heard = chat.says("quiero hablar con una persona");
    assert!(heard[0].contains("lun–vie 08:00–12:00"), "{heard:?}");
    let mut chat = Chat::with_queue(|queue| {
        queue.hours = Some(hours);
        queue.closed_text = Some("Volvemos mañana.".into());
    });
    let heard = chat.says("quiero hablar con una persona");
    assert!(heard[0].ends_with("\n\nVolvemos mañana."), "{heard:?}");
}

#[test]
fn an_operator_overrides_what_the_bot_understood_of_a_ticket() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("la impresora no imprime");
    let wish = Wish::Classify {
        level: Some(Level::High),
        category: Some(crate::understand::Category::Network),
    };
    assert_eq!(
        chat.commands("c-1", wish.clone()).0,
        Answer::Done { effect: None }
    );
    chat.says("Juan Pérez, contabilidad");
    let (_, ticket) = chat.ticket();
    assert_eq!((ticket.urgency, ticket.category.code()), (4, "network"));
    let refused = chat.commands("c-2", wish).0;
    assert_eq!(refused, Answer::Refused(Refusal::NoDraft));
}

#[test]
fn a_burst_under_way_becomes_its_ticket_although_people_take_over() {
    let mut chat = Chat::with_queue(|_| {});
    chat.settings.mode = Mode::Queue {
        merge_interval_ms: 15_000,
    };
    chat.says("mi impresora no imprime");
    chat.says("quiero hablar con una persona");
    assert_eq!(chat.cause(), Some(TransferCause::Asked));
    chat.wakes();
    assert_eq!(chat.ticket().1.transcript.len(), 2);
}

#[test]
fn an_operators_change_of_a_ticket_is_an_effect_and_its_end_is_told_to_nobody() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    let change = Change::Solve {
        text: "Se cambió el cartucho".to_owned(),
    };
    let (answer, said) = chat.commands("c-1", Wish::Ticket { ticket: 7, change });
    let Answer::Done { effect: Some(id) } = answer else {
        panic!("{answer:?}");
    };
    assert!(said.is_empty(), "{said:?}");
    let effect = chat.last.iter().find(|effect| effect.id == id);
    let effect = effect.expect("decided");
    assert_eq!((&effect.lane, effect.report), (&Lane::Ticket(7), false));
    let Call::ChangeTicket(change) = &effect.call else {
        panic!("{effect:?}");
    };
    assert_eq!(change.by, By::Operator);
    let empty = Change::Solve {
        text: " ".to_owned(),
    };
    let (answer, _) = chat.commands(
        "c-2",
        Wish::Ticket {
            ticket: 7,
            change: empty,
        },
    );
    assert_eq!(answer, Answer::Refused(Refusal::Text));
}

#[test]
fn only_an_address_is_linked() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    for email in ["", "ana", "ana@", "@empresa.pe", "ana maria@empresa.pe"] {
        let (answer, _) = chat.commands(
            email,
            Wish::Link {
                email: email.into(),
            },
        );
        assert_eq!(answer, Answer::Refused(Refusal::Email), "{email:?}");
    }
    let email = "ana@empresa.pe".into();
    let (answer, _) = chat.commands("c-9", Wish::Link { email });
    assert!(
        matches!(answer, Answer::Done { effect: Some(_) }),
        "{answer:?}"
    );
}
