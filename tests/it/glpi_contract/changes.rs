//! What technicians do is found, and named so that it is told once.

use actors::model::{TicketFact, TicketState};
use actors::ports::HelpDesk;
use chasqui::providers::glpi::{Attachment, Client, FollowUp, Role, Then};
use serde_json::json;
use smol_str::SmolStr;

use super::{Bench, FIRST, PDF, done, effect, next_second, opened, word};

/// What a look finds of one ticket, and the mark after it.
async fn look(client: &Client, since: &str, ticket: u32) -> (Vec<TicketFact>, SmolStr) {
    let found = client.changed_since(since).await.expect("an answer");
    assert!(!found.more);
    let ticket = u64::from(ticket);
    let changed = |found: &actors::ports::ChangedTicket| found.read.ticket == ticket;
    if !found.tickets.iter().any(changed) {
        return (Vec::new(), found.mark);
    }
    let story = client.news(ticket, since).await.expect("an answer");
    (story.expect("a ticket").changes, found.mark)
}

#[tokio::test]
async fn a_technicians_work_is_found_under_ids_that_stay() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Sin red").await;
    let start = client.mark().await.expect("a mark");
    let (changes, _) = look(&client, &start, ticket).await;
    assert_eq!(changes, [], "opening it is no news");

    done(
        client
            .add_actor(ticket, bench.technician, Role::Technician)
            .await,
    );
    let said = bench.technician_says(ticket, "Voy para allá", false).await;
    bench.technician_says(ticket, "otra vez él", true).await;
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "gracias", Then::Keep))
            .await,
    );
    let (changes, mark) = look(&client, &start, ticket).await;
    let assigned = |change: &TicketFact| {
        matches!(
            change,
            TicketFact::Assigned {
                group: false,
                fresh: true,
                ..
            }
        )
    };
    assert!(changes.iter().any(assigned), "{changes:?}");
    let words: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            TicketFact::Word(word) => Some((word.id, word.text.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(words, [(u64::from(said), "Voy para allá")]);
    let states = changes
        .iter()
        .filter(|change| matches!(change, TicketFact::Stay { .. }));
    assert_eq!(states.count(), 1);
    assert!(mark >= start);

    // Found again from the same mark, and after another change, under the same ids.
    let (again, _) = look(&client, &start, ticket).await;
    assert_eq!(again, changes);
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "¿cuánto falta?", Then::Keep))
            .await,
    );
    let (later, _) = look(&client, &start, ticket).await;
    assert_eq!(later, changes);
}

#[tokio::test]
async fn every_stay_in_a_state_is_told_apart() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Correo").await;
    let start = client.mark().await.expect("a mark");
    let path = format!("Ticket/{ticket}");
    let set = async |status: u8| {
        bench
            .raw("PUT", &path, json!({"input": {"status": status}}))
            .await;
        let (changes, _) = look(&client, &start, ticket).await;
        let mut stays = changes.into_iter().filter_map(|change| match change {
            TicketFact::Stay { state, stay } => Some((stay, state)),
            _ => None,
        });
        let stay = stays.next().expect("a stay");
        next_second().await;
        stay
    };
    let mut found = Vec::new();
    for status in [2, 4, 2, 4, 5, 6] {
        found.push(set(status).await);
    }
    let states: Vec<_> = found.iter().map(|(_, state)| *state).collect();
    use TicketState::{Assigned, Closed, Pending, Solved};
    let expected = [Assigned, Pending, Assigned, Pending, Solved, Closed];
    assert_eq!(states, expected);
    let mut stays: Vec<_> = found.iter().map(|(stay, _)| stay).collect();
    stays.sort_unstable();
    stays.dedup();
    assert_eq!(stays.len(), found.len(), "{found:?}");
}

#[tokio::test]
async fn what_the_person_does_from_the_chat_is_no_news() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Teclado").await;
    bench
        .raw(
            "POST",
            "ITILSolution",
            json!({"input": {"itemtype": "Ticket", "items_id": ticket, "content": "cambiado"}}),
        )
        .await;
    // Past the overlap, so that only what follows is looked at.
    for _ in 0..4 {
        next_second().await;
    }
    let start = client.mark().await.expect("a mark");
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "sí, gracias", Then::Close))
            .await,
    );
    assert_eq!(bench.status(ticket).await, 6);
    let (changes, _) = look(&client, &start, ticket).await;
    assert_eq!(changes, [], "the person closed it here");
}

#[tokio::test]
async fn the_owner_is_named_by_marker_and_number() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Monitor").await;
    let owner = client.owner(ticket.into()).await.expect("an answer");
    let owner = owner.expect("a ticket");
    assert!(owner.effect.is_some());
    assert_eq!(owner.phones.len(), 1, "the registered person's mobile");
    let made = bench
        .raw("POST", "Ticket", json!({"input": {"name": "de nadie"}}))
        .await;
    let foreign = made["id"].as_u64().expect("an id");
    let owner = client.owner(foreign).await.expect("an answer");
    let owner = owner.expect("a ticket");
    assert_eq!((owner.effect, owner.phones.len()), (None, 0));
    assert_eq!(client.owner(999_999).await.expect("an answer"), None);
}

#[tokio::test]
async fn the_mark_passes_everything_and_the_past_is_not_found_again() {
    let bench = Bench::start().await;
    let client = bench.client();
    let start = client.mark().await.expect("a mark");
    next_second().await;
    let (ticket, _) = opened(&client, "Uno").await;
    bench.technician_says(ticket, "hola", false).await;
    let (_, mark) = look(&client, &start, 0).await;
    assert!(mark > start);
    for _ in 0..3 {
        next_second().await;
    }
    bench.technician_says(ticket, "sigo aquí", false).await;
    let mark = client.mark().await.expect("a mark");
    let (changes, _) = look(&client, &mark, ticket).await;
    let words = changes
        .iter()
        .filter(|change| matches!(change, TicketFact::Word(_)));
    assert_eq!(words.count(), 1, "{changes:?}");
}

#[tokio::test]
async fn a_date_that_may_come_again_is_not_settled() {
    let bench = Bench::start().await;
    let client = bench.client();
    let start = client.mark().await.expect("a mark");
    let (ticket, _) = opened(&client, "Dos").await;
    let settled = async || {
        let found = client.changed_since(&start).await.expect("an answer");
        let of = |found: &&actors::ports::ChangedTicket| found.read.ticket == u64::from(ticket);
        found.tickets.iter().find(of).expect("it changed").settled
    };
    assert!(!settled().await, "its second is not over");
    for _ in 0..4 {
        next_second().await;
    }
    assert!(settled().await);
}

#[tokio::test]
async fn more_changes_than_a_page_within_one_second_are_all_seen() {
    let bench = Bench::simulated().await;
    let client = bench.client();
    let start = client.mark().await.expect("a mark");
    let many: Vec<_> = (0..250)
        .map(|n| json!({"name": format!("masivo {n}")}))
        .collect();
    bench.raw("POST", "Ticket", json!({"input": many})).await;
    let found = client.changed_since(&start).await.expect("an answer");
    assert_eq!(found.tickets.len(), 250);
}

#[tokio::test]
async fn a_file_in_a_public_word_is_found_once_and_one_among_colleagues_never() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Escáner").await;
    let start = client.mark().await.expect("a mark");
    let private = "solo-para-los-colegas-del-turno.pdf";
    bench.technician_attaches(ticket, private, true).await;
    let public = "guia-para-la-persona-que-pregunta.pdf";
    bench.technician_attaches(ticket, public, false).await;
    let files = |changes: &[TicketFact]| -> Vec<_> {
        let file = |change: &TicketFact| match change {
            TicketFact::File(file) => Some((file.id, file.document, file.name.to_string())),
            _ => None,
        };
        changes.iter().filter_map(file).collect()
    };
    let (changes, mark) = look(&client, &start, ticket).await;
    let found = files(&changes);
    let [(id, document, name)] = &found[..] else {
        panic!("one file expected: {changes:?}");
    };
    assert_eq!(name, public);
    assert!(*id > 0 && *document > 0);
    assert!(mark >= start);

    // The person's own file, put there from the chat, is no news to them.
    let own = FollowUp {
        file: Some(Attachment {
            name: "captura-de-la-persona-misma.pdf".into(),
            mime: "application/pdf".into(),
            bytes: PDF.to_vec(),
        }),
        ..word(ticket, "aquí va", Then::Keep)
    };
    done(client.follow_up(effect(), FIRST, &own).await);
    let (again, _) = look(&client, &start, ticket).await;
    assert_eq!(files(&again), found);
    for _ in 0..4 {
        next_second().await;
    }
    bench.technician_says(ticket, "¿se abrió?", false).await;
    let late = client.mark().await.expect("a mark");
    let (later, _) = look(&client, &late, ticket).await;
    assert_eq!(files(&later), [], "found before");
}
