//! What is believed when an answer to a change is lost, and that nothing is said twice then.

use actors::model::Call;
use actors::ports::{Called, LookedUp};
use chasqui::providers::glpi::{Author, Cancellation, Client, Solution, Then, TicketUpdate};
use serde_json::{Value, json};

use super::{Bench, FIRST, SECOND, call_as, done, effect, opened, word};

fn lost() -> Vec<Value> {
    vec![
        json!({"kind": "lose_answer"}),
        json!({"kind": "error", "status": 500, "processed": true}),
        json!({"kind": "delay", "ms": 900, "after": true}),
    ]
}

fn hasty(bench: &Bench) -> Client {
    bench.client_with(|settings| settings.create_timeout = std::time::Duration::from_millis(400))
}

async fn count(bench: &Bench, ticket: u32, item: &str) -> usize {
    let rows = bench
        .raw("GET", &format!("Ticket/{ticket}/{item}"), Value::Null)
        .await;
    rows.as_array().expect("rows").len()
}

#[tokio::test]
async fn a_followup_whose_answer_is_lost_is_unknown_and_said_once() {
    let bench = Bench::simulated().await;
    let (ticket, _) = opened(&bench.client(), "Uno").await;
    let client = hasty(&bench);
    for (index, fault) in lost().into_iter().enumerate() {
        let said = effect();
        let followup = word(ticket, "hola", Then::Keep);
        bench.fault("POST", "/ITILFollowup", fault.clone());
        let called = client.follow_up(said, FIRST, &followup).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{fault}: {called:?}"
        );
        let looked_up = client.find_follow_up(said, ticket).await;
        assert!(
            matches!(looked_up, LookedUp::Found(_)),
            "{fault}: {looked_up:?}"
        );
        done(client.follow_up(said, SECOND, &followup).await);
        assert_eq!(
            count(&bench, ticket, "ITILFollowup").await,
            index + 1,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn a_solution_whose_answer_is_lost_is_found() {
    let bench = Bench::simulated().await;
    let client = hasty(&bench);
    for fault in lost() {
        let (ticket, _) = opened(&bench.client(), "Uno").await;
        let solution = Solution {
            ticket,
            text: "listo".into(),
            author: Author::Service,
            kind: None,
        };
        let solved = effect();
        bench.fault("POST", "/ITILSolution", fault.clone());
        let called = client.solve(solved, FIRST, &solution).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{fault}: {called:?}"
        );
        done(client.solve(solved, SECOND, &solution).await);
        assert_eq!(count(&bench, ticket, "ITILSolution").await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_cancellation_broken_in_the_middle_is_completed_without_a_second_word() {
    let bench = Bench::simulated().await;
    let (ticket, _) = opened(&bench.client(), "Uno").await;
    let client = hasty(&bench);
    let cancellation = Cancellation {
        ticket,
        text: "ya no".into(),
        author: Author::Requester,
    };
    let cancelled = effect();
    bench.fault("PUT", "/Ticket", json!({"kind": "error", "status": 502}));
    let called = client.cancel(cancelled, FIRST, &cancellation).await;
    assert!(matches!(called, Called::Unknown { .. }), "{called:?}");
    let looked_up = client.find_cancellation(cancelled, ticket).await;
    assert_eq!(looked_up, LookedUp::NotFound, "said but not closed");
    done(client.cancel(cancelled, SECOND, &cancellation).await);
    assert_eq!(count(&bench, ticket, "ITILFollowup").await, 1);
    assert_eq!(bench.status(ticket).await, 6);
}

#[tokio::test]
async fn what_fails_before_a_change_leaves_is_not_done() {
    let bench = Bench::simulated().await;
    let (ticket, _) = opened(&bench.client(), "Uno").await;
    let client = bench.client();
    bench.fault("GET", "/Ticket", json!({"kind": "error", "status": 502}));
    let called = client
        .follow_up(effect(), FIRST, &word(ticket, "hola", Then::Keep))
        .await;
    assert!(matches!(called, Called::NotDone { .. }), "{called:?}");
    assert_eq!(count(&bench, ticket, "ITILFollowup").await, 0);
}

#[tokio::test]
async fn a_session_that_dies_before_a_change_is_renewed() {
    let bench = Bench::simulated().await;
    let (ticket, _) = opened(&bench.client(), "Uno").await;
    let client = bench.client();
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "uno", Then::Keep))
            .await,
    );
    bench.house(json!({"end_sessions": true}));
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "dos", Then::Keep))
            .await,
    );
    let update = TicketUpdate {
        urgency: Some(1),
        ..TicketUpdate::default()
    };
    bench.house(json!({"end_sessions": true}));
    done(client.update_ticket(ticket, &update).await);
}

#[tokio::test]
async fn a_missing_right_can_be_given_and_tried_again() {
    let bench = Bench::simulated().await;
    let (ticket, _) = opened(&bench.client(), "Uno").await;
    // Observer: sees tickets and comments, but neither changes, solves nor deletes.
    bench.house(json!({"connector": "normal"}));
    let client = bench.client();
    let update = TicketUpdate {
        urgency: Some(1),
        ..TicketUpdate::default()
    };
    let solution = Solution {
        ticket,
        text: "listo".into(),
        author: Author::Service,
        kind: None,
    };
    for called in [
        client.update_ticket(ticket, &update).await,
        client.solve(effect(), FIRST, &solution).await,
    ] {
        let Called::NotDone { reason, .. } = called else {
            panic!("{called:?}");
        };
        assert!(reason.contains("lacks the right"), "{reason}");
    }
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "hola", Then::Keep))
            .await,
    );
}

#[tokio::test]
async fn a_ticket_opened_while_the_fall_back_entity_is_out_of_sight_names_the_entity() {
    let bench = Bench::simulated().await;
    let client = bench.client_with(|settings| settings.fallback_entity = 77);
    let draft = actors::model::TicketDraft {
        title: "x".into(),
        description: "y".into(),
        transcript: Vec::new(),
        urgency: 3,
        category: actors::understand::Category::default(),
        requester_name: "Rosa".into(),
        requester_area: "TI".into(),
        phone: Some(super::phone()),
        email: None,
    };
    let call = Call::OpenTicket(Box::new(draft));
    let Called::NotDone { reason, .. } = call_as(&client, effect(), FIRST, &call).await else {
        panic!("done");
    };
    assert!(reason.contains("entity 77"), "{reason}");
}
