//! The verdict over a run. It knows who wrote what and was answered 200, and what WhatsApp and
//! GLPI took; from that alone it follows what must have been sent, once and in order. The
//! server's timeline is asked only about a message that was sent twice or not at all: whether
//! it was marked as a possible repeat, or lies on the operators' desk.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::people::Person;
use crate::request_log::{Line, Send, created_for, taken_for};
use crate::server::Server;
use crate::timeline::Timeline;
use crate::world::World;

/// A call ends by its time-out, and a server that stands at a fail point is killed soon after.
const IN_FLIGHT_MS: u64 = 10_000;
/// Clocks of this process and of the simulators' log agree within this.
const SLACK_MS: u64 = 50;

/// What a text to a person is, told by the words of the Spanish catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    Greeting,
    Draft,
    /// The number will follow.
    Follows,
    Confirmation,
    Other,
}

impl Said {
    pub fn of(text: &str) -> Self {
        if text.contains("Ticket creado exitosamente") {
            Self::Confirmation
        } else if text.contains("Información del Ticket") {
            Self::Draft
        } else if text.starts_with("¡Hola!") {
            Self::Greeting
        } else if text.starts_with("Ya registré tu solicitud") {
            Self::Follows
        } else {
            Self::Other
        }
    }

    /// Whether it answers a message of the person.
    pub fn is_reply(self) -> bool {
        REPLIES.contains(&self)
    }
}

/// The answers to the three messages of a conversation, in order.
pub const REPLIES: [Said; 3] = [Said::Greeting, Said::Draft, Said::Confirmation];

/// What came out of a run.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Tickets that GLPI took.
    pub tickets: usize,
    /// Different messages that WhatsApp took.
    pub messages: usize,
    /// Messages taken twice, each in doubt at a kill and marked.
    pub marked_repeats: usize,
    /// Messages left to the operators after two doubts.
    pub at_the_desk: usize,
    /// What must not be.
    pub complaints: Vec<String>,
}

/// Waits until every person has a confirmation. Gives up silently: the verdict says who has
/// none.
pub async fn settle(world: &World, people: &[Person], patience: Duration) {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < patience {
        let lines = world.log().await;
        let sends = lines.iter().filter_map(Line::send);
        let told: HashSet<&str> = sends
            .filter(|send| send.accepted && Said::of(send.text) == Said::Confirmation)
            .map(|send| send.to)
            .collect();
        if people
            .iter()
            .all(|person| told.contains(person.phone.as_str()))
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Judges a run in which everything these people wrote was answered 200 and the server was
/// killed at these instants (milliseconds since 1970).
pub async fn judge(world: &World, server: &Server, people: &[Person], kills: &[u64]) -> Verdict {
    let lines = world.log().await;
    let mut judge = Judge {
        lines: &lines,
        server,
        kills,
        numbers: HashMap::new(),
        verdict: Verdict::default(),
    };
    judge.nobody_else_was_told(people);
    for person in people {
        judge.replies(person).await;
        judge.ticket(person);
    }
    judge.every_marker_made_one_ticket(people.len());
    judge.verdict
}

struct Judge<'a> {
    lines: &'a [Line],
    server: &'a Server,
    kills: &'a [u64],
    /// Ticket numbers by tenant and number, with their requester's phone.
    numbers: HashMap<(&'static str, String), String>,
    verdict: Verdict,
}

impl Judge<'_> {
    fn complain(&mut self, complaint: String) {
        self.verdict.complaints.push(complaint);
    }

    fn nobody_else_was_told(&mut self, people: &[Person]) {
        let known: HashSet<&str> = people.iter().map(|person| person.phone.as_str()).collect();
        let strangers: Vec<String> = self
            .lines
            .iter()
            .filter_map(Line::send)
            .filter(|send| !known.contains(send.to))
            .map(|send| format!("{} was told something and never wrote", send.to))
            .collect();
        self.verdict.complaints.extend(strangers);
    }

    /// One reply for each message, in order, each once.
    async fn replies(&mut self, person: &Person) {
        let taken = taken_for(self.lines, &person.phone);
        let mut first: Vec<&Send> = Vec::new();
        let mut times: HashMap<&str, Vec<u64>> = HashMap::new();
        for send in &taken {
            let times = times.entry(send.effect).or_default();
            if times.is_empty() {
                first.push(send);
            }
            times.push(send.at_ms);
            if send.phone_number_id != person.tenant.phone_number_id {
                self.complain(format!("{} was told by another tenant", person.phone));
            }
        }
        self.verdict.messages += first.len();

        let said: Vec<Said> = first.iter().map(|send| Said::of(send.text)).collect();
        let mut expected: Vec<Said> = REPLIES.to_vec();
        if said.contains(&Said::Follows) {
            expected.insert(2, Said::Follows);
        }
        let doubled: Vec<_> = times.iter().filter(|(_, times)| times.len() > 1).collect();
        if said == expected && doubled.is_empty() {
            return self.confirmed(person, first[first.len() - 1].text);
        }
        let timeline = Timeline::of(self.server, person).await;
        for (effect, times) in doubled {
            self.repeat(person, effect, times, &timeline);
        }
        if said != expected {
            let uncertain = timeline.uncertain();
            let left: HashSet<_> = uncertain.iter().map(String::as_str).collect();
            let unsent = left.iter().filter(|effect| !times.contains_key(*effect));
            let in_order = expected.iter().filter(|kind| said.contains(kind));
            let explained = expected.len() - said.len().min(expected.len()) == unsent.count()
                && in_order.eq(said.iter());
            if explained {
                self.verdict.at_the_desk += expected.len() - said.len();
            } else {
                self.complain(format!(
                    "{} was told {said:?} instead of {expected:?}\n{timeline:?}",
                    person.phone
                ));
            }
        }
        if let Some(last) = first
            .iter()
            .find(|send| Said::of(send.text) == Said::Confirmation)
        {
            self.confirmed(person, last.text);
        }
    }

    /// A message taken twice must have been in doubt at a kill and marked.
    fn repeat(&mut self, person: &Person, effect: &str, times: &[u64], timeline: &Timeline) {
        let in_doubt = times.windows(2).all(|pair| {
            let in_flight = |kill: &&u64| {
                **kill + SLACK_MS >= pair[0]
                    && **kill <= pair[1]
                    && **kill <= pair[0] + IN_FLIGHT_MS
            };
            self.kills.iter().any(|kill| in_flight(&kill))
        });
        if in_doubt && timeline.marks_repeat(effect) {
            self.verdict.marked_repeats += 1;
        } else {
            self.complain(format!(
                "{effect} to {} was sent at {times:?} (in doubt at a kill: {in_doubt})\n{timeline:?}",
                person.phone
            ));
        }
    }

    /// The confirmation names the person and a ticket that is nobody else's.
    fn confirmed(&mut self, person: &Person, text: &str) {
        let number = text.lines().find_map(|line| line.split_once("#TK-"));
        let Some((_, number)) = number else {
            return self.complain(format!(
                "{} got a confirmation without number",
                person.phone
            ));
        };
        let key = (person.tenant.id, number.to_owned());
        if let Some(other) = self.numbers.insert(key, person.phone.clone()) {
            self.complain(format!(
                "{number} was given to {other} and {}",
                person.phone
            ));
        }
        if !text.contains(&person.name) {
            self.complain(format!(
                "the ticket of {} is somebody else's: {text}",
                person.phone
            ));
        }
    }

    /// One ticket for the conversation, taken once.
    fn ticket(&mut self, person: &Person) {
        let created = created_for(self.lines, &person.name);
        self.verdict.tickets += created.len();
        if created.len() != 1 {
            self.complain(format!(
                "{} has {} tickets: {created:#?}",
                person.phone,
                created.len()
            ));
        }
    }

    fn every_marker_made_one_ticket(&mut self, people: usize) {
        let creations = self.lines.iter().filter_map(Line::creation);
        let mut markers = HashMap::<&str, usize>::new();
        for creation in creations.filter(|creation| creation.accepted) {
            *markers.entry(creation.effect).or_default() += 1;
        }
        let doubled = markers.iter().filter(|(_, count)| **count > 1);
        let complaints: Vec<String> = doubled
            .map(|(marker, count)| format!("{marker} made {count} tickets"))
            .collect();
        self.verdict.complaints.extend(complaints);
        if markers.len() != people {
            self.complain(format!("{} tickets for {people} people", markers.len()));
        }
    }
}

/// Fails the test when anything is wrong, and says how to repeat it.
pub fn acquit(verdict: &Verdict, repeat_with: &str) {
    assert!(
        verdict.complaints.is_empty(),
        "{} complaints:\n{}\n\nrepeat with: {repeat_with}",
        verdict.complaints.len(),
        verdict.complaints.join("\n")
    );
}
