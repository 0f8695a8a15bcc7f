//! What the contact decided, in the words of a script. What is asked of the help desk or of the
//! files is remembered, so that a later line can answer it.

use actors::model::{Call, Effect};

use crate::stage::Stage;
use crate::{desk, files};

impl Stage {
    /// The lines of one effect.
    pub(super) fn effect(&mut self, effect: &Effect) -> String {
        match &effect.call {
            Call::SendText { text, .. } => said(text),
            Call::SendButtons { text, buttons, .. } => {
                let titles = buttons.iter().map(|button| format!(" [{}]", button.title));
                format!("{}={}\n", said(text), titles.collect::<String>())
            }
            Call::OpenTicket(draft) => {
                self.asked = Some(effect.id);
                let (urgency, category) = (draft.urgency, draft.category.code());
                let description = draft.description.replace('\n', " / ");
                let head = format!("* {} (urgency {urgency}, {category})", draft.title);
                let sent = draft.transcript.iter().filter(|line| files::is_note(line));
                let sent: String = sent.map(|line| format!("* {line}\n")).collect();
                format!("{head}\n* {description}\n{sent}")
            }
            Call::SendList { text, rows, .. } => {
                let rows = rows.iter().map(|row| match row.description.as_str() {
                    "" => format!(" [{}]", row.title),
                    more => format!(" [{}: {more}]", row.title),
                });
                format!("{}={}\n", said(text), rows.collect::<String>())
            }
            Call::FetchMedia(fetch) => {
                self.fetching.push((effect.id, (**fetch).clone()));
                String::new()
            }
            Call::AttachFile(file) => {
                self.attaching.push(effect.id);
                format!("@ {} -> {}\n", file.file_name, file.ticket)
            }
            Call::SendRich(message) => {
                let caption = message.body.text().map(said).unwrap_or_default();
                format!("{caption}= {}\n", message.body.name())
            }
            Call::SendTemplate(template) => {
                let head = format!("= template {} ({})\n", template.name, template.language);
                format!("{}{head}", said(&template.text))
            }
            Call::MarkRead { .. } | Call::Tell { .. } | Call::ReportConsent { .. } => String::new(),
            asked => {
                self.asked = Some(effect.id);
                desk::asked(asked).expect("work for the help desk")
            }
        }
    }
}

fn said(text: &str) -> String {
    format!("< {}\n", text.replace('\n', "\n| ")).replace("| \n", "|\n")
}
