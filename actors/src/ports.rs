//! What the core needs from outside: time, chance, settings, and providers.
//!
//! Production wires these to the system clock, the operating system's random source, the published
//! directory and HTTP clients; the simulated world wires them to one seeded event queue.

mod help_desk;
mod people;
mod witness;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use smol_str::SmolStr;

use crate::model::{
    AttemptNo, Call, ChannelId, Effect, EffectId, GatewayId, Millis, Notices, Reply, TenantId,
};

use crate::templates::Catalogue;
pub use help_desk::{
    ChangedTicket, ChangedTickets, HelpDesk, TicketOwner, TicketStory, Unanswered, Watched,
};

pub use people::{
    Cohort, Does, HelpDeskMatch, IDLE_MS, Opens, People, Queue, Rule, UnknownNumbers,
};
pub use witness::{Stepped, Witness};

/// The wall clock. Read only in shells, never in machines.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Millis;
}

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Millis(since_epoch.map_or(0, |elapsed| elapsed.as_millis() as u64))
    }
}

/// A source of chance for jitter. Not for secrets.
pub trait Random: Send + Sync + 'static {
    /// The next 64 bits.
    fn next(&self) -> u64;
}

/// Settings by id, from the published directory; immutable values replaced as a whole.
pub trait Settings: Send + Sync + 'static {
    /// The channel and its tenant, or `None` when it was deleted.
    fn channel(&self, id: &ChannelId) -> Option<Arc<ChannelSettings>>;
    /// The limits of a gateway, or `None` when its connection was deleted.
    fn gateway(&self, id: &GatewayId) -> Option<Arc<GatewaySettings>>;

    /// The help desks that are to be watched now. None by default.
    fn watched(&self) -> Vec<Watched> {
        Vec::new()
    }
}

/// What a conversation needs to know about the channel it runs on.
#[derive(Clone, Debug)]
pub struct ChannelSettings {
    /// The channel.
    pub id: ChannelId,
    /// Its name at set-up.
    pub name: crate::model::Name,
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's name as people read it.
    pub tenant_name: String,
    /// Locale of the texts, for example `es`.
    pub locale: String,
    /// Seconds east of UTC at an instant, in the tenant's zone.
    pub utc_offset: UtcOffset,
    /// How tickets come about.
    pub mode: Mode,
    /// Who sends on this channel.
    pub messages: GatewayId,
    /// Who fetches the files that people send to this channel.
    pub media: GatewayId,
    /// Its other way to the same number, where it has one.
    pub second: Option<SecondLine>,
    /// The line whose provider's statuses carry only its own message ids, so that a contact must be
    /// told the id each of its messages got.
    pub own_ids: Option<GatewayId>,
    /// Who opens tickets, when the channel has a help desk.
    pub help_desk: Option<GatewayId>,
    /// Prefix of ticket numbers, `TK` by default.
    pub ticket_prefix: String,
    /// Messages a contact may write a minute before the bot answers only once.
    pub soft_limit_per_minute: u32,
    /// How long the person waits for a ticket number before an interim word, in milliseconds.
    pub interim_after_ms: u64,
    /// What people are told of their tickets.
    pub notices: Notices,
    /// Domains of the e-mails by which people may join their number to their user at the help desk;
    /// with none, nobody may.
    pub link_domains: Arc<[SmolStr]>,
    /// Who answers when the bot does not.
    pub people: People,
    /// What may be sent unasked, and how.
    pub sending: Sending,
}

impl ChannelSettings {
    /// The line that tells how far messages came: under ids of its provider's own, or naming the
    /// effect.
    pub fn line_telling(&self, own_ids: bool) -> Option<GatewayId> {
        let second = self.second.map(|second| second.messages);
        let mut lines = [Some(self.messages), second].into_iter().flatten();
        lines.find(|line| (Some(*line) == self.own_ids) == own_ids)
    }
}

/// A channel's second line: another provider that carries the same business number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondLine {
    /// Who sends on it.
    pub messages: GatewayId,
    /// Who fetches the files that people send by it.
    pub media: GatewayId,
}

/// What a channel needs to write to people who did not just write to it.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    /// Its templates.
    pub templates: Arc<Catalogue>,
    /// The line whose provider keeps a list of consent that must be told of consent given here.
    pub tells_consent: Option<GatewayId>,
}

/// Seconds east of UTC, as a function of the instant because of daylight saving.
#[derive(Clone)]
pub struct UtcOffset(pub Arc<dyn Fn(Millis) -> i32 + Send + Sync>);

impl UtcOffset {
    /// The same offset at all times.
    pub fn fixed(seconds: i32) -> Self {
        Self(Arc::new(move |_| seconds))
    }

    /// The offset at `at`.
    pub fn at(&self, at: Millis) -> i32 {
        (self.0)(at)
    }
}

impl std::fmt::Debug for UtcOffset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UtcOffset({})", self.at(Millis(0)))
    }
}

/// How a channel makes tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The guided dialogue asks for what is missing.
    Dialogue,
    /// Everything written within the merge interval becomes one ticket.
    Queue {
        /// Silence that ends a burst, in milliseconds; at least 15,000.
        merge_interval_ms: u64,
    },
}

/// Limits of one gateway.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// The gateway.
    pub id: GatewayId,
    /// `meta`, `glpi`, …
    pub provider: &'static str,
    /// The connection's name at set-up, for logs and health.
    pub name: crate::model::Name,
    /// The tenant.
    pub tenant: TenantId,
    /// Calls a second, and how many may come at once.
    pub rate_per_second: u32,
    /// Messages that one person may get in a burst, where the provider limits pairs of number and
    /// person (WhatsApp Cloud API, limits); a burst is paid back before the next message.
    pub pair_burst: Option<u32>,
    /// Calls in flight at the same time.
    pub concurrency: usize,
    /// After this an attempt's outcome is unknown.
    pub timeout: Duration,
    /// How long after `Sending` a look-up that finds nothing proves that nothing was made.
    pub settle: Duration,
    /// Templates that may leave in a day, where the provider is WhatsApp's.
    pub templates: Option<TemplateLimits>,
    /// The line that takes over what this one cannot carry for a while.
    pub fallback: Option<Fallback>,
    /// The first line of the number, where this is its second: what WhatsApp limits by number is
    /// counted once for both.
    pub number_of: Option<GatewayId>,
    /// Whether an operator has paused it: calls wait, and nothing fails, until it is resumed.
    pub paused: bool,
}

/// When a channel's second line takes over, and what it can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// Who sends on the second line.
    pub line: GatewayId,
    /// How long the first line's circuit is open before the second takes over.
    pub after: Duration,
    /// Whether its provider takes telephone numbers only.
    pub numbers_only: bool,
}

/// Templates of one number in a rolling day, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateLimits {
    /// Utility and authentication.
    pub notices: u32,
    /// Marketing.
    pub marketing: u32,
}

/// One connection to an outside system. Implementations never retry: they make one call and say
/// truthfully what is known about it.
pub trait Provider: Send + Sync + 'static {
    /// Makes one call. The result is data; a provider's failure never is a panic or an early exit.
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called>;

    /// Searches for the result of an earlier call of a [`crate::model::Class::Searchable`] effect.
    fn look_up<'a>(&'a self, effect: &'a Effect) -> BoxFuture<'a, LookedUp>;

    /// Asks the provider something that changes nothing and nobody sees, to find out whether a call
    /// is worth making. By default it cannot be asked.
    fn ask(&self) -> BoxFuture<'_, Asked> {
        Box::pin(std::future::ready(Asked::Unsupported))
    }
}

/// How a provider is that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A call is worth making.
    Well,
    /// A call would be in vain.
    Unwell {
        /// Why, in plain words.
        reason: String,
    },
    /// It cannot be asked; only a call tells.
    Unsupported,
}

/// One attempt as a provider gets it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Echoed or stored by the provider where it can, so that the result can be found again.
    pub effect: EffectId,
    /// Which try.
    pub attempt: AttemptNo,
    /// The work.
    pub call: &'a Call,
}

/// What is known after one call.
#[derive(Clone, Debug, PartialEq)]
pub enum Called {
    /// The provider did it.
    Done(Reply),
    /// It was surely not done: no connection, cancelled before the first byte, a 429 or a coded
    /// refusal that asks to come again.
    NotDone {
        /// Why.
        reason: String,
        /// The provider's wish, honoured within bounds.
        retry_after: Option<Duration>,
        /// Whether it says something about the provider's health (counts for the circuit).
        counts_against: bool,
    },
    /// It was refused for good.
    Refused {
        /// The provider's code, 0 when it gave none.
        code: u32,
        /// Why, in plain words.
        reason: String,
    },
    /// The request left and no believable answer came back.
    Unknown {
        /// What was seen.
        reason: String,
    },
}

/// What a search for an earlier call's result said.
#[derive(Clone, Debug, PartialEq)]
pub enum LookedUp {
    /// It was done.
    Found(Reply),
    /// Nothing was found now; it may still appear until the settle time has passed.
    NotFound,
    /// The search itself failed.
    Unanswered {
        /// Why.
        reason: String,
    },
    /// The target cannot be searched.
    Unsupported,
}

/// Providers by gateway.
pub trait Providers: Send + Sync + 'static {
    /// The client of a gateway, or `None` when its connection was deleted.
    fn provider(&self, id: &GatewayId) -> Option<Arc<dyn Provider>>;

    /// The help desk behind a gateway, or `None` when it is none or was deleted. None by default.
    fn help_desk(&self, _id: &GatewayId) -> Option<Arc<dyn HelpDesk>> {
        None
    }
}
