//! The command line and the environment: this module is the only reader of either.

mod acme;
pub mod build;
mod content;
mod doctor;
mod environment;
mod intake;
pub mod manager;
mod manual;
mod operate;
mod place;
mod staff;

pub use acme::AcmeOptions;
pub use content::{
    CheckOptions, ExportOptions, Format, NewPageKind, NewPageOptions, NewRedirectsOptions, RedirectFormat,
    ReportFormat, ReportOptions, SchemaOptions,
};
pub use doctor::{DoctorFormat, DoctorOptions, HealthcheckOptions};
pub use environment::UnknownVariable;
pub use intake::{IntakeOptions, MailOptions};
pub use manual::{CompletionsOptions, ManOptions};
pub use operate::{BackupOptions, MoveOptions, RestoreOptions};
pub use place::{NoServer, PlaceOptions};
pub use staff::{
    ChangeOptions, CloseOptions, Confidential, DeskCommand, DeskOptions, DeskPageOptions, IdentityOptions, Keys,
    ListOptions, NewKeysOptions, OutcomeName, PassphraseOptions, PurgeOptions, RequestFormat, Requests, ShowOptions,
    State, StoreOptions,
};

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::DateTime;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use url::Url;

/// The website of an opioid treatment clinic.
///
/// Without a command it serves the folder `content`, or else the content built into the program, as a preview on this computer.
#[derive(Debug, Parser)]
#[command(
    name = "clinic-site",
    version = build::VERSION,
    max_term_width = 100,
    // A variable of `serve` without a command may need an option that is written behind the command.
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  clinic-site                                   look at the site on http://127.0.0.1:8080/
  clinic-site serve --content ./content         look at the site made from a folder
  clinic-site serve --content ./content --as-of 2026-12-25T09:00
                                                look at it as it will be on Christmas morning
  clinic-site check --content ./content         list every mistake in the folder
  clinic-site serve --content ./content --public-url https://clinic.example --staff-key age1…,age1… --trusted-proxies 127.0.0.1
                                                publish it, behind a proxy on this computer that speaks TLS

Exit codes: 0 good, 1 the content has errors, 2 could not run."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of `serve`, which is what happens without a command.
    #[command(flatten)]
    pub serve: ServeOptions,
    /// Options of every command.
    #[command(flatten)]
    pub log: LogOptions,
    /// The sockets that a service manager keeps.
    #[arg(skip)]
    pub sockets: manager::Sockets,
}

impl Arguments {
    /// The content folder of the command, if it reads content.
    pub fn contents(&mut self) -> Option<&mut Option<PathBuf>> {
        match &mut self.command {
            None => Some(&mut self.serve.content.content),
            Some(Command::Serve(options)) => Some(&mut options.content.content),
            Some(Command::Check(options)) => Some(&mut options.content.content),
            Some(Command::Report(options)) => Some(&mut options.content.content),
            Some(Command::Export(options)) => Some(&mut options.content.content),
            Some(Command::New(New::Page(options))) => Some(&mut options.content),
            Some(Command::New(New::Redirects(options))) => Some(&mut options.content.content),
            Some(Command::Doctor(options)) => Some(&mut options.serve.content.content),
            Some(
                Command::Schema(_)
                | Command::Keys(_)
                | Command::Requests(_)
                | Command::Desk(_)
                | Command::Backup(_)
                | Command::Restore(_)
                | Command::Move(_)
                | Command::Man(_)
                | Command::Completions(_)
                | Command::Healthcheck(_),
            ) => None,
        }
    }
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site
    #[command(after_help = "\
Examples:
  clinic-site serve
  clinic-site serve --content ./content --listen 127.0.0.1:3000
  clinic-site serve --content ./content --listen 0.0.0.0:8080 --allow-remote-preview
                                                a preview in a container, or for others on the network
  CLINIC_PUBLIC_URL=https://clinic.example CLINIC_STAFF_KEY=age1… clinic-site serve --listen 0.0.0.0:8080
  clinic-site serve --public-url https://clinic.example --staff-key age1… --data-dir /var/lib/clinic-site \\
      --smtp smtps://site@mail.clinic.example --smtp-password-file /run/secrets/smtp \\
      --mail-from site@clinic.example --mail-to desk@clinic.example
  clinic-site serve --public-url https://clinic.example --staff-key age1… --listen 0.0.0.0:443 \\
      --http-listen 0.0.0.0:80 --acme admin@clinic.example
                                                speak TLS with a certificate that comes by itself")]
    Serve(Box<ServeOptions>),
    /// List every mistake in the content, with its place and how to fix it
    #[command(after_help = "\
Examples:
  clinic-site check --content ./content
  clinic-site check --content ./content --publish      as strict as publishing
  clinic-site check --content ./content --format github
  clinic-site check --content ./content --reading      how hard each page is to read
  clinic-site check --explain dead-link                what a rule asks, why, and how to fix it

Exit codes: 0 good (warnings are allowed), 1 there are errors, 2 the folder could not be read.")]
    Check(CheckOptions),
    /// List what needs attention: reviews, missing and expiring facts, notices, texts, sources, translations
    #[command(after_help = "\
Examples:
  clinic-site report --content ./content
  clinic-site report --content ./content --days 30
  clinic-site report --content ./content --format json

A preview of a folder shows the same as a page: http://127.0.0.1:8080/_preview/report/")]
    Report(ReportOptions),
    /// Write the site as files, byte for byte what `serve` sends
    #[command(after_help = "\
Examples:
  clinic-site export --out ./public
  clinic-site export --content ./content --out ./public --public-url https://clinic.example

A folder's page is its index.html; 404.html is for what isn't there, and 503.html for a proxy to show while the
server is away. Old addresses are listed in _redirects, since a file can't redirect, and what the server sends
with each answer in _headers. Beside a file are its .br and .gz, for web servers that send those. An earlier
export is replaced by one swap. Two things are left out: whether the clinic is open now, since a file
would become wrong, and the form, which needs a server.")]
    Export(ExportOptions),
    /// Start something new in the content folder
    #[command(subcommand, arg_required_else_help = true)]
    New(New),
    /// Print the JSON Schemas of the content files, for editors
    #[command(after_help = "\
Examples:
  clinic-site schema page                          the schema of one kind of file
  clinic-site schema --out ./content/.schema       a file a kind, where the editors' settings look for them
  clinic-site schema                               all in one JSON object, by name

docs/content.md has the same in words.")]
    Schema(SchemaOptions),
    /// Make the staff's keys, which open the requests for an appointment
    #[command(subcommand, arg_required_else_help = true)]
    Keys(Keys),
    /// List, open, close and delete requests for an appointment
    #[command(subcommand, arg_required_else_help = true)]
    Requests(Requests),
    /// Open the front desk on this computer, for requests that are stored here; or make its page for a server
    #[command(after_help = "\
Examples:
  clinic-site desk page --server https://clinic.example    a page for any computer, as a file
  clinic-site desk --data-dir /srv/clinic/data             requests that are on this computer
  clinic-site desk --database postgres://clinic@db.example/clinic --database-password-file password

Without `page` it shows an address for this computer alone, until Ctrl-C. The key is chosen in the page, and
never leaves it. See docs/front-desk.md.")]
    Desk(DeskOptions),
    /// Print the manual page, or write one for each command
    #[command(after_help = "\
Examples:
  clinic-site man | man -l -                       read it
  clinic-site man --out ./man1                     a page for the program and one for each command

Debian's package has installed them.")]
    Man(ManOptions),
    /// Print what makes a shell complete commands and options
    #[command(after_help = "\
Examples:
  clinic-site completions bash | sudo tee /usr/share/bash-completion/completions/clinic-site
  clinic-site completions fish | sudo tee /usr/share/fish/vendor_completions.d/clinic-site.fish
  clinic-site completions zsh | sudo tee /usr/share/zsh/vendor-completions/_clinic-site

Debian's package has installed them.")]
    Completions(CompletionsOptions),
    /// Write all requests into one file, while the server runs; they stay sealed
    #[command(after_help = operate::BACKUP_HELP)]
    Backup(BackupOptions),
    /// Put the requests of a backup back, into a folder or into PostgreSQL, while nothing uses that
    #[command(after_help = operate::RESTORE_HELP)]
    Restore(RestoreOptions),
    /// Move the requests to PostgreSQL, or from there to a folder, while nothing uses either
    #[command(after_help = operate::MOVE_HELP)]
    Move(MoveOptions),
    /// Look for what is wrong with this deployment, and say how to mend it; takes the options of `serve`
    #[command(after_help = doctor::DOCTOR_HELP)]
    Doctor(Box<DoctorOptions>),
    /// Ask a running server whether it is up, for containers, which have no curl
    #[command(after_help = doctor::HEALTHCHECK_HELP)]
    Healthcheck(HealthcheckOptions),
}

/// What can be started.
#[derive(Debug, Subcommand)]
pub enum New {
    /// A page, in every language: complete, with comments, and accepted by `check` at once
    #[command(after_help = "\
Examples:
  clinic-site new page parking
  clinic-site new page acupuncture --kind service --title \"Acupuncture\" --content ./content

Nothing is overwritten.")]
    Page(NewPageOptions),
    /// Redirects for the addresses of an old site, printed: each page is guessed by its name, and what can't be guessed is left to be written
    #[command(after_help = "\
Examples:
  clinic-site new redirects sitemap.xml                       the sitemap of the old site
  clinic-site new redirects old.txt >> content/redirects.toml       a list, one address a line
  clinic-site new redirects old.csv --format csv > content/redirects.csv

What the site answers already is named, and left out. Nothing is written into the content folder.")]
    Redirects(NewRedirectsOptions),
}

/// Where content comes from.
#[derive(Clone, Debug, Args)]
pub struct ContentOptions {
    /// The folder with the content files; without it, ./content where there is one, else the content built into the program
    #[arg(long, value_name = "DIR", env = "CLINIC_CONTENT")]
    pub content: Option<PathBuf>,
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    /// Where the content comes from.
    #[command(flatten)]
    pub content: ContentOptions,
    /// The address and port to listen on; port 0 takes a free one. A socket `site` that systemd keeps comes before it
    #[arg(long, value_name = "ADDR:PORT", env = "CLINIC_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The site's address for the public; without it, the site is a preview
    #[arg(long, value_name = "URL", env = "CLINIC_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<Url>,
    /// Let other computers see the preview: listen on an address that they can reach, and answer to any name
    #[arg(long, env = "CLINIC_ALLOW_REMOTE_PREVIEW", value_parser = FalseyValueParser::new())]
    pub allow_remote_preview: bool,
    /// Show the preview as it is at another time on the clinic's clock, such as 2026-12-25T09:00
    #[arg(long, value_name = "TIME", env = "CLINIC_AS_OF", conflicts_with = "public_url", value_parser = as_of)]
    pub as_of: Option<DateTime>,
    /// Make browsers use TLS alone for the subdomains of the site's name, too (HSTS)
    #[arg(long, env = "CLINIC_HSTS_SUBDOMAINS", value_parser = FalseyValueParser::new(), requires = "public_url")]
    pub hsts_subdomains: bool,
    /// Speak TLS: the certificate with its chain, a PEM file. It is read again when it changes, and on SIGHUP
    #[arg(long, value_name = "FILE", env = "CLINIC_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The key of the certificate, a PEM file without a password
    #[arg(long, value_name = "FILE", env = "CLINIC_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The number of threads; without it, one per processor
    #[arg(long, value_name = "N", env = "CLINIC_THREADS")]
    pub threads: Option<NonZeroUsize>,
    /// A second address and port, for metrics; the public must not reach it. A socket `admin` that systemd keeps comes before it
    #[arg(long, value_name = "ADDR:PORT", env = "CLINIC_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// A certificate that comes by itself.
    #[command(flatten)]
    pub acme: AcmeOptions,
    /// How requests for appointments are taken.
    #[command(flatten)]
    pub intake: IntakeOptions,
}

impl ServeOptions {
    /// Whether the server speaks TLS itself, so that visitors reach it without a proxy.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        self.tls_cert.is_some() || self.acme.acme.is_some()
    }
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct LogOptions {
    /// What to log to stderr: error, warn, info, debug or off
    #[arg(long, global = true, help_heading = "Log", value_name = "LEVEL", env = "CLINIC_LOG", default_value = "info")]
    pub log: tracing::level_filters::LevelFilter,
    /// How to log. The log goes to stderr alone, so there is no file to open again when it is rotated
    #[arg(long, global = true, help_heading = "Log", value_enum, env = "CLINIC_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Whether stderr is systemd's journal, which knows the time by itself and reads the priority of each line.
    #[arg(skip)]
    pub journal: bool,
}

/// How to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line an event
    Text,
    /// A JSON object an event
    Json,
}

/// A time on the clinic's clock: `2026-12-25T09:00`, or a day, which is its midnight.
fn as_of(text: &str) -> Result<DateTime, String> {
    let help = "write year-month-day, T, and the time on the 24-hour clock, like 2026-12-25T09:00";
    text.trim().parse().map_err(|_| help.to_owned())
}

/// Reads the command line, the variables, and what the service manager has passed. Ends the process, as clap does, for help and for what can't be
/// understood. Must be called before any thread starts.
///
/// # Errors
/// A variable that begins as this program's do, and that no option has.
pub fn arguments() -> Result<Arguments, UnknownVariable> {
    let mut arguments = environment::arguments()?;
    arguments.sockets = manager::Sockets::take_all();
    arguments.log.journal = manager::logs_to_journal();
    Ok(arguments)
}

/// The site's own address: `https://host/`, or `http://` for a trial on this computer.
fn public_url(text: &str) -> Result<Url, String> {
    let help = "write it like https://clinic.example";
    let url = Url::parse(text).map_err(|error| format!("{error}; {help}"))?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        return Err(format!("visitors need https; {help}"));
    }
    if !url.has_host()
        || url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
    {
        return Err(format!("only the scheme and the host are wanted; {help}"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, public_url};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_public_url_is_an_origin() {
        assert_eq!(public_url("https://clinic.example").unwrap().as_str(), "https://clinic.example/");
        assert!(public_url("http://127.0.0.1:8080").is_ok());
        for bad in [
            "clinic.example",
            "http://clinic.example",
            "https://clinic.example/site/",
            "https://a@clinic.example",
            "ftp://x",
            "https://x/?a",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
