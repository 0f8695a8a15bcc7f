//! The itemtypes of GLPI that are simulated: their tables, columns with defaults, and the
//! parent under which they are listed (GLPI REST API, CRUD; ticket; conversation objects).

use serde_json::{Value, json};

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

use Blank::{I, N, Now, T};

/// All itemtypes, in the order of [`Kind`].
#[rustfmt::skip]
pub static SCHEMAS: [Schema; 23] = [
    Schema {
        itemtype: "Ticket",
        label: "Ticket",
        table: "glpi_tickets",
        parent: Parent::None,
        columns: &[
            ("entities_id", I(0)), ("name", T), ("date", Now), ("closedate", N), ("solvedate", N),
            ("takeintoaccountdate", N), ("date_mod", Now), ("users_id_lastupdater", I(0)),
            ("status", I(1)), ("users_id_recipient", I(0)), ("requesttypes_id", I(1)),
            ("content", T), ("urgency", I(3)), ("impact", I(3)), ("priority", I(3)),
            ("itilcategories_id", I(0)), ("type", I(1)), ("global_validation", I(1)),
            ("slas_id_ttr", I(0)), ("slas_id_tto", I(0)), ("slalevels_id_ttr", I(0)),
            ("time_to_resolve", N), ("time_to_own", N), ("begin_waiting_date", N),
            ("sla_waiting_duration", I(0)), ("ola_waiting_duration", I(0)), ("olas_id_tto", I(0)),
            ("olas_id_ttr", I(0)), ("olalevels_id_ttr", I(0)), ("ola_tto_begin_date", N),
            ("ola_ttr_begin_date", N), ("internal_time_to_resolve", N),
            ("internal_time_to_own", N), ("waiting_duration", I(0)), ("close_delay_stat", I(0)),
            ("solve_delay_stat", I(0)), ("takeintoaccount_delay_stat", I(0)), ("actiontime", I(0)),
            ("is_deleted", I(0)), ("locations_id", I(0)), ("validation_percent", I(0)),
            ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "User",
        label: "User",
        table: "glpi_users",
        parent: Parent::None,
        columns: &[
            ("name", T), ("phone", T), ("phone2", T), ("mobile", T), ("realname", T),
            ("firstname", T), ("locations_id", I(0)), ("language", N), ("list_limit", N),
            ("is_active", I(1)), ("comment", N), ("auths_id", I(0)), ("authtype", I(1)),
            ("last_login", N), ("date_mod", Now), ("date_sync", N), ("is_deleted", I(0)),
            ("profiles_id", I(0)), ("entities_id", I(0)), ("usertitles_id", I(0)),
            ("usercategories_id", I(0)), ("registration_number", N), ("sync_field", N),
            ("groups_id", I(0)), ("users_id_supervisor", I(0)), ("timezone", N), ("picture", N),
            ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "UserEmail",
        label: "Email",
        table: "glpi_useremails",
        parent: Parent::Column(Kind::User, "users_id"),
        columns: &[("users_id", I(0)), ("is_default", I(0)), ("is_dynamic", I(0)), ("email", T)],
    },
    Schema {
        itemtype: "Profile_User",
        label: "Profile",
        table: "glpi_profiles_users",
        parent: Parent::Column(Kind::User, "users_id"),
        columns: &[
            ("users_id", I(0)), ("profiles_id", I(0)), ("entities_id", I(0)),
            ("is_recursive", I(0)), ("is_dynamic", I(0)), ("is_default_profile", I(0)),
        ],
    },
    Schema {
        itemtype: "Profile",
        label: "Profile",
        table: "glpi_profiles",
        parent: Parent::None,
        columns: &[
            ("name", T), ("interface", T), ("is_default", I(0)), ("comment", N),
            ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "Entity",
        label: "Entity",
        table: "glpi_entities",
        parent: Parent::None,
        columns: &[
            ("name", T), ("entities_id", N), ("completename", T), ("comment", N), ("level", I(1)),
            ("address", N), ("phonenumber", N), ("email", N), ("tag", N),
            ("registration_number", N), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "Group",
        label: "Group",
        table: "glpi_groups",
        parent: Parent::None,
        columns: &[
            ("entities_id", I(0)), ("is_recursive", I(0)), ("name", T), ("comment", N),
            ("completename", T), ("groups_id", I(0)), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "Ticket_User",
        label: "Ticket user",
        table: "glpi_tickets_users",
        parent: Parent::Column(Kind::Ticket, "tickets_id"),
        columns: &[
            ("tickets_id", I(0)), ("users_id", I(0)), ("type", I(1)), ("use_notification", I(1)),
            ("alternative_email", T),
        ],
    },
    Schema {
        itemtype: "Group_Ticket",
        label: "Group ticket",
        table: "glpi_groups_tickets",
        parent: Parent::Column(Kind::Ticket, "tickets_id"),
        columns: &[("tickets_id", I(0)), ("groups_id", I(0)), ("type", I(1))],
    },
    Schema {
        itemtype: "ITILFollowup",
        label: "Followup",
        table: "glpi_itilfollowups",
        parent: Parent::Any,
        columns: &[
            ("itemtype", T), ("items_id", I(0)), ("date", Now), ("users_id", I(0)),
            ("users_id_editor", I(0)), ("content", T), ("is_private", I(0)),
            ("requesttypes_id", I(0)), ("date_mod", Now), ("date_creation", Now),
            ("timeline_position", I(1)), ("sourceitems_id", I(0)), ("sourceof_items_id", I(0)),
        ],
    },
    Schema {
        itemtype: "ITILSolution",
        label: "Solution",
        table: "glpi_itilsolutions",
        parent: Parent::Any,
        columns: &[
            ("itemtype", T), ("items_id", I(0)), ("solutiontypes_id", I(0)),
            ("solutiontype_name", N), ("content", T), ("date_creation", Now), ("date_mod", Now),
            ("date_approval", N), ("users_id", I(0)), ("user_name", N), ("users_id_editor", I(0)),
            ("users_id_approval", I(0)), ("user_name_approval", N), ("status", I(2)),
            ("itilfollowups_id", N),
        ],
    },
    Schema {
        itemtype: "TicketTask",
        label: "Task",
        table: "glpi_tickettasks",
        parent: Parent::Column(Kind::Ticket, "tickets_id"),
        columns: &[
            ("tickets_id", I(0)), ("taskcategories_id", I(0)), ("date", Now), ("users_id", I(0)),
            ("users_id_editor", I(0)), ("content", T), ("is_private", I(0)), ("actiontime", I(0)),
            ("begin", N), ("end", N), ("state", I(1)), ("users_id_tech", I(0)),
            ("groups_id_tech", I(0)), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "TicketValidation",
        label: "Approval",
        table: "glpi_ticketvalidations",
        parent: Parent::Column(Kind::Ticket, "tickets_id"),
        columns: &[
            ("entities_id", I(0)), ("users_id", I(0)), ("tickets_id", I(0)),
            ("users_id_validate", I(0)), ("comment_submission", N), ("comment_validation", N),
            ("status", I(2)), ("submission_date", Now), ("validation_date", N),
        ],
    },
    Schema {
        itemtype: "TicketSatisfaction",
        label: "Satisfaction",
        table: "glpi_ticketsatisfactions",
        parent: Parent::Column(Kind::Ticket, "tickets_id"),
        columns: &[
            ("tickets_id", I(0)), ("type", I(1)), ("date_begin", Now), ("date_answered", N),
            ("satisfaction", N), ("comment", N),
        ],
    },
    Schema {
        itemtype: "ITILCategory",
        label: "ITIL category",
        table: "glpi_itilcategories",
        parent: Parent::None,
        columns: &[
            ("entities_id", I(0)), ("is_recursive", I(1)), ("itilcategories_id", I(0)),
            ("name", T), ("completename", T), ("comment", N), ("level", I(1)), ("code", N),
            ("is_helpdeskvisible", I(1)), ("is_incident", I(1)), ("is_request", I(1)),
            ("tickettemplates_id_incident", I(0)), ("tickettemplates_id_demand", I(0)),
            ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "RequestType",
        label: "Request source",
        table: "glpi_requesttypes",
        parent: Parent::None,
        columns: &[
            ("name", T), ("is_helpdesk_default", I(0)), ("is_followup_default", I(0)),
            ("is_active", I(1)), ("is_ticketheader", I(1)), ("is_itilfollowup", I(1)),
            ("comment", N), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "DocumentType",
        label: "Document type",
        table: "glpi_documenttypes",
        parent: Parent::None,
        columns: &[
            ("name", T), ("ext", T), ("icon", N), ("mime", N), ("is_uploadable", I(1)),
            ("comment", N), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "Document",
        label: "Document",
        table: "glpi_documents",
        parent: Parent::None,
        columns: &[
            ("entities_id", I(0)), ("is_recursive", I(0)), ("name", T), ("filename", N),
            ("filepath", N), ("documentcategories_id", I(0)), ("mime", N), ("date_mod", Now),
            ("comment", N), ("is_deleted", I(0)), ("link", N), ("users_id", I(0)),
            ("tickets_id", I(0)), ("sha1sum", N), ("is_blacklisted", I(0)), ("tag", N),
            ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "Document_Item",
        label: "Document item",
        table: "glpi_documents_items",
        parent: Parent::Any,
        columns: &[
            ("documents_id", I(0)), ("items_id", I(0)), ("itemtype", T), ("entities_id", I(0)),
            ("is_recursive", I(0)), ("date_mod", Now), ("users_id", I(0)),
            ("timeline_position", I(0)), ("date_creation", Now), ("date", Now),
        ],
    },
    Schema {
        itemtype: "KnowbaseItem",
        label: "Knowledge base",
        table: "glpi_knowbaseitems",
        parent: Parent::None,
        columns: &[
            ("name", T), ("answer", T), ("is_faq", I(0)), ("users_id", I(0)), ("view", I(0)),
            ("begin_date", N), ("end_date", N), ("date_creation", Now), ("date_mod", Now),
        ],
    },
    Schema {
        itemtype: "Entity_KnowbaseItem",
        label: "Target",
        table: "glpi_entities_knowbaseitems",
        parent: Parent::Column(Kind::KnowbaseItem, "knowbaseitems_id"),
        columns: &[("knowbaseitems_id", I(0)), ("entities_id", I(0)), ("is_recursive", I(0))],
    },
    Schema {
        itemtype: "Location",
        label: "Location",
        table: "glpi_locations",
        parent: Parent::None,
        columns: &[
            ("entities_id", I(0)), ("is_recursive", I(0)), ("name", T), ("locations_id", I(0)),
            ("completename", T), ("comment", N), ("date_mod", Now), ("date_creation", Now),
        ],
    },
    Schema {
        itemtype: "SolutionType",
        label: "Solution type",
        table: "glpi_solutiontypes",
        parent: Parent::None,
        columns: &[
            ("name", T), ("comment", N), ("entities_id", I(0)), ("is_recursive", I(1)),
            ("date_mod", Now), ("date_creation", Now),
        ],
    },
];

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
