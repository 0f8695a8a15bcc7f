//! What is set up of templates without their provider: whether one rests. And how the audit names
//! them.

use actors::templates::Template;

use super::{Author, SetUp, SetUpError, differences};
use crate::config::{Channel, Section};
use crate::directory::TemplateRow;
use crate::store::AuditLine;

impl SetUp {
    /// Pauses a template here, or resumes it. What synchronising finds does not change that.
    ///
    /// # Errors
    /// When it is not there or the database is away.
    pub async fn rest_template(
        &self,
        author: &Author,
        channel: &Channel,
        template: &Template,
        rests: bool,
    ) -> Result<Template, SetUpError> {
        let _one = self.editing.lock().await;
        let after = Template {
            rests,
            ..template.clone()
        };
        let rows = (
            TemplateRow::new(&channel.id, template),
            TemplateRow::new(&channel.id, &after),
        );
        let what = if rests { "pause" } else { "resume" };
        let line = template_line(author, channel, (Some(&rows.0), Some(&rows.1)), what);
        match self.store.rest_template(&rows.1, &line).await? {
            true => self.publish().await,
            false => return Err(SetUpError::Missing),
        }
        Ok(after)
    }
}

/// The line of the audit for an edit of a template: its row before and after, `None` where there is
/// none.
pub(crate) fn template_line(
    author: &Author,
    channel: &Channel,
    (before, after): (Option<&TemplateRow>, Option<&TemplateRow>),
    what: &'static str,
) -> AuditLine {
    let row = after.or(before);
    let id = row.map(|row| format!("{}/{}/{}", row.channel, row.name, row.language));
    let changes = match (before, after) {
        (Some(before), None) => before.show(),
        (before, Some(after)) => differences(before, after),
        (None, None) => serde_json::Value::Null,
    };
    AuditLine {
        at: None,
        who: author.name.clone(),
        tenant: channel.tenant.to_string(),
        kind: "templates".to_owned(),
        row: id.unwrap_or_default(),
        what: what.to_owned(),
        changes,
    }
}
