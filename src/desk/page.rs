//! The desk page: one file, with its style and its script inside, for one server. The same program makes the same bytes of the same settings, so a page can
//! be compared by its fingerprint with one that was made elsewhere.
//!
//! Its own policy (Content Security Policy, Level 3, section 3.3) lets nothing run but the script that it came with, by its hash, and nothing out but to its server:
//! not even if something that a stranger wrote became markup.

use crate::site::desk_parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What a page is made for.
#[derive(Clone, Debug, Serialize)]
pub struct PageSettings {
    /// The origin of the server: a scheme, a name, perhaps a port.
    pub server: String,
    /// The path of the calls there.
    pub api: String,
    /// Public keys that the page knows as readers, besides those in the files that staff open.
    pub readers: Vec<String>,
    /// Whoever has the page is in: the desk of one computer.
    pub local: bool,
    /// The name of the clinic's time zone (IANA), by whose clock it shows times.
    pub zone: String,
}

/// The settings as the page finds them.
#[derive(Serialize)]
struct Config<'a> {
    #[serde(flatten)]
    settings: &'a PageSettings,
    version: &'static str,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file.
    pub html: String,
    /// What it lets run and ask, as its `<meta>` element says.
    pub policy: String,
}

impl Page {
    /// The page of these settings.
    #[must_use]
    pub fn new(settings: &PageSettings) -> Self {
        let parts = desk_parts();
        let config = Config { settings, version: env!("CARGO_PKG_VERSION") };
        // In a script, only `<` could begin something else.
        let config = serde_json::to_string(&config).unwrap_or_default().replace('<', "\\u003c");
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src {}; base-uri 'none'; form-action 'none'",
            source(parts.script),
            source(&parts.style),
            settings.server,
        );
        let fill = |name: &str| match name {
            "style" => Some(parts.style.as_str()),
            "script" => Some(parts.script),
            "config" => Some(config.as_str()),
            "csp" => Some(policy.as_str()),
            _ => None,
        };
        Self { html: filled(parts.page, fill), policy }
    }

    /// The SHA-256 of the file, as `sha256sum` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.html))
    }
}

/// A template with a text for each `{{name}}`. What is filled in is not looked at again.
fn filled<'a>(template: &'a str, fill: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part.split_once("}}").and_then(|(name, rest)| Some((fill(name)?, rest)));
        match known {
            Some((value, rest)) => text.extend([value, rest]),
            None => text.extend(["{{", part]),
        }
    }
    text
}

/// An inline script or style as a policy names it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::{Page, PageSettings, filled, source};
    use crate::site::desk_parts;

    fn settings() -> PageSettings {
        PageSettings {
            server: "https://clinic.example".to_owned(),
            api: "/desk/api/".to_owned(),
            readers: vec!["age1<reader>".to_owned()],
            local: false,
            zone: "America/Los_Angeles".to_owned(),
        }
    }

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let fill = |name: &str| match name {
            "a" => Some("{{b}}"),
            "b" => Some("wrong"),
            _ => None,
        };
        assert_eq!(filled("x{{a}}y{{other}}{{z", fill), "x{{b}}y{{other}}{{z");
    }

    #[test]
    fn the_page_runs_what_it_came_with_and_asks_its_server_alone() {
        let Page { html, policy } = Page::new(&settings());
        let parts = desk_parts();
        let inside = |start: &str, end: &str| {
            let (_, rest) = html.split_once(start).unwrap();
            rest.split_once(end).unwrap().0.to_owned()
        };
        // As a browser takes the file apart, its script and its style are what the policy names.
        let (script, style) = (inside("<script>", "</script>"), inside("<style>", "</style>"));
        assert_eq!((script.as_str(), style.as_str()), (parts.script, parts.style.as_str()));
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src {}; style-src {}; img-src data:; connect-src https://clinic.example; base-uri 'none'; form-action 'none'",
                source(&script),
                source(&style)
            )
        );
        assert!(html.contains(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")));
        assert!(html.find("http-equiv").unwrap() < html.find("<style>").unwrap(), "the policy comes first");
        assert_eq!((html.matches("<script").count(), html.matches("<style").count()), (2, 1));
        assert!(!html.contains("{{") && !html.contains('\r'), "something is not filled in");
        let config = inside("<script type=\"application/json\" id=\"config\">", "</script>");
        assert!(!config.contains('<'));
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        assert_eq!(
            config,
            serde_json::json!({
                "server": "https://clinic.example", "api": "/desk/api/", "readers": ["age1<reader>"], "local": false,
                "zone": "America/Los_Angeles", "version": env!("CARGO_PKG_VERSION"),
            })
        );
        for way_out in [" onclick", " style=\"", "javascript:", "<img", "<link", "<iframe", "src=\"http"] {
            assert!(!parts.page.contains(way_out), "{way_out}");
        }
    }

    #[test]
    fn the_same_settings_make_the_same_bytes() {
        let page = Page::new(&settings());
        assert_eq!(page.html, Page::new(&settings()).html);
        assert_eq!(page.fingerprint().len(), 64);
        let other = Page::new(&PageSettings { readers: Vec::new(), ..settings() });
        assert_ne!(other.fingerprint(), page.fingerprint());
    }
}
