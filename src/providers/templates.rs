//! Asking a provider which templates it has. Reads for set-up: they change nothing outside, so they
//! pass no gateway.

use actors::templates::Template;

use super::transport::{Answer, Broken};
use super::{BadSettings, Transport, gupshup, meta};

/// Templates of one account, at most; WhatsApp allows 6,000 (WhatsApp Cloud API, limits).
pub(super) const TEMPLATES_MAX: usize = 10_000;

/// Whose templates are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateAccount {
    /// A WhatsApp business account at Meta.
    Meta(meta::Account),
    /// An app at Gupshup.
    Gupshup(gupshup::Settings),
}

/// Why the templates are not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The connection's settings cannot be used.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// No whole answer came.
    #[error("the provider did not answer: {0}")]
    Broken(String),
    /// The provider refused.
    #[error("the provider refused to list its templates (HTTP {status}): {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, as far as it is known.
        words: String,
    },
    /// The answer is no list of templates.
    #[error("the provider's list of templates cannot be read: is the base address right?")]
    Unreadable,
}

impl From<Broken> for ListError {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken.to_string())
    }
}

impl ListError {
    /// A refusal in the words of a code's table, or by its status alone.
    pub(super) fn refused(answer: &Answer, words: Option<&str>) -> Self {
        let status = answer.status.as_u16();
        let words = match (words, status) {
            (Some(words), _) => words.to_owned(),
            (None, 401 | 403) => "the credentials were not accepted: fix them".to_owned(),
            (None, 429) => "too many requests".to_owned(),
            (None, _) => "without a reason".to_owned(),
        };
        Self::Refused { status, words }
    }
}

/// All templates of an account.
///
/// # Errors
/// When the provider does not answer with them.
pub async fn templates(account: &TemplateAccount) -> Result<Vec<Template>, ListError> {
    match account {
        TemplateAccount::Meta(account) => {
            let base = meta::address(&account.base_url)?;
            let transport = Transport::new(&base, meta::Client::IDLE)?;
            meta::templates(&transport, &base, account).await
        }
        TemplateAccount::Gupshup(app) => {
            let base = gupshup::address(&app.base_url)?;
            let transport = Transport::new(&base, gupshup::Client::IDLE)?;
            gupshup::templates(&transport, &base, app).await
        }
    }
}
