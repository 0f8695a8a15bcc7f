//! Create, change and delete: one item or many, with the answers of full, partial and failed
//! success (GLPI REST API, CRUD). What a write does is in `tickets`, `timeline`, `people`.

use serde_json::{Map, Value, json};

use super::super::exchange::{Arrived, Provider, Reply};
use super::errors::{Failure, NO_PERMISSION, NOT_FOUND};
use super::house::House;
use super::php::truthy;
use super::rights::{Action, allowed};
use super::schema::Kind;
use super::session::Session;
use super::store::as_int;
use super::tickets::Written;
use super::{json_reply, people, plain, text, tickets, timeline};

/// `POST /{Itemtype}`.
pub fn create(
    house: &mut House,
    session: &Session,
    kind: Kind,
    params: &Map<String, Value>,
    request: &Arrived,
) -> Result<Reply, Failure> {
    let raw = request.header("x-glpi-sanitized-content") == Some("false");
    let base = format!(
        "{}/{}",
        request.base_url(Provider::Glpi),
        kind.schema().itemtype
    );
    let (inputs, many) = inputs(params)?;
    let mut results = Vec::new();
    let mut links = Vec::new();
    let mut refused = 0;
    for input in &inputs {
        match add(house, session, kind, input) {
            Ok((id, message)) => {
                let message = if raw { text::decode(&message) } else { message };
                links.push(format!("{base}/{id}"));
                results.push(json!({"id": id, "message": message}));
            }
            Err(message) => {
                refused += 1;
                results.push(json!({"id": false, "message": message}));
            }
        }
    }
    if refused > 0 {
        return Err(failed("ADD", refused, many, results));
    }
    if many {
        return Ok(json_reply(201, &results.into()).with("link", &links.join(",")));
    }
    let location = links.pop().unwrap_or_default();
    Ok(json_reply(201, &results.pop().unwrap_or_default()).with("location", &location))
}

/// `PUT` and `PATCH`, with the id in the path or in the body; that of the body wins.
pub fn update(
    house: &mut House,
    session: &Session,
    kind: Kind,
    id: Option<i64>,
    params: &Map<String, Value>,
) -> Result<Reply, Failure> {
    let (inputs, many) = inputs(params)?;
    let mut results = Vec::new();
    let (mut done, mut refused, mut missing) = (0, 0, 0);
    for input in &inputs {
        let Some(id) = input.get("id").and_then(as_int).or(id) else {
            return Ok(json_reply(200, &json!([[]])));
        };
        let Some(row) = row_id(house, kind, id) else {
            missing += 1;
            continue;
        };
        match change(house, session, kind, row, input) {
            Ok(()) => {
                done += 1;
                results.push(json!({row.to_string(): true, "message": ""}));
            }
            Err(message) => {
                refused += 1;
                results.push(json!({row.to_string(): false, "message": message}));
            }
        }
    }
    match (done, refused + missing) {
        (_, 0) => Ok(json_reply(200, &results.into())),
        (0, _) if results.is_empty() => Err(Failure::new(400, "ERROR_GLPI_UPDATE", Value::Null)),
        (0, _) => Err(failed("UPDATE", results.len(), many, results)),
        _ => Err(Failure::new(
            207,
            "ERROR_GLPI_PARTIAL_UPDATE",
            Value::from(results),
        )),
    }
}

/// `DELETE`: into the trash, or away for good.
pub fn delete(
    house: &mut House,
    session: &Session,
    kind: Kind,
    id: Option<i64>,
    params: &Map<String, Value>,
) -> Result<Reply, Failure> {
    let (inputs, many) = match id {
        Some(id) => (vec![Map::from_iter([("id".to_owned(), json!(id))])], false),
        None => inputs(params)?,
    };
    let purge = truthy(params.get("force_purge"));
    let mut results = Vec::new();
    let mut refused = 0;
    for input in &inputs {
        let id = input.get("id").and_then(as_int).unwrap_or(0);
        let result = remove(house, session, kind, id, purge);
        refused += usize::from(result.is_err());
        results
            .push(json!({id.to_string(): result.is_ok(), "message": result.err().unwrap_or("")}));
    }
    if refused > 0 {
        return Err(failed("DELETE", refused, many, results));
    }
    Ok(json_reply(200, &results.into()))
}

/// Adds one row; documents with files come from `documents`.
pub fn add(
    house: &mut House,
    session: &Session,
    kind: Kind,
    input: &Map<String, Value>,
) -> Written {
    match kind {
        Kind::Ticket => tickets::add(house, session, input),
        Kind::TicketUser | Kind::GroupTicket => add_actor(house, session, kind, input),
        Kind::Followup => timeline::add_followup(house, session, input),
        Kind::Solution => timeline::add_solution(house, session, input),
        Kind::Task => timeline::add_task(house, session, input),
        Kind::Validation => timeline::add_validation(house, session, input),
        Kind::Satisfaction => timeline::add_satisfaction(house, session, input),
        Kind::User => people::add_user(house, session, input),
        Kind::UserEmail => people::add_email(house, session, input),
        Kind::ProfileUser => people::add_profile(house, session, input),
        _ => plain::add(house, session, kind, input),
    }
}

fn add_actor(
    house: &mut House,
    session: &Session,
    kind: Kind,
    input: &Map<String, Value>,
) -> Written {
    let number = |name: &str| input.get(name).and_then(as_int).unwrap_or(0);
    let ticket = number("tickets_id");
    let row = house.store.get(Kind::Ticket, ticket).ok_or(NO_PERMISSION)?;
    if !allowed(session.profile, Action::ActForOthers) || !tickets::visible(house, session, row) {
        return Err(NO_PERMISSION.into());
    }
    let role = input
        .get("type")
        .and_then(as_int)
        .unwrap_or(tickets::REQUESTER);
    let id = if kind == Kind::TicketUser {
        let email = input
            .get("alternative_email")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let id = tickets::add_actor(house, ticket, number("users_id"), role, email).ok_or("")?;
        if let Some(notify) = input.get("use_notification") {
            house
                .store
                .set(Kind::TicketUser, id, "use_notification", notify.clone());
        }
        id
    } else {
        let group = number("groups_id");
        let same =
            |row: super::store::Item<'_>| row.int("groups_id") == group && row.int("type") == role;
        if house.store.children(kind, Kind::Ticket, ticket).any(same) {
            return Err("".into());
        }
        let (fields, now) = (house.stored_fields(input), house.now());
        let id = house.store.insert(kind, &fields, &now);
        if role == tickets::ASSIGNEE {
            tickets::take_into_account(house, ticket);
        }
        id
    };
    house.touch(ticket, session);
    Ok((
        id,
        format!("Item successfully added: {} - ID {id}", kind.schema().label),
    ))
}

fn change(
    house: &mut House,
    session: &Session,
    kind: Kind,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Value> {
    match kind {
        Kind::Ticket => return tickets::update(house, session, id, input),
        Kind::User => return people::update_user(house, session, id, input),
        Kind::Validation => return timeline::update_validation(house, session, id, input),
        Kind::Satisfaction => return timeline::update_satisfaction(house, session, id, input),
        _ => {}
    }
    let right = match kind {
        Kind::Followup | Kind::Solution | Kind::Task => Action::UpdateTicket,
        Kind::UserEmail | Kind::ProfileUser => Action::WriteUsers,
        Kind::TicketUser | Kind::GroupTicket => Action::ActForOthers,
        Kind::Document | Kind::DocumentItem => Action::CreateDocument,
        _ => Action::WriteSetup,
    };
    if !allowed(session.profile, right) {
        return Err(NO_PERMISSION.into());
    }
    for (name, value) in house.stored_fields(input) {
        house.store.set(kind, id, &name, value);
    }
    let now = house.now();
    house.store.set(kind, id, "date_mod", now);
    if let Some(ticket) = ticket_above(house, kind, id) {
        house.touch(ticket, session);
    }
    Ok(())
}

fn remove(
    house: &mut House,
    session: &Session,
    kind: Kind,
    id: i64,
    purge: bool,
) -> Result<(), &'static str> {
    let id = row_id(house, kind, id).ok_or(NOT_FOUND)?;
    let row = house.store.get(kind, id).ok_or(NOT_FOUND)?;
    let right = match kind {
        Kind::Ticket => Action::DeleteTicket,
        Kind::User | Kind::UserEmail | Kind::ProfileUser => Action::WriteUsers,
        Kind::TicketUser | Kind::GroupTicket => Action::ActForOthers,
        Kind::Followup | Kind::Solution | Kind::Task | Kind::Validation => Action::UpdateTicket,
        Kind::Document | Kind::DocumentItem => Action::CreateDocument,
        _ => Action::WriteSetup,
    };
    let own = kind == Kind::Ticket
        && session.profile == super::rights::OBSERVER
        && row.int("users_id_recipient") == session.user;
    if !own && !allowed(session.profile, right) {
        return Err(NO_PERMISSION);
    }
    let ticket = ticket_above(house, kind, id);
    if kind.has("is_deleted") && !purge {
        house.store.set(kind, id, "is_deleted", 1);
    } else {
        house.store.remove(kind, id);
        if kind == Kind::User {
            house.logins.retain(|_, owner| *owner != id);
        }
    }
    if let Some(ticket) = ticket {
        house.touch(ticket, session);
    }
    Ok(())
}

/// Surveys are addressed by the id of their ticket, everything else by its own.
pub fn row_id(house: &House, kind: Kind, id: i64) -> Option<i64> {
    if kind == Kind::Satisfaction {
        return house
            .store
            .children(kind, Kind::Ticket, id)
            .next()
            .map(|row| row.id());
    }
    house.store.get(kind, id).map(|row| row.id())
}

/// The ticket a row belongs to, or is.
fn ticket_above(house: &House, kind: Kind, id: i64) -> Option<i64> {
    let row = house.store.get(kind, id)?;
    let by_type = (row.text("itemtype") == "Ticket").then(|| row.int("items_id"));
    let by_column = kind.has("tickets_id").then(|| row.int("tickets_id"));
    let own = (kind == Kind::Ticket).then_some(id);
    let found = own.or(by_type).or(by_column)?;
    house
        .store
        .get(Kind::Ticket, found)
        .map(|ticket| ticket.id())
}

fn inputs(params: &Map<String, Value>) -> Result<(Vec<Map<String, Value>>, bool), Failure> {
    let bad = || {
        Failure::new(
            400,
            "ERROR_BAD_ARRAY",
            "input parameter must be an array of objects",
        )
    };
    match params.get("input") {
        Some(Value::Object(one)) => Ok((vec![one.clone()], false)),
        // PHP cannot tell `{}` from `[]`.
        Some(Value::Array(many)) if many.is_empty() => Ok((vec![Map::new()], false)),
        Some(Value::Array(many)) => {
            let rows = many
                .iter()
                .map(|row| row.as_object().cloned().ok_or_else(bad));
            Ok((rows.collect::<Result<_, _>>()?, true))
        }
        _ => Err(bad()),
    }
}

fn failed(verb: &'static str, refused: usize, many: bool, mut results: Vec<Value>) -> Failure {
    if refused < results.len() {
        let code = match verb {
            "ADD" => "ERROR_GLPI_PARTIAL_ADD",
            "UPDATE" => "ERROR_GLPI_PARTIAL_UPDATE",
            _ => "ERROR_GLPI_PARTIAL_DELETE",
        };
        return Failure::new(207, code, Value::from(results));
    }
    let code = match verb {
        "ADD" => "ERROR_GLPI_ADD",
        "UPDATE" => "ERROR_GLPI_UPDATE",
        _ => "ERROR_GLPI_DELETE",
    };
    if many {
        return Failure::new(400, code, Value::from(results));
    }
    let message = results
        .pop()
        .and_then(|mut result| result.get_mut("message").map(Value::take));
    Failure::new(400, code, message.unwrap_or_default())
}
