//! Itemtypes without rules of their own: a right, defaults, a complete name, a message.

use serde_json::{Map, Value, json};

use super::errors::NO_PERMISSION;
use super::house::House;
use super::rights::{Action, allowed};
use super::schema::Kind;
use super::session::Session;
use super::store::as_int;
use super::tickets::Written;

/// Adds a row; documents, links, articles and the settings of administrators.
pub fn add(
    house: &mut House,
    session: &Session,
    kind: Kind,
    input: &Map<String, Value>,
) -> Written {
    let right = match kind {
        Kind::Document | Kind::DocumentItem => Action::CreateDocument,
        _ => Action::WriteSetup,
    };
    if !allowed(session.profile, right) {
        return Err(NO_PERMISSION.into());
    }
    let mut fields = house.stored_fields(input);
    if kind.has("users_id") {
        fields.entry("users_id").or_insert(json!(session.user));
    }
    if kind.has("completename") {
        complete_name(house, kind, &mut fields);
    }
    if kind == Kind::Document {
        fields.entry("entities_id").or_insert(json!(session.entity));
    }
    let now = house.now();
    let id = house.store.insert(kind, &fields, &now);
    if kind == Kind::DocumentItem
        && let Some(ticket) = ticket_of_link(house, input)
    {
        house.touch(ticket, session);
    }
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    let shown = name.map_or_else(
        || format!("{} - ID {id}", kind.schema().label),
        str::to_owned,
    );
    Ok((id, format!("Item successfully added: {shown}")))
}

/// The ticket whose document a link makes it: its own, or one of what was written on it.
fn ticket_of_link(house: &House, input: &Map<String, Value>) -> Option<i64> {
    let item = input.get("items_id").and_then(as_int)?;
    let below = |kind| house.store.get(kind, item).map(|row| row.int("items_id"));
    match input.get("itemtype").and_then(Value::as_str)? {
        "Ticket" => Some(item),
        "ITILFollowup" => below(Kind::Followup),
        "ITILSolution" => below(Kind::Solution),
        _ => None,
    }
}

fn complete_name(house: &House, kind: Kind, fields: &mut Map<String, Value>) {
    let column = match kind {
        Kind::Entity => "entities_id",
        Kind::Category => "itilcategories_id",
        Kind::Location => "locations_id",
        _ => "groups_id",
    };
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let parent = fields
        .get(column)
        .and_then(as_int)
        .filter(|id| *id > 0 || kind == Kind::Entity);
    let above = parent.and_then(|id| house.store.get(kind, id));
    let complete = above.map_or(name.clone(), |above| {
        format!("{} > {name}", above.text("completename"))
    });
    fields.insert("completename".to_owned(), complete.into());
    fields.insert(
        "level".to_owned(),
        json!(above.map_or(1, |above| above.int("level") + 1)),
    );
}
