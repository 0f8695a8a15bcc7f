//! One attempt from hand-over to answer.

use super::*;
use crate::outbox::tests::{id, of_class, read_mark, reply, ticket};

/// Looks into the journal at the moment of the call.
struct Witness {
    journal: Arc<MemoryJournal>,
    seen: Mutex<Vec<Option<AttemptNo>>>,
}

impl Provider for Witness {
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called> {
        async move {
            let loaded = self
                .journal
                .load(request.effect.key)
                .await
                .expect("readable");
            let mut open = loaded.open.into_iter();
            let open = open
                .find(|open| open.effect.id == request.effect)
                .expect("open");
            let last = open.last.map(|last| last.no);
            self.seen.lock().expect("not poisoned").push(last);
            done()
        }
        .boxed()
    }

    fn look_up<'a>(&'a self, _: &'a Effect) -> BoxFuture<'a, LookedUp> {
        async { LookedUp::NotFound }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn sending_is_durable_before_the_provider_is_called() {
    let mut bench = Bench::new(settings()).await;
    let witness = Arc::new(Witness {
        journal: Arc::clone(&bench.journal),
        seen: Mutex::default(),
    });
    let parts = Parts {
        number: Arc::new(Number::new(&settings())),
        settings: Arc::new(settings()),
        provider: witness.clone(),
        journal: Arc::clone(&bench.journal),
        clock: bench.clock.clone(),
        withdrawals: bench.withdrawals.clone(),
    };
    bench.handle = spawn(parts, bench.patron.clone()).expect("it starts");
    bench.send_new(reply(1)).await;
    assert_eq!(bench.called().await, done());
    bench.send_new(read_mark(2)).await;
    assert_eq!(bench.called().await, done());
    let seen = witness.seen.lock().expect("not poisoned").clone();
    assert_eq!(
        seen,
        [Some(AttemptNo(1)), None],
        "a read mark is not recorded"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_with_its_step_is_not_recorded_again() {
    let mut bench = Bench::new(settings()).await;
    let effect = bench.decide(vec![reply(1)]).await.remove(0);
    let sending = Attempt::Sending {
        effect: effect.id,
        no: AttemptNo(1),
        at: bench.clock.now(),
        possible_repeat: false,
        charge: None,
        line: None,
    };
    let recorded = bench.journal.attempt(key(), &sending, AttemptNo(0)).await;
    assert_eq!(recorded, Ok(()));
    let pass = bench.handle.try_enter(&effect, bench.clock.now());
    let pass = pass.expect("the gate is open");
    assert_eq!(bench.handle.gate().health(bench.clock.now()).in_flight, 1);
    let back = Arc::clone(&bench.back);
    bench
        .handle
        .send(effect, AttemptNo(1), false, true, Some(pass), back);
    assert_eq!(bench.called().await, done());
    assert_eq!(bench.provider.calls(), [(id(1), 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_cannot_be_recorded_is_not_begun() {
    let mut bench = Bench::new(settings()).await;
    let effect = bench.decide(vec![reply(1)]).await.remove(0);
    bench.send(&effect, 7);
    let event = bench.event().await;
    assert!(
        matches!(
            event,
            Event::NotStarted {
                no: AttemptNo(7),
                ..
            }
        ),
        "{event:?}"
    );
    assert_eq!(bench.provider.calls(), []);
    let health = bench.handle.health(bench.clock.now()).await.expect("alive");
    assert_eq!((health.counts.attempts, health.counts.not_started), (0, 1));
    bench.send(&effect, 1);
    assert_eq!(bench.called().await, done());
}

#[tokio::test(start_paused = true)]
async fn every_answer_reaches_the_outbox_and_is_counted() {
    let mut bench = Bench::new(settings()).await;
    let answers = [done(), refused(), unknown(), not_done(Some(4))];
    for (n, answer) in answers.iter().enumerate() {
        bench.provider.will([Does::Answers(answer.clone())]);
        bench.send_new(reply(n as u64)).await;
        assert_eq!(bench.called().await, *answer);
    }
    let health = bench.handle.health(bench.clock.now()).await.expect("alive");
    let counts = health.counts;
    assert_eq!(
        (
            counts.attempts,
            counts.done,
            counts.refused,
            counts.unknown,
            counts.not_done
        ),
        (4, 1, 1, 1, 1)
    );
    let last = health.last_error.expect("three went wrong");
    assert_eq!(last.what, "not done: connection refused");
}

#[tokio::test(start_paused = true)]
async fn silence_beyond_the_time_out_is_an_unknown_outcome() {
    let mut bench = Bench::new(settings()).await;
    bench.provider.will([Does::NeverAnswers]);
    let begun = bench.clock.now();
    bench.send_new(reply(1)).await;
    assert!(matches!(bench.called().await, Called::Unknown { .. }));
    assert_eq!(bench.clock.now().since(begun), 3_500);
    assert_eq!(bench.provider.in_flight.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_provider_is_an_unknown_outcome_and_the_gateway_goes_on() {
    let mut bench = Bench::new(settings()).await;
    bench.provider.will([Does::Panics]);
    bench.send_new(reply(1)).await;
    assert!(matches!(bench.called().await, Called::Unknown { .. }));
    bench.send_new(reply(2)).await;
    assert_eq!(bench.called().await, done());
    assert_eq!(bench.handle.gate().health(bench.clock.now()).in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_search_is_answered() {
    let mut bench = Bench::new(settings()).await;
    let effect = bench.decide(vec![ticket(1)]).await.remove(0);
    let found = LookedUp::Found(crate::model::Reply::default());
    bench
        .provider
        .searches
        .lock()
        .expect("not poisoned")
        .push_back(found.clone());
    bench.handle.look_up(effect, Arc::clone(&bench.back));
    let expected = Event::LookedUp {
        effect: id(1),
        looked: found,
    };
    assert_eq!(bench.event().await, expected);
}

#[tokio::test(start_paused = true)]
async fn attempts_of_an_ended_gateway_are_answered_as_not_begun() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        ..settings()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(1_000, done())]);
    bench.send_new(reply(1)).await;
    bench.send_new(reply(2)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    bench.patron.stop_children(None);
    let event = bench.event().await;
    assert!(
        matches!(event, Event::NotStarted { effect, .. } if effect == id(2)),
        "{event:?}"
    );
    assert_eq!(bench.called().await, done(), "a call in flight goes on");
    bench.send_new(reply(3)).await;
    let event = bench.event().await;
    assert!(
        matches!(event, Event::NotStarted { effect, .. } if effect == id(3)),
        "{event:?}"
    );
    assert!(bench.handle.health(bench.clock.now()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn draining_gives_back_what_waits_and_awaits_what_is_in_flight() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        ..settings()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(2_000, done())]);
    bench.send_new(reply(1)).await;
    bench.send_new(of_class(2, Class::Once)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let begun = bench.clock.now();
    assert!(!bench.handle.drain(Duration::from_millis(500)).await);
    assert!(bench.handle.drain(Duration::from_secs(5)).await);
    assert_eq!(bench.clock.now().since(begun), 1_990);
    let event = bench.event().await;
    assert!(
        matches!(event, Event::NotStarted { effect, .. } if effect == id(2)),
        "{event:?}"
    );
    assert_eq!(bench.called().await, done());
    assert_eq!(bench.provider.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_sending_on_record_says_when_it_may_be_a_repeat() {
    let mut bench = Bench::new(settings()).await;
    let effect = bench.decide(vec![reply(1)]).await.remove(0);
    let back = Arc::clone(&bench.back);
    bench
        .handle
        .send(effect, AttemptNo(1), true, false, None, back);
    assert_eq!(bench.called().await, done());
    let history = bench
        .journal
        .history(key(), 0..u64::MAX)
        .await
        .expect("readable");
    let marked = history.iter().any(|entry| {
        matches!(
            entry,
            crate::journal::Entry::Attempt(Attempt::Sending {
                possible_repeat: true,
                ..
            })
        )
    });
    assert!(marked, "{history:?}");
    assert!(bench.open(id(1)).await.last.is_some());
}
