//! Work on many pages at once.

use std::panic;
use std::thread;

/// How many pages are worth a thread.
const PAGES_PER_THREAD: usize = 8;

/// Applies a function to all items, on as many threads as there are processors, of which this is one; the results are in order. Where the system has no
/// thread to give, this one does the work. A panic of the function goes on here.
pub(crate) fn in_parallel<T: Sync, U: Send>(items: &[T], f: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len() / PAGES_PER_THREAD);
    let work = |chunk: &[T]| chunk.iter().map(&f).collect::<Vec<_>>();
    if threads < 2 {
        return work(items);
    }
    let (own, others) = items.split_at(items.len().div_ceil(threads));
    thread::scope(|scope| {
        let work = &work;
        let start = |chunk| thread::Builder::new().spawn_scoped(scope, move || work(chunk)).map_err(|_| chunk);
        let started: Vec<_> = others.chunks(own.len()).map(start).collect();
        let mut all = work(own);
        for of in started {
            all.extend(match of {
                Ok(thread) => thread.join().unwrap_or_else(|cause| panic::resume_unwind(cause)),
                Err(chunk) => work(chunk),
            });
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::in_parallel;

    #[test]
    fn the_results_are_in_order_however_many_there_are() {
        for count in [0, 1, 7, 8, 15, 16, 17, 31, 33, 1_000, 1_001] {
            let items: Vec<u32> = (0..count).collect();
            let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
            assert_eq!(in_parallel(&items, |item| item * 2), doubled, "{count}");
        }
    }
}
