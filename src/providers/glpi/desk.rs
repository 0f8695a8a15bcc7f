//! GLPI as the help desk that the core watches.

use std::collections::HashMap;
use std::sync::Mutex;

use actors::model::{Millis, Phone, ReadTicket, Release};
use actors::ports::{
    ChangedTicket, ChangedTickets, HelpDesk, TicketOwner, TicketStory, Unanswered,
};
use serde_json::Value;
use smol_str::SmolStr;

use super::changes::Watermark;
use super::check::release_of;
use super::client::Client;
use super::convert::wall_clock_ms;
use super::fault::{Fault, Missing};
use super::wire::{self, User};
use crate::providers::Boxed;

/// A row is settled when GLPI's clock is this far past its date, in milliseconds.
const SETTLED_MS: i64 = 2_000;
/// Users whose numbers are kept.
const USERS_MAX: usize = 1_000;
/// How long a user's numbers are kept, in milliseconds.
const USERS_KEPT_MS: u64 = 600_000;

/// The numbers of users whose tickets changed lately, so that busy requesters are not read each time.
#[derive(Debug, Default)]
pub(super) struct UserPhones(Mutex<HashMap<u32, (Millis, Vec<Phone>)>>);

impl Client {
    /// The numbers of a user; none when it is out of sight.
    pub(super) async fn phones_of(&self, user: u32) -> Result<Vec<Phone>, Fault> {
        let now = self.clock.now();
        if let Some(phones) = self.phones.get(user, now) {
            return Ok(phones);
        }
        let row: Result<User, Fault> = self.get(&["User", &user.to_string()], "read users").await;
        let row = match row {
            Ok(row) => row,
            Err(Fault::Refused { status: 404, .. } | Fault::SetUp(Missing::Right(_))) => {
                return Ok(Vec::new());
            }
            Err(fault) => return Err(fault),
        };
        let country = self.settings.country_code.as_deref();
        let phone = |value: &Value| {
            let text = wire::string(value);
            let national = || Phone::parse_national(text, country?).ok();
            Phone::parse(text).ok().or_else(national)
        };
        let fields = [&row.mobile, &row.phone, &row.phone2];
        let phones: Vec<Phone> = fields.into_iter().filter_map(phone).collect();
        self.phones.put(user, now, &phones);
        Ok(phones)
    }

    /// Whether a survey of the ticket waits for an answer.
    pub(super) async fn survey_waits(&self, ticket: u32) -> Result<bool, Fault> {
        let rows: Result<Vec<Value>, Fault> = self
            .below(ticket, "TicketSatisfaction", "read surveys")
            .await;
        match rows {
            Ok(rows) => Ok(rows.iter().any(|row| row["date_answered"].is_null())),
            // A profile without the right to surveys offers none.
            Err(Fault::Refused { .. } | Fault::SetUp(Missing::Right(_))) => Ok(false),
            Err(fault) => Err(fault),
        }
    }
}

impl HelpDesk for Client {
    fn mark(&self) -> Boxed<'_, Result<SmolStr, Unanswered>> {
        Box::pin(async {
            let mark = self.watermark_now().await?;
            Ok(mark.as_str().into())
        })
    }

    fn changed_since<'a>(&'a self, mark: &'a str) -> Boxed<'a, Result<ChangedTickets, Unanswered>> {
        Box::pin(async move {
            let since = watermark(mark)?;
            let skew = self.skew().await?;
            let glpi_now = skew.map(|skew| skew.ahead_ms() + self.clock.now().0.cast_signed());
            let found = self.rows_since(&since).await?;
            let settled = |date: &Watermark| {
                let apart = glpi_now.zip(wall_clock_ms(date.as_str()));
                apart.is_some_and(|(now, date)| now - date >= SETTLED_MS)
            };
            let tickets = found.rows.iter().map(|(ticket, date)| ChangedTicket {
                read: ReadTicket {
                    ticket: (*ticket).into(),
                    changed: date.as_str().into(),
                },
                settled: settled(date),
            });
            Ok(ChangedTickets {
                tickets: tickets.collect(),
                mark: found.watermark.as_str().into(),
                from: found.watermark.overlapped().as_str().into(),
                more: found.more,
            })
        })
    }

    fn owner(&self, ticket: u64) -> Boxed<'_, Result<Option<TicketOwner>, Unanswered>> {
        Box::pin(async move {
            match u32::try_from(ticket) {
                Ok(ticket) => Ok(self.ticket_owner(ticket).await?),
                Err(_) => Ok(None),
            }
        })
    }

    fn news<'a>(
        &'a self,
        ticket: u64,
        mark: &'a str,
    ) -> Boxed<'a, Result<Option<TicketStory>, Unanswered>> {
        Box::pin(async move {
            let since = watermark(mark)?;
            match u32::try_from(ticket) {
                Ok(ticket) => Ok(self.ticket_story(ticket, &since).await?),
                Err(_) => Ok(None),
            }
        })
    }

    fn release(&self) -> Boxed<'_, Result<Release, Unanswered>> {
        Box::pin(async {
            let version = self.version().await?;
            Ok(release_of(&version, self.clock.now()))
        })
    }
}

impl UserPhones {
    fn get(&self, user: u32, now: Millis) -> Option<Vec<Phone>> {
        let kept = self.0.lock().unwrap_or_else(|held| held.into_inner());
        let (read, phones) = kept.get(&user)?;
        (now.since(*read) < USERS_KEPT_MS).then(|| phones.clone())
    }

    fn put(&self, user: u32, now: Millis, phones: &[Phone]) {
        let mut kept = self.0.lock().unwrap_or_else(|held| held.into_inner());
        if kept.len() >= USERS_MAX {
            kept.retain(|_, (read, _)| now.since(*read) < USERS_KEPT_MS);
        }
        if kept.len() < USERS_MAX {
            kept.insert(user, (now, phones.to_vec()));
        }
    }
}

fn watermark(mark: &str) -> Result<Watermark, Unanswered> {
    Watermark::parse(mark).ok_or_else(|| Unanswered {
        reason: "the kept mark is no date of GLPI's".to_owned(),
        retry_after: None,
        counts_against: false,
    })
}

impl From<Fault> for Unanswered {
    fn from(fault: Fault) -> Self {
        Self {
            reason: fault.to_string(),
            retry_after: fault.retry_after(),
            counts_against: fault.counts_against(),
        }
    }
}
