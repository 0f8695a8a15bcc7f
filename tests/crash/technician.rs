//! A technician of a tenant: works on tickets in GLPI itself, as an account that is not Chasqui's.

use serde_json::{Value, json};

use crate::tenants::Tenant;
use crate::world::{World, client};

/// The super-admin of a simulated installation.
const ADMIN_TOKEN: &str = "demo-admin-token";
/// The stock account `tech`.
pub const TECH: u64 = 4;

pub struct Technician {
    http: reqwest::Client,
    base: String,
    app_token: &'static str,
    session: String,
}

impl Technician {
    /// Logs in.
    pub async fn of(world: &World, tenant: &Tenant) -> Self {
        let (http, base) = (client(), format!("{}/glpi/apirest.php", world.url()));
        let request = http
            .get(format!("{base}/initSession"))
            .header("app-token", tenant.glpi_app_token)
            .header("authorization", format!("user_token {ADMIN_TOKEN}"));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        Self {
            http,
            base,
            app_token: tenant.glpi_app_token,
            session: answer["session_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Takes the ticket over.
    pub async fn assign(&self, ticket: u64) {
        let actor = json!({"tickets_id": ticket, "users_id": TECH, "type": 2});
        self.post("Ticket_User", actor).await;
    }

    /// Writes in public, or for colleagues only.
    pub async fn write(&self, ticket: u64, text: &str, private: bool) {
        let followup = json!({
            "itemtype": "Ticket", "items_id": ticket, "content": format!("<p>{text}</p>"),
            "is_private": u8::from(private), "users_id": TECH,
        });
        self.post("ITILFollowup", followup).await;
    }

    /// Proposes a solution.
    pub async fn solve(&self, ticket: u64, text: &str) {
        let solution = json!({
            "itemtype": "Ticket", "items_id": ticket, "content": format!("<p>{text}</p>"),
            "users_id": TECH,
        });
        self.post("ITILSolution", solution).await;
    }

    /// Sets the state by its number.
    pub async fn set_status(&self, ticket: u64, status: u8) {
        let path = format!("Ticket/{ticket}");
        let body = json!({"input": {"status": status}});
        self.request(reqwest::Method::PUT, &path, body).await;
    }

    /// Opens a ticket at the service desk.
    pub async fn open(&self, name: &str, requester: Option<u64>) -> u64 {
        let mut ticket = json!({"name": name, "content": "por teléfono"});
        if let Some(user) = requester {
            ticket["_users_id_requester"] = user.into();
        }
        let made = self.post("Ticket", ticket).await;
        made["id"].as_u64().unwrap()
    }

    /// The user with this login.
    pub async fn user(&self, login: &str) -> u64 {
        let path = format!("User?searchText[name]=^{login}$&range=0-0");
        let found = self.request(reqwest::Method::GET, &path, Value::Null).await;
        found[0]["id"].as_u64().unwrap()
    }

    async fn post(&self, item: &str, input: Value) -> Value {
        let body = json!({"input": input});
        self.request(reqwest::Method::POST, item, body).await
    }

    async fn request(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let mut request = self
            .http
            .request(method, format!("{}/{path}", self.base))
            .header("app-token", self.app_token)
            .header("session-token", &self.session);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let said: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {said}");
        said
    }
}
