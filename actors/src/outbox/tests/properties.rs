//! Whatever happens in whatever order: the promises of the outbox hold.

use proptest::prelude::*;

use super::model::{How, World};
use super::*;

#[derive(Clone, Debug)]
enum Op {
    Plan(Vec<Effect>, bool),
    Answer(usize, How),
    Search(bool),
    Status(usize),
    StatusesSeen,
    Circuit(u8, bool),
    Pass(u64),
    Close,
    Crash(u64),
    Redrive,
}

fn an_effect() -> impl Strategy<Value = Effect> {
    let lane = prop_oneof![
        6 => Just(Lane::Person),
        2 => Just(Lane::Ticket(0)),
        1 => Just(Lane::Ticket(7)),
        1 => Just(Lane::Free),
    ];
    let priority = prop_oneof![
        1 => Just(Priority::Urgent),
        4 => Just(Priority::Reply),
        2 => Just(Priority::Notification),
        1 => Just(Priority::Marketing),
    ];
    let class = prop_oneof![
        3 => Just(Class::Searchable),
        4 => Just(Class::Reply),
        2 => Just(Class::Once),
        1 => Just(Class::Disposable),
    ];
    let kind = (
        0..6u8,
        any::<bool>(),
        prop::option::weighted(0.1, 1..200_000u64),
    );
    (lane, priority, class, 1..3u8, kind).prop_map(
        |(lane, priority, class, at, (kind, report, expires))| {
            let base = match kind {
                0 => tell(0),
                1 => ticket(0),
                _ => reply(0),
            };
            let carried = base.gateway.is_some();
            Effect {
                lane,
                priority,
                class,
                report,
                gateway: carried.then(|| gateway(at)),
                expires: expires.map(|ms| START.plus_ms(ms)).filter(|_| carried),
                ..base
            }
        },
    )
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        4 => Just(How::Done),
        3 => Just(How::NotDone),
        1 => Just(How::Refused),
        3 => any::<bool>().prop_map(|effect| How::Lost { effect }),
        2 => Just(How::NotStarted),
        2 => Just(How::Spared),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => (prop::collection::vec(an_effect(), 1..4), any::<bool>())
            .prop_map(|(effects, first)| Op::Plan(effects, first)),
        8 => (any::<usize>(), how()).prop_map(|(pick, how)| Op::Answer(pick, how)),
        4 => any::<bool>().prop_map(Op::Search),
        2 => any::<usize>().prop_map(Op::Status),
        1 => Just(Op::StatusesSeen),
        1 => (1..3u8, any::<bool>()).prop_map(|(gateway, open)| Op::Circuit(gateway, open)),
        4 => prop_oneof![1..1_500u64, 1_000..40_000u64, 30_000..200_000u64].prop_map(Op::Pass),
        1 => Just(Op::Close),
        2 => any::<u64>().prop_map(Op::Crash),
        1 => Just(Op::Redrive),
    ]
}

fn run(ops: Vec<Op>) -> World {
    let mut world = World::new();
    for op in ops {
        match op {
            Op::Plan(effects, first) => world.plan(effects, first),
            Op::Answer(pick, how) => world.answer(pick, how),
            Op::Search(answered) => world.answer_search(answered),
            Op::Status(pick) => world.status(pick),
            Op::StatusesSeen => world.on(Event::StatusesSeen { at: world.now }),
            Op::Circuit(at, open) => {
                let gateway = gateway(at);
                world.on(Event::Circuit { gateway, open });
            }
            Op::Pass(ms) => world.pass(ms),
            Op::Close => world.close(),
            Op::Crash(took_effect) => world.crash(took_effect),
            Op::Redrive => world.redrive(),
        }
    }
    world
}

/// Everybody answers from now on.
fn settle(world: &mut World) {
    let mut rounds = 0;
    while !world.outbox.is_idle() {
        rounds += 1;
        assert!(
            rounds < 2_000,
            "never comes to rest: {:?}",
            world.outbox.view()
        );
        world.answer_everything(How::Done);
        world.pass(1_000);
    }
    world.close();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The model's oracle checks each send on the way: see `World::check_send`.
    #[test]
    fn no_effect_is_lost_and_none_is_done_twice_without_leave(
        ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = run(ops);
        settle(&mut world);
        for known in world.known.values() {
            prop_assert!(known.has_ended() || known.is_shelved(), "lost: {known:?}");
            let may_double = known.effect.class == Class::Reply;
            let times = known.took_effect.len();
            prop_assert!(times <= 1 || may_double || known.redriven(), "{known:?}");
            prop_assert!(times <= 2 || known.redriven(), "{known:?}");
        }
        prop_assert_eq!(world.outbox.next_due(), None);
    }

    /// The same events at the same times ask for the same.
    #[test]
    fn the_machine_knows_no_chance(ops in prop::collection::vec(op(), 1..40)) {
        let ends = |world: &World| -> Vec<_> {
            world.known.values().map(|known| known.last.clone()).collect()
        };
        let (one, other) = (run(ops.clone()), run(ops));
        prop_assert_eq!(ends(&one), ends(&other));
        prop_assert_eq!(one.outbox.view(), other.outbox.view());
    }
}
