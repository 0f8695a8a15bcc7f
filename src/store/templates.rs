//! The rows of message templates. They change only where the provider's differ, because every
//! change has the directory published anew.

use actors::model::Name;
use actors::templates::Template;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use super::setup::{AuditLine, note};
use super::{Store, StoreError};
use crate::config::TemplatePurpose;
use crate::directory::TemplateRow;

/// How many rows a synchronisation wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// New or changed ones.
    pub put: usize,
    /// Those that the provider no longer has.
    pub removed: usize,
}

impl Store {
    /// Makes a channel's templates those that its provider has.
    ///
    /// # Errors
    /// When the database is away or the channel is gone.
    pub async fn put_templates(
        &self,
        channel: &Name,
        templates: &[Template],
    ) -> Result<Changed, StoreError> {
        let mut change = self.pool.begin().await?;
        let known = rows(&mut change, Some(channel)).await?;
        let same = |a: &TemplateRow, b: &TemplateRow| a.name == b.name && a.language == b.language;
        let wanted = templates.iter().map(|template| {
            let mut row = TemplateRow::new(channel, template);
            // The provider knows nothing of what was paused here.
            row.rests = known.iter().any(|other| other.rests && same(other, &row));
            row
        });
        let wanted: Vec<TemplateRow> = wanted.collect();
        let mut changed = Changed::default();
        for row in wanted.iter().filter(|row| !known.contains(row)) {
            put(&mut change, row).await?;
            changed.put += 1;
        }
        for row in &known {
            if !wanted.iter().any(|other| same(row, other)) {
                remove(&mut change, row).await?;
                changed.removed += 1;
            }
        }
        change.commit().await?;
        Ok(changed)
    }

    /// Notes a template that its provider was just given, with its line in the audit.
    ///
    /// # Errors
    /// When the database is away or the channel is gone.
    pub async fn put_template(
        &self,
        row: &TemplateRow,
        line: &AuditLine,
    ) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        put(&mut change, row).await?;
        note(&mut change, line).await?;
        change.commit().await?;
        Ok(())
    }

    /// Pauses or resumes a template here, with its line in the audit. Whether it was there.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn rest_template(
        &self,
        row: &TemplateRow,
        line: &AuditLine,
    ) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        let found = sqlx::query(
            "update templates set rests = $4, changed_at = now()
             where channel_id = $1 and name = $2 and language = $3",
        )
        .bind(row.channel.as_str())
        .bind(&row.name)
        .bind(&row.language)
        .bind(row.rests)
        .execute(&mut *change)
        .await?;
        if found.rows_affected() == 0 {
            return Ok(false);
        }
        note(&mut change, line).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Removes a template that its provider no longer has, with its line in the audit.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn remove_template(
        &self,
        row: &TemplateRow,
        line: &AuditLine,
    ) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        remove(&mut change, row).await?;
        note(&mut change, line).await?;
        change.commit().await?;
        Ok(())
    }
}

async fn remove(change: &mut PgConnection, row: &TemplateRow) -> Result<(), StoreError> {
    sqlx::query("delete from templates where channel_id = $1 and name = $2 and language = $3")
        .bind(row.channel.as_str())
        .bind(&row.name)
        .bind(&row.language)
        .execute(change)
        .await?;
    Ok(())
}

/// Writes a row as its provider has it; whether it rests is not the provider's to say.
async fn put(change: &mut PgConnection, row: &TemplateRow) -> Result<(), StoreError> {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let buttons: serde_json::Value = serde_json::from_str(&row.buttons).unwrap_or_default();
    sqlx::query(
        "insert into templates
            (channel_id, name, language, category, approval, provider_id, header, header_media,
             body, footer, buttons, second_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (channel_id, name, language) do update set
            category = excluded.category, approval = excluded.approval,
            provider_id = excluded.provider_id, header = excluded.header,
            header_media = excluded.header_media, body = excluded.body,
            footer = excluded.footer, buttons = excluded.buttons,
            second_id = excluded.second_id, changed_at = now()",
    )
    .bind(row.channel.as_str())
    .bind(&row.name)
    .bind(&row.language)
    .bind(&row.category)
    .bind(&row.approval)
    .bind(&row.provider_id)
    .bind(given(&row.header))
    .bind(given(&row.header_media))
    .bind(&row.body)
    .bind(given(&row.footer))
    .bind(Json(buttons))
    .bind(&row.second_id)
    .execute(change)
    .await?;
    Ok(())
}

/// The templates of one channel or of all, in a fixed order.
pub(super) async fn rows(
    connection: &mut PgConnection,
    channel: Option<&Name>,
) -> Result<Vec<TemplateRow>, StoreError> {
    let query = sqlx::query(
        "select * from templates where $1::text is null or channel_id = $1
         order by channel_id, name, language",
    );
    let found = query
        .bind(channel.map(|channel| channel.as_str()))
        .fetch_all(connection)
        .await?;
    found.iter().map(row).collect()
}

fn row(row: &PgRow) -> Result<TemplateRow, StoreError> {
    let text = |column| {
        let found: Option<String> = row.try_get(column)?;
        Ok::<_, StoreError>(found.unwrap_or_default())
    };
    let Json(buttons): Json<Vec<Button>> = row.try_get("buttons")?;
    Ok(TemplateRow {
        channel: Name::new(row.try_get("channel_id")?)?,
        name: row.try_get("name")?,
        language: row.try_get("language")?,
        category: row.try_get("category")?,
        approval: row.try_get("approval")?,
        provider_id: row.try_get("provider_id")?,
        second_id: row.try_get("second_id")?,
        header: text("header")?,
        header_media: text("header_media")?,
        body: row.try_get("body")?,
        footer: text("footer")?,
        buttons: serde_json::to_string(&buttons).unwrap_or_default(),
        rests: row.try_get("rests")?,
    })
}

/// Keeps the order of the keys, which `jsonb` does not.
#[derive(serde::Deserialize, serde::Serialize)]
struct Button {
    text: String,
    url: String,
}

/// What channels use templates for, by channel.
pub(super) async fn purposes(
    connection: &mut PgConnection,
) -> Result<Vec<(String, TemplatePurpose)>, StoreError> {
    let query = sqlx::query("select * from template_purposes order by channel_id, purpose");
    let found = query.fetch_all(connection).await?;
    let purpose = |row: &PgRow| {
        let purpose = TemplatePurpose {
            purpose: row.try_get("purpose")?,
            template: row.try_get("template")?,
        };
        Ok((row.try_get("channel_id")?, purpose))
    };
    found.iter().map(purpose).collect()
}

/// Notes what a channel uses its templates for.
pub(super) async fn put_purposes(
    change: &mut PgConnection,
    channel: &Name,
    purposes: &[TemplatePurpose],
) -> Result<(), StoreError> {
    for row in purposes {
        let statement =
            "insert into template_purposes (channel_id, purpose, template) values ($1, $2, $3)";
        sqlx::query(statement)
            .bind(channel.as_str())
            .bind(&row.purpose)
            .bind(&row.template)
            .execute(&mut *change)
            .await?;
    }
    Ok(())
}
