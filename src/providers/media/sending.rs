//! A file of the store on its way to a person.
//!
//! Meta gets the bytes first and is then told to show them; Gupshup gets an address of this server
//! at which it fetches them. Bringing a file twice is as good as once, so whatever breaks before the
//! message itself is sent is no doubt.

use std::sync::Arc;

use actors::journal::media::MediaStore;
use actors::model::{Call, Effect, Rich, RichMessage, SentFile};
use actors::ports::{Called, LookedUp, Provider, Request};
use tokio::sync::Semaphore;

use super::links::Links;
use super::trouble::Trouble;
use super::{READ_AT_A_TIME, read};
use crate::providers::{Boxed, gupshup, meta};

/// Who carries the messages of a channel.
pub(in crate::providers) enum Carrier {
    Meta(Arc<meta::Client>),
    Gupshup(Arc<gupshup::Client>),
}

/// A sender with the store at hand.
pub(in crate::providers) struct WithUploads {
    carrier: Carrier,
    files: Arc<MediaStore>,
    links: Option<Arc<Links>>,
    reading: Arc<Semaphore>,
}

impl WithUploads {
    pub(in crate::providers) fn new(
        carrier: Carrier,
        files: Arc<MediaStore>,
        links: Option<Arc<Links>>,
    ) -> Self {
        Self {
            carrier,
            files,
            links,
            reading: Arc::new(Semaphore::new(READ_AT_A_TIME)),
        }
    }

    async fn send(&self, request: Request<'_>, message: &RichMessage, file: &SentFile) -> Called {
        let Ok(_permit) = self.reading.acquire().await else {
            return Trouble::later("the server is stopping").called();
        };
        let (contact, name) = (file.contact, &file.name);
        match &self.carrier {
            Carrier::Meta(client) => match read(&self.files, contact, name).await {
                Ok(bytes) => client.send_file(request, message, file, &bytes).await,
                Err(trouble) => trouble.called(),
            },
            Carrier::Gupshup(client) => {
                let Some(links) = &self.links else {
                    let reason = "Gupshup fetches files from this server: set server.public_url";
                    return Trouble::never(0, reason).called();
                };
                let url = links.address(contact, name);
                client.send_file(request, message, file, url.as_str()).await
            }
        }
    }

    fn inner(&self) -> &dyn Provider {
        match &self.carrier {
            Carrier::Meta(client) => &**client,
            Carrier::Gupshup(client) => &**client,
        }
    }
}

impl Provider for WithUploads {
    fn call<'a>(&'a self, request: Request<'a>) -> Boxed<'a, Called> {
        if let Call::SendRich(message) = request.call
            && let Rich::File(file) = &message.body
        {
            return Box::pin(self.send(request, message, file));
        }
        self.inner().call(request)
    }

    fn look_up<'a>(&'a self, effect: &'a Effect) -> Boxed<'a, LookedUp> {
        self.inner().look_up(effect)
    }
}
