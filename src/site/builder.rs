//! The entries of a site in the making: what is as it was in the site before is taken over from it.

use super::{BuildError, CachePolicy, Entry, FormPage, Frame, HTML, Prebuilt, Settings, Site, render};
use crate::content::model::Page;
use crate::lang::Lang;
use std::collections::{HashMap, hash_map};
use std::sync::Arc;

/// The entries so far, and those there were.
pub(super) struct Builder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) before: Option<&'a Site>,
    pub(super) entries: HashMap<String, Entry>,
}

impl Builder<'_> {
    /// A page made of a content file, with the form on it: those of the site before, if they were made of the same.
    pub(super) fn page(
        &self,
        renderer: &render::Renderer<'_>,
        (key, page): (&str, &Arc<Page>),
        path: &str,
        frame: &Frame,
    ) -> Result<(Arc<Prebuilt>, Option<Arc<FormPage>>), BuildError> {
        let made = self.before.filter(|before| before.has_made(path, page, frame));
        if let Some((before, answer)) = made.and_then(|before| Some((before, before.answer(path)?))) {
            return Ok((Arc::clone(answer), before.forms.get(path).cloned()));
        }
        let html = renderer.page(key, page)?;
        let form = renderer.form(key, page, &html)?.map(Arc::new);
        Ok((self.finish(path, HTML, Some(Lang::of_path(path)), CachePolicy::Revalidate, html), form))
    }

    /// Finishes a text, or takes over the finished answer there was for the same text at the same path.
    pub(super) fn finish(
        &self,
        path: &str,
        content_type: &'static str,
        language: Option<Lang>,
        cache: CachePolicy,
        text: String,
    ) -> Arc<Prebuilt> {
        match self.before.and_then(|before| before.entries.get(path)) {
            Some(Entry::Answer(page)) if page.identity().bytes == text.as_bytes() => Arc::clone(page),
            _ => Arc::new(Prebuilt::new(content_type, language, cache, text, self.settings.effort)),
        }
    }

    /// Puts a text without a language at its path.
    pub(super) fn put(
        &mut self,
        path: &str,
        content_type: &'static str,
        cache: CachePolicy,
        text: String,
    ) -> Result<(), BuildError> {
        let answer = self.finish(path, content_type, None, cache, text);
        self.insert(path.to_owned(), Entry::Answer(answer))
    }

    pub(super) fn insert(&mut self, path: String, entry: Entry) -> Result<(), BuildError> {
        match self.entries.entry(path) {
            hash_map::Entry::Vacant(place) => {
                place.insert(entry);
                Ok(())
            }
            hash_map::Entry::Occupied(place) => Err(BuildError(format!("two answers for {}", place.key()))),
        }
    }
}

/// How many pages are worth a thread: each keeps memory of its own for good.
const PAGES_A_THREAD: usize = 64;

/// Applies a function to all items, on as many threads as there are processors; the results are in order.
pub(super) fn in_parallel<T: Sync, U: Send>(items: &[T], f: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len() / PAGES_A_THREAD);
    if threads < 2 {
        return items.iter().map(f).collect();
    }
    let chunks = items.chunks(items.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let f = &f;
        let threads: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(f).collect::<Vec<_>>())).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
