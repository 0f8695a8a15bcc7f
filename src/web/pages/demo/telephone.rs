//! The phone: who holds it, which number it writes to, the chat and what can be sent from it.

use maud::{Markup, html};

use super::Demo;
use super::cast::{PEOPLE, PHRASES, Phrases};

/// What the paper clip offers beside a file of one's own: its key in the script, and its words.
const SAMPLES: &[(&str, &str)] = &[
    ("photo", "📷 Foto de muestra"),
    ("pdf", "📄 PDF de muestra"),
    ("voice", "🎤 Nota de voz"),
    ("location", "📍 Ubicación"),
];

pub(super) fn section(demo: &Demo) -> Markup {
    let first = |word: &str| word.chars().next();
    let words = demo.tenant_name.split_whitespace();
    let initials: String = words.filter_map(first).take(2).collect();
    html! {
        section.phone-column id="telefono" aria-label="Teléfono" {
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
                    p.pause id="espera" role="status" {}
                    (compose())
                }
            }
            (phrases())
        }
    }
}

fn compose() -> Markup {
    html! {
        form.compose id="escribir" {
            p.quoting id="cita" hidden {
                span {}
                button type="button" aria-label="No responder a ese mensaje" { "✕" }
            }
            details.clip id="adjuntos" {
                summary title="Adjuntar" {
                    span.unseen { "Adjuntar" }
                    span aria-hidden="true" { "📎" }
                }
                div.sheet {
                    @for (key, words) in SAMPLES {
                        button type="button" data-sample=(key) { (words) }
                    }
                    label { "📁 Elegir un archivo…" input.unseen type="file" id="archivo"; }
                }
            }
            label.unseen for="mensaje" { "Mensaje" }
            textarea id="mensaje" name="text" rows="1" maxlength="4096"
                placeholder="Mensaje" autocomplete="off" {}
            button type="submit" aria-label="Enviar" { (send_icon()) }
        }
    }
}

/// One set a language; the script shows the one of who holds the phone.
fn phrases() -> Markup {
    let hidden = |set: &Phrases| {
        PEOPLE
            .first()
            .is_none_or(|who| who.language != set.language)
    };
    html! {
        div.examples role="group" aria-label="Frases de ejemplo" {
            @for set in PHRASES {
                div data-phrases=(set.language) lang=(set.language) hidden[hidden(set)] {
                    ol.path aria-label="Para abrir un ticket, en este orden" {
                        @for phrase in set.ticket { li { (example(phrase)) } }
                    }
                    div.more { @for phrase in set.more { (example(phrase)) } }
                }
            }
        }
    }
}

fn example(phrase: &str) -> Markup {
    let name = PEOPLE.first().map_or("", |who| who.name);
    html! { button type="button" data-example=(phrase) { (phrase.replace("{name}", name)) } }
}

fn lines(demo: &Demo) -> Markup {
    html! {
        fieldset.lines id="canales" {
            legend { "¿A qué número?" }
            @for (index, line) in demo.lines.iter().enumerate() {
                label.person {
                    input type="radio" name="channel" value=(line.channel)
                        data-number=(line.number) data-provider=(line.provider)
                        checked[index == 0];
                    span.name { (line.provider) }
                    span.place { "+" (line.number) }
                }
            }
        }
    }
}

/// Whose phone it is, and which number they write to.
pub(super) fn people(demo: &Demo) -> Markup {
    html! {
        div.people {
            (lines(demo))
            fieldset id="personas" {
                legend { "¿Quién escribe?" }
                @for (index, person) in PEOPLE.iter().enumerate() {
                    label.person title={ "+" (person.number) } {
                        input type="radio" name="person" value=(person.number)
                            data-name=(person.name) data-language=(person.language)
                            checked[index == 0];
                        span.name { (person.name) }
                        span.place { (person.place) " · " (person.language) }
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
                    button.strong type="submit" { "Agregar" }
                }
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
