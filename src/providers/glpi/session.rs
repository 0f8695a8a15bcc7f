//! The one session of a connection, shared by all its requests.
//!
//! GLPI writes a file for every session it opens, so logging in for each request fills its disk.
//! The session is opened by whoever needs it first, under a lock that makes everybody else wait for
//! the same log-in, and opened anew only by the first of those whom GLPI refused it to. It may die
//! at any moment (GLPI's own clean-up), so nothing relies on its lifetime.

use std::collections::HashSet;
use std::sync::Arc;

use actors::model::Millis;
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use super::client::{Client, Question};
use super::convert::Skew;
use super::fault::Fault;
use super::wire;

/// The bit of a right that allows creating (GLPI's profile rights).
pub(super) const CREATE: u32 = 4;

/// GLPI freezes rights and entities at log-in, so an entity that a younger session does not see is
/// taken as out of sight, and an older session is opened anew before that is believed.
const ENTITIES_FRESH_MS: u64 = 60_000;

/// What is known after logging in.
#[derive(Debug)]
pub(super) struct Session {
    pub token: HeaderValue,
    /// The integration user, who authenticates and is never a requester.
    pub user: Option<u32>,
    /// GLPI's wall clock against ours, at log-in.
    pub skew: Option<Skew>,
    /// Whether the profile may create users; `None` when GLPI did not tell.
    pub creates_users: Option<bool>,
    /// When it was opened.
    opened: Millis,
    /// Entities the session sees; `None` when GLPI did not tell.
    entities: Option<HashSet<u32>>,
}

impl Session {
    /// The session of a user, for tests of what is read.
    #[cfg(test)]
    pub fn of_user(user: Option<u32>) -> Self {
        Self {
            token: HeaderValue::from_static("token"),
            user,
            skew: None,
            creates_users: None,
            opened: actors::model::Millis(0),
            entities: None,
        }
    }

    /// Whether tickets can be opened in `entity`; taken as given when GLPI did not tell.
    pub fn sees(&self, entity: u32) -> bool {
        self.entities
            .as_ref()
            .is_none_or(|all| all.contains(&entity))
    }
}

/// Holds the session while there is one.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    current: Mutex<Option<Arc<Session>>>,
}

impl Sessions {
    /// The session, opened if there is none.
    pub async fn get(&self, client: &Client) -> Result<Arc<Session>, Fault> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(session) => Ok(session.clone()),
            None => Ok(current.insert(client.log_in().await?).clone()),
        }
    }

    /// A session other than `refused`: the one opened meanwhile, or a new one.
    pub async fn renew(
        &self,
        client: &Client,
        refused: &Arc<Session>,
    ) -> Result<Arc<Session>, Fault> {
        let mut current = self.current.lock().await;
        if let Some(session) = &*current
            && !Arc::ptr_eq(session, refused)
        {
            return Ok(session.clone());
        }
        *current = None;
        Ok(current.insert(client.log_in().await?).clone())
    }

    /// Forgets the session and hands it out to be killed.
    pub async fn take(&self) -> Option<Arc<Session>> {
        self.current.lock().await.take()
    }
}

impl Client {
    async fn log_in(&self) -> Result<Arc<Session>, Fault> {
        let opened = self.open_session().await;
        opened.map_err(|fault| Fault::NoSession(Box::new(fault)))
    }

    async fn open_session(&self) -> Result<Arc<Session>, Fault> {
        let ask = Question {
            query: Some("get_full_session=true"),
            ..self.reading(&["initSession"], "log in")
        };
        let before = self.clock.now();
        let answer = self.once(&ask, None).await.map_err(Fault::at_log_in)?;
        let after = self.clock.now();
        let unreadable = || Fault::Server {
            status: 200,
            code: "initSession without a session token".into(),
        };
        let logged_in: wire::LoggedIn = serde_json::from_value(answer).map_err(|_| unreadable())?;
        let mut token = HeaderValue::try_from(logged_in.session_token).map_err(|_| unreadable())?;
        token.set_sensitive(true);
        let session = logged_in.session.unwrap_or_default();
        let midway = before.plus_ms(after.since(before) / 2);
        let glpi_now = session.glpi_currenttime.as_str();
        let mut session = Session {
            creates_users: wire::id(&session.profile().user).map(|bits| bits & CREATE != 0),
            opened: after,
            token,
            user: wire::id(&session.user),
            skew: glpi_now.and_then(|now| Skew::measure(now, midway)),
            entities: None,
        };
        session.entities = self.active_entities(&session).await;
        Ok(Arc::new(session))
    }

    /// Whether tickets can be opened in `entity`, now that GLPI had the chance to tell anew.
    pub(super) async fn sees(&self, session: &Arc<Session>, entity: u32) -> Result<bool, Fault> {
        let age_ms = self.clock.now().since(session.opened);
        if session.sees(entity) || age_ms < ENTITIES_FRESH_MS {
            return Ok(session.sees(entity));
        }
        Ok(self.sessions.renew(self, session).await?.sees(entity))
    }

    /// Best effort: a session that cannot tell its entities is used as it is.
    async fn active_entities(&self, session: &Session) -> Option<HashSet<u32>> {
        let ask = self.reading(&["getActiveEntities"], "list its entities");
        let answer = self.once(&ask, Some(session)).await.ok()?;
        let active: wire::ActiveEntities = serde_json::from_value(answer).ok()?;
        let items = active.active_entity.active_entities;
        let ids: HashSet<u32> = items.iter().filter_map(|item| wire::id(&item.id)).collect();
        (!ids.is_empty()).then_some(ids)
    }
}
