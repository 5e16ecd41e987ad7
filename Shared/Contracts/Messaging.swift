public import Foundation

/// What a question is about; it decides who gets it.
public enum ThreadPurpose: String, Codable, Sendable, CaseIterable {
    case medical, medicine, appointment, bill, other
}

/// Whose turn it is: the clinic's, the patient's, nobody's.
public enum ThreadState: String, Codable, Sendable, CaseIterable {
    case waiting, answered, closed
}

/// Who answers, and by when: told before anything is sent.
public struct AnswerPromise: Codable, Sendable, Equatable {
    /// Code of the pool: `care`, `desk`.
    public var pool: String
    /// Who of it answers; nil: whoever has time first.
    public var owner: ID<Practitioner>?
    /// Set where whoever was asked for is away: when they are back.
    public var awayUntil: ZonedTime?
    public var by: ZonedTime

    public init(pool: String, owner: ID<Practitioner>? = nil, awayUntil: ZonedTime? = nil, by: ZonedTime) {
        (self.pool, self.owner, self.awayUntil, self.by) = (pool, owner, awayUntil, by)
    }
}

/// Whom a patient can ask about what, and what each would be promised now.
public struct ReadRecipients: Query {
    public static let name = "messaging.read-recipients.v1"
    public typealias Reply = Recipients

    public var patient: ID<Patient>
    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Recipients: Codable, Sendable, Equatable {
    public struct Purpose: Codable, Sendable, Equatable {
        public var purpose: ThreadPurpose
        public var promise: AnswerPromise
        /// Whether somebody in particular can be asked.
        public var isClinical: Bool

        public init(purpose: ThreadPurpose, promise: AnswerPromise, isClinical: Bool) {
            (self.purpose, self.promise, self.isClinical) = (purpose, promise, isClinical)
        }
    }

    public struct Clinician: Codable, Sendable, Equatable {
        public var practitioner: ID<Practitioner>
        public var promise: AnswerPromise

        public init(practitioner: ID<Practitioner>, promise: AnswerPromise) { (self.practitioner, self.promise) = (practitioner, promise) }
    }

    public var purposes: [Purpose]
    /// Those who treat the patient.
    public var clinicians: [Clinician]

    public init(purposes: [Purpose], clinicians: [Clinician]) { (self.purposes, self.clinicians) = (purposes, clinicians) }
}

/// Begins a thread. The key is the first message's id.
public struct AskQuestion: Command {
    public static let name = "messaging.ask-question.v1"
    public typealias Reply = MessageTaken
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>
    public var purpose: ThreadPurpose
    /// Somebody in particular; only those who treat the patient.
    public var practitioner: ID<Practitioner>?
    public var subject: String
    public var text: String
    /// Until when an answer was promised on the page this was written on.
    public var promised: Date
    /// They were told what to do in an emergency, and send it nevertheless.
    public var knowsUrgent: Bool
    /// The bill it is about.
    public var invoice: ID<Invoice>?
    /// What was filed with it.
    public var attachment: MessageAttachment?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, thread: ID<MessageThread>, purpose: ThreadPurpose, practitioner: ID<Practitioner>? = nil, subject: String,
        text: String, promised: Date, knowsUrgent: Bool = false, invoice: ID<Invoice>? = nil, attachment: MessageAttachment? = nil, key: UUID
    ) {
        (self.invoice, self.attachment) = (invoice, attachment)
        (self.patient, self.thread, self.purpose, self.practitioner) = (patient, thread, purpose, practitioner)
        (self.subject, self.text, self.promised, self.knowsUrgent, self.key) = (subject, text, promised, knowsUrgent, key)
    }
}

public struct MessageTaken: Codable, Sendable, Equatable {
    public var thread: ID<MessageThread>
    public var version: Int

    public init(thread: ID<MessageThread>, version: Int) { (self.thread, self.version) = (thread, version) }
}

public enum MessageRefusal: Codable, Sendable, Equatable {
    case notFound
    case empty
    case tooLong
    /// It reads like an emergency: `knowsUrgent` is to be said.
    case urgent
    /// What was shown is not what can be kept: this is, and is to be shown first.
    case promised(AnswerPromise)
    /// Closed too long ago to be opened again.
    case closed
    /// Somebody else wrote or did something since.
    case changedMeanwhile
    /// The other side has read it.
    case alreadyRead
    /// So many are open already.
    case tooMany
}

/// Writes in a thread, for the patient or for the clinic. The key is the message's id.
public struct WriteMessage: Command {
    public static let name = "messaging.write-message.v1"
    public typealias Reply = MessageTaken
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>
    public var text: String
    /// From the patient: what was promised on the page.
    public var promised: Date?
    public var knowsUrgent: Bool
    /// From the clinic: what was seen of the thread, so that two do not answer at once.
    public var version: Int?
    /// What was filed with it.
    public var attachment: MessageAttachment?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        patient: ID<Patient>, thread: ID<MessageThread>, text: String, promised: Date? = nil, knowsUrgent: Bool = false, version: Int? = nil,
        attachment: MessageAttachment? = nil, key: UUID
    ) {
        (self.patient, self.thread, self.text, self.promised) = (patient, thread, text, promised)
        (self.knowsUrgent, self.version, self.attachment, self.key) = (knowsUrgent, version, attachment, key)
    }
}

/// A document of the patient's record that came with a message. Who may open it, records decides.
public struct MessageAttachment: Codable, Sendable, Equatable {
    public var document: ID<Resource>
    /// As its sender called it, without a path: 1 to 200 characters.
    public var name: String

    public init(document: ID<Resource>, name: String) { (self.document, self.name) = (document, name) }
}

/// Takes a message back that the other side has not read.
public struct RetractMessage: Command {
    public static let name = "messaging.retract-message.v1"
    public typealias Reply = MessageTaken
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>
    public var message: ID<ThreadMessage>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, thread: ID<MessageThread>, message: ID<ThreadMessage>, key: UUID) {
        (self.patient, self.thread, self.message, self.key) = (patient, thread, message, key)
    }
}

/// Says that everything up to a message was shown to whoever asks.
public struct MarkRead: Command {
    public static let name = "messaging.mark-read.v1"
    public typealias Reply = Done
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>
    public var until: Date
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, thread: ID<MessageThread>, until: Date, key: UUID) {
        (self.patient, self.thread, self.until, self.key) = (patient, thread, until, key)
    }
}

/// A patient's threads, the last written in first.
public struct ReadThreads: Query {
    public static let name = "messaging.read-threads.v1"
    public typealias Reply = Threads

    public var patient: ID<Patient>
    /// Words that each have to be in the subject or in a message.
    public var search: String?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, search: String? = nil) { (self.patient, self.search) = (patient, search) }
}

public struct Threads: Codable, Sendable, Equatable {
    /// At most 100.
    public var threads: [ThreadLine]
    public var total: Int
    /// Threads with a message the asker's side has not read.
    public var unread: Int
    /// See `ReadPosition`.
    public var position: Int?
    /// Whether they want what is written to many: see `ChooseOutreach`. Nil from who does not say, and where words are looked for.
    public var wantsOutreach: Bool?

    public init(threads: [ThreadLine], total: Int, unread: Int, position: Int? = nil, wantsOutreach: Bool? = nil) {
        (self.threads, self.total, self.unread, self.position, self.wantsOutreach) = (threads, total, unread, position, wantsOutreach)
    }
}

public struct ThreadLine: Codable, Sendable, Equatable {
    public var thread: ID<MessageThread>
    public var version: Int
    public var patient: ID<Patient>
    public var purpose: ThreadPurpose
    /// Empty where the text is gone with the patient's key.
    public var subject: String
    public var state: ThreadState
    public var pool: String
    public var owner: ID<Practitioner>?
    /// Whether it is whoever asks that has taken it.
    public var isMine: Bool
    /// Whether somebody has taken it.
    public var isTaken: Bool
    public var promised: ZonedTime
    /// 0, 1 from three quarters of the time on, 2 when it is over.
    public var level: Int
    public var isUrgent: Bool
    public var last: Date
    /// Messages the asker's side has not read.
    public var unread: Int
    /// The bill it is about. Who may see it, billing decides.
    public var invoice: ID<Invoice>?

    /// Grows with every change; a level falls only together with a version.
    public var position: Int { version * 3 + level }

    public init(
        thread: ID<MessageThread>, version: Int, patient: ID<Patient>, purpose: ThreadPurpose, subject: String, state: ThreadState, pool: String,
        owner: ID<Practitioner>? = nil, isMine: Bool, isTaken: Bool, promised: ZonedTime, level: Int, isUrgent: Bool, last: Date, unread: Int,
        invoice: ID<Invoice>? = nil
    ) {
        self.invoice = invoice
        (self.thread, self.version, self.patient, self.purpose, self.subject) = (thread, version, patient, purpose, subject)
        (self.state, self.pool, self.owner, self.isMine, self.isTaken) = (state, pool, owner, isMine, isTaken)
        (self.promised, self.level, self.isUrgent, self.last, self.unread) = (promised, level, isUrgent, last, unread)
    }
}

/// One thread with its messages.
public struct ReadThread: Query {
    public static let name = "messaging.read-thread.v1"
    public typealias Reply = ThreadView
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, thread: ID<MessageThread>) { (self.patient, self.thread) = (patient, thread) }
}

public struct ThreadView: Codable, Sendable, Equatable {
    public var line: ThreadLine
    /// The last 200, oldest first.
    public var messages: [MessageLine]
    public var total: Int
    /// What a patient's next message is promised; nil where nothing can be written any more.
    public var next: AnswerPromise?
    /// For staff: to whom it can be given.
    public var members: [ID<Practitioner>]
    /// For staff: the other pools.
    public var pools: [String]
    public var asOf: Date

    public init(
        line: ThreadLine, messages: [MessageLine], total: Int, next: AnswerPromise? = nil, members: [ID<Practitioner>], pools: [String], asOf: Date
    ) {
        (self.line, self.messages, self.total, self.next) = (line, messages, total, next)
        (self.members, self.pools, self.asOf) = (members, pools, asOf)
    }
}

public struct MessageLine: Codable, Sendable, Equatable {
    public var message: ID<ThreadMessage>
    public var at: Date
    public var isFromPatient: Bool
    /// Of staff who are in the directory.
    public var practitioner: ID<Practitioner>?
    /// Whether whoever asks wrote it.
    public var isOwn: Bool
    /// Empty where it was retracted, or is gone with the patient's key.
    public var text: String
    public var retracted: Date?
    /// When the other side first read it.
    public var read: Date?
    public var readBy: ID<Practitioner>?
    public var attachment: MessageAttachment?

    public init(
        message: ID<ThreadMessage>, at: Date, isFromPatient: Bool, practitioner: ID<Practitioner>? = nil, isOwn: Bool, text: String,
        retracted: Date? = nil, read: Date? = nil, readBy: ID<Practitioner>? = nil, attachment: MessageAttachment? = nil
    ) {
        self.attachment = attachment
        (self.message, self.at, self.isFromPatient, self.practitioner, self.isOwn) = (message, at, isFromPatient, practitioner, isOwn)
        (self.text, self.retracted, self.read, self.readBy) = (text, retracted, read, readBy)
    }
}

/// What waits for the pools the asker is in: those that were promised soonest first.
public struct ReadInbox: Query {
    public static let name = "messaging.read-inbox.v1"
    public typealias Reply = Inbox

    /// Only what the asker has taken or was given.
    public var mine: Bool
    /// Also what was answered or closed in the last 30 days.
    public var all: Bool
    /// From 0.
    public var page: Int

    public init(mine: Bool = false, all: Bool = false, page: Int = 0) { (self.mine, self.all, self.page) = (mine, all, page) }
}

public struct Inbox: Codable, Sendable, Equatable {
    /// 50 a page.
    public var threads: [ThreadLine]
    public var total: Int
    public var asOf: Date
    /// See `ReadInboxPosition`.
    public var position: Int?
    /// The page these are of: one where all is kept from the asker is passed over. Nil: the one that was asked for.
    public var page: Int?
    /// Whether something comes after this page, whoever may see it.
    public var hasMore: Bool?

    public init(threads: [ThreadLine], total: Int, asOf: Date, position: Int? = nil, page: Int? = nil, hasMore: Bool? = nil) {
        (self.threads, self.total, self.asOf, self.position) = (threads, total, asOf, position)
        (self.page, self.hasMore) = (page, hasMore)
    }
}

/// Where a thread of a patient's stands, or all of them: a number that grows with every change, and that an open page is compared by.
public struct ReadPosition: Query {
    public static let name = "messaging.read-position.v1"
    public typealias Reply = ThreadsPosition

    public var patient: ID<Patient>
    /// Nil: all of them.
    public var thread: ID<MessageThread>?

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, thread: ID<MessageThread>? = nil) { (self.patient, self.thread) = (patient, thread) }
}

/// The same of everything in the pools of the asker's role.
public struct ReadInboxPosition: Query {
    public static let name = "messaging.read-inbox-position.v1"
    public typealias Reply = ThreadsPosition

    public init() {}
}

public struct ThreadsPosition: Codable, Sendable, Equatable {
    /// The versions of these threads, all together.
    public var position: Int

    public init(position: Int) { self.position = position }
}

public enum ThreadStep: Codable, Sendable, Equatable {
    case take
    case give(practitioner: ID<Practitioner>)
    case handOver(pool: String)
    case close
    case reopen
}

/// What staff do with a thread, over the version they saw.
public struct MoveThread: Command {
    public static let name = "messaging.move-thread.v1"
    public typealias Reply = MessageTaken
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var thread: ID<MessageThread>
    public var version: Int
    public var step: ThreadStep
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, thread: ID<MessageThread>, version: Int, step: ThreadStep, key: UUID) {
        (self.patient, self.thread, self.version, self.step, self.key) = (patient, thread, version, step, key)
    }
}

/// Something was written in a thread.
public struct MessageSent: Event, Equatable {
    public static let name = "messaging.message-sent.v1"

    public var thread: ID<MessageThread>
    public var message: ID<ThreadMessage>
    public var patient: ID<Patient>
    public var isFromPatient: Bool
    public var at: Date

    public init(thread: ID<MessageThread>, message: ID<ThreadMessage>, patient: ID<Patient>, isFromPatient: Bool, at: Date) {
        (self.thread, self.message, self.patient, self.isFromPatient, self.at) = (thread, message, patient, isFromPatient, at)
    }
}

/// Whose turn it is, who has it, or how late it is, is another.
public struct TaskChanged: Event, Equatable {
    public static let name = "messaging.task-changed.v1"

    public var thread: ID<MessageThread>
    public var version: Int
    public var patient: ID<Patient>
    public var state: ThreadState
    /// 0, 1 from three quarters of the time on, 2 when it is over.
    public var level: Int

    /// See `ThreadLine.position`.
    public var position: Int { version * 3 + level }

    public init(thread: ID<MessageThread>, version: Int, patient: ID<Patient>, state: ThreadState, level: Int) {
        (self.thread, self.version, self.patient, self.state, self.level) = (thread, version, patient, state, level)
    }
}
