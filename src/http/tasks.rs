//! Which tasks run beside the answers, and whether they do.

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

/// The tasks of the server, by name. Whoever supervises them reports here; `/readyz/requests` and the metrics show it.
#[derive(Clone, Debug, Default)]
pub struct Tasks(Arc<Mutex<BTreeMap<&'static str, TaskState>>>);

impl Tasks {
    /// A task has started, for the first time or again.
    pub fn started(&self, name: &'static str) {
        let mut tasks = self.lock();
        if let Some(state) = tasks.get_mut(name) {
            *state = TaskState { is_running: true, restarts: state.restarts + 1 };
        } else {
            tasks.insert(name, TaskState { is_running: true, restarts: 0 });
        }
    }

    /// A task has ended.
    pub fn ended(&self, name: &'static str) {
        if let Some(state) = self.lock().get_mut(name) {
            state.is_running = false;
        }
    }

    /// Every task, by name.
    #[must_use]
    pub fn states(&self) -> Vec<(&'static str, TaskState)> {
        self.lock().iter().map(|(name, state)| (*name, *state)).collect()
    }

    /// The names of the tasks that don't run.
    pub(super) fn dead(&self) -> Vec<&'static str> {
        self.states().into_iter().filter(|(_, state)| !state.is_running).map(|(name, _)| name).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, TaskState>> {
        // A map of states is whole after every statement above.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
