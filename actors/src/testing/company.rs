//! A company with one channel and one person who writes to it, for tests of the running system; its
//! providers do and remember what they are told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;

use crate::journal::SoleOwner;
use crate::model::{
    Call, ChannelId, ContactId, Content, Effect, EffectId, GatewayId, Identity, IdentityKey,
    InEvent, Inbound, Key, Message, Millis, Name, Notices, Phone, Reply, TenantId,
};
use crate::ports::{
    Called, ChannelSettings, Clock, GatewaySettings, LookedUp, Mode, People, Provider, Providers,
    Random, Request, Settings, UtcOffset,
};
use crate::system::{Limits, Parts};

/// Partitions of the company's journal.
pub const PARTITIONS: u16 = 64;

/// The company, its settings and its providers at once. Clones share what was done.
#[derive(Clone, Debug)]
pub struct Company {
    channel: Arc<ChannelSettings>,
    calls: Arc<Mutex<Vec<(EffectId, Call)>>>,
    tickets: Arc<AtomicU64>,
}

impl Company {
    /// With one channel in this mode; its first ticket is 1234.
    pub fn new(mode: Mode) -> Arc<Self> {
        let name = |text| Name::new(text).expect("a legal name");
        let tenant: TenantId = name("demo");
        let channel = ChannelSettings {
            id: ChannelId::of(&tenant, &name("demo-meta")),
            tenant_name: "IT Green Peru".into(),
            locale: "es".into(),
            utc_offset: UtcOffset::fixed(-5 * 3600),
            mode,
            messages: GatewayId::of("meta", &tenant, &name("demo-meta")),
            media: GatewayId::of_media(&tenant, &name("demo-meta")),
            second: None,
            own_ids: None,
            help_desk: Some(GatewayId::of("glpi", &tenant, &name("demo-meta"))),
            ticket_prefix: "TK".into(),
            soft_limit_per_minute: 20,
            interim_after_ms: 8_000,
            notices: Notices::ALL,
            link_domains: Default::default(),
            people: People::default(),
            sending: Default::default(),
            name: name("demo-meta"),
            tenant,
        };
        Arc::new(Self {
            channel: Arc::new(channel),
            calls: Arc::default(),
            tickets: Arc::new(AtomicU64::new(1_234)),
        })
    }

    /// Names contacts.
    pub fn identity() -> IdentityKey {
        IdentityKey::new(&[7; 32])
    }

    /// What a system around this company is made of, within the usual limits.
    pub fn parts<J>(
        self: &Arc<Self>,
        journal: Arc<J>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Parts<J> {
        Parts {
            journal,
            ownership: SoleOwner {
                partitions: PARTITIONS,
            },
            settings: self.clone(),
            providers: self.clone(),
            clock,
            random,
            identity: Self::identity(),
            limits: Limits::default(),
            witness: None,
        }
    }

    /// The one person.
    pub fn contact(&self) -> ContactId {
        Self::identity().contact_id(&self.channel.tenant, &Identity::Phone(phone()))
    }

    /// A message of the one person, written and received at `at`.
    pub fn message(&self, id: &str, text: &str, at: Millis) -> InEvent {
        InEvent {
            key: Key::Contact(self.contact()),
            id: Self::identity().id_hash(b"meta", id.as_bytes()),
            stamp: Some(at.floor_seconds()),
            received: at,
            body: Inbound::Message(Message {
                tenant: self.channel.tenant.clone(),
                channel: self.channel.id,
                second_line: false,
                provider_id: id.into(),
                from: Some(phone()),
                identities: vec![Identity::Phone(phone())],
                profile_name: None,
                context: None,
                content: Content::Text(text.into()),
            }),
        }
    }

    /// What the person was told, in order.
    pub fn texts(&self) -> Vec<String> {
        let text = |(_, call): &(EffectId, Call)| call.text().map(str::to_owned);
        self.done().iter().filter_map(text).collect()
    }

    /// The effects that were carried out, in order.
    pub fn effects(&self) -> Vec<EffectId> {
        self.done().iter().map(|(effect, _)| *effect).collect()
    }

    /// How many tickets were opened.
    pub fn tickets(&self) -> usize {
        let opens = |(_, call): &&(EffectId, Call)| matches!(call, Call::OpenTicket(_));
        self.done().iter().filter(opens).count()
    }

    fn done(&self) -> MutexGuard<'_, Vec<(EffectId, Call)>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn phone() -> Phone {
    Phone::parse("51999888777").expect("a whole number")
}

impl Settings for Company {
    fn channel(&self, id: &ChannelId) -> Option<Arc<ChannelSettings>> {
        (*id == self.channel.id).then(|| self.channel.clone())
    }

    fn gateway(&self, id: &GatewayId) -> Option<Arc<GatewaySettings>> {
        Some(Arc::new(GatewaySettings {
            id: *id,
            provider: "test",
            name: self.channel.name.clone(),
            tenant: self.channel.tenant.clone(),
            rate_per_second: 1_000,
            pair_burst: None,
            concurrency: 100,
            timeout: Duration::from_secs(30),
            settle: Duration::from_secs(35),
            templates: None,
            fallback: None,
            number_of: None,
            paused: false,
        }))
    }
}

impl Provider for Company {
    fn call<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Called> {
        self.done().push((request.effect, request.call.clone()));
        let id = match request.call {
            Call::OpenTicket(_) => self.tickets.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        let reply = Reply {
            id: id.to_string().into(),
            at: None,
            remark: None,
            ..Reply::default()
        };
        Box::pin(async { Called::Done(reply) })
    }

    fn look_up<'a>(&'a self, _effect: &'a Effect) -> BoxFuture<'a, LookedUp> {
        Box::pin(async { LookedUp::NotFound })
    }
}

impl Providers for Company {
    fn provider(&self, _id: &GatewayId) -> Option<Arc<dyn Provider>> {
        Some(Arc::new(self.clone()))
    }
}
