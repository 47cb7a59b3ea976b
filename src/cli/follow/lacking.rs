//! Content that was published and lacks, by now, what a published site has to have: it stays up, and `/readyz`, the metrics and the log report it.

use super::Maker;
use crate::cli::review_published;
use crate::content::{Content, Files};
use crate::diagnostic::Report;
use crate::http::App;

/// The name of that trouble.
const LACKING: &str = "lacking";

impl Maker {
    /// The content that was read, if it is the very one that was published before.
    pub(in crate::cli) fn published_before(&mut self, revision: &str) -> Option<(Content, Report)> {
        let embedded = self.folder.is_none().then(Files::embedded);
        let files = embedded.as_ref().unwrap_or(&self.files);
        if files.revision() != revision {
            return None;
        }
        let (content, report) = review_published(&mut self.loader, files, &self.settings.now);
        content.map(|content| (content, report))
    }

    /// Reports, once a day, that the published site lacks what it has to have and nobody accepts that any more.
    pub(super) fn report_lacking(&mut self, app: &App) {
        let now = self.now();
        let today = self.content().map_or_else(|| now.date(), |content| content.clock(&now).date());
        let published = self.content().filter(|_| self.settings.published());
        let lacking = published.map(|content| content.unaccepted(today).join(", ")).filter(|all| !all.is_empty());
        let Some(lacking) = lacking else {
            if self.lacking.take().is_some() {
                app.set_trouble(LACKING, None);
                tracing::info!("the site has all that a published one has to have, or somebody accepts what it lacks");
            }
            return;
        };
        let now = (today, lacking);
        if self.lacking.as_ref() == Some(&now) {
            return;
        }
        let what = &now.1;
        app.set_trouble(LACKING, Some(format!("the site is published without what it has to have: {what}")));
        tracing::error!(
            "the site is published without what it has to have: {what}. It stays up, but no change of its content is published until that is \
             there or accepted again, in [accepted] of clinic.toml"
        );
        self.lacking = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Maker;
    use crate::config::ContentOptions;
    use crate::content::{Files, calendar};
    use crate::http::{App, Options, Process, Serving, admin_router};
    use crate::site::{CompressionLevel, Settings};
    use axum::body::Body;
    use http_body_util::BodyExt;
    use hyper::Request;
    use jiff::Zoned;
    use jiff::civil::date;
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use tower::ServiceExt;

    fn noon(month: i8, day: i8) -> Zoned {
        calendar::on_the_clinics_clock(calendar::instant(date(2026, month, day).at(12, 0, 0, 0)))
    }

    async fn ready(app: &App) -> String {
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        let answer = admin_router(app.clone(), Process::for_tests()).oneshot(request).await.unwrap();
        String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    fn title(app: &App) -> String {
        let site = app.site();
        let html = String::from_utf8_lossy(&site.answer("/").unwrap().identity().bytes).into_owned();
        html.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned()
    }

    /// Reads the folder as the follower does.
    fn accept(maker: &mut Maker, folder: &Path, app: &App) {
        maker.accept(Files::read(folder), app, true);
    }

    #[tokio::test]
    async fn what_was_accepted_until_a_day_stays_up_after_it_and_no_change_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::read(Path::new("tests/fixtures/minimal")).unwrap();
        for path in files.paths() {
            let to = folder.path().join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, files.get(path).unwrap()).unwrap();
        }
        let change = |path: &str, from: &str, to: &str| {
            let path = folder.path().join(path);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{from} in {}", path.display());
            fs::write(path, text.replace(from, to)).unwrap();
        };
        change("en/pages/notices.toml", "text = \"The clinic's notice on records.\"", "text = \"\"");
        let accepted = "[accepted.records]\naccepted_by = \"The compliance officer\"\nuntil = 2026-12-10\n\n[sources.";
        change("clinic.toml", "[sources.", accepted);
        let options = ContentOptions { content: Some(folder.path().to_path_buf()) };
        let settings = Settings {
            public_url: Some("https://clinic.example/".parse().unwrap()),
            now: noon(12, 10),
            as_of: true,
            live: false,
            requests: false,
            compression: CompressionLevel::Plain,
        };
        let mut maker = Maker::new(&options, settings);
        let (content, report) = maker.read(|| None).unwrap();
        maker.serve_content(Arc::new(content.unwrap_or_else(|| panic!("{}", report.text()))), Serving::Newest);
        let app = App::new(maker.site(None).unwrap(), Options { hsts_subdomains: false, remote_preview: true });
        maker.report_lacking(&app);
        assert!(!ready(&app).await.contains("published without"), "it is accepted to the end of its last day");
        let before = title(&app);

        maker.settings.now = noon(12, 11);
        maker.follow_time(&app);
        assert_eq!(title(&app), before, "time alone takes nothing down");
        let lacking =
            "degraded: the site is published without what it has to have: records (accepted until 2026-12-10)";
        assert!(ready(&app).await.contains(lacking), "{}", ready(&app).await);
        let reported = maker.lacking.clone();
        maker.follow_time(&app);
        assert_eq!(maker.lacking, reported, "once a day");
        maker.settings.now = noon(12, 12);
        maker.follow_time(&app);
        assert_ne!(maker.lacking, reported, "and on each day again");

        change("en/pages/home.toml", "title = \"Home\"", "title = \"Another\"");
        accept(&mut maker, folder.path(), &app);
        assert_eq!(title(&app), before, "no change is published");
        assert!(ready(&app).await.contains("newer content is refused: 1 error"), "{}", ready(&app).await);
        change("en/pages/home.toml", "title = \"Another\"", "title = \"Home\"");
        accept(&mut maker, folder.path(), &app);
        assert!(!ready(&app).await.contains("refused"), "what is served is no change: {}", ready(&app).await);

        change("clinic.toml", "until = 2026-12-10", "until = 2027-01-10");
        change("en/pages/home.toml", "title = \"Home\"", "title = \"Another\"");
        accept(&mut maker, folder.path(), &app);
        assert!(title(&app).starts_with("Another"), "{}", title(&app));
        assert!(!ready(&app).await.contains("published without"), "{}", ready(&app).await);
        assert_eq!(maker.lacking, None);
    }
}
