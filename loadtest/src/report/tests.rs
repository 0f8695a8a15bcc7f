//! What a report must say, on a crafted one.

use super::*;
use crate::scenario::Require;

/// A report in which everything is well.
pub fn report() -> Report {
    let percentiles = Percentiles {
        p50: 2.0,
        p90: 3.0,
        p95: 4.0,
        p99: 9.0,
        p999: 20.0,
        max: 40.0,
    };
    Report {
        verdict: Verdict::default(),
        rate: Rate::new(1_000.0, Some(4_000.0)),
        latency_ms: Latencies {
            webhook: percentiles,
            to_provider: percentiles,
        },
        resources: Resources::default(),
        scenario: "burst".to_owned(),
        seed: 1,
        machine: "a machine".to_owned(),
        commit: "abc".to_owned(),
        build: Build::Plain,
        statuses_on: None,
        about: "a burst".to_owned(),
        plan: None,
        began_s: 1_700_000_000,
        counts: Counts {
            messages: 1_000,
            owed: 1_000,
            accepted: 1_000,
            replied: 1_000,
            ..Counts::default()
        },
        limiter_waits: Default::default(),
        turns: Vec::new(),
        ramp: None,
        capacity: None,
        conversations: None,
        help_desk: None,
        templates: None,
        noise: None,
        recovery_s: Some(2.0),
        checks: Vec::new(),
        passed: true,
        examples: Vec::new(),
        series: (0..3)
            .map(|at| Point {
                at_s: f64::from(at),
                accepted: 300,
                ..Point::default()
            })
            .collect(),
        marks: vec![(1.0, "kill".to_owned())],
    }
}

#[test]
fn every_requirement_can_fail_and_an_unmeasured_one_does() {
    let require = Require {
        steps_per_s_min: Some(900.0),
        ratio_min: Some(0.2),
        webhook_p99_ms: Some(10.0),
        recovery_s: Some(30.0),
        ..Require::default()
    };
    let mut good = report();
    good.check(&require, &Default::default());
    assert!(good.passed, "{:?}", good.checks);
    let failed = |change: &dyn Fn(&mut Report), name: &str| {
        let mut bad = report();
        change(&mut bad);
        bad.check(&require, &Default::default());
        let check = bad.checks.iter().find(|check| check.name == name).unwrap();
        !bad.passed && !check.passed
    };
    assert!(failed(
        &|report| report.rate.steps_per_s = 899.0,
        "steps_per_s"
    ));
    assert!(failed(&|report| report.rate.ratio = None, "ratio"));
    assert!(failed(
        &|report| report.latency_ms.webhook.p99 = 10.1,
        "webhook_p99_ms"
    ));
    assert!(failed(&|report| report.recovery_s = None, "recovery_s"));
    assert!(failed(&|report| report.verdict.doubled = 1, "doubled"));
    let on = WithStatuses {
        rate: Rate::default(),
        latency_ms: Latencies::default(),
        verdict: Verdict {
            statuses_missing: 1,
            ..Verdict::default()
        },
    };
    assert!(failed(
        &|report| report.statuses_on = Some(on),
        "statuses_missing"
    ));
}

#[test]
fn the_top_of_the_json_is_the_agreed_one() {
    let json = serde_json::to_value(report()).unwrap();
    for key in [
        "verdict",
        "rate",
        "latency_ms",
        "resources",
        "scenario",
        "seed",
        "machine",
        "commit",
        "statuses_on",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    for key in [
        "lost",
        "doubled",
        "out_of_order",
        "wrong_state",
        "statuses_missing",
    ] {
        assert!(json["verdict"][key].is_u64(), "{key}");
    }
    for key in ["p50", "p90", "p99", "p999", "max"] {
        assert!(json["latency_ms"]["webhook"][key].is_f64(), "{key}");
        assert!(json["latency_ms"]["to_provider"][key].is_f64(), "{key}");
    }
    for key in ["steps_per_s", "ceiling_per_s", "ratio"] {
        assert!(json["rate"].get(key).is_some(), "{key}");
    }
    for key in ["cpu_cores", "rss_peak_mb", "disk_bytes_per_step"] {
        assert!(json["resources"].get(key).is_some(), "{key}");
    }
}

#[test]
fn a_report_that_names_no_build_is_of_a_plain_one() {
    let profiled = Report {
        build: Build::Profiled,
        ..report()
    };
    let mut json = serde_json::to_value(profiled).unwrap();
    assert_eq!(json["build"], "profiled");
    json.as_object_mut().unwrap().remove("build");
    assert_eq!(Report::deserialize(json).unwrap().build, Build::Plain);
}

#[test]
fn the_median_stands_in_the_middle() {
    assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    assert_eq!(median(Vec::new()), None);
}

#[test]
fn percentiles_are_milliseconds() {
    let mut histogram = crate::ledger::histogram();
    for ms in 1..=1_000 {
        histogram.record(ms * 1_000).unwrap();
    }
    let percentiles = Percentiles::of(&histogram);
    assert!((percentiles.p50 - 500.0).abs() < 2.0 && (percentiles.p999 - 999.0).abs() < 2.0);
    assert!(percentiles.max >= 1_000.0);
}
