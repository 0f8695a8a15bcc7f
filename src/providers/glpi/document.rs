//! A person's file on a ticket: a GLPI document linked to it.
//!
//! Document and link are made in one request. GLPI has no idempotency key here either, so the
//! document's comment carries the hidden marker of its effect, and a document is found again among
//! those of its ticket. A file that GLPI does not take leaves a note on the ticket instead, so that
//! technicians know that there was one (GLPI REST API, media and documents).

use actors::model::{AttemptNo, EffectId, Reply};
use actors::ports::{Called, LookedUp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::Client;
use super::convert::marker;
use super::fault::Fault;
use super::followup::{Author, FOLLOWUPS, FollowUp, Then, found};
use super::status::obstacle;
use super::ticket::PREPARATION;
use super::verbs::Attachment;
use super::wire::{self, TICKET};

/// Documents of a ticket that are looked at, newest first.
const DOCUMENTS: usize = 100;
/// The code of a file that GLPI does not take, after HTTP's for a media type.
const NOT_TAKEN: u32 = 415;

/// `input` of a document that hangs below an item from its first moment.
#[derive(Serialize)]
struct NewDocument<'a> {
    name: &'a str,
    comment: &'a str,
    itemtype: &'static str,
    items_id: u32,
    /// Without it GLPI answers a refused file with a success and leaves an empty document.
    #[serde(rename = "_only_if_upload_succeed")]
    only_if_upload_succeed: u8,
}

/// A row of `Document_Item`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Link {
    documents_id: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    comment: Value,
}

/// What is known before the document leaves.
enum Ready {
    Missing,
    Made(Reply),
    Noted,
}

impl Client {
    /// Puts a file onto a ticket once. `Done` carries the document's id. A file that GLPI does not
    /// take is refused with code 415, and `note` stands on the ticket.
    pub async fn attach(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        ticket: u32,
        file: &Attachment,
        note: &str,
    ) -> Called {
        let preparing = self.prepare_document(effect, attempt, ticket);
        match tokio::time::timeout(PREPARATION, preparing).await {
            Ok(Ok(Ready::Missing)) => {}
            Ok(Ok(Ready::Made(reply))) => return Called::Done(reply),
            Ok(Ok(Ready::Noted)) => return not_taken(),
            Ok(Err(fault)) => return fault.before_write(),
            Err(_) => return Fault::Lost("the ticket could not be read in time").not_done(),
        }
        let document = NewDocument {
            name: &file.name,
            comment: &marker(effect),
            itemtype: TICKET,
            items_id: ticket,
            only_if_upload_succeed: 1,
        };
        let what = "add documents";
        match self
            .create_with_file("Document", document, file, what)
            .await
        {
            Ok((id, true)) => Called::Done(self.made(id, None)),
            Ok((_, false)) => self.leave_note(effect, attempt, ticket, note).await,
            Err(fault) if refuses_the_file(&fault) => {
                self.leave_note(effect, attempt, ticket, note).await
            }
            Err(fault) => self.explained(ticket, fault, false).await.of_write(),
        }
    }

    /// Looks for the document that an effect made.
    pub async fn find_attached(&self, effect: EffectId, ticket: u32) -> LookedUp {
        found(self.marked_document(effect, ticket).await)
    }

    async fn prepare_document(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        ticket: u32,
    ) -> Result<Ready, Fault> {
        if attempt.0 <= 1 {
            return Ok(Ready::Missing);
        }
        if let Some(reply) = self.marked_document(effect, ticket).await? {
            return Ok(Ready::Made(reply));
        }
        let noted = self.marked_below(effect, ticket, FOLLOWUPS).await?;
        Ok(noted.map_or(Ready::Missing, |_| Ready::Noted))
    }

    async fn marked_document(&self, effect: EffectId, ticket: u32) -> Result<Option<Reply>, Fault> {
        let links = self.below::<Link>(ticket, "Document_Item", "read tickets");
        let links = match links.await {
            Err(Fault::Refused { status: 404, .. }) => return Ok(None),
            links => links.map_err(|fault| obstacle(ticket, fault))?,
        };
        let marker = marker(effect);
        let ids = links.iter().filter_map(|link| wire::id(&link.documents_id));
        for id in ids.take(DOCUMENTS) {
            let text = id.to_string();
            let document: Document = match self.get(&["Document", &text], "read documents").await {
                // It was purged since the list was read.
                Err(Fault::Refused { status: 404, .. }) => continue,
                document => document?,
            };
            if wire::string(&document.comment).contains(&marker) {
                return Ok(Some(self.made(id, None)));
            }
        }
        Ok(None)
    }

    async fn leave_note(
        &self,
        effect: EffectId,
        attempt: AttemptNo,
        ticket: u32,
        note: &str,
    ) -> Called {
        let followup = FollowUp {
            ticket,
            text: note.to_owned(),
            author: Author::Service,
            file: None,
            then: Then::Keep,
        };
        match self.follow_up(effect, attempt, &followup).await {
            Called::Done(_) => not_taken(),
            called => called,
        }
    }
}

/// A file of a kind or size that this GLPI does not take.
fn refuses_the_file(fault: &Fault) -> bool {
    let Fault::Refused { code, .. } = fault else {
        return false;
    };
    matches!(
        code.as_str(),
        "ERROR_GLPI_ADD" | "ERROR_UPLOAD_FILE_TOO_BIG_POST_MAX_SIZE"
    )
}

fn not_taken() -> Called {
    Called::Refused {
        code: NOT_TAKEN,
        reason: "GLPI does not take this kind of file, or one of this size; a note stands on the \
                 ticket. Add its extension under Setup > Dropdowns > Document types"
            .to_owned(),
    }
}
