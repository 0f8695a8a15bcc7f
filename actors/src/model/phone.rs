//! Phone numbers and the Latin American spellings of the same person.
//!
//! Facts: WhatsApp Cloud API, Latin American numbers. Mexico's old mobile `1` and Brazil's ninth
//! digit are folded into one canonical form. Argentina's `9` is **not** folded: the short form can be
//! somebody else's landline, so it is only a search variant.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Digits with country code (E.164).
const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 15;

/// A phone number as digits with country code, without `+`: 8 to 15 digits (E.164).
///
/// `Debug` and `Display` mask all but the country prefix and the last three digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Phone(SmolStr);

/// Text that is no international phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an international phone number: expected 8 to 15 digits starting with a country code")]
pub struct InvalidPhone;

impl Phone {
    /// Reads digits, tolerating `+`, spaces, dashes, dots and brackets.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let mut digits = [0; DIGITS_MAX];
        let mut count = 0;
        for c in text.chars() {
            match c {
                '0'..='9' => {
                    *digits.get_mut(count).ok_or(InvalidPhone)? = c as u8;
                    count += 1;
                }
                '+' | ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(InvalidPhone),
            }
        }
        let digits = &digits[..count];
        if count < DIGITS_MIN || digits.starts_with(b"0") {
            return Err(InvalidPhone);
        }
        let digits = std::str::from_utf8(digits).map_err(|_| InvalidPhone)?;
        Ok(Self(SmolStr::new(digits)))
    }

    /// Reads a number typed without country code or with the national trunk prefix `0`, as CRM and
    /// help desk fields hold them (R226: `09XX-XXX-XXX` in Taiwan is `+8869XXXXXXXX`).
    /// `country_code` is the digits to put in front, for example `"886"`.
    pub fn parse_national(text: &str, country_code: &str) -> Result<Self, InvalidPhone> {
        let trimmed = text.trim();
        if trimmed.starts_with('+') || trimmed.starts_with("00") {
            return Self::parse(trimmed.trim_start_matches("00"));
        }
        let national: String = trimmed.chars().filter(char::is_ascii_digit).collect();
        Self::parse(&format!(
            "{country_code}{}",
            national.trim_start_matches('0')
        ))
    }

    /// The digits, country code first.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The spelling under which this person is one contact: Mexico without the `1` after 52, Brazil
    /// without the ninth digit, everything else as it is.
    pub fn canonical(&self) -> Self {
        let digits = self.digits();
        if let Some(rest) = digits.strip_prefix("521").filter(|rest| rest.len() == 10) {
            return Self(format!("52{rest}").into());
        }
        if let Some((area, local)) = brazilian_with_ninth_digit(digits) {
            return Self(format!("55{area}{local}").into());
        }
        self.clone()
    }

    /// All spellings to try when searching other systems, this number's own first.
    pub fn variants(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let mut add = |digits: String| {
            let phone = Self(digits.into());
            if !all.contains(&phone) {
                all.push(phone);
            }
        };
        let canonical = self.canonical();
        let digits = canonical.digits();
        add(digits.to_owned());
        if let Some(rest) = digits.strip_prefix("52").filter(|rest| rest.len() == 10) {
            add(format!("521{rest}"));
        }
        if let Some(rest) = digits.strip_prefix("55").filter(|rest| rest.len() == 10) {
            let (area, local) = rest.split_at(2);
            if matches!(local.as_bytes()[0], b'6'..=b'9') {
                add(format!("55{area}9{local}"));
            }
        }
        if let Some(rest) = digits.strip_prefix("549").filter(|rest| rest.len() == 10) {
            add(format!("54{rest}"));
        }
        all
    }
}

/// Area code and local number without the ninth digit, for a Brazilian mobile that has it.
fn brazilian_with_ninth_digit(digits: &str) -> Option<(&str, &str)> {
    let rest = digits.strip_prefix("55").filter(|rest| rest.len() == 11)?;
    let (area, local) = rest.split_at(2);
    let local = local.strip_prefix('9')?;
    matches!(local.as_bytes()[0], b'6'..=b'9').then_some((area, local))
}

impl std::fmt::Display for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.digits();
        write!(f, "+{}*****{}", &digits[..2], &digits[digits.len() - 3..])
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Phone {
        Phone::parse(text).expect(text)
    }

    #[test]
    fn spellings_of_one_person_fold_and_others_do_not() {
        for (written, canonical) in [
            ("+52 1 55 1234 5678", "525512345678"),
            ("52 55 1234 5678", "525512345678"),
            ("55 11 98765-4321", "551187654321"),
            ("55 11 8765-4321", "551187654321"),
            ("55 11 3456-7890", "551134567890"),
            ("55 11 93456-7890", "5511934567890"),
            ("54 9 11 5874 9895", "5491158749895"),
            ("54 11 5874 9895", "541158749895"),
            ("51 999 888 777", "51999888777"),
            ("56 9 6123 4567", "56961234567"),
            ("57 300 1234567", "573001234567"),
            ("1 650 555 1234", "16505551234"),
        ] {
            assert_eq!(phone(written).canonical().digits(), canonical, "{written}");
        }
    }

    #[test]
    fn search_variants_hold_every_spelling() {
        let spellings = |text| -> Vec<String> {
            phone(text)
                .variants()
                .iter()
                .map(|p| p.digits().to_owned())
                .collect()
        };
        assert_eq!(
            spellings("5215512345678"),
            ["5215512345678", "525512345678"]
        );
        assert_eq!(spellings("551187654321"), ["551187654321", "5511987654321"]);
        assert_eq!(
            spellings("5491158749895"),
            ["5491158749895", "541158749895"]
        );
        assert_eq!(spellings("541158749895"), ["541158749895"]);
    }

    #[test]
    fn national_numbers_take_their_country_code() {
        let taiwan = Phone::parse_national("0912-345-678", "886");
        assert_eq!(
            taiwan.map(|p| p.digits().to_owned()),
            Ok("886912345678".into())
        );
        let already = Phone::parse_national("+51 999 888 777", "51");
        assert_eq!(
            already.map(|p| p.digits().to_owned()),
            Ok("51999888777".into())
        );
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in ["", "12", "0999888777", "hola", "1234567890123456"] {
            assert_eq!(Phone::parse(bad), Err(InvalidPhone), "{bad}");
        }
    }

    #[test]
    fn printing_a_phone_never_shows_it() {
        assert_eq!(format!("{:?}", phone("51999888777")), "+51*****777");
    }
}
