//! The types a setting can have, how each is read from TOML and written back.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use actors::model::Name;
use serde_json::json;
use toml::{Table, Value};

use super::problems::Problems;
use super::render::{About, Page};
use super::secret::Secret;
use super::section::{Section, join};

/// A type that a setting can have.
pub(crate) trait Setting: Sized {
    /// Reads one value found at `place`, adding what is wrong to `problems`.
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self>;

    /// Writes the value with its key.
    fn write(&self, about: About, page: &mut Page);

    /// The value as JSON for whoever may read settings; of a secret only whether it is set.
    fn show(&self) -> serde_json::Value;

    /// Its JSON schema (2020-12, as OpenAPI 3.1 takes it).
    fn schema() -> serde_json::Value;

    /// What stands for this type when the key is absent and has no default.
    fn absent() -> Option<Self> {
        None
    }
}

/// Takes `key` out of `table`. Absence is a problem unless there is a default.
pub(crate) fn take<T: Setting>(
    table: &mut Table,
    key: &str,
    path: &str,
    has_default: bool,
    problems: &mut Problems,
) -> Option<T> {
    let place = join(path, key);
    let found = match table.remove(key) {
        Some(value) => return T::parse(value, &place, problems),
        None => T::absent(),
    };
    if found.is_none() && !has_default {
        problems.add(place, "must be given");
    }
    found
}

/// Passes a value that lies within `range`.
pub(crate) fn within<T: PartialOrd + Display>(
    value: Option<T>,
    range: &RangeInclusive<T>,
    key: &str,
    path: &str,
    problems: &mut Problems,
) -> Option<T> {
    let value = value?;
    if range.contains(&value) {
        return Some(value);
    }
    problems.add(
        join(path, key),
        format!("{value} is out of bounds; allowed is {}", bounds(range)),
    );
    None
}

/// A range in words.
pub(crate) fn bounds<T: Display>(range: &RangeInclusive<T>) -> String {
    format!("{} to {}", range.start(), range.end())
}

/// The table in `value`, or a problem.
pub(crate) fn table(value: Value, place: &str, problems: &mut Problems) -> Option<Table> {
    match value {
        Value::Table(table) => Some(table),
        other => wrong(place, "a table", &other, problems),
    }
}

fn wrong<T>(place: &str, wanted: &str, found: &Value, problems: &mut Problems) -> Option<T> {
    problems.add(place, format!("must be {wanted}, not {}", found.type_str()));
    None
}

fn text(value: Value, wanted: &str, place: &str, problems: &mut Problems) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::String(_) => {
            problems.add(place, format!("must be {wanted}, not empty"));
            None
        }
        other => wrong(place, wanted, &other, problems),
    }
}

macro_rules! number {
    ($($ty:ty),*) => {$(
        impl Setting for $ty {
            fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
                let Value::Integer(number) = value else {
                    return wrong(place, "a whole number", &value, problems);
                };
                Self::try_from(number).map_err(|_| {
                    problems.add(place, format!("{number} does not fit; allowed is {} to {}", Self::MIN, Self::MAX));
                }).ok()
            }

            fn write(&self, about: About, page: &mut Page) {
                page.setting(&about, &self.to_string());
            }

            fn show(&self) -> serde_json::Value {
                (*self).into()
            }

            fn schema() -> serde_json::Value {
                json!({"type": "integer", "minimum": 0})
            }
        }
    )*};
}
number!(u16, u32, u64);

impl Setting for bool {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        match value {
            Value::Boolean(truth) => Some(truth),
            other => wrong(place, "true or false", &other, problems),
        }
    }

    fn write(&self, about: About, page: &mut Page) {
        page.setting(&about, &self.to_string());
    }

    fn show(&self) -> serde_json::Value {
        (*self).into()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "boolean"})
    }
}

/// A text. The empty one stands for a text that is not given.
impl Setting for String {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        text(value, "a text", place, problems)
    }

    fn write(&self, about: About, page: &mut Page) {
        match self.is_empty() {
            true => page.absent(&about),
            false => page.setting(&about, &quoted(self)),
        }
    }

    fn show(&self) -> serde_json::Value {
        match self.is_empty() {
            true => serde_json::Value::Null,
            false => self.as_str().into(),
        }
    }

    fn schema() -> serde_json::Value {
        json!({"type": ["string", "null"]})
    }
}

impl Setting for Name {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        let text = text(value, "a name", place, problems)?;
        Self::new(&text)
            .map_err(|error| problems.add(place, error.to_string()))
            .ok()
    }

    fn write(&self, about: About, page: &mut Page) {
        page.setting(&about, &quoted(self.as_str()));
    }

    fn show(&self) -> serde_json::Value {
        self.as_str().into()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"})
    }
}

impl Setting for Secret {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        text(value, "a text", place, problems).map(Secret::new)
    }

    fn write(&self, about: About, page: &mut Page) {
        match self.is_empty() {
            true => page.absent(&about),
            false => page.setting(&about, &quoted(self.expose())),
        }
    }

    fn show(&self) -> serde_json::Value {
        json!({"set": !self.is_empty()})
    }

    fn schema() -> serde_json::Value {
        json!({
            "type": ["string", "object"],
            "description": "Written as a text and never shown: an answer tells whether it is set.",
        })
    }
}

impl Setting for PathBuf {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        text(value, "a path", place, problems).map(PathBuf::from)
    }

    fn write(&self, about: About, page: &mut Page) {
        page.setting(&about, &quoted(&self.to_string_lossy()));
    }

    fn show(&self) -> serde_json::Value {
        self.to_string_lossy().into()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string"})
    }
}

impl Setting for SocketAddr {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        let wanted = "an address and port such as 127.0.0.1:8080";
        let text = text(value, wanted, place, problems)?;
        text.parse()
            .map_err(|_| problems.add(place, format!("must be {wanted}")))
            .ok()
    }

    fn write(&self, about: About, page: &mut Page) {
        page.setting(&about, &quoted(&self.to_string()));
    }

    fn show(&self) -> serde_json::Value {
        self.to_string().into()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string"})
    }
}

impl Setting for Vec<String> {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        list(value, "an array of texts", place, problems)
    }

    fn write(&self, about: About, page: &mut Page) {
        let items: Vec<_> = self.iter().map(|item| quoted(item)).collect();
        page.setting(&about, &format!("[{}]", items.join(", ")));
    }

    fn show(&self) -> serde_json::Value {
        self.as_slice().into()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "array", "items": {"type": "string"}})
    }
}

impl<S: Section + Setting> Setting for Vec<S> {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        list(value, "an array of tables", place, problems)
    }

    fn write(&self, about: About, page: &mut Page) {
        page.tables(self, &about);
    }

    fn show(&self) -> serde_json::Value {
        self.iter().map(Setting::show).collect()
    }

    fn schema() -> serde_json::Value {
        json!({"type": "array", "items": <S as Setting>::schema()})
    }
}

/// A setting that may be left out.
impl<T: Setting> Setting for Option<T> {
    fn parse(value: Value, place: &str, problems: &mut Problems) -> Option<Self> {
        T::parse(value, place, problems).map(Some)
    }

    fn write(&self, about: About, page: &mut Page) {
        match self {
            Some(value) => value.write(about, page),
            None => page.absent(&about),
        }
    }

    fn show(&self) -> serde_json::Value {
        self.as_ref().map_or(serde_json::Value::Null, Setting::show)
    }

    fn schema() -> serde_json::Value {
        json!({"anyOf": [T::schema(), {"type": "null"}]})
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

fn list<T: Setting>(
    value: Value,
    wanted: &str,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<T>> {
    let Value::Array(items) = value else {
        return wrong(place, wanted, &value, problems);
    };
    let count = items.len();
    let mut found = Vec::with_capacity(count);
    for (index, item) in items.into_iter().enumerate() {
        found.extend(T::parse(item, &format!("{place}[{index}]"), problems));
    }
    (found.len() == count).then_some(found)
}

/// Gives an enum its words: the setting is one of them, in the file, in the database
/// and in the directory file alike.
macro_rules! choice {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every choice, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for this choice in files and tables.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The choice that a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::config::setting::Setting for $name {
            fn parse(value: toml::Value, place: &str, problems: &mut $crate::config::Problems) -> Option<Self> {
                let found = value.as_str().and_then(Self::from_word);
                if found.is_none() {
                    problems.add(place, format!("must be one of {}", [$($word),+].join(", ")));
                }
                found
            }

            fn write(&self, about: $crate::config::render::About, page: &mut $crate::config::render::Page) {
                page.choice(&about, self.as_str(), &[$($word),+]);
            }

            fn show(&self) -> serde_json::Value {
                self.as_str().into()
            }

            fn schema() -> serde_json::Value {
                serde_json::json!({"type": "string", "enum": [$($word),+]})
            }
        }
    };
}

pub(crate) use choice;

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
