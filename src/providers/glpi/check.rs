//! The check of a connection: every step of the set-up in GLPI, each with a finding in plain words.
//!
//! Nothing is written to GLPI. Rights to read are tried; rights to write are read from the active
//! profile, whose numbers are sums of bits, because trying them would leave something behind.

mod release;
mod report;
mod rights;

use serde_json::Value;

use super::client::{Client, Question};
use super::fault::Fault;
use super::wire::{self, FullSession, MyEntities, Named};

pub(super) use release::release_of;
pub use report::{Finding, Level, Report, Step};

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
            rights::check_joining(&profile, &mut report);
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

/// A fault without the wrapping that only tells how it was met.
fn told(fault: &Fault) -> String {
    match fault {
        Fault::NoSession(cause) => told(cause),
        Fault::SetUp(missing) => missing.to_string(),
        fault => fault.to_string(),
    }
}
