//! Reads `multipart/form-data` bodies that are already in memory.

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name; fields without one are plain values.
    pub filename: Option<String>,
    /// Content type of the part.
    pub mime: Option<String>,
    /// The value.
    pub bytes: Bytes,
}

impl Part {
    /// The value as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The parts of a form; `None` when the content type is another or the body is not a form.
pub fn parse(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let parameters = content_type.strip_prefix("multipart/form-data")?;
    let boundary = parameter(parameters, "boundary")?;
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut at = find(body, delimiter.as_bytes(), 0)? + delimiter.len();
    while !body[at..].starts_with(b"--") {
        let head_start = at + 2;
        let head_end = find(body, b"\r\n\r\n", head_start)?;
        let next = find(body, format!("\r\n{delimiter}").as_bytes(), head_end + 4)?;
        let head = String::from_utf8_lossy(body.get(head_start..head_end)?);
        parts.push(part(&head, body.slice(head_end + 4..next))?);
        at = next + 2 + delimiter.len();
    }
    Some(parts)
}

fn part(head: &str, bytes: Bytes) -> Option<Part> {
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: parameter(disposition, "name")?,
        filename: parameter(disposition, "filename"),
        mime: header("content-type").map(str::to_owned),
        bytes,
    })
}

fn parameter(text: &str, wanted: &str) -> Option<String> {
    text.split(';').find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then(|| value.to_owned())
    })
}

fn find(hay: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let found = hay
        .get(from..)?
        .windows(needle.len())
        .position(|window| window == needle)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_are_read() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhola\r\n\
            --X\r\ncontent-disposition: form-data; name=\"filename[0]\"; filename=\"f.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x01\r\n\x02\r\n--X\r\n\
            Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--X--\r\n";
        let parts = parse(
            "multipart/form-data; boundary=\"X\"",
            &Bytes::from_static(body.as_bytes()),
        );
        let parts = parts.expect("a form");
        assert_eq!(parts.len(), 3);
        assert_eq!(
            (parts[0].name.as_str(), parts[0].text().as_str()),
            ("a", "hola")
        );
        assert_eq!(parts[1].filename.as_deref(), Some("f.png"));
        assert_eq!(parts[1].mime.as_deref(), Some("image/png"));
        assert_eq!(&parts[1].bytes[..], b"\x01\r\n\x02");
        assert!(parts[2].bytes.is_empty());
    }

    #[test]
    fn a_cut_form_is_refused() {
        let body =
            Bytes::from_static(b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nho");
        assert_eq!(parse("multipart/form-data; boundary=X", &body), None);
        assert_eq!(parse("application/json", &body), None);
    }
}
