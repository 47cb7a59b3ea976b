//! Sections as their components.

use super::Renderer;
use crate::content::leaf::{Line, Markdown};
use crate::content::model::{Notice, NoticeAbout, Objective, OfficialText, Section, UrgencyLevel};
use crate::content::text::{self, Html};
use crate::site::BuildError;
use crate::site::asset::Assets;
use crate::site::component::{self, CardView, Heading, ItemView, ObjectiveView};

impl Renderer<'_> {
    /// A section, rendered. `key` is the page it stands on.
    pub(super) fn section(&self, section: &Section, key: &str) -> Result<Html, BuildError> {
        let ui = &self.language.ui;
        let anchor = section.anchor().map(|(anchor, _)| anchor).unwrap_or_default();
        let heading = |text: &Line| Heading { id: anchor.clone(), text: text.to_string() };
        Ok(match section {
            Section::Prose(prose) => {
                Html::render(&component::Prose { heading: heading(&prose.heading), body: self.copy(&prose.text) })
            }
            Section::Steps(steps) => Html::render(&component::Steps {
                heading: heading(&steps.heading),
                intro: self.optional(steps.intro.as_ref()),
                items: self.items(steps.items.iter().map(|item| (&item.title, &item.text))),
            }),
            Section::Cards(cards) => Html::render(&component::Cards {
                heading: heading(&cards.heading),
                intro: self.optional(cards.intro.as_ref()),
                items: cards
                    .items
                    .iter()
                    .map(|card| CardView {
                        title: card.title.to_string(),
                        body: self.copy(&card.text),
                        href: card.link.as_ref().map(ToString::to_string),
                        icon: card.icon.as_ref().map(|icon| Assets::get().icon(icon.as_str())),
                    })
                    .collect(),
            }),
            Section::Objectives(list) => Html::render(&self.objectives(heading(&list.heading), list.intro.as_ref())),
            Section::Questions(questions) => Html::render(&component::Questions {
                heading: heading(&questions.heading),
                items: self.items(questions.items.iter().map(|item| (&item.question, &item.answer))),
            }),
            Section::UrgentCare(card) => {
                let (level, words) = match card.level {
                    UrgencyLevel::Emergency => ("emergency", &ui.urgency.emergency),
                    UrgencyLevel::Urgent => ("urgent", &ui.urgency.urgent),
                    UrgencyLevel::Soon => ("soon", &ui.urgency.soon),
                };
                let body = self.copy(&card.text);
                Html::render(&component::UrgentCare {
                    heading: heading(&card.heading),
                    level,
                    level_words: words.as_str(),
                    body,
                })
            }
            Section::KeyFacts(facts) => Html::render(&component::KeyFacts {
                heading: heading(&facts.heading),
                items: self.items(facts.items.iter().map(|fact| (&fact.term, &fact.text))),
            }),
            Section::Notice(notice) if !notice.is_shown(self.settings.now.timestamp()) => Ok(Html::default()),
            Section::Notice(notice) => Html::render(&self.notice(notice, notice.heading.as_ref().map(heading))),
            Section::Contact(contact) => Html::render(&component::Contact {
                ui,
                clinic: &self.view,
                heading: heading(&contact.heading),
                body: self.copy(&contact.text),
                what_happens: self.optional(contact.what_happens.as_ref()),
                no_phone: self.copy(&ui.contact.no_phone),
                on_appointments: key == "appointments",
            }),
            Section::HelpLines(list) => Html::render(&component::HelpLines {
                ui,
                heading: heading(&list.heading),
                intro: self.optional(list.intro.as_ref()),
                lines: &self.help_lines,
            }),
            Section::OfficialText(official) => Html::render(&self.official_text(heading(&official.heading), official)),
        }?)
    }

    fn objectives(&self, heading: Heading, intro: Option<&Markdown>) -> component::Objectives<'_> {
        let view = |objective: &Objective| ObjectiveView {
            id: objective.id.to_string(),
            name: objective.name.to_string(),
            line: objective.line.to_string(),
            explanation: self.copy(&objective.explanation),
            example: self.copy(&objective.example),
            icon: Assets::get().icon(objective.icon.as_str()),
        };
        let items = self.language.objectives.objectives.iter().map(view).collect();
        component::Objectives { ui: &self.language.ui, heading, intro: self.optional(intro), items }
    }

    /// The clinic's own text, or what stands in its place until there is one.
    fn official_text(&self, heading: Heading, official: &OfficialText) -> component::OfficialText<'_> {
        let ui = &self.language.ui;
        let supplied = !official.text.as_str().trim().is_empty();
        let body = if supplied {
            text::render(official.text.as_str(), &|_| None)
        } else {
            self.copy(&ui.components.text_not_supplied)
        };
        let law = official.law.to_string();
        component::OfficialText { ui, heading, about: self.copy(&official.about), law, body, supplied }
    }

    /// Titles with texts; an item whose whole text names unknown facts is left out.
    fn items<'b>(&self, items: impl Iterator<Item = (&'b Line, &'b Markdown)>) -> Vec<ItemView> {
        items
            .map(|(title, text)| ItemView { title: title.to_string(), body: self.copy(text) })
            .filter(|item| !item.body.is_empty())
            .collect()
    }

    /// A notice; without `heading` its own becomes a line of strong text.
    pub(super) fn notice(&self, notice: &Notice, heading: Option<Heading>) -> component::Notice<'_> {
        let words = &self.language.ui.notice;
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
        component::Notice {
            about,
            about_words: words.as_str(),
            heading,
            body: Html::concat(&[strong, self.copy(&notice.text)]),
        }
    }
}
