//! One request: everything it says, and the form that closes it.

use super::list::{One, Opened, line};
use super::page::{AgainPage, CloseForm, Frame, Offered, RequestPage, Tab};
use super::{Desk, answer, words};
use crate::lang::Lang;
use crate::phone::PhoneNumber;
use crate::requests::seal::OpenError;
use crate::requests::staff::{self, ChangeError, Unreadable};
use crate::requests::{Choice as _, Closing, Message, Outcome, Reference, Request};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use url::form_urlencoded;

pub(super) async fn show(State(desk): State<Arc<Desk>>, Path(reference): Path<String>) -> Response {
    match reference.parse() {
        Ok(reference) => page(&desk, &reference, Posted::default(), StatusCode::OK).await,
        Err(_) => answer::gone(&desk),
    }
}

/// What was sent with the form.
#[derive(Default)]
struct Posted {
    action: String,
    outcome: Option<Outcome>,
    note: String,
    outcome_problem: Option<String>,
    note_problem: Option<String>,
}

impl Posted {
    fn read(body: &[u8]) -> Self {
        let mut posted = Self::default();
        for (key, value) in form_urlencoded::parse(body) {
            match key.as_ref() {
                "action" => posted.action = value.into_owned(),
                "outcome" => posted.outcome = Outcome::from_key(&value),
                // Browsers send CR LF, and count it as one character.
                "note" => posted.note = value.replace("\r\n", "\n"),
                _ => {}
            }
        }
        posted
    }
}

/// Closes a request, or opens a closed one again.
pub(super) async fn change(State(desk): State<Arc<Desk>>, Path(reference): Path<String>, body: Bytes) -> Response {
    let Ok(reference) = reference.parse::<Reference>() else { return answer::gone(&desk) };
    let mut posted = Posted::read(&body);
    if posted.action == "reopen" {
        return match staff::reopen(&desk.store, &desk.keys, &reference, (desk.clock)().timestamp()).await {
            Ok(_) => answer::see_other(&format!("{}?reopened={reference}", desk.root)),
            Err(ChangeError::Store(error)) => answer::away(&desk, &error),
            Err(error) => refused(&desk, &reference, &error, "waits"),
        };
    }
    let note = staff::note(&posted.note);
    if let Err(length) = note {
        let too_many = length.saturating_sub(Closing::MAX_NOTE);
        posted.note_problem = Some(format!(
            "Make the note shorter: it has {length} characters, {too_many} more than the {} that fit",
            Closing::MAX_NOTE
        ));
    }
    if posted.outcome.is_none() {
        posted.outcome_problem = Some("Choose what came of it".to_owned());
    }
    let (Some(outcome), Ok(note)) = (posted.outcome, note) else {
        return page(&desk, &reference, posted, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let now = (desk.clock)().timestamp();
    match staff::close(&desk.store, &desk.keys, &reference, outcome, note, now).await {
        Ok(_) => answer::see_other(&format!("{}?closed={reference}", desk.root)),
        Err(ChangeError::Store(error)) => again(&desk, &reference, posted, &error),
        Err(error) => refused(&desk, &reference, &error, "is closed"),
    }
}

async fn page(desk: &Arc<Desk>, reference: &Reference, posted: Posted, status: StatusCode) -> Response {
    // All of them, to see whether the same person asked before; this one by itself, since a list may not hold it.
    let (opened, row) = match (Opened::read(desk).await, desk.store.get(reference).await) {
        (Ok(opened), Ok(row)) => (opened, row),
        (Err(error), _) | (_, Err(error)) => return answer::away(desk, &error),
    };
    let Some(row) = row else { return answer::gone(desk) };
    let one = One { request: staff::read(&desk.keys, &row), row };
    let request = match &one.request {
        Ok(request) => request,
        Err(why) => return unreadable(desk, reference, *why, &one.row.keys),
    };
    let now = (desk.clock)();
    let closed = one.row.closed_day.is_some();
    let wrong = posted.outcome_problem.is_some() || posted.note_problem.is_some();
    let title = format!("{}Request {reference}", if wrong { "Mistake: " } else { "" });
    let page = RequestPage {
        frame: Frame::new(desk, title, Some(if closed { Tab::Closed } else { Tab::Waiting })),
        line: line(desk, &one, request, opened.before.get(&*request.reference), &now),
        phone: request.answers.phone.to_string(),
        dialled: PhoneNumber::parse(&request.answers.phone).map(|phone| phone.dialled().to_owned()),
        message: words::message(request.answers.message),
        careful: request.answers.message != Some(Message::Named),
        page: asked_on(request),
        answers: words::answers(request),
        outcome_note: request.closing.as_ref().map(|closing| closing.note.to_string()).unwrap_or_default(),
        form: (!closed).then(|| form(desk, reference, posted)),
    };
    answer::page(status, &page)
}

fn asked_on(request: &Request) -> &'static str {
    match Lang::from_tag(&request.page) {
        Some(Lang::En) => "the English page",
        Some(Lang::Es) => "the Spanish page",
        None => "a page",
    }
}

fn form(desk: &Desk, reference: &Reference, posted: Posted) -> CloseForm {
    let option = |choice: &Outcome| Offered {
        key: choice.key(),
        label: words::outcome(*choice),
        chosen: posted.outcome == Some(*choice),
    };
    CloseForm {
        action: desk.request(reference.as_str()),
        outcomes: Outcome::ALL.iter().map(option).collect(),
        note: posted.note,
        max: Closing::MAX_NOTE,
        outcome_problem: posted.outcome_problem,
        note_problem: posted.note_problem,
    }
}

/// The store can't be reached: what was written is still there, to be sent again.
fn again(desk: &Desk, reference: &Reference, posted: Posted, cause: &impl std::fmt::Display) -> Response {
    tracing::error!(error = %cause, "an outcome could not be stored");
    let page = AgainPage {
        frame: Frame::new(desk, "The outcome could not be saved", Some(Tab::Waiting)),
        reference: reference.to_string(),
        form: form(desk, reference, posted),
    };
    answer::page(StatusCode::SERVICE_UNAVAILABLE, &page)
}

fn unreadable(desk: &Desk, reference: &Reference, why: Unreadable, keys: &str) -> Response {
    let opens_with = if why == Unreadable::Sealed(OpenError::OtherKeys) && !keys.is_empty() {
        let keys: String = keys.chars().filter(|c| c.is_ascii_hexdigit() || *c == ',').take(80).collect();
        format!(" It opens with the key {}.", keys.replace(',', " or "))
    } else {
        String::new()
    };
    let text = format!("{}{opens_with}", words::unreadable(why));
    let title = format!("{reference} can’t be opened here");
    answer::refused(StatusCode::CONFLICT, desk, title, text, Some(desk.way_back()))
}

/// It was not changed, and trying again would not help.
fn refused(desk: &Desk, reference: &Reference, why: &ChangeError, state: &str) -> Response {
    let (title, text, way_on) = match why {
        ChangeError::Gone => return answer::gone(desk),
        ChangeError::Unreadable(why) => return unreadable(desk, reference, *why, ""),
        ChangeError::Store(error) => return answer::away(desk, error),
        ChangeError::Already => (
            format!("{reference} {state} already"),
            "Somebody else was faster. What you sent was not saved.".to_owned(),
            (desk.request(reference.as_str()), "See what came of it"),
        ),
        ChangeError::NotForUs | ChangeError::Sealing(_) => (
            format!("{reference} can’t be changed"),
            format!("Nothing was changed: {why}. Tell whoever looks after the site."),
            desk.way_back(),
        ),
    };
    answer::refused(StatusCode::CONFLICT, desk, title, text, Some(way_on))
}
