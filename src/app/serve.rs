//! The server: started in the order in which its parts need each other, ended in the reverse.
//!
//! ```text
//! data directory lock -> keys -> journal -> directory file -> (database behind it)
//!   -> clients of providers -> actors -> HTTP
//! ```
//!
//! The socket is bound before anything else, so that a taken port is told before data are touched;
//! connections made meanwhile wait in the kernel's queue and are served when the door opens.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actors::fold::EntityFold;
use actors::journal::SoleOwner;
use actors::journal::adapter::{self, Paths, SegmentJournal};
use actors::journal::disk::RealDisk;
use actors::journal::keys::{Ring, SystemEntropy, identity_secret};
use actors::model::IdentityKey;
use actors::ports::{Clock, SystemClock};
use actors::system::{self, System};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::AppError;
use super::chance::Chance;
use super::connections::Shared;
use super::database::Database;
use super::figures;
use super::running::Running;
use super::set_up::set_up;
use super::traced::Traced;
use crate::config::{Channel, Config, DEMO_TOKEN, Provider};
use crate::directory::{Limits, Published};
use crate::http::{self, Bounds, DoorMeters, Edge, Minutes};
use crate::providers::ProviderSet;
use crate::providers::media::Links;
use crate::recording::Recorder;
use crate::spans::Spans;
use crate::telemetry::Metrics;
use crate::templates::{Catalogues, Keeper};
use crate::trace::Tracer;
use crate::web;

/// Connections for each request that may be under way: most of a provider's are idle.
const CONNECTIONS_PER_REQUEST: usize = 2;
/// Of the time to stop, what is kept for closing journal and database after the drain.
const CLOSING_SHARE: u32 = 3;

/// Partitions of a new data directory; another number is refused by an existing one.
pub(super) const PARTITIONS: u16 = 64;

/// A server whose parts are all up, before its door opens.
pub(super) struct Server {
    config: Config,
    running: Running,
    published: Arc<Published>,
    providers: Arc<ProviderSet>,
    database: Option<Database>,
    tracer: Arc<Tracer>,
    spans: Spans,
    identity: IdentityKey,
    clock: Arc<dyn Clock>,
    catalogues: Catalogues,
    glpi_url: Option<String>,
}

/// Binds the socket of `config`.
///
/// # Errors
/// When the address is taken or not ours.
pub(super) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound
        .await
        .map_err(|source| AppError::Listen { address, source })
}

/// The key ring of a data directory, made when the directory is new.
///
/// # Errors
/// When the file cannot be read or made.
pub(super) fn ring(config: &Config) -> Result<Arc<Ring>, AppError> {
    let path = ring_path(config);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(Arc::new(Ring::open_or_create(
        &RealDisk,
        &path,
        &SystemEntropy,
    )?))
}

fn ring_path(config: &Config) -> PathBuf {
    let kept = || Paths::new(&config.data.directory).ring();
    config.keys.ring.clone().unwrap_or_else(kept)
}

impl Server {
    /// Brings every part up but the door. `glpi_url` replaces the address of every connection; the
    /// demo's simulators may have moved since its directory was made.
    ///
    /// # Errors
    /// What keeps the server from starting, with the way out.
    pub async fn start(config: Config, glpi_url: Option<String>) -> Result<Self, AppError> {
        // Read while the journal is opened, so that no message pays for it.
        let tables = tokio::task::spawn_blocking(actors::understand::prepare);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let journal = Arc::new(open_journal(&config, clock.clone()).await?);
        let ring = ring(&config)?;
        let identity = identity(&config.data.directory)?;
        let limits = Limits::from(&config);
        let published = Published::open(&config.data.directory, ring.clone(), limits)?;
        let published = Arc::new(published);
        let database = Database::start(&config, &ring, &published)?;
        Database::first_directory(&published).await?;
        let (catalogues, orders) = Catalogues::new();
        if let Some(database) = &database {
            let keeper = Keeper {
                store: database.store(),
                published: published.clone(),
                providers: config.providers.clone(),
            };
            tokio::spawn(keeper.run(orders));
        }
        let tracer = Arc::new(Tracer::new(database.as_ref().map(Database::traces)));
        let spans = Spans::start(&config.opentelemetry)?;
        let files = super::files::open(&config, ring.clone(), clock.clone()).await?;
        let mut providers = ProviderSet::with_files(clock.clone(), files.clone());
        if let Some(url) = &config.server.public_url {
            providers = providers.with_links(Links::new(url, identity.clone(), clock.clone())?);
        }
        let providers = Arc::new(providers);
        let shared = Shared {
            providers: config.providers.clone(),
            media: config.media.clone(),
            glpi_url: glpi_url.clone(),
        };
        let versions = published.versions();
        shared.apply(&published, &providers).await;
        tokio::spawn(shared.follow(versions, published.clone(), providers.clone()));
        let system = System::start(system::Parts {
            journal: journal.clone(),
            ownership: SoleOwner {
                partitions: PARTITIONS,
            },
            settings: published.clone(),
            providers: Arc::new(Traced {
                inner: providers.clone(),
                tracer: tracer.clone(),
                clock: clock.clone(),
                spans: spans.clone(),
                settings: published.clone(),
            }),
            clock: clock.clone(),
            random: Arc::new(Chance),
            identity: identity.clone(),
            limits: system::Limits {
                live_max: usize::try_from(config.contacts.live_max).unwrap_or(usize::MAX),
                passivate_after_ms: config.contacts.passivate_after_ms,
                unplaced_kept_ms: u64::from(config.retention.conversations_days) * 86_400_000,
                ..system::Limits::default()
            },
            witness: spans.witness(),
        })
        .await?;
        tables.await.map_err(std::io::Error::other)?;
        let running = Running {
            system,
            journal,
            files,
            rows: database.as_ref().map(Database::store),
        };
        Ok(Self {
            config,
            running,
            published,
            providers,
            database,
            tracer,
            spans,
            identity,
            clock,
            catalogues,
            glpi_url,
        })
    }

    /// The demo's page for the first tenant of the configuration, with the simulators behind
    /// `simulators_url`.
    ///
    /// # Errors
    /// When a client for the simulators cannot be made.
    pub fn page(
        &self,
        simulators_url: String,
        closing: watch::Receiver<bool>,
    ) -> Result<web::Demo, AppError> {
        let directory = self.published.current();
        let bootstrap = &self.config.bootstrap.channels;
        let first = bootstrap.first().ok_or(AppError::NoDirectory)?;
        let tenant = directory
            .tenant(&first.tenant)
            .ok_or(AppError::NoDirectory)?;
        let own = bootstrap
            .iter()
            .filter(|channel| channel.tenant == first.tenant)
            .filter_map(|channel| directory.channel(&channel.id));
        let lines: Vec<_> = own.map(|channel| line(channel)).collect();
        // A data directory of an earlier release holds fewer channels than the configuration.
        let channel = directory.channel(&first.id).ok_or(AppError::NoDirectory)?;
        let page = web::pages::demo::Demo {
            lines,
            tenant_name: tenant.name.clone(),
            time_zone: tenant.time_zone.clone(),
            ticket_prefix: channel.ticket_prefix.clone(),
            desk: self.desk(channel),
        };
        let simulators = web::Simulators::new(simulators_url)?;
        let core = Arc::new(self.running.clone());
        Ok(web::Demo::new(web::Parts {
            page,
            simulators,
            core,
            closing,
        }))
    }

    /// The desk of the demo's own queue. No other token than the demo's is written into a page.
    fn desk(&self, channel: &Channel) -> Option<web::pages::demo::Desk> {
        let tokens = self.config.bootstrap.api_tokens.iter();
        let mut tokens = tokens.map(|token| token.token.expose());
        let token = tokens.find(|token| *token == DEMO_TOKEN)?;
        Some(web::pages::demo::Desk {
            queue: channel.queue.as_ref()?.to_string(),
            token: token.to_owned(),
        })
    }

    /// Serves on `listener` until `closing` is told, then ends every part within the configured
    /// time.
    pub async fn run(
        self,
        listener: TcpListener,
        metrics: Metrics,
        demo: Option<web::Demo>,
        closing: watch::Receiver<bool>,
    ) {
        let settings = &self.config.server;
        let places = usize::try_from(settings.requests_in_flight_max).unwrap_or(usize::MAX >> 4);
        let journal = self.running.journal.clone();
        let (system, clock) = (self.running.system.clone(), self.clock.clone());
        let edge = Edge::new(http::Parts {
            core: Arc::new(self.running.clone()),
            directory: self.published.clone(),
            identity: self.identity.clone(),
            clock: self.clock.clone(),
            bounds: Bounds {
                webhook_bytes_max: settings.webhook_body_bytes_max,
                api_bytes_max: settings.api_body_bytes_max,
                request_time: Duration::from_millis(settings.request_timeout_ms),
            },
            minutes: Minutes::new(settings.api_requests_per_minute),
            places: Semaphore::new(places),
            tracer: self.tracer.clone(),
            meters: DoorMeters::default(),
            spans: self.spans.clone(),
            recorder: Recorder::new(self.identity.clone()),
            metrics: Box::new(move || {
                figures::report_all(&journal, &system, clock.now());
                metrics.render()
            }),
            closing: closing.clone(),
            catalogues: self.catalogues.clone(),
            setup: self.database.as_ref().map(|database| {
                let providers = self.config.providers.clone();
                let glpi_url = self.glpi_url.clone();
                set_up(
                    database.store(),
                    self.published.clone(),
                    providers,
                    glpi_url,
                )
            }),
        });
        let mut router = http::router(edge);
        if let Some(demo) = demo {
            router = web::router(demo).merge(router);
        }
        let budget = Duration::from_millis(settings.shutdown_timeout_ms);
        let connections = places.saturating_mul(CONNECTIONS_PER_REQUEST);
        let told = crate::shutdown::told(closing.clone());
        let grace = budget / CLOSING_SHARE;
        let ended = tokio::spawn(async move {
            crate::shutdown::told(closing).await;
            Instant::now() + budget
        });
        http::serve::serve(listener, router, connections, told, grace).await;
        let deadline = ended.await.unwrap_or_else(|_| Instant::now() + budget);
        self.stop(deadline).await;
    }

    /// Ends the parts in the reverse order of their start. Whatever is not done by the deadline is
    /// settled by the next start.
    async fn stop(self, deadline: Instant) {
        let left = deadline.saturating_duration_since(Instant::now());
        self.running
            .system
            .drain(left * (CLOSING_SHARE - 1) / CLOSING_SHARE)
            .await;
        let closing = async {
            self.spans.finish().await;
            self.providers.close().await;
            let journal = self.running.journal.clone();
            // A panic while closing was logged by the panic hook; the files are whole regardless.
            let _ = tokio::task::spawn_blocking(move || journal.close()).await;
            if let Some(database) = self.database {
                database.stop().await;
            }
        };
        if timeout(deadline.saturating_duration_since(Instant::now()), closing)
            .await
            .is_err()
        {
            tracing::warn!("the time to stop is over; the next start settles the rest");
        }
        tracing::info!("stopped");
    }
}

/// A channel as the demo's page offers it.
fn line(channel: &Channel) -> web::pages::demo::Line {
    web::pages::demo::Line {
        channel: channel.id.to_string(),
        provider: match channel.provider {
            Provider::Meta => "Meta",
            Provider::Gupshup => "Gupshup",
        },
        number: channel.number.clone(),
    }
}

async fn open_journal(config: &Config, clock: Arc<dyn Clock>) -> Result<SegmentJournal, AppError> {
    let data = config.data.directory.clone();
    let journal = &config.journal;
    let settings = adapter::Config {
        ring: ring_path(config),
        partitions: PARTITIONS,
        lanes: journal.lanes,
        segment_bytes: u32::try_from(journal.segment_bytes).unwrap_or(u32::MAX),
        max_age_ms: journal.segment_age_max_s * 1000,
        keep_bytes: journal.keep_bytes,
        reserve_bytes: journal.reserve_bytes,
        seen_days: u64::from(journal.seen_days),
        ..adapter::Config::new(data, clock, Arc::new(EntityFold))
    };
    let opened = tokio::task::spawn_blocking(|| SegmentJournal::open(settings)).await;
    Ok(opened.map_err(std::io::Error::other)??)
}

fn identity(data: &Path) -> Result<IdentityKey, AppError> {
    let secret = identity_secret(&RealDisk, &Paths::new(data).identity(), &SystemEntropy)?;
    Ok(IdentityKey::new(&secret))
}
