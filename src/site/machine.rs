//! Files for machines: sitemap, robots.txt, security.txt, the contact card.

use super::route;
use crate::content::Ui;
use crate::content::model::{Clinic, Place};
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
    let tags: Vec<_> = languages.iter().map(Lang::tag).collect();
    format!(
        "# Found a hole in this website? Please tell the clinic through its contact page.\n\
         Contact: {}\nExpires: {expires}T00:00:00Z\nPreferred-Languages: {}\nCanonical: {}\n",
        route::absolute(base, contact),
        tags.join(", "),
        route::absolute(base, route::SECURITY),
    )
}

/// The clinic as a vCard 3.0 (RFC 2426), which every phone's address book reads: one card for each place. Unknown facts are left out; samples
/// are named as such. `label` says what a number is for.
pub(super) fn contact_card<'a>(base: &Url, clinic: &Clinic, ui: &Ui, label: impl Fn(&str) -> &'a str) -> String {
    let mut cards = String::new();
    // A card of which nothing but a name is known is none; there is one of the clinic in any case.
    let has_facts = |place: &Place<'_>| {
        place.numbers().iter().any(|(_, fact)| fact.is_some()) || place.mail.is_some() || place.address.is_some()
    };
    let places = clinic.places().into_iter().enumerate();
    for (_, place) in places.filter(|(at, place)| *at == 0 || has_facts(place)) {
        let mut line = |name: &str, value: &str| {
            // Writing to a string doesn't fail.
            let _ = write!(cards, "{name}:{value}\r\n");
        };
        line("BEGIN", "VCARD");
        line("VERSION", "3.0");
        let clinics = clinic.name.value.as_str();
        let words = place.id.and_then(|id| ui.locations.as_ref()?.get(id)).map(|words| words.name.as_str());
        let name = vcard_text(&words.map_or_else(|| clinics.to_owned(), |words| format!("{clinics}: {words}")));
        line("FN", &name);
        line("N", &format!("{name};;;;"));
        line("ORG", &[Some(clinics), words].into_iter().flatten().map(vcard_text).collect::<Vec<_>>().join(";"));
        let mut sample = false;
        for (at, (key, fact)) in place.numbers().into_iter().enumerate() {
            let Some(fact) = fact else { continue };
            let number = vcard_text(&fact.value.with_extension());
            match key {
                "phone" => line("TEL;TYPE=WORK,VOICE", &number),
                "fax" => line("TEL;TYPE=WORK,FAX", &number),
                // There is no type for the others: address books show the label (`X-ABLabel`), or a number of the office.
                _ => {
                    line(&format!("item{at}.TEL;TYPE=WORK"), &number);
                    line(&format!("item{at}.X-ABLabel"), &vcard_text(label(key)));
                }
            }
            sample |= fact.is_sample();
        }
        if let Some(mail) = place.mail {
            line("EMAIL;TYPE=INTERNET", &vcard_text(mail.value.as_str()));
            sample |= mail.is_sample();
        }
        if let Some(address) = place.address {
            let part = |text: &crate::content::leaf::Line| vcard_text(text.as_str());
            let value = &address.value;
            line(
                "ADR;TYPE=WORK",
                &format!(";;{};{};{};{};US", part(&value.street), part(&value.city), value.state, value.zip),
            );
            sample |= address.is_sample();
        }
        line("URL", &route::absolute(base, &Lang::En.root()));
        if sample {
            line("NOTE", &vcard_text(ui.preview.banner.as_str()));
        }
        line("END", "VCARD");
    }
    cards
}

/// Escapes text for a vCard (RFC 2426, section 4).
fn vcard_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}
