//! Message ids: `wamid.` and base64 of a small record that holds the person's number, as
//! Meta's do. Clients must not parse them; this simulator reads the number back to find the
//! conversation that a read mark is about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PREFIX: &str = "wamid.";
const HEAD: [u8; 2] = [0x1C, 0x18];
const FROM_BUSINESS: [u8; 6] = [0x15, 0x02, 0x00, 0x11, 0x18, 0x12];
const FROM_PERSON: [u8; 6] = [0x15, 0x02, 0x00, 0x12, 0x18, 0x12];

/// A fresh id for a message between the business and `who`.
pub fn make(who: &str, from_person: bool, unique: u64) -> String {
    let mut bytes = Vec::with_capacity(who.len() + 28);
    bytes.extend_from_slice(&HEAD);
    bytes.push(u8::try_from(who.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(who.as_bytes());
    bytes.extend_from_slice(if from_person {
        &FROM_PERSON
    } else {
        &FROM_BUSINESS
    });
    bytes.extend_from_slice(b"3E");
    let mut digits = [0; 16];
    // Sixteen digits are the length of eight bytes.
    let _ = hex::encode_to_slice(unique.to_be_bytes(), &mut digits);
    bytes.extend(digits.map(|digit| digit.to_ascii_uppercase()));
    bytes.push(0);
    let mut id = String::with_capacity(PREFIX.len() + bytes.len().div_ceil(3) * 4);
    id.push_str(PREFIX);
    STANDARD.encode_string(bytes, &mut id);
    id
}

/// Whom the message with this id was exchanged with; `None` for ids made elsewhere.
pub fn who(id: &str) -> Option<String> {
    let bytes = STANDARD.decode(id.strip_prefix(PREFIX)?).ok()?;
    let length = usize::from(*bytes.get(2)?);
    let who = bytes.strip_prefix(&HEAD)?.get(1..=length)?;
    String::from_utf8(who.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_back_from_an_id() {
        let id = make("51999888777", true, 7);
        assert!(id.starts_with("wamid.HBgL"));
        let record = STANDARD.decode(id.strip_prefix(PREFIX).unwrap()).unwrap();
        assert!(record.ends_with(b"3E0000000000000007\0"));
        let capitals = make("51999888777", true, 0xabc);
        let record = STANDARD.decode(capitals.strip_prefix(PREFIX).unwrap());
        assert!(record.unwrap().ends_with(b"3E0000000000000ABC\0"));
        assert_eq!(who(&id).as_deref(), Some("51999888777"));
        assert_eq!(who("wamid.abc"), None);
        assert_eq!(who("gBEG"), None);
    }
}
