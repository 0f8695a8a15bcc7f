//! GLPI's error answers: a two-element array, code first (GLPI REST API, error shape). Texts
//! follow the installation's language; codes never do.

use serde_json::{Value, json};

use super::super::exchange::Reply;

/// A refusal.
#[derive(Debug)]
pub struct Failure {
    /// HTTP status.
    pub status: u16,
    /// Element 0.
    pub code: &'static str,
    /// Element 1.
    pub payload: Value,
}

impl Failure {
    /// A refusal with a text.
    pub fn new(status: u16, code: &'static str, text: impl Into<Value>) -> Self {
        Self {
            status,
            code,
            payload: text.into(),
        }
    }

    /// 400 `ERROR`.
    pub fn generic(text: &str) -> Self {
        Self::new(400, "ERROR", text)
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(404, "ERROR_ITEM_NOT_FOUND", NOT_FOUND)
    }

    /// 403.
    pub fn right_missing() -> Self {
        Self::new(403, "ERROR_RIGHT_MISSING", NO_PERMISSION)
    }

    /// The HTTP answer.
    pub fn reply(self, language: &str) -> Reply {
        let payload = match self
            .payload
            .as_str()
            .filter(|_| language == "es")
            .and_then(spanish)
        {
            Some(text) => text.into(),
            None => self.payload,
        };
        super::json_reply(self.status, &json!([self.code, payload]))
    }
}

/// Text of a missing item.
pub const NOT_FOUND: &str = "Item not found";
/// Text of a missing right.
pub const NO_PERMISSION: &str = "You don't have permission to perform this action.";

fn spanish(text: &str) -> Option<&'static str> {
    Some(match text {
        NOT_FOUND => "Elemento no encontrado",
        NO_PERMISSION => "No tiene permiso para realizar esta acción.",
        "session_token seems invalid" => "session_token parece no válido",
        _ => return None,
    })
}
