//! Setting up over HTTP: the same addresses for every kind of row.
//!
//! A change gives the fields that change. What is wrong is named by its field, secrets are written
//! and never shown, and `If-Match` with a row's `ETag` guards against two editors at once.

use actors::model::{Name, TenantId};
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::line::time;
use crate::config::{GlpiConnection, Problems};
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::setup::{Author, Kind, Revised, Row, SetUp, SetUpError};
use crate::store::StoreError;

/// Lines of the audit in one answer, at most.
const AUDIT_MAX: u32 = 1_000;

/// Whose row is meant; for the operators of the service.
#[derive(Debug, Deserialize)]
pub struct Whose {
    tenant: Option<String>,
}

/// How much of the audit is wanted.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    limit: Option<u32>,
}

type Asked = Result<Query<Whose>, QueryRejection>;
type Body = Result<Json<Map<String, Value>>, JsonRejection>;

/// Every row of a kind that the caller sees.
pub async fn list<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
) -> Result<Json<Value>, ApiError> {
    let rows = editor(&edge, &caller)?.list::<R>().await.map_err(of::<R>)?;
    let seen = rows
        .iter()
        .filter(|found| caller.sees(Some(found.row.tenant())));
    Ok(Json(
        json!({R::KIND.as_str(): seen.map(shown).collect::<Vec<_>>()}),
    ))
}

/// One row.
pub async fn one<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, ApiError> {
    let editor = editor(&edge, &caller)?;
    let (tenant, id) = key::<R>(&caller, &id, asked)?;
    let found = editor.one::<R>(&tenant, &id).await.map_err(of::<R>)?;
    Ok(answer(StatusCode::OK, &found))
}

/// Makes a row. A tenant's own token need not name its tenant.
pub async fn create<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    body: Body,
) -> Result<Response, ApiError> {
    let editor = editor(&edge, &caller)?;
    let mut settings = read(body)?;
    if let Reach::Tenant(own) = caller.reach() {
        if R::KIND == Kind::Tenants {
            return Err(for_the_service());
        }
        let named = settings
            .entry("tenant")
            .or_insert_with(|| own.as_str().into());
        if *named != *own.as_str() {
            return Err(ApiError::NotFound { what: "tenant" });
        }
    }
    let author = author(&caller);
    let made = editor
        .create::<R>(&author, settings)
        .await
        .map_err(of::<R>)?;
    Ok(answer(StatusCode::CREATED, &made))
}

/// Changes the fields that are given.
pub async fn change<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let settings = read(body)?;
    if R::KIND == Kind::Tenants
        && settings.contains_key("tier")
        && *caller.reach() != Reach::Platform
    {
        return Err(for_the_service());
    }
    edit::<R>(&edge, &caller, (&id, asked), &headers, settings, "change").await
}

/// Takes a row out of force.
pub async fn pause<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let settings = Map::from_iter([("paused".to_owned(), true.into())]);
    edit::<R>(&edge, &caller, (&id, asked), &headers, settings, "pause").await
}

/// Puts a row in force again.
pub async fn resume<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let settings = Map::from_iter([("paused".to_owned(), false.into())]);
    edit::<R>(&edge, &caller, (&id, asked), &headers, settings, "resume").await
}

/// Removes a row that no other needs.
pub async fn remove<R: Row>(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let editor = editor(&edge, &caller)?;
    if R::KIND == Kind::Tenants && *caller.reach() != Reach::Platform {
        return Err(for_the_service());
    }
    let (tenant, id) = key::<R>(&caller, &id, asked)?;
    let expected = expected(&headers)?;
    let author = author(&caller);
    let removed = editor.remove::<R>(&author, (&tenant, &id), expected).await;
    removed.map_err(of::<R>)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/glpi-connections/{id}/test`: what is missing in the connection's set-up in GLPI,
/// step by step and in plain words.
pub async fn test(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Value>, ApiError> {
    let editor = editor(&edge, &caller)?;
    let (tenant, id) = key::<GlpiConnection>(&caller, &id, asked)?;
    let report = editor
        .check(&tenant, &id)
        .await
        .map_err(of::<GlpiConnection>)?;
    let level = report.level();
    let mut body = serde_json::to_value(&report).map_err(|_| ApiError::Internal)?;
    body["level"] = serde_json::to_value(level).map_err(|_| ApiError::Internal)?;
    Ok(Json(body))
}

/// `GET /api/v1/audit?limit=…`: who changed what, newest first.
pub async fn audit(
    State(edge): State<Edge>,
    caller: Caller,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let editor = editor(&edge, &caller)?;
    let expected = "a number of lines";
    let Query(wanted) = wanted.map_err(|_| ApiError::Parameter {
        name: "limit",
        expected,
    })?;
    let tenant = match caller.reach() {
        Reach::Tenant(own) => Some(own),
        Reach::Platform => None,
    };
    let limit = wanted.limit.unwrap_or(100).min(AUDIT_MAX);
    let lines = editor
        .audit(tenant, limit)
        .await
        .map_err(|error| told(error, "line"))?;
    let lines = lines.into_iter().map(|line| {
        json!({
            "at": line.at.map(time),
            "who": line.who,
            "tenant": line.tenant,
            "kind": line.kind,
            "id": line.row,
            "what": line.what,
            "changes": line.changes,
        })
    });
    Ok(Json(json!({"audit": lines.collect::<Vec<_>>()})))
}

async fn edit<R: Row>(
    edge: &Edge,
    caller: &Caller,
    (id, asked): (&str, Asked),
    headers: &HeaderMap,
    settings: Map<String, Value>,
    what: &'static str,
) -> Result<Response, ApiError> {
    let editor = editor(edge, caller)?;
    let (tenant, id) = key::<R>(caller, id, asked)?;
    let expected = expected(headers)?;
    let author = author(caller);
    let key = (&tenant, &id);
    let changed = editor
        .change::<R>(&author, key, settings, expected, what)
        .await;
    Ok(answer(StatusCode::OK, &changed.map_err(of::<R>)?))
}

/// The editor, for a caller who may edit.
pub(super) fn editor<'a>(edge: &'a Edge, caller: &Caller) -> Result<&'a SetUp, ApiError> {
    caller.may(Scope::Setup)?;
    edge.setup.as_ref().ok_or(ApiError::DATABASE_AWAY)
}

/// The caller, as the audit names them.
pub(super) fn author(caller: &Caller) -> Author {
    Author {
        name: caller.name(),
    }
}

/// Whose row it is: a tenant's own, or of the tenant that an operator of the service names.
fn key<R: Row>(caller: &Caller, id: &str, asked: Asked) -> Result<(TenantId, Name), ApiError> {
    let what = R::KIND.noun();
    let missing = ApiError::NotFound { what };
    let id = Name::new(id).map_err(|_| missing.clone())?;
    if R::KIND == Kind::Tenants {
        return caller
            .sees(Some(&id))
            .then_some((id.clone(), id))
            .ok_or(missing);
    }
    let asked = asked.ok().and_then(|Query(whose)| whose.tenant);
    let tenant = super::contacts::tenant_of(caller, asked.as_deref());
    let tenant = tenant.map_err(|error| match error {
        ApiError::NotFound { .. } => missing,
        other => other,
    });
    Ok((tenant?, id))
}

/// The settings in a body.
pub(super) fn read(body: Body) -> Result<Map<String, Value>, ApiError> {
    let expected = "a JSON object";
    let Json(body) = body.map_err(|_| ApiError::Unreadable { expected })?;
    Ok(body)
}

/// The revision in `If-Match`, if one is given.
fn expected(headers: &HeaderMap) -> Result<Option<u64>, ApiError> {
    let Some(given) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let tag = given.to_str().unwrap_or_default().trim_matches('"');
    let revision = tag.parse().map_err(|_| ApiError::Parameter {
        name: "If-Match",
        expected: "the ETag of the row",
    })?;
    Ok(Some(revision))
}

fn shown<R: Row>(found: &Revised<R>) -> Value {
    let mut row = found.row.show();
    row["revision"] = found.revision.into();
    row
}

fn answer<R: Row>(status: StatusCode, found: &Revised<R>) -> Response {
    let tag = [(header::ETAG, format!("\"{}\"", found.revision))];
    (status, tag, Json(shown(found))).into_response()
}

pub(super) fn for_the_service() -> ApiError {
    ApiError::Refused {
        code: "for_the_service",
        reason: "only the operators of the service may do this; use their token",
    }
}

fn of<R: Row>(error: SetUpError) -> ApiError {
    told(error, R::KIND.noun())
}

pub(super) fn told(error: SetUpError, what: &'static str) -> ApiError {
    match error {
        SetUpError::Missing => ApiError::NotFound { what },
        SetUpError::Taken => ApiError::Refused {
            code: "taken",
            reason: "another row has this id or number; choose another",
        },
        SetUpError::InUse => ApiError::Refused {
            code: "in_use",
            reason: "other rows need it; change or delete those first",
        },
        SetUpError::Stale { .. } => ApiError::Stale,
        SetUpError::Invalid(problems) => invalid(&problems),
        SetUpError::Store(StoreError::Database(error)) => {
            tracing::warn!(%error, "the database did not answer an edit");
            ApiError::DATABASE_AWAY
        }
        SetUpError::Store(error) => {
            tracing::error!(%error, "an edit failed");
            ApiError::Internal
        }
    }
}

fn invalid(problems: &Problems) -> ApiError {
    let problems = problems.iter();
    ApiError::Invalid {
        fields: problems
            .map(|problem| (problem.place.clone(), problem.what.clone()))
            .collect(),
    }
}
