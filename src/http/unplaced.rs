//! Readable items of webhooks that belong to nobody here: made inputs of their channel, which keeps
//! them for an operator to look at.
//!
//! They are answered 200, because the provider could do nothing better with another answer, and like
//! everything that is answered 200 they are durable first: they are accepted together with the rest
//! of their body. Of one body at most [`ITEMS_MAX`] are told one by one; the rest is told by one
//! input for each reason, with their number and the text of the first.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use actors::model::{
    ChannelId, IdHash, IdentityKey, InEvent, Inbound, Key, Millis, TenantId, Unplaced, WhyUnplaced,
};
use bytes::Bytes;

/// Items of one body that are kept one by one.
pub const ITEMS_MAX: usize = 100;

/// Where a body came to.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    /// The provider's name in addresses and metrics.
    pub provider: &'static str,
    /// The organisation.
    pub tenant: &'a TenantId,
    /// The channel.
    pub channel: ChannelId,
    /// When.
    pub received: Millis,
    /// When its request began.
    pub begun: Instant,
}

/// The inputs that keep these items, in their order; counted in the metrics. The same item of a
/// repeated body is the same input.
pub fn inputs(
    came: Came<'_>,
    identity: &IdentityKey,
    items: impl IntoIterator<Item = (WhyUnplaced, Bytes)>,
) -> Vec<InEvent> {
    let mut items = items.into_iter().peekable();
    let mut kept = Vec::new();
    if items.peek().is_none() {
        return kept;
    }
    let scope = format!("unplaced/{}/{}", came.provider, came.channel);
    let mut known = HashSet::new();
    let mut rest: BTreeMap<WhyUnplaced, Rest> = BTreeMap::new();
    for (why, raw) in items {
        let labels = [("provider", came.provider), ("why", why.name())];
        metrics::counter!("chasqui_webhook_unplaced_total", &labels).increment(1);
        let id = identity.id_hash(scope.as_bytes(), &raw);
        if !known.insert(id) {
            continue;
        }
        if kept.len() < ITEMS_MAX {
            kept.push(input(came, id, why, 1, &raw));
            continue;
        }
        let rest = rest.entry(why).or_insert_with(|| Rest::begin(raw));
        rest.items += 1;
        rest.ids.extend_from_slice(&id.0);
    }
    let scope = format!("{scope}/rest");
    kept.extend(rest.into_iter().map(|(why, rest)| {
        let id = identity.id_hash(scope.as_bytes(), &rest.ids);
        input(came, id, why, rest.items, &rest.first)
    }));
    kept
}

/// Items of one reason beyond those that are kept one by one.
struct Rest {
    first: Bytes,
    items: u32,
    ids: Vec<u8>,
}

impl Rest {
    const fn begin(first: Bytes) -> Self {
        Self {
            first,
            items: 0,
            ids: Vec::new(),
        }
    }
}

fn input(came: Came<'_>, id: IdHash, why: WhyUnplaced, items: u32, raw: &[u8]) -> InEvent {
    let kept = &raw[..raw.len().min(Unplaced::RAW_BYTES_MAX)];
    InEvent {
        key: Key::Channel(came.channel),
        id,
        stamp: None,
        received: came.received,
        body: Inbound::Unplaced(Unplaced {
            tenant: came.tenant.clone(),
            why,
            items,
            bytes: u32::try_from(raw.len()).unwrap_or(u32::MAX),
            raw: text(kept),
        }),
    }
}

/// The bytes as text; a character that was cut in two is left out.
fn text(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    };
    let mut text = String::from_utf8_lossy(whole).into_owned();
    // Bytes that are no text are shown by a longer sign.
    text.truncate(text.floor_char_boundary(Unplaced::RAW_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use actors::model::Name;

    use super::*;

    fn made(items: Vec<(WhyUnplaced, Bytes)>) -> Vec<InEvent> {
        let tenant = Name::new("demo").expect("valid");
        let came = Came {
            provider: "meta",
            tenant: &tenant,
            channel: ChannelId([7; 16]),
            received: Millis(5),
            begun: Instant::now(),
        };
        inputs(came, &IdentityKey::new(&[1; 32]), items)
    }

    fn item(event: &InEvent) -> &Unplaced {
        match &event.body {
            Inbound::Unplaced(item) => item,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_item_is_the_same_input_in_one_body_and_in_the_next() {
        let items = || {
            vec![
                (WhyUnplaced::NoId, Bytes::from_static(b"{\"a\":1}")),
                (WhyUnplaced::NoId, Bytes::from_static(b"{\"a\":1}")),
                (WhyUnplaced::NotOurs, Bytes::from_static(b"{\"a\":2}")),
            ]
        };
        let first = made(items());
        assert_eq!(first.len(), 2);
        assert_ne!(first[0].id, first[1].id);
        assert_eq!(first, made(items()));
    }

    #[test]
    fn a_body_full_of_oddities_is_told_by_a_bounded_number_of_inputs() {
        let many = |from: usize| -> Vec<_> {
            let raw = |n: usize| Bytes::from(format!("{{\"n\":{n}}}"));
            let why = |n: usize| match n % 2 {
                0 => WhyUnplaced::NoId,
                _ => WhyUnplaced::UnknownShape,
            };
            (from..from + 5_000).map(|n| (why(n), raw(n))).collect()
        };
        let events = made(many(0));
        assert_eq!(events.len(), ITEMS_MAX + 2);
        let counted: u32 = events.iter().map(|event| item(event).items).sum();
        assert_eq!(counted, 5_000);
        assert_eq!(events, made(many(0)));
        // Another rest is another input, though it looks alike at its beginning.
        let mut other = many(0);
        other.pop();
        assert_ne!(made(other).last(), events.last());
    }

    #[test]
    fn a_long_item_is_cut_between_characters() {
        let mut long = "a".repeat(Unplaced::RAW_BYTES_MAX - 1);
        long.push_str("ñandú");
        let events = made(vec![(WhyUnplaced::UnknownShape, Bytes::from(long.clone()))]);
        let kept = item(&events[0]);
        assert_eq!(kept.bytes as usize, long.len());
        assert_eq!(kept.raw.len(), Unplaced::RAW_BYTES_MAX - 1);
        assert!(long.starts_with(&kept.raw));
        let noise = Bytes::from(vec![0xff; Unplaced::RAW_BYTES_MAX]);
        let events = made(vec![(WhyUnplaced::UnknownShape, noise)]);
        assert!(item(&events[0]).raw.len() <= Unplaced::RAW_BYTES_MAX);
    }
}
