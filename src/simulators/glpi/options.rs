//! Search options: the ids, names and `uid`s by which the search engine knows its columns
//! (GLPI REST API, search engine). Clients resolve names through the `uid`s.

use serde_json::{Map, Value, json};

use super::house::House;
use super::schema::Kind;
use super::store::Item;

/// Where an option's value comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// A column of the item's own table.
    Own(&'static str),
    /// A column of the row a foreign key points at.
    Key(Kind, &'static str, &'static str),
    /// Users in a role; their ids.
    Actors(i64),
    /// Groups in a role; their names.
    Groups(i64),
    /// A column of the rows below the item.
    Below(Kind, &'static str),
    /// A column of what the rows below point at.
    BelowKey(Kind, &'static str, Kind, &'static str),
    /// How many rows are below.
    Count(Kind),
    /// The greatest value of a column of the rows below.
    Latest(Kind, &'static str),
}

/// A search option.
#[derive(Debug)]
pub struct Choice {
    /// Its id.
    pub id: u32,
    /// Its English name.
    pub name: &'static str,
    /// Data type as listed.
    pub datatype: &'static str,
    /// Source of its value.
    pub from: Source,
}

const fn choice(id: u32, name: &'static str, datatype: &'static str, from: Source) -> Choice {
    Choice {
        id,
        name,
        datatype,
        from,
    }
}

use Source::{Actors, Below, BelowKey, Count, Groups, Key, Latest, Own};

#[rustfmt::skip]
static TICKET: [Choice; 39] = [
    choice(1, "Title", "itemlink", Own("name")),
    choice(2, "ID", "number", Own("id")),
    choice(3, "Priority", "specific", Own("priority")),
    choice(4, "Requester", "dropdown", Actors(1)),
    choice(5, "Technician", "dropdown", Actors(2)),
    choice(7, "Category", "dropdown", Key(Kind::Category, "itilcategories_id", "completename")),
    choice(8, "Technician group", "dropdown", Groups(2)),
    choice(9, "Request source", "dropdown", Key(Kind::RequestType, "requesttypes_id", "name")),
    choice(10, "Urgency", "specific", Own("urgency")),
    choice(11, "Impact", "specific", Own("impact")),
    choice(12, "Status", "specific", Own("status")),
    choice(14, "Type", "specific", Own("type")),
    choice(15, "Opening date", "datetime", Own("date")),
    choice(16, "Closing date", "datetime", Own("closedate")),
    choice(17, "Resolution date", "datetime", Own("solvedate")),
    choice(19, "Last update", "datetime", Own("date_mod")),
    choice(21, "Description", "text", Own("content")),
    choice(22, "Writer", "dropdown", Key(Kind::User, "users_id_recipient", "name")),
    choice(23, "Solution type", "dropdown", BelowKey(Kind::Solution, "solutiontypes_id", Kind::SolutionType, "name")),
    choice(24, "Solution", "text", Below(Kind::Solution, "content")),
    choice(25, "Followup description", "text", Below(Kind::Followup, "content")),
    choice(27, "Number of followups", "count", Count(Kind::Followup)),
    choice(31, "Survey type", "specific", Below(Kind::Satisfaction, "type")),
    choice(34, "Email for followup", "email", Below(Kind::TicketUser, "alternative_email")),
    choice(36, "Followup date", "datetime", Below(Kind::Followup, "date")),
    choice(52, "Approval", "specific", Own("global_validation")),
    choice(55, "Approval status", "specific", Below(Kind::Validation, "status")),
    choice(59, "Approver", "itemlink", BelowKey(Kind::Validation, "users_id_validate", Kind::User, "name")),
    choice(60, "Survey creation date", "datetime", Below(Kind::Satisfaction, "date_begin")),
    choice(61, "Response date to the survey", "datetime", Below(Kind::Satisfaction, "date_answered")),
    choice(62, "Satisfaction", "number", Below(Kind::Satisfaction, "satisfaction")),
    choice(63, "Comments to the survey", "text", Below(Kind::Satisfaction, "comment")),
    choice(64, "Last edit by", "dropdown", Key(Kind::User, "users_id_lastupdater", "name")),
    choice(65, "Watcher group", "dropdown", Groups(3)),
    choice(66, "Watcher", "dropdown", Actors(3)),
    choice(71, "Requester group", "dropdown", Groups(1)),
    choice(72, "Latest followup date", "datetime", Latest(Kind::Followup, "date")),
    choice(80, "Entity", "dropdown", Key(Kind::Entity, "entities_id", "completename")),
    choice(83, "Location", "dropdown", Key(Kind::Location, "locations_id", "completename")),
];

#[rustfmt::skip]
static USER: [Choice; 23] = [
    choice(1, "Login", "itemlink", Own("name")),
    choice(2, "ID", "number", Own("id")),
    choice(34, "Last name", "string", Own("realname")),
    choice(9, "First name", "string", Own("firstname")),
    choice(5, "Email", "email", Below(Kind::UserEmail, "email")),
    choice(6, "Phone", "string", Own("phone")),
    choice(10, "Phone 2", "string", Own("phone2")),
    choice(11, "Mobile phone", "string", Own("mobile")),
    choice(8, "Active", "bool", Own("is_active")),
    choice(13, "Groups", "itemlink", Key(Kind::Group, "groups_id", "completename")),
    choice(14, "Last login", "datetime", Own("last_login")),
    choice(16, "Comments", "text", Own("comment")),
    choice(19, "Last update", "datetime", Own("date_mod")),
    choice(121, "Creation date", "datetime", Own("date_creation")),
    choice(20, "Profiles (Entity)", "dropdown", BelowKey(Kind::ProfileUser, "profiles_id", Kind::Profile, "name")),
    choice(22, "Administrative number", "string", Own("registration_number")),
    choice(28, "Synchronization field", "string", Own("sync_field")),
    choice(3, "Location", "dropdown", Key(Kind::Location, "locations_id", "completename")),
    choice(79, "Default profile", "dropdown", Key(Kind::Profile, "profiles_id", "name")),
    choice(77, "Default entity", "dropdown", Key(Kind::Entity, "entities_id", "completename")),
    choice(80, "Entities (Profile)", "dropdown", BelowKey(Kind::ProfileUser, "entities_id", Kind::Entity, "completename")),
    choice(99, "Supervisor", "dropdown", Key(Kind::User, "users_id_supervisor", "name")),
    choice(17, "Language", "language", Own("language")),
];

#[rustfmt::skip]
static FOLLOWUP: [Choice; 4] = [
    choice(1, "Description", "text", Own("content")),
    choice(3, "Date", "datetime", Own("date")),
    choice(4, "Private", "bool", Own("is_private")),
    choice(5, "User", "dropdown", Key(Kind::User, "users_id", "name")),
];

#[rustfmt::skip]
static CATEGORY: [Choice; 7] = [
    choice(1, "Complete name", "itemlink", Own("completename")),
    choice(2, "ID", "number", Own("id")),
    choice(14, "Name", "itemlink", Own("name")),
    choice(3, "Visible in the simplified interface", "bool", Own("is_helpdeskvisible")),
    choice(74, "Visible for an incident", "bool", Own("is_incident")),
    choice(75, "Visible for a request", "bool", Own("is_request")),
    choice(99, "Code representing the ticket category", "string", Own("code")),
];

#[rustfmt::skip]
static ENTITY: [Choice; 6] = [
    choice(1, "Complete name", "itemlink", Own("completename")),
    choice(2, "ID", "number", Own("id")),
    choice(14, "Name", "itemlink", Own("name")),
    choice(5, "Phone", "text", Own("phonenumber")),
    choice(8, "Inventory tag", "string", Own("tag")),
    choice(70, "Administrative number", "string", Own("registration_number")),
];

#[rustfmt::skip]
static KNOWBASE: [Choice; 6] = [
    choice(2, "ID", "number", Own("id")),
    choice(6, "Subject", "text", Own("name")),
    choice(7, "Content", "text", Own("answer")),
    choice(8, "Item in the FAQ", "bool", Own("is_faq")),
    choice(9, "Number of views", "integer", Own("view")),
    choice(19, "Last update", "datetime", Own("date_mod")),
];

#[rustfmt::skip]
static DOCUMENT: [Choice; 5] = [
    choice(1, "Name", "itemlink", Own("name")),
    choice(2, "ID", "number", Own("id")),
    choice(3, "File", "specific", Own("filename")),
    choice(5, "MIME type", "string", Own("mime")),
    choice(20, "Checksum", "string", Own("sha1sum")),
];

#[rustfmt::skip]
static PROFILE_USER: [Choice; 4] = [
    choice(2, "ID", "number", Own("id")),
    choice(4, "Profile", "dropdown", Key(Kind::Profile, "profiles_id", "name")),
    choice(5, "User", "dropdown", Key(Kind::User, "users_id", "name")),
    choice(80, "Entity", "dropdown", Key(Kind::Entity, "entities_id", "completename")),
];

#[rustfmt::skip]
static VALIDATION: [Choice; 7] = [
    choice(1, "Comments", "text", Own("comment_submission")),
    choice(2, "Status", "specific", Own("status")),
    choice(3, "Request date", "datetime", Own("submission_date")),
    choice(4, "Approval date", "datetime", Own("validation_date")),
    choice(5, "Approval comments", "text", Own("comment_validation")),
    choice(6, "Approval requester", "itemlink", Key(Kind::User, "users_id", "name")),
    choice(7, "Approver", "itemlink", Key(Kind::User, "users_id_validate", "name")),
];

static NAMED: [Choice; 3] = [
    choice(1, "Name", "itemlink", Own("name")),
    choice(2, "ID", "number", Own("id")),
    choice(19, "Last update", "datetime", Own("date_mod")),
];

/// The options of an itemtype.
pub fn of(kind: Kind) -> &'static [Choice] {
    match kind {
        Kind::Ticket => &TICKET,
        Kind::User => &USER,
        Kind::Followup => &FOLLOWUP,
        Kind::Category => &CATEGORY,
        Kind::Entity => &ENTITY,
        Kind::KnowbaseItem => &KNOWBASE,
        Kind::Document => &DOCUMENT,
        Kind::ProfileUser => &PROFILE_USER,
        Kind::Validation => &VALIDATION,
        kind if kind.has("name") => &NAMED,
        _ => &[],
    }
}

/// The option with this id.
pub fn find(kind: Kind, id: u32) -> Option<&'static Choice> {
    of(kind).iter().find(|choice| choice.id == id)
}

impl Choice {
    /// The option's values for a row: none, one, or several where rows join.
    pub fn values(&self, house: &House, item: Item<'_>) -> Vec<Value> {
        let store = &house.store;
        let below = |kind| store.children(kind, item.kind, item.id());
        let text_id = |id: i64| Value::from(id.to_string());
        match self.from {
            Own(column) => vec![item.value(column).clone()],
            Key(kind, key, column) => {
                let row = store.get(kind, item.int(key));
                vec![row.map_or(Value::Null, |row| row.value(column).clone())]
            }
            Actors(role) => {
                let rows = below(Kind::TicketUser).filter(|row| row.int("type") == role);
                rows.map(|row| text_id(row.int("users_id"))).collect()
            }
            Groups(role) => {
                let rows = below(Kind::GroupTicket).filter(|row| row.int("type") == role);
                rows.filter_map(|row| store.get(Kind::Group, row.int("groups_id")))
                    .map(|group| group.value("completename").clone())
                    .collect()
            }
            Below(kind, column) => below(kind).map(|row| row.value(column).clone()).collect(),
            BelowKey(kind, key, target, column) => below(kind)
                .filter_map(|row| store.get(target, row.int(key)))
                .map(|row| row.value(column).clone())
                .collect(),
            Count(kind) => vec![json!(below(kind).count())],
            Latest(kind, column) => {
                let latest = below(kind).map(|row| row.text(column)).max();
                vec![latest.map_or(Value::Null, Value::from)]
            }
        }
    }

    /// The id an `equals` compares for options that name another item.
    pub fn ids(&self, item: Item<'_>) -> Option<i64> {
        match self.from {
            Key(_, key, _) => Some(item.int(key)),
            Own("name" | "completename") if self.datatype == "itemlink" => Some(item.id()),
            _ => None,
        }
    }

    fn source(&self, kind: Kind) -> (&'static str, &'static str) {
        let own = kind.schema().table;
        match self.from {
            Own(column) => (own, column),
            Key(target, _, column) | BelowKey(_, _, target, column) => {
                (target.schema().table, column)
            }
            Actors(_) => ("glpi_users", "name"),
            Groups(_) => ("glpi_groups", "completename"),
            Below(below, column) | Latest(below, column) => (below.schema().table, column),
            Count(below) => (below.schema().table, "id"),
        }
    }

    fn uid(&self, kind: Kind) -> String {
        let itemtype = kind.schema().itemtype;
        match self.from {
            Own(column) => format!("{itemtype}.{column}"),
            Key(target, _, column) => format!("{itemtype}.{}.{column}", target.schema().itemtype),
            Actors(_) => format!("{itemtype}.Ticket_User.User.name"),
            Groups(_) => format!("{itemtype}.Group_Ticket.Group.completename"),
            Below(below, column) | Latest(below, column) => {
                format!("{itemtype}.{}.{column}", below.schema().itemtype)
            }
            BelowKey(below, _, target, column) => {
                format!(
                    "{itemtype}.{}.{}.{column}",
                    below.schema().itemtype,
                    target.schema().itemtype
                )
            }
            Count(below) => format!("{itemtype}.{}.id", below.schema().itemtype),
        }
    }
}

/// `GET /listSearchOptions/{Itemtype}`.
pub fn list(kind: Kind) -> Value {
    let mut listed = Map::new();
    listed.insert("common".to_owned(), json!({"name": "Characteristics"}));
    for choice in of(kind) {
        let (table, field) = choice.source(kind);
        let searchtypes = match choice.datatype {
            "datetime" => json!([
                "equals",
                "notequals",
                "lessthan",
                "morethan",
                "contains",
                "notcontains"
            ]),
            "dropdown" | "itemlink" => json!([
                "contains",
                "notcontains",
                "equals",
                "notequals",
                "under",
                "notunder"
            ]),
            "bool" | "specific" => json!(["equals", "notequals"]),
            "number" | "count" | "integer" => {
                json!([
                    "contains",
                    "notcontains",
                    "equals",
                    "notequals",
                    "lessthan",
                    "morethan"
                ])
            }
            _ => json!(["contains", "notcontains"]),
        };
        let entry = json!({
            "name": choice.name,
            "table": table,
            "field": field,
            "datatype": choice.datatype,
            "nosearch": false,
            "nodisplay": false,
            "available_searchtypes": searchtypes,
            "uid": choice.uid(kind),
        });
        listed.insert(choice.id.to_string(), entry);
    }
    Value::Object(listed)
}

/// Keys of a row under `uid_cols`.
pub fn uid(kind: Kind, id: u32) -> Option<String> {
    find(kind, id).map(|choice| choice.uid(kind))
}
