//! The verbs beyond reading and creating: lists below a ticket, changes, removal, and creates that
//! carry a file.

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::{Body, Client, Question, encode, shaped};
use super::fault::Fault;
use super::wire::{self, Input, Uploaded};
use crate::providers::multipart::{self, Part};

/// Rows of one page of a list.
const PAGE: usize = 100;
/// Pages of one list at most: a ticket with more followups than this is read no further.
const PAGES_MAX: usize = 50;

/// A file on its way to GLPI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name with extension; GLPI decides by the extension alone.
    pub name: String,
    /// Media type, for example `image/jpeg`.
    pub mime: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Client {
    /// What hangs below an item, newest first, until `enough` says so of a page.
    pub(super) async fn below_until<T: DeserializeOwned>(
        &self,
        (parent, id): (&str, u32),
        item: &str,
        what: &'static str,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, Fault> {
        let id = id.to_string();
        let path = [parent, id.as_str(), item];
        let mut rows = Vec::new();
        for page in 0..PAGES_MAX {
            let (first, last) = (page * PAGE, page * PAGE + PAGE - 1);
            let query = format!("range={first}-{last}&sort=id&order=DESC&get_hateoas=false");
            let question = Question {
                query: Some(&query),
                ..self.reading(&path, what)
            };
            let some: Vec<T> = shaped(self.ask(&question).await?)?;
            let ended = some.len() < PAGE || enough(&some);
            rows.extend(some);
            if ended {
                break;
            }
        }
        Ok(rows)
    }

    /// All that hangs below a ticket, newest first.
    pub(super) async fn below<T: DeserializeOwned>(
        &self,
        ticket: u32,
        item: &str,
        what: &'static str,
    ) -> Result<Vec<T>, Fault> {
        let parent = (wire::TICKET, ticket);
        self.below_until(parent, item, what, |_| false).await
    }

    /// Changes an item. Repeating it changes nothing more.
    pub(super) async fn change(
        &self,
        item: &str,
        id: u32,
        input: impl Serialize,
        what: &'static str,
    ) -> Result<(), Fault> {
        let id = id.to_string();
        let path = [item, id.as_str()];
        let question = Question {
            method: Method::PUT,
            body: Some(Body::Json(encode(&Input { input }))),
            timeout: self.settings.create_timeout,
            ..self.reading(&path, what)
        };
        confirmed(&self.ask(&question).await?, what)
    }

    /// Puts an item into GLPI's trash.
    pub(super) async fn trash(&self, item: &str, id: u32, what: &'static str) -> Result<(), Fault> {
        let id = id.to_string();
        let path = [item, id.as_str()];
        let question = Question {
            method: Method::DELETE,
            timeout: self.settings.create_timeout,
            ..self.reading(&path, what)
        };
        confirmed(&self.ask(&question).await?, what)
    }

    /// Creates an item with a file; tells its id and whether GLPI took the file.
    pub(super) async fn create_with_file(
        &self,
        item: &str,
        input: impl Serialize,
        file: &Attachment,
        what: &'static str,
    ) -> Result<(u32, bool), Fault> {
        let path = [item];
        let question = Question {
            method: Method::POST,
            body: Some(form(&encode(&Input { input }), file)),
            timeout: self.settings.create_timeout,
            ..self.reading(&path, what)
        };
        let answer: Uploaded = shaped(self.ask(&question).await?)?;
        let taken = !answer.refused();
        Ok((wire::created(&answer.id, what)?, taken))
    }
}

/// GLPI answers some refusals with 200 and a list that confirms nothing.
fn confirmed(answer: &Value, what: &'static str) -> Result<(), Fault> {
    let results = answer.as_array().into_iter().flatten();
    let mut results = results.filter_map(Value::as_object);
    let done = |result: &serde_json::Map<String, Value>| result.values().any(|v| v == true);
    match results.any(done) {
        true => Ok(()),
        false => Err(Fault::Refused {
            what,
            status: 200,
            code: "nothing changed".into(),
        }),
    }
}

/// A form of manifest and file as GLPI expects it (GLPI REST API, media and documents).
fn form(manifest: &[u8], file: &Attachment) -> Body {
    let manifest = Part {
        name: "uploadManifest",
        file_name: None,
        mime: Some("application/json"),
        bytes: manifest,
    };
    let file = Part {
        name: "filename[0]",
        file_name: Some(&file.name),
        mime: Some(&file.mime),
        bytes: &file.bytes,
    };
    let (boundary, bytes) = multipart::encode(&[manifest, file]);
    Body::Form { boundary, bytes }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_believed_only_when_it_is_confirmed() {
        assert!(confirmed(&json!([{"2": true, "message": ""}]), "x").is_ok());
        for answer in [
            json!([[]]),
            json!([]),
            json!(false),
            json!([{"2": false, "message": ""}]),
        ] {
            assert!(confirmed(&answer, "x").is_err(), "{answer}");
        }
    }

    #[test]
    fn a_file_cannot_end_the_form_it_travels_in() {
        let file = Attachment {
            name: "a\"\r\nb.png".into(),
            mime: "image/png".into(),
            bytes: b"--chasqui-form\r\n".to_vec(),
        };
        let Body::Form { boundary, bytes } = form(b"{}", &file) else {
            panic!("no form");
        };
        assert_eq!(boundary, "chasqui-form-x");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains("filename=\"a___b.png\""), "{text}");
        assert_eq!(text.matches("\r\n--chasqui-form-x").count(), 2);
    }

    #[test]
    fn a_refused_file_is_seen_under_a_success() {
        let refused: Uploaded = serde_json::from_value(json!({
            "id": 3, "upload_result": {"filename": [{"name": "a", "error": "Filetype not allowed"}]},
        }))
        .expect("a shape");
        assert!(refused.refused());
        let taken: Uploaded = serde_json::from_value(
            json!({"id": 3, "upload_result": {"filename": [{"name": "a"}]}}),
        )
        .expect("a shape");
        assert!(!taken.refused());
    }
}
