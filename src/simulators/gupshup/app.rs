//! One simulated app: its settings, the people it talks with, its limits, its wallet and the events
//! on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;

use super::super::Surroundings;
use super::super::whatsapp::conversation::Said;
use super::super::whatsapp::courier::Courier;
use super::super::whatsapp::limits::Throughput;
use super::super::whatsapp::people::People;
use super::event::Event;
use super::settings::{AppSettings, Windows};

/// An app.
#[derive(Debug)]
pub struct App {
    settings: ArcSwap<AppSettings>,
    /// Clock, dice and ids.
    pub around: Arc<Surroundings>,
    /// Messages a second.
    pub throughput: Throughput,
    /// Events on their way.
    pub courier: Courier<Event>,
    /// Whom it talks with.
    pub people: People,
    /// Millionths spent since the wallet was last set.
    spent_micros: AtomicI64,
}

impl App {
    /// An app nobody has talked with yet.
    pub fn new(settings: AppSettings, around: Arc<Surroundings>) -> Self {
        Self {
            settings: ArcSwap::from_pointee(settings),
            around,
            throughput: Throughput::default(),
            courier: Courier::default(),
            people: People::default(),
            spent_micros: AtomicI64::new(0),
        }
    }

    /// The settings of this moment.
    pub fn settings(&self) -> Arc<AppSettings> {
        self.settings.load_full()
    }

    /// Replaces the settings; another sum in the wallet is a new wallet.
    pub fn set(&self, settings: AppSettings) {
        if settings.wallet_micros != self.settings.load().wallet_micros {
            self.spent_micros.store(0, Ordering::Relaxed);
        }
        self.settings.store(Arc::new(settings));
    }

    /// What is left in the wallet, millionths of a dollar.
    pub fn balance_micros(&self) -> i64 {
        self.settings.load().wallet_micros - self.spent_micros.load(Ordering::Relaxed)
    }

    /// Takes the fee of one message; false when the wallet does not hold it.
    pub fn pay(&self) -> bool {
        let settings = self.settings.load();
        let paid = |spent: i64| {
            let after = spent + settings.fee_micros;
            (after <= settings.wallet_micros).then_some(after)
        };
        self.spent_micros
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid)
            .is_ok()
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
