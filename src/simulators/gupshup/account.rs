//! The account's own edges, as far as set-up and health read them: consent, wallet, templates
//! (Gupshup, opt-in and opt-out; wallet; template management).

use std::time::Duration;

use serde_json::{Value, json};

use super::super::exchange::Reply;
use super::app::App;
use super::event::Event;
use super::refusal::Refusal;
use super::sending::Form;
use super::settings::{AppSettings, Template};

/// `POST /sm/api/v1/app/opt/{in|out}/{app}`: the body of the answer is empty.
pub fn consent(app: &App, given: bool, form: &Form) -> Result<Reply, Refusal> {
    let users = form.get("user").map(String::as_str).unwrap_or_default();
    let users: Vec<String> = users
        .split(',')
        .map(|user| {
            user.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        })
        .filter(|user| !user.is_empty())
        .collect();
    if users.is_empty() || (!given && users.len() > 1) {
        return Err(Refusal::bad("Invalid user"));
    }
    let mut settings = AppSettings::clone(&app.settings());
    for user in &users {
        match given {
            true => {
                settings.opted_out.remove(user);
                settings.opted_in.insert(user.clone());
            }
            false => {
                settings.opted_in.remove(user);
                settings.opted_out.insert(user.clone());
            }
        }
    }
    app.set(settings);
    for phone in users {
        tell(app, phone, given);
    }
    Ok(Reply::text(202, "text/html", ""))
}

/// Tells the receivers that a person gave or withdrew consent.
pub fn tell(app: &App, phone: String, given: bool) {
    let kind = match given {
        true => "opted-in",
        false => "opted-out",
    };
    let event = Event::User { phone, kind };
    app.courier.post(app, event, Duration::ZERO);
}

/// `GET /sm/api/v1/users/{app}`.
pub fn users(app: &App) -> Reply {
    let settings = app.settings();
    let row = |phone: &String, status: &str| json!({"phoneNumber": phone, "optinStatus": status});
    let given = settings.opted_in.iter().map(|phone| row(phone, "OPT_IN"));
    let withdrawn = settings.opted_out.iter().map(|phone| row(phone, "OPT_OUT"));
    let users: Vec<Value> = given.chain(withdrawn).collect();
    Reply::json(200, &json!({"status": "success", "users": users}))
}

/// `GET /sm/api/v2/wallet/balance`, in dollars.
pub fn wallet(app: &App) -> Reply {
    let balance = app.balance_micros() as f64 / 1_000_000.0;
    Reply::json(200, &json!({"status": "success", "balance": balance}))
}

/// `GET /sm/api/v1/template/list/{app}` and `GET /wa/app/{appId}/template`.
pub fn templates(app: &App) -> Reply {
    let settings = app.settings();
    let rows: Vec<Value> = settings
        .templates
        .iter()
        .map(|row| template(&settings, row))
        .collect();
    Reply::json(200, &json!({"status": "success", "templates": rows}))
}

fn template(settings: &AppSettings, row: &Template) -> Value {
    // Both are JSON inside a text.
    let container = json!({"data": row.body, "appId": settings.id});
    let meta = json!({"example": row.body});
    json!({
        "id": row.id, "appId": settings.id, "elementName": row.element_name,
        "languageCode": row.language_code, "category": row.category, "status": row.status,
        "templateType": "TEXT", "data": row.body, "vertical": "TICKET_UPDATE",
        "containerMeta": container.to_string(), "meta": meta.to_string(),
        "createdOn": 1_719_878_400_000_u64, "modifiedOn": 1_719_878_400_000_u64,
    })
}
