//! `application/x-www-form-urlencoded` bodies.
//!
//! Every byte but letters, digits and `-._` is escaped, so that neither `+` nor an emoji inside the
//! JSON of a field is lost on the way.

/// The media type of these bodies.
pub(super) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// The pairs as a body, in their order.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let length: usize = pairs
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    let mut body = String::with_capacity(2 * length);
    for (key, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        escape(key, &mut body);
        body.push('=');
        escape(value, &mut body);
    }
    body
}

fn escape(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_emoji_and_accents_survive() {
        let body = encode(&[
            ("src.name", "DemoApp"),
            ("message", "{\"a\":\"1+1 ñ 👍 &=\"}"),
        ]);
        assert_eq!(
            body,
            "src.name=DemoApp&message=%7B%22a%22%3A%221%2B1%20%C3%B1%20%F0%9F%91%8D%20%26%3D%22%7D"
        );
    }
}
