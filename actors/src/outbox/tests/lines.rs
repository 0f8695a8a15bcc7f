//! A channel with two lines: what is in doubt stays with its line, everything else may take another.

use super::*;
use crate::journal::LastAttempt;

const FIRST: u8 = 1;
const SECOND: u8 = 7;
const TAKES_OVER_MS: u64 = 10_000;

fn two_lines() -> Rules {
    Rules {
        takes_over_ms: Some(TAKES_OVER_MS),
        own_ids: Some(gateway(SECOND)),
        ..Rules::default()
    }
}

fn bench(effects: Vec<Effect>) -> Bench {
    let mut bench = Bench::new();
    bench.outbox.set_rules(two_lines());
    bench.plan(effects);
    bench
}

impl Bench {
    fn taken(&mut self, n: u64, no: u32, line: u8) {
        let (effect, no, line) = (id(n), AttemptNo(no), gateway(line));
        self.on(Event::Taken { effect, no, line });
    }

    fn not_started(&mut self, n: u64, no: u32, in_ms: u64) {
        let (effect, no, until) = (id(n), AttemptNo(no), Some(self.now.plus_ms(in_ms)));
        self.on(Event::NotStarted { effect, no, until });
    }

    /// The line to which the last send of an effect is pinned.
    fn pinned(&self, n: u64) -> Option<GatewayId> {
        let mut sends = self.actions.iter().filter_map(|action| match action {
            Action::Send { effect, pinned, .. } if effect.id == id(n) => Some(*pinned),
            _ => None,
        });
        sends.next_back().expect("it was sent")
    }
}

#[test]
fn what_is_in_doubt_on_a_line_is_repeated_by_that_line_alone() {
    for line in [FIRST, SECOND] {
        let mut bench = bench(vec![reply(1)]);
        assert_eq!(
            bench.pinned(1),
            None,
            "a first try goes by whichever is well"
        );
        bench.taken(1, 1, line);
        bench.called(1, 1, unknown());
        bench.on(Event::StatusesSeen { at: bench.now });
        bench.pass(30_000);
        assert_eq!(bench.sent(), [id(1), id(1)]);
        assert_eq!(bench.pinned(1), Some(gateway(line)));
    }
}

#[test]
fn what_surely_did_not_reach_a_provider_may_go_by_the_other() {
    let mut bench = bench(vec![reply(1), reply(2)]);
    bench.taken(1, 1, FIRST);
    bench.called(1, 1, not_done(None));
    bench.pass(1_000);
    assert_eq!(bench.pinned(1), None);
    bench.taken(1, 2, SECOND);
    bench.called(1, 2, done());
    assert_eq!(
        bench.sent(),
        [id(1), id(1), id(2)],
        "n+1 only when n is settled"
    );
}

#[test]
fn an_outage_keeps_nobody_waiting_longer_than_the_take_over() {
    for (rules, at_most_ms) in [
        (two_lines(), TAKES_OVER_MS + 1_000),
        (Rules::default(), 61_000),
    ] {
        let mut bench = Bench::new();
        bench.outbox.set_rules(rules);
        bench.plan(vec![reply(1)]);
        bench.called(1, 1, not_done(Some(60)));
        bench.pass(at_most_ms - 1_500);
        assert_eq!(bench.sent().len(), 1, "not before {at_most_ms}");
        bench.pass(1_500);
        assert_eq!(bench.sent().len(), 2, "by {at_most_ms}");
    }
    let mut throttled = bench(vec![reply(1)]);
    let too_fast = Called::NotDone {
        reason: "429".into(),
        retry_after: Some(Duration::from_secs(60)),
        counts_against: false,
    };
    throttled.called(1, 1, too_fast);
    throttled.pass(59_000);
    assert_eq!(throttled.sent().len(), 1, "asked for by the provider");
}

#[test]
fn a_restart_remembers_on_which_line_a_doubt_arose() {
    let open = OpenEffect {
        effect: reply(1),
        planned: START,
        last: Some(LastAttempt {
            no: AttemptNo(2),
            sent: START,
            possible_repeat: false,
            line: Some(gateway(SECOND)),
            outcome: None,
        }),
    };
    let mut bench = Bench::restored(vec![open]);
    bench.on(Event::StatusesSeen { at: bench.now });
    bench.pass(36_000);
    assert_eq!(bench.sends(), [(id(1), 3)]);
    assert_eq!(bench.pinned(1), Some(gateway(SECOND)));
}

#[test]
fn a_lane_with_two_lines_goes_on_after_its_limit_while_the_doubtful_waits_for_its_line() {
    let mut bench = bench(vec![reply(1), reply(2)]);
    bench.taken(1, 1, FIRST);
    bench.called(1, 1, unknown());
    bench.on(Event::StatusesSeen { at: bench.now });
    let end = START.plus_ms(125_000);
    while bench.now < end {
        bench.pass(1_000);
        let (effect, no) = *bench.sends().last().expect("sent");
        if effect == id(1) && no == 2 && bench.outbox.view().sending == 1 {
            bench.not_started(1, 2, 5_000);
        }
    }
    assert_eq!(bench.sent().last(), Some(&id(2)), "the gap stays behind");
    bench.taken(2, 1, SECOND);
    bench.called(2, 1, done());
    bench.pass(10_000);
    assert_eq!(bench.pinned(1), Some(gateway(FIRST)));
}

#[test]
fn a_receipt_of_one_provider_proves_nothing_of_what_the_other_was_asked() {
    let receipt = |bench: &Bench| {
        let ids = ["gs".into()];
        bench.outbox.unanswered(&ids, DeliveryRank::Sent, bench.now)
    };
    let mut first = bench(vec![reply(1)]);
    first.taken(1, 1, FIRST);
    first.called(1, 1, unknown());
    assert_eq!(receipt(&first), None);
    let mut second = bench(vec![reply(1)]);
    second.taken(1, 1, SECOND);
    second.called(1, 1, unknown());
    assert_eq!(receipt(&second), Some(id(1)));
}
