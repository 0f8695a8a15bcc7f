//! Joining the number a person writes from to the user they have at GLPI.
//!
//! The number is all that a person is recognised by, so whoever gets theirs written to a user is that
//! user from then on. A number is therefore written only where there is none, never for a person on
//! a user who has tickets that could be read, and one joining after the other.
//!
//! Who wrote before may have been registered by [`Client::requester`]. That registration stays as
//! it is, gives its tickets to the user, and counts no more while the user has the number: taking
//! the number away from the user undoes the joining.

use std::collections::BTreeSet;

use actors::model::{Link, LinkedBy, Phone, Reply, refusal};
use actors::ports::{Called, LookedUp};

use super::client::Client;
use super::fault::{Fault, Missing};
use super::followup::{ACTORS, REQUESTER};
use super::own;
use super::people::{Linked, UserCard, UserQuery};
use super::requester::registered;
use super::wire::{self, Criterion, NewActor, Search, User};

/// Tickets of a registration that are given to the user: the newest ones.
const TICKETS: &str = "0-49";

/// What may be done with a phone and an e-mail.
enum Linkable {
    /// The phone stands at the user, or may be written there.
    Yes {
        user: u32,
        /// Whether it stands there.
        joined: bool,
        /// Who was registered for this phone.
        registration: Option<u32>,
    },
    No(u32, &'static str),
}

impl Client {
    /// Joins a phone to the user with an e-mail. Repeating it changes nothing more.
    pub(super) async fn link_requester(&self, link: &Link) -> Called {
        // Two people with one e-mail must not both find the user without a phone.
        let _alone = self.linking.lock().await;
        let (user, joined, registration) = match self.linkable(link).await {
            Ok(Linkable::Yes {
                user,
                joined,
                registration,
            }) => (user, joined, registration),
            Ok(Linkable::No(code, reason)) => return refused(code, reason),
            Err(fault) => return fault.not_done(),
        };
        let given = match registration {
            Some(registration) => self.give_tickets(registration, user).await,
            None => Ok(0),
        };
        let reply = match given {
            Ok(given) => self.reply_of_link(user, registration, given),
            Err(fault) => return fault.of_creation(),
        };
        if joined {
            return Called::Done(reply);
        }
        match self.link_phone(user, &link.phone).await {
            Ok(Linked::Added(_) | Linked::Already) => Called::Done(reply),
            Ok(Linked::NoFreeField | Linked::Empty) => {
                refused(refusal::OTHER_PHONE, "the GLPI user has other phones")
            }
            Err(fault) => fault.of_creation(),
        }
    }

    /// Whether the phone stands at the user with the e-mail.
    pub(super) async fn find_linked(&self, link: &Link) -> LookedUp {
        match self.linkable(link).await {
            Ok(Linkable::Yes {
                user, joined: true, ..
            }) => LookedUp::Found(self.made(user, None)),
            Ok(_) => LookedUp::NotFound,
            Err(fault) => LookedUp::Unanswered {
                reason: fault.to_string(),
            },
        }
    }

    async fn linkable(&self, link: &Link) -> Result<Linkable, Fault> {
        let ours = self.session().await?.user;
        let is_person = |card: &UserCard| card.active && Some(card.id) != ours;
        let holders = self.search_users(&UserQuery::Phone(&link.phone)).await?;
        let (registrations, holders): (Vec<_>, Vec<_>) = holders
            .into_iter()
            .partition(|card| is_registration(card, &link.phone));
        let registration = registrations.first().map(|card| card.id);
        let users = self.search_users(&UserQuery::Email(&link.email)).await?;
        let users: Vec<UserCard> = users.into_iter().filter(is_person).collect();
        let user = match users.as_slice() {
            [user] => user,
            [] => {
                let reason = "no active GLPI user has this e-mail";
                return Ok(Linkable::No(refusal::NO_USER, reason));
            }
            _ => {
                let reason = "several GLPI users have this e-mail";
                return Ok(Linkable::No(refusal::FOR_OPERATORS, reason));
            }
        };
        let joined = holders.iter().any(|holder| holder.id == user.id);
        let id = user.id;
        if !joined {
            if !holders.is_empty() {
                let reason = "another GLPI user has this phone";
                return Ok(Linkable::No(refusal::OTHER_USER, reason));
            }
            // What a search shows may be older than the user.
            let row: User = self.get(&["User", &id.to_string()], "read users").await?;
            let held = [&row.mobile, &row.phone, &row.phone2];
            let held = held
                .iter()
                .any(|text| !wire::string(text).trim().is_empty());
            if held || !user.phones.is_empty() {
                let reason = "the GLPI user with this e-mail has another phone";
                return Ok(Linkable::No(refusal::OTHER_PHONE, reason));
            }
            if link.by == LinkedBy::Person && self.has_more(id, registration).await? {
                let reason = "the GLPI user with this e-mail has tickets; an operator who knows \
                              the person may link them";
                return Ok(Linkable::No(refusal::FOR_OPERATORS, reason));
            }
        }
        Ok(Linkable::Yes {
            user: id,
            joined,
            registration,
        })
    }

    /// Whether a user has tickets besides those of a registration that were given to them.
    async fn has_more(&self, user: u32, registration: Option<u32>) -> Result<bool, Fault> {
        let theirs = self.tickets_of(user).await?;
        if theirs.is_empty() {
            return Ok(false);
        }
        let given = match registration {
            Some(registration) => self.tickets_of(registration).await?,
            None => BTreeSet::new(),
        };
        Ok(!theirs.is_subset(&given))
    }

    /// The newest tickets of a requester, in whatever state.
    async fn tickets_of(&self, requester: u32) -> Result<BTreeSet<u32>, Fault> {
        let requester = requester.to_string();
        let search = Search {
            criteria: vec![Criterion {
                link: None,
                field: own::option::REQUESTER,
                searchtype: "equals",
                value: &requester,
            }],
            forcedisplay: &[own::option::ID],
            sort: own::option::ID,
            order: "DESC",
            range: TICKETS,
            is_deleted: Some(0),
        };
        let rows = self.search(wire::TICKET, &search, "read tickets").await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.id(own::option::ID))
            .collect())
    }

    /// Makes a user a requester of a registration's tickets; gives of how many. A ticket that GLPI
    /// refuses to change stays as it is.
    async fn give_tickets(&self, registration: u32, user: u32) -> Result<usize, Fault> {
        let tickets = self.tickets_of(registration).await?;
        let theirs = self.tickets_of(user).await?;
        let mut given = 0;
        for ticket in tickets.difference(&theirs) {
            let input = NewActor {
                tickets_id: *ticket,
                users_id: user,
                role: REQUESTER as u8,
                use_notification: 1,
            };
            let timeout = self.settings.read_timeout;
            match self.create(ACTORS, input, timeout, "add actors").await {
                Ok(_) => given += 1,
                Err(Fault::Refused { .. } | Fault::SetUp(Missing::Right(_))) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(given)
    }

    fn reply_of_link(&self, user: u32, registration: Option<u32>, given: usize) -> Reply {
        let remark = registration.filter(|_| given > 0).map(|registration| {
            format!("{given} tickets of user {registration} are user {user}'s, too")
        });
        self.made(user, remark)
    }
}

/// Whether a user is nothing but a registration of this phone.
fn is_registration(card: &UserCard, phone: &Phone) -> bool {
    registered(&card.login, &card.emails, phone)
}

fn refused(code: u32, reason: &str) -> Called {
    let reason = reason.to_owned();
    Called::Refused { code, reason }
}
