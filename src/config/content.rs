//! Options of the commands that read content, and of those that start some.

use super::{ContentOptions, public_url};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use url::Url;

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
    /// The folder to write to: new, empty, or with an earlier export, which is replaced as a whole
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

/// Options of `new redirects`.
#[derive(Clone, Debug, Args)]
pub struct NewRedirectsOptions {
    /// The old site's sitemap.xml, or a list of its addresses: one a line, or in the first column of a CSV file
    #[arg(value_name = "LIST")]
    pub list: PathBuf,
    /// Where the content comes from.
    #[command(flatten)]
    pub content: ContentOptions,
    /// How to print them
    #[arg(long, value_enum, default_value_t = RedirectFormat::Toml)]
    pub format: RedirectFormat,
}

/// How `new redirects` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RedirectFormat {
    /// For redirects.toml
    Toml,
    /// For redirects.csv
    Csv,
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
