//! Templates of one number in a rolling day, and the tier's limit on them.
//!
//! Counted by the hour: a template is forgotten 24 to 25 hours after it left, so the count is never
//! below what the last 24 hours really saw. The count lives as long as the process; WhatsApp itself
//! keeps the exact one and refuses what a restart let through.

use crate::model::{Millis, TemplateCategory};
use crate::ports::TemplateLimits;

const HOUR_MS: u64 = 3_600_000;
/// The running hour and the 24 before it.
const HOURS: usize = 25;

/// The templates of a rolling day.
#[derive(Debug)]
pub struct Quota {
    limits: TemplateLimits,
    /// By hour since 1970, modulo [`HOURS`].
    hours: [Hour; HOURS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    number: u64,
    notices: u32,
    marketing: u32,
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
            hours: [Hour::default(); HOURS],
        }
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
        let hour = self.hour(now);
        match is_marketing {
            true => hour.marketing += 1,
            false => hour.notices += 1,
        }
        Ok(())
    }

    /// Takes one back that surely did not leave.
    pub fn give_back(&mut self, category: TemplateCategory, now: Millis) {
        let hour = self.hour(now);
        match category {
            TemplateCategory::Marketing => hour.marketing = hour.marketing.saturating_sub(1),
            TemplateCategory::Utility | TemplateCategory::Authentication => {
                hour.notices = hour.notices.saturating_sub(1);
            }
        }
    }

    /// What has left in the last day.
    pub fn count(&self, now: Millis) -> TemplateCount {
        let number = now.0 / HOUR_MS;
        let recent = |hour: &&Hour| number.saturating_sub(hour.number) < HOURS as u64;
        let hours = || self.hours.iter().filter(recent);
        TemplateCount {
            notices: hours().map(|hour| hour.notices).sum(),
            notices_limit: self.limits.notices,
            marketing: hours().map(|hour| hour.marketing).sum(),
            marketing_limit: self.limits.marketing,
        }
    }

    fn hour(&mut self, now: Millis) -> &mut Hour {
        let number = now.0 / HOUR_MS;
        let hour = &mut self.hours[(number % HOURS as u64) as usize];
        if hour.number != number {
            *hour = Hour {
                number,
                ..Hour::default()
            };
        }
        hour
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
