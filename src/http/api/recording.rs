//! A recording of what people write, as it comes, with identities and texts replaced.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::setup::for_the_service;
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, Scope};
use crate::recording::Recorder;

/// Lines on their way to one listener.
const UNDER_WAY: usize = 256;

/// `GET /api/v1/recording`: a line for every message from now on, until the caller goes away or the
/// server stops. It holds every tenant's messages, so it is for the operators of the service alone.
pub async fn recording(State(edge): State<Edge>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Scope::ContactsRead)?;
    if !matches!(caller.reach(), Reach::Platform) {
        return Err(for_the_service());
    }
    let mut listener = edge.recorder.listen();
    let mut closing = edge.closing.clone();
    let head = Recorder::head(edge.clock.now());
    let (lines, taken) = mpsc::channel::<Result<Bytes, Infallible>>(UNDER_WAY);
    let pass_on = async move {
        let mut next = Some(Bytes::from(head));
        while let Some(line) = next {
            // A listener that went away ends it.
            if lines.send(Ok(line)).await.is_err() {
                return;
            }
            next = tokio::select! {
                line = listener.next() => line.map(|line| Bytes::copy_from_slice(line.as_bytes())),
                () = lines.closed() => None,
            };
        }
    };
    let stopped = async move {
        // Without anybody left who could stop the server, only the listener ends it.
        if closing.wait_for(|closing| *closing).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = pass_on => {}
            () = stopped => {}
        }
    });
    let kind = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, Body::from_stream(ReceiverStream::new(taken))).into_response())
}
