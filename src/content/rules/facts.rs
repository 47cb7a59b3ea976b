//! Rules about facts: where they are from, whether they still hold, and that made-up ones reach nobody.

use super::lost::Lost;
use super::places::Spans;
use super::{
    FACTS, SLIP, closes_too_early, date_order, duplicates, is_distant, not_yet, put_off, sources, unknown_source,
};
use crate::content::catalogue::{
    CLINIC_NUMBER, DUPLICATE_ID, EXPIRED_FACT, FACT_EXPIRES_SOON, FACT_GAP, HOURS, REACHABLE_SAMPLE, SAMPLE_FACT,
    SUCCESSOR_DAY, UNWRITTEN,
};
use crate::content::leaf::{Day, Mail, Phone, quoted};
use crate::content::model::{Address, Clinic, Fact, Hours};
use crate::content::{Document, Review};
use crate::diagnostic::{Edit, Help, Report, Source};
use jiff::ToSpan;
use std::ops::Range;
use std::sync::Arc;

/// How many days before it a fact's expiry is reported.
pub(super) const FACT_SOON: i32 = 3;

/// Within how many months a figure, a payer or an answer is checked again: until the end of the next year, if its value for that is there in autumn.
pub(super) const MONTHS: i32 = 15;

/// Holds `clinic.toml` to the rules that look across its keys.
pub(super) fn check(document: &Document<Clinic>, review: &Review<'_>, lost: &mut Lost, report: &mut Report) {
    let (source, clinic) = (&document.source, &document.value);
    let sources = sources(document);
    for (key, fact) in clinic.facts().into_iter().filter_map(|(key, fact)| Some((key, fact?))) {
        if let Some(named) = fact.source {
            unknown_source(source, named, sources.as_ref(), lost, report);
        }
        if let Some(day) = fact.verified_on {
            not_yet(source, (day, "verified_on"), review, report);
        }
        if let (Some(from), Some(to)) = (fact.verified_on, fact.expires_on) {
            date_order(source, (from, "verified_on"), (to, "expires_on"), report);
        }
        if let Some(day) = fact.expires_on.filter(|_| key.starts_with("figures.") || key.starts_with("payers")) {
            // What is announced ahead is looked at again after it holds.
            let today = review.now.date();
            let checked = fact.verified_on.map_or(today, |day| day.date().min(today));
            let since = fact.holds_from.map_or(checked, |from| from.date().max(checked));
            put_off(
                source,
                (day, "expires_on"),
                (since, MONTHS, "what may change every year is checked again"),
                review,
                report,
            );
        }
        if let Some(from) = fact.holds_from.filter(|from| !from.as_str().is_empty())
            && let Some(to) = fact.expires_on
        {
            date_order(source, (from, "from"), (to, "expires_on"), report);
        }
        if let Some(from) = fact.followed_from {
            followed(source, &key, from, fact.verified_on, review, report);
        }
        if let (Some(last), Some(from)) = (fact.expires_on, fact.followed_from) {
            gap(source, &key, last, from, report);
            continue;
        }
        if let Some(day) = fact.expires_on.filter(|day| !day.as_str().is_empty()) {
            let left = review.now.date().until(day.date()).map_or(0, |span| span.get_days());
            if left < 0 {
                report.add(
                    &EXPIRED_FACT,
                    source,
                    day.span(),
                    format!("`{key}` expired on {day} and is not shown any more"),
                    "check it at its source, then write the new value with new dates",
                );
            } else if left <= FACT_SOON {
                report.add(
                    &FACT_EXPIRES_SOON,
                    source,
                    day.span(),
                    format!("`{key}` expires on {day}; after that day the site leaves it out"),
                    "check it at its source, then write the new value with new dates",
                );
            }
        }
        if fact.sample {
            sample(source, fact.place, &key, report);
        }
    }
    for day in clinic.sources.iter().flatten().filter_map(|(_, source)| source.verified_on.as_ref()) {
        not_yet(source, (day, "verified_on"), review, report);
    }
    for line in &clinic.help_lines {
        for number in
            [&line.call].into_iter().chain(&line.text).chain(&line.tty).filter(|number| number.is_fictitious())
        {
            sample(source, number.span(), &format!("help_lines.{}", line.id), report);
        }
    }
    oversight(source, clinic, report);
    own_numbers(source, clinic, report);
    duplicates(source, "help line", clinic.help_lines.iter().map(|line| &line.id), report);
    for figure in clinic.figures.iter().flatten().map(|(key, _)| key).filter(|key| FACTS.contains(&key.as_str())) {
        report.add(
            &DUPLICATE_ID,
            source,
            figure.span(),
            format!("`{figure}` is the name of another fact"),
            "give the figure a name of its own",
        );
    }
    let values = clinic.figures.iter().flatten().flat_map(|(_, figure)| figure.values());
    for value in values.filter(|value| !value.as_str().is_empty() && !value.as_str().contains(char::is_alphanumeric)) {
        let message = format!("`{value}` is no figure yet");
        report.add(&UNWRITTEN, source, value.span(), message, "write it, or delete this part: pages do without it");
    }
    let all = clinic.places().into_iter().flat_map(|place| place.all_hours()).filter_map(|(_, hours)| hours);
    for value in all.flat_map(Fact::values) {
        hours(document, value, report);
    }
}

/// Holds the clinic's own numbers and addresses to what they may be, sample or not.
fn own_numbers(source: &Arc<Source>, clinic: &Clinic, report: &mut Report) {
    for place in clinic.places() {
        let own = |key: &str| place.id.map_or_else(|| key.to_owned(), |id| format!("locations.{id}.{key}"));
        let table = |key: &str| if place.id.is_some() { format!("locations.{key}") } else { key.to_owned() };
        for (key, fact) in place.numbers() {
            let marked = fact.is_some_and(Fact::is_sample);
            for phone in fact.into_iter().flat_map(Fact::values) {
                own_number(source, phone, (&own(key), &table(key)), marked, report);
            }
        }
        for mail in place.mail.into_iter().filter(|fact| !fact.is_sample()).flat_map(Fact::values) {
            if mail.as_str().ends_with(".example") {
                sample(source, mail.span(), &own("mail"), report);
            }
        }
        let addresses = place.address.into_iter().filter(|fact| fact.is_sample()).flat_map(Fact::values);
        for Address { zip, .. } in addresses.filter(|address| !["", "00000"].contains(&address.zip.as_str())) {
            report.add(
                &REACHABLE_SAMPLE,
                source,
                zip.span(),
                "this sample address could be somebody's",
                Help::value(Edit::new(source, zip.span(), quoted("00000")), "zip")
                    .then(", or take `sample = true` out if the address is the clinic's"),
            );
        }
    }
}

fn own_number(source: &Arc<Source>, phone: &Phone, (key, table): (&str, &str), marked: bool, report: &mut Report) {
    if let Some(why) = phone.not_a_clinics() {
        let help = format!(
            "write the clinic's own number with its area code, or delete the table [{table}]: pages stay good without it"
        );
        report.add(&CLINIC_NUMBER, source, phone.span(), why, help);
    }
    let fictitious = phone.is_fictitious();
    if marked && !fictitious && !phone.as_str().is_empty() {
        report.add(
            &REACHABLE_SAMPLE,
            source,
            phone.span(),
            "this sample number could be somebody's",
            Help::value(Edit::new(source, phone.span(), quoted("916-555-0100")), "value")
                .then(", or take `sample = true` out if the number is the clinic's"),
        );
    }
    if fictitious && !marked {
        sample(source, phone.span(), key, report);
    }
}

/// Reports numbers and addresses of those who oversee the clinic that are made up.
fn oversight(source: &Arc<Source>, clinic: &Clinic, report: &mut Report) {
    let coordinators = [("coordinator_1557", &clinic.coordinator_1557), ("coordinator_504", &clinic.coordinator_504)];
    let people =
        coordinators.into_iter().flat_map(|(key, fact)| fact.iter().flat_map(Fact::values).map(move |it| (key, it)));
    for (key, person) in people {
        let phone = person.phone.iter().filter(|number| number.is_fictitious()).map(Phone::span);
        let mail = person.mail.iter().filter(|mail| mail.as_str().ends_with(".example")).map(Mail::span);
        phone.chain(mail).for_each(|place| sample(source, place, key, report));
    }
    let complaints =
        clinic.complaint_lines.iter().flat_map(Fact::values).flatten().filter_map(|line| line.phone.as_ref());
    for number in complaints.filter(|number| number.is_fictitious()) {
        sample(source, number.span(), "complaint_lines", report);
    }
}

fn sample(source: &Arc<Source>, place: Range<usize>, key: &str, report: &mut Report) {
    report.add(
        &SAMPLE_FACT,
        source,
        place,
        format!("`{key}` is a sample: a published site can't show it"),
        "write the clinic's own and take `sample = true` out, or delete the fact: pages do without it",
    );
}

/// Reports a fact that has been followed for long, or was looked at after it was followed: then what was meant is probably another year. And one that is
/// followed in years alone.
fn followed(
    source: &Arc<Source>,
    key: &str,
    from: &Day,
    verified_on: Option<&Day>,
    review: &Review<'_>,
    report: &mut Report,
) {
    let (day, today) = (from.date(), review.now.date());
    if from.as_str().is_empty() {
        return;
    }
    let is_behind = day <= today && verified_on.is_some_and(|verified| verified.date() > day);
    if is_behind || day < today.saturating_sub(SLIP.days()) {
        let later = day.with().year(today.year() + i16::from(day.month() <= today.month())).build().unwrap_or(day);
        report.add(
            &SUCCESSOR_DAY,
            source,
            from.span(),
            format!("the value of `next` has been shown since {day}, in place of the one above it"),
            format!("if `{key}` is still to change, mend the year: from = {later}; else write what holds now as `value`, and take `next` out"),
        );
    } else if is_distant(day, review) {
        let message = format!("`{key}` changes in years only");
        report.add(&SUCCESSOR_DAY, source, from.span(), message, "check the year of `from`");
    }
}

/// Reports a fact that expires before what follows it holds.
fn gap(source: &Arc<Source>, key: &str, last: &Day, from: &Day, report: &mut Report) {
    if last.as_str().is_empty() || from.as_str().is_empty() {
        return;
    }
    let before = from.date().saturating_sub(1.day());
    report.add(
        &FACT_GAP,
        source,
        last.span(),
        format!(
            "`{key}` expires on {last}, and what follows it holds from {from} on: between them the site leaves it out"
        ),
        Help::value(Edit::new(source, last.span(), before.to_string()), "expires_on")
            .then(", or take it out: the old value ends by itself when the new one begins"),
    );
}

fn hours(document: &Document<Clinic>, value: &[Hours], report: &mut Report) {
    // A day that could not be read is a Monday here.
    let sound = !document.findings.has_doubtful_names();
    let mut seen = Spans::default();
    for hours in value {
        if hours.opens.as_str().is_empty() || hours.closes.as_str().is_empty() {
            continue;
        }
        if closes_too_early(&document.source, &hours.opens, &hours.closes, report) {
            continue;
        }
        for day in &hours.days {
            if seen.overlaps(*day as i32, &hours.opens, &hours.closes) && sound {
                report.add(
                    &HOURS,
                    &document.source,
                    hours.opens.span(),
                    format!("these hours overlap with others of the same day ({day:?})"),
                    "give each day each hour once",
                );
            }
        }
    }
}
