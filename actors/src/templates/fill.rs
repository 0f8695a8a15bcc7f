//! Values put in, and what is wrong with them (WhatsApp Cloud API, length and count limits; errors
//! 132000, 132005, 132012).

use smol_str::SmolStr;

use super::catalogue::{Approval, Header, Slot, Template};
use crate::model::{Recipient, TemplateMedia, TemplateMessage, TemplatePlace, TemplateValue};

/// Characters of a filled body, at most.
pub const BODY_CHARS_MAX: usize = 1_024;
/// Characters of a filled header, at most.
const HEADER_CHARS_MAX: usize = 60;
/// As many spaces in a row are refused.
const SPACES: &str = "    ";

/// Why a template is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The channel has none for it.
    #[error(
        "no template of this channel serves the purpose {purpose}: name one that does, or create \
         one of that name at the provider and synchronise"
    )]
    NoPurpose {
        /// The purpose.
        purpose: SmolStr,
    },
    /// There is none of this name.
    #[error("this channel has no template {name}: create it at the provider and synchronise")]
    Unknown {
        /// The name.
        name: SmolStr,
    },
    /// It is not translated.
    #[error("template {name} has no translation for {languages}")]
    NoTranslation {
        /// The name.
        name: SmolStr,
        /// What was looked for.
        languages: SmolStr,
    },
    /// WhatsApp does not let it be sent now.
    #[error("template {name} ({language}) is {}, only approved ones can be sent", approval.as_str())]
    NotApproved {
        /// The name.
        name: SmolStr,
        /// The translation.
        language: SmolStr,
        /// How it stands.
        approval: Approval,
    },
    /// An operator paused it here.
    #[error("template {name} ({language}) is paused here: resume it, or send another")]
    Rests {
        /// The name.
        name: SmolStr,
        /// The translation.
        language: SmolStr,
    },
    /// Too few or too many values.
    #[error("template {name} takes {expected} values ({variables}), {given} were given")]
    Count {
        /// The name.
        name: SmolStr,
        /// How many it takes.
        expected: usize,
        /// Their names, in order.
        variables: SmolStr,
        /// How many came.
        given: usize,
    },
    /// A value says nothing.
    #[error("the value of {variable} is empty")]
    Empty {
        /// The variable.
        variable: SmolStr,
    },
    /// A value holds what WhatsApp refuses.
    #[error("the value of {variable} holds {what}, which WhatsApp refuses")]
    Illegal {
        /// The variable.
        variable: SmolStr,
        /// A line break, a tab or four spaces in a row.
        what: &'static str,
    },
    /// A part is too long when filled.
    #[error("the {part} has {chars} characters when filled, at most {max} are allowed")]
    TooLong {
        /// Header or body.
        part: &'static str,
        /// Its length.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// The header is a medium, and none was given, or the other way round.
    #[error("the header of template {name} is {header}; give the link of one")]
    Media {
        /// The name.
        name: SmolStr,
        /// What it is.
        header: SmolStr,
    },
    /// A medium was given for a template without one.
    #[error("the header of template {name} takes no medium")]
    NoMedia {
        /// The name.
        name: SmolStr,
    },
}

impl Unfit {
    /// The stable code for the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoPurpose { .. } => "template_purpose_unknown",
            Self::Unknown { .. } => "template_unknown",
            Self::NoTranslation { .. } => "template_not_translated",
            Self::NotApproved { .. } => "template_not_approved",
            Self::Rests { .. } => "template_rests",
            Self::Count { .. } => "template_value_count",
            Self::Empty { .. } => "template_value_empty",
            Self::Illegal { .. } => "template_value_illegal",
            Self::TooLong { .. } => "template_too_long",
            Self::Media { .. } => "template_media_missing",
            Self::NoMedia { .. } => "template_media_unwanted",
        }
    }
}

/// A template with its values, not yet addressed to anybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled<'a> {
    template: &'a Template,
    values: Vec<TemplateValue>,
    media: Option<TemplateMedia>,
    text: String,
}

impl Template {
    /// Puts the values in.
    ///
    /// # Errors
    /// When WhatsApp would refuse it; the error names the variable.
    pub fn fill(&self, values: &[String], media: Option<&str>) -> Result<Filled<'_>, Unfit> {
        let slots = self.slots();
        if slots.len() != values.len() {
            let names: Vec<SmolStr> = slots.iter().map(Slot::name).collect();
            return Err(Unfit::Count {
                name: self.name.clone(),
                expected: slots.len(),
                variables: names.join(", ").into(),
                given: values.len(),
            });
        }
        for (slot, value) in slots.iter().zip(values) {
            legal(slot, value)?;
        }
        let values = slots.into_iter().zip(values).map(|(slot, text)| {
            let Slot { place, variable } = slot;
            let text = text.clone();
            TemplateValue {
                place,
                variable,
                text,
            }
        });
        let values: Vec<TemplateValue> = values.collect();
        let header = match &self.header {
            Header::Text(text) => filled(text, &values, TemplatePlace::Header),
            Header::None | Header::Media(_) => String::new(),
        };
        let body = filled(&self.body, &values, TemplatePlace::Body);
        short("header", &header, HEADER_CHARS_MAX)?;
        short("body", &body, BODY_CHARS_MAX)?;
        let media = self.medium(media)?;
        let parts = [header.as_str(), body.as_str(), self.footer.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let text = parts.join("\n\n");
        Ok(Filled {
            template: self,
            values,
            media,
            text,
        })
    }

    fn medium(&self, link: Option<&str>) -> Result<Option<TemplateMedia>, Unfit> {
        match (&self.header, link) {
            (Header::Media(kind), Some(link)) => Ok(Some(TemplateMedia {
                kind: kind.clone(),
                link: link.into(),
            })),
            (Header::Media(kind), None) => Err(Unfit::Media {
                name: self.name.clone(),
                header: kind.clone(),
            }),
            (_, Some(_)) => Err(Unfit::NoMedia {
                name: self.name.clone(),
            }),
            (_, None) => Ok(None),
        }
    }
}

impl Filled<'_> {
    /// What the person will read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message to somebody.
    pub fn to(self, to: Recipient) -> TemplateMessage {
        TemplateMessage {
            to,
            name: self.template.name.clone(),
            language: self.template.language.clone(),
            provider_id: self.template.provider_id.clone(),
            second_id: self.template.second_id.clone(),
            category: self.template.category,
            values: self.values,
            media: self.media,
            text: self.text,
        }
    }
}

fn legal(slot: &Slot, value: &str) -> Result<(), Unfit> {
    if value.trim().is_empty() {
        return Err(Unfit::Empty {
            variable: slot.name(),
        });
    }
    let what = if value.contains(['\n', '\r']) {
        "a line break"
    } else if value.contains('\t') {
        "a tab"
    } else if value.contains(SPACES) {
        "four spaces in a row"
    } else {
        return Ok(());
    };
    Err(Unfit::Illegal {
        variable: slot.name(),
        what,
    })
}

fn short(part: &'static str, text: &str, max: usize) -> Result<(), Unfit> {
    let chars = text.chars().count();
    match chars <= max {
        true => Ok(()),
        false => Err(Unfit::TooLong { part, chars, max }),
    }
}

/// A text with its variables replaced. Values are put in as they are and never read as templates.
fn filled(text: &str, values: &[TemplateValue], place: TemplatePlace) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut parts = text.split("{{");
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let Some((name, after)) = part.split_once("}}") else {
            filled.push_str("{{");
            filled.push_str(part);
            continue;
        };
        let here = |value: &&TemplateValue| value.place == place && value.variable == name.trim();
        filled.push_str(values.iter().find(here).map_or("", |value| &value.text));
        filled.push_str(after);
    }
    filled
}
