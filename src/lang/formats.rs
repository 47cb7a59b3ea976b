//! How a language writes days, times, numbers and lists, as CLDR has it for its territory (ICU4X). The formatters of a language are made once.

use super::Lang;
use icu_calendar::Gregorian;
use icu_datetime::fieldsets::{T, YMD};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter, input};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_list::ListFormatter;
use icu_list::options::{ListFormatterOptions, ListLength};
use icu_locale_core::Locale;
use jiff::civil::Date;
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError, RwLock};

/// The halves of the day where the site writes them otherwise than CLDR does for the United States: in English in small letters (CLDR's variant), in
/// Spanish with a space, as CLDR has them for `es` (Ortografía de la lengua española, 2010).
const HALVES: [(&str, [&str; 2]); 2] = [("en", ["am", "pm"]), ("es", ["a.\u{a0}m.", "p.\u{a0}m."])];

/// Where the sign S goes beside a number N, by the pattern of percents that CLDR 48 has for each language; everywhere else it is right behind it.
/// ICU4X has no finished formatter of percents.
const PERCENTS: [(&str, &[&str]); 4] = [
    (
        "N\u{a0}S",
        &[
            "be", "br", "ca", "cs", "da", "de", "dsb", "es", "fi", "fo", "fr", "gl", "hr", "hsb", "ht", "lb", "lt",
            "mk", "nb", "nn", "no", "qu", "ro", "ru", "sk", "sl", "sv", "tk", "tt",
        ],
    ),
    ("SN", &["ku", "tr"]),
    ("S\u{a0}N", &["eu"]),
    ("N\u{200e}S\u{200e}", &["ar"]),
];

/// More languages than a site can have: those of many sites in one process, as tests have them.
const MAX_CACHED: usize = 64;

/// The formatters of a language. Where there is no data for one, which CLDR doesn't let happen, what is written is plain.
pub(super) struct Formats {
    lang: Lang,
    date: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    time: Option<NoCalendarFormatter<T>>,
    number: Option<DecimalFormatter>,
    list: Option<ListFormatter>,
    has_words_for_days: bool,
}

/// The formatters of a language in its territory.
pub(super) fn for_lang(lang: Lang) -> Arc<Formats> {
    static MADE: RwLock<Vec<Arc<Formats>>> = RwLock::new(Vec::new());
    let is_it = |made: &&Arc<Formats>| made.lang == lang && made.lang.territory == lang.territory;
    let made = MADE.read().unwrap_or_else(PoisonError::into_inner).iter().find(is_it).cloned();
    made.unwrap_or_else(|| {
        let new = Arc::new(Formats::new(lang));
        let mut all = MADE.write().unwrap_or_else(PoisonError::into_inner);
        all.truncate(MAX_CACHED);
        all.insert(0, Arc::clone(&new));
        new
    })
}

impl Formats {
    fn new(lang: Lang) -> Self {
        let mut locale = Locale::try_from_str(&lang.tag).unwrap_or(Locale::UNKNOWN);
        let territory = icu_locale_core::subtags::Region::try_from_str(&lang.territory).ok();
        locale.id.region = locale.id.region.or(territory);
        let list = ListFormatterOptions::default().with_length(ListLength::Short);
        let mut formats = Self {
            lang,
            date: FixedCalendarDateTimeFormatter::try_new(locale.clone().into(), YMD::long()).ok(),
            time: NoCalendarFormatter::try_new(locale.clone().into(), T::hm()).ok(),
            number: DecimalFormatter::try_new(
                (&locale).into(),
                icu_decimal::options::DecimalFormatterOptions::default(),
            )
            .ok(),
            list: ListFormatter::try_new_unit((&locale).into(), list).ok(),
            has_words_for_days: true,
        };
        // What CLDR calls a month that has no name.
        formats.has_words_for_days = !formats.date(Date::constant(2026, 11, 23)).contains("M11");
        formats
    }

    pub(super) fn has_words_for_days(&self) -> bool {
        self.has_words_for_days
    }

    pub(super) fn date(&self, day: Date) -> String {
        let plain = || day.to_string();
        let parts = (i32::from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()));
        let (Some(format), (year, Ok(month), Ok(of_month))) = (&self.date, parts) else { return plain() };
        match input::Date::try_new_gregorian(year, month, of_month) {
            Ok(day) if self.has_words_for_days => format.format(&day).to_string(),
            _ => plain(),
        }
    }

    pub(super) fn time(&self, clock: &str) -> String {
        let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
        let (hour, minute) = (hour.parse().unwrap_or_default(), minute.parse().unwrap_or_default());
        let (Some(format), Ok(time)) = (&self.time, input::Time::try_new(hour, minute, 0, 0)) else {
            return clock.to_owned();
        };
        // The narrow space that CLDR has before the half of the day is missing in many fonts.
        let written = format.format(&time).to_string().replace('\u{202f}', "\u{a0}");
        let own = HALVES.iter().find(|(language, _)| *language == self.lang.language());
        match own.and_then(|(_, halves)| Some((written.split_once('\u{a0}')?, halves))) {
            Some(((time, _), [am, pm])) => format!("{time}\u{a0}{}", if hour < 12 { am } else { pm }),
            None => written.replace(' ', "\u{a0}"),
        }
    }

    pub(super) fn figure(&self, figure: &str) -> String {
        let (number, is_percent) = match figure.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (figure, false),
        };
        let plain = || figure.to_owned();
        // A number without thousands may be a year.
        let Some(digits) = digits(number).filter(|digits| is_percent || digits.len() != number.len()) else {
            return plain();
        };
        let (Some(format), Ok(number)) = (&self.number, digits.parse::<Decimal>()) else { return plain() };
        let number = format.format(&number).to_string();
        if !is_percent {
            return number;
        }
        let has = |digits: RangeInclusive<char>| number.contains(|c| digits.contains(&c));
        let sign = if has('٠'..='٩') || has('۰'..='۹') { "٪" } else { "%" };
        let place = PERCENTS.iter().find(|(_, languages)| languages.contains(&self.lang.language()));
        place.map_or("NS", |(place, _)| place).replace('N', &number).replace('S', sign)
    }

    pub(super) fn list(&self, items: &[&str]) -> String {
        self.list.as_ref().map_or_else(|| items.join(", "), |format| format.format(items.iter()).to_string())
    }
}

/// The digits of a number as it is typed in the United States, with its point: `17,568` is `17568`. Nothing, where it is no number.
fn digits(number: &str) -> Option<String> {
    let (whole, part) = number.split_once('.').map_or((number, None), |(whole, part)| (whole, Some(part)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| is_digits(first))?;
    let is_grouped = whole.len() == first.len() || first.len() <= 3;
    let others_are_whole = groups.all(|group| group.len() == 3 && is_digits(group));
    (is_grouped && others_are_whole && part.is_none_or(is_digits)).then(|| number.replace(',', ""))
}
