//! The address for the public, asked as a visitor would: through the proxy, if there is one.

use super::super::ask::{self, Answer, AskError};
use super::{Deployment, Finding, Found, PATIENCE};
use crate::config::ServeOptions;
use crate::site::route;
use http::header::{LOCATION, STRICT_TRANSPORT_SECURITY};
use url::{Host, Url};

/// How a ready server's answer begins; its revision follows.
const READY: &str = "ready\nrevision ";

/// How the metrics say what was seen of proxies.
const PROXIES: &str = "clinic_site_proxies_seen";

/// Asks the address for the public.
pub(super) fn check(deployment: &Deployment<'_>) -> Found {
    let options = deployment.options;
    match &options.public_url {
        Some(url) => deployment.runtime.block_on(look(url, options)),
        None => Found::left_out("a preview has none: --public-url names it"),
    }
}

async fn look(url: &Url, options: &ServeOptions) -> Found {
    let answer = match asked(url, route::READY).await {
        Ok(answer) => answer,
        Err(error) => return no_answer(url, &error).into(),
    };
    let Some(revision) = revision(&answer) else {
        return Finding::new(
            format!("{url} answers {} in place of this site", answer.status),
            format!("start the server, and let the proxy or the name lead to {}", options.listen),
        )
        .into();
    };
    let own = ask::get_local(options.listen, route::READY, PATIENCE).await.ok().map(|(_, answer)| answer);
    let mut findings = Vec::new();
    if let Some(other) = own.as_ref().and_then(self::revision).filter(|own| *own != revision) {
        findings.push(Finding::new(
            format!("{url} serves revision {revision}, and the server on {} serves {other}", options.listen),
            format!("let the proxy or the name lead to {}; if other replicas answer there, give all of them the same content", options.listen),
        ));
    }
    if is_https_of_a_name(url) && !answer.headers.contains_key(STRICT_TRANSPORT_SECURITY) {
        findings.push(Finding::new(
            format!("{url} answers without Strict-Transport-Security, which the server sends"),
            "let the proxy pass the server's headers on unchanged",
        ));
    }
    findings.extend(redirect(url).await);
    let proxies = proxies(url, options).await;
    let seen = match proxies {
        Ok(seen) => seen,
        Err(finding) => {
            findings.push(finding);
            String::new()
        }
    };
    Found::new(findings, format!("{url} serves revision {revision}; {seen}"))
}

async fn asked(url: &Url, path: &str) -> Result<Answer, AskError> {
    let url = url.join(path).map_err(|_| AskError::Address("the address can't be asked"))?;
    ask::get(&url, PATIENCE).await
}

/// The revision that a server of this program serves; `None`: it is another one, or it isn't ready.
fn revision(answer: &Answer) -> Option<&str> {
    answer.body.strip_prefix(READY).filter(|_| answer.status.is_success())?.lines().next()
}

fn no_answer(url: &Url, error: &AskError) -> Finding {
    let help = match error {
        AskError::Name(..) => {
            "enter the name at the registrar or provider that answers for it (DNS): an A and an AAAA record with this computer's address"
        }
        AskError::Tls(..) => {
            "browsers refuse the certificate that is there: get one from a public authority for this name, with its chain"
        }
        _ => "start the server and the proxy before it, and let the firewall and the router let visitors in",
    };
    Finding::new(format!("{url} can't be reached from here: {error}"), help)
}

/// Whether browsers keep to TLS for this address once it asks them to (RFC 6797, section 8.1.1: an IP address is no host for that).
fn is_https_of_a_name(url: &Url) -> bool {
    url.scheme() == "https" && matches!(url.host(), Some(Host::Domain(name)) if name != "localhost")
}

/// Whether somebody who types the name alone gets to the site.
async fn redirect(url: &Url) -> Option<Finding> {
    if url.scheme() != "https" || url.port().is_some() {
        return None;
    }
    let mut plain = url.clone();
    plain.set_scheme("http").ok()?;
    let help =
        format!("let the proxy, or the server with --http-listen, answer on port 80 with a redirect (308) to {url}");
    let what = match ask::get(&plain, PATIENCE).await {
        Err(error) => format!("{plain} can't be reached: {error}"),
        Ok(answer) => {
            let to = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
            if answer.status.is_redirection() && to.starts_with(url.as_str()) {
                return None;
            }
            format!("{plain} answers {} and doesn't lead to {url}", answer.status)
        }
    };
    Some(Finding::new(what, help))
}

/// What the server has seen of the proxies before it, by its metrics: a page is asked for first, so that it sees the one on this way.
async fn proxies(url: &Url, options: &ServeOptions) -> Result<String, Finding> {
    let Some(admin) = options.admin_listen else {
        return Ok("whether a proxy names its visitors is seen with --admin-listen alone".to_owned());
    };
    let _ = asked(url, route::ROBOTS).await;
    let Ok((_, metrics)) = ask::get_local(admin, route::METRICS, PATIENCE).await else {
        return Ok(format!("the metrics on {admin} can't be reached, which show whether a proxy names its visitors"));
    };
    let is_seen = |what: &str| metrics.body.contains(&format!("{PROXIES}{{what=\"{what}\"}} 1"));
    let restart = "then restart the server, which remembers what it saw";
    if is_seen("untrusted") {
        return Err(Finding::new(
            "the proxy before this server isn't trusted, so its visitors are limited all together",
            format!(
                "name its address, which is in the log, with --trusted-proxies, and let it send X-Forwarded-For; {restart}"
            ),
        ));
    }
    if is_seen("silent") {
        return Err(Finding::new(
            "the proxy before this server doesn't say for whom it asks, so its visitors are limited all together",
            format!("let it send X-Forwarded-For with the visitor's address; {restart}"),
        ));
    }
    Ok(if is_seen("sound") { "the proxy names its visitors" } else { "no proxy was seen" }.to_owned())
}
