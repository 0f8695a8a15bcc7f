//! The verdict on crafted logs: each field can become more than zero, and only by its own fault.

use super::*;
use crate::tongue::Tongue;

/// A run of questions by one contact, each accepted 1 ms after it left, 10 ms apart.
fn questions(count: i64) -> Ledger {
    let row = |nth: i64| Row {
        contact: 7,
        kind: Kind::Question,
        tongue: Tongue::Spanish,
        scheduled_us: 1 + nth * 10_000,
        sent_us: 1 + nth * 10_000,
        accepted_us: 1 + nth * 10_000 + 1_000,
    };
    ledger_of((0..count).map(row).collect())
}

fn chopped() -> Ledger {
    let row = |part: u8| Row {
        contact: 9,
        kind: Kind::Fragment(part),
        tongue: Tongue::Spanish,
        scheduled_us: 1 + i64::from(part) * 10_000,
        sent_us: 1 + i64::from(part) * 10_000,
        accepted_us: 1 + i64::from(part) * 10_000 + 1_000,
    };
    ledger_of((0..4).map(row).collect())
}

fn ledger_of(rows: Vec<Row>) -> Ledger {
    Ledger {
        first: 100,
        rows,
        webhook_us: ledger::histogram(),
        seconds: Vec::new(),
        began_us: 0,
        ended_us: 0,
        refused: 0,
        broken: 0,
        overloaded: false,
    }
}

fn reply(at_ms: i64, contact: u32, effect: u64, said: Said) -> Reply {
    Reply {
        at_us: at_ms * 1_000,
        contact: Some(contact),
        effect,
        said,
        tongue: None,
    }
}

fn answers(numbers: &[u64]) -> Vec<Reply> {
    let answer =
        |(at, number): (usize, &u64)| reply(50 + at as i64, 7, *number, Said::Unknown(*number));
    numbers.iter().enumerate().map(answer).collect()
}

fn sequence(said: &[Said]) -> Vec<Reply> {
    let one = |(at, said): (usize, &Said)| reply(50 + at as i64, 9, 1_000 + at as u64, *said);
    said.iter().enumerate().map(one).collect()
}

const WHOLE: [Said; 4] = [
    Said::AskedObject,
    Said::AskedSymptom,
    Said::Draft,
    Said::Cancelled,
];

/// A verdict with nothing wrong but this.
fn only(wrong: impl FnOnce(&mut Verdict)) -> Verdict {
    let mut verdict = Verdict::default();
    wrong(&mut verdict);
    verdict
}

#[test]
fn a_clean_run_has_an_empty_verdict() {
    let judgement = judge(&questions(3), &answers(&[100, 101, 102]));
    assert_eq!(judgement.verdict, Verdict::default());
    assert_eq!(judgement.to_provider_us.len(), 3);
    assert_eq!(
        judge(&chopped(), &sequence(&WHOLE)).verdict,
        Verdict::default()
    );
}

#[test]
fn an_accepted_message_without_reply_is_lost() {
    assert_eq!(
        judge(&questions(3), &answers(&[100, 102])).verdict,
        only(|found| found.lost = 1)
    );
    assert_eq!(
        judge(&chopped(), &sequence(&WHOLE[..3])).verdict,
        only(|found| found.lost = 1)
    );
    let mut refused = questions(3);
    refused.rows[1].accepted_us = 0;
    assert_eq!(
        judge(&refused, &answers(&[100, 102])).verdict,
        Verdict::default()
    );
}

#[test]
fn a_reply_taken_twice_is_doubled_whether_or_not_its_effect_is_the_same() {
    let doubled = Verdict {
        doubled: 1,
        ..Verdict::default()
    };
    let mut replies = answers(&[100, 101, 102, 101]);
    assert_eq!(judge(&questions(3), &replies).verdict, doubled);
    replies[3].effect = 999;
    assert_eq!(judge(&questions(3), &replies).verdict, doubled);
    let mut replies = sequence(&WHOLE);
    replies.push(replies[2]);
    assert_eq!(judge(&chopped(), &replies).verdict, doubled);
}

#[test]
fn a_reply_that_overtakes_an_earlier_one_is_out_of_order() {
    assert_eq!(
        judge(&questions(3), &answers(&[101, 100, 102])).verdict,
        only(|found| found.out_of_order = 1)
    );
    let swapped = [WHOLE[0], WHOLE[2], WHOLE[1], WHOLE[3]];
    assert_eq!(
        judge(&chopped(), &sequence(&swapped)).verdict,
        only(|found| found.out_of_order = 1)
    );
}

#[test]
fn messages_under_way_together_may_be_answered_in_either_order() {
    let mut together = questions(2);
    together.rows[0].accepted_us = together.rows[1].sent_us + 500;
    assert_eq!(
        judge(&together, &answers(&[101, 100])).verdict,
        Verdict::default()
    );
}

#[test]
fn a_reply_that_fits_nothing_said_is_a_wrong_state() {
    let mut replies = answers(&[100, 101]);
    replies.push(reply(90, 7, 555, Said::Other));
    assert_eq!(
        judge(&questions(2), &replies).verdict,
        only(|found| found.wrong_state = 1)
    );
    // The answer to somebody else's question.
    let mut replies = answers(&[100, 101]);
    replies[1].contact = Some(8);
    assert_eq!(
        judge(&questions(2), &replies).verdict,
        only(|found| {
            found.lost = 1;
            found.wrong_state = 1;
        })
    );
    // The greeting again instead of the draft.
    let greeted = [WHOLE[0], WHOLE[1], WHOLE[0], WHOLE[3]];
    assert_eq!(
        judge(&chopped(), &sequence(&greeted)).verdict,
        only(|found| {
            found.lost = 1;
            found.wrong_state = 1;
        })
    );
    // A person who is none of the load's.
    let mut replies = answers(&[100]);
    replies.push(Reply {
        contact: None,
        ..reply(90, 0, 556, Said::Other)
    });
    assert_eq!(judge(&questions(1), &replies).verdict.wrong_state, 1);
}

#[test]
fn to_provider_counts_from_the_schedule() {
    let judgement = judge(&questions(1), &answers(&[100]));
    let value = judgement.to_provider_us.max();
    assert!((49_900..50_100).contains(&value), "{value}");
    assert_eq!(judgement.replied_us, [50_000]);
}

#[test]
fn an_album_is_owed_one_reply_and_no_more() {
    let row = |nth: u8| Row {
        contact: 9,
        kind: Kind::Picture(nth),
        tongue: Tongue::Spanish,
        scheduled_us: 1,
        sent_us: 1,
        accepted_us: 1_000,
    };
    let album = ledger_of((0..3).map(row).collect());
    assert_eq!((album.owed(), album.accepted()), (1, 1));
    let asked = judge(&album, &sequence(&[Said::AskedAbout, Said::FileLost]));
    assert_eq!(asked.verdict.total(), 0, "{:?}", asked.examples);
    assert_eq!(judge(&album, &[]).verdict.lost, 1);
    let twice = judge(&album, &sequence(&[Said::AskedAbout, Said::AskedAbout]));
    assert_eq!(twice.verdict.wrong_state, 1);
}

#[test]
fn a_reply_in_another_language_is_wrong() {
    let mut replies = answers(&[100, 101]);
    replies[1].tongue = Some(Tongue::English);
    assert_eq!(judge(&questions(2), &replies).verdict.wrong_state, 1);
    let mut replies = sequence(&WHOLE);
    replies[2].tongue = Some(Tongue::Italian);
    let verdict = judge(&chopped(), &replies).verdict;
    assert_eq!((verdict.wrong_state, verdict.lost), (1, 0));
    replies[2].tongue = Some(Tongue::Spanish);
    assert_eq!(judge(&chopped(), &replies).verdict.wrong_state, 0);
}

#[test]
fn whoever_begins_in_a_recording_is_owed_a_reply_and_nothing_else_is_known() {
    let row = |(nth, contact, first): (i64, u32, bool)| Row {
        contact,
        kind: Kind::Recorded { first },
        tongue: Tongue::Spanish,
        scheduled_us: 1 + nth,
        sent_us: 1 + nth,
        accepted_us: 2 + nth,
    };
    let rows = [(0, 9, true), (1, 9, false), (2, 8, true)].map(row);
    let ledger = ledger_of(rows.to_vec());
    assert_eq!(ledger.owed(), 2);
    let to = |contact, effect| reply(50, contact, effect, Said::AskedObject);
    let judgement = judge(&ledger, &[to(9, 1), to(8, 2)]);
    assert_eq!(judgement.verdict, Verdict::default());
    assert_eq!(judgement.replied_us, [50_000, 0, 50_000]);
    let judgement = judge(&ledger, &[to(9, 1), to(9, 1), to(9, 3)]);
    assert_eq!((judgement.verdict.lost, judgement.verdict.doubled), (1, 1));
}
