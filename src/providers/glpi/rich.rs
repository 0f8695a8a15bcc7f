//! GLPI's rich text as a person reads it on a phone.
//!
//! Releases up to 10 store text encoded; the header that asks for decoded text works on items of
//! 10.0 alone, neither on searches nor on 9.5 (GLPI REST API, HTML encoding). So text is decoded
//! here once more, only where it holds no raw `<` and does hold an encoded one.

/// Elements whose end is the end of a line.
const BLOCKS: [&str; 12] = [
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "table",
    "blockquote",
];

/// Text as it was typed, whatever this GLPI made of it.
pub(super) fn decoded(text: &str) -> String {
    let encoded = !text.contains('<') && (text.contains("&#60;") || text.contains("&lt;"));
    let holds_code = text.contains("&#38;") || text.contains("&#62;");
    match encoded || (holds_code && !text.contains('<')) {
        true => entities(text),
        false => text.to_owned(),
    }
}

/// A short text that holds no markup, such as a title.
pub(super) fn title(stored: &str) -> String {
    let text = decoded(stored);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Rich text without its markup: comments, scripts and styles are dropped, blocks and breaks
/// become lines, runs of blank lines one.
pub(super) fn plain(stored: &str) -> String {
    let html = decoded(stored);
    let mut text = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let Some(end) = rest.find('>').filter(|_| is_tag) else {
            text.push('<');
            rest = &rest[1..];
            continue;
        };
        let name = rest[1..end].trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let closing = rest.starts_with("</");
        rest = &rest[end + 1..];
        match name.as_str() {
            "br" => text.push('\n'),
            "li" if !closing => text.push_str("- "),
            "script" | "style" if !closing => rest = after(rest, &name),
            block if closing && BLOCKS.contains(&block) => text.push('\n'),
            _ => {}
        }
    }
    text.push_str(rest);
    lines(&entities(&text))
}

/// What follows the end of a raw element.
fn after<'a>(rest: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}");
    let lower = rest.to_ascii_lowercase();
    let tail = lower.find(&end).map_or("", |at| &rest[at..]);
    tail.find('>').map_or("", |at| &tail[at + 1..])
}

fn lines(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

/// Character references: the few named ones that editors write, and all numbered ones.
fn entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        let reference = end.and_then(|end| Some((end, reference(&rest[1..end])?)));
        match reference {
            Some((end, character)) => {
                decoded.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn reference(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "aacute" => 'á',
        "eacute" => 'é',
        "iacute" => 'í',
        "oacute" => 'ó',
        "uacute" => 'ú',
        "ntilde" => 'ñ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            return char::from_u32(code).filter(|c| !c.is_control() || *c == '\n');
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_read_from_every_release() {
        let typed = "<p>Reinicie &amp; avise<br>gracias</p><!-- chasqui:x -->";
        let of_10 = "&#60;p&#62;Reinicie &#38;amp; avise&#60;br&#62;gracias&#60;/p&#62;";
        let of_9 = "&lt;p&gt;Reinicie &amp; avise&lt;br&gt;gracias&lt;/p&gt;";
        for stored in [typed, of_10, of_9] {
            assert_eq!(plain(stored), "Reinicie & avise\ngracias", "{stored}");
        }
    }

    #[test]
    fn markup_scripts_and_comments_leave_nothing_behind() {
        let html = "<div><h2>Hola</h2><ul><li>uno</li><li>dos</li></ul><script>alert('<p>')\
                    </script><style>p{}</style><!-- <b>no</b> --></div><p>1 < 2</p><!-- open";
        assert_eq!(plain(html), "Hola\n- uno\n- dos\n\n1 < 2");
    }

    #[test]
    fn titles_are_decoded_and_one_line() {
        assert_eq!(title("A &#38; B\n &#60;C&#62;"), "A & B <C>");
        assert_eq!(title("R&D &amp; más"), "R&D &amp; más");
        assert_eq!(
            entities("R&D; 5 &#x26; 6 &#0; &bogus;"),
            "R&D; 5 & 6 &#0; &bogus;"
        );
    }

    #[test]
    fn text_that_holds_raw_markup_is_not_decoded_twice() {
        assert_eq!(plain("<p>write &amp;lt; for it</p>"), "write &lt; for it");
    }
}
