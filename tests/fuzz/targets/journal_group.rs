//! Any bytes where a journal's group should stand: damage is recognised, and never read as records
//! that were not written.

#![no_main]

use actors::journal::group::{Head, decode_table, positions};
use actors::journal::record::{HEADER_BYTES, Header};
use actors::journal::segment::SegmentHeader;
use libfuzzer_sys::fuzz_target;

const SEGMENT: [u8; 16] = [7; 16];

fuzz_target!(|bytes: &[u8]| {
    let _ = SegmentHeader::decode(bytes);
    if let Some(header) = bytes.first_chunk::<HEADER_BYTES>().and_then(Header::decode) {
        assert_eq!(
            Header::decode(&header.encode())
                .as_ref()
                .map(Header::encode),
            Some(header.encode()),
            "a header changes when it is written again"
        );
    }
    let mut group = Vec::with_capacity(bytes.len() + 20);
    group.extend_from_slice(b"CQGR");
    group.extend_from_slice(&SEGMENT);
    group.extend_from_slice(bytes);
    let Some(head) = Head::decode(&group, &SEGMENT) else {
        return;
    };
    if head.front_bytes() > group.len() {
        return;
    }
    if let Some(headers) = decode_table(&head, &group[..head.front_bytes()]) {
        let last = positions(&head, &headers, 1, 0).last();
        if let Some((header, position)) = last {
            assert!(
                position.body + header.body_bytes <= head.whole_bytes() as u32,
                "a body beyond its group"
            );
        }
    }
});
