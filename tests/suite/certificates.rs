//! What a certificate says of itself is read: its end is told in time, and a worse one never takes the place of a good one. Made by openssl.

use crate::connections::Client;
use crate::harness::ports::free_address;
use crate::harness::without_samples;
use crate::program::{self, STAFF_KEY, folder, seconds_now, soon};
use clinic_site::server::{Fault, Tls};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const DAY: i64 = 24 * 60 * 60;

/// What `openssl ca` wants to know.
const CONFIG: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nrand_serial=yes\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n\
                      unique_subject=no\n[p]\ncountryName=optional\norganizationName=optional\ncommonName=supplied\n\
                      [req]\ndistinguished_name=p\nstring_mask=MASK:0x2002\n[own]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:$ENV::NAME\n\
                      [authority]\nbasicConstraints=critical,CA:TRUE\n";

/// A folder to make certificates in, with a `fullchain.pem` and a `privkey.pem` that a server reads.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        let files = Self(TempDir::new().unwrap());
        fs::write(files.path("config"), CONFIG).unwrap();
        fs::write(files.path("index"), "").unwrap();
        files
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, name: &str, arguments: &[&str]) {
        let made =
            Command::new("openssl").args(arguments).env("NAME", name).current_dir(self.0.path()).output().unwrap();
        assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// Makes `<name>.pem` and `<name>.key`, valid from and to so many days from now, signed by itself or by another.
    pub(crate) fn make(&self, name: &str, (from, to): (i64, i64), by: Option<&str>) {
        let (key, request, out) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        // Browsers know the authority of this name, written as it writes it: PrintableString.
        let subject = match name {
            "isrg.authority" => "/C=US/O=Internet Security Research Group/CN=ISRG Root X1".to_owned(),
            _ => format!("/CN={name}"),
        };
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        self.openssl(
            name,
            &[&["req", "-new", "-config", "config", "-subj", &subject, "-keyout", &key, "-out", &request][..], &new]
                .concat(),
        );
        // Two minutes less, so that as many whole days are left in whatever second they are counted.
        let [from, to] = [from, to].map(|days| {
            let day = format!("@{}", seconds_now() + days * DAY - 120);
            let day = Command::new("date").args(["-u", "-d", &day, "+%Y%m%d%H%M%SZ"]).output().unwrap().stdout;
            String::from_utf8(day).unwrap().trim().to_owned()
        });
        let kind = if name.contains("authority") { "authority" } else { "own" };
        let mut arguments = vec!["ca", "-batch", "-notext", "-config", "config", "-extensions", kind];
        arguments.extend(["-startdate", &from, "-enddate", &to, "-in", &request, "-out", &out]);
        let (certificate, signs) = by.map_or((String::new(), key), |by| (format!("{by}.pem"), format!("{by}.key")));
        arguments.extend(["-keyfile", &signs]);
        match by {
            Some(_) => arguments.extend(["-cert", &certificate]),
            None => arguments.push("-selfsign"),
        }
        self.openssl(name, &arguments);
    }

    /// Puts a chain, the site's own certificate first, and the key of one where the server reads them.
    pub(crate) fn put(&self, chain: &[&str], key: &str) {
        let chain: String =
            chain.iter().map(|name| fs::read_to_string(self.path(&format!("{name}.pem"))).unwrap()).collect();
        fs::write(self.path("privkey.pem"), fs::read(self.path(&format!("{key}.key"))).unwrap()).unwrap();
        fs::write(self.path("fullchain.pem"), chain).unwrap();
    }

    fn read(&self, host: Option<&str>) -> Tls {
        Tls::read(&self.path("fullchain.pem"), &self.path("privkey.pem"), host.as_slice()).unwrap()
    }
}

#[test]
fn a_worse_certificate_never_takes_the_place_of_a_good_one() {
    let (files, now) = (Files::new(), seconds_now());
    files.make("authority", (-100, 1000), None);
    files.make("second.authority", (-100, 1000), Some("authority"));
    for (name, span) in [("clinic.example", (-10, 80)), ("other.example", (-10, 80))] {
        files.make(name, span, Some("second.authority"));
    }
    let keep = |name: &str| {
        for end in ["pem", "key"] {
            fs::copy(files.path(&format!("clinic.example.{end}")), files.path(&format!("{name}.{end}"))).unwrap();
        }
    };
    keep("good");
    for (name, span) in [("expired", (-90, -1)), ("early", (1, 90)), ("renewed", (-1, 89))] {
        files.make("clinic.example", span, Some("second.authority"));
        keep(name);
    }
    files.put(&["good", "second.authority"], "good");
    let tls = files.read(Some("clinic.example"));
    assert_eq!(tls.faults(now), []);
    let (ends, lifetime) = tls.ends().unwrap();
    // A second may end between the two days that are reckoned from now.
    assert!((ends - now - 80 * DAY).abs() < 600 && (lifetime - 90 * DAY).abs() < 600, "{ends} {lifetime}");
    for (chain, key, said) in [
        (&["expired", "second.authority"][..], "expired", "has expired"),
        (&["early", "second.authority"], "early", "not valid yet"),
        (&["other.example", "second.authority"], "other.example", "is not for clinic.example"),
        (&["renewed"], "renewed", "without its chain"),
        (&["renewed", "authority"], "renewed", "without its chain"),
        (&["renewed", "second.authority"], "good", "privkey.pem"),
        (&["second.authority", "renewed"], "renewed", "privkey.pem"),
    ] {
        files.put(chain, key);
        let error = tls.read_again(now).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("fullchain.pem"), "{chain:?} {key}: {error}");
        assert_eq!(tls.ends().unwrap().0, ends, "{chain:?} {key} is in use");
    }
    // The same names and a later end; an authority's own, and others in any order, may be there.
    files.put(&["renewed", "authority", "second.authority"], "renewed");
    assert!(tls.read_again(now).unwrap());
    assert!(tls.ends().unwrap().0 > ends);
    // Of two that have expired, one is as good as the other; and what is good replaces what is bad.
    let later = now + 200 * DAY;
    assert_eq!(tls.faults(later), [Fault::Expired]);
    files.put(&["good", "second.authority"], "good");
    assert!(tls.read_again(later).unwrap());
}

#[test]
fn a_certificate_takes_the_place_of_one_that_no_fewer_browsers_refuse() {
    let (files, now) = (Files::new(), seconds_now());
    files.make("authority", (-100, 1000), None);
    files.make("second.authority", (-100, 1000), Some("authority"));
    files.make("other.example", (-10, 80), Some("second.authority"));
    for (name, span, by) in [
        ("good", (-10, 80), Some("second.authority")),
        ("expired", (-90, -1), Some("second.authority")),
        ("early", (1, 90), Some("second.authority")),
        ("own", (-10, 80), None),
    ] {
        files.make("clinic.example", span, by);
        for end in ["pem", "key"] {
            fs::copy(files.path(&format!("clinic.example.{end}")), files.path(&format!("{name}.{end}"))).unwrap();
        }
    }
    let whole = |name| [name, "second.authority"];
    for (current, new, taken) in [
        (&whole("expired")[..], &["good"][..], true),
        (&whole("early"), &["good"], true),
        (&whole("other.example"), &["good"], true),
        (&whole("expired"), &whole("other.example"), true),
        (&["own"], &["good"], true),
        (&["good"], &whole("good"), true),
        (&whole("good"), &["good"], false),
        (&["good"], &whole("expired"), false),
        (&["good"], &["early"], false),
        (&["own"], &whole("expired"), false),
        (&["own"], &["other.example"], false),
    ] {
        files.put(current, current[0]);
        let tls = files.read(Some("clinic.example"));
        files.put(new, new[0]);
        assert_eq!(tls.read_again(now).is_ok(), taken, "{current:?} -> {new:?}");
    }
}

#[test]
fn a_chain_is_followed_no_further_than_to_an_authority_that_browsers_know() {
    let (files, now) = (Files::new(), seconds_now());
    files.make("old.authority", (-1000, -100), None);
    // As Let's Encrypt's chain was: the last one is there for old phones, which don't mind that it has expired.
    files.make("isrg.authority", (-1000, -100), Some("old.authority"));
    files.make("second.authority", (-100, 1000), Some("isrg.authority"));
    files.make("clinic.example", (-10, 80), Some("second.authority"));
    files.put(&["clinic.example", "second.authority", "isrg.authority"], "clinic.example");
    let tls = files.read(Some("clinic.example"));
    assert_eq!(tls.faults(now), []);
    assert!((tls.ends().unwrap().0 - now - 80 * DAY).abs() < 600);
}

#[test]
fn what_is_wrong_is_told_at_the_start_too() {
    let (files, now) = (Files::new(), seconds_now());
    files.make("clinic.example", (-10, 80), None);
    files.put(&["clinic.example"], "clinic.example");
    assert_eq!(files.read(Some("clinic.example")).faults(now), [], "one's own authority is no fault");
    assert_eq!(files.read(Some("CLINIC.example")).faults(now), []);
    assert_eq!(files.read(None).faults(now), [], "a preview has no name");
    for host in ["www.clinic.example", "127.0.0.1", "[::1]", "clinic.example.org"] {
        assert_eq!(files.read(Some(host)).faults(now), [Fault::OtherHost(host.to_owned())]);
    }
    assert_eq!(files.read(None).faults(now + 80 * DAY), [Fault::Expired]);
    assert_eq!(files.read(None).faults(now - 11 * DAY), [Fault::NotYetValid]);
    files.make("*.clinic.example", (-10, 80), None);
    files.put(&["*.clinic.example"], "*.clinic.example");
    assert_eq!(files.read(Some("www.clinic.example")).faults(now), []);
    assert_eq!(files.read(Some("clinic.example")).faults(now).len(), 1, "a star is one label");
    // The one in between ends first, and then browsers refuse them both.
    files.make("authority", (-100, 1000), None);
    files.make("second.authority", (-100, 20), Some("authority"));
    files.make("short.example", (-10, 80), Some("second.authority"));
    files.put(&["short.example", "second.authority"], "short.example");
    let (ends, _) = files.read(None).ends().unwrap();
    assert!((ends - now - 20 * DAY).abs() < 600, "{ends}");
}

/// A published server with a certificate, and its second listener.
struct Published {
    process: Child,
    admin: SocketAddr,
}

impl Drop for Published {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Published {
    fn start(files: &Files, content: &Path) -> Self {
        let admin = free_address();
        let mut command =
            program::command(&["serve", "--listen", "127.0.0.1:0", "--public-url", "https://clinic.example"]);
        command.args(["--staff-key", STAFF_KEY, "--admin-listen", &admin.to_string(), "--content"]).arg(content);
        command.arg("--tls-cert").arg(files.path("fullchain.pem")).arg("--tls-key").arg(files.path("privkey.pem"));
        command.arg("--data-dir").arg(files.path("data")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("https://"), "{line}");
        Self { process, admin }
    }

    fn get(&self, path: &str) -> String {
        String::from_utf8(Client::new(self.admin).get(path).body).unwrap()
    }

    /// Makes it read the files now.
    fn hang_up(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status().unwrap().success());
    }

    /// For how many days the certificate in use is valid, by the metrics.
    fn days_left(&self) -> Option<i64> {
        let metrics = self.get("/metrics");
        let ends = metrics
            .lines()
            .find_map(|line| line.strip_prefix("clinic_site_certificate_not_after_timestamp_seconds "))?;
        Some((ends.parse::<i64>().unwrap() - seconds_now()).div_euclid(DAY))
    }

    fn end(mut self) -> String {
        assert!(Command::new("kill").arg(self.process.id().to_string()).status().unwrap().success());
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

#[test]
fn the_end_of_a_certificate_is_in_the_log_the_metrics_and_the_body_of_readiness() {
    let (files, content) = (Files::new(), folder(&without_samples()));
    files.make("clinic.example", (-84, 6), None);
    files.put(&["clinic.example"], "clinic.example");
    let site = Published::start(&files, content.path());
    soon("it is measured", || site.days_left() == Some(5));
    assert!(!site.get("/readyz").contains("degraded"), "{}", site.get("/readyz"));
    // A worse one.
    files.make("other.example", (-1, 89), None);
    files.put(&["other.example"], "other.example");
    site.hang_up();
    soon("it is told", || site.get("/readyz").contains("degraded: the renewed certificate can't be used"));
    assert!(site.get("/metrics").contains("clinic_site_trouble{what=\"certificate_renewal\"} 1"));
    assert_eq!(site.days_left(), Some(5));
    // A better one.
    files.make("clinic.example", (-1, 89), None);
    files.put(&["clinic.example"], "clinic.example");
    site.hang_up();
    soon("it is in use", || site.days_left() == Some(88));
    assert!(!site.get("/readyz").contains("degraded"), "{}", site.get("/readyz"));
    let log = site.end();
    let lines = |wanted: &[&str]| log.lines().filter(|line| wanted.iter().all(|wanted| line.contains(wanted))).count();
    assert_eq!(lines(&["WARN", "the certificate ends soon", "days=5"]), 1, "{log}");
    assert_eq!(lines(&["ERROR", "fullchain.pem: the certificate is not for clinic.example"]), 1, "{log}");
    assert_eq!((lines(&["a new certificate is in use"]), lines(&["the certificate is good again"])), (1, 1), "{log}");
}

#[test]
fn an_expired_certificate_of_another_host_is_served_and_told() {
    let (files, content) = (Files::new(), folder(&without_samples()));
    files.make("other.example", (-90, -1), None);
    files.put(&["other.example"], "other.example");
    let site = Published::start(&files, content.path());
    soon("it is told", || {
        let body = site.get("/readyz");
        body.contains("degraded: the certificate has expired")
            && body.contains("the certificate is not for clinic.example")
    });
    assert!(site.get("/metrics").contains("clinic_site_trouble{what=\"certificate\"} 1"));
    assert_eq!(site.days_left(), Some(-2));
    let log = site.end();
    for said in ["the certificate has expired", "the certificate is not for clinic.example"] {
        assert_eq!(log.lines().filter(|line| line.contains("ERROR") && line.contains(said)).count(), 1, "{log}");
    }
}
