//! Users searched, and joined to phones, e-mails and tickets.

use chasqui::providers::glpi::{Linked, Role, UserQuery};
use serde_json::{Value, json};

use super::{Bench, done, opened, phone, refusal, unique};

#[tokio::test]
async fn a_person_is_found_by_whatever_is_known_of_them() {
    let bench = Bench::start().await;
    let client = bench.client();
    let number = unique();
    let (login, email) = (
        format!("rosa{number}"),
        format!("rosa{number}@empresa.example"),
    );
    let phone = phone();
    let digits = phone.digits();
    let grouped = format!("+{} {} {}", &digits[..2], &digits[2..7], &digits[7..]);
    let input = json!({
        "name": login, "realname": format!("Mamani{number}"), "firstname": "Rosa",
        "phone2": grouped, "_useremails": [email],
    });
    let made = bench.raw("POST", "User", json!({"input": input})).await;
    let id = made["id"].as_u64().expect("an id") as u32;

    let shouted = email.to_uppercase();
    let family = format!("mamani{number}");
    for query in [
        UserQuery::Phone(&phone),
        UserQuery::Email(&shouted),
        UserQuery::Login(&login),
        UserQuery::Name(&family),
    ] {
        let found = client.search_users(&query).await.expect("an answer");
        assert_eq!(found.len(), 1, "{query:?}: {found:?}");
        assert_eq!(found[0].id, id);
        assert!(found[0].is_reachable() && found[0].active);
        assert_eq!(found[0].name, format!("Rosa Mamani{number}"));
    }
    let by_email = client.find_requester(None, Some(&email)).await;
    assert_eq!(by_email.expect("an answer"), Some(id));
    for nobody in [
        UserQuery::Email(""),
        UserQuery::Email("rosa"),
        UserQuery::Login(" "),
        UserQuery::Name("a"),
    ] {
        let found = client.search_users(&nobody).await.expect("an answer");
        assert_eq!(found, [], "{nobody:?}");
    }
}

#[tokio::test]
async fn numbers_and_addresses_are_linked_once_and_overwrite_nothing() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (_, person) = opened(&client, "Uno").await;
    let numbers = [phone(), phone(), phone()];
    let link = async |number| client.link_phone(person, number).await.expect("an answer");
    assert_eq!(link(&numbers[0]).await, Linked::Added("phone2"));
    assert_eq!(link(&numbers[0]).await, Linked::Already);
    assert_eq!(link(&numbers[1]).await, Linked::Added("phone"));
    assert_eq!(link(&numbers[2]).await, Linked::NoFreeField);
    let found = client.find_requester(Some(&numbers[1]), None).await;
    assert_eq!(found.expect("an answer"), Some(person));

    let email = format!("p{}@empresa.example", unique());
    let link = async |email: &str| client.link_email(person, email).await.expect("an answer");
    assert_eq!(link(&email).await, Linked::Added("email"));
    assert_eq!(link(&email.to_uppercase()).await, Linked::Already);
    assert_eq!(link("sin arroba").await, Linked::Empty);
    assert_eq!(link("").await, Linked::Empty);
}

#[tokio::test]
async fn a_user_takes_one_part_once() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Uno").await;
    let (_, colleague) = opened(&client, "Dos").await;
    for role in [Role::Requester, Role::Observer, Role::Requester] {
        assert_eq!(
            done(client.add_actor(ticket, colleague, role).await),
            colleague
        );
    }
    let path = format!("Ticket/{ticket}/Ticket_User");
    let rows = bench.raw("GET", &path, Value::Null).await;
    let rows = rows.as_array().expect("rows").iter();
    assert_eq!(rows.filter(|row| row["users_id"] == colleague).count(), 2);
    refusal(client.add_actor(ticket, 0, Role::Observer).await);
    refusal(
        client
            .add_actor(99_999_999, colleague, Role::Observer)
            .await,
    );
}
