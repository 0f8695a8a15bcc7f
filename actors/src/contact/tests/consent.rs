//! Claims about consent that people give and take back.

use super::*;
use crate::contact::{ConsentSource, Permission};
use crate::model::{Consent, ConsentLevel, ConsentNote, ConsentScope, TemplateCategory};
use crate::texts::{Key as TextKey, Locale, render};

impl Chat {
    fn presses(&mut self, button: &str) -> Decision {
        let content = Content::Button {
            id: button.into(),
            title: "".into(),
        };
        let id = format!("b{}", self.position);
        let input = self.input(&id, self.message(content));
        self.take(&input)
    }

    fn with_marketing(mut self) -> Self {
        self.says("Hola");
        self.says("cancelar");
        self.says("ALTA");
        self.presses("consent.yes");
        assert_eq!(self.state.permission.level, ConsentLevel::Marketing);
        self
    }

    fn level(&self) -> ConsentLevel {
        self.state.permission.level
    }
}

#[test]
fn consent_to_marketing_takes_two_words_and_keeps_its_proof() {
    let mut chat = Chat::dialogue();
    chat.says("Hola");
    chat.says("cancelar");
    chat.says("ALTA");
    assert_eq!(chat.level(), ConsentLevel::Transactional);
    assert!(chat.state.permission.asked.is_some());
    chat.says("sí");
    assert_eq!(chat.level(), ConsentLevel::Marketing);
    let proof = chat.state.permission.proof.clone().expect("a proof");
    assert_eq!(proof.source, ConsentSource::Confirmed);
    assert_eq!((proof.at, proof.proof.as_str()), (chat.now, "wamid.1"));
}

#[test]
fn a_button_without_a_question_gives_no_consent() {
    let mut chat = Chat::dialogue();
    chat.says("Hola");
    let decision = chat.presses("consent.yes");
    assert!(matches!(
        decision.events.last(),
        Some(Event::Ignored { .. })
    ));
    assert_eq!(chat.level(), ConsentLevel::Transactional);
}

#[test]
fn a_stop_word_is_confirmed_once() {
    let mut chat = Chat::dialogue().with_marketing();
    assert_eq!(chat.says("BAJA").len(), 1);
    assert_eq!(chat.level(), ConsentLevel::Transactional);
    assert!(chat.state.permission.withdrawn);
    assert!(chat.says("Baja.").is_empty(), "said before");
}

#[test]
fn a_stop_word_beyond_the_soft_limit_is_obeyed_all_the_same() {
    let mut chat = Chat::dialogue().with_marketing();
    chat.settings.soft_limit_per_minute = 1;
    for _ in 0..5 {
        chat.says("hola");
    }
    chat.says("STOP");
    assert_eq!(chat.level(), ConsentLevel::Transactional);
}

#[test]
fn inside_a_draft_words_that_give_up_a_request_mean_the_draft() {
    let mut chat = Chat::dialogue().with_marketing();
    chat.says("Hola, tengo un problema con mi computadora");
    assert!(!chat.state.flow.is_idle());
    chat.says("salir");
    assert!(chat.state.flow.is_idle(), "the draft was given up");
    assert_eq!(chat.level(), ConsentLevel::Marketing);
    chat.says("salir");
    assert_eq!(chat.level(), ConsentLevel::Transactional);
}

#[test]
fn a_stop_word_inside_a_draft_leaves_the_draft_open() {
    let mut chat = Chat::dialogue().with_marketing();
    chat.says("Hola, tengo un problema con mi computadora");
    let open = chat.state.flow.clone();
    let said = chat.says("BAJA");
    assert_eq!(said.len(), 2, "confirmed, and the open question again");
    assert_eq!(chat.state.flow, open);
    assert_eq!(chat.level(), ConsentLevel::Transactional);
}

/// A greeting, a problem half told and words that stop, in one language.
const LANGUAGES: [(&str, &str, &str, &[&str]); 4] = [
    (
        "es",
        "hola",
        "Tengo un problema con mi computadora",
        &["BAJA", "STOP", "Salir", "PARAR", "dar de baja"],
    ),
    (
        "pt-BR",
        "olá",
        "Estou com um problema no meu computador",
        &["PARAR", "SAIR", "REMOVER", "STOP", "descadastrar"],
    ),
    (
        "en",
        "hello",
        "I have a problem with my computer",
        &["STOP", "UNSUBSCRIBE", "opt out", "Basta"],
    ),
    (
        "it",
        "ciao",
        "Ho un problema con il mio computer",
        &["STOP", "BASTA", "disiscrivimi", "SALIR"],
    ),
];

#[test]
fn a_stop_word_after_a_greeting_is_confirmed_once_and_nothing_more_is_said() {
    for (locale, greeting, _, words) in LANGUAGES {
        for word in words {
            let mut chat = Chat::dialogue();
            chat.settings.locale = locale.into();
            chat.says(greeting);
            let said = chat.says(word);
            assert_eq!(said.len(), 1, "{locale} {word}: {said:?}");
            assert!(chat.state.permission.withdrawn, "{locale} {word}");
        }
    }
}

#[test]
fn a_stop_word_at_any_stage_is_never_answered_as_not_understood() {
    let stages: [fn(&mut Chat, &str, &str); 5] = [
        |_, _, _| {},
        |chat, greeting, _| drop(chat.says(greeting)),
        |chat, greeting, _| {
            chat.says(greeting);
            chat.says("xyzzy");
        },
        |chat, _, problem| drop(chat.says(problem)),
        |chat, greeting, problem| {
            chat.says(greeting);
            chat.says(problem);
        },
    ];
    for (locale, greeting, problem, words) in LANGUAGES {
        let lost = render(Locale::of_tag(locale), TextKey::NotUnderstood, &[]);
        for word in words {
            for (stage, lead) in stages.iter().enumerate() {
                let mut chat = Chat::dialogue();
                chat.settings.locale = locale.into();
                lead(&mut chat, greeting, problem);
                let first = chat.says(word);
                assert!(!first.is_empty(), "{locale} {word} at stage {stage}");
                let second = chat.says(word);
                for said in first.iter().chain(&second) {
                    assert_ne!(*said, lost, "{locale} {word} at stage {stage}");
                }
                let confirmed = |said: &[String]| said.iter().any(|text| first[0] == *text);
                assert!(!confirmed(&second), "{locale} {word} at stage {stage}");
            }
        }
    }
}

#[test]
fn high_as_the_priority_of_a_draft_is_no_consent() {
    let mut chat = Chat::dialogue();
    chat.says("Hola, tengo un problema con mi computadora");
    chat.says("alta");
    assert!(chat.state.permission.asked.is_none());
}

#[test]
fn an_operators_refusal_holds_whatever_the_level() {
    let mut chat = Chat::dialogue().with_marketing();
    let note = |refused| {
        Inbound::ConsentNoted(ConsentNote {
            level: None,
            marketing_refused: Some(refused),
            by: "ana".into(),
            proof: "".into(),
        })
    };
    chat.hears("refused", note(true));
    let allowed = |chat: &Chat| chat.state.permission.allows(TemplateCategory::Marketing);
    assert_eq!(
        allowed(&chat),
        Err("an operator noted that this person refuses marketing")
    );
    chat.hears("taken back", note(false));
    assert_eq!(allowed(&chat), Ok(()));
}

#[test]
fn what_the_provider_tells_joins_the_same_record() {
    let mut chat = Chat::dialogue().with_marketing();
    let channel = chat.settings.id;
    let told = |given, scope| {
        Inbound::Consent(Consent {
            channel,
            given,
            scope,
        })
    };
    chat.hears("stop", told(false, ConsentScope::Marketing));
    assert_eq!(chat.level(), ConsentLevel::Transactional);
    chat.hears("out", told(false, ConsentScope::Everything));
    let utility = chat.state.permission.allows(TemplateCategory::Utility);
    assert_eq!(utility, Err("the person opted out of being written to"));
    chat.hears("in", told(true, ConsentScope::Everything));
    assert_eq!(chat.level(), ConsentLevel::Transactional);
}

#[test]
fn an_old_word_of_an_operator_or_the_provider_undoes_nothing_when_it_comes_again() {
    let mut chat = Chat::dialogue().with_marketing();
    let note = Inbound::ConsentNoted(ConsentNote {
        level: Some(ConsentLevel::Marketing),
        marketing_refused: None,
        by: "ana".into(),
        proof: "form".into(),
    });
    let resumed = Inbound::Consent(Consent {
        channel: chat.settings.id,
        given: true,
        scope: ConsentScope::Marketing,
    });
    for (id, word) in [("note", note), ("resume", resumed)] {
        chat.hears(id, word.clone());
        assert_eq!(chat.level(), ConsentLevel::Marketing);
        chat.says("BAJA");
        let again = chat.hears(id, word);
        assert!(matches!(again.events[..], [Event::DuplicateFound { .. }]));
        assert_eq!(chat.level(), ConsentLevel::Transactional);
    }
}

#[test]
fn consent_given_here_is_told_to_a_provider_that_keeps_a_list() {
    let mut chat = Chat::dialogue();
    chat.settings.sending.tells_consent = Some(chat.settings.messages);
    let chat = chat.with_marketing();
    let reports = |effect: &&Effect| matches!(effect.call, Call::ReportConsent { .. });
    let report = chat.last.iter().find(reports).expect("told");
    assert_eq!(
        (report.lane.clone(), report.class),
        (Lane::Consent, Class::Searchable)
    );
}

#[test]
fn of_two_records_of_one_person_a_withdrawal_stays() {
    let mut older = Chat::dialogue().with_marketing();
    older.says("BAJA");
    let mut older = older.state.permission;
    let first_word = {
        let mut chat = Chat::dialogue();
        chat.now = chat.now.plus_ms(60_000);
        chat.says("Hola");
        chat.state.permission
    };
    older.merge(&first_word);
    assert!(older.withdrawn, "a mere message takes nothing back");
    let mut fresh = Permission::default();
    fresh.merge(&older);
    assert!(fresh.withdrawn && fresh.level == ConsentLevel::Transactional);
}
