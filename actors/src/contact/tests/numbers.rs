//! Claims about numbers that the help desk is asked for.

use super::*;
use crate::contact::TransferCause;
use crate::ports::{HelpDeskMatch, UnknownNumbers};

const REPORT: &str = "mi impresora no imprime";

impl Chat {
    /// A channel that leaves every number to `unknown` that belongs to no user of the help desk.
    fn for_users(unknown: UnknownNumbers, silent: UnknownNumbers) -> Self {
        let mut chat = Self::with_queue(|_| {});
        chat.settings.people.unknown_numbers = unknown;
        chat.settings.people.help_desk_match = Some(HelpDeskMatch {
            wait_ms: 15_000,
            keep_ms: 3_600_000,
            silent,
        });
        chat
    }

    fn question(&self) -> Option<EffectId> {
        let asks = |effect: &&Effect| matches!(&effect.call, Call::AskTickets(asked) if asked.about == About::Person);
        self.last.iter().find(asks).map(|effect| effect.id)
    }

    fn asks(&mut self, text: &str) -> EffectId {
        assert!(self.says(text).is_empty(), "nothing is said yet");
        self.question().expect("the help desk is asked")
    }

    fn hears_of_it(&mut self, effect: EffectId, found: Found) -> Vec<String> {
        let reply = Reply {
            found: Some(Box::new(found)),
            ..Reply::default()
        };
        self.reports(effect, Outcome::Done(reply))
    }

    fn waits_out(&mut self) -> Vec<String> {
        let due = self.state.next_wake().expect("a wait ends by itself");
        self.now = due.to_millis();
        let input = self.input("wait", Inbound::Woken { due });
        texts(&self.take(&input).effects)
    }
}

#[test]
fn a_users_number_is_answered_once_the_help_desk_knows_it() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::People);
    let effect = chat.asks("hola");
    assert!(chat.says(REPORT).is_empty());
    assert_eq!(chat.question(), None, "it is asked once");
    let heard = chat.hears_of_it(effect, Found::Known);
    assert_eq!(heard.len(), 2, "both messages, in order: {heard:?}");
    assert!(heard[1].contains("Impresora"), "{heard:?}");
    chat.says("Juan Pérez, contabilidad");
    assert!(chat.opens_a_ticket());
    assert!(!chat.says("hola").is_empty(), "the answer is remembered");
}

#[test]
fn a_strangers_number_follows_the_policy() {
    let policies = [
        (UnknownNumbers::Refuse, "no está registrado", None),
        (
            UnknownNumbers::People,
            "Una persona",
            Some(TransferCause::Policy),
        ),
    ];
    for (policy, words, cause) in policies {
        let mut chat = Chat::for_users(policy, UnknownNumbers::Accept);
        let effect = chat.asks(REPORT);
        chat.says("¿hola?");
        let heard = chat.hears_of_it(effect, Found::Stranger);
        let [only] = &heard[..] else {
            panic!("one word for all that waited: {heard:?}");
        };
        assert!(only.contains(words), "{heard:?}");
        assert_eq!(chat.cause(), cause);
    }
}

#[test]
fn a_silent_help_desk_leads_to_the_stated_default() {
    for (silent, words) in [
        (UnknownNumbers::Accept, "ticket"),
        (UnknownNumbers::People, "Una persona"),
        (UnknownNumbers::Refuse, "no está registrado"),
    ] {
        let mut chat = Chat::for_users(UnknownNumbers::Refuse, silent);
        let effect = chat.asks(REPORT);
        let heard = chat.reports(effect, Outcome::Late);
        assert!(heard[0].contains("verificando"), "{heard:?}");
        assert!(chat.reports(effect, Outcome::Late).is_empty());
        let heard = chat.waits_out();
        assert!(heard[0].contains(words), "{silent:?}: {heard:?}");
        assert_eq!(chat.state.admission.checked, None);
        assert_eq!(chat.state.admission.due(), None);
    }
}

#[test]
fn a_help_desk_that_refuses_to_tell_is_silent_at_once() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::People);
    let effect = chat.asks(REPORT);
    let (code, reason) = (0, "ERROR_RIGHT_MISSING".into());
    chat.reports(effect, Outcome::Failed { code, reason });
    assert_eq!(chat.cause(), Some(TransferCause::Policy));
}

#[test]
fn an_answer_after_the_wait_is_remembered_and_changes_nothing_else() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Refuse);
    let effect = chat.asks(REPORT);
    chat.waits_out();
    assert!(chat.hears_of_it(effect, Found::Known).is_empty());
    assert!(chat.says(REPORT)[0].contains("ticket"));
    assert_eq!(chat.question(), None);
}

#[test]
fn an_answer_holds_for_its_time_and_for_its_number() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Accept);
    let effect = chat.asks(REPORT);
    chat.hears_of_it(effect, Found::Stranger);
    chat.now = chat.now.plus_ms(3_599_000);
    assert!(chat.says(REPORT)[0].contains("no está registrado"));
    chat.now = chat.now.plus_ms(2_000);
    let effect = chat.asks(REPORT);
    chat.hears_of_it(effect, Found::Stranger);
    chat.state.admission.checked.as_mut().unwrap().phone = Phone::parse("51999888000").unwrap();
    chat.asks(REPORT);
}

#[test]
fn more_than_can_wait_ends_the_wait_and_loses_nothing() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::People);
    chat.settings.soft_limit_per_minute = 100;
    chat.asks("mensaje 0");
    for number in 1..16 {
        assert!(chat.says(&format!("mensaje {number}")).is_empty());
    }
    chat.says("mensaje 16");
    assert_eq!(chat.cause(), Some(TransferCause::Policy));
    assert_eq!(chat.state.admission.due(), None);
    let held = &chat.state.admission.asked.as_ref().unwrap().held;
    assert!(held.is_empty(), "{held:?}");
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Accept);
    chat.asks("hola");
    for _ in 0..9 {
        chat.says(&"la impresora no imprime y ".repeat(100));
    }
    assert!(!chat.state.flow.is_idle(), "by bytes as by number");
}

#[test]
fn people_who_take_over_meanwhile_hear_what_waited() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Refuse);
    let effect = chat.asks(REPORT);
    let command = Command {
        tenant: chat.settings.tenant.clone(),
        by: "ana".into(),
        wish: Wish::Take {
            operator: "ana".into(),
        },
    };
    chat.hears("take", Inbound::Operator(command));
    assert!(chat.hears_of_it(effect, Found::Stranger).is_empty());
    assert_eq!(chat.cause(), Some(TransferCause::Operator));
}

#[test]
fn who_is_listed_or_has_no_help_desk_waits_for_nobody() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Accept);
    chat.settings.people.known_numbers = ["51999*".to_owned()].into();
    assert!(chat.says(REPORT)[0].contains("ticket"));
    let mut chat = Chat::for_users(UnknownNumbers::Accept, UnknownNumbers::Refuse);
    assert!(
        chat.says(REPORT)[0].contains("ticket"),
        "nothing depends on it"
    );
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Refuse);
    chat.settings.help_desk = None;
    assert!(chat.says(REPORT)[0].contains("no está registrado"));
}

#[test]
fn a_list_that_changes_meanwhile_lets_nothing_overtake() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Accept);
    let effect = chat.asks(REPORT);
    chat.settings.people.help_desk_match = None;
    assert!(chat.says("Juan Pérez, contabilidad").is_empty());
    chat.hears_of_it(effect, Found::Known);
    assert!(chat.opens_a_ticket(), "the report came first");
}

#[test]
fn who_turns_out_to_be_somebody_older_takes_what_waited_along() {
    let mut chat = Chat::for_users(UnknownNumbers::Refuse, UnknownNumbers::Accept);
    let effect = chat.asks(REPORT);
    let older = Key::Contact(ContactId([9; 16]));
    chat.hears("joined", Inbound::Joined { into: older });
    chat.hears_of_it(effect, Found::Known);
    let told = |effect: &Effect| matches!(&effect.call, Call::Tell { to, input } if *to == older && matches!(**input, Inbound::Message(_)));
    assert!(chat.last.iter().any(told));
}
