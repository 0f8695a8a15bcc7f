//! Everything a conversation does with tickets that exist, as effects: asked, changed, guarded, and
//! found again.

use actors::model::{
    About, By, Call, Change, Found, Phone, Requester, Then, TicketChange, TicketQuestion,
    TicketState, TicketUpdate, refusal,
};
use actors::ports::{Called, LookedUp, Provider};
use chasqui::providers::glpi::Client;
use serde_json::{Value, json};

use super::{Bench, FIRST, SECOND, call_as, effect, next_second, opened_by, phone, planned};

fn known_by(phone: &Phone) -> Requester {
    Requester {
        phone: Some(phone.clone()),
        email: None,
    }
}

async fn ask(client: &Client, phone: &Phone, about: About) -> Found {
    let requester = known_by(phone);
    let call = Call::AskTickets(Box::new(TicketQuestion { requester, about }));
    match call_as(client, effect(), FIRST, &call).await {
        Called::Done(reply) => *reply.found.expect("an answer"),
        other => panic!("not answered: {other:?}"),
    }
}

fn changed(phone: &Phone, ticket: u32, change: Change) -> Call {
    Call::ChangeTicket(Box::new(TicketChange {
        ticket: ticket.into(),
        by: By::Requester(known_by(phone)),
        change,
    }))
}

async fn change(client: &Client, phone: &Phone, ticket: u32, change: Change) -> Called {
    call_as(client, effect(), FIRST, &changed(phone, ticket, change)).await
}

fn say(text: &str, then: Then) -> Change {
    let text = text.into();
    Change::Say { text, then }
}

/// How the ticket stands after a change that was made.
fn standing(called: Called) -> (TicketState, bool) {
    match called {
        Called::Done(reply) => match reply.found.as_deref() {
            Some(Found::Changed {
                state,
                rating_asked,
            }) => (*state, *rating_asked),
            other => panic!("no standing: {other:?}"),
        },
        other => panic!("not done: {other:?}"),
    }
}

fn code(called: Called) -> u32 {
    match called {
        Called::Refused { code, .. } => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn one_open_ticket_is_told_whole_and_several_are_listed() {
    let bench = Bench::start().await;
    let client = bench.client();
    let phone = phone();
    assert_eq!(ask(&client, &phone, About::Open).await, Found::Stranger);
    let first = opened_by(&client, &phone, "Sin red").await;
    bench.technician_says(first, "Vamos para allá", false).await;
    let Found::Ticket(view) = ask(&client, &phone, About::Open).await else {
        panic!("not told whole");
    };
    assert_eq!(view.line.id, u64::from(first));
    assert_eq!(view.word.expect("a word").text, "Vamos para allá");
    let second = opened_by(&client, &phone, "Sin luz").await;
    let Found::Open(lines) = ask(&client, &phone, About::Open).await else {
        panic!("not listed");
    };
    let mut ids: Vec<u64> = lines.iter().map(|line| line.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [u64::from(first), u64::from(second)]);
}

#[tokio::test]
async fn a_number_belongs_to_a_user_or_to_nobody() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (known, stranger) = (phone(), phone());
    opened_by(&client, &known, "Sin red").await;
    assert_eq!(ask(&client, &known, About::Person).await, Found::Known);
    assert_eq!(
        ask(&client, &stranger, About::Person).await,
        Found::Stranger
    );
    let nobody = Call::AskTickets(Box::new(TicketQuestion {
        requester: Requester::default(),
        about: About::Person,
    }));
    let Called::Done(reply) = call_as(&client, effect(), FIRST, &nobody).await else {
        panic!("not answered");
    };
    assert_eq!(reply.found.as_deref(), Some(&Found::Stranger));
}

#[tokio::test]
async fn a_ticket_of_somebody_else_is_neither_shown_nor_changed() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (owner, other) = (phone(), phone());
    let ticket = opened_by(&client, &owner, "Sueldos").await;
    opened_by(&client, &other, "Teclado").await;
    for id in [u64::from(ticket), 99_999_999, u64::MAX] {
        let found = ask(&client, &other, About::Ticket(id)).await;
        assert_eq!(found, Found::NoTicket);
    }
    let status = bench.status(ticket).await;
    let stars = Change::Rate {
        stars: 1,
        text: String::new(),
    };
    let update = Change::Update(TicketUpdate {
        urgency: Some(5),
        ..TicketUpdate::default()
    });
    let solve = Change::Solve { text: "ya".into() };
    let cancel = Change::Cancel { text: "ya".into() };
    let changes = [
        say("leo todo", Then::Keep),
        say("cierro", Then::Close),
        say("reabro", Then::Reopen),
        solve,
        update,
        cancel,
        Change::Delete,
        stars,
    ];
    for wanted in changes {
        let called = change(&client, &other, ticket, wanted).await;
        assert_eq!(code(called), refusal::NOT_THEIRS);
    }
    assert_eq!(bench.status(ticket).await, status);
    let path = format!("Ticket/{ticket}/ITILFollowup");
    assert_eq!(bench.raw("GET", &path, Value::Null).await, json!([]));
}

#[tokio::test]
async fn a_life_from_pending_to_closed_goes_by_the_flags() {
    let bench = Bench::start().await;
    let client = bench.client();
    let phone = phone();
    let ticket = opened_by(&client, &phone, "VPN").await;
    let path = format!("Ticket/{ticket}");
    bench
        .raw("PUT", &path, json!({"input": {"status": 4}}))
        .await;
    let answer = change(&client, &phone, ticket, say("Es la 2", Then::Keep)).await;
    let (state, _) = standing(answer);
    assert_ne!(state, TicketState::Pending, "the answer lets it go on");
    for (text, then, closed) in [
        ("Sigue igual", Then::Reopen, false),
        ("Quedó", Then::Close, true),
    ] {
        next_second().await;
        let by = By::Operator;
        let change_it = Change::Solve {
            text: "Listo".into(),
        };
        let solve = Call::ChangeTicket(Box::new(TicketChange {
            ticket: ticket.into(),
            by,
            change: change_it,
        }));
        let solved = call_as(&client, effect(), FIRST, &solve).await;
        assert_eq!(standing(solved).0, TicketState::Solved);
        let (state, _) = standing(change(&client, &phone, ticket, say(text, then)).await);
        assert_eq!(state == TicketState::Closed, closed, "{text}: {state:?}");
    }
    let another = opened_by(&client, &phone, "Ratón").await;
    let cancel = Change::Cancel {
        text: "Ya no hace falta".into(),
    };
    let (state, asked) = standing(change(&client, &phone, another, cancel).await);
    assert_eq!((state, asked), (TicketState::Closed, false));
}

#[tokio::test]
async fn a_word_whose_answer_was_lost_is_found_and_not_said_twice() {
    let bench = Bench::simulated().await;
    let client = bench.client();
    let phone = phone();
    let ticket = opened_by(&client, &phone, "Monitor").await;
    let (id, call) = (
        effect(),
        changed(&phone, ticket, say("Parpadea", Then::Keep)),
    );
    bench.fault("POST", "/ITILFollowup", json!({"kind": "lose_answer"}));
    let called = call_as(&client, id, FIRST, &call).await;
    assert!(matches!(called, Called::Unknown { .. }), "{called:?}");
    let looked = client.look_up(&planned(id, call.clone())).await;
    assert!(matches!(looked, LookedUp::Found(_)), "{looked:?}");
    standing(call_as(&client, id, SECOND, &call).await);
    let path = format!("Ticket/{ticket}/ITILFollowup");
    let words = bench.raw("GET", &path, Value::Null).await;
    assert_eq!(words.as_array().map(Vec::len), Some(1), "{words}");
    let other = planned(effect(), call);
    assert_eq!(client.look_up(&other).await, LookedUp::NotFound);
}

#[tokio::test]
async fn a_rating_is_taken_where_glpi_asks_for_one() {
    let bench = Bench::simulated().await;
    bench.house(json!({"survey": true}));
    let client = bench.client();
    let phone = phone();
    let ticket = opened_by(&client, &phone, "Audífonos").await;
    let rate = |stars| Change::Rate {
        stars,
        text: "Rápido".into(),
    };
    let early = change(&client, &phone, ticket, rate(5)).await;
    assert_eq!(code(early), refusal::NO_SURVEY);
    let solve = Call::ChangeTicket(Box::new(TicketChange {
        ticket: ticket.into(),
        by: By::Operator,
        change: Change::Solve {
            text: "Listo".into(),
        },
    }));
    call_as(&client, effect(), FIRST, &solve).await;
    let closed = change(&client, &phone, ticket, say("Quedó", Then::Close)).await;
    assert_eq!(standing(closed), (TicketState::Closed, true));
    for beyond in [0, 6] {
        assert_eq!(code(change(&client, &phone, ticket, rate(beyond)).await), 0);
    }
    let id = effect();
    let call = changed(&phone, ticket, rate(4));
    assert_eq!(
        client.look_up(&planned(id, call.clone())).await,
        LookedUp::NotFound
    );
    standing(call_as(&client, id, FIRST, &call).await);
    let looked = client.look_up(&planned(id, call)).await;
    assert!(matches!(looked, LookedUp::Found(_)), "{looked:?}");
    let path = format!("TicketSatisfaction/{ticket}");
    let row = bench.raw("GET", &path, Value::Null).await;
    assert_eq!(
        (&row["satisfaction"], &row["comment"]),
        (&json!(4), &json!("Rápido"))
    );
}
