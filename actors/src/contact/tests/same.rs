//! Claims about the same thing twice: repeated messages, two contacts that are one person, and states
//! written by another release.

use super::*;

#[test]
fn a_duplicate_changes_nothing_and_is_not_answered() {
    let mut chat = Chat::dialogue();
    let input = chat.input(
        "same",
        chat.message(Content::Text("mi laptop no prende".into())),
    );
    assert_eq!(texts(&chat.take(&input).effects).len(), 1);
    let before = chat.state.clone();
    let again = chat.take(&input);
    assert!(again.effects.is_empty());
    assert_eq!(chat.state, before);
}

#[test]
fn an_older_contact_is_forwarded_to_and_receives_the_younger_state() {
    let mut chat = Chat::dialogue();
    chat.says("mi laptop no prende");
    let older = Key::Contact(ContactId([9; 16]));
    let input = chat.input("join", Inbound::Joined { into: older });
    let told = chat.take(&input).effects;
    let Call::Tell { to, input: merged } = &told[0].call else {
        panic!("{told:?}")
    };
    assert_eq!(*to, older);
    let mut elder = Chat::dialogue();
    elder.key = older;
    let merged = elder.input("merge", (**merged).clone());
    elder.take(&merged);
    assert!(
        matches!(elder.state.flow, Flow::Asking(_)),
        "the open conversation goes on there"
    );
    let before = bytes(&elder.state);
    assert!(matches!(
        elder.take(&merged).events[..],
        [Event::DuplicateFound { .. }]
    ));
    assert_eq!(bytes(&elder.state), before);
    let next = chat.input("next", chat.message(Content::Text("hola?".into())));
    assert!(matches!(chat.take(&next).effects[0].call, Call::Tell { to, .. } if to == older));
}

/// A crash between the alias and the step that noted it, or a message that was set aside, leaves a
/// contact new whose other half has joined it already.
#[test]
fn a_new_contact_never_joins_one_that_is_its_own_by_record() {
    let other = Key::Contact(ContactId([9; 16]));
    let sibling = |ours| Sibling {
        key: other,
        known: true,
        ours,
    };
    let mut chat = Chat::dialogue();
    let hello = chat.input(
        "1",
        chat.message(Content::Text("mi laptop no prende".into())),
    );
    let told = chat.take_among(&hello, &[sibling(true)]).effects;
    let own = chat.key;
    let joins = |effect: &Effect| {
        matches!(&effect.call, Call::Tell { to, input }
            if *to == other && **input == Inbound::Joined { into: own })
    };
    assert!(told.iter().any(joins), "{told:?}");
    assert_eq!(chat.state.joined, None);
    assert_eq!(texts(&told).len(), 1, "the person is answered here");
    let mut chat = Chat::dialogue();
    chat.take_among(&hello, &[sibling(false)]);
    assert_eq!(chat.state.joined, Some(other));
}

#[test]
fn snapshots_of_an_unknown_release_are_refused() {
    assert!(State::decode(&[9, 0, 1]).is_err());
    assert!(State::decode(&[1]).is_err());
    let chat = Chat::dialogue();
    assert_eq!(State::decode(&bytes(&chat.state)), Ok(chat.state.clone()));
}
