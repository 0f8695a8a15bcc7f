//! The two limits of the API, both per rolling minute: one for each token, one for each tenant.
//!
//! Webhooks are not counted here: providers are held back by the journal alone.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use actors::model::{Millis, TenantId};

use super::error::ApiError;
use super::window::Window;

/// Windows kept before idle ones are swept out.
const KEPT_MAX: usize = 4096;

/// The requests of the last minute by token and by tenant.
#[derive(Debug)]
pub struct Minutes {
    per_token: u32,
    tokens: Mutex<HashMap<[u8; 32], Window>>,
    tenants: Mutex<HashMap<TenantId, Window>>,
}

impl Minutes {
    /// Windows with `per_token` requests a minute for each token.
    pub fn new(per_token: u32) -> Self {
        Self {
            per_token,
            tokens: Mutex::default(),
            tenants: Mutex::default(),
        }
    }

    /// Takes a place for a request of `token`, and of `tenant` where that has a limit.
    ///
    /// # Errors
    /// [`ApiError::TooMany`] with the limit that was reached.
    pub fn take(
        &self,
        token: [u8; 32],
        tenant: Option<(&TenantId, u32)>,
        now: Millis,
    ) -> Result<(), ApiError> {
        take(&self.tokens, token, self.per_token, now)?;
        match tenant {
            Some((tenant, limit)) => take(&self.tenants, tenant.clone(), limit, now),
            None => Ok(()),
        }
    }
}

fn take<K: Eq + Hash>(
    windows: &Mutex<HashMap<K, Window>>,
    key: K,
    limit: u32,
    now: Millis,
) -> Result<(), ApiError> {
    let mut windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
    if windows.len() >= KEPT_MAX {
        windows.retain(|_, window| !window.is_idle(now));
    }
    let window = windows.entry(key).or_default();
    window
        .take(now, limit)
        .map_err(|retry_after| ApiError::TooMany { limit, retry_after })
}
