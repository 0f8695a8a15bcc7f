//! A ticket on its way: what is remembered of it until the help desk has answered, and what the
//! person is told meanwhile and in the end.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::super::plan::Plan;
use super::super::{Event, State};
use super::{local_date, locale, media, offset, say, tickets};
use crate::model::{EffectId, Found, Outcome, Reply, Report, TicketDraft};
use crate::texts::{self, Key};
use crate::understand::{Category, Level};

/// Tickets of one contact that may be on their way at once. A further one is refused in words.
pub(in crate::contact) const OPENINGS: usize = 8;

/// A ticket that was decided and has no number yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The effect that opens it.
    pub effect: EffectId,
    /// Short summary.
    pub title: String,
    /// The sentence shown in the confirmation.
    pub description: String,
    /// The requester's name.
    pub name: String,
    /// The requester's area.
    pub area: String,
    /// Its priority.
    pub level: Level,
    /// Its category.
    pub category: Category,
    /// Whether the person was told that it takes longer.
    pub late_told: bool,
    /// Whether the person was told that it could not be opened yet.
    pub failure_told: bool,
    /// Whether the person hears nothing of it: a transfer opened it without their asking.
    pub quiet: bool,
}

/// Decides to open a ticket: the effect goes out, the opening is remembered.
/// Returns whether the channel has a help desk and room for one more.
pub(super) fn open(plan: &mut Plan<'_>, draft: TicketDraft, level: Level) -> bool {
    open_told(plan, draft, level, true)
}

/// The same; the person hears of it only when `told`.
pub(super) fn open_told(plan: &mut Plan<'_>, draft: TicketDraft, level: Level, told: bool) -> bool {
    let (name, area) = (draft.requester_name.clone(), draft.requester_area.clone());
    let (title, description) = (draft.title.clone(), draft.description.clone());
    let category = draft.category;
    let room = plan.state.opening.len() < OPENINGS;
    let effect = if room { plan.open_ticket(draft) } else { None };
    let Some(effect) = effect else {
        if told {
            plan.reply(say(plan, Key::TicketFailed, &[]));
        }
        return false;
    };
    plan.emit(Event::TicketRequested(Opening {
        effect,
        title,
        description,
        name,
        area,
        level,
        category,
        late_told: false,
        failure_told: false,
        quiet: !told,
    }));
    media::follow(plan, effect);
    true
}

/// Takes note of how the opening of a ticket ended, or that it takes long.
pub(super) fn take_report(plan: &mut Plan<'_>, report: &Report) {
    if tickets::take_report(plan, report) {
        return;
    }
    let effect = report.effect;
    let opening = plan
        .state
        .opening
        .iter()
        .find(|opening| opening.effect == effect)
        .cloned();
    let Some(opening) = opening else {
        plan.emit(Event::Ignored {
            reason: "no ticket waits for this report".into(),
        });
        if report.outcome.is_final() {
            plan.close(effect);
        }
        return;
    };
    match &report.outcome {
        Outcome::Done(reply) => opened(plan, &opening, reply),
        Outcome::Failed { reason, .. } => {
            failed(plan, &opening, reason.clone(), true);
            plan.close(effect);
        }
        Outcome::Shelved { reason, .. } => failed(plan, &opening, reason.clone(), false),
        Outcome::Late | Outcome::RetryAt { .. } | Outcome::InDoubt { .. } => {
            late(plan, &opening);
        }
    }
}

fn opened(plan: &mut Plan<'_>, opening: &Opening, reply: &Reply) {
    let Ok(id) = reply.id.parse::<u64>() else {
        failed(
            plan,
            opening,
            "the help desk answered without a ticket id".into(),
            true,
        );
        plan.close(opening.effect);
        return;
    };
    let at = reply.at.unwrap_or(plan.now);
    let settings = plan.settings;
    let prefix = settings.map_or("TK", |settings| settings.ticket_prefix.as_str());
    let year = texts::year((at.0 / 1_000) as i64, offset(plan, at));
    let number = texts::ticket_number(prefix, year, id);
    let created = local_date(plan, at);
    plan.emit(Event::TicketOpened {
        effect: opening.effect,
        id,
        number: number.as_str().into(),
        title: opening.title.clone(),
        opened: at,
        category: opening.category,
    });
    plan.close(opening.effect);
    if !opening.quiet {
        plan.notify(confirmation(plan, opening, &number, &created));
    }
    media::ticket_opened(plan);
    let newcomer = matches!(reply.found.as_deref(), Some(Found::Newcomer));
    if newcomer && !opening.quiet {
        tickets::offer_account(plan);
    }
}

/// The confirmation: all six facts in the dialogue, number and summary in queue mode, where name
/// and area were never asked for.
fn confirmation(plan: &Plan<'_>, opening: &Opening, number: &str, created: &str) -> String {
    if opening.area.is_empty() {
        let values = [("number", number), ("summary", &opening.title)];
        return say(plan, Key::QueueCreated, &values);
    }
    let locale = locale(plan);
    let mark = texts::level_mark(locale, opening.level);
    let level = texts::level(locale, opening.level);
    let values = [
        ("number", number),
        ("name", &opening.name),
        ("area", &opening.area),
        ("mark", &mark),
        ("level", &level),
        ("description", &opening.description),
        ("created", created),
    ];
    say(plan, Key::Created, &values)
}

fn failed(plan: &mut Plan<'_>, opening: &Opening, reason: SmolStr, for_good: bool) {
    plan.emit(Event::TicketFailed {
        effect: opening.effect,
        reason,
        for_good,
    });
    if !opening.failure_told && !opening.quiet {
        plan.notify(say(plan, Key::TicketFailed, &[]));
    }
}

fn late(plan: &mut Plan<'_>, opening: &Opening) {
    if opening.late_told || opening.failure_told {
        plan.emit(Event::Ignored {
            reason: "the person knows that it takes longer".into(),
        });
        return;
    }
    plan.emit(Event::TicketLate {
        effect: opening.effect,
    });
    if !opening.quiet {
        plan.notify(say(plan, Key::TicketFollows, &[]));
    }
}

impl State {
    pub(in crate::contact) fn apply_opening(&mut self, event: &Event) {
        let find = |openings: &mut Vec<Opening>, effect: &EffectId| -> Option<usize> {
            openings
                .iter()
                .position(|opening| opening.effect == *effect)
        };
        match event {
            Event::TicketRequested(opening) => self.opening.push(opening.clone()),
            Event::TicketLate { effect } => {
                if let Some(at) = find(&mut self.opening, effect) {
                    self.opening[at].late_told = true;
                }
            }
            Event::TicketFailed {
                effect, for_good, ..
            } => {
                if let Some(at) = find(&mut self.opening, effect) {
                    self.opening[at].failure_told = true;
                    if *for_good {
                        self.opening.remove(at);
                    }
                }
            }
            Event::TicketOpened { effect, .. } => {
                if let Some(at) = find(&mut self.opening, effect) {
                    self.opening.remove(at);
                }
            }
            _ => {}
        }
    }
}
