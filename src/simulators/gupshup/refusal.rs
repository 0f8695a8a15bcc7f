//! Gupshup's answers that are no acceptance: a status and words, no code.

use serde_json::json;

use super::super::exchange::Reply;

/// A refusal before it is put into its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The words of `message`.
    pub message: &'static str,
}

impl Refusal {
    /// 400.
    pub const fn bad(message: &'static str) -> Self {
        Self {
            status: 400,
            message,
        }
    }

    /// The key is wrong or missing.
    pub const UNAUTHENTICATED: Self = Self {
        status: 401,
        message: "Authentication Failed",
    };

    /// Too many requests.
    pub const THROTTLED: Self = Self {
        status: 429,
        message: "Too Many Requests",
    };

    /// The answer. With `nested`, the words stand one level deeper, as in some of the pages.
    pub fn reply(self, nested: bool) -> Reply {
        let body = match nested && self.status == 401 {
            true => json!({"status": "error", "message": {"message": self.message}}),
            false => json!({"status": "error", "message": self.message}),
        };
        Reply::json(self.status, &body)
    }
}
