//! What is stored for an authority in the data folder: the account and the certificate with its key, for the owner of the process alone.

use instant_acme::AccountCredentials;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use url::Url;

/// The folder of one authority: a certificate for trying out never passes for another one.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(data: &Path, directory: &Url) -> Self {
        let address = directory.as_str().trim_start_matches("https://");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        Self(data.join("acme").join(address.replace(|c| !is_plain(c), "_")))
    }

    /// The certificate with its chain, and its key: one file, so that they change as one.
    pub(super) fn certificate(&self) -> PathBuf {
        self.0.join("certificate.pem")
    }

    fn account(&self) -> PathBuf {
        self.0.join("account.json")
    }

    pub(super) fn write_certificate(&self, pem: &str) -> io::Result<()> {
        self.write(&self.certificate(), pem.as_bytes())
    }

    /// The account with the authority; `None`: there is none, or none that can be used.
    pub(super) fn read_account(&self) -> Option<AccountCredentials> {
        let path = self.account();
        let read = fs::read(&path).and_then(|bytes| serde_json::from_slice(&bytes).map_err(Into::into));
        match read {
            Ok(account) => Some(account),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!("the account in {} can't be used, and another one is made: {error}", path.display());
                None
            }
        }
    }

    pub(super) fn write_account(&self, account: &AccountCredentials) -> io::Result<()> {
        self.write(&self.account(), &serde_json::to_vec(account)?)
    }

    /// Whether a certificate could be written. An order whose certificate is lost counts for the authority's limits all the same.
    pub(super) fn try_to_write(&self) -> io::Result<()> {
        let probe = self.0.join("probe");
        self.write(&probe, b"")?;
        fs::remove_file(probe)
    }

    /// Writes a file completely and durably, or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let new = path.with_extension("new");
        // What a killed process has left may be anybody's to read.
        let _ = fs::remove_file(&new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(&self.0)?.sync_all()
    }
}
