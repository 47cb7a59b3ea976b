//! The pages: one askama struct each, within one frame (`templates/desk/base.html`).

use super::Desk;
use super::people::Before;
use super::words::Answered;
use askama::Template;

/// Which list a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Waiting,
    Closed,
}

/// What surrounds a page.
pub(super) struct Frame {
    /// `<title>`: the browser keeps it in its history, so it never holds a name or a number.
    pub(super) title: String,
    pub(super) root: String,
    pub(super) tab: Option<Tab>,
    /// Where the requests are, in words.
    pub(super) place: String,
}

impl Frame {
    pub(super) fn new(desk: &Desk, title: impl Into<String>, tab: Option<Tab>) -> Self {
        Self { title: title.into(), root: desk.root.clone(), tab, place: desk.place.clone() }
    }

    fn on_waiting(&self) -> bool {
        self.tab == Some(Tab::Waiting)
    }

    fn on_closed(&self) -> bool {
        self.tab == Some(Tab::Closed)
    }
}

/// An answer that can be chosen.
pub(super) struct Offered {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) chosen: bool,
}

/// A request in a list.
pub(super) struct Line {
    pub(super) reference: String,
    pub(super) href: String,
    pub(super) name: String,
    /// How long ago it came in, and when.
    pub(super) age: String,
    pub(super) received: String,
    pub(super) message: &'static str,
    pub(super) times: String,
    pub(super) language: String,
    pub(super) whom: &'static str,
    pub(super) before: Option<Before>,
    /// What came of it, and when it was closed.
    pub(super) outcome: &'static str,
    pub(super) closed: String,
}

/// A request that can't be opened here.
pub(super) struct Sealed {
    pub(super) reference: String,
    pub(super) age: String,
    pub(super) why: String,
    pub(super) key: String,
}

/// Which part of a list a page holds.
pub(super) struct Pages {
    /// The numbers of the first and the last of them, and how many there are.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) count: usize,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// What was just done to a request.
pub(super) struct Done {
    pub(super) reference: String,
    pub(super) href: String,
    pub(super) what: &'static str,
    /// It can be taken back here.
    pub(super) undo: bool,
}

/// The requests that wait.
#[derive(Template)]
#[template(path = "desk/waiting.html")]
pub(super) struct WaitingPage {
    pub(super) frame: Frame,
    pub(super) now: String,
    pub(super) done: Option<Done>,
    /// How many wait and can be opened, before the filters.
    pub(super) count: usize,
    /// Which of them are on this page, if that isn't all.
    pub(super) pages: Option<Pages>,
    pub(super) times: Vec<Offered>,
    pub(super) languages: Vec<Offered>,
    pub(super) filtered: bool,
    pub(super) lines: Vec<Line>,
    pub(super) sealed: Vec<Sealed>,
}

/// The requests that are closed.
#[derive(Template)]
#[template(path = "desk/closed.html")]
pub(super) struct ClosedPage {
    pub(super) frame: Frame,
    pub(super) pages: Option<Pages>,
    pub(super) lines: Vec<Line>,
    pub(super) sealed: Vec<Sealed>,
}

/// The form that closes a request.
pub(super) struct CloseForm {
    pub(super) action: String,
    pub(super) outcomes: Vec<Offered>,
    pub(super) note: String,
    pub(super) max: usize,
    /// What is wrong with the outcome, and with the note.
    pub(super) outcome_problem: Option<String>,
    pub(super) note_problem: Option<String>,
}

impl CloseForm {
    pub(super) fn wrong(&self) -> bool {
        self.outcome_problem.is_some() || self.note_problem.is_some()
    }
}

/// One request.
#[derive(Template)]
#[template(path = "desk/request.html")]
pub(super) struct RequestPage {
    pub(super) frame: Frame,
    pub(super) line: Line,
    pub(super) phone: String,
    /// The number to dial; nothing where it is no number.
    pub(super) dialled: Option<String>,
    pub(super) message: &'static str,
    /// Whether something must not be said.
    pub(super) careful: bool,
    pub(super) page: &'static str,
    pub(super) answers: Vec<Answered>,
    pub(super) outcome_note: String,
    /// The form, while it waits.
    pub(super) form: Option<CloseForm>,
}

/// The outcome could not be stored: what was written is still here.
#[derive(Template)]
#[template(path = "desk/again.html")]
pub(super) struct AgainPage {
    pub(super) frame: Frame,
    pub(super) reference: String,
    pub(super) form: CloseForm,
}

/// A request, or all of them, can't be shown or changed.
#[derive(Template)]
#[template(path = "desk/refused.html")]
pub(super) struct RefusedPage {
    pub(super) frame: Frame,
    pub(super) text: String,
    /// Where to go: an address, and the words of the link.
    pub(super) way_on: Option<(String, &'static str)>,
}
