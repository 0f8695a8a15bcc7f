//! Users of GLPI: searched, joined to a phone or an e-mail, and joined to a ticket.
//!
//! A user without phone and e-mail cannot be found by what a person writes from, so nothing is
//! linked that is empty, and the connection check counts those users.

use actors::model::Phone;
use actors::ports::Called;
use serde_json::{Map, Value};

use super::client::Client;
use super::fault::{Fault, Obstacle};
use super::followup::{ACTORS, ASSIGNEE, REQUESTER};
use super::requester::{PHONE_FIELDS, is_one_of, option};
use super::wire::{self, Actor, Criterion, Email, NewActor, NewEmail, Row, Search, User};

/// What a user is searched by.
#[derive(Clone, Copy, Debug)]
pub enum UserQuery<'a> {
    /// A number, over all its spellings and GLPI's three phone fields.
    Phone(&'a Phone),
    /// A whole address, whatever its case.
    Email(&'a str),
    /// A whole login.
    Login(&'a str),
    /// A part of the first or last name.
    Name(&'a str),
}

/// A user as a search shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCard {
    /// GLPI's id.
    pub id: u32,
    /// The login.
    pub login: String,
    /// First and last name.
    pub name: String,
    /// All e-mails.
    pub emails: Vec<String>,
    /// What stands in the three phone fields.
    pub phones: Vec<String>,
    /// Whether the account is active.
    pub active: bool,
}

impl UserCard {
    /// Whether a person can be recognised as this user.
    pub fn is_reachable(&self) -> bool {
        !self.emails.is_empty() || !self.phones.is_empty()
    }
}

/// What came of joining a phone or an e-mail to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It stood there already.
    Already,
    /// It stands in this field now.
    Added(&'static str),
    /// All phone fields hold other numbers; an operator decides which one goes.
    NoFreeField,
    /// What was to be linked is empty or no e-mail address.
    Empty,
}

/// A user's part in a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In whose name it was opened.
    Requester,
    /// Who works on it.
    Technician,
    /// Who is kept informed.
    Observer,
}

/// Whether a user is the one who was asked for; GLPI's own comparison is looser.
type Meets<'a> = Box<dyn Fn(&UserCard) -> bool + Send + 'a>;

/// Shortest part of a name that is searched for; less would match most of the company.
const NAME_CHARS_MIN: usize = 2;

impl Client {
    /// Searches users. A query too short to mean anybody finds nobody: GLPI takes an empty one for
    /// "everybody".
    pub async fn search_users(&self, query: &UserQuery<'_>) -> Result<Vec<UserCard>, Fault> {
        let country = self.settings.country_code.as_deref();
        let (rows, holds): (_, Meets<'_>) = match *query {
            UserQuery::Phone(phone) => {
                let spellings = phone.variants();
                let digits = phone.digits();
                // The last two digits stand together however a number is grouped.
                let end = format!("{}$", &digits[digits.len().saturating_sub(2)..]);
                let holds = move |card: &UserCard| {
                    let mut phones = card.phones.iter();
                    phones.any(|text| is_one_of(text, &spellings, country))
                };
                (self.users(&PHONE_FIELDS, &end).await?, Box::new(holds))
            }
            UserQuery::Email(email) => {
                let Some(email) = address(email) else {
                    return Ok(Vec::new());
                };
                let rows = self.users(&[option::EMAIL], &format!("^{email}$")).await?;
                let holds = move |card: &UserCard| {
                    let mut emails = card.emails.iter();
                    emails.any(|held| held.trim().to_lowercase() == email)
                };
                (rows, Box::new(holds))
            }
            UserQuery::Login(login) => {
                let login = login.trim();
                if login.is_empty() {
                    return Ok(Vec::new());
                }
                let rows = self.users(&[option::LOGIN], &format!("^{login}$")).await?;
                (rows, Box::new(|_: &UserCard| true))
            }
            UserQuery::Name(name) => {
                let name = name.trim();
                if name.chars().count() < NAME_CHARS_MIN {
                    return Ok(Vec::new());
                }
                let fields = [option::FIRST_NAME, option::LAST_NAME];
                let rows = self.users(&fields, name).await?;
                (rows, Box::new(|_: &UserCard| true))
            }
        };
        let cards = rows.iter().filter_map(card);
        Ok(cards.filter(|card| holds(card)).collect())
    }

    /// Writes a person's number into the first empty phone field of a user: mobile, second phone,
    /// phone. A field that holds another number is never overwritten.
    pub async fn link_phone(&self, user: u32, phone: &Phone) -> Result<Linked, Fault> {
        let row: User = self.get(&["User", &user.to_string()], "read users").await?;
        let fields = [
            ("mobile", &row.mobile),
            ("phone2", &row.phone2),
            ("phone", &row.phone),
        ];
        let spellings = phone.variants();
        let country = self.settings.country_code.as_deref();
        let held = |value: &Value| is_one_of(wire::string(value), &spellings, country);
        if fields.iter().any(|(_, value)| held(value)) {
            return Ok(Linked::Already);
        }
        let empty = |value: &Value| wire::string(value).trim().is_empty();
        let Some((field, _)) = fields.iter().find(|(_, value)| empty(value)) else {
            return Ok(Linked::NoFreeField);
        };
        let number = Value::from(format!("+{}", phone.digits()));
        let input = Map::from_iter([((*field).to_owned(), number)]);
        self.change("User", user, input, "update users").await?;
        Ok(Linked::Added(field))
    }

    /// Adds an e-mail to a user; the first one becomes the default.
    pub async fn link_email(&self, user: u32, email: &str) -> Result<Linked, Fault> {
        let Some(email) = address(email) else {
            return Ok(Linked::Empty);
        };
        let what = "read users";
        let held: Vec<Email> = self
            .below_until(("User", user), "UserEmail", what, |_: &[Email]| false)
            .await?;
        let same = |row: &Email| wire::string(&row.email).trim().to_lowercase() == email;
        if held.iter().any(same) {
            return Ok(Linked::Already);
        }
        let input = NewEmail {
            users_id: user,
            email: &email,
            is_default: u8::from(held.is_empty()),
        };
        let timeout = self.settings.create_timeout;
        self.create("UserEmail", input, timeout, "update users")
            .await?;
        Ok(Linked::Added("email"))
    }

    /// Gives a user a part in a ticket; `Done` carries the user's id. GLPI keeps each part once, so
    /// repeating it is safe.
    pub async fn add_actor(&self, ticket: u32, user: u32, role: Role) -> Called {
        if user == 0 {
            let why = Obstacle::Senseless("nobody cannot take part in it");
            return Fault::Ticket { ticket, why }.of_write();
        }
        let number = match role {
            Role::Requester => REQUESTER,
            Role::Technician => ASSIGNEE,
            Role::Observer => 3,
        };
        let input = NewActor {
            tickets_id: ticket,
            users_id: user,
            role: number as u8,
            use_notification: 1,
        };
        let timeout = self.settings.create_timeout;
        let fault = match self.create(ACTORS, input, timeout, "add actors").await {
            Ok(_) => return Called::Done(self.made(user, None)),
            Err(fault) => fault,
        };
        // The same part twice is refused without a reason.
        if matches!(fault, Fault::Refused { .. })
            && let Ok(actors) = self.below::<Actor>(ticket, ACTORS, "read tickets").await
            && actors.iter().any(|actor| {
                (wire::id(&actor.users_id), wire::id(&actor.role)) == (Some(user), Some(number))
            })
        {
            return Called::Done(self.made(user, None));
        }
        self.explained(ticket, fault, false).await.of_write()
    }

    /// How many active users have neither phone nor e-mail, counted up to 1,000.
    pub(super) async fn unreachable_users(&self) -> Result<usize, Fault> {
        let empty = |field| Criterion {
            link: Some("AND"),
            field,
            searchtype: "contains",
            value: "NULL",
        };
        let active = Criterion {
            link: None,
            field: option::ACTIVE,
            searchtype: "equals",
            value: "1",
        };
        let fields = PHONE_FIELDS.into_iter().chain([option::EMAIL]);
        let search = Search {
            criteria: std::iter::once(active).chain(fields.map(empty)).collect(),
            forcedisplay: &[option::ID],
            sort: option::ID,
            order: "ASC",
            range: "0-999",
            is_deleted: None,
        };
        Ok(self.search("User", &search, "read users").await?.len())
    }
}

/// An e-mail address as it is compared; `None` when it is none.
fn address(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (name, host) = email.split_once('@')?;
    (!name.is_empty() && host.contains('.')).then_some(email)
}

fn card(row: &Row) -> Option<UserCard> {
    let first = |field| row.texts(field).into_iter().next().unwrap_or_default();
    let name = format!("{} {}", first(option::FIRST_NAME), first(option::LAST_NAME));
    let phones = PHONE_FIELDS.iter().flat_map(|field| row.texts(*field));
    Some(UserCard {
        id: row.id(option::ID)?,
        login: first(option::LOGIN),
        name: super::rich::title(&name),
        emails: row.texts(option::EMAIL),
        phones: phones.collect(),
        active: first(option::ACTIVE) != "0",
    })
}
