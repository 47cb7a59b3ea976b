//! Requests of a test's own, stored in a folder as the server stores them.

mod samples;

use crate::harness::es;
use age::armor::{ArmoredWriter, Format};
use clinic_site::lang::Lang;
use clinic_site::requests::form::Form;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys};
use clinic_site::requests::store::{Added, Location, NewRow, Store};
use clinic_site::requests::{Reference, Request};
use jiff::Timestamp;
use serde_json::Value;
use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Runs what is asynchronous to its end.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A folder with requests, and the key that opens them.
pub struct Kept {
    pub folder: TempDir,
    pub keys: PrivateKeys,
}

impl Kept {
    /// A store without requests.
    pub fn new() -> Self {
        let kept = Self { folder: TempDir::new().unwrap(), keys: PrivateKeys::generate() };
        wait(async { kept.store().ping().await }).unwrap();
        kept
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn store(&self) -> Store {
        Store::new(Location::Folder(self.path().to_owned())).unwrap()
    }

    /// The file of the private key, beside the requests.
    pub fn identity(&self) -> PathBuf {
        let file = self.path().join("staff-key.txt");
        std::fs::write(&file, &*self.keys.file(&[])).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        file
    }

    /// Stores a request that came in at a time, for the keys of this store. `change` is made before it is sealed, as a stranger could, who seals a
    /// text of their own to the public keys.
    pub fn add(&self, number: u8, received: &str, body: &str, change: impl FnOnce(&mut Value)) -> Reference {
        self.add_for(&self.keys, number, received, body, change)
    }

    /// The same for other keys.
    pub fn add_for(
        &self,
        keys: &PrivateKeys,
        number: u8,
        received: &str,
        body: &str,
        change: impl FnOnce(&mut Value),
    ) -> Reference {
        let reference = Reference::from_random([number; 5]);
        let public = keys.public().unwrap();
        let page = if body.contains("page=es") { es() } else { Lang::En };
        let new = Form::read(body.as_bytes()).unwrap().request(page).unwrap();
        let request = Request::new(&new, &reference, received.to_owned(), public.texts());
        let mut request = serde_json::to_value(&request).unwrap();
        change(&mut request);
        let seconds = received.parse::<Timestamp>().unwrap().as_second();
        let row = NewRow {
            reference: reference.clone(),
            received_hour: seconds - seconds.rem_euclid(3600),
            language: page,
            keys: public.fingerprints().to_owned(),
            sealed: seal_text(&public, &request.to_string()),
        };
        let added = wait(async {
            let store = self.store();
            let added = store.add(&[row], false).await.unwrap();
            store.close().await;
            added
        });
        assert_eq!(added, [Added::Now]);
        reference
    }

    /// Changes the database as somebody would who can write into it.
    pub fn sql(&self, sql: &'static str) {
        use sqlx::{Connection as _, Executor as _};
        sqlx::any::install_default_drivers();
        wait(async {
            let file = self.path().join("requests.db");
            let mut connection = sqlx::AnyConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
            connection.execute(sql).await.unwrap();
            connection.close().await.unwrap();
        });
    }
}

/// Seals any text to public keys.
pub fn seal_text(keys: &PublicKeys, text: &str) -> String {
    let recipients: Vec<age::x25519::Recipient> = keys.texts().iter().map(|key| key.parse().unwrap()).collect();
    let recipients = recipients.iter().map(|key| key as &dyn age::Recipient);
    let mut sealed = Vec::new();
    let armor = ArmoredWriter::wrap_output(&mut sealed, Format::AsciiArmor).unwrap();
    let mut writer = age::Encryptor::with_recipients(recipients).unwrap().wrap_output(armor).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().finish().unwrap();
    String::from_utf8(sealed).unwrap()
}
