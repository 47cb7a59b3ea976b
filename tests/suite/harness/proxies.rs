//! Real proxies in front of a server, as Debian ships them: a configuration in a temporary folder, on loopback, without root.

use super::parts;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Runs the proxy until its own standard input ends, which it does when the tests end, however they end; then nothing is left of either.
const WATCH: &str = r#"dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null & proxy=$!
cat >/dev/null
kill -9 "$proxy"; wait "$proxy"; rm -rf "$dir""#;

/// A proxy, and the setting that decides how it shares connections to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Connections to the server are kept alive, and a body is passed on as it comes.
    NginxStreaming,
    /// Connections to the server are kept alive, and a body is passed on when all of it is there.
    NginxBuffering,
    /// Any visitor's request goes out over any connection (`http-reuse always`).
    HaProxy,
    /// Any of several servers, and another one where one is gone: as packaging/proxies/haproxy.cfg has it.
    HaProxyReplicas,
    /// As it comes.
    Caddy,
}

impl Kind {
    /// The name of its program, and of its Debian package.
    const fn program(self) -> &'static str {
        match self {
            Self::NginxStreaming | Self::NginxBuffering => "nginx",
            Self::HaProxy | Self::HaProxyReplicas => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    /// Its configuration, which may write into `folder` alone.
    fn configuration(self, listen: SocketAddr, servers: &[SocketAddr], folder: &Path) -> String {
        let (folder, server) = (folder.display(), servers[0]);
        match self {
            Self::NginxStreaming => nginx(listen, server, &folder, "off"),
            Self::NginxBuffering => nginx(listen, server, &folder, "on"),
            Self::HaProxy => format!(
                "global\n maxconn 256\ndefaults\n mode http\n http-reuse always\n option forwardfor\n \
                 timeout connect 10s\n timeout client 60s\n timeout server 60s\n\
                 frontend visitors\n bind {listen}\n default_backend clinic\n\
                 backend clinic\n server clinic {server}\n"
            ),
            Self::HaProxyReplicas => replicas(listen, servers),
            Self::Caddy => format!(
                "{{\n admin off\n auto_https off\n storage file_system {folder}\n}}\n\
                 http://:{} {{\n bind {}\n reverse_proxy {server} {{\n trusted_proxies 127.0.0.1/32\n }}\n}}\n",
                listen.port(),
                listen.ip()
            ),
        }
    }

    /// How its program is asked to stay in the foreground with a configuration.
    fn arguments(self, file: &str, folder: &str) -> Vec<String> {
        let error_log = format!("{folder}/error.log");
        let arguments: &[&str] = match self {
            Self::NginxStreaming | Self::NginxBuffering => &["-c", file, "-p", folder, "-e", &error_log],
            Self::HaProxy | Self::HaProxyReplicas => &["-db", "-f", file],
            Self::Caddy => &["run", "--adapter", "caddyfile", "--config", file],
        };
        arguments.iter().map(|argument| (*argument).to_owned()).collect()
    }
}

/// HAProxy before several servers. A request that got no answer is sent to another server, with the same name in `X-Request-ID`: pages change nothing,
/// and a post that comes again by its name is the same request. For that HAProxy keeps the complete request until its answer begins.
fn replicas(listen: SocketAddr, servers: &[SocketAddr]) -> String {
    let servers = servers.iter().enumerate().map(|(number, server)| format!(" server clinic{number} {server}\n"));
    let servers = servers.collect::<Vec<_>>().concat();
    format!(
        "global\n maxconn 256\n\
         defaults\n mode http\n option forwardfor\n option http-buffer-request\n option redispatch 1\n retries 5\n \
         retry-on conn-failure empty-response response-timeout\n \
         timeout connect 2s\n timeout client 60s\n timeout server 20s\n\
         frontend visitors\n bind {listen}\n http-request del-header X-Request-ID\n unique-id-format %[uuid()]\n \
         unique-id-header X-Request-ID\n default_backend clinic\n\
         backend clinic\n balance roundrobin\n option httpchk GET /readyz\n \
         default-server check inter 1s fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down\n{servers}"
    )
}

/// nginx in one process, so that to kill it is to kill all of it.
fn nginx(listen: SocketAddr, server: SocketAddr, folder: &impl std::fmt::Display, buffering: &str) -> String {
    let modules = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = modules.map(|module| format!(" {module}_temp_path {folder}/{module};\n")).concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n access_log off;\n{temporary} \
         upstream clinic {{ server {server}; keepalive 8; }}\n \
         server {{\n listen {listen};\n location / {{\n proxy_pass http://clinic;\n proxy_http_version 1.1;\n \
         proxy_set_header Connection \"\";\n proxy_set_header Host $host;\n \
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n proxy_request_buffering {buffering};\n }}\n }}\n}}\n"
    )
}

/// A proxy that runs. It ends with this value.
pub struct Proxy {
    pub address: SocketAddr,
    kind: Kind,
    watch: Child,
}

impl Proxy {
    /// Starts a proxy before a server. None where its program isn't installed.
    pub fn start(kind: Kind, server: SocketAddr) -> Option<Self> {
        Self::before(kind, &[server])
    }

    /// Starts a proxy before several servers, if its kind knows of more than one.
    pub fn before(kind: Kind, servers: &[SocketAddr]) -> Option<Self> {
        let program = parts::program(kind.program())?;
        let folder = TempDir::new().unwrap();
        let address = super::ports::free_address();
        let file = folder.path().join("configuration");
        fs::write(&file, kind.configuration(address, servers, folder.path())).unwrap();
        let arguments = kind.arguments(file.to_str().unwrap(), folder.path().to_str().unwrap());
        // From here on the watch removes the folder.
        let folder = folder.keep();
        let watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(&folder)
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs([("HOME", &folder), ("XDG_CONFIG_HOME", &folder), ("XDG_DATA_HOME", &folder)])
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            // A group of its own: what ends the tests by a signal to theirs doesn't end the watch before it has cleaned up.
            .process_group(0)
            .stdin(Stdio::piped())
            // The shell would say that what it ran was killed.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self { address, kind, watch };
        for _ in 0..200 {
            if TcpStream::connect(address).is_ok() {
                return Some(proxy);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // Not each proxy writes both.
        let log = ["log", "error.log"].map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default());
        panic!("{kind:?} doesn't start:\n{}", log.concat());
    }

    /// Whether it cuts some answers to posts by itself: up to one in a hundred, measured before a server that reads each body to its end and then
    /// answers at once. Debian 12's Caddy 2.6.2 does: Go's server closes the body of a request before it writes the head of the answer, while the
    /// part that passes the body on may still look for its end, and then drops the connection that the answer comes by.
    pub fn cuts_answers(&self) -> bool {
        self.kind == Kind::Caddy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}
