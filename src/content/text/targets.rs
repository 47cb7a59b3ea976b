//! Where links lead: to this site, to `https:`, to a number or to a mailbox.

use super::catalogue::{self, Problem};
use super::limits;
use super::typed::mends;
use crate::phone::PhoneNumber;

/// What is wrong with the target of a link, whatever pages there are.
pub(super) fn link_problem(target: &str) -> Option<Problem> {
    let refuse = |message: String, help: &str| Some(Problem::new(&catalogue::UNSAFE_LINK, message, help));
    if target.starts_with('#') {
        return (target.len() < 2).then(|| {
            Problem::new(
                &catalogue::UNSAFE_LINK,
                "this link leads nowhere",
                "write the page's address: [words](/medicare/)",
            )
        });
    }
    if target.starts_with('/') && !target.starts_with("//") {
        if is_path(target) || !target.contains(['?', '%', '\\', ' ']) {
            return None;
        }
        return refuse(
            format!("`{target}` is not an address of this site"),
            "write it like /medicare/ or /medicare/#cost",
        );
    }
    if let Some(path) = mends::in_the_preview(target) {
        let message = format!("`{target}` is an address of the preview, which nobody else can open");
        return Some(match path {
            path if is_path(path) => {
                Problem::exact(&catalogue::UNSAFE_LINK, message, path.to_owned(), |path| format!("write {path}"))
            }
            _ => {
                Problem::new(&catalogue::UNSAFE_LINK, message, "write what follows the number in it, from the slash on")
            }
        });
    }
    match target.split_once(':').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest)) {
        Some((scheme, rest)) if scheme == "https" => {
            if limits::is_too_long_an_address(rest) {
                return refuse(
                    "this web address is too long".into(),
                    "write the address of the page without what follows it",
                );
            }
            let whole = format!("https:{rest}");
            match url::Url::parse(&whole) {
                Ok(url) if url.has_host() && url.username().is_empty() => None,
                _ => refuse(
                    format!("`{target}` is not a web address"),
                    "copy the address from the browser's address bar",
                ),
            }
        }
        Some((scheme, rest)) if scheme == "http" => {
            let message = format!("`{target}` is not a safe address");
            let words = |safe: &str| format!("write {safe} and try whether it opens");
            Some(Problem::exact(&catalogue::UNSAFE_LINK, message, format!("https:{rest}"), words))
        }
        Some((scheme, rest)) if scheme == "tel" || scheme == "sms" => {
            let is_plain = rest.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte));
            let is_short_code = (3..=6).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
            match PhoneNumber::parse(rest) {
                Some(_) if is_plain => None,
                _ if is_short_code => None,
                Some(number) => refuse(
                    format!("`{target}` is not written as phones dial it"),
                    &format!("write {scheme}:{}", number.dialled()),
                ),
                None => refuse(
                    format!("nobody can dial `{target}`"),
                    "write tel: and a number with its area code, or tel:988",
                ),
            }
        }
        Some((scheme, rest)) if scheme == "mailto" && rest.contains('@') && !rest.contains('?') => None,
        Some((scheme, _)) => refuse(
            format!("a link can't start with `{scheme}:`"),
            "links lead to /pages/ of this site, https://, tel: or mailto:",
        ),
        None if mends::is_a_domain(target) => {
            let message = format!("`{target}` is not an address");
            let words = |whole: &str| format!("write {whole} and try whether it opens");
            Some(Problem::exact(&catalogue::UNSAFE_LINK, message, format!("https://{target}"), words))
        }
        None if is_path(&format!("/{}/", target.trim_matches('/'))) => {
            let slashed = format!("write /{}/ if it is a page of this site", target.trim_matches('/'));
            refuse(format!("`{target}` is not an address"), &slashed)
        }
        None => refuse(
            format!("`{target}` is not an address"),
            "addresses of this site start and end with a slash: /medicare/; all others start with https://",
        ),
    }
}

/// A path of this site: `/`, `/a/b/` or `/a/#b`; no empty, dotted or encoded segments.
pub(in crate::content) fn is_path(text: &str) -> bool {
    let (path, anchor) = text.split_once('#').map_or((text, None), |(path, anchor)| (path, Some(anchor)));
    let segment =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let inner = path.strip_prefix('/').map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let closed = path.ends_with('/');
    closed && inner.is_some_and(|inner| inner.is_empty() || inner.split('/').all(segment)) && anchor.is_none_or(segment)
}
