//! The REST API's own shapes (GLPI REST API). They never leave this folder.
//!
//! GLPI is loose with types: ids come as numbers or text, search cells as scalar, null or array, a
//! row without columns as `[]`. Everything here reads whatever came and never fails for a cell.

mod timeline;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::Fault;
pub(super) use timeline::{
    Actor, Entry, NewActor, NewFollowup, NewSolution, Rating, Survey, TICKET, TicketColumns,
    TicketRow, Uploaded,
};

/// Body of every create.
#[derive(Serialize)]
pub(super) struct Input<T> {
    pub input: T,
}

#[derive(Serialize)]
pub(super) struct NewTicket<'a> {
    pub name: &'a str,
    pub content: &'a str,
    pub urgency: u8,
    #[serde(rename = "type")]
    pub kind: u8,
    pub entities_id: u32,
    /// Always sent: without it some releases take the session's own user.
    #[serde(rename = "_users_id_requester")]
    pub requester: u32,
    #[serde(
        rename = "_users_id_requester_notif",
        skip_serializing_if = "Option::is_none"
    )]
    pub notification: Option<Notification<'a>>,
    #[serde(rename = "requesttypes_id", skip_serializing_if = "Option::is_none")]
    pub source: Option<u32>,
}

/// How a requester without account is written to.
#[derive(Serialize)]
pub(super) struct Notification<'a> {
    pub use_notification: [u8; 1],
    pub alternative_email: [&'a str; 1],
}

#[derive(Serialize)]
pub(super) struct NewUser<'a> {
    /// The login.
    pub name: &'a str,
    pub realname: &'a str,
    pub firstname: &'a str,
    pub mobile: &'a str,
    /// The default entity.
    pub entities_id: u32,
    #[serde(rename = "_useremails", skip_serializing_if = "Option::is_none")]
    pub emails: Option<[&'a str; 1]>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Rights>,
}

/// The first profile of a new user.
#[derive(Serialize)]
pub(super) struct Rights {
    #[serde(rename = "_profiles_id")]
    pub profile: u32,
    #[serde(rename = "_entities_id")]
    pub entity: u32,
    #[serde(rename = "_is_recursive")]
    pub recursive: u8,
}

/// A search, sent as the body of a POST so that no phone number stands in an access log.
#[derive(Serialize)]
pub(super) struct Search<'a> {
    pub criteria: Vec<Criterion<'a>>,
    pub forcedisplay: &'a [u16],
    pub sort: u16,
    pub order: &'static str,
    pub range: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_deleted: Option<u8>,
}

#[derive(Serialize)]
pub(super) struct Criterion<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<&'static str>,
    pub field: u16,
    pub searchtype: &'static str,
    pub value: &'a str,
}

/// A search's answer; without hits the key `data` is missing. `totalcount` must be there: taking any
/// other JSON for "nothing found" would make a second ticket.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    #[serde(rename = "totalcount")]
    _total: Value,
    #[serde(default)]
    pub data: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Row(Value);

impl Row {
    /// All texts of a column.
    pub fn texts(&self, option: u16) -> Vec<String> {
        match self.0.get(option.to_string()) {
            Some(Value::Array(cells)) => cells.iter().filter_map(text).collect(),
            Some(cell) => text(cell).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A column that holds an id.
    pub fn id(&self, option: u16) -> Option<u32> {
        id(self.0.get(option.to_string())?)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct LoggedIn {
    pub session_token: String,
    #[serde(default)]
    pub session: Option<FullSession>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Session {
    #[serde(default)]
    pub session: FullSession,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FullSession {
    #[serde(rename = "glpiID")]
    pub user: Value,
    pub glpi_currenttime: Value,
    #[serde(rename = "glpiactiveprofile")]
    profile: Value,
}

/// The active profile; rights are sums of bits, under the names of what they are about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub name: Value,
    pub interface: Value,
    pub ticket: Value,
    pub followup: Value,
    pub user: Value,
}

impl FullSession {
    /// The active profile; empty when GLPI shows none.
    pub fn profile(&self) -> Profile {
        serde_json::from_value(self.profile.clone()).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct MyEntities {
    pub myentities: Vec<Named>,
}

/// Something with an id and a name.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub id: Value,
    #[serde(default)]
    pub name: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActiveEntities {
    pub active_entity: ActiveEntity,
}

#[derive(Debug, Deserialize)]
pub(super) struct ActiveEntity {
    #[serde(default)]
    pub active_entities: Vec<Item>,
}

/// Anything with an id: the answer to a create, an entity of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub id: Value,
}

/// The entity must be there; it may be null.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub entities_id: Value,
    #[serde(default)]
    pub mobile: Value,
    #[serde(default)]
    pub phone: Value,
    #[serde(default)]
    pub phone2: Value,
}

/// A mail address of a user.
#[derive(Debug, Deserialize)]
pub(super) struct Email {
    pub email: Value,
}

/// A new mail address of a user.
#[derive(Serialize)]
pub(super) struct NewEmail<'a> {
    pub users_id: u32,
    pub email: &'a str,
    pub is_default: u8,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticket {
    pub date_creation: Value,
    pub date: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Config {
    pub cfg_glpi: Version,
}

#[derive(Debug, Deserialize)]
pub(super) struct Version {
    pub version: String,
}

/// A positive id or 0, as number or text.
pub(super) fn id(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The id of what was just created; `false` stands for an item that was not added.
pub(super) fn created(value: &Value, what: &'static str) -> Result<u32, Fault> {
    let id = id(value).filter(|id| *id > 0);
    id.ok_or_else(|| Fault::Refused {
        what,
        status: 200,
        code: "no id".into(),
    })
}

/// A text that may be null.
pub(super) fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The code of an error array `["CODE", …]`.
pub(super) fn error_code(value: &Value) -> Option<&str> {
    let code = value.as_array()?.first()?.as_str()?;
    code.starts_with("ERROR").then_some(code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_read_whatever_their_shape() {
        let row = |value| -> Row { serde_json::from_value(value).expect("any row") };
        let joined = row(json!({"5": ["a@x", null, "b@x"], "2": "7", "11": 51999888777_u64}));
        assert_eq!(joined.texts(5), ["a@x", "b@x"]);
        assert_eq!(joined.texts(11), ["51999888777"]);
        assert_eq!(joined.id(2), Some(7));
        assert_eq!(joined.texts(6), Vec::<String>::new());
        assert_eq!(row(json!([])).id(2), None);
    }

    #[test]
    fn a_list_that_is_no_error_has_no_code() {
        assert_eq!(
            error_code(&json!(["ERROR_GLPI_ADD", null])),
            Some("ERROR_GLPI_ADD")
        );
        assert_eq!(error_code(&json!([{"2": true, "message": ""}])), None);
        assert_eq!(error_code(&json!({"id": 1})), None);
    }
}
