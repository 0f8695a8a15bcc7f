//! Who waits, for how long, and who is given back.

use super::*;
use crate::outbox::tests::{id, reply};

fn narrow() -> GatewaySettings {
    GatewaySettings {
        provider: "glpi",
        pair_burst: None,
        concurrency: 2,
        ..settings()
    }
}

#[tokio::test(start_paused = true)]
async fn never_more_calls_are_in_flight_than_allowed_and_all_are_made() {
    let mut bench = Bench::new(narrow()).await;
    let slow = || Does::AnswersAfter(100, done());
    bench.provider.will((0..40).map(|_| slow()));
    for n in 0..40 {
        bench.send_new(reply(n)).await;
    }
    for _ in 0..40 {
        assert_eq!(bench.called().await, done());
    }
    assert_eq!(bench.provider.most_in_flight.load(Ordering::SeqCst), 2);
    let health = bench.handle.health(bench.clock.now()).await.expect("alive");
    assert_eq!((health.in_flight, health.waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_most_urgent_of_those_that_wait_goes_first() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        ..narrow()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(100, done())]);
    let order = [
        Priority::Marketing,
        Priority::Marketing,
        Priority::Reply,
        Priority::Urgent,
        Priority::Reply,
    ];
    for (n, priority) in order.into_iter().enumerate() {
        let effect = Effect {
            priority,
            ..reply(n as u64)
        };
        bench.send_new(effect).await;
    }
    for _ in 0..5 {
        bench.called().await;
    }
    let called: Vec<_> = bench
        .provider
        .calls()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(called, [0, 3, 2, 4, 1].map(id));
}

#[tokio::test(start_paused = true)]
async fn nobody_enters_past_those_that_wait() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        ..narrow()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(100, done())]);
    let first = bench.send_new(reply(1)).await;
    bench.send_new(reply(2)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let busy = bench.handle.try_enter(&first, bench.clock.now()).err();
    assert_eq!(busy, Some(Busy::Full));
    bench.called().await;
    bench.called().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(bench.handle.try_enter(&first, bench.clock.now()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_and_everybody_gets_a_turn() {
    let mut bench = Bench::new(GatewaySettings {
        rate_per_second: 10,
        ..narrow()
    })
    .await;
    let begun = bench.clock.now();
    for n in 0..50 {
        bench.send_new(reply(n)).await;
    }
    for _ in 0..50 {
        assert_eq!(bench.called().await, done());
    }
    let took_ms = bench.clock.now().since(begun);
    assert!((4_700..=5_100).contains(&took_ms), "{took_ms}");
    // One or two for each call made; more would be asking in a circle.
    let waits = bench
        .handle
        .gate()
        .health(bench.clock.now())
        .counts
        .limiter_waits;
    assert!((1..=100).contains(&waits), "{waits}");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_waited_too_long_is_given_back() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        timeout: Duration::from_secs(60),
        ..narrow()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(30_000, done())]);
    bench.send_new(reply(1)).await;
    bench.send_new(reply(2)).await;
    let begun = bench.clock.now();
    let event = bench.event().await;
    let given_back = matches!(event, Event::NotStarted { effect, .. } if effect == id(2));
    assert!(given_back, "{event:?}");
    let waited_ms = bench.clock.now().since(begun);
    assert!((20_000..=21_000).contains(&waited_ms), "{waited_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_gives_back_the_least_urgent_and_youngest() {
    let mut bench = Bench::new(GatewaySettings {
        concurrency: 1,
        ..narrow()
    })
    .await;
    bench.provider.will([Does::AnswersAfter(1_000, done())]);
    bench.send_new(reply(0)).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let effects = (1..=WAITING_MAX as u64).map(reply).collect();
    for effect in bench.decide(effects).await {
        bench.send(&effect, 1);
    }
    let urgent = Effect {
        priority: Priority::Urgent,
        ..reply(9_999)
    };
    bench.send_new(urgent).await;
    let event = bench.event().await;
    let youngest = id(WAITING_MAX as u64);
    assert!(
        matches!(event, Event::NotStarted { effect, until: Some(_), .. } if effect == youngest),
        "{event:?}"
    );
    assert_eq!(
        bench.handle.gate().health(bench.clock.now()).waiting,
        WAITING_MAX
    );
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_is_dropped_leaves_its_place() {
    let bench = Bench::new(narrow()).await;
    let now = bench.clock.now();
    let effect = reply(1);
    let one = bench.handle.try_enter(&effect, now).expect("open");
    let two = bench.handle.try_enter(&effect, now).expect("open");
    assert_eq!(bench.handle.try_enter(&effect, now).err(), Some(Busy::Full));
    drop((one, two));
    assert!(bench.handle.try_enter(&effect, now).is_ok());
}
