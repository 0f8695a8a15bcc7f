//! Whose ticket it is, and in which entity.

use actors::model::Phone;
use serde_json::{Value, json};

use super::desk::{Desk, INTEGRATION_USER};
use super::{done, draft, effect_id, open, reason_not_done};

fn rosa(mobile: &str) -> Value {
    json!({"id": 7, "name": "rquispe", "mobile": mobile, "phone": "", "phone2": null,
           "emails": "rosa@example.com", "entities_id": 2})
}

fn connector(mobile: &str) -> Value {
    json!({"id": INTEGRATION_USER, "name": "chasqui", "mobile": mobile, "entities_id": 0})
}

#[tokio::test]
async fn a_known_person_gets_the_ticket_in_their_own_entity() {
    let desk = Desk::with(vec![connector(""), rosa("+51999888777")]).await;
    let made = done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!((made.id.as_str(), made.remark), ("1", None));
    let ticket = &desk.tickets()[0];
    assert_eq!(ticket["_users_id_requester"], 7);
    assert_eq!(ticket["entities_id"], 2);
    assert_eq!(ticket["name"], "Impresora no imprime");
    assert_eq!(
        (&ticket["urgency"], &ticket["type"]),
        (&json!(4), &json!(1))
    );
    let content = ticket["content"].as_str().expect("text");
    assert!(
        content.starts_with("<p>La impresora no imprime desde ayer</p>"),
        "{content}"
    );
    assert!(
        content.contains("<p>mi impresora &lt;no&gt; imprime</p>"),
        "{content}"
    );
    assert!(
        content.ends_with(&format!("<!-- chasqui:{} -->", effect_id())),
        "{content}"
    );
    assert_eq!(desk.users().len(), 2);
}

#[tokio::test]
async fn every_spelling_grouping_and_field_of_a_number_is_found() {
    for (wrote, field, held) in [
        ("51999888777", "mobile", "+51999888777"),
        ("51999888777", "phone", "51 999-888-777"),
        ("51999888777", "phone2", "+51 9 99 88 87 77"),
        ("5215512345678", "mobile", "+52 55 1234 5678"),
        ("525512345678", "mobile", "5215512345678"),
        ("551187654321", "phone", "+55 (11) 98765-4321"),
        ("5491158749895", "mobile", "541158749895"),
    ] {
        let mut user = rosa("");
        user[field] = held.into();
        let desk = Desk::with(vec![user]).await;
        let mut draft = draft();
        draft.phone = Some(Phone::parse(wrote).expect("valid"));
        done(open(&desk.client(|_| {}), draft).await);
        assert_eq!(
            desk.tickets()[0]["_users_id_requester"],
            7,
            "{wrote} {field} {held}"
        );
    }
}

#[tokio::test]
async fn somebody_whose_number_only_ends_alike_is_somebody_else() {
    let desk = Desk::with(vec![rosa("+56999888777")]).await;
    done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 101);
}

#[tokio::test]
async fn numbers_without_country_code_count_only_in_the_configured_country() {
    let desk = Desk::with(vec![rosa("999 888 777")]).await;
    let client = desk.client(|settings| settings.country_code = Some("51".into()));
    done(open(&client, draft()).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 7);
}

#[tokio::test]
async fn an_unknown_number_is_looked_for_by_email_next() {
    let desk = Desk::with(vec![rosa("")]).await;
    let mut draft = draft();
    draft.email = Some("Rosa@Example.com".into());
    done(open(&desk.client(|_| {}), draft).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 7);
    assert_eq!(desk.users().len(), 1);
}

#[tokio::test]
async fn a_person_nobody_knows_is_registered_once() {
    let desk = Desk::with(vec![connector("")]).await;
    let client = desk.client(|settings| settings.requester_profile = Some(1));
    let made = done(open(&client, draft()).await);
    assert!(
        made.remark
            .expect("a remark")
            .contains("registered as user 101")
    );
    done(open(&client, draft()).await);
    let users = desk.users();
    assert_eq!(users.len(), 2);
    assert_eq!(users[1]["name"], "wa_51999888777");
    assert_eq!(users[1]["mobile"], "+51999888777");
    assert_eq!(
        (&users[1]["firstname"], &users[1]["realname"]),
        (&json!("Rosa"), &json!("Quispe"))
    );
    assert_eq!(
        (&users[1]["entities_id"], &users[1]["_profiles_id"]),
        (&json!(3), &json!(1))
    );
    for ticket in desk.tickets() {
        assert_eq!(
            (&ticket["_users_id_requester"], &ticket["entities_id"]),
            (&json!(101), &json!(3))
        );
    }
}

#[tokio::test]
async fn a_login_that_is_taken_is_used() {
    let taken = json!({"id": 9, "name": "wa_51999888777", "mobile": "", "entities_id": 1});
    let desk = Desk::with(vec![taken]).await;
    done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 9);
    assert_eq!(desk.tickets()[0]["entities_id"], 1);
}

#[tokio::test]
async fn a_person_who_can_be_neither_found_nor_registered_gets_no_ticket_in_anothers_name() {
    let desk = Desk::with(vec![]).await;
    let refusal = crate::stub::json(400, json!(["ERROR_GLPI_ADD", "No tiene permiso"]));
    desk.fail("POST /User", refusal, false, 1);
    let reason = reason_not_done(open(&desk.client(|_| {}), draft()).await);
    assert!(reason.contains("neither registered nor found"), "{reason}");
    assert_eq!(desk.tickets().len(), 0);
}

#[tokio::test]
async fn the_integration_user_is_never_the_requester() {
    let desk = Desk::with(vec![connector("+51999888777")]).await;
    done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 101);
}

#[tokio::test]
async fn nobody_to_name_is_named_nobody() {
    let desk = Desk::with(vec![connector("")]).await;
    let mut draft = draft();
    draft.phone = None;
    draft.email = Some("new@example.com".into());
    let made = done(open(&desk.client(|_| {}), draft).await);
    assert!(made.remark.expect("a remark").contains("no phone"));
    let ticket = &desk.tickets()[0];
    assert_eq!(ticket["_users_id_requester"], 0);
    let notification = &ticket["_users_id_requester_notif"];
    assert_eq!(
        notification["alternative_email"],
        json!(["new@example.com"])
    );
}

#[tokio::test]
async fn two_people_with_one_number_are_told_to_the_operator() {
    let mut other = rosa("+51999888777");
    other["id"] = 12.into();
    let mut left = rosa("+51999888777");
    (left["id"], left["is_active"]) = (5.into(), 0.into());
    let desk = Desk::with(vec![other, left, rosa("+51 999 888 777")]).await;
    let made = done(open(&desk.client(|_| {}), draft()).await);
    // The one whose number is written in groups is only looked for when nobody else is found.
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 12);
    assert_eq!(made.remark, None);
    let desk = Desk::with(vec![desk.users()[0].clone(), rosa("+51999888777")]).await;
    let made = done(open(&desk.client(|_| {}), draft()).await);
    assert_eq!(desk.tickets()[0]["_users_id_requester"], 7);
    let remark = made.remark.expect("a remark");
    assert!(remark.contains("2 GLPI users have this phone"), "{remark}");
    assert!(!remark.contains("999888777"), "{remark}");
}

#[tokio::test]
async fn without_a_usable_default_entity_the_ticket_goes_to_the_fall_back_with_a_warning() {
    for (entity, warning) in [
        (json!(null), "no default entity"),
        (json!(0), "no default entity"),
        (json!(44), "does not see entity 44"),
    ] {
        let mut user = rosa("+51999888777");
        user["entities_id"] = entity;
        let desk = Desk::with(vec![user]).await;
        let made = done(open(&desk.client(|_| {}), draft()).await);
        assert_eq!(desk.tickets()[0]["entities_id"], 3);
        let remark = made.remark.expect("a remark");
        assert!(remark.contains(warning), "{remark}");
    }
}

#[tokio::test]
async fn the_root_entity_is_an_entity_where_it_is_the_fall_back() {
    let mut user = rosa("+51999888777");
    user["entities_id"] = 0.into();
    let desk = Desk::with(vec![user]).await;
    let client = desk.client(|settings| settings.fallback_entity = 0);
    let made = done(open(&client, draft()).await);
    assert_eq!(
        (made.remark, &desk.tickets()[0]["entities_id"]),
        (None, &json!(0))
    );
}
