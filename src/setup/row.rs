//! The kinds of rows that are set up.

use actors::model::Name;

use crate::config::{Channel, Cohort, GlpiConnection, Problems, Queue, Rule, Section, Tenant};
use crate::directory::Entries;

/// A kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tenants.
    Tenants,
    /// Ticket systems.
    GlpiConnections,
    /// Where people wait for operators.
    Queues,
    /// WhatsApp numbers.
    Channels,
    /// Who gets the bot.
    Cohorts,
    /// What is answered without a dialogue.
    Rules,
}

impl Kind {
    /// The kind as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenants => "tenants",
            Self::GlpiConnections => "glpi-connections",
            Self::Queues => "queues",
            Self::Channels => "channels",
            Self::Cohorts => "cohorts",
            Self::Rules => "rules",
        }
    }

    /// One of the kind, for people.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Tenants => "tenant",
            Self::GlpiConnections => "connection",
            Self::Queues => "queue",
            Self::Channels => "channel",
            Self::Cohorts => "cohort",
            Self::Rules => "rule",
        }
    }

    /// Its table.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::GlpiConnections => "glpi_connections",
            other => other.as_str(),
        }
    }

    /// Whether its ids are those of the whole service, because they stand in addresses, and not each
    /// tenant's own.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Tenants | Self::GlpiConnections | Self::Channels)
    }

    /// The column that names the row's tenant; a tenant's own is its id.
    pub(crate) const fn tenant_column(self) -> &'static str {
        match self {
            Self::Tenants => "id",
            _ => "tenant_id",
        }
    }
}

/// A row that is set up.
pub trait Row: Section + Clone + Send + Sync + 'static {
    /// Which kind it is.
    const KIND: Kind;
    /// Its id.
    fn id(&self) -> &Name;
    /// Its tenant; a tenant is its own.
    fn tenant(&self) -> &Name;
    /// All of the kind.
    fn of(entries: &Entries) -> &[Self];
    /// The same, to be changed.
    fn of_mut(entries: &mut Entries) -> &mut Vec<Self>;
    /// Adds what is wrong with it among the other rows.
    fn check(&self, entries: &Entries, problems: &mut Problems);
    /// The row as the database keeps it.
    fn stored(&self) -> Stored<'_>;
}

/// A row on its way to the database.
#[derive(Clone, Copy, Debug)]
pub enum Stored<'a> {
    /// Columns of its own.
    Tenant(&'a Tenant),
    /// Columns of its own, secrets sealed.
    GlpiConnection(&'a GlpiConnection),
    /// Columns of its own, secrets sealed.
    Channel(&'a Channel),
    /// One document.
    Document,
}

macro_rules! row {
    ($row:ident, $kind:ident, $field:ident, $stored:expr, $check:expr) => {
        impl Row for $row {
            const KIND: Kind = Kind::$kind;

            fn id(&self) -> &Name {
                &self.id
            }

            fn tenant(&self) -> &Name {
                row!(@tenant $row self)
            }

            fn of(entries: &Entries) -> &[Self] {
                &entries.$field
            }

            fn of_mut(entries: &mut Entries) -> &mut Vec<Self> {
                &mut entries.$field
            }

            fn check(&self, entries: &Entries, problems: &mut Problems) {
                let check: fn(&Self, &Entries, &mut Problems) = $check;
                check(self, entries, problems);
            }

            fn stored(&self) -> Stored<'_> {
                let stored: fn(&Self) -> Stored<'_> = $stored;
                stored(self)
            }
        }
    };
    (@tenant Tenant $row:ident) => { &$row.id };
    (@tenant $kind:ident $row:ident) => { &$row.tenant };
}

row!(
    Tenant,
    Tenants,
    tenants,
    |row| Stored::Tenant(row),
    |row, _, problems| {
        row.check("", problems);
    }
);
row!(
    GlpiConnection,
    GlpiConnections,
    glpi_connections,
    |row| Stored::GlpiConnection(row),
    |row, entries, problems| {
        known(entries, &row.tenant, problems);
        row.check("", problems);
    }
);
row!(
    Channel,
    Channels,
    channels,
    |row| Stored::Channel(row),
    |row, entries, problems| {
        known(entries, &row.tenant, problems);
        row.check(&entries.glpi_connections, "", problems);
        row.check_people(&entries.queues, "", problems);
        for provider in row.providers() {
            let taken = |other: &Channel| {
                let same = other.number_id(provider) == row.number_id(provider);
                other.id != row.id && other.uses(provider) && same
            };
            if entries.channels.iter().any(taken) {
                problems.add("phone_number_id", "is given to another channel");
            }
        }
    }
);
row!(
    Queue,
    Queues,
    queues,
    |_| Stored::Document,
    |row, entries, problems| {
        known(entries, &row.tenant, problems);
        row.check("", problems);
    }
);
row!(
    Cohort,
    Cohorts,
    cohorts,
    |_| Stored::Document,
    |row, entries, problems| {
        known(entries, &row.tenant, problems);
        own_channels(entries, &row.tenant, &row.channels, problems);
        row.check("", problems);
    }
);
row!(
    Rule,
    Rules,
    rules,
    |_| Stored::Document,
    |row, entries, problems| {
        known(entries, &row.tenant, problems);
        own_channels(entries, &row.tenant, &row.channels, problems);
        row.check("", problems);
        let own =
            |queue: &Queue| queue.tenant == row.tenant && Some(&queue.id) == row.queue.as_ref();
        if let Some(queue) = row
            .queue
            .as_ref()
            .filter(|_| !entries.queues.iter().any(own))
        {
            problems.add(
                "queue",
                format!("the tenant has no queue with the id {queue}"),
            );
        }
    }
);

fn known(entries: &Entries, tenant: &Name, problems: &mut Problems) {
    if !entries.tenants.iter().any(|row| row.id == *tenant) {
        problems.add("tenant", format!("no tenant has the id {tenant}"));
    }
}

fn own_channels(entries: &Entries, tenant: &Name, named: &[String], problems: &mut Problems) {
    for (at, id) in named.iter().enumerate() {
        let mut channels = entries.channels.iter();
        if !channels.any(|channel| channel.tenant == *tenant && channel.id.as_str() == id) {
            let wrong = format!("the tenant has no channel with the id {id}");
            problems.add(format!("channels[{at}]"), wrong);
        }
    }
}
