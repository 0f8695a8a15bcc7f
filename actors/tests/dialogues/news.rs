//! What technicians do, as it stands in a script: `! news 1234 assigned; wrote Voy; solved Listo`.

use actors::model::{
    DeskFile, Inbound, Millis, TicketFact, TicketLine, TicketNews, TicketState, TicketWord,
};

use crate::stage::Stage;

impl Stage {
    /// News of a ticket; `again` finds the last ones once more.
    pub(super) fn news(&mut self, of: &str) -> String {
        let news = match of {
            "again" => self.told.clone().expect("there were news"),
            of => {
                let (ticket, changes) = of.split_once(' ').expect("a ticket and its changes");
                self.found(ticket.parse().expect("a ticket's id"), changes)
            }
        };
        self.told = Some(news.clone());
        self.hears("news", Inbound::TicketNews(Box::new(news)))
    }

    fn found(&mut self, id: u64, changes: &str) -> TicketNews {
        let opened = self.now();
        let mut news = TicketNews {
            tenant: self.tenant(),
            gateway: self.help_desk(),
            line: TicketLine {
                id,
                title: self.title_of(id).unwrap_or("PC-07").to_owned(),
                state: TicketState::Assigned,
                opened: Some(opened),
                changed: None,
            },
            survey: false,
            changes: Vec::new(),
        };
        for change in changes.split("; ") {
            let (what, words) = change.split_once(' ').unwrap_or((change, ""));
            self.facts(&mut news, what, words, opened);
        }
        news
    }

    fn facts(&mut self, news: &mut TicketNews, what: &str, words: &str, at: Millis) {
        self.facts_made += 1;
        let id = self.facts_made;
        let word = |is_solution| {
            TicketFact::Word(TicketWord {
                is_solution,
                id,
                at: Some(at),
                text: words.to_owned(),
            })
        };
        let enters = |news: &mut TicketNews, state| {
            news.line.state = state;
            let stay = id.to_string().into();
            news.changes.push(TicketFact::Stay { state, stay });
        };
        match what {
            "assigned" => news.changes.push(TicketFact::Assigned {
                group: false,
                id,
                fresh: true,
            }),
            "wrote" => news.changes.push(word(false)),
            "file" => news.changes.push(TicketFact::File(DeskFile {
                id,
                document: id + 100,
                name: words.into(),
                mime: match words.rsplit_once('.') {
                    Some((_, "jpg")) => "image/jpeg".into(),
                    Some((_, "webp")) => "image/webp".into(),
                    _ => "application/pdf".into(),
                },
            })),
            "pending" => enters(news, TicketState::Pending),
            "solved" => {
                if !words.is_empty() {
                    news.changes.push(word(true));
                }
                enters(news, TicketState::Solved);
            }
            "closed" => {
                news.survey = words == "survey";
                enters(news, TicketState::Closed);
            }
            other => panic!("technicians do not {other:?}"),
        }
    }
}
