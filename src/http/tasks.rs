//! The tasks of the server, and whether they run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The state of one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskState {
    /// It runs.
    pub is_running: bool,
    /// How often it has ended and was started again.
    pub restarts: u64,
}

/// The tasks of the server, by name. Their supervisor reports here; `/readyz/requests` and the metrics show it.
#[derive(Clone, Debug, Default)]
pub struct Tasks(Arc<Mutex<BTreeMap<&'static str, TaskState>>>);

impl Tasks {
    /// A task has started, for the first time or again.
    pub fn started(&self, name: &'static str) {
        let mut tasks = self.lock();
        let restarts = tasks.get(name).map_or(0, |state| state.restarts + 1);
        tasks.insert(name, TaskState { is_running: true, restarts });
    }

    /// A task has ended.
    pub fn ended(&self, name: &'static str) {
        if let Some(state) = self.lock().get_mut(name) {
            state.is_running = false;
        }
    }

    /// Every task, by name.
    #[must_use]
    pub fn states(&self) -> BTreeMap<&'static str, TaskState> {
        self.lock().clone()
    }

    /// The names of the tasks that don't run.
    pub(super) fn stopped(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.states().into_iter().filter(|(_, state)| !state.is_running).map(|(name, _)| name)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, TaskState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
