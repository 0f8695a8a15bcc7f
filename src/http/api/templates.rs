//! The catalogue of templates: what a channel's provider has, how one reads when it is filled, and
//! having it fetched now. How it is set up stands in [`edits`].

pub mod edits;

use std::sync::Arc;

use actors::model::Name;
use actors::templates::{Catalogue, Header, Slot, Template, Unfit};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::Channel;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::templates::{SyncError, Synced};

/// Whose templates are listed.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    channel: Option<String>,
}

/// `GET /api/v1/templates?channel=…`: the templates of a channel, or of every channel of the
/// caller's.
pub async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::TemplatesRead)?;
    let Query(wanted) = wanted.map_err(|_| ApiError::Parameter {
        name: "channel",
        expected: "the id of a channel",
    })?;
    let mut channels: Vec<Arc<Channel>> = match wanted.channel {
        Some(id) => vec![channel(&edge, &caller, &id)?],
        None => {
            let directory = edge.directory.current();
            let own = directory
                .channels()
                .filter(|channel| caller.sees(Some(&channel.tenant)));
            own.cloned().collect()
        }
    };
    channels.sort_by(|a, b| a.id.cmp(&b.id));
    let mut rows = Vec::new();
    for channel in channels {
        let catalogue = catalogue(&edge, &channel);
        rows.extend(
            catalogue
                .templates
                .iter()
                .map(|row| described(&channel.id, row)),
        );
    }
    Ok(Json(json!({"templates": rows})))
}

/// `GET /api/v1/templates/{name}/preview?channel=…&language=…&value=…&value=…`: how a template reads
/// with these values, in their order; without a language in the tenant's. What WhatsApp would refuse
/// is refused here, with the variable.
pub async fn preview(
    State(edge): State<Edge>,
    caller: Caller,
    Path(name): Path<String>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::TemplatesRead)?;
    let Query(asked) = asked.map_err(|_| ApiError::Parameter {
        name: "value",
        expected: "channel, language and values",
    })?;
    let one = |key: &str| {
        asked
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, v)| v.as_str())
    };
    let channel = channel(&edge, &caller, one("channel").unwrap_or_default())?;
    let values = asked.iter().filter(|(name, _)| name == "value");
    let values: Vec<String> = values.map(|(_, value)| value.clone()).collect();
    let tenants = edge.directory.current().tenant(&channel.tenant).cloned();
    let default = tenants.map_or_else(|| "es".to_owned(), |tenant| tenant.locale.clone());
    let catalogue = catalogue(&edge, &channel);
    let template = catalogue.pick(&name, &[one("language").unwrap_or(&default)])?;
    let filled = template.fill(&values, one("media"))?;
    let mut answer = described(&channel.id, template);
    answer["text"] = filled.text().into();
    Ok(Json(answer))
}

/// `POST /api/v1/channels/{id}/templates/sync`: has the provider's list fetched now. What changed is
/// in use a few seconds later.
pub async fn synchronise(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Synced>, ApiError> {
    caller.may(Scope::TemplatesWrite)?;
    let channel = channel(&edge, &caller, &id)?;
    Ok(Json(edge.catalogues.synchronise(channel.id.clone()).await?))
}

/// A channel of the caller's.
fn channel(edge: &Edge, caller: &Caller, id: &str) -> Result<Arc<Channel>, ApiError> {
    let missing = ApiError::NotFound { what: "channel" };
    let id = Name::new(id).map_err(|_| missing.clone())?;
    let found = edge.directory.current().channel(&id).cloned();
    let own = found.filter(|channel| caller.sees(Some(&channel.tenant)));
    own.ok_or(missing)
}

fn catalogue(edge: &Edge, channel: &Channel) -> Arc<Catalogue> {
    let directory = edge.directory.current();
    let settings = directory.channel_settings(&channel.channel_id());
    settings.map_or_else(Arc::default, |settings| settings.sending.templates.clone())
}

fn described(channel: &Name, row: &Template) -> Value {
    let variables: Vec<_> = row.slots().iter().map(Slot::name).collect();
    let mut facts = json!({
        "channel": channel.as_str(),
        "name": row.name,
        "language": row.language,
        "category": row.category.as_str(),
        "approval": row.approval.as_str(),
        "body": row.body,
        "variables": variables,
    });
    match &row.header {
        Header::None => {}
        Header::Text(text) => facts["header"] = text.as_str().into(),
        Header::Media(kind) => facts["header_media"] = kind.as_str().into(),
    }
    if !row.footer.is_empty() {
        facts["footer"] = row.footer.as_str().into();
    }
    if !row.buttons.is_empty() {
        let buttons = row.buttons.iter().map(|button| button.text.as_str());
        facts["buttons"] = buttons.collect();
    }
    if row.rests {
        facts["rests"] = true.into();
    }
    facts
}

impl From<Unfit> for ApiError {
    fn from(unfit: Unfit) -> Self {
        Self::Unacceptable {
            code: unfit.code(),
            reason: unfit.to_string(),
        }
    }
}

impl From<SyncError> for ApiError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::NoChannel => Self::NotFound { what: "channel" },
            SyncError::List(error) => Self::Elsewhere {
                reason: error.to_string(),
            },
            SyncError::Away => Self::Busy {
                code: "catalogue_away",
                reason: "the catalogue cannot be changed now; come again shortly",
                retry_after: std::time::Duration::from_secs(10),
            },
            SyncError::Store(error) => {
                tracing::error!(%error, "templates could not be written");
                Self::Internal
            }
        }
    }
}
