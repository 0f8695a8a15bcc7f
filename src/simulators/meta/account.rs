//! The account's own edges, as far as set-up and health checks read them: the number, the
//! numbers of an account, its profile, templates and webhook subscription.

use serde_json::{Value, json};

use super::super::exchange::{Arrived, Reply};
use super::errors::Refusal;
use super::line::Line;
use super::settings::{LineSettings, Template};

/// Templates that an account may have, as it says of itself.
const TEMPLATES_MAX: u32 = 6_000;

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
        ("GET", ["message_templates"]) => templates(&settings, request),
        ("POST", ["message_templates"]) => create_template(line, &settings, &body(request))?,
        ("DELETE", ["message_templates"]) => {
            delete_template(line, &settings, request)?;
            return done();
        }
        _ => return Err(Refusal::no_such_object(id)),
    };
    Ok(Reply::json(200, &answer))
}

fn body(request: &Arrived) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
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

fn templates(settings: &LineSettings, request: &Arrived) -> Value {
    let (name, status) = (request.query_value("name"), request.query_value("status"));
    let wanted = |row: &&Template| {
        name.as_ref()
            .is_none_or(|name| row.name.contains(name.as_str()))
            && status.as_ref().is_none_or(|status| row.status == *status)
    };
    let number = |key: &str| request.query_value(key).and_then(|text| text.parse().ok());
    let (first, limit): (usize, usize) =
        (number("after").unwrap_or(0), number("limit").unwrap_or(25));
    let all: Vec<&Template> = settings.templates.iter().filter(wanted).collect();
    let end = all.len().min(first.saturating_add(limit.max(1)));
    let rows = all.get(first..end).unwrap_or_default().iter().map(|row| {
        json!({
            "id": template_id(row),
            "name": row.name,
            "language": row.language,
            "status": row.status,
            "category": row.category,
            "parameter_format": "POSITIONAL",
            "components": [body_component(&row.body)],
            "quality_score": {"score": "GREEN", "date": 1_700_000_000},
        })
    });
    let rows: Vec<Value> = rows.collect();
    // The cursors of this list are the numbers of its rows.
    let mut paging = json!({"cursors": {"before": first.to_string(), "after": end.to_string()}});
    if end < all.len() {
        paging["next"] = format!("?after={end}").into();
    }
    let mut answer = json!({"data": rows, "paging": paging});
    if let Some(wanted) = request.query_value("summary") {
        answer["summary"] = summary(settings, all.len(), &wanted);
    }
    answer
}

/// A body, with an example of each variable as Meta asks for it when a template is made.
fn body_component(text: &str) -> Value {
    let mut body = json!({"type": "BODY", "text": text});
    let examples: Vec<String> = (1..)
        .take_while(|n| text.contains(&format!("{{{{{n}}}}}")))
        .map(|n| format!("example {n}"))
        .collect();
    if !examples.is_empty() {
        body["example"] = json!({"body_text": [examples]});
    }
    body
}

/// What is said about the whole list, as far as it was asked for.
fn summary(settings: &LineSettings, found: usize, wanted: &str) -> Value {
    let mut facts = json!({
        "total_count": found,
        "message_template_count": settings.templates.len(),
        "message_template_limit": TEMPLATES_MAX,
        "are_translations_complete": true,
    });
    if let Some(facts) = facts.as_object_mut() {
        facts.retain(|name, _| wanted.split(',').any(|asked| asked == name));
    }
    facts
}

fn create_template(line: &Line, settings: &LineSettings, body: &Value) -> Result<Value, Refusal> {
    let text = |key: &str| {
        let found = body
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        found
            .map(str::to_owned)
            .ok_or_else(|| Refusal::new(100, format!("The parameter {key} is required.")))
    };
    let name = text("name")?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.len() > 512 || !name.chars().all(allowed) {
        return Err(Refusal::new(
            100,
            "Template names have lower-case letters, digits and underscores only",
        ));
    }
    let components = body
        .get("components")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut bodies = components.filter(|component| component["type"] == "BODY");
    let template = Template {
        name,
        language: text("language")?,
        category: text("category")?,
        status: "APPROVED".to_owned(),
        body: bodies
            .next()
            .and_then(|part| part["text"].as_str())
            .unwrap_or_default()
            .to_owned(),
    };
    let same = |row: &Template| row.name == template.name && row.language == template.language;
    if settings.templates.iter().any(same) {
        return Err(Refusal {
            subcode: Some(2_388_024),
            ..Refusal::new(100, "Content in this language already exists")
        });
    }
    let answer = json!({"id": template_id(&template), "status": template.status, "category": template.category});
    let mut changed = settings.clone();
    changed.templates.push(template);
    line.set(changed);
    Ok(answer)
}

fn delete_template(line: &Line, settings: &LineSettings, request: &Arrived) -> Result<(), Refusal> {
    let name = request.query_value("name");
    let name = name.ok_or_else(|| Refusal::new(100, "The parameter name is required."))?;
    let mut changed = settings.clone();
    changed.templates.retain(|row| row.name != name);
    if changed.templates.len() == settings.templates.len() {
        return Err(Refusal {
            subcode: Some(2_593_002),
            ..Refusal::new(100, "Message template was not found")
        });
    }
    line.set(changed);
    Ok(())
}

/// A stable numeric id, as text.
fn template_id(template: &Template) -> String {
    template_number(template).to_string()
}

/// What the receiver is told when a template's status changed (`message_template_status_update`).
pub fn status_update(template: &Template) -> Value {
    json!({
        "event": template.status,
        "message_template_id": template_number(template),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": "NONE",
    })
}

fn template_number(template: &Template) -> u64 {
    let name = format!("{} {}", template.name, template.language);
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    let head = digest.as_ref()[..6]
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    1_000_000_000_000_000 + head
}
