//! Media of the Cloud API: upload, resolve, download, delete (WhatsApp Cloud API, media).
//! Download addresses are good for five minutes; the store is bounded in count and bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::digest;
use serde_json::{Value, json};

use super::super::exchange::{Arrived, Provider, Reply};
use super::super::multipart::{self, Part};
use super::errors::Refusal;

/// Items kept; the oldest leave first.
const ITEMS_MAX: usize = 1_000;
/// Bytes kept in all.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// Life of a download address, seconds.
const ADDRESS_S: i64 = 300;

#[derive(Clone, Debug)]
struct Item {
    id: u64,
    owner: String,
    mime: String,
    bytes: Bytes,
}

/// Where a person's file is kept, as the message that brings it tells.
#[derive(Clone, Debug, Default)]
pub struct KeptFile {
    /// Its id.
    pub id: String,
    /// Base64, as webhooks write it.
    pub sha256: String,
    /// Its address, where that is told.
    pub url: Option<String>,
    /// When the address ends, milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

/// Uploaded files of all numbers.
#[derive(Debug, Default)]
pub struct Media {
    items: Mutex<VecDeque<Item>>,
}

impl Media {
    /// `POST /{phone_number_id}/media`.
    pub fn upload(&self, request: &Arrived, owner: &str, new_id: u64) -> Result<Reply, Refusal> {
        let kind = request.header("content-type").unwrap_or_default();
        let parts = multipart::parse(kind, &request.body);
        let parts =
            parts.ok_or_else(|| Refusal::new(100, "The body must be multipart/form-data"))?;
        let text = |name: &str| parts.iter().find(|part| part.name == name).map(Part::text);
        if text("messaging_product").as_deref() != Some("whatsapp") {
            return Err(Refusal::new(
                100,
                "The parameter messaging_product is required.",
            ));
        }
        let file = parts.iter().find(|part| part.filename.is_some());
        let file = file.ok_or_else(|| Refusal::new(100, "The parameter file is required."))?;
        let mime = text("type")
            .or_else(|| file.mime.clone())
            .unwrap_or_default();
        acceptable(&mime, file.bytes.len()).map_err(|details| Refusal::new(100, details))?;
        let id = self.put(new_id, owner, &mime, file.bytes.clone());
        Ok(Reply::json(200, &json!({"id": id})))
    }

    /// `GET` and `DELETE /{media_id}`.
    pub fn answer(
        &self,
        request: &Arrived,
        id: &str,
        owner: &str,
        now_s: i64,
    ) -> Result<Reply, Refusal> {
        let found = match request.method {
            Method::GET => self.describe(id, owner, &request.base_url(Provider::Meta), now_s),
            Method::DELETE => self.delete(id, owner).then(|| json!({"success": true})),
            _ => None,
        };
        let found = found.ok_or_else(|| Refusal::no_such_object(id))?;
        Ok(Reply::json(200, &found))
    }

    /// The bytes behind a download address, unless the address is too old.
    pub fn download(&self, request: &Arrived, id: &str, owner: &str, now_s: i64) -> Reply {
        let expires: i64 = request
            .query_value("ext")
            .and_then(|ext| ext.parse().ok())
            .unwrap_or(0);
        let open = (now_s <= expires).then(|| self.open(id, owner)).flatten();
        open.unwrap_or_else(|| Reply::text(404, "text/plain", "URL signature expired"))
    }

    /// Keeps a file that a person sends; its kind and size are the person's own.
    pub fn keep(&self, id: u64, owner: &str, mime: &str, bytes: Bytes) -> KeptFile {
        let sha256 = STANDARD.encode(digest::digest(&digest::SHA256, &bytes));
        KeptFile {
            id: self.put(id, owner, mime, bytes),
            sha256,
            url: None,
            expires_ms: None,
        }
    }

    /// The bytes of a file that needs no proof.
    pub fn open(&self, id: &str, owner: &str) -> Option<Reply> {
        let item = self.find(id, owner)?;
        let mut reply = Reply::text(200, "application/octet-stream", item.bytes);
        if let Ok(mime) = item.mime.parse() {
            reply.headers[0].1 = mime;
        }
        Some(reply)
    }

    /// Type and length of a file.
    pub fn facts(&self, id: &str, owner: &str) -> Option<(String, usize)> {
        let item = self.find(id, owner)?;
        Some((item.mime, item.bytes.len()))
    }

    fn put(&self, id: u64, owner: &str, mime: &str, bytes: Bytes) -> String {
        let mut items = self.lock();
        let item = Item {
            id,
            owner: owner.to_owned(),
            mime: mime.to_owned(),
            bytes,
        };
        items.push_back(item);
        let mut total: usize = items.iter().map(|item| item.bytes.len()).sum();
        while items.len() > ITEMS_MAX || total > BYTES_MAX {
            match items.pop_front() {
                Some(old) => total -= old.bytes.len(),
                None => break,
            }
        }
        id.to_string()
    }

    fn describe(&self, id: &str, owner: &str, base_url: &str, now_s: i64) -> Option<Value> {
        let item = self.find(id, owner)?;
        let sha256 = hex::encode(digest::digest(&digest::SHA256, &item.bytes));
        let expires = now_s + ADDRESS_S;
        Some(json!({
            "messaging_product": "whatsapp",
            "url": format!("{base_url}/_media/{id}?ext={expires}"),
            "mime_type": item.mime,
            "sha256": sha256,
            "file_size": item.bytes.len(),
            "id": id,
        }))
    }

    fn delete(&self, id: &str, owner: &str) -> bool {
        let mut items = self.lock();
        let before = items.len();
        items.retain(|item| item.id.to_string() != id || item.owner != owner);
        items.len() < before
    }

    fn find(&self, id: &str, owner: &str) -> Option<Item> {
        let id: u64 = id.parse().ok()?;
        self.lock()
            .iter()
            .find(|item| item.id == id && item.owner == owner)
            .cloned()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Item>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the Cloud API takes this MIME type at this size.
fn acceptable(mime: &str, bytes: usize) -> Result<(), String> {
    const MB: usize = 1024 * 1024;
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let max = match plain {
        "image/jpeg" | "image/png" => 5 * MB,
        "image/webp" => 500 * 1024,
        "video/mp4" | "video/3gpp" | "video/3gp" => 16 * MB,
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" => 16 * MB,
        kind if kind.starts_with("application/") || kind == "text/plain" => 100 * MB,
        other => {
            return Err(format!(
                "Param file must be a file with one of the supported types, {other} is not"
            ));
        }
    };
    if bytes > max {
        Err(format!("File size {bytes} exceeds {max} bytes for {plain}"))
    } else {
        Ok(())
    }
}
