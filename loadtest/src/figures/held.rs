//! What each scenario is run for, and what its figures are held against.

use crate::report::words::NONE;
use crate::report::{Report, median};
use crate::study::Figure;

/// The figures for which the scenario `name` is run.
pub(super) fn of(name: &str, report: &Report) -> Vec<Figure> {
    let latency_ms = report.latency_ms;
    let to_provider = || {
        let p99 = Some(latency_ms.to_provider.p99);
        Figure::at_most("Message to provider, p99", "ms", p99)
    };
    let to_provider_on = || {
        let p99 = report.statuses_on.map(|on| on.latency_ms.to_provider.p99);
        Figure::at_most("The same with statuses", "ms", p99)
    };
    let webhook = || Figure::at_most("Webhook answered, p99", "ms", Some(latency_ms.webhook.p99));
    match name {
        "ceiling" => ceiling(report),
        "steady-200" => vec![to_provider().goal(5.0), to_provider_on(), webhook()],
        "steady-4000" => vec![
            to_provider().must(50.0).goal(15.0),
            to_provider_on(),
            webhook().must(20.0),
        ],
        "noisy" => noisy(report),
        "ramp" | "ramp-steep" => ramp(report),
        "crash" | "outage" => vec![
            Figure::at_most(
                "Longest time without a reply after a fault",
                "s",
                report.recovery_s,
            )
            .must(30.0)
            .goal(5.0),
        ],
        "conversations" => conversations(report),
        "help-desk" => help_desk(report),
        "templates" => templates(report),
        _ => vec![to_provider(), webhook()],
    }
}

/// The most steps a second, beside a handler that only checks and answers.
fn ceiling(report: &Report) -> Vec<Figure> {
    let Report {
        rate, resources, ..
    } = report;
    let on = report.statuses_on;
    vec![
        Figure::at_least(
            "Share of the bare handler's rate, statuses off",
            "",
            rate.ratio,
        )
        .must(0.25)
        .goal(0.40),
        Figure::at_least(
            "Share of the bare handler's rate, statuses on",
            "",
            on.and_then(|on| on.rate.ratio),
        )
        .must(0.12),
        Figure::at_least("Steps, statuses off", "/s", Some(rate.steps_per_s)),
        Figure::at_least("Steps, statuses on", "/s", on.map(|on| on.rate.steps_per_s)),
        Figure::at_least("The bare handler", "/s", rate.ceiling_per_s),
        Figure::at_least(
            "The bare handler with one reply to the provider, keeping nothing",
            "/s",
            median(
                report
                    .turns
                    .iter()
                    .filter_map(|turn| turn.relay_per_s)
                    .collect(),
            ),
        ),
        Figure::at_most(
            "Disk written for a step",
            "B",
            resources.disk_bytes_per_step,
        )
        .must(3_072.0),
        rated(report),
    ]
}

/// What people notice of a flood and of a stuck contact beside them.
fn noisy(report: &Report) -> Vec<Figure> {
    let slower = report.noise.map(|noise| noise.slower() * 100.0);
    let fewer = report.noise.map(|noise| noise.fewer() * 100.0);
    let quiet = report.noise.map(|noise| noise.quiet_p99_ms);
    vec![
        Figure::at_most(
            "The others' p99 beside a flood and a stuck contact",
            "% more",
            slower,
        )
        .must(20.0),
        Figure::at_most("The others' rate beside them", "% less", fewer).must(20.0),
        Figure::at_most("p99 without them, provider taking 150 ms", "ms", quiet),
    ]
}

/// How much holds.
fn ramp(report: &Report) -> Vec<Figure> {
    let ramp = report.ramp.as_ref();
    let peak = ramp.map(|ramp| ramp.peak_per_minute);
    let by = ramp.map_or(NONE, |ramp| ramp.ended_by.as_str());
    vec![
        Figure::at_least(
            &format!("Messages a minute that held (ended by {by})"),
            "/min",
            peak,
        ),
        rated(report),
    ]
}

/// How whole conversations fare.
fn conversations(report: &Report) -> Vec<Figure> {
    let talks = report.conversations;
    vec![
        Figure::at_least(
            "Complete conversations",
            "",
            talks.map(|t| t.complete as f64),
        )
        .must(200.0),
        Figure::at_least(
            "Record integrity",
            "%",
            talks.map(|talks| talks.record_integrity * 100.0),
        )
        .must(99.5),
        Figure::at_most("Anomalies", "%", talks.map(|talks| talks.anomalies * 100.0)).must(0.3),
    ]
}

/// How soon people and help desk hear of each other.
fn help_desk(report: &Report) -> Vec<Figure> {
    let desk = report.help_desk;
    let s = |ms: Option<f64>| ms.map(|ms| ms / 1e3);
    let polled = desk.and_then(|desk| desk.polled_ms);
    vec![
        Figure::at_most(
            "A person's message at GLPI, p99",
            "s",
            s(desk.map(|desk| desk.written_ms.p99)),
        )
        .must(5.0),
        Figure::at_most(
            "A change in GLPI on the phone, by webhook, p95",
            "s",
            s(desk.map(|desk| desk.told_ms.p95)),
        )
        .must(2.0),
        Figure::at_most(
            "The same when GLPI is only looked at, p95",
            "s",
            s(polled.map(|polled| polled.p95)),
        ),
        Figure::at_least(
            "Delivery statuses in the record",
            "%",
            desk.map(|desk| desk.statuses_recorded * 100.0),
        )
        .must(100.0),
    ]
}

/// What becomes of templates.
fn templates(report: &Report) -> Vec<Figure> {
    let sent = report.templates;
    vec![
        Figure::at_least("Templates delivered", "%", sent.map(|t| t.delivery * 100.0)).must(99.2),
        Figure::at_least(
            "Templates rendered right",
            "%",
            sent.map(|t| t.rendering * 100.0),
        )
        .must(100.0),
        Figure::at_most(
            "From the order to the phone, p99",
            "s",
            sent.map(|t| t.delay_p99_s),
        )
        .must(3.0),
    ]
}

/// What of the maximum may be relied on.
fn rated(report: &Report) -> Figure {
    let capacity = report.capacity;
    let share = capacity.map_or(0.8, |capacity| 1.0 - capacity.reserve) * 100.0;
    let usable = capacity.map(|capacity| capacity.usable_per_minute);
    Figure::at_least(
        &format!("Rated load at most, {share:.0} % of the maximum (R222)"),
        "/min",
        usable,
    )
}
