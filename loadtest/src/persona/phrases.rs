//! What people say and hear in each language. What they hear are parts of the product's catalogues.

use super::names;
use crate::tongue::Tongue;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Phrases {
    pub given: [&'static str; 16],
    pub family: [&'static str; 16],
    pub areas: [&'static str; 6],
    /// What is wrong: the thing and what it does.
    pub problems: [(&'static str, &'static str); 8],
    pub hello: &'static str,
    /// Before the thing, for somebody who names it and waits to be asked.
    pub trouble_with: &'static str,
    /// Before thing and trouble, for somebody who tells all at once.
    pub good_morning: &'static str,
    /// Before the area.
    pub area: &'static str,
    pub yes: &'static str,
    pub thanks: &'static str,
    /// A word in between; the number itself is still to come.
    pub interim: &'static str,
    pub created: &'static str,
    pub welcome: &'static str,
    pub asks_both: &'static str,
    pub asks_name: [&'static str; 2],
    pub asks_area: [&'static str; 2],
    pub asks_symptom: &'static str,
    pub asks_object: &'static str,
    pub asks_yes: &'static str,
}

/// The words of a language.
pub(super) const fn of(tongue: Tongue) -> &'static Phrases {
    match tongue {
        Tongue::Spanish => &SPANISH,
        Tongue::Portuguese => &PORTUGUESE,
        Tongue::English => &ENGLISH,
        Tongue::Italian => &ITALIAN,
    }
}

const SPANISH: Phrases = Phrases {
    given: names::GIVEN,
    family: names::FAMILY,
    areas: names::AREAS,
    problems: [
        ("mi computadora", "no enciende desde esta mañana"),
        ("mi laptop", "no prende"),
        ("la impresora", "no imprime"),
        ("mi correo", "no abre"),
        ("el wifi", "está muy lento"),
        ("mi teclado", "no funciona"),
        ("el proyector", "no da imagen"),
        ("mi mouse", "dejó de funcionar"),
    ],
    hello: "Hola",
    trouble_with: "Hola, tengo un problema con",
    good_morning: "Buenos días,",
    area: "área de",
    yes: "sí",
    thanks: "muchas gracias",
    interim: "Ya registré tu solicitud",
    created: "Ticket creado exitosamente",
    welcome: "¡Con gusto!",
    asks_both: "nombre completo y área de trabajo",
    asks_name: [
        "¿Podrías confirmar tu nombre completo?",
        "también tu nombre completo",
    ],
    asks_area: ["¿En qué área trabajas?", "confirmar tu área de trabajo"],
    asks_symptom: "¿Podrías describir qué está pasando",
    asks_object: "equipo, programa o servicio",
    asks_yes: "¿Lo creo así?",
};

const PORTUGUESE: Phrases = Phrases {
    given: [
        "João",
        "Maria",
        "Carlos",
        "Rosa",
        "Lucas",
        "Ana",
        "Jorge",
        "Beatriz",
        "Pedro",
        "Luciana",
        "Miguel",
        "Helena",
        "José",
        "Patrícia",
        "Thiago",
        "Sofia",
    ],
    family: [
        "Pereira", "Silva", "Souza", "Oliveira", "Santos", "Ferreira", "Almeida", "Costa",
        "Ribeiro", "Carvalho", "Gomes", "Martins", "Araújo", "Barbosa", "Cardoso", "Teixeira",
    ],
    areas: [
        "contabilidade",
        "vendas",
        "logística",
        "recursos humanos",
        "almoxarifado",
        "tesouraria",
    ],
    problems: [
        ("meu computador", "não liga desde hoje cedo"),
        ("meu notebook", "não liga"),
        ("a impressora", "não imprime"),
        ("meu e-mail", "não abre"),
        ("o wifi", "está muito lento"),
        ("meu teclado", "não funciona"),
        ("o projetor", "não dá imagem"),
        ("meu mouse", "parou de funcionar"),
    ],
    hello: "Olá",
    trouble_with: "Olá, estou com um problema com",
    good_morning: "Bom dia,",
    area: "área de",
    yes: "sim",
    thanks: "muito obrigado",
    interim: "Já registrei sua solicitação",
    created: "Chamado aberto com sucesso",
    welcome: "Por nada!",
    asks_both: "nome completo e sua área de trabalho",
    asks_name: ["confirmar seu nome completo?", "também seu nome completo"],
    asks_area: [
        "Em que área você trabalha?",
        "confirmar sua área de trabalho",
    ],
    asks_symptom: "pode descrever o que está acontecendo",
    asks_object: "equipamento, programa ou serviço",
    asks_yes: "Posso abrir assim?",
};

const ENGLISH: Phrases = Phrases {
    given: [
        "John", "Mary", "Charles", "Rose", "Lewis", "Anne", "George", "Karen", "Peter", "Lucy",
        "Michael", "Helen", "Joseph", "Patricia", "Daniel", "Sophie",
    ],
    family: [
        "Smith", "Johnson", "Williams", "Taylor", "Davies", "Wilson", "Evans", "Thomas", "Roberts",
        "Walker", "Wright", "Robinson", "Thompson", "Hughes", "Edwards", "Harrison",
    ],
    areas: [
        "accounting",
        "sales",
        "logistics",
        "human resources",
        "marketing",
        "finance",
    ],
    problems: [
        ("my computer", "does not turn on since this morning"),
        ("my laptop", "won't turn on"),
        ("the printer", "does not print"),
        ("my email", "does not open"),
        ("the wifi", "is very slow"),
        ("my keyboard", "does not work"),
        ("the projector", "shows no image"),
        ("my mouse", "stopped working"),
    ],
    hello: "Hello",
    trouble_with: "Hello, I have a problem with",
    good_morning: "Good morning,",
    area: "department:",
    yes: "yes",
    thanks: "thank you very much",
    interim: "I have taken down your request",
    created: "Ticket created",
    welcome: "You're welcome!",
    asks_both: "your full name and department",
    asks_name: [
        "Could you confirm your full name?",
        "also confirm your full name",
    ],
    asks_area: [
        "Which department do you work in?",
        "Could you confirm your department?",
    ],
    asks_symptom: "Could you describe what is happening",
    asks_object: "device, program or service",
    asks_yes: "Shall I open it like this?",
};

const ITALIAN: Phrases = Phrases {
    given: [
        "Giovanni", "Maria", "Carlo", "Rosa", "Luigi", "Anna", "Giorgio", "Carmela", "Pietro",
        "Lucia", "Michele", "Elena", "Giuseppe", "Patrizia", "Diego", "Sofia",
    ],
    family: [
        "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci", "Marino",
        "Greco", "Bruno", "Gallo", "Conti", "Mancini", "Lombardi", "Moretti",
    ],
    areas: [
        "contabilità",
        "vendite",
        "logistica",
        "risorse umane",
        "magazzino",
        "tesoreria",
    ],
    problems: [
        ("il mio computer", "non si accende da stamattina"),
        ("il mio portatile", "non si accende"),
        ("la stampante", "non stampa"),
        ("la mia posta", "non si apre"),
        ("il wifi", "è molto lento"),
        ("la mia tastiera", "non funziona"),
        ("il proiettore", "non dà immagine"),
        ("il mio mouse", "ha smesso di funzionare"),
    ],
    hello: "Ciao",
    trouble_with: "Ciao, ho un problema con",
    good_morning: "Buongiorno,",
    area: "reparto",
    yes: "sì",
    thanks: "grazie mille",
    interim: "Ho registrato la tua richiesta",
    created: "Ticket creato con successo",
    welcome: "Figurati!",
    asks_both: "nome e cognome e il reparto",
    asks_name: ["Puoi confermare nome e cognome?", "anche nome e cognome"],
    asks_area: [
        "In quale reparto lavori?",
        "confermare il reparto in cui lavori",
    ],
    asks_symptom: "Puoi descrivere che cosa sta succedendo",
    asks_object: "dispositivo, programma o servizio",
    asks_yes: "Lo apro così?",
};
