//! What is said and decided on a ticket: followups, solutions, tasks, approvals and the
//! survey, with the transitions of the state machine (GLPI REST API, conversation objects).
//!
//! Reopening looks at the user of the session, not at the author named in the body: a
//! connector that writes for a requester does not reopen anything unless it says so.

use serde_json::{Map, Value, json};

use super::errors::NO_PERMISSION;
use super::house::House;
use super::php::truthy;
use super::rights::{Action, SUPER_ADMIN, TECHNICIAN, allowed};
use super::schema::Kind;
use super::session::Session;
use super::store::as_int;
use super::tickets::{
    self, ASSIGNED, ASSIGNEE, CLOSED, NEW, PENDING, REQUESTER, SOLVED, Written, set_status,
};

const ACCEPTED: i64 = 3;
const REFUSED: i64 = 4;

/// Hours in which a survey answer may be changed.
const SURVEY_CHANGE_S: i64 = 12 * 3_600;

/// Writes a followup.
pub fn add_followup(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let ticket = ticket_of(input).ok_or(NO_PERMISSION)?;
    let row = house.store.get(Kind::Ticket, ticket).ok_or(NO_PERMISSION)?;
    let status = row.int("status");
    let mine = tickets::has_role(house, ticket, session.user, Some(REQUESTER));
    let privileged = allowed(session.profile, Action::ActForOthers);
    let seen = tickets::visible(house, session, row);
    if !seen || !allowed(session.profile, Action::Followup) || (status == CLOSED && !privileged) {
        return Err(NO_PERMISSION.into());
    }
    let closes = truthy(input.get("add_close"));
    let content = input
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if content.is_empty() && !closes {
        return Err("You can't add a followup without description".into());
    }
    let author = input
        .get("users_id")
        .and_then(as_int)
        .filter(|user| *user > 0 && privileged);
    let mut fields = house.stored_fields(input);
    fields.insert("itemtype".to_owned(), "Ticket".into());
    fields.insert("items_id".to_owned(), json!(ticket));
    fields.insert("users_id".to_owned(), json!(author.unwrap_or(session.user)));
    let now = house.now();
    let id = house.store.insert(Kind::Followup, &fields, &now);

    let keeps_status = truthy(input.get("_do_not_compute_status"));
    let assignee = tickets::has_role(house, ticket, session.user, Some(ASSIGNEE));
    let needs_reopening = mine && !assignee && matches!(status, PENDING | SOLVED);
    let reopens = truthy(input.get("add_reopen")) && matches!(status, SOLVED | CLOSED | PENDING);
    if closes && status == SOLVED {
        set_status(house, ticket, CLOSED);
        settle_solutions(house, ticket, ACCEPTED);
    } else if (needs_reopening || reopens) && !keeps_status {
        let next = if tickets::is_assigned(house, ticket) {
            ASSIGNED
        } else {
            NEW
        };
        set_status(house, ticket, next);
        settle_solutions(house, ticket, REFUSED);
    } else if let Some(pending) = input.get("pending").filter(|_| !keeps_status) {
        match (truthy(Some(pending)), status) {
            (true, ..=PENDING) => set_status(house, ticket, PENDING),
            (false, PENDING) => set_status(house, ticket, ASSIGNED),
            _ => {}
        }
    }
    house.touch(ticket, session);
    Ok((id, String::new()))
}

/// Solves a ticket.
pub fn add_solution(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let ticket = ticket_of(input).ok_or(NO_PERMISSION)?;
    let row = house.store.get(Kind::Ticket, ticket).ok_or(NO_PERMISSION)?;
    if !allowed(session.profile, Action::Solve) || !tickets::visible(house, session, row) {
        return Err(NO_PERMISSION.into());
    }
    if row.int("status") >= SOLVED {
        return Err("The item is already solved, did anyone pushed a solution before you?".into());
    }
    let autoclose = house.settings.autoclose;
    let author = input
        .get("users_id")
        .and_then(as_int)
        .unwrap_or(session.user);
    let mut fields = house.stored_fields(input);
    fields.insert("itemtype".to_owned(), "Ticket".into());
    fields.insert("items_id".to_owned(), json!(ticket));
    fields.insert("users_id".to_owned(), json!(author));
    fields.insert(
        "status".to_owned(),
        json!(if autoclose { ACCEPTED } else { 2 }),
    );
    let now = house.now();
    let id = house.store.insert(Kind::Solution, &fields, &now);
    set_status(house, ticket, SOLVED);
    if autoclose {
        set_status(house, ticket, CLOSED);
    }
    house.touch(ticket, session);
    Ok((id, format!("Item successfully added: Solution - ID {id}")))
}

/// Adds a task.
pub fn add_task(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let ticket = existing_ticket(house, session, input, Action::UpdateTicket)?;
    let mut fields = house.stored_fields(input);
    fields.entry("users_id").or_insert(json!(session.user));
    let now = house.now();
    let id = house.store.insert(Kind::Task, &fields, &now);
    house.touch(ticket, session);
    Ok((id, format!("Item successfully added: Task - ID {id}")))
}

/// Asks for an approval; the ticket waits for it.
pub fn add_validation(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let ticket = existing_ticket(house, session, input, Action::UpdateTicket)?;
    let mut fields = house.stored_fields(input);
    fields.insert("users_id".to_owned(), json!(session.user));
    let now = house.now();
    let id = house.store.insert(Kind::Validation, &fields, &now);
    house
        .store
        .set(Kind::Ticket, ticket, "global_validation", 2);
    house.touch(ticket, session);
    Ok((id, format!("Item successfully added: Approval - ID {id}")))
}

/// Answers an approval; the ticket follows.
pub fn update_validation(
    house: &mut House,
    session: &Session,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Value> {
    let row = house.store.get(Kind::Validation, id).ok_or(Value::Null)?;
    let (ticket, approver) = (row.int("tickets_id"), row.int("users_id_validate"));
    if approver != session.user && session.profile != SUPER_ADMIN {
        return Err(NO_PERMISSION.into());
    }
    for (name, value) in house.stored_fields(input) {
        house.store.set(Kind::Validation, id, &name, value);
    }
    if let Some(status) = input.get("status").and_then(as_int) {
        let now = house.now();
        house
            .store
            .set(Kind::Validation, id, "validation_date", now);
        house
            .store
            .set(Kind::Ticket, ticket, "global_validation", status);
    }
    house.touch(ticket, session);
    Ok(())
}

/// Creates a survey row, as the closing job of an entity with surveys does.
pub fn add_satisfaction(
    house: &mut House,
    session: &Session,
    input: &Map<String, Value>,
) -> Written {
    if session.profile != SUPER_ADMIN {
        return Err(NO_PERMISSION.into());
    }
    let ticket = existing_ticket(house, session, input, Action::UpdateTicket)?;
    if house
        .store
        .children(Kind::Satisfaction, Kind::Ticket, ticket)
        .next()
        .is_some()
    {
        return Err(format!("Duplicate entry '{ticket}' for key 'tickets_id'").into());
    }
    let fields = house.stored_fields(input);
    let now = house.now();
    let id = house.store.insert(Kind::Satisfaction, &fields, &now);
    Ok((
        id,
        format!("Item successfully added: Satisfaction - ID {id}"),
    ))
}

/// Makes the survey row of a closed ticket, as the closing job of an entity does that asks all its
/// requesters without delay.
pub fn ask_rating(house: &mut House, ticket: i64) {
    let rows = house
        .store
        .children(Kind::Satisfaction, Kind::Ticket, ticket);
    if rows.count() > 0 {
        return;
    }
    let now = house.now();
    let fields = json!({"tickets_id": ticket, "type": 1, "date_begin": now});
    let fields = fields.as_object().cloned().unwrap_or_default();
    house.store.insert(Kind::Satisfaction, &fields, &now);
}

/// Answers a survey: the requester may, and the ticket's writer with a technician's profile.
pub fn update_satisfaction(
    house: &mut House,
    session: &Session,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Value> {
    let row = house.store.get(Kind::Satisfaction, id).ok_or(Value::Null)?;
    let ticket = row.int("tickets_id");
    let answered = super::super::clock::parse_sql_time(row.text("date_answered"));
    let writer = house
        .store
        .get(Kind::Ticket, ticket)
        .map_or(0, |ticket| ticket.int("users_id_recipient"));
    let may_write = writer == session.user && session.profile >= TECHNICIAN;
    let may = may_write || tickets::has_role(house, ticket, session.user, Some(REQUESTER));
    if !may || answered.is_some_and(|answered| house.now_s - answered > SURVEY_CHANGE_S) {
        return Err(NO_PERMISSION.into());
    }
    for (name, value) in house.stored_fields(input) {
        house.store.set(Kind::Satisfaction, id, &name, value);
    }
    if answered.is_none() {
        let now = house.now();
        house
            .store
            .set(Kind::Satisfaction, id, "date_answered", now);
    }
    house.changed.insert(ticket);
    Ok(())
}

fn ticket_of(input: &Map<String, Value>) -> Option<i64> {
    let named = input.get("tickets_id").and_then(as_int);
    let is_ticket = input.get("itemtype").and_then(Value::as_str) == Some("Ticket");
    named.or_else(|| input.get("items_id").filter(|_| is_ticket).and_then(as_int))
}

fn existing_ticket(
    house: &House,
    session: &Session,
    input: &Map<String, Value>,
    action: Action,
) -> Result<i64, Value> {
    let ticket = input
        .get("tickets_id")
        .and_then(as_int)
        .ok_or(NO_PERMISSION)?;
    let row = house.store.get(Kind::Ticket, ticket).ok_or(NO_PERMISSION)?;
    if allowed(session.profile, action) && tickets::visible(house, session, row) {
        Ok(ticket)
    } else {
        Err(NO_PERMISSION.into())
    }
}

fn settle_solutions(house: &mut House, ticket: i64, status: i64) {
    let last = house
        .store
        .children(Kind::Solution, Kind::Ticket, ticket)
        .next_back();
    let Some(id) = last
        .filter(|row| row.int("status") == 2)
        .map(|row| row.id())
    else {
        return;
    };
    let now = house.now();
    house.store.set(Kind::Solution, id, "status", status);
    house.store.set(Kind::Solution, id, "date_approval", now);
}
