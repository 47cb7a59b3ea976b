//! The command line and the environment: this module is the only reader of either.

mod environment;
mod intake;
mod manual;
mod staff;

pub use environment::{UnknownVariable, arguments};
pub use intake::{IntakeOptions, MailOptions};
pub use manual::{CompletionsOptions, ManOptions};
pub use staff::{
    ChangeOptions, CloseOptions, Confidential, DeskOptions, IdentityOptions, Keys, ListOptions, NewKeysOptions,
    OutcomeName, PassphraseOptions, PurgeOptions, RequestFormat, Requests, ShowOptions, State, StoreOptions,
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
    version,
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
  clinic-site serve --content ./content --listen 0.0.0.0:8080 --public-url https://clinic.example --staff-key age1…
                                                publish it, behind a proxy that speaks TLS

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
            Some(
                Command::Schema(_)
                | Command::Keys(_)
                | Command::Requests(_)
                | Command::Desk(_)
                | Command::Man(_)
                | Command::Completions(_),
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
      --mail-from site@clinic.example --mail-to desk@clinic.example")]
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

A folder's page is its index.html; an error page is 404.html. Old addresses are listed in _redirects,
since a file can't redirect. One thing is left out: whether the clinic is open now, since a file would
become wrong.")]
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
    /// Open a local page for the front desk: the requests that wait, and their outcomes
    #[command(after_help = "\
Examples:
  clinic-site desk --identity staff-key.txt
  clinic-site desk --identity staff-key.txt --data-dir /srv/clinic/data
  clinic-site desk --identity staff-key.txt --database postgres://clinic@db.example/clinic --database-password-file password

The page is for this computer alone, and ends with Ctrl-C. The private key never leaves it. See docs/front-desk.md.")]
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
    /// The address and port to listen on; port 0 takes a free one
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
    /// A second address and port, for metrics; the public must not reach it
    #[arg(long, value_name = "ADDR:PORT", env = "CLINIC_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// How requests for appointments are taken.
    #[command(flatten)]
    pub intake: IntakeOptions,
}

/// Options of `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckOptions {
    /// Where the content comes from.
    #[command(flatten)]
    pub content: ContentOptions,
    /// Be as strict as publishing: samples are errors, missing official texts are reported
    #[arg(long)]
    pub publish: bool,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Measure how hard each page is to read, and list its hardest sentences
    #[arg(long)]
    pub reading: bool,
    /// Explain a rule by its name, or `all`; without a name, list the rules. Nothing is checked
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["publish", "reading"])]
    pub explain: Option<String>,
}

/// Options of `report`.
#[derive(Clone, Debug, Args)]
pub struct ReportOptions {
    /// Where the content comes from.
    #[command(flatten)]
    pub content: ContentOptions,
    /// How many days to look ahead
    #[arg(long, value_name = "N", default_value_t = 90)]
    pub days: u16,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// How `report` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people: tables, and the letter to the director
    Text,
    /// The letter alone: what only the clinic can answer
    Letter,
    /// For programs
    Json,
}

/// Options of `export`.
#[derive(Clone, Debug, Args)]
pub struct ExportOptions {
    /// Where the content comes from.
    #[command(flatten)]
    pub content: ContentOptions,
    /// The folder to write to: new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The site's address for the public; without it, the files are a preview
    #[arg(long, value_name = "URL", env = "CLINIC_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<Url>,
}

/// Options of `new page`.
#[derive(Clone, Debug, Args)]
pub struct NewPageOptions {
    /// The last part of its address and the name of its file: small letters, digits and hyphens
    #[arg(value_name = "SLUG")]
    pub slug: String,
    /// The folder with the content files, which it is written to; without it, ./content
    #[arg(long, value_name = "DIR", env = "CLINIC_CONTENT")]
    pub content: Option<PathBuf>,
    /// Its heading; without it, made from the address
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What it is
    #[arg(long, value_enum, default_value_t = NewPageKind::Page)]
    pub kind: NewPageKind,
}

/// What a new page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewPageKind {
    /// Any page
    Page,
    /// A service of the clinic: it gets a contact section
    Service,
}

/// Options of `schema`.
#[derive(Clone, Debug, Args)]
pub struct SchemaOptions {
    /// The kind of file: clinic, page, notices and so on; without it, all
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// The folder to write to, a file a kind, instead of printing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// How `check` prints findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: source lines with carets
    Text,
    /// For programs
    Json,
    /// Annotations of a pull request in GitHub Actions
    Github,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct LogOptions {
    /// What to log to stderr: error, warn, info, debug or off
    #[arg(long, global = true, value_name = "LEVEL", env = "CLINIC_LOG", default_value = "info")]
    pub log: tracing::level_filters::LevelFilter,
    /// How to log
    #[arg(long, global = true, value_enum, env = "CLINIC_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
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
