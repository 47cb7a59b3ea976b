//! What a page must keep for people who don't see it, or don't use a mouse: each rule with its own ways to be broken.
//!
//! What a browser has to compute (contrast as painted, focus order, zoom) is for axe in `tests/browser/`; contrast of the tokens is in
//! `style.rs`.

use super::{frame, parts};
use crate::harness::Page;

/// A rule and how to break it.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// What is wrong on a page: one sentence a finding.
    pub(super) find: fn(&Page) -> Vec<String>,
    /// Edits to [`super::GOOD`] that break it: each takes a text for another.
    pub(super) broken: &'static [(&'static str, &'static str)],
}

/// Every rule.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "language",
        find: frame::language,
        broken: &[
            ("lang=\"en\"", ""),
            ("lang=\"en\"", "lang=\"english\""),
            ("<html lang=\"en\">", "<html lang=\"es\">"),
        ],
    },
    Rule { name: "title", find: frame::title, broken: &[("<title>Good</title>", ""), ("<title>Good", "<title> ")] },
    Rule {
        name: "zoom",
        find: frame::zoom,
        broken: &[
            ("initial-scale=1", "initial-scale=1, maximum-scale=1"),
            ("initial-scale=1", "user-scalable=no"),
            ("name=\"viewport\"", "name=\"other\""),
        ],
    },
    Rule {
        name: "main-heading",
        find: frame::main_heading,
        broken: &[("<h1>Good</h1>", ""), ("<h1>Good</h1>", "<h1>Good</h1><h1>Good</h1>")],
    },
    Rule {
        name: "heading-levels",
        find: frame::heading_levels,
        broken: &[("<h3>Three</h3>", "<h4>Four</h4>"), ("<header>", "<header><h2>Early</h2>")],
    },
    Rule { name: "heading-text", find: frame::heading_text, broken: &[("<h3>Three</h3>", "<h3> <span></span></h3>")] },
    Rule {
        name: "skip-link",
        find: frame::skip_link,
        broken: &[
            ("<a href=\"#main\">Skip</a>", ""),
            ("<a href=\"#main\">Skip</a>", "<a href=\"#two\">Skip</a>"),
            ("<a href=\"#main\">Skip</a>", "<button>First</button><a href=\"#main\">Skip</a>"),
            ("<main id=\"main\" tabindex=\"-1\">", "<main id=\"main\">"),
        ],
    },
    Rule {
        name: "landmarks",
        find: frame::landmarks,
        broken: &[
            ("<main id=\"main\" tabindex=\"-1\">", "<div id=\"main\" tabindex=\"-1\">"),
            ("</main>", "</main><main></main>"),
            ("</main>", "</main><p>Outside</p>"),
            ("</header>", "</header>Outside"),
            ("<footer>", "<div>"),
            ("</header>", "</header><header></header>"),
        ],
    },
    Rule {
        name: "region-names",
        find: frame::region_names,
        broken: &[
            ("<nav aria-label=\"Pages\">", "<nav>"),
            ("<nav aria-label=\"Pages\">", "<nav aria-label=\"Quick\">"),
            ("<section aria-labelledby=\"two\">", "<section>"),
            ("<section aria-labelledby=\"two\">", "<section aria-label=\" \">"),
        ],
    },
    Rule {
        name: "unique-ids",
        find: frame::unique_ids,
        broken: &[("<h3>Three</h3>", "<h3 id=\"two\">Three</h3>"), ("id=\"note\"", "id=\"a note\"")],
    },
    Rule {
        name: "references",
        find: frame::references,
        broken: &[
            ("aria-labelledby=\"two\"", "aria-labelledby=\"two gone\""),
            ("aria-describedby=\"note\"", "aria-describedby=\"gone\""),
            ("for=\"name\"", "for=\"gone\""),
            ("href=\"#two\"", "href=\"#gone\""),
        ],
    },
    Rule {
        name: "pictures",
        find: parts::pictures,
        broken: &[
            ("alt=\"\"", ""),
            ("aria-hidden=\"true\" focusable=\"false\"", ""),
            ("aria-hidden=\"true\" focusable=\"false\"", "aria-hidden=\"true\""),
            ("<title>A bridge</title>", ""),
        ],
    },
    Rule {
        name: "link-text",
        find: parts::link_text,
        broken: &[
            ("Read about Medicare</a>", "</a>"),
            ("Read about Medicare</a>", "<svg aria-hidden=\"true\" focusable=\"false\"></svg></a>"),
            ("Read about Medicare</a>", "Click here</a>"),
            ("Read about Medicare</a>", "Read more.</a>"),
            ("Read about Medicare</a>", "https://a.example/</a>"),
        ],
    },
    Rule {
        name: "link-targets",
        find: parts::link_targets,
        broken: &[
            (
                "<a href=\"/here/\" aria-current=\"page\">Contact</a>",
                "<a href=\"/here/\" aria-current=\"page\">Home</a>",
            ),
            ("<a href=\"#two-part\">part</a>", "<a href=\"#two\">part</a>"),
            ("<a href=\"/two/#part\">Part</a>", "<a href=\"/three/#part\">Part</a>"),
        ],
    },
    Rule {
        name: "new-windows",
        find: parts::new_windows,
        broken: &[("<a href=\"/medicare/\"", "<a target=\"_blank\" href=\"/medicare/\"")],
    },
    Rule {
        name: "focus",
        find: parts::focus,
        broken: &[
            ("<button>", "<button tabindex=\"1\">"),
            ("<button>", "<button autofocus>"),
            ("<button>", "<button accesskey=\"s\">"),
            ("<p>Text", "<p tabindex=\"0\">Text"),
            ("<p>Text", "<p aria-hidden=\"true\"><a href=\"/x/\">Hidden</a>"),
        ],
    },
    Rule {
        name: "control-names",
        find: parts::control_names,
        broken: &[
            ("Send</button>", "</button>"),
            ("<label for=\"name\">Name</label>", ""),
            ("Name</label>", "</label>"),
        ],
    },
    Rule {
        name: "lists",
        find: parts::lists,
        broken: &[
            ("<ul><li>One</li>", "<ul><p>One</p>"),
            ("<ul><li>One</li>", "<ul>One"),
            ("<p>Text", "<li>One</li><p>Text"),
        ],
    },
    Rule {
        name: "definition-lists",
        find: parts::definition_lists,
        broken: &[
            ("<dd>Sacramento</dd>", ""),
            ("<dt>Area</dt>", ""),
            ("<div><dt>Area</dt><dd>Sacramento</dd></div>", ""),
            ("<dl>", "<dl><p>Text</p>"),
            ("<dt>Area</dt><dd>Sacramento</dd>", "<dd>Sacramento</dd><dt>Area</dt>"),
        ],
    },
    Rule {
        name: "tables",
        find: parts::tables,
        broken: &[
            ("<th scope=\"col\">Day</th>", "<td>Day</td>"),
            ("<th scope=\"col\">", "<th>"),
            ("<caption>Hours</caption>", ""),
        ],
    },
    Rule {
        name: "empty-elements",
        find: parts::empty_elements,
        broken: &[
            ("Sacramento</dd>", "</dd>"),
            ("Area</dt>", " </dt>"),
            ("<li>One</li>", "<li></li>"),
            ("<p>Text</p>", "<p></p>"),
        ],
    },
    Rule {
        name: "current-page",
        find: frame::current_page,
        broken: &[
            (" aria-current=\"page\">Contact", ">Contact"),
            ("<a href=\"/\">Home", "<a href=\"/\" aria-current=\"page\">Home"),
            ("aria-current=\"page\">Contact", "aria-current=\"true\">Contact"),
            ("<a href=\"/two/\">Two</a>", "<a href=\"/two/\" aria-current=\"page\">Two</a>"),
        ],
    },
    Rule {
        name: "foreign-links",
        find: parts::foreign_links,
        broken: &[
            ("lang=\"es\" hreflang", "hreflang"),
            ("lang=\"es\" hreflang", "lang=\"fr\" hreflang"),
            ("lang=\"es\" hreflang=\"es\"", "lang=\"es\""),
            ("hreflang=\"es\">Read", "hreflang=\"en\">Read"),
            ("hreflang=\"es\">Read", ">Read"),
            ("lang=\"ko\"><a", "><a"),
            ("hreflang=\"ko\"", "hreflang=\"zh\""),
            ("lang=\"fr\" hreflang", "hreflang"),
        ],
    },
];
