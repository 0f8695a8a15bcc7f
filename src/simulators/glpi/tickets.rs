//! Tickets: creation, change, trash, actors and the numbers GLPI derives (GLPI REST API,
//! ticket; actors; conversation objects and the state machine).

use serde_json::{Map, Value, json};

use super::super::clock::parse_sql_time;
use super::errors::NO_PERMISSION;
use super::house::House;
use super::rights::{Action, allowed};
use super::schema::Kind;
use super::session::Session;
use super::store::{Item, as_int};
use super::{text, timeline};

/// Urgency (rows 1 to 5) and impact (columns 1 to 5) to priority.
pub const MATRIX: [[i64; 5]; 5] = [
    [1, 1, 2, 2, 2],
    [1, 2, 2, 3, 3],
    [2, 2, 3, 4, 4],
    [2, 3, 4, 4, 5],
    [2, 3, 4, 5, 5],
];

/// `new`.
pub const NEW: i64 = 1;
/// `processing (assigned)`.
pub const ASSIGNED: i64 = 2;
/// `pending`.
pub const PENDING: i64 = 4;
/// `solved`.
pub const SOLVED: i64 = 5;
/// `closed`.
pub const CLOSED: i64 = 6;

/// Actor types.
pub const REQUESTER: i64 = 1;
/// The technician.
pub const ASSIGNEE: i64 = 2;
/// The watcher.
pub const OBSERVER: i64 = 3;

const ROLES: [(&str, i64); 3] = [
    ("requester", REQUESTER),
    ("assign", ASSIGNEE),
    ("observer", OBSERVER),
];

/// What a write answers: the id and its message, or the text of the refusal.
pub type Written = Result<(i64, String), Value>;

/// Creates a ticket.
pub fn add(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let entity = input
        .get("entities_id")
        .and_then(as_int)
        .unwrap_or(session.entity);
    if !allowed(session.profile, Action::CreateTicket) || !session.entities.contains(&entity) {
        return Err(NO_PERMISSION.into());
    }
    let mut fields = house.stored_fields(input);
    fields.insert("entities_id".to_owned(), json!(entity));
    fields.insert("users_id_recipient".to_owned(), json!(session.user));
    fields.insert("users_id_lastupdater".to_owned(), json!(session.user));
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name: String = match name.trim() {
        "" => text::plain(
            fields
                .get("content")
                .and_then(Value::as_str)
                .unwrap_or_default(),
            70,
        ),
        given => given.chars().take(255).collect(),
    };
    fields.insert("name".to_owned(), name.clone().into());
    derive_priority(&mut fields, (3, 3));

    let now = house.now();
    let id = house.store.insert(Kind::Ticket, &fields, &now);
    add_virtual_actors(house, id, input);
    house.changed.insert(id);
    let shown = if name.is_empty() {
        format!("Ticket - ID {id}")
    } else {
        name
    };
    Ok((id, format!("Item successfully added: {shown} ({id})")))
}

/// Changes a ticket; the caller has found it.
pub fn update(
    house: &mut House,
    session: &Session,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Value> {
    if !allowed(session.profile, Action::UpdateTicket) {
        return Err(NO_PERMISSION.into());
    }
    let Some(ticket) = house.store.get(Kind::Ticket, id) else {
        return Err(Value::Null);
    };
    if !visible(house, session, ticket) {
        return Err(NO_PERMISSION.into());
    }
    let before = ticket.int("status");
    let status = input.get("status").and_then(as_int);
    if before == CLOSED && status.is_none() {
        return Err("".into());
    }
    let weights = (ticket.int("urgency"), ticket.int("impact"));
    let mut fields = house.stored_fields(input);
    if fields.contains_key("urgency") || fields.contains_key("impact") {
        derive_priority(&mut fields, weights);
    }
    fields.remove("status");
    for (name, value) in fields {
        house.store.set(Kind::Ticket, id, &name, value);
    }
    if let Some(status) = status {
        set_status(house, id, status);
    }
    add_virtual_actors(house, id, input);
    if let Some(actor) = input.get("_itil_assign").and_then(Value::as_object) {
        let user = actor.get("users_id").and_then(as_int).unwrap_or(0);
        if user > 0 {
            add_actor(house, id, user, ASSIGNEE, "");
        }
    }
    house.touch(id, session);
    Ok(())
}

/// Sets a status and the dates that go with it.
pub fn set_status(house: &mut House, id: i64, status: i64) {
    let now = Value::from(house.now());
    let (solved, closed) = match status {
        SOLVED => (now, Value::Null),
        CLOSED => {
            let solved = house
                .store
                .get(Kind::Ticket, id)
                .map(|ticket| ticket.value("solvedate").clone());
            (
                solved
                    .filter(|date| !date.is_null())
                    .unwrap_or_else(|| now.clone()),
                now,
            )
        }
        _ => (Value::Null, Value::Null),
    };
    add_waiting(house, id, status);
    house.store.set(Kind::Ticket, id, "status", status);
    house.store.set(Kind::Ticket, id, "solvedate", solved);
    house.store.set(Kind::Ticket, id, "closedate", closed);
    if status == CLOSED && house.settings.survey {
        timeline::ask_rating(house, id);
    }
}

/// A ticket that leaves "pending" adds up how long it waited.
fn add_waiting(house: &mut House, id: i64, status: i64) {
    let Some(ticket) = house.store.get(Kind::Ticket, id) else {
        return;
    };
    let began = parse_sql_time(ticket.text("begin_waiting_date"));
    let (before, waited_s) = (ticket.int("status"), ticket.int("waiting_duration"));
    let began_now = Value::from(house.now());
    match (before, status) {
        (PENDING, PENDING) => {}
        (_, PENDING) => {
            house
                .store
                .set(Kind::Ticket, id, "begin_waiting_date", began_now);
        }
        (PENDING, _) => {
            let more_s = began.map_or(0, |began| (house.now_s - began).max(0));
            house
                .store
                .set(Kind::Ticket, id, "waiting_duration", waited_s + more_s);
            house
                .store
                .set(Kind::Ticket, id, "begin_waiting_date", Value::Null);
        }
        _ => {}
    }
}

/// Adds an actor; false when the same one is there already.
pub fn add_actor(house: &mut House, ticket: i64, user: i64, role: i64, email: &str) -> Option<i64> {
    let same = |row: &Item<'_>| {
        row.int("users_id") == user
            && row.int("type") == role
            && row.text("alternative_email") == email
    };
    if house
        .store
        .children(Kind::TicketUser, Kind::Ticket, ticket)
        .any(|row| same(&row))
    {
        return None;
    }
    let fields =
        json!({"tickets_id": ticket, "users_id": user, "type": role, "alternative_email": email});
    let now = house.now();
    let id = house.store.insert(
        Kind::TicketUser,
        fields.as_object().expect("an object"),
        &now,
    );
    if role == ASSIGNEE {
        take_into_account(house, ticket);
    }
    house.changed.insert(ticket);
    Some(id)
}

/// Assigning moves a new ticket on and notes when it was first handled.
pub fn take_into_account(house: &mut House, ticket: i64) {
    let Some(row) = house.store.get(Kind::Ticket, ticket) else {
        return;
    };
    let (status, taken) = (
        row.int("status"),
        !row.value("takeintoaccountdate").is_null(),
    );
    let now = house.now();
    if status == NEW {
        house.store.set(Kind::Ticket, ticket, "status", ASSIGNED);
    }
    if !taken {
        house
            .store
            .set(Kind::Ticket, ticket, "takeintoaccountdate", now);
    }
}

/// Whether a session may see a ticket: its entity is active, and it is one's own or the
/// profile sees those of others.
pub fn visible(house: &House, session: &Session, ticket: Item<'_>) -> bool {
    if !session.entities.contains(&ticket.int("entities_id")) {
        return false;
    }
    allowed(session.profile, Action::ReadTickets)
        || ticket.int("users_id_recipient") == session.user
        || has_role(house, ticket.id(), session.user, None)
}

/// Whether a user is an actor of the ticket, in one role or any.
pub fn has_role(house: &House, ticket: i64, user: i64, role: Option<i64>) -> bool {
    house
        .store
        .children(Kind::TicketUser, Kind::Ticket, ticket)
        .any(|row| row.int("users_id") == user && role.is_none_or(|role| row.int("type") == role))
}

/// Whether anybody, user or group, is assigned.
pub fn is_assigned(house: &House, ticket: i64) -> bool {
    let by = |kind| {
        house
            .store
            .children(kind, Kind::Ticket, ticket)
            .any(|row| row.int("type") == ASSIGNEE)
    };
    by(Kind::TicketUser) || by(Kind::GroupTicket)
}

fn derive_priority(fields: &mut Map<String, Value>, before: (i64, i64)) {
    let mut weight = |name: &str, before: i64| {
        let given = fields.get(name).and_then(as_int).unwrap_or(before);
        let weight = if (1..=5).contains(&given) { given } else { 3 };
        fields.insert(name.to_owned(), json!(weight));
        weight
    };
    let (urgency, impact) = (weight("urgency", before.0), weight("impact", before.1));
    if !fields.contains_key("priority") {
        let priority = MATRIX[(urgency - 1) as usize][(impact - 1) as usize];
        fields.insert("priority".to_owned(), json!(priority));
    }
}

fn add_virtual_actors(house: &mut House, ticket: i64, input: &Map<String, Value>) {
    for (name, role) in ROLES {
        let notif = input.get(&format!("_users_id_{name}_notif"));
        let emails = notif
            .and_then(|notif| notif.get("alternative_email"))
            .map(super::php::elements);
        let users = input
            .get(&format!("_users_id_{name}"))
            .map(super::php::elements);
        for (at, user) in users.into_iter().flatten().enumerate() {
            let user = as_int(user).unwrap_or(0);
            let email = emails
                .as_ref()
                .and_then(|emails| emails.get(at))
                .and_then(|email| email.as_str());
            if user > 0 || email.is_some() {
                add_actor(house, ticket, user, role, email.unwrap_or_default());
            }
        }
        let groups = input
            .get(&format!("_groups_id_{name}"))
            .map(super::php::elements);
        for group in groups
            .into_iter()
            .flatten()
            .filter_map(as_int)
            .filter(|group| *group > 0)
        {
            let fields = json!({"tickets_id": ticket, "groups_id": group, "type": role});
            let now = house.now();
            house.store.insert(
                Kind::GroupTicket,
                fields.as_object().expect("an object"),
                &now,
            );
            if role == ASSIGNEE {
                take_into_account(house, ticket);
            }
        }
    }
}
