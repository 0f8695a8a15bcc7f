//! Gupshup's error codes: what they mean in plain words (Gupshup, error codes).
//!
//! They come in events of the type `failed`; an HTTP answer has words only ([`advice`]). A code of
//! six digits is WhatsApp's own, passed through. Codes from 1000 to 2999 once meant something else
//! on WhatsApp's retired servers, so Gupshup's reason is kept beside the code.

use actors::model::Trouble;

use crate::providers::meta;

/// Why a message with this code did not pass, for people; `None` for an unknown code.
pub fn plain_words(code: u32) -> Option<&'static str> {
    Some(match code {
        500 => "Gupshup failed inside",
        503 | 4002 => "Gupshup could not reach WhatsApp",
        1000 => "WhatsApp does not take this kind of file",
        1001 => "the sandbox number is not joined by this person",
        1002 | 1013 => "undeliverable: the number is not on WhatsApp",
        1003 => "the wallet at Gupshup is empty: top it up",
        1004 => {
            "the 24 h service window is closed and templates are switched off for this app at \
             Gupshup"
        }
        1005 | 4003 => "the 24 h service window is closed: only a template can be sent",
        1006..=1008 => "the person has not opted in at Gupshup",
        1010 => "the file's address cannot be read",
        1011 => "the file is too large",
        1012 => "the person opted out at Gupshup",
        4001 => "the app sends faster than it may",
        4004 => "this is only possible for numbers at Meta's Cloud API",
        4005 => "the template is paused for its quality",
        // The retired servers' codes for what Meta numbers 131047, 131048 and 130472 today.
        470 => return meta::plain_words(131_047),
        471 => return meta::plain_words(131_048),
        472 => return meta::plain_words(130_472),
        code if code >= 100_000 => return meta::plain_words(code),
        _ => return None,
    })
}

/// What of Gupshup's own lies behind a code; `None` where the message or the person is the reason
/// (Gupshup, error codes, retry).
pub fn trouble(code: u32) -> Option<Trouble> {
    match code {
        1003 => Some(Trouble::Balance),
        4001 => Some(Trouble::TooFast),
        500 | 503 | 4002 => Some(Trouble::Failing),
        _ => None,
    }
}

/// What a refusal in words asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// The app, its key or its number: somebody must repair the channel.
    Account,
    /// This message will never pass.
    Never,
}

/// What the words of a 4xx answer ask for.
pub(super) fn advice(words: &str) -> Advice {
    let words = words.to_ascii_lowercase();
    let about_the_account = ["app details", "authentication", "apikey", "portal user"];
    match about_the_account.iter().any(|part| words.contains(part)) {
        true => Advice::Account,
        false => Advice::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_table_has_words() {
        let own = [
            500, 503, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1010, 1011, 1012, 1013,
            4001, 4002, 4003, 4004, 4005, 470, 471, 472,
        ];
        for code in own {
            assert!(plain_words(code).is_some(), "{code}");
        }
        assert_eq!(plain_words(131_026), meta::plain_words(131_026));
        assert_eq!(plain_words(2500), None);
    }

    #[test]
    fn only_gupshups_own_trouble_lets_a_message_leave_later() {
        assert_eq!(trouble(1003), Some(Trouble::Balance));
        assert_eq!(trouble(4001), Some(Trouble::TooFast));
        for code in [500, 503, 4002] {
            assert_eq!(trouble(code), Some(Trouble::Failing), "{code}");
        }
        for code in [1002, 1004, 1006, 1012, 4003, 4005, 470, 131_026, 0] {
            assert_eq!(trouble(code), None, "{code}");
        }
    }

    #[test]
    fn a_wrong_app_is_repairable_and_a_wrong_number_is_not() {
        assert_eq!(advice("Invalid App Details"), Advice::Account);
        assert_eq!(advice("Portal User Not Found With APIKey"), Advice::Account);
        assert_eq!(advice("Invalid Destination"), Advice::Never);
    }
}
