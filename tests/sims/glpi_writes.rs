//! Writes that succeed in part, fail, or do something else than a client may expect.

use serde_json::json;

use crate::bench::Bench;

const FORBIDDEN: &str = "You don't have permission to perform this action.";

#[tokio::test]
async fn a_bulk_create_with_one_refusal_answers_207_with_each_result() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let answer = glpi
        .post(
            "Ticket",
            json!({"input": [{"name": "bulk3", "entities_id": 99}, {"name": "bulk4"}]}),
        )
        .await;
    assert_eq!(answer.status, 207);
    assert_eq!(
        answer.body,
        json!(["ERROR_GLPI_PARTIAL_ADD", [
            {"id": false, "message": FORBIDDEN},
            {"id": 1, "message": "Item successfully added: bulk4 (1)"},
        ]])
    );
}

#[tokio::test]
async fn a_bulk_update_leaves_missing_items_out_of_its_207() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi.ticket(json!({"name": "a"})).await;
    let answer = glpi
        .put(
            "Ticket",
            json!({"input": [{"id": id, "name": "b"}, {"id": 99999, "name": "b"}]}),
        )
        .await;
    assert_eq!(
        (answer.status, answer.body),
        (
            207,
            json!(["ERROR_GLPI_PARTIAL_UPDATE", [{"1": true, "message": ""}]])
        )
    );
    let all = glpi
        .put("Ticket", json!({"input": [{"id": id, "name": "c"}]}))
        .await;
    assert_eq!(
        (all.status, all.body),
        (200, json!([{"1": true, "message": ""}]))
    );
}

#[tokio::test]
async fn updates_answer_as_observed() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let (first, second) = (
        glpi.ticket(json!({"name": "a"})).await,
        glpi.ticket(json!({"name": "b"})).await,
    );
    let missing = glpi
        .put("Ticket/99999", json!({"input": {"name": "x"}}))
        .await;
    assert_eq!(
        (missing.status, missing.body),
        (400, json!(["ERROR_GLPI_UPDATE", null]))
    );
    let nameless = glpi.put("Ticket", json!({"input": {"name": "x"}})).await;
    assert_eq!((nameless.status, nameless.body), (200, json!([[]])));
    let wins = glpi
        .put(
            &format!("Ticket/{first}"),
            json!({"input": {"id": second, "name": "body wins"}}),
        )
        .await;
    assert_eq!(
        wins.body,
        json!([{second.to_string(): true, "message": ""}])
    );
    assert_eq!(glpi.get(&format!("Ticket/{first}")).await.body["name"], "a");
    assert_eq!(
        glpi.get(&format!("Ticket/{second}")).await.body["name"],
        "body wins"
    );
    let patched = glpi
        .finish(
            glpi.request("PATCH", &format!("Ticket/{first}"))
                .json(&json!({"input": {"name": "p"}})),
        )
        .await;
    assert_eq!(patched.status, 200);
}

#[tokio::test]
async fn deletes_go_to_the_trash_first_and_need_the_right() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let id = connector.ticket(json!({"name": "a"})).await;
    let refused = connector.delete(&format!("Ticket/{id}"), json!({})).await;
    assert_eq!(
        (refused.status, refused.body),
        (400, json!(["ERROR_GLPI_DELETE", FORBIDDEN]))
    );

    let admin = bench.glpi_with("user_token demo-admin-token").await;
    let partial = admin
        .delete("Ticket", json!({"input": [{"id": id}, {"id": 9999}]}))
        .await;
    assert_eq!(
        (partial.status, partial.body),
        (
            207,
            json!(["ERROR_GLPI_PARTIAL_DELETE",
        [{"1": true, "message": ""}, {"9999": false, "message": "Item not found"}]])
        )
    );
    assert_eq!(
        admin.get(&format!("Ticket/{id}")).await.body["is_deleted"],
        1
    );
    assert_eq!(admin.get("Ticket").await.body, json!([]));
    assert_eq!(
        admin
            .get("Ticket?is_deleted=1")
            .await
            .body
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let purged = admin
        .delete(&format!("Ticket/{id}?force_purge=true"), json!({}))
        .await;
    assert_eq!(purged.status, 200);
    assert_eq!(admin.get(&format!("Ticket/{id}")).await.status, 404);
    let missing = admin.delete("Ticket/99999", json!({})).await;
    assert_eq!(missing.body, json!(["ERROR_GLPI_DELETE", "Item not found"]));
}

#[tokio::test]
async fn a_followup_needs_its_parent_in_the_body() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi.ticket(json!({"name": "a"})).await;
    let refused = json!(["ERROR_GLPI_ADD", FORBIDDEN]);
    let by_path = glpi
        .post(
            &format!("Ticket/{id}/ITILFollowup"),
            json!({"input": {"content": "x"}}),
        )
        .await;
    assert_eq!((by_path.status, by_path.body), (400, refused.clone()));
    let no_ticket = json!({"input": {"itemtype": "Ticket", "items_id": 99999, "content": "x"}});
    assert_eq!(glpi.post("ITILFollowup", no_ticket).await.body, refused);
    let good = json!({"input": {"itemtype": "Ticket", "items_id": id, "content": "x"}});
    let added = glpi.post("ITILFollowup", good).await;
    assert_eq!(
        (added.status, added.body),
        (201, json!({"id": 1, "message": ""}))
    );
}

#[tokio::test]
async fn profiles_decide_what_a_session_may_write() {
    let bench = Bench::start().await;
    let observer = bench.glpi_with("Basic bm9ybWFsOm5vcm1hbA==").await;
    let ticket = observer
        .ticket(json!({"name": "by an observer", "_users_id_requester": 5}))
        .await;
    let solution = json!({"input": {"itemtype": "Ticket", "items_id": ticket, "content": "x"}});
    assert_eq!(observer.post("ITILSolution", solution).await.status, 400);
    assert_eq!(
        observer
            .put(&format!("Ticket/{ticket}"), json!({"input": {"status": 4}}))
            .await
            .status,
        400
    );
    assert_eq!(
        observer
            .post("User", json!({"input": {"name": "n"}}))
            .await
            .status,
        400
    );
    assert_eq!(observer.get("Entity").await.status, 403);
    let technician = bench.glpi_with("Basic dGVjaDp0ZWNo").await;
    assert_eq!(technician.get("ITILCategory").await.status, 403);
    assert_eq!(bench.glpi().await.get("ITILCategory").await.status, 200);
    let webp = json!({"input": {"name": "WebP", "ext": "webp", "is_uploadable": 1}});
    assert_eq!(
        technician.post("DocumentType", webp.clone()).await.status,
        400
    );
    let admin = bench.glpi_with("user_token demo-admin-token").await;
    assert_eq!(admin.post("DocumentType", webp).await.status, 201);
}

#[tokio::test]
async fn form_bodies_are_read_as_php_reads_them() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let request = glpi
        .request("POST", "Ticket")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = glpi
        .finish(request.body("input[name]=por+formulario&input%5Burgency%5D=5"))
        .await;
    assert_eq!(answer.status, 201);
    let found = glpi.get(&format!("Ticket/{}", answer.id())).await.body;
    assert_eq!(
        (found["name"].as_str(), found["urgency"].as_i64()),
        (Some("por formulario"), Some(5))
    );
    let request = glpi
        .request("POST", "Ticket")
        .header("content-type", "text/plain");
    let ignored = glpi.finish(request.body("{\"input\":{}}")).await;
    assert_eq!(ignored.body[0], "ERROR_BAD_ARRAY");
}

#[tokio::test]
async fn several_items_are_read_at_once_or_not_at_all() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let id = glpi.ticket(json!({"name": "a"})).await;
    let path = |other: i64| {
        format!(
            "getMultipleItems?items[0][itemtype]=Ticket&items[0][items_id]={id}&items[1][itemtype]=User&items[1][items_id]={other}"
        )
    };
    let both = glpi.get(&path(2)).await;
    assert_eq!(
        (both.body[0]["name"].as_str(), both.body[1]["name"].as_str()),
        (Some("a"), Some("glpi"))
    );
    assert_eq!(glpi.get(&path(999)).await.status, 404);
}
