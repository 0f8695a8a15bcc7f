//! Sessions of GLPI: logging in, the order of checks, entities and profiles.

use chasqui::simulators::demo;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, GlpiClient};

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body[0].as_str().unwrap_or("no code"))
}

#[tokio::test]
async fn every_credential_form_opens_a_session_and_the_wrong_ones_say_why() {
    let bench = Bench::start().await;
    let anonymous = anonymous(&bench);
    let init = async |query: &str, authorization: Option<&str>| {
        let mut request = anonymous
            .http
            .get(format!("{}/initSession{query}", anonymous.url));
        request = request.header("App-Token", demo::GLPI_APP_TOKEN);
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        anonymous.finish(request).await
    };
    let opened = async |query: &str, authorization: Option<&str>| {
        let answer = init(query, authorization).await;
        answer.status == 200
            && answer.body["session_token"]
                .as_str()
                .is_some_and(|token| token.len() == 26)
    };
    assert!(opened("", Some("user_token demo-user-token")).await);
    assert!(opened("?user_token=demo-user-token", None).await);
    assert!(opened("?login=tech&password=tech", None).await);
    assert!(opened("", Some("Basic dGVjaDp0ZWNo")).await);
    assert_eq!(
        code(&init("", None).await),
        (400, "ERROR_LOGIN_PARAMETERS_MISSING")
    );
    assert_eq!(
        code(&init("", Some("USER_TOKEN demo-user-token")).await),
        (400, "ERROR_LOGIN_PARAMETERS_MISSING")
    );
    assert_eq!(
        code(&init("", Some("user_token wrong")).await),
        (401, "ERROR_GLPI_LOGIN_USER_TOKEN")
    );
    assert_eq!(
        code(&init("?login=tech&password=no", None).await),
        (401, "ERROR_GLPI_LOGIN")
    );
    let full = init("?user_token=demo-user-token&get_full_session=true", None).await;
    assert_eq!(full.body["session"]["glpiname"], "chasqui");
    assert!(full.body["session"]["glpi_currenttime"].is_string());
}

#[tokio::test]
async fn checks_come_in_the_order_of_the_real_server() {
    let bench = Bench::start().await;
    let client = anonymous(&bench);
    let call = async |app_token: Option<&str>, session: Option<&str>, body: Option<&str>| {
        let mut request = client
            .http
            .post(format!("{}/Ticket", client.url))
            .header("content-type", "application/json");
        for (name, value) in [("App-Token", app_token), ("Session-Token", session)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        client
            .finish(request.body(body.unwrap_or_default().to_owned()))
            .await
    };
    assert_eq!(
        code(&call(None, None, Some("{broken")).await),
        (400, "ERROR_JSON_PAYLOAD_INVALID")
    );
    assert_eq!(
        code(&call(None, Some("x"), None).await),
        (400, "ERROR_APP_TOKEN_PARAMETERS_MISSING")
    );
    assert_eq!(
        code(&call(Some("wrong"), Some("x"), None).await),
        (400, "ERROR_WRONG_APP_TOKEN_PARAMETER")
    );
    assert_eq!(
        code(&call(Some(demo::GLPI_APP_TOKEN), None, None).await),
        (400, "ERROR_SESSION_TOKEN_MISSING")
    );
    assert_eq!(
        code(&call(Some(demo::GLPI_APP_TOKEN), Some("x"), None).await),
        (401, "ERROR_SESSION_TOKEN_INVALID")
    );

    let glpi = bench.glpi().await;
    let with_body = glpi.request("GET", "Ticket/1").json(&json!({"a": 1}));
    assert_eq!(
        code(&glpi.finish(with_body).await),
        (400, "ERROR_JSON_PAYLOAD_FORBIDDEN")
    );
    assert_eq!(
        code(&glpi.post("Ticket", json!({"name": "x"})).await),
        (400, "ERROR_BAD_ARRAY")
    );
    assert_eq!(
        code(&glpi.get("ticket/1").await),
        (400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM")
    );
    assert_eq!(
        code(&glpi.get("Ticket/99999").await),
        (404, "ERROR_ITEM_NOT_FOUND")
    );
    let manual = client
        .finish(client.http.get(format!("{}/", client.url)))
        .await;
    assert_eq!(manual.status, 200);
    assert!(
        manual
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
}

#[tokio::test]
async fn a_killed_session_is_dead_and_an_idle_one_dies_while_use_keeps_it_alive() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let killed = glpi.get("killSession").await;
    assert_eq!((killed.status, killed.body.clone()), (200, json!(true)));
    assert_eq!(
        code(&glpi.get("killSession").await),
        (401, "ERROR_SESSION_TOKEN_INVALID")
    );

    let glpi = bench.glpi().await;
    for _ in 0..3 {
        bench.control(json!({"advance_clock_ms": 1_000_000}));
        assert_eq!(glpi.get("getMyProfiles").await.status, 200);
    }
    bench.control(json!({"advance_clock_ms": 1_441_000}));
    assert_eq!(
        code(&glpi.get("getMyProfiles").await),
        (401, "ERROR_SESSION_TOKEN_INVALID")
    );
}

#[tokio::test]
async fn sessions_are_ended_by_control() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"end_sessions": true}}}));
    assert_eq!(glpi.get("getMyProfiles").await.status, 401);
}

#[tokio::test]
async fn entities_filter_what_a_session_sees() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let mine = glpi.get("getMyEntities").await.body;
    assert_eq!(
        mine["myentities"][1],
        json!({"id": 1, "name": "Root entity > IT Green Peru"})
    );
    let active = glpi.get("getActiveEntities").await.body;
    assert_eq!(active["active_entity"]["active_entity_recursive"], 1);
    let ticket = glpi
        .ticket(json!({"name": "in the root", "content": "x"}))
        .await;

    let change = async |body: Value| glpi.post("changeActiveEntities", body).await;
    assert_eq!(
        change(json!({"entities_id": 1, "is_recursive": 1}))
            .await
            .status,
        400
    );
    assert_eq!(
        change(json!({"entities_id": 77, "is_recursive": true}))
            .await
            .body,
        json!(false)
    );
    assert_eq!(
        change(json!({"entities_id": 1, "is_recursive": true}))
            .await
            .body,
        json!(true)
    );
    let active = glpi.get("getActiveEntities").await.body;
    assert_eq!(active["active_entity"]["active_entity_recursive"], true);
    assert_eq!(
        code(&glpi.get(&format!("Ticket/{ticket}")).await),
        (403, "ERROR_RIGHT_MISSING")
    );
    assert_eq!(
        glpi.get("search/Ticket?forcedisplay[0]=2").await.body["totalcount"],
        0
    );
    let inside = glpi.ticket(json!({"name": "inside"})).await;
    assert_eq!(
        glpi.get(&format!("Ticket/{inside}")).await.body["entities_id"],
        1
    );
}

#[tokio::test]
async fn a_new_entity_is_seen_only_after_logging_in_again() {
    let bench = Bench::start().await;
    let before = bench.glpi().await;
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"entities": [{"name": "Sede Lima", "entities_id": 1}]}}}));
    let refused = before
        .post("Ticket", json!({"input": {"name": "x", "entities_id": 2}}))
        .await;
    assert_eq!(code(&refused), (400, "ERROR_GLPI_ADD"));
    let after = bench.glpi().await;
    let ticket = after.ticket(json!({"name": "x", "entities_id": 2})).await;
    let found = after
        .get(&format!("Ticket/{ticket}?expand_dropdowns=true"))
        .await
        .body;
    assert_eq!(
        found["entities_id"],
        "Root entity > IT Green Peru > Sede Lima"
    );
}

#[tokio::test]
async fn self_service_sees_its_own_tickets_alone() {
    let bench = Bench::start().await;
    let connector = bench.glpi().await;
    let foreign = connector.ticket(json!({"name": "foreign"})).await;
    let own = bench.glpi_with("Basic cG9zdC1vbmx5OnBvc3Rvbmx5").await;
    for path in [
        "User",
        "search/User",
        "User/2",
        &format!("Ticket/{foreign}"),
    ] {
        assert_eq!(
            code(&own.get(path).await),
            (403, "ERROR_RIGHT_MISSING"),
            "{path}"
        );
    }
    let mine = own.ticket(json!({"name": "mine"})).await;
    assert_eq!(own.get(&format!("Ticket/{mine}")).await.status, 200);
    assert_eq!(
        own.get("Ticket").await.body.as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn installations_of_two_tenants_share_nothing() {
    let bench = Bench::start().await;
    bench.control(json!({"glpi": {"second-app": {"user_token": "second-user"}}}));
    let first = bench.glpi().await;
    first.ticket(json!({"name": "of the first"})).await;
    let init = bench
        .http
        .get(bench.url("/glpi/apirest.php/initSession?user_token=second-user"));
    let answer = first.finish(init.header("App-Token", "second-app")).await;
    assert_eq!(answer.status, 200);
    let list = bench
        .http
        .get(bench.url("/glpi/apirest.php/Ticket"))
        .header("App-Token", "second-app");
    let token = answer.body["session_token"].as_str().expect("a token");
    let answer = first.finish(list.header("Session-Token", token)).await;
    assert_eq!((answer.status, answer.body), (200, json!([])));
}

#[tokio::test]
async fn texts_of_errors_follow_the_language_and_codes_do_not() {
    let bench = Bench::start().await;
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"language": "es"}}}));
    let glpi = bench.glpi().await;
    let missing = glpi.get("Ticket/99999").await;
    assert_eq!(
        missing.body,
        json!(["ERROR_ITEM_NOT_FOUND", "Elemento no encontrado"])
    );
}

#[tokio::test]
async fn the_configuration_tells_the_version() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    assert_eq!(
        glpi.get("getGlpiConfig").await.body["cfg_glpi"]["version"],
        "10.0.19"
    );
    bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"mode": 11}}}));
    assert_eq!(
        glpi.get("getGlpiConfig").await.body["cfg_glpi"]["version"],
        "11.0.1"
    );
}

fn anonymous(bench: &Bench) -> GlpiClient {
    GlpiClient {
        http: bench.http.clone(),
        url: bench.url("/glpi/apirest.php"),
        token: String::new(),
    }
}

#[tokio::test]
async fn the_api_can_be_disabled_and_closed_to_an_address() {
    let bench = Bench::start().await;
    let glpi = bench.glpi().await;
    let change = |change: serde_json::Value| {
        bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: change}}));
    };
    change(json!({"api_enabled": false}));
    let refused = glpi.get("getFullSession").await;
    assert_eq!(code(&refused), (400, "ERROR"));
    change(json!({"api_enabled": true, "ip_allowed": false}));
    let refused = glpi.get("getFullSession").await;
    assert_eq!(code(&refused), (400, "ERROR_NOT_ALLOWED_IP"));
    change(json!({"ip_allowed": true}));
    assert_eq!(glpi.get("getFullSession").await.status, 200);
}

#[tokio::test]
async fn a_profile_shows_its_rights_as_sums_of_bits() {
    let bench = Bench::start().await;
    for (login, sees_all, creates_users) in [
        ("chasqui", true, true),
        ("tech", true, true),
        ("normal", true, false),
        ("post-only", false, false),
    ] {
        bench.control(json!({"glpi": {demo::GLPI_APP_TOKEN: {"connector": login}}}));
        let profile = bench.glpi().await.get("getActiveProfile").await.body;
        let holds = |name: &str, bit: i64| {
            profile["active_profile"][name].as_i64().expect("a sum") & bit != 0
        };
        assert!(holds("ticket", 4), "{login} creates tickets");
        assert_eq!(holds("ticket", 1_024), sees_all, "{login}");
        assert_eq!(holds("user", 4), creates_users, "{login}");
    }
}
