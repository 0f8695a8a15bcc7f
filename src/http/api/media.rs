//! A file that a person sent, for whoever may read the conversation.

use actors::journal::media::{MediaError, Reading};
use actors::model::ContactId;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};

/// Pieces of a file that wait for a slow reader.
const PIECES: usize = 2;

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

fn download(reading: Reading) -> Response {
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
