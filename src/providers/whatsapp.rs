//! WhatsApp's own limits, which hold whoever carries a message (WhatsApp Cloud API, length and count
//! limits).
//!
//! Texts are divided when they are decided, so what comes here fits; one that is too long all the
//! same is cut where people see it; buttons that WhatsApp would refuse are an
//! error, because cutting a label or an id would change what pressing it means.

use std::borrow::Cow;

use actors::model::{Button, Misfit, Row};

/// Characters of a text message.
pub(super) const TEXT_MAX: usize = actors::split::TEXT_CHARS_MAX;
/// Characters of the text above reply buttons or a list, and of what stands below a file.
pub(super) const SHORT_TEXT_MAX: usize = actors::split::SHORT_CHARS_MAX;
const BUTTONS_MAX: usize = 3;
const BUTTON_TITLE_MAX: usize = 20;
const BUTTON_ID_MAX: usize = 256;
const ROWS_MAX: usize = 10;
const ROW_TITLE_MAX: usize = 24;
const ROW_DESCRIPTION_MAX: usize = 72;
const ROW_ID_MAX: usize = 200;
/// How far back a cut looks for the end of a word.
const WORD_MAX: usize = 30;

/// A call that cannot be put to WhatsApp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    #[error("a list takes 1 to 10 rows")]
    RowCount,
    #[error("a row title takes 1 to 24 characters and its description at most 72")]
    RowTitle,
    #[error("a row id takes 1 to 200 characters without space at either end")]
    RowId,
    #[error("two rows have the same id")]
    RowTwice,
    #[error("this provider needs a phone number, and none is known")]
    NoNumber,
    #[error("this provider sends templates by its own id, and none is known: synchronise")]
    NoTemplateId,
    #[error("{0}")]
    Misfit(Misfit),
    #[error("this server keeps no files, so none can be sent")]
    NoStore,
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

/// Checks the rows of a list and the label that opens it.
pub(super) fn check_list(button: &str, rows: &[Row]) -> Result<(), Unsendable> {
    if button.trim().is_empty() || button.chars().count() > BUTTON_TITLE_MAX {
        return Err(Unsendable::ButtonTitle);
    }
    if !(1..=ROWS_MAX).contains(&rows.len()) {
        return Err(Unsendable::RowCount);
    }
    for (index, row) in rows.iter().enumerate() {
        let described = row.description.chars().count() <= ROW_DESCRIPTION_MAX;
        if row.title.trim().is_empty() || row.title.chars().count() > ROW_TITLE_MAX || !described {
            return Err(Unsendable::RowTitle);
        }
        let id_fits = (1..=ROW_ID_MAX).contains(&row.id.chars().count());
        if !id_fits || row.id.trim() != row.id {
            return Err(Unsendable::RowId);
        }
        if rows[..index].iter().any(|other| other.id == row.id) {
            return Err(Unsendable::RowTwice);
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

    #[test]
    fn a_list_that_whatsapp_would_refuse_does_not_leave() {
        let row = |id: &str, title: &str, description: &str| Row {
            id: id.into(),
            title: title.into(),
            description: description.into(),
        };
        let fine = row("menu.mine", "Mis tickets", "");
        assert_eq!(check_list("Opciones", std::slice::from_ref(&fine)), Ok(()));
        let many: Vec<Row> = (0..11).map(|n| row(&n.to_string(), "x", "")).collect();
        for (rows, error) in [
            (vec![], Unsendable::RowCount),
            (many, Unsendable::RowCount),
            (vec![row("a", &"x".repeat(25), "")], Unsendable::RowTitle),
            (vec![row("a", "x", &"x".repeat(73))], Unsendable::RowTitle),
            (vec![row("", "x", "")], Unsendable::RowId),
            (vec![fine.clone(), fine], Unsendable::RowTwice),
        ] {
            assert_eq!(check_list("Opciones", &rows), Err(error));
        }
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
