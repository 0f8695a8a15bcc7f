//! Attempts that were surely not done.

use super::*;

#[test]
fn a_reply_is_sent_once_and_recorded_done() {
    let mut bench = Bench::with(vec![reply(1)]);
    assert_eq!(bench.sends(), [(id(1), 1)]);
    bench.called(1, 1, done());
    let outcomes = bench.outcomes(1);
    assert!(
        matches!(outcomes[..], [(1, 1, Outcome::Done(_))]),
        "{outcomes:?}"
    );
    assert!(bench.outbox.is_idle());
    assert_eq!(bench.outbox.next_due(), None);
    assert_eq!(bench.outbox.view(), View::default());
}

#[test]
fn what_surely_failed_is_tried_after_1_30_and_60_seconds_and_then_is_a_dead_letter() {
    let mut bench = Bench::with(vec![reply(1)]);
    for (no, not_before_ms, at_latest_ms) in
        [(1, 1, 1_000), (2, 30_000, 31_000), (3, 60_000, 61_000)]
    {
        bench.called(1, no, not_done(None));
        bench.pass(not_before_ms - 1);
        assert_eq!(bench.sends().len(), no as usize, "before its time");
        bench.pass(at_latest_ms - not_before_ms + 1);
        assert_eq!(bench.sends().last(), Some(&(id(1), no + 1)));
    }
    bench.called(1, 4, not_done(None));
    assert!(is_shelved(bench.last_outcome(1), Shelf::DeadLetter));
    bench.pass(86_400_000);
    assert_eq!(bench.sends().len(), 4);
    assert!(bench.outbox.is_idle());
    assert_eq!(bench.outbox.view().dead_letters, 1);
}

#[test]
fn every_outcome_names_the_last_number_on_record() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, not_done(None));
    bench.pass(1_000);
    bench.called(1, 2, unknown());
    bench.proof(1, DeliveryRank::Sent);
    let numbers: Vec<_> = bench.outcomes(1).iter().map(|o| (o.0, o.1)).collect();
    assert_eq!(numbers, [(1, 1), (2, 2), (2, 2)]);
}

#[test]
fn the_providers_wish_moves_the_retry_later() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, not_done(Some(16)));
    bench.pass(15_999);
    assert_eq!(bench.sends().len(), 1);
    bench.pass(1_001);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_refusal_is_final() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, refused());
    let code = |outcome| matches!(outcome, Some(Outcome::Failed { code: 131_026, .. }));
    assert!(code(bench.last_outcome(1)));
    assert!(bench.outbox.is_idle());
}

#[test]
fn a_closed_gate_burns_no_try() {
    let mut bench = Bench::with(vec![reply(1)]);
    for round in 0..50 {
        let until = Some(bench.now.plus_ms(5_000));
        let (effect, no) = (id(1), AttemptNo(1));
        bench.on(Event::NotStarted { effect, no, until });
        bench.pass(4_999);
        assert_eq!(bench.sends().len(), round + 1);
        bench.pass(1);
    }
    assert!(bench.sends().iter().all(|send| *send == (id(1), 1)));
    assert_eq!(bench.outcomes(1), []);
    bench.called(1, 1, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}

#[test]
fn a_failed_probe_takes_a_number_but_burns_no_try() {
    let mut bench = Bench::with(vec![reply(1)]);
    for no in 1..40 {
        let until = bench.now.plus_ms(5_000);
        bench.on(Event::Spared {
            effect: id(1),
            no: AttemptNo(no),
            until,
            reason: "connection refused".into(),
        });
        bench.pass(5_000);
        assert_eq!(bench.sends().last(), Some(&(id(1), no + 1)));
    }
    assert_eq!(bench.outbox.view().dead_letters, 0);
}

#[test]
fn nothing_starts_while_its_circuit_is_open() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, not_done(None));
    let gateway = gateway(1);
    bench.on(Event::Circuit {
        gateway,
        open: true,
    });
    bench.pass(25_000);
    assert_eq!(bench.sends().len(), 1);
    assert_eq!(bench.outbox.view().held, 1);
    bench.on(Event::Circuit {
        gateway,
        open: false,
    });
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_circuit_that_is_not_heard_of_again_is_tried() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.called(1, 1, not_done(None));
    let gateway = gateway(1);
    bench.on(Event::Circuit {
        gateway,
        open: true,
    });
    bench.pass(30_000);
    assert_eq!(bench.sends().len(), 2);
}

#[test]
fn a_read_mark_is_never_repeated_and_leaves_one_record() {
    for answer in [done(), not_done(None), refused(), unknown()] {
        let mut bench = Bench::with(vec![read_mark(1)]);
        bench.called(1, 1, answer);
        bench.pass(3_600_000);
        assert_eq!(bench.sends(), [(id(1), 1)]);
        let outcomes = bench.outcomes(1);
        assert!(matches!(outcomes[..], [(1, 0, _)]), "{outcomes:?}");
    }
}

#[test]
fn what_expires_unsent_is_dropped() {
    let expires = Some(START.plus_ms(60_000));
    let mut bench = Bench::with(vec![
        reply(1),
        Effect {
            expires,
            ..reply(2)
        },
    ]);
    bench.pass(60_000);
    assert!(matches!(
        bench.last_outcome(2),
        Some(Outcome::Failed { code: 0, .. })
    ));
    bench.called(1, 1, done());
    assert_eq!(bench.sent(), [id(1)]);
}

#[test]
fn a_read_mark_that_waits_ten_seconds_is_dropped() {
    let mut bench = Bench::with(vec![read_mark(1)]);
    let until = Some(bench.now.plus_ms(20_000));
    let (effect, no) = (id(1), AttemptNo(1));
    bench.on(Event::NotStarted { effect, no, until });
    bench.pass(9_999);
    assert_eq!(bench.outcomes(1), []);
    bench.pass(1);
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::Failed { .. })
    ));
    assert!(bench.outbox.is_idle());
}

#[test]
fn an_effect_without_gateway_fails_instead_of_waiting_for_ever() {
    let bench = Bench::with(vec![Effect {
        gateway: None,
        ..reply(1)
    }]);
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::Failed { .. })
    ));
    assert!(bench.outbox.is_idle());
}

#[test]
fn a_redriven_dead_letter_starts_over() {
    let mut bench = Bench::with(vec![reply(1)]);
    for no in 1..=4 {
        bench.called(1, no, not_done(None));
        bench.pass(61_000);
    }
    assert_eq!(bench.outbox.view().dead_letters, 1);
    bench.on(Event::Redriven { effect: id(1) });
    assert_eq!(bench.sends().last(), Some(&(id(1), 5)));
    assert_eq!(bench.possible_repeats(), 0);
    bench.called(1, 5, not_done(None));
    bench.pass(1_000);
    bench.called(1, 6, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}

#[test]
fn a_dismissed_dead_letter_is_closed_as_failed() {
    let mut bench = Bench::with(vec![of_class(1, Class::Once)]);
    bench.called(1, 1, unknown());
    bench.pass(120_000);
    assert_eq!(bench.outbox.view().uncertain, 1);
    bench.on(Event::Dismissed { effect: id(1) });
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::Failed { .. })
    ));
    assert_eq!(bench.outbox.view(), View::default());
}

#[test]
fn an_effect_whose_connection_was_deleted_fails_under_the_last_number_on_record() {
    let mut bench = Bench::with(vec![reply(1), reply(2)]);
    let gone = |n, no| Event::Undeliverable {
        effect: id(n),
        no: AttemptNo(no),
        reason: "its connection was deleted".into(),
    };
    bench.on(gone(1, 1));
    assert!(matches!(
        bench.outcomes(1)[..],
        [(0, 0, Outcome::Failed { .. })]
    ));
    bench.called(2, 1, unknown());
    bench.on(Event::StatusesSeen { at: START });
    bench.pass(30_000);
    bench.on(gone(2, 2));
    let outcomes = bench.outcomes(2);
    assert!(
        matches!(outcomes[..], [_, (1, 1, Outcome::Shelved { .. })]),
        "{outcomes:?}"
    );
}
