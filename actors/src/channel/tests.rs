//! Claims about the channel's machine.

use super::{Context, Event, ITEMS_MAX, RAW_BYTES_MAX, State, decide, needs_look_up};
use crate::fold::{EntityFold, put_events};
use crate::journal::{Fold, StateBytes};
use crate::model::*;

const KEY: Key = Key::Channel(ChannelId([3; 16]));

const KEPT_MS: u64 = 90 * 86_400_000;
/// What a snapshot's body may have.
const SNAPSHOT_BYTES_MAX: usize = 64 * 1024;

fn input(n: u64, raw: &str) -> InEvent {
    InEvent {
        key: KEY,
        id: IdHash(n.to_be_bytes()),
        stamp: None,
        received: Millis(1_800_000_000_000),
        body: Inbound::Unplaced(Unplaced {
            tenant: TenantId::new("demo").unwrap(),
            why: WhyUnplaced::NoId,
            items: 1,
            bytes: raw.len() as u32,
            raw: raw.to_owned(),
        }),
    }
}

/// A channel whose every step is recorded.
#[derive(Default)]
struct Line {
    state: State,
    steps: Vec<Step>,
    now: Millis,
}

impl Line {
    /// Takes an input as the actor does; `seen` is what the seen index would say.
    fn take(&mut self, input: &InEvent, seen: impl Fn(IdHash) -> bool) -> Vec<Event> {
        let position = InSeq(self.steps.len() as u64 + 1);
        let context = Context {
            now: self.now,
            kept_ms: KEPT_MS,
            position,
            seen_before: needs_look_up(&self.state, input) && seen(input.id),
        };
        let decision = decide(&self.state, input, context);
        self.state = decision.state;
        self.steps.push(Step {
            consumed: position,
            input: input.id,
            now: input.received,
            schema: SCHEMA,
            events: put_events(&decision.events),
            effects: Vec::new(),
            closes: Vec::new(),
            wake: self.state.next_wake(KEPT_MS),
            set_aside: false,
        });
        decision.events
    }

    fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.state.encode(&mut bytes);
        bytes
    }
}

fn never(_: IdHash) -> bool {
    false
}

#[test]
fn an_item_that_comes_again_is_counted_and_kept_once() {
    let mut line = Line::default();
    for n in [1, 2, 1, 1] {
        line.take(&input(n, "{}"), never);
    }
    assert_eq!(line.state.items.len(), 2);
    assert_eq!(line.state.counts[&WhyUnplaced::NoId], 2);
    assert_eq!(line.state.repeats, 2);
}

#[test]
fn a_repeat_of_an_item_that_has_left_is_told_by_the_seen_index() {
    let mut line = Line::default();
    for n in 0..=ITEMS_MAX as u64 {
        line.take(&input(n, "{}"), |_| panic!("nothing has left yet"));
    }
    assert_eq!(line.state.gone, 1);
    assert!(!line.state.holds(input(0, "{}").id));
    let events = line.take(&input(0, "{}"), |_| true);
    assert_eq!(events, [Event::ItemRepeated]);
    line.take(&input(900, "{}"), never);
    assert_eq!(line.state.counts[&WhyUnplaced::NoId], ITEMS_MAX as u64 + 2);
}

#[test]
fn the_largest_items_for_ever_fit_a_snapshot_and_the_newest_keep_their_text() {
    let mut line = Line::default();
    let largest = "ñ".repeat(Unplaced::RAW_BYTES_MAX / 2);
    for n in 0..300 {
        line.take(&input(u64::MAX - n, &largest), never);
        assert!(line.encoded().len() <= SNAPSHOT_BYTES_MAX);
    }
    let kept = line.state.items.iter().filter(|item| item.raw.is_some());
    assert_eq!(kept.count(), RAW_BYTES_MAX / Unplaced::RAW_BYTES_MAX);
    assert!(line.state.items.back().unwrap().raw.is_some());
    assert_eq!(line.state.items.len(), ITEMS_MAX);
    assert_eq!(line.state.counts[&WhyUnplaced::NoId], 300);
}

#[test]
fn many_small_items_fit_a_snapshot_too() {
    let mut line = Line::default();
    let small = "x".repeat(RAW_BYTES_MAX / ITEMS_MAX);
    for n in 0..=ITEMS_MAX as u64 {
        line.take(&input(u64::MAX - n, &small), never);
    }
    assert!(line.state.items.iter().all(|item| item.raw.is_some()));
    assert!(line.encoded().len() <= SNAPSHOT_BYTES_MAX);
}

#[test]
fn folding_the_recorded_steps_gives_the_live_state_from_any_snapshot() {
    let mut line = Line::default();
    let mut snapshots = vec![None];
    for n in 0..260 {
        let raw = "y".repeat(n as usize * 7);
        line.take(&input(n % 230, &raw), |id| id.0[7] < 10);
        snapshots.push(Some(line.encoded()));
    }
    for at in [0, 1, 130, 230, 260] {
        let folded = EntityFold.fold(KEY, snapshots[at].as_deref(), &line.steps[at..]);
        assert_eq!(folded.unwrap(), line.encoded(), "from step {at}");
    }
}

#[test]
fn what_is_none_of_a_channels_inputs_changes_nothing() {
    let mut line = Line::default();
    let mut joined = input(1, "{}");
    joined.body = Inbound::Joined { into: KEY };
    assert_eq!(line.take(&joined, never), [Event::Ignored]);
    assert_eq!(line.state, State::default());
}

#[test]
fn a_text_is_forgotten_when_its_time_is_over_and_its_place_stays() {
    let mut line = Line::default();
    let first = input(1, "first");
    let mut second = input(2, "second");
    second.received = first.received.plus_ms(5_000);
    line.take(&first, never);
    line.take(&second, never);
    for (item, left) in [(&first, 1), (&second, 0)] {
        let due = line.steps.last().unwrap().wake.unwrap();
        assert_eq!(due, item.received.plus_ms(KEPT_MS).ceil_seconds());
        line.now = due.to_millis();
        let mut woken = input(3, "");
        woken.body = Inbound::Woken { due };
        line.take(&woken, never);
        let texts = line.state.items.iter().filter(|item| item.raw.is_some());
        assert_eq!(texts.count(), left);
    }
    assert_eq!(line.steps.last().unwrap().wake, None);
    assert_eq!(line.state.items.len(), 2);
    line.take(&first, never);
    assert_eq!(line.state.repeats, 1);
}
