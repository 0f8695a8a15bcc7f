//! Shapes of a ticket's life: what hangs below it, and what is written to it (GLPI REST API,
//! ticket; conversation objects).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The only itemtype this client speaks about.
pub(in crate::providers::glpi) const TICKET: &str = "Ticket";

/// A followup. GLPI does not take the parent from the path of a create, so it stands in the body.
#[derive(Serialize)]
pub(in crate::providers::glpi) struct NewFollowup<'a> {
    pub itemtype: &'static str,
    pub items_id: u32,
    pub content: &'a str,
    pub is_private: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users_id: Option<u32>,
    #[serde(rename = "requesttypes_id", skip_serializing_if = "Option::is_none")]
    pub source: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_close: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_reopen: Option<u8>,
    /// 1 makes the ticket wait, 0 lets it go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<u8>,
}

#[derive(Serialize)]
pub(in crate::providers::glpi) struct NewSolution<'a> {
    pub itemtype: &'static str,
    pub items_id: u32,
    pub content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users_id: Option<u32>,
    #[serde(rename = "solutiontypes_id", skip_serializing_if = "Option::is_none")]
    pub kind: Option<u32>,
}

/// New values of a ticket's columns; a missing one stays.
#[derive(Debug, Default, Serialize)]
pub(in crate::providers::glpi) struct TicketColumns<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    #[serde(rename = "itilcategories_id", skip_serializing_if = "Option::is_none")]
    pub category: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
}

#[derive(Serialize)]
pub(in crate::providers::glpi) struct NewActor {
    pub tickets_id: u32,
    pub users_id: u32,
    #[serde(rename = "type")]
    pub role: u8,
    pub use_notification: u8,
}

/// A followup or a solution as it is listed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::providers::glpi) struct Entry {
    pub id: Value,
    pub users_id: Value,
    pub content: Value,
    pub is_private: Value,
    /// Of solutions: 2 waits for the requester, 3 accepted, 4 refused.
    pub status: Value,
    pub date_creation: Value,
    pub date_approval: Value,
}

/// A ticket's survey. In addresses it is named by the ticket's id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::providers::glpi) struct Survey {
    /// 1 asked by GLPI itself, 2 by another system.
    #[serde(rename = "type")]
    pub kind: Value,
    pub date_answered: Value,
    pub satisfaction: Value,
}

#[derive(Serialize)]
pub(in crate::providers::glpi) struct Rating<'a> {
    pub tickets_id: u32,
    pub satisfaction: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub comment: &'a str,
}

/// A row of `Ticket_User` or `Group_Ticket`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::providers::glpi) struct Actor {
    pub id: Value,
    pub users_id: Value,
    pub groups_id: Value,
    #[serde(rename = "type")]
    pub role: Value,
}

/// The columns of a ticket that are read.
#[derive(Debug, Deserialize)]
pub(in crate::providers::glpi) struct TicketRow {
    /// Must be there, so that no other JSON is taken for a ticket.
    pub status: Value,
    #[serde(default)]
    pub name: Value,
    #[serde(default)]
    pub content: Value,
    #[serde(default)]
    pub urgency: Value,
    #[serde(default)]
    pub impact: Value,
    #[serde(default)]
    pub priority: Value,
    #[serde(default)]
    pub itilcategories_id: Value,
    #[serde(default)]
    pub is_deleted: Value,
    #[serde(default)]
    pub date: Value,
    #[serde(default)]
    pub date_mod: Value,
    #[serde(default)]
    pub takeintoaccountdate: Value,
    #[serde(default)]
    pub begin_waiting_date: Value,
    #[serde(default)]
    pub waiting_duration: Value,
    #[serde(default)]
    pub solvedate: Value,
    #[serde(default)]
    pub closedate: Value,
}

/// Answer to a create with a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::providers::glpi) struct Uploaded {
    pub id: Value,
    pub upload_result: Value,
}

impl Uploaded {
    /// Whether GLPI said of any file that it did not take it; it does so under HTTP 201.
    pub fn refused(&self) -> bool {
        let fields = self.upload_result.as_object().into_iter().flatten();
        let files = fields.filter_map(|(_, files)| files.as_array()).flatten();
        files.into_iter().any(|file| {
            let error = file.get("error").unwrap_or(&Value::Null);
            !error.is_null() && error != false && error != ""
        })
    }
}
