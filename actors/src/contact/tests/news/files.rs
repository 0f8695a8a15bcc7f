//! Files that technicians add to a ticket.

use super::*;

fn file(id: u64, name: &str, mime: &str) -> TicketFact {
    TicketFact::File(DeskFile {
        id,
        document: id + 1_000,
        name: name.into(),
        mime: mime.into(),
    })
}

/// The effect that fetches a technician's file, and the gateway it leaves by.
fn fetching(chat: &Chat) -> (EffectId, Option<GatewayId>) {
    let fetches = |effect: &&Effect| matches!(effect.call, Call::FetchMedia(_));
    let fetch = chat.last.iter().find(fetches).expect("a fetch");
    (fetch.id, fetch.gateway)
}

fn kept(mime: &str, size: u64) -> Outcome {
    Outcome::Done(Reply {
        kept: Some(Box::new(Kept {
            name: "0".repeat(32).into(),
            size,
            mime: mime.into(),
            digest: [1; 32],
        })),
        ..Reply::default()
    })
}

fn sent_files(chat: &Chat) -> Vec<(MediaKind, Option<String>)> {
    let file = |effect: &Effect| match &effect.call {
        Call::SendRich(message) => match &message.body {
            Rich::File(file) => Some((file.kind, file.caption.clone())),
            _ => None,
        },
        _ => None,
    };
    chat.last.iter().filter_map(file).collect()
}

#[test]
fn a_technicians_file_is_fetched_from_the_help_desk_and_shown_once() {
    use TicketState::Assigned;
    let mut chat = chat();
    let facts = || {
        vec![
            word(9, false, "Mira esto"),
            file(3, "foto.png", "image/png"),
        ]
    };
    let told = chat.is_told(news(7, Assigned, facts()));
    assert_eq!(told.len(), 1, "the words at once");
    assert!(!told[0].contains("foto.png"), "the file follows: {told:?}");
    let (fetch, gateway) = fetching(&chat);
    assert_eq!(gateway, Some(desk()));
    assert_eq!(
        chat.is_told(news(7, Assigned, facts())),
        Vec::<String>::new()
    );
    assert!(chat.last.is_empty(), "found again, fetched no more");

    chat.reports(fetch, kept("image/png", 70_000));
    let files = sent_files(&chat);
    assert_eq!(files.len(), 1);
    let (kind, caption) = &files[0];
    assert_eq!(*kind, MediaKind::Image);
    assert!(caption.as_deref().is_some_and(|c| c.contains("000007")));
    assert_eq!(chat.state.files.iter().count(), 0, "nothing is left to do");
    assert!(chat.reports(fetch, kept("image/png", 70_000)).is_empty());
    assert_eq!(sent_files(&chat), [], "a report that comes again");
}

#[test]
fn a_file_that_cannot_be_shown_is_said_to_be_on_the_ticket() {
    use TicketState::Assigned;
    let refused = |code| Outcome::Failed {
        code,
        reason: "no".into(),
    };
    for (nth, end) in [
        kept("image/webp", 90_000),
        kept("image/png", 9 << 20),
        refused(413),
        refused(415),
        refused(404),
    ]
    .into_iter()
    .enumerate()
    {
        let mut chat = chat();
        let found = news(
            7,
            Assigned,
            vec![file(nth as u64 + 1, "plano.bin", "image/webp")],
        );
        assert!(chat.is_told(found).is_empty(), "it is on its way");
        let (fetch, _) = fetching(&chat);
        let told = chat.reports(fetch, end);
        assert_eq!(told.len(), 1, "{nth}");
        assert!(told[0].contains("plano.bin") && told[0].contains("000007"));
        assert_eq!(sent_files(&chat), []);
        assert_eq!(chat.state.files.iter().count(), 0);
    }
}

#[test]
fn a_sound_of_a_technicians_has_its_words_ahead() {
    let mut chat = chat();
    let found = vec![file(1, "ruido.mp3", "audio/mpeg")];
    chat.is_told(news(7, TicketState::Assigned, found));
    let (fetch, _) = fetching(&chat);
    let told = chat.reports(fetch, kept("audio/mpeg", 4_000));
    assert!(told.len() == 1 && told[0].contains("ruido.mp3"), "{told:?}");
    assert_eq!(sent_files(&chat), [(MediaKind::Audio, None)]);
}

#[test]
fn files_are_told_of_only_where_public_words_are() {
    let mut chat = chat();
    chat.settings.notices = [Notice::Solved].into_iter().collect();
    let found = || {
        news(
            7,
            TicketState::Assigned,
            vec![file(1, "a.pdf", "application/pdf")],
        )
    };
    assert!(chat.is_told(found()).is_empty() && chat.last.is_empty());
    chat.settings.notices = Notices::ALL;
    assert!(
        chat.is_told(found()).is_empty() && chat.last.is_empty(),
        "switching it on tells nothing of the past"
    );
}
