//! HTML that is safe to print: the one type that templates print unescaped.

use crate::lang::Direction;
use askama::filters::HtmlSafe;
use std::fmt;

/// HTML that is safe to print as it is. Only the renderers of templates and of copy make one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(pub(super) String);

impl Html {
    /// Renders a template, which escapes its fields itself.
    ///
    /// # Errors
    /// The template fails, which those of this program never do: their fields are plain values.
    pub fn render(template: &impl askama::Template) -> askama::Result<Self> {
        template.render().map(Self)
    }

    /// Plain text, escaped.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
        Self(html)
    }

    /// Plain text; where it is not in the page's language, marked as what it is in, and isolated from the direction of the words around it.
    #[must_use]
    pub fn in_language(text: &str, lang: Option<&str>) -> Self {
        let text = Self::text(text);
        match lang {
            None => text,
            Some(lang) => Self(format!("<bdi lang=\"{}\">{}</bdi>", Self::text(lang).0, text.0)),
        }
    }

    /// A link to a number or address: text and target are escaped.
    #[must_use]
    pub fn link(href: &str, text: &str) -> Self {
        Self(format!("<a class=\"tel num\" href=\"{}\">{}</a>", Self::text(href).0, Self::text(text).0))
    }

    /// The mark of a made-up value, if it is one.
    #[must_use]
    pub fn sample(words: Option<&str>) -> Self {
        Self(words.map(|words| format!(" <mark class=\"sample\">{}</mark>", Self::text(words))).unwrap_or_default())
    }

    /// A paragraph of strong text.
    #[must_use]
    pub fn strong_line(text: &str) -> Self {
        Self(format!("<p><strong>{}</strong></p>", Self::text(text)))
    }

    /// JSON as the content of a `<script>` data block: `<` can't end the block early.
    #[must_use]
    pub fn json_ld(json: &serde_json::Value) -> Self {
        let json =
            json.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        Self(format!("<script type=\"application/ld+json\">{json}</script>"))
    }

    /// A picture that was drawn for this site and is compiled into the program.
    #[must_use]
    pub fn picture(svg: &'static str) -> Self {
        Self(svg.trim().to_owned())
    }

    /// Copy of a language that is written in a direction. From right to left, a number that is dialled is a thing of its own: the signs in it would put
    /// its parts in another order (Unicode Standard Annex #9).
    #[must_use]
    pub fn directed(self, direction: Direction) -> Self {
        match direction {
            Direction::Ltr => self,
            Direction::Rtl => Self(
                self.0
                    .replace("<a class=\"tel num\"", "<a class=\"tel num\" dir=\"ltr\"")
                    .replace("<a href=\"tel:", "<a dir=\"auto\" href=\"tel:")
                    .replace("<a href=\"sms:", "<a dir=\"auto\" href=\"sms:"),
            ),
        }
    }

    /// A picture as in a mirror.
    #[must_use]
    pub fn mirrored(self) -> Self {
        let width =
            self.0.split_once("viewBox=\"0 0 ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
        match (self.0.split_once('>'), self.0.rsplit_once("</svg>")) {
            (Some((svg, _)), Some((whole, _))) => {
                let inside = whole.get(svg.len() + 1..).unwrap_or_default();
                Self(format!("{svg}><g transform=\"matrix(-1 0 0 1 {width} 0)\">{inside}</g></svg>"))
            }
            _ => self,
        }
    }

    /// One after the other.
    #[must_use]
    pub fn concat(parts: &[Self]) -> Self {
        Self(parts.iter().map(|part| part.0.as_str()).collect())
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nothing at all, as copy is whose every paragraph named an unknown fact.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup as a document of its own.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
