//! The stages of a conversation and every way from one to another, in one table. A debug build checks
//! each move against it, so every test and every simulated world does; the diagram in
//! `ARCHITECTURE.md` is drawn from it.

use std::fmt::Write as _;

use super::{Awaits, Flow, Need};

/// Where a conversation stands, without what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing is open.
    Idle,
    /// The bot asked what it is about.
    Problem,
    /// The bot asked what is wrong with it.
    Details,
    /// The draft was shown; name or work area is missing.
    Identity,
    /// The draft was shown to a person who is known; a yes is missing.
    Confirmation,
    /// Messages are gathered until the merge interval passes in silence.
    Gathering,
    /// The bot asked for a word about a ticket that exists.
    Ticket,
    /// The bot asked for the e-mail of the person's user at the help desk.
    Account,
    /// The bot asked whether what was told belongs to a ticket that is open.
    Similar,
    /// People have the conversation; the bot is silent.
    People,
}

/// Why a conversation moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The person told something, or corrected it, and this is what is missing next.
    Told,
    /// The person told the last datum or said yes: the ticket is opened.
    Complete,
    /// The person cancelled.
    Cancelled,
    /// The merge interval passed in silence: the ticket is opened.
    Silence,
    /// The channel was set to the other mode, and the person went on writing.
    ModeChanged,
    /// The person turned to a ticket that exists, or to their own user.
    Turned,
    /// That is done, or given up; an unfinished draft goes on.
    Settled,
    /// People take over; the event before the move tells why.
    HandedOver,
    /// People let go: an operator handed it back or closed it, or the queue's idle time passed.
    LetGo,
}

use Cause::{Cancelled, Complete, HandedOver, LetGo, ModeChanged, Settled, Silence, Told, Turned};
use Stage::{
    Account, Confirmation, Details, Gathering, Identity, Idle, People, Problem, Similar, Ticket,
};

/// Every legal move.
pub const TRANSITIONS: &[(Stage, Cause, Stage)] = &[
    (Idle, Told, Problem),
    (Idle, Told, Details),
    (Idle, Told, Identity),
    (Idle, Told, Confirmation),
    (Idle, Told, Gathering),
    (Problem, Told, Problem),
    (Problem, Told, Details),
    (Problem, Told, Identity),
    (Problem, Told, Confirmation),
    (Problem, Cancelled, Idle),
    (Details, Told, Details),
    (Details, Told, Identity),
    (Details, Told, Confirmation),
    (Details, Cancelled, Idle),
    (Identity, Told, Identity),
    (Identity, Told, Problem),
    (Identity, Told, Details),
    (Identity, Told, Confirmation),
    (Identity, Complete, Idle),
    (Identity, Cancelled, Idle),
    (Confirmation, Told, Confirmation),
    (Confirmation, Told, Problem),
    (Confirmation, Told, Details),
    (Confirmation, Complete, Idle),
    (Confirmation, Cancelled, Idle),
    (Gathering, Told, Gathering),
    (Gathering, Silence, Idle),
    (Problem, ModeChanged, Gathering),
    (Details, ModeChanged, Gathering),
    (Identity, ModeChanged, Gathering),
    (Confirmation, ModeChanged, Gathering),
    (Gathering, ModeChanged, Problem),
    (Gathering, ModeChanged, Details),
    (Gathering, ModeChanged, Identity),
    (Gathering, ModeChanged, Confirmation),
    (Gathering, ModeChanged, Similar),
    (Idle, Turned, Ticket),
    (Problem, Turned, Ticket),
    (Details, Turned, Ticket),
    (Identity, Turned, Ticket),
    (Confirmation, Turned, Ticket),
    (Similar, Turned, Ticket),
    (Ticket, Turned, Ticket),
    (Ticket, Settled, Idle),
    (Ticket, Settled, Problem),
    (Ticket, Settled, Details),
    (Ticket, Settled, Identity),
    (Ticket, Settled, Confirmation),
    (Ticket, Settled, Similar),
    (Idle, Turned, Account),
    (Problem, Turned, Account),
    (Details, Turned, Account),
    (Identity, Turned, Account),
    (Confirmation, Turned, Account),
    (Similar, Turned, Account),
    (Ticket, Turned, Account),
    (Account, Turned, Ticket),
    (Account, Turned, Account),
    (Account, Settled, Idle),
    (Account, Settled, Problem),
    (Account, Settled, Details),
    (Account, Settled, Identity),
    (Account, Settled, Confirmation),
    (Account, Settled, Similar),
    (Idle, Told, Similar),
    (Problem, Told, Similar),
    (Details, Told, Similar),
    (Identity, Told, Similar),
    (Confirmation, Told, Similar),
    (Similar, Told, Similar),
    (Similar, Told, Identity),
    (Similar, Told, Confirmation),
    (Similar, Settled, Idle),
    (Similar, Cancelled, Idle),
    (Idle, HandedOver, People),
    (Problem, HandedOver, People),
    (Details, HandedOver, People),
    (Identity, HandedOver, People),
    (Confirmation, HandedOver, People),
    (Gathering, HandedOver, People),
    (Ticket, HandedOver, People),
    (Account, HandedOver, People),
    (Similar, HandedOver, People),
    (People, Told, People),
    (People, LetGo, Idle),
    (People, LetGo, Problem),
    (People, LetGo, Details),
    (People, LetGo, Identity),
    (People, LetGo, Confirmation),
];

impl Stage {
    /// The stage a flow is in.
    pub fn of(flow: &Flow) -> Self {
        match flow {
            Flow::Idle => Idle,
            Flow::Gathering(_) => Gathering,
            Flow::OnTicket(talk) if talk.awaits == Awaits::Email => Account,
            Flow::OnTicket(_) => Ticket,
            Flow::Similar(_) => Similar,
            Flow::WithPeople(_) => People,
            Flow::Asking(draft) => match draft.need {
                Need::Object => Problem,
                Need::Symptom => Details,
                Need::Identity => Identity,
                Need::Confirmation => Confirmation,
            },
        }
    }
}

/// Whether the table has a move from one stage to the other.
pub fn permits(from: Stage, to: Stage) -> bool {
    TRANSITIONS
        .iter()
        .any(|(source, _, target)| (*source, *target) == (from, to))
}

/// The table as a Mermaid state diagram, one arrow for each pair of stages. Moves between modes are
/// one note, because they join every stage of the dialogue with the gathering.
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> Idle\n");
    for (from, cause, to) in TRANSITIONS {
        let label = match cause {
            Told => "told",
            Complete => "complete: open the ticket",
            Cancelled => "cancelled",
            Silence => "silence: open the ticket",
            Turned if *to == Account => "turned to their user",
            Turned => "turned to a ticket",
            Settled => "settled",
            HandedOver => "people take over",
            LetGo => "people let go",
            ModeChanged => continue,
        };
        let _ = writeln!(text, "    {from:?} --> {to:?}: {label}");
    }
    text.push_str("    note right of Gathering: joined with every asking stage when the channel's mode is changed\n");
    text
}
