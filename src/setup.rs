//! Setting up: tenants, connections, queues, channels, cohorts and rules, edited while the server
//! runs.
//!
//! An edit is read against the declaration of its row, laid over what is there, and tried on the
//! whole directory before it is written, so that what would not fit is refused with its field. The
//! row and its line in the audit are one transaction; then the directory is published. Nothing here
//! is on the way of a message: while the database is away edits are refused and conversations go on.

mod row;
mod templates;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actors::model::Name;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::config::{self, GlpiConnection, Problems, Section, Tenant};
use crate::directory::{Entries, PublishError, Published};
use crate::providers::glpi::Report;
use crate::store::{AuditLine, Store, StoreError, Trace, WantedTraces};
pub use row::{Kind, Row, Stored};
pub(crate) use templates::template_line;

/// Looks at a connection's set-up in GLPI, and whether people may join their number in the chat.
pub type Checker = Box<
    dyn Fn(GlpiConnection, bool) -> Pin<Box<dyn Future<Output = Result<Report, String>> + Send>>
        + Send
        + Sync,
>;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There is no such row.
    #[error("there is no such row")]
    Missing,
    /// Another row has this id.
    #[error("the id is taken")]
    Taken,
    /// Somebody changed the row meanwhile.
    #[error("the row was changed meanwhile; it has revision {revision} now")]
    Stale {
        /// Its revision now.
        revision: u64,
    },
    /// What was asked for does not fit.
    #[error("{0}")]
    Invalid(Problems),
    /// Other rows need it.
    #[error("other rows need it")]
    InUse,
    /// The database does not do its part.
    #[error(transparent)]
    Store(StoreError),
}

/// Who edits.
#[derive(Clone, Debug)]
pub struct Author {
    /// As the audit names them.
    pub name: String,
}

/// A row with its revision.
#[derive(Clone, Debug)]
pub struct Revised<R> {
    /// The row.
    pub row: R,
    /// Counts its changes, from 1.
    pub revision: u64,
}

/// The editor. One edit at a time.
pub struct SetUp {
    store: Store,
    published: Arc<Published>,
    checker: Checker,
    editing: Mutex<()>,
}

impl SetUp {
    /// Edits the rows of `store` and publishes them.
    pub fn new(store: Store, published: Arc<Published>, checker: Checker) -> Self {
        Self {
            store,
            published,
            checker,
            editing: Mutex::new(()),
        }
    }

    /// Every row of a kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list<R: Row>(&self) -> Result<Vec<Revised<R>>, SetUpError> {
        let (_, entries) = self.store.directory().await?;
        let revisions = self.store.revisions(R::KIND).await?;
        let rows = R::of(&entries).iter().map(|row| {
            let of = |(tenant, id, _): &&(String, String, u64)| {
                id == row.id().as_str() && tenant == row.tenant().as_str()
            };
            Revised {
                row: row.clone(),
                revision: revisions
                    .iter()
                    .find(of)
                    .map_or(1, |(.., revision)| *revision),
            }
        });
        Ok(rows.collect())
    }

    /// One row.
    ///
    /// # Errors
    /// When it is not there or the database is away.
    pub async fn one<R: Row>(&self, tenant: &Name, id: &Name) -> Result<Revised<R>, SetUpError> {
        let rows = self.list::<R>().await?;
        let own = |found: &Revised<R>| found.row.tenant() == tenant && found.row.id() == id;
        rows.into_iter().find(own).ok_or(SetUpError::Missing)
    }

    /// Makes a row.
    ///
    /// # Errors
    /// When it does not fit, its id is taken, or the database is away.
    pub async fn create<R: Row>(
        &self,
        author: &Author,
        settings: Map<String, Value>,
    ) -> Result<Revised<R>, SetUpError> {
        let _one = self.editing.lock().await;
        let (_, mut entries) = self.store.directory().await?;
        let row: R = config::read_json(settings.into()).map_err(SetUpError::Invalid)?;
        let same = |other: &R| {
            other.id() == row.id() && (R::KIND.is_shared() || other.tenant() == row.tenant())
        };
        if R::of(&entries).iter().any(same) {
            return Err(SetUpError::Taken);
        }
        R::of_mut(&mut entries).push(row.clone());
        self.try_on(&row, &entries)?;
        let line = audit::<R>(author, &row, "create", differences(None, &row));
        self.store.put_row(&row, None, &line).await?;
        self.publish().await;
        Ok(Revised { row, revision: 1 })
    }

    /// Changes the settings that are given; what is null is taken away, secrets that are not given
    /// stay. With `expected`, only while the row has that revision.
    ///
    /// # Errors
    /// When it is not there, was changed meanwhile or does not fit, or the database is away.
    pub async fn change<R: Row>(
        &self,
        author: &Author,
        (tenant, id): (&Name, &Name),
        settings: Map<String, Value>,
        expected: Option<u64>,
        what: &'static str,
    ) -> Result<Revised<R>, SetUpError> {
        let _one = self.editing.lock().await;
        let (_, mut entries) = self.store.directory().await?;
        let before = self.one::<R>(tenant, id).await?;
        if expected.is_some_and(|expected| expected != before.revision) {
            let revision = before.revision;
            return Err(SetUpError::Stale { revision });
        }
        let row = config::changed(&before.row, settings).map_err(SetUpError::Invalid)?;
        if row.id() != id || row.tenant() != tenant {
            let place = if row.id() == id { "tenant" } else { "id" };
            let wrong = Problems::one(place, "cannot be changed");
            return Err(SetUpError::Invalid(wrong));
        }
        for other in R::of_mut(&mut entries) {
            if other.id() == id && other.tenant() == tenant {
                *other = row.clone();
            }
        }
        self.try_on(&row, &entries)?;
        let line = audit::<R>(author, &row, what, differences(Some(&before.row), &row));
        self.store
            .put_row(&row, Some(before.revision), &line)
            .await?;
        self.publish().await;
        let revision = before.revision + 1;
        Ok(Revised { row, revision })
    }

    /// Removes a row that no other needs.
    ///
    /// # Errors
    /// When it is not there, was changed meanwhile or is needed, or the database is away.
    pub async fn remove<R: Row>(
        &self,
        author: &Author,
        (tenant, id): (&Name, &Name),
        expected: Option<u64>,
    ) -> Result<(), SetUpError> {
        let _one = self.editing.lock().await;
        let before = self.one::<R>(tenant, id).await?;
        if expected.is_some_and(|expected| expected != before.revision) {
            let revision = before.revision;
            return Err(SetUpError::Stale { revision });
        }
        let (_, mut entries) = self.store.directory().await?;
        R::of_mut(&mut entries).retain(|row| row.id() != id || row.tenant() != tenant);
        self.published
            .fits(&entries)
            .map_err(|_| SetUpError::InUse)?;
        let line = audit::<R>(author, &before.row, "delete", before.row.show());
        self.store.remove_row(R::KIND, tenant, id, &line).await?;
        self.publish().await;
        Ok(())
    }

    /// The newest lines of the audit, of one tenant or of all.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit(
        &self,
        tenant: Option<&Name>,
        max: u32,
    ) -> Result<Vec<AuditLine>, SetUpError> {
        Ok(self.store.audit(tenant, max).await?)
    }

    /// The newest lines of the trace log.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn traces(&self, wanted: &WantedTraces) -> Result<Vec<Trace>, SetUpError> {
        Ok(self.store.traces(wanted).await?)
    }

    /// What is missing in a connection's set-up in GLPI.
    ///
    /// # Errors
    /// When it is not there, the database is away, or no client can be made of it.
    pub async fn check(&self, tenant: &Name, id: &Name) -> Result<Report, SetUpError> {
        let found = self.one::<GlpiConnection>(tenant, id).await?;
        let owner = self.one::<Tenant>(tenant, tenant).await?;
        let joins = !owner.row.link_domains.is_empty();
        let checked = (self.checker)(found.row, joins).await;
        checked.map_err(|problem| SetUpError::Invalid(Problems::one("url", problem)))
    }

    fn try_on<R: Row>(&self, row: &R, entries: &Entries) -> Result<(), SetUpError> {
        let mut problems = Problems::default();
        row.check(entries, &mut problems);
        if problems.iter().next().is_some() {
            return Err(SetUpError::Invalid(problems));
        }
        self.published.fits(entries).map_err(SetUpError::Invalid)
    }

    /// The rows are on record already; a directory that could not be published now is published by
    /// its keeper, which looks every few seconds.
    async fn publish(&self) {
        let published = async {
            let (version, entries) = self.store.directory().await?;
            self.published.publish(version, &entries)?;
            Ok::<_, PublishingError>(())
        };
        if let Err(error) = published.await {
            tracing::warn!(%error, "an edit waits to be published");
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum PublishingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl From<StoreError> for SetUpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale { revision } => Self::Stale { revision },
            error if error.is_taken() => Self::Taken,
            error if error.is_in_use() => Self::InUse,
            error => Self::Store(error),
        }
    }
}

fn audit<R: Row>(author: &Author, row: &R, what: &'static str, changes: Value) -> AuditLine {
    AuditLine {
        at: None,
        who: author.name.clone(),
        tenant: row.tenant().to_string(),
        kind: R::KIND.as_str().to_owned(),
        row: row.id().to_string(),
        what: what.to_owned(),
        changes,
    }
}

/// What changed, field by field: before and after; of a secret only that it did.
fn differences<S: Section>(before: Option<&S>, after: &S) -> Value {
    let Some(before) = before else {
        return after.show();
    };
    let (was, is) = (before.show(), after.show());
    let hidden = config::differing(before, after);
    let mut changes = Map::new();
    for (field, value) in is.as_object().into_iter().flatten() {
        if was[field] != *value {
            changes.insert(field.clone(), json!({"was": was[field], "is": value}));
        } else if hidden.contains(field) {
            changes.insert(field.clone(), json!("changed"));
        }
    }
    changes.into()
}
