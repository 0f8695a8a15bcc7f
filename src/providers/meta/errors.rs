//! Meta's error codes: what they mean in plain words and what to do about them.
//!
//! Source: WhatsApp Cloud API, errors. The code alone decides, because captures of Meta's table
//! disagree about the HTTP status of the same code. Codes marked "after a change" that concern the
//! whole number (token, payment, registration) ask to come again and count against the provider's
//! health: the circuit opens, messages wait, and nothing is lost while somebody repairs the
//! account. Those that concern one message are refused.

use std::time::Duration;

use actors::model::AttemptNo;

/// What a code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// Not done; come again.
    Later {
        /// No earlier than this.
        after: Option<Duration>,
        /// Whether it tells something about the health of the number or of Meta.
        counts_against: bool,
    },
    /// Never again as it is.
    Never,
}

/// The growth of waits under the pair limit stops here: 4^6 s is more than an hour.
const PAIR_EXPONENT_MAX: u32 = 6;

#[derive(Clone, Copy)]
enum Kind {
    /// Too much for the app, the account or the number: seconds to wait. Says nothing about health.
    Throttle(u64),
    /// Too much for this one person: 4^X seconds.
    PairLimit,
    /// Meta has a problem: seconds to wait, 0 for the usual schedule.
    Outage(u64),
    /// The account needs somebody.
    Account,
    /// This message will never pass.
    Never,
}

/// What `code` asks for on try `attempt`; `None` for a code that is not in the table.
pub(super) fn advice(code: u32, attempt: AttemptNo) -> Option<Advice> {
    let later = |seconds: u64, counts_against| Advice::Later {
        after: (seconds > 0).then(|| Duration::from_secs(seconds)),
        counts_against,
    };
    Some(match entry(code)?.0 {
        Kind::Throttle(seconds) => later(seconds, false),
        Kind::PairLimit => {
            let tries_before = attempt.0.saturating_sub(1).min(PAIR_EXPONENT_MAX);
            later(4_u64.pow(tries_before), false)
        }
        Kind::Outage(seconds) => later(seconds, true),
        Kind::Account => later(0, true),
        Kind::Never => Advice::Never,
    })
}

/// Why a message with this code did not pass, for people; `None` for an unknown code.
pub fn plain_words(code: u32) -> Option<&'static str> {
    entry(code).map(|(_, words)| words)
}

fn entry(code: u32) -> Option<(Kind, &'static str)> {
    use Kind::{Account, Never, Outage, PairLimit, Throttle};
    Some(match code {
        0 | 190 => (
            Account,
            "the access token is invalid or expired: fix credentials",
        ),
        1 => (Outage(0), "Meta reports an unknown error"),
        2 => (Outage(0), "Meta's service is down or overloaded"),
        3 => (Never, "the app lacks the capability or permission for this"),
        4 => (Throttle(60), "the app's call limit is reached"),
        10 | 200..=299 => (
            Never,
            "a permission is missing or was removed: fix credentials",
        ),
        33 => (Never, "the business phone number was deleted"),
        100 | 131008 | 131009 | 135000 => (Never, "Meta calls a parameter missing or invalid"),
        368 => (Never, "the account is blocked for a breach of policy"),
        470 | 131047 => (
            Never,
            "the 24 h service window is closed: only a template can be sent",
        ),
        471 | 131048 => (
            Throttle(3600),
            "sending is limited because too many messages were blocked or reported as spam",
        ),
        80007 => (Throttle(60), "the WhatsApp account's call limit is reached"),
        130429 => (Throttle(2), "the business number sends faster than it may"),
        130472 => (
            Never,
            "WhatsApp keeps this person out of marketing messages for a study",
        ),
        130497 => (
            Never,
            "WhatsApp does not let this business write to the person's country",
        ),
        131000 => (Outage(0), "Meta could not send it for an unknown reason"),
        131005 => (Never, "access is denied: fix credentials"),
        131016 => (Outage(0), "Meta's service is not available now"),
        131021 => (Never, "sender and recipient are the same number"),
        131026 => (
            Never,
            "undeliverable: the number is not on WhatsApp, its app is too old or it has not \
             accepted the terms",
        ),
        131030 => (
            Never,
            "the recipient is not on the test number's list of allowed numbers",
        ),
        131031 => (Never, "the WhatsApp account is locked"),
        131037 => (Never, "the business number's display name is not approved"),
        131042 | 131044 => (
            Account,
            "the account has a payment problem: repair billing at Meta",
        ),
        131045 => (
            Account,
            "the business number's registration is broken: register it again",
        ),
        131049 => (
            Never,
            "WhatsApp held it back so that people do not get too much marketing",
        ),
        131050 => (
            Never,
            "the person stopped marketing messages from this business",
        ),
        131051 => (Never, "this kind of message is not supported"),
        131052 => (Never, "the person's media could not be downloaded"),
        131053 => (Never, "the media could not be uploaded"),
        131056 => (
            PairLimit,
            "too many messages to this one person in a short time",
        ),
        131057 => (Outage(60), "the business number is in maintenance"),
        131062 => (
            Never,
            "this kind of message needs a phone number, and none is known",
        ),
        131063 => (
            Never,
            "marketing templates are switched off for this interface",
        ),
        131064 => (
            Never,
            "sending is limited because templates were put in the wrong category",
        ),
        132000 | 132008 | 132012 => (Never, "the template's variables do not fit"),
        132001 => (
            Never,
            "the template is missing in this language or not approved",
        ),
        132005 => (Never, "the filled template is too long"),
        132007 => (Never, "the template breaks the content policy"),
        132015 => (Never, "the template is paused for its quality"),
        132016 => (Never, "the template is disabled for its quality"),
        132068 => (Never, "the flow is blocked"),
        132069 => (Throttle(3600), "the flow is throttled"),
        133000 | 133004 => (
            Outage(0),
            "Meta's registration service is not available now",
        ),
        133005 | 133006 => (Account, "the business number must be verified again"),
        133008 | 133009 | 133015 => (Outage(300), "the business number waits for registration"),
        133010 => (
            Account,
            "the business number is not registered: register it",
        ),
        133016 => (Outage(3600), "the business number was registered too often"),
        137000 => (
            Never,
            "the person's identity key changed: confirm who they are first",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(code: u32, attempt: u32) -> Option<Duration> {
        match advice(code, AttemptNo(attempt)) {
            Some(Advice::Later { after, .. }) => after,
            other => panic!("{code}: {other:?}"),
        }
    }

    #[test]
    fn pair_limit_waits_grow_by_four_and_stop_growing() {
        let waits = [1, 2, 3, 4, 7, 8, 90].map(|attempt| after(131056, attempt));
        let seconds = [1, 4, 16, 64, 4096, 4096, 4096];
        assert_eq!(waits, seconds.map(|s| Some(Duration::from_secs(s))));
    }

    #[test]
    fn throttles_do_not_speak_against_the_provider_and_outages_do() {
        for code in [4, 80007, 130429, 131048, 131056] {
            let advice = advice(code, AttemptNo(1));
            assert!(
                matches!(
                    advice,
                    Some(Advice::Later {
                        after: Some(_),
                        counts_against: false
                    })
                ),
                "{code}: {advice:?}"
            );
        }
        for code in [0, 190, 1, 2, 131000, 131016, 131057, 131042, 133010] {
            let advice = advice(code, AttemptNo(1));
            assert!(
                matches!(
                    advice,
                    Some(Advice::Later {
                        counts_against: true,
                        ..
                    })
                ),
                "{code}: {advice:?}"
            );
        }
    }

    #[test]
    fn what_can_never_pass_is_not_tried_again() {
        for code in [
            3, 10, 250, 100, 131026, 131047, 131049, 131050, 131051, 132001, 368,
        ] {
            assert_eq!(advice(code, AttemptNo(1)), Some(Advice::Never), "{code}");
        }
        assert_eq!(advice(999_999, AttemptNo(1)), None);
    }
}
