//! Texts longer than one message: cut into parts that read well.
//!
//! WhatsApp takes 4,096 characters in a text and 1,024 below a file or above buttons (WhatsApp Cloud
//! API, length and count limits). A longer text becomes several messages: cut between paragraphs
//! where that leaves a part at least half full, else between lines, sentences, words, and within an
//! endless word only where nothing is torn, neither a character with its marks, an emoji with what
//! makes it up, nor an address that would fit. White space at a cut is dropped; nothing else is.
//!
//! Pure and linear in the text, so that a decision made once is made for ever.

mod marks;

/// Characters of one text message.
pub const TEXT_CHARS_MAX: usize = 4_096;
/// Characters below a file, or above buttons or a list.
pub const SHORT_CHARS_MAX: usize = 1_024;

/// How a place to cut reads, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Word,
    Sentence,
    Line,
    Paragraph,
}

/// `text` in parts of at most `max` characters each, in order; as it is when it fits.
pub fn parts(text: &str, max: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(end) = end_of(rest, max) {
        let cut = cut(rest, end, max);
        parts.push(rest[..cut].trim_end());
        rest = without_front(&rest[cut..]);
        if parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

/// `text` in two: what goes ahead, and an end of at most `max` characters that stands by itself, its
/// last paragraph where that fits. Nothing goes ahead of a text that fits.
pub fn head_and_end(text: &str, max: usize) -> (&str, &str) {
    if end_of(text, max).is_none() {
        return ("", text);
    }
    let chars = text.chars().count();
    let first = nth(text, chars - max);
    let found = gaps(text)
        .filter(|(at, _)| *at >= first && *at < text.trim_end().len())
        .map(|(at, gap)| match gap {
            // Of paragraphs the last, of lesser gaps the first: as much of the thought as fits.
            Gap::Paragraph => (gap, at),
            _ => (gap, text.len() - at),
        })
        .max();
    let cut = match found {
        Some((Gap::Paragraph, at)) => at,
        Some((_, from_end)) => text.len() - from_end,
        None => next_border(text, first),
    };
    (text[..cut].trim_end(), without_front(&text[cut..]))
}

/// Whether nothing is torn between the bytes before `at` and those behind it: the border of a
/// character as people see it.
pub fn is_border(text: &str, at: usize) -> bool {
    let (Some(before), Some(behind)) = (text[..at].chars().next_back(), text[at..].chars().next())
    else {
        return true;
    };
    let number = u32::from(behind);
    let clings = marks::is_mark(behind)
        || matches!(number, 0x200c | 0x200d | 0x1f3fb..=0x1f3ff | 0xe0020..=0xe007f)
        || before == '\u{200d}';
    let line_end = before == '\r' && behind == '\n';
    // Parts of one Korean syllable.
    let syllable = matches!(number, 0x1160..=0x11ff)
        || matches!(u32::from(before), 0x1100..=0x115f)
            && matches!(number, 0x1100..=0x11ff | 0xac00..=0xd7a3);
    let is_flag_half = |letter: &char| matches!(u32::from(*letter), 0x1f1e6..=0x1f1ff);
    let halves = text[..at].chars().rev().take_while(is_flag_half).count();
    let flag = is_flag_half(&behind) && halves % 2 == 1;
    !(clings || line_end || syllable || flag)
}

/// Where the first `max` characters end; `None` when the text has no more.
fn end_of(text: &str, max: usize) -> Option<usize> {
    text.char_indices().nth(max).map(|(at, _)| at)
}

/// Where the first `count` characters end.
fn nth(text: &str, count: usize) -> usize {
    end_of(text, count).unwrap_or(text.len())
}

/// Where to cut a text whose first `max` characters end at `end`.
fn cut(text: &str, end: usize, max: usize) -> usize {
    let half = nth(text, max / 2);
    // One more, so that a part may end exactly where white space begins.
    let reach = text[end..].chars().next().map_or(0, char::len_utf8);
    let window = &text[..end + reach];
    let mut best: Option<(Gap, usize)> = None;
    for (at, gap) in gaps(window) {
        let fits = text[..at].trim_end().len() <= end;
        // The beginning of a text is no part of its own, however well it ends.
        let gap = if at >= half { gap } else { Gap::Word };
        if fits && is_border(text, at) {
            best = best.max(Some((gap, at)));
        }
    }
    let word = best.map(|(_, at)| at);
    word.filter(|at| *at > 0)
        .unwrap_or_else(|| before_address(text, untorn(text, end)))
}

/// The places behind white space, and what ends there.
fn gaps(text: &str) -> impl Iterator<Item = (usize, Gap)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let space = at + text[at..].find(char::is_whitespace)?;
        let run = &text[space..];
        let behind = run.find(|letter: char| !letter.is_whitespace());
        let length = behind.unwrap_or(run.len());
        at = space + length;
        let lines = run[..length].matches('\n').count();
        let ends = |letter: char| matches!(letter, '.' | '!' | '?' | '…' | '。' | '؟');
        let closed = text[..space].trim_end_matches(['"', '\'', ')', '»', '”', '*', '_']);
        let gap = match lines {
            0 if closed.ends_with(ends) => Gap::Sentence,
            0 => Gap::Word,
            1 => Gap::Line,
            _ => Gap::Paragraph,
        };
        Some((at, gap))
    })
}

/// `text` without the white space it begins with; a space that carries a mark stays.
fn without_front(text: &str) -> &str {
    let bare = text.trim_start();
    let at = text.len() - bare.len();
    let carrier = text[..at].char_indices().next_back();
    match carrier.filter(|_| !is_border(text, at)) {
        Some((space, _)) => &text[space..],
        None => bare,
    }
}

/// The last border at or before `at`; `at` itself when one character is longer than a message.
fn untorn(text: &str, at: usize) -> usize {
    let before = text[..at].char_indices().rev().map(|(at, _)| at);
    let mut places = std::iter::once(at).chain(before);
    let found = places.find(|place| is_border(text, *place));
    found.filter(|place| *place > 0).unwrap_or(at)
}

/// The first border at or behind `at`.
fn next_border(text: &str, at: usize) -> usize {
    let mut behind = text[at..].char_indices().map(|(index, _)| at + index);
    behind.find(|place| is_border(text, *place)).unwrap_or(at)
}

/// `at`, or where the web address begins that it would tear, unless that is where the text begins.
fn before_address(text: &str, at: usize) -> usize {
    let begins = ["https://", "http://", "www."]
        .iter()
        .filter_map(|scheme| {
            // The scheme itself may lie across the cut.
            let mut until = (at + scheme.len() - 1).min(text.len());
            while !text.is_char_boundary(until) {
                until -= 1;
            }
            text[..until].rfind(scheme)
        })
        .filter(|begin| *begin < at)
        .filter(|begin| !text[*begin..at].contains(char::is_whitespace))
        .min();
    begins.filter(|begin| *begin > 0).unwrap_or(at)
}

#[cfg(test)]
mod tests;
