//! What an entity reads back: inputs, steps, strikes, names, history.

use actors::journal::{CommitError, Entry, Journal};
use actors::model::{AttemptNo, InSeq, Note, Partition, Strike, Version};

use crate::support::people::{
    Told, accept, done, event, hash, key, outcome, sending, state_of, step,
};

pub async fn inputs_come_back_in_order_of_acceptance(journal: impl Journal) {
    let batch = vec![
        event(key(1), 1, 10),
        event(key(2), 2, 10),
        event(key(1), 3, 10),
    ];
    let accepted = journal.accept(batch).await.unwrap();
    let positions: Vec<InSeq> = accepted.iter().map(|accepted| accepted.seq).collect();
    assert!(positions[0] < positions[2]);
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

pub async fn accepted_input_names_the_one_before_it(journal: impl Journal) {
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

pub async fn step_moves_version_and_consumed_position(journal: impl Journal) {
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
        journal.settled(key(1));
    }
    let left = journal.next_inputs(key(1), journal.load(key(1)).await.unwrap().consumed, 9);
    assert_eq!(left.await.unwrap(), []);
}

pub async fn second_writer_of_a_version_is_fenced(journal: impl Journal) {
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

pub async fn input_is_seen_only_by_later_ones(journal: impl Journal) {
    let first = accept(&journal, key(1), 7).await.unwrap().seq;
    let second = accept(&journal, key(1), 7).await.unwrap().seq;
    let partition = key(1).partition(64);
    assert!(!journal.seen(partition, hash(7), first).await.unwrap());
    assert!(journal.seen(partition, hash(7), second).await.unwrap());
    assert!(!journal.seen(partition, hash(8), second).await.unwrap());
    let other = Partition((partition.0 + 1) % 64);
    assert!(!journal.seen(other, hash(7), second).await.unwrap());
}

pub async fn strikes_count_against_the_next_input(journal: impl Journal) {
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

pub async fn alias_and_merge_are_remembered(journal: impl Journal) {
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

pub async fn history_tells_all_records_in_order(journal: impl Journal) {
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
