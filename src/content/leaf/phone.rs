//! Telephone numbers: what staff write, and what a phone dials.

use super::Phone;

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

    /// What is dialled: E.164 for a ten-digit number, a short code as it is.
    #[must_use]
    pub fn dialled(&self) -> String {
        let digits: String = self.2.chars().filter(char::is_ascii_digit).collect();
        match digits.len() {
            10 => format!("+1{digits}"),
            11 => format!("+{digits}"),
            _ => digits,
        }
    }

    /// Whether nobody can be reached by it: 555-0100 to 555-0199 are kept free for examples (ATIS-0300115).
    #[must_use]
    pub fn is_fictitious(&self) -> bool {
        self.dialled().get(5..).is_some_and(|local| local.starts_with("55501") && local.len() == 7)
    }
}

/// Whether a text is a number: ten digits, eleven with the country's own, or a short code.
pub(super) fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let shape = text.chars().all(|c| c.is_ascii_digit() || "-() .+".contains(c));
    let ten = digits == 10 || (digits == 11 && text.trim_start_matches('+').starts_with('1'));
    shape && (ten || (matches!(digits, 3..=6) && text.len() == digits))
}

#[cfg(test)]
mod tests {
    use super::Phone;

    #[test]
    fn phones_are_dialled_as_e164() {
        let phone = |text: &str| Phone(0, 0, text.to_owned());
        assert_eq!(phone("916-555-0100").href(), "tel:+19165550100");
        assert_eq!(phone("1-800-662-4357").href(), "tel:+18006624357");
        assert_eq!(phone("988").sms(), "sms:988");
        assert!(phone("(916) 555-0199").is_fictitious());
        assert!(
            !phone("916-555-0200").is_fictitious()
                && !phone("911").is_fictitious()
                && !phone("916-875-2050").is_fictitious()
        );
    }
}
