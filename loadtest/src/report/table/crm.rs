//! The rows about a company's own system (R265–R267, R269, R270). Of these systems GLPI is there;
//! what only a CRM with chats and customers can show is named, and named as not measured.

use super::bound::Bound::{self, AtLeast, AtMost, Below, Open};
use super::{Row, percent, seconds};
use crate::report::HelpDesk;
use crate::report::words::NONE;

/// Instead of a figure, where only a CRM could give it.
const NEEDS_CRM: &str = "needs Bitrix24";

/// The rows, filled as far as `desk` has measured them.
pub(super) fn rows(desk: Option<&HelpDesk>) -> Vec<Row> {
    let in_s = |ms: fn(&HelpDesk) -> f64| desk.map(|desk| ms(desk) / 1e3);
    let polled = desk.and_then(|desk| desk.polled_ms);
    vec![
        Row::new(
            "A person's message written at GLPI, 99th percentile (R266)",
            "≤ 5 s",
            AtMost(5.0),
        )
        .ours(in_s(|desk| desk.written_ms.p99), seconds),
        Row::new(
            "A change in GLPI on the phone, its webhook sent within 0.2 s, 95th percentile (R265)",
            "< 2 s",
            Below(2.0),
        )
        .ours(in_s(|desk| desk.told_ms.p95), seconds),
        Row::new(
            "The same with GLPI looked at every 10 s, for comparison",
            NONE,
            Open,
        )
        .ours(polled.map(|ms| ms.p95 / 1e3), |s| format!("{s:.1} s")),
        Row::new(
            "GLPI and conversation in step, both ways, 99th percentile (R270)",
            "≤ 3 s",
            AtMost(3.0),
        )
        .ours(in_s(|desk| desk.both_ms.p99), seconds),
        statuses(desk),
        unmeasured("A CRM's chat on the phone (R265)", "< 2 s", Below(2.0)),
        unmeasured(
            "A person's message in a CRM's chat (R266)",
            "≤ 5 s",
            AtMost(5.0),
        ),
        unmeasured(
            "Delivery statuses written into a CRM (R267)",
            "100 %",
            AtLeast(100.0),
        ),
        unmeasured(
            "Name, phone and label of customers (R269)",
            "every 10 min",
            AtMost(600.0),
        ),
    ]
}

fn statuses(desk: Option<&HelpDesk>) -> Row {
    let count = desk.map_or(0, |desk| desk.statuses);
    let recorded = desk.map(|desk| desk.statuses_recorded * 100.0);
    let row = Row::new(
        "Delivery statuses in the conversation's record (R267)",
        "100 %",
        AtLeast(100.0),
    )
    .ours(recorded, |share| {
        format!("{} of {count}", percent::<2>(share))
    });
    Row {
        // All of none would say nothing.
        passed: row.passed.map(|passed| passed && count > 0),
        ..row
    }
}

fn unmeasured(what: &'static str, qualification: &'static str, bound: Bound) -> Row {
    Row {
        ours: NEEDS_CRM.to_owned(),
        ..Row::new(what, qualification, bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;
    use crate::report::{Percentiles, Report};

    fn of(ms: f64, statuses_recorded: f64) -> Report {
        let ms = Percentiles {
            p95: ms,
            p99: ms,
            ..Percentiles::default()
        };
        let desk = HelpDesk {
            people: 1,
            written: 1,
            written_ms: ms,
            told: 1,
            told_ms: ms,
            polled: 1,
            polled_ms: Some(ms),
            both_ms: ms,
            statuses: 7,
            statuses_recorded,
        };
        Report {
            help_desk: Some(desk),
            ..report()
        }
    }

    #[test]
    fn each_bound_decides_its_own_row() {
        let passed = |report: &Report| -> Vec<_> {
            let rows = rows(report.help_desk.as_ref());
            rows.iter().filter_map(|row| row.passed).collect()
        };
        assert_eq!(passed(&of(1_900.0, 1.0)), [true, true, true, true]);
        assert_eq!(passed(&of(2_000.0, 1.0)), [true, false, true, true]);
        assert_eq!(passed(&of(3_100.0, 0.99)), [true, false, false, false]);
        assert_eq!(passed(&of(5_100.0, 1.0)), [false, false, false, true]);
        assert!(passed(&report()).is_empty());
    }

    #[test]
    fn what_needs_a_crm_is_said_and_never_claimed() {
        for report in [of(1.0, 1.0), report()] {
            let rows = rows(report.help_desk.as_ref());
            let needy = rows.iter().filter(|row| row.ours == NEEDS_CRM);
            let needy: Vec<_> = needy.collect();
            assert_eq!(needy.len(), 4);
            assert!(needy.iter().all(|row| row.passed.is_none()));
            for what in ["R265", "R266", "R267", "R269"] {
                assert!(needy.iter().any(|row| row.what.contains(what)), "{what}");
            }
        }
    }
}
