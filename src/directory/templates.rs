//! Templates in the directory file: flat rows there, a catalogue of each channel in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::model::{Name, TemplateCategory};
use actors::templates::{Approval, Catalogue, Header, Template, TemplateButton};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::config::Channel;
use crate::config::section::section;

section! {
    /// One translation of a template, as the provider of its channel holds it.
    pub struct TemplateRow {
        /// The channel.
        pub channel: Name,
        /// WhatsApp's name of it.
        pub name: String,
        /// The exact code of the translation.
        pub language: String,
        /// marketing, utility or authentication.
        pub category: String,
        /// approved, pending, rejected, paused, disabled or deleted.
        pub approval: String,
        /// The provider's own id of it.
        pub provider_id: String = String::new(),
        /// The id of the same template, approved, at the provider of the channel's second line;
        /// empty where that sends it by name.
        pub second_id: Option<String> = None,
        /// The text of its header.
        pub header: String = String::new(),
        /// The kind of medium that is its header.
        pub header_media: String = String::new(),
        /// The body with its variables.
        pub body: String = String::new(),
        /// The small line below.
        pub footer: String = String::new(),
        /// The buttons, as a JSON array of {"text", "url"}.
        pub buttons: String = "[]".to_owned(),
        /// Whether an operator paused it here.
        pub rests: bool = false,
    }
}

/// A button as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    text: String,
    url: String,
}

impl TemplateRow {
    /// The row of a channel's template.
    pub fn new(channel: &Name, template: &Template) -> Self {
        let (header, header_media) = match &template.header {
            Header::None => (String::new(), String::new()),
            Header::Text(text) => (text.clone(), String::new()),
            Header::Media(kind) => (String::new(), kind.to_string()),
        };
        let buttons = template.buttons.iter().map(|button| Kept {
            text: button.text.clone(),
            url: button.url.clone(),
        });
        let buttons: Vec<Kept> = buttons.collect();
        Self {
            channel: channel.clone(),
            name: template.name.to_string(),
            language: template.language.to_string(),
            category: template.category.as_str().to_owned(),
            approval: template.approval.as_str().to_owned(),
            provider_id: template.provider_id.to_string(),
            second_id: template.second_id.as_ref().map(ToString::to_string),
            header,
            header_media,
            body: template.body.clone(),
            footer: template.footer.clone(),
            buttons: serde_json::to_string(&buttons).expect("texts have a form in JSON"),
            rests: template.rests,
        }
    }

    /// The template of this row. A category nobody knows is the one with the strictest rules.
    pub fn template(&self) -> Template {
        let header = match (self.header.as_str(), self.header_media.as_str()) {
            ("", "") => Header::None,
            (text, "") => Header::Text(text.to_owned()),
            (_, kind) => Header::Media(kind.into()),
        };
        let buttons: Vec<Kept> = serde_json::from_str(&self.buttons).unwrap_or_default();
        let buttons = buttons.into_iter().map(|button| TemplateButton {
            text: button.text,
            url: button.url,
        });
        Template {
            name: self.name.as_str().into(),
            language: self.language.as_str().into(),
            category: TemplateCategory::from_word(&self.category)
                .unwrap_or(TemplateCategory::Marketing),
            approval: Approval::from_word(&self.approval),
            provider_id: self.provider_id.as_str().into(),
            second_id: self.second_id.as_deref().map(SmolStr::new),
            header,
            body: self.body.clone(),
            footer: self.footer.clone(),
            buttons: buttons.collect(),
            rests: self.rests,
        }
    }
}

/// The catalogue of each channel.
pub(super) fn catalogues(
    channels: &[Channel],
    rows: &[TemplateRow],
) -> BTreeMap<Name, Arc<Catalogue>> {
    let mut catalogues: BTreeMap<Name, Catalogue> = BTreeMap::new();
    for channel in channels {
        let purposes = channel.template_purposes.iter().map(|row| {
            let purpose = SmolStr::new(&row.purpose);
            (purpose, SmolStr::new(&row.template))
        });
        let catalogue = catalogues.entry(channel.id.clone()).or_default();
        catalogue.purposes.extend(purposes);
    }
    for row in rows {
        if let Some(catalogue) = catalogues.get_mut(&row.channel) {
            catalogue.templates.push(row.template());
        }
    }
    let shared = |(id, catalogue)| (id, Arc::new(catalogue));
    catalogues.into_iter().map(shared).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_survives_its_row() {
        let template = Template {
            name: "t".into(),
            language: "pt_BR".into(),
            category: TemplateCategory::Utility,
            approval: Approval::Paused,
            provider_id: "7".into(),
            second_id: Some("8".into()),
            header: Header::Text("Ticket {{1}}".to_owned()),
            body: "Olá {{1}},\n\"aspas\" e {{2}}".to_owned(),
            footer: "Rodapé".to_owned(),
            buttons: vec![TemplateButton {
                text: "Ver".to_owned(),
                url: "https://example.com/{{1}}".to_owned(),
            }],
            rests: true,
        };
        let channel = Name::new("demo-meta").expect("a name");
        assert_eq!(TemplateRow::new(&channel, &template).template(), template);
        let with_image = Template {
            header: Header::Media("image".into()),
            ..template
        };
        let row = TemplateRow::new(&channel, &with_image);
        assert_eq!(row.template(), with_image);
    }
}
