//! Every path, asked for in every way.

use crate::harness::TestSite;

#[test]
fn every_page_answers_with_a_title_of_its_own() {
    let site = TestSite::shipped();
    let mut titles: Vec<String> =
        site.pages().iter().map(|path| crate::harness::text_of(&site.get(path).is(200).page().one("title"))).collect();
    assert_eq!(titles.len(), 14);
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), 14, "{titles:?}");
}
