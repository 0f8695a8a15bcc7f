//! One session for everybody, renewed once, ended at the end.

use std::sync::Arc;
use std::time::Duration;

use actors::model::{GatewayId, Name};
use actors::ports::{Providers, SystemClock};
use chasqui::providers::glpi::{Fault, Missing, Settings};
use chasqui::providers::{Connection, ProviderSet};
use serde_json::json;

use super::desk::Desk;
use super::{attempt, done, draft, open, reason_not_done};
use crate::stub::{json as answer, page};

fn known() -> Vec<serde_json::Value> {
    vec![json!({"id": 7, "name": "r", "mobile": "+51999888777", "entities_id": 2})]
}

#[tokio::test]
async fn many_tickets_at_once_share_one_session() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|_| {});
    let opened = tokio::join!(
        open(&client, draft()),
        open(&client, draft()),
        open(&client, draft()),
        open(&client, draft()),
    );
    for called in [opened.0, opened.1, opened.2, opened.3] {
        done(called);
    }
    assert_eq!(desk.sessions_opened(), 1);
    assert_eq!(desk.tickets().len(), 4);
}

#[tokio::test]
async fn a_forgotten_session_is_renewed_once_for_everybody() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|_| {});
    done(open(&client, draft()).await);
    desk.forget_session();
    let (one, two) = tokio::join!(open(&client, draft()), open(&client, draft()));
    done(one);
    done(two);
    assert_eq!(desk.sessions_opened(), 2);
    assert_eq!(desk.tickets().len(), 3);
}

#[tokio::test]
async fn a_session_that_is_refused_again_is_not_renewed_for_ever() {
    let desk = Desk::with(known()).await;
    let refusal = answer(401, json!(["ERROR_SESSION_TOKEN_INVALID", "no"]));
    desk.fail("POST /search/User", refusal, false, usize::MAX);
    let reason = reason_not_done(open(&desk.client(|_| {}), draft()).await);
    assert!(reason.contains("ERROR_SESSION_TOKEN_INVALID"), "{reason}");
    assert_eq!(desk.sessions_opened(), 2);
    assert_eq!(
        desk.stub
            .seen_at("POST /glpi/apirest.php/search/User")
            .len(),
        2
    );
}

#[tokio::test]
async fn closing_ends_the_session_and_a_later_call_opens_another() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|_| {});
    client.close().await;
    assert_eq!(desk.stub.seen().len(), 0, "no session, nothing to end");
    done(open(&client, draft()).await);
    client.close().await;
    let killed = desk.stub.seen_at("GET /glpi/apirest.php/killSession");
    assert_eq!(killed.len(), 1);
    assert_eq!(killed[0].header("session-token"), "session-1");
    done(attempt(&client, draft(), 2).await);
    assert_eq!(desk.sessions_opened(), 2);
}

#[tokio::test]
async fn every_request_carries_the_tokens_in_headers_and_none_in_its_address() {
    let desk = Desk::with(known()).await;
    done(open(&desk.client(|_| {}), draft()).await);
    for seen in desk.stub.seen() {
        assert_eq!(seen.header("app-token"), "app-token-1");
        for secret in [
            "user-token-1",
            "session-1",
            "app-token-1",
            "999888777",
            "chasqui:",
        ] {
            assert!(!seen.line.contains(secret), "{}", seen.line);
        }
    }
    let first = &desk.stub.seen()[0];
    assert_eq!(
        first.line,
        "GET /glpi/apirest.php/initSession?get_full_session=true"
    );
    assert_eq!(first.header("authorization"), "user_token user-token-1");
}

#[tokio::test]
async fn a_missing_set_up_step_is_named() {
    for (reply, missing) in [
        (answer(400, json!(["ERROR", "API disabled"])), Missing::Api),
        (
            answer(400, json!(["ERROR_NOT_ALLOWED_IP", "(127.0.0.1)"])),
            Missing::AllowedIp,
        ),
        (
            answer(401, json!(["ERROR_GLPI_LOGIN_USER_TOKEN", "x"])),
            Missing::UserToken,
        ),
        (
            answer(400, json!(["ERROR_LOGIN_PARAMETERS_MISSING", "x"])),
            Missing::Authorization,
        ),
        (page(404), Missing::Address),
    ] {
        let desk = Desk::with(known()).await;
        desk.fail("GET /initSession", reply, false, 1);
        let client = desk.client(|_| {});
        let fault = client.version().await.expect_err("no session");
        assert_eq!(fault, Fault::NoSession(Box::new(Fault::SetUp(missing))));
        assert_eq!(client.version().await.as_deref(), Ok("10.0.19"));
    }
    let desk = Desk::with(known()).await;
    let client = desk.client(|settings| settings.app_token = Some("old".into()));
    let reason = reason_not_done(open(&client, draft()).await);
    assert!(reason.contains("app token is wrong"), "{reason}");
    assert!(!reason.contains("old"), "{reason}");
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let desk = Desk::with(known()).await;
    let refusal = answer(403, json!(["ERROR_RIGHT_MISSING", "No tiene permiso"]));
    desk.fail("POST /search/User", refusal, false, 1);
    let reason = reason_not_done(open(&desk.client(|_| {}), draft()).await);
    assert!(reason.contains("may not read users"), "{reason}");
}

#[tokio::test]
async fn settings_can_be_replaced_while_calls_go_on() {
    let desk = Desk::with(known()).await;
    let name = |text| Name::new(text).expect("valid");
    let id = GatewayId::of("glpi", &name("demo"), &name("demo-glpi"));
    let mut settings = Settings::new(desk.stub.url("/glpi/apirest.php"), "user-token-1");
    settings.app_token = Some("app-token-1".into());
    let set = ProviderSet::new(Arc::new(SystemClock));
    let install = async |settings: &Settings| {
        set.replace([(id, Connection::Glpi(settings.clone()))])
            .await
    };
    assert_eq!(install(&settings).await, []);
    let client = set.glpi(&id).expect("installed");
    assert!(set.provider(&id).is_some());
    done(open(&client, draft()).await);

    assert_eq!(install(&settings).await, []);
    assert!(
        Arc::ptr_eq(&client, &set.glpi(&id).expect("kept")),
        "unchanged, so kept"
    );

    settings.read_timeout = Duration::from_secs(2);
    assert_eq!(install(&settings).await, []);
    assert!(!Arc::ptr_eq(&client, &set.glpi(&id).expect("replaced")));
    assert_eq!(
        desk.stub.seen_at("GET /glpi/apirest.php/killSession").len(),
        1
    );

    settings.base_url = "https://glpi.example/front/".into();
    let refused = install(&settings).await;
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].1.to_string().contains("apirest.php"),
        "{}",
        refused[0].1
    );
    assert!(set.provider(&id).is_none());
}
