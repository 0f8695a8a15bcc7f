//! The itemtypes of GLPI that are simulated: their tables, columns with defaults, and the
//! parent under which they are listed (GLPI REST API, CRUD; ticket; conversation objects).

mod tables;

use serde_json::{Value, json};

use Blank::{I, N, Now, T};
use tables::SCHEMAS;

/// An itemtype; the variants are GLPI's class names, shortened where they are long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Ticket,
    User,
    UserEmail,
    ProfileUser,
    Profile,
    Entity,
    Group,
    TicketUser,
    GroupTicket,
    Followup,
    Solution,
    Task,
    Validation,
    Satisfaction,
    Category,
    RequestType,
    DocumentType,
    Document,
    DocumentItem,
    KnowbaseItem,
    EntityKnowbaseItem,
    Location,
    SolutionType,
}

/// Value of a column that the input does not give.
#[derive(Clone, Copy, Debug)]
pub enum Blank {
    /// `null`.
    N,
    /// A number.
    I(i64),
    /// An empty text.
    T,
    /// The time of creation.
    Now,
}

/// Where rows are listed below another item.
#[derive(Clone, Copy, Debug)]
pub enum Parent {
    /// Nowhere.
    None,
    /// A column names the parent's id.
    Column(Kind, &'static str),
    /// `itemtype` and `items_id` name it.
    Any,
}

/// An itemtype's table.
#[derive(Debug)]
pub struct Schema {
    /// Class name, as in paths.
    pub itemtype: &'static str,
    /// Singular words for messages.
    pub label: &'static str,
    /// SQL table, as in search options.
    pub table: &'static str,
    /// Parent of its rows.
    pub parent: Parent,
    /// Columns behind `id`.
    pub columns: &'static [(&'static str, Blank)],
}

#[rustfmt::skip]
const KINDS: [Kind; 23] = [
    Kind::Ticket, Kind::User, Kind::UserEmail, Kind::ProfileUser, Kind::Profile, Kind::Entity,
    Kind::Group, Kind::TicketUser, Kind::GroupTicket, Kind::Followup, Kind::Solution, Kind::Task,
    Kind::Validation, Kind::Satisfaction, Kind::Category, Kind::RequestType, Kind::DocumentType,
    Kind::Document, Kind::DocumentItem, Kind::KnowbaseItem, Kind::EntityKnowbaseItem,
    Kind::Location, Kind::SolutionType,
];

impl Kind {
    /// The itemtype of this exact name; the case counts, as on Linux servers.
    pub fn parse(itemtype: &str) -> Option<Self> {
        if itemtype == "TicketFollowup" {
            return Some(Self::Followup);
        }
        KINDS
            .into_iter()
            .find(|kind| kind.schema().itemtype == itemtype)
    }

    /// Its table.
    pub fn schema(self) -> &'static Schema {
        &SCHEMAS[self as usize]
    }

    /// Index of a column; `id` is 0.
    pub fn column(self, name: &str) -> Option<usize> {
        if name == "id" {
            return Some(0);
        }
        self.schema()
            .columns
            .iter()
            .position(|(column, _)| *column == name)
            .map(|at| at + 1)
    }

    /// Whether the table has this column.
    pub fn has(self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// All column names, `id` first.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        std::iter::once("id").chain(self.schema().columns.iter().map(|(name, _)| *name))
    }

    /// A row of defaults with this id.
    pub fn blank_row(self, id: i64, now: &str) -> Vec<Value> {
        let columns = self.schema().columns.iter().map(|(_, blank)| match blank {
            N => Value::Null,
            I(number) => json!(number),
            T => Value::from(""),
            Now => Value::from(now),
        });
        std::iter::once(json!(id)).chain(columns).collect()
    }

    /// All kinds, in table order.
    pub fn all() -> [Self; 23] {
        KINDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_tables_stand_in_the_same_order() {
        for kind in Kind::all() {
            assert_eq!(Kind::parse(kind.schema().itemtype), Some(kind));
        }
        assert_eq!(Kind::parse("ticket"), None);
        assert_eq!(Kind::Ticket.column("id"), Some(0));
        assert_eq!(Kind::Ticket.column("entities_id"), Some(1));
    }
}
