//! The one task that asks providers for their templates, and has them edited, a channel at a time.

mod edits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actors::model::Name;
use actors::templates::{Approval, Template};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::config::{self, Channel, Provider};
use crate::directory::Published;
use crate::providers::{ListError, TemplateAccount, gupshup, meta, templates};
use crate::setup::Author;
use crate::store::{Store, StoreError};
pub use edits::{Edit, EditError};

/// How old a copy may be.
const EVERY: Duration = Duration::from_secs(3_600);
/// When a synchronisation that failed is tried again.
const AGAIN: Duration = Duration::from_secs(60);
/// Hints of one channel within this are one.
const HINT_PAUSE: Duration = Duration::from_secs(1);
/// How often the directory is looked at for new channels.
const LOOK: Duration = Duration::from_secs(5);
/// Orders that may wait; beyond it they are refused and hints are lost.
const ORDERS_MAX: usize = 64;

/// What a synchronisation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Synced {
    /// Templates that the provider has.
    pub templates: usize,
    /// Rows that were new or had changed.
    pub changed: usize,
    /// Rows of templates that the provider no longer has.
    pub removed: usize,
}

/// Why a channel's templates were not synchronised.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// There is no such channel.
    #[error("there is no such channel")]
    NoChannel,
    /// The server runs without a database, or has too many orders.
    #[error("the catalogue cannot be changed now; come again shortly")]
    Away,
    /// The provider did not tell.
    #[error(transparent)]
    List(#[from] ListError),
    /// The rows could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Order {
    channel: Name,
    wish: Wish,
}

/// What is ordered, and where the answer goes.
enum Wish {
    /// A synchronisation, soon.
    Hint,
    /// A synchronisation, now.
    Synchronise(oneshot::Sender<Result<Synced, SyncError>>),
    /// An edit of somebody's.
    Edit(
        Box<Edit>,
        Author,
        oneshot::Sender<Result<Template, EditError>>,
    ),
}

/// Orders synchronisations and edits. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Catalogues {
    orders: mpsc::Sender<Order>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Order")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl Catalogues {
    /// A catalogue and the part of it that [`Keeper::run`] serves; without it every order is
    /// refused.
    pub fn new() -> (Self, Waiting) {
        let (orders, waiting) = mpsc::channel(ORDERS_MAX);
        (Self { orders }, Waiting(waiting))
    }

    /// Synchronises a channel's templates now.
    ///
    /// # Errors
    /// When the provider does not tell or the rows cannot be written.
    pub async fn synchronise(&self, channel: Name) -> Result<Synced, SyncError> {
        let (answer, answered) = oneshot::channel();
        let wish = Wish::Synchronise(answer);
        let order = Order { channel, wish };
        self.orders.try_send(order).map_err(|_| SyncError::Away)?;
        answered.await.map_err(|_| SyncError::Away)?
    }

    /// Has a channel's templates edited at its provider. Answers with the template as it is now; with
    /// the one that is gone after [`Edit::Delete`].
    ///
    /// # Errors
    /// When the provider refuses or does not answer, or the rows cannot be written.
    pub async fn edit(
        &self,
        channel: Name,
        author: Author,
        edit: Edit,
    ) -> Result<Template, EditError> {
        let (answer, answered) = oneshot::channel();
        let wish = Wish::Edit(Box::new(edit), author, answer);
        let order = Order { channel, wish };
        self.orders.try_send(order).map_err(|_| EditError::Away)?;
        answered.await.map_err(|_| EditError::Away)?
    }

    /// Tells that something changed at a channel's provider. Never waits.
    pub fn hint(&self, channel: Name) {
        let wish = Wish::Hint;
        let order = Order { channel, wish };
        // A lost hint is made good by the hourly synchronisation.
        let _ = self.orders.try_send(order);
    }
}

/// Orders that wait.
#[derive(Debug)]
pub struct Waiting(mpsc::Receiver<Order>);

/// Keeps the rows as the providers have them.
pub struct Keeper {
    /// Where the rows are.
    pub store: Store,
    /// Which channels there are.
    pub published: Arc<Published>,
    /// Where providers are.
    pub providers: config::Providers,
}

impl Keeper {
    /// Serves orders until nobody can give one any more.
    pub async fn run(self, Waiting(mut orders): Waiting) {
        let mut due: BTreeMap<Name, Instant> = BTreeMap::new();
        loop {
            let now = Instant::now();
            let channels: Vec<Arc<Channel>> =
                self.published.current().channels().cloned().collect();
            due.retain(|id, _| channels.iter().any(|channel| channel.id == *id));
            for channel in &channels {
                due.entry(channel.id.clone()).or_insert(now);
            }
            let next = due.values().min().copied().unwrap_or(now + LOOK);
            let order = tokio::time::timeout_at(next.min(now + LOOK), orders.recv()).await;
            match order {
                Ok(Some(Order { channel, wish })) => match wish {
                    Wish::Synchronise(answer) => {
                        let synced = self.synchronise(&channel).await;
                        due.insert(channel, after(&synced));
                        // Whoever asked may have given up.
                        let _ = answer.send(synced);
                    }
                    Wish::Edit(edit, author, answer) => {
                        let edited = self.edit(&channel, &author, *edit).await;
                        // Also when it failed: an answer that was lost may have been a yes.
                        hasten(&mut due, channel);
                        let _ = answer.send(edited);
                    }
                    Wish::Hint => hasten(&mut due, channel),
                },
                Ok(None) => return,
                Err(_) => {
                    let now = Instant::now();
                    let ready = due.iter().find(|(_, at)| **at <= now);
                    if let Some(channel) = ready.map(|(id, _)| id.clone()) {
                        let synced = self.synchronise(&channel).await;
                        if let Err(error) = &synced {
                            tracing::warn!(%channel, %error, "templates were not synchronised");
                        }
                        due.insert(channel, after(&synced));
                    }
                }
            }
        }
    }

    async fn synchronise(&self, id: &Name) -> Result<Synced, SyncError> {
        let channel = self.published.current().channel(id).cloned();
        let channel = channel.ok_or(SyncError::NoChannel)?;
        let account = self.account(&channel, channel.provider);
        let mut listed = templates(&account.ok_or(SyncError::NoChannel)?).await?;
        self.note_second(&channel, &mut listed).await;
        let changed = self.store.put_templates(id, &listed).await?;
        if changed.put + changed.removed > 0 {
            let (changed, removed) = (changed.put, changed.removed);
            tracing::info!(channel = %id, changed, removed, "templates were synchronised");
        }
        Ok(Synced {
            templates: listed.len(),
            changed: changed.put,
            removed: changed.removed,
        })
    }

    /// Notes which templates the second line's provider has approved too, where it tells. While it
    /// does not, what was known of it is kept.
    async fn note_second(&self, channel: &Channel, listed: &mut [Template]) {
        let Some(provider) = channel.providers().nth(1) else {
            return;
        };
        let Some(account) = self.account(channel, provider) else {
            return;
        };
        match templates(&account).await {
            Ok(second) => pair(listed, &second),
            Err(error) => {
                tracing::warn!(
                    channel = %channel.id, %error,
                    "the second line's templates were not synchronised"
                );
                let directory = self.published.current();
                let settings = directory.channel_settings(&channel.channel_id());
                let known = settings.map(|settings| &settings.sending.templates.templates);
                for template in listed {
                    let same = |other: &&Template| {
                        other.name == template.name && other.language == template.language
                    };
                    let before = known.and_then(|known| known.iter().find(same));
                    template.second_id = before.and_then(|before| before.second_id.clone());
                }
            }
        }
    }

    fn account(&self, channel: &Channel, provider: Provider) -> Option<TemplateAccount> {
        let config::Providers { meta, gupshup, .. } = &self.providers;
        Some(match provider {
            Provider::Meta => TemplateAccount::Meta(meta::Account {
                base_url: meta.base_url.clone(),
                version: meta.graph_version.clone(),
                business_account_id: channel.business_account_id.clone(),
                token: channel.access_token.clone(),
                timeout: Duration::from_millis(meta.timeout_ms),
            }),
            Provider::Gupshup => {
                let app = channel.gupshup.as_ref()?;
                TemplateAccount::Gupshup(gupshup::Settings {
                    base_url: gupshup.base_url.clone(),
                    app: app.name.clone(),
                    app_id: app.id.clone(),
                    source: channel.number.clone(),
                    api_key: app.api_key.clone(),
                    timeout: Duration::from_millis(gupshup.timeout_ms),
                })
            }
        })
    }
}

/// Notes the ids of the templates that the second provider has approved with the same name, language
/// and variables.
fn pair(first: &mut [Template], second: &[Template]) {
    for template in first {
        let same = |other: &&Template| {
            let approved = other.approval == Approval::Approved;
            let named = other.name == template.name && other.language == template.language;
            approved && named && other.slots() == template.slots()
        };
        let found = second.iter().find(same);
        template.second_id = found.map(|other| other.provider_id.clone());
    }
}

/// Has a channel synchronised soon.
fn hasten(due: &mut BTreeMap<Name, Instant>, channel: Name) {
    let soon = Instant::now() + HINT_PAUSE;
    let at = due.entry(channel).or_insert(soon);
    *at = soon.min(*at);
}

fn after(synced: &Result<Synced, SyncError>) -> Instant {
    let wait = match synced {
        Ok(_) => EVERY,
        Err(_) => AGAIN,
    };
    Instant::now() + wait
}
