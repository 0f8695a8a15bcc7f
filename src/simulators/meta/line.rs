//! One simulated business number: its settings, the people it talks with, its limits and the
//! webhooks on their way.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::super::Surroundings;
use super::super::whatsapp::conversation::Said;
use super::super::whatsapp::courier::Courier;
use super::super::whatsapp::limits::Throughput;
use super::super::whatsapp::people::People;
use super::settings::{LineSettings, Windows};
use super::webhook::Update;

/// A business number.
#[derive(Debug)]
pub struct Line {
    settings: ArcSwap<LineSettings>,
    /// Clock, dice and ids.
    pub around: Arc<Surroundings>,
    /// Messages a second.
    pub throughput: Throughput,
    /// Webhooks on their way.
    pub courier: Courier<Update>,
    /// Whom it talks with.
    pub people: People,
}

impl Line {
    /// A number nobody has talked with yet.
    pub fn new(settings: LineSettings, around: Arc<Surroundings>) -> Self {
        Self {
            settings: ArcSwap::from_pointee(settings),
            around,
            throughput: Throughput::default(),
            courier: Courier::default(),
            people: People::default(),
        }
    }

    /// The settings of this moment.
    pub fn settings(&self) -> Arc<LineSettings> {
        self.settings.load_full()
    }

    /// Replaces the settings.
    pub fn set(&self, settings: LineSettings) {
        self.settings.store(Arc::new(settings));
    }

    /// Whether free-form messages reach this person now.
    pub fn window_open(&self, who: &str) -> bool {
        let open_by_default = self.settings.load().windows == Windows::Open;
        let now_ms = self.around.clock.now_ms();
        self.people
            .with(who, |person| person.window_open(now_ms, open_by_default))
    }

    /// Adds a message to a conversation and shows it on the phone.
    pub fn say(&self, who: &str, said: impl FnOnce() -> Said) -> u64 {
        let keep = self.settings.load().keep_messages;
        self.people.say(who, said, keep)
    }
}
