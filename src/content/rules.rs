//! The rules that content is held to: their catalogue, and those that look across keys and files.
//!
//! Each rule has a broken example in `tests/fixtures/broken/<rule>/`; a test holds the two lists equal.

use super::leaf::{Day, Key, Markdown, slug_of};
use super::model::{Clinic, Fact, Page, PageKind, Section};
use super::{Document, Draft, DraftLanguage, Review, text};
use crate::diagnostic::{Diagnostic, Report, Rule, Severity, Source, did_you_mean, one_of};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

macro_rules! rules {
    ($($name:ident = $severity:ident $text:literal $about:literal;)+) => {
        $(#[doc = $about] pub static $name: Rule = Rule { name: $text, severity: Severity::$severity, about: $about };)+

        /// Every rule.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    // One file by itself.
    MISSING_FILE = Error "missing-file" "A file that the site needs exists.";
    UNKNOWN_FILE = Warning "unknown-file" "Every file in the content folder is one that the site reads.";
    FILE_TOO_LARGE = Error "file-too-large" "No content file is larger than 1 MiB.";
    NOT_UTF8 = Error "not-utf8" "Content files are saved as UTF-8.";
    SYNTAX = Error "syntax" "Content files are TOML.";
    DUPLICATE_KEY = Error "duplicate-key" "A key is given once.";
    UNKNOWN_KEY = Error "unknown-key" "Only known keys are given.";
    MISSING_KEY = Error "missing-key" "Every key that is not optional is given.";
    WRONG_TYPE = Error "wrong-type" "A value has the type its key asks for.";
    UNKNOWN_CHOICE = Error "unknown-choice" "Where there is a choice, one of the choices is given.";
    EMPTY_TEXT = Error "empty-text" "Text is not empty.";
    EMPTY_LIST = Error "empty-list" "A list has items.";
    LENGTH = Error "length" "Text is as long as its place allows.";
    PLAIN_TEXT = Error "plain-text" "Titles and labels are one line of plain text.";
    MALFORMED = Error "malformed" "Numbers, addresses and names have their form.";
    BAD_DATE = Error "bad-date" "A date is year-month-day, without quotes.";
    MARKUP = Error "markup" "Copy uses paragraphs, emphasis, links and lists only.";
    UNSAFE_LINK = Error "unsafe-link" "Links lead to this site, to https:, tel:, sms: or mailto:.";
    // Keys that belong together.
    DATE_ORDER = Error "date-order" "What ends does not end before it starts.";
    HOURS = Error "hours" "Opening hours open before they close and don't overlap.";
    NINE_OBJECTIVES = Error "nine-objectives" "Group therapy has nine objectives (Yalom's therapeutic factors).";
    DUPLICATE_ID = Error "duplicate-id" "An anchor or id is given once.";
    MISSING_CONTACT = Error "missing-contact" "Every service page has a contact section.";
    // Names that must exist elsewhere.
    UNKNOWN_FACT = Error "unknown-fact" "A name in braces is that of a fact.";
    UNKNOWN_SOURCE = Error "unknown-source" "A source is one of `[sources]` in clinic.toml.";
    UNKNOWN_ICON = Error "unknown-icon" "An icon is one of those in static/icons.";
    MISSING_WORD = Error "missing-word" "Help lines, substances and payers have their words in ui.toml.";
    UNKNOWN_PARENT = Error "unknown-parent" "A page's parent is another page, and not below it.";
    DUPLICATE_ADDRESS = Error "duplicate-address" "Each page has an address of its own.";
    DEAD_LINK = Error "dead-link" "Links within the site lead to a page.";
    DEAD_ANCHOR = Error "dead-anchor" "Links to a part of a page lead to a part that exists.";
    REDIRECT = Error "redirect" "An old address is given once, is not a page, and leads to a page.";
    // Facts, and the passing of time.
    SAMPLE_FACT = Warning "sample-fact" "Made-up facts are replaced before the site is published.";
    REACHABLE_SAMPLE = Error "reachable-sample" "Made-up facts can reach nobody.";
    UNSUPPLIED_TEXT = Warning "unsupplied-text" "The clinic's official texts are there before the site is published.";
    EXPIRED_FACT = Warning "expired-fact" "Facts are not past their expiry.";
    REVIEW_DUE = Warning "review-due" "Pages are not past their next review.";
    ENDED_NOTICE = Warning "ended-notice" "Notices that are over are taken out.";
}

/// Pages that every other page links to, by file name.
pub(super) const NEEDED_PAGES: [&str; 5] = ["home", "get-help-now", "appointments", "contact", "privacy"];

/// How many objectives group therapy has: those that the clinic names, out of Yalom's therapeutic factors.
const OBJECTIVES: usize = 9;

/// The facts copy can name besides the figures.
const FACTS: [&str; 4] = ["name", "area", "phone", "address"];

/// Anchors that the frame of every page uses itself.
pub const FRAME_ANCHORS: [&str; 6] =
    ["main", "site-pages", "site-pages-name", "site-help", "site-leave", "page-sources"];

/// Runs the rules across keys and files.
pub(super) fn check(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    if let Some(clinic) = &draft.clinic {
        clinic_facts(clinic, review, report);
    }
    for language in &draft.languages {
        words(draft, language, report);
        objectives(language, review, report);
        notices(language, review, report);
        for (key, document) in &language.pages {
            page(draft, language, key, document, review, report);
        }
        addresses(language, report);
        copy(draft, language, review, report);
    }
    redirects(draft, review, report);
}

/// Every fact with a date or the mark of a sample: its key, its place and its particulars.
fn facts(clinic: &Clinic) -> Vec<(String, Range<usize>, Particulars<'_>)> {
    let mut all = Vec::new();
    let mut add = |key: &str, span: Range<usize>, particulars| all.push((key.to_owned(), span, particulars));
    add("name", clinic.name.value.span(), Particulars::of(&clinic.name));
    if let Some(fact) = &clinic.area_served {
        add("area_served", fact.value.city.span(), Particulars::of(fact));
    }
    if let Some(fact) = &clinic.audience {
        add("audience", fact.place(), Particulars::of(fact));
    }
    for (key, fact) in [("substances", &clinic.substances), ("payers", &clinic.payers)] {
        if let Some(fact) = fact {
            add(key, fact.value.first().map_or(0..0, Key::span), Particulars::of(fact));
        }
    }
    if let Some(fact) = &clinic.appointment_line {
        add("appointment_line", fact.place(), Particulars::of(fact));
    }
    if let Some(fact) = &clinic.phone {
        add("phone", fact.value.span(), Particulars::of(fact));
    }
    if let Some(fact) = &clinic.address {
        add("address", fact.value.street.span(), Particulars::of(fact));
    }
    if let Some(fact) = &clinic.hours {
        add("hours", fact.value.first().map_or(0..0, |hours| hours.opens.span()), Particulars::of(fact));
    }
    for (key, fact) in clinic.figures.iter().flatten() {
        add(key.as_str(), fact.value.span(), Particulars::of(fact));
    }
    for line in &clinic.help_lines {
        let particulars = Particulars {
            source: line.source.as_ref(),
            verified_on: line.verified_on.as_ref(),
            expires_on: line.expires_on.as_ref(),
            sample: false,
        };
        add(line.id.as_str(), line.call.span(), particulars);
    }
    all
}

/// What every fact has besides its value.
struct Particulars<'a> {
    source: Option<&'a Key>,
    verified_on: Option<&'a Day>,
    expires_on: Option<&'a Day>,
    sample: bool,
}

impl<'a> Particulars<'a> {
    fn of<T>(fact: &'a Fact<T>) -> Self {
        Self {
            source: fact.source.as_ref(),
            verified_on: fact.verified_on.as_ref(),
            expires_on: fact.expires_on.as_ref(),
            sample: fact.sample == Some(true),
        }
    }
}

impl<T> Fact<T> {
    /// The nearest place that is known of a fact whose value has none of its own.
    fn place(&self) -> Range<usize> {
        let key = self.source.as_ref().map(Key::span);
        key.or_else(|| self.verified_on.as_ref().map(Day::span)).unwrap_or(0..0)
    }
}

fn clinic_facts(document: &Document<Clinic>, review: &Review<'_>, report: &mut Report) {
    let (source, clinic) = (&document.source, &document.value);
    let sources: Vec<&str> = clinic.sources.iter().flatten().map(|(key, _)| key.as_str()).collect();
    for (key, span, fact) in facts(clinic) {
        if let Some(named) = fact.source {
            unknown_source(source, named, &sources, report);
        }
        if let (Some(from), Some(to)) = (fact.verified_on, fact.expires_on) {
            date_order(source, (from, "verified_on"), (to, "expires_on"), report);
        }
        if let Some(day) = fact.expires_on.filter(|day| day.date() < review.today) {
            report.add(
                &EXPIRED_FACT,
                source,
                day.span(),
                format!("`{key}` expired on {} and is not shown any more", day.date()),
                "check it at its source, then write the new value with new dates",
            );
        }
        if fact.sample {
            sample(source, &span, &key, review, report);
        }
    }
    for line in &clinic.help_lines {
        for number in
            [&line.call].into_iter().chain(&line.text).chain(&line.tty).filter(|number| number.is_fictitious())
        {
            sample(source, &number.span(), line.id.as_str(), review, report);
        }
    }
    if let Some(phone) = &clinic.phone {
        let (marked, fictitious) = (phone.sample == Some(true), phone.value.is_fictitious());
        if marked && !fictitious && !phone.value.as_str().is_empty() {
            report.add(
                &REACHABLE_SAMPLE,
                source,
                phone.value.span(),
                "this sample number could be somebody's",
                "use 916-555-0100 to 916-555-0199, or take `sample = true` out if the number is the clinic's",
            );
        }
        if fictitious && !marked {
            sample(source, &phone.value.span(), "phone", review, report);
        }
    }
    if let Some(address) =
        clinic.address.as_ref().filter(|fact| fact.sample == Some(true) && fact.value.zip.as_str() != "00000")
    {
        report.add(
            &REACHABLE_SAMPLE,
            source,
            address.value.zip.span(),
            "this sample address could be somebody's",
            "give it the ZIP code \"00000\", or take `sample = true` out if the address is the clinic's",
        );
    }
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
    hours(document, report);
}

/// A made-up fact: a warning in preview, an error when the site is published.
fn sample(source: &Arc<Source>, span: &Range<usize>, key: &str, review: &Review<'_>, report: &mut Report) {
    report.push(Diagnostic {
        rule: &SAMPLE_FACT,
        severity: if review.publish { Severity::Error } else { Severity::Warning },
        source: Arc::clone(source),
        span: span.clone(),
        message: format!(
            "`{key}` is a sample: {}",
            if review.publish { "a published site can't show it" } else { "preview marks it, publishing refuses it" }
        ),
        help: "write the clinic's own and take `sample = true` out, or delete the fact: pages do without it".into(),
    });
}

fn hours(document: &Document<Clinic>, report: &mut Report) {
    let Some(fact) = &document.value.hours else { return };
    let mut seen: Vec<(super::model::Weekday, &str, &str)> = Vec::new();
    for hours in &fact.value {
        let (opens, closes) = (hours.opens.as_str(), hours.closes.as_str());
        // Times are five characters on the 24-hour clock, so they compare as text.
        if opens >= closes {
            report.add(
                &HOURS,
                &document.source,
                hours.closes.span(),
                format!("closes at {closes}, before or when it opens ({opens})"),
                "write both on the 24-hour clock: 2 pm is \"14:00\"",
            );
            continue;
        }
        for day in &hours.days {
            if seen.iter().any(|(other, from, to)| other == day && opens < *to && *from < closes) {
                report.add(
                    &HOURS,
                    &document.source,
                    hours.opens.span(),
                    format!("these hours overlap with others of the same day ({day:?})"),
                    "give each day each hour once",
                );
            }
            seen.push((*day, opens, closes));
        }
    }
}

fn date_order(source: &Arc<Source>, (from, from_key): (&Day, &str), (to, to_key): (&Day, &str), report: &mut Report) {
    if to.date() < from.date() && !from.as_str().is_empty() && !to.as_str().is_empty() {
        report.add(
            &DATE_ORDER,
            source,
            to.span(),
            format!("`{to_key}` ({}) is before `{from_key}` ({})", to.date(), from.date()),
            "check the two dates; they are written year-month-day",
        );
    }
}

fn unknown_source(source: &Arc<Source>, named: &Key, known: &[&str], report: &mut Report) {
    if named.as_str().is_empty() || known.contains(&named.as_str()) {
        return;
    }
    let help = match did_you_mean(named.as_str(), known.iter().copied()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("add it to clinic.toml: [sources.{named}] with a title"),
    };
    report.add(&UNKNOWN_SOURCE, source, named.span(), format!("there is no source `{named}`"), help);
}

fn duplicates<'a>(source: &Arc<Source>, what: &str, ids: impl Iterator<Item = &'a Key>, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for id in ids.filter(|id| !id.as_str().is_empty()) {
        if !seen.insert(id.as_str()) {
            report.add(
                &DUPLICATE_ID,
                source,
                id.span(),
                format!("there is another {what} with the id `{id}`"),
                "give one of the two another id",
            );
        }
    }
}

/// The words that facts need in each language.
fn words(draft: &Draft, language: &DraftLanguage, report: &mut Report) {
    let (Some(clinic), Some(ui)) = (&draft.clinic, &language.ui) else { return };
    let (source, clinic, ui) = (&ui.source, &clinic.value, &ui.value);
    let mut need = |table: &str, key: &Key, known: bool, example: &str| {
        if !known && !key.as_str().is_empty() {
            report.add(
                &MISSING_WORD,
                source,
                0..0,
                format!("`{key}` of clinic.toml has no words in [{table}]"),
                format!("add {example}"),
            );
        }
    };
    for line in &clinic.help_lines {
        need(
            "help_lines",
            &line.id,
            ui.help_lines.contains_key(&line.id),
            &format!("[help_lines.{}] with `name` and `note`", line.id),
        );
    }
    for key in clinic.substances.iter().flat_map(|fact| &fact.value) {
        need("substances", key, ui.substances.contains_key(key), &format!("{key} = \"…\" below [substances]"));
    }
    for key in clinic.payers.iter().flat_map(|fact| &fact.value) {
        need("payers", key, ui.payers.contains_key(key), &format!("{key} = \"…\" below [payers]"));
    }
}

fn objectives(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value }) = &language.objectives else { return };
    let count = value.objectives.len();
    if count != OBJECTIVES && !report.has_errors_in(&source.path) {
        report.add(
            &NINE_OBJECTIVES,
            source,
            value.objectives.last().map_or(0..0, |last| last.id.span()),
            format!(
                "there {} {count} objective{}, not {OBJECTIVES}",
                if count == 1 { "is" } else { "are" },
                if count == 1 { "" } else { "s" }
            ),
            "the group-therapy page promises nine; each starts with a line [[objectives]]",
        );
    }
    duplicates(source, "objective", value.objectives.iter().map(|objective| &objective.id), report);
    for objective in &value.objectives {
        icon(source, &objective.icon, review, report);
    }
}

fn icon(source: &Arc<Source>, named: &Key, review: &Review<'_>, report: &mut Report) {
    if named.as_str().is_empty() || review.icons.contains(&named.as_str()) {
        return;
    }
    let help = match did_you_mean(named.as_str(), review.icons.iter().copied()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("it can be {}", one_of(review.icons)),
    };
    report.add(&UNKNOWN_ICON, source, named.span(), format!("there is no icon `{named}`"), help);
}

fn notices(language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value }) = &language.notices else { return };
    for notice in value.notices.iter().flatten() {
        notice_dates(source, notice, review, report);
    }
}

fn notice_dates(source: &Arc<Source>, notice: &super::model::Notice, review: &Review<'_>, report: &mut Report) {
    if let (Some(from), Some(to)) = (&notice.starts_on, &notice.ends_on) {
        date_order(source, (from, "starts_on"), (to, "ends_on"), report);
    }
    if let Some(day) = notice.ends_on.as_ref().filter(|day| day.date() < review.today && !day.as_str().is_empty()) {
        report.add(
            &ENDED_NOTICE,
            source,
            day.span(),
            format!("this notice ended on {} and is not shown any more", day.date()),
            "delete it, or write a later `ends_on`",
        );
    }
}

fn page(
    draft: &Draft,
    language: &DraftLanguage,
    key: &str,
    document: &Document<Page>,
    review: &Review<'_>,
    report: &mut Report,
) {
    let Document { source, value: page } = document;
    date_order(source, (&page.last_reviewed, "last_reviewed"), (&page.next_review, "next_review"), report);
    if page.next_review.date() < review.today && !page.next_review.as_str().is_empty() {
        report.add(
            &REVIEW_DUE,
            source,
            page.next_review.span(),
            format!("this page was to be read again by {}", page.next_review.date()),
            "read it through, mend what has changed, and write new dates in `last_reviewed` and `next_review`",
        );
    }
    if let Some(clinic) = &draft.clinic {
        let sources: Vec<&str> = clinic.value.sources.iter().flatten().map(|(key, _)| key.as_str()).collect();
        for named in page.sources.iter().flatten() {
            unknown_source(source, named, &sources, report);
        }
    }
    if let Some(parent) = &page.parent {
        parents(language, key, source, parent, report);
    }
    // An error in the file may be the very reason why something seems to be missing.
    let sound = !report.has_errors_in(&source.path);
    if sound && page.slug.is_none() && page.kind != PageKind::Home {
        report.add(
            &MISSING_KEY,
            source,
            0..0,
            "the key `slug` is missing in this file",
            format!("add a line: slug = \"{}\"", slug_of(page.title.as_str())),
        );
    }
    let contact = page.sections.iter().any(|section| matches!(section, Section::Contact(_)));
    if sound && page.kind == PageKind::Service && !contact {
        report.add(
            &MISSING_CONTACT,
            source,
            page.title.span(),
            "this service page has no contact section",
            "add at the end: [[sections]], kind = \"contact\", a heading and a text",
        );
    }
    anchors_of(language, page, source, report);
    for section in &page.sections {
        match section {
            Section::Cards(cards) => cards
                .items
                .iter()
                .filter_map(|card| card.icon.as_ref())
                .for_each(|named| icon(source, named, review, report)),
            Section::Notice(notice) => notice_dates(source, notice, review, report),
            Section::OfficialText(text) if text.text.as_str().trim().is_empty() && review.publish => report.add(
                &UNSUPPLIED_TEXT,
                source,
                text.text.span(),
                format!("the clinic's text for \"{}\" is not here yet", text.heading),
                format!("paste the clinic's own text between the quotes; {} asks for it", text.law),
            ),
            _ => {}
        }
    }
}

fn parents(language: &DraftLanguage, key: &str, source: &Arc<Source>, parent: &Key, report: &mut Report) {
    let mut seen = BTreeSet::from([key]);
    let mut at = Some(parent);
    while let Some(named) = at.filter(|named| !named.as_str().is_empty()) {
        let Some(above) = language.pages.get(named.as_str()) else {
            if named.span() == parent.span() {
                let help = match did_you_mean(named.as_str(), language.pages.keys().map(String::as_str)) {
                    Some(name) => format!("did you mean \"{name}\"?"),
                    None => "write the name of the page's file without .toml, such as \"services\"".into(),
                };
                report.add(&UNKNOWN_PARENT, source, parent.span(), format!("there is no page `{named}`"), help);
            }
            return;
        };
        if !seen.insert(named.as_str()) {
            report.add(
                &UNKNOWN_PARENT,
                source,
                parent.span(),
                format!("`{parent}` stands below this page itself"),
                "choose a page that is above both, or take `parent` out",
            );
            return;
        }
        at = above.value.parent.as_ref();
    }
}

/// Tells anchors that two parts of a page share.
fn anchors_of(language: &DraftLanguage, page: &Page, source: &Arc<Source>, report: &mut Report) {
    let mut seen: BTreeSet<String> = FRAME_ANCHORS.into_iter().map(str::to_owned).collect();
    for section in &page.sections {
        let Some((anchor, span)) = section.anchor() else { continue };
        if !anchor.is_empty() && !seen.insert(anchor.clone()) {
            report.add(
                &DUPLICATE_ID,
                source,
                span,
                format!("another part of this page has the anchor `#{anchor}`"),
                "give one of the two an `id` of its own",
            );
        }
        if let (Section::Objectives(_), Some(objectives)) = (section, &language.objectives) {
            seen.extend(objectives.value.objectives.iter().map(|objective| objective.id.as_str().to_owned()));
        }
    }
}

/// Tells pages that share an address.
fn addresses(language: &DraftLanguage, report: &mut Report) {
    let mut seen: BTreeMap<String, &Arc<Source>> = BTreeMap::new();
    for (key, Document { source, value }) in &language.pages {
        let path = value.path(language.lang, key);
        if let Some(other) = seen.get(&path) {
            let span = value.slug.as_ref().map_or(0..0, super::leaf::Slug::span);
            report.add(
                &DUPLICATE_ADDRESS,
                source,
                span,
                format!("`{path}` is the address of {} too", other.path),
                "give one of the two pages another `slug`",
            );
        }
        seen.insert(path, source);
    }
}

/// Every path a link can lead to, with its anchors.
fn targets(draft: &Draft, review: &Review<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut targets: BTreeMap<_, _> =
        review.other_paths.iter().map(|path| ((*path).to_owned(), BTreeSet::new())).collect();
    for language in &draft.languages {
        for (key, Document { value: page, .. }) in &language.pages {
            let mut anchors: BTreeSet<String> = FRAME_ANCHORS.into_iter().map(str::to_owned).collect();
            anchors.extend(page.sections.iter().filter_map(|section| section.anchor().map(|(anchor, _)| anchor)));
            if page.sections.iter().any(|section| matches!(section, Section::Objectives(_))) {
                anchors.extend(
                    language
                        .objectives
                        .iter()
                        .flat_map(|file| &file.value.objectives)
                        .map(|objective| objective.id.to_string()),
                );
            }
            targets.insert(page.path(language.lang, key), anchors);
        }
    }
    targets
}

/// Where a link leads, if anywhere: the finding otherwise.
fn dead(
    target: &str,
    own_path: &str,
    targets: &BTreeMap<String, BTreeSet<String>>,
) -> Option<(&'static Rule, String, String)> {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { own_path } else { path };
    let Some(anchors) = targets.get(path) else {
        let slashed = format!("{path}/");
        let help = if targets.contains_key(&slashed) {
            format!("the address ends with a slash: {slashed}")
        } else {
            match did_you_mean(path, targets.keys().map(String::as_str)) {
                Some(known) => format!("did you mean {known}?"),
                None => "write the address of a page of this site, or take the link out".into(),
            }
        };
        return Some((&DEAD_LINK, format!("there is no page at `{path}`"), help));
    };
    let anchor = anchor.filter(|anchor| !anchors.contains(*anchor))?;
    let help = match did_you_mean(anchor, anchors.iter().map(String::as_str)) {
        Some(known) => format!("did you mean #{known}?"),
        None => format!(
            "give the part an `id`; that page has {}",
            one_of(&anchors.iter().map(String::as_str).collect::<Vec<_>>())
        ),
    };
    Some((&DEAD_ANCHOR, format!("`{path}` has no part `#{anchor}`"), help))
}

/// Links and facts in all the copy of a language.
fn copy(draft: &Draft, language: &DraftLanguage, review: &Review<'_>, report: &mut Report) {
    let targets = targets(draft, review);
    let figures =
        draft.clinic.iter().flat_map(|clinic| clinic.value.figures.iter().flatten()).map(|(key, _)| key.as_str());
    let facts: Vec<&str> = FACTS.into_iter().chain(figures).collect();
    let mut look = |source: &Arc<Source>, own_path: &str, copy: &Markdown| {
        for target in text::links(copy.as_str())
            .iter()
            .filter(|target| target.starts_with(['/', '#']) && !target.starts_with("//"))
        {
            if let Some((rule, message, help)) = dead(target, own_path, &targets) {
                report.add(rule, source, source.locate(&copy.span(), target), message, help);
            }
        }
        for name in
            text::facts(copy.as_str()).iter().filter(|name| draft.clinic.is_some() && !facts.contains(&name.as_str()))
        {
            let help = match did_you_mean(name, facts.iter().copied()) {
                Some(known) => format!("did you mean {{{known}}}?"),
                None => format!("facts are {}; figures stand in clinic.toml", one_of(&facts)),
            };
            let span = source.locate(&copy.span(), &format!("{{{name}}}"));
            report.add(&UNKNOWN_FACT, source, span, format!("there is no fact `{name}`"), help);
        }
    };
    let mut cards: Vec<(&Arc<Source>, &super::leaf::Path)> = Vec::new();
    for (key, Document { source, value: page }) in &language.pages {
        let path = page.path(language.lang, key);
        page.copy().into_iter().for_each(|copy| look(source, &path, copy));
        for section in &page.sections {
            if let Section::Cards(group) = section {
                cards.extend(group.items.iter().filter_map(|card| card.link.as_ref()).map(|link| (source, link)));
            }
        }
    }
    if let Some(Document { source, value }) = &language.ui {
        value.copy().into_iter().for_each(|copy| look(source, "", copy));
    }
    if let Some(Document { source, value }) = &language.notices {
        value.notices.iter().flatten().for_each(|notice| look(source, "", &notice.text));
    }
    if let Some(Document { source, value }) = &language.objectives {
        for objective in &value.objectives {
            look(source, "", &objective.explanation);
            look(source, "", &objective.example);
        }
    }
    for (source, link) in cards.into_iter().filter(|(_, link)| !link.as_str().is_empty()) {
        if let Some((rule, message, help)) = dead(link.as_str(), "", &targets) {
            report.add(rule, source, link.span(), message, help);
        }
    }
}

fn redirects(draft: &Draft, review: &Review<'_>, report: &mut Report) {
    let Some(Document { source, value }) = &draft.redirects else { return };
    let targets = targets(draft, review);
    let mut seen = BTreeSet::new();
    for redirect in value.redirects.iter().flatten() {
        let (from, to) = (redirect.from.as_str(), redirect.to.as_str());
        if from.is_empty() || to.is_empty() {
            continue;
        }
        if from.contains('#') || targets.contains_key(from) {
            report.add(
                &REDIRECT,
                source,
                redirect.from.span(),
                format!("`{from}` is a page, not an old address"),
                "delete this redirect, or give the page another address",
            );
        }
        if !seen.insert(from) {
            report.add(
                &REDIRECT,
                source,
                redirect.from.span(),
                format!("`{from}` is redirected twice"),
                "keep one of the two",
            );
        }
        if let Some((_, message, help)) = dead(to, "", &targets) {
            report.add(&REDIRECT, source, redirect.to.span(), message, help);
        }
    }
}
