//! The templates of an app at Gupshup (Gupshup, template management). What a template is made of
//! stands as JSON inside a text; the plain text beside it is all that old ones have.

use actors::model::TemplateCategory;
use actors::templates::{Approval, Header, Template, TemplateButton};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::Settings;
use super::client::API_KEY;
use crate::providers::templates::{ListError, TEMPLATES_MAX};
use crate::providers::transport::{BadSettings, Transport, below, secret_header};

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    status: String,
    templates: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(rename = "elementName")]
    element_name: String,
    #[serde(rename = "languageCode")]
    language_code: String,
    #[serde(default)]
    category: String,
    status: String,
    #[serde(rename = "templateType", default)]
    template_type: String,
    #[serde(default)]
    data: String,
    #[serde(rename = "containerMeta", default)]
    container: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    data: Option<String>,
    header: Option<String>,
    footer: Option<String>,
    buttons: Vec<Button>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Button {
    text: String,
    url: String,
}

/// All templates of an app.
pub(in crate::providers) async fn templates(
    transport: &Transport,
    base: &Url,
    app: &Settings,
) -> Result<Vec<Template>, ListError> {
    let key = secret_header("", &app.api_key).map_err(|_| BadSettings::Field {
        field: "gupshup.api_key",
        expected: "printable ASCII",
    })?;
    let url = below(base, &["wa", "app", &app.app_id, "template"]);
    let request = transport
        .request(Method::GET, url, app.timeout)
        .header(API_KEY, key);
    let answer = transport.exchange(request).await?;
    if !answer.status.is_success() {
        return Err(ListError::refused(&answer, None));
    }
    let listed: Listed = serde_json::from_slice(&answer.body).map_err(|_| ListError::Unreadable)?;
    if listed.status == "error" {
        return Err(ListError::refused(&answer, None));
    }
    let rows = listed.templates.into_iter().take(TEMPLATES_MAX);
    Ok(rows.map(template).collect())
}

fn template(row: Row) -> Template {
    let container: Container = serde_json::from_str(&row.container).unwrap_or_default();
    let header = match row.template_type.to_ascii_lowercase().as_str() {
        kind @ ("image" | "video" | "document" | "location") => Header::Media(kind.into()),
        _ => match container.header.filter(|text| !text.is_empty()) {
            Some(text) => Header::Text(text),
            None => Header::None,
        },
    };
    let buttons = container.buttons.into_iter().map(|button| TemplateButton {
        text: button.text,
        url: button.url,
    });
    Template {
        name: row.element_name.into(),
        language: row.language_code.into(),
        category: TemplateCategory::from_word(&row.category).unwrap_or(TemplateCategory::Marketing),
        approval: Approval::from_word(&row.status),
        provider_id: row.id.into(),
        second_id: None,
        header,
        body: container.data.unwrap_or(row.data),
        footer: container.footer.unwrap_or_default(),
        buttons: buttons.collect(),
        rests: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_container_tells_the_parts_and_the_text_is_the_fall_back() {
        let row = |container: &str| {
            let row = serde_json::json!({
                "id": "c6ae", "elementName": "order", "languageCode": "es", "category": "UTILITY",
                "status": "APPROVED", "templateType": "TEXT", "data": "Hola {{1}} | [Ver]",
                "containerMeta": container, "createdOn": 1,
            });
            template(serde_json::from_value(row).expect("a row"))
        };
        let whole = row(
            r#"{"data":"Hola {{1}}","header":"Pedido","footer":"Soporte","appId":"x",
                "buttons":[{"type":"URL","text":"Ver","url":"https://example.com/{{1}}"}]}"#,
        );
        assert_eq!(whole.body, "Hola {{1}}");
        assert_eq!(whole.header, Header::Text("Pedido".to_owned()));
        assert_eq!(whole.buttons.len(), 1);
        assert_eq!(row("").body, "Hola {{1}} | [Ver]");
    }
}
