//! What is believed when GLPI is slow, silent or down, and how a ticket is found again.

use std::time::Duration;

use actors::model::{Call, Millis};
use actors::ports::{Called, Clock, LookedUp, Provider, SystemClock};
use serde_json::{Value, json};

use super::desk::Desk;
use super::{attempt, done, draft, effect, open, reason_not_done};
use crate::stub::{Reply, json as answer, nowhere, page};
use crate::verdict::{put_off, seconds};

fn known() -> Vec<Value> {
    vec![json!({"id": 7, "name": "r", "mobile": "+51999888777", "entities_id": 2})]
}

fn faults() -> Vec<Reply> {
    vec![
        Reply::Silence,
        Reply::Reset,
        Reply::Torn,
        page(200),
        page(500),
        page(502),
        page(504),
        answer(500, json!(["ERROR_SQL", ""])),
        answer(200, json!({"message": "an unknown shape"})),
    ]
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_and_found_by_its_marker() {
    for reply in faults() {
        let desk = Desk::with(known()).await;
        let client = desk.client(|_| {});
        desk.fail("POST /Ticket", reply.clone(), true, 1);
        let called = open(&client, draft()).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{reply:?}: {called:?}"
        );
        let LookedUp::Found(made) = client.look_up(&effect(draft())).await else {
            panic!("{reply:?}: not found");
        };
        assert_eq!(made.id, "1");
        assert!(made.at.is_some());
        // Whoever repeats anyway does not make a second one.
        assert_eq!(done(attempt(&client, draft(), 2).await).id, "1");
        assert_eq!(desk.tickets().len(), 1);
    }
}

#[tokio::test]
async fn a_create_that_never_happened_is_not_found() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|_| {});
    desk.fail("POST /Ticket", Reply::Silence, false, 1);
    assert!(matches!(
        open(&client, draft()).await,
        Called::Unknown { .. }
    ));
    assert_eq!(client.look_up(&effect(draft())).await, LookedUp::NotFound);
    assert_eq!(done(attempt(&client, draft(), 2).await).id, "1");
}

#[tokio::test]
async fn whatever_fails_before_the_create_is_not_done() {
    for step in ["GET /initSession", "POST /search/User", "GET /User/7"] {
        for reply in faults() {
            let desk = Desk::with(known()).await;
            desk.fail(step, reply.clone(), false, 1);
            let called = open(&desk.client(|_| {}), draft()).await;
            assert!(put_off(called).1, "{step} {reply:?}");
            assert_eq!(desk.tickets().len(), 0);
        }
    }
}

#[tokio::test]
async fn registering_with_a_lost_answer_is_repeated_without_a_second_user() {
    for reply in faults() {
        let desk = Desk::with(vec![]).await;
        let client = desk.client(|_| {});
        desk.fail("POST /User", reply, true, 1);
        reason_not_done(open(&client, draft()).await);
        done(attempt(&client, draft(), 2).await);
        assert_eq!((desk.users().len(), desk.tickets().len()), (1, 1));
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let desk = Desk::with(vec![]).await;
    let address = format!("{}/apirest.php", nowhere().await);
    let client = desk.client(|settings| settings.base_url = address);
    let reason = reason_not_done(open(&client, draft()).await);
    assert!(reason.contains("not reachable"), "{reason}");
}

#[tokio::test]
async fn a_coded_refusal_of_the_create_is_not_done() {
    for refusal in [
        answer(
            400,
            json!(["ERROR_GLPI_ADD", "Falta rellenar: Categoría 51999888777"]),
        ),
        answer(403, json!(["ERROR_RIGHT_MISSING", "No"])),
        answer(404, json!(["ERROR_ITEM_NOT_FOUND", "No"])),
        answer(
            207,
            json!(["ERROR_GLPI_PARTIAL_ADD", [{"id": false, "message": "No"}]]),
        ),
        answer(201, json!({"id": false, "message": "No"})),
    ] {
        let desk = Desk::with(known()).await;
        desk.fail("POST /Ticket", refusal.clone(), false, 1);
        let reason = reason_not_done(open(&desk.client(|_| {}), draft()).await);
        assert!(!reason.contains("999888777"), "{reason}");
    }
}

#[tokio::test]
async fn a_session_lost_at_the_create_is_renewed_and_one_ticket_made() {
    let desk = Desk::with(known()).await;
    let refusal = answer(401, json!(["ERROR_SESSION_TOKEN_INVALID", "no"]));
    desk.fail("POST /Ticket", refusal, false, 1);
    done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!((desk.tickets().len(), desk.sessions_opened()), (1, 2));
}

#[tokio::test]
async fn being_told_to_slow_down_is_honoured() {
    let desk = Desk::with(known()).await;
    let reply = Reply::Answer(429, vec![("retry-after", "9")], String::new());
    desk.fail("POST /Ticket", reply, false, 1);
    let called = open(&desk.client(|_| {}), draft()).await;
    assert_eq!(put_off(called), (seconds(9), false));
}

#[tokio::test]
async fn creating_has_more_time_than_reading() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|settings| {
        settings.read_timeout = Duration::from_millis(200);
        settings.create_timeout = Duration::from_millis(1200);
    });
    done(open(&client, draft()).await);
    desk.fail("POST /Ticket", Reply::Silence, false, 1);
    let begun = std::time::Instant::now();
    assert!(matches!(
        open(&client, draft()).await,
        Called::Unknown { .. }
    ));
    assert!(begun.elapsed() >= Duration::from_millis(1200));
    desk.fail("POST /search/User", Reply::Silence, false, 1);
    let begun = std::time::Instant::now();
    reason_not_done(open(&client, draft()).await);
    assert!(begun.elapsed() < Duration::from_millis(1200));
}

#[tokio::test]
async fn the_instant_of_creation_is_glpis_date_on_our_clock() {
    let desk = Desk::with(known()).await;
    let before = SystemClock.now();
    let made = done(open(&desk.client(|_| {}), draft()).await);
    // The desk's clock shows 00:00:00 at log-in and dates its tickets 00:00:07.
    let at = made.at.expect("an instant");
    assert!(
        (6_000..12_000).contains(&at.since(before)),
        "{at:?} {before:?}"
    );
}

#[tokio::test]
async fn a_date_that_cannot_be_read_back_is_replaced_by_our_clock() {
    for reply in [
        page(500),
        Reply::Reset,
        answer(200, json!({"date_creation": "soon"})),
    ] {
        let desk = Desk::with(known()).await;
        desk.fail("GET /Ticket/1", reply, false, 1);
        let before = SystemClock.now();
        let at = done(open(&desk.client(|_| {}), draft()).await).at;
        assert!(
            at >= Some(before) && at <= Some(SystemClock.now()),
            "{at:?}"
        );
        assert!(at > Some(Millis(0)));
    }
}

#[tokio::test]
async fn a_look_up_that_fails_says_so_and_other_work_cannot_be_looked_up() {
    let desk = Desk::with(known()).await;
    let client = desk.client(|_| {});
    desk.fail("POST /search/Ticket", page(500), false, 1);
    let looked_up = client.look_up(&effect(draft())).await;
    assert!(
        matches!(looked_up, LookedUp::Unanswered { .. }),
        "{looked_up:?}"
    );
    let mut other = effect(draft());
    other.call = Call::MarkRead {
        message: "wamid.A".into(),
        typing: false,
    };
    assert_eq!(client.look_up(&other).await, LookedUp::Unsupported);
}
