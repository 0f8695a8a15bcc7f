//! The rows behind the directory file: read all at once, opened, checked.

use actors::model::Name;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::seal::Cell;
use super::{Store, StoreError, templates};
use crate::config::{
    self, Channel, GlpiConnection, GupshupApp, Mode, Provider, Section, TemplatePurpose, Tenant,
    Tier, UnknownNumbers, notices,
};
use crate::directory::{Entries, Token};

impl Store {
    /// The number of the last change of what the directory holds.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn directory_version(&self) -> Result<u64, StoreError> {
        version(&mut *self.pool.acquire().await?).await
    }

    /// Everything the directory holds, with its version, as of one moment.
    ///
    /// # Errors
    /// When the database is away, a secret does not open, or a row holds what this release
    /// does not know.
    pub async fn directory(&self) -> Result<(u64, Entries), StoreError> {
        let mut moment = self.pool.begin().await?;
        sqlx::query("set transaction isolation level repeatable read, read only")
            .execute(&mut *moment)
            .await?;
        let version = version(&mut moment).await?;
        let mut entries = Entries::default();
        for row in sqlx::query("select * from tenants order by id")
            .fetch_all(&mut *moment)
            .await?
        {
            entries.tenants.push(tenant(&row)?);
        }
        let query = sqlx::query("select * from glpi_connections order by id");
        for row in query.fetch_all(&mut *moment).await? {
            entries.glpi_connections.push(self.glpi_connection(&row)?);
        }
        let purposes = templates::purposes(&mut moment).await?;
        let query = sqlx::query("select * from channels order by id");
        for row in query.fetch_all(&mut *moment).await? {
            entries.channels.push(self.channel(&row, &purposes)?);
        }
        entries.queues = documents(&mut moment, "queues").await?;
        entries.cohorts = documents(&mut moment, "cohorts").await?;
        entries.rules = documents(&mut moment, "rules").await?;
        entries.templates = templates::rows(&mut moment, None).await?;
        let query = sqlx::query(
            "select *, extract(epoch from expires_at)::bigint as expires_at_s
             from api_tokens order by digest",
        );
        for row in query.fetch_all(&mut *moment).await? {
            entries.tokens.push(token(&row)?);
        }
        moment.commit().await?;
        Ok((version, entries))
    }

    fn glpi_connection(&self, row: &PgRow) -> Result<GlpiConnection, StoreError> {
        let id: String = row.try_get("id")?;
        let cell = |column| Cell {
            table: "glpi_connections",
            column,
            row: &id,
        };
        let app_token: Option<&[u8]> = row.try_get("app_token")?;
        let app_token = app_token
            .map(|sealed| self.sealer.open(cell("app_token"), sealed))
            .transpose()?;
        let webhook_secret: Option<&[u8]> = row.try_get("webhook_secret")?;
        let webhook_secret = webhook_secret
            .map(|sealed| self.sealer.open(cell("webhook_secret"), sealed))
            .transpose()?;
        let user_token = self
            .sealer
            .open(cell("user_token"), row.try_get("user_token")?)?;
        Ok(GlpiConnection {
            id: Name::new(&id)?,
            tenant: name(row, "tenant_id")?,
            url: row.try_get("url")?,
            app_token,
            user_token,
            fallback_entity: small(row, "glpi_connections", "fallback_entity")?,
            paused: row.try_get("paused")?,
            webhook_secret,
        })
    }

    fn channel(
        &self,
        row: &PgRow,
        purposes: &[(String, TemplatePurpose)],
    ) -> Result<Channel, StoreError> {
        let id: String = row.try_get("id")?;
        let secret = |column| {
            let cell = Cell {
                table: "channels",
                column,
                row: &id,
            };
            let sealed: Option<&[u8]> = row.try_get(column)?;
            let opened = sealed.map(|sealed| self.sealer.open(cell, sealed));
            Ok::<_, StoreError>(opened.transpose()?.unwrap_or_default())
        };
        let text = |column| {
            let found: Option<String> = row.try_get(column)?;
            Ok::<_, StoreError>(found.unwrap_or_default())
        };
        let app: Option<String> = row.try_get("gupshup_app_id")?;
        let gupshup = app.map(|app| {
            Ok::<_, StoreError>(GupshupApp {
                name: row.try_get("gupshup_app_name")?,
                id: app,
                api_key: secret("gupshup_api_key")?,
                path_secret: secret("gupshup_path_secret")?,
            })
        });
        let glpi: Option<&str> = row.try_get("glpi_connection_id")?;
        Ok(Channel {
            id: Name::new(&id)?,
            tenant: name(row, "tenant_id")?,
            provider: word(row, "channels", "provider", Provider::from_word)?,
            phone_number_id: text("phone_number_id")?,
            business_account_id: text("business_account_id")?,
            number: row.try_get("number")?,
            app_secret: secret("app_secret")?,
            verify_token: secret("verify_token")?,
            access_token: secret("access_token")?,
            gupshup: gupshup.transpose()?,
            fallback: row
                .try_get::<Option<&str>, _>("fallback_provider")?
                .map(|_| word(row, "channels", "fallback_provider", Provider::from_word))
                .transpose()?,
            fallback_after_ms: small(row, "channels", "fallback_after_ms")?,
            mode: word(row, "channels", "mode", Mode::from_word)?,
            merge_interval_ms: small(row, "channels", "merge_interval_ms")?,
            ticket_prefix: row.try_get("ticket_prefix")?,
            glpi: glpi.map(Name::new).transpose()?,
            queue: row
                .try_get::<Option<&str>, _>("queue_id")?
                .map(Name::new)
                .transpose()?,
            messages_before_people: small(row, "channels", "messages_before_people")?,
            known_numbers: row.try_get("known_numbers")?,
            glpi_match: row.try_get("glpi_match")?,
            glpi_match_wait_s: small(row, "channels", "glpi_match_wait_s")?,
            glpi_match_keep_h: small(row, "channels", "glpi_match_keep_h")?,
            glpi_match_silent: word(
                row,
                "channels",
                "glpi_match_silent",
                UnknownNumbers::from_word,
            )?,
            unknown_numbers: word(
                row,
                "channels",
                "unknown_numbers",
                UnknownNumbers::from_word,
            )?,
            refusal_text: row.try_get("refusal_text")?,
            paused: row.try_get("paused")?,
            template_purposes: purposes
                .iter()
                .filter(|(channel, _)| *channel == id)
                .map(|(_, purpose)| purpose.clone())
                .collect(),
        })
    }
}

/// Every row of a table whose rows are documents.
async fn documents<S: Section>(
    connection: &mut PgConnection,
    table: &'static str,
) -> Result<Vec<S>, StoreError> {
    // The table's name is one of this module's own.
    let query = sqlx::AssertSqlSafe(format!(
        "select settings from {table} order by tenant_id, id"
    ));
    let rows: Vec<serde_json::Value> = sqlx::query_scalar(query).fetch_all(connection).await?;
    let read = |settings| Ok(config::read_json(settings)?);
    rows.into_iter().map(read).collect()
}

async fn version(connection: &mut PgConnection) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar("select version from directory_version");
    let version: i64 = query.fetch_one(connection).await?;
    Ok(version.unsigned_abs())
}

fn tenant(row: &PgRow) -> Result<Tenant, StoreError> {
    let words: Vec<String> = row.try_get("notices")?;
    let unknown = |word: &str| StoreError::Unknown {
        table: "tenants",
        column: "notices",
        value: word.into(),
    };
    Ok(Tenant {
        id: name(row, "id")?,
        name: row.try_get("name")?,
        tier: word(row, "tenants", "tier", Tier::from_word)?,
        locale: row.try_get("locale")?,
        time_zone: row.try_get("time_zone")?,
        notices: notices::from_words(words.iter().map(String::as_str)).map_err(unknown)?,
        paused: row.try_get("paused")?,
        link_domains: row.try_get("link_domains")?,
        responsible: row.try_get("responsible")?,
    })
}

fn token(row: &PgRow) -> Result<Token, StoreError> {
    let digest: &[u8] = row.try_get("digest")?;
    let tenant: Option<&str> = row.try_get("tenant_id")?;
    let expires_at_s: Option<i64> = row.try_get("expires_at_s")?;
    Ok(Token {
        digest: hex::encode(digest),
        tenant: tenant.map(Name::new).transpose()?,
        scopes: row.try_get("scopes")?,
        // A moment before 1970 is as past as 1970.
        expires_at_s: expires_at_s.map(|seconds| u64::try_from(seconds).unwrap_or(0)),
    })
}

fn name(row: &PgRow, column: &'static str) -> Result<Name, StoreError> {
    Ok(Name::new(row.try_get(column)?)?)
}

fn word<T>(
    row: &PgRow,
    table: &'static str,
    column: &'static str,
    from_word: fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let value: &str = row.try_get(column)?;
    from_word(value).ok_or_else(|| StoreError::Unknown {
        table,
        column,
        value: value.into(),
    })
}

fn small(row: &PgRow, table: &'static str, column: &'static str) -> Result<u32, StoreError> {
    let value: i64 = row.try_get(column)?;
    let unknown = |_| StoreError::Unknown {
        table,
        column,
        value: value.to_string(),
    };
    u32::try_from(value).map_err(unknown)
}
