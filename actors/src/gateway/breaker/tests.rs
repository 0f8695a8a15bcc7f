//! Claims about the circuit.

use super::*;

const START: Millis = Millis(5_000_000);

fn after(ms: u64) -> Millis {
    START.plus_ms(ms)
}

fn opened_by(outcomes: impl IntoIterator<Item = bool>, gap_ms: u64) -> Option<usize> {
    let mut breaker = Breaker::default();
    let mut now = START;
    for (index, healthy) in outcomes.into_iter().enumerate() {
        assert_eq!(breaker.admit(now), Admission::Go);
        breaker.ended(false, healthy, now);
        if breaker.circuit() == Circuit::Open {
            return Some(index + 1);
        }
        now = now.plus_ms(gap_ms);
    }
    None
}

#[test]
fn half_of_twenty_calls_in_ten_seconds_open_it() {
    let alternating = |n: usize| (0..n).map(|i| i % 2 == 0);
    assert_eq!(opened_by(alternating(100), 100), Some(20));
    assert_eq!(opened_by(alternating(19), 100), None, "too few calls");
    assert_eq!(
        opened_by(alternating(100), 1_000),
        None,
        "too few at a time"
    );
    let mostly_well = (0..200).map(|i| i % 3 != 0);
    assert_eq!(opened_by(mostly_well, 50), None, "a third fails");
}

#[test]
fn three_failures_in_a_row_open_it_however_slow_the_traffic() {
    assert_eq!(opened_by([false; 5], 60_000), Some(3));
    assert_eq!(
        opened_by([false, false, true, false, false, true], 60_000),
        None
    );
}

fn open() -> Breaker {
    let mut breaker = Breaker::default();
    for _ in 0..3 {
        breaker.ended(false, false, START);
    }
    breaker
}

#[test]
fn one_probe_every_five_seconds_and_success_closes_it() {
    let mut breaker = open();
    assert_eq!(
        breaker.admit(after(4_999)),
        Admission::Shut {
            until: after(5_000)
        }
    );
    assert_eq!(breaker.admit(after(5_000)), Admission::Probe);
    assert!(
        matches!(breaker.admit(after(5_001)), Admission::Shut { .. }),
        "one at a time"
    );
    breaker.ended(true, false, after(5_500));
    assert_eq!(
        breaker.admit(after(6_000)),
        Admission::Shut {
            until: after(10_500)
        }
    );
    assert_eq!(breaker.admit(after(10_500)), Admission::Probe);
    breaker.ended(true, true, after(10_600));
    assert_eq!(breaker.admit(after(10_600)), Admission::Go);
    breaker.ended(false, false, after(10_700));
    assert_eq!(
        breaker.circuit(),
        Circuit::Closed,
        "old failures are forgotten"
    );
    assert_eq!(breaker.opened(), 1);
}

#[test]
fn calls_begun_before_it_opened_do_not_close_it() {
    let mut breaker = open();
    breaker.ended(false, true, after(100));
    assert_eq!(breaker.circuit(), Circuit::Open);
}

#[test]
fn a_lost_or_abandoned_probe_is_made_again() {
    let mut breaker = open();
    assert_eq!(breaker.admit(after(5_000)), Admission::Probe);
    breaker.abandoned(true, after(5_100));
    assert_eq!(breaker.admit(after(5_100)), Admission::Probe);
    assert!(matches!(
        breaker.admit(after(100_000)),
        Admission::Shut { .. }
    ));
    assert_eq!(breaker.admit(after(125_100)), Admission::Probe);
}

#[test]
fn where_it_asks_first_no_call_probes_before_the_provider_answers_well() {
    let mut breaker = Breaker::default();
    breaker.ask_first(true);
    for _ in 0..3 {
        breaker.ended(false, false, START);
    }
    assert_eq!(breaker.ask_at(), Some(after(5_000)));
    let shut = |breaker: &Breaker, ms| {
        let admission = breaker.peek(after(ms));
        assert!(
            matches!(admission, Admission::Shut { .. }),
            "at {ms} {admission:?}"
        );
    };
    shut(&breaker, 5_000);
    breaker.asked(false, after(5_100));
    assert_eq!(breaker.ask_at(), Some(after(10_100)));
    shut(&breaker, 60_000);
    breaker.asked(true, after(60_000));
    assert_eq!(breaker.ask_at(), None, "the next call is the question");
    assert_eq!(breaker.admit(after(70_000)), Admission::Probe);
    breaker.ended(true, false, after(70_100));
    shut(&breaker, 90_000);
    assert_eq!(breaker.since(), Some(START), "one outage, whatever probes");
    breaker.asked(true, after(90_000));
    assert_eq!(breaker.admit(after(90_000)), Admission::Probe);
    breaker.ended(true, true, after(90_100));
    assert_eq!((breaker.since(), breaker.opened()), (None, 1));
}

#[test]
fn what_would_be_in_vain_is_shut_until_asked_and_a_rest_ends_by_itself() {
    let mut breaker = Breaker::default();
    breaker.shut(START);
    assert_eq!(breaker.ask_at(), Some(after(5_000)));
    assert!(matches!(
        breaker.peek(after(600_000)),
        Admission::Shut { .. }
    ));
    let mut breaker = Breaker::default();
    breaker.rest(120_000, START);
    assert_eq!(breaker.ask_at(), None);
    assert_eq!(
        breaker.peek(after(119_999)),
        Admission::Shut {
            until: after(120_000)
        }
    );
    assert_eq!(breaker.admit(after(120_000)), Admission::Probe);
}
