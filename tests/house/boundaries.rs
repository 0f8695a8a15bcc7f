//! What must never be found in the code, looked for in the code.

use std::path::{Path, PathBuf};

/// The Rust files of the product below these folders of the repository.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut waiting: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Asserts that none of `words` stands in a source outside `allowed`.
fn check(folders: &[&str], words: &[&str], allowed: &[&str]) {
    for path in sources(folders) {
        let name = path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if allowed.iter().any(|allowed| name.starts_with(allowed)) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}

#[test]
fn only_one_module_reads_the_environment() {
    let words = ["env::var", "env::vars", "dotenv"];
    check(
        &["src", "actors/src"],
        &words,
        // The others read how many worlds a test run lives through, and whether to write a document.
        &[
            "src/config/environment.rs",
            "actors/src/testing/tests.rs",
            "src/http/tests/openapi.rs",
        ],
    );
}

#[test]
fn only_store_and_billing_speak_sql() {
    check(
        &["src", "actors/src"],
        &["sqlx::"],
        &["src/store", "src/billing"],
    );
}

#[test]
fn the_core_names_no_edge() {
    let manifest = std::fs::read_to_string(root().join("actors/Cargo.toml")).unwrap();
    for edge in ["axum", "reqwest", "sqlx"] {
        assert!(!manifest.contains(edge), "the core's manifest lists {edge}");
    }
}

#[test]
fn every_metric_that_the_code_names_is_in_the_catalogue_and_the_other_way_round() {
    use chasqui::telemetry::catalogue;
    use std::collections::BTreeSet;

    let mut named = BTreeSet::new();
    for path in sources(&["src", "actors/src"]) {
        if path
            .parent()
            .is_some_and(|folder| folder.ends_with("src/telemetry/catalogue"))
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("\"chasqui_") {
            let word = text[at + 1..].split('"').next().unwrap();
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            if word.len() > "chasqui_".len() && word.chars().all(plain) {
                named.insert(word.to_owned());
            }
        }
    }
    let listed = catalogue::ALL.iter().map(|metric| metric.name.to_owned());
    assert_eq!(named, listed.collect(), "src/telemetry/catalogue");
}
