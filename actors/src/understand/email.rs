//! The e-mail address in what a person wrote, alone or in a sentence.
//!
//! Narrower than RFC 5321 allows: only spellings that companies give out, so that nothing typed here
//! means anything else to whoever searches by it.

use smol_str::SmolStr;

/// Longest address in bytes (RFC 5321, path).
const ADDRESS_BYTES: usize = 254;
/// Longest part before the @ in bytes (RFC 5321, local-part).
const NAME_BYTES: usize = 64;
/// Longest label of a domain in bytes (RFC 1035, size limits).
const LABEL_BYTES: usize = 63;

/// The only address in a text, in small letters; `None` when there is none, or more than one.
pub fn email(text: &str) -> Option<SmolStr> {
    let mut words = text.split_whitespace().filter(|word| word.contains('@'));
    let (word, another) = (words.next()?, words.next());
    let is_mark = |letter: char| !letter.is_alphanumeric();
    let address = word.trim_matches(is_mark).to_lowercase();
    let address = address.strip_prefix("mailto:").unwrap_or(&address);
    (another.is_none() && is_address(address)).then(|| address.into())
}

/// Whether a text is a domain of at least two labels, in small letters.
pub fn is_domain(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        (1..=LABEL_BYTES).contains(&bytes.len())
            && bytes.iter().all(|byte| legal(*byte))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.len() <= ADDRESS_BYTES && text.split('.').all(is_label)
}

fn is_address(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let legal =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._+-'".contains(&byte);
    (1..=NAME_BYTES).contains(&name.len())
        && name.bytes().all(legal)
        && !name.split('.').any(str::is_empty)
        && text.len() <= ADDRESS_BYTES
        && is_domain(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_alone_and_in_a_sentence() {
        for text in [
            "ana.torres@empresa.pe",
            " Ana.Torres@Empresa.PE ",
            "mi correo es ana.torres@empresa.pe.",
            "<ana.torres@empresa.pe>",
            "mailto:ana.torres@empresa.pe, gracias",
        ] {
            assert_eq!(
                email(text).as_deref(),
                Some("ana.torres@empresa.pe"),
                "{text}"
            );
        }
        assert_eq!(
            email("o'hara+tv_1@a-b.com.pe").as_deref(),
            Some("o'hara+tv_1@a-b.com.pe")
        );
    }

    #[test]
    fn what_is_no_single_address_is_none() {
        let long = format!("{}@empresa.pe", "a".repeat(65));
        for text in [
            "",
            "ana",
            "ana@",
            "@empresa.pe",
            "ana@empresa",
            "ana@@empresa.pe",
            "ana@b@empresa.pe",
            "ana..torres@empresa.pe",
            "ana@empresa..pe",
            "ana@-empresa.pe",
            "ana%@empresa.pe",
            "añá@empresa.pe",
            "ana@empresa.pe o luis@empresa.pe",
            &long,
        ] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn a_domain_has_two_labels_of_small_letters() {
        for domain in ["empresa.pe", "mail.a-b.com", "3m.com"] {
            assert!(is_domain(domain), "{domain}");
        }
        for domain in [
            "",
            "pe",
            ".pe",
            "empresa.",
            "Empresa.pe",
            "a b.pe",
            "@empresa.pe",
            "a_b.pe",
        ] {
            assert!(!is_domain(domain), "{domain}");
        }
    }
}
