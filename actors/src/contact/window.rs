//! The customer service window: for 24 h after a person's last message anything may be sent to them,
//! afterwards only templates (WhatsApp Cloud API, customer service window).

use crate::model::{Millis, Seconds};

/// Length of the window.
const WINDOW_S: u32 = 24 * 60 * 60;

/// When the window that a message opens ends. The provider's stamp counts, because the provider
/// keeps the clock that judges; without one, or with one from the future, the time of receipt does.
pub fn end(stamp: Option<Seconds>, received: Millis) -> Seconds {
    let received = received.floor_seconds();
    let opened = stamp.map_or(received, |stamp| stamp.min(received));
    Seconds(opened.0.saturating_add(WINDOW_S))
}

/// Whether a free-form message may be sent at `now`.
pub fn is_open(end: Option<Seconds>, now: Millis) -> bool {
    end.is_some_and(|end| now.floor_seconds() < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_closes_a_day_after_the_providers_stamp() {
        let end = end(Some(Seconds(1_000)), Millis(2_000_000));
        assert_eq!(end, Seconds(87_400));
        assert!(is_open(Some(end), Millis(87_399_999)));
        assert!(!is_open(Some(end), Millis(87_400_000)));
        assert!(!is_open(None, Millis(0)));
    }

    #[test]
    fn a_stamp_from_the_future_does_not_lengthen_the_window() {
        assert_eq!(
            end(Some(Seconds(9_999_999)), Millis(5_000)),
            Seconds(86_405)
        );
    }
}
