//! Stand-ins for the providers: WhatsApp's Cloud API under `/meta`, Gupshup under `/gupshup` and
//! GLPI's legacy REST API under `/glpi/apirest.php`, on one address, written from the API sheets with wire values of
//! their own. They are part of the product: the demo, the tests and the load runs talk to
//! them over real HTTP, and their request log is the oracle of what was really sent.
//!
//! ```text
//! request -> entry: log line -> faults -> meta | gupshup | glpi (pure: request in, answer out)
//! meta: accepted send -> courier -> signed webhooks -> the server under test
//! gupshup: accepted send -> courier -> events, v2 or v3 -> the server under test
//! phone side (`/_phone`) -> courier -> webhooks -> the server under test
//! ```
//!
//! Limits are Meta's own (80 messages a second in and out together, the pair debt) until
//! `_control` lifts them with `"mps": 0` and `"pair_limit": false`, as load runs do.
//!
//! # The simulators' own paths
//!
//! - `GET /_log?after=N&limit=M&provider=meta|gupshup|glpi`: request lines, see the `log` module;
//!   with `settled=1`, those before the oldest that awaits its outcome.
//!   `GET /_log/counts?repeated=1`: requests and accepted requests by provider, effect id and
//!   recipient; with `repeated`, only those accepted more than once; with `totals=1`, the sums.
//! - `POST /_phone/{channel}/{wa_id}/messages`: a person writes (`{"text":"…"}`,
//!   `{"button_reply":{"id","title"}}`, `{"list_reply":…}` or `{"message":{"type":…}}`);
//!   `GET` the same path `?after=N` lists the conversation; `GET /_phone/{channel}/{wa_id}/events`
//!   streams `message`, `status` and `typing` events. `POST /_phone/{channel}/{wa_id}/files`
//!   sends a file, `GET …/files/{message}` is the file that a message shows.
//! - `GET /_world/glpi/tickets?app_token=…` and `GET /_world/glpi/events`: tickets as they change.
//! - `POST /_verify/{channel}`: does the verification call with a wrong and the right token.
//! - `GET /_control` shows, `POST /_control` changes the world.
//!
//! # `_control`
//!
//! Every key is optional; what is not named stays as it is.
//! ```json
//! {"seed": 7, "advance_clock_ms": 86400000,
//!  "clear_faults": "all",
//!  "faults": [{"provider": "glpi", "method": "POST", "path": "/Ticket", "probability": 0.2,
//!              "skip": 0, "count": 5, "for_ms": 60000, "kind": "lose_answer"}],
//!  "meta": {"demo-meta": {"callback_url": "http://127.0.0.1:8080/webhooks/meta/demo-meta",
//!           "unknown": ["51900000000"], "close_windows": ["51999888777"], "windows": "tracked",
//!           "mps": 80, "pair_limit": true, "statuses": {"enabled": false},
//!           "webhooks": {"duplicate": 0.1, "shuffle_ms": 2000, "batch": 10}}},
//!  "gupshup": {"demo-gupshup": {"callback_url": "http://127.0.0.1:8080/webhooks/gupshup/demo-gupshup/demo-secret",
//!           "version": "mixed", "wallet_micros": 0, "opt_out": ["51999888777"]}},
//!  "glpi": {"demo-app-token": {"mode": 10, "latency_ms": 60, "users": [{"name": "ana"}],
//!           "entities": [{"name": "Sede"}], "end_sessions": true,
//!           "webhooks": {"url": "http://127.0.0.1:8080/webhooks/glpi/demo-glpi",
//!                        "secret": "demo-webhook-secret", "duplicate": 0.1}}}}
//! ```
//! `clear_faults` is `all`, `meta`, `gupshup` or `glpi` and acts before `faults` are added. Kinds of
//! faults: `delay {ms, jitter_ms, after}`, `rate_limit {retry_after_s}`,
//! `error {status, processed}`, `refuse {code}` (Meta), `drop`, `lose_answer`,
//! `slow_body {ms}`, `unauthorized`. A provider that is down for ten seconds is
//! `{"kind":"drop","for_ms":10000}`. Duplicated and reordered webhooks are settings of the
//! channel. A channel or a GLPI installation that is not there yet is created, so one call
//! adds a tenant. The fields are those of `meta::settings::LineSettings`,
//! `gupshup::settings::AppSettings` and `glpi::settings::Installation`; an unknown field or value is refused with 400 and its name.

mod clock;
mod control;
mod desk;
mod dice;
mod entry;
mod exchange;
mod faults;
pub mod glpi;
pub mod gupshup;
mod listener;
mod log;
pub mod meta;
mod multipart;
mod phone;
mod whatsapp;
mod world;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::{any, get, post};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use clock::Clock;
use dice::Dice;
use faults::Faults;
use listener::{CuttableListener, Switch};
use log::FileLog;

pub use world::demo;

/// How often buffered log lines are handed to the operating system when nobody reads them.
const LOG_FLUSH: Duration = Duration::from_millis(200);
/// How long a shutdown waits for requests in flight.
const CLOSING_WAIT: Duration = Duration::from_secs(2);

/// What the simulators start with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Folder of the request log; log files of an earlier run in it are removed.
    pub log_dir: PathBuf,
    /// Seed of all faults.
    pub seed: u64,
    /// WhatsApp numbers.
    pub channels: Vec<meta::settings::LineSettings>,
    /// WhatsApp numbers behind Gupshup.
    pub apps: Vec<gupshup::settings::AppSettings>,
    /// GLPI installations.
    pub installations: Vec<glpi::settings::Installation>,
}

impl Settings {
    /// The demo world: a number at each provider and one GLPI, everything friendly.
    pub fn demo(listen: SocketAddr, log_dir: PathBuf) -> Self {
        let channels = vec![demo::channel()];
        Self {
            listen,
            log_dir,
            seed: 1,
            channels,
            apps: vec![demo::app()],
            installations: vec![demo::installation()],
        }
    }
}

/// Why the simulators did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The request log cannot be written.
    #[error("simulator log folder {dir}: {source}; choose a folder that can be written")]
    Log {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The address is taken or not ours.
    #[error("simulators cannot listen on {address}: {source}; choose another address or port 0")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The HTTP client for webhooks cannot be built.
    #[error("simulator webhook client: {0}")]
    Client(#[from] reqwest::Error),
    /// A channel of the settings is not usable.
    #[error("simulator world: {0}")]
    World(#[from] meta::WorldError),
    /// A channel of Gupshup's is not usable.
    #[error("simulator world: {0}")]
    App(#[from] gupshup::WorldError),
}

/// What the parts of the simulators share beside their own state.
#[derive(Debug)]
pub struct Surroundings {
    clock: Clock,
    /// Rolls about webhooks.
    dice: Dice,
    /// Ids and traces: different in every run, whatever the seed, because receivers remember
    /// the message ids of earlier runs.
    ids: Dice,
}

/// Everything behind the routes.
#[derive(Debug)]
pub(crate) struct Site {
    around: Arc<Surroundings>,
    log: FileLog,
    faults: Faults,
    meta: meta::Meta,
    gupshup: gupshup::Gupshup,
    glpi: glpi::Glpi,
    client: reqwest::Client,
    closing: watch::Receiver<bool>,
}

/// Running simulators.
#[derive(Debug)]
pub struct Simulators {
    address: SocketAddr,
    site: Arc<Site>,
    close: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Simulators {
    /// Starts them on their own listener. Must be called inside a tokio runtime.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let listener = TcpListener::bind(settings.listen)
            .await
            .and_then(|listener| {
                let address = listener.local_addr()?;
                Ok((listener, address))
            });
        let (listener, address) = listener.map_err(|source| StartError::Listen {
            address: settings.listen,
            source,
        })?;
        let (close, closing) = watch::channel(false);
        let site = Arc::new(Site::new(settings, closing.clone())?);
        let service = router(site.clone()).into_make_service_with_connect_info::<Switch>();
        let serving = tokio::spawn(async move {
            let server = axum::serve(CuttableListener(listener), service);
            let closed = closed(closing);
            if let Err(error) = server.with_graceful_shutdown(closed).await {
                tracing::error!(%error, "the simulators stopped serving");
            }
        });
        tokio::spawn(flush_log(Arc::downgrade(&site)));
        tokio::spawn(glpi::webhooks::deliver(
            Arc::downgrade(&site),
            site.glpi.feed.subscribe(),
            site.client.clone(),
            site.closing.clone(),
        ));
        Ok(Self {
            address,
            site,
            close,
            serving,
        })
    }

    /// The address they listen on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// All routes, to be mounted in another server as well. Connections that a fault cuts
    /// break off in the middle of an answer there, because only the own listener can reset.
    pub fn router(&self) -> Router {
        router(self.site.clone())
    }

    /// Points the webhooks of a channel somewhere; used when ports are picked at start.
    pub fn set_callback(&self, channel: &str, address: &str) -> Result<(), meta::WorldError> {
        self.site
            .meta
            .change(channel, &serde_json::json!({"callback_url": address}))
    }

    /// Points the events of a Gupshup channel somewhere.
    pub fn set_gupshup_callback(
        &self,
        channel: &str,
        address: &str,
    ) -> Result<(), gupshup::WorldError> {
        self.site
            .gupshup
            .change(channel, &serde_json::json!({"callback_url": address}))
    }

    /// Points the webhooks of an installation somewhere.
    pub fn set_glpi_callback(&self, app_token: &str, address: &str, secret: &str) {
        let webhooks = serde_json::json!({"url": address, "secret": secret});
        let change = serde_json::json!({"webhooks": webhooks});
        self.site
            .glpi
            .change(app_token, &change)
            .expect("these are fields of the settings");
    }

    /// Changes the world as `POST /_control` does.
    pub fn control(&self, change: &serde_json::Value) -> Result<(), String> {
        control::apply(&self.site, change)
    }

    /// Stops accepting, waits up to two seconds for requests in flight, writes the log out.
    pub async fn shutdown(mut self) {
        // The receivers live in the site, so the send reaches them.
        let _ = self.close.send(true);
        if tokio::time::timeout(CLOSING_WAIT, &mut self.serving)
            .await
            .is_err()
        {
            self.serving.abort();
        }
        self.site.log.flush();
    }
}

impl Site {
    fn new(settings: Settings, closing: watch::Receiver<bool>) -> Result<Self, StartError> {
        let log = FileLog::open(&settings.log_dir).map_err(|source| StartError::Log {
            dir: settings.log_dir.clone(),
            source,
        })?;
        // The process may have installed a TLS provider already; any of them will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(64)
            .build()?;
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let around = Arc::new(Surroundings {
            clock: Clock::default(),
            dice: Dice::new(settings.seed, 3),
            ids: Dice::new(started.as_nanos() as u64, u64::from(std::process::id())),
        });
        let meta = meta::Meta::new(around.clone(), client.clone(), closing.clone());
        for channel in settings.channels {
            meta.put(channel)?;
        }
        let gupshup = gupshup::Gupshup::new(around.clone(), client.clone(), closing.clone());
        for app in settings.apps {
            gupshup.put(app)?;
        }
        let glpi = glpi::Glpi::new(around.clone());
        for installation in settings.installations {
            glpi.put(installation);
        }
        let faults = Faults::new(settings.seed);
        Ok(Self {
            around,
            log,
            faults,
            meta,
            gupshup,
            glpi,
            client,
            closing,
        })
    }
}

/// All routes on one page.
fn router(site: Arc<Site>) -> Router {
    Router::new()
        // What clients of the providers call.
        .route("/meta/{*path}", any(entry::meta))
        .route("/gupshup/{*path}", any(entry::gupshup))
        .route("/glpi/apirest.php", any(entry::glpi))
        .route("/glpi/apirest.php/", any(entry::glpi))
        .route("/glpi/apirest.php/{*path}", any(entry::glpi))
        // The phone side and the people at GLPI.
        .route(
            "/_phone/{channel}/{wa_id}/messages",
            get(phone::list).post(phone::write),
        )
        .route("/_phone/{channel}/{wa_id}/files", post(phone::file::send))
        .route(
            "/_phone/{channel}/{wa_id}/files/{id}",
            get(phone::file::show),
        )
        .route("/_phone/{channel}/{wa_id}/events", get(phone::events))
        .route("/_world/glpi/tickets", get(desk::tickets))
        .route("/_world/glpi/events", get(desk::events))
        // The test bench.
        .route("/_log", get(control::log))
        .route("/_log/counts", get(control::counts))
        .route("/_control", get(control::show).post(control::change))
        .route("/_verify/{channel}", post(phone::verify))
        .with_state(site)
}

async fn closed(mut closing: watch::Receiver<bool>) {
    // A dropped sender means that the simulators themselves are gone.
    let _ = closing.wait_for(|closed| *closed).await;
}

async fn flush_log(site: std::sync::Weak<Site>) {
    loop {
        tokio::time::sleep(LOG_FLUSH).await;
        match site.upgrade() {
            Some(site) if !*site.closing.borrow() => site.log.flush(),
            _ => return,
        }
    }
}
