//! Faults: what goes wrong between a provider and its client, decided by seeded dice.
//!
//! A fault is a rule: which requests it concerns (provider, method, part of the path), how
//! often (probability, the first `skip` spared, at most `count` times, for `for_ms` from
//! being set) and what happens. Delays of several rules add up; of the others the first that
//! hits decides. Rules are set and cleared through `_control`, whose JSON is described in the
//! head of the `simulators` module.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::dice::Dice;
use super::exchange::{Arrived, Provider};

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Waits before the request is processed; it is processed even if the client gave up,
    /// as a slow server would. With `after`, it is processed at once and answered late.
    Delay {
        /// Least time, milliseconds.
        ms: u64,
        /// Up to this much more, milliseconds.
        #[serde(default)]
        jitter_ms: u64,
        /// Process first, wait then.
        #[serde(default)]
        after: bool,
    },
    /// 429, not processed.
    RateLimit {
        /// Value of the `Retry-After` header in seconds; no header when absent.
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    /// A server error in the provider's own manner (GLPI: an HTML page; Meta: its code, but a
    /// page without one when the request takes effect, for its code says that it did not).
    Error {
        /// HTTP status, 500 unless told.
        #[serde(default = "internal_error")]
        status: u16,
        /// Whether the request takes effect all the same.
        #[serde(default)]
        processed: bool,
    },
    /// A refusal that is not processed: at Meta with this code, at Gupshup in words.
    Refuse {
        /// Error code, for example 131057.
        code: u32,
    },
    /// The connection is reset before the request is processed. (The braces of the kinds
    /// without fields make serde refuse misspelt keys there too.)
    Drop {},
    /// The request is processed, then the connection is reset.
    LoseAnswer {},
    /// Processed at once, the body of the answer arrives in pieces over this time.
    SlowBody {
        /// Total time, milliseconds.
        ms: u64,
    },
    /// 401 although the token was good. GLPI forgets the session, as after a clean-up.
    Unauthorized {},
}

fn internal_error() -> u16 {
    500
}

/// A rule as set through `_control`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Only this provider; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Only this HTTP method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only paths that contain this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only requests whose body contains this text: one person's number, for example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Chance per matching request, 1 unless told.
    #[serde(default = "certain")]
    pub probability: f64,
    /// The first so many matching requests are spared.
    #[serde(default)]
    pub skip: u64,
    /// At most so many hits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Only so long after the rule was set, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// What happens.
    #[serde(flatten)]
    pub kind: Kind,
}

fn certain() -> f64 {
    1.0
}

impl Fault {
    fn concerns(&self, provider: Provider, request: &Arrived) -> bool {
        self.provider.is_none_or(|only| only == provider)
            && self
                .method
                .as_ref()
                .is_none_or(|only| request.method.as_str() == only)
            && self
                .path
                .as_ref()
                .is_none_or(|part| request.path.contains(part.as_str()))
            && self.body.as_ref().is_none_or(|part| {
                let mut windows = request.body.windows(part.len().max(1));
                windows.any(|window| window == part.as_bytes())
            })
    }
}

/// What the faults decided for one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Wait before processing.
    pub before: Duration,
    /// Wait after processing, before the answer.
    pub after: Duration,
    /// The one fault beside delays that hit.
    pub verdict: Option<Kind>,
}

/// A rule and its history.
#[derive(Debug, Serialize)]
pub struct Standing {
    /// The rule.
    #[serde(flatten)]
    fault: Fault,
    /// Matching requests seen.
    seen: u64,
    /// Requests it acted on.
    hits: u64,
    #[serde(skip)]
    since: Instant,
}

/// A die for each provider; a provider that came later leaves the others' rolls as they were.
const PURPOSES: [u64; 3] = [1, 4, 2];

/// The rules in force.
#[derive(Debug)]
pub struct Faults {
    dice: [Dice; 3],
    rules: Mutex<Vec<Standing>>,
}

impl Faults {
    /// No rules yet; the seed decides all later rolls.
    pub fn new(seed: u64) -> Self {
        let dice = PURPOSES.map(|purpose| Dice::new(seed, purpose));
        Self {
            dice,
            rules: Mutex::new(Vec::new()),
        }
    }

    /// Starts the rolls of another seed.
    pub fn reseed(&self, seed: u64) {
        for (dice, purpose) in self.dice.iter().zip(PURPOSES) {
            dice.reseed(seed, purpose);
        }
    }

    /// Adds rules behind those in force.
    pub fn add(&self, faults: Vec<Fault>) {
        let since = Instant::now();
        let fresh = faults.into_iter().map(|fault| Standing {
            fault,
            seen: 0,
            hits: 0,
            since,
        });
        self.lock().extend(fresh);
    }

    /// Removes all rules, or those that name the provider.
    pub fn clear(&self, provider: Option<Provider>) {
        self.lock()
            .retain(|rule| provider.is_some() && rule.fault.provider != provider);
    }

    /// The rules and what they did, for `_control`.
    pub fn describe(&self) -> serde_json::Value {
        serde_json::to_value(&*self.lock()).unwrap_or_default()
    }

    /// Decides what happens to a request.
    pub fn plan(&self, provider: Provider, request: &Arrived) -> Plan {
        let dice = &self.dice[provider.index()];
        let mut plan = Plan::default();
        let mut rules = self.lock();
        for rule in rules.iter_mut() {
            if !rule.acts(provider, request, dice, plan.verdict.is_some()) {
                continue;
            }
            match &rule.fault.kind {
                Kind::Delay {
                    ms,
                    jitter_ms,
                    after,
                } => {
                    let wait = Duration::from_millis(ms + dice.up_to(*jitter_ms));
                    *(if *after {
                        &mut plan.after
                    } else {
                        &mut plan.before
                    }) += wait;
                }
                other => plan.verdict = Some(other.clone()),
            }
        }
        plan
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Standing>> {
        self.rules
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Standing {
    fn acts(&mut self, provider: Provider, request: &Arrived, dice: &Dice, decided: bool) -> bool {
        let is_delay = matches!(self.fault.kind, Kind::Delay { .. });
        if (decided && !is_delay) || !self.fault.concerns(provider, request) || self.is_over() {
            return false;
        }
        self.seen += 1;
        let acts = self.seen > self.fault.skip && dice.hits(self.fault.probability);
        self.hits += u64::from(acts);
        acts
    }

    fn is_over(&self) -> bool {
        let spent = self.fault.count.is_some_and(|count| self.hits >= count);
        let late = self
            .fault
            .for_ms
            .is_some_and(|ms| self.since.elapsed() > Duration::from_millis(ms));
        spent || late
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use axum::http::{HeaderMap, Method};
    use bytes::Bytes;

    use super::*;

    fn post(path: &str) -> Arrived {
        Arrived {
            method: Method::POST,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            read: OnceLock::new(),
        }
    }

    fn fault(json: serde_json::Value) -> Fault {
        serde_json::from_value(json).expect("a fault")
    }

    #[test]
    fn same_seed_same_faults() {
        let history = |seed| {
            let faults = Faults::new(seed);
            faults.add(vec![fault(
                serde_json::json!({"kind": "drop", "probability": 0.3}),
            )]);
            (0..64)
                .map(|_| {
                    faults
                        .plan(Provider::Meta, &post("/meta/v23.0/1/messages"))
                        .verdict
                        .is_some()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(history(5), history(5));
        assert_ne!(history(5), history(6));
    }

    #[test]
    fn skip_count_and_path_bound_a_fault() {
        let faults = Faults::new(1);
        faults.add(vec![fault(serde_json::json!(
            {"kind": "error", "provider": "glpi", "method": "POST", "path": "/Ticket", "skip": 1, "count": 2}
        ))]);
        let hit = |provider, path: &str| faults.plan(provider, &post(path)).verdict.is_some();
        assert!(!hit(Provider::Meta, "/Ticket"));
        assert!(!hit(Provider::Glpi, "/User"));
        let hits: Vec<_> = (0..5).map(|_| hit(Provider::Glpi, "/Ticket")).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }

    #[test]
    fn delays_add_up_beside_the_first_other_fault() {
        let faults = Faults::new(1);
        faults.add(vec![
            fault(serde_json::json!({"kind": "delay", "ms": 20})),
            fault(serde_json::json!({"kind": "lose_answer"})),
            fault(serde_json::json!({"kind": "delay", "ms": 30, "after": true})),
            fault(serde_json::json!({"kind": "drop"})),
        ]);
        let plan = faults.plan(Provider::Meta, &post("/meta/x"));
        assert_eq!(plan.before, Duration::from_millis(20));
        assert_eq!(plan.after, Duration::from_millis(30));
        assert_eq!(plan.verdict, Some(Kind::LoseAnswer {}));
    }
}
