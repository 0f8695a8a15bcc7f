//! What the help desk answers on the stage, in short words: `found 1234 solved Title / Word`.

use actors::model::{
    About, Call, Change, Found, LinkedBy, Millis, Reply, Then, TicketLine, TicketState, TicketView,
    TicketWord,
};

/// The answer that an event names, if it is one of the help desk's.
pub fn answer(what: &str, of: &str, opened: Millis, now: Millis) -> Option<Reply> {
    let found = match what {
        "found" => {
            let (of, rating_asked) = match of.strip_prefix("rating ") {
                Some(of) => (of, true),
                None => (of, false),
            };
            let (about, word) = of.split_once(" / ").unwrap_or((of, ""));
            let line = line(about, opened, now);
            let word = (!word.is_empty()).then(|| TicketWord {
                is_solution: line.state == TicketState::Solved,
                id: 1,
                at: Some(now),
                text: word.to_owned(),
            });
            Found::Ticket(Box::new(TicketView {
                line,
                priority: 3,
                assigned: true,
                word,
                rating_asked,
            }))
        }
        "list" => {
            let lines = of.split("; ").filter(|about| !about.is_empty());
            Found::Open(lines.map(|about| line(about, opened, now)).collect())
        }
        "none" => Found::NoTicket,
        "stranger" => Found::Stranger,
        "user" => Found::Known,
        "changed" => {
            let (state, rating) = of.split_once(' ').unwrap_or((of, ""));
            Found::Changed {
                state: state_of(state),
                rating_asked: rating == "rating",
            }
        }
        _ => return None,
    };
    Some(Reply {
        found: Some(Box::new(found)),
        ..Reply::default()
    })
}

/// What is asked of the help desk about tickets that exist, as a line of the script.
pub fn asked(call: &Call) -> Option<String> {
    Some(match call {
        Call::AskTickets(question) => match question.about {
            About::Open => "* which tickets are open?\n".to_owned(),
            About::Ticket(id) => format!("* how is ticket {id}?\n"),
            About::Person => "* whose number is it?\n".to_owned(),
        },
        Call::ChangeTicket(asked) => {
            let (verb, text) = match &asked.change {
                Change::Say { text, then } => {
                    let verb = match then {
                        Then::Keep => "say",
                        Then::Close => "close",
                        Then::Reopen => "reopen",
                    };
                    (verb.to_owned(), text.as_str())
                }
                Change::Solve { text } => ("solve".to_owned(), text.as_str()),
                Change::Update(_) => ("update".to_owned(), ""),
                Change::Cancel { text } => ("cancel".to_owned(), text.as_str()),
                Change::Delete => ("delete".to_owned(), ""),
                Change::Rate { stars, text } => (format!("rate {stars}"), text.as_str()),
            };
            let said = text.replace('\n', " / ");
            format!("* ticket {}: {verb} {said}", asked.ticket)
                .trim_end()
                .to_owned()
                + "\n"
        }
        Call::LinkRequester(link) => {
            let by = match link.by {
                LinkedBy::Person => "",
                LinkedBy::Operator => " for an operator",
            };
            format!("* link {}{by}\n", link.email)
        }
        _ => return None,
    })
}

fn line(about: &str, opened: Millis, now: Millis) -> TicketLine {
    let mut parts = about.splitn(3, ' ');
    let mut part = || parts.next().expect("id, state and title");
    TicketLine {
        id: part().parse().expect("a number"),
        state: state_of(part()),
        title: part().to_owned(),
        opened: Some(opened),
        changed: Some(now),
    }
}

fn state_of(word: &str) -> TicketState {
    match word {
        "new" => TicketState::New,
        "assigned" => TicketState::Assigned,
        "planned" => TicketState::Planned,
        "pending" => TicketState::Pending,
        "solved" => TicketState::Solved,
        "closed" => TicketState::Closed,
        other => panic!("no state {other}"),
    }
}
