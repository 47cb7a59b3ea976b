//! Headings within a text: two levels below that of its section, each with an anchor.

use super::{Piece, events, pieces};
use crate::content::catalogue::{HEADING, Problem};
use crate::content::limits::MAX_PROBLEMS;
use crate::content::slug::anchor_of;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::HashMap;
use std::ops::Range;

/// How the headings of a text are shown: `##` is one level below that of its section.
#[derive(Clone, Debug)]
pub struct Headings<'a> {
    /// The level of the section's own heading.
    pub level: u8,
    /// The anchor of the section as content has it.
    pub section: &'a str,
    /// What comes before an anchor in the document that is made.
    pub before: &'a str,
}

impl Headings<'_> {
    /// The level and the anchor of each heading of a text, in order.
    pub(super) fn find_in(&self, copy: &str) -> Vec<(HeadingLevel, String)> {
        let level = |typed: HeadingLevel| {
            let below = usize::from(self.level) + (typed as usize).clamp(2, 3) - 1;
            HeadingLevel::try_from(below).unwrap_or(HeadingLevel::H6)
        };
        let levels = found(copy).into_iter().map(|(typed, _)| level(typed));
        levels.zip(anchors(copy, self.section)).map(|(level, id)| (level, format!("{}{id}", self.before))).collect()
    }
}

/// Whether a text has headings.
pub(in crate::content) fn are_in(copy: &str) -> bool {
    !found(copy).is_empty()
}

/// The headings of a text: their levels as they are typed, and their words. No parser is asked where no line begins with a sign of one.
fn found(copy: &str) -> Vec<(HeadingLevel, String)> {
    if !copy.lines().any(|line| line.trim_start().starts_with('#')) {
        return Vec::new();
    }
    let mut all: Vec<(HeadingLevel, String)> = Vec::new();
    let mut open = false;
    for event in events(copy) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                open = true;
                all.push((level, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => open = false,
            Event::Text(text) if open => {
                if let Some((_, words)) = all.last_mut() {
                    words.push_str(&text);
                }
            }
            _ => {}
        }
    }
    all
}

/// The anchors of the headings of a text: that of its section and their words, with a number where those are there before.
pub(in crate::content) fn anchors(copy: &str, section: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let anchor = |(_, words): (HeadingLevel, String)| {
        let slug = anchor_of(&words);
        let own = if slug.is_empty() { format!("{section}-part") } else { format!("{section}-{slug}") };
        let count = seen.entry(own.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { own } else { format!("{own}-{count}") }
    };
    found(copy).into_iter().map(anchor).collect()
}

/// Whether an event is the beginning of a heading that was meant: with signs before it, not a line below it.
pub(super) fn is_one(copy: &str, event: &Event<'_>, range: &Range<usize>) -> bool {
    matches!(event, Event::Start(Tag::Heading { .. }))
        && copy.get(range.clone()).is_some_and(|here| here.starts_with('#'))
}

/// What is wrong with the headings of a text. `official` if it names no facts.
pub(super) fn problems(copy: &str, official: bool) -> Vec<Problem> {
    let mut all = Vec::new();
    let mut above = None;
    let mut open: Option<(Range<usize>, HeadingLevel, String)> = None;
    for (event, range) in Parser::new_ext(copy, Options::ENABLE_SMART_PUNCTUATION).into_offset_iter() {
        if is_one(copy, &event, &range)
            && let Event::Start(Tag::Heading { level, .. }) = event
        {
            open = Some((range, level, String::new()));
            continue;
        }
        match event {
            Event::Text(text) => {
                if let Some((.., words)) = &mut open {
                    words.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((range, level, words)) = open.take() {
                    all.extend(problem(copy, &range, level, above, &words, official));
                    above = Some(if level == HeadingLevel::H3 && above.is_none() { HeadingLevel::H2 } else { level });
                }
            }
            _ => {}
        }
        if all.len() >= MAX_PROBLEMS {
            break;
        }
    }
    all
}

fn problem(
    copy: &str,
    range: &Range<usize>,
    level: HeadingLevel,
    above: Option<HeadingLevel>,
    words: &str,
    official: bool,
) -> Option<Problem> {
    let here = copy.get(range.clone()).unwrap_or_default();
    let signs = range.start..range.start + here.bytes().take_while(|byte| *byte == b'#').count();
    let typed = copy.get(signs.clone()).unwrap_or_default();
    let mended = |message: &str, write: &str| {
        Some(Problem::mended(&HEADING, message, signs.clone(), write, ", as the headings of a text begin").at(typed))
    };
    let line = here.lines().next().unwrap_or_default();
    if words.trim().is_empty() {
        let help = "write its words behind the signs, or take them out";
        return Some(Problem::new(&HEADING, "this heading has no words", help).at(line).part(range.clone()));
    }
    if !official && pieces(words).iter().any(|piece| matches!(piece, Piece::Fact(_))) {
        let help = "write the heading without it, and name the fact in the text below: what names a fact that is not known is left out";
        return Some(Problem::new(&HEADING, "a heading can't name a fact", help).at(line).part(range.clone()));
    }
    match (level, above) {
        (HeadingLevel::H1, _) => mended("a heading with one # is that of a page", "##"),
        (HeadingLevel::H2, _) | (HeadingLevel::H3, Some(_)) => None,
        (HeadingLevel::H3, None) => mended("the first heading of a text is one level below that of its section", "##"),
        (_, None) => mended("this heading is too deep: there are two levels", "##"),
        (_, Some(_)) => mended("this heading is too deep: there are two levels", "###"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Headings, anchors, are_in, problems};
    use crate::content::text::{Html, Target, render_under};

    #[test]
    fn headings_go_below_that_of_their_section_and_have_anchors() {
        let show = |copy: &str, level: u8, before: &str| {
            let headings = Headings { level, section: "notice", before };
            let fact = |name: &str| (name == "name").then(|| Html::text("Clinic"));
            render_under(copy, &fact, &|_| Target::AsWritten, Some(&headings)).into_string()
        };
        let copy = "Before.\n\n## Your *rights*\n\nAll of {name}.\n\n### To see\n\n- one\n\n## Your rights";
        assert_eq!(
            show(copy, 2, ""),
            "<p>Before.</p>\n<h3 id=\"notice-your-rights\">Your <em>rights</em></h3>\n<p>All of Clinic.</p>\n<h4 \
             id=\"notice-to-see\">To see</h4>\n<ul>\n<li>one</li>\n</ul>\n<h3 id=\"notice-your-rights-2\">Your rights</h3>"
        );
        assert!(show(copy, 3, "page.notices.").contains("<h4 id=\"page.notices.notice-your-rights\">"));
        assert!(show(copy, 3, "page.notices.").contains("<h5 id=\"page.notices.notice-to-see\">"));
        assert_eq!(anchors("## حقوقك\n\n## خصوصيتك", "a"), ["a-حقوقك", "a-خصوصيتك"]);
        assert_eq!(anchors("## ؟\n\n## …", "a"), ["a-part", "a-part-2"]);
        assert!(are_in(copy) && !are_in("We are #1.\n#hashtag") && !are_in("words"));
        let quotes = show("## \"a\" <b>", 2, "\"><script>");
        assert!(!quotes.contains("<script>") && !quotes.contains("<b>"), "{quotes}");
    }

    #[test]
    fn levels_are_two_and_none_is_skipped() {
        for (copy, wanted) in [
            ("## a\n\n### b\n\n## c", None),
            ("# a", Some("write `##`")),
            ("### a", Some("write `##`")),
            ("## a\n\n#### b", Some("write `###`")),
            ("##### b", Some("write `##`")),
            ("##", Some("write its words")),
            ("## Call {phone}", Some("without it")),
        ] {
            let found = problems(copy, false);
            assert_eq!(found.len(), usize::from(wanted.is_some()), "{copy:?}: {found:?}");
            assert!(wanted.is_none_or(|wanted| found[0].help.contains(wanted)), "{copy:?}: {found:?}");
        }
        assert!(problems("## Call {phone}", true).is_empty(), "an official text names no facts");
    }
}
