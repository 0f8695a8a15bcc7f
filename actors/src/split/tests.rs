//! Claims about where a long text is split.

use proptest::prelude::*;

use super::*;

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn a_text_that_fits_stays_as_it_is() {
    let exact = "ñ".repeat(TEXT_CHARS_MAX);
    for text in ["", " hola ", exact.as_str()] {
        assert_eq!(parts(text, TEXT_CHARS_MAX), [text]);
        assert_eq!(head_and_end(text, TEXT_CHARS_MAX), ("", text));
    }
}

#[test]
fn paragraphs_stay_whole_before_lines_sentences_and_words() {
    let text = "Uno dos.\n\nTres cuatro cinco. Seis siete";
    assert_eq!(
        parts(text, 30),
        ["Uno dos.\n\nTres cuatro cinco.", "Seis siete"]
    );
    let text = "Uno dos tres cuatro.\n\nCinco seis. Siete";
    assert_eq!(
        parts(text, 30),
        ["Uno dos tres cuatro.", "Cinco seis. Siete"]
    );
    let text = "uno dos tres cuatro\ncinco seis siete";
    assert_eq!(parts(text, 30), ["uno dos tres cuatro", "cinco seis siete"]);
    let text = "uno dos tres cuatro cinco seis siete";
    assert_eq!(parts(text, 30), ["uno dos tres cuatro cinco seis", "siete"]);
}

#[test]
fn an_emoji_with_its_parts_is_never_torn() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    for whole in [
        family,
        "👍🏽",
        "🇵🇪",
        "e\u{301}",
        "1\u{fe0f}\u{20e3}",
        "\u{1100}\u{1161}\u{11a8}",
    ] {
        let text = whole.repeat(40);
        for max in 8..24 {
            for part in parts(&text, max) {
                assert_eq!(part.replace(whole, ""), "", "{whole} at {max}");
                assert!(part.chars().count() <= max);
            }
        }
    }
}

#[test]
fn an_address_that_fits_is_never_torn() {
    let address = "https://glpi.example/front/ticket.form.php?id=4711";
    for before in 0..80 {
        let text = format!("{}{address} y más", "x".repeat(before));
        let parts = parts(&text, 60);
        let whole = parts.iter().any(|part| part.contains(address));
        assert!(whole, "{before}: {parts:?}");
    }
}

#[test]
fn the_end_that_stands_by_itself_is_the_last_paragraph() {
    let long = "palabra ".repeat(40);
    let text = format!("{long}\n\n¿Está resuelto?");
    assert_eq!(
        head_and_end(&text, 100),
        (long.trim_end(), "¿Está resuelto?")
    );
    let sentences = format!("{long}fin. Una más. ¿Está resuelto?");
    let (head, end) = head_and_end(&sentences, 40);
    assert_eq!(end, "Una más. ¿Está resuelto?");
    assert!(head.ends_with("fin."));
    let endless = "x".repeat(50);
    let (head, end) = head_and_end(&endless, 20);
    assert_eq!((head.len(), end.len()), (30, 20));
}

proptest! {
    #[test]
    fn nothing_is_lost_torn_or_too_long(
        text in "(?s)([a-zñ]{0,9}|\u{301}|👍🏽|🇵🇪🇨🇱|https://a\\.pe/[a-z]{0,9}|\\PC)([ \n.]{0,3}(\\PC|[a-zñ]{0,30})){0,40}",
        max in 16_usize..40,
    ) {
        let found = parts(&text, max);
        prop_assert!(found.iter().all(|part| part.chars().count() <= max));
        let joined: String = found.concat().split_whitespace().collect();
        let whole: String = text.split_whitespace().collect();
        prop_assert_eq!(&joined, &whole);
        let mut at = 0;
        for part in &found {
            at += text[at..].find(part).expect("in order");
            prop_assert!(at == 0 || is_border(&text, at) || part.chars().count() == max);
            at += part.len();
        }
        prop_assert_eq!(parts(&text, max), found);
    }

    #[test]
    fn the_end_fits_and_nothing_is_lost(text in "([a-zñ.]{0,9}[ \n]{0,3}){0,40}", max in 10_usize..40) {
        let (head, end) = head_and_end(&text, max);
        prop_assert!(end.chars().count() <= max);
        let mut all = words(head).concat();
        all += &words(end).concat();
        prop_assert_eq!(all, words(&text).concat());
    }
}
