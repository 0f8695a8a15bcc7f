//! A log line's text: what is known of a request when it arrives.

use std::fmt::Write as _;

use serde_json::Value;

use crate::simulators::exchange::{Arrived, pairs};

/// Everything of a line behind the two patched facts.
pub(super) fn rest(request: &Arrived, at_us: i64) -> String {
    let mut rest = String::with_capacity(request.body.len() + request.path.len() + 160);
    let (at_ms, method) = (at_us.div_euclid(1_000), &request.method);
    // Writing into a text cannot fail.
    let _ = write!(
        rest,
        ",\"at_ms\":{at_ms},\"at_us\":{at_us},\"method\":\"{method}\",\"path\":"
    );
    push_json_text(&mut rest, &request.path);
    if !request.query.is_empty() {
        rest.push_str(",\"query\":");
        push_json_text(&mut rest, &request.query);
    }
    rest.push_str(",\"body\":");
    match json_body(request) {
        Some(body) if !body.bytes().any(is_break) => rest.push_str(body),
        // A raw line break in valid JSON can only be white space between tokens.
        Some(body) => rest.push_str(&body.replace(['\n', '\r'], " ")),
        None if request.is_form() => rest.push_str(&form_body(request).to_string()),
        None => rest.push_str(&format!("null,\"body_bytes\":{}", request.body.len())),
    }
    rest.push_str("}\n");
    rest
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn json_body(request: &Arrived) -> Option<&str> {
    if request.body.is_empty() || !request.is_json() {
        return None;
    }
    request.json()?;
    std::str::from_utf8(&request.body).ok()
}

/// The fields of a form as an object of texts.
fn form_body(request: &Arrived) -> Value {
    let body = String::from_utf8_lossy(&request.body);
    let fields = pairs(&body).map(|(key, value)| (key, Value::from(value)));
    Value::Object(fields.collect())
}

fn push_json_text(out: &mut String, text: &str) {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.bytes().all(is_plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}
