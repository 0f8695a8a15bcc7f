//! Files that technicians put in front of a requester: documents on the ticket itself, and those inside
//! a public followup or a solution (GLPI REST API, media and documents).
//!
//! A document inside a followup hangs below the followup and nowhere else, so one below a private
//! followup is never looked at. Whose a document on the ticket is, its author tells; this service's
//! own carry the hidden marker. A profile that may not read documents has no files to tell of.

use std::time::Duration;

use actors::model::{DeskFile, Millis, TicketFact};
use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::changes::Watermark;
use super::client::Client;
use super::convert::Skew;
use super::fault::{Fault, Missing};
use super::followup::FOLLOWUPS;
use super::own::instant;
use super::solution::SOLUTIONS;
use super::wire::{self, TICKET};
use crate::providers::transport::{Download, below};

/// Documents of one look at one ticket that are told of; further ones stand on the ticket.
const FILES_MAX: usize = 32;
/// Time for one download.
const DOWNLOAD: Duration = Duration::from_secs(60);
/// A link that GLPI shows nowhere in the ticket's timeline: pictures of the description itself.
const NOT_IN_TIMELINE: i64 = -1;

/// A row of `Document_Item`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Link {
    id: Value,
    documents_id: Value,
    timeline_position: Value,
    date_creation: Value,
}

/// A row of `Document`, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    name: Value,
    filename: Value,
    mime: Value,
    comment: Value,
    users_id: Value,
    is_deleted: Value,
}

/// What is asked about: a ticket, its parties, since when.
pub(super) struct Looked<'a> {
    pub ticket: u32,
    pub requesters: &'a [u32],
    /// The public words of technicians since the mark: whether it is a solution, and the id.
    pub words: &'a [(bool, u32)],
    pub since: &'a Watermark,
    pub skew: Option<Skew>,
}

impl Client {
    /// The files that technicians put in front of the requester since the mark, each with when.
    pub(super) async fn files_of(
        &self,
        looked: &Looked<'_>,
    ) -> Result<Vec<(Option<Millis>, TicketFact)>, Fault> {
        let user = self.session().await?.user;
        let mut found: Vec<(Option<Millis>, DeskFile)> = Vec::new();
        let places = looked.words.iter().map(|(is_solution, id)| {
            let item = if *is_solution { SOLUTIONS } else { FOLLOWUPS };
            (item, *id)
        });
        for (item, id) in std::iter::once((TICKET, looked.ticket)).chain(places) {
            for link in self.links(item, id, looked.since).await? {
                let known = |id| found.iter().any(|(_, file)| file.document == u64::from(id));
                let ids = wire::id(&link.id).zip(wire::id(&link.documents_id));
                let Some((link_id, document)) = ids.filter(|(_, document)| !known(*document))
                else {
                    continue;
                };
                let hidden = link.timeline_position.as_i64() == Some(NOT_IN_TIMELINE);
                if found.len() >= FILES_MAX || (item == TICKET && hidden) {
                    continue;
                }
                let Some(row) = self.document(document).await? else {
                    continue;
                };
                let author = wire::id(&row.users_id).unwrap_or(0);
                let theirs = Some(author) == user || looked.requesters.contains(&author);
                let ours = wire::string(&row.comment).contains("chasqui:");
                if ours || (item == TICKET && theirs) || wire::id(&row.is_deleted) == Some(1) {
                    continue;
                }
                let Some(name) = name_of(&row) else { continue };
                let file = DeskFile {
                    id: link_id.into(),
                    document: document.into(),
                    name: name.into(),
                    mime: wire::string(&row.mime).into(),
                };
                found.push((instant(&link.date_creation, looked.skew), file));
            }
        }
        found.sort_by_key(|(_, file)| file.id);
        let facts = found.into_iter();
        Ok(facts
            .map(|(at, file)| (at, TicketFact::File(file)))
            .collect())
    }

    /// Links below an item since the mark, oldest first.
    async fn links(&self, item: &str, id: u32, since: &Watermark) -> Result<Vec<Link>, Fault> {
        let fresh = |link: &Link| wire::string(&link.date_creation) >= since.as_str();
        let old = |page: &[Link]| page.last().is_none_or(|link| !fresh(link));
        let links = self
            .below_until((item, id), "Document_Item", "read documents", old)
            .await;
        let mut links = unreadable_is_none(links)?.unwrap_or_default();
        links.retain(fresh);
        links.reverse();
        Ok(links)
    }

    async fn document(&self, id: u32) -> Result<Option<Document>, Fault> {
        unreadable_is_none(
            self.get(&["Document", &id.to_string()], "read documents")
                .await,
        )
    }

    /// Begins to read the bytes of a document. A session that GLPI no longer knows is renewed once.
    pub(in crate::providers) async fn download(&self, document: u32) -> Result<Download, Fault> {
        let session = self.sessions.get(self).await?;
        let download = self.begin_download(document, &session).await?;
        if download.status() != StatusCode::UNAUTHORIZED {
            return Ok(download);
        }
        let session = self.sessions.renew(self, &session).await?;
        self.begin_download(document, &session).await
    }

    async fn begin_download(
        &self,
        document: u32,
        session: &super::session::Session,
    ) -> Result<Download, Fault> {
        let id = document.to_string();
        let mut url = below(self.base(), &["Document", &id]);
        url.set_query(Some("alt=media"));
        let request = self
            .authorized(Method::GET, url, DOWNLOAD, session)
            .header(ACCEPT, "application/octet-stream");
        Ok(self.transport().begin(request).await?)
    }
}

/// What is not there any more, or out of the profile's sight, is not told of.
fn unreadable_is_none<T>(answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(
            Fault::Refused {
                status: 400 | 403 | 404,
                ..
            }
            | Fault::SetUp(Missing::Right(_)),
        ) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A file's name; `None` of a document that holds none, as GLPI makes them of refused uploads.
fn name_of(row: &Document) -> Option<String> {
    let file = wire::string(&row.filename).trim();
    let name = wire::string(&row.name).trim();
    (!file.is_empty()).then(|| if name.contains('.') { name } else { file }.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(row: Value) -> Option<String> {
        name_of(&serde_json::from_value(row).expect("a row"))
    }

    #[test]
    fn a_document_without_a_file_has_no_name() {
        assert_eq!(named(json!({"name": "Foto", "filename": null})), None);
        assert_eq!(
            named(json!({"name": "Foto", "filename": "a.png"})).as_deref(),
            Some("a.png")
        );
        assert_eq!(
            named(json!({"name": "guía.pdf", "filename": "x.pdf"})).as_deref(),
            Some("guía.pdf")
        );
    }
}
