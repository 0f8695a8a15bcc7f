//! What technicians did to a person's ticket, told once.
//!
//! Everything that one look found becomes one message, in order. A solution is usually found twice,
//! as what was written and as the ticket's state, and is one thing to a person. Kinds that the tenant
//! has switched off are taken note of and not told, so that switching one on tells nothing of the
//! past. A file follows as a message of its own once it is in the store.

use smol_str::{SmolStr, format_smolstr};

use super::super::plan::Plan;
use super::super::told::Known;
use super::super::{Event, State, window};
use super::{cut_chars, media, offset, say, tickets};
use crate::model::{
    DeskFile, Inbound, Key as Entity, Notice, TicketFact, TicketNews, TicketState, TicketWord,
};
use crate::texts::{self, Key};

/// Longest text about one ticket, in characters; it leaves in as many messages as it takes.
const TEXT_CHARS: usize = 3 * crate::split::TEXT_CHARS_MAX;
/// Longest title in a notice, in characters.
const TITLE_CHARS: usize = 80;
/// The purpose of the template that is sent when the service window is closed; its values are the
/// person's name, the ticket's number and what happened.
const TEMPLATE: &str = "ticket_update";
/// Longest value of the template, in characters.
const VALUE_CHARS: usize = 200;
/// Least room that a text of a technician gets, in characters.
const WORDS_CHARS_MIN: usize = 60;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
enum Point {
    Assigned,
    Wrote(String),
    Pending,
    Solved(Option<String>),
    Closed,
    /// A technician put a file there.
    File(DeskFile),
}

/// Takes the news of one ticket. What is new goes to the older self of a contact that joined it; what
/// was told here before the two met stays told.
pub(in crate::contact) fn take(plan: &mut Plan<'_>, older: Option<Entity>, news: &TicketNews) {
    if older.is_none() && plan.state.tenant.as_ref() != Some(&news.tenant) {
        return ignore(plan, "a ticket of another organisation");
    }
    let before = plan.state.told.of(news.gateway, news.line.id).cloned();
    let mut known = before
        .clone()
        .unwrap_or_else(|| Known::new(news.gateway, news.line.id));
    let is_ours = before.is_some() || plan.state.ticket(news.line.id).is_some();
    let found = found(&mut known, news, is_ours);
    if before.as_ref() == Some(&known) {
        return ignore(plan, "the news of this ticket were told before");
    }
    plan.emit(Event::NewsTaken(Box::new(known)));
    if let Some(older) = older {
        if !found.new.is_empty() {
            let news = TicketNews {
                changes: found.new,
                ..news.clone()
            };
            plan.tell(older, Inbound::TicketNews(Box::new(news)));
        }
        return;
    }
    tickets::learn(plan, &news.line);
    let wanted = |point: &Point| {
        let settings = plan.settings;
        settings.is_some_and(|settings| settings.notices.holds(point.notice()))
    };
    let points: Vec<Point> = found.points.into_iter().filter(wanted).collect();
    if points.is_empty() {
        return;
    }
    if window::is_open(plan.state.window_end, plan.now) {
        let fetching = |point: &Point| match point {
            Point::File(file) => media::fetch_from_desk(plan, news.gateway, news.line.id, file),
            _ => false,
        };
        let (_, points): (Vec<Point>, Vec<Point>) = points.into_iter().partition(fetching);
        if points.is_empty() {
            return;
        }
        let text = text(plan, news, &points);
        let buttons = buttons(plan, news, &points);
        plan.notify_with_buttons(text, buttons);
    } else {
        let values = values(plan, news, &points);
        // Why none was sent is on record then.
        let _ = plan.send_template(TEMPLATE, &values);
    }
}

/// What is new of a ticket.
#[derive(Default)]
struct Found {
    /// What to tell, in order, each thing once.
    points: Vec<Point>,
    /// The facts behind it.
    new: Vec<TicketFact>,
}

fn found(known: &mut Known, news: &TicketNews, is_ours: bool) -> Found {
    let mut found = Found::default();
    for fact in &news.changes {
        let point = match fact {
            TicketFact::Assigned { group, id, fresh } => {
                let ids = match group {
                    true => &mut known.groups,
                    false => &mut known.technicians,
                };
                if !ids.learn(*id) || !(*fresh || is_ours) {
                    continue;
                }
                found.new.push(TicketFact::Assigned {
                    group: *group,
                    id: *id,
                    fresh: true,
                });
                Some(Point::Assigned)
            }
            TicketFact::Word(word) => {
                let Some(point) = wrote(known, word) else {
                    continue;
                };
                found.new.push(fact.clone());
                Some(point)
            }
            TicketFact::File(file) => {
                if !known.files.learn(file.id) {
                    continue;
                }
                found.new.push(fact.clone());
                Some(Point::File(file.clone()))
            }
            TicketFact::Stay { stay, .. } if known.stay.as_ref() == Some(stay) => continue,
            TicketFact::Stay { state, stay } => {
                known.state = Some(*state);
                known.stay = Some(stay.clone());
                found.new.push(fact.clone());
                entered(known, *state)
            }
        };
        let told = |points: &[Point], point: &Point| match point {
            Point::Assigned => points.contains(point),
            _ => false,
        };
        found
            .points
            .extend(point.filter(|point| !told(&found.points, point)));
    }
    found
}

fn wrote(known: &mut Known, word: &TicketWord) -> Option<Point> {
    if word.is_solution {
        let news = known.solutions.learn(word.id);
        known.solved_ahead |= news;
        return news.then(|| Point::Solved(Some(word.text.clone())));
    }
    let news = known.followups.learn(word.id);
    news.then(|| Point::Wrote(word.text.clone()))
}

/// What entering a state means to the person. Who works on it is told by the assignment.
fn entered(known: &mut Known, state: TicketState) -> Option<Point> {
    let solved_ahead = std::mem::take(&mut known.solved_ahead);
    match state {
        TicketState::Pending => Some(Point::Pending),
        TicketState::Closed => Some(Point::Closed),
        TicketState::Solved => (!solved_ahead).then_some(Point::Solved(None)),
        TicketState::New | TicketState::Assigned | TicketState::Planned | TicketState::Other(_) => {
            known.solved_ahead = solved_ahead;
            None
        }
    }
}

impl Point {
    const fn notice(&self) -> Notice {
        match self {
            Self::Assigned => Notice::Assigned,
            Self::Wrote(_) | Self::File(_) => Notice::FollowUp,
            Self::Pending => Notice::Pending,
            Self::Solved(_) => Notice::Solved,
            Self::Closed => Notice::Closed,
        }
    }

    fn words(&self) -> Option<&str> {
        match self {
            Self::Wrote(words) | Self::Solved(Some(words)) => Some(words),
            _ => None,
        }
    }
}

/// The message: which ticket, then each thing. What technicians wrote is told whole; only
/// when all of it is more than three messages hold, each text is cut by the same measure.
fn text(plan: &Plan<'_>, news: &TicketNews, points: &[Point]) -> String {
    let number = number(plan, news);
    let title = cut_chars(&news.line.title, TITLE_CHARS);
    let head = say(
        plan,
        Key::NewsHead,
        &[("number", &number), ("title", &title)],
    );
    let asks = news.line.state == TicketState::Solved;
    let question = asks.then(|| say(plan, Key::NewsSolvedAsk, &[]));
    let with = |chars: usize| {
        let mut parts = vec![head.clone()];
        for point in points {
            let words = point.words().map(|words| cut_chars(words.trim(), chars));
            parts.push(paragraph(plan, point, words.as_deref().unwrap_or_default()));
        }
        parts.extend(question.clone());
        parts.join("\n\n")
    };
    let bare = with(0).chars().count();
    let texts = points.iter().filter(|point| point.words().is_some());
    let room = TEXT_CHARS.saturating_sub(bare) / texts.count().max(1);
    let text = with(room.max(WORDS_CHARS_MIN));
    // Very many short texts: the newest of them stay unread here, and stand in the ticket.
    cut_chars(&text, TEXT_CHARS)
}

fn paragraph(plan: &Plan<'_>, point: &Point, words: &str) -> String {
    match point {
        Point::Assigned => say(plan, Key::NewsAssigned, &[]),
        Point::Wrote(_) => say(plan, Key::NewsWrote, &[("words", words)]),
        Point::Pending => say(plan, Key::NewsPending, &[]),
        Point::Solved(Some(_)) if !words.is_empty() => {
            say(plan, Key::NewsSolvedWords, &[("words", words)])
        }
        Point::Solved(_) => say(plan, Key::NewsSolved, &[]),
        Point::Closed => say(plan, Key::NewsClosed, &[]),
        Point::File(file) => say(plan, Key::NewsFile, &[("file", &file.name)]),
    }
}

/// Says that a technician's file is on the ticket, which could not be shown here: as a line, or by the
/// template when the service window has closed meanwhile.
pub(super) fn tell_of_file(plan: &mut Plan<'_>, ticket: u64, file: &str) {
    let number = tickets::number_of(plan, ticket, None);
    if window::is_open(plan.state.window_end, plan.now) {
        let values = [("number", number.as_str()), ("file", file)];
        return plan.notify(say(plan, Key::NewsFileLeft, &values));
    }
    let what = say(plan, Key::NewsShortFile, &[]);
    let values = [person(plan), number.to_string(), one_line(&what)];
    // Why none was sent is on record then.
    let _ = plan.send_template(TEMPLATE, &values);
}

/// The values of the template: who, which ticket, what happened. A template takes one line.
fn values(plan: &Plan<'_>, news: &TicketNews, points: &[Point]) -> [String; 3] {
    let mut said: Vec<String> = points.iter().map(|point| short(plan, point)).collect();
    said.dedup();
    let said = cut_chars(&one_line(&said.join("; ")), VALUE_CHARS);
    [person(plan), number(plan, news), said]
}

/// What the person is called in a template.
fn person(plan: &Plan<'_>) -> String {
    let profile = &plan.state.profile;
    let display = || profile.display_name.as_ref().map(ToString::to_string);
    let name = profile.name.clone().or_else(display);
    let name = name.filter(|name| !name.trim().is_empty());
    one_line(&name.unwrap_or_else(|| say(plan, Key::NewsCustomer, &[])))
}

fn short(plan: &Plan<'_>, point: &Point) -> String {
    let key = match point {
        Point::Assigned => Key::NewsShortAssigned,
        Point::Wrote(_) => Key::NewsShortWrote,
        Point::Pending => Key::NewsShortPending,
        Point::Solved(_) => Key::NewsShortSolved,
        Point::Closed => Key::NewsShortClosed,
        Point::File(_) => Key::NewsShortFile,
    };
    say(plan, key, &[])
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the person can do about it, by how the ticket stands after all of it.
fn buttons(plan: &Plan<'_>, news: &TicketNews, points: &[Point]) -> Vec<(SmolStr, SmolStr)> {
    let button = |verb: &str, key| {
        let id = format_smolstr!("ticket.{verb}:{}", news.line.id);
        (id, SmolStr::from(say(plan, key, &[])))
    };
    let told = |wanted: fn(&Point) -> bool| points.iter().any(wanted);
    match news.line.state {
        TicketState::Closed if news.survey => vec![button("rate", Key::NewsRate)],
        TicketState::Closed => Vec::new(),
        TicketState::Solved => vec![
            button("accept", Key::NewsAccept),
            button("reject", Key::NewsReject),
        ],
        _ if told(|point| matches!(point, Point::Pending | Point::Wrote(_) | Point::File(_))) => {
            vec![button("comment", Key::NewsComment)]
        }
        _ => Vec::new(),
    }
}

/// The number people know the ticket by.
fn number(plan: &Plan<'_>, news: &TicketNews) -> String {
    if let Some(ticket) = plan.state.ticket(news.line.id) {
        return ticket.number.to_string();
    }
    let prefix = plan
        .settings
        .map_or("TK", |settings| settings.ticket_prefix.as_str());
    let opened = news.line.opened.unwrap_or(plan.now);
    let year = texts::year((opened.0 / 1_000) as i64, offset(plan, opened));
    texts::ticket_number(prefix, year, news.line.id)
}

fn ignore(plan: &mut Plan<'_>, reason: &'static str) {
    plan.emit(Event::Ignored {
        reason: SmolStr::new_static(reason),
    });
}

impl State {
    /// The remembered ticket with the help desk's id.
    pub(in crate::contact) fn ticket(&self, id: u64) -> Option<&super::super::Ticket> {
        self.tickets.iter().rev().find(|ticket| ticket.id == id)
    }
}
