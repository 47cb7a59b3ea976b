//! An event as a file for a calendar (iCalendar, RFC 5545).

use crate::content::model::Event;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The longest line, in bytes, without its end (section 3.1).
const MAX_LINE: usize = 75;

/// A calendar of one event. `stamp` is the day on which its words were last looked at, `id` is the event's alone, `url` is its place on the page.
///
/// Its times are instants, so no calendar has to know the clinic's time zone. It is private: calendars are shared with people who need not know.
pub(super) fn event(event: &Event, zone: &TimeZone, stamp: Date, id: &str, url: &str) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//clinic-site//Events//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", text(id)),
        format!("DTSTAMP:{}T000000Z", stamp.strftime("%Y%m%d")),
    ];
    if event.begins.is_some() {
        lines.push(format!("DTSTART:{}", instant(event.begins(zone))));
        lines.extend(event.ends.as_ref().map(|_| format!("DTEND:{}", instant(event.is_over(zone)))));
    } else {
        let day = event.day.date();
        lines.push(format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d")));
        // The first day after it (section 3.6.1).
        lines.push(format!("DTEND;VALUE=DATE:{}", day.saturating_add(1.day()).strftime("%Y%m%d")));
    }
    lines.push(format!("SUMMARY:{}", text(event.title.as_str())));
    lines.extend(event.place.as_ref().map(|place| format!("LOCATION:{}", text(place.as_str()))));
    lines.extend([format!("URL:{url}"), "CLASS:PRIVATE".to_owned()]);
    lines.extend(["END:VEVENT", "END:VCALENDAR"].map(str::to_owned));
    lines.iter().map(|line| folded(line)).collect()
}

/// An instant in UTC, as section 3.3.5 writes it.
fn instant(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text with what has a meaning escaped (section 3.3.11).
fn text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    escaped.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// A line with its end. A long one is parted between characters, and goes on behind a space (section 3.1).
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 2);
    let mut rest = line;
    let mut room = MAX_LINE;
    while rest.len() > room {
        let (head, tail) = rest.split_at(rest.floor_char_boundary(room));
        out.push_str(head);
        out.push_str("\r\n ");
        rest = tail;
        room = MAX_LINE - 1;
    }
    out + rest + "\r\n"
}

/// An instant on the clinic's clock with its distance from UTC, as schema.org has it (ISO 8601).
pub(super) fn iso(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::{event, folded, iso, text};
    use crate::content::calendar::default_zone;
    use crate::content::model::{Page, Section};
    use crate::content::parse;
    use jiff::civil::date;

    fn written(keys: &str) -> String {
        let page = format!(
            "kind = \"page\"\nslug = \"events\"\ntitle = \"Events\"\ndescription = \"What happens at the clinic in the weeks to come, and when.\"\n\
             lead = \"Come.\"\nlast_reviewed = 2026-11-01\nnext_review = 2027-05-01\n[[sections]]\nkind = \"events\"\nheading = \"Soon\"\n\
             [[sections.items]]\n{keys}"
        );
        let page: Page = parse(&page).unwrap();
        let Section::Events(events) = &page.sections[0] else { panic!("no events") };
        event(
            events.all().next().unwrap(),
            &default_zone(),
            date(2026, 11, 1),
            "/events/a.ics@clinic.example",
            "https://clinic.example/events/#a",
        )
    }

    #[test]
    fn an_event_is_written_in_utc_to_the_letter() {
        let file = written(
            "title = \"Family evening; bring a friend, or two\"\nday = 2026-12-05\nbegins = \"18:00\"\nends = \"19:30\"\nplace = \"Group room, 2nd floor\"\n",
        );
        assert_eq!(
            file,
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//clinic-site//Events//EN\r\nBEGIN:VEVENT\r\nUID:/events/a.ics@clinic.example\r\n\
             DTSTAMP:20261101T000000Z\r\nDTSTART:20261206T020000Z\r\nDTEND:20261206T033000Z\r\n\
             SUMMARY:Family evening\\; bring a friend\\, or two\r\nLOCATION:Group room\\, 2nd floor\r\nURL:https://clinic.example/events/#a\r\n\
             CLASS:PRIVATE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let summer = written("title = \"A\"\nday = 2026-07-05\nbegins = \"18:00\"\n");
        assert!(summer.contains("DTSTART:20260706T010000Z\r\n") && !summer.contains("DTEND"), "{summer}");
        let whole = written("title = \"A\"\nday = 2026-12-31\n");
        assert!(whole.contains("DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n"), "{whole}");
    }

    #[test]
    fn long_lines_are_parted_between_characters_and_become_one_again() {
        for line in [
            "SUMMARY:short".to_owned(),
            format!("SUMMARY:{}", "ñandú ".repeat(40)),
            "x".repeat(75),
            "x".repeat(76),
            "日".repeat(90),
        ] {
            let out = folded(&line);
            assert!(out.ends_with("\r\n") && out.split("\r\n").all(|part| part.len() <= 75), "{out:?}");
            assert_eq!(out.replace("\r\n ", ""), format!("{line}\r\n"));
        }
        assert_eq!(text("a\\b; c, d\r\ne\nf"), "a\\\\b\\; c\\, d\\ne\\nf");
        assert_eq!(iso("2026-12-06T02:00:00Z".parse().unwrap(), &default_zone()), "2026-12-05T18:00:00-08:00");
    }
}
