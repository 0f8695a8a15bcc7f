//! What an operator asks of a channel's templates at their provider: made, changed, deleted. The
//! provider decides; what it took stands in the rows at once, with its line in the audit, and the
//! next synchronisation makes good whatever it changed by itself.

use actors::model::Name;
use actors::templates::{Approval, Template};
use smol_str::SmolStr;

use super::Keeper;
use crate::config::Channel;
use crate::directory::{TemplateRow, publish_now};
use crate::providers::{
    TemplateAccount, WriteError, change_template, create_template, delete_template,
};
use crate::setup;
use crate::store::StoreError;
use crate::templates::{Draft, Parts};

/// An edit of a channel's templates.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Make one.
    Create(Draft),
    /// Change parts of one.
    Change {
        /// Its name.
        name: SmolStr,
        /// Its translation.
        language: SmolStr,
        /// What is given.
        parts: Parts,
    },
    /// Delete one translation.
    Delete {
        /// Its name.
        name: SmolStr,
        /// Its translation.
        language: SmolStr,
    },
}

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such channel.
    #[error("there is no such channel")]
    NoChannel,
    /// The channel has no such template.
    #[error("there is no such template")]
    Missing,
    /// It is the last translation of one that the channel uses for a purpose.
    #[error("the channel uses this template for a purpose; change its template_purposes first")]
    InUse,
    /// The server runs without a database, or has too many orders.
    #[error("the catalogue cannot be changed now; come again shortly")]
    Away,
    /// The provider refused or did not answer.
    #[error(transparent)]
    Provider(#[from] WriteError),
    /// The rows could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keeper {
    /// Makes an edit for `who` and answers with the template as it is now, or as it was.
    pub(super) async fn edit(
        &self,
        id: &Name,
        who: &setup::Author,
        edit: Edit,
    ) -> Result<Template, EditError> {
        let channel = self.published.current().channel(id).cloned();
        let channel = channel.ok_or(EditError::NoChannel)?;
        // While neither rows nor audit could follow, the provider is not asked.
        self.store.directory_version().await?;
        let account = self.account(&channel, channel.provider);
        let account = account.ok_or(EditError::NoChannel)?;
        let template = match edit {
            Edit::Create(draft) => {
                let made = create_template(&account, &draft).await?;
                let row = TemplateRow::new(id, &made);
                let line = setup::template_line(who, &channel, (None, Some(&row)), "create");
                self.store.put_template(&row, &line).await?;
                made
            }
            Edit::Change {
                name,
                language,
                parts,
            } => {
                let before = self.known(&channel, &name, &language)?;
                change_template(&account, &before, &parts).await?;
                let after = Template {
                    // It is looked at again; the next synchronisation tells when it is not.
                    approval: Approval::Pending,
                    ..parts.onto(before.clone())
                };
                let rows = (TemplateRow::new(id, &before), TemplateRow::new(id, &after));
                let changed = (Some(&rows.0), Some(&rows.1));
                let line = setup::template_line(who, &channel, changed, "change");
                self.store.put_template(&rows.1, &line).await?;
                after
            }
            Edit::Delete { name, language } => {
                self.delete(&channel, &account, who, (&name, &language))
                    .await?
            }
        };
        publish_now(&self.store, &self.published).await;
        Ok(template)
    }

    async fn delete(
        &self,
        channel: &Channel,
        account: &TemplateAccount,
        who: &setup::Author,
        (name, language): (&str, &str),
    ) -> Result<Template, EditError> {
        let known = self.known(channel, name, language)?;
        let mut purposes = channel.template_purposes.iter();
        let is_served = purposes.any(|row| row.template == name);
        let is_last = self.named(channel, name).len() == 1;
        if is_served && is_last {
            return Err(EditError::InUse);
        }
        delete_template(account, &known).await?;
        let row = TemplateRow::new(&channel.id, &known);
        let line = setup::template_line(who, channel, (Some(&row), None), "delete");
        self.store.remove_template(&row, &line).await?;
        Ok(known)
    }

    fn known(&self, channel: &Channel, name: &str, language: &str) -> Result<Template, EditError> {
        let mut named = self.named(channel, name).into_iter();
        let found = named.find(|row| row.language == language);
        found.ok_or(EditError::Missing)
    }

    /// The translations of a template, as the directory in force has them.
    fn named(&self, channel: &Channel, name: &str) -> Vec<Template> {
        let directory = self.published.current();
        let settings = directory.channel_settings(&channel.channel_id());
        let templates = settings.map(|settings| &settings.sending.templates.templates);
        let named = templates.into_iter().flatten();
        named.filter(|row| row.name == name).cloned().collect()
    }
}
