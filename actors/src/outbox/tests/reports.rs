//! What the entity itself is told.

use super::*;

#[test]
fn the_end_of_a_ticket_is_reported_until_a_step_closes_it() {
    let mut bench = Bench::with(vec![ticket(1)]);
    bench.called(1, 1, done());
    assert!(matches!(
        bench.reports()[..],
        [Report {
            outcome: Outcome::Done(_),
            ..
        }]
    ));
    assert!(bench.outbox.is_idle());
    assert_eq!(bench.outbox.view().reporting, 1);
    bench.pass(60_000);
    assert_eq!(bench.reports().len(), 3, "again every 30 s");
    bench.on(Event::Closed {
        effects: vec![id(1)],
    });
    bench.pass(3_600_000);
    assert_eq!(bench.reports().len(), 3);
    assert_eq!(bench.outbox.view(), View::default());
    assert_eq!(bench.outcomes(1).len(), 1, "recorded once");
}

#[test]
fn the_record_comes_before_the_report() {
    let mut bench = Bench::with(vec![ticket(1)]);
    bench.called(1, 1, done());
    let [.., Action::Record { .. }, Action::Report(_)] = &bench.actions[..] else {
        panic!("{:?}", bench.actions);
    };
}

#[test]
fn a_late_ticket_is_reported_late_once() {
    let mut bench = Bench::with(vec![ticket(1)]);
    bench.pass(9_999);
    assert_eq!(bench.reports(), []);
    bench.pass(1);
    let late = Report {
        effect: id(1),
        outcome: Outcome::Late,
    };
    assert_eq!(bench.reports(), [late]);
    bench.pass(5_000);
    bench.called(1, 1, done());
    assert_eq!(bench.reports().len(), 2);
    assert_eq!(bench.outcomes(1).len(), 1, "late is never recorded");
}

#[test]
fn a_prompt_ticket_is_not_late() {
    let mut bench = Bench::with(vec![ticket(1)]);
    bench.pass(9_000);
    bench.called(1, 1, done());
    bench.on(Event::Closed {
        effects: vec![id(1)],
    });
    bench.pass(60_000);
    assert_eq!(bench.reports().len(), 1);
}

#[test]
fn a_shelved_ticket_is_reported_and_stays_for_the_operators() {
    let mut bench = Bench::with(vec![ticket(1)]);
    for no in 1..=4 {
        bench.called(1, no, not_done(None));
        bench.pass(61_000);
    }
    let last = bench.reports().pop().map(|report| report.outcome);
    assert!(is_shelved(last, Shelf::DeadLetter));
    bench.on(Event::Closed {
        effects: vec![id(1)],
    });
    assert_eq!(bench.outbox.view().dead_letters, 1);
    bench.on(Event::Redriven { effect: id(1) });
    bench.called(1, 5, done());
    let last = bench.reports().pop().map(|report| report.outcome);
    assert!(matches!(last, Some(Outcome::Done(_))), "{last:?}");
}

#[test]
fn another_entity_is_told_until_it_is_durable() {
    let mut bench = Bench::with(vec![tell(1), reply(2)]);
    let tells = |bench: &Bench| {
        let tell = |action: &&Action| matches!(action, Action::Tell { .. });
        bench.actions.iter().filter(tell).count()
    };
    assert_eq!(tells(&bench), 1);
    bench.pass(12_000);
    assert_eq!(tells(&bench), 3);
    assert_eq!(bench.sent(), [], "the lane keeps its order");
    bench.on(Event::Told { effect: id(1) });
    assert!(matches!(bench.outcomes(1)[..], [(1, 0, Outcome::Done(_))]));
    assert_eq!(bench.sent(), [id(2)]);
}

#[test]
fn events_about_unknown_effects_change_nothing() {
    let mut bench = Bench::with(vec![reply(1)]);
    let before = bench.actions.clone();
    bench.called(8, 1, done());
    bench.called(1, 7, unknown());
    bench.looked(1, LookedUp::NotFound);
    bench.proof(8, DeliveryRank::Read);
    bench.on(Event::Told { effect: id(1) });
    bench.on(Event::Redriven { effect: id(1) });
    bench.on(Event::Dismissed { effect: id(1) });
    assert_eq!(bench.actions, before);
    assert_eq!(bench.outbox.view().sending, 1);
}
