//! Effects and their attempts.

use actors::journal::{CommitError, Journal};
use actors::model::{AttemptNo, Outcome, Version};

use crate::support::people::{Told, accept, done, hash, key, outcome, sending, step};

pub async fn effect_stays_open_until_its_end(journal: impl Journal) {
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

pub async fn reported_effect_stays_open_until_a_step_closes_it(journal: impl Journal) {
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

pub async fn attempt_must_follow_the_last_one_on_record(journal: impl Journal) {
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

pub async fn first_attempt_is_recorded_with_its_step(journal: impl Journal) {
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
