//! Any words in any of the four languages, as a person's message.

#![no_main]

use actors::texts::Locale;
use actors::understand::{Reading, TEXT_CHARS_MAX, asked, heard, identity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for tag in ["es", "pt-BR", "en", "it"] {
        let locale = Locale::of_tag(tag);
        let once = Reading::of(locale, text);
        assert!(
            once.is_ok() || text.chars().count() > TEXT_CHARS_MAX,
            "a short text used up its fuel in {tag}"
        );
        assert_eq!(once, Reading::of(locale, text), "two readings in {tag}");
        let _ = identity(locale, text);
        let _ = heard(text, Some(locale));
    }
    let _ = asked(text);
});
