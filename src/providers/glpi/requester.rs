//! Whose ticket it is: found by phone, then by e-mail, then registered once.
//!
//! GLPI keeps phones as free text in three fields, so it is asked for the end of the number and the
//! comparison is made here, over every spelling of the number. A person nobody knows becomes a user
//! whose login is derived from the number; GLPI keeps logins unique, which makes registering safe
//! to repeat and safe under concurrency. The integration user is never the requester.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::model::{Phone, TicketDraft};

use super::client::Client;
use super::convert::names;
use super::fault::Fault;
use super::session::Session;
use super::wire::{self, Criterion, NewUser, Rights, Row, Search, User};

/// Search options of users (GLPI REST API, search engine).
pub(super) mod option {
    pub const LOGIN: u16 = 1;
    pub const ID: u16 = 2;
    pub const EMAIL: u16 = 5;
    pub const PHONE: u16 = 6;
    pub const ACTIVE: u16 = 8;
    pub const FIRST_NAME: u16 = 9;
    pub const PHONE2: u16 = 10;
    pub const MOBILE: u16 = 11;
    pub const LAST_NAME: u16 = 34;
}

pub(super) const PHONE_FIELDS: [u16; 3] = [option::MOBILE, option::PHONE, option::PHONE2];
const SHOWN: [u16; 9] = [
    option::ID,
    option::LOGIN,
    option::FIRST_NAME,
    option::LAST_NAME,
    option::EMAIL,
    option::PHONE,
    option::PHONE2,
    option::MOBILE,
    option::ACTIVE,
];

/// Digits at the end of a number that are the same in all its spellings.
const COMMON_DIGITS: usize = 8;
/// Digits at the end that stand together however the number is grouped.
const GROUP_DIGITS: usize = 2;

/// Who a ticket is opened for, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Requester {
    /// The GLPI user; `None` when the person gave nothing to be known by.
    pub user: Option<u32>,
    /// The ticket's entity.
    pub entity: u32,
    /// Whether GLPI knows the person only because they wrote here.
    pub newcomer: bool,
    /// What an operator should know about how this came about.
    pub remarks: Vec<String>,
}

impl Client {
    /// Finds or registers the person. Repeating it never makes a second user.
    pub(super) async fn requester(&self, draft: &TicketDraft) -> Result<Requester, Fault> {
        let session = self.session().await?;
        let mut remarks = Vec::new();
        let mut user = None;
        if let Some(phone) = &draft.phone {
            user = self.by_phone(phone, &session, &mut remarks).await?;
        }
        if let (None, Some(email)) = (user, &draft.email) {
            user = self.by_email(email, &session, &mut remarks).await?;
        }
        if let Some(Chosen { user, newcomer }) = user {
            let requester = self.in_entity(user, &session, remarks).await?;
            return Ok(Requester {
                newcomer,
                ..requester
            });
        }
        let Some(phone) = &draft.phone else {
            remarks.push("the requester has no GLPI user and no phone to register one".into());
            return Ok(self.fallback(None, remarks));
        };
        let fallback = self.settings.fallback_entity;
        if !self.sees(&session, fallback).await? {
            return Err(Fault::Entity(fallback));
        }
        let login = login(phone);
        if let Some(id) = self.register(&login, phone, draft).await? {
            remarks.push(format!("the requester was registered as user {id}"));
            return Ok(Requester {
                newcomer: true,
                ..self.fallback(Some(id), remarks)
            });
        }
        let user = self.by_login(&login, &session).await?;
        self.in_entity(user, &session, remarks).await
    }

    /// The user behind a phone or, when it is nobody's, an e-mail. Never registers anybody.
    pub async fn find_requester(
        &self,
        phone: Option<&Phone>,
        email: Option<&str>,
    ) -> Result<Option<u32>, Fault> {
        let session = self.session().await?;
        let mut remarks = Vec::new();
        if let Some(phone) = phone
            && let Some(found) = self.by_phone(phone, &session, &mut remarks).await?
        {
            return Ok(Some(found.user));
        }
        let Some(email) = email else { return Ok(None) };
        let found = self.by_email(email, &session, &mut remarks).await?;
        Ok(found.map(|found| found.user))
    }

    async fn by_phone(
        &self,
        phone: &Phone,
        session: &Session,
        remarks: &mut Vec<String>,
    ) -> Result<Option<Chosen>, Fault> {
        let spellings = phone.variants();
        let country = self.settings.country_code.as_deref();
        let holds = |row: &Row| {
            let texts = PHONE_FIELDS.iter().flat_map(|field| row.texts(*field));
            texts
                .into_iter()
                .any(|text| is_one_of(&text, &spellings, country))
        };
        let is_newcomer = |row: &Row| {
            let logins = row.texts(option::LOGIN);
            let login = logins.first().map_or("", String::as_str);
            registered(login, &row.texts(option::EMAIL), phone)
        };
        let choose = |rows, remarks: &mut Vec<String>| {
            choose(rows, session, (&holds, &is_newcomer), "phone", remarks)
        };
        let digits = phone.digits();
        let end = &digits[digits.len().saturating_sub(COMMON_DIGITS)..];
        let rows = self.users(&PHONE_FIELDS, end).await?;
        if let Some(found) = choose(rows, remarks) {
            return Ok(Some(found));
        }
        // A number written in groups does not contain its last eight digits in one piece.
        let end = format!("{}$", &digits[digits.len() - GROUP_DIGITS..]);
        let rows = self.users(&PHONE_FIELDS, &end).await?;
        Ok(choose(rows, remarks))
    }

    async fn by_email(
        &self,
        email: &str,
        session: &Session,
        remarks: &mut Vec<String>,
    ) -> Result<Option<Chosen>, Fault> {
        let email = email.trim().to_lowercase();
        if !email.contains('@') {
            return Ok(None);
        }
        let rows = self.users(&[option::EMAIL], &format!("^{email}$")).await?;
        let holds = |row: &Row| {
            let texts = row.texts(option::EMAIL);
            texts.iter().any(|text| text.trim().to_lowercase() == email)
        };
        Ok(choose(rows, session, (holds, |_| false), "e-mail", remarks))
    }

    /// The user behind a login that GLPI calls taken.
    async fn by_login(&self, login: &str, session: &Session) -> Result<u32, Fault> {
        let rows = self.users(&[option::LOGIN], &format!("^{login}$")).await?;
        let holds = |row: &&Row| row.texts(option::LOGIN).iter().any(|text| text == login);
        let user = rows.iter().find(holds).and_then(|row| row.id(option::ID));
        user.ok_or(match session.creates_users {
            // The login was not taken; the right was missing.
            Some(false) => Fault::RequesterNotMade {
                code: "ERROR_GLPI_ADD".into(),
            },
            _ => Fault::RequesterHidden,
        })
    }

    /// Users in one of whose `fields` stands `value`. `value` is never empty, which would match all.
    pub(super) async fn users(&self, fields: &[u16], value: &str) -> Result<Vec<Row>, Fault> {
        let criterion = |(index, field): (usize, &u16)| Criterion {
            link: (index > 0).then_some("OR"),
            field: *field,
            searchtype: "contains",
            value,
        };
        let search = Search {
            criteria: fields.iter().enumerate().map(criterion).collect(),
            forcedisplay: &SHOWN,
            sort: option::ID,
            order: "ASC",
            range: "0-999",
            is_deleted: None,
        };
        self.search("User", &search, "read users").await
    }

    /// Registers the person; `None` when GLPI refuses to, usually because the login is taken. The
    /// refusal's text would tell, but is translated; looking the login up tells as well.
    async fn register(
        &self,
        login: &str,
        phone: &Phone,
        draft: &TicketDraft,
    ) -> Result<Option<u32>, Fault> {
        let (firstname, realname) = names(&draft.requester_name);
        let entity = self.settings.fallback_entity;
        let rights = |profile| Rights {
            profile,
            entity,
            recursive: 0,
        };
        let user = NewUser {
            name: login,
            realname: &realname,
            firstname: &firstname,
            mobile: &format!("+{}", phone.digits()),
            entities_id: entity,
            emails: draft.email.as_deref().map(|email| [email]),
            rights: self.settings.requester_profile.map(rights),
        };
        match self
            .create("User", user, self.settings.read_timeout, "create users")
            .await
        {
            Ok(id) => Ok(Some(id)),
            Err(Fault::Refused { code, .. }) if code == "ERROR_GLPI_ADD" => Ok(None),
            Err(Fault::Refused {
                status: 400, code, ..
            }) => Err(Fault::RequesterNotMade { code }),
            Err(fault) => Err(fault),
        }
    }

    /// The ticket goes where the requester's default entity says, if we can write there.
    async fn in_entity(
        &self,
        id: u32,
        session: &Arc<Session>,
        mut remarks: Vec<String>,
    ) -> Result<Requester, Fault> {
        let user: User = self.get(&["User", &id.to_string()], "read users").await?;
        let fallback = self.settings.fallback_entity;
        let entity = match wire::id(&user.entities_id) {
            // Releases up to 10 store "none" as 0, the root entity.
            None | Some(0) if fallback != 0 => {
                remarks.push(format!(
                    "requester {id} has no default entity: set one; the ticket went to the \
                     fall-back entity {fallback}"
                ));
                fallback
            }
            Some(entity) if !self.sees(session, entity).await? => {
                remarks.push(format!(
                    "the integration user does not see entity {entity} of requester {id}: give it \
                     access; the ticket went to the fall-back entity {fallback}"
                ));
                fallback
            }
            Some(entity) => entity,
            None => {
                remarks.push(format!("requester {id} has no default entity: set one"));
                fallback
            }
        };
        Ok(Requester {
            user: Some(id),
            entity,
            newcomer: false,
            remarks,
        })
    }

    fn fallback(&self, user: Option<u32>, remarks: Vec<String>) -> Requester {
        Requester {
            user,
            entity: self.settings.fallback_entity,
            newcomer: false,
            remarks,
        }
    }
}

/// A user who was found.
#[derive(Clone, Copy)]
struct Chosen {
    user: u32,
    newcomer: bool,
}

/// Whether a user is nothing but the registration of this phone: nobody gave them an e-mail since.
pub(super) fn registered(user_login: &str, emails: &[String], phone: &Phone) -> bool {
    emails.is_empty() && user_login == login(phone)
}

/// One login for all spellings of a number.
fn login(phone: &Phone) -> String {
    format!("wa_{}", phone.canonical().digits())
}

/// Whether a free text of GLPI's is one of a number's spellings.
pub(super) fn is_one_of(text: &str, spellings: &[Phone], country_code: Option<&str>) -> bool {
    let international = Phone::parse(text).ok();
    let national = country_code.and_then(|code| Phone::parse_national(text, code).ok());
    let same = |held: Phone| {
        spellings
            .iter()
            .any(|ours| ours.canonical() == held.canonical())
    };
    international.is_some_and(same) || national.is_some_and(same)
}

/// The user to take among those that the first function accepts: active ones only, never the
/// integration user; a registration, which the second tells, only when there is nobody else; and the
/// oldest when several remain.
fn choose(
    rows: Vec<Row>,
    session: &Session,
    (holds, is_newcomer): (impl Fn(&Row) -> bool, impl Fn(&Row) -> bool),
    by: &str,
    remarks: &mut Vec<String>,
) -> Option<Chosen> {
    let inactive = |row: &Row| row.texts(option::ACTIVE) == ["0"];
    let kept = rows.iter().filter(|row| holds(row) && !inactive(row));
    let found = kept.filter_map(|row| Some((row.id(option::ID)?, is_newcomer(row))));
    let found: BTreeMap<u32, bool> = found.filter(|(id, _)| Some(*id) != session.user).collect();
    let of = |newcomer: bool| {
        let ids = found.iter().filter(move |(_, new)| **new == newcomer);
        ids.map(|(id, _)| *id).collect::<Vec<u32>>()
    };
    let (users, newcomers) = (of(false), of(true));
    let newcomer = users.is_empty();
    let ids = if newcomer { newcomers } else { users };
    let oldest = ids.first().copied()?;
    if ids.len() > 1 {
        remarks.push(format!(
            "{} GLPI users have this {by}; the oldest, {oldest}, was taken",
            ids.len()
        ));
    }
    Some(Chosen {
        user: oldest,
        newcomer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Phone {
        Phone::parse(text).expect("valid")
    }

    #[test]
    fn one_login_serves_every_spelling() {
        assert_eq!(login(&phone("5215512345678")), "wa_525512345678");
        assert_eq!(login(&phone("525512345678")), "wa_525512345678");
        assert_eq!(login(&phone("5511987654321")), "wa_551187654321");
    }

    #[test]
    fn numbers_are_compared_over_spelling_and_grouping() {
        let holds = |held, wrote: &str, country| is_one_of(held, &phone(wrote).variants(), country);
        assert!(holds("+51 999-888-777", "51999888777", None));
        assert!(holds("+52 55 1234 5678", "5215512345678", None));
        assert!(holds("+55 (11) 98765-4321", "551187654321", None));
        assert!(holds("54 11 5874 9895", "5491158749895", None));
        assert!(!holds("+51 1 999 888 777", "51999888777", None));
        assert!(!holds("999888777", "51999888777", None));
        assert!(holds("999 888 777", "51999888777", Some("51")));
        assert!(!holds("999 888 777", "56999888777", Some("51")));
        assert!(holds("0912-345-678", "886912345678", Some("886")));
        assert!(!holds("call the office", "51999888777", Some("51")));
    }
}
