//! Whatever somebody asks for, the site answers with a page of its own or sends to one: property tests over every path there is.

use crate::harness::TestSite;
use proptest::prelude::*;
use proptest::sample::select;

/// A part of a path as somebody may spell it.
fn spelled(letter: char, how: u8) -> String {
    match how % 5 {
        0 | 1 if letter != '/' => format!("%{:02x}", letter as u32),
        2 if letter != '/' => format!("%{:02X}", letter as u32),
        3 => letter.to_ascii_uppercase().to_string(),
        _ => letter.to_string(),
    }
}

/// What stands for one slash.
fn slash(how: u8) -> &'static str {
    ["/", "//", "/./", "/x/../", "/%2e/", "/.//", "/%78/%2e./"][usize::from(how % 7)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Another spelling of a page leads to it, in one step.
    #[test]
    fn every_spelling_of_a_page_leads_to_it(
        page in select(TestSite::shipped().pages()),
        hows in prop::collection::vec(any::<u8>(), 200),
        end in any::<bool>(),
    ) {
        let mut hows = hows.into_iter().cycle();
        let mut how = || hows.next().unwrap_or_default();
        let mut asked = String::new();
        for letter in page.chars() {
            asked += &if letter == '/' { slash(how()).to_owned() } else { spelled(letter, how()) };
        }
        if end && page.len() > 1 {
            asked = asked.trim_end_matches('/').to_owned();
        }
        let reply = TestSite::shipped().get(&asked);
        if asked == page {
            prop_assert_eq!(reply.status, 200);
        } else {
            prop_assert_eq!((reply.status.as_u16(), reply.header("location")), (308, page.as_str()), "{}", asked);
        }
    }

    /// Nothing that is asked leads off the site, or breaks anything.
    #[test]
    fn no_path_leads_elsewhere(
        parts in prop::collection::vec(select(vec![
            "/", "//", "\\", "..", ".", "%2e", "%2f", "%5c", "%00", "%ff", "%c0%af", "%", "%4", "@", ":", "https:", "evil.example",
            "medicare", "ES", "es", "contact", "assets", "_preview", "é", "%C3%A9", "%e2%80%ae", ";", "~", "a", "*", "?", "#",
        ]), 0..12),
    ) {
        let site = TestSite::shipped();
        let asked = format!("/{}", parts.concat());
        // Only what can stand in a request's first line.
        prop_assume!(asked.parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_none()));
        let reply = site.get(&asked);
        match reply.status.as_u16() {
            308 => prop_assert_eq!(site.get(reply.header("location")).status, 200, "{}", asked),
            200 | 400 | 404 => prop_assert!(!reply.headers.contains_key("location"), "{}", asked),
            other => prop_assert!(false, "{}: {}", asked, other),
        }
    }
}
