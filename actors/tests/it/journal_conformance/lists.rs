//! What is asked across entities: wakes, backlog, the operators' desk.

use actors::journal::Journal;
use actors::model::{AttemptNo, Note, Outcome, Seconds, Shelf, Strike, Version};

use crate::support::people::{Told, accept, event, hash, key, outcome, sending, step};

pub async fn wake_is_the_last_steps_wish(journal: impl Journal) {
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

pub async fn backlog_names_who_has_work_left(journal: impl Journal) {
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

pub async fn desk_shows_shelved_effects_and_inputs_set_aside(journal: impl Journal) {
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
