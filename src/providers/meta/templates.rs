//! The templates of a WhatsApp business account, page by page (WhatsApp Cloud API, templates).

use std::time::Duration;

use actors::model::TemplateCategory;
use actors::templates::{Approval, Header, Template, TemplateButton};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Url};
use serde::Deserialize;

use super::errors::plain_words;
use crate::config::Secret;
use crate::providers::templates::{ListError, TEMPLATES_MAX};
use crate::providers::transport::{BadSettings, Transport, below, secret_header};

/// Templates of one answer.
const PAGE: &str = "200";
const FIELDS: &str = "name,language,status,category,components";

/// What is needed to list a business account's templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Address of the Graph API without version.
    pub base_url: String,
    /// Version segment, for example `v23.0`.
    pub version: String,
    /// The account's id, digits.
    pub business_account_id: String,
    /// Bearer token with the permission `whatsapp_business_management`.
    pub token: Secret,
    /// For each page.
    pub timeout: Duration,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Row>,
    #[serde(default)]
    paging: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Paging {
    cursors: Cursors,
    next: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursors {
    after: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    id: String,
    name: String,
    language: String,
    status: String,
    category: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Component {
    #[serde(rename = "type")]
    kind: String,
    format: String,
    text: String,
    buttons: Vec<Button>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Button {
    text: String,
    url: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalCode,
}

#[derive(Deserialize)]
struct RefusalCode {
    code: u32,
}

/// All templates of an account.
pub(in crate::providers) async fn templates(
    transport: &Transport,
    base: &Url,
    account: &Account,
) -> Result<Vec<Template>, ListError> {
    let token = secret_header("Bearer ", &account.token).map_err(|_| BadSettings::Field {
        field: "token",
        expected: "printable ASCII",
    })?;
    let path = [
        &account.version,
        &account.business_account_id,
        "message_templates",
    ];
    let address = below(base, &path);
    let mut templates = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut url = address.clone();
        url.query_pairs_mut()
            .append_pair("fields", FIELDS)
            .append_pair("limit", PAGE)
            .extend_pairs(after.iter().map(|after| ("after", after)));
        let request = transport
            .request(Method::GET, url, account.timeout)
            .header(AUTHORIZATION, token.clone());
        let answer = transport.exchange(request).await?;
        if !answer.status.is_success() {
            let refusal = serde_json::from_slice::<Refusal>(&answer.body).ok();
            let words = refusal.and_then(|refusal| plain_words(refusal.error.code));
            return Err(ListError::refused(&answer, words));
        }
        let page: Page = serde_json::from_slice(&answer.body).map_err(|_| ListError::Unreadable)?;
        templates.extend(page.data.into_iter().map(template));
        after = page.paging.cursors.after;
        if page.paging.next.is_none() || after.is_none() || templates.len() >= TEMPLATES_MAX {
            return Ok(templates);
        }
    }
}

fn template(row: Row) -> Template {
    let mut template = Template {
        name: row.name.into(),
        language: row.language.into(),
        category: TemplateCategory::from_word(&row.category).unwrap_or(TemplateCategory::Marketing),
        approval: Approval::from_word(&row.status),
        provider_id: row.id.into(),
        second_id: None,
        header: Header::None,
        body: String::new(),
        footer: String::new(),
        buttons: Vec::new(),
    };
    for part in row.components {
        match part.kind.to_ascii_uppercase().as_str() {
            "HEADER" => {
                template.header = match part.format.to_ascii_lowercase().as_str() {
                    "" | "text" => Header::Text(part.text),
                    kind => Header::Media(kind.into()),
                };
            }
            "BODY" => template.body = part.text,
            "FOOTER" => template.footer = part.text,
            "BUTTONS" => {
                let buttons = part.buttons.into_iter().map(|button| TemplateButton {
                    text: button.text,
                    url: button.url,
                });
                template.buttons.extend(buttons);
            }
            _ => {}
        }
    }
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_become_header_body_footer_and_buttons() {
        let row = serde_json::json!({
            "id": "7", "name": "order", "language": "es_MX", "status": "PAUSED",
            "category": "UTILITY", "quality_score": {"score": "GREEN"}, "components": [
                {"type": "HEADER", "format": "DOCUMENT", "example": {}},
                {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text": [["Ana"]]}},
                {"type": "FOOTER", "text": "Soporte"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "QUICK_REPLY", "text": "Sí"},
                    {"type": "URL", "text": "Ver", "url": "https://example.com/{{1}}"}]},
            ],
        });
        let read = template(serde_json::from_value(row).expect("a row"));
        assert_eq!(read.header, Header::Media("document".into()));
        assert_eq!(
            (read.body.as_str(), read.footer.as_str()),
            ("Hola {{1}}", "Soporte")
        );
        assert_eq!(read.approval, Approval::Paused);
        assert_eq!(read.buttons[1].url, "https://example.com/{{1}}");
    }
}
