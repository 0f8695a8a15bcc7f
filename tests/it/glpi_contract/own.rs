//! What a requester may know: their own tickets, and of those what is public.

use actors::model::TicketState;
use chasqui::providers::glpi::{Author, Solution, Then};
use serde_json::json;

use super::{Bench, FIRST, done, effect, next_second, opened, word};

#[tokio::test]
async fn the_open_tickets_of_a_person_are_theirs_alone() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, person) = opened(&client, "Sin <red> & sin luz").await;
    let (_, stranger) = opened(&client, "Otra cosa").await;
    let lines = client.open_tickets(person, 5).await.expect("a list");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        (lines[0].id, lines[0].title.as_str(), lines[0].state),
        (ticket.into(), "Sin <red> & sin luz", TicketState::New)
    );
    assert!(lines[0].changed.is_some() && lines[0].opened.is_some());
    assert!(
        client
            .own_ticket(person, ticket)
            .await
            .expect("an answer")
            .is_some()
    );
    for (who, what) in [(stranger, ticket), (person, 99_999_999), (0, ticket)] {
        let state = client.own_ticket(who, what).await.expect("an answer");
        assert_eq!(state, None);
    }
    assert_eq!(client.open_tickets(0, 5).await.expect("a list"), []);

    bench
        .raw(
            "PUT",
            &format!("Ticket/{ticket}"),
            json!({"input": {"status": 6}}),
        )
        .await;
    assert_eq!(client.open_tickets(person, 5).await.expect("a list"), []);
}

#[tokio::test]
async fn the_last_public_word_of_a_technician_is_the_answer() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, person) = opened(&client, "Correo").await;
    let state = async || {
        let state = client.own_ticket(person, ticket).await.expect("an answer");
        state.expect("their own")
    };
    let first = state().await;
    assert_eq!((first.word, first.assigned), (None, false));

    let said = bench
        .technician_says(ticket, "Lo vemos &amp; avisamos<br>hoy", false)
        .await;
    next_second().await;
    bench
        .technician_says(ticket, "el usuario exagera", true)
        .await;
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "¿y?", Then::Keep))
            .await,
    );
    let answer = state().await.word.expect("an answer");
    assert_eq!((answer.id, answer.is_solution), (said.into(), false));
    assert_eq!(answer.text, "Lo vemos & avisamos\nhoy");

    next_second().await;
    let input = json!({
        "itemtype": "Ticket", "items_id": ticket, "content": "<p>Se reinició</p>",
        "users_id": bench.technician,
    });
    bench
        .raw("POST", "ITILSolution", json!({"input": input}))
        .await;
    let solved = state().await;
    let answer = solved.word.expect("an answer");
    assert!(answer.is_solution);
    assert_eq!(answer.text, "Se reinició");
    assert_eq!(solved.line.state, TicketState::Solved);
}

#[tokio::test]
async fn what_the_service_wrote_is_no_answer() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, person) = opened(&client, "VPN").await;
    let solution = Solution {
        ticket,
        text: "Cerrado por falta de respuesta".into(),
        author: Author::Service,
        kind: None,
    };
    done(client.solve(effect(), FIRST, &solution).await);
    let state = client.own_ticket(person, ticket).await.expect("an answer");
    assert_eq!(state.expect("their own").word, None);
}
