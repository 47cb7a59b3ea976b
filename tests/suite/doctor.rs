//! `doctor` names what is wrong with a deployment and how to mend it, changes nothing, and finds nothing wrong with a good one. `healthcheck` asks a server.

use crate::certificates::Files as Certificates;
use crate::content::minimal;
use crate::harness::parts::{SmallDisk, is_root};
use crate::harness::ports::free_address;
use crate::harness::proxies::{Kind, Proxy};
use crate::harness::set;
use crate::mail::MailServer;
use crate::program::{self, PROGRAM, Ran, STAFF_KEY, Serving, command, folder, ran, run, soon};
use clinic_site::content::Files;
use clinic_site::requests::keys::PrivateKeys;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A user without privileges, on every Linux.
const NOBODY: u32 = 65_534;

/// A published site with all that a deployment can have: TLS, mail with a login, metrics.
struct Deployment {
    home: TempDir,
    _certificates: Certificates,
    _content: TempDir,
    mail: MailServer,
    options: BTreeMap<&'static str, String>,
    server: Child,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn secret(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

impl Deployment {
    /// It serves; `None` where the mail server of the tests isn't installed.
    fn start() -> Option<Self> {
        let mail = MailServer::start(&["plain", "--login", "site:sesame"])?;
        let (home, content, certificates) = (TempDir::new().unwrap(), folder(&minimal()), Certificates::new());
        certificates.make("localhost", (-1, 89), None);
        certificates.put(&["localhost"], "localhost");
        let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        fs::set_permissions(certificates.path("privkey.pem"), Permissions::from_mode(0o600)).unwrap();
        secret(Path::new(&path("password")), "sesame\n");
        let (listen, admin) = (free_address(), free_address());
        let options = BTreeMap::from([
            ("--public-url", format!("https://localhost:{}", listen.port())),
            ("--listen", listen.to_string()),
            ("--admin-listen", admin.to_string()),
            ("--content", content.path().to_str().unwrap().to_owned()),
            ("--data-dir", path("data")),
            ("--staff-key", STAFF_KEY.to_owned()),
            ("--smtp", format!("smtp://site@127.0.0.1:{}", mail.port)),
            ("--smtp-password-file", path("password")),
            ("--mail-from", "site@clinic.example".to_owned()),
            ("--mail-to", "desk@clinic.example,lead@clinic.example".to_owned()),
            ("--tls-cert", certificates.path("fullchain.pem").to_str().unwrap().to_owned()),
            ("--tls-key", certificates.path("privkey.pem").to_str().unwrap().to_owned()),
        ]);
        let mut command = command(&["serve"]);
        command.args(options.iter().flat_map(|(name, value)| [name, value.as_str()]));
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("https://"), "{line}");
        let site = Self { home, _certificates: certificates, _content: content, mail, options, server };
        soon("the site is saved", || site.data().join("last-good-site").exists());
        Some(site)
    }

    fn data(&self) -> &Path {
        Path::new(&self.options["--data-dir"])
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    /// Asks the doctor about it, with other options in the place of some.
    fn ask(&self, other: &[(&'static str, &str)]) -> Ran {
        ran(self.doctor(other))
    }

    fn doctor(&self, other: &[(&'static str, &str)]) -> Command {
        let mut options = self.options.clone();
        options.extend(other.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let mut command = command(&["doctor", "--format", "json"]);
        command.args(
            options.iter().filter(|(_, value)| !value.is_empty()).flat_map(|(name, value)| [name, value.as_str()]),
        );
        command
    }

    /// With these options, the only checks with findings are these; gives all findings as text.
    #[track_caller]
    fn is_wrong(&self, other: &[(&'static str, &str)], checks: &[&str]) -> String {
        findings(&self.ask(other), checks)
    }
}

/// A run's findings as text; they are all of these checks, and each says how to mend it.
#[track_caller]
fn findings(ran: &Ran, checks: &[&str]) -> String {
    let found: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let all = found["checks"].as_array().unwrap();
    let wrong: Vec<_> = all.iter().filter(|check| check["state"] == "wrong").collect();
    let names: Vec<_> = wrong.iter().map(|check| check["check"].as_str().unwrap()).collect();
    assert_eq!(names, checks, "{ran:?}");
    assert_eq!(ran.code, Some(i32::from(!checks.is_empty())), "{ran:?}");
    let findings: Vec<&Value> = wrong.iter().flat_map(|check| check["findings"].as_array().unwrap()).collect();
    assert_eq!(found["wrong"], findings.len());
    for finding in &findings {
        assert!(
            finding["what"].as_str().unwrap().len() > 20 && finding["help"].as_str().unwrap().len() > 5,
            "{finding}"
        );
    }
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_good_deployment_has_no_findings_and_broken_content_keys_mail_and_certificates_are_named() {
    let Some(site) = Deployment::start() else { return };
    let up = run(&["healthcheck", "--listen", &site.options["--listen"]]);
    assert!(
        up.code == Some(0) && up.stdout.starts_with("https://127.0.0.1:"),
        "it finds out that TLS is spoken: {up:?}"
    );
    // A good one: every check finds something to look at, and nothing wrong.
    let good = site.ask(&[]);
    assert_eq!((findings(&good, &[]), good.code), (String::new(), Some(0)), "{good:?}");
    assert!(!good.stdout.contains("left out") && good.stdout.matches("\"state\": \"good\"").count() == 12, "{good:?}");
    let text =
        run(&[&["doctor"], &site.options.iter().flat_map(|(name, value)| [*name, value]).collect::<Vec<_>>()[..]]
            .concat());
    assert!(text.code == Some(0) && text.stdout.lines().all(|line| line.starts_with("good ")), "{text:?}");

    // What is published.
    let broken = folder(&{
        let mut files = minimal();
        set(&mut files, "en/pages/home.toml", "title", "\"");
        files
    });
    says(&site.is_wrong(&[("--content", broken.path().to_str().unwrap())], &["content"]), &["en/pages/home.toml:"]);
    let samples = folder(&Files::embedded());
    let told = site.is_wrong(&[("--content", samples.path().to_str().unwrap())], &["content"]);
    says(
        &told,
        &["sample-fact", "`phone` is a sample", "pages do without it", "more errors", "clinic-site check --content="],
    );
    says(&site.is_wrong(&[("--content", "/nowhere")], &["content"]), &["can't be read", "--content takes the folder"]);

    // Keys and secrets.
    let private = PrivateKeys::generate();
    let text = private.file(&[]);
    let private = text.lines().last().unwrap();
    let ran = site.ask(&[("--staff-key", private)]);
    says(&findings(&ran, &["staff-keys"]), &["private key", "`clinic-site keys new`", "begins with age1"]);
    assert!(!format!("{ran:?}").contains(&private[20..]), "the key is printed");
    let open = site.path("open");
    secret(Path::new(&open), "sesame\n");
    fs::set_permissions(&open, Permissions::from_mode(0o644)).unwrap();
    let told = site.is_wrong(&[("--smtp-password-file", &open)], &["rights"]);
    says(&told, &["every user of this computer may open", "its mode is 644", "chmod o= "]);

    // Mail.
    let wrong = site.path("wrong");
    secret(Path::new(&wrong), "open\n");
    let told = site.is_wrong(&[("--smtp-password-file", &wrong)], &["mail"]);
    says(&told, &["refuses the login", "535", "--smtp-password-file", &wrong]);
    if let Some(refusing) = MailServer::start(&["plain", "--reject", "lead@clinic.example"]) {
        let told = site.is_wrong(&[("--smtp", &format!("smtp://127.0.0.1:{}", refusing.port))], &["mail"]);
        says(&told, &["takes no messages for lead@clinic.example", "550", "no such mailbox", "--mail-to"]);
        assert!(!told.contains("for desk@"), "{told}");
    }
    let nobody = format!("smtp://{}", free_address());
    says(
        &site.is_wrong(&[("--smtp", &nobody)], &["mail"]),
        &["can't be used", "refused", "look at the address in --smtp"],
    );

    // The certificate.
    for (name, span, said) in [
        ("localhost", (-90, -1), "has expired"),
        ("other.example", (-1, 89), "is not for localhost"),
        ("localhost", (-84, 6), "ends in 5 days"),
    ] {
        let files = Certificates::new();
        files.make(name, span, None);
        files.put(&[name], name);
        let paths = ["fullchain.pem", "privkey.pem"].map(|file| files.path(file).to_str().unwrap().to_owned());
        fs::set_permissions(&paths[1], Permissions::from_mode(0o600)).unwrap();
        let told = site.is_wrong(&[("--tls-cert", &paths[0]), ("--tls-key", &paths[1])], &["certificate"]);
        says(&told, &[said, &paths[0], "renew"]);
    }

    // No message came of all that.
    site.mail.has_no_message();
}

#[test]
fn a_broken_environment_port_address_or_store_is_named() {
    let Some(site) = Deployment::start() else { return };
    // The environment.
    let mut command = site.doctor(&[]);
    command.env("CLINIC_PUBLIC_ULR", "https://clinic.example").env("CLINIC_SMTPP", "sesame");
    let told = findings(&ran(command), &["variables"]);
    says(&told, &["CLINIC_PUBLIC_ULR", "did you mean CLINIC_PUBLIC_URL?", "CLINIC_SMTPP"]);

    // Ports, and who answers there.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in taken.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello\n");
        }
    });
    let told = site.is_wrong(&[("--listen", &address.to_string())], &["ports"]);
    says(&told, &["another program has", &address.to_string(), "--listen", "ss -ltnp"]);
    let told = site
        .is_wrong(&[("--public-url", &format!("http://{address}"))], &["saved-site", "certificate", "public-address"]);
    says(&told, &["answers 200 OK in place of this site", "two sites need two data folders"]);

    // The store.
    let told = site.is_wrong(&[("--data-dir", &site.path("nowhere"))], &["store"]);
    says(&told, &["nowhere isn't there", "mount its disk", "install -d -m 700"]);
    assert!(!Path::new(&site.path("nowhere")).exists(), "the doctor makes nothing");
    let down = format!("postgres://postgres@{}/clinic", free_address());
    says(
        &site.is_wrong(&[("--database", &down)], &["store"]),
        &["requests can't be stored", "refused", "look whether the database runs"],
    );
    let empty = site.path("empty");
    fs::create_dir(&empty).unwrap();
    let told = site.is_wrong(&[("--data-dir", &empty)], &["rights"]);
    says(&told, &["the data folder", "its mode is 755", "StateDirectoryMode=0700"]);
    fs::set_permissions(&empty, Permissions::from_mode(0o700)).unwrap();
    site.is_wrong(&[("--data-dir", &empty)], &[]);
    assert_eq!(names(Path::new(&empty)), [""; 0], "an empty folder stays empty");
    fs::write(site.path("empty/requests.id"), "0123456789abcdef0123456789abcdef\n").unwrap();
    let told = site.is_wrong(&[("--data-dir", &empty)], &["store"]);
    says(&told, &["requests.db is missing", "requests.id says that one is stored here"]);
    fs::write(site.path("empty/preview-key.txt"), "").unwrap();
    says(
        &site.is_wrong(&[("--data-dir", &empty)], &["staff-keys", "store"]),
        &["preview-key.txt is a private key", "delete it"],
    );

    if let Some(disk) = SmallDisk::mount("2m") {
        let data = disk.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        let _ = fs::write(disk.path().join("filler"), vec![0; 4 << 20]);
        let told = site.is_wrong(&[("--data-dir", data.to_str().unwrap())], &["disk", "store"]);
        says(&told, &["has 0 MiB left", "No space left on device", "make the disk larger"]);
    }
}

#[test]
fn a_data_folder_that_the_server_may_not_write_is_named() {
    let home = TempDir::new().unwrap();
    let (data, copy) = (home.path().join("data"), home.path().join("clinic-site"));
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o500)).unwrap();
    let mut command = if is_root() {
        // Root may write everywhere.
        fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        program::copy(PROGRAM, &copy);
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut command = Command::new(&copy);
        command.env_clear().uid(NOBODY).gid(NOBODY).args(["doctor", "--format", "json"]);
        command
    } else {
        command(&["doctor", "--format", "json"])
    };
    command
        .args(["--listen", &free_address().to_string(), "--data-dir", data.to_str().unwrap()])
        .current_dir(home.path());
    let told = findings(&ran(command), &["store"]);
    says(&told, &[data.to_str().unwrap(), "Permission denied", "chown -R clinic-site"]);
}

#[test]
fn a_proxy_that_is_not_set_up_is_seen_from_the_public_address() {
    let (content, data) = (folder(&minimal()), TempDir::new().unwrap());
    fs::set_permissions(data.path(), Permissions::from_mode(0o700)).unwrap();
    let (listen, admin) = (free_address(), free_address().to_string());
    let (content, data) = (content.path().to_str().unwrap(), data.path().to_str().unwrap());
    // Each time the doctor asks for the site by an address, through the proxy or through none, which the server takes for one.
    let look = |public: SocketAddr, more: &[&str], checks: &[&str]| {
        let (url, listen) = (format!("http://{public}"), listen.to_string());
        let options = ["--public-url", &url, "--listen", &listen, "--admin-listen", &admin, "--staff-key", STAFF_KEY];
        let options = [&options[..], &["--content", content, "--data-dir", data], more].concat();
        let ask = || run(&[&["doctor", "--format", "json"], &options[..]].concat());
        let before = ask();
        let server = Serving::start(&[&["serve"], &options[..]].concat());
        let told = findings(&ask(), checks);
        assert_eq!(server.end("-TERM").code, Some(0));
        (before, told)
    };
    let (before, told) = look(listen, &[], &["public-address"]);
    says(&findings(&before, &["public-address"]), &["can't be reached", "start the server"]);
    says(&told, &["isn't trusted", "--trusted-proxies", "X-Forwarded-For", "restart"]);
    let trusting = ["--trusted-proxies", "127.0.0.1"];
    let (_, told) = look(listen, &trusting, &["public-address"]);
    says(&told, &["doesn't say for whom it asks", "X-Forwarded-For"]);
    let Some(proxy) = Proxy::start(Kind::HaProxy, listen) else { return };
    // The site that was saved is that of the address before.
    let (_, told) = look(proxy.address, &trusting, &["saved-site"]);
    says(&told, &["it is the site of", "two sites need two data folders"]);
}

#[test]
fn what_the_doctor_writes_into_a_store_is_gone_again() {
    let data = TempDir::new().unwrap();
    let path = data.path().to_str().unwrap();
    // A preview's own.
    let folder = data.path().join("preview");
    let server = Serving::start(&["serve", "--data-dir", path]);
    soon("the store is there", || folder.join("requests.id").exists());
    assert_eq!(server.end("-TERM").code, Some(0));
    let before = names(&folder);
    let ran = run(&["doctor", "--data-dir", path, "--listen", &free_address().to_string()]);
    assert!(ran.code == Some(0) && ran.stdout.contains("requests can be stored in the folder"), "{ran:?}");
    let left = names(&folder);
    assert!(left.iter().all(|name| before.contains(name)), "{before:?} before, {left:?} now; {ran:?}");
    let place = crate::harness::stores::Place::at(clinic_site::requests::store::Location::Folder(folder.clone()));
    let number = |sql| crate::harness::stores::block_on(place.number(sql));
    assert_eq!(number("SELECT COUNT(*) FROM requests"), 0);
    assert_eq!(number("SELECT LENGTH(probe) FROM store"), 0, "what was written is deleted");
    // Somebody wrote into the database: this request would be kept for ever.
    let closed = "INSERT INTO requests VALUES ('0000-0000', 1795000000, 'en', 20000, '', '')";
    crate::harness::stores::block_on(place.sql(closed));
    let ran = run(&["doctor", "--format", "json", "--data-dir", path, "--listen", &free_address().to_string()]);
    says(&findings(&ran, &["store"]), &["1 closed request is not deleted in time", "close it anew"]);
}

#[test]
fn a_server_is_asked_whether_it_is_up() {
    let server = Serving::start(&["serve"]);
    let address = server.address.to_string();
    let ran = run(&["healthcheck", "--listen", &address]);
    assert_eq!((ran.code, ran.stdout.trim()), (Some(0), format!("http://{address}/healthz answers 200").as_str()));
    // As in a container, by the variable of the server and the address that stands for all.
    let mut command = command(&["healthcheck"]);
    command.env("CLINIC_LISTEN", format!("0.0.0.0:{}", server.address.port()));
    assert_eq!(program::ran(command).code, Some(0));
    let ran = run(&["healthcheck", "--url", &format!("http://{address}/nowhere/")]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
    assert!(ran.stderr.contains("404"), "{ran:?}");
    assert_eq!(server.end("-TERM").code, Some(0));
    let ran = run(&["healthcheck", "--listen", &address]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
    assert!(ran.stderr.contains(&address) && ran.stderr.contains("refused"), "{ran:?}");
    for wrong in [&["healthcheck", "--url", "127.0.0.1"][..], &["healthcheck", "--listen", "127.0.0.1:0"]] {
        assert_eq!(run(wrong).code, Some(2), "{wrong:?}");
    }
}
