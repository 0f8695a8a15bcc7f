//! What technicians did to a person's ticket, told once.
//!
//! Everything that one look found becomes one message, in order. A solution is usually found twice,
//! as what was written and as the ticket's state, and is one thing to a person. Kinds that the tenant
//! has switched off are taken note of and not told, so that switching one on tells nothing of the
//! past.

use smol_str::{SmolStr, format_smolstr};

use super::super::plan::Plan;
use super::super::told::Known;
use super::super::{Event, State};
use super::{cut_chars, offset, say, tickets};
use crate::model::{
    Inbound, Key as Entity, Notice, TicketFact, TicketNews, TicketState, TicketWord,
};
use crate::texts::{self, Key};

/// Longest text of a message with buttons, in characters (WhatsApp Cloud API, interactive messages).
const TEXT_CHARS: usize = 1_024;
/// Longest title in a notice, in characters.
const TITLE_CHARS: usize = 80;
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
}

/// Takes the news of one ticket.
pub(in crate::contact) fn take(plan: &mut Plan<'_>, older: Option<Entity>, news: &TicketNews) {
    if let Some(older) = older {
        return plan.tell(older, Inbound::TicketNews(Box::new(news.clone())));
    }
    if plan.state.tenant.as_ref() != Some(&news.tenant) {
        return ignore(plan, "a ticket of another organisation");
    }
    let before = plan.state.told.of(news.gateway, news.line.id).cloned();
    let mut known = before
        .clone()
        .unwrap_or_else(|| Known::new(news.gateway, news.line.id));
    let is_ours = before.is_some() || plan.state.ticket(news.line.id).is_some();
    let points = points(&mut known, news, is_ours);
    if before.as_ref() == Some(&known) {
        return ignore(plan, "the news of this ticket were told before");
    }
    plan.emit(Event::NewsTaken(Box::new(known)));
    tickets::learn(plan, &news.line);
    let wanted = |point: &Point| {
        let settings = plan.settings;
        settings.is_some_and(|settings| settings.notices.holds(point.notice()))
    };
    let points: Vec<Point> = points.into_iter().filter(wanted).collect();
    if points.is_empty() {
        return;
    }
    let text = text(plan, news, &points);
    let buttons = buttons(plan, news, &points);
    plan.notify_with_buttons(text, buttons);
}

/// What is new of it, in order, each thing once.
fn points(known: &mut Known, news: &TicketNews, is_ours: bool) -> Vec<Point> {
    let mut points = Vec::new();
    for fact in &news.changes {
        match fact {
            TicketFact::Assigned { group, id, fresh } => {
                let ids = match group {
                    true => &mut known.groups,
                    false => &mut known.technicians,
                };
                let news = ids.learn(*id) && (*fresh || is_ours);
                if news && !points.contains(&Point::Assigned) {
                    points.push(Point::Assigned);
                }
            }
            TicketFact::Word(word) => points.extend(wrote(known, word)),
            TicketFact::Stay { state, stay } if known.stay.as_ref() != Some(stay) => {
                known.state = Some(*state);
                known.stay = Some(stay.clone());
                let point = entered(known, *state, is_ours);
                let told = |point: &Point| match point {
                    Point::Solved(_) => points.iter().any(|p| matches!(p, Point::Solved(_))),
                    point => points.contains(point),
                };
                if let Some(point) = point.filter(|point| !told(point)) {
                    points.push(point);
                }
                if state.is_settled() {
                    known.solved_ahead = false;
                }
            }
            TicketFact::Stay { .. } => {}
        }
    }
    points
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

/// What entering a state means to the person.
fn entered(known: &mut Known, state: TicketState, is_ours: bool) -> Option<Point> {
    match state {
        // Work without anybody assigned; who is assigned says more and was told.
        TicketState::Assigned | TicketState::Planned => {
            (is_ours && !known.has_assignee()).then_some(Point::Assigned)
        }
        TicketState::Pending => Some(Point::Pending),
        TicketState::Solved => {
            let told = std::mem::take(&mut known.solved_ahead);
            (!told).then_some(Point::Solved(None))
        }
        TicketState::Closed => Some(Point::Closed),
        TicketState::New | TicketState::Other(_) => None,
    }
}

impl Point {
    const fn notice(&self) -> Notice {
        match self {
            Self::Assigned => Notice::Assigned,
            Self::Wrote(_) => Notice::FollowUp,
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

/// The message: which ticket, then each thing. What technicians wrote is cut to what fits, each text
/// by the same measure.
fn text(plan: &Plan<'_>, news: &TicketNews, points: &[Point]) -> String {
    let number = number(plan, news);
    let title = cut_chars(&news.line.title, TITLE_CHARS);
    let head = say(
        plan,
        Key::NewsHead,
        &[("number", &number), ("title", &title)],
    );
    let with = |chars: usize| {
        let mut text = head.clone();
        for point in points {
            let words = point.words().map(|words| cut_chars(words.trim(), chars));
            text.push_str("\n\n");
            text.push_str(&paragraph(
                plan,
                point,
                words.as_deref().unwrap_or_default(),
            ));
        }
        text
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
    }
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
        _ if told(|point| matches!(point, Point::Pending | Point::Wrote(_))) => {
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
