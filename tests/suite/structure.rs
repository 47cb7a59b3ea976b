//! The shape of the program: which module knows which, and what the sources may hold. `docs/architecture.md` says why.

use clap::CommandFactory;
use clinic_site::config::Arguments;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module at the root of `src/` from the ground up, with those it may name. Its own tests may name any that stands before it here.
const MAY_NAME: [(&str, &[&str]); 16] = [
    ("lang", &[]),
    ("address", &[]),
    ("character", &[]),
    ("parallel", &[]),
    ("phone", &["character"]),
    ("diagnostic", &[]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("server", &[]),
    ("content", &["lang", "address", "parallel", "phone", "diagnostic"]),
    ("requests", &["lang", "character", "phone"]),
    ("site", &["lang", "address", "parallel", "content", "requests"]),
    ("http", &["lang", "address", "server", "requests", "site"]),
    ("desk", &["lang", "phone", "requests", "site", "http"]),
    (
        "cli",
        &[
            "lang",
            "diagnostic",
            "address",
            "config",
            "telemetry",
            "server",
            "content",
            "requests",
            "site",
            "http",
            "desk",
        ],
    ),
    ("main", &["config", "cli"]),
];

/// A file past so many lines does more than one thing.
const MAX_LINES: usize = 450;

/// A source file.
struct Source {
    path: String,
    text: String,
}

/// Every file below some folders that ends so, in order.
#[track_caller]
fn sources(wanted: &[(&str, &str)]) -> Vec<Source> {
    let mut found = Vec::new();
    for (folder, ending) in wanted {
        let before = found.len();
        let mut folders = vec![PathBuf::from(folder)];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == *ending) {
                    found.push(Source::read(path.to_str().unwrap()));
                }
            }
        }
        assert!(found.len() > before, "no file of {folder} ends with .{ending}");
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Source {
    #[track_caller]
    fn read(path: &str) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// The module at the root of `src/` that the file belongs to.
    fn module(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap();
        below.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

/// The modules at the root that code names: `crate::a`, `clinic_site::a`, `crate::{a, b::c}`.
fn names(code: &str) -> BTreeSet<&str> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let starts = lines.flat_map(|line| ["crate::", "clinic_site::"].map(|root| line.split(root).skip(1))).flatten();
    let paths = starts.flat_map(|rest| match rest.strip_prefix('{') {
        Some(group) => group.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
        None => vec![rest],
    });
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    paths.filter_map(|path| path.split(ends).next()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_name_only_those_on_the_floors_below() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources(&[("src", "rs")]).iter().filter(|source| source.path != "src/lib.rs") {
        let module = source.module();
        let Some(floor) = MAY_NAME.iter().position(|(name, _)| *name == module) else {
            panic!("{} belongs to no floor: give `{module}` one in MAY_NAME and in docs/architecture.md", source.path);
        };
        seen.insert(floor);
        let (code, tests) = source.text.split_once("#[cfg(test)]").unwrap_or((&source.text, ""));
        let strangers = names(code).into_iter().filter(|other| !MAY_NAME[floor].1.contains(other));
        let above = names(tests).into_iter().filter(|other| !MAY_NAME[..floor].iter().any(|(name, _)| name == other));
        let found = strangers.chain(above).filter(|other| *other != module);
        wrong.extend(found.map(|other| format!("{}: `{module}` may not name `{other}`", source.path)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), MAY_NAME.len(), "MAY_NAME lists a module that isn't there");
}

#[test]
fn the_names_of_modules_can_be_told_from_code() {
    let code = "use crate::{content::Ui, lang};\n// crate::cli\nlet x = clinic_site::http::router;";
    assert_eq!(names(code).into_iter().collect::<Vec<_>>(), ["content", "http", "lang"]);
}

/// The paths that `use` statements name, braces taken apart: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn imports(code: &str) -> Vec<String> {
    fn expand(start: &str, tree: &str, paths: &mut Vec<String>) {
        let Some((before, group)) = tree.split_once('{') else {
            paths.push(format!("{start}{}", tree.split(" as ").next().unwrap().trim()));
            return;
        };
        let (mut depth, mut part, start) = (1, String::new(), format!("{start}{}", before.trim()));
        for c in group.chars() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 || c == ',' && depth == 1 {
                if !part.trim().is_empty() {
                    expand(&start, part.trim(), paths);
                }
                part.clear();
            } else {
                part.push(c);
            }
            if depth == 0 {
                return;
            }
        }
    }
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some((line, after)) = rest.split_once('\n') {
        // What a file gives on, it takes first.
        let visible = line.strip_prefix("pub").map(|line| line.split_once(' ').map_or("", |(_, line)| line));
        if visible.unwrap_or(line).starts_with("use ") {
            let (_, tree) = rest.split_once("use ").unwrap();
            expand("", tree.split(';').next().unwrap(), &mut paths);
        }
        rest = after;
    }
    paths
}

/// The paths that code names where it uses them: `super::environment::variable`, `held::check`.
fn paths(code: &str) -> Vec<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("use "));
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':';
    let words = lines.flat_map(|line| line.split(ends));
    words
        .filter(|word| word.contains("::") && word.starts_with(|c: char| c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

/// The files that a file imports from, by `use` or by a path in its code. A file may name those above it, which hold it: `http/form.rs` what `http.rs` gives
/// to its whole folder.
fn imported<'a>(source: &Source, files: &'a BTreeMap<String, Source>) -> BTreeSet<&'a str> {
    let own: Vec<&str> = source.path["src/".len()..].trim_end_matches(".rs").split('/').collect();
    let code = source.text.split("#[cfg(test)]").next().unwrap();
    let mut found = BTreeSet::new();
    for path in imports(code).into_iter().chain(paths(code)) {
        let mut parts: Vec<&str> = path.split("::").collect();
        let mut module: Vec<&str> = match parts[0] {
            "crate" => Vec::new(),
            "super" => own[..own.len() - 1].to_vec(),
            name if files.contains_key(&format!("src/{}/{name}.rs", own.join("/"))) => {
                parts.insert(0, "self");
                own.clone()
            }
            _ => continue,
        };
        for part in &parts[1..] {
            let here = format!("src/{}.rs", module.join("/"));
            // What a door gives on is its maker's.
            let given = files.get(&here).and_then(|door| {
                door.text.lines().filter_map(|line| line.trim().strip_prefix("pub")?.split_once("use ")).find_map(
                    |(_, tree)| {
                        let (maker, names) = tree.split_once("::")?;
                        let names = names.trim_end_matches(';').trim_matches(['{', '}']);
                        names.split(',').any(|name| name.trim() == *part).then_some(maker)
                    },
                )
            });
            let next = given.unwrap_or(part);
            let next =
                if *part == "super" { module[..module.len() - 1].to_vec() } else { [&module[..], &[next]].concat() };
            if *part != "super" && !files.contains_key(&format!("src/{}.rs", next.join("/"))) {
                break;
            }
            module = next;
        }
        let is_above = own.starts_with(&module);
        if let Some((file, _)) = files.get_key_value(&format!("src/{}.rs", module.join("/"))).filter(|_| !is_above) {
            found.insert(file.as_str());
        }
    }
    found
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files: BTreeMap<_, _> =
        sources(&[("src", "rs")]).into_iter().map(|source| (source.path.clone(), source)).collect();
    let graph: BTreeMap<&str, BTreeSet<&str>> =
        files.iter().map(|(path, source)| (path.as_str(), imported(source, &files))).collect();
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 200, "the imports are not seen: {graph:?}");
    let reaches = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::<String>::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            let new = graph[file.as_str()].iter().filter(|file| seen.insert((**file).to_owned()));
            next.extend(new.map(|file| (*file).to_owned()));
        }
        seen
    };
    let circles: Vec<_> = graph.keys().filter(|file| reaches(file).contains(**file)).collect();
    assert!(circles.is_empty(), "these files import each other in a circle: {circles:#?}");
}

#[test]
fn imports_can_be_told_from_code() {
    let code = "\nuse super::{a::B, c::{D, E as F}};\nuse crate::g;\npub use h::I;\n";
    assert_eq!(imports(code), ["super::a::B", "super::c::D", "super::c::E", "crate::g", "h::I"]);
    assert_eq!(
        paths("let a = super::b::c(crate::d::E, h::i(J::K));\n    // super::f::g\n"),
        ["super::b::c", "crate::d::E", "h::i"]
    );
}

#[test]
fn only_config_reads_the_environment_and_only_the_clock_the_time() {
    for source in sources(&[("src", "rs")]) {
        for (name, home) in
            [("std::env::", "src/config/environment.rs"), ("Timestamp::now", "src/cli/clock.rs"), ("Zoned::now", "-")]
        {
            assert!(!source.text.contains(name) || source.path == home, "{} uses {name}", source.path);
        }
    }
}

#[test]
fn templates_print_nothing_unescaped() {
    for template in sources(&[("templates", "html"), ("templates", "xml")]) {
        for way in ["|safe", "| safe", "|escape(", "| escape(", "{% filter", " style=", " onclick", "javascript:"] {
            assert!(
                !template.text.contains(way),
                "{} holds {way:?}: give the template an `Html` instead",
                template.path
            );
        }
        // The one script is that of a live preview, by its address.
        let scripts = template.text.matches("<script").count();
        let script = "<script src=\"{{ layout.assets.live_script.path }}\" data-state=\"{{ crate::site::route::PREVIEW_STATE }}\" defer></script>";
        let known = template.text.matches(script).count();
        assert_eq!(scripts, known, "{} holds a script", template.path);
    }
}

/// The addresses that a template or a script spells itself, with a scheme or from the root of the site.
fn literal_addresses(text: &str) -> Vec<&str> {
    let starts = |rest: &&str| rest.starts_with('/') || rest.starts_with("http:") || rest.starts_with("https:");
    let values = ["href=", "src=", "action=", "fetch("].into_iter().flat_map(|name| text.split(name).skip(1));
    values.map(|rest| rest.trim_start_matches(['"', '\'', '`'])).filter(starts).collect()
}

#[test]
fn templates_and_scripts_take_every_address_from_route_or_content() {
    for source in sources(&[("templates", "html"), ("static/preview", "js")]) {
        let found = literal_addresses(&source.text);
        assert!(found.is_empty(), "{} spells an address: {:.40}", source.path, found[0]);
    }
    for bad in
        ["<a href=\"/contact.vcf\">", "<a href='https://example.org/'>", "fetch(`/_preview/state?`)", "<form action=/>"]
    {
        assert_eq!(literal_addresses(bad).len(), 1, "{bad}");
    }
    assert_eq!(literal_addresses("<a href=\"#main\"><a href=\"{{ root }}\">"), [""; 0]);
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    for source in sources(&[("src", "rs"), ("tests", "rs")]) {
        for (number, line) in source.text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with('#')) {
            let allowed = line.contains(concat!("#[allow", "(")) || line.contains(concat!("#![allow", "("));
            assert!(!allowed, "{}:{}: write #[expect(…, reason = \"…\")]", source.path, number + 1);
        }
    }
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let notes =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("dbg", "!("), concat!("todo", "!(")];
    let folders = [("src", "rs"), ("templates", "html"), ("static", "css")];
    for source in sources(&folders) {
        for (number, line) in source.text.lines().enumerate() {
            let note = notes.into_iter().find(|note| line.contains(note));
            assert_eq!(note, None, "{}:{}", source.path, number + 1);
        }
    }
}

/// Words that said something else here than everybody takes them for, and what to write for each by what is meant.
const PRIVATE_WORDS: [(&str, &str); 9] = [
    ("told", "reported, logged, notified"),
    ("tell", "report, log, notify"),
    ("tells", "reports, says"),
    ("kept", "stored, saved, held, cached"),
    ("stands", "is, comes, appears"),
    ("news", "changes"),
    ("house", "program, site"),
    ("guest", "visitor, client"),
    ("attend", "serve, handle"),
];

/// Where they mean what they mean everywhere.
const IDIOMS: [&str; 6] = ["stands for", "stands_for", "stands in for", "tell apart", "tell whether", "house number"];

/// Comments and code without what is between quotes: those words are for people, who are told what to do.
fn without_strings(code: &str) -> String {
    let quoted = Regex::new(r##"'\\?"'|r#"[\s\S]*?"#|b?"(?:[^"\\]|\\[\s\S])*""##).unwrap();
    let (comments, code): (Vec<&str>, Vec<&str>) = code.lines().partition(|line| line.trim_start().starts_with("//"));
    format!("{}\n{}", comments.join("\n"), quoted.replace_all(&code.join("\n"), ""))
}

#[test]
fn names_and_comments_use_words_as_everybody_does() {
    let mut found = Vec::new();
    for source in sources(&[("src", "rs"), ("benches", "rs")]) {
        let text = without_strings(&source.text).to_ascii_lowercase();
        let text = IDIOMS.iter().fold(text, |text, idiom| text.replace(idiom, ""));
        for word in text.split(|c: char| !c.is_ascii_alphabetic()).collect::<BTreeSet<_>>() {
            let instead = PRIVATE_WORDS.iter().find(|(private, _)| *private == word);
            found.extend(instead.map(|(_, instead)| format!("{}: `{word}`: write {instead}", source.path)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(
        without_strings("// a \"b\"\nlet c = \"told\"; f('\"', r#\"g \"h\"\"#, i)"),
        "// a \"b\"\nlet c = ; f(, , i)"
    );
}

#[test]
fn files_are_short_enough_to_be_read_at_once() {
    for source in sources(&[("src", "rs")]) {
        let lines = source.text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines: split it by what it does", source.path);
    }
}

#[test]
fn every_file_says_in_its_first_line_what_it_is() {
    for source in sources(&[("src", "rs"), ("tests", "rs")]) {
        assert!(source.text.starts_with("//! "), "{} has no module documentation", source.path);
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = Source::read("README.md").text;
    for command in Arguments::command().get_subcommands() {
        let written = format!("clinic-site {}", command.get_name());
        assert!(readme.contains(&written), "README.md doesn't show `{written}`");
    }
}

#[test]
fn files_named_in_the_documents_are_there() {
    for document in sources(&[("docs", "md")]).into_iter().chain([Source::read("README.md")]) {
        let quoted = document.text.split('`').skip(1).step_by(2).filter(|name| !name.contains(['\n', ' ', '*', '<']));
        let roots = ["src/", "tests/", "templates/", "static/", "content/", "docs/"];
        for name in quoted.filter(|name| roots.iter().any(|root| name.starts_with(root))) {
            assert!(Path::new(name).exists(), "{} names `{name}`, which isn't there", document.path);
        }
    }
}

/// The recipes of a document, `### Recipe: …`, each with the files that its numbered steps name in backticks.
fn recipes(document: &str) -> Vec<(&str, Vec<&str>)> {
    let parts = document.split("\n### Recipe: ").skip(1);
    parts
        .map(|part| {
            let part = part.split("\n#").next().unwrap();
            let (title, steps) = part.split_once('\n').unwrap_or((part, ""));
            let mut in_step = false;
            let lines = steps.lines().filter(|line| {
                let numbered = line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
                in_step = numbered || in_step && line.starts_with(' ');
                in_step
            });
            let quoted = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
            (title, quoted.filter(|name| is_file_name(name)).collect())
        })
        .collect()
}

/// Whether what is quoted names a file or a folder of this repository: `src/lang.rs`, `tests/fixtures/broken/<rule>/`, `Cargo.toml`.
fn is_file_name(quoted: &str) -> bool {
    let kinds = ["rs", "toml", "html", "css", "md", "js", "txt", "sql", "snap"];
    let has_kind = Path::new(quoted).extension().is_some_and(|found| kinds.iter().any(|kind| found == *kind));
    !quoted.starts_with(['/', '-', '.']) && !quoted.contains([' ', ':', '(']) && (has_kind || quoted.contains('/'))
}

/// Whether a named file is there; for a new one, `src/cli/<command>.rs`, whether its folder is.
fn is_there(name: &str) -> bool {
    match name.split_once('<') {
        Some((before, _)) => before.rfind('/').is_some_and(|end| Path::new(&before[..end]).is_dir()),
        None => Path::new(name).exists(),
    }
}

#[test]
fn the_files_that_recipes_name_are_there() {
    let document = Source::read("CONTRIBUTING.md").text;
    let recipes = recipes(&document);
    assert!(recipes.len() >= 6 || !document.contains("\n## Recipes\n"), "only {} recipes are seen", recipes.len());
    for (title, files) in recipes {
        assert!(!files.is_empty(), "the recipe \"{title}\" names no file in its numbered steps");
        let lost: Vec<_> = files.iter().filter(|file| !is_there(file)).collect();
        assert!(lost.is_empty(), "the recipe \"{title}\" names files that are not there: {lost:?}");
    }
}

#[test]
fn files_can_be_told_from_recipes() {
    let document = "\n## Recipes\n\n### Recipe: a rule\n\nSee `src/none.rs`.\n\n1. Write `src/cli/<rule>.rs` and\n   `src/lost.rs`.\n\
                    2. Run `cargo test`, ask for `/print/`, name it `Rule::New`.\n\nMore: `src/no.rs`.\n### Other\n\n1. `src/no.rs`\n";
    assert_eq!(recipes(document), [("a rule", vec!["src/cli/<rule>.rs", "src/lost.rs"])]);
    let there = ["src/cli/<rule>.rs", "src/lost.rs", "src/lost/<rule>.rs", "src/lang.rs"].map(is_there);
    assert_eq!(there, [true, false, false, true]);
}
