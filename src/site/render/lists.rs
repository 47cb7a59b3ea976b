//! Tables, people and events as their components, and events as files for a calendar.

use super::sections::Sections;
use super::{Renderer, hours};
use crate::content::leaf::{Line, Link, Markdown, Time};
use crate::content::model::{self, Card, Event, Member, Page, Section};
use crate::site::asset::Assets;
use crate::site::component::lists::{EventView, Events, People, PersonView, RowView, Table};
use crate::site::component::{CardView, Heading};
use crate::site::{ical, route};

impl Sections<'_> {
    /// The cards of which something is left: their words, or where they lead.
    pub(super) fn cards(&self, cards: &model::Cards) -> Vec<CardView> {
        let all = cards.items.iter().map(|card| self.card(card));
        all.filter(|card| card.href.is_some() || !card.body.is_empty()).collect()
    }

    /// A card, which says where it leads if that is another website.
    fn card(&self, card: &Card) -> CardView {
        let leads_away = card.link.as_ref().is_some_and(Link::leads_away);
        let other = &self.renderer.language.ui.components.other_site;
        CardView {
            title: card.title.to_string(),
            body: self.copy(&card.text),
            href: card.link.as_ref().and_then(|link| self.href(link.as_str())),
            away: leads_away.then(|| other.to_string()),
            icon: card.icon.as_ref().map(|icon| Assets::get().icon(icon.as_str())),
        }
    }

    /// A table without the rows that name a fact that is not known; none if no row is left.
    pub(super) fn table(&self, heading: Heading, table: &model::Table) -> Option<Table> {
        let columns: Vec<String> = table.columns.iter().map(Line::to_string).collect();
        let rows = table.rows.iter().filter(|row| row.cells.iter().all(|cell| self.is_known(cell))).filter_map(|row| {
            let mut cells = row.cells.iter().map(|cell| self.copy(cell));
            let head = cells.next()?;
            Some(RowView { head, cells: columns.iter().skip(1).cloned().zip(cells).collect() })
        });
        let rows: Vec<RowView> = rows.collect();
        (!rows.is_empty()).then(|| Table {
            heading,
            intro: self.optional(table.intro.as_ref()),
            caption: table.caption.as_ref().map(Line::to_string),
            columns,
            rows,
            note: self.optional(table.note.as_ref()),
        })
    }

    /// Whether every fact that a copy names is known.
    fn is_known(&self, copy: &Markdown) -> bool {
        copy.mentions().facts.iter().all(|name| self.renderer.fact(name).is_some())
    }

    /// The people who are still here; none if nobody is.
    pub(super) fn people(&self, heading: Heading, people: &model::People) -> Option<People<'_>> {
        let items: Vec<PersonView> =
            people.items.iter().filter(|one| self.renderer.today.has(one)).map(|one| self.person(one)).collect();
        let ui = &self.renderer.language.ui;
        (!items.is_empty()).then(|| People { ui, heading, intro: self.optional(people.intro.as_ref()), items })
    }

    fn person(&self, one: &Member) -> PersonView {
        let languages: Vec<&str> = one.languages.iter().flatten().map(Line::as_str).collect();
        PersonView {
            name: one.name.to_string(),
            role: one.role.to_string(),
            picture: one.picture.as_ref().and_then(|picture| self.renderer.picture(picture)),
            languages: languages.join(", "),
            body: self.optional(one.text.as_ref()),
        }
    }

    /// What is coming, the next first; none if nothing is and nothing is said of that.
    pub(super) fn events(&self, heading: Heading, events: &model::Events) -> Option<Events<'_>> {
        let items: Vec<EventView> = self.renderer.coming(events).into_iter().map(|event| self.event(event)).collect();
        let none = self.optional(events.none.as_ref()).filter(|_| items.is_empty());
        let ui = &self.renderer.language.ui;
        let intro = self.optional(events.intro.as_ref()).filter(|_| !items.is_empty());
        (none.is_some() || !items.is_empty()).then_some(Events { ui, heading, intro, none, items })
    }

    fn event(&self, event: &Event) -> EventView {
        let Renderer { language, .. } = self.renderer;
        let time = |time: &Option<Time>| time.as_ref().map(Time::time);
        let day = event.day.date();
        // A chapter is on paper, or on a page that isn't the event's.
        let page = language.pages.get(self.key).filter(|_| self.chapters.is_none());
        EventView {
            id: self.anchor(&event.anchor()),
            title: event.title.to_string(),
            when: hours::on_a_day(day, time(&event.begins), time(&event.ends), language.lang, &language.ui),
            begins: event.begins.as_ref().map_or_else(|| day.to_string(), |begins| format!("{day}T{begins}")),
            place: event.place.as_ref().map(Line::to_string),
            body: self.optional(event.text.as_ref()),
            file: page.map(|page| route::event(&page.path(language.lang, self.key), &event.anchor())),
        }
    }
}

impl Renderer<'_> {
    /// The events that are not over, the next first.
    fn coming<'e>(&self, events: &'e model::Events) -> Vec<&'e Event> {
        let mut coming: Vec<&Event> = events.all().filter(|event| self.today.awaits(event)).collect();
        coming.sort_by_key(|event| event.begins(&self.content.zone));
        coming
    }

    /// The events of a page that are not over.
    pub(super) fn events<'e>(&self, page: &'e Page) -> Vec<&'e Event> {
        let of = |section: &'e Section| match section {
            Section::Events(events) => self.coming(events),
            _ => Vec::new(),
        };
        page.sections.iter().flat_map(of).collect()
    }

    /// Each of them as a file for a calendar, by its path.
    pub(in crate::site) fn calendar_files(&self, key: &str, page: &Page) -> Vec<(String, String)> {
        let path = page.path(self.language.lang, key);
        let file = |event: &Event| {
            let at = route::event(&path, &event.anchor());
            let url = format!("{}#{}", route::absolute(self.base, &path), event.anchor());
            let host = self.base.host_str().unwrap_or_default();
            (
                at.clone(),
                ical::event(event, &self.content.zone, page.last_reviewed.date(), &format!("{at}@{host}"), &url),
            )
        };
        self.events(page).into_iter().map(file).collect()
    }
}
