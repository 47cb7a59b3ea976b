//! The words for staff about a request, in English: in the terminal. The desk page has its own, in both languages.

use crate::lang::Lang;
use crate::requests::{Answers, Message, Outcome, ReplyLanguage, Request, TimeOfDay, Whom};
use jiff::{Timestamp, ToSpan, Zoned};

/// An answer as staff read it.
pub struct Answered {
    /// What was asked.
    pub label: &'static str,
    /// The answer.
    pub text: String,
    /// It is as long as somebody wrote it.
    pub is_long: bool,
}

/// The answers, but for whom to call and how, which comes before them.
#[must_use]
pub fn answers(request: &Request) -> Vec<Answered> {
    // Every answer is named here, so that a new one can't be forgotten. `language` reads two of them.
    let Answers { name: _, phone: _, phone_typed, message: _, times, language: _, other_language: _, whom, note } =
        &request.answers;
    let short = |label, text| Answered { label, text, is_long: false };
    let written = if note.is_empty() { "Nothing was written.".to_owned() } else { note.to_string() };
    let typed = (!phone_typed.is_empty()).then(|| short("Typed as", phone_typed.to_string()));
    let others = [
        short("Best time", self::times(times)),
        short("Language", language(request)),
        short("For whom", self::whom(*whom).to_owned()),
        Answered { label: "Note", text: written, is_long: true },
    ];
    typed.into_iter().chain(others).collect()
}

/// What may be said when somebody else, or a machine, takes the call.
#[must_use]
pub const fn message(message: Option<Message>) -> &'static str {
    match message {
        Some(Message::Named) => "You may leave a message, and say that it is the clinic.",
        Some(Message::Discreet) => "You may leave a message. Do not say who you are.",
        Some(Message::No) | None => "Do not leave a message.",
    }
}

/// A good time to call.
const fn time(time: TimeOfDay) -> &'static str {
    match time {
        TimeOfDay::Morning => "Morning",
        TimeOfDay::Afternoon => "Afternoon",
        TimeOfDay::Evening => "Evening",
        TimeOfDay::Night => "Night",
    }
}

/// Good times to call.
#[must_use]
pub fn times(times: &[TimeOfDay]) -> String {
    let mut words = String::new();
    for chosen in times {
        if words.is_empty() {
            words.push_str(time(*chosen));
        } else {
            words.push_str(", ");
            words.push_str(&time(*chosen).to_lowercase());
        }
    }
    if words.is_empty() { "Any time".to_owned() } else { words }
}

/// The language to speak.
#[must_use]
pub fn language(request: &Request) -> String {
    match request.answers.language {
        Some(ReplyLanguage::Other) if !request.answers.other_language.is_empty() => {
            request.answers.other_language.to_string()
        }
        Some(ReplyLanguage::Other) => "Another language".to_owned(),
        Some(ReplyLanguage::Of(language)) => in_english(language),
        None => match Lang::from_tag(&request.page) {
            Some(page) => format!("{} (not said, the page was in it)", in_english(page)),
            None => "Not said".to_owned(),
        },
    }
}

/// Whom the appointment is for.
#[must_use]
pub const fn whom(whom: Option<Whom>) -> &'static str {
    match whom {
        Some(Whom::Me) => "For themselves",
        Some(Whom::SomeoneElse) => "For someone else",
        None => "Not said",
    }
}

/// What came of a request.
#[must_use]
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Booked => "An appointment was made",
        Outcome::NotNow => "Reached, wants no appointment now",
        Outcome::NotReached => "Nobody could be reached",
        Outcome::AskedBefore => "The same person had asked before",
        Outcome::NotARequest => "Not a request: a test, or junk",
    }
}

/// The English names of the languages that are spoken most in the United States besides English (Census Bureau, American Community Survey).
const LANGUAGES: [(&str, &str); 24] = [
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("de", "German"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fa", "Farsi"),
    ("fa-AF", "Dari"),
    ("fr", "French"),
    ("hi", "Hindi"),
    ("hmn", "Hmong"),
    ("ht", "Haitian Creole"),
    ("hy", "Armenian"),
    ("ja", "Japanese"),
    ("km", "Khmer"),
    ("ko", "Korean"),
    ("pa", "Punjabi"),
    ("ps", "Pashto"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("tl", "Tagalog"),
    ("uk", "Ukrainian"),
    ("vi", "Vietnamese"),
    ("zh", "Chinese"),
];

/// A language in words for staff; one without a name here by its tag.
fn in_english(lang: Lang) -> String {
    let named = |tag: &str| LANGUAGES.iter().find(|(known, _)| *known == tag).map(|(_, name)| *name);
    match named(lang.tag()).or_else(|| named(lang.language())) {
        Some(name) => name.to_owned(),
        None => format!("The language \"{}\"", lang.tag()),
    }
}

/// The time of day.
fn clock(now: &Zoned) -> String {
    Lang::En.time(&format!("{:02}:{:02}", now.hour(), now.minute()))
}

/// How long ago something was: `5 minutes`, `3 hours`, `2 days`.
fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(since).as_mins().max(0);
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => counted(minutes, "minute"),
        60..2880 => counted(minutes / 60, "hour"),
        _ => counted(minutes / (24 * 60), "day"),
    }
}

/// The same of what is known to the hour alone.
#[must_use]
pub fn age_of_hour(hour: i64, now: Timestamp) -> String {
    match Timestamp::from_second(hour) {
        Ok(since) if now.duration_since(since).as_mins() >= 60 => age(since, now),
        Ok(_) => "this hour".to_owned(),
        Err(_) => "-".to_owned(),
    }
}

fn counted(count: i64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// An instant (RFC 3339) on the clinic's clock, which `now` is of: `Today at 3:12 am`. What is no instant is given back as it is.
#[must_use]
pub fn when(instant: &str, now: &Zoned) -> String {
    let Ok(instant) = instant.parse::<Timestamp>() else { return instant.to_owned() };
    let local = instant.to_zoned(now.time_zone().clone());
    let time = clock(&local);
    if local.date() == now.date() {
        format!("Today at {time}")
    } else if local.date().saturating_add(1.day()) == now.date() {
        format!("Yesterday at {time}")
    } else {
        format!("{} at {time}", Lang::En.date(local.date()))
    }
}

#[cfg(test)]
mod tests {
    use super::{age, age_of_hour, times, when};
    use crate::requests::TimeOfDay;
    use jiff::{Timestamp, Zoned};

    #[test]
    fn ages_are_in_the_unit_that_people_would_use() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        for (since, said) in [
            ("2026-11-26T11:59:40Z", "less than a minute"),
            ("2026-11-26T12:00:40Z", "less than a minute"),
            ("2026-11-26T11:59:00Z", "1 minute"),
            ("2026-11-26T11:00:01Z", "59 minutes"),
            ("2026-11-26T11:00:00Z", "1 hour"),
            ("2026-11-24T12:00:01Z", "47 hours"),
            ("2026-11-24T12:00:00Z", "2 days"),
        ] {
            assert_eq!(age(since.parse().unwrap(), now), said, "{since}");
        }
        let hour = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        assert_eq!(age_of_hour(hour("2026-11-26T12:00:00Z"), now), "this hour");
        assert_eq!(age_of_hour(hour("2026-11-26T09:00:00Z"), now), "3 hours");
        assert_eq!(age_of_hour(i64::MAX, now), "-");
    }

    #[test]
    fn instants_are_on_the_clinics_clock() {
        let now: Zoned = "2026-11-26T08:00:00[America/Los_Angeles]".parse().unwrap();
        assert_eq!(when("2026-11-26T11:12:00Z", &now), "Today at 3:12\u{a0}am");
        assert_eq!(when("2026-11-26T07:59:00Z", &now), "Yesterday at 11:59\u{a0}pm");
        assert_eq!(when("2026-11-01T20:00:00Z", &now), "November 1, 2026 at 12:00\u{a0}pm");
        assert_eq!(when("soon", &now), "soon");
    }

    #[test]
    fn times_read_as_a_sentence_begins() {
        assert_eq!(times(&[]), "Any time");
        assert_eq!(times(&[TimeOfDay::Morning, TimeOfDay::Night]), "Morning, night");
    }
}
