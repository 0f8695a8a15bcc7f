//! The demo: a phone beside the tickets as they change and the live numbers of the server.
//!
//! The page is complete without its script but for what moves; the script fills in what it learns
//! from the server's own addresses. Text is Spanish, as the people are whom the demo is for.

mod cast;
mod desks;
mod telephone;

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
    /// The queue whose people answer, and the token with which the page asks for them; only the
    /// demo's own token, which is no secret.
    pub desk: Option<Desk>,
}

/// The desk of the people behind the channel.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The queue's id.
    pub queue: String,
    /// The token of the API.
    pub token: String,
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

/// The whole page.
pub fn page(demo: &Demo) -> Markup {
    let token = demo.desk.as_ref().map(|desk| desk.token.as_str());
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
            body data-zone=(demo.time_zone) data-prefix=(demo.ticket_prefix) data-token=[token] {
                a.skip href="#mensaje" { "Ir al mensaje" }
                (top(demo))
                main {
                    (telephone::people(demo))
                    (telephone::section(demo))
                    div.office {
                        @if let Some(desk) = &demo.desk { (desks::people(desk)) }
                        (desks::tickets())
                    }
                    div.engine {
                        (desks::faults())
                        @if demo.desk.is_some() { (desks::templates()) }
                        (numbers())
                    }
                }
                noscript { p.notice { "Esta página necesita JavaScript para mostrar lo que cambia." } }
            }
        }
    }
}

fn top(demo: &Demo) -> Markup {
    html! {
        header.top {
            img src="/assets/chasqui.svg" alt="" width="40" height="40";
            div.title {
                h1 { "Chasqui" }
                p {
                    "El soporte de una empresa por WhatsApp. WhatsApp y GLPI son simuladores; el "
                    "servidor, su diario y sus actores son los de verdad."
                }
            }
            p.connection id="conexion" role="status" data-state="waiting" { "Conectando…" }
        }
        ol.steps aria-label="Cómo se usa" {
            li { strong { "Escriba" } " en el teléfono, o toque una frase de muestra." }
            li { strong { "Mire" } " el ticket que se abre en GLPI y atiéndalo." }
            li { strong { "Pruebe" } " averías, personas, plantillas: nada se pierde." }
        }
        nav.places aria-label="Partes de la página" {
            a href="#telefono" { "Teléfono" }
            @if demo.desk.is_some() { a href="#personas-turno" { "Personas" } }
            a href="#mesa" { "Tickets" }
            a href="#averias" { "Averías" }
            @if demo.desk.is_some() { a href="#plantillas" { "Plantillas" } }
            a href="#servidor" { "Servidor" }
        }
    }
}

fn numbers() -> Markup {
    html! {
        section.numbers id="servidor" aria-labelledby="numeros-titulo" {
            div.section-head {
                h2 id="numeros-titulo" { "El servidor, en vivo" }
            }
            div.group {
                h3 { "Pasarelas" }
                ul.gateways id="pasarelas" {}
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
        }
    }
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
            desk: None,
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
