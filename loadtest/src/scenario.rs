//! What a run does, as TOML. The shipped scenarios are part of the binary; a file of one's own has
//! the same form.

mod capacity;
mod plan;
mod require;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::world::World;
pub use capacity::Capacity;
#[cfg(test)]
pub use plan::Absence;
pub use plan::Plan;
pub use require::Require;

/// Scenarios that are part of the binary: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("burst", include_str!("../scenarios/burst.toml")),
    ("help-desk", include_str!("../scenarios/help-desk.toml")),
    (
        "conversations",
        include_str!("../scenarios/conversations.toml"),
    ),
    ("crash", include_str!("../scenarios/crash.toml")),
    ("curve", include_str!("../scenarios/curve.toml")),
    ("noisy", include_str!("../scenarios/noisy.toml")),
    ("outage", include_str!("../scenarios/outage.toml")),
    ("replay", include_str!("../scenarios/replay.toml")),
    ("soak", include_str!("../scenarios/soak.toml")),
    ("soak-light", include_str!("../scenarios/soak-light.toml")),
    ("steady-200", include_str!("../scenarios/steady-200.toml")),
    ("steady-4000", include_str!("../scenarios/steady-4000.toml")),
    ("ceiling", include_str!("../scenarios/ceiling.toml")),
    ("ramp", include_str!("../scenarios/ramp.toml")),
    ("templates", include_str!("../scenarios/templates.toml")),
    ("ramp-steep", include_str!("../scenarios/ramp-steep.toml")),
];

/// A scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub about: String,
    /// Seed of arrivals, mix and faults.
    #[serde(default = "one")]
    pub seed: u64,
    /// The load.
    pub load: Load,
    /// Whether the run is made without delivery statuses, with them, or both, one after the other.
    #[serde(default)]
    pub statuses: Statuses,
    /// Seconds for which the bare handler is measured after the load; 0 leaves the ceiling unknown.
    /// The ceiling scenario has its own turns.
    #[serde(default = "bare_seconds")]
    pub bare_seconds: u64,
    /// The world it runs in.
    #[serde(default)]
    pub world: World,
    /// What people do beside asking one question at a time.
    #[serde(default)]
    pub mix: Mix,
    /// Two people who must not disturb the others.
    #[serde(default)]
    pub noise: Option<Noise>,
    /// How webhooks are sent.
    #[serde(default)]
    pub door: Door,
    /// What happens at set times.
    #[serde(default, rename = "mark")]
    pub marks: Vec<Mark>,
    /// How much of the measured maximum may be relied on.
    #[serde(default)]
    pub capacity: Capacity,
    /// What the run must fulfil.
    #[serde(default)]
    pub require: Require,
}

/// The shape of the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Load {
    /// Phases of a rate each.
    Phases {
        /// In this order.
        phases: Vec<Phase>,
    },
    /// A day with peaks from 9 to 11 and from 19 to 21 o'clock, in `seconds`.
    Day {
        /// Length of the whole day.
        seconds: f64,
        /// Messages a second at the peaks.
        peak_per_s: f64,
    },
    /// What `chasqui trace record` wrote, sent again.
    Replay {
        /// The recording.
        file: PathBuf,
        /// How many times faster than it came, 1 to 100.
        speed: f64,
    },
    /// Steps of a growing rate, until the stop rule holds.
    Ramp(Ramp),
    /// Whole conversations of people who answer what they are asked; always with statuses.
    Conversations {
        /// How many.
        people: usize,
        /// Of them at the same time.
        at_a_time: usize,
    },
    /// People who open tickets and add to them, and technicians who write into them; always with
    /// statuses (R265, R266, R267, R270).
    HelpDesk(HelpDesk),
    /// Templates that an operator orders over the API; always with statuses (R281).
    Templates {
        /// Different templates.
        names: usize,
        /// Sends of each.
        sends: usize,
        /// Orders a second.
        per_second: f64,
    },
    /// As fast as the window allows, in turns with the bare handler.
    Ceiling {
        /// Turns of each.
        pairs: usize,
        /// Measured seconds of a turn.
        seconds: f64,
        /// Seconds before a turn is measured.
        warm_up_s: f64,
        /// Messages without reply at a time.
        window: u64,
    },
}

/// A phase of the load. The rate changes evenly from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Its length.
    pub seconds: f64,
    /// Messages a second at its beginning.
    pub per_s: f64,
    /// Messages a second at its end; the same when absent.
    #[serde(default)]
    pub to_per_s: Option<f64>,
}

/// What happens at the help desk. Everything beside the conversations is done so many times a
/// second, by one person after the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpDesk {
    /// People who open a ticket each.
    pub people: usize,
    /// Of them in conversation at the same time.
    pub at_a_time: usize,
    /// What each of them adds to the ticket.
    pub messages: u32,
    /// What a technician writes into each ticket while GLPI sends webhooks.
    pub changes: u32,
    /// What technicians write in all while it sends none and must be looked at.
    pub polled: usize,
    /// Deeds a second.
    pub per_second: f64,
    /// Pause before technicians write, seconds. WhatsApp takes one message in six seconds for a
    /// person and lends replies more, so a notice right after a talk waits for the debt and not for
    /// the help desk.
    pub rest_s: f64,
}

/// A ramp and its stop rule (R291: 500 a minute, 200 more each step, until replies take over 5 s
/// or errors pass 1 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// Messages a minute of the first step.
    pub start_per_minute: f64,
    /// Messages a minute that each step adds.
    #[serde(default)]
    pub add_per_minute: f64,
    /// What each step multiplies the rate by, before adding: the steep mode.
    #[serde(default = "one_times")]
    pub times: f64,
    /// Length of a step.
    pub step_s: f64,
    /// The ramp ends here even if the rule never holds.
    pub until_per_minute: f64,
    /// Replies slower than this end it, seconds (99th percentile of a step).
    #[serde(default = "five")]
    pub stop_reply_s: f64,
    /// More errors than this share of the messages end it.
    #[serde(default = "hundredth")]
    pub stop_errors: f64,
}

/// Whether delivery statuses come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statuses {
    /// None.
    #[default]
    Off,
    /// Always: what is in doubt after a crash or an outage is settled by them. The figures at the
    /// top of the report are then with statuses.
    On,
    /// The run once without and once with them.
    Both,
}

/// Shares of the arrivals that are something else than one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mix {
    /// A conversation in four short fragments, each sent soon after the one before.
    pub chopped: f64,
    /// Three pictures in one webhook.
    pub album: f64,
    /// Two questions of one person whose webhooks overtake each other.
    pub reordered: f64,
    /// Webhooks delivered a second time, up to 300 ms later.
    pub twice: f64,
    /// People who write Portuguese, English or Italian instead of Spanish.
    pub languages: f64,
}

/// One person floods the server, and the provider hangs on every message to another. The load is
/// then run without and with them, and the difference is what they do to everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// When it begins, seconds after the first arrival.
    pub at_s: f64,
    /// Messages of the one who floods.
    pub messages: u64,
    /// In so many seconds.
    pub seconds: f64,
    /// How long the provider hangs on a message to the other, milliseconds.
    pub stuck_ms: u64,
}

/// How webhooks are sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Door {
    /// Connections at most.
    pub connections: usize,
    /// A refused webhook is sent again for so long, seconds.
    pub patience_s: f64,
    /// After the last webhook, how long a standstill is taken for the end, seconds.
    pub settle_s: f64,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            connections: 128,
            patience_s: 60.0,
            settle_s: 45.0,
        }
    }
}

/// Something that happens during the load.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Seconds after the first arrival.
    pub at_s: f64,
    /// Its name in the report.
    pub name: String,
    /// SIGKILL to the server.
    #[serde(default)]
    pub kill: bool,
    /// Starts the killed server again.
    #[serde(default)]
    pub restart: bool,
    /// A change of the simulated world, as for `POST /_control`.
    #[serde(default)]
    pub control: Option<toml::Table>,
}

impl Scenario {
    /// A scenario that only has a world: what a study makes of it is its own.
    pub fn of_world(about: &str, world: World) -> Self {
        Self {
            about: about.to_owned(),
            seed: one(),
            load: Load::Phases { phases: Vec::new() },
            statuses: Statuses::Off,
            bare_seconds: 0,
            world,
            mix: Mix::default(),
            noise: None,
            door: Door::default(),
            marks: Vec::new(),
            capacity: Capacity::default(),
            require: Require::default(),
        }
    }

    /// The scenario of a shipped name or a file, and its name.
    ///
    /// # Errors
    /// When neither exists, the text is no scenario, or it leaves no reserve.
    pub fn find(named: &str) -> anyhow::Result<(String, Self)> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == named) {
            return Ok(((*name).to_owned(), Self::read(name, text)?));
        }
        let names: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
        let unknown = || format!("{named} is neither a file nor one of {}", names.join(", "));
        let text = std::fs::read_to_string(named).with_context(unknown)?;
        let scenario = Self::read(named, &text)?;
        let stem = Path::new(named).file_stem().and_then(|stem| stem.to_str());
        Ok((stem.unwrap_or(named).to_owned(), scenario))
    }

    fn read(name: &str, text: &str) -> anyhow::Result<Self> {
        let about = || format!("scenario {name}");
        let scenario: Self = toml::from_str(text).with_context(about)?;
        scenario.capacity.checked().with_context(about)?;
        Ok(scenario)
    }
}

fn one() -> u64 {
    1
}

fn one_times() -> f64 {
    1.0
}

fn five() -> f64 {
    5.0
}

fn hundredth() -> f64 {
    0.01
}

fn bare_seconds() -> u64 {
    5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_is_readable() {
        for (name, _) in SHIPPED {
            let (found, scenario) = Scenario::find(name).unwrap();
            assert_eq!(found, *name);
            assert!(!scenario.about.is_empty());
            assert!(
                scenario.world.contacts >= 40_000 || scenario.world.channels < 16,
                "{name}"
            );
        }
        assert!(Scenario::find("no-such-scenario").is_err());
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let wrong = "about = \"x\"\n[load]\nshape = \"day\"\nseconds = 1\npeak_per_s = 1\npeek = 2";
        assert!(toml::from_str::<Scenario>(wrong).is_err());
    }

    #[test]
    fn the_ramp_is_the_required_one() {
        let (_, scenario) = Scenario::find("ramp").unwrap();
        let Load::Ramp(ramp) = scenario.load else {
            panic!("no ramp")
        };
        assert_eq!(
            (ramp.start_per_minute, ramp.add_per_minute, ramp.times),
            (500.0, 200.0, 1.0)
        );
        assert_eq!((ramp.stop_reply_s, ramp.stop_errors), (5.0, 0.01));
    }
}
