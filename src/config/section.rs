//! How a concern is declared: the `section!` macro.
//!
//! ```text
//! section! {
//!     /// What the concern is.
//!     pub struct Door {
//!         /// What the setting means to an operator.
//!         #[within(1..=100)]
//!         pub guests_max: u64 = 20,           // a setting with bounds and a default
//!         /// Its host.
//!         pub host: String,                   // a setting that must be given
//!         /// Its lock.
//!         pub lock: Lock = Lock::default(),   // a table of its own
//!         /// Its keys.
//!         pub keys: Vec<Key> = Vec::new(),    // an array of tables
//!     }
//! }
//! ```
//!
//! From one declaration come the struct, its defaults, the reader that collects
//! problems, and the lines of the example. Nothing can be documented differently from
//! what is read.

use toml::Table;

use super::problems::Problems;
use super::render::Page;

/// A table of settings.
pub trait Section: Sized {
    /// Reads the table found under `path`, adding all that is wrong to `problems`. A
    /// setting that cannot be read stands at its default, so that what depends on it can
    /// still be checked; `None` when it has none.
    fn read(table: Table, path: &str, problems: &mut Problems) -> Option<Self>;

    /// Writes the settings in the order of their declaration.
    fn write(&self, path: &str, page: &mut Page);

    /// The settings as JSON for whoever may read them; of secrets only whether they are set.
    fn show(&self) -> serde_json::Value;

    /// The JSON schema of the settings, with their comments.
    fn schema() -> serde_json::Value;
}

/// What is known of a setting when its schema is written.
pub(crate) struct Described<'a> {
    pub schema: serde_json::Value,
    pub docs: &'a [&'a str],
    pub bounds: Option<(serde_json::Value, serde_json::Value)>,
    pub default: Option<serde_json::Value>,
}

impl Described<'_> {
    /// The schema with comment, bounds and default.
    pub(crate) fn property(self) -> serde_json::Value {
        let mut schema = self.schema;
        let docs: Vec<&str> = self.docs.iter().map(|line| line.trim()).collect();
        let own = schema["description"].as_str().map(str::to_owned);
        let words = own
            .into_iter()
            .fold(docs.join(" "), |docs, own| format!("{docs} {own}"));
        schema["description"] = words.into();
        if let Some((least, most)) = self.bounds {
            schema["minimum"] = least;
            schema["maximum"] = most;
        }
        if let Some(default) = self.default {
            schema["default"] = default;
        }
        schema
    }
}

/// The dotted key of `key` inside the table at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Every key that is left in a table was asked for by nobody.
pub(crate) fn refuse_rest(table: &Table, path: &str, known: &[&str], problems: &mut Problems) {
    for key in table.keys() {
        problems.add(
            join(path, key),
            format!("unknown key; the keys here are {}", known.join(", ")),
        );
    }
}

macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $(#[within($range:expr)])?
                pub $field:ident : $ty:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $ty, )*
        }

        impl $crate::config::Section for $name {
            fn read(
                mut table: toml::Table,
                path: &str,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                $(
                    let default: Option<$ty> = section!(@option $($default)?);
                    let $field = $crate::config::setting::take(
                        &mut table, stringify!($field), path, default.is_some(), problems,
                    );
                    $( let $field = $crate::config::setting::within(
                        $field, &$range, stringify!($field), path, problems,
                    ); )?
                    let $field = $field.or(default);
                )*
                $crate::config::section::refuse_rest(
                    &table, path, &[$(stringify!($field)),*], problems,
                );
                Some(Self { $( $field: $field?, )* })
            }

            fn write(&self, path: &str, page: &mut $crate::config::render::Page) {
                $(
                    let about = $crate::config::render::About {
                        key: stringify!($field),
                        path,
                        docs: &[$($doc),+],
                        bounds: section!(@option $($crate::config::setting::bounds(&$range))?),
                    };
                    $crate::config::setting::Setting::write(&self.$field, about, page);
                )*
            }

            fn show(&self) -> serde_json::Value {
                let mut shown = serde_json::Map::new();
                $(
                    let value = $crate::config::setting::Setting::show(&self.$field);
                    shown.insert(stringify!($field).to_owned(), value);
                )*
                shown.into()
            }

            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                let mut required = Vec::<&str>::new();
                $(
                    let bounds: Option<(serde_json::Value, serde_json::Value)> =
                        section!(@option $(((*$range.start()).into(), (*$range.end()).into()))?);
                    let default: Option<$ty> = section!(@option $($default)?);
                    let described = $crate::config::section::Described {
                        schema: <$ty as $crate::config::setting::Setting>::schema(),
                        docs: &[$($doc),+],
                        bounds,
                        default: default.as_ref().map($crate::config::setting::Setting::show),
                    };
                    let absent = <$ty as $crate::config::setting::Setting>::absent();
                    if default.is_none() && absent.is_none() {
                        required.push(stringify!($field));
                    }
                    properties.insert(stringify!($field).to_owned(), described.property());
                )*
                let about = [$($about),+].map(str::trim).join(" ");
                serde_json::json!({
                    "type": "object",
                    "description": about,
                    "properties": properties,
                    "required": required,
                    "additionalProperties": false,
                })
            }
        }

        impl $crate::config::setting::Setting for $name {
            fn parse(
                value: toml::Value,
                place: &str,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                let table = $crate::config::setting::table(value, place, problems)?;
                <Self as $crate::config::Section>::read(table, place, problems)
            }

            fn write(&self, about: $crate::config::render::About, page: &mut $crate::config::render::Page) {
                page.table(self, &about);
            }

            fn show(&self) -> serde_json::Value {
                $crate::config::Section::show(self)
            }

            fn schema() -> serde_json::Value {
                <Self as $crate::config::Section>::schema()
            }
        }

        section!(@default $name { $($field = ($($default)?)),* });
    };

    (@option) => { None };
    (@option $value:expr) => { Some($value) };

    // Only a struct whose every setting has a default gets `Default`.
    (@default $name:ident { $($field:ident = ($default:expr)),* }) => {
        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }
    };
    (@default $name:ident { $($field:ident = ($($default:expr)?)),* }) => {};
}

pub(crate) use section;
