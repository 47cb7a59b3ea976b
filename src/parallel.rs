//! Work on many pages at once.

/// How many pages are worth a thread.
const PAGES_PER_THREAD: usize = 8;

/// Applies a function to all items, on as many threads as there are processors; the results are in order.
pub(crate) fn in_parallel<T: Sync, U: Send>(items: &[T], f: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len() / PAGES_PER_THREAD);
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
