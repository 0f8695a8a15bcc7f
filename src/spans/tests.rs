//! Which messages are traced.

use actors::model::{ContactId, Millis, Seconds};

use super::*;

fn settings(traces_per_thousand: u32) -> OpenTelemetry {
    OpenTelemetry {
        endpoint: Some("http://127.0.0.1:9/v1/traces".to_owned()),
        traces_per_thousand,
    }
}

fn woken(hash: [u8; 8]) -> InEvent {
    InEvent {
        key: Key::Contact(ContactId([1; 16])),
        id: IdHash(hash),
        stamp: None,
        received: Millis(0),
        body: Inbound::Woken { due: Seconds(0) },
    }
}

#[tokio::test]
async fn the_share_that_is_asked_for_is_traced_and_always_the_same_messages() {
    let traced = |share: u32| {
        let spans = Spans::start(&settings(share)).expect("an address");
        let recorder = spans.0.expect("it is on");
        let hashes = (0..100_000u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let within = hashes.filter(|hash| *hash <= recorder.up_to);
        within.collect::<Vec<_>>()
    };
    let (tenth, half, all) = (traced(100), traced(500), traced(1_000));
    assert!((9_800..10_200).contains(&tenth.len()), "{}", tenth.len());
    assert!((49_000..51_000).contains(&half.len()), "{}", half.len());
    assert_eq!(all.len(), 100_000);
    assert!(tenth.iter().all(|hash| half.contains(hash)));
}

#[tokio::test]
async fn only_what_people_wrote_begins_a_trace() {
    let spans = Spans::start(&settings(1_000)).expect("an address");
    assert!(spans.watched(&[woken([0; 8])]).is_empty());
    assert!(spans.witness().is_some() && !spans.wants_calls());
}

#[test]
fn without_a_collector_nobody_watches() {
    let off = Spans::start(&OpenTelemetry::default()).expect("off is no error");
    assert!(off.witness().is_none() && !off.wants_calls());
    assert!(off.watched(&[woken([0; 8])]).is_empty());
}
