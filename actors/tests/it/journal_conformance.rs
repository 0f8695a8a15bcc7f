//! What every adapter of [`Journal`](actors::journal::Journal) promises, run on each of them.

mod effects;
mod entities;
mod lists;

use std::sync::Arc;

use crate::support::people::{TellFold, TestClock, clock, config_of_lanes, open, run};
use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::disk::sim::SimDisk;
use actors::journal::memory::MemoryJournal;
use effects::*;
use entities::*;
use lists::*;

/// Each promise on each adapter.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod in_memory {
            use super::*;
            $(#[test]
            fn $name() {
                run(super::$name(MemoryJournal::new(64)));
            })*
        }
        mod on_a_simulated_disk {
            use super::*;
            $(#[test]
            fn $name() {
                run(super::$name(open(&SimDisk::new(), &clock(), 1)));
            })*
        }
        mod in_three_lanes {
            use super::*;
            $(#[test]
            fn $name() {
                let config = config_of_lanes(&SimDisk::new(), &clock(), 1, 3);
                run(super::$name(SegmentJournal::open(config).unwrap()));
            })*
        }
        mod on_a_real_disk_with_sled {
            use super::*;
            $(#[test]
            fn $name() {
                let folder = tempfile::tempdir().unwrap();
                run(super::$name(real(folder.path(), &clock())));
            })*
        }
    };
}

promises!(
    inputs_come_back_in_order_of_acceptance,
    accepted_input_names_the_one_before_it,
    step_moves_version_and_consumed_position,
    second_writer_of_a_version_is_fenced,
    effect_stays_open_until_its_end,
    reported_effect_stays_open_until_a_step_closes_it,
    attempt_must_follow_the_last_one_on_record,
    first_attempt_is_recorded_with_its_step,
    input_is_seen_only_by_later_ones,
    wake_is_the_last_steps_wish,
    backlog_names_who_has_work_left,
    desk_shows_shelved_effects_and_inputs_set_aside,
    strikes_count_against_the_next_input,
    alias_and_merge_are_remembered,
    history_tells_all_records_in_order,
);

pub fn real(folder: &std::path::Path, clock: &Arc<TestClock>) -> SegmentJournal {
    let mut config = Config::new(folder.join("data"), clock.clone(), Arc::new(TellFold));
    config.segment_bytes = 1024 * 1024;
    config.reserve_bytes = 1024 * 1024;
    SegmentJournal::open(config).unwrap()
}
