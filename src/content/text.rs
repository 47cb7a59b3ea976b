//! Copy: a safe subset of Markdown (`CommonMark`) to HTML.
//!
//! Paragraphs, emphasis, links and lists, and headings in the texts that may be long. Everything else is a finding when the file is read, and is
//! left out should it ever come here: raw HTML, pictures, and links that are not to this site, to `https:`, `tel:`, `sms:` or `mailto:`.
//!
//! A name in braces, `{phone}`, is replaced by the fact of that name. Where the fact is not known, the paragraph or the list item that
//! names it is left out as a whole, so that pages read well without it.

mod headings;
mod html;
mod items;
mod mentions;
mod shown;
mod targets;
pub(super) mod typed;

pub use headings::Headings;
pub(super) use headings::{anchors as heading_anchors, are_in as has_headings};
pub use html::Html;
pub use mentions::{Mentioned, Mentions, Torn};

use super::catalogue::{self, Problem};
use super::limits;
use items::Items;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};
use shown::Shown;
use std::collections::HashSet;
use std::ops::Range;
pub(super) use targets::is_path;
use targets::link_problem;

/// The facts copy can name besides the figures.
pub(super) const FACTS: [&str; 10] = [
    "name",
    "area",
    "phone",
    "address",
    "license",
    "accreditor",
    "coordinator_1557",
    "coordinator_504",
    "complaint_lines",
    "leave_site",
];

/// A part of a text: words, or the name of a fact in braces.
enum Piece<'a> {
    Words(&'a str),
    Fact(&'a str),
}

/// Splits a text at its facts. Braces around anything that can't be a name stay words.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        // No name is longer: to look for its end in all that follows would take time in the square of the text's length.
        let near = after.get(..after.floor_char_boundary(MAX_NAME + 1)).unwrap_or_default();
        let name = near.find('}').and_then(|end| after.split_at_checked(end)).filter(|(name, _)| is_fact_name(name));
        let Some((name, behind)) = name.map(|(name, behind)| (name, behind.strip_prefix('}').unwrap_or(behind))) else {
            let upto = rest.len() - after.len();
            let (words, others) = rest.split_at(upto);
            pieces.push(Piece::Words(words));
            rest = others;
            continue;
        };
        pieces.push(Piece::Words(before));
        pieces.push(Piece::Fact(name));
        rest = behind;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// What the name of an answer begins with.
pub const ANSWERS: &str = "answers.";

/// What the name of a fact of a place begins with: `location.main.phone`.
pub const LOCATIONS: &str = "location.";

/// The name that a fact of `clinic.toml` has in copy: `area_served` is `{area}`, `figures.deaths` is `{deaths}`, and `locations.main.phone`
/// `{location.main.phone}`.
#[must_use]
pub fn name_in_copy(key: &str) -> String {
    match (key, key.strip_prefix("locations.")) {
        ("area_served", _) => "area".to_owned(),
        (_, Some(of_place)) => format!("{LOCATIONS}{of_place}"),
        _ => key.strip_prefix("figures.").unwrap_or(key).to_owned(),
    }
}

/// The longest name of a fact, in bytes: that of a fact of a place.
const MAX_NAME: usize = 88;

/// The most words of such a name.
const MOST_WORDS: usize = 3;

/// Whether this can be a name: one word, or words with points between them, of which only those of an answer or a place are any fact's. The
/// others are slips, as in `locations.main.phone` or `main.phone`.
fn is_fact_name(name: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && is_plain_name(part);
    name.len() <= MAX_NAME && name.split('.').count() <= MOST_WORDS && name.split('.').all(is_plain)
}

fn is_plain_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn events(copy: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(copy, Options::ENABLE_SMART_PUNCTUATION))
}

/// What a copy may hold besides paragraphs, emphasis, links and lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Facts.
    Copy,
    /// Facts and headings.
    CopyWithHeadings,
    /// It is a text of the clinic's own, which names no facts.
    Official,
    /// It is such a text and has headings.
    OfficialWithHeadings,
}

impl Form {
    const fn is_official(self) -> bool {
        matches!(self, Self::Official | Self::OfficialWithHeadings)
    }

    const fn has_headings(self) -> bool {
        matches!(self, Self::CopyWithHeadings | Self::OfficialWithHeadings)
    }
}

/// What a copy holds that it must not: the first mistakes, and how many others. Markup is reported at each of its places, since each has to be mended;
/// what else is wrong in the same way is reported once.
pub(super) fn problems(copy: &str, form: Form) -> Vec<Problem> {
    if let Some(at) = limits::nested_too_deep(copy) {
        return vec![too_deep(copy.get(at..).unwrap_or_default())];
    }
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let (mut lists, mut others) = (0, 0);
    let mut shown = typed::may_be_in(copy).then(|| Shown::new(copy));
    let mut items = Items::new(copy);
    for (event, range) in Parser::new_ext(copy, Options::ENABLE_SMART_PUNCTUATION).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => lists += 1,
            Event::End(TagEnd::List(_)) => lists -= 1,
            _ => {}
        }
        if lists > limits::MAX_NESTED {
            return vec![too_deep(copy.get(range).unwrap_or_default())];
        }
        items.event(&event, &range);
        if let Some(shown) = &mut shown {
            shown.event(&event, &range);
        }
        if form.has_headings() && headings::is_one(copy, &event, &range) {
            continue;
        }
        let Some(problem) = problem(copy, &event, range) else { continue };
        let mistake = || (problem.rule.name, problem.message.clone(), problem.needle.clone());
        if *problem.rule == catalogue::MARKUP || known.insert(mistake()) {
            if found.len() < limits::MAX_PROBLEMS {
                found.push(problem);
            } else {
                others += 1;
            }
        }
    }
    if let Some(last) = found.last().filter(|_| others > 0) {
        let message = format!("and {others} more mistakes like these in this text");
        found.push(Problem::new(last.rule, message, "mend those first, then check again"));
    }
    if let Some(shown) = shown {
        found.extend(typed::in_copy(copy, &shown.text(), form.is_official()));
    }
    if form.has_headings() {
        found.extend(headings::problems(copy, form.is_official()));
    }
    found.extend(items.problems(&found));
    found
}

fn too_deep(rest: &str) -> Problem {
    let most = limits::MAX_NESTED;
    let message = format!("more than {most} lists and quotations are within others");
    Problem::new(&catalogue::NESTING, message, "write a list without lists in it")
        .at(shortened(rest.trim_start().lines().next().unwrap_or_default()))
}

/// The beginning of a line, which is enough to find it by: what is within others would be quoted again for each of them.
fn shortened(line: &str) -> &str {
    const LONG: usize = 200;
    line.get(..line.floor_char_boundary(LONG)).unwrap_or_default()
}

/// What is wrong with one event of the parser, if anything.
fn problem(copy: &str, event: &Event<'_>, range: Range<usize>) -> Option<Problem> {
    let start = range.start;
    let here = copy.get(range).unwrap_or_default();
    let first = || shortened(here.trim().lines().next().unwrap_or_default());
    let refuse = |what: &str, help: &str| {
        let part = here.find(first()).map(|at| start + at..start + at + first().len());
        let problem = Problem::new(&catalogue::MARKUP, format!("{what} can't be used in copy"), help).at(first());
        Some(Problem { part, ..problem })
    };
    match event {
        Event::Html(_) | Event::InlineHtml(_) => {
            refuse("HTML", "write plain text; **two stars** make it strong and *one* makes it emphasised")
        }
        Event::Start(Tag::Image { .. }) => refuse("a picture", "describe it in words; cards can name an `icon`"),
        Event::Start(Tag::Heading { .. }) => refuse(
            "a heading",
            if here.starts_with('#') {
                "start a new [[sections]] with its own `heading`; a # at the start of a line makes a heading"
            } else {
                "start a new [[sections]] with its own `heading`; a line of - or = below words makes a heading of them"
            },
        ),
        Event::Start(Tag::CodeBlock(_)) => {
            refuse("an indented or fenced block", "take the spaces at the start of the line out")
        }
        Event::Code(_) => refuse("code", "take the backticks (`) out"),
        Event::Start(Tag::BlockQuote(_)) => refuse("a quotation block", "take the > at the start of the line out"),
        Event::Rule => refuse("a line across the page", "start a new [[sections]] instead"),
        Event::Start(Tag::Link { dest_url, .. }) => link_problem(dest_url).map(|problem| {
            // Its words may have the same.
            let at = here.rfind(&**dest_url).filter(|_| !dest_url.is_empty());
            let instead = problem.instead.clone().filter(|_| at.is_some());
            let part = at.map(|at| start + at..start + at + dest_url.len());
            Problem { part, instead, ..problem.at(if at.is_some() { dest_url } else { first() }) }
        }),
        _ => None,
    }
}

/// An open paragraph or list item, in the events written so far.
struct Frame {
    start: usize,
    /// Names a fact that is not known.
    left_out: bool,
    item: bool,
}

/// Renders copy. `fact` gives a fact's value by name, or `None` where it is not known.
#[must_use]
pub fn render(copy: &str, fact: &dyn Fn(&str) -> Option<Html>) -> Html {
    render_with(copy, fact, &|_| Target::AsWritten)
}

/// Renders an official text, which names no facts: braces stay as they are.
#[must_use]
pub fn render_official(text: &str, link: &dyn Fn(&str) -> Target, headings: Option<&Headings<'_>>) -> Html {
    render_under(text, &|name| Some(Html::text(&format!("{{{name}}}"))), link, headings)
}

/// Where a link leads on the page that is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Where it is written to lead.
    AsWritten,
    /// To another place.
    To(String),
    /// Nowhere: its words stay, and are no link.
    Nowhere,
}

/// Renders copy; `link` says where each link leads.
#[must_use]
pub fn render_with(copy: &str, fact: &dyn Fn(&str) -> Option<Html>, link: &dyn Fn(&str) -> Target) -> Html {
    render_under(copy, fact, link, None)
}

/// Renders copy that may have headings below those of its section.
#[must_use]
pub fn render_under(
    copy: &str,
    fact: &dyn Fn(&str) -> Option<Html>,
    link: &dyn Fn(&str) -> Target,
    headings: Option<&Headings<'_>>,
) -> Html {
    let mut headings = headings.map(|headings| headings.find_in(copy)).unwrap_or_default().into_iter();
    let mut heading = None;
    let mut out: Vec<Event<'_>> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut lists: Vec<usize> = Vec::new();
    // Ends of tags that were refused and have no part in the page.
    let mut refused = 0_usize;
    for event in events(copy) {
        match event {
            Event::Text(text) => {
                for piece in pieces(&text) {
                    match piece {
                        Piece::Words("") => {}
                        Piece::Words(words) => out.push(Event::Text(CowStr::from(words.to_owned()))),
                        Piece::Fact(name) => match (fact(name), frames.last_mut()) {
                            (Some(html), _) => out.push(Event::InlineHtml(CowStr::from(html.into_string()))),
                            (None, Some(frame)) => frame.left_out = true,
                            (None, None) => {}
                        },
                    }
                }
            }
            Event::Start(tag @ (Tag::Paragraph | Tag::Item)) => {
                let item = matches!(tag, Tag::Item);
                frames.push(Frame { start: out.len(), left_out: false, item });
                out.push(Event::Start(tag));
            }
            Event::End(end @ (TagEnd::Paragraph | TagEnd::Item)) => {
                if let Some(frame) = frames.pop() {
                    // An item whose only paragraph was left out is left out itself.
                    let bare = frame.item && out.len() == frame.start + 1;
                    if frame.left_out || bare {
                        out.truncate(frame.start);
                    } else {
                        out.push(Event::End(end));
                    }
                }
            }
            Event::Start(tag @ Tag::List(_)) => {
                lists.push(out.len());
                out.push(Event::Start(tag));
            }
            Event::End(end @ TagEnd::List(_)) => match lists.pop() {
                Some(start) if out.len() == start + 1 => out.truncate(start),
                _ => out.push(Event::End(end)),
            },
            Event::Start(Tag::Link { ref dest_url, .. }) if link_problem(dest_url).is_some() => refused += 1,
            Event::End(TagEnd::Link) if refused > 0 => refused -= 1,
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = match link(&dest_url) {
                    Target::AsWritten => dest_url,
                    Target::To(other) => CowStr::from(other),
                    Target::Nowhere => {
                        refused += 1;
                        continue;
                    }
                };
                out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Heading { .. }) => {
                if let Some((level, id)) = headings.next() {
                    heading = Some(level);
                    let id = Some(CowStr::from(id));
                    out.push(Event::Start(Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() }));
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                out.extend(heading.take().map(|level| Event::End(TagEnd::Heading(level))));
            }
            Event::Start(Tag::Emphasis | Tag::Strong)
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link)
            | Event::SoftBreak
            | Event::HardBreak => out.push(event),
            // Refused when the file was read: see `problems`.
            _ => {}
        }
    }
    let mut html = String::with_capacity(copy.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, out.into_iter());
    Html(html.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Form, Html, Mentions, problems, render};

    fn phone(name: &str) -> Option<Html> {
        (name == "phone").then(|| Html::link("tel:+19165550100", "916-555-0100"))
    }

    #[test]
    fn the_subset_is_rendered() {
        assert_eq!(
            render("It's *one* **two** [three](/medicare/).\n\n- a\n- b", &phone).as_str(),
            "<p>It’s <em>one</em> <strong>two</strong> <a href=\"/medicare/\">three</a>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
        );
    }

    #[test]
    fn a_known_fact_takes_its_place() {
        assert_eq!(
            render("Call {phone}.", &phone).as_str(),
            "<p>Call <a class=\"tel num\" href=\"tel:+19165550100\">916-555-0100</a>.</p>"
        );
    }

    #[test]
    fn what_names_an_unknown_fact_is_left_out_as_a_whole() {
        assert_eq!(render("Come to **{address}**. Or not.\n\nCall.", &phone).as_str(), "<p>Call.</p>");
        assert_eq!(render("- one\n- at {address}\n- two {phone_2}", &phone).as_str(), "<ul>\n<li>one</li>\n</ul>");
        assert_eq!(render("1. at {address}", &phone).as_str(), "");
        assert_eq!(render("- at {address}\n\n- two", &phone).as_str(), "<ul>\n<li>\n<p>two</p>\n</li>\n</ul>");
        assert_eq!(render("A {not a fact} and {", &phone).as_str(), "<p>A {not a fact} and {</p>");
        assert_eq!(Mentions::new("{part_b_deductible} *{a}* {not a fact}").facts, ["part_b_deductible", "a"]);
    }

    #[test]
    fn markup_that_is_refused_never_gets_out() {
        for copy in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](//evil.example/)",
            "![x](/a.png)",
            "# heading",
            "> quote",
            "    code",
            "```\ncode\n```",
            "`code`",
            "---",
            "[x](data:text/html,x)",
            "[x](http://a.example/)",
            "<javascript:alert(1)>",
            "[x](medicare)",
            "[x]()",
            "[x](https://a@b/)",
        ] {
            assert!(!problems(copy, Form::Copy).is_empty(), "{copy:?} should be a finding");
            let html = render(copy, &phone);
            for bad in ["<script", "<img", "=\"javascript:", "<h1", "<code", "href=\"//", "=\"data:"] {
                assert!(!html.as_str().to_lowercase().contains(bad), "{copy:?} became {html}");
            }
        }
    }

    #[test]
    fn safe_links_pass() {
        for copy in [
            "[a](/x/)",
            "[a](#b)",
            "[a](https://988lifeline.org/)",
            "[a](tel:911)",
            "[a](mailto:a@b.example)",
            "[a](/contact.vcf)",
        ] {
            assert!(problems(copy, Form::Copy).is_empty(), "{copy:?}");
        }
        assert_eq!(Mentions::new("[a](/x/) [b](#c)").links, ["/x/", "#c"]);
    }
}
