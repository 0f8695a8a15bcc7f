//! Asking a provider which templates it has, and giving it others. Set-up by an operator, who is told
//! at once what became of it: no conversation waits for it, so it passes no gateway.

use actors::templates::Template;

use super::transport::{Answer, Broken};
use super::{BadSettings, Transport, gupshup, meta};
use crate::templates::{Draft, Parts};

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

/// Why a provider did not make, change or delete a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// No whole answer came, or the account cannot be used.
    #[error(transparent)]
    Account(#[from] ListError),
    /// The provider refused.
    #[error("the provider refused the template: {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, in the provider's words where it has some.
        words: String,
    },
    /// The provider has it no longer.
    #[error("the provider no longer has this template: synchronise the channel's templates")]
    Gone,
    /// Gupshup's self-serve API has no words for it (Gupshup, template management).
    #[error(
        "templates of a channel at Gupshup are made, changed and deleted in Gupshup's own console: \
         do it there, then synchronise the channel's templates"
    )]
    NotHere,
}

impl From<BadSettings> for WriteError {
    fn from(bad: BadSettings) -> Self {
        Self::Account(bad.into())
    }
}

impl From<Broken> for WriteError {
    fn from(broken: Broken) -> Self {
        Self::Account(broken.into())
    }
}

/// Has a template made. Answers with it, as the provider calls it.
///
/// # Errors
/// When the provider refuses or does not answer.
pub async fn create_template(
    account: &TemplateAccount,
    draft: &Draft,
) -> Result<Template, WriteError> {
    let (transport, base, account) = at_meta(account)?;
    meta::create(&transport, &base, account, draft).await
}

/// Has parts of a template changed; those that are not given stay.
///
/// # Errors
/// When the provider refuses, has it no longer, or does not answer.
pub async fn change_template(
    account: &TemplateAccount,
    template: &Template,
    parts: &Parts,
) -> Result<(), WriteError> {
    let (transport, base, account) = at_meta(account)?;
    meta::change(&transport, &base, account, template, parts).await
}

/// Has one translation of a template deleted.
///
/// # Errors
/// When the provider refuses or does not answer.
pub async fn delete_template(
    account: &TemplateAccount,
    template: &Template,
) -> Result<(), WriteError> {
    let (transport, base, account) = at_meta(account)?;
    meta::delete(&transport, &base, account, template).await
}

fn at_meta(
    account: &TemplateAccount,
) -> Result<(Transport, reqwest::Url, &meta::Account), WriteError> {
    let TemplateAccount::Meta(account) = account else {
        return Err(WriteError::NotHere);
    };
    let base = meta::address(&account.base_url)?;
    let transport = Transport::new(&base, meta::Client::IDLE)?;
    Ok((transport, base, account))
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
