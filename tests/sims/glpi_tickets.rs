//! Tickets and users as they are created and read.

use chasqui::simulators::demo;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn an_empty_input_makes_a_ticket_and_the_answer_names_it() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let answer = glpi.post("Ticket", json!({"input": {}})).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.body,
        json!({"id": 1, "message": "Item successfully added: Ticket - ID 1 (1)"})
    );
    let location = answer.header("location").expect("a location");
    assert!(
        location.ends_with("/glpi/apirest.php/Ticket/1"),
        "{location}"
    );
}

#[tokio::test]
async fn text_is_encoded_unless_the_header_says_otherwise() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let given = "<p>Hola <b>equipo</b> & \"soporte\"<br>línea 2</p>";
    let id = glpi
        .ticket(json!({"name": "A & B", "content": given, "urgency": 4, "impact": 3}))
        .await;
    let found = glpi.get(&format!("Ticket/{id}")).await.body;
    assert_eq!(
        found["content"],
        "&#60;p&#62;Hola &#60;b&#62;equipo&#60;/b&#62; &#38; \"soporte\"&#60;br&#62;línea 2&#60;/p&#62;"
    );
    assert_eq!(
        (found["name"].as_str(), found["priority"].as_i64()),
        (Some("A &#38; B"), Some(4))
    );
    let raw = glpi
        .request("GET", &format!("Ticket/{id}"))
        .header("X-GLPI-Sanitized-Content", "false");
    let raw = glpi.finish(raw).await.body;
    assert_eq!(
        (raw["content"].as_str(), raw["name"].as_str()),
        (Some(given), Some("A & B"))
    );

    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"mode": 11}}}));
    let id = glpi.ticket(json!({"name": "x", "content": given})).await;
    assert_eq!(
        glpi.get(&format!("Ticket/{id}")).await.body["content"],
        given
    );
}

#[tokio::test]
async fn values_are_stored_as_sent_and_unknown_fields_dropped() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi.ticket(json!({"name": "x".repeat(300), "urgency": 99, "type": 9, "itilcategories_id": 777, "externalid": "e"})).await;
    let found = glpi.get(&format!("Ticket/{id}?get_hateoas=false")).await;
    assert!(
        found
            .header("last-modified")
            .is_some_and(|date| date.ends_with("GMT"))
    );
    let found = found.body;
    assert_eq!(found["name"].as_str().map(str::len), Some(255));
    assert_eq!(
        (
            found["urgency"].as_i64(),
            found["type"].as_i64(),
            found["itilcategories_id"].as_i64()
        ),
        (Some(3), Some(9), Some(777))
    );
    assert!(found.get("externalid").is_none() && found.get("links").is_none());
}

#[tokio::test]
async fn actors_come_with_the_ticket_or_later_and_assigning_moves_it_on() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi
        .ticket(json!({"name": "x", "_users_id_requester": 5}))
        .await;
    assert_eq!(glpi.status_of(id).await, 1);
    let actors = glpi
        .get(&format!("Ticket/{id}/Ticket_User?get_hateoas=false"))
        .await
        .body;
    assert_eq!(
        actors,
        json!([{"id": 1, "tickets_id": id, "users_id": 5, "type": 1, "use_notification": 1, "alternative_email": ""}])
    );

    let assign = json!({"input": {"tickets_id": id, "users_id": 4, "type": 2}});
    assert_eq!(glpi.post("Ticket_User", assign.clone()).await.status, 201);
    assert_eq!(glpi.status_of(id).await, 2);
    let again = glpi.post("Ticket_User", assign).await;
    assert_eq!(
        (again.status, again.body),
        (400, json!(["ERROR_GLPI_ADD", ""]))
    );

    let nobody = glpi.ticket(json!({"name": "y"})).await;
    assert_eq!(
        glpi.get(&format!("Ticket/{nobody}/Ticket_User")).await.body,
        json!([])
    );
    let outside = glpi
        .ticket(json!({"name": "z", "_users_id_requester": 0,
        "_users_id_requester_notif": {"use_notification": [1], "alternative_email": ["w@x"]}}))
        .await;
    let actors = glpi
        .get(&format!("Ticket/{outside}/Ticket_User"))
        .await
        .body;
    assert_eq!(actors[0]["alternative_email"], "w@x");
    let assigned = glpi
        .ticket(json!({"name": "a", "_users_id_assign": 4}))
        .await;
    assert_eq!(glpi.status_of(assigned).await, 2);
}

#[tokio::test]
async fn a_user_is_created_with_mails_and_profile_and_logins_are_unique_even_in_the_trash() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let input = json!({"input": {"name": "wa_51999888777", "realname": "Quispe", "firstname": "Rosa",
        "mobile": "+51999888777", "_useremails": ["rosa@x"], "_profiles_id": 1, "_entities_id": 1, "_is_recursive": 1}});
    let answer = glpi.post("User", input.clone()).await;
    assert_eq!(
        (answer.status, answer.body["message"].as_str()),
        (201, Some("Item successfully added: Quispe Rosa"))
    );
    let id = answer.id();
    let emails = glpi.get(&format!("User/{id}/UserEmail")).await.body;
    assert_eq!(
        (
            emails[0]["email"].as_str(),
            emails[0]["is_default"].as_i64()
        ),
        (Some("rosa@x"), Some(1))
    );
    let profiles = glpi.get(&format!("User/{id}/Profile_User")).await.body;
    assert_eq!(
        (
            profiles[0]["profiles_id"].as_i64(),
            profiles[0]["entities_id"].as_i64()
        ),
        (Some(1), Some(1))
    );

    let taken = json!(["ERROR_GLPI_ADD", "Unable to add. The user already exists."]);
    assert_eq!(glpi.post("User", input.clone()).await.body, taken);
    assert_eq!(
        glpi.delete(&format!("User/{id}"), json!({})).await.body,
        json!([{id.to_string(): true, "message": ""}])
    );
    assert_eq!(glpi.post("User", input).await.body, taken);

    let plain = glpi
        .post("User", json!({"input": {"name": "plain"}}))
        .await
        .id();
    let profiles = glpi.get(&format!("User/{plain}/Profile_User")).await.body;
    assert_eq!(
        (
            profiles[0]["profiles_id"].as_i64(),
            profiles[0]["is_dynamic"].as_i64()
        ),
        (Some(1), Some(1))
    );
    let shown = glpi.get(&format!("User/{plain}")).await.body;
    assert!(shown.get("password").is_none() && shown.get("api_token").is_none());
}

#[tokio::test]
async fn lists_have_the_range_quirks_of_the_real_server() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    assert_eq!(glpi.get("Ticket").await.header("content-range"), None);
    let many: Vec<_> = (0..25).map(|n| json!({"name": format!("t{n}")})).collect();
    let created = glpi.post("Ticket", json!({"input": many})).await;
    assert_eq!(created.status, 201);
    assert_eq!(
        created.header("link").map(|link| link.split(',').count()),
        Some(25)
    );

    let page = async |query: &str| {
        let answer = glpi.get(&format!("Ticket{query}")).await;
        let rows = answer.body.as_array().map_or(0, Vec::len);
        (
            answer.status,
            answer.header("content-range").map(str::to_owned),
            rows,
        )
    };
    let range = |text: &str| Some(text.to_owned());
    assert_eq!(page("").await, (206, range("0-20/25"), 20));
    assert_eq!(page("?range=0-9").await, (206, range("0-9/25"), 10));
    assert_eq!(page("?range=0-9999").await, (200, range("0-24/25"), 25));
    assert_eq!(page("?range=25-30").await, (206, range("25-24/25"), 0));
    let beyond = glpi.get("Ticket?range=26-30").await;
    assert_eq!(
        (beyond.status, beyond.body[0].as_str()),
        (400, Some("ERROR_RANGE_EXCEED_TOTAL"))
    );
    assert_eq!(glpi.get("Ticket?range=x").await.body[0], "ERROR");
    assert_eq!(
        glpi.get("Ticket").await.header("accept-range"),
        Some("Ticket 1000")
    );
    let last = glpi.get("Ticket?sort=id&order=DESC&range=0-0").await.body;
    assert_eq!(last[0]["id"], 25);
}

#[tokio::test]
async fn a_user_with_two_profile_rows_is_counted_twice_in_lists() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let user = glpi
        .post(
            "User",
            json!({"input": {"name": "two", "mobile": "999888777"}}),
        )
        .await
        .id();
    let row = json!({"input": {"users_id": user, "profiles_id": 2, "entities_id": 1}});
    assert_eq!(glpi.post("Profile_User", row).await.status, 201);
    let found = glpi.get("User?searchText[mobile]=999888777").await;
    assert_eq!(found.header("content-range"), Some("0-1/2"));
    assert_eq!(found.body.as_array().map(Vec::len), Some(1));
    let refused = glpi.get("User?searchText[nothing]=x").await;
    assert_eq!(
        (refused.status, refused.body[0].as_str()),
        (400, Some("ERROR_FIELD_NOT_FOUND"))
    );
}

#[tokio::test]
async fn tickets_are_shown_to_the_demo_page_as_they_change() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let mut events = bench
        .http
        .get(bench.url("/_world/glpi/events"))
        .send()
        .await
        .expect("a stream");
    let id = glpi
        .ticket(json!({"name": "Impresora", "content": "<p>x</p>", "_users_id_requester": 5}))
        .await;
    glpi.post(
        "ITILFollowup",
        json!({"input": {"itemtype": "Ticket", "items_id": id, "content": "visto"}}),
    )
    .await;
    let read = async {
        let mut seen = String::new();
        while !seen.contains("visto") {
            let chunk = events.chunk().await.expect("readable").expect("more");
            seen.push_str(&String::from_utf8_lossy(&chunk));
        }
        seen
    };
    let seen = tokio::time::timeout(crate::bench::PATIENCE, read)
        .await
        .expect("events in time");
    assert!(seen.contains("event: ticket"));
    let shown = bench.get("/_world/glpi/tickets").await["tickets"][0].clone();
    assert_eq!(
        (shown["name"].as_str(), shown["content"].as_str()),
        (Some("Impresora"), Some("<p>x</p>"))
    );
    assert_eq!(
        (
            shown["requesters"][0]["name"].as_str(),
            shown["followups"][0]["content"].as_str()
        ),
        (Some("normal"), Some("visto"))
    );
}
