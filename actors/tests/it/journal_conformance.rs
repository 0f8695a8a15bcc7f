//! What every adapter of [`Journal`] promises, run on each of them.

use std::sync::Arc;

use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::disk::sim::SimDisk;
use actors::journal::memory::MemoryJournal;
use actors::journal::{CommitError, Entry, Journal};
use actors::model::{AttemptNo, InSeq, Note, Outcome, Partition, Seconds, Shelf, Strike, Version};

use crate::support::people::{
    TellFold, TestClock, Told, accept, clock, done, event, hash, key, open, outcome, run, sending,
    state_of, step,
};

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
    SegmentJournal::open(config).unwrap()
}

async fn inputs_come_back_in_order_of_acceptance(journal: impl Journal) {
    let batch = vec![
        event(key(1), 1, 10),
        event(key(2), 2, 10),
        event(key(1), 3, 10),
    ];
    let accepted = journal.accept(batch).await.unwrap();
    let positions: Vec<InSeq> = accepted.iter().map(|accepted| accepted.seq).collect();
    assert!(positions.is_sorted());
    let inputs = journal.next_inputs(key(1), InSeq(0), 10).await.unwrap();
    let found: Vec<_> = inputs.iter().map(|(seq, input)| (*seq, input.id)).collect();
    assert_eq!(found, [(positions[0], hash(1)), (positions[2], hash(3))]);
    let after = journal.next_inputs(key(1), positions[0], 10).await.unwrap();
    assert_eq!(after.len(), 1);
    let first = journal.next_inputs(key(1), InSeq(0), 1).await.unwrap();
    assert_eq!(first, inputs[..1]);
    assert_eq!(first[0].1, event(key(1), 1, 10));
    assert_eq!(journal.next_inputs(key(3), InSeq(0), 9).await.unwrap(), []);
}

async fn accepted_input_names_the_one_before_it(journal: impl Journal) {
    // Right after a start the journal may not know; once anything else was asked, it does.
    journal.load(key(1)).await.unwrap();
    let first = accept(&journal, key(1), 1).await.unwrap();
    let second = accept(&journal, key(1), 2).await.unwrap();
    assert_eq!(first.previous, Some(InSeq(0)));
    assert_eq!(second.previous, Some(first.seq));
    for at in [first.seq, second.seq] {
        let version = journal.load(key(1)).await.unwrap().version;
        let step = step(key(1), at, hash(at.0), 0, false);
        journal
            .commit(key(1), &step, None, version, &Told::default())
            .await
            .unwrap();
    }
    let third = accept(&journal, key(1), 3).await.unwrap();
    assert_eq!(third.previous, Some(second.seq));
}

async fn step_moves_version_and_consumed_position(journal: impl Journal) {
    let empty = journal.load(key(1)).await.unwrap();
    assert_eq!((empty.version, empty.consumed), (Version(0), InSeq(0)));
    let mut told = Told::default();
    let mut version = Version(0);
    for id in 1..=40 {
        let at = accept(&journal, key(1), id).await.unwrap().seq;
        let step = step(key(1), at, hash(id), 0, false);
        told.fold(&step);
        version = journal
            .commit(key(1), &step, None, version, &told)
            .await
            .unwrap();
        let loaded = journal.load(key(1)).await.unwrap();
        assert_eq!((loaded.version, loaded.consumed), (Version(id), at));
        assert_eq!(state_of(key(1), &loaded), told.0, "after step {id}");
        journal.settled(key(1), at).await.unwrap();
    }
    let left = journal.next_inputs(key(1), journal.load(key(1)).await.unwrap().consumed, 9);
    assert_eq!(left.await.unwrap(), []);
}

async fn second_writer_of_a_version_is_fenced(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let step = step(key(1), at, hash(1), 0, false);
    let told = Told::default();
    let commit = || journal.commit(key(1), &step, None, Version(0), &told);
    commit().await.unwrap();
    let moved = CommitError::Moved {
        key: key(1),
        expected: 0,
        found: 1,
    };
    assert_eq!(commit().await, Err(moved));
    assert_eq!(journal.load(key(1)).await.unwrap().version, Version(1));
}

async fn effect_stays_open_until_its_end(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let step = step(key(1), at, hash(1), 2, false);
    let [first, second] = [step.effects[0].id, step.effects[1].id];
    journal
        .commit(key(1), &step, None, Version(0), &Told::default())
        .await
        .unwrap();
    let open = journal.load(key(1)).await.unwrap().open;
    assert_eq!(open.len(), 2);
    assert_eq!(
        (&open[0].effect, open[0].planned),
        (&step.effects[0], step.now)
    );
    assert_eq!(open[1].last, None);
    journal
        .attempt(key(1), &sending(first, 1), AttemptNo(0))
        .await
        .unwrap();
    let open = journal.load(key(1)).await.unwrap().open;
    let last = open[0].last.clone().unwrap();
    assert_eq!(
        (last.no, last.sent.0, last.outcome),
        (AttemptNo(1), 1, None)
    );
    let doubt = Outcome::InDoubt {
        reason: "time-out".into(),
    };
    let told = outcome(first, 1, doubt.clone());
    journal.attempt(key(1), &told, AttemptNo(1)).await.unwrap();
    let open = journal.load(key(1)).await.unwrap().open;
    let (_, how) = open[0].last.clone().unwrap().outcome.unwrap();
    assert_eq!(how, doubt);
    let told = outcome(first, 1, done());
    journal.attempt(key(1), &told, AttemptNo(1)).await.unwrap();
    let open = journal.load(key(1)).await.unwrap().open;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].effect.id, second);
}

async fn reported_effect_stays_open_until_a_step_closes_it(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let first = step(key(1), at, hash(1), 1, true);
    let effect = first.effects[0].id;
    journal
        .commit(key(1), &first, None, Version(0), &Told::default())
        .await
        .unwrap();
    journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await
        .unwrap();
    let told = outcome(effect, 1, done());
    journal.attempt(key(1), &told, AttemptNo(1)).await.unwrap();
    assert_eq!(journal.load(key(1)).await.unwrap().open.len(), 1);
    let at = accept(&journal, key(1), 2).await.unwrap().seq;
    let mut second = step(key(1), at, hash(2), 0, false);
    second.closes.push(effect);
    journal
        .commit(key(1), &second, None, Version(1), &Told::default())
        .await
        .unwrap();
    assert_eq!(journal.load(key(1)).await.unwrap().open, []);
}

async fn attempt_must_follow_the_last_one_on_record(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let step = step(key(1), at, hash(1), 1, false);
    let effect = step.effects[0].id;
    let early = journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await;
    assert!(matches!(early, Err(CommitError::Moved { .. })), "{early:?}");
    journal
        .commit(key(1), &step, None, Version(0), &Told::default())
        .await
        .unwrap();
    journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await
        .unwrap();
    let again = journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await;
    let moved = CommitError::Moved {
        key: key(1),
        expected: 0,
        found: 1,
    };
    assert_eq!(again, Err(moved));
}

async fn first_attempt_is_recorded_with_its_step(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let step = step(key(1), at, hash(1), 2, false);
    let first = sending(step.effects[1].id, 1);
    let told = Told::default();
    journal
        .commit(key(1), &step, Some(&first), Version(0), &told)
        .await
        .unwrap();
    let open = journal.load(key(1)).await.unwrap().open;
    assert_eq!(open[0].last, None);
    assert_eq!(
        open[1].last.as_ref().map(|last| last.no),
        Some(AttemptNo(1))
    );
}

async fn input_is_seen_only_by_later_ones(journal: impl Journal) {
    let first = accept(&journal, key(1), 7).await.unwrap().seq;
    let second = accept(&journal, key(1), 7).await.unwrap().seq;
    let partition = key(1).partition(64);
    assert!(!journal.seen(partition, hash(7), first).await.unwrap());
    assert!(journal.seen(partition, hash(7), second).await.unwrap());
    assert!(!journal.seen(partition, hash(8), second).await.unwrap());
    let other = Partition((partition.0 + 1) % 64);
    assert!(!journal.seen(other, hash(7), second).await.unwrap());
}

async fn wake_is_the_last_steps_wish(journal: impl Journal) {
    let partition = key(1).partition(64);
    for (id, wake) in [(1, Some(Seconds(50))), (2, Some(Seconds(70))), (3, None)] {
        let at = accept(&journal, key(1), id).await.unwrap().seq;
        let mut step = step(key(1), at, hash(id), 0, false);
        step.wake = wake;
        let version = Version(id - 1);
        journal
            .commit(key(1), &step, None, version, &Told::default())
            .await
            .unwrap();
        let wakes = journal.wakes(partition).await.unwrap();
        let expected: Vec<_> = wake.iter().map(|due| (key(1), *due)).collect();
        assert_eq!(wakes, expected);
    }
}

async fn backlog_names_who_has_work_left(journal: impl Journal) {
    let partition = key(1).partition(64);
    assert_eq!(journal.backlog(partition).await.unwrap(), []);
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    assert_eq!(journal.backlog(partition).await.unwrap(), [key(1)]);
    let step = step(key(1), at, hash(1), 1, false);
    let effect = step.effects[0].id;
    journal
        .commit(key(1), &step, None, Version(0), &Told::default())
        .await
        .unwrap();
    assert_eq!(journal.backlog(partition).await.unwrap(), [key(1)]);
    let shelved = Outcome::Shelved {
        shelf: Shelf::DeadLetter,
        reason: "three tries".into(),
    };
    journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await
        .unwrap();
    journal
        .attempt(key(1), &outcome(effect, 1, shelved), AttemptNo(1))
        .await
        .unwrap();
    assert_eq!(journal.backlog(partition).await.unwrap(), []);
    assert_eq!(journal.load(key(1)).await.unwrap().open.len(), 1);
}

async fn desk_shows_shelved_effects_and_inputs_set_aside(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    let strike = Strike {
        input: at,
        weight: 5,
        reason: "index out of bounds".into(),
    };
    journal.note(key(1), &Note::Strike(strike)).await.unwrap();
    let mut aside = step(key(1), at, hash(1), 0, false);
    aside.set_aside = true;
    journal
        .commit(key(1), &aside, None, Version(0), &Told::default())
        .await
        .unwrap();
    let second = accept(&journal, key(1), 2).await.unwrap().seq;
    let planned = step(key(1), second, hash(2), 1, false);
    let effect = planned.effects[0].id;
    journal
        .commit(key(1), &planned, None, Version(1), &Told::default())
        .await
        .unwrap();
    let shelved = Outcome::Shelved {
        shelf: Shelf::Uncertain,
        reason: "nobody knows".into(),
    };
    journal
        .attempt(key(1), &sending(effect, 1), AttemptNo(0))
        .await
        .unwrap();
    journal
        .attempt(key(1), &outcome(effect, 1, shelved), AttemptNo(1))
        .await
        .unwrap();
    let desk = journal.desk(10).await.unwrap();
    assert_eq!(desk.effects().collect::<Vec<_>>(), [effect]);
    let expected = (at, event(key(1), 1, 20), "index out of bounds".to_owned());
    assert_eq!(desk.quarantined, [expected]);
    assert_eq!(journal.desk(0).await.unwrap().shelved.len(), 0);
    journal
        .note(key(1), &Note::Released { input: at })
        .await
        .unwrap();
    assert_eq!(journal.desk(10).await.unwrap().quarantined.len(), 0);
}

async fn strikes_count_against_the_next_input(journal: impl Journal) {
    let first = accept(&journal, key(1), 1).await.unwrap().seq;
    accept(&journal, key(1), 2).await.unwrap();
    for weight in [1, 2] {
        let strike = Strike {
            input: first,
            weight,
            reason: "panic".into(),
        };
        journal.note(key(1), &Note::Strike(strike)).await.unwrap();
    }
    assert_eq!(journal.load(key(1)).await.unwrap().strikes, 3);
    let step = step(key(1), first, hash(1), 0, false);
    journal
        .commit(key(1), &step, None, Version(0), &Told::default())
        .await
        .unwrap();
    assert_eq!(journal.load(key(1)).await.unwrap().strikes, 0);
}

async fn alias_and_merge_are_remembered(journal: impl Journal) {
    let alias = [9; 16];
    assert_eq!(journal.resolve(alias).await.unwrap(), None);
    journal.note(key(1), &Note::Alias { alias }).await.unwrap();
    assert_eq!(journal.resolve(alias).await.unwrap(), Some(key(1)));
    journal
        .note(key(2), &Note::Merged { into: key(1) })
        .await
        .unwrap();
    assert_eq!(
        journal.load(key(2)).await.unwrap().merged_into,
        Some(key(1))
    );
    assert_eq!(journal.load(key(1)).await.unwrap().merged_into, None);
}

async fn history_tells_all_records_in_order(journal: impl Journal) {
    let at = accept(&journal, key(1), 1).await.unwrap().seq;
    accept(&journal, key(2), 2).await.unwrap();
    let step = step(key(1), at, hash(1), 1, false);
    let first = sending(step.effects[0].id, 1);
    let told = Told::default();
    journal
        .commit(key(1), &step, Some(&first), Version(0), &told)
        .await
        .unwrap();
    let ended = outcome(step.effects[0].id, 1, done());
    journal.attempt(key(1), &ended, AttemptNo(1)).await.unwrap();
    let all = [
        Entry::Input(at, event(key(1), 1, 20)),
        Entry::Step(Version(1), step),
        Entry::Attempt(first),
        Entry::Attempt(ended),
    ];
    assert_eq!(journal.history(key(1), 0..u64::MAX).await.unwrap(), all);
    assert_eq!(journal.history(key(1), 1..3).await.unwrap(), all[1..3]);
}
