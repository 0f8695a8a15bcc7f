//! Users, their mails and their profile rows (GLPI REST API, users).

use serde_json::{Map, Value, json};

use super::errors::NO_PERMISSION;
use super::house::House;
use super::php::{elements, truthy};
use super::rights::{Action, SELF_SERVICE, SUPER_ADMIN, allowed};
use super::schema::Kind;
use super::session::Session;
use super::store::as_int;
use super::tickets::Written;

/// Creates a user. There is no uniqueness but that of the login, trashed users included.
pub fn add_user(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    if !allowed(session.profile, Action::WriteUsers) {
        return Err(NO_PERMISSION.into());
    }
    let login = input
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if login.trim().is_empty() {
        return Err("Unable to add. The user's login is empty.".into());
    }
    if house.user_by_login(&house.stored_text(login)).is_some() {
        return Err("Unable to add. The user already exists.".into());
    }
    let (password, repeated) = (input.get("password"), input.get("password2"));
    if password.is_some() && password != repeated {
        return Err("Error: the two passwords do not match".into());
    }
    let id = create_user(house, input);
    Ok((
        id,
        format!("Item successfully added: {}", house.friendly_name(id)),
    ))
}

/// Creates a user without asking for rights: worlds and seeds.
pub fn create_user(house: &mut House, input: &Map<String, Value>) -> i64 {
    let fields = house.stored_fields(input);
    let id = house.insert_user(&fields);
    if let Some(password) = input.get("password").and_then(Value::as_str) {
        house.passwords.insert(id, password.to_owned());
    }
    put_emails(house, id, input);
    let number = |name: &str| input.get(name).and_then(as_int);
    // Without a profile row of its own, the default rule gives self-service on the root.
    let (profile, dynamic) =
        number("_profiles_id").map_or((SELF_SERVICE, 1), |profile| (profile, 0));
    let row = json!({
        "users_id": id,
        "profiles_id": profile,
        "entities_id": number("_entities_id").unwrap_or(0),
        "is_recursive": i64::from(truthy(input.get("_is_recursive"))),
        "is_dynamic": dynamic,
    });
    insert(house, Kind::ProfileUser, &row);
    id
}

/// Changes a user; the caller has found it.
pub fn update_user(
    house: &mut House,
    session: &Session,
    id: i64,
    input: &Map<String, Value>,
) -> Result<(), Value> {
    if id != session.user && !allowed(session.profile, Action::WriteUsers) {
        return Err(NO_PERMISSION.into());
    }
    if let Some(login) = input.get("name").and_then(Value::as_str) {
        let stored = house.stored_text(login);
        match house.user_by_login(&stored) {
            Some(owner) if owner != id => return Err("".into()),
            _ => {}
        }
        house.logins.retain(|_, owner| *owner != id);
        house
            .logins
            .insert(super::text::fold(&stored).into_owned(), id);
    }
    for (name, value) in house.stored_fields(input) {
        house.store.set(Kind::User, id, &name, value);
    }
    if let Some(password) = input.get("password").and_then(Value::as_str) {
        house.passwords.insert(id, password.to_owned());
    }
    put_emails(house, id, input);
    let now = house.now();
    house.store.set(Kind::User, id, "date_mod", now);
    Ok(())
}

/// Adds a mail address; the first one is the default.
pub fn add_email(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let user = input.get("users_id").and_then(as_int).unwrap_or(0);
    let may = user == session.user || allowed(session.profile, Action::WriteUsers);
    if !may || house.store.get(Kind::User, user).is_none() {
        return Err(NO_PERMISSION.into());
    }
    let email = input
        .get("email")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match put_email(house, user, email, truthy(input.get("is_default"))) {
        Some(id) => Ok((id, format!("Item successfully added: {email}"))),
        None => Err("".into()),
    }
}

/// Grants a profile in an entity; nobody may grant more than the own profile.
pub fn add_profile(house: &mut House, session: &Session, input: &Map<String, Value>) -> Written {
    let number = |name: &str| input.get(name).and_then(as_int).unwrap_or(0);
    let is_admin = session.profile == SUPER_ADMIN;
    let beyond = number("profiles_id") == SUPER_ADMIN && !is_admin;
    let exists = house.store.get(Kind::User, number("users_id")).is_some()
        && house
            .store
            .get(Kind::Profile, number("profiles_id"))
            .is_some();
    if !allowed(session.profile, Action::WriteUsers) || beyond || !exists {
        return Err(NO_PERMISSION.into());
    }
    let fields = house.stored_fields(input);
    let now = house.now();
    let id = house.store.insert(Kind::ProfileUser, &fields, &now);
    Ok((id, format!("Item successfully added: Profile - ID {id}")))
}

fn put_emails(house: &mut House, user: i64, input: &Map<String, Value>) {
    let emails = input.get("_useremails").map(elements);
    for email in emails.into_iter().flatten().filter_map(Value::as_str) {
        put_email(house, user, email, false);
    }
}

fn put_email(house: &mut House, user: i64, email: &str, default: bool) -> Option<i64> {
    let email = email.trim();
    let others: Vec<_> = house
        .store
        .children(Kind::UserEmail, Kind::User, user)
        .collect();
    let is_first = others.is_empty();
    if email.is_empty()
        || others
            .iter()
            .any(|row| row.text("email").eq_ignore_ascii_case(email))
    {
        return None;
    }
    let row =
        json!({"users_id": user, "email": email, "is_default": i64::from(default || is_first)});
    Some(insert(house, Kind::UserEmail, &row))
}

fn insert(house: &mut House, kind: Kind, row: &Value) -> i64 {
    let now = house.now();
    house
        .store
        .insert(kind, row.as_object().expect("an object"), &now)
}
