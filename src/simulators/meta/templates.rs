//! The templates of an account: listed, made, changed and deleted (WhatsApp Cloud API, templates).
//!
//! What is new or changed is pending until the world's control approves it.

use serde_json::{Value, json};

use super::super::exchange::{Arrived, Reply};
use super::checks::variables;
use super::errors::Refusal;
use super::line::Line;
use super::settings::{LineSettings, Template};

/// Templates that an account may have, as it says of itself.
const TEMPLATES_MAX: u32 = 6_000;
const PENDING: &str = "PENDING";

/// A page of the list.
pub fn list(settings: &LineSettings, request: &Arrived) -> Value {
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
            "components": components(row),
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

/// What it is made of, as it was given or as a body alone.
fn components(template: &Template) -> Vec<Value> {
    match template.components.is_empty() {
        true => vec![body_component(&template.body)],
        false => template.components.clone(),
    }
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

/// Makes a template.
pub fn create(line: &Line, body: &Value) -> Result<Value, Refusal> {
    let settings = line.settings();
    let text = |key: &str| {
        let found = text_of(body, key);
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
    let (components, words) = checked(body)?;
    let template = Template {
        name,
        language: text("language")?,
        category: category(&text("category")?)?,
        status: PENDING.to_owned(),
        body: words,
        components,
    };
    let same = |row: &Template| row.name == template.name && row.language == template.language;
    if settings.templates.iter().any(same) {
        return Err(Refusal {
            subcode: Some(2_388_024),
            ..Refusal::new(100, "Content in this language already exists")
        });
    }
    let answer =
        json!({"id": template_id(&template), "status": PENDING, "category": template.category});
    let mut changed = LineSettings::clone(&settings);
    changed.templates.push(template);
    line.set(changed);
    Ok(answer)
}

/// Whether the number's account has a template of this id.
pub fn has(line: &Line, id: &str) -> bool {
    let settings = line.settings();
    settings.templates.iter().any(|row| template_id(row) == id)
}

/// Replaces a template's components, its category or both.
pub fn edit(line: &Line, id: &str, body: &Value) -> Result<Reply, Refusal> {
    let mut changed = LineSettings::clone(&line.settings());
    let mut rows = changed.templates.iter_mut();
    let row = rows.find(|row| template_id(row) == id);
    let row = row.ok_or_else(|| Refusal::no_such_object(id))?;
    if let Some(wanted) = text_of(body, "category") {
        row.category = category(wanted)?;
    }
    if body.get("components").is_some() {
        (row.components, row.body) = checked(body)?;
    }
    row.status = PENDING.to_owned();
    line.set(changed);
    Ok(Reply::json(200, &json!({"success": true})))
}

/// Deletes a template in all languages, or the translation that `hsm_id` names.
pub fn delete(line: &Line, request: &Arrived) -> Result<(), Refusal> {
    let settings = line.settings();
    let name = request.query_value("name");
    let name = name.ok_or_else(|| Refusal::new(100, "The parameter name is required."))?;
    let id = request.query_value("hsm_id");
    let meant =
        |row: &Template| row.name == name && id.as_ref().is_none_or(|id| template_id(row) == *id);
    let mut changed = LineSettings::clone(&settings);
    changed.templates.retain(|row| !meant(row));
    if changed.templates.len() == settings.templates.len() {
        return Err(Refusal {
            subcode: Some(2_593_002),
            ..Refusal::new(100, "Message template was not found")
        });
    }
    line.set(changed);
    Ok(())
}

fn text_of<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    let found = object.get(key).and_then(Value::as_str);
    found.filter(|text| !text.is_empty())
}

fn category(word: &str) -> Result<String, Refusal> {
    let word = word.to_ascii_uppercase();
    match word.as_str() {
        "UTILITY" | "MARKETING" | "AUTHENTICATION" => Ok(word),
        _ => Err(Refusal::new(100, "The category is not one of WhatsApp's")),
    }
}

/// The components of a request and the text of their body, when WhatsApp would take them.
fn checked(body: &Value) -> Result<(Vec<Value>, String), Refusal> {
    let components = body.get("components").and_then(Value::as_array);
    let components = components.cloned().unwrap_or_default();
    let of = |kind: &str| {
        let mut found = components.iter();
        found.find(|part| text_of(part, "type").is_some_and(|own| own.eq_ignore_ascii_case(kind)))
    };
    let text = |part: Option<&Value>| {
        let found = part.and_then(|part| text_of(part, "text"));
        found.unwrap_or_default().to_owned()
    };
    let refused = |details: &str| Err(Refusal::new(100, details));
    let words = text(of("BODY"));
    let counted = variables(&words);
    if words.chars().count() > 1_024 {
        return refused("The body has more than 1024 characters");
    }
    if words.trim().starts_with("{{") || words.trim().ends_with("}}") {
        return Err(Refusal {
            subcode: Some(2_388_299),
            ..Refusal::new(
                100,
                "Variables can't be at the start or end of the template.",
            )
        });
    }
    let examples = of("BODY").map_or(0, |part| {
        let rows = &part["example"]["body_text"];
        rows[0].as_array().map_or(0, Vec::len)
    });
    if examples != counted {
        return refused("component of type BODY is missing expected field(s) (example)");
    }
    let header = text(of("HEADER"));
    if header.chars().count() > 60 || variables(&header) > 1 {
        return refused("The header has more than 60 characters or one variable");
    }
    let footer = text(of("FOOTER"));
    if footer.chars().count() > 60 || variables(&footer) > 0 {
        return refused("The footer has more than 60 characters or a variable");
    }
    let buttons = of("BUTTONS").and_then(|part| part["buttons"].as_array());
    let buttons = buttons.map(Vec::as_slice).unwrap_or_default();
    let count = |kind: &str| {
        let own = buttons
            .iter()
            .filter(|one| text_of(one, "type").is_some_and(|own| own.eq_ignore_ascii_case(kind)));
        own.count()
    };
    if buttons.len() > 10 || count("URL") > 2 || count("PHONE_NUMBER") > 1 {
        return refused("There are too many buttons, or too many of one type");
    }
    Ok((components, words))
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
