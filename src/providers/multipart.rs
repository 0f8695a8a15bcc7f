//! Forms of several parts, whole in memory (RFC 7578).

/// One part of a form.
pub(super) struct Part<'a> {
    /// The field.
    pub name: &'a str,
    /// Of a file: what it is called.
    pub file_name: Option<&'a str>,
    /// Its media type.
    pub mime: Option<&'a str>,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> Part<'a> {
    /// A field that holds a text.
    pub fn text(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            file_name: None,
            mime: None,
            bytes: text.as_bytes(),
        }
    }
}

/// The boundary and the bytes of a form. The boundary stands in none of its parts.
pub(super) fn encode(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let mut boundary = String::from("chasqui-form");
    let within = |needle: &str| {
        parts.iter().any(|part| {
            let mut windows = part.bytes.windows(needle.len());
            windows.any(|window| window == needle.as_bytes())
        })
    };
    while within(&boundary) {
        boundary.push_str("-x");
    }
    let length: usize = parts.iter().map(|part| part.bytes.len() + 512).sum();
    let mut bytes = Vec::with_capacity(length);
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            safe(part.name)
        );
        if let Some(name) = part.file_name {
            head += &format!("; filename=\"{}\"", safe(name));
        }
        if let Some(mime) = part.mime {
            head += &format!("\r\nContent-Type: {}", safe(mime));
        }
        head += "\r\n\r\n";
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(part.bytes);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (boundary, bytes)
}

/// Quotes and line ends would end the header that carries them.
fn safe(text: &str) -> String {
    let unsafe_one = |c: char| c.is_control() || c == '"' || c == '\\';
    text.replace(unsafe_one, "_")
}
