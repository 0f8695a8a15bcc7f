//! The templates of a channel, and how one is chosen and filled.
//!
//! WhatsApp lets a business write first only with a text that it approved beforehand. The
//! [`Catalogue`] holds what the provider has, with its approval; [`Catalogue::pick`] chooses the
//! translation, [`Template::fill`] checks the values before anything leaves, because a wrong count
//! or a line break would be refused by the provider only after the attempt, and says which variable
//! is wrong.

mod catalogue;
mod fill;
#[cfg(test)]
mod tests;

pub use catalogue::{Approval, Catalogue, Header, Slot, Template, TemplateButton};
pub use fill::{BODY_CHARS_MAX, Filled, Unfit};
