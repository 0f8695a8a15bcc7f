//! The journal on the disk of this machine: appending with its fdatasync, and loading a contact that
//! sleeps.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actors::contact::State;
use actors::fold::EntityFold;
use actors::journal::Journal as _;
use actors::journal::adapter::{Config, SegmentJournal};
use actors::model::{ContactId, IdHash, InEvent, Key, Version};
use actors::ports::SystemClock;
use chasqui_bench::{Asked, NOW};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use futures::executor::block_on;
use futures::future::join_all;

/// Contacts that sleep while one of them is loaded.
const SLEEPING: u64 = 10_000;

fn main() {
    divan::main();
}

/// Webhooks that wait for the disk at the same time share its flushes.
#[divan::bench(args = [1, 64, 512])]
fn append(bencher: Bencher<'_, '_>, waiting: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(folder.path());
    let asked = Asked::again();
    let next = AtomicU64::new(0);
    bencher.counter(ItemsCount::new(waiting)).bench(|| {
        let first = next.fetch_add(waiting, Ordering::Relaxed);
        let inputs = (first..first + waiting).map(|n| input(&asked, n));
        let accepted = inputs.map(|input| journal.accept(vec![input]));
        for accepted in block_on(join_all(accepted)) {
            accepted.expect("there is room");
        }
    });
}

/// Everything that brings one of many contacts back to life: its snapshot or its last records, read,
/// opened and decoded.
#[divan::bench]
fn wake_up(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(folder.path());
    let asked = Asked::again();
    for n in 0..SLEEPING {
        block_on(sleep(&journal, &asked, n));
    }
    let next = AtomicU64::new(0);
    bencher.bench(|| {
        // Far from each other, so that neighbours in the index do not help.
        let n = next.fetch_add(7_919, Ordering::Relaxed) % SLEEPING;
        let loaded = block_on(journal.load(key(n))).expect("it is there");
        let mut state = match &loaded.state {
            Some(bytes) => State::decode(bytes).expect("it was written here"),
            None => State::default(),
        };
        for step in &loaded.tail {
            state.fold(step).expect("it was written here");
        }
        assert!(state.tenant.is_some());
        black_box(state)
    });
}

/// A contact writes, is answered and sleeps.
async fn sleep(journal: &SegmentJournal, asked: &Asked, n: u64) {
    let accepted = journal.accept(vec![input(asked, n)]).await;
    let position = accepted.expect("there is room")[0].seq;
    let decision = asked.decide(NOW);
    let mut step = asked.step(&decision, position);
    step.input = input(asked, n).id;
    step.effects.clear();
    let committed = journal
        .commit(key(n), &step, None, Version(0), &decision.state)
        .await;
    committed.expect("it is the first step");
}

fn input(asked: &Asked, n: u64) -> InEvent {
    InEvent {
        key: key(n),
        id: IdHash(n.to_be_bytes()),
        ..asked.message.clone()
    }
}

fn key(n: u64) -> Key {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    Key::Contact(ContactId(id))
}

fn open(folder: &Path) -> SegmentJournal {
    let config = Config::new(
        folder.join("data"),
        Arc::new(SystemClock),
        Arc::new(EntityFold),
    );
    SegmentJournal::open(config).expect("a new journal opens")
}
