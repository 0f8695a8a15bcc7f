//! The rows about a company's own system (R265–R267, R269, R270). Of these systems GLPI is there;
//! what only a CRM with chats and customers can show is named, and named as not measured.

use super::{NONE, Row, percent};
use crate::report::HelpDesk;

/// Instead of a figure, where only a CRM could give it.
const NEEDS_CRM: &str = "needs Bitrix24";

/// The rows, filled as far as `desk` has measured them.
pub(super) fn rows(desk: Option<&HelpDesk>) -> Vec<Row> {
    let at_most = |what, qualification| Row::new(what, qualification, false);
    let seconds = |ms: fn(&HelpDesk) -> f64| desk.map(|desk| ms(desk) / 1e3);
    let written = |seconds: f64| format!("{seconds:.3} s");
    let polled = desk.and_then(|desk| desk.polled_ms);
    let compared = at_most(
        "The same with GLPI looked at every 10 s, for comparison",
        NONE,
    );
    let compared = compared.ours(
        polled.map(|ms| ms.p95 / 1e3),
        |seconds| format!("{seconds:.1} s"),
        |_| true,
    );
    let recorded = desk.map(|desk| desk.statuses_recorded * 100.0);
    let statuses = desk.map_or(0, |desk| desk.statuses);
    let unmeasured = |what, qualification| Row {
        ours: NEEDS_CRM.to_owned(),
        ..Row::new(what, qualification, false)
    };
    vec![
        at_most(
            "A person's message written at GLPI, 99th percentile (R266)",
            "≤ 5 s",
        )
        .ours(seconds(|desk| desk.written_ms.p99), written, |seconds| {
            seconds <= 5.0
        }),
        at_most(
            "A change in GLPI on the phone, its webhook sent within 0.2 s, 95th percentile (R265)",
            "< 2 s",
        )
        .ours(seconds(|desk| desk.told_ms.p95), written, |seconds| {
            seconds < 2.0
        }),
        Row {
            // Nothing is asked of it.
            passed: None,
            ..compared
        },
        at_most(
            "GLPI and conversation in step, both ways, 99th percentile (R270)",
            "≤ 3 s",
        )
        .ours(seconds(|desk| desk.both_ms.p99), written, |seconds| {
            seconds <= 3.0
        }),
        Row::new(
            "Delivery statuses in the conversation's record (R267)",
            "100 %",
            true,
        )
        .ours(
            recorded,
            |share| format!("{} of {statuses}", percent::<2>(share)),
            |share| statuses > 0 && share >= 100.0,
        ),
        unmeasured("A CRM's chat on the phone (R265)", "< 2 s"),
        unmeasured("A person's message in a CRM's chat (R266)", "≤ 5 s"),
        unmeasured("Delivery statuses written into a CRM (R267)", "100 %"),
        unmeasured("Name, phone and label of customers (R269)", "every 10 min"),
    ]
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
