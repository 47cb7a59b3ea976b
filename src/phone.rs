//! One reading of phone numbers: those that visitors type, those of the content, and those in its copy.
//!
//! By hand: the crates that know the numbering plans add 1.6 and 2.5 MB to the program and 7 MB to the process, read `(cell)` as the digits 2355, and
//! leave copies of what was typed in memory. So the plan of North America is here as rules, and of all others the few digits that matter are in
//! `countries.txt`: how long their numbers are, and what is dialled before them at home alone.

mod copy;
mod typed;

pub use copy::{Found, find, may_be_in};

use std::fmt::{self, Write as _};
use std::mem;
use typed::Typed;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The most bytes of a number as people read it: a plus sign, 15 digits, ` x` and an extension of 6, with hyphens to spare.
const MAX_SHOWN: usize = 32;

/// The countries: see the head of the file.
const COUNTRIES: &str = include_str!("phone/countries.txt");

/// A number somebody can be called at. It is zeroed when it is dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PhoneNumber {
    /// `+` and the digits to dial (ITU-T E.164).
    dialled: String,
    /// An extension, digits alone.
    extension: Option<String>,
}

/// A number as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The number.
    pub number: PhoneNumber,
    /// What was typed says more than the number as people read it: a remark, a digit that is not dialled, digits of another script.
    pub says_more: bool,
}

impl Reading {
    /// Reads a number as people type it: digits of any script in groups; an extension (`x123`, `ext. 123`, `#123`, `,,123`); a remark before or behind
    /// it (`cell`, `after 5 pm`). Without a country code it is one of the United States, as is one that begins with 1. Other countries' begin with
    /// `+`, `00` or `011`; a zero that is dialled at home alone, `+44 (0)20`, goes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let Typed { digits, is_abroad, extension, says_more } = Typed::new(text)?;
        let (dialled, cut) = dialled(&digits, is_abroad)?;
        // Zeroed unless it goes into the number, which is zeroed itself.
        let extension = extension.map(|mut extension| mem::take(&mut *extension));
        Some(Self { number: PhoneNumber { dialled, extension }, says_more: says_more || cut })
    }
}

impl PhoneNumber {
    /// Reads a number: see [`Reading::new`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Reading::new(text).map(|reading| reading.number)
    }

    /// The number as `tel:` links write it (RFC 3966).
    #[must_use]
    pub fn dialled(&self) -> &str {
        &self.dialled
    }

    /// The number as people read it, in a buffer that is zeroed when it is dropped.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_SHOWN));
        // Writing to a string doesn't fail.
        let _ = write!(*text, "{self}");
        text
    }

    /// The same without its extension.
    #[must_use]
    pub fn without_extension(&self) -> Self {
        Self { dialled: self.dialled.clone(), extension: None }
    }

    /// Its extension, in digits.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// Whether it is a number of the United States or a neighbor, without an extension.
    #[must_use]
    pub fn is_american(&self) -> bool {
        self.dialled.starts_with("+1") && self.extension.is_none()
    }

    /// Whether nobody can be reached by it: 555-0100 to 555-0199 are reserved for examples (ATIS-0300115).
    #[must_use]
    pub fn is_fictitious(&self) -> bool {
        self.is_american() && self.dialled.get(5..).is_some_and(|local| local.starts_with("55501"))
    }

    /// Whether it is another number with 555 after its area code: nobody has one, and 555-1212 is a directory. Toll-free ones are in use.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        let (area, local) = (self.dialled.get(2..5).unwrap_or_default(), self.dialled.get(5..).unwrap_or_default());
        self.is_american() && local.starts_with("555") && !is_toll_free(area) && !self.is_fictitious()
    }
}

/// What is dialled for these digits, and whether a prefix that is dialled at home alone was cut off.
fn dialled(digits: &str, is_abroad: bool) -> Option<(String, bool)> {
    let abroad =
        if is_abroad { Some(digits) } else { digits.strip_prefix("011").or_else(|| digits.strip_prefix("00")) };
    match abroad {
        Some(abroad) if !abroad.starts_with('1') => foreign(abroad),
        _ => Some((american(abroad.unwrap_or(digits))?, false)),
    }
}

/// A number of another country.
fn foreign(digits: &str) -> Option<(String, bool)> {
    COUNTRIES.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut columns = line.split(' ');
        let national = digits.strip_prefix(columns.next().filter(|code| !code.is_empty())?)?;
        let (min, max): (usize, usize) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
        let code = digits.get(..digits.len() - national.len())?;
        let fits = |national: &&str| (min..=max).contains(&national.len());
        // A zero is never part of a number where it is dialled before each at home; another prefix may be, unless the number is too long.
        let prefixes = columns.filter(|prefix| prefix.starts_with('0') || national.len() > max);
        let cut = prefixes.filter_map(|prefix| national.strip_prefix(prefix)).find(fits);
        let whole = || fits(&national).then(|| (joined(&["+", digits]), false));
        cut.map(|national| (joined(&["+", code, national]), true)).or_else(whole)
    })
}

/// A number of the North American Numbering Plan: ten digits, perhaps with the country code before them. Nobody has one whose area code or exchange
/// begins with 0 or 1 or is three digits like 911, or whose area code is reserved for later (N9X, 37X, 96X) or is one digit three times, as 555 is.
fn american(digits: &str) -> Option<String> {
    let ten = if digits.len() == 11 { digits.strip_prefix('1')? } else { digits };
    let (area, local) = ten.split_at_checked(3).filter(|_| ten.len() == 10)?;
    let is_service = |code: &str| code.get(1..3) == Some("11");
    let is_reserved = area.get(1..2) == Some("9") || area.starts_with("37") || area.starts_with("96");
    let is_one_digit = area.bytes().all(|digit| area.starts_with(char::from(digit))) && area != "888";
    let wrong = area.starts_with(['0', '1']) || is_service(area) || is_reserved || is_one_digit;
    let exchange_is_wrong = local.starts_with(['0', '1']) || is_service(local) && !is_toll_free(area);
    (is_digits(ten) && !wrong && !exchange_is_wrong).then(|| joined(&["+1", ten]))
}

/// Whether an area code is of numbers that cost the caller nothing.
fn is_toll_free(area: &str) -> bool {
    matches!(area, "800" | "833" | "844" | "855" | "866" | "877" | "888")
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// With room for all of it: a buffer that grows leaves its first bytes behind.
fn joined(parts: &[&str]) -> String {
    let mut joined = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    joined.extend(parts.iter().copied());
    joined
}

/// It is somebody's: `{:?}`, which ends up in logs, doesn't print it.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

/// As people in the United States write it: `916-555-0100`; other countries' as they are dialled.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dialled.strip_prefix("+1").and_then(|ten| ten.split_at_checked(3)) {
            Some((area, rest)) => {
                let (exchange, line) = rest.split_at_checked(3).unwrap_or((rest, ""));
                write!(f, "{area}-{exchange}-{line}")?;
            }
            None => f.write_str(&self.dialled)?,
        }
        match &self.extension {
            Some(extension) => write!(f, " x{extension}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneNumber, Reading, Typed, find};
    use crate::character;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    /// `\\u{200b}` and `\\t` as the characters they stand for.
    fn unescaped(text: &str) -> String {
        let mut parts = text.split("\\u{");
        let mut plain = parts.next().unwrap().to_owned();
        for part in parts {
            let (code, rest) = part.split_once('}').unwrap();
            plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            plain.push_str(rest);
        }
        plain.replace("\\t", "\t")
    }

    /// Each spelling of the table, with what is dialled, the extension, and whether there is more.
    fn table() -> Vec<(String, Option<String>, Option<String>, bool)> {
        let lines = include_str!("../tests/fixtures/phones.txt").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = |line: &str| {
            let (spelling, rest) = line.strip_prefix('`').and_then(|line| line.rsplit_once("` | ")).unwrap();
            let mut rest = rest.split('|').map(str::trim);
            let mut next = || rest.next().filter(|part| !matches!(*part, "" | "-")).map(str::to_owned);
            (unescaped(spelling), next(), next(), next().is_some())
        };
        lines.map(read).collect()
    }

    fn read(text: &str) -> (Option<String>, Option<String>, bool) {
        match Reading::new(text) {
            Some(Reading { number, says_more }) => {
                (Some(number.dialled().to_owned()), number.extension.clone(), says_more)
            }
            None => (None, None, false),
        }
    }

    #[test]
    fn numbers_are_understood_as_people_write_them() {
        let table = table();
        assert!(table.len() >= 200);
        let wrong: Vec<_> = table
            .into_iter()
            .map(|(spelling, dialled, extension, more)| (read(&spelling), (dialled, extension, more), spelling))
            .filter(|(got, wanted, _)| got != wanted)
            .collect();
        assert!(wrong.is_empty(), "read, wanted, spelling:\n{wrong:#?}");
    }

    #[test]
    fn a_long_text_is_no_number_and_an_extension_without_one_is_zeroed() {
        assert!(PhoneNumber::parse(&format!("916-875-2050{}", " ".repeat(300))).is_some());
        assert!(PhoneNumber::parse(&format!("916-875-2050{}", " ".repeat(400))).is_none());
        let extension: Option<Zeroizing<String>> = Typed::new("1234 x567").unwrap().extension;
        assert_eq!(extension.as_deref().map(String::as_str), Some("567"));
        assert!(Reading::new("1234 x567").is_none());
    }

    #[test]
    fn numbers_are_shown_as_people_write_them() {
        for (typed, shown) in [
            ("(916) 875 2050", "916-875-2050"),
            ("+1 916 875 2050 ext. 12", "916-875-2050 x12"),
            ("011 52 55 1234 5678", "+525512345678"),
            ("+44 (0)20 7946 0018, x7", "+442079460018 x7"),
        ] {
            assert_eq!(PhoneNumber::parse(typed).unwrap().to_string(), shown, "{typed}");
        }
    }

    #[test]
    fn numbers_in_a_text_are_distinguished_from_dates_laws_and_figures() {
        for (text, numbers) in [
            ("Call 916-555-0100.", "916-555-0100"),
            ("Call (916) 555-0100, or +1 916 555 0199!", "(916) 555-0100|+1 916 555 0199"),
            ("1-800-662-4357 and 1.916.875.2050", "1-800-662-4357|1.916.875.2050"),
            ("9165550100", "9165550100"),
            ("Call 911 916-555-0100", "916-555-0100"),
            ("916\u{2011}555\u{2011}0100", "916\u{2011}555\u{2011}0100"),
            ("916 - 875 - 2050, (916)-875-2050, 916/875-2050", "916 - 875 - 2050|(916)-875-2050|916/875-2050"),
            ("916-875\u{200b}-2050", "916-875\u{200b}-2050"),
            (
                "916-875-2050 x12, 916-875-2051 ext. 3 or 916-875-2052 (Ext. 4)!",
                "916-875-2050 x12|916-875-2051 ext. 3|916-875-2052 (Ext. 4)",
            ),
            ("916-875-2050 extra, 916-875-2051 x-ray", "916-875-2050|916-875-2051"),
            ("on 2026-11-23 at 45 CFR 164.520, $283, 17,568 people, 988", ""),
            ("123-456-7890, 916-155-0100, 916-555-01000, 4916-555-0100", ""),
            ("ISBN 978-916-555-0100", ""),
        ] {
            let found: Vec<_> = find(text).into_iter().filter(|found| found.number.is_some()).collect();
            assert_eq!(found.iter().map(|found| found.typed).collect::<Vec<_>>().join("|"), numbers, "{text}");
            assert!(
                found.iter().all(|found| found.number == PhoneNumber::parse(found.typed) && !found.is_fax),
                "{text}"
            );
        }
        let undialable = |text| find(text).into_iter().filter(|found| found.number.is_none()).count();
        assert_eq!(undialable("123-456-7890, (016) 555-0100 or 916-111-2222"), 3);
        assert_eq!(undialable("NPI 1234567893, 100.200.3000, 123 456 7890, 2026-11-23, 123-45-6789"), 0);
    }

    #[test]
    fn a_fax_is_recognized_by_the_word_beside_it() {
        let faxes = |text| find(text).iter().map(|found| found.is_fax).collect::<Vec<_>>();
        for fax in [
            "Fax: 916-444-2346",
            "fax 916-444-2346",
            "Fax number: (916) 444-2346",
            "Send it by fax to 916-444-2346",
            "por fax al 916-444-2346",
            "916-444-2346 (fax)",
            "Telefax 916-444-2346",
            "FAX +1 916 444 2346",
        ] {
            assert_eq!(faxes(fax), [true], "{fax}");
        }
        for called in
            ["Call 916-444-2346", "We have no fax. Call 916-444-2346", "Fax or call 916-444-2346", "916-444-2346"]
        {
            assert_eq!(faxes(called), [false], "{called}");
        }
        assert_eq!(faxes("Phone 916-875-2050, fax 916-444-2346"), [false, true]);
        assert_eq!(faxes("Fax: 916-444-2346, phone: 916-875-2050"), [true, false]);
    }

    #[test]
    fn numbers_reserved_for_examples_reach_nobody() {
        let fictitious = |text: &str| PhoneNumber::parse(text).unwrap().is_fictitious();
        assert!(fictitious("(916) 555-0199") && !fictitious("916-555-0200") && !fictitious("916-875-2050"));
        assert!(!fictitious("+52 91 6555 0100"));
        let nobodys = |text: &str| PhoneNumber::parse(text).unwrap().is_nobodys();
        assert!(
            nobodys("916-555-0200") && !nobodys("916-555-0199") && !nobodys("800-555-0200") && !nobodys("916-875-5550")
        );
    }

    /// A digit in some script.
    fn written(digit: char) -> impl Strategy<Value = char> {
        let zeros = ['0', '٠', '۰', '०', '๐', '０', '𝟎'];
        prop::sample::select(
            zeros.map(|zero| char::from_u32(u32::from(zero) + digit.to_digit(10).unwrap()).unwrap()).to_vec(),
        )
    }

    /// A number that can be dialled, in any script, with anything between its groups.
    fn spelled() -> impl Strategy<Value = (String, String)> {
        let between = "[ .\\-/\u{a0}\u{2011}\u{2013}\u{200b}\u{2060}\u{fe0f}]{0,3}";
        ("(916|279|530|213)[2-9][2-9]2[0-9]{4}", between, between, between, prop::bool::ANY).prop_flat_map(
            |(digits, first, second, third, coded)| {
                let written: Vec<_> = digits.chars().map(written).collect();
                (Just(digits), written, Just([first, second, third]), Just(coded)).prop_map(
                    |(digits, written, between, coded)| {
                        let mut text = if coded { format!("+1{}", between[0]) } else { String::new() };
                        for (at, c) in written.into_iter().enumerate() {
                            text.push(c);
                            text.push_str(match at {
                                2 => &between[1],
                                5 => &between[2],
                                _ => "",
                            });
                        }
                        (format!("+1{digits}"), text)
                    },
                )
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(typed in "[+0-9 ().x-]{0,24}") {
            if let Some(phone) = PhoneNumber::parse(&typed) {
                prop_assert_eq!(Reading::new(&phone.to_string()), Some(Reading { number: phone, says_more: false }));
            }
        }

        #[test]
        fn a_number_is_the_same_in_every_script_and_spelling((dialled, typed) in spelled()) {
            let number = PhoneNumber::parse(&typed);
            prop_assert_eq!(number.as_ref().map(PhoneNumber::dialled), Some(dialled.as_str()), "{:?}", typed);
        }

        #[test]
        fn an_extension_and_a_remark_change_no_number(
            (dialled, typed) in spelled(), extension in "[0-9]{1,6}", word in "x|ext|Ext\\. |extension |#|,,|;ext=", remark in "| cell| \\(my mom's\\)",
        ) {
            let number = PhoneNumber::parse(&format!("{typed} {word}{extension}{remark}"));
            let (number, own) = (number.unwrap(), Some(extension.as_str()));
            prop_assert_eq!((number.dialled(), number.extension.as_deref()), (dialled.as_str(), own));
        }

        #[test]
        fn nothing_that_is_dialled_was_not_typed(typed in "\\PC{0,40}") {
            if let Some(phone) = PhoneNumber::parse(&typed) {
                let digits: String = typed.chars().filter_map(character::digit).collect();
                let mut rest = digits.chars();
                // Each digit is there, in its order, but for the country code of the United States.
                let dialled = phone.dialled().trim_start_matches("+1").trim_start_matches('+');
                prop_assert!(dialled.chars().all(|digit| rest.any(|typed| typed == digit)), "{} of {}", dialled, digits);
            }
        }

        #[test]
        fn what_is_found_in_a_text_is_a_number(text in "[0-9 ().+x-]{0,40}") {
            for found in find(&text) {
                prop_assert_eq!(PhoneNumber::parse(found.typed), found.number, "{}", found.typed);
            }
        }

        #[test]
        fn no_text_is_too_strange(typed in "\\PC{0,64}") {
            let _ = (PhoneNumber::parse(&typed), find(&typed));
        }
    }
}
