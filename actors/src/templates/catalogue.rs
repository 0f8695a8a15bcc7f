//! What the provider has: templates by name and language, with their approval.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use super::fill::Unfit;
use crate::model::{TemplateCategory, TemplatePlace};

/// Whether a template may be sent (WhatsApp Cloud API, template status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Approval {
    /// It may.
    Approved,
    /// WhatsApp has not decided yet, or an appeal is under way.
    Pending,
    /// WhatsApp refused it.
    Rejected,
    /// It rests for its quality and comes back by itself.
    Paused,
    /// It is switched off for its quality.
    Disabled,
    /// It is gone, or about to be.
    Deleted,
}

impl Approval {
    /// The word for it in files, tables and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// What a word of ours or of a provider stands for, in any case. Words that nobody knows mean
    /// that it may not be sent.
    pub fn from_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            // Flagged ones are sent until they are paused.
            "approved" | "reinstated" | "flagged" | "unpaused" | "unarchived" => Self::Approved,
            "rejected" | "failed" => Self::Rejected,
            "paused" | "limit_exceeded" => Self::Paused,
            "disabled" | "locked" => Self::Disabled,
            "deleted" | "pending_deletion" | "archived" => Self::Deleted,
            _ => Self::Pending,
        }
    }
}

/// What stands above the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Nothing.
    #[default]
    None,
    /// A text with one variable at most.
    Text(String),
    /// A medium: `image`, `video`, `document`, …
    Media(SmolStr),
}

/// A button of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateButton {
    /// The label.
    pub text: String,
    /// The address behind it, with a variable at its end; empty for other buttons.
    pub url: String,
}

/// One translation of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// WhatsApp's name of it.
    pub name: SmolStr,
    /// The exact code of the translation.
    pub language: SmolStr,
    /// What it is for.
    pub category: TemplateCategory,
    /// Whether it may be sent.
    pub approval: Approval,
    /// The provider's own id of it.
    pub provider_id: SmolStr,
    /// The id of the same template, approved, at the provider of the channel's second line.
    pub second_id: Option<SmolStr>,
    /// What stands above the body.
    pub header: Header,
    /// The body with its variables, `{{1}}` or `{{name}}`.
    pub body: String,
    /// The small line below.
    pub footer: String,
    /// The buttons.
    pub buttons: Vec<TemplateButton>,
    /// Whether it was paused here, by an operator and not by WhatsApp: it is not sent until it is
    /// resumed.
    pub rests: bool,
}

/// A place for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Where.
    pub place: TemplatePlace,
    /// The variable there.
    pub variable: SmolStr,
}

/// The templates of one channel and what the channel uses them for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// All of them.
    pub templates: Vec<Template>,
    /// Names by purpose; a purpose that is not here is served by the template of its own name.
    pub purposes: BTreeMap<SmolStr, SmolStr>,
}

impl Catalogue {
    /// The template that serves a purpose in the first of these languages that has an approved
    /// translation.
    ///
    /// # Errors
    /// When there is none that may be sent.
    pub fn serving(&self, purpose: &str, languages: &[&str]) -> Result<&Template, Unfit> {
        let name = self.purposes.get(purpose).map_or(purpose, SmolStr::as_str);
        let found = self.pick(name, languages);
        found.map_err(|unfit| match unfit {
            Unfit::Unknown { .. } if name == purpose => Unfit::NoPurpose {
                purpose: purpose.into(),
            },
            unfit => unfit,
        })
    }

    /// The template of this name in the first of these languages that has an approved translation
    /// which does not rest. A language stands for its variants too: `es` for `es_PE`, `pt-BR` for `pt_BR`.
    ///
    /// # Errors
    /// When there is none that may be sent.
    pub fn pick(&self, name: &str, languages: &[&str]) -> Result<&Template, Unfit> {
        let named = || self.templates.iter().filter(|row| row.name == name);
        if named().next().is_none() {
            return Err(Unfit::Unknown { name: name.into() });
        }
        let fitting = |approved: bool| {
            languages.iter().find_map(|language| {
                let of_language = named()
                    .filter(|row| !approved || row.may_be_sent())
                    .filter_map(|row| Some((closeness(&row.language, language)?, row)));
                of_language.max_by_key(|(closeness, _)| *closeness)
            })
        };
        if let Some((_, row)) = fitting(true) {
            return Ok(row);
        }
        Err(match fitting(false) {
            Some((_, row)) if row.approval == Approval::Approved => Unfit::Rests {
                name: row.name.clone(),
                language: row.language.clone(),
            },
            Some((_, row)) => Unfit::NotApproved {
                name: row.name.clone(),
                language: row.language.clone(),
                approval: row.approval,
            },
            None => Unfit::NoTranslation {
                name: name.into(),
                languages: languages.join(", ").into(),
            },
        })
    }
}

/// How well a translation's code fits a language: 2 exactly, 1 as another variant; `None` not at all.
fn closeness(code: &str, language: &str) -> Option<u8> {
    let parts = |tag: &str| -> (String, String) {
        let tag = tag.to_ascii_lowercase().replace('-', "_");
        let (language, country) = tag.split_once('_').unwrap_or((&tag, ""));
        (language.to_owned(), country.to_owned())
    };
    let (code, wanted) = (parts(code), parts(language));
    match code == wanted {
        true => Some(2),
        false => (code.0 == wanted.0).then_some(1),
    }
}

impl Template {
    /// Whether neither WhatsApp nor an operator keeps it from being sent.
    fn may_be_sent(&self) -> bool {
        self.approval == Approval::Approved && !self.rests
    }

    /// Its places for values, in the order in which values are given: the header's, the body's by
    /// number or by first appearance, the buttons'.
    pub fn slots(&self) -> Vec<Slot> {
        let slot = |place| move |variable| Slot { place, variable };
        let mut slots = Vec::new();
        if let Header::Text(text) = &self.header {
            slots.extend(variables(text).into_iter().map(slot(TemplatePlace::Header)));
        }
        let body = variables(&self.body);
        slots.extend(body.into_iter().map(slot(TemplatePlace::Body)));
        for (index, button) in (0u8..).zip(&self.buttons) {
            let found = variables(&button.url);
            slots.extend(found.into_iter().map(slot(TemplatePlace::Button(index))));
        }
        slots
    }
}

impl Slot {
    /// The variable as people name it.
    pub fn name(&self) -> SmolStr {
        match self.place {
            TemplatePlace::Header => format_smolstr!("header {{{{{}}}}}", self.variable),
            TemplatePlace::Body => format_smolstr!("{{{{{}}}}}", self.variable),
            TemplatePlace::Button(index) => {
                format_smolstr!("button {} {{{{{}}}}}", index + 1, self.variable)
            }
        }
    }
}

/// The distinct variables of a text: numbered ones by number, named ones by first appearance.
fn variables(text: &str) -> Vec<SmolStr> {
    let mut found: Vec<SmolStr> = Vec::new();
    for part in text.split("{{").skip(1) {
        if let Some((name, _)) = part.split_once("}}") {
            let name = SmolStr::new(name.trim());
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    let number = |name: &SmolStr| name.parse::<u16>().ok();
    if found.iter().all(|name| number(name).is_some()) {
        found.sort_by_key(number);
    }
    found
}
