//! Raw bodies with a bound in bytes and in time.
//!
//! A body whose length is announced as too large is refused before a byte of it is kept. Most
//! clients read the answer only after they have sent everything, so what they still send is read
//! and thrown away for a moment; a client that asked first (`Expect: 100-continue`) is answered at
//! once and sends nothing.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::error::ApiError;

/// How long and how much a refused body is read for politeness.
const DISCARD_TIME: Duration = Duration::from_secs(2);
const DISCARD_BYTES: u64 = 32 * 1024 * 1024;

/// The bounds of a body.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Largest body in bytes.
    pub max_bytes: u64,
    /// Time within which all of it must be here.
    pub within: Duration,
}

/// The request with its body whole, so that whoever reads it cannot be kept waiting.
///
/// # Errors
/// Those of [`read`].
pub async fn whole(request: Request, bounds: Bounds) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let body = read(&parts.headers, body, bounds).await?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// The raw body of a request with these headers.
///
/// # Errors
/// [`ApiError::TooLarge`], [`ApiError::TooSlow`], or [`ApiError::Unreadable`] when the client broke
/// off.
pub async fn read(headers: &HeaderMap, body: Body, bounds: Bounds) -> Result<Bytes, ApiError> {
    let too_large = ApiError::TooLarge {
        max_bytes: bounds.max_bytes,
    };
    if announced_length(headers).is_some_and(|length| length > bounds.max_bytes) {
        Box::pin(discard(headers, body)).await;
        return Err(too_large);
    }
    let limited = Limited::new(
        body,
        usize::try_from(bounds.max_bytes).unwrap_or(usize::MAX),
    );
    match timeout(bounds.within, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(_)) => Err(ApiError::Unreadable {
            expected: "a whole body",
        }),
        Err(_) => Err(ApiError::TooSlow),
    }
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

async fn discard(headers: &HeaderMap, mut body: Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let read_away = async {
        let mut left = DISCARD_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            left = left.saturating_sub(bytes);
            if left == 0 {
                break;
            }
        }
    };
    // Whether it ran out of body, bytes or time, the answer is the same.
    let _ = timeout(DISCARD_TIME, read_away).await;
}

#[cfg(test)]
mod tests {
    use hyper::body::Frame;

    use super::*;

    const BOUNDS: Bounds = Bounds {
        max_bytes: 8,
        within: Duration::from_millis(20),
    };

    async fn read(request: Request) -> Result<Bytes, ApiError> {
        let (parts, body) = request.into_parts();
        super::read(&parts.headers, body, BOUNDS).await
    }

    fn request(body: Body) -> Request {
        Request::post("/").body(body).expect("a valid request")
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_in_time_is_given_up() {
        let never = tokio_stream::pending::<Result<Frame<Bytes>, std::io::Error>>();
        let body = Body::new(http_body_util::StreamBody::new(never));
        assert_eq!(read(request(body)).await.err(), Some(ApiError::TooSlow));
    }

    #[tokio::test]
    async fn a_length_announced_too_large_is_refused_without_keeping_a_byte() {
        let mut large = request(Body::from("0123456789"));
        large
            .headers_mut()
            .insert(header::CONTENT_LENGTH, 10.into());
        let refused = Some(ApiError::TooLarge { max_bytes: 8 });
        assert_eq!(read(large).await.err(), refused);
        assert_eq!(read(request(Body::from("0123456789"))).await.err(), refused);
        let body = read(request(Body::from("01234567")))
            .await
            .expect("it fits");
        assert_eq!(body, "01234567");
    }
}
