//! Files between the providers, the store and the help desk.
//!
//! [`Fetcher`] brings a file that a person sent from the provider into the store; [`WithFiles`] lets
//! the GLPI client take files out of it and bring those of technicians in, and [`WithUploads`] the senders. Bytes pass in pieces on their way in, so memory does not
//! grow with the number of downloads; on their way out one file is held whole, two at a time.

mod fetch;
mod kind;
mod links;
mod sending;
mod source;
mod trouble;

use std::sync::Arc;

use actors::journal::media::{FILE_BYTES_MAX, MediaStore};
use actors::model::{Call, ContactId, Effect, Fetch, Kept, Key, TicketFile};
use actors::ports::{Called, LookedUp, Provider, Request};
use tokio::sync::Semaphore;

use super::{Boxed, glpi};
pub use fetch::Fetcher;
pub use kind::{HEAD, of as media_type};
pub use links::{Links, holds};
pub(super) use sending::{Carrier, WithUploads};
pub use source::Source;
use trouble::Trouble;

/// Files read whole at a time, for all connections of one client.
const READ_AT_A_TIME: usize = 2;

/// The GLPI client with the store at hand.
pub(super) struct WithFiles {
    client: Arc<glpi::Client>,
    files: Arc<MediaStore>,
    reading: Arc<Semaphore>,
}

impl WithFiles {
    pub(super) fn new(client: Arc<glpi::Client>, files: Arc<MediaStore>) -> Self {
        Self {
            client,
            files,
            reading: Arc::new(Semaphore::new(READ_AT_A_TIME)),
        }
    }

    async fn attach(&self, request: Request<'_>, file: &TicketFile) -> Called {
        let Ok(ticket) = u32::try_from(file.ticket) else {
            return no_such_ticket(file);
        };
        let Ok(_permit) = self.reading.acquire().await else {
            return Trouble::later("the server is stopping").called();
        };
        let bytes = match read(&self.files, file.contact, &file.name).await {
            Ok(bytes) => bytes,
            Err(trouble) => return trouble.called(),
        };
        let attachment = glpi::Attachment {
            name: file.file_name.clone(),
            mime: file.mime.to_string(),
            bytes,
        };
        let (effect, attempt) = (request.effect, request.attempt);
        self.client
            .attach(effect, attempt, ticket, &attachment, &file.note)
            .await
    }

    /// Brings a document of GLPI's into the store. Whatever a refusal says, the document stays on its
    /// ticket, and the person is told so.
    async fn fetch(&self, request: Request<'_>, fetch: &Fetch) -> Result<Kept, Trouble> {
        let Key::Contact(contact) = request.effect.key else {
            return Err(Trouble::never(0, "files are fetched for people only"));
        };
        let id = fetch.media.id.as_deref().and_then(|id| id.parse().ok());
        let id: u32 = id.ok_or(Trouble::never(404, "GLPI has no such document"))?;
        let download = match self.client.download(id).await {
            Ok(download) => download,
            Err(fault) => return Err(Trouble::of_desk(&fault)),
        };
        match download.status().as_u16() {
            200..=299 => {}
            403 => return Err(Trouble::never(403, "the integration user may not read it")),
            400 | 404 | 410 => return Err(Trouble::never(404, "GLPI no longer has the document")),
            status => {
                let wish = download.retry_after();
                return Err(Trouble::there(format!("HTTP {status}"), wish));
            }
        }
        let too_large = |bytes| bytes > FILE_BYTES_MAX;
        if download.length().is_some_and(too_large) {
            return Err(Trouble::never(413, "the file is larger than 16 MiB"));
        }
        fetch::store(&self.files, download, contact, fetch, None).await
    }
}

/// A whole file of the store.
async fn read(files: &Arc<MediaStore>, contact: ContactId, name: &str) -> Result<Vec<u8>, Trouble> {
    let (files, name) = (files.clone(), name.to_owned());
    let read = tokio::task::spawn_blocking(move || {
        let reading = files.read(contact, &name)?;
        reading.map(|reading| reading.all()).transpose()
    });
    let read = read
        .await
        .map_err(|_| Trouble::later("reading the file panicked"))?;
    read?.ok_or_else(|| Trouble::never(404, "the file is no longer kept"))
}

impl Provider for WithFiles {
    fn call<'a>(&'a self, request: Request<'a>) -> Boxed<'a, Called> {
        match request.call {
            Call::AttachFile(file) => Box::pin(self.attach(request, file)),
            Call::FetchMedia(fetch) => Box::pin(async move {
                match self.fetch(request, fetch).await {
                    Ok(kept) => fetch::stored(kept),
                    Err(trouble) => trouble.called(),
                }
            }),
            _ => self.client.call(request),
        }
    }

    fn look_up<'a>(&'a self, effect: &'a Effect) -> Boxed<'a, LookedUp> {
        match &effect.call {
            Call::AttachFile(file) => match u32::try_from(file.ticket) {
                Ok(ticket) => Box::pin(self.client.find_attached(effect.id, ticket)),
                Err(_) => Box::pin(std::future::ready(LookedUp::NotFound)),
            },
            _ => self.client.look_up(effect),
        }
    }
}

fn no_such_ticket(file: &TicketFile) -> Called {
    Called::Refused {
        code: 0,
        reason: format!("GLPI has no ticket {}", file.ticket),
    }
}
