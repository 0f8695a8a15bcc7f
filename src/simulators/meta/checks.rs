//! What the Cloud API refuses at once: missing parameters, wrong kinds, lengths and counts
//! (WhatsApp Cloud API, sending; length and count limits). Lengths are characters.

use std::collections::HashSet;

use serde_json::Value;

use super::errors::Refusal;
use super::settings::{LineSettings, Template};

/// Text of `biz_opaque_callback_data` at most.
const CALLBACK_DATA_MAX: usize = 512;

/// Checks the type-specific part of a message; gives its type and, for a template, its row.
pub fn message<'a>(
    body: &'a Value,
    settings: &'a LineSettings,
) -> Result<(&'a str, Option<&'a Template>), Refusal> {
    let kind = match body.get("type") {
        None => "text",
        Some(kind) => kind
            .as_str()
            .ok_or_else(|| invalid("Param type must be a string"))?,
    };
    if let Some(data) = body.get("biz_opaque_callback_data").and_then(Value::as_str) {
        at_most(data, CALLBACK_DATA_MAX, "biz_opaque_callback_data")?;
    }
    if let Some(context) = body.get("context") {
        required_text(context, "message_id", "context")?;
    }
    let content = || {
        body.get(kind)
            .ok_or_else(|| missing(&format!("The parameter {kind} is required.")))
    };
    match kind {
        "text" => text(content()?)?,
        "image" | "video" | "audio" | "document" | "sticker" => media(kind, content()?)?,
        "location" => location(content()?)?,
        "contacts" => contacts(content()?)?,
        "reaction" => reaction(content()?)?,
        "interactive" => interactive(content()?)?,
        "template" => return Ok((kind, Some(template(content()?, settings)?))),
        other => {
            return Err(Refusal::new(
                131051,
                format!("Message type {other} is not supported."),
            ));
        }
    }
    Ok((kind, None))
}

fn text(content: &Value) -> Result<(), Refusal> {
    let body = required_text(content, "body", "text")?;
    if body.trim().is_empty() {
        return Err(invalid("Param text['body'] must not be blank."));
    }
    at_most_with(body, 4096, |max| {
        invalid(format!(
            "Param text['body'] must be at most {max} characters long."
        ))
    })
}

fn media(kind: &str, content: &Value) -> Result<(), Refusal> {
    if content.get("id").and_then(Value::as_str).is_none()
        && content.get("link").and_then(Value::as_str).is_none()
    {
        return Err(missing(&format!(
            "The parameter {kind}['id'] or {kind}['link'] is required."
        )));
    }
    match content.get("caption").and_then(Value::as_str) {
        Some(caption) => at_most(caption, 1024, "caption"),
        None => Ok(()),
    }
}

fn location(content: &Value) -> Result<(), Refusal> {
    for axis in ["latitude", "longitude"] {
        let text = |given: &Value| given.as_str().and_then(|text| text.parse::<f64>().ok());
        let given = content.get(axis);
        let degrees = given.and_then(|given| given.as_f64().or_else(|| text(given)));
        let degrees = degrees
            .ok_or_else(|| missing(&format!("The parameter location['{axis}'] is required.")))?;
        let max = if axis == "latitude" { 90.0 } else { 180.0 };
        if degrees.abs() > max {
            return Err(wrong(format!("Param location['{axis}'] is not on the map")));
        }
    }
    for key in ["name", "address"] {
        if let Some(text) = content.get(key).and_then(Value::as_str) {
            at_most(text, 255, key)?;
        }
    }
    Ok(())
}

/// An empty emoji takes the reaction away.
fn reaction(content: &Value) -> Result<(), Refusal> {
    required_text(content, "message_id", "reaction")?;
    match content.get("emoji") {
        None | Some(Value::String(_)) => Ok(()),
        Some(_) => Err(invalid("Param reaction['emoji'] must be a string.")),
    }
}

fn contacts(content: &Value) -> Result<(), Refusal> {
    let people = content.as_array().filter(|people| !people.is_empty());
    let people = people.ok_or_else(|| missing("The parameter contacts must be a filled list."))?;
    for person in people {
        let name = person.get("name").unwrap_or(&Value::Null);
        required_text(name, "formatted_name", "contacts['name']")?;
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| name.get(part).is_some()) {
            return Err(missing(
                "contacts['name'] needs a part beside formatted_name.",
            ));
        }
        let phones = person.get("phones").and_then(Value::as_array);
        for phone in phones.into_iter().flatten() {
            required_text(phone, "phone", "contacts['phones']")?;
        }
    }
    Ok(())
}

fn interactive(content: &Value) -> Result<(), Refusal> {
    let kind = required_text(content, "type", "interactive")?;
    let action = content
        .get("action")
        .ok_or_else(|| missing("The parameter interactive['action'] is required."))?;
    let is_list = kind == "list";
    if let Some(header) = content.get("header") {
        let header_kind = required_text(header, "type", "interactive['header']")?;
        if is_list && header_kind != "text" {
            return Err(wrong("List headers must be of type text"));
        }
        if header_kind == "text" {
            at_most(
                required_text(header, "text", "interactive['header']")?,
                60,
                "Header text",
            )?;
        }
    }
    if let Some(footer) = content.get("footer") {
        at_most(
            required_text(footer, "text", "interactive['footer']")?,
            60,
            "Footer text",
        )?;
    }
    if !matches!(kind, "product" | "catalog_message") {
        let body = content.get("body").unwrap_or(&Value::Null);
        let body = required_text(body, "text", "interactive['body']")?;
        length(body, 1, if is_list { 4096 } else { 1024 }, "Body text")?;
    }
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => cta_url(action),
        "flow" => flow(action),
        "location_request_message"
        | "request_contact_info"
        | "product"
        | "product_list"
        | "catalog_message"
        | "address_message"
        | "call_permission_request" => Ok(()),
        other => Err(wrong(format!("Interactive type {other} is not valid"))),
    }
}

fn buttons(action: &Value) -> Result<(), Refusal> {
    let buttons = action.get("buttons").and_then(Value::as_array);
    let buttons = buttons.ok_or_else(|| missing("The parameter action['buttons'] is required."))?;
    if !(1..=3).contains(&buttons.len()) {
        return Err(wrong(
            "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3",
        ));
    }
    let (mut ids, mut titles) = (HashSet::new(), HashSet::new());
    for button in buttons {
        if button.get("type").and_then(Value::as_str) != Some("reply") {
            return Err(wrong("Button type must be reply"));
        }
        let reply = button.get("reply").unwrap_or(&Value::Null);
        let id = required_text(reply, "id", "reply")?;
        let title = required_text(reply, "title", "reply")?;
        length(id, 1, 256, "Button id")?;
        length(title, 1, 20, "Button title")?;
        if id.trim() != id {
            return Err(wrong("Button id must not begin or end with a space"));
        }
        if !ids.insert(id) || !titles.insert(title) {
            return Err(wrong(
                "Duplicated button id or title. Button ids and titles should be unique",
            ));
        }
    }
    Ok(())
}

fn list(action: &Value) -> Result<(), Refusal> {
    length(
        required_text(action, "button", "action")?,
        1,
        20,
        "List button",
    )?;
    let sections = action.get("sections").and_then(Value::as_array);
    let sections =
        sections.ok_or_else(|| missing("The parameter action['sections'] is required."))?;
    if !(1..=10).contains(&sections.len()) {
        return Err(wrong("Invalid sections count. Min: 1, Max: 10"));
    }
    let mut ids = HashSet::new();
    for section in sections {
        match section.get("title").and_then(Value::as_str) {
            Some(title) => at_most(title, 24, "Section title")?,
            None if sections.len() > 1 => return Err(missing("Section title is required.")),
            None => {}
        }
        let rows = section
            .get("rows")
            .and_then(Value::as_array)
            .filter(|rows| !rows.is_empty());
        for row in rows.ok_or_else(|| missing("The parameter section['rows'] is required."))? {
            let id = required_text(row, "id", "row")?;
            length(id, 1, 200, "Row id")?;
            length(required_text(row, "title", "row")?, 1, 24, "Row title")?;
            if let Some(description) = row.get("description").and_then(Value::as_str) {
                at_most(description, 72, "Row description")?;
            }
            if !ids.insert(id) {
                return Err(wrong(format!(
                    "Duplicated row id {id}. Row ids should be unique"
                )));
            }
        }
    }
    if ids.len() > 10 {
        return Err(wrong("Total row count exceed max allowed count: 10"));
    }
    Ok(())
}

fn cta_url(action: &Value) -> Result<(), Refusal> {
    let parameters = action.get("parameters").unwrap_or(&Value::Null);
    length(
        required_text(parameters, "display_text", "parameters")?,
        1,
        20,
        "display_text",
    )?;
    let url = required_text(parameters, "url", "parameters")?;
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return Err(wrong("url is not a valid address"));
    }
    Ok(())
}

fn flow(action: &Value) -> Result<(), Refusal> {
    let parameters = action.get("parameters").unwrap_or(&Value::Null);
    length(
        required_text(parameters, "flow_cta", "parameters")?,
        1,
        30,
        "flow_cta",
    )?;
    if parameters.get("flow_id").is_none() && parameters.get("flow_name").is_none() {
        return Err(missing("The parameter flow_id or flow_name is required."));
    }
    Ok(())
}

fn template<'a>(content: &Value, settings: &'a LineSettings) -> Result<&'a Template, Refusal> {
    let name = required_text(content, "name", "template")?;
    at_most(name, 512, "Template name")?;
    let language = content.get("language").unwrap_or(&Value::Null);
    let language = required_text(language, "code", "template['language']")?;
    let found = settings
        .templates
        .iter()
        .find(|row| row.name == name && row.language == language);
    let found = found.filter(|row| !matches!(row.status.as_str(), "PENDING" | "REJECTED"));
    let found = found.ok_or_else(|| {
        Refusal::new(
            132001,
            format!("template name ({name}) does not exist in {language}"),
        )
    })?;
    match found.status.as_str() {
        "PAUSED" => {
            return Err(Refusal::new(
                132015,
                "Template is paused due to low quality",
            ));
        }
        "DISABLED" => return Err(Refusal::new(132016, "Template was disabled")),
        _ => {}
    }
    let expected = variables(&found.body);
    let components = content.get("components").and_then(Value::as_array);
    let body = components.into_iter().flatten().find(|component| {
        component
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("body"))
    });
    let parameters = body
        .and_then(|body| body.get("parameters"))
        .and_then(Value::as_array);
    let given = parameters.map_or(0, Vec::len);
    if given != expected {
        let details = format!(
            "body: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        );
        return Err(Refusal::new(132000, details));
    }
    for parameter in parameters.into_iter().flatten() {
        required_text(parameter, "type", "parameters")?;
        let text = parameter
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if text.contains(['\n', '\t']) || text.contains("    ") {
            return Err(Refusal::new(
                132012,
                "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
            ));
        }
    }
    Ok(found)
}

/// Distinct `{{…}}` variables of a template text.
/// How many different variables a text has.
pub(super) fn variables(body: &str) -> usize {
    let names = body
        .split("{{")
        .skip(1)
        .filter_map(|part| part.split_once("}}"));
    names
        .map(|(name, _)| name.trim())
        .collect::<HashSet<_>>()
        .len()
}

fn required_text<'a>(object: &'a Value, key: &str, owner: &str) -> Result<&'a str, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Err(missing(&format!(
            "The parameter {owner}['{key}'] is required."
        ))),
        Some(value) => value
            .as_str()
            .ok_or_else(|| invalid(format!("Param {owner}['{key}'] must be a string."))),
    }
}

fn at_most(text: &str, max: usize, what: &str) -> Result<(), Refusal> {
    length(text, 0, max, what)
}

fn at_most_with(text: &str, max: usize, refusal: impl Fn(usize) -> Refusal) -> Result<(), Refusal> {
    if text.chars().count() > max {
        Err(refusal(max))
    } else {
        Ok(())
    }
}

fn length(text: &str, min: usize, max: usize, what: &str) -> Result<(), Refusal> {
    if (min..=max).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(wrong(format!(
        "{what} length invalid. Min length: {min}, Max length: {max}"
    )))
}

fn missing(details: &str) -> Refusal {
    Refusal::new(131008, details)
}

fn wrong(details: impl Into<String>) -> Refusal {
    Refusal::new(131009, details)
}

fn invalid(details: impl Into<String>) -> Refusal {
    Refusal::new(100, details)
}
