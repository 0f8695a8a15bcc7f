//! The state machine of a ticket: what moves it, and what does not.

use serde_json::{Value, json};

use crate::bench::{Answer, Bench, GlpiClient};

const POST_ONLY: &str = "Basic cG9zdC1vbmx5OnBvc3Rvbmx5";

/// A ticket of the self-service user (id 3) assigned to the technician (id 4).
async fn assigned_ticket(connector: &GlpiClient) -> i64 {
    connector
        .ticket(json!({"name": "t", "_users_id_requester": 3, "_users_id_assign": 4}))
        .await
}

async fn follow_up(client: &GlpiClient, ticket: i64, fields: Value) -> Answer {
    let mut input = json!({"itemtype": "Ticket", "items_id": ticket, "content": "hola"});
    for (name, value) in fields.as_object().expect("an object") {
        input[name] = value.clone();
    }
    client.post("ITILFollowup", json!({"input": input})).await
}

async fn solve(client: &GlpiClient, ticket: i64) -> Answer {
    client
        .post(
            "ITILSolution",
            json!({"input": {"itemtype": "Ticket", "items_id": ticket, "content": "listo"}}),
        )
        .await
}

#[tokio::test]
async fn pending_is_set_and_taken_back_by_followups() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    follow_up(&connector, ticket, json!({"pending": 1})).await;
    assert_eq!(connector.status_of(ticket).await, 4);
    follow_up(&connector, ticket, json!({"pending": 0})).await;
    assert_eq!(connector.status_of(ticket).await, 2);
}

#[tokio::test]
async fn the_connector_writing_for_the_requester_reopens_nothing() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    connector
        .put(&format!("Ticket/{ticket}"), json!({"input": {"status": 4}}))
        .await;
    let answer = follow_up(&connector, ticket, json!({"users_id": 3})).await;
    assert_eq!(connector.status_of(ticket).await, 4);
    let followup = connector
        .get(&format!("ITILFollowup/{}", answer.id()))
        .await
        .body;
    assert_eq!(followup["users_id"], 3);
    solve(&connector, ticket).await;
    follow_up(&connector, ticket, json!({"users_id": 3})).await;
    assert_eq!(connector.status_of(ticket).await, 5);
}

#[tokio::test]
async fn the_requesters_own_session_reopens_pending_and_solved_tickets() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let requester = bench.glpi_with(POST_ONLY).await;
    let ticket = assigned_ticket(&connector).await;
    for status in [4, 5] {
        connector
            .put(
                &format!("Ticket/{ticket}"),
                json!({"input": {"status": status}}),
            )
            .await;
        assert_eq!(follow_up(&requester, ticket, json!({})).await.status, 201);
        assert_eq!(connector.status_of(ticket).await, 2);
    }
    let unassigned = connector
        .ticket(json!({"name": "t", "_users_id_requester": 3, "status": 4}))
        .await;
    follow_up(&requester, unassigned, json!({})).await;
    assert_eq!(connector.status_of(unassigned).await, 1);
}

#[tokio::test]
async fn a_solution_solves_once_and_add_reopen_refuses_it() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    let solution = solve(&connector, ticket).await.id();
    let found = connector.get(&format!("Ticket/{ticket}")).await.body;
    assert!(found["status"] == 5 && found["solvedate"].is_string());
    let twice = solve(&connector, ticket).await;
    assert_eq!(
        (twice.status, twice.body[1].as_str()),
        (
            400,
            Some("The item is already solved, did anyone pushed a solution before you?")
        )
    );

    follow_up(&connector, ticket, json!({"add_reopen": 1})).await;
    let found = connector.get(&format!("Ticket/{ticket}")).await.body;
    assert!(found["status"] == 2 && found["solvedate"].is_null());
    assert_eq!(
        connector
            .get(&format!("ITILSolution/{solution}"))
            .await
            .body["status"],
        4
    );
}

#[tokio::test]
async fn add_close_closes_and_a_closed_ticket_takes_only_its_status() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    let solution = solve(&connector, ticket).await.id();
    assert_eq!(
        follow_up(&connector, ticket, json!({"add_close": 1, "content": ""}))
            .await
            .status,
        201
    );
    let found = connector.get(&format!("Ticket/{ticket}")).await.body;
    assert!(found["status"] == 6 && found["closedate"].is_string());
    assert_eq!(
        connector
            .get(&format!("ITILSolution/{solution}"))
            .await
            .body["status"],
        3
    );

    let renamed = connector
        .put(&format!("Ticket/{ticket}"), json!({"input": {"name": "x"}}))
        .await;
    assert_eq!(
        (renamed.status, renamed.body),
        (400, json!(["ERROR_GLPI_UPDATE", ""]))
    );
    assert_eq!(follow_up(&connector, ticket, json!({})).await.status, 201);
    assert_eq!(connector.status_of(ticket).await, 6);
    let requester = bench.glpi_with(POST_ONLY).await;
    assert_eq!(follow_up(&requester, ticket, json!({})).await.status, 400);
    follow_up(&connector, ticket, json!({"add_reopen": 1})).await;
    assert_eq!(connector.status_of(ticket).await, 2);
}

#[tokio::test]
async fn an_entity_that_closes_at_once_goes_from_solution_to_closed() {
    let bench = Bench::start().await;
    bench.control(json!({"glpi": {"demo-app-token": {"autoclose": true}}}));
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    solve(&connector, ticket).await;
    assert_eq!(connector.status_of(ticket).await, 6);
}

#[tokio::test]
async fn every_followup_bumps_the_ticket_for_pollers() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    let before = connector.get(&format!("Ticket/{ticket}")).await.body["date_mod"].clone();
    bench.control(json!({"advance_clock_ms": 5_000}));
    follow_up(&connector, ticket, json!({"is_private": 1})).await;
    let after = connector.get(&format!("Ticket/{ticket}")).await.body["date_mod"].clone();
    assert!(after.as_str() > before.as_str(), "{after} after {before}");
    let listed = connector
        .get(&format!("Ticket/{ticket}/ITILFollowup?sort=id&order=DESC"))
        .await
        .body;
    assert_eq!(listed[0]["is_private"], 1);
}

#[tokio::test]
async fn a_survey_is_answered_by_the_writer_of_the_ticket_under_the_tickets_id() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    let rate = json!({"input": {"tickets_id": ticket, "satisfaction": 3}});
    let without = connector
        .put(&format!("TicketSatisfaction/{ticket}"), rate.clone())
        .await;
    assert_eq!(
        (without.status, without.body),
        (400, json!(["ERROR_GLPI_UPDATE", null]))
    );
    assert_eq!(
        connector
            .get(&format!("Ticket/{ticket}/TicketSatisfaction"))
            .await
            .body,
        json!([])
    );

    let admin = bench.glpi_with("user_token demo-admin-token").await;
    let other = admin.ticket(json!({"name": "first"})).await;
    admin
        .post(
            "TicketSatisfaction",
            json!({"input": {"tickets_id": other, "type": 1}}),
        )
        .await;
    let row = json!({"input": {"tickets_id": ticket, "type": 1}});
    assert_eq!(
        admin.post("TicketSatisfaction", row.clone()).await.status,
        201
    );
    let twice = admin.post("TicketSatisfaction", row).await;
    assert_eq!(
        twice.body,
        json!([
            "ERROR_GLPI_ADD",
            format!("Duplicate entry '{ticket}' for key 'tickets_id'")
        ])
    );
    assert_eq!(
        admin
            .put(&format!("TicketSatisfaction/{ticket}"), rate.clone())
            .await
            .status,
        400
    );
    let rated = connector
        .put(&format!("TicketSatisfaction/{ticket}"), rate)
        .await;
    assert_eq!(
        rated.body,
        json!([{"2": true, "message": ""}]),
        "keyed by the row, addressed by the ticket"
    );
    let found = connector
        .get(&format!("TicketSatisfaction/{ticket}"))
        .await
        .body;
    assert!(found["satisfaction"] == 3 && found["date_answered"].is_string());
}

#[tokio::test]
async fn an_approval_moves_the_tickets_validation() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let ticket = assigned_ticket(&connector).await;
    let asked = json!({"input": {"tickets_id": ticket, "users_id_validate": 4, "comment_submission": "ok?"}});
    let id = connector.post("TicketValidation", asked).await.id();
    let validation =
        async || connector.get(&format!("Ticket/{ticket}")).await.body["global_validation"].clone();
    assert_eq!(validation().await, 2);
    let approver = bench.glpi_with("Basic dGVjaDp0ZWNo").await;
    let approve = json!({"input": {"status": 3, "comment_validation": "ok"}});
    assert_eq!(
        approver
            .put(&format!("TicketValidation/{id}"), approve)
            .await
            .status,
        200
    );
    assert_eq!(validation().await, 3);
}
