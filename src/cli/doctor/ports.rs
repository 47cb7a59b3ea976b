//! The ports that the server listens on.

use super::super::ask;
use super::super::listen::{Inherited, listen};
use super::super::serve::refuse_remote_preview;
use super::{Deployment, Finding, Found, PATIENCE};
use crate::site::route;
use std::net::SocketAddr;

/// A listener: its option, its address, a path that it answers, and how the answer is distinguished from that of another program.
type Listener = (&'static str, SocketAddr, &'static str, &'static str);

/// Whether each port is free, or a server of this program has it.
pub(super) fn check(deployment: &Deployment<'_>) -> Found {
    let options = deployment.options;
    let site = ("--listen", options.listen, route::READY, "\nrevision ");
    let admin = options.admin_listen.map(|address| ("--admin-listen", address, route::METRICS, "clinic_site_"));
    let mut findings: Vec<Finding> =
        refuse_remote_preview(options, &Inherited::default()).err().map(Finding::from).into_iter().collect();
    let mut seen = Vec::new();
    for listener in [Some(site), admin].into_iter().flatten() {
        match deployment.runtime.block_on(look(listener)) {
            Ok(state) => seen.push(format!("{} {state}", listener.1)),
            Err(finding) => findings.push(finding),
        }
    }
    Found::new(findings, seen.join(", "))
}

async fn look((option, address, path, mark): Listener) -> Result<&'static str, Finding> {
    let Err(failure) = listen(address).await else { return Ok("is free") };
    match ask::get_local(address, path, PATIENCE).await {
        Ok((_, answer)) if answer.body.contains(mark) => Ok("is clinic-site's, which runs"),
        Ok(_) => Err(Finding::new(
            format!("another program has {address} ({option})"),
            format!("end it (ss -ltnp names it), or choose another port with {option}"),
        )),
        Err(_) => Err(failure.into()),
    }
}
