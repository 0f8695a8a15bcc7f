//! Templates of one number in a rolling day, and the tier's limit on them.
//!
//! Counted by the hour: a template is forgotten 24 to 25 hours after it left, so the count is never
//! below what the last 24 hours really saw. The gateway of the number's first line keeps the count as
//! an entity of the journal ([`super::book`]), so that it goes on after a restart.

use serde::{Deserialize, Serialize};

use crate::model::{Millis, TemplateCategory, TemplateTaken};
use crate::ports::TemplateLimits;

const HOUR_MS: u64 = 3_600_000;
/// The running hour and the 24 before it.
const HOURS: u64 = 25;

/// The templates of a rolling day.
#[derive(Debug)]
pub struct Quota {
    limits: TemplateLimits,
    hours: TemplateHours,
}

/// What left in each of the last hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateHours(Vec<Hour>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Hour {
    /// Since 1970.
    number: u64,
    notices: u32,
    marketing: u32,
}

impl TemplateHours {
    /// Counts a template, or takes one back that surely did not leave.
    pub fn apply(&mut self, taken: &TemplateTaken) {
        let hour = self.hour(taken.at);
        let counted = match taken.marketing {
            true => &mut hour.marketing,
            false => &mut hour.notices,
        };
        *counted = match taken.back {
            true => counted.saturating_sub(1),
            false => counted.saturating_add(1),
        };
    }

    /// Notices and marketing of the last day.
    fn count(&self, now: Millis) -> (u32, u32) {
        let number = now.0 / HOUR_MS;
        let recent = |hour: &&Hour| number.saturating_sub(hour.number) < HOURS;
        let hours = || self.0.iter().filter(recent);
        let notices = hours().map(|hour| hour.notices).sum();
        (notices, hours().map(|hour| hour.marketing).sum())
    }

    fn hour(&mut self, at: Millis) -> &mut Hour {
        let number = at.0 / HOUR_MS;
        self.0
            .retain(|hour| number.saturating_sub(hour.number) < HOURS);
        let place = self.0.iter().position(|hour| hour.number == number);
        let place = place.unwrap_or_else(|| {
            self.0.push(Hour {
                number,
                ..Hour::default()
            });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
}

/// How many templates left in the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TemplateCount {
    /// Utility and authentication.
    pub notices: u32,
    /// Of so many.
    pub notices_limit: u32,
    /// Marketing.
    pub marketing: u32,
    /// Of so many.
    pub marketing_limit: u32,
}

impl Quota {
    /// Nothing has left yet.
    pub fn new(limits: TemplateLimits) -> Self {
        Self {
            limits,
            hours: TemplateHours::default(),
        }
    }

    /// Goes on from what was counted before the process began.
    pub fn restore(&mut self, hours: TemplateHours) {
        self.hours = hours;
    }

    /// Counts a template that is about to leave.
    ///
    /// # Errors
    /// The limit, when the day's templates are used up.
    pub fn take(&mut self, category: TemplateCategory, now: Millis) -> Result<(), u32> {
        let count = self.count(now);
        let is_marketing = category == TemplateCategory::Marketing;
        let (used, limit) = match is_marketing {
            true => (count.marketing, count.marketing_limit),
            false => (count.notices, count.notices_limit),
        };
        if used >= limit {
            return Err(limit);
        }
        self.hours.apply(&taken(category, now, false));
        Ok(())
    }

    /// Takes one back that surely did not leave.
    pub fn give_back(&mut self, category: TemplateCategory, now: Millis) {
        self.hours.apply(&taken(category, now, true));
    }

    /// What has left in the last day.
    pub fn count(&self, now: Millis) -> TemplateCount {
        let (notices, marketing) = self.hours.count(now);
        TemplateCount {
            notices,
            notices_limit: self.limits.notices,
            marketing,
            marketing_limit: self.limits.marketing,
        }
    }
}

/// A template in the count, or out of it again.
pub fn taken(category: TemplateCategory, at: Millis, back: bool) -> TemplateTaken {
    TemplateTaken {
        at,
        marketing: category == TemplateCategory::Marketing,
        back,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn quota() -> Quota {
        Quota::new(TemplateLimits {
            notices: 3,
            marketing: 1,
        })
    }

    #[test]
    fn beyond_the_limit_nothing_leaves_until_a_day_has_passed() {
        use TemplateCategory::{Authentication, Utility};
        let mut quota = quota();
        assert_eq!(quota.take(Utility, NOW), Ok(()));
        let later = NOW.plus_ms(12 * HOUR_MS);
        assert_eq!(quota.take(Authentication, later), Ok(()));
        assert_eq!(quota.take(Utility, later), Ok(()));
        assert_eq!(quota.take(Utility, later), Err(3));
        assert_eq!(quota.take(Utility, NOW.plus_ms(24 * HOUR_MS)), Err(3));
        let next_day = NOW.plus_ms(25 * HOUR_MS);
        assert_eq!(quota.take(Utility, next_day), Ok(()));
        assert_eq!(
            quota.take(Utility, next_day),
            Err(3),
            "one hour was forgotten"
        );
        assert_eq!(quota.count(NOW.plus_ms(100 * HOUR_MS)).notices, 0);
    }

    #[test]
    fn marketing_and_notices_are_counted_apart_and_what_did_not_leave_is_given_back() {
        use TemplateCategory::{Marketing, Utility};
        let mut quota = quota();
        assert_eq!(quota.take(Marketing, NOW), Ok(()));
        assert_eq!(quota.take(Marketing, NOW), Err(1));
        assert_eq!(quota.take(Utility, NOW), Ok(()));
        quota.give_back(Marketing, NOW);
        assert_eq!(quota.take(Marketing, NOW), Ok(()));
        let count = quota.count(NOW);
        assert_eq!((count.notices, count.marketing), (1, 1));
    }
}
