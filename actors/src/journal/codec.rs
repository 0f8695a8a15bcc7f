//! Bodies of records: a schema version and the value in postcard.
//!
//! Old versions are lifted here when they are read, so nothing above knows that they exist.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::record::{HEADER_BYTES, Header, Kind};
use crate::model::{Attempt, InEvent, Note, SCHEMA, Step};

/// A body that this release cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Written by a newer release.
    #[error("written by a newer release (schema {0}), run that one")]
    Newer(u16),
    /// Not what the header says.
    #[error("the body does not decode: {0}")]
    Malformed(String),
}

/// What a record says, read back.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// An accepted input.
    Input(InEvent),
    /// A step.
    Step(Step),
    /// An attempt or outcome.
    Attempt(Attempt),
    /// A note.
    Note(Note),
}

/// The body of a value.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(&SCHEMA.to_le_bytes());
    postcard::to_extend(value, body).expect("plain values always serialise")
}

/// Reads a body by the kind in its header.
pub fn decode(kind: Kind, body: &[u8]) -> Result<Told, Unreadable> {
    match kind {
        Kind::Input => read(body).map(Told::Input),
        Kind::Step => read(body).map(Told::Step),
        Kind::Sending | Kind::Outcome => read(body).map(Told::Attempt),
        Kind::Alias | Kind::Merged | Kind::Strike | Kind::Config => read(body).map(Told::Note),
        Kind::Carried => {
            let (header, body) = carried(body)?;
            match header.kind {
                Kind::Carried => Err(Unreadable::Malformed("carried twice over".to_owned())),
                kind => decode(kind, body),
            }
        }
    }
}

/// The body of a `Carried` record: the original header and body.
pub fn carry(header: &Header, body: &[u8]) -> Vec<u8> {
    let mut carried = Vec::with_capacity(HEADER_BYTES + body.len());
    carried.extend_from_slice(&header.encode());
    carried.extend_from_slice(body);
    carried
}

/// The original inside a `Carried` record.
pub fn carried(body: &[u8]) -> Result<(Header, &[u8]), Unreadable> {
    let malformed = || Unreadable::Malformed("no original header".to_owned());
    let (header, body) = body
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or_else(malformed)?;
    Ok((Header::decode(header).ok_or_else(malformed)?, body))
}

/// Header and body as first written, whether the record was carried since or not.
pub fn original(header: Header, body: Vec<u8>) -> Result<(Header, Vec<u8>), Unreadable> {
    if header.kind != Kind::Carried {
        return Ok((header, body));
    }
    let (header, inner) = carried(&body)?;
    Ok((header, inner.to_vec()))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let Some((schema, value)) = body.split_first_chunk::<2>() else {
        return Err(Unreadable::Malformed("shorter than its schema".to_owned()));
    };
    match u16::from_le_bytes(*schema) {
        1 => postcard::from_bytes(value).map_err(|error| Unreadable::Malformed(error.to_string())),
        newer => Err(Unreadable::Newer(newer)),
    }
}
