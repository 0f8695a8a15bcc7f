//! The journal's figures as metrics, read when they are asked for.

use actors::journal::adapter::Figures;
use actors::waiting::Counts;
use metrics::{counter, gauge};

/// Sets the metrics of those who wait for people.
pub(super) fn report_waiting(counts: Counts) {
    gauge!("chasqui_people_waiting").set(counts.untaken as f64);
    gauge!("chasqui_people_attended").set(counts.taken as f64);
    gauge!("chasqui_people_unlisted").set(counts.unlisted as f64);
    gauge!("chasqui_complaints_untaken").set(counts.alarming as f64);
}

/// Sets the journal's metrics to `figures`.
pub(super) fn report(figures: &Figures) {
    counter!("chasqui_journal_records_total").absolute(figures.records);
    counter!("chasqui_journal_groups_total").absolute(figures.groups);
    counter!("chasqui_journal_bytes_total").absolute(figures.bytes);
    counter!("chasqui_journal_refused_groups_total").absolute(figures.refused_groups);
    counter!("chasqui_journal_flush_nanoseconds_total").absolute(figures.flush_ns);
    gauge!("chasqui_journal_waiting_records").set(figures.waiting as f64);
    gauge!("chasqui_journal_segments").set(figures.segments as f64);
    gauge!("chasqui_journal_full").set(f64::from(u8::from(figures.full)));
    gauge!("chasqui_journal_damage").set(figures.damage.len() as f64);
    gauge!("chasqui_journal_fenced_entities").set(figures.fenced as f64);
    gauge!("chasqui_contacts_known").set(figures.known as f64);
    gauge!("chasqui_contacts_active").set(figures.active as f64);
}
