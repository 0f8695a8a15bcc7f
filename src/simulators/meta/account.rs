//! The account's own edges, as far as set-up and health checks read them: the number, the
//! numbers of an account, its profile and webhook subscription. Its templates are in `templates`.

use serde_json::{Value, json};

use super::super::exchange::{Arrived, Reply};
use super::errors::Refusal;
use super::line::Line;
use super::settings::LineSettings;
use super::templates;

/// Answers `{id}/{rest…}` for a number or account that the token may act for.
pub fn answer(
    line: &Line,
    method: &str,
    id: &str,
    rest: &[&str],
    request: &Arrived,
) -> Result<Reply, Refusal> {
    let settings = line.settings();
    let done = || Ok(Reply::json(200, &json!({"success": true})));
    let answer = match (method, rest) {
        ("GET", []) => number(&settings),
        ("GET", ["phone_numbers"]) => json!({"data": [number(&settings)]}),
        ("GET", ["whatsapp_business_profile"]) => {
            json!({"data": [{"messaging_product": "whatsapp", "vertical": "OTHER"}]})
        }
        ("GET", ["subscribed_apps"]) => subscription(&settings),
        ("POST", ["subscribed_apps"]) => {
            if let Some(address) = body(request)
                .get("override_callback_uri")
                .and_then(Value::as_str)
            {
                line.set(LineSettings {
                    callback_url: Some(address.to_owned()),
                    ..(*settings).clone()
                });
            }
            return done();
        }
        ("DELETE", ["subscribed_apps"]) => {
            line.set(LineSettings {
                callback_url: None,
                ..(*settings).clone()
            });
            return done();
        }
        ("POST", ["register" | "deregister" | "whatsapp_business_profile"]) => return done(),
        ("GET", ["message_templates"]) => templates::list(&settings, request),
        ("POST", ["message_templates"]) => templates::create(line, &body(request))?,
        ("DELETE", ["message_templates"]) => {
            templates::delete(line, request)?;
            return done();
        }
        _ => return Err(Refusal::no_such_object(id)),
    };
    Ok(Reply::json(200, &answer))
}

fn body(request: &Arrived) -> Value {
    request.json().cloned().unwrap_or_default()
}

fn number(settings: &LineSettings) -> Value {
    json!({
        "id": settings.phone_number_id,
        "display_phone_number": settings.display_phone_number,
        "verified_name": settings.slug,
        "quality_rating": "GREEN",
        "messaging_limit_tier": "TIER_100K",
        "throughput": {"level": if settings.mps > 80 { "HIGH" } else { "STANDARD" }},
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "code_verification_status": "VERIFIED",
    })
}

fn subscription(settings: &LineSettings) -> Value {
    let data = settings.callback_url.as_ref().map(|address| {
        json!({
            "whatsapp_business_api_data": {"id": "1", "name": "simulated app", "link": "https://app.example"},
            "override_callback_uri": address,
        })
    });
    json!({"data": data.into_iter().collect::<Vec<_>>()})
}
