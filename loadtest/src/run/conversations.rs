//! Whole conversations: people who are asked, answer, get a ticket and say thanks. What the ticket
//! system received is held against what each of them said.

mod outcome;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::Outcome;
use super::lines::{self, Heard, Line};
use crate::client::Client;
use crate::clock::now_us;
use crate::dice::Dice;
use crate::generator::{Pool, wa_id};
use crate::ledger::{self, Kind, Row};
use crate::measure::{Measured, Numbers, statuses_settled};
use crate::oracle::Verdict;
use crate::persona::{Persona, Reaction};
use crate::report::Conversations;
use crate::request_log::Pages;
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::tongue::Tongue;
use crate::watch::Sample;
use crate::webhook::{Content, Message, Writer, escaped};
use crate::world;

/// Where the contacts of personas begin.
const PERSONAS: u32 = 70_000_000;
/// How often the log is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// When all are done, how long a reply too many may still come.
const GRACE: Duration = Duration::from_secs(1);
/// Pause before a refused webhook is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Somebody in a conversation.
struct Guest {
    persona: Persona,
    /// Rows without reply, the oldest first.
    unanswered: VecDeque<usize>,
    /// When they last wrote or heard something.
    moved: Instant,
    ticket: Option<String>,
    /// Waits for nothing more, for better or worse.
    has_left: bool,
    is_odd: bool,
}

/// Everybody in conversation, and what the help desk was given.
pub(super) struct Hall<'a> {
    scenario: &'a Scenario,
    pool: Rc<Pool>,
    writers: Vec<Writer>,
    channels: Vec<world::Channel>,
    guests: Vec<Guest>,
    rows: Rc<RefCell<Vec<Row>>>,
    replied_us: Vec<i64>,
    latency: Rc<RefCell<hdrhistogram::Histogram<u64>>>,
    effects: HashSet<String>,
    /// The tickets that were opened: when, and their texts.
    tickets: Vec<(i64, String)>,
    numbers: HashMap<String, usize>,
    pub verdict: Verdict,
    pub examples: Vec<String>,
    dice: Dice,
    first: u64,
}

/// Lets `people` come, `at_a_time` of them at once.
pub(super) async fn run(
    scenario: &Scenario,
    people: usize,
    at_a_time: usize,
    stage: &mut Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Outcome> {
    let held = hold(scenario, people, at_a_time, stage, numbers).await?;
    let conversations = held.conversations;
    let measured = held.settle(stage).await?;
    Ok(Outcome {
        steps_per_s: (measured.steps_per_s, None),
        off: vec![measured],
        conversations: Some(conversations),
        ..Outcome::default()
    })
}

/// Conversations that were held; statuses may still be on their way.
pub(super) struct Held<'a> {
    pub hall: Hall<'a>,
    pub conversations: Conversations,
    began_us: i64,
    ended_us: i64,
    samples: Vec<Sample>,
}

/// Holds the conversations and judges them.
pub(super) async fn hold<'a>(
    scenario: &'a Scenario,
    people: usize,
    at_a_time: usize,
    stage: &Stage,
    numbers: &mut Numbers,
) -> anyhow::Result<Held<'a>> {
    anyhow::ensure!(
        (1..=4_096).contains(&people),
        "1 to 4096 people have names of their own"
    );
    stage
        .control(&world::statuses(&stage.channels, true))
        .await?;
    let mut pages = Pages::from_now(&stage.simulators).await?;
    let (run, first) = numbers.take(people as u64 * 100);
    let host = &stage.server.host;
    let writers = stage
        .channels
        .iter()
        .map(|channel| Writer::new(channel, host, run));
    let channels = stage.channels.clone();
    let mut hall = Hall {
        scenario,
        pool: Rc::new(Pool::new(stage.server.address, scenario.door.connections)),
        writers: writers.collect(),
        channels,
        guests: Vec::with_capacity(people),
        rows: Rc::default(),
        replied_us: Vec::new(),
        latency: Rc::new(RefCell::new(ledger::histogram())),
        effects: HashSet::new(),
        tickets: Vec::new(),
        numbers: HashMap::new(),
        verdict: Verdict::default(),
        examples: Vec::new(),
        dice: Dice::new(scenario.seed, 9),
        first,
    };
    let mut samples = vec![Sample::of(stage, now_us())];
    let began_us = now_us();
    let receive = hall.receive(&mut pages, people, at_a_time);
    LocalSet::new().run_until(receive).await?;
    let ended_us = now_us();
    samples.push(Sample::of(stage, ended_us));
    let conversations = hall.judge();
    Ok(Held {
        hall,
        conversations,
        began_us,
        ended_us,
        samples,
    })
}

impl Held<'_> {
    /// Waits for the statuses that are still on their way, and gives what was measured.
    pub async fn settle(mut self, stage: &Stage) -> anyhow::Result<Measured> {
        let settle = Duration::from_secs_f64(self.hall.scenario.door.settle_s);
        let mut simulators = Client::new(stage.simulators.clone());
        self.hall.verdict.statuses_missing = statuses_settled(&mut simulators, settle).await?;
        Ok(self
            .hall
            .measured(self.began_us, self.ended_us, self.samples))
    }
}

impl Hall<'_> {
    async fn receive(
        &mut self,
        pages: &mut Pages,
        people: usize,
        at_a_time: usize,
    ) -> anyhow::Result<()> {
        let patience = Duration::from_secs_f64(self.scenario.door.patience_s);
        let mut said = 0;
        let mut quiet_since = Instant::now();
        loop {
            let inside = self.guests.iter().filter(|guest| !guest.has_left).count();
            if inside < at_a_time && self.guests.len() < people {
                self.welcome();
            }
            for line in lines::news(pages).await? {
                quiet_since = Instant::now();
                self.take(line);
            }
            for (nth, guest) in self.guests.iter_mut().enumerate() {
                if !guest.has_left && guest.moved.elapsed() > patience {
                    guest.has_left = true;
                    self.verdict.lost += guest.unanswered.len().max(1) as u64;
                    let who = wa_id(PERSONAS + nth as u32);
                    self.examples.push(format!("lost: {who} waits for a reply"));
                }
            }
            let all_left = self.guests.len() == people && inside == 0;
            if all_left && quiet_since.elapsed() >= GRACE {
                return Ok(());
            }
            said += 1;
            if said % 250 == 0 {
                let done = self.guests.iter().filter(|guest| guest.has_left).count();
                eprintln!("conversations  {done} of {people} done, {inside} under way");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn welcome(&mut self) {
        let nth = self.guests.len();
        let tongue = self.tongue(nth);
        let mut persona = Persona::nth(self.scenario.seed, nth, tongue);
        let opening = persona.opening();
        self.guests.push(Guest {
            persona,
            unanswered: VecDeque::new(),
            moved: Instant::now(),
            ticket: None,
            has_left: false,
            is_odd: false,
        });
        self.write(nth, opening, Duration::ZERO);
    }

    fn tongue(&self, nth: usize) -> Tongue {
        Tongue::of(PERSONAS + nth as u32, self.scenario.mix.languages)
    }

    /// The channel on which somebody writes.
    fn channel(&self, nth: usize) -> usize {
        let contact = PERSONAS + nth as u32;
        self.scenario.world.channel_of(contact, &self.channels)
    }

    /// Writes after a moment's thought; several messages each once the one before was accepted.
    fn write(&mut self, nth: usize, messages: Vec<String>, thought: Duration) {
        let contact = PERSONAS + nth as u32;
        let tongue = self.tongue(nth);
        let writer = &self.writers[self.channel(nth)];
        let due_us = now_us() + crate::clock::micros(thought);
        let mut requests = Vec::new();
        for text in messages {
            let mut rows = self.rows.borrow_mut();
            let index = rows.len();
            rows.push(Row {
                contact,
                kind: Kind::Question,
                tongue,
                scheduled_us: due_us,
                sent_us: 0,
                accepted_us: 0,
            });
            self.replied_us.push(0);
            self.guests[nth].unanswered.push_back(index);
            let text = escaped(&text);
            let message = Message {
                number: self.first + index as u64,
                stamp: due_us.div_euclid(1_000_000),
                content: Content::Text(&text),
            };
            requests.push((index, writer.request(&wa_id(contact), &[message])));
        }
        let (pool, rows, latency) = (self.pool.clone(), self.rows.clone(), self.latency.clone());
        tokio::task::spawn_local(async move {
            tokio::time::sleep(thought).await;
            for (index, request) in requests {
                let sent_us = now_us();
                rows.borrow_mut()[index].sent_us = sent_us;
                while pool.exchange(&request).await.ok() != Some(200) {
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                let at_us = now_us();
                rows.borrow_mut()[index].accepted_us = at_us;
                ledger::record(&mut latency.borrow_mut(), sent_us, at_us);
            }
        });
    }

    fn take(&mut self, line: Line) {
        if line.provider == "glpi" && line.accepted && line.path.ends_with("/Ticket") {
            if let Some(content) = line.body["input"]["content"].as_str() {
                self.tickets.push((line.at_us, content.to_owned()));
            }
            return;
        }
        let Some(Heard { to, words, effect }) = line.heard() else {
            return;
        };
        if effect.is_some_and(|effect| !self.effects.insert(effect.into_owned())) {
            self.verdict.doubled += 1;
            self.examples.push(format!("doubled: {words:?}"));
            return;
        }
        let nth = to.and_then(|who| who.checked_sub(PERSONAS));
        let nth = nth.map(|nth| nth as usize);
        match nth.filter(|nth| *nth < self.guests.len()) {
            Some(nth) => self.heard(nth, &words, line.at_us),
            None => self.verdict.wrong_state += 1,
        }
    }

    fn heard(&mut self, nth: usize, words: &str, at_us: i64) {
        let guest = &mut self.guests[nth];
        guest.moved = Instant::now();
        let reaction = guest.persona.hear(words);
        let is_interim = guest.persona.is_interim(words);
        let thanks = guest.persona.thanks();
        if !is_interim && let Some(index) = guest.unanswered.pop_front() {
            self.replied_us[index] = at_us;
        }
        let thought = Duration::from_millis(50 + self.dice.below(300));
        match reaction {
            Reaction::Say(words) => self.write(nth, vec![words], thought),
            Reaction::Wait => {}
            Reaction::Thank(number) => {
                let channel = self.channel(nth);
                if self
                    .numbers
                    .insert(format!("{channel} {number}"), nth)
                    .is_some()
                {
                    self.verdict.wrong_state += 1;
                    self.examples.push(format!("{number} was given twice"));
                }
                self.guests[nth].ticket = Some(number);
                self.write(nth, vec![thanks.to_owned()], thought);
            }
            Reaction::Leave => self.guests[nth].has_left = true,
            Reaction::Wonder => {
                let guest = &mut self.guests[nth];
                guest.is_odd = true;
                guest.has_left = true;
                self.verdict.wrong_state += 1;
                let name = &guest.persona.name;
                self.examples.push(format!("{name} was told {words:?}"));
            }
        }
    }
}
