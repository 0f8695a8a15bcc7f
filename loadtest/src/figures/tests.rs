//! Claims about the pieces and what is made of them.

use super::*;
use crate::report::tests::report;

/// A piece as it is kept.
pub fn piece(what: What) -> Piece {
    Piece {
        took_s: 12.0,
        quick: false,
        what,
    }
}

#[test]
fn every_piece_is_a_scenario_or_a_study() {
    for (name, minutes) in PIECES {
        let is_study = STUDIES.iter().any(|(study, _)| *study == name);
        assert!(is_study || Scenario::find(name).is_ok(), "{name}");
        assert!(minutes > 0);
    }
    assert!(wanted(&["no-such-piece".to_owned()]).is_err());
    assert_eq!(wanted(&["cost".to_owned()]).unwrap().len(), 1);
    assert_eq!(wanted(&[]).unwrap().len(), PIECES.len());
}

#[test]
fn a_kept_piece_and_a_report_by_itself_are_read_alike() {
    let report = report();
    let piece = piece(What::Report(Box::new(report.clone())));
    for text in [serde_json::to_vec(&piece), serde_json::to_vec(&report)] {
        let What::Report(read) = What::parse(&text.unwrap()).unwrap() else {
            panic!("no report")
        };
        assert_eq!(read.scenario, report.scenario);
    }
    assert!(What::parse(b"{\"took_s\": 1}").is_err() && What::parse(b"[]").is_err());
}

#[tokio::test]
async fn the_page_and_what_there_is_to_look_at_are_made_again_from_the_pieces() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("benchmarks");
    std::fs::create_dir(&folder).unwrap();
    let mut report = report();
    report.scenario = "steady-200".to_owned();
    let piece = piece(What::Report(Box::new(report)));
    keep(&piece, "steady-200", &folder).unwrap();
    let read = |file: &str| std::fs::read_to_string(folder.join(file));
    let kept = ["steady-200.html", "steady-200.svg", "steady-200.json"];
    let before = kept.map(|file| read(file).unwrap());
    for shown in &kept[..2] {
        std::fs::remove_file(folder.join(shown)).unwrap();
    }
    let arguments = Figures {
        out: out.path().to_owned(),
        only: Vec::new(),
        again: false,
        page: true,
        quick: false,
        list: false,
        data: None,
    };
    assert!(run(&arguments).await.unwrap());
    assert_eq!(kept.map(|file| read(file).unwrap()), before);
    let page = std::fs::read_to_string(out.path().join("BENCHMARKS.md")).unwrap();
    assert!(
        page.contains("| steady-200 | Message to provider, p99 | 9 ms |"),
        "{page}"
    );
    // Nothing was measured for it.
    assert!(read("burst.json").is_err() && page.contains("Not measured yet: steady-4000, "));
}

#[test]
fn a_quick_piece_keeps_what_happens_within_its_load() {
    for (name, _) in PIECES {
        let Ok((_, mut scenario)) = Scenario::find(name) else {
            continue;
        };
        shorten(&mut scenario);
        if let Load::Phases { phases } = &scenario.load {
            let seconds: f64 = phases.iter().map(|phase| phase.seconds).sum();
            assert!(
                scenario.marks.iter().all(|mark| mark.at_s < seconds),
                "{name}"
            );
            assert!(phases.iter().all(|phase| phase.per_s <= 60.0), "{name}");
        }
    }
}
