//! The notices of a tenant as a setting: an array of words.

use actors::model::{Notice, Notices};
use serde_json::json;
use toml::Value;

use super::problems::Problems;
use super::render::{About, Page};
use super::setting::Setting;

/// The notices that words stand for.
///
/// # Errors
/// The first word that stands for none.
pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Notices, &'a str> {
    let notice = |word: &'a str| {
        let found = Notice::ALL.into_iter().find(|kind| kind.name() == word);
        found.ok_or(word)
    };
    words.into_iter().map(notice).collect()
}

/// The words of notices, in the order in which a ticket meets them.
pub fn words(notices: Notices) -> Vec<&'static str> {
    let held = Notice::ALL.into_iter().filter(|kind| notices.holds(*kind));
    held.map(Notice::name).collect()
}

impl Setting for Notices {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        let items = value.as_array();
        let texts = items.and_then(|items| items.iter().map(Value::as_str).collect());
        let found = texts.and_then(|texts: Vec<&str>| from_words(texts).ok());
        if found.is_none() {
            let all = words(Self::ALL).join(", ");
            problems.add(place, format!("must be an array of some of {all}"));
        }
        found
    }

    fn write(&self, about: About, page: &mut Page) {
        let quoted: Vec<String> = words(*self).iter().map(|w| format!("{w:?}")).collect();
        page.setting(&about, &format!("[{}]", quoted.join(", ")));
    }

    fn show(&self) -> serde_json::Value {
        words(*self).into()
    }

    fn schema() -> serde_json::Value {
        let kinds = words(Self::ALL);
        json!({"type": "array", "uniqueItems": true, "items": {"enum": kinds}})
    }
}
