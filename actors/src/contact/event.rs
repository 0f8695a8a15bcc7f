//! What was decided, in the past tense. New variants are appended; changed ones need a new schema
//! version and a lift in [`super::fold`].

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::consent::ConsentProof;
use super::files::{File, Place};
use super::flow::{Answer, Ended, Errand, Flow, LinkEnd, Opening, TransferCause};
use super::told::Known;
use crate::model::{
    ChannelId, ConsentLevel, DeliveryRank, EffectId, IdHash, Identity, InSeq, Kept, Key, Message,
    Millis, Name, Phone, Receipt, Recipient, Seconds, TenantId, TicketState,
};
use crate::texts::Locale;
use crate::understand::Category;

/// One change of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A message had been taken before; nothing else changed.
    DuplicateFound {
        /// Its id.
        id: IdHash,
    },
    /// A message was taken.
    MessageTaken {
        /// Its id, for the dedup ring.
        id: IdHash,
        /// The provider's stamp.
        stamp: Option<Seconds>,
        /// End of the service window it opened.
        window_end: Seconds,
    },
    /// The contact is reached on this channel, in this way.
    Reached {
        /// The organisation.
        tenant: TenantId,
        /// The channel.
        channel: ChannelId,
        /// Whom answers go to.
        reply_to: Recipient,
    },
    /// An identity was seen for the first time.
    IdentitySeen(Identity),
    /// The provider's display name was seen or changed.
    DisplayNameSeen(SmolStr),
    /// The phone was seen, or its spelling changed.
    PhoneSeen(Phone),
    /// The message was within the soft limit.
    LimitPassed {
        /// When.
        at: Millis,
        /// The limit in force.
        per_minute: u32,
    },
    /// The message was beyond the soft limit and was left unanswered.
    Throttled {
        /// Whether the person was told so now.
        told: bool,
    },
    /// The person gave their name.
    NameGiven(String),
    /// The person gave their work area.
    AreaGiven(String),
    /// The conversation moved.
    FlowMoved(Flow),
    /// A message to the person was decided.
    ReplyPlanned {
        /// Its effect.
        effect: EffectId,
    },
    /// A message to the person was not sent.
    ReplyWithheld {
        /// Why.
        reason: SmolStr,
    },
    /// A message to the person came further.
    DeliveryAdvanced {
        /// Its effect.
        effect: EffectId,
        /// How far.
        rank: DeliveryRank,
        /// Why it failed, if it did.
        failure: Option<(u32, SmolStr)>,
    },
    /// A ticket was asked for.
    TicketRequested(Opening),
    /// The help desk takes long, and the person was told so.
    TicketLate {
        /// The effect.
        effect: EffectId,
    },
    /// A ticket exists.
    TicketOpened {
        /// The effect that opened it.
        effect: EffectId,
        /// The help desk's id.
        id: u64,
        /// The number people read.
        number: SmolStr,
        /// Its summary.
        title: String,
        /// When it was opened.
        opened: Millis,
        /// Its category.
        category: Category,
    },
    /// A ticket could not be opened; it waits for an operator or was refused.
    TicketFailed {
        /// The effect.
        effect: EffectId,
        /// Why, in plain words.
        reason: SmolStr,
        /// Whether nothing more will come of it.
        for_good: bool,
    },
    /// This contact is the same person as an older one and forwards from now on.
    JoinedInto(Key),
    /// The state of a younger contact entered this one.
    MergedFrom {
        /// The younger contact.
        from: Key,
        /// The input's id, so that the same hand-over enters once.
        id: IdHash,
        /// Its state.
        state: Box<super::State>,
    },
    /// An input had nothing to change.
    Ignored {
        /// Why.
        reason: SmolStr,
    },
    /// The provider's ids of a message to the person became known.
    SendNamed {
        /// Its effect.
        effect: EffectId,
        /// The ids.
        ids: Vec<SmolStr>,
    },
    /// A receipt of a message that is not known by its id, kept until the message's send is reported.
    ReceiptKept(Receipt),
    /// The provider told whether a message is charged.
    MessageBilled {
        /// Its effect, when it is one of the remembered ones.
        effect: Option<EffectId>,
        /// Whether it is charged.
        billable: bool,
        /// The category it is charged under.
        category: SmolStr,
    },
    /// The person gave or withdrew consent at the provider.
    ConsentTold {
        /// The channel it concerns.
        channel: ChannelId,
        /// Given, or withdrawn.
        given: bool,
    },
    /// A message could not be decided and was set aside for an operator; when it comes again it is
    /// a duplicate all the same.
    SetAside {
        /// Its id, for the dedup ring.
        id: IdHash,
        /// The provider's stamp.
        stamp: Option<Seconds>,
    },
    /// The person was heard to write in a language, or asked for it.
    LanguageHeard(Locale),
    /// News of a ticket were taken; this is what the person knows of it afterwards.
    NewsTaken(Box<Known>),
    /// What may be sent to the person changed.
    ConsentChanged {
        /// How far the consent goes from now on.
        level: ConsentLevel,
        /// What proves it.
        proof: ConsentProof,
    },
    /// The person asked for marketing and was asked to confirm it.
    ConsentAsked(ConsentProof),
    /// The person did not confirm it.
    ConsentDeclined {
        /// When.
        at: Millis,
    },
    /// An operator noted that the person refuses marketing, or took that back.
    MarketingRefused {
        /// Who noted it; `None` takes it back.
        by: Option<SmolStr>,
        /// When.
        at: Millis,
    },
    /// An order from outside was taken.
    OrderTaken {
        /// Its id, for the dedup ring.
        id: IdHash,
        /// The id that whoever gave it made.
        client_id: SmolStr,
    },
    /// A word on consent from outside the conversation was taken; when it comes again it is a
    /// duplicate, because it must not undo what the person said meanwhile.
    ConsentHeard {
        /// Its id, for the dedup ring.
        id: IdHash,
        /// The provider's stamp.
        stamp: Option<Seconds>,
    },
    /// The person sent a file, and it is being fetched.
    FileSent(Box<File>),
    /// Files follow what they belong to.
    FilesMoved {
        /// Those that belong there.
        from: Place,
        /// Belong here now.
        to: Place,
    },
    /// A file is in the store.
    MediaStored {
        /// The effect that fetched it.
        fetch: EffectId,
        /// What the store says of it.
        kept: Box<Kept>,
    },
    /// A file could not be had.
    MediaLost {
        /// The effect that should have fetched it.
        fetch: EffectId,
        /// 413 too large, 415 a kind that is not taken, anything else for other reasons.
        code: u32,
        /// Why, in plain words.
        reason: SmolStr,
    },
    /// A file is on its way onto its ticket.
    FileAttaching {
        /// The effect that fetched it.
        fetch: EffectId,
        /// The effect that puts it onto the ticket.
        effect: EffectId,
    },
    /// A file is on its ticket.
    FileAttached {
        /// The effect that put it there.
        effect: EffectId,
    },
    /// The help desk did not take a file.
    FileRefused {
        /// The effect.
        effect: EffectId,
        /// Why, in plain words.
        reason: SmolStr,
    },
    /// A technician's file was shown to the person, or, without an effect, said to be on the ticket.
    FileShown {
        /// The effect that fetched it.
        fetch: EffectId,
        /// The effect that sends it.
        effect: Option<EffectId>,
    },
    /// The person was told of trouble with a file.
    FileTroubleTold {
        /// When.
        at: Millis,
    },
    /// People take over.
    HandedOver {
        /// Where the conversation waits.
        queue: Option<Name>,
        /// Why.
        cause: TransferCause,
    },
    /// The person wrote while people have the conversation.
    PeopleHeard {
        /// When.
        at: Millis,
        /// The second at which the bot answers again unless somebody says something.
        until: Seconds,
    },
    /// People let go of the conversation.
    PeopleLetGo(Ended),
    /// An operator kept a remark.
    NoteKept {
        /// Who.
        by: SmolStr,
        /// The remark.
        text: String,
    },
    /// An operator's command was answered.
    CommandAnswered {
        /// The command's id.
        id: IdHash,
        /// Who gave it.
        by: SmolStr,
        /// What became of it.
        answer: Answer,
    },
    /// Messages of the conversation so far that came to nothing, from either side.
    TalkCounted {
        /// How many; 0 begins anew.
        messages: u16,
    },
    /// The person was forgotten; only keyed hashes stay, by which late repeats of what they wrote
    /// are recognised.
    Erased {
        /// Where that was decided; what was accepted before is not taken up again.
        before: InSeq,
    },
    /// Something was asked of the help desk about tickets that exist.
    ErrandBegun(Errand),
    /// The help desk takes long over it, and the person was told so.
    ErrandLate {
        /// The effect.
        effect: EffectId,
    },
    /// It could not be done yet and waits for an operator, and the person was told so.
    ErrandFailed {
        /// The effect.
        effect: EffectId,
    },
    /// It is over, however it ended.
    ErrandEnded {
        /// The effect.
        effect: EffectId,
    },
    /// Tickets that were not opened here were shown under these numbers.
    TicketsShown(Vec<(u64, SmolStr)>),
    /// A ticket's state was learnt from the help desk.
    TicketSeen {
        /// The help desk's id.
        id: u64,
        /// Its state.
        state: TicketState,
    },
    /// The help desk was asked whether the person's number belongs to one of its users; what they
    /// write waits for the answer.
    NumberAsked {
        /// The effect that asks.
        effect: EffectId,
        /// The number.
        phone: Phone,
        /// The second after which nothing waits any longer.
        until: Seconds,
    },
    /// A message waits for that answer.
    MessageHeld(Box<Message>),
    /// The answer takes long, and the person was told so.
    NumberLate {
        /// The effect that asks.
        effect: EffectId,
    },
    /// The wait is over, or an answer came late; without one nothing is remembered.
    NumberChecked {
        /// Whether the number belongs to a user.
        known: Option<bool>,
        /// When.
        at: Millis,
    },
    /// The person was asked for the e-mail of their user at the help desk without having asked for it.
    LinkOffered,
    /// They gave none; the bot does not ask again by itself.
    LinkDropped,
    /// The joining of their number and that user ended.
    LinkEnded {
        /// The user's e-mail.
        email: SmolStr,
        /// How.
        end: LinkEnd,
        /// When.
        at: Millis,
    },
    /// A message that the provider had taken was not sent, for reasons of the provider's; the same
    /// message is sent again.
    SentAgain {
        /// The effect that sends it now.
        effect: EffectId,
        /// The effect that had sent it.
        instead_of: EffectId,
    },
}
