//! Messages that are more than a text, from operators and technicians.

use smol_str::SmolStr;

use super::Plan;
use crate::model::{Call, EffectId, MediaKind, Priority, Rich, RichMessage, SentFile};
use crate::split::{self, TEXT_CHARS_MAX};

impl Plan<'_> {
    /// Sends what an operator wants to show, `answers` being the person's message it is about; gives
    /// the effect of its first message. A text too long for one leaves in parts, of which the first
    /// answers; what has no room below a file goes ahead of it.
    pub fn send_rich(&mut self, answers: Option<&SmolStr>, body: Rich) -> Option<EffectId> {
        let before = self.effects.len();
        match body {
            Rich::Text(text) => {
                let mut parts = split::parts(text.trim(), TEXT_CHARS_MAX).into_iter();
                let first = parts.next().unwrap_or_default().to_owned();
                self.say_rich(answers, Rich::Text(first));
                for part in parts {
                    self.reply(part.to_owned());
                }
            }
            Rich::File(mut file) => {
                let caption = file.caption.take();
                let caption = caption.map(|caption| self.say_ahead(Priority::Reply, &caption));
                file.caption = caption.filter(|caption| !caption.trim().is_empty());
                self.say_rich(answers, Rich::File(file));
            }
            body => self.say_rich(answers, body),
        }
        self.effects.get(before).map(|effect| effect.id)
    }

    /// Shows a file that the person waits for, below `words`; gives the effect that carries it. Sounds
    /// have no words below them, so theirs go ahead.
    pub fn notify_with_file(&mut self, file: SentFile, words: String) -> Option<EffectId> {
        let silent = matches!(file.kind, MediaKind::Audio | MediaKind::Voice);
        let caption = match silent {
            true => {
                self.notify(words);
                None
            }
            false => Some(self.say_ahead(Priority::Notification, &words)),
        };
        let before = self.effects.len();
        let body = Rich::File(Box::new(SentFile { caption, ..file }));
        self.say(Priority::Notification, |to| {
            let answers = None;
            Call::SendRich(Box::new(RichMessage { to, answers, body }))
        });
        self.effects.get(before).map(|effect| effect.id)
    }

    fn say_rich(&mut self, answers: Option<&SmolStr>, body: Rich) {
        let answers = answers.cloned();
        self.say(Priority::Reply, |to| {
            Call::SendRich(Box::new(RichMessage { to, answers, body }))
        });
    }
}
