//! Claims about wishes in people's own words.

use super::*;

fn comment(number: Option<u64>, words: &str) -> Option<Wish> {
    let words = (!words.is_empty()).then(|| words.to_owned());
    Some(Wish::Comment { number, words })
}

#[test]
fn the_menu_is_asked_for_in_every_language() {
    for (locale, text) in [
        (Locale::Es, "Menú"),
        (Locale::Es, "hola, ver opciones por favor"),
        (Locale::Es, "ayuda"),
        (Locale::PtBr, "opções"),
        (Locale::PtBr, "ajuda, por favor"),
        (Locale::En, "Help!"),
        (Locale::En, "show me the menu please"),
        (Locale::It, "aiuto"),
        (Locale::It, "mostra il menù"),
    ] {
        assert_eq!(wish(locale, text), Some(Wish::Menu), "{text}");
    }
}

#[test]
fn ones_own_tickets_are_asked_for_in_every_language() {
    for (locale, text) in [
        (Locale::Es, "mis tickets"),
        (Locale::Es, "¿qué tickets tengo abiertos?"),
        (Locale::PtBr, "meus chamados abertos"),
        (Locale::En, "show my open tickets"),
        (Locale::It, "i miei ticket"),
    ] {
        assert_eq!(wish(locale, text), Some(Wish::Mine), "{text}");
    }
}

#[test]
fn a_comment_names_its_ticket_and_keeps_its_words() {
    for (locale, text, number, words) in [
        (
            Locale::Es,
            "Agrega al ticket 1234 que también falla el escáner",
            Some(1234),
            "también falla el escáner",
        ),
        (
            Locale::Es,
            "comentar el ticket #TK-2025-001234: sigue lento.",
            Some(1234),
            "sigue lento.",
        ),
        (Locale::Es, "agregar un comentario a mi ticket", None, ""),
        (
            Locale::PtBr,
            "acrescenta no chamado 77 que o scanner também falha",
            Some(77),
            "o scanner também falha",
        ),
        (
            Locale::En,
            "Add to ticket 1234 that the scanner fails too",
            Some(1234),
            "the scanner fails too",
        ),
        (
            Locale::It,
            "aggiungi al ticket 12 che non va nemmeno lo scanner",
            Some(12),
            "non va nemmeno lo scanner",
        ),
    ] {
        assert_eq!(wish(locale, text), comment(number, words), "{text}");
    }
}

#[test]
fn a_ticket_is_taken_back_by_its_number() {
    let number = Some(1234);
    for (locale, text) in [
        (Locale::Es, "cancela el ticket 1234 por favor"),
        (Locale::Es, "Ya no necesito el ticket #1234"),
        (Locale::PtBr, "cancelar o chamado 1234"),
        (Locale::En, "cancel ticket 1234"),
        (Locale::It, "annulla il ticket n. 1234"),
    ] {
        assert_eq!(wish(locale, text), Some(Wish::Cancel { number }), "{text}");
    }
}

#[test]
fn a_solution_is_accepted_or_refused_in_words() {
    for (locale, text, wanted) in [
        (Locale::Es, "Sí, quedó resuelto", Wish::Accept),
        (Locale::Es, "ya funciona, gracias", Wish::Accept),
        (Locale::Es, "no, sigue igual", Wish::Reject),
        (Locale::PtBr, "já está funcionando", Wish::Accept),
        (Locale::PtBr, "não resolveu", Wish::Reject),
        (Locale::En, "it works now", Wish::Accept),
        (Locale::En, "still not working", Wish::Reject),
        (Locale::It, "ora funziona", Wish::Accept),
        (Locale::It, "non è risolto", Wish::Reject),
    ] {
        assert_eq!(wish(locale, text), Some(wanted), "{text}");
    }
}

#[test]
fn the_own_account_is_named_in_every_language_with_its_address_or_without() {
    for (locale, text, words) in [
        (Locale::Es, "Vincular mi correo", None),
        (Locale::Es, "soy usuario de GLPI", None),
        (Locale::Es, "quiero vincular mi correo de la empresa", None),
        (
            Locale::Es,
            "vincular mi correo ana@empresa.pe",
            Some("ana@empresa.pe"),
        ),
        (Locale::PtBr, "vincular meu e-mail", None),
        (Locale::PtBr, "sou usuário do GLPI", None),
        (Locale::En, "link my account, please", None),
        (Locale::En, "I'm a GLPI user", None),
        (
            Locale::En,
            "link my e-mail to ana@empresa.pe",
            Some("ana@empresa.pe"),
        ),
        (Locale::It, "collegare la mia mail", None),
        (Locale::It, "sono un utente GLPI", None),
    ] {
        let words = words.map(str::to_owned);
        assert_eq!(wish(locale, text), Some(Wish::Account { words }), "{text}");
    }
    for (locale, text) in [
        (Locale::Es, "no puedo vincular mi correo"),
        (Locale::Es, "vincular mi correo en outlook no funciona"),
        (Locale::En, "link my account does not work"),
    ] {
        assert_eq!(wish(locale, text), None, "{text}");
    }
}

#[test]
fn a_question_is_left_aside_in_every_language() {
    for (locale, text) in [
        (Locale::Es, "Omitir, gracias"),
        (Locale::Es, "no tengo correo"),
        (Locale::PtBr, "pular"),
        (Locale::PtBr, "agora não"),
        (Locale::En, "skip it, please"),
        (Locale::En, "not now"),
        (Locale::It, "salta"),
        (Locale::It, "non ora"),
    ] {
        assert!(leaves_aside(locale, text), "{text}");
    }
    for text in ["no tengo internet", "no", "", "omitir el paso dos falla"] {
        assert!(!leaves_aside(Locale::Es, text), "{text}");
    }
}

#[test]
fn a_report_is_no_wish() {
    for (locale, text) in [
        (Locale::Es, "mi impresora no imprime"),
        (Locale::Es, "ayuda, no prende mi laptop"),
        (Locale::Es, "el menú del sistema no abre"),
        (Locale::Es, "agregar una impresora"),
        (Locale::Es, "ya no prende la laptop"),
        (Locale::PtBr, "ajuda com a impressora"),
        (Locale::En, "the menu does not open"),
        (Locale::En, "help, my laptop is broken"),
        (Locale::It, "aiuto, la stampante non va"),
    ] {
        assert_eq!(wish(locale, text), None, "{text}");
    }
}

#[test]
fn a_number_is_read_in_every_spelling() {
    for text in [
        "1234",
        "#1234",
        "001234",
        "#TK-2025-001234",
        "tk-2025-1234",
        "el ticket 1234",
        "es el n° 1234, por favor",
    ] {
        assert_eq!(ticket_number(Locale::Es, text), Some(1234), "{text}");
    }
    for text in ["", "la impresora 2", "12 34", "mañana"] {
        assert_eq!(ticket_number(Locale::Es, text), None, "{text}");
    }
}
