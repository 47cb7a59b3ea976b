//! Phone numbers in the content: each can be dialled, and dials what it says. What is offered in place of a mistake is accepted.

use crate::content::{apply_help, minimal};
use crate::harness::{check, replace, text_in};
use clinic_site::content::Files;
use clinic_site::diagnostic::Severity;

const RULES: [&str; 5] = ["phone-in-copy", "other-number", "unsafe-link", "clinic-number", "malformed"];

/// The findings about numbers: message and help.
fn found(copy: &str) -> Vec<(String, String)> {
    let mut files = minimal();
    replace(&mut files, "en/pages/contact.toml", "Call us.", copy);
    let (_, report) = check(&files, false);
    let about = report.sorted().into_iter().filter(|finding| RULES.contains(&finding.rule.name));
    about.map(|finding| (finding.message.clone(), finding.help.clone())).collect()
}

#[test]
fn a_number_in_copy_is_told_with_the_line_to_write() {
    for (copy, mistake, offered) in [
        ("Call 916-444-2345.", "916-444-2345", "[916-444-2345](tel:+19164442345)"),
        ("Call (916) 444 - 2345.", "(916) 444 - 2345", "[(916) 444 - 2345](tel:+19164442345)"),
        ("Call 916-444-2345 x12.", "916-444-2345 x12", "[916-444-2345 x12](tel:+19164442345)"),
        ("Call 916-444-2345, ext. 12!", "916-444-2345, ext. 12", "[916-444-2345, ext. 12](tel:+19164442345)"),
        ("Please [call](tel:916 875 2050) us.", "[call](tel:916 875 2050)", "[call](tel:+19168752050)"),
        ("Please [call] (tel:916-875-2050) us.", "[call] (tel:916-875-2050)", "[call](tel:+19168752050)"),
        ("Please [call](tel:(916) 875-2050) us.", "[call](tel:(916) 875-2050)", "[call](tel:+19168752050)"),
        ("Please [text](sms: +1 916 875 2050) us.", "[text](sms: +1 916 875 2050)", "[text](sms:+19168752050)"),
        ("Call [us](<tel:916 875 2050>).", "<tel:916 875 2050>", "tel:+19168752050"),
        ("Call [us](tel:916–875–2050).", "tel:916–875–2050", "tel:+19168752050"),
        ("Call [us](tel:(916)875-2050).", "tel:(916)875-2050", "tel:+19168752050"),
        (
            "Call [916-444-2345](tel:+19168752050).",
            "[916-444-2345](tel:+19168752050)",
            "[916-444-2345](tel:+19164442345)",
        ),
        (
            "Text [916-444-2345](sms:+19168752050).",
            "[916-444-2345](sms:+19168752050)",
            "[916-444-2345](sms:+19164442345)",
        ),
    ] {
        let findings = found(copy);
        assert!(findings.len() == 1 && findings[0].1.contains(offered), "{copy}: {findings:#?}");
        let mended = copy.replace(mistake, offered);
        assert_eq!(found(&mended), [], "{copy}: {mended}");
    }
}

#[test]
fn a_number_that_nobody_can_dial_is_told() {
    for copy in [
        "Call 123-456-7890.",
        "Call (016) 555-0100.",
        "Call 916-411-2345.",
        "Call [us](tel:123-456-7890).",
        "Call [us](tel:+1916875205).",
        "Call [us](tel:12).",
        "Call [123-456-7890](tel:+19168752050).",
        "Call [us] (tel:nobody).",
    ] {
        assert_eq!(found(copy).len(), 1, "{copy}: {:#?}", found(copy));
    }
}

#[test]
fn what_is_right_is_not_told() {
    for copy in [
        "Fax: 916-444-2346.",
        "Send it by fax to (916) 444-2346.",
        "Call [916-444-2345](tel:+19164442345), fax 916-444-2346.",
        "Call [916-444-2345](tel:+19164442345) x12.",
        "Call [916-444-2345 x12](tel:+19164442345).",
        "Call [us](tel:916-444-2345) or [the line](tel:988) or [911](tel:911).",
        "Call [the desk at 916.444.2345](tel:+1-916-444-2345).",
        "Text [HELP to 435748](sms:435748).",
        "A list [of things] (and more), NPI 1234567893, 45 CFR 164.520.",
    ] {
        assert_eq!(found(copy), [], "{copy}");
    }
}

#[test]
fn a_made_up_number_is_not_published() {
    let of_samples = |copy: &str, publish: bool| {
        let mut files = minimal();
        replace(&mut files, "en/pages/contact.toml", "Call us.", copy);
        let report = check(&files, publish).1;
        let numbers =
            report.sorted().into_iter().filter(|one| [RULES[0], RULES[1], "sample-fact"].contains(&one.rule.name));
        numbers.map(|one| (one.rule.name, one.severity)).collect::<Vec<_>>()
    };
    for copy in [
        "Call 916-555-0123.",
        "Call 916-555-0123 ext. 4.",
        "Fax 916-555-0123.",
        "Call [916-555-0123](tel:+19165550123).",
        "Call [us](tel:916-555-0123).",
        "Text [us](sms:+19165550123).",
    ] {
        assert_eq!(of_samples(copy, false), [("sample-fact", Severity::Warning)], "{copy}");
        assert_eq!(of_samples(copy, true), [("sample-fact", Severity::Error)], "{copy}");
    }
}

/// A text that is shown as it is written can hold no link, so a number of somebody else is right as it is.
#[test]
fn numbers_in_plain_texts_are_told_where_they_are_made_up_or_the_clinics_own() {
    let told = |number: &str| {
        let mut files = minimal();
        replace(&mut files, "clinic.toml", "[[help_lines]]", &format!("{PLACES}\n[[help_lines]]"));
        for id in ["main", "north"] {
            let words = format!("{}\n[locations.{id}]\nname = \"Place {id}\"\n", text_in(&files, "en/ui.toml"));
            files.insert("en/ui.toml", words.into_bytes());
        }
        let page = text_in(&files, "en/pages/contact.toml");
        let line = page.lines().find(|line| line.starts_with("description = ")).unwrap().to_owned();
        replace(
            &mut files,
            "en/pages/contact.toml",
            &line,
            &format!("description = \"The county answers at {number}.\""),
        );
        let report = check(&files, true).1;
        let numbers =
            report.sorted().into_iter().filter(|one| [RULES[0], RULES[1], "sample-fact"].contains(&one.rule.name));
        numbers.map(|one| (one.rule.name, one.fix.is_empty())).collect::<Vec<_>>()
    };
    assert_eq!(told("916-555-0123"), [("sample-fact", true)]);
    assert_eq!(told("916-875-2050"), [("phone-in-copy", true)]);
    assert_eq!(told("916-444-2345"), []);
}

#[test]
fn a_made_up_number_is_no_figure() {
    let told = |value: &str| {
        let mut files = minimal();
        replace(&mut files, "clinic.toml", "value = \"17,568\"", &format!("value = \"{value}\""));
        let report = check(&files, true).1;
        report.sorted().into_iter().map(|one| (one.rule.name, one.severity)).collect::<Vec<_>>()
    };
    assert_eq!(told("916-555-0123"), [("sample-fact", Severity::Error)]);
    assert_eq!(told("916-444-2345"), []);
    assert_eq!(told("9,165,550,123"), []);
}

#[test]
fn the_clinics_own_number_is_one() {
    let phone = |value: &str| {
        let mut files = minimal();
        replace(
            &mut files,
            "clinic.toml",
            "[[help_lines]]",
            &format!("[phone]\nvalue = \"{value}\"\n\n[[help_lines]]"),
        );
        let (_, report) = check(&files, true);
        let about = report.sorted().into_iter().filter(|finding| RULES.contains(&finding.rule.name));
        about.map(|finding| (finding.rule.name, finding.help.clone())).collect::<Vec<_>>()
    };
    for (value, rule) in [
        ("911", "clinic-number"),
        ("988", "clinic-number"),
        ("211", "clinic-number"),
        ("916-555-2368", "clinic-number"),
        ("123-456-7890", "malformed"),
        ("016-555-0100", "malformed"),
        ("916-411-2345", "malformed"),
        ("875-2050", "malformed"),
    ] {
        assert_eq!(phone(value).iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), [rule], "{value}");
    }
    for (value, meant) in [
        ("(916) 444-2345 x12", "916-444-2345 ext. 12"),
        ("tel:+19164442345", "916-444-2345"),
        ("916\u{2011}444\u{2011}2345", "916-444-2345"),
        ("916-444-2345 (24 hours)", "916-444-2345"),
        ("916-444\u{200b}-2345", "916-444-2345"),
    ] {
        assert_eq!(phone(value), [("malformed", format!("write it like \"{meant}\""))], "{value}");
        assert_eq!(phone(meant), [], "{meant}");
    }
}

const PLACES: &str = "[[locations]]\nid = \"main\"\n[locations.phone]\nvalue = \"916-875-2050\"\nnext = { value = \"916-875-2059\", from = 2027-01-01 }\n\
                      [locations.dosing_line]\nvalue = \"916-875-2051 ext. 12\"\n[locations.fax]\nvalue = \"916-875-2053\"\n\
                      [[locations]]\nid = \"north\"\n[locations.phone]\nvalue = \"916-875-2060\"\n";

#[test]
fn the_clinics_own_number_is_told_with_the_fact_to_write() {
    let files = |facts: &str, copy: &str| {
        let mut files = minimal();
        replace(&mut files, "clinic.toml", "[[help_lines]]", &format!("{facts}\n[[help_lines]]"));
        for id in ["main", "north"].into_iter().filter(|id| facts.contains(&format!("\"{id}\""))) {
            let words = format!("{}\n[locations.{id}]\nname = \"Place {id}\"\n", text_in(&files, "en/ui.toml"));
            files.insert("en/ui.toml", words.into_bytes());
        }
        replace(&mut files, "en/pages/contact.toml", "Call us.", copy);
        files
    };
    let told = |files: &Files| {
        let report = check(files, false).1;
        report.sorted().into_iter().filter(|one| RULES.contains(&one.rule.name)).cloned().collect::<Vec<_>>()
    };
    let short = "[phone]\nvalue = \"916-555-0100\"\nsample = true\n";
    for (facts, typed, fact) in [
        (short, "916-555-0100", "{phone}"),
        (short, "(916) 555-0100", "{phone}"),
        (short, "+1 916 555 0100", "{phone}"),
        (short, "[916-555-0100](tel:+19165550100)", "{phone}"),
        (short, "[{phone}](tel:+19165550100)", "{phone}"),
        (short, "[(916) 555-0100](tel:916-555-0100)", "{phone}"),
        (PLACES, "916-875-2050", "{phone}"),
        (PLACES, "(916) 875-2051 x12", "{location.main.dosing_line}"),
        (PLACES, "fax 916-875-2053", "{location.main.fax}"),
        (PLACES, "916.875.2060", "{location.north.phone}"),
    ] {
        let content = files(facts, &format!("Call {typed}."));
        let found = told(&content);
        let [one] = found.as_slice() else { panic!("{typed}: {found:#?}") };
        assert!(one.rule.name == "phone-in-copy" && one.help == format!("write {fact}"), "{typed}: {one:#?}");
        let mended = apply_help(&content, one);
        assert!(text_in(&mended, "en/pages/contact.toml").contains(&format!("{fact}.\"")), "{typed}");
        assert!(told(&mended).is_empty(), "{typed}");
    }
    // What else is said by it is for its writer: other words, another extension, the same number twice.
    for copy in [
        "Call 916-875-2050 ext. 7.",
        "Call [916-875-2050 ext. 7](tel:+19168752050).",
        "[Call 916-875-2050 today](tel:+19168752050).",
        "Call 916-875-2050, or 916-875-2050.",
    ] {
        let found = told(&files(PLACES, copy));
        assert!(
            found.len() == 1 && found[0].fix.is_empty() && found[0].help.contains("write {phone} in its place"),
            "{found:#?}"
        );
    }
    // Words that are no number stay, and a fact is a link by itself.
    let linked = files(PLACES, "[Call us](tel:+19168752050).");
    let found = told(&linked);
    assert!(
        found.len() == 1
            && found[0].fix.is_empty()
            && found[0].help.starts_with("write Call us: {phone}, without a link")
    );
    let mended = files(PLACES, "Call us: {phone}.");
    assert!(told(&mended).is_empty() && check(&mended, false).0.is_some());
    // A number that the clinic will have is not yet what the fact shows.
    assert!(told(&files(PLACES, "From January call 916-875-2059.")).is_empty());
    for copy in ["Call [988](tel:988).", "Text [us](sms:+19168752050).", "Fax 916-444-2345.", "Call {phone}."] {
        assert!(told(&files(PLACES, copy)).is_empty(), "{copy}");
    }
    assert_eq!(told(&files(PLACES, "Call [916-444-2345](tel:+19168752050).")).len(), 1, "one mistake");
}
