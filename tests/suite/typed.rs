//! Texts that are not what they seem: each is told at its place, with what to write instead; and what is right is not told.

use crate::content::{apply_help, minimal};
use crate::harness::{check, replace, set};
use crate::translations::in_two_languages;
use clinic_site::content::Files;
use clinic_site::diagnostic::{Diagnostic, Report};

const PAGE: &str = "en/pages/home.toml";
const COPY: &str = "text = \"This is {name}. Read about [group therapy](/group-therapy/).\"";

/// The smallest content with a text in its copy.
fn with_copy(text: &str) -> Files {
    let mut files = minimal();
    replace(&mut files, PAGE, COPY, &format!("text = \"\"\"\n{text}\"\"\""));
    files
}

/// The smallest content with a heading.
fn with_heading(text: &str) -> Files {
    let mut files = minimal();
    set(&mut files, PAGE, "heading", &format!("\"{text}\""));
    files
}

/// What a finding says to write in place of its part of the file.
fn instead(finding: &Diagnostic) -> Option<&str> {
    finding.help.strip_prefix("write `")?.rsplit_once('`').map(|(text, _)| text)
}

fn told(report: &Report) -> Vec<String> {
    let words = |finding: &&Diagnostic| {
        let part = finding.source.text.get(finding.span.clone()).unwrap();
        format!("{}: {part} → {}", finding.rule.name, instead(finding).unwrap_or("?"))
    };
    report.sorted().iter().map(words).collect()
}

/// The files with the first finding mended as its help says: what it says is what is changed.
fn mended(files: &Files, report: &Report) -> Files {
    let finding = report.sorted()[0];
    let [edit] = finding.fix.as_slice() else { panic!("advice: {}", report.text()) };
    assert_eq!((Some(edit.text.as_str()), &edit.span), (instead(finding), &finding.span));
    apply_help(files, finding)
}

/// Each text is told as one finding, and what it says to write has none.
#[track_caller]
fn is_mended_as_told(files: &Files, wanted: &str) {
    let (_, report) = check(files, true);
    assert_eq!(told(&report), [wanted], "{}", report.text());
    let (content, after) = check(&mended(files, &report), true);
    assert_eq!(told(&after), [""; 0], "after {wanted}");
    assert!(content.is_some());
}

#[test]
fn markup_that_is_shown_as_it_is_typed_is_told_with_what_was_meant() {
    for (typed, part, write) in [
        ("Call { phone } now.", "{ phone }", "{phone}"),
        ("Call {{phone}} now.", "{{phone}}", "{phone}"),
        ("Call {phone number} now.", "{phone number}", "{phone}"),
        ("This is {name and more.", "{name", "{name}"),
        ("Call {phone}} now.", "{phone}}", "{phone}"),
        ("Bring {see below} too.", "{see below}", "see below"),
        ("Read [page] (/contact/) now.", "[page] (/contact/)", "[page](/contact/)"),
        ("Read [page]\n(/contact/) now.", "[page]\n(/contact/)", "[page](/contact/)"),
        ("Read (page)[/contact/] now.", "(page)[/contact/]", "[page](/contact/)"),
        ("Read [page][/contact/] now.", "[page][/contact/]", "[page](/contact/)"),
        ("Read [page](/contact/ now.", "[page](/contact/", "[page](/contact/)"),
        ("Read [page](/contact/ “Us”) now.", "[page](/contact/ “Us”)", "[page](/contact/)"),
        ("Read [page](/group therapy/) now.", "[page](/group therapy/)", "[page](/group-therapy/)"),
        ("This is ** strong ** text.", "** strong **", "**strong**"),
        ("This is **strong ** text.", "**strong **", "**strong**"),
        ("**Call us ** now and ** here** then.", " ** now and ** ", "** now and **"),
        (
            "[Write] (mailto:info@clinic.example) to us.",
            "[Write] (mailto:info@clinic.example)",
            "[Write](mailto:info@clinic.example)",
        ),
        (
            "[Map] (https://maps.example.com/) is here.",
            "[Map] (https://maps.example.com/)",
            "[Map](https://maps.example.com/)",
        ),
        ("**Important: bring your card.", "**Important:", "**Important:**"),
        ("This is **important", "**important", "**important**"),
        ("Important:** bring it.", "Important:**", "**Important:**"),
        ("It is ~~free~~ cheap.", "~~free~~", "free"),
        ("Bring:\n\n- [ ] your card", "[ ] your", "your"),
        ("Bring:\n\n[x] your card", "[x] your", "- your"),
        ("Bring:\n• a card\n• a list", "• a card\n• a list", "- a card\n- a list"),
        ("• a card • a list", "• a card • a list", "- a card\n- a list"),
        ("Bring:\n•\ta card\n•\ta list", "•\ta card\n•\ta list", "- a card\n- a list"),
        ("Bring:\n\u{f0b7} a card\n\u{f0b7} a list", "\u{f0b7} a card\n\u{f0b7} a list", "- a card\n- a list"),
        ("Bring:\n– a card\n– a list", "– a card\n– a list", "- a card\n- a list"),
        ("Bring:\no a card\no a list", "o a card\no a list", "- a card\n- a list"),
        ("Bring:\n· a card\n· a list", "· a card\n· a list", "- a card\n- a list"),
        ("Bring:\n2) a card\n3) a list", "2) a card\n3) a list", "\n1. a card\n2. a list"),
        ("Bring:\na) a card\nb) a list", "a) a card\nb) a list", "- a card\n- a list"),
        ("Bring:\na. a card\nb. a list", "a. a card\nb. a list", "- a card\n- a list"),
        ("i. a card\nii. a list\niii. a shoe", "i. a card\nii. a list\niii. a shoe", "- a card\n- a list\n- a shoe"),
        ("○ a card\n○ a list", "○ a card\n○ a list", "- a card\n- a list"),
        ("##Parking\n\nBehind the house.", "##Parking", "## Parking"),
        ("##24-hour line##", "##24-hour line##", "## 24-hour line"),
        (
            "a. Bring [your card](/contact/).\nb. Bring it.",
            "a. Bring [your card](/contact/).\nb. Bring it.",
            "- Bring [your card](/contact/).\n- Bring it.",
        ),
        ("• Read [this](/contact/)\n• Go", "• Read [this](/contact/)\n• Go", "- Read [this](/contact/)\n- Go"),
        ("Bring:\n1.a card\n2.a list", "1.a card\n2.a list", "\n1. a card\n2. a list"),
        ("Bring:\n-a card\n-a list", "-a card\n-a list", "- a card\n- a list"),
        ("- • a card", "• a card", "a card"),
        (
            "•\tMeals\n\to\tLunch\n\to\tTea\n•\tRest",
            "•\tMeals\n\to\tLunch\n\to\tTea\n•\tRest",
            "- Meals\n- Lunch\n- Tea\n- Rest",
        ),
        ("§\ta card\n§\ta list", "§\ta card\n§\ta list", "- a card\n- a list"),
        ("a.\ta card\nb.\ta list", "a.\ta card\nb.\ta list", "- a card\n- a list"),
        ("☐ a card\n☐ a list", "☐ a card\n☐ a list", "- a card\n- a list"),
        (
            "| Day | Open |\n|---|---|\n| Monday | 5 to 2 |",
            "| Day | Open |\n|---|---|\n| Monday | 5 to 2 |",
            "- Monday: Open 5 to 2",
        ),
        (
            "Monday | 5 to 2\nTuesday | 6 to 2",
            "Monday | 5 to 2\nTuesday | 6 to 2",
            "- Monday: 5 to 2\n- Tuesday: 6 to 2",
        ),
        ("Monday\t5 to 2\nTuesday\t6 to 2", "Monday\t5 to 2\nTuesday\t6 to 2", "- Monday: 5 to 2\n- Tuesday: 6 to 2"),
        ("Call&nbsp us.", "&nbsp", " "),
    ] {
        if write == " " {
            assert_eq!(told(&check(&with_copy(typed), true).1), [format!("shown-as-typed: {part} → ?")]);
            continue;
        }
        is_mended_as_told(&with_copy(typed), &format!("shown-as-typed: {part} → {write}"));
    }
}

#[test]
fn signs_of_other_programs_are_told_in_copy_and_in_headings() {
    for (typed, rule, part, write) in [
        ("Our SeÃ±ora is here.", "garbled-text", "SeÃ±ora", "Señora"),
        ("It isnâ€™t far.", "garbled-text", "isnâ€™t", "isn’t"),
        ("Call \u{f0b7} us.", "garbled-text", "\u{f0b7} us.", "us."),
        ("Con\u{ad}fi\u{ad}dential.", "hidden-character", "Con\u{ad}fi\u{ad}dential.", "Confidential."),
        ("Group\u{200b} room.", "hidden-character", "Group\u{200b}", "Group"),
        ("\u{feff}Group room.", "hidden-character", "\u{feff}Group", "Group"),
    ] {
        let wanted = format!("{rule}: {part} → {write}");
        is_mended_as_told(&with_copy(typed), &wanted);
        is_mended_as_told(&with_heading(typed), &wanted);
    }
    assert_eq!(told(&check(&with_copy("The se\u{fffd}ora."), true).1), ["garbled-text: se\u{fffd}ora. → ?"]);
    assert_eq!(told(&check(&with_heading("\u{200b}"), true).1), ["empty-text: \"\u{200b}\" → ?"]);
}

#[test]
fn what_only_the_old_site_understood_is_taken_out() {
    for (typed, part) in [
        ("See [gallery ids=\"1,2\" columns=“3”] us.", "[gallery ids=\"1,2\" columns=“3”]"),
        ("[vc_row]Come in.", "[vc_row]"),
        ("Come in.[/caption]", "[/caption]"),
        ("See [button url=\"https://clinic.example/\"]", "[button url=\"https://clinic.example/\"]"),
        ("[contact-form-7 id='12']\n\nCome in.", "[contact-form-7 id='12']"),
    ] {
        let files = with_copy(typed);
        let (_, report) = check(&files, true);
        assert_eq!(told(&report), [format!("shown-as-typed: {part} → ?")]);
        assert_eq!(report.sorted()[0].help, "take it out");
        let (content, after) = check(&apply_help(&files, report.sorted()[0]), true);
        assert!(content.is_some() && told(&after).is_empty(), "{typed}: {}", after.text());
    }
    // Two halves, and two in a row, which look like a link.
    for (typed, parts) in [
        ("[tab title='Hours']We open.[/tab]", &["[tab title='Hours']", "[/tab]"][..]),
        ("[columns][column]Help.[/column][/columns]", &["[columns]", "[column]", "[/column]", "[/columns]"]),
        ("Left[/vc_column][/vc_row]", &["[/vc_column]", "[/vc_row]"]),
        ("[caption]Our [door][/caption]", &["[caption]", "[/caption]"]),
    ] {
        let wanted: Vec<_> = parts.iter().map(|part| format!("shown-as-typed: {part} → ?")).collect();
        assert_eq!(told(&check(&with_copy(typed), true).1), wanted, "{typed}");
    }
    // Where a footnote stands, nobody can know what it says.
    let told = told(&check(&with_copy("It helps.[^1]"), true).1);
    assert_eq!(told, ["shown-as-typed: [^1] → ?"]);
}

#[test]
fn markup_in_plain_text_is_told_with_the_words_alone() {
    for (typed, part, write) in [
        ("Smith &amp; Jones", "&amp;", "&"),
        ("Our <i>group</i> room", "<i>group</i>", "group"),
        ("**Welcome** here", "**Welcome**", "Welcome"),
        ("*Welcome* here", "*Welcome*", "Welcome"),
        ("[Welcome](/contact/) here", "[Welcome](/contact/)", "Welcome"),
        ("• Welcome", "• Welcome", "Welcome"),
    ] {
        is_mended_as_told(&with_heading(typed), &format!("plain-text: {part} → {write}"));
    }
    for typed in ["Call {phone}", "Call { phone }", "Call {phone", "Call phone}"] {
        assert_eq!(told(&check(&with_heading(typed), true).1).len(), 1, "{typed}");
    }
}

#[test]
fn addresses_that_nobody_can_tap_and_joined_words_are_warnings() {
    for (typed, wanted) in [
        (
            "Write to info@clinic.example now.",
            "bare-address: info@clinic.example → [info@clinic.example](mailto:info@clinic.example)",
        ),
        ("See www.samhsa.gov now.", "bare-address: www.samhsa.gov → [www.samhsa.gov](https://www.samhsa.gov)"),
        (
            "See (https://www.samhsa.gov/find-help).",
            "bare-address: https://www.samhsa.gov/find-help → [www.samhsa.gov/find-help](https://www.samhsa.gov/find-help)",
        ),
        ("Call us\\\n  today.", "joined-words: us\\ → us \\"),
    ] {
        let files = with_copy(typed);
        assert!(check(&files, true).0.is_some(), "a warning: {typed}");
        is_mended_as_told(&files, wanted);
    }
}

#[test]
fn every_text_that_visitors_read_is_looked_at() {
    let mut files = in_two_languages();
    set(&mut files, "en/ui.toml", "menu", "\"Men&uacute;\"");
    set(&mut files, "en/objectives.toml", "line", "\"It isnâ€™t far.\"");
    set(&mut files, "en/notices.toml", "text", "\"Call { phone } now.\"");
    set(&mut files, "es/pages/contact.toml", "title", "\"**Contacto**\"");
    replace(&mut files, "es/pages/contact.toml", "Call us.", "Llame a {{phone}}.");
    replace(&mut files, "clinic.toml", "The clinic's own page", "The clinic&rsquo;s own page");
    let (_, report) = check(&files, false);
    let errors = report.sorted().into_iter().filter(|finding| finding.severity.word() == "error");
    let paths: Vec<_> = errors.map(|finding| finding.source.path.replace("tests/fixtures/minimal/", "")).collect();
    let wanted = [
        "clinic.toml",
        "en/notices.toml",
        "en/objectives.toml",
        "en/ui.toml",
        "es/pages/contact.toml",
        "es/pages/contact.toml",
    ];
    assert_eq!(paths, wanted, "{}", report.text());
}

/// The clinic's official texts are its own: they name no facts, and addresses stay. What pasting did to them is told all the same.
#[test]
fn official_texts_are_looked_at_for_what_pasting_did() {
    let with = |text: &str| {
        let mut files = minimal();
        let page = String::from_utf8(files.get("en/pages/privacy.toml").unwrap().to_vec()).unwrap();
        let section =
            "kind = \"official_text\"\nheading = \"Notice\"\nlaw = \"45 CFR 92.10\"\nabout = \"What it says.\"";
        let page = format!("{page}\n[[sections]]\n{section}\ntext = \"\"\"\n{text}\"\"\"\n");
        files.insert("en/pages/privacy.toml", page.into_bytes());
        told(&check(&files, true).1)
    };
    assert_eq!(with("Write to {office} at www.hhs.gov."), [""; 0]);
    assert_eq!(with("We give:\n• help\n• signs"), ["shown-as-typed: • help\n• signs → - help\n- signs"]);
}

#[test]
fn windows_line_ends_change_no_finding() {
    let files = with_copy("Call us.\n\nBring:\n• a card\n• a list\n\nCall { phone }.");
    let text = String::from_utf8(files.get(PAGE).unwrap().to_vec()).unwrap();
    let mut windows = files;
    windows.insert(PAGE, text.replace('\n', "\r\n").into_bytes());
    let (_, report) = check(&windows, true);
    let lines: Vec<_> = report.sorted().iter().map(|finding| finding.source.position(finding.span.start)).collect();
    assert_eq!(lines, [(16, 1), (19, 6)], "{}", report.text());
}

#[test]
fn what_is_right_is_not_told() {
    let right = [
        "It costs $3 {name} or more.",
        "Take a*b and 5 * 3 * 2.",
        "It is 2 ** 3 of it.",
        "Use e.g. a card, i.e. one with a photo.",
        "We are open 5:30–2:00, Monday – Friday.",
        "Read form.pdf or intake_form_v2.docx.",
        "Llame a la clínica,\no llame al 988,\ny venga.",
        "— ¿Puedo venir?\n— Sí, puede.",
        "– Hola.\n\n– Buenos días.",
        "Write to [info@clinic.example](mailto:info@clinic.example).",
        "See [www.samhsa.gov](https://www.samhsa.gov/).",
        "See <https://www.samhsa.gov/>.",
        "We <3 you, and 5 < 6 > 4.",
        "¿Cómo está? ¡Bien!",
        "A São Paulo, à avó, ÁÃÂ e MAÇÃ.",
        "Renée, Zoë, Łukasz, naïve, pâté, crème brûlée.",
        "**Call 911** now, *please*.",
        "**Hours**\n\nWe are open.",
        "- one\n- two\n\n1. one\n2. two",
        "1) one\n2) two",
        "* one\n* two",
        "+ one\n+ two",
        "- one\n  - two",
        "Choose a) or b), and (c) too.",
        "It is -5 degrees.\n-5 or less.",
        "At 1.5 mg\n2.5 mg or more.",
        "Today: 3 | 4 of them.",
        "English | Español",
        "A\ttab in a line.",
        "They said “no” and ‘yes’.",
        "It's 6'2\" tall.",
        "R&D, AT&T and Smith & Jones.",
        "Smith &amp; Jones &copy; 2026",
        "Two \\\\*stars\\\\* and \\\\{braces are\\\\_meant\\\\_so.",
        "See [sic] and [the page](/contact/).",
        "Write [a name] here, [x-ray: none] there.",
        "e.g. a card\ni.e. this one\nb. is a letter.",
        "We are #1 in #recovery.\n##recovery ##hope",
        "A generic [brand-name] medicine, [self-help], [dosis-para-llevar], a film [video], [audio].",
        "See [the page](/contact/) (next to the door).",
        "The page [1] (see below) has it.",
        "We have ~20 rooms, ~30 beds.",
        "Sign here: ____ Date: ____",
        "Wait … then call.",
        "Bring • a card in one line.",
        "The 24-hour store.",
        "Press # or *67.",
        "*Terms hold.",
        "50% of 100% is fine.",
        "C:\\\\Users or a/b/c.",
        "Ask for @clinic on the board.",
        "Meet at 9 @ the door.",
        "The © and ™ and ° signs.",
        "It is 5°–7° C.",
        "👍🏽 is an emoji, so is 👩‍⚕️.",
        "Une question\u{a0}: oui\u{a0}?",
        "“IRMÔ said he.",
        "The room\u{a0}12 is free.",
        "Naloxone (Narcan®) helps.",
        "Methadone: 80–120 mg/day.",
        "Bring\n- a card\n- a list",
        "O venga. O llame.\nO escriba.",
        "x)\nno list here",
        "Call [988](tel:988) or [text](sms:988).",
        "Come by bus 30, 31 or 38.",
        "I am here; you are (too).",
    ];
    assert!(right.len() >= 60, "{}", right.len());
    for text in right {
        let (_, report) = check(&with_copy(text), true);
        assert_eq!(told(&report), [""; 0], "{text}\n{}", report.text());
    }
    for text in [
        "5 * 3 * 2",
        "AT&T",
        "R&D; more",
        "We <3 you",
        "a < b > c",
        "[sic]",
        "name_of_it",
        "# of groups",
        "*required",
        "$5–$10",
        "Call (916) 444",
        "5:30 – 7 pm",
        "www.samhsa.gov",
        "info@clinic.example",
        "¿Cómo está?",
        "AÇÃO",
        "Bring: ID | card",
    ] {
        let (_, report) = check(&with_heading(text), true);
        assert_eq!(told(&report), [""; 0], "{text}");
    }
}

/// The smallest content whose facts name the city, the payers and the hours of the line.
fn with_facts(copy: &str) -> Files {
    let mut files = with_copy(copy);
    let facts = "[area_served]\nvalue = { city = \"Sacramento\", state = \"California\" }\nsource = \"clinic_page\"\n\n\
                 [payers]\nvalue = [\"medicare\"]\nsource = \"clinic_page\"\n\n\
                 [appointment_line]\nvalue = \"opening_hours\"\nsource = \"clinic_page\"\n\n[[help_lines]]";
    replace(&mut files, "clinic.toml", "[[help_lines]]", facts);
    replace(&mut files, "en/ui.toml", "[payers]\n", "[payers]\nmedicare = \"Medicare\"\n");
    files
}

#[test]
fn copy_that_says_otherwise_than_the_facts_is_told() {
    for (copy, wanted) in [
        ("Our clinic in Fresno is open.", Some("Fresno → Sacramento")),
        ("We accept Medicare and Medi-Cal.", Some("Medi-Cal → ?")),
        ("Make your appointment at any hour.", Some("at any hour → during our opening hours")),
        ("At any hour, you can call us.", Some("At any hour → During our opening hours")),
        ("You can call us 24/7.", Some("24/7 → during our opening hours")),
        ("Haga una cita las 24 horas del día.", Some("las 24 horas del día → durante nuestro horario de atención")),
        ("Our clinic in Sacramento is open. We accept Medicare.", None),
        ("Our clinic in downtown Sacramento.", None),
        ("Do you take Medi-Cal? Ask us.", None),
        ("We do not accept Medi-Cal yet.", None),
        ("There is another clinic in Fresno.", None),
        ("Call or text 988 at any hour.", None),
        ("The SAMHSA line is free, 24 hours a day.", None),
        ("Make your appointment in our opening hours.", None),
    ] {
        let (content, report) = check(&with_facts(copy), true);
        assert!(content.is_some(), "a warning: {}", report.text());
        let wanted: Vec<_> = wanted.iter().map(|words| format!("contradicts-fact: {words}")).collect();
        let offers: Vec<_> = report.sorted().iter().filter_map(|finding| instead(finding)).map(str::to_owned).collect();
        assert_eq!(told(&report), wanted, "{copy}");
        if !offers.is_empty() {
            let after = mended(&with_facts(copy), &report);
            assert_eq!(told(&check(&after, true).1), [""; 0], "{copy}");
        }
        // Where nothing is known, nothing is contradicted.
        assert_eq!(told(&check(&with_copy(copy), true).1), [""; 0], "{copy}");
    }
}

#[test]
fn words_to_come_hold_a_page_back() {
    for copy in ["Lorem ipsum dolor sit amet.", "TODO: ask Ana.", "Our line is [insert number here]."] {
        assert!(check(&with_copy(copy), false).0.is_some(), "{copy}");
        let (content, report) = check(&with_copy(copy), true);
        assert!(content.is_none(), "{copy}");
        assert_eq!(
            report.sorted().iter().map(|finding| finding.rule.name).collect::<Vec<_>>(),
            ["unwritten"],
            "{copy}"
        );
    }
    assert!(check(&with_copy("TODO LO QUE DIGA QUEDA AQUÍ."), true).0.is_some());
}

#[test]
fn a_state_is_asked_for_by_its_letters() {
    let with = |state: &str| {
        let mut files = minimal();
        let address =
            format!("street = \"12 Main Street\", city = \"Sacramento\", state = \"{state}\", zip = \"95814\"");
        let fact = format!("[address]\nvalue = {{ {address} }}\nsource = \"clinic_page\"\n\n[[help_lines]]");
        replace(&mut files, "clinic.toml", "[[help_lines]]", &fact);
        told(&check(&files, true).1)
    };
    assert_eq!(with("CA"), [""; 0]);
    assert_eq!(with("California"), ["malformed: California → CA"]);
    assert_eq!(with("calif"), ["malformed: calif → ?"]);
}

#[test]
fn the_shipped_copy_has_none_of_it() {
    let rules =
        ["shown-as-typed", "garbled-text", "hidden-character", "joined-words", "bare-address", "contradicts-fact"];
    let (_, report) = check(&Files::embedded(), false);
    let found = report.sorted().into_iter().filter(|finding| rules.contains(&finding.rule.name)).count();
    assert_eq!(found, 0, "{}", report.text());
}

#[test]
fn each_place_of_markup_in_a_text_is_told_at_once() {
    let parts = |text: &str| {
        let (_, report) = check(&with_copy(text), false);
        let found = report.sorted().into_iter().filter(|one| one.rule.name == "markup");
        let part = |one: &Diagnostic| {
            let (line, column) = one.source.position(one.span.start);
            format!("{line}:{column} {}", one.source.text.get(one.span.clone()).unwrap())
        };
        found.map(part).collect::<Vec<_>>()
    };
    let first = parts("x <i>y</i>\n");
    let line: usize = first[0].split(':').next().unwrap().parse().unwrap();
    let at = |below: usize, rest: &str| format!("{}:{rest}", line + below);
    assert_eq!(
        parts("A <b>b</b> and <b>c</b>.<br>\nD<br>\n\n<p>\ne `f` `f`\n"),
        [
            at(0, "3 <b>"),
            at(0, "7 </b>"),
            at(0, "16 <b>"),
            at(0, "20 </b>"),
            at(0, "25 <br>"),
            at(1, "2 <br>"),
            at(3, "1 <p>"),
            at(4, "1 e `f` `f`"),
        ]
    );
    // Of very many the first are shown, and the others are counted.
    let (_, report) = check(&with_copy(&"x <br>\n".repeat(30)), false);
    assert_eq!(report.text().matches("[markup]").count(), 21, "{}", report.text());
    assert!(report.text().contains("and 10 more mistakes like these in this text"), "{}", report.text());
}
