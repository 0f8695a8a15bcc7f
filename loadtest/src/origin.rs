//! What this program was built from, and how. The server beside it is taken for one of
//! the same build.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// How a program was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Build {
    /// By cargo alone.
    #[default]
    Plain,
    /// By `make release`, laid out by a profile of what messages run.
    Profiled,
}

impl Build {
    /// This program's.
    pub const OWN: Self = match option_env!("CHASQUI_PROFILED") {
        Some(_) => Self::Profiled,
        None => Self::Plain,
    };

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Profiled => "profiled",
        }
    }
}

/// The revision of the sources, while the program lies in their tree.
pub fn commit() -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(env!("CARGO_MANIFEST_DIR"))
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !commit.is_empty()).then_some(commit)
}
