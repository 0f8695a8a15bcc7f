//! Meta's own shapes of the kinds; every field may be missing, and a number may be a text.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Text;

/// Declares shapes whose every field may be missing.
macro_rules! shapes {
    ($($name:ident<$of:lifetime> { $($(#[$meta:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(super) struct $name<$of> { $(#[serde(borrow)] $(#[$meta])* pub $field: $ty,)* }
    )*};
}

shapes! {
    Body<'a> { body: Text<'a> }
    Location<'a> {
        latitude: Option<&'a RawValue>, longitude: Option<&'a RawValue>, name: Text<'a>,
        address: Text<'a>, url: Text<'a>,
    }
    Card<'a> {
        name: Option<CardName<'a>>, phones: Option<Vec<CardPhone<'a>>>,
        emails: Option<Vec<CardEmail<'a>>>, org: Option<CardOrg<'a>>,
    }
    CardName<'a> { formatted_name: Text<'a>, first_name: Text<'a> }
    CardPhone<'a> { phone: Text<'a>, wa_id: Text<'a> }
    CardEmail<'a> { email: Text<'a> }
    CardOrg<'a> { company: Text<'a> }
    Interactive<'a> {
        #[serde(rename = "type")] kind: Text<'a>, button_reply: Option<&'a RawValue>,
        list_reply: Option<&'a RawValue>, nfm_reply: Option<&'a RawValue>,
    }
    Choice<'a> { id: Text<'a>, title: Text<'a>, description: Text<'a> }
    Form<'a> { name: Text<'a>, response_json: Text<'a> }
    TemplateButton<'a> { payload: Text<'a>, text: Text<'a> }
    Reaction<'a> { message_id: Text<'a>, emoji: Text<'a> }
    Order<'a> { catalog_id: Text<'a>, text: Text<'a>, product_items: Option<Vec<&'a RawValue>> }
    Item<'a> {
        product_retailer_id: Text<'a>, quantity: Text<'a>, item_price: Option<&'a RawValue>,
        currency: Text<'a>,
    }
    Change<'a> { #[serde(rename = "type")] kind: Text<'a>, body: Text<'a> }
    Unsupported<'a> { #[serde(rename = "type")] kind: Text<'a> }
    Coded<'a> { code: Text<'a> }
    Edit<'a> { original_message_id: Text<'a>, message: Option<&'a RawValue> }
    Revoke<'a> { original_message_id: Text<'a> }
    Product<'a> { product_retailer_id: Text<'a> }
    Referral<'a> {
        source_type: Text<'a>, source_id: Text<'a>, source_url: Text<'a>, headline: Text<'a>,
        body: Text<'a>, ctwa_clid: Text<'a>,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Media<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub url: Text<'a>,
    #[serde(borrow)]
    pub mime_type: Text<'a>,
    #[serde(borrow)]
    pub sha256: Text<'a>,
    #[serde(borrow)]
    pub caption: Text<'a>,
    #[serde(borrow)]
    pub filename: Text<'a>,
    pub voice: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Context<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub gs_id: Text<'a>,
    #[serde(borrow)]
    pub meta_msg_id: Text<'a>,
    pub forwarded: Option<bool>,
    pub frequently_forwarded: Option<bool>,
    #[serde(borrow)]
    pub referred_product: Option<Product<'a>>,
}
