//! The check of a connection: every step of the set-up in GLPI, each with a finding in plain words.
//!
//! Nothing is written to GLPI. Rights to read are tried; rights to write are read from the active
//! profile, whose numbers are sums of bits, because trying them would leave something behind.

mod report;

use actors::model::{Millis, Release};
use serde_json::Value;

use super::client::{Client, Question};
use super::fault::Fault;
use super::own::option as ticket_option;
use super::session::CREATE;
use super::wire::{self, Criterion, FullSession, MyEntities, Named, Profile, Search};

pub use report::{Finding, Level, Report, Step};

/// Right on tickets: those of others are seen.
const READ_ALL: u32 = 1024;
/// Right on tickets and on users: any of them is changed.
const UPDATE: u32 = 2;
/// Right on followups: they are added to any ticket.
const ADD_TO_ALL: u32 = 4096;
/// Right on followups: they are added to tickets one takes part in.
const ADD_TO_MINE: u32 = 4;

/// File extensions of what people send on WhatsApp that GLPI does not take as it is shipped.
const WHATSAPP_EXTENSIONS: [&str; 7] = ["webp", "mp4", "3gp", "aac", "amr", "m4a", "opus"];

/// Clocks may differ by this before dates look wrong to people, in milliseconds.
const CLOCK_MS_MAX: i64 = 120_000;

impl Client {
    /// Checks the connection in a fresh session, so that rights given a moment ago count. `wanted`
    /// are entities that must be visible besides the fall-back entity.
    pub async fn check(&self, wanted: &[u32]) -> Report {
        self.check_with(wanted, false).await
    }

    /// The same; `joins` when the tenant lets people join their number to their user in the chat
    /// (`link_domains`), which takes a right of its own.
    pub async fn check_with(&self, wanted: &[u32], joins: bool) -> Report {
        let mut report = Report::default();
        self.close().await;
        let full = match self.full_session().await {
            Ok(full) => full,
            Err(fault) => {
                report.add(Step::LogIn, Level::Broken, told(&fault));
                return report;
            }
        };
        report.add(
            Step::LogIn,
            Level::Fine,
            "the REST API answers and knows the tokens; no plug-in is needed in GLPI",
        );
        self.check_version(&mut report).await;
        let profile = full.profile();
        if joins {
            check_joining(&profile, &mut report);
        }
        self.check_rights(&profile, &mut report).await;
        self.check_entities(wanted, &mut report).await;
        self.check_users(&mut report).await;
        self.check_documents(&mut report).await;
        self.check_clock(&mut report).await;
        report
    }

    async fn full_session(&self) -> Result<FullSession, Fault> {
        let full: wire::Session = self.get(&["getFullSession"], "read its session").await?;
        Ok(full.session)
    }

    async fn check_version(&self, report: &mut Report) {
        let version = match self.version().await {
            Ok(version) => version,
            Err(fault) => {
                let text = format!("GLPI does not tell its release: {}", told(&fault));
                return report.add(Step::Version, Level::Warning, text);
            }
        };
        let (level, text) = judged(&version);
        report.add(Step::Version, level, text);
        report.version = Some(version);
    }

    async fn check_rights(&self, profile: &Profile, report: &mut Report) {
        let name = wire::string(&profile.name).to_owned();
        if wire::string(&profile.interface) == "helpdesk" {
            report.add(
                Step::Rights,
                Level::Broken,
                format!(
                    "the profile {name} has the simplified interface, which sees only its own \
                     tickets: give the integration user the profile Technician"
                ),
            );
        }
        for (right, bits, level, may_not) in [
            (&profile.ticket, CREATE, Level::Broken, "create tickets"),
            (&profile.ticket, READ_ALL, Level::Broken, "see all tickets"),
            (
                &profile.ticket,
                UPDATE,
                Level::Warning,
                "update tickets, so changes and solutions by chat are refused",
            ),
            (
                &profile.followup,
                ADD_TO_ALL | ADD_TO_MINE,
                Level::Warning,
                "add followups, so comments by chat are refused",
            ),
            (
                &profile.user,
                CREATE,
                Level::Warning,
                "create users, so people who are not in GLPI are refused",
            ),
        ] {
            match wire::id(right) {
                Some(held) if held & bits == 0 => report.add(
                    Step::Rights,
                    level,
                    format!("the integration user's profile {name} may not {may_not}"),
                ),
                _ => {}
            }
        }
        if wire::id(&profile.ticket).is_none() {
            report.add(
                Step::Rights,
                Level::Warning,
                "GLPI does not tell the profile's right to create tickets: open one as a test",
            );
        }
        for (item, field, level, may_not) in [
            ("Ticket", ticket_option::ID, Level::Broken, "read tickets"),
            ("User", 2, Level::Broken, "read users"),
            (
                "ITILCategory",
                2,
                Level::Warning,
                "read ITIL categories, so categories cannot be checked",
            ),
        ] {
            if let Err(fault) = self.glance(item, field).await {
                let text = match fault {
                    Fault::SetUp(_) => {
                        format!("the integration user's profile {name} may not {may_not}")
                    }
                    fault => format!("{item} could not be read: {}", told(&fault)),
                };
                report.add(Step::Rights, level, text);
            }
        }
        let clean = report
            .findings
            .iter()
            .all(|finding| finding.step != Step::Rights);
        if clean {
            let text = format!("the profile {name} has every right that is used");
            report.add(Step::Rights, Level::Fine, text);
        }
        report.profile = Some(name);
    }

    /// Whether an itemtype can be searched at all.
    async fn glance(&self, item: &str, id: u16) -> Result<(), Fault> {
        let search = Search {
            criteria: vec![Criterion {
                link: None,
                field: id,
                searchtype: "equals",
                value: "1",
            }],
            forcedisplay: &[id],
            sort: id,
            order: "ASC",
            range: "0-0",
            is_deleted: None,
        };
        self.search(item, &search, "read it").await.map(|_| ())
    }

    async fn check_entities(&self, wanted: &[u32], report: &mut Report) {
        let mine = Question {
            query: Some("is_recursive=true"),
            ..self.reading(&["getMyEntities"], "list its entities")
        };
        let answer = self.ask(&mine).await.and_then(super::client::shaped);
        let mine: MyEntities = match answer {
            Ok(mine) => mine,
            Err(fault) => {
                let text = format!("the entities could not be listed: {}", told(&fault));
                return report.add(Step::Entities, Level::Warning, text);
            }
        };
        let name = |entity: &Named| super::rich::title(wire::string(&entity.name));
        let visible = mine.myentities.iter();
        report.entities = visible
            .filter_map(|e| Some((wire::id(&e.id)?, name(e))))
            .collect();
        let is_visible = |id: u32| report.entities.iter().any(|(seen, _)| *seen == id);
        let fallback = self.settings.fallback_entity;
        let mut missing: Vec<u32> = wanted
            .iter()
            .copied()
            .filter(|id| !is_visible(*id))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let fallback_missing = !is_visible(fallback);
        let names: Vec<&str> = report
            .entities
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let text = format!("{} entities are visible: {}", names.len(), names.join(", "));
        report.add(Step::Entities, Level::Fine, text);
        if fallback_missing {
            report.add(
                Step::Entities,
                Level::Broken,
                format!(
                    "the fall-back entity {fallback} is not visible: give the integration user \
                     its profile there, or name another fall-back entity"
                ),
            );
        }
        for id in missing {
            report.add(
                Step::Entities,
                Level::Broken,
                format!(
                    "entity {id} is wanted and not visible: add the profile of the integration \
                     user in that entity (or above it, with sub-entities)"
                ),
            );
        }
    }

    async fn check_users(&self, report: &mut Report) {
        match self.unreachable_users().await {
            Ok(0) => report.add(
                Step::Users,
                Level::Fine,
                "every active user has a phone or an e-mail",
            ),
            // The integration user itself and GLPI's shipped accounts need none.
            Ok(some) => report.add(
                Step::Users,
                Level::Warning,
                format!(
                    "{some} active users have neither phone nor e-mail; those who are people \
                     cannot be recognised: fill in one of the fields"
                ),
            ),
            Err(fault) => {
                let text = format!("users could not be counted: {}", told(&fault));
                report.add(Step::Users, Level::Warning, text);
            }
        }
    }

    async fn check_documents(&self, report: &mut Report) {
        let list = Question {
            query: Some("range=0-999&get_hateoas=false"),
            ..self.reading(&["DocumentType"], "read document types")
        };
        let types = self
            .ask(&list)
            .await
            .and_then(super::client::shaped::<Vec<Value>>);
        let types = match types {
            Ok(types) => types,
            Err(fault) => {
                let text = format!("document types could not be listed: {}", told(&fault));
                return report.add(Step::Documents, Level::Warning, text);
            }
        };
        let takes = |extension: &&str| {
            types.iter().any(|kind| {
                wire::string(&kind["ext"]).eq_ignore_ascii_case(extension)
                    && wire::id(&kind["is_uploadable"]) == Some(1)
            })
        };
        let refused: Vec<&str> = WHATSAPP_EXTENSIONS
            .into_iter()
            .filter(|e| !takes(e))
            .collect();
        match refused.is_empty() {
            true => report.add(
                Step::Documents,
                Level::Fine,
                "files from WhatsApp are taken",
            ),
            false => report.add(
                Step::Documents,
                Level::Warning,
                format!(
                    "GLPI refuses files that people send on WhatsApp: add {} under Setup > \
                     Dropdowns > Document types",
                    refused.join(", ")
                ),
            ),
        }
    }

    async fn check_clock(&self, report: &mut Report) {
        let Ok(Some(skew)) = self.skew().await else {
            let text = "GLPI does not tell its time, so dates are taken from this server";
            return report.add(Step::Clock, Level::Warning, text);
        };
        // What is left after whole quarters of an hour is no time zone.
        let quarter_ms = 15 * 60 * 1000;
        let off_ms = (skew.ahead_ms() + quarter_ms / 2).rem_euclid(quarter_ms) - quarter_ms / 2;
        match off_ms.abs() > CLOCK_MS_MAX {
            true => report.add(
                Step::Clock,
                Level::Warning,
                format!(
                    "GLPI's clock is {} s away from this server's: set both by NTP",
                    off_ms / 1000
                ),
            ),
            false => report.add(
                Step::Clock,
                Level::Fine,
                "GLPI's clock agrees with this server's",
            ),
        }
    }
}

/// Joining a number writes it into the person's own user.
fn check_joining(profile: &Profile, report: &mut Report) {
    let name = wire::string(&profile.name);
    match wire::id(&profile.user) {
        Some(held) if held & UPDATE == 0 => report.add(
            Step::Rights,
            Level::Broken,
            format!(
                "the integration user's profile {name} may not update users, so nobody can join \
                 their number to their own user (link_domains): tick Update for Users under \
                 Administration > Profiles > {name} > Administration"
            ),
        ),
        Some(_) => {}
        None => report.add(
            Step::Rights,
            Level::Warning,
            "GLPI does not tell whether the profile may update users, which link_domains needs: \
             join a number as a test",
        ),
    }
}

/// How well this server knows a release of GLPI's.
fn judged(version: &str) -> (Level, String) {
    let mut numbers = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match release {
        (10 | 11, _) => (Level::Fine, format!("GLPI {version}")),
        (9, 5..) => (
            Level::Warning,
            format!(
                "GLPI {version}: solutions are written in the name of the integration user, \
                 because this release takes no other author"
            ),
        ),
        (12.., _) => (
            Level::Warning,
            format!("GLPI {version} is younger than this server: it was not tried with it"),
        ),
        _ => (
            Level::Broken,
            format!("GLPI {version} is too old: 9.5, 10 or 11 is needed"),
        ),
    }
}

/// A release as health shows it.
pub(super) fn release_of(version: &str, asked: Millis) -> Release {
    let (_, remark) = judged(version);
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    Release {
        version: version.into(),
        supported: matches!(major, Some(10 | 11)) || version.starts_with("9.5"),
        remark,
        asked,
    }
}

/// A fault without the wrapping that only tells how it was met.
fn told(fault: &Fault) -> String {
    match fault {
        Fault::NoSession(cause) => told(cause),
        Fault::SetUp(missing) => missing.to_string(),
        fault => fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_are_the_releases_this_server_was_tried_with() {
        for (version, supported) in [
            ("9.4.6", false),
            ("9.5.13", true),
            ("10.0.19", true),
            ("11.0.2", true),
            ("12.0.0-dev", false),
            ("next", false),
            ("", false),
        ] {
            let release = release_of(version, Millis(1));
            assert_eq!(release.supported, supported, "{version}");
            assert!(!release.remark.is_empty());
        }
    }
}
