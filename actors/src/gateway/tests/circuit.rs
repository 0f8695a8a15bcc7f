//! A provider that is down, comes back, or asks for patience.

use super::*;
use crate::outbox::tests::{id, reply, ticket};

async fn failed(bench: &mut Bench, count: u64) {
    for n in 0..count {
        bench.provider.will([Does::Answers(not_done(None))]);
        bench.send_new(reply(1_000 + n)).await;
        assert!(matches!(bench.called().await, Called::NotDone { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_circuit_is_open_nothing_is_called_and_no_try_is_burnt() {
    let mut bench = Bench::new(settings()).await;
    let mut circuit = bench.handle.gate().circuit();
    failed(&mut bench, 3).await;
    assert!(circuit.has_changed().is_ok_and(|changed| changed));
    assert!(*circuit.borrow_and_update());
    let calls = bench.provider.calls().len();
    let effect = bench.send_new(reply(1)).await;
    let event = bench.event().await;
    let Event::NotStarted {
        until: Some(until), ..
    } = event
    else {
        panic!("{event:?}");
    };
    let wait_ms = until.since(bench.clock.now());
    assert!((5_000..=6_000).contains(&wait_ms), "{wait_ms}");
    assert!(matches!(
        bench.handle.try_enter(&effect, bench.clock.now()),
        Err(Busy::Circuit { .. })
    ));
    assert_eq!(bench.provider.calls().len(), calls);
    let health =
        serde_json::to_value(bench.handle.gate().health(bench.clock.now())).expect("it serialises");
    assert_eq!(health["circuit"], "open");
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_is_spared_and_a_good_one_closes_the_circuit() {
    let mut bench = Bench::new(settings()).await;
    failed(&mut bench, 3).await;
    let effect = bench.decide(vec![reply(1)]).await.remove(0);
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.provider.will([Does::Answers(not_done(None))]);
    bench.send(&effect, 1);
    let event = bench.event().await;
    assert!(
        matches!(
            event,
            Event::Spared {
                no: AttemptNo(1),
                ..
            }
        ),
        "{event:?}"
    );
    assert_eq!(
        bench.open(id(1)).await.last.map(|last| last.no),
        Some(AttemptNo(1))
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.send(&effect, 2);
    assert_eq!(bench.called().await, done());
    assert!(!*bench.handle.gate().circuit().borrow());
    bench.send_new(reply(2)).await;
    assert_eq!(bench.called().await, done());
}

#[tokio::test(start_paused = true)]
async fn a_search_may_be_the_probe() {
    let mut bench = Bench::new(settings()).await;
    failed(&mut bench, 3).await;
    let effect = bench.decide(vec![ticket(1)]).await.remove(0);
    let unanswered = |event: &Event| {
        matches!(
            event,
            Event::LookedUp {
                looked: LookedUp::Unanswered { .. },
                ..
            }
        )
    };
    bench
        .handle
        .look_up(Arc::clone(&effect), Arc::clone(&bench.back));
    let event = bench.event().await;
    assert!(unanswered(&event), "{event:?}");
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.handle.look_up(effect, Arc::clone(&bench.back));
    let event = bench.event().await;
    assert!(!unanswered(&event), "{event:?}");
    assert!(!*bench.handle.gate().circuit().borrow());
}

#[tokio::test(start_paused = true)]
async fn refusals_say_nothing_about_the_providers_health() {
    let mut bench = Bench::new(settings()).await;
    for n in 0..50 {
        bench.provider.will([Does::Answers(refused())]);
        bench.send_new(reply(n)).await;
        assert_eq!(bench.called().await, refused());
        tokio::time::sleep(Duration::from_secs(6)).await;
    }
    assert_eq!(
        bench.handle.gate().health(bench.clock.now()).circuit_opened,
        0
    );
}

fn too_much(reason: &str) -> Called {
    Called::NotDone {
        reason: reason.to_owned(),
        retry_after: Some(Duration::from_secs(2)),
        counts_against: false,
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_slows_the_gateway_and_leaves_the_circuit_closed() {
    let mut bench = Bench::new(settings()).await;
    bench
        .provider
        .will([Does::Answers(too_much("(#130429) rate limit hit"))]);
    bench.send_new(reply(1)).await;
    assert!(matches!(bench.called().await, Called::NotDone { .. }));
    let health = bench.handle.gate().health(bench.clock.now());
    assert!(health.rate_per_second < 700.0, "{}", health.rate_per_second);
    assert_eq!(health.circuit_opened, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pair_over_its_limit_waits_alone() {
    let mut bench = Bench::new(settings()).await;
    bench
        .provider
        .will([Does::Answers(too_much("(#131056) pair rate limit hit"))]);
    let effect = bench.send_new(reply(1)).await;
    assert!(matches!(bench.called().await, Called::NotDone { .. }));
    assert_eq!(
        bench
            .handle
            .gate()
            .health(bench.clock.now())
            .rate_per_second,
        1_000.0
    );
    let now = bench.clock.now();
    let busy = bench.handle.try_enter(&effect, now).err();
    assert_eq!(
        busy,
        Some(Busy::Pair {
            until: now.plus_ms(2_000)
        })
    );
    assert!(
        bench.handle.try_enter(&ticket(2), now).is_ok(),
        "no pair is concerned"
    );
}
