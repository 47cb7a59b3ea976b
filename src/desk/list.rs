//! The lists: what waits, and what is closed.

use super::page::{ClosedPage, Done, Frame, Line, Offered, Pages, Sealed, Tab, WaitingPage};
use super::people::{Before, asked_before};
use super::{Desk, answer, words};
use crate::lang::Lang;
use crate::requests::staff::{Unreadable, read};
use crate::requests::store::{Row, Start, StoreError, Wanted};
use crate::requests::{Choice, Reference, ReplyLanguage, Request, TimeOfDay, visible};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{Timestamp, Zoned};
use std::collections::HashMap;
use std::sync::Arc;
use url::form_urlencoded;

/// At most so many requests on a page: opening one takes a computer about a tenth of a millisecond.
const LIMIT: u16 = 500;

/// What is shown of the store, opened as far as the keys go.
pub(super) struct Opened {
    pub(super) waiting: Vec<One>,
    pub(super) closed: Vec<One>,
    /// How many wait, and how many are closed, in all.
    count_waiting: usize,
    count_closed: usize,
    pub(super) before: HashMap<String, Before>,
}

/// A row with what could be read of it.
pub(super) struct One {
    pub(super) row: Row,
    pub(super) request: Result<Request, Unreadable>,
}

impl One {
    /// When it came in: by the request, or by the hour that is stored beside it.
    fn received(&self) -> Timestamp {
        let received = self.request.as_ref().ok().and_then(|request| request.received.parse().ok());
        received.or_else(|| Timestamp::from_second(self.row.received_hour).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Opened {
    /// Reads the store and opens what is in it, aside from the threads that answer.
    pub(super) async fn read(desk: &Arc<Desk>) -> Result<Self, StoreError> {
        Self::read_page(desk, 1).await
    }

    /// The same with a later page of what waits and of what is closed.
    async fn read_page(desk: &Arc<Desk>, page: u32) -> Result<Self, StoreError> {
        let start = Start::Skip(page.saturating_sub(1).saturating_mul(u32::from(LIMIT)));
        let (mut lists, mut counts) = ([Vec::new(), Vec::new()], [0; 2]);
        for ((wanted, list), count) in [Wanted::Waiting, Wanted::Closed].into_iter().zip(&mut lists).zip(&mut counts) {
            *list = desk.store.list_from(wanted, start, LIMIT).await?;
            *count = usize::try_from(desk.store.count(wanted).await?).unwrap_or_default();
        }
        let ([waiting, closed], [count_waiting, count_closed]) = (lists, counts);
        let desk = Arc::clone(desk);
        let open = move || {
            let open = |rows: Vec<Row>| {
                rows.into_iter().map(|row| One { request: read(&desk.keys, &row), row }).collect::<Vec<_>>()
            };
            let (mut waiting, closed) = (open(waiting), open(closed));
            waiting.sort_by_key(One::received);
            let mut all: Vec<&One> = waiting.iter().chain(&closed).collect();
            all.sort_by_key(|one| one.received());
            let before = asked_before(all.iter().filter_map(|one| one.request.as_ref().ok()));
            Self { waiting, closed, count_waiting, count_closed, before }
        };
        // It fails only if opening panics: then there is nothing to show.
        Ok(tokio::task::spawn_blocking(open).await.unwrap_or_else(|_| Self {
            waiting: Vec::new(),
            closed: Vec::new(),
            count_waiting,
            count_closed,
            before: HashMap::new(),
        }))
    }
}

/// What is chosen of a list. It is in the address, so it is about all requests, never about one person.
#[derive(Default)]
struct Filter {
    time: Option<TimeOfDay>,
    language: Option<ReplyLanguage>,
    /// The request that was just closed, or opened again.
    closed: Option<Reference>,
    reopened: Option<Reference>,
    /// Which page, from 1 on; 0: the first.
    page: u32,
}

impl Filter {
    fn parse(query: Option<&str>) -> Self {
        let mut filter = Self::default();
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                "time" => filter.time = TimeOfDay::from_key(&value),
                "language" => filter.language = ReplyLanguage::from_key(&value),
                "closed" => filter.closed = value.parse().ok(),
                "reopened" => filter.reopened = value.parse().ok(),
                "page" => filter.page = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        filter
    }

    fn wants(&self, request: &Request) -> bool {
        // Who named no time can be called at any.
        let time =
            self.time.is_none_or(|time| request.answers.times.is_empty() || request.answers.times.contains(&time));
        time && self.language.is_none_or(|language| spoken(request) == Some(language))
    }
}

/// The language to speak: the one that was chosen, or else that of the page.
fn spoken(request: &Request) -> Option<ReplyLanguage> {
    request.answers.language.or_else(|| match Lang::from_tag(&request.page)? {
        Lang::En => Some(ReplyLanguage::English),
        Lang::Es => Some(ReplyLanguage::Spanish),
    })
}

pub(super) async fn waiting(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    let (now, filter) = ((desk.clock)(), Filter::parse(query.as_deref()));
    let opened = match Opened::read_page(&desk, filter.page).await {
        Ok(opened) => opened,
        Err(error) => return answer::away(&desk, &error),
    };
    let readable = || opened.waiting.iter().filter_map(|one| Some((one, one.request.as_ref().ok()?)));
    let lines: Vec<_> = readable()
        .filter(|(_, request)| filter.wants(request))
        .map(|(one, request)| line(&desk, one, request, opened.before.get(&*request.reference), &now))
        .collect();
    let count = readable().count();
    let pages = Pages::new(&desk, "", filter.page, opened.count_waiting, opened.waiting.len());
    // Of those on other pages nobody knows yet whether they can be read here.
    let title = match if pages.is_some() { opened.count_waiting } else { count } {
        0 => "No request waits".to_owned(),
        1 => "1 request waits".to_owned(),
        count => format!("{count} requests wait"),
    };
    let page = WaitingPage {
        frame: Frame::new(&desk, title, Some(Tab::Waiting)),
        now: words::clock(&now),
        done: done(&desk, &filter),
        count,
        pages,
        times: options(filter.time, words::time),
        languages: options(filter.language, words::reply_language),
        filtered: filter.time.is_some() || filter.language.is_some(),
        lines,
        sealed: sealed(&opened.waiting, &now),
    };
    answer::page(StatusCode::OK, &page)
}

pub(super) async fn closed(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    let page = Filter::parse(query.as_deref()).page;
    let opened = match Opened::read_page(&desk, page).await {
        Ok(opened) => opened,
        Err(error) => return answer::away(&desk, &error),
    };
    let now = (desk.clock)();
    let readable = opened.closed.iter().filter_map(|one| Some((one, one.request.as_ref().ok()?)));
    let page = ClosedPage {
        frame: Frame::new(&desk, "Closed requests", Some(Tab::Closed)),
        pages: Pages::new(&desk, "closed/", page, opened.count_closed, opened.closed.len()),
        lines: readable.map(|(one, request)| line(&desk, one, request, None, &now)).collect(),
        sealed: sealed(&opened.closed, &now),
    };
    answer::page(StatusCode::OK, &page)
}

fn done(desk: &Desk, filter: &Filter) -> Option<Done> {
    let (reference, what) = match (&filter.closed, &filter.reopened) {
        (Some(reference), _) => (reference, "is closed"),
        (None, Some(reference)) => (reference, "waits again"),
        (None, None) => return None,
    };
    Some(Done {
        reference: reference.to_string(),
        href: desk.request(reference.as_str()),
        what,
        undo: filter.closed.is_some(),
    })
}

impl Pages {
    /// `None`: all are on one page, which is this one.
    fn new(desk: &Desk, list: &str, page: u32, count: usize, shown: usize) -> Option<Self> {
        let (page, limit) = (usize::try_from(page).unwrap_or_default().max(1), usize::from(LIMIT));
        let before = (page - 1).saturating_mul(limit);
        let href = |page: usize| format!("{}{list}?page={page}", desk.root);
        (count > limit || page > 1).then(|| Self {
            from: before + 1,
            to: before + shown,
            count,
            previous: (page > 1).then(|| href(page - 1)),
            next: (before + limit < count).then(|| href(page + 1)),
        })
    }
}

fn options<T: Choice>(chosen: Option<T>, label: fn(T) -> &'static str) -> Vec<Offered> {
    let option = |choice: &T| Offered { key: choice.key(), label: label(*choice), chosen: chosen == Some(*choice) };
    T::ALL.iter().map(option).collect()
}

/// A request as the lists and its own page show it.
pub(super) fn line(desk: &Desk, one: &One, request: &Request, before: Option<&Before>, now: &Zoned) -> Line {
    let closing = request.closing.as_ref();
    Line {
        href: desk.request(&request.reference),
        reference: request.reference.to_string(),
        name: request.answers.name.to_string(),
        age: words::age(one.received(), now.timestamp()),
        received: words::when(&request.received, now),
        message: words::message_in_short(request.answers.message),
        times: words::times(&request.answers.times),
        language: words::language(request),
        whom: words::whom(request.answers.whom),
        before: before.cloned(),
        outcome: closing.map(|closing| words::outcome(closing.outcome)).unwrap_or_default(),
        closed: closing.map(|closing| words::when(&closing.at, now)).unwrap_or_default(),
    }
}

fn sealed(all: &[One], now: &Zoned) -> Vec<Sealed> {
    // What is beside a ciphertext can be anything, if somebody wrote into the database.
    let short = |text: &str| visible(text).chars().take(80).collect::<String>();
    let of = |one: &One| {
        let why = one.request.as_ref().err()?;
        Some(Sealed {
            reference: short(&one.row.reference),
            age: words::age_of_hour(one.row.received_hour, now.timestamp()),
            why: words::unreadable(*why).to_owned(),
            key: short(&one.row.keys).replace(',', ", "),
        })
    };
    all.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::lang::Lang;
    use crate::requests::form::Form;
    use crate::requests::{Reference, Request};

    fn asked(body: &str, page: Lang) -> Request {
        let new = Form::read(format!("name=A&phone=9165550100&{body}").as_bytes()).unwrap().request(page).unwrap();
        Request::new(&new, &Reference::from_random([0; 5]), String::new(), Vec::new())
    }

    #[test]
    fn filters_take_what_was_not_answered_as_people_would() {
        let wants = |query: &str, body: &str, page| Filter::parse(Some(query)).wants(&asked(body, page));
        assert!(wants("", "times=night", Lang::En) && wants("time=", "times=night", Lang::En));
        assert!(wants("time=morning", "", Lang::En), "no time was named: any will do");
        assert!(wants("time=morning", "times=morning&times=night", Lang::En));
        assert!(!wants("time=morning", "times=night", Lang::En));
        assert!(wants("language=spanish", "", Lang::Es) && !wants("language=spanish", "", Lang::En));
        assert!(wants("language=spanish", "language=spanish", Lang::En));
        assert!(!wants("language=spanish", "language=other&other_language=Hmong", Lang::Es));
        assert!(!wants("time=morning&language=other", "times=morning", Lang::En));
        assert!(wants("time=nonsense&x=y", "times=night", Lang::En));
    }
}
