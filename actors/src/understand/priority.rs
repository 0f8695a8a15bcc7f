//! How urgent a ticket is, and why (R026).
//!
//! Rules are asked from the gravest to the lightest; the first that holds gives level and reason.
//! The reason is a key of the text catalogue, so that people are told why in their language.

use serde::{Deserialize, Serialize};

use super::object::{Kind, Object};
use super::symptom::{Severity, Symptom};
use super::{Cue, Cues};

/// The level people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// "Baja"
    Low,
    /// "Media"
    Medium,
    /// "Alta"
    High,
}

/// Why a ticket has its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Somebody else may have got in, or something was stolen.
    Security,
    /// It hits several people.
    ManyPeople,
    /// Customers wait or cannot be served.
    Customers,
    /// The person cannot work.
    WorkBlocked,
    /// The person says it is urgent.
    SaidUrgent,
    /// A date presses.
    Deadline,
    /// The thing a person works at is out of use.
    WorkEquipment,
    /// A service many depend on is down.
    SharedService,
    /// The person says it can wait.
    SaidPatient,
    /// Nothing is broken: something is wished for.
    Request,
    /// A trifle.
    Minor,
    /// It works, with trouble.
    Impaired,
    /// Something does not work, but nothing says it stops anybody.
    Unstated,
    /// An operator looked and set it.
    Reviewed,
    /// Somebody may get hurt, or a thing catch fire.
    Danger,
    /// It keeps somebody from working whom the whole company waits for.
    KeyPerson,
    /// There is another way to work until it is mended.
    Workaround,
    /// Much of what people made is gone.
    DataLost,
}

/// Level and reason of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TicketPriority {
    /// The level people are told.
    pub level: Level,
    /// Why.
    pub reason: Reason,
}

impl TicketPriority {
    /// GLPI's urgency: 1 very low, 2 low, 3 medium, 4 high, 5 very high.
    pub fn urgency(self) -> u8 {
        match (self.level, self.reason) {
            (Level::High, Reason::Security | Reason::Danger | Reason::ManyPeople) => 5,
            (Level::High, _) => 4,
            (Level::Medium, _) => 3,
            (Level::Low, Reason::SaidPatient | Reason::Minor) => 1,
            (Level::Low, _) => 2,
        }
    }
}

impl TicketPriority {
    /// The priority an operator gave after looking.
    pub const fn reviewed(level: Level) -> Self {
        let reason = Reason::Reviewed;
        Self { level, reason }
    }
}

impl Level {
    /// The level of a GLPI urgency, for one an operator has set.
    pub fn of_urgency(urgency: u8) -> Self {
        match urgency {
            0..=2 => Self::Low,
            3 => Self::Medium,
            _ => Self::High,
        }
    }
}

/// The priority of a problem: `cues` are those of all turns joined.
pub fn priority(object: Option<&Object>, symptom: Option<&Symptom>, cues: Cues) -> TicketPriority {
    let kind = object.map_or(Kind::Other, |object| object.kind);
    let severity = symptom.map_or(Severity::Unknown, |symptom| symptom.severity);
    let (level, reason) = by_impact(cues, severity)
        .or_else(|| by_words(cues))
        .unwrap_or_else(|| by_failure(kind, severity, cues));
    with_a_way_round(TicketPriority { level, reason }, cues)
}

/// What can be worked round is a level less grave, but for what nobody should wait for.
fn with_a_way_round(found: TicketPriority, cues: Cues) -> TicketPriority {
    let level = match (found.level, found.reason) {
        _ if !cues.has(Cue::Workaround) => return found,
        (_, Reason::Security | Reason::Danger | Reason::SaidUrgent | Reason::Deadline) => {
            return found;
        }
        (Level::High, _) => Level::Medium,
        (Level::Medium, _) if !cues.has(Cue::Works) => Level::Low,
        (Level::Medium | Level::Low, _) => return found,
    };
    let reason = Reason::Workaround;
    TicketPriority { level, reason }
}

/// Who and what is hit: holds against what the person says of urgency.
fn by_impact(cues: Cues, severity: Severity) -> Option<(Level, Reason)> {
    let wish = severity == Severity::Request;
    if severity == Severity::Security || (cues.has(Cue::Security) && !wish) {
        Some((Level::High, Reason::Security))
    } else if cues.has(Cue::Danger) {
        Some((Level::High, Reason::Danger))
    } else if (cues.has(Cue::Nobody) || cues.has(Cue::People) && !wish) && !cues.has(Cue::Patient) {
        Some((Level::High, Reason::ManyPeople))
    } else if cues.has(Cue::Customers) {
        Some((Level::High, Reason::Customers))
    } else if cues.has(Cue::Blocked) {
        Some((Level::High, Reason::WorkBlocked))
    } else if cues.has(Cue::DataLost) {
        Some((Level::High, Reason::DataLost))
    } else if cues.has(Cue::KeyPerson) && !wish && !cues.has(Cue::Patient) {
        Some((Level::High, Reason::KeyPerson))
    } else {
        None
    }
}

/// What the person says of urgency.
fn by_words(cues: Cues) -> Option<(Level, Reason)> {
    if cues.has(Cue::Patient) {
        Some((Level::Low, Reason::SaidPatient))
    } else if cues.has(Cue::Urgent) {
        Some((Level::High, Reason::SaidUrgent))
    } else if cues.has(Cue::Deadline) {
        Some((Level::High, Reason::Deadline))
    } else {
        None
    }
}

/// Whether a thing fails only now and then, or serves all the same.
fn is_in_part(cues: Cues) -> bool {
    cues.has(Cue::AtTimes) || cues.has(Cue::Works) || cues.has(Cue::OnCondition)
}

/// What has failed, and how badly.
fn by_failure(kind: Kind, severity: Severity, cues: Cues) -> (Level, Reason) {
    match (severity, kind) {
        (Severity::Request, Kind::File | Kind::Mail | Kind::Server)
            if cues.has(Cue::Loss) && !cues.has(Cue::HowTo) =>
        {
            (Level::Medium, Reason::Impaired)
        }
        (Severity::Unknown | Severity::Partial, _) | (Severity::Total, Kind::Access)
            if cues.has(Cue::Asked) || cues.has(Cue::Question) =>
        {
            (Level::Low, Reason::Request)
        }
        (Severity::Unknown | Severity::Partial, Kind::Computer)
            if cues.has(Cue::DeadMachine) && !is_in_part(cues) =>
        {
            (Level::High, Reason::WorkEquipment)
        }
        (Severity::Total, _) if is_in_part(cues) => (Level::Medium, Reason::Impaired),
        (Severity::Request, _) => (Level::Low, Reason::Request),
        (Severity::Total, Kind::Computer) => (Level::High, Reason::WorkEquipment),
        (Severity::Total, Kind::Network | Kind::Server | Kind::PointOfSale) => {
            (Level::High, Reason::SharedService)
        }
        (Severity::Partial, Kind::Server) => (Level::High, Reason::SharedService),
        (Severity::Partial, Kind::Consumable) if cues.has(Cue::Malfunction) => {
            (Level::Medium, Reason::Impaired)
        }
        (Severity::Minor, _) | (_, Kind::Consumable) => (Level::Low, Reason::Minor),
        _ if cues.has(Cue::Minor) => (Level::Low, Reason::Minor),
        (Severity::Partial, _) => (Level::Medium, Reason::Impaired),
        _ => (Level::Medium, Reason::Unstated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Locale;
    use crate::understand::Reading;

    /// Phrase, level (A, M or B as people are told: Alta, Media, Baja) and GLPI urgency.
    const TABLE: &str = include_str!("corpus/priorities.tsv");

    #[test]
    fn phrases_have_the_priority_a_service_desk_would_give() {
        let rows: Vec<Vec<&str>> = TABLE
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split('\t').collect())
            .collect();
        assert!(rows.len() >= 30, "R026 asks for 30 phrases");
        let mut wrong = Vec::new();
        for row in &rows {
            let reading = Reading::of(Locale::Es, row[0]).unwrap();
            let found = priority(
                reading.object.as_ref(),
                reading.symptom.as_ref(),
                reading.cues,
            );
            let shown = format!("{:?}\t{:?}\t{}", found.level, found.reason, found.urgency());
            if shown != row[1..].join("\t") {
                wrong.push(format!("{}: {shown}, not {:?}", row[0], &row[1..]));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_operator_s_urgency_has_a_level() {
        let levels: Vec<Level> = (1..=5).map(Level::of_urgency).collect();
        assert_eq!(
            levels,
            [
                Level::Low,
                Level::Low,
                Level::Medium,
                Level::High,
                Level::High
            ]
        );
    }
}
