//! When the server is killed: a plan made from the seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The places in the code at which a server can be made to stand still. The step of a contact
/// and the acceptance of a message pass the first three, a call to a provider all six.
pub const FAIL_POINTS: [&str; 6] = [
    "journal::append",
    "journal::before_sync",
    "journal::after_sync",
    "gateway::before_sending",
    "gateway::after_sending",
    "gateway::after_answer",
];

/// When one kill happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after the process was started, whether it listens or not.
    Starting(Duration),
    /// So long after it began to listen.
    Running(Duration),
    /// When it stands at a fail point that it has passed so often before.
    At { point: &'static str, passed: u32 },
}

impl Moment {
    /// The `FAILPOINTS` of the server that dies then: a thread that arrives sleeps until the
    /// process is killed.
    pub fn failpoints(&self) -> String {
        match self {
            Self::At { point, passed } => format!("{point}={passed}*off->sleep(60000)"),
            Self::Starting(_) | Self::Running(_) => String::new(),
        }
    }
}

/// The plan of a run: of ten kills one while starting, three at fail points, six at any time.
pub fn plan(seed: u64, kills: usize) -> Vec<Moment> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut points = FAIL_POINTS.iter().cycle();
    let mut moment = |nth: usize| match nth % 10 {
        4 => Moment::Starting(Duration::from_millis(dice.random_range(0..600))),
        1 | 5 | 8 => Moment::At {
            point: points.next().expect("a cycle does not end"),
            passed: dice.random_range(1..40),
        },
        _ => Moment::Running(Duration::from_millis(dice.random_range(20..1_600))),
    };
    (0..kills).map(&mut moment).collect()
}

#[test]
fn the_same_seed_kills_at_the_same_moments() {
    assert_eq!(plan(7, 50), plan(7, 50));
    assert_ne!(plan(7, 50), plan(8, 50));
}
