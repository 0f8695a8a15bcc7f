//! WhatsApp's own limits, which hold whoever carries a message (WhatsApp Cloud API, length and count
//! limits).
//!
//! A text that is too long is cut where people see it; buttons that WhatsApp would refuse are an
//! error, because cutting a label or an id would change what pressing it means.

use std::borrow::Cow;

use actors::model::Button;

/// Characters of a text message.
pub(super) const TEXT_MAX: usize = 4096;
/// Characters of the text above reply buttons.
pub(super) const BUTTON_TEXT_MAX: usize = 1024;
const BUTTONS_MAX: usize = 3;
const BUTTON_TITLE_MAX: usize = 20;
const BUTTON_ID_MAX: usize = 256;
/// How far back a cut looks for the end of a word.
const WORD_MAX: usize = 30;

/// A call that cannot be put to WhatsApp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsendable {
    #[error("the text is empty")]
    EmptyText,
    #[error("a message takes 1 to 3 reply buttons")]
    ButtonCount,
    #[error("a button title takes 1 to 20 characters")]
    ButtonTitle,
    #[error("a button id takes 1 to 256 characters without space at either end")]
    ButtonId,
    #[error("two buttons have the same title or id")]
    ButtonTwice,
    #[error("this provider needs a phone number, and none is known")]
    NoNumber,
    #[error("this provider sends templates by its own id, and none is known: synchronise")]
    NoTemplateId,
    #[error("WhatsApp cannot do {0}")]
    Foreign(&'static str),
}

/// Checks one to three reply buttons.
pub(super) fn check_buttons(buttons: &[Button]) -> Result<(), Unsendable> {
    if !(1..=BUTTONS_MAX).contains(&buttons.len()) {
        return Err(Unsendable::ButtonCount);
    }
    for (index, button) in buttons.iter().enumerate() {
        if button.title.trim().is_empty() || button.title.chars().count() > BUTTON_TITLE_MAX {
            return Err(Unsendable::ButtonTitle);
        }
        let id_fits = (1..=BUTTON_ID_MAX).contains(&button.id.chars().count());
        if !id_fits || button.id.trim() != button.id {
            return Err(Unsendable::ButtonId);
        }
        let same = |other: &Button| other.title == button.title || other.id == button.id;
        if buttons[..index].iter().any(same) {
            return Err(Unsendable::ButtonTwice);
        }
    }
    Ok(())
}

/// `text` if it has at most `max` characters, otherwise its beginning up to a word's end and `…`.
pub(super) fn fit(text: &str, max: usize) -> Result<Cow<'_, str>, Unsendable> {
    if text.trim().is_empty() {
        return Err(Unsendable::EmptyText);
    }
    let Some((cut, _)) = text.char_indices().nth(max - 1) else {
        return Ok(Cow::Borrowed(text));
    };
    if text[cut..].chars().nth(1).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let kept = &text[..cut];
    let kept = match kept.rfind(char::is_whitespace) {
        Some(space) if kept[space..].chars().count() <= WORD_MAX => kept[..space].trim_end(),
        _ => kept.trim_end_matches('\u{200d}'),
    };
    Ok(Cow::Owned(format!("{kept}…")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_ends_at_a_word_with_an_ellipsis() {
        let words = "palabra ".repeat(600);
        let fitted = fit(&words, TEXT_MAX).expect("not empty");
        assert!(fitted.ends_with("palabra…") && fitted.chars().count() <= TEXT_MAX);
        let exact = "x".repeat(TEXT_MAX);
        assert_eq!(fit(&exact, TEXT_MAX).expect("not empty"), exact);
        assert_eq!(fit(" \n", TEXT_MAX), Err(Unsendable::EmptyText));
    }

    proptest! {
        #[test]
        fn no_text_leaves_longer_than_allowed(text in "(?s)\\PC{0,60}[a-zñ\u{1f600} \\n]{0,60}") {
            if let Ok(fitted) = fit(&text, 40) {
                prop_assert!(fitted.chars().count() <= 40);
                prop_assert!(text.chars().count() > 40 || fitted == text);
            }
        }
    }
}
