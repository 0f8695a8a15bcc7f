//! Unknown outcomes, by class.

use super::*;

fn searching(after_ms: u64) -> Bench {
    let mut bench = Bench::with(vec![ticket(1)]);
    bench.pass(after_ms);
    bench.called(1, 1, unknown());
    bench
}

fn not_found(bench: &mut Bench) {
    bench.looked(1, LookedUp::NotFound);
}

#[test]
fn a_search_that_finds_it_settles_the_doubt() {
    let mut bench = searching(3_500);
    assert!(matches!(
        bench.outcomes(1)[..],
        [(1, 1, Outcome::InDoubt { .. })]
    ));
    bench.pass(999);
    assert_eq!(bench.look_ups(), 0);
    bench.pass(1);
    assert_eq!(bench.look_ups(), 1);
    bench.looked(
        1,
        LookedUp::Found(Reply {
            id: "77".into(),
            ..Reply::default()
        }),
    );
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(reply)) if reply.id == "77"));
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn only_a_search_after_the_settle_time_allows_a_repeat() {
    let mut bench = searching(200);
    for (wait_ms, look_ups) in [(1_000, 1), (4_000, 2), (10_000, 3), (19_800, 4)] {
        assert_eq!(bench.sends().len(), 1);
        bench.pass(wait_ms);
        assert_eq!(bench.look_ups(), look_ups);
        not_found(&mut bench);
    }
    assert_eq!(bench.now.since(START), 35_000);
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
    assert_eq!(bench.possible_repeats(), 0, "it was surely not made");
}

#[test]
fn after_a_long_time_out_the_third_search_decides() {
    let mut bench = searching(30_000);
    for wait_ms in [1_000, 4_000, 10_000] {
        bench.pass(wait_ms);
        not_found(&mut bench);
    }
    bench.pass(1_000);
    assert_eq!((bench.look_ups(), bench.sends().len()), (3, 2));
}

#[test]
fn a_search_without_answer_proves_nothing_and_goes_on() {
    let mut bench = searching(30_000);
    let unanswered = || LookedUp::Unanswered {
        reason: "down".into(),
    };
    for _ in 0..60 {
        bench.pass(60_000);
        bench.looked(1, unanswered());
    }
    assert_eq!(bench.sends().len(), 1);
    assert!(bench.look_ups() >= 50, "{}", bench.look_ups());
    bench.pass(60_000);
    not_found(&mut bench);
    bench.pass(1_000);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_search_unanswered_for_a_day_goes_to_the_operators() {
    let mut bench = searching(30_000);
    bench.pass(86_400_000 + 90_000);
    assert!(is_shelved(bench.last_outcome(1), Shelf::Uncertain));
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn doubts_that_end_in_nothing_found_use_up_the_retries() {
    let mut bench = Bench::with(vec![ticket(1)]);
    let (mut calls, mut searches) = (0, 0);
    while !bench.outbox.is_idle() {
        if bench.sends().len() > calls {
            calls += 1;
            bench.called(1, calls as u32, unknown());
        } else if bench.look_ups() > searches {
            searches += 1;
            not_found(&mut bench);
        } else {
            bench.pass(1_000);
        }
    }
    assert!(is_shelved(bench.last_outcome(1), Shelf::DeadLetter));
    assert_eq!((calls, searches), (4, 16));
}

#[test]
fn a_target_that_deduplicates_is_repeated_with_the_same_id() {
    let mut bench = searching(3_500);
    bench.pass(1_000);
    bench.looked(1, LookedUp::Unsupported);
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
}

fn doubtful_reply() -> Bench {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, unknown());
    bench
}

#[test]
fn a_reply_in_doubt_is_repeated_once_marked_when_statuses_otherwise_arrive() {
    let mut bench = Bench::new();
    bench.on(Event::StatusesSeen { at: START });
    bench.pass(60_000);
    bench.plan(vec![reply(1)]);
    bench.called(1, 1, unknown());
    bench.pass(29_999);
    assert_eq!(bench.sends().len(), 1);
    bench.pass(1);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
    assert_eq!(bench.possible_repeats(), 1);
    bench.called(1, 2, unknown());
    bench.pass(30_000);
    assert!(
        is_shelved(bench.last_outcome(1), Shelf::Uncertain),
        "a second doubt"
    );
    bench.pass(86_400_000);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_repeat_that_surely_failed_is_tried_again_still_marked() {
    let mut bench = doubtful_reply();
    bench.on(Event::StatusesSeen { at: START });
    bench.pass(30_000);
    bench.called(1, 2, not_done(None));
    bench.pass(1_000);
    assert_eq!(bench.possible_repeats(), 2);
    bench.called(1, 3, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}

#[test]
fn a_reply_in_doubt_without_any_statuses_goes_to_the_operators_after_120_s() {
    let mut bench = doubtful_reply();
    bench.pass(119_999);
    assert_eq!(bench.outbox.view().in_doubt, 1);
    bench.pass(1);
    assert!(is_shelved(bench.last_outcome(1), Shelf::Uncertain));
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn statuses_of_ten_minutes_ago_say_nothing() {
    let mut bench = Bench::new();
    bench.on(Event::StatusesSeen { at: START });
    bench.pass(600_000);
    bench.plan(vec![reply(1)]);
    bench.called(1, 1, unknown());
    bench.pass(120_000);
    assert_eq!(bench.sends().len(), 1);
    assert!(is_shelved(bench.last_outcome(1), Shelf::Uncertain));
}

#[test]
fn statuses_that_arrive_again_get_five_seconds_to_bring_ours() {
    let mut bench = doubtful_reply();
    bench.pass(60_000);
    bench.on(Event::StatusesSeen { at: bench.now });
    bench.pass(4_999);
    assert_eq!(bench.sends().len(), 1);
    bench.pass(1);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_status_settles_doubt_at_once_and_the_lane_goes_on() {
    let mut bench = doubtful_reply();
    bench.plan(vec![reply(2)]);
    bench.proof(1, DeliveryRank::Accepted);
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(reply)) if reply.id == "wamid.9"));
    assert_eq!(bench.sent(), [id(1), id(2)]);
}

#[test]
fn a_status_while_the_call_is_under_way_counts_when_the_answer_is_lost() {
    for answer in [unknown(), not_done(None), refused()] {
        let mut bench = Bench::with(vec![reply(1)]);
        bench.proof(1, DeliveryRank::Delivered);
        assert_eq!(bench.outcomes(1), [], "the call is still under way");
        bench.called(1, 1, answer);
        assert!(matches!(bench.outcomes(1)[..], [(1, 1, Outcome::Done(_))]));
    }
}

#[test]
fn a_failed_status_settles_doubt_as_failed() {
    let mut bench = doubtful_reply();
    let failure = Some((131_026, "undeliverable".into()));
    bench.on(Event::Proof {
        effect: id(1),
        rank: DeliveryRank::Failed,
        provider_id: "wamid.9".into(),
        failure,
    });
    let failed = |outcome| matches!(outcome, Some(Outcome::Failed { code: 131_026, .. }));
    assert!(failed(bench.last_outcome(1)));
}

#[test]
fn late_proof_corrects_the_record_of_a_shelved_effect() {
    let mut bench = doubtful_reply();
    bench.pass(120_000);
    assert_eq!(bench.outbox.view().uncertain, 1);
    bench.proof(1, DeliveryRank::Read);
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
    assert_eq!(bench.outbox.view(), View::default());
}

#[test]
fn a_late_answer_settles_the_doubt_it_belongs_to() {
    let mut bench = doubtful_reply();
    bench.pass(10_000);
    bench.called(1, 1, not_done(None));
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
    assert_eq!(
        bench.possible_repeats(),
        0,
        "the doubted try was surely not done"
    );
}

#[test]
fn what_must_not_be_sent_twice_is_never_repeated() {
    let mut bench = Bench::with(vec![of_class(1, Class::Once)]);
    bench.on(Event::StatusesSeen { at: START });
    bench.called(1, 1, unknown());
    bench.pass(119_999);
    assert_eq!(bench.outbox.view().in_doubt, 1);
    bench.pass(1);
    assert!(is_shelved(bench.last_outcome(1), Shelf::Uncertain));
    bench.pass(86_400_000);
    assert_eq!(bench.sends().len(), 1);
}

#[test]
fn waiting_for_a_status_stands_still_while_the_circuit_is_open() {
    let mut bench = doubtful_reply();
    bench.on(Event::StatusesSeen { at: START });
    let gateway = gateway(1);
    bench.pass(20_000);
    for _ in 0..10 {
        bench.on(Event::Circuit {
            gateway,
            open: true,
        });
        bench.pass(20_000);
    }
    bench.on(Event::Circuit {
        gateway,
        open: false,
    });
    bench.pass(9_999);
    assert_eq!(bench.sends().len(), 1);
    bench.pass(1);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_gateway_that_loses_an_attempt_leaves_it_in_doubt() {
    let mut bench = Bench::with(vec![of_class(1, Class::Once), reply(2)]);
    bench.pass(119_999);
    assert_eq!(bench.outbox.view().sending, 1);
    bench.pass(1);
    assert_eq!(bench.outbox.view().in_doubt, 1);
    bench.called(1, 1, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}
