//! What is read when `/metrics` is asked: figures that are kept elsewhere.

use std::sync::OnceLock;

use actors::journal::adapter::{Figures, SegmentJournal, WorkLeft};
use actors::model::Millis;
use actors::system::{Counts, System};
use actors::waiting;
use metrics::{counter, gauge};

/// Sets every metric that is read when it is asked for.
pub(super) fn report_all(journal: &SegmentJournal, system: &System<SegmentJournal>, now: Millis) {
    let figures = journal.figures();
    report(&figures);
    report_actors(&system.counts(), figures.known);
    report_left(&journal.work_left(), now);
    report_waiting(system.waiting().counts(now));
    report_process(now);
}

/// Sets the metrics of those who wait for people.
fn report_waiting(counts: waiting::Counts) {
    gauge!("chasqui_people_waiting").set(counts.untaken as f64);
    gauge!("chasqui_people_attended").set(counts.taken as f64);
    gauge!("chasqui_people_unlisted").set(counts.unlisted as f64);
    gauge!("chasqui_complaints_untaken").set(counts.alarming as f64);
}

/// Sets the journal's metrics to `figures`.
fn report(figures: &Figures) {
    counter!("chasqui_journal_records_total").absolute(figures.records);
    counter!("chasqui_journal_groups_total").absolute(figures.groups);
    counter!("chasqui_journal_bytes_total").absolute(figures.bytes);
    counter!("chasqui_journal_refused_groups_total").absolute(figures.refused_groups);
    counter!("chasqui_journal_flush_nanoseconds_total").absolute(figures.flush_ns);
    gauge!("chasqui_journal_waiting_records").set(figures.waiting as f64);
    gauge!("chasqui_journal_segments").set(figures.segments as f64);
    gauge!("chasqui_journal_ready").set(truth(figures.ready));
    gauge!("chasqui_journal_full").set(truth(figures.full));
    gauge!("chasqui_journal_damage").set(figures.damage.len() as f64);
    gauge!("chasqui_journal_torn_bytes").set(figures.torn_bytes as f64);
    gauge!("chasqui_journal_fenced_entities").set(figures.fenced as f64);
    gauge!("chasqui_contacts_known").set(figures.known as f64);
    gauge!("chasqui_contacts_active").set(figures.active as f64);
    counter!("chasqui_inputs_lost_total").absolute(figures.lost_inputs);
    broken("steps", figures.disordered_steps);
}

/// Sets the metrics of the actors; `known` is the number of entities on record.
fn report_actors(counts: &Counts, known: usize) {
    counter!("chasqui_messages_received_total").absolute(counts.messages);
    counter!("chasqui_inputs_accepted_total").absolute(counts.accepted);
    counter!("chasqui_steps_total").absolute(counts.steps);
    gauge!("chasqui_contacts_live").set(counts.live as f64);
    gauge!("chasqui_contacts_sleeping").set(known.saturating_sub(counts.live) as f64);
    gauge!("chasqui_contacts_parked").set(counts.parked as f64);
    gauge!("chasqui_wakes_waiting").set(counts.wakes as f64);
    gauge!("chasqui_calls_under_way").set(counts.calls_under_way as f64);
    gauge!("chasqui_lanes_blocked").set(counts.lanes_blocked as f64);
    gauge!("chasqui_effects_in_doubt").set(counts.in_doubt as f64);
    broken("inputs", counts.inputs_out_of_order);
    broken("effects", counts.effects_out_of_order);
}

/// Sets the metrics of what is left to do at `now`.
fn report_left(left: &WorkLeft, now: Millis) {
    gauge!("chasqui_inputs_waiting").set(left.inputs as f64);
    gauge!("chasqui_oldest_input_age_seconds").set(age_s(left.oldest_input, now));
    gauge!("chasqui_effects_waiting").set(left.effects as f64);
    gauge!("chasqui_oldest_effect_age_seconds").set(age_s(left.oldest_effect, now));
    gauge!("chasqui_quarantined_inputs").set(left.set_aside as f64);
    gauge!("chasqui_dead_letters").set(left.dead_letters as f64);
    gauge!("chasqui_oldest_dead_letter_age_seconds").set(age_s(left.oldest_dead_letter, now));
    gauge!("chasqui_uncertain_sends").set(left.uncertain as f64);
}

/// Sets the metrics of this process.
fn report_process(now: Millis) {
    static START_S: OnceLock<f64> = OnceLock::new();
    let start_s = START_S.get_or_init(|| {
        let up_s = || {
            let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
            let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
            // The name in brackets may contain anything; what follows is numbers, the twentieth the
            // start in hundredths of a second since the machine's.
            let started = stat.rsplit_once(") ")?.1.split(' ').nth(19)?;
            let uptime_s: f64 = uptime.split(' ').next()?.parse().ok()?;
            Some(uptime_s - started.parse::<f64>().ok()? / 100.0)
        };
        now.0 as f64 / 1_000.0 - up_s().unwrap_or_default()
    });
    gauge!("chasqui_process_start_time_seconds").set(*start_s);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident_kb = status.lines().find_map(|line| {
        let kb = line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?;
        kb.parse::<u64>().ok()
    });
    gauge!("chasqui_process_resident_bytes").set(resident_kb.unwrap_or_default() as f64 * 1_024.0);
}

/// How long ago that was, in seconds; 0 when there is nothing.
pub(super) fn age_s(since: Option<Millis>, now: Millis) -> f64 {
    since.map_or(0.0, |since| now.since(since) as f64 / 1_000.0)
}

fn broken(what: &'static str, times: u64) {
    counter!("chasqui_order_violations_total", "what" => what).absolute(times);
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}
