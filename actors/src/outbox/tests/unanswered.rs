//! Receipts that name no effect.

use super::*;

fn receipt(bench: &Bench, id: &str, rank: DeliveryRank) -> Option<EffectId> {
    bench.outbox.unanswered(&[id.into()], rank, bench.now)
}

#[test]
fn a_receipt_nobody_knows_is_of_the_one_send_without_answer() {
    let mut bench = Bench::with(vec![reply(1), reply(2)]);
    assert_eq!(receipt(&bench, "gs", DeliveryRank::Sent), Some(id(1)));
    bench.called(1, 1, unknown());
    assert_eq!(receipt(&bench, "gs", DeliveryRank::Accepted), Some(id(1)));
    let rank = DeliveryRank::Accepted;
    bench.proof(1, rank);
    assert_eq!(bench.sent(), [id(1), id(2)], "the lane goes on at once");
    bench.called(2, 1, done());
    assert_eq!(receipt(&bench, "other", DeliveryRank::Sent), None);
}

#[test]
fn what_may_be_an_old_message_proves_nothing() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, unknown());
    for rank in [DeliveryRank::Delivered, DeliveryRank::Read] {
        assert_eq!(receipt(&bench, "gs", rank), None, "{rank:?}");
    }
    let ids = ["gs".into()];
    let long_before = Millis(START.0 - 60_000);
    let told = bench
        .outbox
        .unanswered(&ids, DeliveryRank::Sent, long_before);
    assert_eq!(told, None);
}

#[test]
fn a_receipt_of_an_answered_send_is_not_the_next_ones() {
    let reported = Effect {
        report: true,
        ..reply(1)
    };
    let mut bench = Bench::with(vec![reported, reply(2)]);
    bench.called(1, 1, done());
    assert_eq!(bench.sent(), [id(1), id(2)]);
    assert_eq!(receipt(&bench, "made", DeliveryRank::Sent), None);
    assert_eq!(receipt(&bench, "else", DeliveryRank::Sent), Some(id(2)));
}
