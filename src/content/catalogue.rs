//! The catalogue of the rules that content is held to.
//!
//! Each rule has a broken example in `tests/fixtures/broken/<rule>/`; a test compares the two lists.

use crate::diagnostic::{Rule, Severity, WhenPublished};
use std::ops::Range;

macro_rules! rules {
    (@when) => { WhenPublished::Same };
    (@when $when:ident) => { WhenPublished::$when };
    ($($name:ident = $severity:ident $([$when:ident when published])? $text:literal $about:literal;)+) => {
        $(
            #[doc = $about]
            pub static $name: Rule = Rule {
                name: $text,
                severity: Severity::$severity,
                when_published: rules!(@when $($when)?),
                about: $about,
            };
        )+

        /// Every rule.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    // One file by itself.
    MISSING_FILE = Error "missing-file" "A file that the site needs exists.";
    STRAY_FILE = Warning "stray-file" "Every content file has its own name, and no copies are beside it.";
    UNKNOWN_FILE = Warning "unknown-file" "Every file in the content folder is one that the site reads.";
    LANGUAGE_TAG = Error "language-tag" "The folder of a language has the language's tag (BCP 47) as its name.";
    UNKNOWN_LANGUAGE = Warning "unknown-language" "Days and numbers are written as CLDR has it for a language.";
    FILE_TOO_LARGE = Error "file-too-large" "No content file is larger than 1 MiB, and files/ not larger than it may be.";
    UNREADABLE_FILE = Error "unreadable-file" "The program may read the content files and their folders.";
    OUTSIDE_LINK = Error "outside-link" "Links in the content folder lead to files within it.";
    NOT_A_FILE = Error "not-a-file" "What has the name of a content file is a file.";
    EMPTY_FILE = Warning "empty-file" "A file that may be empty says that it is.";
    TOO_MANY = Error "too-many" "Files, lists and groups have no more entries than a site can use.";
    NESTING = Error "nesting" "Lists and groups are within others a few times at most.";
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
    HEADING = Error "heading" "Headings within a text have words and two levels, and none is skipped.";
    SHOWN_AS_TYPED = Error "shown-as-typed" "Emphasis, links, lists and facts in copy are written so that they become what is meant.";
    RUN_TOGETHER = Warning "run-together" "Lists and paragraphs in copy are whole, and apart from one another.";
    GARBLED_TEXT = Error "garbled-text" "Text has the letters that were meant, not what another program made of them.";
    HIDDEN_CHARACTER = Warning "hidden-character" "Words hold no characters that nobody sees.";
    JOINED_WORDS = Warning "joined-words" "A backslash at the end of a line joins no two words.";
    UNSAFE_LINK = Error "unsafe-link" "Links lead to this site, to https:, tel:, sms: or mailto:.";
    // Keys that belong together.
    WRITING_DIRECTION = Error "writing-direction" "Languages that are written from right to left say so, and no others do.";
    DATE_ORDER = Error "date-order" "What ends does not end before it starts.";
    FACT_GAP = Error "fact-gap" "A fact holds until what follows it does.";
    HOURS = Error "hours" "Opening hours close within half a day after midnight and don't overlap.";
    EXCEPTION = Error "exception" "An exception names its days, and says that the clinic is closed or when it is open.";
    TWO_WAYS = Error "two-ways" "Places are written in one way: one by itself, or each in `[[locations]]`.";
    DUPLICATE_ID = Error "duplicate-id" "An anchor or id is given once.";
    MISSING_CONTACT = Error "missing-contact" "Every service page has a contact section.";
    UNEVEN_TABLE = Error "uneven-table" "A table has two to six columns, and each row a cell for each.";
    ONE_FORM = Error "one-form" "A page has at most one form to ask for an appointment.";
    // Names that must exist elsewhere.
    UNKNOWN_FACT = Error "unknown-fact" "A name in braces is that of a fact.";
    UNKNOWN_ZONE = Error "unknown-zone" "A time zone is one of the time zone database (IANA).";
    UNKNOWN_SOURCE = Error "unknown-source" "A source is one of `[sources]` in clinic.toml.";
    UNKNOWN_ICON = Error "unknown-icon" "An icon is one of those in static/icons.";
    MISSING_WORD = Error "missing-word" "Help lines, locations, substances, payers, reasons, checks and lists of links have their words in the English ui.toml.";
    BRAND_CONTRAST = Error "brand-contrast" "The clinic's own colors are seen by everybody: words have 7:1, shapes 3:1.";
    UNKNOWN_GROUP = Error "unknown-group" "A page is in one of the lists of links that there are.";
    HEADER_PLACES = Warning "header-places" "The header has as many links as fit into its line.";
    UNKNOWN_PARENT = Error "unknown-parent" "A page's parent is another page, and not below it.";
    DUPLICATE_ADDRESS = Error "duplicate-address" "Each page has an address of its own.";
    DEAD_LINK = Error "dead-link" "Links within the site lead to a page.";
    DEAD_ANCHOR = Error "dead-anchor" "Links to a part of a page lead to a part that exists.";
    MISSING_TRANSLATION = Warning "missing-translation" "Every English page is there in the other languages too.";
    ORPHAN_TRANSLATION = Warning "orphan-translation" "A translation has the file name of its English page.";
    STALE_TRANSLATION = Warning "stale-translation" "A translation says what the English page says now.";
    UNREVIEWED_TRANSLATION = Error [Only when published] "unreviewed-translation" "The clinic has read a translation before it is published.";
    REDIRECT = Error "redirect" "An old address is given once, is not a page, and leads to a page.";
    // Pages that are not finished.
    DRAFT = Warning "draft" "Pages are finished; one that isn't is in the preview alone.";
    DRAFT_LINK = Warning "draft-link" "Links lead to pages that are published.";
    FOREIGN_LINK = Warning "foreign-link" "Links of a translation stay in its language, where that has the page.";
    NEEDED_DRAFT = Error "needed-draft" "The pages that all others link to are no drafts.";
    // Words.
    STIGMATISING_WORD = Warning "stigmatising-word" "Words that can hurt readers are not used; words.toml lists them.";
    HARD_TO_READ = Warning "hard-to-read" "Pages can be read after seven years of school; `check --reading` measures it.";
    PHONE_IN_COPY = Warning "phone-in-copy" "Phone numbers in copy can be tapped, and the clinic's own are named as facts.";
    OTHER_NUMBER = Warning "other-number" "A link whose words are a phone number dials that number.";
    BARE_ADDRESS = Warning "bare-address" "Addresses in copy can be tapped.";
    WEEKDAY = Warning "weekday" "A date in copy falls on the day of the week that is written before it.";
    DUPLICATE_TITLE = Warning "duplicate-title" "Each page has a title of its own.";
    // Facts, and the passing of time.
    SAMPLE_FACT = Warning [Error when published] "sample-fact" "Made-up facts are replaced before the site is published.";
    REACHABLE_SAMPLE = Error "reachable-sample" "Made-up facts can reach nobody.";
    CLINIC_NUMBER = Error "clinic-number" "The clinic's phone is a number of its own, which can be dialled.";
    UNWRITTEN = Warning [Error when published] "unwritten" "What a new page begins with is replaced before the site is published.";
    UNSUPPLIED_TEXT = Error [Only when published] "unsupplied-text" "The clinic's official texts are there before the site is published.";
    ACCEPTANCE = Error "acceptance" "What the site may be published without is one of the things that it lacks, and has a day within half a year.";
    UNUSED_ACCEPTANCE = Warning "unused-acceptance" "What the site may be published without is taken out of the list once it is there.";
    ACCEPTANCE_OVER = Warning "acceptance-over" "What the site was published without is there before the day on which that ends.";
    ACCEPTANCE_ENDS_SOON = Warning "acceptance-ends-soon" "What the site is published without is looked at two weeks before that ends.";
    UNUSED_FIGURE = Warning "unused-figure" "A figure is named in some text, or it is shown nowhere.";
    HALF_ANSWERED = Warning "half-answered" "What the clinic has answered is answered in every language.";
    CONTRADICTS_FACT = Warning "contradicts-fact" "Copy says nothing else than the facts in clinic.toml.";
    SUCCESSOR_DAY = Warning "successor-day" "The day from which a fact has another value is ahead, and near.";
    DISTANT_DAY = Warning "distant-day" "What is announced or planned is within two years.";
    EXPIRED_FACT = Warning "expired-fact" "Facts are not past their expiry.";
    FUTURE_DAY = Warning "future-day" "What somebody did on a day was not done in the future.";
    REVIEW_DUE = Warning "review-due" "Pages are not past their next review.";
    LEFT_OUT_ROW = Warning "left-out-row" "The rows of tables name facts that are known.";
    ENDED_EVENT = Warning "ended-event" "Events that are over are taken out.";
    EVENT_DIFFERS = Warning "event-differs" "An event is at the same time in every language.";
    ENDED_NOTICE = Warning "ended-notice" "Notices that are over are taken out.";
    PAST_EXCEPTION = Warning "past-exception" "Exceptions to the opening hours that are over are taken out.";
    NOTICE_ENDS_SOON = Warning "notice-ends-soon" "Notices that end within three days are looked at.";
    FACT_EXPIRES_SOON = Warning "fact-expires-soon" "Facts that expire within three days are checked again in time.";
    // Pictures and documents.
    UNFIT_FILE = Error "unfit-file" "What a page shows of content/files is a JPEG or PNG picture or a PDF, whole and within its limits.";
    UNKNOWN_FILE_NAME = Error "unknown-file-name" "A picture or PDF that content names is in content/files.";
    PICTURE_WORDS = Error "picture-words" "Each picture has words for those who don't see it, or is decorative.";
    FILE_NAME = Warning "file-name" "Names in content/files can be part of an address.";
    UNUSED_FILE = Warning "unused-file" "Every file in content/files is used by a page.";
    DOCUMENT_ONLY = Warning "document-only" "What a PDF says is on a page, too.";
    REVIEW_SOON = Warning "review-soon" "Pages that are due within two weeks are read again in time.";
    // Who checked what.
    FAR_FUTURE_DAY = Warning [Error when published] "far-future-day" "What somebody did on a day was not done a month from now or later.";
    PUT_OFF = Warning [Error when published] "put-off" "What is to be looked at again is not put off by more than a year or so.";
    CHANGED_SINCE_REVIEW = Warning "changed-since-review" "Reviews are given for the words that a page has now.";
    REDIRECT_LIST = Error "redirect-list" "Each row of redirects.csv has an old address and the page that took its place.";
    UNTRANSLATED_WORD = Warning "untranslated-word" "Help lines, substances, payers, reasons and checks have their words in every language.";
}

/// What is wrong with a single value.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    pub(super) help: String,
    /// The part of the value it is about, or nothing for all of it.
    pub(super) needle: String,
    /// Where in the value that part is, if it isn't the first such.
    pub(super) part: Option<Range<usize>>,
    /// What belongs in the place of that part, where it is exact: as the file writes it, so in the place of a whole value with its quotes.
    pub(super) instead: Option<String>,
    /// The same as the value has it: the file may write it otherwise.
    pub(super) mend: Option<Mended>,
}

/// What belongs in the place of a part of a value.
#[derive(Debug)]
pub(super) struct Mended {
    pub(super) text: String,
    /// What else is to be said.
    pub(super) note: &'static str,
}

impl Mended {
    /// How to say it of the text that the file has then.
    pub(super) fn words(&self, written: &str) -> String {
        match written {
            "" => "take it out".to_owned(),
            _ if written.trim().is_empty() => "write a space in its place".to_owned(),
            _ => format!("write `{}`{}", written.replace('\r', ""), self.note),
        }
    }
}

impl Problem {
    pub(super) fn new(rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        let (message, help) = (message.into(), help.into());
        Self { rule, message, help, needle: String::new(), part: None, instead: None, mend: None }
    }

    /// A problem whose help is exact: the words are made from what is to be written.
    pub(super) fn exact(
        rule: &'static Rule,
        message: impl Into<String>,
        instead: String,
        words: impl FnOnce(&str) -> String,
    ) -> Self {
        let help = words(&instead);
        Self { instead: Some(instead), ..Self::new(rule, message, help) }
    }

    /// A problem of a part of a value, with what belongs in its place.
    pub(super) fn mended(
        rule: &'static Rule,
        message: impl Into<String>,
        part: Range<usize>,
        text: impl Into<String>,
        note: &'static str,
    ) -> Self {
        let mend = Mended { text: text.into(), note };
        let help = mend.words(&mend.text);
        Self { mend: Some(mend), ..Self::new(rule, message, help) }.part(part)
    }

    pub(super) fn at(self, needle: impl Into<String>) -> Self {
        Self { needle: needle.into(), ..self }
    }

    pub(super) fn part(self, part: Range<usize>) -> Self {
        Self { part: Some(part), ..self }
    }
}
