//! Error answers and status errors of the Cloud API: one table of codes, two shapes
//! (WhatsApp Cloud API, errors).

use serde_json::{Value, json};

use super::super::exchange::Reply;

/// A refusal before it is put into its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Cloud API code.
    pub code: u32,
    /// `error_data.details`.
    pub details: String,
    /// `error_subcode`, where a client is known to read it.
    pub subcode: Option<u32>,
}

impl Refusal {
    /// A refusal with its details.
    pub fn new(code: u32, details: impl Into<String>) -> Self {
        Self {
            code,
            details: details.into(),
            subcode: None,
        }
    }

    /// 33 under code 100: the path names an object that is not there for this token.
    pub fn no_such_object(id: &str) -> Self {
        let details = format!(
            "Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded \
             due to missing permissions, or does not support this operation"
        );
        Self {
            code: 100,
            details,
            subcode: Some(33),
        }
    }

    /// The HTTP answer. `trace` fills `fbtrace_id`.
    pub fn reply(&self, trace: u64) -> Reply {
        let (status, title) = entry(self.code);
        let message = match self.code {
            190 | 0 => self.details.clone(),
            code => format!("(#{code}) {title}"),
        };
        let mut error = json!({
            "message": message,
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": format!("A{trace:016x}"),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if matches!(
            self.code,
            1 | 2 | 4 | 80007 | 130429 | 131000 | 131016 | 131056
        ) {
            error["is_transient"] = true.into();
        }
        Reply::json(status, &json!({"error": error}))
    }
}

/// One element of `statuses[].errors[]`.
pub fn status_error(code: u32, details: &str) -> Value {
    let (_, title) = entry(code);
    json!({
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

/// HTTP status and title of a code.
fn entry(code: u32) -> (u16, &'static str) {
    match code {
        0 | 190 => (401, "Authentication Error"),
        1 => (400, "API Unknown"),
        2 => (503, "API Service"),
        3 => (500, "API Method"),
        4 => (429, "API Too Many Calls"),
        10 => (403, "Permission Denied"),
        33 => (400, "Parameter value is not valid"),
        100 => (400, "Invalid parameter"),
        200..=299 => (403, "API Permission"),
        368 => (403, "Temporarily blocked for policies violations"),
        80007 => (429, "Rate limit issues"),
        130429 => (429, "Rate limit hit"),
        130472 => (400, "User's number is part of an experiment"),
        130497 => (
            403,
            "Business account is restricted from messaging users in this country",
        ),
        131000 => (500, "Something went wrong"),
        131005 => (403, "Access denied"),
        131008 => (400, "Required parameter is missing"),
        131009 => (400, "Parameter value is not valid"),
        131016 => (503, "Service unavailable"),
        131021 => (400, "Recipient cannot be sender"),
        131026 => (400, "Message undeliverable"),
        131030 => (400, "Recipient phone number not in allowed list"),
        131031 => (403, "Account has been locked"),
        131042 => (400, "Business eligibility payment issue"),
        131045 => (500, "Incorrect certificate"),
        131047 => (400, "Re-engagement message"),
        131048 => (429, "Spam Rate limit hit"),
        131049 => (400, "Meta chose not to deliver"),
        131050 => (400, "User has stopped marketing messages"),
        131051 => (400, "Unsupported message type"),
        131052 => (400, "Media download error"),
        131053 => (400, "Media upload error"),
        131056 => (
            429,
            "(Business Account, Consumer Account) pair rate limit hit",
        ),
        131057 => (500, "Account in maintenance mode"),
        131062 => (
            400,
            "Business-scoped user id is not supported for this message",
        ),
        132000 => (
            400,
            "Number of parameters does not match the expected number of params",
        ),
        132001 => (404, "Template name does not exist in the translation"),
        132005 => (400, "Translated text too long"),
        132007 => (400, "Template format character policy violated"),
        132012 => (
            400,
            "Parameter format does not match format in the created template",
        ),
        132015 => (400, "Template is paused"),
        132016 => (400, "Template is disabled"),
        133010 => (400, "Phone number not registered"),
        137000 => (400, "Identity key hash mismatch"),
        _ => (400, "Generic user error"),
    }
}
