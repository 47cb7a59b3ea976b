//! Telephone numbers as staff write them: those of the country, and short codes.

use super::Phone;
use crate::phone::PhoneNumber;

impl Phone {
    /// A number that was typed into a text.
    pub(in crate::content) fn typed(text: &str) -> Self {
        Self(0, 0, text.to_owned())
    }

    /// The `tel:` address: `tel:+19165550100`, or the short code as it is (RFC 3966).
    #[must_use]
    pub fn href(&self) -> String {
        format!("tel:{}", self.dialled())
    }

    /// The `sms:` address (RFC 5724).
    #[must_use]
    pub fn sms(&self) -> String {
        format!("sms:{}", self.dialled())
    }

    /// What is dialled: E.164, or a short code as it is.
    #[must_use]
    pub fn dialled(&self) -> String {
        PhoneNumber::parse(&self.2).map_or_else(|| self.2.clone(), |number| number.dialled().to_owned())
    }

    /// Whether nobody can be reached by it.
    #[must_use]
    pub fn is_fictitious(&self) -> bool {
        PhoneNumber::parse(&self.2).is_some_and(|number| number.is_fictitious())
    }
}

/// Whether a text is a number with its area code, or a short code.
pub(super) fn is_phone(text: &str) -> bool {
    let is_short_code = (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = text.chars().all(|c| c.is_ascii_digit() || "-() .+".contains(c));
    is_short_code || (shape && PhoneNumber::parse(text).is_some_and(|number| number.is_american()))
}

#[cfg(test)]
mod tests {
    use super::{Phone, is_phone};

    #[test]
    fn phones_are_dialled_as_e164() {
        let phone = |text: &str| Phone(0, 0, text.to_owned());
        assert_eq!(phone("916-555-0100").href(), "tel:+19165550100");
        assert_eq!(phone("1-800-662-4357").href(), "tel:+18006624357");
        assert_eq!(phone("988").sms(), "sms:988");
        assert!(phone("(916) 555-0199").is_fictitious() && !phone("911").is_fictitious());
    }

    #[test]
    fn a_number_is_one_that_can_be_dialled_here() {
        for good in ["988", "211211", "916-555-0100", "(916) 555-0100", "1 800 662.4357", "+1 916 555 0100"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "12", "1234567", "916-555-010", "116-555-0100", "+52 55 1234 5678", "916-555-0100 x1", "9-8-8"]
        {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
