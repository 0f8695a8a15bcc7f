//! What the integration user may do: rights to read are tried, rights to write are read from the
//! active profile.

use super::{Level, Report, Step, told};
use crate::providers::glpi::client::Client;
use crate::providers::glpi::fault::Fault;
use crate::providers::glpi::own::option as ticket_option;
use crate::providers::glpi::session::CREATE;
use crate::providers::glpi::wire::{self, Criterion, Profile, Search};

/// Right on tickets: those of others are seen.
const READ_ALL: u32 = 1024;
/// Right on tickets and on users: any of them is changed.
const UPDATE: u32 = 2;
/// Right on followups: they are added to any ticket.
const ADD_TO_ALL: u32 = 4096;
/// Right on followups: they are added to tickets one takes part in.
const ADD_TO_MINE: u32 = 4;

impl Client {
    /// Everything the profile must be allowed, but what only joining takes.
    pub(super) async fn check_rights(&self, profile: &Profile, report: &mut Report) {
        let name = wire::string(&profile.name).to_owned();
        check_interface(profile, report);
        check_writing(profile, report);
        self.check_reading(&name, report).await;
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

    async fn check_reading(&self, profile: &str, report: &mut Report) {
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
                        format!("the integration user's profile {profile} may not {may_not}")
                    }
                    fault => format!("{item} could not be read: {}", told(&fault)),
                };
                report.add(Step::Rights, level, text);
            }
        }
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
}

fn check_interface(profile: &Profile, report: &mut Report) {
    let name = wire::string(&profile.name);
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
}

fn check_writing(profile: &Profile, report: &mut Report) {
    let name = wire::string(&profile.name);
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
        if wire::id(right).is_some_and(|held| held & bits == 0) {
            let text = format!("the integration user's profile {name} may not {may_not}");
            report.add(Step::Rights, level, text);
        }
    }
    if wire::id(&profile.ticket).is_none() {
        report.add(
            Step::Rights,
            Level::Warning,
            "GLPI does not tell the profile's right to create tickets: open one as a test",
        );
    }
}

/// Joining a number writes it into the person's own user.
pub(super) fn check_joining(profile: &Profile, report: &mut Report) {
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
