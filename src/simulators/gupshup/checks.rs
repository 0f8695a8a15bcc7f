//! What a send must look like (Gupshup, session message; template message). Only what Gupshup
//! itself refuses at once is refused here; it is lenient about the rest.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::settings::{AppSettings, Template};

/// A text longer than this is refused.
const TEXT_CHARS_MAX: usize = 4_096;
const CAPTION_CHARS_MAX: usize = 1_024;
const OPTIONS_MAX: usize = 3;
const OPTION_CHARS_MAX: usize = 20;
const ROWS_MAX: usize = 10;
const ROW_TITLE_CHARS_MAX: usize = 24;
const ROW_TEXT_CHARS_MAX: usize = 72;

/// What the phone shows of a send: Meta's type and object.
#[derive(Debug)]
pub struct Shown {
    /// `text`, `interactive`, `image`, …
    pub kind: String,
    /// The object of that type.
    pub content: Value,
    /// The message it answers.
    pub context: Option<String>,
}

impl Shown {
    /// The address at which the file it shows is fetched.
    pub fn link(&self) -> Option<String> {
        let link = self.content.get("link")?.as_str()?;
        Some(link.to_owned())
    }
}

/// Checks the JSON of the field `message`.
pub fn message(text: &str) -> Result<Shown, Refusal> {
    let message: Value =
        serde_json::from_str(text).map_err(|_| wrong("Invalid message payload"))?;
    let message = message
        .as_object()
        .ok_or_else(|| wrong("Invalid message payload"))?;
    let kind = string(message, "type").ok_or_else(|| wrong("Invalid message type"))?;
    let (kind, content) = match kind {
        "text" => ("text", json!({"body": body_text(message)?})),
        "image" => ("image", media(message, &["originalUrl", "url", "id"])?),
        // Some clients say `document`; the documented word is `file`.
        "file" | "document" => ("document", media(message, &["url", "id"])?),
        "audio" => ("audio", media(message, &["url", "id"])?),
        "video" => ("video", media(message, &["url", "id"])?),
        "sticker" => ("sticker", media(message, &["url", "id"])?),
        "location" => ("location", location(message)?),
        "contact" => ("contacts", contact(message)?),
        "reaction" => ("reaction", reaction(message)?),
        "quick_reply" => ("interactive", quick_reply(message)?),
        "list" => ("interactive", list(message)?),
        "cta_url" => ("interactive", cta(message)?),
        _ => return Err(wrong("Invalid message type")),
    };
    let context = message
        .get("context")
        .and_then(|context| context.get("msgId"));
    Ok(Shown {
        kind: kind.to_owned(),
        content,
        context: context.and_then(Value::as_str).map(str::to_owned),
    })
}

/// Checks the JSON of the field `template` against the app's templates.
pub fn template<'a>(
    settings: &'a AppSettings,
    text: &str,
) -> Result<(&'a Template, Shown), Refusal> {
    let asked: Value = serde_json::from_str(text).map_err(|_| wrong("Invalid template payload"))?;
    let id = asked.get("id").and_then(Value::as_str);
    let found = id.and_then(|id| settings.templates.iter().find(|row| row.id == id));
    let template = found.ok_or_else(|| wrong("Template Not Found"))?;
    // A paused one is accepted and fails by an event (4005).
    if !matches!(template.status.as_str(), "APPROVED" | "PAUSED") {
        return Err(wrong("Template is not approved"));
    }
    let params = asked.get("params").and_then(Value::as_array);
    let params: Vec<&str> = params
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let variables = template.body.matches("{{").count();
    if params.len() < variables {
        return Err(wrong("Template params mismatch"));
    }
    let mut body = template.body.clone();
    for (index, value) in params.iter().enumerate() {
        body = body.replace(&format!("{{{{{}}}}}", index + 1), value);
    }
    let shown = Shown {
        kind: "text".to_owned(),
        content: json!({"body": body}),
        context: None,
    };
    Ok((template, shown))
}

fn wrong(message: &'static str) -> Refusal {
    Refusal::bad(message)
}

fn string<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn body_text(message: &Map<String, Value>) -> Result<&str, Refusal> {
    let text = string(message, "text").ok_or_else(|| wrong("Message text is missing"))?;
    match text.chars().count() {
        ..=TEXT_CHARS_MAX => Ok(text),
        _ => Err(wrong("Message text is too long")),
    }
}

fn media(message: &Map<String, Value>, sources: &[&str]) -> Result<Value, Refusal> {
    let source = sources.iter().find(|key| string(message, key).is_some());
    let key = *source.ok_or_else(|| wrong("Media url is missing"))?;
    let source = string(message, key).unwrap_or_default();
    let is_address = source.starts_with("http://") || source.starts_with("https://");
    if key != "id" && !is_address {
        return Err(wrong("Invalid media url"));
    }
    if string(message, "caption").is_some_and(|text| text.chars().count() > CAPTION_CHARS_MAX) {
        return Err(wrong("Caption is too long"));
    }
    if message
        .get("caption")
        .is_some_and(|caption| !caption.is_string())
    {
        return Err(wrong("Invalid caption"));
    }
    let mut content = match key {
        "id" => json!({"id": source}),
        _ => json!({"link": source}),
    };
    for key in ["caption", "filename"] {
        if let Some(text) = string(message, key) {
            content[key] = text.into();
        }
    }
    Ok(content)
}

fn location(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let degrees = |key| {
        let given = message.get(key)?;
        given.as_f64().or_else(|| given.as_str()?.parse().ok())
    };
    let (Some(latitude), Some(longitude)) = (degrees("latitude"), degrees("longitude")) else {
        return Err(wrong("Location is missing"));
    };
    if f64::abs(latitude) > 90.0 || f64::abs(longitude) > 180.0 {
        return Err(wrong("Invalid location"));
    }
    Ok(Value::Object(message.clone()))
}

/// One card; the phone shows a list of them, as Meta's.
fn contact(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let card = message.get("contact").and_then(Value::as_object);
    let card = card.ok_or_else(|| wrong("contact is missing"))?;
    let name = card.get("name").and_then(Value::as_object);
    let name = name
        .and_then(|name| string(name, "formattedName").or_else(|| string(name, "formatted_name")));
    if name.is_none() {
        return Err(wrong("contact name is missing"));
    }
    let phones = card.get("phones").and_then(Value::as_array);
    for phone in phones.into_iter().flatten() {
        let number = phone.as_object().and_then(|phone| string(phone, "phone"));
        if number.is_none() {
            return Err(wrong("contact phone is missing"));
        }
    }
    Ok(json!([card]))
}

fn reaction(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let id = string(message, "msgId").ok_or_else(|| wrong("msgId is missing"))?;
    let emoji = message.get("emoji").cloned().unwrap_or_default();
    if !emoji.is_string() && !emoji.is_null() {
        return Err(wrong("Invalid emoji"));
    }
    Ok(json!({"message_id": id, "emoji": emoji}))
}

/// As Meta's reply buttons. The body's text stands under one of several keys.
fn quick_reply(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let content = message.get("content").and_then(Value::as_object);
    let content = content.ok_or_else(|| wrong("content is missing"))?;
    let text = ["text", "body", "caption"]
        .iter()
        .find_map(|key| string(content, key));
    // A public client puts the options into the content, under the list's name for its button.
    let options = message.get("options").or(content.get("globalButtons"));
    let options = options.and_then(Value::as_array);
    let options = options.filter(|options| (1..=OPTIONS_MAX).contains(&options.len()));
    let options = options.ok_or_else(|| wrong("1 to 3 options are allowed"))?;
    let mut buttons = Vec::with_capacity(options.len());
    for option in options {
        let title = option
            .get("title")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if title.is_empty() || title.chars().count() > OPTION_CHARS_MAX {
            return Err(wrong("Option title must have 1 to 20 characters"));
        }
        let id = option.get("postbackText").and_then(Value::as_str);
        buttons
            .push(json!({"type": "reply", "reply": {"id": id.unwrap_or(title), "title": title}}));
    }
    Ok(json!({
        "type": "button", "body": {"text": text.unwrap_or_default()},
        "action": {"buttons": buttons}, "msgid": message.get("msgid"),
    }))
}

fn list(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let items = message.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| wrong("items are missing"))?;
    let mut rows = Vec::new();
    for option in items
        .iter()
        .filter_map(|item| item.get("options")?.as_array())
        .flatten()
    {
        let text = |key: &str| option.get(key).and_then(Value::as_str).unwrap_or_default();
        let id = match text("postbackText") {
            "" => text("title"),
            id => id,
        };
        rows.push(json!({"id": id, "title": text("title"), "description": text("description")}));
    }
    let button = message
        .get("globalButtons")
        .and_then(|buttons| buttons.get(0)?.get("title"));
    let fits =
        |row: &Value, key: &str, max| row[key].as_str().unwrap_or_default().chars().count() <= max;
    let fitting = |row: &Value| {
        fits(row, "title", ROW_TITLE_CHARS_MAX) && fits(row, "description", ROW_TEXT_CHARS_MAX)
    };
    if !rows.iter().all(fitting) {
        return Err(wrong("List option title or description is too long"));
    }
    if !(1..=ROWS_MAX).contains(&rows.len()) {
        return Err(wrong("1 to 10 options are allowed in a list"));
    }
    Ok(json!({
        "type": "list", "body": {"text": message.get("body").cloned().unwrap_or_default()},
        "action": {"button": button, "sections": [{"rows": rows}]}, "msgid": message.get("msgid"),
    }))
}

fn cta(message: &Map<String, Value>) -> Result<Value, Refusal> {
    let url = string(message, "url").ok_or_else(|| wrong("url is missing"))?;
    let body = message.get("body").cloned().unwrap_or_default();
    Ok(json!({"type": "cta_url", "body": {"text": body}, "url": url}))
}
