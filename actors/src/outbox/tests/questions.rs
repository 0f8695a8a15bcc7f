//! Questions, which may be asked twice and which nobody waits for long.

use super::*;
use crate::journal::LastAttempt;

#[test]
fn a_question_without_answer_is_asked_again_and_given_up_when_nobody_waits() {
    let mut bench = Bench::with(vec![question(1)]);
    bench.called(1, 1, unknown());
    bench.pass(1_000);
    assert_eq!(bench.sends(), [(id(1), 1), (id(1), 2)]);
    assert_eq!((bench.look_ups(), bench.possible_repeats()), (0, 0));
    bench.called(1, 2, not_done(None));
    bench.pass(86_400_000);
    let ended = bench.last_outcome(1);
    assert!(matches!(ended, Some(Outcome::Failed { .. })), "{ended:?}");
    assert!(bench.outbox.is_idle());
    assert_eq!(
        bench.outbox.view().dead_letters,
        0,
        "nobody is to look at it"
    );
}

#[test]
fn a_question_a_stopped_process_left_is_asked_again() {
    let left = OpenEffect {
        effect: question(1),
        planned: START,
        last: Some(LastAttempt {
            no: AttemptNo(1),
            sent: START,
            possible_repeat: false,
            line: None,
            outcome: Some((
                START,
                Outcome::RetryAt {
                    at: START,
                    reason: "lost".into(),
                    failures: 1,
                },
            )),
        }),
    };
    let mut bench = Bench::restored(vec![left]);
    assert_eq!(bench.sends(), [(id(1), 2)]);
    bench.called(1, 2, done());
    assert!(matches!(bench.last_outcome(1), Some(Outcome::Done(_))));
}

#[test]
fn a_person_is_told_that_an_answer_takes_long() {
    let mut bench = Bench::with(vec![question(1)]);
    bench.pass(Rules::default().interim_after_ms);
    let outcomes: Vec<Outcome> = bench.reports().into_iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::Late]);
}
