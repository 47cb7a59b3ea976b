//! The languages of the site: what differs between them and is not copy.

use jiff::civil::Date;

/// A language the site can be read in. English is the source language and lives at `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// US English, at `/`.
    En,
    /// US Spanish, at `/es/`.
    Es,
}

impl Lang {
    /// Every language the program knows; a site has those for which a content folder exists.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The BCP 47 tag, which is also the name of the content folder.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The language with this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// The address of the language's home page: what every path of the language starts with.
    #[must_use]
    pub const fn root(self) -> &'static str {
        match self {
            Self::En => "/",
            Self::Es => "/es/",
        }
    }

    /// The language a path belongs to, judged by its first segment alone.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("es") => Self::Es,
            _ => Self::En,
        }
    }

    /// The language and territory as Open Graph writes them (`og:locale`).
    #[must_use]
    pub const fn og_locale(self) -> &'static str {
        match self {
            Self::En => "en_US",
            Self::Es => "es_US",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    /// A time of day on the 12-hour clock, as both languages are written in the United States: `05:30` becomes `5:30 am`, `5:30 a. m.`
    #[must_use]
    pub fn time(self, clock: &str) -> String {
        let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
        let hour: u8 = hour.parse().unwrap_or_default();
        let half = match (self, hour < 12) {
            (Self::En, true) => "am",
            (Self::En, false) => "pm",
            (Self::Es, true) => "a.\u{a0}m.",
            (Self::Es, false) => "p.\u{a0}m.",
        };
        let twelve = match hour % 12 {
            0 => 12,
            hour => hour,
        };
        format!("{twelve}:{minute}\u{a0}{half}")
    }

    /// A figure as the language writes it: in Spanish, there is a space before the percent sign (`59 %`, as CLDR has it for `es-US`). Thousands have their
    /// comma in both, as they have in the United States.
    #[must_use]
    pub fn figure(self, figure: &str) -> String {
        match (self, figure.strip_suffix('%')) {
            (Self::Es, Some(number)) => format!("{}\u{a0}%", number.trim_end()),
            _ => figure.to_owned(),
        }
    }

    /// A day in words: `November 23, 2026`, `23 de noviembre de 2026`.
    #[must_use]
    pub fn date(self, day: Date) -> String {
        let names = match self {
            Self::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::Es => [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
        };
        let month = usize::try_from(day.month() - 1).ok().and_then(|at| names.get(at)).unwrap_or(&"");
        match self {
            Self::En => format!("{month} {}, {}", day.day(), day.year()),
            Self::Es => format!("{} de {month} de {}", day.day(), day.year()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;
    use jiff::civil::date;

    #[test]
    fn dates_are_written_in_words() {
        assert_eq!(Lang::En.date(date(2026, 1, 5)), "January 5, 2026");
        assert_eq!(Lang::Es.date(date(2026, 12, 31)), "31 de diciembre de 2026");
    }

    #[test]
    fn figures_are_written_as_the_language_does() {
        assert_eq!(Lang::En.figure("59%"), "59%");
        assert_eq!(Lang::Es.figure("59%"), "59\u{a0}%");
        assert_eq!(Lang::Es.figure("17,568"), "17,568");
    }

    #[test]
    fn times_are_on_the_twelve_hour_clock() {
        assert_eq!(Lang::En.time("05:30"), "5:30\u{a0}am");
        assert_eq!(Lang::En.time("12:00"), "12:00\u{a0}pm");
        assert_eq!(Lang::Es.time("00:15"), "12:15\u{a0}a.\u{a0}m.");
    }

    #[test]
    fn the_first_segment_decides_the_language() {
        assert_eq!(Lang::of_path("/es/contacto/"), Lang::Es);
        assert_eq!(Lang::of_path("/es"), Lang::Es);
        assert_eq!(Lang::of_path("/especially/"), Lang::En);
        assert_eq!(Lang::of_path(""), Lang::En);
    }
}
