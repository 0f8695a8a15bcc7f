//! Meta's own shapes, read without copying and without insisting.
//!
//! Messages and statuses are kept as raw JSON until each is read on its own: one odd item must not
//! cost its neighbours, and what cannot be placed is kept as it came. Every field may be missing,
//! null or of another type.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A body of nothing but changes in a known shape, read at once; nearly every body is one.
#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Usual<'a> {
    #[serde(borrow)]
    pub entry: Vec<UsualEntry<'a>>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct UsualEntry<'a> {
    #[serde(borrow)]
    pub changes: Vec<Change<'a>>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub entry: Option<Vec<Entry<'a>>>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Entry<'a> {
    #[serde(borrow, default)]
    pub changes: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Change<'a> {
    #[serde(borrow, default)]
    pub field: Text<'a>,
    #[serde(borrow, default)]
    pub value: Option<Value<'a>>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Value<'a> {
    #[serde(borrow, default)]
    pub metadata: Option<Metadata<'a>>,
    #[serde(borrow, default)]
    pub contacts: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub messages: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub statuses: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    pub user_preferences: Option<Vec<&'a RawValue>>,
}

impl Value<'_> {
    /// Whether anything is told.
    pub fn has_items(&self) -> bool {
        let lists = [&self.messages, &self.statuses, &self.user_preferences];
        lists.into_iter().flatten().any(|items| !items.is_empty())
    }
}

/// What a person chose about marketing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Preference<'a> {
    #[serde(borrow)]
    pub wa_id: Text<'a>,
    #[serde(borrow)]
    pub user_id: Text<'a>,
    #[serde(borrow)]
    pub category: Text<'a>,
    #[serde(borrow)]
    pub value: Text<'a>,
    #[serde(borrow)]
    pub timestamp: Text<'a>,
}

#[derive(Deserialize)]
pub(in crate::http::webhooks) struct Metadata<'a> {
    #[serde(borrow, default)]
    pub phone_number_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Contact<'a> {
    #[serde(borrow)]
    pub profile: Option<Profile<'a>>,
    #[serde(borrow)]
    pub wa_id: Text<'a>,
    #[serde(borrow)]
    pub user_id: Text<'a>,
    #[serde(borrow)]
    pub parent_user_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Profile<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Message<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub from: Text<'a>,
    #[serde(borrow)]
    pub from_user_id: Text<'a>,
    #[serde(borrow)]
    pub from_parent_user_id: Text<'a>,
    #[serde(borrow)]
    pub timestamp: Text<'a>,
    #[serde(borrow)]
    pub system: Option<System<'a>>,
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub text: Option<&'a RawValue>,
    #[serde(borrow)]
    pub context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub referral: Option<&'a RawValue>,
}

/// A changed number or user id: the keys that are present tell which.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct System<'a> {
    #[serde(borrow)]
    pub wa_id: Text<'a>,
    #[serde(borrow)]
    pub user_id: Text<'a>,
    #[serde(borrow)]
    pub parent_user_id: Text<'a>,
    #[serde(borrow)]
    pub previous_user_id: Text<'a>,
    #[serde(borrow)]
    pub previous_parent_user_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Status<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub status: Text<'a>,
    #[serde(borrow)]
    pub timestamp: Text<'a>,
    #[serde(borrow)]
    pub biz_opaque_callback_data: Text<'a>,
    #[serde(borrow)]
    pub errors: Option<Vec<Error<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::webhooks) struct Error<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    #[serde(borrow)]
    pub title: Text<'a>,
}

/// A text, borrowed from the body when it has no escapes. A number is read as its digits; null,
/// a missing key and anything else are the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::http::webhooks) struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The text, unless it is empty.
    pub fn some(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }

    /// The text as a number.
    pub fn number(&self) -> Option<u32> {
        self.0.parse().ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cow::Borrowed(""))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cow::Borrowed(""))
    }
}
