//! The state of one GLPI installation: tables, sessions, secrets and files.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::super::clock::sql_time;
use super::schema::Kind;
use super::session::Session;
use super::settings::Installation;
use super::store::Store;
use super::text;

/// Files kept; the oldest leave first and then download as empty.
pub const FILES_MAX: usize = 500;

/// An installation.
#[derive(Debug, Default)]
pub struct House {
    /// Its settings.
    pub settings: Installation,
    /// Its tables.
    pub store: Store,
    /// Live sessions by token.
    pub sessions: HashMap<String, Session>,
    /// API tokens of users.
    pub tokens: HashMap<String, i64>,
    /// Passwords of users.
    pub passwords: HashMap<i64, String>,
    /// User ids by login, folded; trashed users keep theirs.
    pub logins: HashMap<String, i64>,
    /// Bytes of documents by id.
    pub files: HashMap<i64, Bytes>,
    /// The clock of this call, seconds since 1970.
    pub now_s: i64,
    /// Tickets that this call changed.
    pub changed: BTreeSet<i64>,
}

impl House {
    /// The time of this call.
    pub fn now(&self) -> String {
        sql_time(self.now_s)
    }

    /// Text as this version stores it.
    pub fn stored_text(&self, given: &str) -> String {
        if self.settings.mode >= 11 {
            given.to_owned()
        } else {
            text::encode(given)
        }
    }

    /// Fields of an input as this version stores them.
    pub fn stored_fields(&self, input: &Map<String, Value>) -> Map<String, Value> {
        let plain = input.iter().filter(|(name, _)| name.as_str() != "id");
        let encoded = plain.map(|(name, value)| {
            let stored = match value {
                Value::String(given) => Value::from(self.stored_text(given)),
                other => other.clone(),
            };
            (name.clone(), stored)
        });
        encoded.collect()
    }

    /// Adds a user with login, and the login's lookup.
    pub fn insert_user(&mut self, fields: &Map<String, Value>) -> i64 {
        let now = self.now();
        let id = self.store.insert(Kind::User, fields, &now);
        let login = self
            .store
            .get(Kind::User, id)
            .map(|user| text::fold(user.text("name")).into_owned());
        self.logins.insert(login.unwrap_or_default(), id);
        id
    }

    /// The user with this login.
    pub fn user_by_login(&self, login: &str) -> Option<i64> {
        self.logins.get(text::fold(login).as_ref()).copied()
    }

    /// Adds a child entity and its complete name.
    pub fn insert_entity(&mut self, name: &str, parent: i64) -> i64 {
        let above = self.store.get(Kind::Entity, parent);
        let (prefix, level) = above.map_or((String::new(), 0), |above| {
            (
                format!("{} > ", above.text("completename")),
                above.int("level"),
            )
        });
        let fields = json!({
            "name": name,
            "entities_id": parent,
            "completename": format!("{prefix}{name}"),
            "level": level + 1,
        });
        let now = self.now();
        self.store
            .insert(Kind::Entity, fields.as_object().expect("an object"), &now)
    }

    /// An entity and everything below it.
    pub fn entity_tree(&self, root: i64) -> Vec<i64> {
        let mut tree = vec![root];
        let mut at = 0;
        while at < tree.len() {
            let above = tree[at];
            let below = self.store.rows(Kind::Entity).filter(|entity| {
                !entity.value("entities_id").is_null()
                    && entity.int("entities_id") == above
                    && entity.id() != above
            });
            tree.extend(below.map(|entity| entity.id()).collect::<Vec<_>>());
            at += 1;
        }
        tree
    }

    /// Marks a ticket as changed by this session.
    pub fn touch(&mut self, ticket: i64, session: &Session) {
        let now = self.now();
        self.store.set(Kind::Ticket, ticket, "date_mod", now);
        self.store
            .set(Kind::Ticket, ticket, "users_id_lastupdater", session.user);
        self.changed.insert(ticket);
    }

    /// How people read a user: last and first name, or the login.
    pub fn friendly_name(&self, user: i64) -> String {
        let Some(user) = self.store.get(Kind::User, user) else {
            return String::new();
        };
        let full = format!("{} {}", user.text("realname"), user.text("firstname"));
        match full.trim() {
            "" => user.text("name").to_owned(),
            full => full.to_owned(),
        }
    }
}
