//! What an empty database begins with.

use actors::model::Name;
use sqlx::{Postgres, Transaction};

use super::seal::Cell;
use super::{Store, StoreError, templates};
use crate::config::{
    ApiToken, Bootstrap, Channel, GlpiConnection, Secret, Section, Tenant, notices,
};
use crate::directory::digest;

pub(super) type Change<'a> = Transaction<'a, Postgres>;

impl Store {
    /// Puts the bootstrap part of the configuration in, all of it or nothing, unless that
    /// was done before. Tells whether it was done now.
    ///
    /// # Errors
    /// When the database is away, or tenants exist that were made by hand.
    pub async fn bootstrap(&self, bootstrap: &Bootstrap) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        let mark = sqlx::query(
            "insert into settings (key, value) values ('bootstrap', 'true') on conflict do nothing",
        );
        if mark.execute(&mut *change).await?.rows_affected() == 0 {
            return Ok(false);
        }
        for tenant in &bootstrap.tenants {
            put_tenant(&mut change, tenant).await?;
        }
        for connection in &bootstrap.glpi_connections {
            self.put_glpi_connection(&mut change, connection).await?;
        }
        for queue in &bootstrap.queues {
            put_document(&mut change, "queues", (&queue.tenant, &queue.id), queue).await?;
        }
        for cohort in &bootstrap.cohorts {
            put_document(&mut change, "cohorts", (&cohort.tenant, &cohort.id), cohort).await?;
        }
        for rule in &bootstrap.rules {
            put_document(&mut change, "rules", (&rule.tenant, &rule.id), rule).await?;
        }
        for channel in &bootstrap.channels {
            self.put_channel(&mut change, channel).await?;
        }
        for token in &bootstrap.api_tokens {
            put_token(&mut change, token).await?;
        }
        change.commit().await?;
        Ok(true)
    }

    pub(super) async fn put_glpi_connection(
        &self,
        change: &mut Change<'_>,
        connection: &GlpiConnection,
    ) -> Result<(), StoreError> {
        let row = connection.id.as_str();
        let cell = |column| Cell {
            table: "glpi_connections",
            column,
            row,
        };
        let app_token = connection.app_token.as_ref();
        let app_token = app_token
            .map(|token| self.sealer.seal(cell("app_token"), token))
            .transpose()?;
        let webhook_secret = connection.webhook_secret.as_ref();
        let webhook_secret = webhook_secret
            .map(|secret| self.sealer.seal(cell("webhook_secret"), secret))
            .transpose()?;
        sqlx::query(
            "insert into glpi_connections
                (id, tenant_id, url, app_token, user_token, fallback_entity, webhook_secret,
                 paused)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (id) do update set
                url = excluded.url, app_token = excluded.app_token,
                user_token = excluded.user_token, fallback_entity = excluded.fallback_entity,
                webhook_secret = excluded.webhook_secret, paused = excluded.paused
             where glpi_connections.tenant_id = excluded.tenant_id",
        )
        .bind(row)
        .bind(connection.tenant.as_str())
        .bind(&connection.url)
        .bind(app_token)
        .bind(
            self.sealer
                .seal(cell("user_token"), &connection.user_token)?,
        )
        .bind(i64::from(connection.fallback_entity))
        .bind(webhook_secret)
        .bind(connection.paused)
        .execute(&mut **change)
        .await?;
        Ok(())
    }

    pub(super) async fn put_channel(
        &self,
        change: &mut Change<'_>,
        channel: &Channel,
    ) -> Result<(), StoreError> {
        let row = channel.id.as_str();
        // What the provider does not need is not there.
        let seal = |column, secret: &Secret| {
            let cell = Cell {
                table: "channels",
                column,
                row,
            };
            let given = (!secret.is_empty()).then_some(secret);
            given
                .map(|secret| self.sealer.seal(cell, secret))
                .transpose()
        };
        let digits = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let app = channel.gupshup.as_ref();
        let api_key = app.map(|app| seal("gupshup_api_key", &app.api_key));
        let path_secret = app.map(|app| seal("gupshup_path_secret", &app.path_secret));
        sqlx::query(
            "insert into channels
                (id, tenant_id, provider, phone_number_id, business_account_id, number,
                 app_secret, verify_token, access_token, mode, merge_interval_ms, ticket_prefix,
                 glpi_connection_id, gupshup_app_name, gupshup_app_id, gupshup_api_key,
                 gupshup_path_secret, queue_id, messages_before_people, known_numbers,
                 unknown_numbers, refusal_text, paused, glpi_match, glpi_match_wait_s,
                 glpi_match_keep_h, glpi_match_silent, fallback_provider, fallback_after_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                     $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
             on conflict (id) do update set
                provider = excluded.provider, phone_number_id = excluded.phone_number_id,
                business_account_id = excluded.business_account_id, number = excluded.number,
                app_secret = excluded.app_secret, verify_token = excluded.verify_token,
                access_token = excluded.access_token, mode = excluded.mode,
                merge_interval_ms = excluded.merge_interval_ms,
                ticket_prefix = excluded.ticket_prefix,
                glpi_connection_id = excluded.glpi_connection_id,
                gupshup_app_name = excluded.gupshup_app_name,
                gupshup_app_id = excluded.gupshup_app_id,
                gupshup_api_key = excluded.gupshup_api_key,
                gupshup_path_secret = excluded.gupshup_path_secret, queue_id = excluded.queue_id,
                messages_before_people = excluded.messages_before_people,
                known_numbers = excluded.known_numbers,
                unknown_numbers = excluded.unknown_numbers,
                refusal_text = excluded.refusal_text, paused = excluded.paused,
                glpi_match = excluded.glpi_match,
                glpi_match_wait_s = excluded.glpi_match_wait_s,
                glpi_match_keep_h = excluded.glpi_match_keep_h,
                glpi_match_silent = excluded.glpi_match_silent,
                fallback_provider = excluded.fallback_provider,
                fallback_after_ms = excluded.fallback_after_ms
             where channels.tenant_id = excluded.tenant_id",
        )
        .bind(row)
        .bind(channel.tenant.as_str())
        .bind(channel.provider.as_str())
        .bind(digits(&channel.phone_number_id))
        .bind(digits(&channel.business_account_id))
        .bind(&channel.number)
        .bind(seal("app_secret", &channel.app_secret)?)
        .bind(seal("verify_token", &channel.verify_token)?)
        .bind(seal("access_token", &channel.access_token)?)
        .bind(channel.mode.as_str())
        .bind(i64::from(channel.merge_interval_ms))
        .bind(&channel.ticket_prefix)
        .bind(channel.glpi.as_ref().map(|id| id.as_str()))
        .bind(app.map(|app| &app.name))
        .bind(app.map(|app| &app.id))
        .bind(api_key.transpose()?.flatten())
        .bind(path_secret.transpose()?.flatten())
        .bind(channel.queue.as_ref().map(|id| id.as_str()))
        .bind(i64::from(channel.messages_before_people))
        .bind(&channel.known_numbers)
        .bind(channel.unknown_numbers.as_str())
        .bind(&channel.refusal_text)
        .bind(channel.paused)
        .bind(channel.glpi_match)
        .bind(i64::from(channel.glpi_match_wait_s))
        .bind(i64::from(channel.glpi_match_keep_h))
        .bind(channel.glpi_match_silent.as_str())
        .bind(channel.fallback.map(|provider| provider.as_str()))
        .bind(i64::from(channel.fallback_after_ms))
        .execute(&mut **change)
        .await?;
        templates::put_purposes(change, &channel.id, &channel.template_purposes).await
    }
}

/// Puts a row in whose table keeps documents.
pub(super) async fn put_document(
    change: &mut Change<'_>,
    table: &'static str,
    (tenant, id): (&Name, &Name),
    document: &impl Section,
) -> Result<(), StoreError> {
    let insert = format!(
        "insert into {table} (tenant_id, id, settings) values ($1, $2, $3)
         on conflict (tenant_id, id) do update set settings = excluded.settings"
    );
    // The table's name is one of this module's own.
    sqlx::query(sqlx::AssertSqlSafe(insert))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(document.show())
        .execute(&mut **change)
        .await?;
    Ok(())
}

pub(super) async fn put_tenant(change: &mut Change<'_>, tenant: &Tenant) -> Result<(), StoreError> {
    sqlx::query(
        "insert into tenants
            (id, name, tier, locale, time_zone, notices, paused, link_domains, responsible)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (id) do update set
            name = excluded.name, tier = excluded.tier, locale = excluded.locale,
            time_zone = excluded.time_zone, notices = excluded.notices,
            paused = excluded.paused, link_domains = excluded.link_domains,
            responsible = excluded.responsible",
    )
    .bind(tenant.id.as_str())
    .bind(&tenant.name)
    .bind(tenant.tier.as_str())
    .bind(&tenant.locale)
    .bind(&tenant.time_zone)
    .bind(notices::words(tenant.notices))
    .bind(tenant.paused)
    .bind(&tenant.link_domains)
    .bind(&tenant.responsible)
    .execute(&mut **change)
    .await?;
    Ok(())
}

async fn put_token(change: &mut Change<'_>, token: &ApiToken) -> Result<(), StoreError> {
    sqlx::query(
        "insert into api_tokens (digest, tenant_id, scopes, expires_at)
         values ($1, $2, $3, to_timestamp($4::bigint))",
    )
    .bind(digest(token.token.expose()).to_vec())
    .bind(token.tenant.as_ref().map(|id| id.as_str()))
    .bind(&token.scopes)
    .bind(token.expires_at_seconds())
    .execute(&mut **change)
    .await?;
    Ok(())
}
