//! A span, and how OTLP writes it.
//!
//! Source: OpenTelemetry Protocol 1.x, "OTLP/HTTP", JSON Protobuf encoding: ids are lower-case
//! hexadecimal, 64-bit numbers are strings, enumerations are numbers.

use ring::digest;
use serde_json::{Value, json};

/// The id of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// The id of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

/// Which side of a call a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Work within the server.
    Internal = 1,
    /// Somebody called.
    Server = 2,
    /// Somebody was called.
    Client = 3,
}

/// One piece of work, ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The message it belongs to.
    pub trace: TraceId,
    /// Its own id.
    pub id: SpanId,
    /// What led to it.
    pub parent: Option<SpanId>,
    /// What it is.
    pub name: &'static str,
    /// Which side of a call it is.
    pub kind: Kind,
    /// Nanoseconds since 1970.
    pub begun_ns: u64,
    /// Nanoseconds since 1970.
    pub ended_ns: u64,
    /// More about it.
    pub attributes: Vec<(&'static str, String)>,
    /// Why it failed.
    pub failed: Option<&'static str>,
}

impl TraceId {
    /// The trace of what these bytes name.
    pub fn derived(entity: &[u8], input: &[u8]) -> Self {
        Self(hash(&[b"trace", entity, input]))
    }

    /// A span of this trace.
    pub fn span(self, name: &str, what: &[u8]) -> SpanId {
        SpanId(hash(&[&self.0, name.as_bytes(), what]))
    }
}

/// The first bytes of SHA-256; all zeros, which OTLP forbids, have never been seen of it.
fn hash<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut first = [0; N];
    first.copy_from_slice(&context.finish().as_ref()[..N]);
    first
}

/// The body of one request.
pub fn body(spans: &[Span]) -> Value {
    let resource = json!([
        attribute("service.name", env!("CARGO_PKG_NAME")),
        attribute("service.version", env!("CARGO_PKG_VERSION")),
    ]);
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{
            "scope": {"name": "chasqui"},
            "spans": spans.iter().map(span).collect::<Vec<_>>(),
        }],
    }]})
}

fn span(span: &Span) -> Value {
    let attributes = span.attributes.iter();
    let attributes = attributes.map(|(key, value)| attribute(key, value));
    // 0 is unset: a span that did not fail says nothing.
    let status = match span.failed {
        Some(why) => json!({"code": 2, "message": why}),
        None => json!({}),
    };
    let mut written = json!({
        "traceId": hex::encode(span.trace.0),
        "spanId": hex::encode(span.id.0),
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": span.begun_ns.to_string(),
        "endTimeUnixNano": span.ended_ns.to_string(),
        "attributes": attributes.collect::<Vec<_>>(),
        "status": status,
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = hex::encode(parent.0).into();
    }
    written
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_otlp_wants_it() {
        let trace = TraceId([0xab; 16]);
        let written = span(&Span {
            trace,
            id: SpanId([0x0c; 8]),
            parent: Some(SpanId([1; 8])),
            name: "send",
            kind: Kind::Client,
            begun_ns: 1_800_000_000_000_000_001,
            ended_ns: 1_800_000_000_000_000_002,
            attributes: vec![("chasqui.call", "send_text".to_owned())],
            failed: Some("refused"),
        });
        let expected = json!({
            "traceId": "abababababababababababababababab",
            "spanId": "0c0c0c0c0c0c0c0c",
            "parentSpanId": "0101010101010101",
            "name": "send",
            "kind": 3,
            "startTimeUnixNano": "1800000000000000001",
            "endTimeUnixNano": "1800000000000000002",
            "attributes": [{"key": "chasqui.call", "value": {"stringValue": "send_text"}}],
            "status": {"code": 2, "message": "refused"},
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn ids_follow_from_what_they_name_and_from_nothing_else() {
        let trace = TraceId::derived(b"ct_1", b"in");
        assert_eq!(trace, TraceId::derived(b"ct_1", b"in"));
        assert_ne!(trace, TraceId::derived(b"ct_", b"1in"));
        assert_ne!(trace.span("decide", b"1"), trace.span("record", b"1"));
    }
}
