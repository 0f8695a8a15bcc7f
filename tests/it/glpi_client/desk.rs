//! A small help desk that speaks GLPI's REST API over [`Stub`] and fails on demand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actors::ports::SystemClock;
use chasqui::providers::glpi::{Client, Settings};
use serde_json::{Value, json};

use crate::stub::{Reply, Seen, Stub, json as answer};

/// The user whose token the connection holds.
pub const INTEGRATION_USER: u32 = 6;

/// What happens to a request instead of, or after, its being carried out.
pub struct Mishap {
    /// Beginning of the request line.
    pub at: &'static str,
    /// What is answered.
    pub reply: Reply,
    /// Whether the request is carried out nevertheless.
    pub carried_out: bool,
    /// How often.
    pub times: usize,
}

/// What the desk holds.
#[derive(Default)]
pub struct State {
    pub users: Vec<Value>,
    pub tickets: Vec<Value>,
    pub mishaps: Vec<Mishap>,
    pub sessions: usize,
    pub live: Option<String>,
    pub clock: String,
}

/// A running desk.
pub struct Desk {
    pub stub: Stub,
    pub state: Arc<Mutex<State>>,
}

impl Desk {
    /// A desk that knows `users`, rows with `id`, `name`, phones, `emails` and `entities_id`.
    pub async fn with(users: Vec<Value>) -> Self {
        let state = Arc::new(Mutex::new(State {
            users,
            clock: "2026-11-22 00:00:00".into(),
            ..State::default()
        }));
        let shared = state.clone();
        let script = move |seen: &Seen| shared.lock().expect("no panic").handle(seen);
        Self {
            stub: Stub::start(script).await,
            state,
        }
    }

    /// A client of this desk after `change` to the usual settings.
    pub fn client(&self, change: impl FnOnce(&mut Settings)) -> Client {
        let mut settings = Settings::new(self.stub.url("/glpi/apirest.php"), "user-token-1");
        settings.app_token = Some("app-token-1".into());
        settings.fallback_entity = 3;
        settings.read_timeout = Duration::from_millis(600);
        settings.create_timeout = Duration::from_millis(600);
        change(&mut settings);
        Client::new(settings, Arc::new(SystemClock)).expect("usable settings")
    }

    /// Lets the next `times` requests that begin with `at` meet `reply`.
    pub fn fail(&self, at: &'static str, reply: Reply, carried_out: bool, times: usize) {
        let mut state = self.state.lock().expect("no panic");
        state.mishaps.push(Mishap {
            at,
            reply,
            carried_out,
            times,
        });
    }

    pub fn tickets(&self) -> Vec<Value> {
        self.state.lock().expect("no panic").tickets.clone()
    }

    pub fn users(&self) -> Vec<Value> {
        self.state.lock().expect("no panic").users.clone()
    }

    pub fn sessions_opened(&self) -> usize {
        self.state.lock().expect("no panic").sessions
    }

    /// GLPI forgets the session.
    pub fn forget_session(&self) {
        self.state.lock().expect("no panic").live = None;
    }
}

impl State {
    fn handle(&mut self, seen: &Seen) -> Reply {
        let line = seen.line.replace("/glpi/apirest.php", "");
        let hit = self
            .mishaps
            .iter_mut()
            .find(|m| m.times > 0 && line.starts_with(m.at));
        if let Some(mishap) = hit {
            mishap.times -= 1;
            let reply = mishap.reply.clone();
            if mishap.carried_out {
                self.answer(&line, seen);
            }
            return reply;
        }
        self.answer(&line, seen)
    }

    fn answer(&mut self, line: &str, seen: &Seen) -> Reply {
        if seen.header("app-token") != "app-token-1" {
            return answer(400, json!(["ERROR_WRONG_APP_TOKEN_PARAMETER", "no"]));
        }
        let (verb, path) = line.split_once(' ').expect("a request line");
        let path = path.split('?').next().expect("never empty");
        if path == "/initSession" {
            return self.log_in(seen);
        }
        if self.live.as_deref() != Some(seen.header("session-token")) {
            return answer(
                401,
                json!(["ERROR_SESSION_TOKEN_INVALID", "session_token no"]),
            );
        }
        match (verb, path) {
            ("GET", "/killSession") => {
                self.live = None;
                answer(200, json!(true))
            }
            ("GET", "/getActiveEntities") => {
                let seen = [0, 1, 2, 3].map(|id| json!({"id": id}));
                let entities = json!({"active_entity": {"id": 0, "active_entities": seen}});
                answer(200, entities)
            }
            ("GET", "/getGlpiConfig") => {
                answer(200, json!({"cfg_glpi": {"version": "10.0.19", "other": 1}}))
            }
            ("POST", "/search/User") => self.search_users(&seen.body),
            ("POST", "/search/Ticket") => self.search_tickets(&seen.body),
            ("POST", "/User") => self.add_user(&seen.body["input"]),
            ("POST", "/Ticket") => self.add_ticket(&seen.body["input"]),
            ("GET", _) => self.read(path),
            _ => answer(400, json!(["ERROR_RESOURCE_MISSING", ""])),
        }
    }

    fn log_in(&mut self, seen: &Seen) -> Reply {
        if seen.header("authorization") != "user_token user-token-1" {
            return answer(401, json!(["ERROR_GLPI_LOGIN_USER_TOKEN", "no"]));
        }
        self.sessions += 1;
        let token = format!("session-{}", self.sessions);
        self.live = Some(token.clone());
        let session = json!({"glpiID": INTEGRATION_USER, "glpi_currenttime": self.clock});
        answer(200, json!({"session_token": token, "session": session}))
    }

    /// Substring search over the asked columns, as loose as GLPI's: the client compares.
    fn search_users(&self, search: &Value) -> Reply {
        let criteria = search["criteria"].as_array().expect("criteria");
        let cell = |user: &Value, field: &Value| match field.as_u64() {
            Some(1) => user["name"].clone(),
            Some(5) => user["emails"].clone(),
            Some(6) => user["phone"].clone(),
            Some(10) => user["phone2"].clone(),
            Some(11) => user["mobile"].clone(),
            _ => Value::Null,
        };
        let meets = |user: &Value, criterion: &Value| {
            let wanted = criterion["value"].as_str().expect("text").to_lowercase();
            let (from_start, wanted) = trim_anchor(&wanted, '^');
            let (to_end, wanted) = trim_anchor(wanted, '$');
            let text = cell(user, &criterion["field"]).to_string().to_lowercase();
            let text = text.trim_matches(|c| matches!(c, '"' | '[' | ']'));
            match (from_start, to_end) {
                (true, true) => text == wanted,
                (false, true) => text.ends_with(wanted),
                _ => text.contains(wanted),
            }
        };
        let hits = self
            .users
            .iter()
            .filter(|u| criteria.iter().any(|c| meets(u, c)));
        let row = |user: &Value| {
            json!({
                "1": user["name"], "2": user["id"], "5": user["emails"], "6": user["phone"],
                "8": user.get("is_active").unwrap_or(&json!(1)), "10": user["phone2"],
                "11": user["mobile"],
            })
        };
        found(hits.map(row).collect())
    }

    fn search_tickets(&self, search: &Value) -> Reply {
        let wanted = search["criteria"][0]["value"].as_str().expect("text");
        assert_eq!(search["criteria"][0]["field"], 21);
        let holds = |t: &&Value| t["content"].as_str().is_some_and(|c| c.contains(wanted));
        let hits = self.tickets.iter().filter(holds);
        found(hits.map(|ticket| json!({"2": ticket["id"]})).collect())
    }

    fn add_user(&mut self, input: &Value) -> Reply {
        if self.users.iter().any(|user| user["name"] == input["name"]) {
            let taken = json!(["ERROR_GLPI_ADD", "Unable to add. The user already exists."]);
            return answer(400, taken);
        }
        let id = 100 + self.users.len();
        let mut user = input.clone();
        user["id"] = id.into();
        self.users.push(user);
        answer(201, json!({"id": id, "message": "Item successfully added"}))
    }

    fn add_ticket(&mut self, input: &Value) -> Reply {
        let id = 1 + self.tickets.len();
        let mut ticket = input.clone();
        ticket["id"] = id.into();
        ticket["date_creation"] = "2026-11-22 00:00:07".into();
        self.tickets.push(ticket);
        answer(201, json!({"id": id, "message": "Item successfully added"}))
    }

    fn read(&self, path: &str) -> Reply {
        let (item, id) = path[1..].split_once('/').expect("an item");
        let items = if item == "User" {
            &self.users
        } else {
            &self.tickets
        };
        match items
            .iter()
            .find(|held| held["id"].as_u64() == id.parse().ok())
        {
            Some(held) => answer(200, held.clone()),
            None => answer(
                404,
                json!(["ERROR_ITEM_NOT_FOUND", "Elemento no encontrado"]),
            ),
        }
    }
}

fn trim_anchor(text: &str, anchor: char) -> (bool, &str) {
    let trimmed = text.trim_matches(anchor);
    (trimmed.len() < text.len(), trimmed)
}

/// GLPI leaves `data` out when nothing was found.
fn found(rows: Vec<Value>) -> Reply {
    match rows.len() {
        0 => answer(
            200,
            json!({"totalcount": 0, "count": 0, "content-range": "0--1/0"}),
        ),
        n => answer(200, json!({"totalcount": n, "count": n, "data": rows})),
    }
}
