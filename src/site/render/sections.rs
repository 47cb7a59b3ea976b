//! Sections as their components.

use super::Renderer;
use crate::content::Ui;
use crate::content::leaf::{Line, Markdown};
use crate::content::model::{CheckResult, Intro, Notice, NoticeAbout, OfficialText, Section, UrgencyLevel};
use crate::content::rules::FRAME_ANCHORS;
use crate::content::text::{self, Headings, Html, Target};
use crate::lang::Lang;
use crate::site::BuildError;
use crate::site::asset::Assets;
use crate::site::component::{self, Heading, ItemView, LanguageView, ObjectiveView};
use crate::site::gap::Gap;
use crate::site::page::Part;
use std::collections::{BTreeMap, BTreeSet};

/// Where the sections of a page are: on the page itself, or in a chapter of a document that holds other pages too.
pub(super) struct Sections<'a> {
    pub(super) renderer: &'a Renderer<'a>,
    /// The page, by the name of its file.
    pub(super) key: &'a str,
    /// In a chapter, all chapters by the paths of their pages: links lead there.
    pub(super) chapters: Option<&'a Chapters>,
    /// The anchors of the page that are not on it, as nothing of their sections is left: links there lead nowhere.
    pub(super) gone: BTreeSet<String>,
}

/// The chapters of a document, by the paths of their pages.
pub(super) type Chapters = BTreeMap<String, ChapterName>;

/// A chapter that links can lead to.
pub(super) struct ChapterName {
    /// The page, by the name of its file.
    pub(super) key: String,
    /// The anchors of its page that the chapter has too.
    pub(super) anchors: BTreeSet<String>,
}

/// The anchor of a chapter. Names of files and anchors of content hold no full stop, so that this is no other page's and none of the frame's.
pub(super) fn chapter_anchor(key: &str) -> String {
    format!("page.{key}")
}

/// The anchors of places begin so: a place may be called `main`, as the frame calls the words of a page.
const PLACE_ANCHORS: &str = "place.";

/// A component, or nothing where there is none to show.
fn rendered(component: Option<impl askama::Template>) -> askama::Result<Html> {
    component.map_or_else(|| Ok(Html::default()), |component| Html::render(&component))
}

/// A component made of a list, or nothing where nothing of the list is left: each item may name a fact that is not known.
fn listed<T, C: askama::Template>(items: Vec<T>, component: impl FnOnce(Vec<T>) -> C) -> askama::Result<Html> {
    rendered((!items.is_empty()).then(|| component(items)))
}

/// The same of one text.
fn said<C: askama::Template>(body: Html, component: impl FnOnce(Html) -> C) -> askama::Result<Html> {
    rendered((!body.is_empty()).then(|| component(body)))
}

impl Renderer<'_> {
    /// The anchors of a section: its own, and those of what it lists.
    pub(super) fn anchors(&self, section: &Section) -> Vec<String> {
        let own = section.anchor().map(|(anchor, _)| anchor);
        let inside: Vec<String> = match section {
            Section::Objectives(_) => {
                self.language.objectives.objectives.iter().map(|objective| objective.id.to_string()).collect()
            }
            Section::LanguageHelp(_) => self.languages.iter().map(|language| language.id.clone()).collect(),
            _ => section.inner_anchors(),
        };
        own.into_iter().chain(inside).collect()
    }

    /// The anchors of the sections of which nothing was left.
    pub(super) fn gone(&self, sections: &[&Section], rendered: &[Part<'_>]) -> BTreeSet<String> {
        let is_gone = |part: &Part<'_>| matches!(part, Part::Html(html) if html.is_empty());
        let gone = sections.iter().zip(rendered).filter(|(_, part)| is_gone(part));
        gone.flat_map(|(section, _)| self.anchors(section)).collect()
    }
}

impl Sections<'_> {
    /// Sections, rendered; `gap` takes the place of a form.
    pub(super) fn parts<'g>(
        &self,
        sections: &[&Section],
        mut gap: Option<Gap<'g>>,
    ) -> Result<Vec<Part<'g>>, BuildError> {
        let part = |section: &&Section| match gap.take_if(|_| matches!(section, Section::RequestForm(_))) {
            Some(gap) => Ok(Part::Gap(gap)),
            None => self.section(section).map(Part::Html),
        };
        sections.iter().map(part).collect()
    }

    /// A section, rendered.
    pub(super) fn section(&self, section: &Section) -> Result<Html, BuildError> {
        let Self { renderer, key, .. } = self;
        let ui = &renderer.language.ui;
        let heading = self.heading(section);
        Ok(match section {
            Section::Prose(prose) => {
                let body = self.text(section, heading.level, prose.text.as_str());
                said(body, |body| component::Prose { heading, body })
            }
            Section::Steps(steps) => {
                let items = self.items(steps.items.iter().map(|item| (&item.title, &item.text)));
                listed(items, |items| component::Steps { heading, intro: self.optional(steps.intro.as_ref()), items })
            }
            Section::Cards(cards) => listed(self.cards(cards), |items| component::Cards {
                heading,
                intro: self.optional(cards.intro.as_ref()),
                items,
            }),
            Section::Objectives(list) => listed(self.objectives(), |items| component::Objectives {
                ui,
                heading,
                intro: self.optional(list.intro.as_ref()),
                items,
            }),
            Section::Questions(questions) => {
                let items = self.items(questions.items.iter().map(|item| (&item.question, &item.answer)));
                listed(items, |items| component::Questions { heading, items })
            }
            Section::UrgentCare(card) => {
                let (level, words) = match card.level {
                    UrgencyLevel::Emergency => ("emergency", &ui.urgency.emergency),
                    UrgencyLevel::Urgent => ("urgent", &ui.urgency.urgent),
                    UrgencyLevel::Soon => ("soon", &ui.urgency.soon),
                };
                let body = self.copy(&card.text);
                // What to do at once is said by its heading, too.
                Html::render(&component::UrgentCare { heading, level, level_words: words.as_str(), body })
            }
            Section::KeyFacts(facts) => {
                let items = self.items(facts.items.iter().map(|fact| (&fact.term, &fact.text)));
                listed(items, |items| component::KeyFacts { heading, items })
            }
            Section::Notice(notice) => rendered(self.notice(notice, notice.heading.is_some().then_some(heading))),
            Section::Contact(contact) => Html::render(&component::Contact {
                ui,
                clinic: &renderer.view,
                heading,
                body: self.copy(&contact.text),
                what_happens: self.optional(contact.what_happens.as_ref()),
                no_phone: self.copy(&ui.contact.no_phone),
                appointments: self.href(&renderer.view.appointments).unwrap_or_default(),
                on_appointments: *key == "appointments",
                help_lines: &renderer.help_lines,
            }),
            Section::RequestForm(form) => self.request_form(heading, form),
            Section::HelpLines(_) if renderer.help_lines.is_empty() => Ok(Html::default()),
            Section::HelpLines(list) => Html::render(&component::HelpLines {
                ui,
                heading,
                intro: self.optional(list.intro.as_ref()),
                lines: &renderer.help_lines,
            }),
            Section::OfficialText(official) => Html::render(&self.official_text(section, heading, official)),
            Section::LanguageHelp(_) if renderer.languages.is_empty() => Ok(Html::default()),
            Section::LanguageHelp(list) => Html::render(&component::LanguageHelp {
                heading,
                intro: self.optional(list.intro.as_ref()),
                languages: self.languages(),
                waiting: self.copy(&ui.components.text_not_supplied),
            }),
            Section::PocketCard(card) => Html::render(&component::PocketCard {
                ui,
                clinic: &renderer.view,
                heading,
                body: self.copy(&card.text),
                checklist: card.checklist == Some(true),
                lines: &renderer.help_lines,
                numbers: card.numbers == Some(true),
            }),
            Section::Locations(list) => listed(self.places(), |places| component::Locations {
                ui,
                heading,
                intro: self.optional(list.intro.as_ref()),
                places,
            }),
            Section::Picture(section) => rendered(self.picture(heading, section)),
            Section::Table(table) => rendered(self.table(heading, table)),
            Section::People(people) => rendered(self.people(heading, people)),
            Section::Events(events) => rendered(self.events(heading, events)),
            Section::Files(files) => listed(self.files(files), |items| component::Files {
                ui,
                heading,
                intro: self.optional(files.intro.as_ref()),
                items,
            }),
            Section::TestResults(list) => rendered(self.test_results(heading, list)),
        }?)
    }

    /// The heading of a section with its anchor, both empty on a notice without one.
    pub(super) fn heading(&self, section: &Section) -> Heading {
        let anchor = section.anchor().map(|(anchor, _)| self.anchor(&anchor)).unwrap_or_default();
        let text = section.heading().map(ToString::to_string).unwrap_or_default();
        Heading { id: anchor, text, level: if self.chapters.is_some() { 3 } else { 2 } }
    }

    /// An anchor of the page as it is here: in a chapter, with the chapter's name before it.
    pub(super) fn anchor(&self, anchor: &str) -> String {
        format!("{}{anchor}", self.before_anchors())
    }

    fn before_anchors(&self) -> String {
        if self.chapters.is_some() { format!("{}.", chapter_anchor(self.key)) } else { String::new() }
    }

    /// A text of a section, with its headings below that of the section. `level` is the section's.
    fn text(&self, section: &Section, level: u8, copy: &str) -> Html {
        let (own, before) = (section.anchor().map(|(anchor, _)| anchor).unwrap_or_default(), self.before_anchors());
        let headings = Headings { level, section: &own, before: &before };
        text::render_under(copy, &|name| self.renderer.fact(name), &|target| self.target(target), Some(&headings))
    }

    /// Copy of the page, with its links to other chapters.
    pub(super) fn copy(&self, copy: &Markdown) -> Html {
        let html = text::render_with(copy.as_str(), &|name| self.renderer.fact(name), &|target| self.target(target));
        html.directed(self.renderer.language.direction)
    }

    pub(super) fn optional(&self, copy: Option<&Markdown>) -> Option<Html> {
        copy.map(|copy| self.copy(copy)).filter(|html| !html.is_empty())
    }

    /// Where a link leads from here: to a chapter, if it leads to one, and nowhere, if its page is held back.
    fn target(&self, target: &str) -> Target {
        match self.chapter(target) {
            Some(chapter) => Target::To(chapter),
            None if target.strip_prefix('#').is_some_and(|anchor| self.gone.contains(anchor)) => Target::Nowhere,
            None => self.renderer.target(target),
        }
    }

    /// The address of a link, if it leads anywhere.
    pub(super) fn href(&self, link: &str) -> Option<String> {
        match self.target(link) {
            Target::AsWritten => Some(link.to_owned()),
            Target::To(other) => Some(other),
            Target::Nowhere => None,
        }
    }

    /// Where a link leads in a chapter, if it leads to one.
    fn chapter(&self, target: &str) -> Option<String> {
        let chapters = self.chapters?;
        let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
        let chapter = match path {
            "" => chapters.values().find(|chapter| chapter.key == self.key)?,
            path => chapters.get(path)?,
        };
        let own = chapter_anchor(&chapter.key);
        Some(match anchor {
            Some(anchor) if chapter.anchors.contains(anchor) => format!("#{own}.{anchor}"),
            // The document has the same frame as the page.
            Some(anchor) if FRAME_ANCHORS.contains(&anchor) => format!("#{anchor}"),
            _ => format!("#{own}"),
        })
    }

    /// The notices of free language help, with their anchors as they are here.
    fn languages(&self) -> Vec<LanguageView> {
        let here = |view: &LanguageView| LanguageView { id: self.anchor(&view.id), ..view.clone() };
        self.renderer.languages.iter().map(here).collect()
    }

    /// The places of which something is known, with the way to each.
    fn places(&self) -> Vec<component::Located<'_>> {
        let Renderer { content, view, language, .. } = self.renderer;
        let known = view.places.iter().filter(|place| place.is_known());
        known
            .map(|place| {
                let id = self
                    .renderer
                    .today
                    .clinic
                    .places()
                    .into_iter()
                    .filter_map(|one| one.id)
                    .find(|id| id.as_str() == place.id);
                let words = id.and_then(|id| content.words_for(language, id, Ui::locations));
                let copy = |copy: &Option<Markdown>| copy.as_ref().map(|copy| self.copy(copy)).unwrap_or_default();
                component::Located {
                    ui: &language.ui,
                    place,
                    anchor: self.anchor(&format!("{PLACE_ANCHORS}{}", place.id)),
                    directions: words.map(|(words, _)| copy(&words.directions)).unwrap_or_default(),
                    parking: words.map(|(words, _)| copy(&words.parking)).unwrap_or_default(),
                    picture: words.and_then(|(words, _)| self.renderer.picture(words.picture.as_ref()?)),
                    lang: words.and_then(|(_, lang)| Some(lang?.tag().to_owned())),
                }
            })
            .collect()
    }

    /// What was tested, if there is a file of it.
    fn test_results<'b>(&'b self, heading: Heading, list: &Intro) -> Option<component::TestResults<'b>> {
        let Renderer { content, language, .. } = self.renderer;
        let results = content.tests.as_ref()?;
        let (ui, changed) = (&language.ui, content.changed_since_tests());
        let words = |check: &'b CheckResult| {
            let (words, lang) = content.words_for(language, &check.id, |ui| &ui.checks)?;
            let html = |text: &Line| Html::in_language(text.as_str(), lang.as_ref().map(Lang::tag));
            Some((check, html(&words.name), html(&words.note)))
        };
        let checks = results.checks.iter().filter_map(words).collect();
        let (intro, day) = (self.optional(list.intro.as_ref()), language.lang.date(results.tested_on.date()));
        Some(component::TestResults { ui, heading, intro, day, results, changed, checks })
    }

    fn objectives(&self) -> Vec<ObjectiveView<'_>> {
        let all = self.renderer.language.objectives.objectives.iter();
        all.map(|objective| ObjectiveView {
            id: self.anchor(objective.id.as_str()),
            objective,
            explanation: self.copy(&objective.explanation),
            example: self.copy(&objective.example),
            icon: objective.icon.as_ref().map(|icon| Assets::get().icon(icon.as_str())),
        })
        .collect()
    }

    /// The clinic's own text, or a placeholder until there is one.
    fn official_text<'b>(
        &'b self,
        section: &Section,
        heading: Heading,
        official: &'b OfficialText,
    ) -> component::OfficialText<'b> {
        let ui = &self.renderer.language.ui;
        let supplied = !official.text.as_str().trim().is_empty();
        let body = if supplied {
            let (own, before) = (section.anchor().map(|(anchor, _)| anchor).unwrap_or_default(), self.before_anchors());
            let headings = Headings { level: heading.level, section: &own, before: &before };
            let html = text::render_official(official.text.as_str(), &|target| self.target(target), Some(&headings));
            html.directed(self.renderer.language.direction)
        } else {
            self.copy(&ui.components.text_not_supplied)
        };
        let law = official.law.as_str();
        component::OfficialText { ui, heading, about: self.copy(&official.about), law, body, supplied }
    }

    /// Titles with texts; an item whose whole text names unknown facts is left out.
    fn items<'b>(&self, items: impl Iterator<Item = (&'b Line, &'b Markdown)>) -> Vec<ItemView> {
        items
            .map(|(title, text)| ItemView { title: title.to_string(), body: self.copy(text) })
            .filter(|item| !item.body.is_empty())
            .collect()
    }

    /// A notice that is shown today, unless all its words are about facts that are not known; without `heading` its own becomes a line of strong text.
    pub(super) fn notice<'b>(&'b self, notice: &Notice, heading: Option<Heading>) -> Option<component::Notice<'b>> {
        let text =
            Some(self.copy(&notice.text)).filter(|text| self.renderer.today.shows(notice) && !text.is_empty())?;
        let words = &self.renderer.language.ui.notice;
        let (about, words) = match notice.about {
            NoticeAbout::Payment => ("payment", &words.payment),
            NoticeAbout::Information => ("information", &words.information),
            NoticeAbout::Closure => ("closure", &words.closure),
            NoticeAbout::Phone => ("phone", &words.phone),
            NoticeAbout::Weather => ("weather", &words.weather),
            NoticeAbout::Move => ("move", &words.r#move),
        };
        // Above the main heading there is no level for another one: there it is strong text.
        let strong = match (&heading, &notice.heading) {
            (None, Some(heading)) => Html::strong_line(heading.as_str()),
            _ => Html::default(),
        };
        Some(component::Notice {
            about,
            about_words: words.as_str(),
            heading,
            in_english: None,
            is_rtl: self.renderer.language.direction.is_rtl(),
            body: Html::concat(&[strong, text]),
        })
    }
}
