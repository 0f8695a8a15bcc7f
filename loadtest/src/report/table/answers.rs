//! What a run or a study has to say to the rows of the table. Where a run was made twice, without
//! and with delivery statuses or quietly and beside noise, the worse of the two counts.

use crate::report::{HelpDesk, Report};
use crate::scenario::Plan;
use crate::study::{Study, TAKEN_AGAIN};

/// The answers; what was not measured is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// Templates that reached the phone, per cent.
    pub delivery: Option<f64>,
    /// Scheduled arrival to the provider, 99th percentile in seconds.
    pub delay_s: Option<f64>,
    /// Messages about which nothing is wrong, per cent.
    pub integrity: Option<f64>,
    /// Messages a minute.
    pub per_minute: Option<f64>,
    /// Longest time without any reply, or without a webhook taken, after a fault, seconds.
    pub recovery_s: Option<f64>,
    /// From the end of a planned absence until what was due during it is answered, seconds.
    pub held_back_s: Option<f64>,
    /// Seconds in which webhooks were taken, per cent.
    pub uptime: Option<f64>,
    /// Scheduled arrival to the provider, 95th percentile in seconds.
    pub response_s: Option<f64>,
    /// Failed operations, per cent; see [`errors`].
    pub errors: Option<f64>,
    /// What the help desk and people had of each other.
    pub desk: Option<HelpDesk>,
}

impl Answers {
    /// Of a run.
    pub fn of_report(report: &Report) -> Self {
        let apart = Self {
            delivery: report.templates.map(|sent| sent.delivery * 100.0),
            recovery_s: report.recovery_s,
            desk: report.help_desk,
            ..Self::default()
        };
        if report.counts.replied == 0 {
            return apart;
        }
        let on = report.statuses_on;
        let noise = report.noise;
        let beside = noise.map(|noise| noise.verdict).unwrap_or_default();
        let verdict = report.verdict_of_both().plus(beside);
        let off = report.latency_ms.to_provider;
        let on_ms = on.map(|on| on.latency_ms.to_provider);
        let worst = |ms: [Option<f64>; 3]| ms.into_iter().flatten().reduce(f64::max);
        let delay_ms = worst([
            Some(off.p99),
            on_ms.map(|on| on.p99),
            noise.map(|noise| noise.noisy_p99_ms),
        ]);
        let response_ms = worst([Some(off.p95), on_ms.map(|on| on.p95), None]);
        // Where single people are followed there is no load, and nothing is known second by second.
        let is_load = !report.series.is_empty();
        Self {
            delay_s: delay_ms.map(|ms| ms / 1e3),
            response_s: response_ms.map(|ms| ms / 1e3),
            integrity: Some(integrity(verdict.total(), report.counts.accepted)),
            per_minute: per_minute(report).filter(|_| is_load),
            held_back_s: held_back_s(report, &report.plan()),
            uptime: is_load.then(|| uptime(report)),
            errors: Some(errors(report)),
            ..apart
        }
    }

    /// Of a study.
    pub fn of_study(study: &Study) -> Self {
        let mut figures = study.figures.iter();
        let taken = figures.find(|figure| figure.name == TAKEN_AGAIN);
        let judged = study.messages;
        Self {
            recovery_s: taken.and_then(|figure| figure.value),
            integrity: judged.map(|messages| integrity(study.verdict.total(), messages)),
            ..Self::default()
        }
    }
}

/// The share without anything wrong, per cent. Of a run that was made twice, the wrong of both is
/// held against the messages of one: the share is rather too low than too high.
fn integrity(wrong: u64, messages: u64) -> f64 {
    100.0 * (1.0 - (wrong as f64 / messages.max(1) as f64).min(1.0))
}

/// What the run says about the most that holds; `None` for a ramp that ended at its bound and so
/// found no limit.
fn per_minute(report: &Report) -> Option<f64> {
    if let Some(ramp) = &report.ramp {
        return (ramp.ended_by != "bound").then_some(ramp.peak_per_minute);
    }
    let off = report.rate.steps_per_s;
    let on = report.statuses_on.map(|on| on.rate.steps_per_s);
    Some(on.map_or(off, |on| on.min(off)) * 60.0)
}

fn uptime(report: &Report) -> f64 {
    let series = report.series.iter();
    let served = series.filter(|point| point.accepted > 0 || point.errors == 0);
    100.0 * served.count() as f64 / report.series.len() as f64
}

/// The errors of R116 as a share of all operations, per cent.
///
/// An operation has failed where a person or a provider was left standing: a webhook that the
/// server refused or broke off, even though the provider sends it again, and a message that is owed
/// a reply and never got one. Operations are the messages that are owed a reply, and the failed
/// exchanges beside them. A load that had to be given up has failed as a whole.
///
/// No error is a message that is owed no reply of its own, such as the second and third picture of
/// an album; nor an attempt at a provider that the server itself repeated with success, which
/// nobody notices but by its delay, and that has rows of its own.
pub fn errors(report: &Report) -> f64 {
    let counts = &report.counts;
    if counts.overloaded {
        return 100.0;
    }
    // The series has the exchanges of the run with statuses too.
    let in_series = report.series.iter().map(|point| point.errors).sum();
    let exchanges = (counts.refused + counts.broken).max(in_series);
    let on = report.statuses_on.map(|on| on.verdict.lost);
    let beside = report.noise.map(|noise| noise.verdict.lost);
    // What was accepted and lost is unanswered, and so is what never was accepted.
    let unanswered = counts.owed.saturating_sub(counts.replied);
    let unanswered =
        unanswered.max(report.verdict.lost) + on.unwrap_or_default() + beside.unwrap_or_default();
    let operations = (counts.owed + exchanges).max(1) as f64;
    (100.0 * (exchanges + unanswered) as f64 / operations).min(100.0)
}

/// The longest time from the end of an absence until what was due in a second of it is answered
/// (99th percentile of that second), rounded up by not more than that second.
fn held_back_s(report: &Report, plan: &Plan) -> Option<f64> {
    let waits = plan.absences.iter().filter_map(|absence| {
        let until_s = absence.until_s?;
        let due = |at_s: f64| at_s + 1.0 > absence.from_s && at_s < until_s;
        let points = report.series.iter().filter(|point| due(point.at_s));
        let waits = points.map(|point| {
            let last_s = (point.at_s + 1.0).min(until_s);
            (last_s + point.to_provider_p99_ms / 1e3 - until_s).max(0.0)
        });
        waits.reduce(f64::max)
    });
    waits.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Verdict;
    use crate::report::WithStatuses;
    use crate::report::points::Point;
    use crate::report::tests::report;
    use crate::scenario::Absence;
    use crate::study::Figure;

    #[test]
    fn pictures_that_are_owed_no_reply_are_no_errors() {
        let mut burst = report();
        // 20 albums of three pictures each, answered once.
        burst.counts.messages = burst.counts.owed + 40;
        assert_eq!(errors(&burst), 0.0);
    }

    #[test]
    fn a_refused_webhook_and_an_unanswered_message_are_errors() {
        let of = |change: &dyn Fn(&mut Report)| {
            let mut report = report();
            change(&mut report);
            errors(&report)
        };
        assert!((of(&|report| report.counts.replied = 999) - 0.1).abs() < 1e-9);
        assert!((of(&|report| report.verdict.lost = 1) - 0.1).abs() < 1e-9);
        assert!((of(&|report| report.counts.refused = 1_000) - 50.0).abs() < 1e-9);
        assert!((of(&|report| report.counts.broken = 1_000) - 50.0).abs() < 1e-9);
        // Of the run with statuses only the series knows.
        assert!((of(&|report| report.series[0].errors = 1_000) - 50.0).abs() < 1e-9);
        assert_eq!(of(&|report| report.counts.overloaded = true), 100.0);
        let on = WithStatuses {
            rate: Default::default(),
            latency_ms: Default::default(),
            verdict: Verdict {
                lost: 2,
                ..Verdict::default()
            },
        };
        assert!((of(&|report| report.statuses_on = Some(on)) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn the_slower_of_a_run_without_and_with_statuses_counts() {
        let mut report = report();
        let mut latency_ms = report.latency_ms;
        latency_ms.to_provider.p95 = 2_500.0;
        latency_ms.to_provider.p99 = 4_000.0;
        report.statuses_on = Some(WithStatuses {
            rate: report.rate,
            latency_ms,
            verdict: Verdict::default(),
        });
        let answers = Answers::of_report(&report);
        assert_eq!(answers.delay_s, Some(4.0));
        assert_eq!(answers.response_s, Some(2.5));
    }

    #[test]
    fn what_an_outage_held_back_waits_from_the_end_of_the_outage() {
        let mut report = report();
        let due = |at_s, s: f64| Point {
            at_s,
            accepted: 10,
            to_provider_p99_ms: s * 1e3,
            ..Point::default()
        };
        report.series = vec![due(0.0, 0.1), due(1.0, 4.0), due(3.0, 2.5), due(4.0, 9.0)];
        let plan = |until_s| Plan {
            absences: vec![Absence {
                from_s: 1.0,
                until_s,
            }],
            seeks_limit: false,
        };
        // Due at 2 at the latest and answered at 6; due at 4 and answered at 6.5.
        assert_eq!(held_back_s(&report, &plan(Some(4.0))), Some(2.5));
        assert_eq!(held_back_s(&report, &plan(None)), None);
        assert_eq!(held_back_s(&report, &Plan::default()), None);
    }

    #[test]
    fn a_ramp_that_ended_at_its_bound_found_no_limit() {
        let ramp = |ended_by: &str| {
            let ramp = crate::report::RampReport {
                peak_per_minute: 6_100.0,
                ended_by: ended_by.to_owned(),
                steps: Vec::new(),
            };
            let report = Report {
                ramp: Some(ramp),
                ..report()
            };
            Answers::of_report(&report).per_minute
        };
        assert_eq!(ramp("replies"), Some(6_100.0));
        assert_eq!(ramp("bound"), None);
    }

    #[test]
    fn a_study_tells_how_soon_the_door_opens_and_what_was_lost() {
        let mut study = crate::study::tests::study();
        study.figures = vec![Figure::at_most(TAKEN_AGAIN, "s", Some(0.4))];
        study.verdict.lost = 5;
        assert_eq!(Answers::of_study(&study).recovery_s, Some(0.4));
        assert_eq!(Answers::of_study(&study).integrity, None);
        study.messages = Some(1_000);
        assert_eq!(Answers::of_study(&study).integrity, Some(99.5));
    }
}
