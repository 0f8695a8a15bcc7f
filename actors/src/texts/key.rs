//! The names of all texts and the placeholders each is given.

/// A text of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// First answer when the object is known; asks what happens with it.
    GreetObject,
    /// First answer to a bare greeting; asks what the matter is.
    Greet,
    /// First answer when a symptom but no object is known.
    GreetSymptom,
    /// Asks what the matter is, without a greeting.
    AskProblem,
    /// Asks for the object.
    AskObject,
    /// Asks for the symptom of a known object.
    AskSymptom,
    /// The draft: problem and priority; asks for name and area. It confirms by showing (R035).
    Draft,
    /// The draft when the first message already told the problem: with greeting.
    GreetDraft,
    /// The draft again, when only the name is missing.
    DraftAskName,
    /// The draft again, when only the area is missing.
    DraftAskArea,
    /// The draft for a person whose identity is known; asks for a yes.
    DraftConfirm,
    /// Button that opens the ticket.
    ButtonConfirm,
    /// Button that gives it up.
    ButtonCancel,
    /// Asks for name and area again.
    AskIdentity,
    /// Asks for the name only.
    AskName,
    /// Asks for the area only.
    AskArea,
    /// A correction was taken over; the draft follows.
    Corrected,
    /// A corrected object whose symptom has to be asked again.
    CorrectedAskSymptom,
    /// A refusal without saying what is right.
    AskCorrection,
    /// The flow was given up.
    Cancelled,
    /// There is nothing to give up.
    NothingToCancel,
    /// The ticket is open.
    Created,
    /// GLPI is slow or down; the ticket will follow.
    TicketFollows,
    /// GLPI refused for good; a person takes over.
    TicketFailed,
    /// Queue mode: the messages were taken down.
    QueueNoted,
    /// Queue mode: the ticket is open.
    QueueCreated,
    /// More messages a minute than the soft limit.
    TooMany,
    /// A kind of message that cannot be read.
    Unsupported,
    /// A text longer than can be read.
    TooLong,
    // Files, places and cards.
    /// A file was noted for the ticket that is being told.
    FileNoted,
    /// A file was noted for a ticket opened a short while ago.
    FileNotedTicket,
    /// A file came without words; asks what it is about.
    FileAskProblem,
    /// A place or a card was noted for the ticket that is being told.
    NoteNoted,
    /// A place or a card came without words; asks what it is about.
    NoteAskProblem,
    /// More files are on their way than are taken at once.
    FilesTooMany,
    /// A file is larger than 16 MB.
    FileTooLarge,
    /// A file of a kind that is not taken.
    FileKindRefused,
    /// A file could not be had from the provider.
    FileLost,
    /// The help desk does not take this kind of file; a note stands on the ticket.
    FileNotOnTicket,
    /// A file could not be put onto the ticket.
    FileNotAdded,
    /// The note on a ticket about a file that the help desk does not take.
    FileNoteForDesk,
    /// Title of a ticket made of files without words.
    FilesTitle,
    /// A person takes over.
    HandOver,
    /// Answer to displeasure: regret, and a person takes over.
    ComplaintNoted,
    // People.
    /// Too many messages came to nothing; a person takes over.
    HandOverUnsolved,
    /// People answer this number, not the bot.
    PeopleAnswer,
    /// Nobody is there now; when somebody will be.
    PeopleClosed,
    /// The bot answers again.
    HandedBack,
    /// Why: an operator looked.
    ReasonReviewed,
    /// The number is none that is answered.
    NumberRefused,
    /// People have the conversation: a press that the bot would have to go on with was left to them.
    PressPassedOn,
    /// Whether the number is one that is answered is being looked up, and it takes longer.
    NumberChecking,
    /// Keyword: when people are there.
    HoursTold,
    /// Keyword: people are always there.
    HoursAlways,
    /// Keyword: nothing is set up for it.
    NotToldHere,
    /// Keyword: how to reach somebody.
    ContactTold,
    /// Keyword: what the bot can do.
    HelpTold,
    /// An order came.
    OrderNoted,
    /// An order came whose prices add up.
    OrderTotalled,
    /// Short name of Monday.
    Monday,
    /// Short name of Tuesday.
    Tuesday,
    /// Short name of Wednesday.
    Wednesday,
    /// Short name of Thursday.
    Thursday,
    /// Short name of Friday.
    Friday,
    /// Short name of Saturday.
    Saturday,
    /// Short name of Sunday.
    Sunday,
    /// Answer to thanks.
    Welcome,
    /// Nothing was understood.
    NotUnderstood,
    /// The person asked for this language; a question may follow.
    LanguageSwitched,
    /// A ticket's state cannot be told yet.
    StatusUnknown,
    // Tickets that exist.
    /// One ticket with its state and dates.
    TicketView,
    /// The last public word of a technician.
    TicketWord,
    /// The last public word, when it proposes a solution.
    TicketSolution,
    /// Above the open tickets.
    TicketList,
    /// Opens the list of tickets.
    TicketListButton,
    /// Nothing is open.
    TicketNone,
    /// The help desk is silent; what is on record here.
    RecordLate,
    /// There is no help desk; what is on record here.
    RecordOnly,
    /// The help desk stays silent.
    RecordSilent,
    /// A ticket on record here.
    RecordLine,
    /// No ticket is on record here.
    RecordNone,
    /// A word was added to a ticket.
    CommentDone,
    /// The help desk is slow over a change.
    ChangeLate,
    /// The ticket is in no state that allows the change.
    ChangeRefused,
    /// A change could not be made.
    ChangeFailed,
    /// What the bot can do.
    Menu,
    /// Opens the menu.
    MenuButton,
    /// Menu: tell a problem.
    MenuReport,
    /// Menu: the open tickets.
    MenuMine,
    /// Menu: the state of a ticket by its number.
    MenuState,
    /// Menu: talk to a person.
    MenuPerson,
    /// Menu: join the number to the person's user at the help desk.
    MenuAccount,
    /// Asks somebody the help desk did not know for the e-mail of their user, once.
    LinkOffer,
    /// Asks for it.
    LinkAsk,
    /// What was written is no e-mail address.
    LinkNoAddress,
    /// The address is of no domain of the tenant's.
    LinkOtherDomain,
    /// It was asked for often enough.
    LinkGivenUp,
    /// The person does not want to.
    LinkSkipped,
    /// Number and user are joined.
    LinkDone,
    /// No user has the address.
    LinkNoUser,
    /// The user has another phone.
    LinkOtherPhone,
    /// The number is another user's.
    LinkOtherUser,
    /// Somebody of the team has to see to it.
    LinkForOperators,
    /// The help desk is slow over it.
    LinkLate,
    /// It could not be done.
    LinkFailed,
    /// Too many addresses were tried.
    LinkTooMany,
    /// Asks for a ticket's number.
    StateAsk,
    /// Asks what to add.
    CommentAsk,
    /// Asks what is still wrong.
    RejectAsk,
    /// Asks whether to cancel a ticket.
    CancelAsk,
    /// A ticket is not cancelled after all.
    CancelKept,
    /// What was asked about a ticket is given up.
    TalkLeft,
    /// Asks for a rating.
    RateAsk,
    /// Rating 5.
    Rate5,
    /// Rating 4.
    Rate4,
    /// Rating 3.
    Rate3,
    /// Rating 2.
    Rate2,
    /// Rating 1.
    Rate1,
    /// A solution was accepted.
    AcceptDone,
    /// A solution was refused.
    RejectDone,
    /// A ticket was cancelled.
    CancelDone,
    /// A rating was taken.
    RateDone,
    /// The help desk asks for no rating.
    RateNone,
    /// What technicians read of an accepted solution.
    AcceptText,
    /// What technicians read of a cancelled ticket.
    CancelText,
    /// A similar ticket is open.
    SimilarAsk,
    /// Button: add to a ticket.
    ButtonComment,
    /// Button: answer the technician.
    ButtonAnswer,
    /// Button: it is solved.
    ButtonAccept,
    /// Button: it is not solved.
    ButtonReject,
    /// Button: open a closed ticket again.
    ButtonReopen,
    /// Button: cancel a ticket.
    ButtonTicketCancel,
    /// Button: really cancel it.
    ButtonYesCancel,
    /// Button: keep it.
    ButtonKeep,
    /// Button: leave the question aside.
    ButtonSkip,
    /// Button: rate.
    ButtonRate,
    /// Button: add to the open ticket.
    ButtonSame,
    /// Button: a ticket of its own.
    ButtonApart,
    /// State: nobody has it yet.
    StateNew,
    /// State: somebody has it.
    StateAssigned,
    /// State: a task is planned.
    StatePlanned,
    /// State: it waits for the requester.
    StatePending,
    /// State: solved.
    StateSolved,
    /// State: closed.
    StateClosed,
    /// State: one of the help desk's own.
    StateOther,
    /// "tu …", masculine.
    YourMasculine,
    /// "tu …", feminine.
    YourFeminine,
    /// "tus …", masculine.
    YourMasculines,
    /// "tus …", feminine.
    YourFeminines,
    /// "el …"
    TheMasculine,
    /// "la …"
    TheFeminine,
    /// "los …"
    TheMasculines,
    /// "las …"
    TheFeminines,
    /// Mark of the high level.
    LevelHighMark,
    /// Mark of the medium level.
    LevelMediumMark,
    /// Mark of the low level.
    LevelLowMark,
    /// Name of the high level.
    LevelHigh,
    /// Name of the medium level.
    LevelMedium,
    /// Name of the low level.
    LevelLow,
    /// Why: security.
    ReasonSecurity,
    /// Why: somebody may get hurt.
    ReasonDanger,
    /// Why: it keeps the management from working.
    ReasonKeyPerson,
    /// Why: there is another way meanwhile.
    ReasonWorkaround,
    /// Why: much of what people made is gone.
    ReasonDataLost,
    /// Why: several people.
    ReasonManyPeople,
    /// Why: customers.
    ReasonCustomers,
    /// Why: cannot work.
    ReasonWorkBlocked,
    /// Why: said to be urgent.
    ReasonSaidUrgent,
    /// Why: a date presses.
    ReasonDeadline,
    /// Why: work equipment.
    ReasonWorkEquipment,
    /// Why: a shared service.
    ReasonSharedService,
    /// Why: said to have time.
    ReasonSaidPatient,
    /// Why: a wish.
    ReasonRequest,
    /// Why: a trifle.
    ReasonMinor,
    /// Why: works with trouble.
    ReasonImpaired,
    /// Why: nothing was said.
    ReasonUnstated,
    // News of tickets.
    /// Which ticket the news are of.
    NewsHead,
    /// News: somebody works on it.
    NewsAssigned,
    /// News: a technician wrote.
    NewsWrote,
    /// News: it waits for the person.
    NewsPending,
    /// News: it is solved.
    NewsSolved,
    /// News: it is solved, with the technician's words.
    NewsSolvedWords,
    /// News: asks whether it really is solved.
    NewsSolvedAsk,
    /// News: it is closed.
    NewsClosed,
    /// News: a technician's file is on the ticket.
    NewsFile,
    /// A technician's file is on the ticket and could not be shown in the chat.
    NewsFileLeft,
    /// Below a technician's file.
    NewsFileCaption,
    /// Button: it really is solved.
    NewsAccept,
    /// Button: it is not.
    NewsReject,
    /// Button: answers the technician.
    NewsComment,
    /// Button: rates how it went.
    NewsRate,
    /// In a template: the person, when no name is known.
    NewsCustomer,
    /// News in a few words: somebody works on it.
    NewsShortAssigned,
    /// News in a few words: a technician wrote.
    NewsShortWrote,
    /// News in a few words: it waits for the person.
    NewsShortPending,
    /// News in a few words: it is solved.
    NewsShortSolved,
    /// News in a few words: it is closed.
    NewsShortClosed,
    /// News in a few words: a technician left a file.
    NewsShortFile,
    /// Name of the category hardware.
    CategoryHardware,
    /// Name of the category printing.
    CategoryPrinting,
    /// Name of the category network.
    CategoryNetwork,
    /// Name of the category email.
    CategoryEmail,
    /// Name of the category access.
    CategoryAccess,
    /// Name of the category software.
    CategorySoftware,
    /// Name of the category telephony.
    CategoryTelephony,
    /// Name of the category point-of-sale.
    CategoryPointOfSale,
    /// Name of the category files.
    CategoryFiles,
    /// Name of the category security.
    CategorySecurity,
    /// Name of the category facilities.
    CategoryFacilities,
    /// Name of the category uncategorised.
    CategoryUncategorised,
    // Consent.
    /// Marketing was stopped.
    ConsentStopped,
    /// Whether marketing is really wanted, with two buttons.
    ConsentAsk,
    /// Marketing was agreed to.
    ConsentGiven,
    /// Marketing was not agreed to.
    ConsentDeclined,
    /// Button: yes.
    ButtonYes,
    /// Button: no.
    ButtonNo,
}

impl Key {
    /// Every key with its name in catalogue files and the placeholders it is given. A key without
    /// a row here cannot be rendered: `name` would not find it, which a test sees.
    pub const ALL: &'static [(Self, &'static str, &'static [&'static str])] = &[
        (
            Self::GreetObject,
            "greet.object",
            &["tenant", "your_object"],
        ),
        (Self::Greet, "greet", &["tenant"]),
        (Self::GreetSymptom, "greet.symptom", &["tenant"]),
        (Self::AskProblem, "ask.problem", &[]),
        (Self::AskObject, "ask.object", &[]),
        (Self::AskSymptom, "ask.symptom", &["your_object"]),
        (
            Self::Draft,
            "draft",
            &["summary", "mark", "level", "reason"],
        ),
        (
            Self::GreetDraft,
            "greet.draft",
            &["tenant", "summary", "mark", "level", "reason"],
        ),
        (
            Self::DraftAskName,
            "draft.ask.name",
            &["summary", "mark", "level", "reason"],
        ),
        (
            Self::DraftAskArea,
            "draft.ask.area",
            &["name", "summary", "mark", "level", "reason"],
        ),
        (
            Self::DraftConfirm,
            "draft.confirm",
            &["name", "summary", "mark", "level", "reason"],
        ),
        (Self::ButtonConfirm, "button.confirm", &[]),
        (Self::ButtonCancel, "button.cancel", &[]),
        (Self::AskIdentity, "ask.identity", &[]),
        (Self::AskName, "ask.name", &[]),
        (Self::AskArea, "ask.area", &["name"]),
        (
            Self::Corrected,
            "corrected",
            &["summary", "mark", "level", "reason"],
        ),
        (
            Self::CorrectedAskSymptom,
            "corrected.ask.symptom",
            &["the_object"],
        ),
        (Self::AskCorrection, "ask.correction", &[]),
        (Self::Cancelled, "cancelled", &[]),
        (Self::NothingToCancel, "cancelled.nothing", &[]),
        (
            Self::Created,
            "created",
            &[
                "number",
                "name",
                "area",
                "mark",
                "level",
                "description",
                "created",
            ],
        ),
        (Self::TicketFollows, "ticket.follows", &[]),
        (Self::TicketFailed, "ticket.failed", &[]),
        (Self::QueueNoted, "queue.noted", &["tenant"]),
        (Self::QueueCreated, "queue.created", &["number", "summary"]),
        (Self::TooMany, "too.many", &[]),
        (Self::Unsupported, "unsupported", &[]),
        (Self::TooLong, "too.long", &["limit"]),
        // Files, places and cards.
        (Self::FileNoted, "file.noted", &[]),
        (Self::FileNotedTicket, "file.noted.ticket", &["number"]),
        (Self::FileAskProblem, "file.ask.problem", &[]),
        (Self::NoteNoted, "note.noted", &[]),
        (Self::NoteAskProblem, "note.ask.problem", &[]),
        (Self::FilesTooMany, "files.too.many", &[]),
        (Self::FileTooLarge, "file.too.large", &[]),
        (Self::FileKindRefused, "file.kind.refused", &[]),
        (Self::FileLost, "file.lost", &[]),
        (Self::FileNotOnTicket, "file.not.on.ticket", &["number"]),
        (Self::FileNotAdded, "file.not.added", &["number"]),
        (
            Self::FileNoteForDesk,
            "file.note.for.desk",
            &["file", "size", "reference"],
        ),
        (Self::FilesTitle, "files.title", &[]),
        (Self::HandOver, "hand.over", &[]),
        (Self::ComplaintNoted, "complaint.noted", &[]),
        (Self::HandOverUnsolved, "hand.over.unsolved", &[]),
        (Self::PeopleAnswer, "people.answer", &[]),
        (Self::PeopleClosed, "people.closed", &["hours"]),
        (Self::HandedBack, "handed.back", &[]),
        (Self::ReasonReviewed, "reason.reviewed", &[]),
        (Self::NumberRefused, "number.refused", &[]),
        (Self::PressPassedOn, "press.passed.on", &[]),
        (Self::NumberChecking, "number.checking", &[]),
        (Self::HoursTold, "hours.told", &["hours"]),
        (Self::HoursAlways, "hours.always", &[]),
        (Self::NotToldHere, "keyword.unset", &[]),
        (Self::ContactTold, "contact.told", &[]),
        (Self::HelpTold, "help.told", &[]),
        (Self::OrderNoted, "order.noted", &["items"]),
        (Self::OrderTotalled, "order.totalled", &["items", "total"]),
        (Self::Monday, "day.monday", &[]),
        (Self::Tuesday, "day.tuesday", &[]),
        (Self::Wednesday, "day.wednesday", &[]),
        (Self::Thursday, "day.thursday", &[]),
        (Self::Friday, "day.friday", &[]),
        (Self::Saturday, "day.saturday", &[]),
        (Self::Sunday, "day.sunday", &[]),
        (Self::Welcome, "welcome", &[]),
        (Self::NotUnderstood, "not.understood", &[]),
        (Self::LanguageSwitched, "language.switched", &[]),
        (Self::StatusUnknown, "status.unknown", &["number"]),
        (
            Self::TicketView,
            "ticket.view",
            &["number", "title", "state", "opened", "changed"],
        ),
        (Self::TicketWord, "ticket.word", &["date", "text"]),
        (Self::TicketSolution, "ticket.solution", &["date", "text"]),
        (Self::TicketList, "ticket.list", &[]),
        (Self::TicketListButton, "ticket.list.button", &[]),
        (Self::TicketNone, "ticket.none", &[]),
        (Self::RecordLate, "record.late", &["record"]),
        (Self::RecordOnly, "record.only", &["record"]),
        (Self::RecordSilent, "record.silent", &[]),
        (
            Self::RecordLine,
            "record.line",
            &["number", "title", "state", "opened"],
        ),
        (Self::RecordNone, "record.none", &[]),
        (Self::CommentDone, "comment.done", &["number"]),
        (Self::ChangeLate, "change.late", &["number"]),
        (Self::ChangeRefused, "change.refused", &["number"]),
        (Self::ChangeFailed, "change.failed", &["number"]),
        (Self::Menu, "menu", &["tenant"]),
        (Self::MenuButton, "menu.button", &[]),
        (Self::MenuReport, "menu.report", &[]),
        (Self::MenuMine, "menu.mine", &[]),
        (Self::MenuState, "menu.state", &[]),
        (Self::MenuPerson, "menu.person", &[]),
        (Self::MenuAccount, "menu.account", &[]),
        (Self::LinkOffer, "link.offer", &["domains"]),
        (Self::LinkAsk, "link.ask", &["domains"]),
        (Self::LinkNoAddress, "link.no.address", &["domain"]),
        (
            Self::LinkOtherDomain,
            "link.other.domain",
            &["email", "domains"],
        ),
        (Self::LinkGivenUp, "link.given.up", &[]),
        (Self::LinkSkipped, "link.skipped", &[]),
        (Self::LinkDone, "link.done", &["email"]),
        (Self::LinkNoUser, "link.no.user", &["email"]),
        (Self::LinkOtherPhone, "link.other.phone", &["email"]),
        (Self::LinkOtherUser, "link.other.user", &[]),
        (Self::LinkForOperators, "link.for.operators", &[]),
        (Self::LinkLate, "link.late", &[]),
        (Self::LinkFailed, "link.failed", &[]),
        (Self::LinkTooMany, "link.too.many", &[]),
        (Self::StateAsk, "state.ask", &[]),
        (Self::CommentAsk, "comment.ask", &["number"]),
        (Self::RejectAsk, "reject.ask", &["number"]),
        (Self::CancelAsk, "cancel.ask", &["number"]),
        (Self::CancelKept, "cancel.kept", &[]),
        (Self::TalkLeft, "talk.left", &[]),
        (Self::RateAsk, "rate.ask", &["number"]),
        (Self::Rate5, "rate.5", &[]),
        (Self::Rate4, "rate.4", &[]),
        (Self::Rate3, "rate.3", &[]),
        (Self::Rate2, "rate.2", &[]),
        (Self::Rate1, "rate.1", &[]),
        (Self::AcceptDone, "accept.done", &["number"]),
        (Self::RejectDone, "reject.done", &["number"]),
        (Self::CancelDone, "cancel.done", &["number"]),
        (Self::RateDone, "rate.done", &["number"]),
        (Self::RateNone, "rate.none", &["number"]),
        (Self::AcceptText, "accept.text", &[]),
        (Self::CancelText, "cancel.text", &[]),
        (Self::SimilarAsk, "similar.ask", &["number", "title"]),
        (Self::ButtonComment, "button.comment", &[]),
        (Self::ButtonAnswer, "button.answer", &[]),
        (Self::ButtonAccept, "button.accept", &[]),
        (Self::ButtonReject, "button.reject", &[]),
        (Self::ButtonReopen, "button.reopen", &[]),
        (Self::ButtonTicketCancel, "button.ticket.cancel", &[]),
        (Self::ButtonYesCancel, "button.cancel.yes", &[]),
        (Self::ButtonKeep, "button.cancel.no", &[]),
        (Self::ButtonSkip, "button.skip", &[]),
        (Self::ButtonRate, "button.rate", &[]),
        (Self::ButtonSame, "button.same", &[]),
        (Self::ButtonApart, "button.apart", &[]),
        (Self::StateNew, "state.new", &[]),
        (Self::StateAssigned, "state.assigned", &[]),
        (Self::StatePlanned, "state.planned", &[]),
        (Self::StatePending, "state.pending", &[]),
        (Self::StateSolved, "state.solved", &[]),
        (Self::StateClosed, "state.closed", &[]),
        (Self::StateOther, "state.other", &[]),
        (Self::YourMasculine, "your.masculine", &["noun"]),
        (Self::YourFeminine, "your.feminine", &["noun"]),
        (Self::YourMasculines, "your.masculines", &["noun"]),
        (Self::YourFeminines, "your.feminines", &["noun"]),
        (Self::TheMasculine, "the.masculine", &["noun"]),
        (Self::TheFeminine, "the.feminine", &["noun"]),
        (Self::TheMasculines, "the.masculines", &["noun"]),
        (Self::TheFeminines, "the.feminines", &["noun"]),
        (Self::LevelHighMark, "level.high.mark", &[]),
        (Self::LevelMediumMark, "level.medium.mark", &[]),
        (Self::LevelLowMark, "level.low.mark", &[]),
        (Self::LevelHigh, "level.high", &[]),
        (Self::LevelMedium, "level.medium", &[]),
        (Self::LevelLow, "level.low", &[]),
        (Self::ReasonSecurity, "reason.security", &[]),
        (Self::ReasonDanger, "reason.danger", &[]),
        (Self::ReasonKeyPerson, "reason.key-person", &[]),
        (Self::ReasonWorkaround, "reason.workaround", &[]),
        (Self::ReasonDataLost, "reason.data-lost", &[]),
        (Self::ReasonManyPeople, "reason.many", &[]),
        (Self::ReasonCustomers, "reason.customers", &[]),
        (Self::ReasonWorkBlocked, "reason.blocked", &[]),
        (Self::ReasonSaidUrgent, "reason.urgent", &[]),
        (Self::ReasonDeadline, "reason.deadline", &[]),
        (Self::ReasonWorkEquipment, "reason.equipment", &[]),
        (Self::ReasonSharedService, "reason.service", &[]),
        (Self::ReasonSaidPatient, "reason.patient", &[]),
        (Self::ReasonRequest, "reason.request", &[]),
        (Self::ReasonMinor, "reason.minor", &[]),
        (Self::ReasonImpaired, "reason.impaired", &[]),
        (Self::ReasonUnstated, "reason.unstated", &[]),
        (Self::NewsHead, "news.head", &["number", "title"]),
        (Self::NewsAssigned, "news.assigned", &[]),
        (Self::NewsWrote, "news.wrote", &["words"]),
        (Self::NewsPending, "news.pending", &[]),
        (Self::NewsSolved, "news.solved", &[]),
        (Self::NewsSolvedWords, "news.solved.words", &["words"]),
        (Self::NewsSolvedAsk, "news.solved.ask", &[]),
        (Self::NewsClosed, "news.closed", &[]),
        (Self::NewsFile, "news.file", &["file"]),
        (Self::NewsFileLeft, "news.file.left", &["number", "file"]),
        (
            Self::NewsFileCaption,
            "news.file.caption",
            &["number", "file"],
        ),
        (Self::NewsAccept, "news.accept", &[]),
        (Self::NewsReject, "news.reject", &[]),
        (Self::NewsComment, "news.comment", &[]),
        (Self::NewsRate, "news.rate", &[]),
        (Self::NewsCustomer, "news.customer", &[]),
        (Self::NewsShortAssigned, "news.short.assigned", &[]),
        (Self::NewsShortWrote, "news.short.wrote", &[]),
        (Self::NewsShortPending, "news.short.pending", &[]),
        (Self::NewsShortSolved, "news.short.solved", &[]),
        (Self::NewsShortClosed, "news.short.closed", &[]),
        (Self::NewsShortFile, "news.short.file", &[]),
        (Self::CategoryHardware, "category.hardware", &[]),
        (Self::CategoryPrinting, "category.printing", &[]),
        (Self::CategoryNetwork, "category.network", &[]),
        (Self::CategoryEmail, "category.email", &[]),
        (Self::CategoryAccess, "category.access", &[]),
        (Self::CategorySoftware, "category.software", &[]),
        (Self::CategoryTelephony, "category.telephony", &[]),
        (Self::CategoryPointOfSale, "category.point-of-sale", &[]),
        (Self::CategoryFiles, "category.files", &[]),
        (Self::CategorySecurity, "category.security", &[]),
        (Self::CategoryFacilities, "category.facilities", &[]),
        (Self::CategoryUncategorised, "category.uncategorised", &[]),
        // Consent.
        (Self::ConsentStopped, "consent.stopped", &["tenant"]),
        (Self::ConsentAsk, "consent.ask", &["tenant"]),
        (Self::ConsentGiven, "consent.given", &["tenant"]),
        (Self::ConsentDeclined, "consent.declined", &["tenant"]),
        (Self::ButtonYes, "button.yes", &[]),
        (Self::ButtonNo, "button.no", &[]),
    ];

    /// The key's name in catalogue files.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The placeholders a text of this key may name.
    pub fn placeholders(self) -> &'static [&'static str] {
        Self::ALL[self as usize].2
    }
}

/// Compiles only while every key stands in [`Key::ALL`], in order: [`Key::ButtonNo`] is the last of
/// the enum.
const _: () = {
    assert!(Key::ALL.len() == Key::ButtonNo as usize + 1);
    let mut at = 0;
    while at < Key::ALL.len() {
        assert!(Key::ALL[at].0 as usize == at, "a key is out of order");
        at += 1;
    }
};
