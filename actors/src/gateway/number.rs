//! What WhatsApp limits by business number, whoever carries the message: how often it may write to one
//! person, and how many templates leave in a day. A channel's two lines share one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pairs::Pairs;
use super::quota::Quota;
use crate::ports::GatewaySettings;

/// The limits of one business number.
#[derive(Debug)]
pub struct Number(Mutex<Limits>);

#[derive(Debug)]
pub(super) struct Limits {
    pub(super) pairs: Option<Pairs>,
    pub(super) quota: Option<Quota>,
}

impl Number {
    /// With everything unused; without limits where the gateway writes to nobody.
    pub fn new(settings: &GatewaySettings) -> Self {
        Self(Mutex::new(Limits {
            pairs: settings.pair_burst.map(Pairs::new),
            quota: settings.templates.map(Quota::new),
        }))
    }

    /// The machines behind the lock hold no broken state when a holder panics between two fields.
    pub(super) fn lock(&self) -> MutexGuard<'_, Limits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
