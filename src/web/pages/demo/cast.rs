//! Whose phone can be held, and what each of them might write: one set of phrases a language.

/// A person whose phone can be held, and where they write from.
pub(super) struct Person {
    pub name: &'static str,
    pub number: &'static str,
    pub place: &'static str,
    /// Key of [`Phrases::language`].
    pub language: &'static str,
}

/// What people of one language might write. `{name}` stands for the person's own name.
pub(super) struct Phrases {
    pub language: &'static str,
    /// In this order they become a ticket.
    pub ticket: [&'static str; 3],
    /// What can be said at any time.
    pub more: &'static [&'static str],
}

const fn person(
    name: &'static str,
    number: &'static str,
    place: &'static str,
    language: &'static str,
) -> Person {
    Person {
        name,
        number,
        place,
        language,
    }
}

pub(super) const PEOPLE: &[Person] = &[
    person("Juan Pérez", "51999888777", "Lima", "es"),
    person("María Fernanda López", "5215512345678", "México", "es"),
    person("Camila Rojas", "56961234567", "Santiago", "es"),
    person("Martín Acosta", "5491158749895", "Buenos Aires", "es"),
    person("João Silva", "5511987654321", "São Paulo", "pt-BR"),
    person("Emily Carter", "13055550123", "Miami", "en"),
    person("Giulia Bianchi", "393491234567", "Milano", "it"),
];

pub(super) const PHRASES: &[Phrases] = &[
    Phrases {
        language: "es",
        ticket: [
            "Hola, tengo un problema con mi computadora",
            "No enciende desde esta mañana",
            "{name}, área de contabilidad",
        ],
        more: &[
            "menú",
            "mis tickets",
            "no, es la impresora",
            "cancelar",
            "ubicación",
            "quiero hablar con una persona",
            "ALTA",
            "BAJA",
        ],
    },
    Phrases {
        language: "pt-BR",
        ticket: [
            "Olá, estou com um problema no meu computador",
            "Não liga desde hoje de manhã",
            "{name}, área de contabilidade",
        ],
        more: &[
            "menu",
            "meus chamados",
            "não, é a impressora",
            "cancelar",
            "quero falar com uma pessoa",
            "descadastrar",
        ],
    },
    Phrases {
        language: "en",
        ticket: [
            "Hi, I have a problem with my computer",
            "It won't turn on since this morning",
            "{name}, accounting department",
        ],
        more: &[
            "menu",
            "my tickets",
            "no, it's the printer",
            "cancel",
            "I want to talk to a person",
            "STOP",
        ],
    },
    Phrases {
        language: "it",
        ticket: [
            "Ciao, ho un problema con il mio computer",
            "Non si accende da stamattina",
            "{name}, ufficio contabilità",
        ],
        more: &[
            "menu",
            "i miei ticket",
            "no, è la stampante",
            "annulla",
            "voglio parlare con una persona",
            "disiscrivimi",
        ],
    },
];
