//! Templates as a kind that is set up: made, changed and deleted at the channel's provider, paused
//! and resumed here.

use std::sync::Arc;

use actors::templates::Template;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{catalogue, channel, described};
use crate::config::{Channel, Problems, Provider};
use crate::http::api::setup;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::providers::WriteError;
use crate::setup::SetUpError;
use crate::store::StoreError;
use crate::templates::{Draft, Edit, EditError, Parts};

/// Which translation is meant.
#[derive(Debug, Deserialize)]
pub struct Which {
    channel: String,
    language: Option<String>,
}

type Asked = Result<Query<Which>, QueryRejection>;
type Body = Result<Json<Map<String, Value>>, JsonRejection>;

/// `POST /api/v1/templates`: has a template made. It is pending until WhatsApp has looked at it.
pub async fn create(
    State(edge): State<Edge>,
    caller: Caller,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.may(Scope::Setup)?;
    let draft = Draft::read(setup::read(body)?).map_err(refused)?;
    let channel = channel(&edge, &caller, draft.channel.as_str())?;
    let made = edit(&edge, &caller, &channel, Edit::Create(draft)).await?;
    Ok((StatusCode::CREATED, Json(described(&channel.id, &made))))
}

/// `PATCH /api/v1/templates/{name}?channel=…&language=…`: has the parts that are given changed.
pub async fn change(
    State(edge): State<Edge>,
    caller: Caller,
    Path(name): Path<String>,
    asked: Asked,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    caller.may(Scope::Setup)?;
    let (channel, template) = found(&edge, &caller, &name, asked)?;
    let parts = Parts::read(setup::read(body)?).map_err(refused)?;
    let wanted = Edit::Change {
        name: template.name,
        language: template.language,
        parts,
    };
    let changed = edit(&edge, &caller, &channel, wanted).await?;
    Ok(Json(described(&channel.id, &changed)))
}

/// `DELETE /api/v1/templates/{name}?channel=…&language=…`: has one translation deleted.
pub async fn remove(
    State(edge): State<Edge>,
    caller: Caller,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<StatusCode, ApiError> {
    caller.may(Scope::Setup)?;
    let (channel, template) = found(&edge, &caller, &name, asked)?;
    let wanted = Edit::Delete {
        name: template.name,
        language: template.language,
    };
    edit(&edge, &caller, &channel, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/templates/{name}/pause?channel=…&language=…`: keeps one translation from being
/// sent, whatever its provider says of it.
pub async fn pause(
    State(edge): State<Edge>,
    caller: Caller,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Json<Value>, ApiError> {
    rest(&edge, &caller, (&name, asked), true).await
}

/// `POST /api/v1/templates/{name}/resume?channel=…&language=…`: lets it be sent again.
pub async fn resume(
    State(edge): State<Edge>,
    caller: Caller,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Json<Value>, ApiError> {
    rest(&edge, &caller, (&name, asked), false).await
}

async fn rest(
    edge: &Edge,
    caller: &Caller,
    (name, asked): (&str, Asked),
    rests: bool,
) -> Result<Json<Value>, ApiError> {
    let editor = setup::editor(edge, caller)?;
    let (channel, template) = found(edge, caller, name, asked)?;
    let author = setup::author(caller);
    let rested = editor.rest_template(&author, &channel, &template, rests);
    let rested = rested.await.map_err(|error| setup::told(error, WHAT))?;
    Ok(Json(described(&channel.id, &rested)))
}

async fn edit(
    edge: &Edge,
    caller: &Caller,
    channel: &Channel,
    wanted: Edit,
) -> Result<Template, ApiError> {
    if channel.provider != Provider::Meta {
        return Err(EditError::Provider(WriteError::NotHere).into());
    }
    let author = setup::author(caller);
    let edited = edge.catalogues.edit(channel.id.clone(), author, wanted);
    Ok(edited.await?)
}

const WHAT: &str = "template";

/// The translation that is meant: exactly the one that is named, or the only one there is.
fn found(
    edge: &Edge,
    caller: &Caller,
    name: &str,
    asked: Asked,
) -> Result<(Arc<Channel>, Template), ApiError> {
    let Query(which) = asked.map_err(|_| ApiError::Parameter {
        name: "channel",
        expected: "the id of the template's channel",
    })?;
    let channel = channel(edge, caller, &which.channel)?;
    let catalogue = catalogue(edge, &channel);
    let rows = catalogue.templates.iter().filter(|row| row.name == name);
    let wanted = |row: &&Template| {
        let language = which.language.as_deref();
        language.is_none_or(|language| row.language == language)
    };
    let mut rows = rows.filter(wanted);
    let template = rows.next().ok_or(ApiError::NotFound { what: WHAT })?;
    if rows.next().is_some() {
        return Err(ApiError::Parameter {
            name: "language",
            expected: "the code of one of the template's translations, because it has several",
        });
    }
    Ok((channel, template.clone()))
}

fn refused(problems: Problems) -> ApiError {
    setup::told(SetUpError::Invalid(problems), WHAT)
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        let reason = error.to_string();
        match error {
            EditError::NoChannel => Self::NotFound { what: "channel" },
            EditError::Missing => Self::NotFound { what: WHAT },
            EditError::InUse => Self::Refused {
                code: "in_use",
                reason: "the channel uses it for a purpose; change its template_purposes first",
            },
            EditError::Away => crate::templates::SyncError::Away.into(),
            EditError::Provider(WriteError::NotHere) => Self::Unacceptable {
                code: "templates_made_elsewhere",
                reason,
            },
            // What is wrong with the account or the provider is not the caller's to mend.
            EditError::Provider(WriteError::Refused { status, .. })
                if !(400..500).contains(&status) || matches!(status, 401 | 403 | 429) =>
            {
                Self::Elsewhere { reason }
            }
            EditError::Provider(WriteError::Refused { .. } | WriteError::Gone) => {
                Self::Unacceptable {
                    code: "template_refused",
                    reason,
                }
            }
            EditError::Provider(WriteError::Account(_)) => Self::Elsewhere { reason },
            EditError::Store(StoreError::Database(error)) => {
                tracing::warn!(%error, "the database did not answer an edit of a template");
                Self::DATABASE_AWAY
            }
            EditError::Store(error) => {
                tracing::error!(%error, "an edit of a template could not be written");
                Self::Internal
            }
        }
    }
}
