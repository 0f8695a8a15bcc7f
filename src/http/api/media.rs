//! Files of a conversation: given out to whoever may read it, and taken from whoever may write
//! there, to be sent to the person. Both pass in pieces.

use std::time::Duration;

use actors::journal::media::{FILE_BYTES_MAX, Incoming, MediaError, Reading};
use actors::model::{ContactId, kind_for};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;

use super::contacts::known;
use super::messages::not_taken;
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::providers::media::{HEAD, media_type};

/// Pieces of a file that wait for a slow reader.
const PIECES: usize = 2;
/// Bytes gathered before the disk is troubled.
const PIECE: usize = 256 * 1024;

/// `GET /api/v1/contacts/{id}/media/{name}`: the bytes, as a download and never to be shown in place.
/// Another tenant's contact does not exist for the caller.
pub async fn media(
    State(edge): State<Edge>,
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    caller.may(Scope::ContactsRead)?;
    let missing = ApiError::NotFound { what: "file" };
    let id = ContactId::parse(&id).map_err(|_| missing.clone())?;
    let reading = edge.core.media(id, name).await.map_err(|error| {
        tracing::error!(%error, contact = %id, "a file could not be read");
        ApiError::Internal
    })?;
    let seen = |reading: &Reading| match caller.reach() {
        Reach::Platform => true,
        Reach::Tenant(tenant) => reading.is_of(tenant),
    };
    Ok(download(reading.filter(seen).ok_or(missing)?))
}

/// `POST /api/v1/contacts/{id}/media`: keeps a file under the person's key, to be sent to them. The
/// same bytes again are the same file.
pub async fn upload(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    caller.may(Scope::ConversationsWrite)?;
    let (contact, state, _) = known(&edge, &caller, &id).await?;
    let tenant = state.tenant.ok_or(ApiError::Internal)?;
    let (parts, mut body) = request.into_parts();
    let header = parts.headers.get(header::CONTENT_TYPE);
    let declared = header.and_then(|value| value.to_str().ok());
    let declared = declared.unwrap_or_default().to_owned();
    let mut pieces = Pieces {
        body: &mut body,
        until: Instant::now() + edge.bounds.request_time,
        more: true,
    };
    let mut piece = BytesMut::with_capacity(PIECE);
    pieces.fill(&mut piece, HEAD).await?;
    let mime = media_type(&declared, &piece[..piece.len().min(HEAD)]).ok_or_else(not_taken)?;
    let mut incoming = edge.core.keep(tenant, contact).await.map_err(unkept)?;
    loop {
        pieces.fill(&mut piece, PIECE).await?;
        incoming = write(incoming, piece.split().freeze()).await?;
        if !pieces.more {
            break;
        }
    }
    let kind = kind_for(mime, incoming.size()).ok_or_else(not_taken)?;
    let kept = blocking(move || incoming.keep(mime)).await?;
    let told = json!({
        "name": kept.name,
        "mime": kept.mime,
        "size": kept.size,
        "kind": kind.name(),
    });
    Ok((StatusCode::CREATED, Json(told)))
}

/// A body as it comes in.
struct Pieces<'a> {
    body: &'a mut Body,
    until: Instant,
    more: bool,
}

impl Pieces<'_> {
    /// Reads until `piece` has so many bytes, or the body has ended.
    async fn fill(&mut self, piece: &mut BytesMut, bytes: usize) -> Result<(), ApiError> {
        while self.more && piece.len() < bytes {
            let frame = timeout_at(self.until, self.body.frame()).await;
            match frame.map_err(|_| ApiError::TooSlow)? {
                None => self.more = false,
                Some(Ok(frame)) => piece.extend_from_slice(frame.data_ref().map_or(&[], |d| d)),
                Some(Err(_)) => {
                    return Err(ApiError::Unreadable {
                        expected: "a whole body",
                    });
                }
            }
        }
        Ok(())
    }
}

async fn write(mut incoming: Incoming, bytes: Bytes) -> Result<Incoming, ApiError> {
    blocking(move || {
        incoming.write(&bytes)?;
        Ok(incoming)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ApiError::Internal)?.map_err(unkept)
}

fn unkept(error: MediaError) -> ApiError {
    match error {
        MediaError::TooLarge => ApiError::TooLarge {
            max_bytes: FILE_BYTES_MAX,
        },
        MediaError::Quota => ApiError::Refused {
            code: "quota",
            reason: "the organisation's files take all they may; raise media.tenant_bytes",
        },
        MediaError::Full => ApiError::Busy {
            code: "disk_full",
            reason: "there is no room for the file now",
            retry_after: Duration::from_secs(60),
        },
        MediaError::Altered | MediaError::Key(_) | MediaError::Io(_) => {
            tracing::error!(%error, "a file could not be kept");
            ApiError::Internal
        }
    }
}

pub(in crate::http) fn download(reading: Reading) -> Response {
    let kept = reading.kept();
    let mut headers = HeaderMap::new();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The type is one of those that the store takes, told by the bytes.
    let kind = HeaderValue::from_str(&kept.mime);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(kept.size));
    (headers, body(reading)).into_response()
}

/// The pieces of a file as they are read; an error ends the answer before its length is reached.
fn body(mut reading: Reading) -> Body {
    let (pieces, taken) = mpsc::channel::<Result<Bytes, MediaError>>(PIECES);
    tokio::task::spawn_blocking(move || {
        loop {
            let piece = match reading.next_chunk() {
                Ok(None) => return,
                Ok(Some(piece)) => Ok(Bytes::from(piece)),
                Err(error) => {
                    tracing::error!(%error, "a file could not be read to its end");
                    Err(error)
                }
            };
            let ended = piece.is_err();
            // A reader that went away ends it too.
            if pieces.blocking_send(piece).is_err() || ended {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(taken))
}
