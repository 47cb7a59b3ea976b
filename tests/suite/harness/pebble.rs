//! An authority for certificates: Debian's pebble, and the DNS that it asks, in which every name leads to this computer. Both end with the tests.

use super::parts;
use super::ports::free_port;
use crate::tls::{client_config, localhost_certificate};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Runs both until the standard input ends, which it does when the tests end, however they end; then nothing is left of either.
const WATCH: &str = r#"dir=$1 dns=$2 control=$3
"$5" -defaultIPv4 127.0.0.1 -defaultIPv6 '' -http01 '' -https01 '' -tlsalpn01 '' -dns01 "$dns" -management "$control" \
    >"$dir/dns.log" 2>&1 </dev/null & server=$!
PEBBLE_VA_NOSLEEP=1 "$4" -config "$dir/config.json" -dnsserver "$dns" >"$dir/log" 2>&1 </dev/null & authority=$!
cat >/dev/null
kill -9 "$server" "$authority"; wait; rm -rf "$dir""#;

/// An authority that runs. It ends with this value.
pub struct Pebble {
    folder: PathBuf,
    port: u16,
    management: u16,
    watch: Child,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}

impl Pebble {
    /// Starts an authority that looks at the port of a site, and whose certificates are valid for so many seconds. None where it isn't installed.
    pub fn start(site: u16, seconds: u32) -> Option<Self> {
        let (pebble, dns) = (parts::program("pebble")?, pebble_dns()?);
        let folder = TempDir::new().unwrap();
        localhost_certificate(&folder.path().join("own.pem"), &folder.path().join("own.key"));
        let [port, management, names, control] = [(); 4].map(|()| free_port());
        let own = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let config = format!(
            r#"{{"pebble": {{"listenAddress": "127.0.0.1:{port}", "managementListenAddress": "127.0.0.1:{management}",
            "certificate": "{}", "privateKey": "{}", "httpPort": 1, "tlsPort": {site}, "ocspResponderURL": "",
            "externalAccountBindingRequired": false, "certificateValidityPeriod": {seconds}}}}}"#,
            own("own.pem"),
            own("own.key")
        );
        fs::write(folder.path().join("config.json"), config).unwrap();
        // From here on the watch removes the folder.
        let folder = folder.keep();
        let watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&folder)
            .args([format!("127.0.0.1:{names}"), format!("127.0.0.1:{control}")])
            .args([pebble, dns])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            // A group of its own: what ends the tests by a signal to theirs doesn't end the watch before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let authority = Self { folder, port, management, watch };
        crate::program::soon("the authority runs", || {
            [port, management].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        });
        Some(authority)
    }

    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// What the directory's own server is verified by.
    pub fn own_certificate(&self) -> PathBuf {
        self.folder.join("own.pem")
    }

    /// Writes the root of all that it issues into a file.
    pub fn write_root(&self, file: &Path) {
        let socket = TcpStream::connect(("127.0.0.1", self.management)).unwrap();
        let config = client_config(&self.own_certificate(), &[]);
        let client = ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(client, socket);
        stream.write_all(b"GET /roots/0 HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        fs::write(file, answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    }

    /// How many certificates it has issued.
    pub fn issued(&self) -> usize {
        fs::read_to_string(self.folder.join("log")).unwrap().matches("Issued certificate").count()
    }
}

/// The DNS is a program of the same package.
fn pebble_dns() -> Option<PathBuf> {
    let file = PathBuf::from("/usr/bin/pebble-challtestsrv");
    if !file.exists() {
        parts::missing("pebble", "install Debian's pebble");
        return None;
    }
    Some(file)
}
