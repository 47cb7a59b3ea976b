//! Whatever visitors type: it is taken as they mean it, or it comes back whole at its field.

use super::{PAGES, Taking};
use clinic_site::requests::Field;
use clinic_site::requests::form::MAX_BYTES;
use url::form_urlencoded;

fn body(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[test]
fn a_number_is_kept_as_it_is_dialled_and_as_it_was_typed_where_that_says_more() {
    let site = Taking::new();
    let typed = [
        ("916-875\u{200b}-2050", "916-875-2050", ""),
        ("916\u{3164}875\u{ad}2050\u{fe0f}", "916-875-2050", ""),
        ("٩١٦٨٧٥٢٠٥٠", "916-875-2050", "٩١٦٨٧٥٢٠٥٠"),
        ("９１６８７５２０５０", "916-875-2050", "９１６８７５２０５０"),
        ("+44 (0)20 7946 0018", "+442079460018", "+44 (0)20 7946 0018"),
        ("916-875-2050 #12", "916-875-2050 x12", ""),
        ("916-875-2050,,12", "916-875-2050 x12", ""),
        ("tel:+19168752050;ext=12", "916-875-2050 x12", ""),
        ("(+1) 916 875-2050", "916-875-2050", ""),
        ("916-875-2050 (my mom's cell, after 5 pm)", "916-875-2050", "916-875-2050 (my mom's cell, after 5 pm)"),
    ];
    for (typed, dialled, kept_typed) in typed {
        let reply = site.post(PAGES[0], &body(&[("name", typed), ("phone", typed)])).is(303);
        let reference = super::reference(&reply, PAGES[0]);
        let kept = site.kept().into_iter().find(|kept| *kept.reference == *reference.as_str()).unwrap();
        assert_eq!((&*kept.answers.phone, &*kept.answers.phone_typed), (dialled, kept_typed), "{typed}");
    }
    // Nobody can dial these, or who knows which of two.
    for typed in
        ["123-456-7890", "916-411-2050", "911", "+916 875 2050", "+999 123 456 789", "916-875-2050 or 916-444-2345"]
    {
        let shown = site.post(PAGES[0], &body(&[("name", "Ana"), ("phone", typed)])).is(422).page();
        assert_eq!(shown.one("[name=phone]").attr("value"), Some(typed));
        assert_eq!(shown.one("[name=phone]").attr("aria-invalid"), Some("true"));
    }
}

#[test]
fn a_name_that_shows_nothing_is_asked_again() {
    let site = Taking::new();
    for (page, name) in
        ["\u{3164}", "\u{301}\u{301}", "\u{2800}\u{2800}", "\u{200b}", "\u{115f}", "\u{fffc}", "\u{e0041}"]
            .into_iter()
            .zip(PAGES.into_iter().cycle())
            .map(|(name, page)| (page, name))
    {
        let shown =
            site.post(page, &body(&[("name", name), ("phone", "916-875-2050"), ("note", "stays")])).is(422).page();
        assert_eq!(shown.one("[name=name]").attr("aria-invalid"), Some("true"), "{name:?}");
        assert_eq!(shown.one("textarea").text().collect::<String>().trim(), "stays");
    }
    assert!(site.kept().is_empty());
    for name in ["Ana", "李", "नि", "🙂", "e\u{301}", "-"] {
        site.post(PAGES[0], &body(&[("name", name), ("phone", "916-875-2050")])).is(303);
    }
}

/// A text of so many UTF-16 units, as a browser with `maxlength` lets one be pasted.
fn units(with: &str, room: usize) -> String {
    with.repeat(room / with.encode_utf16().count())
}

#[test]
fn all_that_a_browser_takes_comes_back_at_its_field() {
    let site = Taking::new();
    let filled = |with: &str| {
        let typed = |field: &Field| Some((field.key(), units(with, field.room()?)));
        Field::ALL.iter().filter_map(typed).collect::<Vec<_>>()
    };
    // The last one: a line break is one unit in a browser, and two characters in a post.
    for with in ["a", "é", "Д", "“", "\u{fffd}", "𝒜", "🙂", "&", "\"", "<", "%", "٣", "a\r\n"] {
        let fields = filled(with);
        let fields: Vec<_> = fields.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let all =
            ["message=discreet", "times=morning", "times=night", "language=other", "whom=someone_else", "website="]
                .join("&");
        let post = format!("{}&{all}", body(&fields));
        assert!(post.len() <= MAX_BYTES, "{with}: {}", post.len());
        let shown = site.post(PAGES[1], &post).is(422).page();
        for (key, text) in fields {
            let control = shown.one(&format!("form [name={key}]"));
            let came_back = control.attr("value").map_or_else(|| control.text().collect::<String>(), str::to_owned);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words(&came_back) == words(text), "{with:?} in {key}: {} of {}", came_back.len(), text.len());
            assert_eq!(control.attr("aria-invalid"), Some("true"), "{with:?} in {key}");
        }
    }
    assert!(site.kept().is_empty());
}

#[test]
fn no_browser_cuts_what_the_server_would_take() {
    let site = Taking::new();
    for page in PAGES {
        let blank = site.get(page).is(200).page();
        for field in Field::ALL.iter().filter(|field| Field::max(**field).is_some()) {
            let room: usize =
                blank.one(&format!("form [name={}]", field.key())).attr("maxlength").unwrap().parse().unwrap();
            // The longest characters have two units; a pasted text that is too long keeps its end, and is asked for again.
            assert_eq!(Some(room), field.room());
            assert!(room >= 4 * 2 * Field::max(*field).unwrap());
        }
    }
}
