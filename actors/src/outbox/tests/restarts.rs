//! What a new process makes of what an old one left.

use super::*;
use crate::journal::LastAttempt;

fn open(effect: Effect, last: Option<(u32, u64, Option<Outcome>)>) -> OpenEffect {
    opened(effect, last, false)
}

/// Its last try was marked as a possible repeat.
fn repeated(effect: Effect, last: (u32, u64, Option<Outcome>)) -> OpenEffect {
    opened(effect, Some(last), true)
}

fn opened(
    effect: Effect,
    last: Option<(u32, u64, Option<Outcome>)>,
    possible_repeat: bool,
) -> OpenEffect {
    let last = last.map(|(no, sent_ms_ago, outcome)| LastAttempt {
        possible_repeat,
        line: None,
        no: AttemptNo(no),
        sent: Millis(START.0 - sent_ms_ago),
        outcome: outcome.map(|outcome| (START, outcome)),
    });
    OpenEffect {
        effect,
        planned: Millis(START.0 - 1_000),
        last,
    }
}

fn retry_at(ms: u64, failures: u32) -> Outcome {
    Outcome::RetryAt {
        at: START.plus_ms(ms),
        reason: "refused".into(),
        failures,
    }
}

fn in_doubt() -> Outcome {
    Outcome::InDoubt {
        reason: "reset".into(),
    }
}

#[test]
fn what_was_only_planned_is_sent_in_order() {
    let mut bench = Bench::restored(vec![open(reply(1), None), open(reply(2), None)]);
    assert_eq!(bench.sends(), [(id(1), 1)]);
    bench.called(1, 1, done());
    assert_eq!(bench.sends(), [(id(1), 1), (id(2), 1)]);
}

#[test]
fn a_call_cut_off_is_in_doubt_and_recorded_so() {
    for class in [Class::Reply, Class::Once, Class::Searchable] {
        let bench = Bench::restored(vec![open(of_class(1, class), Some((1, 10, None)))]);
        assert_eq!(bench.sends(), []);
        assert!(matches!(
            bench.outcomes(1)[..],
            [(1, 1, Outcome::InDoubt { .. })]
        ));
    }
}

#[test]
fn a_reply_cut_off_is_repeated_once_when_statuses_arrive_again() {
    let mut bench = Bench::restored(vec![open(reply(1), Some((1, 10, None)))]);
    bench.pass(2_000);
    bench.on(Event::StatusesSeen { at: bench.now });
    bench.pass(27_999);
    assert_eq!(bench.sends(), []);
    bench.pass(1);
    assert_eq!(bench.sends(), [(id(1), 2)]);
    assert_eq!(bench.possible_repeats(), 1);
}

#[test]
fn a_repeat_cut_off_is_not_repeated_again() {
    for last in [(2, 10, None), (2, 10, Some(in_doubt()))] {
        let mut bench = Bench::restored(vec![repeated(reply(1), last)]);
        bench.on(Event::StatusesSeen { at: bench.now });
        bench.pass(3_600_000);
        assert_eq!(bench.sends(), []);
        assert!(is_shelved(bench.last_outcome(1), Shelf::Uncertain));
    }
}

#[test]
fn what_another_entity_is_told_is_told_however_late() {
    let mut late = open(tell(1), None);
    late.planned = Millis(START.0 - 3_600_000);
    let bench = Bench::restored(vec![late]);
    assert_eq!(bench.outcomes(1), []);
    let tells = |action: &&Action| matches!(action, Action::Tell { .. });
    assert_eq!(bench.actions.iter().filter(tells).count(), 1);
}

#[test]
fn a_first_doubt_on_a_later_try_is_repeated_once() {
    for last in [(2, 10, None), (2, 10, Some(in_doubt()))] {
        let mut bench = Bench::restored(vec![open(reply(1), Some(last))]);
        bench.on(Event::StatusesSeen { at: START });
        bench.pass(30_000);
        assert_eq!(bench.sends(), [(id(1), 3)]);
        assert_eq!(bench.possible_repeats(), 1);
    }
}

#[test]
fn a_repeat_that_was_surely_not_done_is_tried_again_with_its_mark() {
    let mut bench = Bench::restored(vec![repeated(reply(1), (2, 10, Some(retry_at(1_000, 2))))]);
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 3)]);
    assert_eq!(bench.possible_repeats(), 1);
}

#[test]
fn a_repeat_that_had_been_decided_is_still_marked() {
    let mut bench = Bench::with(vec![reply(1)]);
    bench.on(Event::StatusesSeen { at: START });
    bench.called(1, 1, unknown());
    bench.pass(30_000);
    assert_eq!(bench.sends().len(), 2);
    let last = bench.last_outcome(1);
    let mut bench = Bench::restored(vec![open(reply(1), Some((1, 10, last)))]);
    bench.on(Event::StatusesSeen { at: START });
    bench.pass(30_000);
    assert_eq!(bench.possible_repeats(), 1);
}

#[test]
fn a_ticket_cut_off_is_searched_and_not_created_blindly() {
    let mut bench = Bench::restored(vec![open(ticket(1), Some((1, 60_000, None)))]);
    for wait_ms in [1_000, 4_000, 10_000] {
        assert_eq!(bench.sends(), []);
        bench.pass(wait_ms);
        bench.looked(1, LookedUp::NotFound);
    }
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 2)]);
}

#[test]
fn a_retry_keeps_its_time_and_its_place_in_the_schedule() {
    let last = Some((3, 10, Some(retry_at(40_000, 3))));
    let mut bench = Bench::restored(vec![open(ticket(1), last)]);
    bench.pass(39_999);
    assert_eq!(bench.sends(), []);
    bench.pass(1);
    assert_eq!(bench.sends(), [(id(1), 4)]);
    bench.called(1, 4, not_done(None));
    assert!(is_shelved(bench.last_outcome(1), Shelf::DeadLetter));
}

#[test]
fn tries_that_a_circuit_spared_stay_spared_after_a_restart() {
    // Six tries are on record, and five of them were probes of an open circuit.
    let last = Some((6, 10, Some(retry_at(0, 1))));
    let mut bench = Bench::restored(vec![open(ticket(1), last)]);
    assert_eq!(bench.sends(), [(id(1), 7)]);
    bench.called(1, 7, not_done(None));
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::RetryAt { failures: 2, .. })
    ));
}

#[test]
fn a_retry_still_holds_its_lane() {
    let last = Some((1, 10, Some(retry_at(1_000, 1))));
    let mut bench = Bench::restored(vec![open(reply(1), last), open(reply(2), None)]);
    assert_eq!(bench.sends(), []);
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 2)]);
}

#[test]
fn what_is_worthless_when_late_is_dropped() {
    let bench = Bench::restored(vec![open(read_mark(1), None)]);
    assert_eq!(bench.sends(), []);
    assert!(matches!(
        bench.outcomes(1)[..],
        [(0, 0, Outcome::Failed { .. })]
    ));
    assert!(bench.outbox.is_idle());
}

#[test]
fn another_entity_is_told_again() {
    let bench = Bench::restored(vec![open(tell(1), None)]);
    assert!(matches!(bench.actions[..], [Action::Tell { .. }]));
}

#[test]
fn an_end_that_no_step_has_closed_is_reported_again() {
    let done = Outcome::Done(Reply::default());
    let last = Some((1, 10, Some(done.clone())));
    let mut bench = Bench::restored(vec![open(ticket(1), last.clone()), open(reply(2), last)]);
    let report = Report {
        effect: id(1),
        outcome: done,
    };
    assert_eq!(bench.reports(), [report]);
    assert_eq!(bench.outcomes(1), [], "it is on record already");
    bench.on(Event::Closed {
        effects: vec![id(1)],
    });
    assert_eq!(bench.outbox.view(), View::default());
}

#[test]
fn the_shelves_are_kept() {
    let shelved = |shelf| Outcome::Shelved {
        shelf,
        reason: "why".into(),
    };
    let letter = Some((4, 10, Some(shelved(Shelf::DeadLetter))));
    let uncertain = Some((2, 10, Some(shelved(Shelf::Uncertain))));
    let mut bench = Bench::restored(vec![open(ticket(1), letter), open(reply(2), uncertain)]);
    assert!(bench.outbox.is_idle());
    assert_eq!(bench.reports().len(), 1, "only the ticket is reported");
    bench.on(Event::Redriven { effect: id(1) });
    bench.on(Event::Redriven { effect: id(2) });
    assert_eq!(bench.sends(), [(id(1), 5), (id(2), 3)]);
    assert_eq!(bench.possible_repeats(), 1);
}

fn fetch(n: u64) -> Effect {
    Effect {
        lane: Lane::Free,
        report: true,
        expires: Some(START.plus_ms(7 * 86_400_000)),
        ..of_class(n, Class::Repeatable)
    }
}

#[test]
fn a_fetch_cut_off_is_tried_again_and_never_in_doubt() {
    let mut bench = Bench::restored(vec![open(fetch(1), Some((1, 10, None)))]);
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::RetryAt { .. })
    ));
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 2)]);
    bench.called(1, 2, unknown());
    assert!(matches!(
        bench.last_outcome(1),
        Some(Outcome::RetryAt { .. })
    ));
    bench.pass(31_000);
    assert_eq!(bench.sends(), [(id(1), 2), (id(1), 3)]);
    assert_eq!(bench.look_ups(), 0);
    assert_eq!(bench.possible_repeats(), 0);
    bench.called(1, 3, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}

#[test]
fn a_fetch_that_never_comes_is_given_up_after_a_week_and_told() {
    let mut bench = Bench::with(vec![fetch(1)]);
    let mut tried = 0;
    while bench.last_outcome(1).is_none_or(|last| !last.is_final()) {
        let sends = bench.sends();
        assert_eq!(sends.len(), tried + 1, "one try at a time");
        tried = sends.len();
        let (_, no) = sends[tried - 1];
        bench.called(1, no, not_done(None));
        while bench.sends().len() == tried
            && bench.last_outcome(1).is_none_or(|last| !last.is_final())
        {
            bench.pass(60_000);
        }
    }
    assert!((50..80).contains(&tried), "{tried} tries in a week");
    let week = START.plus_ms(7 * 86_400_000);
    assert!(bench.now >= week && bench.now.since(week) <= 60_000);
    let ends = bench.reports();
    let failed = |report: &Report| matches!(report.outcome, Outcome::Failed { .. });
    assert!(ends.iter().any(failed), "{ends:?}");
    assert!(!is_shelved(bench.last_outcome(1), Shelf::DeadLetter));
}
