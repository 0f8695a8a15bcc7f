//! The people behind a channel, from rows to what its conversations know of them.

use std::sync::Arc;

use actors::hours::Hours;
use actors::model::Name;
use actors::ports::{self, Does, Opens, People};
use actors::understand::folded;

use super::Entries;
use super::build::utc_offset;
use crate::config::{Action, Channel, Cohort, Integration, Queue, Rule, Tenant, UnknownNumbers};

/// The people of a channel; `None` when a time zone has no such name.
pub(super) fn of(channel: &Channel, tenant: &Tenant, entries: &Entries) -> Option<People> {
    let queues = entries.queues.iter().filter(|row| row.tenant == tenant.id);
    let queues: Option<Vec<_>> = queues.map(|row| queue(row, tenant).map(Arc::new)).collect();
    let here = |channels: &[String]| {
        channels.is_empty() || channels.iter().any(|id| id == channel.id.as_str())
    };
    let cohorts = entries
        .cohorts
        .iter()
        .filter(|row| row.tenant == tenant.id && !row.paused && here(&row.channels));
    let rules = entries
        .rules
        .iter()
        .filter(|row| row.tenant == tenant.id && !row.paused && here(&row.channels));
    // Nobody is handed over to a paused queue; those who wait there keep its hours and its patience.
    let paused = |id: &Name| {
        let mut own = entries.queues.iter().filter(|row| row.tenant == tenant.id);
        own.any(|row| row.id == *id && row.paused)
    };
    let rule = |row: &Rule| rule(row, row.queue.clone().filter(|id| !paused(id)));
    Some(People {
        queue: channel.queue.clone().filter(|id| !paused(id)),
        queues: queues?.into(),
        messages_max: u16::try_from(channel.messages_before_people).unwrap_or(u16::MAX),
        rules: rules.map(rule).collect(),
        cohorts: cohorts.map(cohort).collect(),
        known_numbers: channel.known_numbers.clone().into(),
        help_desk_match: channel.glpi_match.then(|| ports::HelpDeskMatch {
            wait_ms: u64::from(channel.glpi_match_wait_s) * 1_000,
            keep_ms: u64::from(channel.glpi_match_keep_h) * 3_600_000,
            silent: policy(channel.glpi_match_silent),
        }),
        unknown_numbers: policy(channel.unknown_numbers),
        refusal_text: channel.refusal_text.clone(),
        paused: channel.paused || tenant.paused,
    })
}

const fn policy(set: UnknownNumbers) -> ports::UnknownNumbers {
    match set {
        UnknownNumbers::Accept => ports::UnknownNumbers::Accept,
        UnknownNumbers::People => ports::UnknownNumbers::People,
        UnknownNumbers::Refuse => ports::UnknownNumbers::Refuse,
    }
}

fn queue(row: &Queue, tenant: &Tenant) -> Option<ports::Queue> {
    let zone = row.time_zone.as_ref().unwrap_or(&tenant.time_zone);
    // A span that cannot be read was refused when it was set; of one that is there all the same,
    // nobody is told to be there.
    let spans = row.spans().unwrap_or_default();
    let offset = utc_offset(zone)?;
    let opens = row.start_on_transfer && row.has(Integration::CreateTicket);
    Some(ports::Queue {
        name: row.id.clone(),
        hours: (!row.hours.is_empty()).then_some(Hours { offset, spans }),
        closed_text: row.out_of_hours_text.clone(),
        idle_ms: u64::from(row.idle_s) * 1_000,
        opens: opens.then_some(Opens {
            merge_interval_ms: row.merge_interval_ms.into(),
            number_told: row.tell_ticket_number,
        }),
        tells_tickets: row.has(Integration::QueryTickets),
    })
}

fn cohort(row: &Cohort) -> ports::Cohort {
    ports::Cohort {
        numbers: row.numbers.clone(),
        percent: u8::try_from(row.percent).unwrap_or(100),
    }
}

fn rule(row: &Rule, queue: Option<Name>) -> ports::Rule {
    let text = row.text.clone();
    ports::Rule {
        keywords: row.keywords.iter().map(|word| folded(word)).collect(),
        kinds: row.kinds.clone(),
        does: match row.action {
            Action::Text => Does::Say(text.unwrap_or_default()),
            Action::Hours => Does::TellHours,
            Action::Help => Does::Help,
            Action::Menu => Does::Menu,
            Action::Template => Does::Template {
                name: row.template.clone().unwrap_or_default().into(),
                values: row.values.clone(),
            },
            Action::Transfer => Does::Transfer { queue, text },
        },
    }
}
