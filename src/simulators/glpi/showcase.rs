//! A ticket as the demo page shows it: names instead of ids, text without encoding.

use serde_json::{Value, json};

use super::house::House;
use super::schema::Kind;
use super::store::Item;
use super::{text, tickets};

/// The ticket with its people, followups and solutions.
pub fn ticket(house: &House, ticket: Item<'_>) -> Value {
    let plain = text::decode;
    let said = |item: Item<'_>| {
        json!({
            "id": item.id(),
            "author": house.friendly_name(item.int("users_id")),
            "content": plain(item.text("content")),
            "is_private": item.int("is_private") == 1,
            "date": item.text("date_creation"),
        })
    };
    let below = |kind| house.store.children(kind, Kind::Ticket, ticket.id());
    let people = |role: i64| {
        let rows = below(Kind::TicketUser).filter(move |row| row.int("type") == role);
        rows.map(|row| {
            let id = row.int("users_id");
            let user = house.store.get(Kind::User, id);
            json!({
                "id": id,
                "name": house.friendly_name(id),
                "mobile": user.map(|user| user.text("mobile")),
                "email": row.text("alternative_email"),
            })
        })
        .collect::<Vec<_>>()
    };
    let name = |kind, key: &str| {
        house
            .store
            .get(kind, ticket.int(key))
            .map(|row| row.text("completename").to_owned())
    };
    json!({
        "id": ticket.id(),
        "name": plain(ticket.text("name")),
        "content": plain(ticket.text("content")),
        "status": ticket.int("status"),
        "type": ticket.int("type"),
        "urgency": ticket.int("urgency"),
        "impact": ticket.int("impact"),
        "priority": ticket.int("priority"),
        "entity": name(Kind::Entity, "entities_id"),
        "category": name(Kind::Category, "itilcategories_id"),
        "date": ticket.text("date"),
        "date_mod": ticket.text("date_mod"),
        "is_deleted": ticket.int("is_deleted") == 1,
        "requesters": people(tickets::REQUESTER),
        "assigned": people(tickets::ASSIGNEE),
        "observers": people(tickets::OBSERVER),
        "followups": below(Kind::Followup).map(said).collect::<Vec<_>>(),
        "documents": documents(house, ticket.id()),
        "solutions": below(Kind::Solution).map(said).collect::<Vec<_>>(),
    })
}

/// The documents linked to a ticket.
fn documents(house: &House, ticket: i64) -> Vec<Value> {
    let links = house.store.rows(Kind::DocumentItem);
    let links = links
        .filter(|link| link.text("itemtype") == "Ticket" && link.int("items_id") == ticket)
        .map(|link| link.int("documents_id"));
    let documents = links.filter_map(|id| house.store.get(Kind::Document, id));
    documents
        .map(|document| {
            json!({
                "id": document.id(),
                "name": document.text("filename"),
                "mime": document.text("mime"),
                "comment": document.text("comment"),
            })
        })
        .collect()
}
