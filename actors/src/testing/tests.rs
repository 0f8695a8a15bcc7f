//! Claims about many worlds.

use super::*;

/// A size that the environment may change.
fn sized(variable: &str, default: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.map_or(default, |text| text.parse().expect("a number"))
}

/// Worlds lived through; `CHASQUI_WORLD_SEEDS` asks for more.
fn worlds() -> u64 {
    sized("CHASQUI_WORLD_SEEDS", 200)
}

#[test]
fn every_promise_holds_in_every_world() {
    let (mut sums, mut documents, mut erased, mut by_second) = ([0; 12], 0, [0; 2], 0);
    let mut held = 0;
    for seed in 0..worlds() {
        let history = World::new(seed, None).run();
        let history = history.unwrap_or_else(|violation| panic!("seed {seed}: {violation:?}"));
        let counts = [
            history.steps,
            history.messages,
            history.repeats,
            history.tickets,
            history.shelved,
            history.crashes_with_calls as usize,
            history.quarantined,
            history.released,
            history.redriven,
            history.merges,
            history.marketing,
            history.words,
        ];
        documents += history.documents;
        erased[0] += history.erased;
        erased[1] += history.unsent;
        by_second += history.by_second;
        held += history.held;
        sums.iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    let [
        steps,
        messages,
        repeats,
        tickets,
        shelved,
        crashes,
        more @ ..,
    ] = sums;
    let [quarantined, released, redriven, merges, marketing, words] = more;
    println!(
        "{steps} steps, {messages} messages, {repeats} marked repeats, {tickets} tickets, \
         {documents} documents, {shelved} shelved, {crashes} crashes with calls in flight, \
         {quarantined} set aside, {released} released, {redriven} redriven, {merges} contacts \
         merged, {marketing} calls of marketing, {words} words of technicians told, {by_second} messages by a second line"
    );
    assert!(
        steps > 5_000 && messages > 2_000 && tickets > 200,
        "the worlds are empty"
    );
    assert!(documents > 100, "nobody sent a file");
    assert!(repeats > 0 && crashes > 50, "nothing went wrong in them");
    assert!(
        quarantined > 50 && merges > 20,
        "nobody was poisoned or merged"
    );
    assert!(released > 20 && redriven > 20, "the operators slept");
    assert!(marketing > 50, "nobody got marketing");
    assert!(by_second > 100, "no first line was ever out for long");
    assert!(words > 500, "the technicians slept");
    println!("{held} messages held while the help desk was asked");
    assert!(held > 200, "no number was ever in question");
    let [erased, unsent] = erased;
    println!("{erased} contacts forgotten, {unsent} effects unsent with them");
    assert!(erased > 50 && unsent > 10, "nobody was forgotten under way");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..20 {
        let history = |seed| World::new(seed, None).run();
        assert_eq!(history(seed), history(seed));
        assert_ne!(
            history(seed).map(|h| h.hash),
            history(seed + 1_000).map(|h| h.hash)
        );
    }
}

#[test]
fn every_sabotage_is_noticed() {
    for sabotage in Sabotage::ALL {
        let noticed = (0..200).find_map(|seed| {
            let violation = World::new(seed, Some(sabotage)).run().err()?;
            Some((seed, violation))
        });
        let Some((seed, violation)) = noticed else {
            panic!("{sabotage:?} was not noticed in 200 worlds");
        };
        println!("{sabotage:?}: seed {seed}, {violation:?}");
    }
}

/// `CHASQUI_SOAK_HOURS`, `CHASQUI_SOAK_PEOPLE` and `CHASQUI_SEED` change its size and its seed.
#[test]
fn three_days_in_virtual_time_break_no_promise() {
    let seed = sized("CHASQUI_SEED", 72);
    let hours = sized("CHASQUI_SOAK_HOURS", 72);
    let people = sized("CHASQUI_SOAK_PEOPLE", 40);
    let history = World::soak(seed, hours, people).run();
    let history = history.unwrap_or_else(|violation| {
        panic!("seed {seed}: {violation:?}; repeat it with CHASQUI_SEED={seed}")
    });
    assert!(history.inputs as u64 > people, "{history:?}");
    assert!(history.tickets > 0 && history.messages > 0, "{history:?}");
}
