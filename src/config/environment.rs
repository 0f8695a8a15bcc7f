//! The one place that reads the process's environment.
//!
//! A variable replaces the setting of the same meaning, whatever the file says. Only what
//! differs between two starts of the same file can be set this way. Beside the server's
//! own variables only the usual folders of the user are read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::{Table, Value};

use super::problems::Problems;
use super::section::join;

/// A variable and the setting it replaces.
pub struct Variable {
    /// The variable.
    pub name: &'static str,
    /// The dotted key of the setting.
    pub key: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// All variables the server reads.
pub const TABLE: &[Variable] = &[
    Variable {
        name: "CHASQUI_LISTEN",
        key: "server.listen",
        about: "address and port to listen on",
    },
    Variable {
        name: "CHASQUI_DATA",
        key: "data.directory",
        about: "the data directory",
    },
    Variable {
        name: "CHASQUI_POSTGRES_URL",
        key: "postgres.url",
        about: "a running database",
    },
    Variable {
        name: "CHASQUI_POSTGRES_BINARIES",
        key: "postgres.binaries",
        about: "folder of initdb and postgres",
    },
    Variable {
        name: "CHASQUI_KEY_RING",
        key: "keys.ring",
        about: "the key ring file",
    },
    Variable {
        name: "CHASQUI_LOG_LEVEL",
        key: "log.level",
        about: "error, warn, info, debug, trace",
    },
    Variable {
        name: "CHASQUI_LOG_FORMAT",
        key: "log.format",
        about: "json or text",
    },
];

/// The variables of [`TABLE`] that are set.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. An empty one counts as not set.
    pub fn of_process() -> Self {
        let set = |variable: &Variable| {
            let text = std::env::var(variable.name)
                .ok()
                .filter(|text| !text.is_empty())?;
            Some((variable.name.to_owned(), text))
        };
        Self(TABLE.iter().filter_map(set).collect())
    }

    /// Variables given by hand, for tests and for the command line.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        )
    }

    pub(super) fn lay_over(&self, table: &mut Table, problems: &mut Problems) {
        for (name, text) in &self.0 {
            let Some(variable) = TABLE.iter().find(|variable| variable.name == name) else {
                problems.add(name, "no such variable is read");
                continue;
            };
            put(table, variable.key, text, problems);
        }
    }
}

/// The user's folder for sockets and the like, gone after a restart of the machine.
pub fn runtime_directory() -> Option<PathBuf> {
    folder("XDG_RUNTIME_DIR")
}

/// The user's folder for the data of programs.
pub fn user_data_directory() -> Option<PathBuf> {
    folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))
}

fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

fn put(table: &mut Table, key: &str, text: &str, problems: &mut Problems) {
    let (section, setting) = key
        .split_once('.')
        .expect("keys of the table name section and setting");
    let entry = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    match entry {
        Value::Table(inner) => {
            inner.insert(setting.to_owned(), Value::String(text.to_owned()));
        }
        other => problems.add(
            join("", section),
            format!("must be a table, not {}", other.type_str()),
        ),
    }
}
