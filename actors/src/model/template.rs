//! Template messages: texts that WhatsApp approved beforehand, the only ones that may open a
//! conversation, with their variables filled.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Recipient;

/// What a template is for, and so what it costs and whom it may be sent to (WhatsApp Cloud API,
/// categories).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCategory {
    /// Everything that promotes; only with explicit consent, always charged.
    Marketing,
    /// Tied to what the person asked for or bought; free inside the service window.
    Utility,
    /// One-time codes; always charged.
    Authentication,
}

/// Where a value stands in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TemplatePlace {
    /// In the text of the header, which has one variable at most.
    Header,
    /// In the body.
    Body,
    /// At the end of the address behind the button with this index, counted from 0.
    Button(u8),
}

/// One filled variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateValue {
    /// Where it stands.
    pub place: TemplatePlace,
    /// The variable as the template writes it: `1`, `2`, …, or a name.
    pub variable: SmolStr,
    /// What is put in its place.
    pub text: String,
}

/// What stands above the body of a template with a media header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateMedia {
    /// `image`, `video` or `document`.
    pub kind: SmolStr,
    /// Its public address.
    pub link: SmolStr,
}

/// A template to send, checked against the catalogue when it was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemplateMessage {
    /// Whom to.
    pub to: Recipient,
    /// WhatsApp's name of it.
    pub name: SmolStr,
    /// The exact code of the approved translation, for example `pt_BR`.
    pub language: SmolStr,
    /// The provider's own id of it, where it is sent by that id; empty otherwise.
    pub provider_id: SmolStr,
    /// The second line's own id of it, where the channel has one and its provider approved the same
    /// template; empty when that sends it by name.
    pub second_id: Option<SmolStr>,
    /// What it is for.
    pub category: TemplateCategory,
    /// Its values: the header's first, then the body's in their order, then the buttons'.
    pub values: Vec<TemplateValue>,
    /// The header's medium, where it has one.
    pub media: Option<TemplateMedia>,
    /// What the person reads, for the timeline.
    pub text: String,
}

impl TemplateCategory {
    /// The word for it in files, tables and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
        }
    }

    /// The category a provider's word stands for, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Marketing, Self::Utility, Self::Authentication]
            .into_iter()
            .find(|category| category.as_str().eq_ignore_ascii_case(word))
    }
}
