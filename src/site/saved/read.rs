//! Reads a saved site. Nothing of it is used before all of it has been read and its checksum is right.

use super::{FORMAT, Head, Later, Line, MAX_BYTES};
use crate::content::agenda::DueDays;
use crate::content::media::{self, Media};
use crate::content::{self, Files};
use crate::lang::Lang;
use crate::site::build;
use crate::site::{CachePolicy, CompressionLevel, Entry, ErrorKind, Frame, HTML, Prebuilt, Site};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, OnceLock};

/// A site as it was saved.
#[derive(Debug)]
pub struct Saved {
    /// What it is.
    pub head: Head,
    /// The content files that it was made of.
    pub files: Files,
    answers: Vec<(String, Answer)>,
    errors: Vec<((Lang, ErrorKind), Answer)>,
    moved: Vec<(String, String)>,
    forms: Vec<String>,
}

/// An answer without its codings.
#[derive(Debug)]
struct Answer {
    content_type: HeaderValue,
    language: Option<Lang>,
    cache: CachePolicy,
    text: String,
    later: Option<Later<'static>>,
}

/// Why a saved site can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes can't be read.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
    /// It isn't a saved site, or one in a format of another version of the program.
    #[error("it isn't a site that this version of the program has saved")]
    Foreign,
    /// It was cut off or changed.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

const CUT: ReadError = ReadError::Damaged("it ends too early");

/// Reads a saved site to its end.
///
/// # Errors
/// It can't be read, is foreign or damaged, or is larger than what is ever written.
pub fn read(input: impl Read) -> Result<Saved, ReadError> {
    let mut input = BufReader::new(input.take(MAX_BYTES));
    let mut hash = Sha256::new();
    let mut bytes = Vec::new();
    let mut saved: Option<Saved> = None;
    loop {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            return Err(if saved.is_some() { CUT } else { ReadError::Foreign });
        }
        let line = serde_json::from_slice::<Line<'static>>(&bytes);
        match (&mut saved, line) {
            (None, Ok(Line::Head(head))) if head.format == FORMAT => saved = Some(Saved::new(head)),
            (None, _) => return Err(ReadError::Foreign),
            (Some(_), Ok(Line::End { sha256 })) => {
                if sha256 != hex::encode(hash.finalize()) {
                    return Err(ReadError::Damaged("its checksum is wrong"));
                }
                break;
            }
            (Some(saved), Ok(line)) => saved.add(line).ok_or(ReadError::Damaged("a line is not one of a site"))?,
            (Some(_), Err(error)) if error.is_eof() => return Err(CUT),
            (Some(_), Err(_)) => return Err(ReadError::Damaged("a line can't be read")),
        }
        hash.update(&bytes);
    }
    match (saved, input.read(&mut [0])) {
        (Some(saved), Ok(0)) => Ok(saved),
        (_, Ok(_)) => Err(ReadError::Damaged("it goes on after its end")),
        (_, Err(error)) => Err(ReadError::Io(error)),
    }
}

impl Saved {
    fn new(head: Head) -> Self {
        Self {
            head,
            files: Files::default(),
            answers: Vec::new(),
            errors: Vec::new(),
            moved: Vec::new(),
            forms: Vec::new(),
        }
    }

    /// Takes a line in; nothing, where its values are none of this program's.
    fn add(&mut self, line: Line<'static>) -> Option<()> {
        match line {
            Line::Head(_) | Line::End { .. } => return None,
            Line::File { path, text } => self.files.insert(&path, text.into_owned().into_bytes()),
            Line::Media { name, hash, kind, made } => {
                let made = made.into_iter().map(|made| {
                    let bytes = STANDARD.decode(made.base64.as_bytes()).ok()?;
                    Some(media::Made { width: made.width, bytes: bytes.into() })
                });
                let hash = hex::decode(hash.as_bytes()).ok()?.try_into().ok()?;
                self.files.insert_media(Media::saved(&name, hash, kind, made.collect::<Option<_>>()?));
            }
            Line::Answer { path, content_type, language, cache, text, later } => {
                let language = match language {
                    Some(tag) => Some(Lang::from_tag(&tag)?),
                    None => None,
                };
                let content_type = HeaderValue::from_str(&content_type).ok()?;
                let answer = Answer { content_type, language, cache, text: text.into_owned(), later };
                self.answers.push((path.into_owned(), answer));
            }
            Line::Moved { from, to } => self.moved.push((from.into_owned(), to.into_owned())),
            Line::Form { path } => self.forms.push(path.into_owned()),
            Line::Error { language, status, text, later } => {
                let lang = Lang::from_tag(&language)?;
                let kind = ErrorKind::ALL.into_iter().find(|kind| kind.status() == status)?;
                let answer = Answer {
                    content_type: HTML,
                    language: Some(lang),
                    cache: CachePolicy::NoStore,
                    text: text.into_owned(),
                    later,
                };
                self.errors.push(((lang, kind), answer));
            }
        }
        Some(())
    }

    /// The site of its finished answers, as they may be shown at an instant. Its forms are closed: see [`Site::has_form`].
    #[must_use]
    pub fn into_site(self, now: Timestamp) -> Site {
        let late = self.head.until <= now;
        let finish = |answer: Answer| {
            let Answer { content_type, language, cache, text, later } = answer;
            let later = later.filter(|_| late).and_then(|later| later.apply(&text));
            let text = later.unwrap_or(text);
            Arc::new(Prebuilt::new(content_type, language, cache, text, CompressionLevel::Plain))
        };
        let moved = self.moved.into_iter().map(|(from, to)| (from, Entry::Moved(to)));
        let answers = self.answers.into_iter().map(|(path, answer)| (path, Entry::Answer(finish(answer))));
        let mut errors: HashMap<_, _> = self.errors.into_iter().map(|(kind, answer)| (kind, finish(answer))).collect();
        // An error that the program which saved the site did not know: its page for errors of our own has the help lines, too.
        let languages: BTreeSet<Lang> = errors.keys().map(|(lang, _)| *lang).collect();
        for (lang, kind) in languages.into_iter().flat_map(|lang| ErrorKind::ALL.map(|kind| (lang, kind))) {
            if let (None, Some(page)) = (errors.get(&(lang, kind)), errors.get(&(lang, ErrorKind::Internal))) {
                errors.insert((lang, kind), Arc::clone(page));
            }
        }
        let media = self.files.media().flat_map(|(_, media)| build::answers_of(media));
        let media = media.map(|(path, answer)| (path, Entry::Answer(answer)));
        Site {
            entries: answers.chain(moved).chain(media).collect(),
            forms: self.forms.into_iter().map(|path| (path, None)).collect(),
            errors,
            revision: self.head.revision,
            zone: content::zone(&self.files),
            made_of: HashMap::new(),
            due: DueDays::default(),
            moved: OnceLock::new(),
            frame: Frame {
                public_url: Some(self.head.public_url),
                live: false,
                requests: false,
                as_of: None,
                made_of: None,
            },
        }
    }
}
