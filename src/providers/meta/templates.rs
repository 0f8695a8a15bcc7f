//! The templates of a WhatsApp business account, page by page (WhatsApp Cloud API, templates).

mod write;

use std::time::Duration;

use actors::model::TemplateCategory;
use actors::templates::{Approval, Header, Template, TemplateButton};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::errors::plain_words;
use crate::config::Secret;
use crate::providers::templates::{ListError, TEMPLATES_MAX};
use crate::providers::transport::{BadSettings, Transport, below, secret_header};
pub(in crate::providers) use write::{change, create, delete};

/// Templates of one answer.
const PAGE: &str = "200";
const FIELDS: &str = "name,language,status,category,components";

/// What is needed to list and to change a business account's templates.
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
struct Page<R> {
    data: Vec<R>,
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
    let rows = rows(transport, base, account, None).await?;
    Ok(rows.into_iter().map(template).collect())
}

/// The rows of an account, of one name or of all.
async fn rows<R: DeserializeOwned>(
    transport: &Transport,
    base: &Url,
    account: &Account,
    name: Option<&str>,
) -> Result<Vec<R>, ListError> {
    let token = authorization(account)?;
    let address = address(base, account);
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut url = address.clone();
        url.query_pairs_mut()
            .append_pair("fields", FIELDS)
            .append_pair("limit", PAGE)
            .extend_pairs(name.iter().map(|name| ("name", name)))
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
        let page: Page<R> =
            serde_json::from_slice(&answer.body).map_err(|_| ListError::Unreadable)?;
        found.extend(page.data);
        after = page.paging.cursors.after;
        if page.paging.next.is_none() || after.is_none() || found.len() >= TEMPLATES_MAX {
            return Ok(found);
        }
    }
}

fn authorization(account: &Account) -> Result<HeaderValue, BadSettings> {
    secret_header("Bearer ", &account.token).map_err(|_| BadSettings::Field {
        field: "token",
        expected: "printable ASCII",
    })
}

fn address(base: &Url, account: &Account) -> Url {
    let (version, id) = (&account.version, &account.business_account_id);
    below(base, &[version, id, "message_templates"])
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
        rests: false,
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
