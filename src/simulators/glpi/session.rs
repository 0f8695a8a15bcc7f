//! Sessions: logging in, whose rights and entities hold, and the session endpoints (GLPI REST
//! API, session endpoints). Rights and entities are frozen at login, as in GLPI.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::exchange::{Arrived, Reply};
use super::errors::Failure;
use super::house::House;
use super::json_reply;
use super::rights::{self, SELF_SERVICE};
use super::schema::Kind;
use super::store::as_int;

/// A live session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose session.
    pub user: i64,
    /// Active profile.
    pub profile: i64,
    /// Active entity.
    pub entity: i64,
    /// The recursive flag as it is shown: 1 after login, a boolean after a change.
    pub recursive: Value,
    /// Entities that filter every list and search.
    pub entities: Vec<i64>,
    /// Last use, seconds since 1970.
    pub used_s: i64,
}

const CHARACTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";

/// `initSession`: the new token, or why not.
pub fn init(
    house: &mut House,
    request: &Arrived,
    params: &Map<String, Value>,
    random: (u64, u64),
) -> Result<Reply, Failure> {
    let user = login(house, request, params)?;
    let rows: Vec<_> = house
        .store
        .children(Kind::ProfileUser, Kind::User, user)
        .map(|row| {
            (
                row.int("profiles_id"),
                row.int("entities_id"),
                row.int("is_recursive") != 0,
            )
        })
        .collect();
    let preferred = house
        .store
        .get(Kind::User, user)
        .map_or(0, |user| user.int("profiles_id"));
    let active = rows.iter().find(|row| row.0 == preferred).or(rows.first());
    let profile = active.map_or(SELF_SERVICE, |row| row.0);
    let entity = active.map_or(0, |row| row.1);
    let entities = granted(house, &rows, profile);
    let token = token(random);
    let session = Session {
        user,
        profile,
        entity,
        recursive: json!(1),
        entities,
        used_s: house.now_s,
    };
    let full = super::php::truthy(params.get("get_full_session"));
    let mut answer = json!({"session_token": token});
    if full {
        answer["session"] = describe(house, &session);
    }
    house.sessions.insert(token, session);
    Ok(json_reply(200, &answer))
}

/// The live session of a request. Every use refreshes its life.
pub fn find(
    house: &mut House,
    request: &Arrived,
    params: &Map<String, Value>,
) -> Result<(String, Session), Failure> {
    let token = request.header("session-token").map(str::to_owned);
    let token = token.or_else(|| params.get("session_token")?.as_str().map(str::to_owned));
    let token = token.filter(|token| !token.is_empty()).ok_or_else(|| {
        Failure::new(
            400,
            "ERROR_SESSION_TOKEN_MISSING",
            "parameter session_token is missing or empty",
        )
    })?;
    let (now_s, idle_s) = (house.now_s, house.settings.session_idle_s);
    let invalid = || {
        Failure::new(
            401,
            "ERROR_SESSION_TOKEN_INVALID",
            "session_token seems invalid",
        )
    };
    let session = house.sessions.get_mut(&token).ok_or_else(invalid)?;
    if now_s - session.used_s > idle_s {
        house.sessions.remove(&token);
        return Err(invalid());
    }
    session.used_s = now_s;
    Ok((token, session.clone()))
}

/// The endpoints behind a live session; `None` when the name is none of them.
pub fn endpoint(
    house: &mut House,
    name: &str,
    token: &str,
    session: &Session,
    params: &Map<String, Value>,
) -> Option<Result<Reply, Failure>> {
    let answer = match name {
        "killSession" => {
            house.sessions.remove(token);
            json!(true)
        }
        "getMyProfiles" => json!({"myprofiles": profiles(house, session.user)}),
        "getActiveProfile" => json!({"active_profile": profile(house, session)}),
        "getMyEntities" => json!({"myentities": my_entities(house, session)}),
        "getActiveEntities" => {
            let entities: Vec<_> = session
                .entities
                .iter()
                .map(|id| json!({"id": id}))
                .collect();
            json!({"active_entity": {
                "id": session.entity,
                "active_entity_recursive": session.recursive,
                "active_entities": entities,
            }})
        }
        "getFullSession" => json!({"session": describe(house, session)}),
        "getGlpiConfig" => json!({"cfg_glpi": config(house)}),
        "changeActiveEntities" => return Some(change_entities(house, token, session, params)),
        "changeActiveProfile" => return Some(change_profile(house, token, session, params)),
        _ => return None,
    };
    Some(Ok(json_reply(200, &answer)))
}

fn login(house: &House, request: &Arrived, params: &Map<String, Value>) -> Result<i64, Failure> {
    let header = request.header("authorization").unwrap_or_default();
    let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
    let user_token = header
        .strip_prefix("user_token ")
        .map(str::to_owned)
        .or_else(|| text("user_token"));
    if let Some(user_token) = user_token.filter(|token| !token.is_empty()) {
        let user = house.tokens.get(user_token.trim()).copied();
        let user = user.filter(|user| is_active(house, *user));
        return user.ok_or_else(|| {
            Failure::new(
                401,
                "ERROR_GLPI_LOGIN_USER_TOKEN",
                "parameter user_token seems invalid",
            )
        });
    }
    let basic = header
        .strip_prefix("Basic ")
        .and_then(|text| STANDARD.decode(text.trim()).ok());
    let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = basic.as_deref().and_then(|pair| pair.split_once(':'));
    let pair = pair.map(|(login, password)| (login.to_owned(), password.to_owned()));
    let pair = pair.or_else(|| Some((text("login")?, text("password").unwrap_or_default())));
    let (login, password) = pair.filter(|(login, _)| !login.is_empty()).ok_or_else(|| {
        Failure::new(
            400,
            "ERROR_LOGIN_PARAMETERS_MISSING",
            "parameter(s) login, password or user_token are missing",
        )
    })?;
    let user = house
        .user_by_login(&login)
        .filter(|user| house.passwords.get(user) == Some(&password) && is_active(house, *user));
    user.ok_or_else(|| Failure::new(401, "ERROR_GLPI_LOGIN", "Incorrect username or password"))
}

fn is_active(house: &House, user: i64) -> bool {
    let user = house.store.get(Kind::User, user);
    user.is_some_and(|user| user.int("is_active") != 0 && user.int("is_deleted") == 0)
}

/// Entities that a profile reaches through the rows that grant it.
fn granted(house: &House, rows: &[(i64, i64, bool)], profile: i64) -> Vec<i64> {
    let mut entities = Vec::new();
    for (_, entity, recursive) in rows.iter().filter(|row| row.0 == profile) {
        if *recursive {
            entities.extend(house.entity_tree(*entity));
        } else {
            entities.push(*entity);
        }
    }
    entities.sort_unstable();
    entities.dedup();
    entities
}

fn rows_of(house: &House, user: i64) -> Vec<(i64, i64, bool)> {
    let rows = house.store.children(Kind::ProfileUser, Kind::User, user);
    rows.map(|row| {
        (
            row.int("profiles_id"),
            row.int("entities_id"),
            row.int("is_recursive") != 0,
        )
    })
    .collect()
}

fn profiles(house: &House, user: i64) -> Vec<Value> {
    let mut ids: Vec<_> = rows_of(house, user).iter().map(|row| row.0).collect();
    ids.dedup();
    let shown = ids.into_iter().filter_map(|id| {
        let profile = house.store.get(Kind::Profile, id)?;
        let entities = rows_of(house, user).into_iter().filter(|row| row.0 == id).map(|row| {
            let name = house.store.get(Kind::Entity, row.1).map(|entity| entity.text("completename").to_owned());
            json!({"id": row.1, "name": name, "is_recursive": i64::from(row.2)})
        });
        Some(json!({"id": id, "name": profile.text("name"), "entities": entities.collect::<Vec<_>>()}))
    });
    shown.collect()
}

fn profile(house: &House, session: &Session) -> Value {
    let profile = house.store.get(Kind::Profile, session.profile);
    let mut shown = json!({
        "id": session.profile,
        "name": profile.map(|profile| profile.text("name")),
        "interface": profile.map(|profile| profile.text("interface")),
    });
    for (name, sum) in rights::sums(session.profile) {
        shown[name] = sum.into();
    }
    shown
}

fn my_entities(house: &House, session: &Session) -> Vec<Value> {
    let mine = granted(house, &rows_of(house, session.user), session.profile);
    let named = mine.into_iter().filter_map(|id| {
        let entity = house.store.get(Kind::Entity, id)?;
        Some(json!({"id": id, "name": entity.text("completename")}))
    });
    named.collect()
}

fn describe(house: &House, session: &Session) -> Value {
    let user = house.store.get(Kind::User, session.user);
    json!({
        "glpiID": session.user,
        "glpiname": user.map(|user| user.text("name")),
        "glpifriendlyname": house.friendly_name(session.user),
        "glpirealname": user.map(|user| user.text("realname")),
        "glpifirstname": user.map(|user| user.text("firstname")),
        "glpidefault_entity": user.map_or(0, |user| user.int("entities_id")),
        "glpiactiveprofile": profile(house, session),
        "glpiactive_entity": session.entity,
        "glpiactive_entity_recursive": session.recursive,
        "glpiactiveentities": session.entities,
        "glpilist_limit": house.settings.list_limit,
        "glpilanguage": if house.settings.language == "es" { "es_MX" } else { "en_GB" },
        "glpi_currenttime": house.now(),
        "glpi_use_mode": 0,
        "valid_id": "",
    })
}

fn config(house: &House) -> Value {
    let version = match (house.settings.version.as_str(), house.settings.mode) {
        ("", 11..) => "11.0.1",
        ("", _) => "10.0.19",
        (told, _) => told,
    };
    json!({
        "version": version,
        "dbversion": version,
        "language": if house.settings.language == "es" { "es_MX" } else { "en_GB" },
        "list_limit_max": "500",
        "enable_api": 1,
        "use_timezones": 0,
        "priority_matrix": super::tickets::MATRIX,
    })
}

fn change_entities(
    house: &mut House,
    token: &str,
    session: &Session,
    params: &Map<String, Value>,
) -> Result<Reply, Failure> {
    let recursive = match params.get("is_recursive") {
        None => false,
        Some(Value::Bool(flag)) => *flag,
        Some(_) => return Err(Failure::generic("is_recursive must be a boolean")),
    };
    let mine = granted(house, &rows_of(house, session.user), session.profile);
    let (entity, entities) = match params.get("entities_id") {
        None => (session.entity, mine.clone()),
        Some(wanted) => {
            let entity = as_int(wanted).unwrap_or(0);
            let tree = if recursive {
                house.entity_tree(entity)
            } else {
                vec![entity]
            };
            (entity, tree)
        }
    };
    if house.store.get(Kind::Entity, entity).is_none() || !mine.contains(&entity) {
        return Ok(json_reply(200, &json!(false)));
    }
    if let Some(live) = house.sessions.get_mut(token) {
        live.entity = entity;
        live.recursive = json!(recursive);
        live.entities = entities;
    }
    Ok(json_reply(200, &json!(true)))
}

fn change_profile(
    house: &mut House,
    token: &str,
    session: &Session,
    params: &Map<String, Value>,
) -> Result<Reply, Failure> {
    let wanted = params.get("profiles_id").and_then(as_int).unwrap_or(0);
    let rows = rows_of(house, session.user);
    if !rows.iter().any(|row| row.0 == wanted) {
        return Err(Failure::not_found());
    }
    let entities = granted(house, &rows, wanted);
    if let Some(live) = house.sessions.get_mut(token) {
        live.profile = wanted;
        live.entity = rows
            .iter()
            .find(|row| row.0 == wanted)
            .map_or(0, |row| row.1);
        live.recursive = json!(1);
        live.entities = entities;
    }
    Ok(json_reply(200, &json!(true)))
}

/// 26 characters, as PHP's default session ids here.
fn token(random: (u64, u64)) -> String {
    let bits = u128::from(random.0) << 64 | u128::from(random.1);
    (0..26)
        .map(|at| char::from(CHARACTERS[((bits >> (at * 5).min(123)) & 31) as usize]))
        .collect()
}
