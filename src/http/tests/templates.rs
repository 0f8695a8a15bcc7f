//! Claims about templates in the API: the catalogue, orders, consent, edits.

use actors::contact::{ConsentProof, ConsentSource, State};
use actors::model::{
    ChannelId, ConsentLevel, ContactId, InEvent, Inbound, Key, Millis, Recipient, TemplateChoice,
};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::bench::{Answer, Bench, name};

impl Bench {
    async fn order(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.expect("a valid request")).await
    }

    /// A person of the demo who wrote once, with this consent.
    fn knows(&self, level: ConsentLevel) -> ContactId {
        let Key::Contact(id) = self.contact("demo", "51999888777") else {
            unreachable!("a contact's key");
        };
        let mut state = State {
            tenant: Some(name("demo")),
            channel: Some(ChannelId::of(&name("demo"), &name("demo-meta"))),
            reply_to: Some(Recipient::UserId("PE.1".into())),
            ..State::default()
        };
        state.permission.level = level;
        state.permission.proof = Some(ConsentProof {
            source: ConsentSource::Wrote,
            at: Millis(1_800_000_000_000),
            proof: "wamid.1".into(),
        });
        self.core.people.lock().expect("no panic").insert(id, state);
        id
    }

    fn taken(&self) -> Vec<InEvent> {
        self.core.taken.lock().expect("no panic").clone()
    }
}

#[tokio::test]
async fn the_catalogue_is_listed_for_its_own_tenant_only() {
    let bench = Bench::new();
    let path = "/api/v1/templates?channel=demo-meta";
    let answer = bench.get(path, Some("demo-token")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let rows = answer.body["templates"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["variables"], json!(["{{1}}", "{{2}}"]));
    assert_eq!(rows[2]["approval"], "paused");
    let other = bench.get(path, Some("other-token")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let own = bench.get("/api/v1/templates", Some("other-token")).await;
    assert_eq!(own.body["templates"], json!([]));
    let denied = bench.get(path, Some("health-token")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_preview_shows_the_filled_text_and_names_the_variable_that_is_wrong() {
    let bench = Bench::new();
    let preview = |query: &'static str| {
        let path = format!("/api/v1/templates/ticket_update/preview?channel=demo-meta&{query}");
        let bench = &bench;
        async move { bench.get(&path, Some("demo-token")).await }
    };
    let answer = preview("value=Ana&value=resuelto").await;
    assert_eq!(answer.body["text"], "Hola Ana: resuelto");
    for (query, code, words) in [
        ("value=Ana", "template_value_count", "{{1}}, {{2}}"),
        ("value=Ana&value=%20", "template_value_empty", "{{2}}"),
        ("value=a%0Ab&value=c", "template_value_illegal", "{{1}}"),
        (
            "value=a&value=c&language=it",
            "template_not_translated",
            "it",
        ),
    ] {
        let answer = preview(query).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.body["error"]["code"], code);
        let message = answer.body["error"]["message"].as_str().expect("words");
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn an_ordered_template_is_the_same_input_however_often_it_is_sent() {
    let bench = Bench::new();
    let contact = bench.knows(ConsentLevel::Transactional);
    let path = format!("/api/v1/contacts/{contact}/templates");
    let order = json!({"id": "n-1", "purpose": "ticket_update", "values": ["Ana", "resuelto"]});
    for _ in 0..2 {
        let answer = bench.order(&path, "demo-token", &order).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.body);
        assert_eq!(answer.body["text"], "Hola Ana: resuelto");
    }
    let taken = bench.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].id, taken[1].id);
    let Inbound::TemplateOrdered(ordered) = &taken[0].body else {
        panic!("{:?}", taken[0].body);
    };
    assert_eq!(
        ordered.choice,
        TemplateChoice::Purpose("ticket_update".into())
    );
}

#[tokio::test]
async fn marketing_is_refused_without_explicit_consent_and_a_resting_template_always() {
    let bench = Bench::new();
    let contact = bench.knows(ConsentLevel::Transactional);
    let path = format!("/api/v1/contacts/{contact}/templates");
    let promo = json!({"id": "n-1", "template": "promo", "values": ["Ana"]});
    let refused = bench.order(&path, "demo-token", &promo).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["error"]["code"], "no_consent");
    assert_eq!(
        refused.body["error"]["message"],
        "the person has not consented to marketing"
    );
    let resting = json!({"id": "n-2", "template": "rests"});
    let refused = bench.order(&path, "demo-token", &resting).await;
    assert_eq!(refused.body["error"]["code"], "template_not_approved");
    assert!(bench.taken().is_empty());
    bench.knows(ConsentLevel::Marketing);
    let sent = bench.order(&path, "demo-token", &promo).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_person_of_another_tenant_does_not_exist() {
    let bench = Bench::new();
    let contact = bench.knows(ConsentLevel::Marketing);
    let path = format!("/api/v1/contacts/{contact}/templates");
    let order = json!({"id": "n-1", "template": "promo", "values": ["Ana"]});
    let answer = bench.order(&path, "other-token", &order).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/contacts/{contact}/consent");
    assert_eq!(
        bench.get(&path, Some("other-token")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(bench.taken().is_empty());
}

#[tokio::test]
async fn consent_is_told_with_its_proof_and_noted_with_one() {
    let bench = Bench::new();
    let contact = bench.knows(ConsentLevel::Transactional);
    let path = format!("/api/v1/contacts/{contact}/consent");
    let told = bench.get(&path, Some("demo-token")).await.body;
    assert_eq!(told["level"], "transactional");
    assert_eq!(told["proof"]["source"], "wrote");
    assert_eq!(told["proof"]["proof"], "wamid.1");
    let unproven = json!({"id": "c-1", "level": "marketing", "by": "ana"});
    let refused = bench.order(&path, "demo-token", &unproven).await;
    assert_eq!(
        refused.body["error"]["message"]
            .as_str()
            .map(|m| m.starts_with("proof")),
        Some(true)
    );
    for note in [
        json!({"id": "c-2", "level": "marketing", "by": "ana", "proof": "form 7"}),
        json!({"id": "c-3", "marketing_refused": true, "by": "ana"}),
    ] {
        let answer = bench.order(&path, "demo-token", &note).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.body);
    }
    assert_eq!(bench.taken().len(), 2);
}

#[tokio::test]
async fn synchronising_is_refused_while_nobody_keeps_the_catalogue() {
    let bench = Bench::new();
    let path = "/api/v1/channels/demo-meta/templates/sync";
    let denied = bench.post(path, "demo-token").await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let away = bench.post(path, "operator-token").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.body["error"]["code"], "catalogue_away");
    let nobody = bench
        .post("/api/v1/channels/nobody/templates/sync", "operator-token")
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

fn visit() -> Value {
    json!({
        "channel": "demo-meta", "name": "visit", "language": "es", "category": "utility",
        "body": "Hola {{1}}, vamos hoy.", "examples": ["Ana"],
    })
}

impl Bench {
    async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.send(request.expect("a valid request")).await
    }
}

#[tokio::test]
async fn a_template_that_whatsapp_would_refuse_is_refused_here_by_its_field() {
    let bench = Bench::new();
    let path = "/api/v1/templates";
    for (field, value) in [
        ("name", json!("Visit 7")),
        ("category", json!("news")),
        ("body", json!("{{1}} vamos.")),
        ("examples", json!([])),
        ("footer", json!("x".repeat(61))),
    ] {
        let mut wrong = visit();
        wrong[field] = value;
        let answer = bench.order(path, "setup-token", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let named = &answer.body["error"]["fields"][0]["field"];
        assert_eq!(named, field, "{:?}", answer.body);
    }
    let denied = bench.order(path, "demo-token", &visit()).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let mut foreign = visit();
    foreign["channel"] = "other-meta".into();
    let nobody = bench.order(path, "setup-token", &foreign).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    // What fits goes to whoever keeps the catalogue, and here is none.
    let away = bench.order(path, "setup-token", &visit()).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.body["error"]["code"], "catalogue_away");
}

#[tokio::test]
async fn a_channel_at_gupshup_says_where_its_templates_are_made() {
    let bench = Bench::new();
    let mut wanted = visit();
    wanted["channel"] = "demo-gupshup".into();
    let answer = bench
        .order("/api/v1/templates", "setup-token", &wanted)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["error"]["code"], "templates_made_elsewhere");
    let message = answer.body["error"]["message"].as_str().expect("words");
    assert!(message.contains("Gupshup's own console"), "{message}");
}

#[tokio::test]
async fn only_templates_of_the_callers_channels_are_changed_paused_and_deleted() {
    let bench = Bench::new();
    let body = json!({"footer": "Soporte"});
    for (method, action) in [
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
    ] {
        let asked = async |name: &str, query: &str, token: &str| {
            let path = format!("/api/v1/templates/{name}{action}?{query}");
            bench.ask(method, &path, token, &body).await
        };
        // Without a database there is nothing that could be paused.
        let local = !action.is_empty();
        let query = "channel=demo-meta&language=es";
        let denied = asked("promo", query, "demo-token").await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{method}{action}");
        let reached = asked("promo", query, "setup-token").await;
        assert_eq!(reached.status, StatusCode::SERVICE_UNAVAILABLE);
        let expected = if local {
            "database_away"
        } else {
            "catalogue_away"
        };
        assert_eq!(reached.body["error"]["code"], expected);
        if local {
            continue;
        }
        for (name, query) in [
            ("no_such", query),
            ("promo", "channel=demo-meta&language=it"),
            ("promo", "channel=other-meta"),
        ] {
            let missing = asked(name, query, "setup-token").await;
            assert_eq!(missing.status, StatusCode::NOT_FOUND, "{name}?{query}");
        }
        let nowhere = asked("promo", "language=es", "setup-token").await;
        assert_eq!(nowhere.status, StatusCode::BAD_REQUEST);
    }
    let path = "/api/v1/templates/promo?channel=demo-meta";
    let nothing = bench.ask("PATCH", path, "setup-token", &json!({})).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
}
