//! From a ticket draft to GLPI's rich text, and GLPI's dates and codes back.

use actors::model::{EffectId, Millis, TicketDraft};

/// GLPI cuts longer titles (column `name`).
const TITLE_MAX: usize = 255;

/// What finds a ticket again: searched in the text, so without `<`, `>` and `&`.
pub(super) fn marker(effect: EffectId) -> String {
    format!("chasqui:{effect}")
}

/// The ticket's title; empty when the draft has none, which lets GLPI take one from the text.
pub(super) fn title(draft: &TicketDraft) -> String {
    one_line(&draft.title)
}

/// A text as GLPI's title column holds it.
pub(super) fn one_line(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").chars().take(TITLE_MAX).collect()
}

/// The ticket's text: who, the description, what the person wrote, and the hidden marker.
///
/// GLPI shows rich text; plain new-lines would be lost there, and anything the person typed must
/// not become markup in a technician's browser.
pub(super) fn content(effect: EffectId, draft: &TicketDraft) -> String {
    let mut html = String::new();
    paragraph(&mut html, &draft.description);
    let who = [&draft.requester_name, &draft.requester_area];
    let who: Vec<&str> = who.into_iter().map(|part| part.trim()).collect();
    let known = who.iter().filter(|part| !part.is_empty());
    paragraph(&mut html, &known.copied().collect::<Vec<_>>().join(" · "));
    if !draft.transcript.is_empty() {
        html.push_str("<hr>");
        for said in &draft.transcript {
            paragraph(&mut html, said);
        }
    }
    html.push_str(&format!("<!-- {} -->", marker(effect)));
    html
}

/// One paragraph of rich text; what people typed never becomes markup.
pub(super) fn paragraph(html: &mut String, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    html.push_str("<p>");
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            html.push_str("<br>");
        }
        line.chars().for_each(|c| match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        });
    }
    html.push_str("</p>");
}

/// Given name and family name, as GLPI keeps them.
pub(super) fn names(full: &str) -> (String, String) {
    let words: Vec<&str> = full.split_whitespace().collect();
    match words.as_slice() {
        [] => (String::new(), String::new()),
        [only] => (String::new(), (*only).to_owned()),
        [first, rest @ ..] => ((*first).to_owned(), rest.join(" ")),
    }
}

/// Milliseconds since the epoch of GLPI's wall clock `YYYY-MM-DD HH:MM:SS`, read as if it were UTC.
pub(super) fn wall_clock_ms(text: &str) -> Option<i64> {
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// How far GLPI's wall clock, as the session's time zone shows it, is ahead of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skew {
    ahead_ms: i64,
    pub measured: Millis,
}

impl Skew {
    /// Measured by GLPI's `glpi_currenttime` against our clock.
    pub fn measure(glpi: &str, ours: Millis) -> Option<Self> {
        Some(Self {
            ahead_ms: wall_clock_ms(glpi)?.checked_sub_unsigned(ours.0)?,
            measured: ours,
        })
    }

    /// How far GLPI's wall clock is ahead, in milliseconds; its time zone is part of it.
    pub const fn ahead_ms(&self) -> i64 {
        self.ahead_ms
    }

    /// A date of GLPI's as an instant of our clock.
    pub fn instant(&self, glpi: &str) -> Option<Millis> {
        let ours = wall_clock_ms(glpi)?.checked_sub(self.ahead_ms)?;
        u64::try_from(ours).ok().map(Millis)
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, IdHash, InSeq, Key};

    use super::*;

    fn effect() -> EffectId {
        EffectId::derive(
            Key::Contact(ContactId([7; 16])),
            InSeq(1),
            IdHash([1; 8]),
            0,
        )
    }

    fn draft() -> TicketDraft {
        TicketDraft {
            title: "Impresora  no imprime\n".into(),
            description: "La impresora <HP> no imprime & parpadea".into(),
            transcript: vec!["hola".into(), "línea 1\nlínea 2 <script>".into()],
            urgency: 4,
            category: actors::understand::Category::Hardware,
            requester_name: "Juan Pérez".into(),
            requester_area: "Contabilidad".into(),
            phone: None,
            email: None,
        }
    }

    #[test]
    fn what_people_typed_is_text_and_never_markup() {
        let html = content(effect(), &draft());
        let expected = format!(
            "<p>La impresora &lt;HP&gt; no imprime &amp; parpadea</p><p>Juan Pérez · \
             Contabilidad</p><hr><p>hola</p><p>línea 1<br>línea 2 &lt;script&gt;</p>\
             <!-- chasqui:{} -->",
            effect()
        );
        assert_eq!(html, expected);
    }

    #[test]
    fn a_person_cannot_end_the_hidden_marker_or_write_one() {
        let mut draft = draft();
        draft.description = "--> <!-- chasqui:x -->".into();
        let html = content(effect(), &draft);
        assert_eq!(html.matches("<!--").count(), 1);
        assert_eq!(html.matches("-->").count(), 1);
    }

    #[test]
    fn titles_are_one_line_within_the_column() {
        assert_eq!(title(&draft()), "Impresora no imprime");
        let mut long = draft();
        long.title = "ñ".repeat(300);
        assert_eq!(title(&long).chars().count(), 255);
    }

    #[test]
    fn dates_are_read_through_the_measured_skew() {
        // The server shows Lima time (UTC-5) and its clock is 2 s slow.
        let ours = Millis(1_795_323_602_000);
        let skew = Skew::measure("2026-11-22 00:00:00", ours).expect("a date");
        assert_eq!(
            skew.instant("2026-11-22 00:00:10"),
            Some(ours.plus_ms(10_000))
        );
        assert_eq!(skew.instant("yesterday"), None);
    }

    #[test]
    fn names_split_into_given_and_family() {
        let split = |full| names(full);
        assert_eq!(
            split("Rosa Quispe Mamani"),
            ("Rosa".into(), "Quispe Mamani".into())
        );
        assert_eq!(split("Rosa"), (String::new(), "Rosa".into()));
    }
}
