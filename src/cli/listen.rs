//! The sockets of `serve`: those that a service manager keeps, and those that this process opens.
//!
//! A socket that outlives the process refuses nobody during a restart: who comes meanwhile waits in its queue for the next process.

use super::Failure;
use crate::config::manager::Sockets;
use crate::server::Socket;
use crate::telemetry::say;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener as StdTcpListener};
use tokio::net::TcpListener;

/// The names of sockets that `serve` takes.
const NAMES: [&str; 3] = [SITE, ADMIN, HTTP];
/// The socket of the site.
pub(super) const SITE: &str = "site";
/// The socket of the metrics.
pub(super) const ADMIN: &str = "admin";
/// The socket without TLS, which leads to the one with it.
pub(super) const HTTP: &str = "http";

/// What `--listen` is where nobody has given it.
const DEFAULT: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8080));

/// The sockets that a service manager keeps, checked.
#[derive(Default)]
pub(super) struct Inherited(Vec<(&'static str, StdTcpListener, SocketAddr)>);

impl Inherited {
    /// A single socket without a name that is known is that of the site: systemd calls it by its unit, if nothing else is said.
    pub(super) fn new(mut sockets: Sockets) -> Result<Self, Failure> {
        let mut inherited: Vec<(&'static str, StdTcpListener, SocketAddr)> = Vec::new();
        let passed: Vec<String> = sockets.names().map(str::to_owned).collect();
        for own in &passed {
            let known = NAMES.into_iter().find(|name| name == own);
            let single = || (passed.len() == 1 && own != "connection").then_some(SITE);
            let help = "name each socket with FileDescriptorName= in its unit: `site` is served to the public, `admin` has the metrics, `http` leads to TLS; and leave \
                        Accept= out";
            let unknown = || Failure::new(format!("the service manager passes a socket called `{own}`")).help(help);
            let name = known.or_else(single).ok_or_else(unknown)?;
            let socket = sockets.take(own).unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()));
            let ready = |socket: StdTcpListener| {
                socket.set_nonblocking(true)?;
                let address = socket.local_addr()?;
                Ok((socket, address))
            };
            let (socket, address) = socket.and_then(ready).map_err(|error| {
                Failure::new(format!("the socket `{own}` of the service manager can't be used: {error}"))
                    .help("ListenStream= takes a port, or an address and a port, such as 443 or 127.0.0.1:8080")
            })?;
            if inherited.iter().any(|(taken, ..)| *taken == name) {
                return Err(Failure::new(format!("the service manager passes two sockets called `{own}`"))
                    .help("one ListenStream= with the port alone takes visitors of both IPv4 and IPv6"));
            }
            inherited.push((name, socket, address));
        }
        Ok(Self(inherited))
    }

    /// The address of a socket.
    pub(super) fn address(&self, name: &str) -> Option<SocketAddr> {
        self.0.iter().find_map(|(own, _, address)| (*own == name).then_some(*address))
    }

    /// The socket with a name, or else one at the address that the options give.
    pub(super) async fn or_listen(&mut self, name: &str, given: SocketAddr) -> Result<Socket, Failure> {
        match self.take(name, Some(given).filter(|given| *given != DEFAULT))? {
            Some(socket) => Ok(socket),
            None => listen(given).await.map(Socket::from),
        }
    }

    /// The same where neither may be there.
    pub(super) async fn or_listen_if(
        &mut self,
        name: &str,
        given: Option<SocketAddr>,
    ) -> Result<Option<Socket>, Failure> {
        match (self.take(name, given)?, given) {
            (None, Some(address)) => listen(address).await.map(|listener| Some(listener.into())),
            (socket, _) => Ok(socket),
        }
    }

    /// Takes the socket with a name, and says so, and which address is not used for it.
    fn take(&mut self, name: &str, given: Option<SocketAddr>) -> Result<Option<Socket>, Failure> {
        let Some(at) = self.0.iter().position(|(own, ..)| *own == name) else { return Ok(None) };
        let (_, socket, address) = self.0.remove(at);
        let unused = given.filter(|given| *given != address);
        let unused = unused.map(|given| format!("; the option's address, {given}, is not used")).unwrap_or_default();
        say(format!("listens to the socket `{name}` that the service manager keeps, {address}{unused}"));
        TcpListener::from_std(socket).map(|listener| Some(Socket::held_open(listener))).map_err(Failure::new)
    }
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(format!("can't listen on {address}: {error}"));
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                failure.help("another program has this port; choose one with --listen 127.0.0.1:8081")
            }
            io::ErrorKind::PermissionDenied => failure
                .help("ports below 1024 need a privilege; choose a higher one, or let systemd keep the socket (clinic-site.socket)"),
            _ => failure,
        }
    })
}
