//! Order within a lane and independence between lanes.

use super::*;

fn with_priority(n: u64, priority: Priority) -> Effect {
    Effect {
        priority,
        ..reply(n)
    }
}

#[test]
fn one_effect_is_in_flight_in_a_lane_and_the_order_is_kept() {
    let mut bench = Bench::with((1..=5).map(reply).collect());
    for n in 1..=5 {
        assert_eq!(bench.sent().len(), n as usize);
        bench.called(n, 1, done());
    }
    assert_eq!(bench.sent(), (1..=5).map(id).collect::<Vec<_>>());
}

#[test]
fn urgent_overtakes_what_waits_but_not_what_is_under_way() {
    let mut bench = Bench::with(vec![
        with_priority(1, Priority::Marketing),
        with_priority(2, Priority::Marketing),
        with_priority(3, Priority::Notification),
    ]);
    assert_eq!(bench.sent(), [id(3)]);
    bench.plan(vec![
        with_priority(4, Priority::Reply),
        with_priority(5, Priority::Urgent),
        with_priority(6, Priority::Urgent),
    ]);
    for n in [3, 5, 6, 4, 1, 2] {
        assert_eq!(bench.sent().last(), Some(&id(n)));
        bench.called(n, 1, done());
    }
    assert!(bench.outbox.is_idle());
}

#[test]
fn lanes_do_not_wait_for_each_other() {
    let chat = Effect {
        lane: Lane::Ticket(7),
        ..reply(3)
    };
    let bench = Bench::with(vec![reply(1), ticket(2), chat, read_mark(4), read_mark(5)]);
    assert_eq!(bench.sent().len(), 5);
}

#[test]
fn a_head_that_retries_or_is_in_doubt_holds_its_lane_for_two_minutes() {
    for answer in [not_done(Some(500)), unknown()] {
        let mut bench = Bench::with(vec![of_class(1, Class::Once), reply(2)]);
        bench.pass(3_000);
        bench.called(1, 1, answer);
        bench.pass(116_999);
        assert_eq!(bench.sent(), [id(1)]);
        bench.pass(3_001);
        assert_eq!(bench.sent(), [id(1), id(2)]);
    }
}

#[test]
fn an_overtaken_head_takes_the_next_free_turn_when_its_time_has_come() {
    let mut bench = Bench::with(vec![reply(1), reply(2), reply(3)]);
    bench.called(1, 1, not_done(Some(130)));
    bench.pass(120_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(2), 1)]);
    bench.pass(20_000);
    bench.called(2, 1, done());
    assert_eq!(bench.sends().last(), Some(&(id(1), 2)));
    bench.called(1, 2, done());
    assert_eq!(bench.sends().last(), Some(&(id(3), 1)));
}

#[test]
fn the_two_minutes_do_not_run_while_the_circuit_is_open() {
    let mut bench = Bench::with(vec![reply(1), reply(2)]);
    let gateway = gateway(1);
    bench.called(1, 1, not_done(Some(100)));
    bench.pass(10_000);
    for _ in 0..120 {
        bench.on(Event::Circuit {
            gateway,
            open: true,
        });
        bench.pass(20_000);
    }
    assert_eq!(bench.sent(), [id(1)]);
    bench.on(Event::Circuit {
        gateway,
        open: false,
    });
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
    bench.called(1, 2, not_done(Some(500)));
    bench.pass(109_999);
    assert_eq!(bench.sent().len(), 2, "110 s of the limit were left");
    bench.pass(1);
    assert_eq!(bench.sent().last(), Some(&id(2)));
}

#[test]
fn a_waiting_head_keeps_its_turn_while_the_gate_is_closed() {
    let mut bench = Bench::with(vec![reply(1), reply(2)]);
    let until = Some(bench.now.plus_ms(600_000));
    let (effect, no) = (id(1), AttemptNo(1));
    bench.on(Event::NotStarted { effect, no, until });
    bench.pass(599_999);
    assert_eq!(bench.sent(), [id(1)]);
    bench.pass(1);
    assert_eq!(bench.sent(), [id(1), id(1)]);
}

#[test]
fn a_redriven_effect_joins_the_end_of_its_lane() {
    let mut bench = Bench::with(vec![of_class(1, Class::Once)]);
    bench.called(1, 1, unknown());
    bench.pass(120_000);
    bench.plan(vec![reply(2), reply(3)]);
    bench.on(Event::Redriven { effect: id(1) });
    bench.called(2, 1, done());
    bench.called(3, 1, done());
    assert_eq!(bench.sent(), [id(1), id(2), id(3), id(1)]);
    assert_eq!(
        bench.possible_repeats(),
        1,
        "nobody knows whether the first one arrived"
    );
}

#[test]
fn a_free_lane_may_start_with_the_step() {
    let outbox = Outbox::restore(key(), Vec::new(), Rules::default(), START);
    let effects = [read_mark(1), ticket(2), reply(3), reply(4)];
    assert_eq!(
        outbox.would_start(&effects, START),
        Some(1),
        "priorities are equal"
    );
    let urgent = with_priority(5, Priority::Urgent);
    let effects = [ticket(2), reply(3), urgent];
    assert_eq!(
        outbox.would_start(&effects, START),
        Some(2),
        "most urgent of its lane"
    );
    assert_eq!(outbox.would_start(&[read_mark(1), tell(6)], START), None);
}

#[test]
fn an_occupied_lane_does_not_start_with_the_step() {
    let mut bench = Bench::with(vec![reply(1)]);
    assert_eq!(bench.outbox.would_start(&[reply(2)], bench.now), None);
    assert_eq!(
        bench.outbox.would_start(&[reply(2), ticket(3)], bench.now),
        Some(1)
    );
    bench.called(1, 1, unknown());
    assert_eq!(bench.outbox.would_start(&[reply(2)], bench.now), None);
    bench.proof(1, DeliveryRank::Sent);
    assert_eq!(bench.outbox.would_start(&[reply(2)], bench.now), Some(0));
}

#[test]
fn what_was_started_with_the_step_is_handed_over_as_recorded() {
    let mut bench = Bench::new();
    bench.outbox.plan(vec![reply(1), reply(2)], Some(0), START);
    bench.poll();
    let expected = Action::Send {
        effect: share(reply(1)),
        no: AttemptNo(1),
        possible_repeat: false,
        sending_recorded: true,
        pinned: None,
    };
    assert_eq!(bench.actions, [expected]);
    bench.called(1, 1, done());
    assert!(matches!(bench.outcomes(1)[..], [(1, 1, Outcome::Done(_))]));
    assert_eq!(bench.sent(), [id(1), id(2)]);
}

#[test]
fn a_recorded_start_that_was_not_begun_takes_a_new_number() {
    let mut bench = Bench::new();
    bench.outbox.plan(vec![reply(1)], Some(0), START);
    bench.poll();
    let (effect, no) = (id(1), AttemptNo(1));
    bench.on(Event::NotStarted {
        effect,
        no,
        until: None,
    });
    assert!(matches!(
        bench.outcomes(1)[..],
        [(1, 1, Outcome::RetryAt { .. })]
    ));
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
}

#[test]
fn room_shrinks_with_what_is_under_way_and_read_marks_are_dropped_first() {
    let mut bench = Bench::with((0..OPEN_MAX as u64).map(reply).collect());
    assert_eq!(bench.outbox.room(), 0);
    let after = OPEN_MAX as u64;
    bench.plan(vec![read_mark(after), reply(after + 1)]);
    assert!(matches!(
        bench.last_outcome(after),
        Some(Outcome::Failed { .. })
    ));
    assert_eq!(
        bench.outcomes(after + 1),
        [],
        "a reply is never dropped for want of room"
    );
    bench.called(0, 1, done());
    bench.called(1, 1, done());
    assert_eq!(bench.outbox.room(), 1);
}

#[test]
fn the_shelf_is_bounded() {
    let mut bench = Bench::new();
    let count = SHELF_MAX as u64 + 3;
    for n in 0..count {
        bench.plan(vec![of_class(n, Class::Once)]);
        bench.called(n, 1, unknown());
        bench.pass(120_000);
    }
    assert_eq!(bench.outbox.view().uncertain, SHELF_MAX);
    assert!(matches!(
        bench.last_outcome(0),
        Some(Outcome::Failed { .. })
    ));
    assert!(is_shelved(bench.last_outcome(3), Shelf::Uncertain));
}

#[test]
fn marketing_that_waits_ends_when_the_person_withdraws_and_everything_else_goes_on() {
    let mut bench = Bench::new();
    let marketing = |n| Effect {
        priority: Priority::Marketing,
        class: Class::Once,
        ..reply(n)
    };
    bench.plan(vec![reply(1), marketing(2), reply(3)]);
    assert!(bench.outbox.holds_marketing());
    bench.on(Event::MarketingWithdrawn);
    assert!(matches!(
        bench.outcomes(2)[..],
        [(_, _, Outcome::Failed { .. })]
    ));
    assert!(!bench.outbox.holds_marketing());
    assert!(bench.outcomes(1).is_empty() && bench.outcomes(3).is_empty());
}
