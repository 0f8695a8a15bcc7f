//! Gupshup fetches the file of a message at the address it was given, after it has accepted the
//! message (Gupshup, media): what it cannot read fails by an event.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::super::Surroundings;
use super::super::meta::media::Media;
use super::super::meta::shown;

/// How long one fetch may take.
const FETCH_TIME: Duration = Duration::from_secs(10);
/// Larger files are given up.
const FETCH_BYTES_MAX: usize = 100 * 1024 * 1024;

/// Gupshup's codes (Gupshup, error codes).
pub const UNREADABLE: (u32, &str) = (1010, "Invalid media url");
const TOO_LARGE: (u32, &str) = (1011, "Media size is too large");
const UNSUPPORTED: (u32, &str) = (1000, "File format is not supported");

/// Where fetched files are kept.
#[derive(Clone, Debug)]
pub struct Fetcher {
    /// Asks.
    pub client: reqwest::Client,
    /// Keeps.
    pub media: Arc<Media>,
    /// Ids.
    pub around: Arc<Surroundings>,
}

impl Fetcher {
    /// Fetches what is shown as `kind` and keeps it for the app `owner`; gives its id.
    ///
    /// # Errors
    /// The code and words of the event that tells of the failure.
    pub async fn fetch(
        &self,
        owner: &str,
        kind: &str,
        url: &str,
    ) -> Result<String, (u32, &'static str)> {
        let (mime, bytes) = self.read(url).await?;
        if bytes.len() > FETCH_BYTES_MAX {
            return Err(TOO_LARGE);
        }
        shown::fits(kind, &mime, bytes.len()).map_err(|words| match words.contains("size") {
            true => TOO_LARGE,
            false => UNSUPPORTED,
        })?;
        let id = self.around.ids.bits() >> 12;
        Ok(self.media.keep(id, owner, &mime, bytes).id)
    }

    async fn read(&self, url: &str) -> Result<(String, Bytes), (u32, &'static str)> {
        let asked = self.client.get(url).timeout(FETCH_TIME).send().await;
        let mut answer = asked.map_err(|_| UNREADABLE)?;
        if !answer.status().is_success() {
            return Err(UNREADABLE);
        }
        let kind = answer.headers().get("content-type");
        let mime = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mime = mime.to_owned();
        let mut bytes = BytesMut::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| UNREADABLE)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > FETCH_BYTES_MAX {
                return Err(TOO_LARGE);
            }
        }
        Ok((mime, bytes.freeze()))
    }
}
