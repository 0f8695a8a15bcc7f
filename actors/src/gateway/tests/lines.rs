//! Two lines of one number: who carries a message, who is asked, and what both share.

use smol_str::SmolStr;

use super::*;
use crate::gateway::fallback::{by_second, rendered};
use crate::model::{Call, Phone, Recipient, TemplateCategory, TemplateMessage, Trouble};
use crate::outbox::tests::{read_mark, reply};
use crate::ports::{Asked, Fallback};

const NOW: Millis = Millis(1_700_000_000_000);
const SECOND: GatewayId = GatewayId([2; 16]);

const fn fallback() -> Fallback {
    Fallback {
        line: SECOND,
        after: Duration::from_secs(10),
        numbers_only: true,
    }
}

fn first_settings() -> GatewaySettings {
    GatewaySettings {
        fallback: Some(fallback()),
        pair_burst: Some(2),
        ..settings()
    }
}

fn second_settings() -> GatewaySettings {
    GatewaySettings {
        id: SECOND,
        provider: "gupshup",
        number_of: Some(settings().id),
        pair_burst: Some(2),
        ..settings()
    }
}

struct Pair {
    first: Arc<Gate>,
    second: Arc<Gate>,
}

impl Pair {
    fn new() -> Self {
        let number = Arc::new(Number::new(&first_settings()));
        Self {
            first: Gate::of_number(&first_settings(), number.clone(), NOW),
            second: Gate::of_number(&second_settings(), number, NOW),
        }
    }

    fn fail(gate: &Arc<Gate>, times: usize, now: Millis) {
        for n in 0..times {
            let effect = to_phone(&format!("5199988{n:04}"));
            let pass = gate.try_enter(&effect, now).expect("it is open");
            pass.called(&effect, &not_done(None), now);
        }
    }

    fn goes_by_second(&self, effect: &Effect, ms: u64) -> bool {
        let (first, second) = (&self.first, &self.second);
        by_second(effect, &fallback(), first, second, NOW.plus_ms(ms))
    }
}

fn to_phone(digits: &str) -> Effect {
    Effect {
        call: Call::SendText {
            to: Recipient::Phone(Phone::parse(digits).expect("a number")),
            text: "hola".into(),
        },
        ..reply(1)
    }
}

fn template(second_id: Option<&str>) -> Effect {
    Effect {
        call: Call::SendTemplate(Box::new(TemplateMessage {
            to: Recipient::Phone(Phone::parse("51999888777").expect("a number")),
            name: "ticket_update".into(),
            language: "es".into(),
            provider_id: "first".into(),
            second_id: second_id.map(SmolStr::new),
            category: TemplateCategory::Utility,
            values: Vec::new(),
            media: None,
            text: "Tu ticket cambió".into(),
        })),
        ..reply(1)
    }
}

#[test]
fn the_second_line_takes_over_after_the_configured_time_and_gives_back_when_the_circuit_closes() {
    let lines = Pair::new();
    let effect = to_phone("51999888777");
    assert!(!lines.goes_by_second(&effect, 0));
    Pair::fail(&lines.first, 3, NOW);
    let health = |pair: &Pair| serde_json::to_value(pair.first.health(NOW)).expect("serialises");
    assert!(!lines.goes_by_second(&effect, 9_999));
    assert_eq!(health(&lines)["fallback"]["in_use"], false);
    let busy = lines.first.try_enter(&effect, NOW.plus_ms(6_000));
    let until = busy.expect_err("shut").until().expect("it is told");
    assert!(
        until <= NOW.plus_ms(10_000),
        "nobody waits beyond the take-over"
    );
    assert!(lines.goes_by_second(&effect, 10_000));
    assert_eq!(health(&lines)["fallback"]["in_use"], true);
    assert!(health(&lines)["alert"].is_string());

    let later = NOW.plus_ms(60_000);
    let down = Asked::Unwell {
        reason: "HTTP 503".into(),
    };
    lines.first.asked(&down, later);
    assert!(lines.goes_by_second(&effect, 60_000));
    lines.first.asked(&Asked::Well, later);
    assert!(!lines.goes_by_second(&effect, 60_000), "this one probes");
    let probe = lines.first.try_enter(&effect, later).expect("the probe");
    assert!(probe.is_probe() && lines.goes_by_second(&effect, 60_001));
    probe.called(&effect, &done(), later);
    assert!(!lines.goes_by_second(&effect, 60_002));
    assert_eq!(health(&lines)["fallback"]["in_use"], false);
    assert!(health(&lines)["alert"].is_null());
}

#[test]
fn with_both_circuits_open_messages_wait_at_the_first() {
    let lines = Pair::new();
    Pair::fail(&lines.first, 3, NOW);
    Pair::fail(&lines.second, 3, NOW.plus_ms(20_000));
    assert!(!lines.goes_by_second(&to_phone("51999888777"), 20_001));
    assert!(
        lines.goes_by_second(&to_phone("51999888777"), 25_000),
        "it probes the second"
    );
}

#[test]
fn only_what_the_second_provider_can_carry_goes_by_it() {
    let lines = Pair::new();
    Pair::fail(&lines.first, 3, NOW);
    let goes = |effect: &Effect| lines.goes_by_second(effect, 20_000);
    assert!(!goes(&read_mark(1)), "a read mark belongs to its line");
    assert!(!goes(&reply(1)), "it takes numbers only");
    assert!(!goes(&template(None)), "it has not approved this one");
    assert!(goes(&template(Some("second"))));
    let carried = rendered(&Arc::new(template(Some("second"))));
    let Call::SendTemplate(message) = &carried.call else {
        panic!("{carried:?}");
    };
    assert_eq!(message.provider_id, "second");
    assert_eq!(carried.id, reply(1).id, "the effect keeps its id");
}

#[test]
fn how_often_a_number_may_write_to_a_person_is_counted_for_both_lines() {
    let lines = Pair::new();
    let effect = to_phone("51999888777");
    for gate in [&lines.first, &lines.second] {
        let pass = gate.try_enter(&effect, NOW).expect("within the burst");
        pass.called(&effect, &done(), NOW);
    }
    for gate in [&lines.first, &lines.second] {
        let busy = gate.try_enter(&effect, NOW.plus_ms(5_000));
        assert!(matches!(busy, Err(Busy::Pair { .. })), "{busy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_with_a_line_behind_it_is_asked_before_a_message_probes_it() {
    let mut bench = Bench::new(first_settings()).await;
    let unwell = || Asked::Unwell {
        reason: "HTTP 503".into(),
    };
    bench.provider.answers([unwell(), unwell(), Asked::Well]);
    for n in 0..3 {
        bench.provider.will([Does::Answers(not_done(None))]);
        bench.send_new(reply(1_000 + n)).await;
        assert!(matches!(bench.called().await, Called::NotDone { .. }));
    }
    tokio::time::sleep(Duration::from_secs(14)).await;
    assert_eq!(bench.provider.calls().len(), 3, "only questions so far");
    let effect = bench.decide(vec![reply(1)]).await.remove(0);
    let busy = bench.handle.try_enter(&effect, bench.clock.now());
    assert!(matches!(busy, Err(Busy::Circuit { .. })), "{busy:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    bench.send(&effect, 1);
    assert!(matches!(bench.called().await, Called::Done(_)));
    assert!(
        !*bench.handle.gate().circuit().borrow(),
        "the probe closed it"
    );
    assert_eq!(bench.provider.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_shut_gateway_alerts_and_resumes_when_the_provider_asked_is_well() {
    let mut bench = Bench::new(settings()).await;
    let empty = || Asked::Unwell {
        reason: "the balance is used up".into(),
    };
    bench.provider.answers([empty(), Asked::Well]);
    bench.handle.troubled(Trouble::Balance, bench.clock.now());
    let health = |bench: &Bench| bench.handle.gate().health(bench.clock.now());
    let alert = |bench: &Bench| health(bench).alert.unwrap_or_default();
    assert!(alert(&bench).contains("top it up"));
    let effect = bench.send_new(reply(1)).await;
    assert!(matches!(bench.event().await, Event::NotStarted { .. }));
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert!(alert(&bench).contains("top it up"));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(health(&bench).alert, None, "it was topped up");
    bench.send(&effect, 1);
    assert!(matches!(bench.called().await, Called::Done(_)));
}

#[tokio::test(start_paused = true)]
async fn a_rest_that_the_provider_asked_for_ends_by_itself_and_leaves_the_gateway_slower() {
    let mut bench = Bench::new(settings()).await;
    let before = bench.handle.gate().health(bench.clock.now());
    bench.handle.troubled(Trouble::TooFast, bench.clock.now());
    let effect = bench.send_new(reply(1)).await;
    assert!(matches!(bench.event().await, Event::NotStarted { .. }));
    let resting = bench.handle.gate().health(bench.clock.now());
    assert!(
        resting
            .alert
            .is_some_and(|alert| alert.contains("too much"))
    );
    assert!(resting.rate_per_second < before.rate_per_second);
    tokio::time::sleep(Duration::from_secs(120)).await;
    bench.send(&effect, 1);
    assert!(matches!(bench.called().await, Called::Done(_)));
    assert_eq!(bench.handle.gate().health(bench.clock.now()).alert, None);
    assert_eq!(bench.provider.asked(), 0);
}
