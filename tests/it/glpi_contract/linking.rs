//! Joining the number a person writes from to the user they have: to nobody else's, and once.

use actors::model::{
    About, Call, Found, Link, LinkedBy, Phone, Requester, TicketQuestion, refusal,
};
use actors::ports::{Called, LookedUp, Provider};
use chasqui::providers::glpi::Client;
use serde_json::{Value, json};

use super::{Bench, FIRST, SECOND, call_as, effect, opened_by, phone, planned, unique};

/// A user as a directory brings them: with an e-mail and without a phone.
async fn colleague(bench: &Bench) -> (u32, String) {
    let email = format!("rosa{}@empresa.pe", unique());
    let made = json!({"input": {
        "name": format!("rosa{}", unique()), "realname": "Quispe", "_useremails": [email],
    }});
    let made = bench.raw("POST", "User", made).await;
    (made["id"].as_u64().expect("an id") as u32, email)
}

fn link(phone: &Phone, email: &str, by: LinkedBy) -> Call {
    Call::LinkRequester(Box::new(Link {
        phone: phone.clone(),
        email: email.into(),
        by,
    }))
}

async fn joins(client: &Client, phone: &Phone, email: &str, by: LinkedBy) -> Result<(), u32> {
    match call_as(client, effect(), FIRST, &link(phone, email, by)).await {
        Called::Done(_) => Ok(()),
        Called::Refused { code, .. } => Err(code),
        other => panic!("neither joined nor refused: {other:?}"),
    }
}

async fn user_of(client: &Client, phone: &Phone) -> Option<u32> {
    let found = client.find_requester(Some(phone), None).await;
    found.expect("an answer")
}

async fn requesters(bench: &Bench, ticket: u32) -> Vec<u64> {
    let path = format!("Ticket/{ticket}/Ticket_User");
    let actors = bench.raw("GET", &path, Value::Null).await;
    let actors = actors.as_array().expect("a list").iter();
    let requesters = actors.filter(|actor| actor["type"] == 1);
    requesters
        .map(|actor| actor["users_id"].as_u64().expect("an id"))
        .collect()
}

async fn sees(client: &Client, phone: &Phone, ticket: u32) -> bool {
    let requester = Requester {
        phone: Some(phone.clone()),
        email: None,
    };
    let about = About::Ticket(ticket.into());
    let call = Call::AskTickets(Box::new(TicketQuestion { requester, about }));
    match call_as(client, effect(), FIRST, &call).await {
        Called::Done(reply) => matches!(reply.found.as_deref(), Some(Found::Ticket(_))),
        other => panic!("not answered: {other:?}"),
    }
}

#[tokio::test]
async fn a_phone_is_linked_only_to_a_user_without_one() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (user, email) = colleague(&bench).await;
    let (hers, thief) = (phone(), phone());
    for by in [LinkedBy::Person, LinkedBy::Operator] {
        let nobody = joins(&client, &hers, "nadie@empresa.pe", by).await;
        assert_eq!(nobody, Err(refusal::NO_USER));
    }
    let (id, linking) = (effect(), link(&hers, &email, LinkedBy::Person));
    let before = client.look_up(&planned(id, linking.clone())).await;
    assert_eq!(before, LookedUp::NotFound);
    for _ in 0..2 {
        let called = call_as(&client, id, FIRST, &linking).await;
        assert!(matches!(called, Called::Done(_)), "{called:?}");
    }
    let looked = client.look_up(&planned(id, linking)).await;
    assert!(matches!(looked, LookedUp::Found(_)), "{looked:?}");
    assert_eq!(user_of(&client, &hers).await, Some(user));
    for by in [LinkedBy::Person, LinkedBy::Operator] {
        let stolen = joins(&client, &thief, &email, by).await;
        assert_eq!(stolen, Err(refusal::OTHER_PHONE));
    }
    assert_eq!(user_of(&client, &thief).await, None);
    let (_, another) = colleague(&bench).await;
    let second = joins(&client, &hers, &another, LinkedBy::Person).await;
    assert_eq!(second, Err(refusal::OTHER_USER), "one number is one user");
}

#[tokio::test]
async fn a_newcomers_tickets_become_the_users_and_the_next_one_is_theirs() {
    let bench = Bench::start().await;
    let client = bench.client();
    let phone = phone();
    let first = opened_by(&client, &phone, "Sin red").await;
    let newcomer = user_of(&client, &phone).await.expect("registered");
    let (user, email) = colleague(&bench).await;
    assert!(newcomer < user, "the registration is the older of the two");
    for _ in 0..2 {
        let joined = joins(&client, &phone, &email, LinkedBy::Person).await;
        assert_eq!(joined, Ok(()));
    }
    assert_eq!(user_of(&client, &phone).await, Some(user));
    assert!(
        sees(&client, &phone, first).await,
        "the first ticket stays theirs"
    );
    let parties = requesters(&bench, first).await;
    assert_eq!(parties, [u64::from(newcomer), u64::from(user)]);
    let second = opened_by(&client, &phone, "Sin luz").await;
    assert_eq!(requesters(&bench, second).await, [u64::from(user)]);
}

#[tokio::test]
async fn a_ticket_tells_whether_its_requester_is_a_newcomer() {
    let bench = Bench::start().await;
    let client = bench.client();
    let phone = phone();
    let draft = || {
        Call::OpenTicket(Box::new(actors::model::TicketDraft {
            title: "Sin red".into(),
            description: "Sin red".into(),
            transcript: Vec::new(),
            urgency: 3,
            category: actors::understand::Category::default(),
            requester_name: "Rosa Quispe".into(),
            requester_area: "Ventas".into(),
            phone: Some(phone.clone()),
            email: None,
        }))
    };
    let newcomer = async || match call_as(&client, effect(), FIRST, &draft()).await {
        Called::Done(reply) => reply.found.as_deref() == Some(&Found::Newcomer),
        other => panic!("not opened: {other:?}"),
    };
    assert!(newcomer().await, "registered for this ticket");
    assert!(newcomer().await, "registered for an earlier one");
    let (_, email) = colleague(&bench).await;
    let joined = joins(&client, &phone, &email, LinkedBy::Person).await;
    assert_eq!(joined, Ok(()));
    assert!(!newcomer().await, "a user of the company's");
}

#[tokio::test]
async fn nobody_reads_a_colleagues_tickets_by_typing_their_address() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (user, email) = colleague(&bench).await;
    let made = json!({"input": {
        "name": "Sueldos", "content": "Sueldos de la gerencia", "_users_id_requester": user,
    }});
    let made = bench.raw("POST", "Ticket", made).await;
    let ticket = made["id"].as_u64().expect("an id") as u32;
    let (stranger, hers) = (phone(), phone());
    opened_by(&client, &stranger, "Teclado").await;
    let typed = joins(&client, &stranger, &email, LinkedBy::Person).await;
    assert_eq!(typed, Err(refusal::FOR_OPERATORS));
    assert!(!sees(&client, &stranger, ticket).await);
    assert_eq!(requesters(&bench, ticket).await, [u64::from(user)]);
    let ordered = joins(&client, &hers, &email, LinkedBy::Operator).await;
    assert_eq!(ordered, Ok(()), "an operator knows who it is");
    assert!(sees(&client, &hers, ticket).await);
}

#[tokio::test]
async fn two_who_type_one_address_at_once_are_not_both_joined() {
    let bench = Bench::start().await;
    let client = bench.client();
    for _ in 0..4 {
        let (user, email) = colleague(&bench).await;
        let (one, other) = (phone(), phone());
        let by = LinkedBy::Person;
        let ends = tokio::join!(
            joins(&client, &one, &email, by),
            joins(&client, &other, &email, by)
        );
        let (joined, left) = match ends {
            (Ok(()), Err(refusal::OTHER_PHONE)) => (&one, &other),
            (Err(refusal::OTHER_PHONE), Ok(())) => (&other, &one),
            ends => panic!("{ends:?}"),
        };
        assert_eq!(user_of(&client, joined).await, Some(user));
        assert_eq!(user_of(&client, left).await, None);
    }
}

#[tokio::test]
async fn a_joining_whose_answer_was_lost_is_found() {
    let bench = Bench::simulated().await;
    let client = bench.client();
    let phone = phone();
    opened_by(&client, &phone, "Sin red").await;
    let (user, email) = colleague(&bench).await;
    let (id, call) = (effect(), link(&phone, &email, LinkedBy::Person));
    bench.fault("PUT", "/User", json!({"kind": "lose_answer"}));
    let lost = call_as(&client, id, FIRST, &call).await;
    assert!(matches!(lost, Called::Unknown { .. }), "{lost:?}");
    let looked = client.look_up(&planned(id, call.clone())).await;
    assert!(matches!(looked, LookedUp::Found(_)), "{looked:?}");
    assert_eq!(user_of(&client, &phone).await, Some(user));
    let again = call_as(&client, id, SECOND, &call).await;
    assert!(matches!(again, Called::Done(_)), "{again:?}");
}

#[tokio::test]
async fn half_a_joining_is_finished_by_the_next_try() {
    let bench = Bench::simulated().await;
    let client = bench.client();
    let phone = phone();
    let ticket = opened_by(&client, &phone, "Sin red").await;
    let (user, email) = colleague(&bench).await;
    // The ticket is given away, and the number cannot be written.
    bench.fault("PUT", "/User", json!({"kind": "error", "status": 503}));
    let half = call_as(
        &client,
        effect(),
        FIRST,
        &link(&phone, &email, LinkedBy::Person),
    )
    .await;
    assert!(
        !matches!(half, Called::Done(_) | Called::Refused { .. }),
        "{half:?}"
    );
    assert!(requesters(&bench, ticket).await.contains(&u64::from(user)));
    let joined = joins(&client, &phone, &email, LinkedBy::Person).await;
    assert_eq!(joined, Ok(()), "that ticket is no reason to refuse");
    assert_eq!(user_of(&client, &phone).await, Some(user));
}
