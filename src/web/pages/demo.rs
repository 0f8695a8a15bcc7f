//! The demo: a phone beside the tickets as they change and the live numbers of the server.
//!
//! The page is complete without its script but for what moves; the script fills in what it learns
//! from the server's own addresses. Text is Spanish, as the people are whom the demo is for.

use maud::{DOCTYPE, Markup, html};

/// What the page must know when it is written.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The numbers that the phone can write to, at least one.
    pub lines: Vec<Line>,
    /// The tenant's name as people read it.
    pub tenant_name: String,
    /// The tenant's time zone, in which the year of a ticket's number is read.
    pub time_zone: String,
    /// What ticket numbers begin with.
    pub ticket_prefix: String,
}

/// A number that the phone can write to.
#[derive(Clone, Debug)]
pub struct Line {
    /// The channel's name.
    pub channel: String,
    /// Who carries its messages, as people say it.
    pub provider: &'static str,
    /// The number, digits with country code.
    pub number: String,
}

/// A person whose phone can be held, and where they write from.
struct Person {
    name: &'static str,
    number: &'static str,
    place: &'static str,
}

const PEOPLE: &[Person] = &[
    Person {
        name: "Juan Pérez",
        number: "51999888777",
        place: "Lima, Perú",
    },
    Person {
        name: "María Fernanda López",
        number: "5215512345678",
        place: "Ciudad de México",
    },
    Person {
        name: "Camila Rojas",
        number: "56961234567",
        place: "Santiago, Chile",
    },
    Person {
        name: "Martín Acosta",
        number: "5491158749895",
        place: "Buenos Aires",
    },
];

const EXAMPLES: &[&str] = &[
    "Hola, tengo un problema con mi computadora",
    "No enciende desde esta mañana",
    "Juan Pérez, área de contabilidad",
    "no, es la impresora",
    "cancelar",
];

/// The whole page.
pub fn page(demo: &Demo) -> Markup {
    html! {
        (DOCTYPE)
        html lang="es" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Chasqui · demostración" }
                link rel="icon" href="/assets/chasqui.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/demo.css";
                script type="module" src="/assets/demo.js" {}
            }
            body data-zone=(demo.time_zone) data-prefix=(demo.ticket_prefix) {
                a.skip href="#mensaje" { "Ir al mensaje" }
                (top())
                main {
                    (telephone(demo))
                    (board())
                    (numbers())
                }
                noscript { p.notice { "Esta página necesita JavaScript para mostrar lo que cambia." } }
            }
        }
    }
}

fn top() -> Markup {
    html! {
        header.top {
            img src="/assets/chasqui.svg" alt="" width="44" height="44";
            div.title {
                h1 { "Chasqui" }
                p {
                    "Escriba como lo haría en WhatsApp. El asistente reúne lo que falta, abre el "
                    "ticket en GLPI y le dice su número. WhatsApp y GLPI son simuladores; el "
                    "servidor, su diario y sus actores son los de verdad."
                }
            }
            p.connection id="conexion" role="status" data-state="waiting" { "Conectando…" }
        }
    }
}

fn telephone(demo: &Demo) -> Markup {
    let initials: String = demo
        .tenant_name
        .split_whitespace()
        .filter_map(first)
        .take(2)
        .collect();
    html! {
        section.phone-column aria-label="Teléfono" {
            (people(demo))
            div.phone {
                div.screen {
                    div.chat-head {
                        span.avatar aria-hidden="true" { (initials) }
                        div {
                            h2 { (demo.tenant_name) }
                            p id="presencia" { @if let Some(line) = demo.lines.first() { "+" (line.number) } }
                        }
                    }
                    ol.chat id="charla" role="log" aria-live="polite" aria-label="Conversación" tabindex="0" {}
                    form.compose id="escribir" {
                        label.attach title="Adjuntar un archivo" {
                            span.unseen { "Adjuntar un archivo" }
                            span aria-hidden="true" { "📎" }
                            input.unseen type="file" id="archivo";
                        }
                        label.unseen for="mensaje" { "Mensaje" }
                        textarea id="mensaje" name="text" rows="1" maxlength="4096"
                            placeholder="Mensaje" autocomplete="off" {}
                        button type="submit" aria-label="Enviar" { (send_icon()) }
                    }
                }
            }
            div.examples role="group" aria-label="Frases de ejemplo" {
                p { "Pruebe con:" }
                @for example in EXAMPLES {
                    button type="button" data-example=(example) { (example) }
                }
            }
        }
    }
}

fn lines(demo: &Demo) -> Markup {
    html! {
        fieldset id="canales" {
            legend { "¿A qué número?" }
            @for (index, line) in demo.lines.iter().enumerate() {
                label.person {
                    input type="radio" name="channel" value=(line.channel)
                        data-number=(line.number) checked[index == 0];
                    span.name { (line.provider) }
                    span.place { "+" (line.number) }
                }
            }
        }
    }
}

fn people(demo: &Demo) -> Markup {
    html! {
        div.people {
            (lines(demo))
            fieldset id="personas" {
                legend { "¿Quién escribe?" }
                @for (index, person) in PEOPLE.iter().enumerate() {
                    label.person {
                        input type="radio" name="person" value=(person.number)
                            data-name=(person.name) checked[index == 0];
                        span.name { (person.name) }
                        span.place { "+" (person.number) " · " (person.place) }
                    }
                }
            }
            details.add {
                summary { "Agregar otra persona" }
                form id="agregar" {
                    label { "Nombre" input name="name" required maxlength="60" autocomplete="off"; }
                    label {
                        "Número con código de país"
                        input name="number" required inputmode="tel" pattern="\\+?[0-9 ]{8,20}"
                            placeholder="51 987 654 321" autocomplete="off";
                    }
                    button type="submit" { "Agregar" }
                }
            }
        }
    }
}

fn board() -> Markup {
    html! {
        section.board aria-labelledby="tickets-titulo" {
            div.section-head {
                h2 id="tickets-titulo" { "Tickets en GLPI" }
                p.count id="tickets-cuenta" role="status" { "" }
            }
            ol.tickets id="tickets" aria-live="polite" {}
            p.empty id="tickets-vacio" {
                "Todavía no hay tickets. El primero aparece aquí en cuanto la conversación lo abre."
            }
        }
    }
}

fn numbers() -> Markup {
    html! {
        section.numbers aria-labelledby="numeros-titulo" {
            div.section-head {
                h2 id="numeros-titulo" { "El servidor, en vivo" }
            }
            div.group {
                h3 { "Diario" }
                svg.pulse id="pulso" viewBox="0 0 240 48" preserveAspectRatio="none" role="img"
                    aria-label="Registros por segundo en el último minuto" {
                    path {}
                }
                dl.tiles id="diario" {}
            }
            div.group {
                h3 { "Actores" }
                dl.tiles id="actores" {}
            }
            div.group {
                h3 { "Pasarelas" }
                ul.gateways id="pasarelas" {}
            }
        }
    }
}

fn send_icon() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" {
            path d="M3 20.5v-7l9-1.5-9-1.5v-7l19 8.5z" fill="currentColor" {}
        }
    }
}

fn first(word: &str) -> Option<char> {
    word.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(tenant_name: &str) -> Demo {
        Demo {
            lines: vec![Line {
                channel: "demo-meta".into(),
                provider: "Meta",
                number: "15550783881".into(),
            }],
            tenant_name: tenant_name.into(),
            time_zone: "America/Lima".into(),
            ticket_prefix: "TK".into(),
        }
    }

    #[test]
    fn names_on_the_page_cannot_bring_markup() {
        let page = page(&demo("<script>alert(1)</script>")).into_string();
        assert!(!page.contains("<script>alert"));
        assert!(page.contains("&lt;script&gt;alert"));
    }

    #[test]
    fn nothing_on_the_page_needs_an_inline_script_or_style() {
        let page = page(&demo("IT Green Peru")).into_string();
        for forbidden in [" style=", " onclick=", "<style", "https://", "http://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
