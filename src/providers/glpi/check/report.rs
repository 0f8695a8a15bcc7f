//! What a check found, for people and for machines.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In order.
    Fine,
    /// It works, with less than is possible.
    Warning,
    /// Tickets cannot be opened until this is mended.
    Broken,
}

/// A step of the set-up; the guide has a heading for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The REST API, its client and the tokens.
    LogIn,
    /// The release.
    Version,
    /// The integration user's profile and its rights.
    Rights,
    /// The entities it works in.
    Entities,
    /// The users it finds people among.
    Users,
    /// What files GLPI takes.
    Documents,
    /// GLPI's clock.
    Clock,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The step it belongs to.
    pub step: Step,
    /// How bad it is.
    pub level: Level,
    /// What is so and, unless it is fine, what to do in GLPI.
    pub text: String,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// GLPI's release, when it told.
    pub version: Option<String>,
    /// The integration user's profile.
    pub profile: Option<String>,
    /// Ids and names of the entities in which tickets can be opened.
    pub entities: Vec<(u32, String)>,
    /// The findings in the order of the set-up.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst level found.
    pub fn level(&self) -> Level {
        let levels = self.findings.iter().map(|finding| finding.level);
        levels.max().unwrap_or(Level::Fine)
    }

    pub(super) fn add(&mut self, step: Step, level: Level, text: impl Into<String>) {
        let text = text.into();
        self.findings.push(Finding { step, level, text });
    }
}
