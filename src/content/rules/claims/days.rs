//! Dates in copy, held to the calendar. Where a notice names a day without a year, its own days give it.

use crate::content::DraftLanguage;
use crate::content::catalogue::{ENDED_NOTICE, WEEKDAY};
use crate::content::claims::{NamedDay, Said};
use crate::content::model::{Notice, NoticeAbout, Section};
use crate::content::names::{NOTICES, page_key};
use crate::diagnostic::{Help, Rule};
use jiff::civil::Date;
use std::ops::Range;

/// A notice without a year means a day that is no further away from its own days than this.
const NEAR: i32 = 183;

/// What is wrong with a day that a text names: the rule, the message, and how to mend it.
pub(super) fn wrong(
    language: &DraftLanguage,
    file: &str,
    (place, named): (&Range<usize>, &NamedDay),
    claims: &[(Range<usize>, Said)],
    today: Date,
    write: &dyn Fn(&str) -> Help,
) -> Option<(&'static Rule, String, Help)> {
    let notice = notice_at(language, file, place);
    let weekday = |day: &Date| usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
    let days = days(named, notice)?;
    let Some(nearest) = days.first() else {
        let message = "there is no such day: its month is shorter".to_owned();
        return Some((&WEEKDAY, message, "write the day that is meant".into()));
    };
    let Some(day) = days.iter().find(|day| weekday(day) == named.weekday) else {
        let right = named.names.get(weekday(nearest)).copied().unwrap_or_default();
        let message = format!("{nearest} is a {}", nearest.strftime("%A"));
        return Some((&WEEKDAY, message, write(right).then(", or mend the date")));
    };
    let notice = notice.filter(|notice| matches!(notice.about, NoticeAbout::Closure | NoticeAbout::Weather))?;
    let others = claims.iter().filter(|(other, _)| notice.text.span().contains(&other.start));
    let is_later = |said: &Said| match said {
        Said::Day(other) => self::days(other, Some(notice)).is_none_or(|days| days.iter().any(|other| other > day)),
        _ => false,
    };
    let is_last = !others.into_iter().any(|(_, said)| is_later(said));
    (notice.ends.is_none() && *day < today && is_last).then(|| {
        let message = format!("this notice is about a day that is over ({day}), and it has no end");
        (&ENDED_NOTICE, message, format!("delete it, or add a line below its text: ends = {day}").into())
    })
}

/// The days that may be meant, the nearest to those of the notice first; nothing where nobody can know the year.
fn days(named: &NamedDay, notice: Option<&Notice>) -> Option<Vec<Date>> {
    let date = |year: i16| Date::new(year, named.month, named.day).ok();
    if let Some(year) = named.year {
        return Some(date(year).into_iter().collect());
    }
    let notice = notice?;
    let moments = [notice.starts.as_ref(), notice.ends.as_ref()].into_iter().flatten();
    let own: Vec<Date> = moments.filter_map(|moment| moment.as_str().get(..10)?.parse().ok()).collect();
    let (first, last) = (*own.first()?, *own.last()?);
    let between = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
    let away = |day: &Date| between(*day, first).max(between(last, *day)).max(0);
    let years = first.year().saturating_sub(1)..=last.year().saturating_add(1);
    let mut days: Vec<Date> = years.filter_map(date).filter(|day| away(day) <= NEAR).collect();
    days.sort_by_key(away);
    Some(days)
}

/// The notice that has a text.
fn notice_at<'a>(language: &'a DraftLanguage, file: &str, place: &Range<usize>) -> Option<&'a Notice> {
    let has = |notice: &&Notice| notice.text.span().contains(&place.start);
    if file == NOTICES.name {
        return language.notices.as_ref()?.value.notices.iter().flatten().find(has);
    }
    let key = page_key(file)?;
    let sections = &language.pages.get(key)?.value.sections;
    sections
        .iter()
        .filter_map(|section| match section {
            Section::Notice(notice) => Some(notice),
            _ => None,
        })
        .find(has)
}
