//! What words say together, in sentences no row of a table holds.

use super::*;
use crate::texts::Locale;
use crate::understand::words::split;
use crate::understand::{Cue, Reading};

fn has(locale: Locale, text: &str, cue: Cue) -> bool {
    Reading::of(locale, text).unwrap().cues.has(cue)
}

#[test]
fn who_waits_weighs_in_words_no_row_holds() {
    for (locale, text) in [
        (Locale::Es, "el camión sigue afuera aguardando"),
        (Locale::PtBr, "os hóspedes já estão irritados"),
        (Locale::En, "the courier is still at the door"),
        (Locale::It, "l'autista attende da un pezzo"),
    ] {
        assert!(has(locale, text, Cue::Customers), "{text}");
    }
    assert!(!has(
        Locale::En,
        "the customer list is sorted wrong",
        Cue::Customers
    ));
}

#[test]
fn a_machine_nobody_gets_into_blocks_but_a_mailbox_does_not() {
    assert!(has(
        Locale::Es,
        "no logro entrar a la computadora",
        Cue::Blocked
    ));
    assert!(!has(Locale::Es, "no logro entrar al correo", Cue::Blocked));
}

#[test]
fn much_lost_is_more_than_one_file() {
    let all = "se borraron todas las fotos del archivo histórico";
    assert!(has(Locale::Es, all, Cue::DataLost));
    assert!(!has(Locale::Es, "se borró un archivo", Cue::DataLost));
}

#[test]
fn a_question_is_one_only_where_nothing_fails() {
    assert!(has(Locale::It, "quando arriva il monitor?", Cue::Question));
    assert!(!has(Locale::It, "perché il monitor non va?", Cue::Question));
}

#[test]
fn a_stem_stands_for_its_words_and_a_wrong_one_is_refused() {
    let notions = Notions::read(["waiting\tesper*;en fila"].into_iter()).unwrap();
    let mut fuel = Fuel::full();
    let lexicon = Lexicon::of(Locale::Es);
    let words = split("esperábamos en fila", lexicon, &mut fuel).unwrap();
    assert_eq!(
        notions.at(&words, 0, &mut fuel),
        Ok(Some((Notion::Waiting, 1)))
    );
    assert_eq!(
        notions.at(&words, 1, &mut fuel),
        Ok(Some((Notion::Waiting, 2)))
    );
    for row in ["waiting\te*", "nothing of ours\tesper*", "waiting"] {
        assert_eq!(Notions::read([row].into_iter()).unwrap_err(), row);
    }
}
