//! What the company has before it: the tickets, the people who wait, what can go wrong outside, and
//! writing first. What changes is filled in by the script.

use maud::{Markup, html};

use super::Desk;
use crate::web::faults::FAULTS;

/// The help desk, where the visitor is the technician.
pub(super) fn tickets() -> Markup {
    html! {
        section.board id="mesa" aria-labelledby="tickets-titulo" {
            div.section-head {
                h2 id="tickets-titulo" { "Tickets en GLPI" }
                p.count id="tickets-cuenta" role="status" { "" }
            }
            p.hint { "Aquí usted es el técnico: lo que haga con un ticket llega al teléfono de quien lo pidió." }
            p.told id="tickets-aviso" role="status" {}
            ol.tickets id="tickets" aria-live="polite" {}
            p.empty id="tickets-vacio" {
                "Todavía no hay tickets. El primero aparece aquí en cuanto la conversación lo abre: "
                "toque las tres frases numeradas bajo el teléfono."
            }
        }
    }
}

/// Where the people behind the channel answer.
pub(super) fn people(desk: &Desk) -> Markup {
    html! {
        section.desk id="personas-turno" data-queue=(desk.queue) aria-labelledby="turno-titulo" {
            div.section-head {
                h2 id="turno-titulo" { "Personas que esperan" }
                button type="button" id="tomar-actual" { "Tomar la conversación" }
            }
            p.hint { "Aquí usted es la operadora Ana: mientras una persona atiende, el asistente calla." }
            p.told id="turno-aviso" role="status" {}
            ul id="turno" aria-labelledby="turno-titulo" {}
            p.empty id="turno-vacio" {
                "Nadie espera. Escriba «quiero hablar con una persona» en el teléfono."
            }
        }
    }
}

/// What can be made to fail outside.
pub(super) fn faults() -> Markup {
    html! {
        section.card id="averias" aria-labelledby="averias-titulo" {
            h2 id="averias-titulo" { "Averías" }
            p.hint { "Rompa algo y siga escribiendo: al repararlo sale todo, una sola vez." }
            ul.switches {
                @for fault in FAULTS {
                    li {
                        button type="button" role="switch" aria-checked="false" data-fault=(fault.id) {
                            span.knob aria-hidden="true" {}
                            span { strong { (fault.name) } small { (fault.meaning) } }
                        }
                    }
                }
            }
            p.told id="averias-aviso" role="status" {}
        }
    }
}

/// Writing first: what the person allows, and the templates of the number.
pub(super) fn templates() -> Markup {
    html! {
        section.card id="plantillas" aria-labelledby="plantillas-titulo" {
            h2 id="plantillas-titulo" { "Plantillas y consentimiento" }
            p.hint { "Escribir primero: fuera de las 24 h solo plantillas aprobadas; promociones, solo con permiso." }
            p.told id="permiso" role="status" { "Esta persona todavía no ha escrito." }
            p.acts {
                button type="button" id="permitir" { "Anotar que acepta promociones" }
                button type="button" id="prohibir" { "Anotar que no las quiere" }
            }
            form id="plantilla" {
                label { "Plantilla" select name="template" required {} }
                div.values {}
                p.preview id="vista" role="status" {}
                button.strong type="submit" { "Enviar plantilla" }
            }
            p.told id="plantilla-aviso" role="status" {}
        }
    }
}
