//! What only some shapes of load have to show.

use super::text;
use crate::report::Report;
use crate::report::words::{figure, push};

pub(super) fn turns(page: &mut String, report: &Report) {
    if report.turns.is_empty() {
        return;
    }
    page.push_str("<h2>Turns</h2><table><tr><th>Turn<th>Steps/s<th>Bare handler/s<th>Ratio<th>Steps/s, statuses on<th>Ratio<th>Bare relay/s");
    for (nth, turn) in report.turns.iter().enumerate() {
        let on = turn.steps_on_per_s;
        push(
            page,
            format_args!(
                "<tr><td>{}<td>{:.0}<td>{:.0}<td>{:.3}<td>{}<td>{}<td>{}",
                nth + 1,
                turn.steps_per_s,
                turn.ceiling_per_s,
                turn.steps_per_s / turn.ceiling_per_s,
                figure(on, 0),
                figure(on.map(|on| on / turn.ceiling_per_s), 3),
                figure(turn.relay_per_s, 0),
            ),
        );
    }
    page.push_str("</table>");
}

pub(super) fn ramp(page: &mut String, report: &Report) {
    let Some(ramp) = &report.ramp else { return };
    push(
        page,
        format_args!(
            "<h2>Ramp: {:.0} messages a minute held, ended by {}</h2><div class=\"wide\"><table><tr><th>Messages a minute<th>Replies p99, s<th>Errors, %<th>Processor, %<th>Memory, %",
            ramp.peak_per_minute,
            text(&ramp.ended_by)
        ),
    );
    for step in &ramp.steps {
        push(
            page,
            format_args!(
                "<tr><td>{:.0}<td>{:.3}<td>{:.2}<td>{:.0}<td>{:.1}",
                step.per_minute,
                step.reply_p99_s,
                step.errors * 100.0,
                step.cpu * 100.0,
                step.memory * 100.0
            ),
        );
    }
    page.push_str("</table></div>");
}

pub(super) fn capacity(page: &mut String, report: &Report) {
    let Some(capacity) = report.capacity else {
        return;
    };
    push(
        page,
        format_args!(
            "<h2>Capacity: {:.0} messages a minute may be relied on</h2><p>The maximum is {:.0} messages a minute ({}); {:.0} % of it stay free.</p>",
            capacity.usable_per_minute,
            capacity.maximum_per_minute,
            capacity.known_from.words(),
            capacity.reserve * 100.0
        ),
    );
    if let Some(rated) = capacity.rated_per_minute {
        let (class, word) = match rated <= capacity.usable_per_minute {
            true => ("good", "within that"),
            false => ("bad", "more than that"),
        };
        push(
            page,
            format_args!("<p>Rated for {rated:.0}: <span class=\"{class}\">{word}</span></p>"),
        );
    }
}

pub(super) fn conversations(page: &mut String, report: &Report) {
    let Some(talks) = report.conversations else {
        return;
    };
    push(
        page,
        format_args!(
            "<h2>Conversations</h2><p>{} people, {} complete, record integrity {:.2} %, anomalies {:.2} %</p>",
            talks.people,
            talks.complete,
            talks.record_integrity * 100.0,
            talks.anomalies * 100.0
        ),
    );
}

pub(super) fn help_desk(page: &mut String, report: &Report) {
    let Some(desk) = report.help_desk else { return };
    page.push_str(
        "<h2>Help desk</h2><table><tr><th>Way<th>Messages<th>p50, s<th>p95, s<th>p99, s<th>max, s",
    );
    let rows = [
        (
            "a person's message at the help desk",
            desk.written,
            Some(desk.written_ms),
        ),
        (
            "a change on the phone, by webhook",
            desk.told,
            Some(desk.told_ms),
        ),
        (
            "a change on the phone, by looking",
            desk.polled,
            desk.polled_ms,
        ),
    ];
    for (name, count, ms) in rows {
        let Some(ms) = ms else { continue };
        push(page, format_args!("<tr><td>{name}<td>{count}"));
        for ms in [ms.p50, ms.p95, ms.p99, ms.max] {
            push(page, format_args!("<td>{:.3}", ms / 1e3));
        }
    }
    push(
        page,
        format_args!(
            "</table><p>{:.2} % of the {} delivery statuses on {} phones are in the record.</p>",
            desk.statuses_recorded * 100.0,
            desk.statuses,
            desk.people
        ),
    );
}

pub(super) fn templates(page: &mut String, report: &Report) {
    let Some(sent) = report.templates else { return };
    push(
        page,
        format_args!(
            "<h2>Templates</h2><p>{} templates, {} sends: {:.2} % delivered, {:.2} % rendered right, {:.3} s from the order to the provider (p99)</p>",
            sent.names,
            sent.sends,
            sent.delivery * 100.0,
            sent.rendering * 100.0,
            sent.delay_p99_s
        ),
    );
}

pub(super) fn noise(page: &mut String, report: &Report) {
    let Some(noise) = report.noise else { return };
    push(
        page,
        format_args!(
            "<h2>Beside a flood and a stuck contact</h2><p>p99 to the provider {:.1} ms instead of {:.1} ms, {:.0} steps/s instead of {:.0}: changed for the worse by {:.1} %. {}</p>",
            noise.noisy_p99_ms,
            noise.quiet_p99_ms,
            noise.noisy_per_s,
            noise.quiet_per_s,
            noise.change() * 100.0,
            noise.verdict.line()
        ),
    );
}

pub(super) fn wrong(page: &mut String, report: &Report) {
    if report.examples.is_empty() {
        return;
    }
    page.push_str("<h2>What is wrong</h2><ul>");
    for example in &report.examples {
        push(page, format_args!("<li>{}", text(example)));
    }
    page.push_str("</ul>");
}
