//! What WhatsApp limits by business number, whoever carries the message: how often it may write to one
//! person, and how many templates leave in a day. A channel's two lines share one.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use smol_str::SmolStr;
use tokio::sync::OnceCell;

use super::book::Book;
use super::pairs::Pairs;
use super::quota::Quota;
use crate::model::{Effect, GatewayId, TemplateTaken};
use crate::ports::GatewaySettings;

/// The limits of one business number.
#[derive(Debug)]
pub struct Number {
    /// The gateway of its first line, as which its count of templates is kept.
    id: GatewayId,
    limits: Mutex<Limits>,
    /// Where the count is kept beyond this process; nowhere before it is told.
    book: OnceLock<Arc<dyn Book>>,
    restored: OnceCell<()>,
}

#[derive(Debug)]
pub(super) struct Limits {
    pub(super) pairs: Option<Pairs>,
    pub(super) quota: Option<Quota>,
}

impl Number {
    /// With everything unused; without limits where the gateway writes to nobody.
    pub fn new(settings: &GatewaySettings) -> Self {
        Self {
            id: settings.number_of.unwrap_or(settings.id),
            limits: Mutex::new(Limits {
                pairs: settings.pair_burst.map(Pairs::new),
                quota: settings.templates.map(Quota::new),
            }),
            book: OnceLock::new(),
            restored: OnceCell::new(),
        }
    }

    /// Names the book in which its templates are counted from now on.
    pub(crate) fn booked_in(&self, book: Arc<dyn Book>) {
        // A second one would be the same.
        let _ = self.book.set(book);
    }

    /// Goes on from what the book holds, once. While it cannot be read no template is counted.
    ///
    /// # Errors
    /// In plain words.
    pub(crate) async fn restore(&self) -> Result<(), SmolStr> {
        let Some(book) = self.book.get().filter(|_| self.lock().quota.is_some()) else {
            return Ok(());
        };
        let restoring = self.restored.get_or_try_init(|| async {
            let hours = book.kept(self.id).await?;
            if let Some(quota) = &mut self.lock().quota {
                quota.restore(hours);
            }
            Ok(())
        });
        restoring.await.copied()
    }

    /// Makes it durable that a template counts, or no longer does.
    ///
    /// # Errors
    /// In plain words.
    pub(crate) async fn note(&self, effect: &Effect, taken: TemplateTaken) -> Result<(), SmolStr> {
        match self.book.get().filter(|_| self.lock().quota.is_some()) {
            Some(book) => book.note(self.id, effect.id, taken).await,
            None => Ok(()),
        }
    }

    /// The machines behind the lock hold no broken state when a holder panics between two fields.
    pub(super) fn lock(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
