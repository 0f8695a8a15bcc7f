//! Which runs a row of the table is asked of. It follows from the row's question and the run's plan
//! alone, so that no run can drop out of a row by failing it.

use crate::scenario::Plan;

/// The runs a row is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Every run in which it is measured: nothing that a plan does excuses it. A message must not
    /// be lost in a crash either, and a door must be open while a provider is away.
    Every,
    /// Runs that bring their messages as people do, and whose plan takes nothing away. The
    /// technical figures hold at the rated load (R115, R116), which leaves a fifth of the maximum
    /// free (R222), while a ceiling keeps the server at its maximum and a ramp goes beyond it on
    /// purpose, until replies take 5 s (R291); and a reply that the provider refuses to take waits
    /// for the provider and for the next try, which has a row of its own.
    Undisturbed,
    /// Runs whose plan takes the server or a provider away: elsewhere there is nothing to recover
    /// from, and the pause between two replies would pass for a recovery.
    Broken,
    /// Runs that look for the limit, and find it: any other load shows what was offered.
    Limit,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Every, Self::Undisturbed, Self::Broken, Self::Limit];

    /// Whether a run with this plan is asked.
    pub fn of(self, plan: &Plan) -> bool {
        match self {
            Self::Every => true,
            Self::Undisturbed => !plan.takes_away() && !plan.seeks_limit,
            Self::Broken => plan.takes_away(),
            Self::Limit => plan.seeks_limit && !plan.takes_away(),
        }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Undisturbed => "undisturbed",
            Self::Broken => "broken",
            Self::Limit => "limit",
        }
    }

    /// Who is meant and why, in a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Every => {
                "every piece that measures it, whatever its plan does: neither a fault nor a load excuses a lost record or a closed door"
            }
            Self::Undisturbed => {
                "messages come as people bring them and the plan takes neither server nor provider away. Delay, response and errors are asked of the rated load (R115, R116, R222), and a ceiling or a ramp goes beyond it on purpose; while a provider refuses by plan, a reply waits for the provider and for the next try, which is a row of its own"
            }
            Self::Broken => {
                "the plan kills the server or has a provider refuse: elsewhere there is nothing to recover from"
            }
            Self::Limit => {
                "the load grows until the stop rule holds, or keeps the server at its limit; another load only shows what was offered, and so does a ramp that ended at its bound"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SHIPPED;

    #[test]
    fn who_is_asked_follows_from_the_plan() {
        let asked = |asked: Asked| -> Vec<&str> {
            let names = SHIPPED.iter().map(|(name, _)| *name);
            let plan = |name: &&str| asked.of(&Plan::shipped(name).unwrap());
            names.filter(plan).collect()
        };
        assert_eq!(asked(Asked::Every).len(), SHIPPED.len());
        assert_eq!(asked(Asked::Broken), ["crash", "outage"]);
        assert_eq!(asked(Asked::Limit), ["ceiling", "ramp", "ramp-steep"]);
        // Whatever neither breaks something nor looks for the limit answers for delay and errors.
        let rest = asked(Asked::Undisturbed);
        assert_eq!(rest.len(), SHIPPED.len() - 5, "{rest:?}");
        for loaded in ["burst", "noisy", "steady-4000", "soak", "conversations"] {
            assert!(rest.contains(&loaded), "{loaded}");
        }
    }
}
