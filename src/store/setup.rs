//! Rows as they are set up one by one, each change with its line in the audit.

use actors::model::{Millis, Name};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::bootstrap::{Change, put_document, put_tenant};
use super::{Store, StoreError};
use crate::setup::{Kind, Row, Stored};

/// One line of the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLine {
    /// When; the database gives it.
    pub at: Option<Millis>,
    /// Who.
    pub who: String,
    /// The tenant whose row it is.
    pub tenant: String,
    /// Which kind of row.
    pub kind: String,
    /// Its id.
    pub row: String,
    /// What was done: `create`, `change`, `pause`, `resume` or `delete`.
    pub what: String,
    /// The fields that changed; never a secret.
    pub changes: Value,
}

impl Store {
    /// The revisions of a kind's rows: tenant, id, revision.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn revisions(&self, kind: Kind) -> Result<Vec<(String, String, u64)>, StoreError> {
        let (table, tenant) = (kind.table(), kind.tenant_column());
        // Both are names of this release's own tables.
        let query = format!("select {tenant} as tenant, id, revision from {table}");
        let query = sqlx::query(sqlx::AssertSqlSafe(query));
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row: &PgRow| {
            let revision: i64 = row.try_get("revision")?;
            Ok((
                row.try_get("tenant")?,
                row.try_get("id")?,
                revision.unsigned_abs(),
            ))
        };
        rows.iter().map(read).collect()
    }

    /// Puts a row in; with a revision, in the place of the one that has it.
    ///
    /// # Errors
    /// When somebody changed it meanwhile, it does not fit the tables, or the database is away.
    pub async fn put_row<R: Row>(
        &self,
        row: &R,
        replaces: Option<u64>,
        line: &AuditLine,
    ) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        if let Some(revision) = replaces {
            take_revision(&mut change, R::KIND, (row.tenant(), row.id()), revision).await?;
        }
        match row.stored() {
            Stored::Tenant(tenant) => put_tenant(&mut change, tenant).await?,
            Stored::GlpiConnection(connection) => {
                self.put_glpi_connection(&mut change, connection).await?;
            }
            Stored::Channel(channel) => {
                let forget = "delete from template_purposes where channel_id = $1";
                let forget = sqlx::query(forget).bind(channel.id.as_str());
                forget.execute(&mut *change).await?;
                self.put_channel(&mut change, channel).await?;
            }
            Stored::Document => {
                let key = (row.tenant(), row.id());
                put_document(&mut change, R::KIND.table(), key, row).await?;
            }
        }
        note(&mut change, line).await?;
        change.commit().await?;
        Ok(())
    }

    /// Removes a row.
    ///
    /// # Errors
    /// When others need it or the database is away.
    pub async fn remove_row(
        &self,
        kind: Kind,
        tenant: &Name,
        id: &Name,
        line: &AuditLine,
    ) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        let (table, column) = (kind.table(), kind.tenant_column());
        if kind == Kind::Channels {
            for of_channel in ["template_purposes", "templates"] {
                let forget = format!("delete from {of_channel} where channel_id = $1");
                let forget = sqlx::query(sqlx::AssertSqlSafe(forget)).bind(id.as_str());
                forget.execute(&mut *change).await?;
            }
        }
        // Both are names of this release's own tables.
        let query = format!("delete from {table} where id = $1 and {column} = $2");
        sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(id.as_str())
            .bind(tenant.as_str())
            .execute(&mut *change)
            .await?;
        note(&mut change, line).await?;
        change.commit().await?;
        Ok(())
    }

    /// The newest lines of the audit, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit(
        &self,
        tenant: Option<&Name>,
        max: u32,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let query = sqlx::query(
            "select (extract(epoch from at) * 1000)::bigint as at_ms, who, tenant_id, kind, row_id,
                    what, changes
             from audit where $1::text is null or tenant_id = $1 order by id desc limit $2",
        )
        .bind(tenant.map(|tenant| tenant.as_str()))
        .bind(i64::from(max));
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row: &PgRow| {
            let at_ms: i64 = row.try_get("at_ms")?;
            Ok(AuditLine {
                at: Some(Millis(at_ms.unsigned_abs())),
                who: row.try_get("who")?,
                tenant: row.try_get("tenant_id")?,
                kind: row.try_get("kind")?,
                row: row.try_get("row_id")?,
                what: row.try_get("what")?,
                changes: row.try_get("changes")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// Counts a row's revision on, if it still has the one that was read.
async fn take_revision(
    change: &mut Change<'_>,
    kind: Kind,
    (tenant, id): (&Name, &Name),
    revision: u64,
) -> Result<(), StoreError> {
    let (table, column) = (kind.table(), kind.tenant_column());
    // Both are names of this release's own tables.
    let query = format!(
        "update {table} set revision = revision + 1
         where id = $1 and {column} = $2 and revision = $3"
    );
    let taken = sqlx::query(sqlx::AssertSqlSafe(query))
        .bind(id.as_str())
        .bind(tenant.as_str())
        .bind(revision.cast_signed())
        .execute(&mut **change)
        .await?;
    match taken.rows_affected() {
        0 => Err(StoreError::Stale {
            revision: revision + 1,
        }),
        _ => Ok(()),
    }
}

/// Adds a line to the audit.
pub(super) async fn note(change: &mut PgConnection, line: &AuditLine) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit (who, tenant_id, kind, row_id, what, changes)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&line.who)
    .bind(&line.tenant)
    .bind(&line.kind)
    .bind(&line.row)
    .bind(&line.what)
    .bind(&line.changes)
    .execute(change)
    .await?;
    Ok(())
}
