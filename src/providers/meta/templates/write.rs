//! Making, changing and deleting templates (WhatsApp Cloud API, templates). A change replaces all
//! components, so those that stay are read first and handed back with their examples.

use actors::model::TemplatePlace;
use actors::templates::{Approval, Template};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Account, address, authorization, rows};
use crate::providers::meta::errors::plain_words;
use crate::providers::templates::{ListError, WriteError};
use crate::providers::transport::{Answer, Transport, below};
use crate::templates::{Draft, Parts};

/// What Meta says of a template that it took.
#[derive(Deserialize)]
struct Taken {
    id: String,
    #[serde(default)]
    status: String,
}

/// A template with its components as they are.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    id: String,
    #[serde(default)]
    components: Vec<Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    code: u32,
    #[serde(default)]
    message: String,
    error_user_msg: Option<String>,
    /// An object with `details`, or the details alone.
    #[serde(default)]
    error_data: Value,
}

/// Has a template made.
pub(in crate::providers) async fn create(
    transport: &Transport,
    base: &Url,
    account: &Account,
    draft: &Draft,
) -> Result<Template, WriteError> {
    let body = json!({
        "name": draft.name,
        "language": draft.language,
        "category": draft.category.as_str().to_ascii_uppercase(),
        "parameter_format": "POSITIONAL",
        "components": components(&draft.parts(), Vec::new()),
    });
    let url = address(base, account);
    let answer = send(transport, account, (Method::POST, url), Some(&body)).await?;
    let taken: Taken = serde_json::from_slice(&answer.body).map_err(|_| ListError::Unreadable)?;
    let mut template = draft.template(&taken.id);
    template.approval = Approval::from_word(&taken.status);
    Ok(template)
}

/// Has parts of a template changed.
pub(in crate::providers) async fn change(
    transport: &Transport,
    base: &Url,
    account: &Account,
    template: &Template,
    parts: &Parts,
) -> Result<(), WriteError> {
    let mut body = json!({});
    if let Some(category) = parts.category {
        body["category"] = category.as_str().to_ascii_uppercase().into();
    }
    if parts.touch_text() {
        let found: Vec<Row> = rows(transport, base, account, Some(&template.name)).await?;
        let mut found = found.into_iter();
        let row = found.find(|row| row.id == template.provider_id);
        let row = row.ok_or(WriteError::Gone)?;
        body["components"] = components(parts, row.components).into();
    }
    let url = below(base, &[&account.version, &template.provider_id]);
    send(transport, account, (Method::POST, url), Some(&body)).await?;
    Ok(())
}

/// Has one translation of a template deleted.
pub(in crate::providers) async fn delete(
    transport: &Transport,
    base: &Url,
    account: &Account,
    template: &Template,
) -> Result<(), WriteError> {
    let mut url = address(base, account);
    url.query_pairs_mut()
        .append_pair("hsm_id", &template.provider_id)
        .append_pair("name", &template.name);
    send(transport, account, (Method::DELETE, url), None).await?;
    Ok(())
}

async fn send(
    transport: &Transport,
    account: &Account,
    (method, url): (Method, Url),
    body: Option<&Value>,
) -> Result<Answer, WriteError> {
    let mut request = transport
        .request(method, url, account.timeout)
        .header(AUTHORIZATION, authorization(account)?);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = transport.exchange(request).await?;
    match answer.status.is_success() {
        true => Ok(answer),
        false => Err(refused(&answer)),
    }
}

/// Meta's own words where it has some for people: it says there what is wrong with the text.
fn refused(answer: &Answer) -> WriteError {
    let status = answer.status.as_u16();
    let words = match serde_json::from_slice::<Refusal>(&answer.body) {
        Ok(Refusal { error }) => {
            let data = error.error_data;
            let details = data["details"].as_str().or(data.as_str());
            // What is wrong with the account is said better by the table of codes.
            let details = details.filter(|_| status == 400).map(str::to_owned);
            let told = error.error_user_msg.or(details);
            let told = told.or_else(|| plain_words(error.code).map(str::to_owned));
            told.unwrap_or(error.message)
        }
        Err(_) => format!("without a reason (HTTP {status})"),
    };
    WriteError::Refused { status, words }
}

/// These parts as components, in the place of the old ones of their kind.
fn components(parts: &Parts, mut old: Vec<Value>) -> Vec<Value> {
    let mut kept = |kind: &str| {
        let is_kind = |part: &Value| {
            let own = part["type"].as_str().unwrap_or_default();
            own.eq_ignore_ascii_case(kind)
        };
        let at = old.iter().position(is_kind)?;
        Some(old.remove(at))
    };
    let (header, body, footer, buttons) = (
        kept("HEADER"),
        kept("BODY"),
        kept("FOOTER"),
        kept("BUTTONS"),
    );
    let text =
        |given: &Option<String>, old: Option<Value>, make: &dyn Fn(&str) -> Value| match given {
            None => old,
            Some(text) if text.is_empty() => None,
            Some(text) => Some(make(text)),
        };
    let header = text(&parts.header, header, &|text| {
        let mut header = json!({"type": "HEADER", "format": "TEXT", "text": text});
        let examples = parts.examples_at(TemplatePlace::Header);
        if !examples.is_empty() {
            header["example"] = json!({"header_text": examples});
        }
        header
    });
    let body = text(&parts.body, body, &|text| {
        let mut body = json!({"type": "BODY", "text": text});
        let examples = parts.examples_at(TemplatePlace::Body);
        if !examples.is_empty() {
            body["example"] = json!({"body_text": [examples]});
        }
        body
    });
    let footer = text(
        &parts.footer,
        footer,
        &|text| json!({"type": "FOOTER", "text": text}),
    );
    let buttons = match &parts.buttons {
        None => buttons,
        Some(given) if given.is_empty() => None,
        Some(_) => Some(json!({"type": "BUTTONS", "buttons": given_buttons(parts)})),
    };
    let new = [header, body, footer, buttons].into_iter().flatten();
    new.chain(old).collect()
}

fn given_buttons(parts: &Parts) -> Vec<Value> {
    let given = (0u8..).zip(parts.buttons.iter().flatten());
    let given = given.map(|(index, button)| {
        let text = &button.text;
        if !button.phone.is_empty() {
            return json!({"type": "PHONE_NUMBER", "text": text, "phone_number": button.phone});
        }
        if button.url.is_empty() {
            return json!({"type": "QUICK_REPLY", "text": text});
        }
        let mut made = json!({"type": "URL", "text": text, "url": button.url});
        if let [example] = parts.examples_at(TemplatePlace::Button(index))[..] {
            // The address as somebody would open it.
            made["example"] = json!([button.url.replace("{{1}}", example)]);
        }
        made
    });
    given.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(change: Value) -> Parts {
        Parts::read(change.as_object().cloned().expect("an object")).expect("it fits")
    }

    fn old() -> Vec<Value> {
        vec![
            json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}}),
            json!({"type": "BODY", "text": "Hola {{1}}.", "example": {"body_text": [["Ana"]]}}),
            json!({"type": "FOOTER", "text": "Soporte"}),
            json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Hoy"}}),
        ]
    }

    #[test]
    fn components_that_are_not_given_stay_with_their_examples() {
        let changed = parts(json!({"footer": "Mesa de ayuda"}));
        let mut expected = old();
        expected[2]["text"] = "Mesa de ayuda".into();
        assert_eq!(components(&changed, old()), expected);
        let changed = parts(json!({"header": null, "footer": null}));
        let left = [old()[1].clone(), old()[3].clone()];
        assert_eq!(components(&changed, old()), left);
    }

    #[test]
    fn what_is_given_stands_as_meta_writes_it() {
        let given = parts(json!({
            "header": "Ticket {{1}}", "body": "Hola {{1}}, vamos.",
            "buttons": [
                {"text": "Bien"},
                {"text": "Ver", "url": "https://example.com/{{1}}"},
                {"text": "Llamar", "phone": "+51999888777"},
            ],
            "examples": ["7", "Ana", "t/7"],
        }));
        let made = components(&given, Vec::new());
        let expected = json!([
            {"type": "HEADER", "format": "TEXT", "text": "Ticket {{1}}",
             "example": {"header_text": ["7"]}},
            {"type": "BODY", "text": "Hola {{1}}, vamos.", "example": {"body_text": [["Ana"]]}},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Bien"},
                {"type": "URL", "text": "Ver", "url": "https://example.com/{{1}}",
                 "example": ["https://example.com/t/7"]},
                {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+51999888777"},
            ]},
        ]);
        assert_eq!(Value::from(made), expected);
    }
}
