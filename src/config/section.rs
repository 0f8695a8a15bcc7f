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
