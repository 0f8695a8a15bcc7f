//! One stream of events for the page: what the phone shows, how the tickets change, and the
//! numbers of the server every second.
//!
//! The two streams of the simulators are joined event by event. When either ends, the whole
//! stream ends; the browser comes back by itself and reads the lists anew, so nothing is missed.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use reqwest::RequestBuilder;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::wrappers::ReceiverStream;

use super::Demo;
use super::simulators::checked;
use crate::http::ApiError;

/// How often the numbers are sent.
const BEAT: Duration = Duration::from_secs(1);
/// Events that may wait for a slow browser; beyond it the senders wait.
const WAITING_MAX: usize = 64;
/// Largest event that is passed on; a stream with a larger one is broken.
const EVENT_BYTES_MAX: usize = 1024 * 1024;

type Events = mpsc::Sender<Result<Bytes, Infallible>>;

/// `GET /demo/live/{channel}/{wa_id}`: events `message`, `status`, `typing`, `ticket`, `numbers`.
pub(super) async fn serve(
    State(demo): State<Demo>,
    Path((channel, wa_id)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    checked(&channel, &wa_id)?;
    let (events, stream) = mpsc::channel(WAITING_MAX);
    tokio::spawn(feed(demo, channel, wa_id, events));
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, Body::from_stream(ReceiverStream::new(stream))).into_response())
}

async fn feed(demo: Demo, channel: String, wa_id: String, events: Events) {
    let mut closing = demo.0.closing.clone();
    let simulators = &demo.0.simulators;
    tokio::select! {
        () = pass_on(simulators.phone_events(&channel, &wa_id), &events) => {}
        () = pass_on(simulators.ticket_events(), &events) => {}
        () = numbers(&demo, &events) => {}
        () = events.closed() => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

async fn numbers(demo: &Demo, events: &Events) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let event = format!("event: numbers\ndata: {}\n\n", demo.0.core.health().await);
        if events.send(Ok(event.into())).await.is_err() {
            return;
        }
    }
}

/// Passes whole events on, so that two streams can be joined.
async fn pass_on(request: RequestBuilder, events: &Events) {
    let Ok(mut answer) = request.send().await else {
        return;
    };
    if !answer.status().is_success() {
        return;
    }
    let mut waiting = BytesMut::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        waiting.extend_from_slice(&chunk);
        while let Some(event) = take_event(&mut waiting) {
            if events.send(Ok(event)).await.is_err() {
                return;
            }
        }
        if waiting.len() > EVENT_BYTES_MAX {
            return;
        }
    }
}

/// The first whole event of `waiting`, its empty line included.
fn take_event(waiting: &mut BytesMut) -> Option<Bytes> {
    let end = waiting.windows(2).position(|pair| pair == b"\n\n")?;
    Some(waiting.split_to(end + 2).freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_events_are_passed_on() {
        let mut waiting = BytesMut::from("event: a\ndata: 1\n\n: ping\n\nevent: b\nda");
        assert_eq!(
            take_event(&mut waiting).as_deref(),
            Some(&b"event: a\ndata: 1\n\n"[..])
        );
        assert_eq!(
            take_event(&mut waiting).as_deref(),
            Some(&b": ping\n\n"[..])
        );
        assert_eq!(take_event(&mut waiting), None);
        waiting.extend_from_slice(b"ta: 2\n\n");
        assert_eq!(
            take_event(&mut waiting).as_deref(),
            Some(&b"event: b\ndata: 2\n\n"[..])
        );
    }
}
