//! Clients of the outside systems, one folder each: what we say to them.
//!
//! Nothing here retries, waits or keeps order; gateways do. A client makes one call and says what
//! is certain about it. [`ProviderSet`] holds the clients of all connections by gateway and takes
//! new settings while the server runs.

pub mod glpi;
pub mod gupshup;
pub mod media;
pub mod meta;
mod multipart;
mod templates;
mod transport;
mod whatsapp;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actors::journal::media::MediaStore;
use actors::model::GatewayId;
use actors::ports::{Clock, HelpDesk, Provider, Providers};
use arc_swap::ArcSwap;

pub use templates::{
    ListError, TemplateAccount, WriteError, change_template, create_template, delete_template,
    templates,
};
pub use transport::{BadSettings, Transport};

/// A future that can be sent between threads.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Settings of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// A business phone number at Meta.
    Meta(meta::Settings),
    /// An app at Gupshup.
    Gupshup(gupshup::Settings),
    /// A GLPI.
    Glpi(glpi::Settings),
    /// The files that people send to a channel.
    Media {
        /// Where they lie.
        source: media::Source,
        /// Where files may lie besides the source's own host: these hosts and those below them.
        hosts: Vec<String>,
        /// Time for one download.
        timeout: Duration,
    },
}

/// The clients of all connections, replaceable while the server runs.
pub struct ProviderSet {
    clock: Arc<dyn Clock>,
    /// Where files are kept; without it none is fetched and none goes onto a ticket.
    files: Option<Arc<MediaStore>>,
    /// Where providers fetch what is sent to people; without it none that fetches can be given files.
    links: Option<Arc<media::Links>>,
    entries: ArcSwap<HashMap<GatewayId, Entry>>,
}

#[derive(Clone)]
struct Entry {
    settings: Connection,
    client: Client,
}

#[derive(Clone)]
enum Client {
    Meta(Arc<meta::Client>),
    Gupshup(Arc<gupshup::Client>),
    Glpi(Arc<glpi::Client>),
    Media(Option<Arc<media::Fetcher>>),
}

impl ProviderSet {
    /// A set without connections.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            files: None,
            links: None,
            entries: ArcSwap::default(),
        }
    }

    /// A set without connections that keeps people's files in `files`.
    pub fn with_files(clock: Arc<dyn Clock>, files: Arc<MediaStore>) -> Self {
        Self {
            files: Some(files),
            ..Self::new(clock)
        }
    }

    /// The same set, with addresses at which providers fetch what is sent to people.
    #[must_use]
    pub fn with_links(mut self, links: media::Links) -> Self {
        self.links = Some(Arc::new(links));
        self
    }

    /// Takes `connections` as the whole set. A connection whose settings did not change keeps its
    /// client, its pool and its session; one whose settings cannot be used is returned and has no
    /// client. Sessions of clients that are no longer used are ended before this returns.
    pub async fn replace(
        &self,
        connections: impl IntoIterator<Item = (GatewayId, Connection)>,
    ) -> Vec<(GatewayId, BadSettings)> {
        let old = self.entries.load_full();
        let mut transports = HashMap::new();
        let mut entries = HashMap::new();
        let mut refused = Vec::new();
        for (id, settings) in connections {
            match old.get(&id) {
                Some(entry) if entry.settings == settings => {
                    entries.insert(id, entry.clone());
                }
                _ => match self.client(&settings, &mut transports) {
                    Ok(client) => {
                        entries.insert(id, Entry { settings, client });
                    }
                    Err(bad) => refused.push((id, bad)),
                },
            }
        }
        let entries = Arc::new(entries);
        self.entries.store(entries.clone());
        for (id, entry) in old.iter() {
            let kept = entries
                .get(id)
                .is_some_and(|new| new.settings == entry.settings);
            if !kept {
                entry.client.close().await;
            }
        }
        refused
    }

    /// The GLPI client of a gateway, for the version probe of health.
    pub fn glpi(&self, id: &GatewayId) -> Option<Arc<glpi::Client>> {
        match &self.entries.load().get(id)?.client {
            Client::Glpi(client) => Some(client.clone()),
            Client::Meta(_) | Client::Gupshup(_) | Client::Media(_) => None,
        }
    }

    /// Ends all sessions. For shutdown.
    pub async fn close(&self) {
        for entry in self.entries.load_full().values() {
            entry.client.close().await;
        }
    }

    /// A sender that can send files; `None` without a store of them.
    fn sender(&self, carrier: media::Carrier) -> Option<Arc<dyn Provider>> {
        let (files, links) = (self.files.clone()?, self.links.clone());
        Some(Arc::new(media::WithUploads::new(carrier, files, links)))
    }

    /// Connections of one kind and scheme share a pool, because making one reads the system's CA
    /// certificates.
    fn client(
        &self,
        settings: &Connection,
        transports: &mut HashMap<(&'static str, String), Transport>,
    ) -> Result<Client, BadSettings> {
        let mut transport = |kind, base: reqwest::Url, idle| {
            let key = (kind, base.scheme().to_owned());
            if let Some(transport) = transports.get(&key) {
                return Ok(transport.clone());
            }
            let transport = Transport::new(&base, idle)?;
            transports.insert(key, transport.clone());
            Ok(transport)
        };
        Ok(match settings {
            Connection::Meta(settings) => {
                let base = meta::address(&settings.base_url)?;
                let transport = transport("meta", base, meta::Client::IDLE)?;
                Client::Meta(Arc::new(meta::Client::over(transport, settings)?))
            }
            Connection::Gupshup(settings) => {
                let base = gupshup::address(&settings.base_url)?;
                let transport = transport("gupshup", base, gupshup::Client::IDLE)?;
                Client::Gupshup(Arc::new(gupshup::Client::over(transport, settings)?))
            }
            Connection::Media {
                source,
                hosts,
                timeout,
            } => {
                let Some(files) = &self.files else {
                    return Ok(Client::Media(None));
                };
                let transport = transport("media", source.base()?, meta::Client::IDLE)?;
                let fetcher = media::Fetcher::over(
                    transport,
                    (source, hosts.clone()),
                    files.clone(),
                    *timeout,
                )?;
                Client::Media(Some(Arc::new(fetcher)))
            }
            Connection::Glpi(settings) => {
                let base = glpi::address(&settings.base_url)?;
                let transport = transport("glpi", base, glpi::Client::IDLE)?;
                let clock = self.clock.clone();
                Client::Glpi(Arc::new(glpi::Client::over(
                    transport,
                    settings.clone(),
                    clock,
                )?))
            }
        })
    }
}

impl Providers for ProviderSet {
    fn provider(&self, id: &GatewayId) -> Option<Arc<dyn Provider>> {
        Some(match &self.entries.load().get(id)?.client {
            Client::Meta(client) => match self.sender(media::Carrier::Meta(client.clone())) {
                Some(sender) => sender,
                None => client.clone(),
            },
            Client::Gupshup(client) => match self.sender(media::Carrier::Gupshup(client.clone())) {
                Some(sender) => sender,
                None => client.clone(),
            },
            Client::Glpi(client) => match &self.files {
                Some(files) => Arc::new(media::WithFiles::new(client.clone(), files.clone())),
                None => client.clone(),
            },
            Client::Media(fetcher) => fetcher.clone()?,
        })
    }

    fn help_desk(&self, id: &GatewayId) -> Option<Arc<dyn HelpDesk>> {
        match &self.entries.load().get(id)?.client {
            Client::Glpi(client) => Some(client.clone()),
            Client::Meta(_) | Client::Gupshup(_) | Client::Media(_) => None,
        }
    }
}

impl Client {
    async fn close(&self) {
        match self {
            Self::Glpi(client) => client.close().await,
            // WhatsApp's providers have no sessions.
            Self::Meta(_) | Self::Gupshup(_) | Self::Media(_) => {}
        }
    }
}

impl std::fmt::Debug for ProviderSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.entries.load().keys()).finish()
    }
}
