//! What a scenario does to the server and its providers, told from the scenario alone. Which rows
//! of the table a run may answer follows from this and never from what the run measured.
//!
//! Away is a server that was killed and not started again, and a provider that refuses or does not
//! answer. A provider that answers late is there: how soon people are served is then still the
//! server's to answer for.

use serde::{Deserialize, Serialize};

use super::{Load, Mark, Scenario};

/// Faults in which the provider still does what it is asked, only later.
const LATE: [&str; 2] = ["delay", "slow_body"];

/// What a run does beside its load, and whether the load looks for the limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// When something is taken away.
    pub absences: Vec<Absence>,
    /// Whether the load grows until the server fails or keeps it at its limit all the time. How
    /// late a reply is then says where the load stopped, or how many messages it keeps waiting.
    pub seeks_limit: bool,
}

/// A time during which the server or a provider is away by plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Absence {
    /// Its beginning, seconds after the first arrival.
    pub from_s: f64,
    /// Its end; `None` when the plan sets none.
    pub until_s: Option<f64>,
}

/// Who is away.
#[derive(PartialEq)]
enum Who {
    Server,
    /// One provider, or every one.
    Provider(Option<String>),
}

impl Plan {
    /// The plan of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            absences: absences(&scenario.marks),
            seeks_limit: matches!(scenario.load, Load::Ceiling { .. } | Load::Ramp(_)),
        }
    }

    /// The plan of a shipped scenario.
    pub fn shipped(name: &str) -> Option<Self> {
        let (_, text) = super::SHIPPED.iter().find(|(known, _)| *known == name)?;
        Some(Self::of(&Scenario::read(name, text).ok()?))
    }

    /// Whether anything is taken away.
    pub fn takes_away(&self) -> bool {
        !self.absences.is_empty()
    }
}

fn absences(marks: &[Mark]) -> Vec<Absence> {
    let mut all: Vec<(Who, Absence)> = Vec::new();
    for mark in marks {
        for (_, absence) in all.iter_mut().filter(|(who, _)| comes_back(mark, who)) {
            let until_s = absence.until_s.map_or(mark.at_s, |set| set.min(mark.at_s));
            absence.until_s = Some(until_s);
        }
        all.extend(taken_away(mark));
    }
    all.into_iter().map(|(_, absence)| absence).collect()
}

/// Whether somebody who is away is back from this mark on.
fn comes_back(mark: &Mark, who: &Who) -> bool {
    let control = mark.control.as_ref();
    let cleared = control.and_then(|control| text(control, "clear_faults"));
    match who {
        Who::Server => mark.restart,
        Who::Provider(provider) => {
            cleared.is_some_and(|cleared| cleared == "all" || provider.as_deref() == Some(cleared))
        }
    }
}

/// Who is away from this mark on.
fn taken_away(mark: &Mark) -> Vec<(Who, Absence)> {
    let begins = |until_s| Absence {
        from_s: mark.at_s,
        until_s,
    };
    let mut all = Vec::new();
    if mark.kill {
        all.push((Who::Server, begins(None)));
    }
    let control = mark.control.as_ref();
    let faults = control.and_then(|control| control.get("faults")?.as_array());
    for fault in faults
        .into_iter()
        .flatten()
        .filter_map(|fault| fault.as_table())
    {
        if text(fault, "kind").is_some_and(|kind| LATE.contains(&kind)) {
            continue;
        }
        let for_ms = fault.get("for_ms").and_then(toml::Value::as_integer);
        let until_s = for_ms.map(|ms| mark.at_s + ms as f64 / 1e3);
        let provider = text(fault, "provider").map(str::to_owned);
        all.push((Who::Provider(provider), begins(until_s)));
    }
    all
}

fn text<'a>(table: &'a toml::Table, key: &str) -> Option<&'a str> {
    table.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(name: &str) -> Plan {
        Plan::shipped(name).unwrap()
    }

    #[test]
    fn a_killed_server_and_a_refusing_provider_are_away_and_a_late_one_is_there() {
        let away = |from_s, until_s| Absence {
            from_s,
            until_s: Some(until_s),
        };
        assert_eq!(
            shipped("crash").absences,
            [away(10.0, 10.2), away(25.0, 25.2)]
        );
        // Its second fault only makes the provider late.
        assert_eq!(shipped("outage").absences, [away(10.0, 20.0)]);
        for name in ["noisy", "burst", "steady-4000", "templates", "help-desk"] {
            assert!(!shipped(name).takes_away(), "{name}");
        }
    }

    #[test]
    fn what_is_away_comes_back_when_its_faults_are_cleared_or_never() {
        let marks = r#"
            [[mark]]
            at_s = 1
            name = "down"
            [[mark.control.faults]]
            provider = "meta"
            kind = "drop"
            [[mark.control.faults]]
            kind = "error"
            for_ms = 90000
            [[mark]]
            at_s = 5
            name = "up"
            [mark.control]
            clear_faults = "meta"
            [[mark]]
            at_s = 6
            name = "kill"
            kill = true
        "#;
        #[derive(Deserialize)]
        struct Marks {
            mark: Vec<Mark>,
        }
        let Marks { mark } = toml::from_str(marks).unwrap();
        let until: Vec<_> = absences(&mark).iter().map(|one| one.until_s).collect();
        assert_eq!(until, [Some(5.0), Some(91.0), None]);
    }

    #[test]
    fn only_a_ramp_and_a_ceiling_look_for_the_limit() {
        for (name, _) in super::super::SHIPPED {
            let is_limit = ["ceiling", "ramp", "ramp-steep"].contains(name);
            assert_eq!(shipped(name).seeks_limit, is_limit, "{name}");
        }
        assert_eq!(Plan::shipped("no-such-scenario"), None);
    }
}
