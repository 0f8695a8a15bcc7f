//! Deciding, recording and naming: what the core does between a parsed webhook and the disk.

use actors::contact::State;
use actors::journal::StateBytes as _;
use actors::journal::codec;
use actors::journal::record::Kind;
use actors::model::{Identity, IdentityKey, InSeq, Name, Phone, Step};
use chasqui_bench::{Asked, NOW};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// A text is understood and answered.
#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let asked = Asked::again();
    bencher.bench(|| black_box(&asked).decide(NOW));
}

/// A step as bytes.
#[divan::bench]
fn codec_encode_step(bencher: Bencher<'_, '_>) {
    let step = step();
    bencher.bench(|| codec::encode(black_box(&step)));
}

/// The bytes as a step.
#[divan::bench]
fn codec_decode_step(bencher: Bencher<'_, '_>) {
    let bytes = codec::encode(&step());
    bencher.bench(|| codec::decode(Kind::Step, black_box(&bytes)));
}

/// A contact as a snapshot.
#[divan::bench]
fn codec_encode_contact(bencher: Bencher<'_, '_>) {
    let state = Asked::again().state;
    bencher.bench(|| {
        let mut bytes = Vec::new();
        black_box(&state).encode(&mut bytes);
        bytes
    });
}

/// A snapshot as a contact: the part of a wake-up that needs no disk.
#[divan::bench]
fn codec_decode_contact(bencher: Bencher<'_, '_>) {
    let mut bytes = Vec::new();
    Asked::again().state.encode(&mut bytes);
    bencher.bench(|| State::decode(black_box(&bytes)));
}

/// From a number to its contact.
#[divan::bench]
fn identity_of_a_contact(bencher: Bencher<'_, '_>) {
    let key = IdentityKey::new(&[7; 32]);
    let tenant = Name::new("demo").expect("a name");
    let phone = Identity::Phone(Phone::parse("51999888777").expect("a number"));
    bencher.bench(|| key.contact_id(black_box(&tenant), black_box(&phone)));
}

/// From a provider's message id to the hash that recognises it again.
#[divan::bench]
fn identity_of_an_input(bencher: Bencher<'_, '_>) {
    let key = IdentityKey::new(&[7; 32]);
    let id = b"wamid.HBgLNTE5OTk4ODg3NzcVAgASGBQzQTg3";
    bencher.bench(|| key.id_hash(black_box(b"meta/106540352242922"), black_box(id)));
}

fn step() -> Step {
    let asked = Asked::again();
    asked.step(&asked.decide(NOW), InSeq(7))
}
