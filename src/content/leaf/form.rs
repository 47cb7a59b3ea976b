//! The forms of single values, and the value in its form that was meant.

use super::MAX_KEY;
use crate::content::limits;
use url::Url;

pub(super) fn is_time(text: &str) -> bool {
    text.len() == 5 && text.parse::<jiff::civil::Time>().is_ok()
}

pub(super) fn is_zip(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The web address that was meant by one without `https://`.
pub(super) fn web_address_of(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix("http://").or_else(|| text.strip_prefix("//")).unwrap_or(text);
    let host = bare.split('/').next().unwrap_or_default();
    let meant = format!("https://{bare}");
    (host.contains('.') && !bare.contains(':') && is_web_address(&meant)).then_some(meant)
}

pub(super) fn is_web_address(text: &str) -> bool {
    !limits::is_too_long_an_address(text)
        && Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty())
        && !text.contains(char::is_whitespace)
}

/// Whether a text is a mail address that a link can hold.
pub(super) fn is_mail(text: &str) -> bool {
    let allowed =
        |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || b"._%+-".contains(&c));
    text.split_once('@').is_some_and(|(name, host)| allowed(name) && allowed(host) && host.contains('.'))
}

/// Whether a text is a name for the program, or a part of an address, which has no `_`.
pub(super) fn is_name(text: &str, slug: bool) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (c == '_' && !slug);
    let doubled = text.starts_with(['-', '_']) || text.ends_with(['-', '_']) || text.contains("--");
    text.chars().count() <= MAX_KEY && text.chars().all(allowed) && !doubled
}
