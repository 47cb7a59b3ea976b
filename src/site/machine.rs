//! Files for machines: sitemap, robots.txt, security.txt, the contact card.

use super::route;
use crate::content::model::Clinic;
use crate::lang::Lang;
use askama::Template;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use std::fmt::Write as _;
use url::Url;

/// The sitemap (sitemaps.org), with each page's translations.
#[derive(Template)]
#[template(path = "sitemap.xml")]
pub(super) struct Sitemap {
    pub(super) pages: Vec<SitemapPage>,
}

/// One page of the sitemap.
pub(super) struct SitemapPage {
    pub(super) address: String,
    /// The day of its last review.
    pub(super) changed: String,
    /// The same page in each language, if there is more than one.
    pub(super) alternates: Vec<(Lang, String)>,
}

/// robots.txt: a preview keeps search engines out.
pub(super) fn robots(base: &Url, published: bool) -> String {
    if published {
        format!("User-agent: *\nAllow: /\n\nSitemap: {}\n", route::absolute(base, route::SITEMAP))
    } else {
        "# A preview, not the clinic's published site.\nUser-agent: *\nDisallow: /\n".to_owned()
    }
}

/// security.txt. It expires between five and six months from `today`: RFC 9116 recommends less than a year, and a running site is rebuilt
/// far more often.
pub(super) fn security(base: &Url, contact: &str, languages: &[Lang], today: Date) -> String {
    let half_a_year: Span = 6.months();
    let expires = today.first_of_month().saturating_add(half_a_year);
    let tags: Vec<_> = languages.iter().map(|lang| lang.tag()).collect();
    format!(
        "# Found a hole in this website? Please tell the clinic through its contact page.\n\
         Contact: {}\nExpires: {expires}T00:00:00Z\nPreferred-Languages: {}\nCanonical: {}\n",
        route::absolute(base, contact),
        tags.join(", "),
        route::absolute(base, route::SECURITY),
    )
}

/// The clinic as a vCard 3.0 (RFC 2426), which every phone's address book reads. Unknown facts are left out; samples are named as such.
pub(super) fn contact_card(base: &Url, clinic: &Clinic, sample_words: &str) -> String {
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let mut line = |name: &str, value: String| {
        // Writing to a string doesn't fail.
        let _ = write!(card, "{name}:{value}\r\n");
    };
    let name = vcard_text(clinic.name.value.as_str());
    line("FN", name.clone());
    line("N", format!("{name};;;;"));
    line("ORG", name);
    let mut sample = false;
    if let Some(phone) = &clinic.phone {
        line("TEL;TYPE=WORK,VOICE", phone.value.dialled());
        sample |= phone.sample == Some(true);
    }
    if let Some(address) = &clinic.address {
        let part = |text: &crate::content::leaf::Line| vcard_text(text.as_str());
        let value = &address.value;
        line(
            "ADR;TYPE=WORK",
            format!(";;{};{};{};{};US", part(&value.street), part(&value.city), value.state, value.zip),
        );
        sample |= address.sample == Some(true);
    }
    line("URL", route::absolute(base, &Lang::En.root()));
    if sample {
        line("NOTE", vcard_text(sample_words));
    }
    card.push_str("END:VCARD\r\n");
    card
}

/// Escapes text for a vCard (RFC 2426, section 4).
fn vcard_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}
