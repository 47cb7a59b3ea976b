//! Telephone numbers as staff write them: those of the country, and short codes.

use super::Phone;
use crate::phone::PhoneNumber;

impl Phone {
    /// The `tel:` address: `tel:+19165550100`, with an extension `tel:+19165550100;ext=12`, or the short code as it is (RFC 3966).
    #[must_use]
    pub fn href(&self) -> String {
        format!("tel:{}", self.with_extension())
    }

    /// What is dialled, and the extension behind it as RFC 3966 writes it: telephones wait at a semicolon.
    #[must_use]
    pub fn with_extension(&self) -> String {
        let number = PhoneNumber::parse(&self.2);
        let extension = number.as_ref().and_then(PhoneNumber::extension);
        extension.map_or_else(|| self.dialled(), |extension| format!("{};ext={extension}", self.dialled()))
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
        PhoneNumber::parse(&self.2).is_some_and(|number| number.without_extension().is_fictitious())
    }

    /// Why it can't be the clinic's own, if it can't.
    #[must_use]
    pub fn not_a_clinics(&self) -> Option<String> {
        match PhoneNumber::parse(&self.2) {
            Some(number) => number
                .without_extension()
                .is_nobodys()
                .then(|| format!("nobody has {self}: numbers with 555 after the area code reach nobody")),
            None if is_short_code(&self.2) => Some(format!("{self} is not the clinic's own number")),
            None => None,
        }
    }
}

/// What is wrong with a text that is neither a number with its area code nor a short code: what must be there, and an example, which is the number
/// that was meant, if there is one.
pub(super) fn problem(text: &str) -> Option<(&'static str, String)> {
    let whole = PhoneNumber::parse(text);
    let meant = whole.as_ref().map(PhoneNumber::without_extension).filter(PhoneNumber::is_american);
    let extension = whole.as_ref().and_then(PhoneNumber::extension);
    // An extension comes after the number as a word that people read, so that the whole is one text in each language.
    let behind = extension.map_or_else(String::new, |extension| format!("{EXTENSION}{extension}"));
    let alone = text.strip_suffix(behind.as_str()).unwrap_or(text);
    let has_shape = alone.chars().all(|c| c.is_ascii_digit() || "-() .+".contains(c));
    match meant {
        _ if is_short_code(text) => None,
        Some(_) if has_shape => None,
        Some(meant) => Some(("a phone number alone, in digits and hyphens", format!("\"{meant}{behind}\""))),
        None => Some((
            "a phone number that can be dialled, with its area code, or a short code",
            "\"916-555-0100\" or \"988\"".to_owned(),
        )),
    }
}

/// Comes between a number and its extension.
const EXTENSION: &str = " ext. ";

fn is_short_code(text: &str) -> bool {
    (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Phone, problem};

    #[test]
    fn phones_are_dialled_as_e164() {
        let phone = |text: &str| Phone(0, 0, text.to_owned());
        assert_eq!(phone("916-555-0100").href(), "tel:+19165550100");
        assert_eq!(phone("1-800-662-4357").href(), "tel:+18006624357");
        assert_eq!(phone("988").sms(), "sms:988");
        assert_eq!(phone("916-555-0100 ext. 12").href(), "tel:+19165550100;ext=12");
        assert!(phone("916-555-0100 ext. 12").is_fictitious() && phone("911 ext. 1").not_a_clinics().is_none());
        assert!(phone("(916) 555-0199").is_fictitious() && !phone("911").is_fictitious());
    }

    #[test]
    fn a_number_is_one_that_can_be_dialled_here() {
        for good in [
            "988",
            "211211",
            "916-555-0100",
            "(916) 555-0100",
            "1 800 662.4357",
            "+1 916 555 0100",
            "916-555-0100 ext. 12",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", "12", "1234567", "916-555-010", "116-555-0100", "+52 55 1234 5678", "916-555-0100 x1", "9-8-8"]
        {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn the_number_that_was_meant_is_offered() {
        for (typed, meant) in [
            ("(916) 875-2050 x12", "\"916-875-2050 ext. 12\""),
            ("916-875-2050 Ext 12", "\"916-875-2050 ext. 12\""),
            ("tel:+19168752050", "\"916-875-2050\""),
            ("９１６８７５２０５０", "\"916-875-2050\""),
            ("916\u{2011}875\u{2011}2050", "\"916-875-2050\""),
            ("916-875-2050 (24 hours)", "\"916-875-2050\""),
            ("123-456-7890", "\"916-555-0100\" or \"988\""),
        ] {
            let (_, offered) = problem(typed).unwrap();
            assert_eq!(offered, meant, "{typed}");
            assert_eq!(problem(offered.split('"').nth(1).unwrap()), None);
        }
    }

    #[test]
    fn a_clinic_has_a_number_of_its_own() {
        let why = |text: &str| Phone(0, 0, text.to_owned()).not_a_clinics();
        for wrong in ["911", "988", "211", "12345", "916-555-2050", "(916) 555-1212"] {
            assert!(why(wrong).is_some(), "{wrong}");
        }
        for own in ["916-875-2050", "916-555-0142", "1-800-555-2050", "+1 916 875 2050"] {
            assert_eq!(why(own), None, "{own}");
        }
    }
}
