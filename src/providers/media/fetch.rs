//! One file from its provider into the store.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::media::{FILE_BYTES_MAX, Incoming, MediaStore};
use actors::model::{AttemptNo, Call, ContactId, Effect, Fetch, Kept, Key, Media, Reply};
use actors::ports::{Called, LookedUp, Provider, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, RequestBuilder, StatusCode, Url};

use super::kind::{self, HEAD};
use super::source::{Reach, Resolved, Source};
use super::trouble::Trouble;
use crate::providers::Boxed;
use crate::providers::transport::{BadSettings, Download, Transport};

/// Bytes gathered before the disk is troubled.
const PIECE: usize = 256 * 1024;
/// A provider may tell of a file before it has it; after so many tries, minutes later, it is gone.
const GONE_AFTER: AttemptNo = AttemptNo(4);

/// Fetches the files that people sent to one channel.
pub struct Fetcher {
    transport: Transport,
    reach: Reach,
    files: Arc<MediaStore>,
    timeout: Duration,
}

impl Fetcher {
    /// A fetcher over `transport`, which must be for the scheme of the source's address. Files may lie
    /// at the source's own host, at `hosts` and below them; `timeout` bounds one whole download.
    ///
    /// # Errors
    /// When the source's address or token cannot be used.
    pub fn over(
        transport: Transport,
        (source, hosts): (&Source, Vec<String>),
        files: Arc<MediaStore>,
        timeout: Duration,
    ) -> Result<Self, BadSettings> {
        Ok(Self {
            transport,
            reach: Reach::of(source, hosts)?,
            files,
            timeout,
        })
    }

    async fn fetch(&self, request: Request<'_>, fetch: &Fetch) -> Result<Kept, Trouble> {
        let Key::Contact(contact) = request.effect.key else {
            return Err(Trouble::never(0, "only people send files"));
        };
        let gone = |trouble| match trouble {
            Trouble::Never { code: 404, .. } if request.attempt < GONE_AFTER => {
                Trouble::later("the provider does not have it yet")
            }
            trouble => trouble,
        };
        let found = self.locate(&fetch.media).await.map_err(gone)?;
        let download = self.begin(found.url).await.map_err(gone)?;
        if download
            .length()
            .is_some_and(|bytes| bytes > FILE_BYTES_MAX)
        {
            return Err(Trouble::never(413, "the file is larger than 16 MiB"));
        }
        store(&self.files, download, contact, fetch, found.digest).await
    }

    async fn locate(&self, media: &Media) -> Result<Located, Trouble> {
        let told = media.digest.as_deref().and_then(digest_of);
        let Some(resolving) = self.reach.resolving(media) else {
            let link = media.link.as_deref().unwrap_or_default();
            return Ok(Located {
                url: self.reach.checked(link)?,
                digest: told,
            });
        };
        let answer = self.transport.exchange(self.get(resolving)).await?;
        let resolved = match serde_json::from_slice::<Resolved>(&answer.body) {
            Ok(resolved) if answer.status.is_success() && resolved.error.is_none() => resolved,
            _ => return Err(refused(answer.status, answer.retry_after)),
        };
        if resolved.size().is_some_and(|bytes| bytes > FILE_BYTES_MAX) {
            return Err(Trouble::never(413, "the file is larger than 16 MiB"));
        }
        Ok(Located {
            url: self.reach.checked(&resolved.url)?,
            digest: digest_of(&resolved.sha256).or(told),
        })
    }

    async fn begin(&self, url: Url) -> Result<Download, Trouble> {
        let download = self.transport.begin(self.get(url)).await?;
        if download.status().is_success() {
            return Ok(download);
        }
        // An address of Meta's is good for five minutes; the next try resolves it anew.
        Err(match (self.reach.is_meta(), download.status()) {
            (true, StatusCode::NOT_FOUND | StatusCode::GONE) => {
                Trouble::later("its address had expired")
            }
            (_, status) => refused(status, download.retry_after()),
        })
    }

    fn get(&self, url: Url) -> RequestBuilder {
        let request = self.transport.request(Method::GET, url, self.timeout);
        match self.reach.authorization() {
            Some(authorization) => request.header(AUTHORIZATION, authorization.clone()),
            None => request,
        }
    }
}

impl Provider for Fetcher {
    fn call<'a>(&'a self, request: Request<'a>) -> Boxed<'a, Called> {
        let Call::FetchMedia(fetch) = request.call else {
            let reason = format!("files cannot do {}", request.call.name());
            return Box::pin(std::future::ready(Called::Refused { code: 0, reason }));
        };
        Box::pin(async move {
            match self.fetch(request, fetch).await {
                Ok(kept) => stored(kept),
                Err(trouble) => trouble.called(),
            }
        })
    }

    /// Fetching twice is as good as once; nobody has to search.
    fn look_up<'a>(&'a self, _effect: &'a Effect) -> Boxed<'a, LookedUp> {
        Box::pin(std::future::ready(LookedUp::Unsupported))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// The end of a call that put a file into the store.
pub(super) fn stored(kept: Kept) -> Called {
    Called::Done(Reply {
        id: kept.name.clone(),
        kept: Some(Box::new(kept)),
        ..Reply::default()
    })
}

/// Writes a download into the store under the person's key.
pub(super) async fn store(
    files: &Arc<MediaStore>,
    mut download: Download,
    contact: ContactId,
    fetch: &Fetch,
    digest: Option<[u8; 32]>,
) -> Result<Kept, Trouble> {
    let mut piece = BytesMut::with_capacity(PIECE);
    let mut more = true;
    while more && piece.len() < HEAD {
        more = take(&mut download, &mut piece).await?;
    }
    let head = &piece[..piece.len().min(HEAD)];
    let mime = kind::of(&fetch.media.mime, head)
        .ok_or(Trouble::never(415, "this kind of file is not taken"))?;
    let (files, tenant) = (files.clone(), fetch.tenant.clone());
    let mut incoming = blocking(move || Ok(files.begin(&tenant, contact)?)).await?;
    loop {
        while more && piece.len() < PIECE {
            more = take(&mut download, &mut piece).await?;
        }
        let bytes = piece.split().freeze();
        incoming = write(incoming, bytes).await?;
        if !more {
            break;
        }
    }
    if digest.is_some_and(|digest| digest != incoming.digest()) {
        return Err(Trouble::there(
            "its bytes are not those that were sent",
            None,
        ));
    }
    let kept = blocking(move || Ok(incoming.keep(mime)?)).await;
    #[cfg(debug_assertions)]
    fail::fail_point!("media::kept");
    kept
}

/// Where a file lies now, and the SHA-256 it should have.
struct Located {
    url: Url,
    digest: Option<[u8; 32]>,
}

/// Adds what came next; `false` at the end.
async fn take(download: &mut Download, piece: &mut BytesMut) -> Result<bool, Trouble> {
    match download.next().await? {
        Some(bytes) => {
            piece.extend_from_slice(&bytes);
            Ok(true)
        }
        None => Ok(false),
    }
}

async fn write(mut incoming: Incoming, bytes: Bytes) -> Result<Incoming, Trouble> {
    blocking(move || {
        incoming.write(&bytes)?;
        Ok(incoming)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::later("writing the file panicked")),
    }
}

/// What a refusal of either provider says by its status.
fn refused(status: StatusCode, retry_after: Option<Duration>) -> Trouble {
    match status.as_u16() {
        404 | 410 => Trouble::never(404, "the provider no longer has the file"),
        // Meta answers an unknown id with 400 and its code 100.
        400 => Trouble::never(404, "the provider does not know the file"),
        429 => Trouble::Later {
            reason: "too many requests (HTTP 429)".into(),
            wish: retry_after,
            counts_against: false,
        },
        401 | 403 => Trouble::there("the token was not accepted: fix credentials", retry_after),
        status => Trouble::there(format!("HTTP {status}"), retry_after),
    }
}

/// A SHA-256 as providers write it: hexadecimal or base64.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let bytes = match text.len() {
        64 => hex::decode(text).ok()?,
        _ => STANDARD.decode(text).ok()?,
    };
    bytes.try_into().ok()
}
