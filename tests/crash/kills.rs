//! The kill loop: people write all the time, the server is killed and started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::oracle;
use crate::people::{Carrier, Person, converse};
use crate::plan::{FAIL_POINTS, Moment, plan};
use crate::seed::{now_ms, number, seed};
use crate::server::Server;
use crate::stages::{Stage, Tally};
use crate::tenants::TENANTS;
use crate::world::World;

/// Conversations held at a time.
const AT_ONCE: usize = 64;
/// People of one run, each with a name of their own.
const PEOPLE_MAX: usize = 4_000;
/// The server stands at a fail point when nothing moves for so long and a thread sleeps.
const STILL: Duration = Duration::from_millis(250);
/// How long a fail point is waited for.
const REACHED_WITHIN: Duration = Duration::from_secs(8);
/// A send that a kill left in doubt is repeated 30 s later, if at all.
const LATE_REPEATS: Duration = Duration::from_secs(36);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_no_message_is_lost_and_nothing_is_doubled() {
    let (seed, kills) = (seed(), number("CHASQUI_KILLS").unwrap_or(50) as usize);
    let repeat_with = format!(
        "CHASQUI_SEED={seed} CHASQUI_KILLS={kills} cargo test --test crash killed_at_any_moment"
    );
    println!("kill loop: {repeat_with}");
    let mut round = Round::begin(seed).await;
    for (nth, moment) in plan(seed, kills).into_iter().enumerate() {
        let stage = round.kill(moment).await;
        println!("kill {:>3}: {stage}", nth + 1);
    }
    let people = round.let_people_finish().await;
    oracle::settle(&round.world, &people, Duration::from_secs(150)).await;
    tokio::time::sleep(LATE_REPEATS.saturating_sub(round.started.elapsed())).await;
    let verdict = oracle::judge(&round.world, &round.server, &people, &round.kills).await;

    println!("kills by what they interrupted:\n{}", round.tally);
    println!(
        "{} people, {} messages accepted, {} sent, {} tickets, {} marked repeats, {} at the desk; \
         answers other than 200: {:?}; listening again after {:?}",
        people.len(),
        round.carrier.counts().accepted().len(),
        verdict.messages,
        verdict.tickets,
        verdict.marked_repeats,
        verdict.at_the_desk,
        round.carrier.counts().refusals(),
        round.typical_start(),
    );
    round.write_result(&verdict);
    oracle::acquit(&verdict, &repeat_with);
    let wanted = kills / 5;
    let in_flight = round.tally.of("any call in flight");
    assert!(
        in_flight >= wanted,
        "only {in_flight} of {kills} kills had a call in flight, {wanted} are wanted; {repeat_with}"
    );
    for point in FAIL_POINTS.iter().take(kills * 3 / 10) {
        assert!(
            round.tally.of(point) > 0,
            "no kill at {point}; {repeat_with}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_the_data_directory_is_made_leaves_one_that_opens() {
    let seed = seed();
    println!("CHASQUI_SEED={seed}");
    let world = World::start(seed).await;
    let mut server = Server::new(&world, |_| ());
    let mut dice = StdRng::seed_from_u64(seed);
    for round in 0..6 {
        server.spawn("");
        let wait_ms = dice.random_range(0..600 * (round + 1));
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        server.kill(&world).await;
    }
    server.start(&world).await;
    let carrier = Carrier::new(server.watch_address());
    converse(carrier, seed, 0).await;
    let people = [Person::nth(seed, 0)];
    oracle::settle(&world, &people, Duration::from_secs(60)).await;
    let verdict = oracle::judge(&world, &server, &people, &[]).await;
    oracle::acquit(&verdict, &format!("CHASQUI_SEED={seed}"));
}

/// A run of the kill loop.
struct Round {
    world: World,
    server: Server,
    carrier: Carrier,
    crowd: tokio::task::JoinHandle<usize>,
    closing: Arc<AtomicBool>,
    seed: u64,
    kills: Vec<u64>,
    tally: Tally,
    starts: Vec<Duration>,
    started: Instant,
}

impl Round {
    async fn begin(seed: u64) -> Self {
        let world = World::start(seed).await;
        slow_down(&world);
        let mut server = Server::new(&world, |_| ());
        server.start(&world).await;
        let carrier = Carrier::new(server.watch_address());
        let closing = Arc::new(AtomicBool::new(false));
        let crowd = tokio::spawn(gather(carrier.clone(), seed, closing.clone()));
        let mut round = Self {
            world,
            server,
            carrier,
            crowd,
            closing,
            seed,
            kills: Vec::new(),
            tally: Tally::default(),
            starts: Vec::new(),
            started: Instant::now(),
        };
        // The first start made the data directory; the loop begins with a kill.
        round.server.kill(&round.world).await;
        round
    }

    async fn kill(&mut self, moment: Moment) -> Stage {
        let mut stage = Stage::default();
        match moment {
            Moment::Starting(after) => {
                stage.starting = true;
                self.server.spawn("");
                tokio::time::sleep(after).await;
            }
            Moment::Running(after) => {
                self.start().await;
                tokio::time::sleep(after).await;
            }
            Moment::At { point, .. } => {
                let patience = Duration::from_secs(20);
                let failpoints = moment.failpoints();
                let listens = self
                    .server
                    .start_with(&self.world, &failpoints, patience)
                    .await;
                stage.starting = !listens;
                if self.stands_still().await {
                    stage.point = Some(point);
                }
            }
        }
        let counts = self.carrier.counts();
        let accepted = counts.accepted().len();
        stage.at_the_door = counts.at_the_door.load(Ordering::SeqCst);
        let killed_ms = now_ms();
        self.server.kill(&self.world).await;
        stage.read(&self.world.log().await, killed_ms, accepted);
        self.kills.push(killed_ms);
        self.tally.add(&stage);
        stage
    }

    async fn start(&mut self) {
        let begun = Instant::now();
        self.server.start(&self.world).await;
        self.starts.push(begun.elapsed());
        self.started = Instant::now();
    }

    /// Waits until the server stands at its fail point: messages wait, nothing moves, and a
    /// thread sleeps.
    async fn stands_still(&self) -> bool {
        let begun = Instant::now();
        let mut since = Instant::now();
        let mut last = (0, 0);
        while begun.elapsed() < REACHED_WITHIN {
            tokio::time::sleep(Duration::from_millis(25)).await;
            let accepted = self.carrier.counts().accepted().len();
            let requests = self.world.counts().await["lines"].as_u64().unwrap();
            if (accepted, requests) != last {
                last = (accepted, requests);
                since = Instant::now();
            }
            let sleeps = self.server.sleeping_threads().is_none_or(|count| count > 0);
            if since.elapsed() >= STILL && sleeps {
                return true;
            }
        }
        false
    }

    /// Starts the server for good; nobody new comes, and those who write finish.
    async fn let_people_finish(&mut self) -> Vec<Person> {
        self.closing.store(true, Ordering::SeqCst);
        self.start().await;
        let finished = tokio::time::timeout(Duration::from_secs(120), &mut self.crowd).await;
        let count = finished
            .unwrap_or_else(|_| {
                panic!(
                    "messages are still refused: {:?}; the server said:\n{}",
                    self.carrier.counts().refusals(),
                    self.server.last_words()
                )
            })
            .unwrap();
        (0..count).map(|nth| Person::nth(self.seed, nth)).collect()
    }

    fn typical_start(&self) -> Duration {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts[starts.len() / 2]
    }

    /// Adds a line to the file of results, when one is named.
    fn write_result(&self, verdict: &oracle::Verdict) {
        let Ok(path) = std::env::var("CHASQUI_RESULTS") else {
            return;
        };
        let result = json!({
            "seed": self.seed,
            "kills": self.kills.len(),
            "stages": self.tally.to_json(),
            "messages": verdict.messages,
            "tickets": verdict.tickets,
            "marked_repeats": verdict.marked_repeats,
            "at_the_desk": verdict.at_the_desk,
            "complaints": verdict.complaints.len(),
        });
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        std::io::Write::write_all(&mut file, format!("{result}\n").as_bytes()).unwrap();
    }
}

/// Providers that take their time, so that kills find calls in flight. Half of the second
/// number's statuses never come, so that some doubts end in a repeat.
fn slow_down(world: &World) {
    world.fault(json!(
        {"provider": "meta", "method": "POST", "kind": "delay", "ms": 60, "jitter_ms": 140}
    ));
    world.fault(json!(
        {"provider": "glpi", "method": "POST", "path": "/Ticket", "kind": "delay", "ms": 80, "jitter_ms": 200}
    ));
    world.control(json!({"meta": {TENANTS[1].channel: {"webhooks": {"drop": 0.5}}}}));
}

/// People come one after the other until it closes; gives how many came, once all have
/// written everything.
async fn gather(carrier: Carrier, seed: u64, closing: Arc<AtomicBool>) -> usize {
    let mut dice = StdRng::seed_from_u64(seed.rotate_left(17));
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut conversations = JoinSet::new();
    let mut count = 0;
    while !closing.load(Ordering::SeqCst) && count < PEOPLE_MAX {
        let place = places.clone().acquire_owned().await.unwrap();
        let (carrier, nth) = (carrier.clone(), count);
        conversations.spawn(async move {
            converse(carrier, seed, nth).await;
            drop(place);
        });
        count += 1;
        tokio::time::sleep(Duration::from_millis(dice.random_range(60..180))).await;
    }
    conversations.join_all().await;
    count
}
