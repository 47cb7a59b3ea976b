//! The addresses of an old site: from its sitemap, or from a list of them.

use super::Failure;
use crate::address::{OldAddress, fault};
use crate::content::{first_cells, names_a_column};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The most bytes of a list: a sitemap of so many addresses is smaller (sitemaps.org allows 50 MB).
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The most addresses that are looked at.
const MAX_ADDRESSES: usize = 20_000;

/// The longest address: browsers take no longer ones.
const MAX_LENGTH: usize = 2_000;

/// The addresses of an old site.
#[derive(Debug)]
pub(super) struct OldSite {
    /// Each once, from its first slash on, in the order of the list.
    pub(super) addresses: Vec<(String, OldAddress)>,
    /// How many lines were no addresses.
    pub(super) unread: usize,
}

/// Reads a list: a sitemap, or one address a line.
pub(super) fn read(path: &Path) -> Result<OldSite, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Failure::at(path))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::at(path))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        let message = format!("{} is larger than {} MB", path.display(), MAX_BYTES / 1024 / 1024);
        return Err(Failure::new(message).help("divide it, and give one part at a time"));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let message = format!("{} is compressed", path.display());
        return Err(Failure::new(message).help("unpack it first: gunzip sitemap.xml.gz"));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(format!("{} is not a text file in UTF-8", path.display()))
            .help("save it again as plain text, or from a spreadsheet program as \"CSV UTF-8\"")
    })?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let listed = if start.starts_with('<') { sitemap(start, path)? } else { first_cells(&text) };
    let mut site = OldSite { addresses: Vec::new(), unread: 0 };
    let mut seen = HashSet::new();
    for (at, listed) in listed.iter().enumerate() {
        // The name of the column.
        if at == 0 && !listed.contains('/') && names_a_column(listed) {
            continue;
        }
        let written = fault(listed).map_or_else(|| listed.clone(), |(_, meant)| meant);
        match OldAddress::read(&written) {
            Ok(address) if written.len() <= MAX_LENGTH && fault(&written).is_none() => {
                if seen.insert(address.clone()) {
                    site.addresses.push((written, address));
                }
            }
            _ => site.unread += 1,
        }
        if site.addresses.len() > MAX_ADDRESSES {
            let message = format!("{} has more than {MAX_ADDRESSES} addresses", path.display());
            return Err(
                Failure::new(message).help("keep those that people still ask for: the old site's statistics name them")
            );
        }
    }
    Ok(site)
}

/// The addresses of a sitemap (sitemaps.org): what is in `<loc>`. Those of pictures have names of their own (`<image:loc>`).
fn sitemap(text: &str, path: &Path) -> Result<Vec<String>, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::new(format!("{} can't be read as a sitemap: {why}", path.display()))
            .help("give the old site's sitemap.xml, or a list with one address a line")
    };
    let mut reader = Reader::from_str(text);
    let (mut found, mut loc) = (Vec::new(), None::<String>);
    let mut is_index = false;
    loop {
        match reader.read_event().map_err(|error| failed(&error))? {
            Event::Start(tag) if tag.name().as_ref() == b"loc" => loc = Some(String::new()),
            Event::Start(tag) => is_index |= tag.name().as_ref() == b"sitemapindex",
            Event::End(tag) if tag.name().as_ref() == b"loc" => {
                found.extend(loc.take().map(|loc| loc.trim().to_owned()));
                if found.len() > MAX_ADDRESSES * 2 {
                    return Err(failed(&"it has too many addresses"));
                }
            }
            Event::Text(text) => {
                if let Some(loc) = &mut loc {
                    loc.push_str(&text.decode().map_err(|error| failed(&error))?);
                }
            }
            Event::CData(text) => {
                if let Some(loc) = &mut loc {
                    loc.push_str(&text.decode().map_err(|error| failed(&error))?);
                }
            }
            // `&amp;` is an event of its own. Names that the file itself defines are not followed.
            Event::GeneralRef(name) => {
                if let Some(loc) = &mut loc {
                    let character = name.resolve_char_ref().map_err(|error| failed(&error))?;
                    let name = name.decode().map_err(|error| failed(&error))?;
                    loc.push_str(resolve_predefined_entity(&name).unwrap_or_default());
                    loc.extend(character);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if is_index {
        let parts = found.join("\n    ");
        let message = format!("{} names other sitemaps, and no pages", path.display());
        return Err(Failure::new(message).help(format!("download these, and give one at a time:\n    {parts}")));
    }
    if found.is_empty() {
        return Err(failed(&"there is no address in it"));
    }
    Ok(found)
}
