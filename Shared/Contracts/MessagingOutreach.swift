public import Foundation

/// One message to many patients, each of whom gets a thread of their own.
public enum Outreach {}

/// To whom: who has a visit in some days, who is treated by somebody, or both.
public struct OutreachCohort: Codable, Sendable, Equatable {
    /// Whose patients.
    public var practitioner: ID<Practitioner>?
    /// Local days of their booked visits, both included, at most 92 of them.
    public var from: String?
    public var until: String?
    /// Code of the kind of those visits.
    public var service: String?

    public init(practitioner: ID<Practitioner>? = nil, from: String? = nil, until: String? = nil, service: String? = nil) {
        (self.practitioner, self.from, self.until, self.service) = (practitioner, from, until, service)
    }
}

/// Has a message's readers looked up. Nobody is written to before that was seen.
public struct PrepareOutreach: Command {
    public static let name = "messaging.prepare-outreach.v1"
    public typealias Reply = OutreachTaken
    public typealias Refusal = OutreachRefusal

    public var outreach: ID<Outreach>
    public var cohort: OutreachCohort
    /// What it is about: the pool that has it gets the answers.
    public var purpose: ThreadPurpose
    public var subject: String
    public var text: String
    /// Of those with one e-mail address one is written to.
    public var onePerHousehold: Bool
    public var key: UUID

    public init(
        outreach: ID<Outreach>, cohort: OutreachCohort, purpose: ThreadPurpose, subject: String, text: String, onePerHousehold: Bool, key: UUID
    ) {
        (self.outreach, self.cohort, self.purpose, self.subject) = (outreach, cohort, purpose, subject)
        (self.text, self.onePerHousehold, self.key) = (text, onePerHousehold, key)
    }
}

public struct OutreachTaken: Codable, Sendable, Equatable {
    public var outreach: ID<Outreach>

    public init(outreach: ID<Outreach>) { self.outreach = outreach }
}

public enum OutreachRefusal: String, Codable, Sendable {
    case empty, tooLong
    /// Neither days nor anybody's patients; days that are none, or too many.
    case noCohort
    /// Ten were prepared in a day.
    case tooMany
    /// No such one of the asker's, or nothing of theirs is about this.
    case notFound
    /// Its readers are still looked up, or there is none.
    case notReady
    /// Its readers were looked up more than a day ago, or are not those that were seen.
    case changedMeanwhile
}

/// Where an outreach stands: readers are looked up, were found, are written to, were written to; more than 5,000 were found.
public enum OutreachState: String, Codable, Sendable, CaseIterable {
    case gathering, ready, sending, sent, tooLarge
}

public struct OutreachLine: Codable, Sendable, Equatable {
    public var outreach: ID<Outreach>
    public var state: OutreachState
    public var made: Date
    public var practitioner: ID<Practitioner>?
    public var isOwn: Bool
    public var cohort: OutreachCohort
    public var purpose: ThreadPurpose
    public var subject: String
    /// Who is, or was, to be written to; of these who was; and who is left out.
    public var chosen: Int
    public var sent: Int
    public var leftOut: Int

    public init(
        outreach: ID<Outreach>, state: OutreachState, made: Date, practitioner: ID<Practitioner>? = nil, isOwn: Bool, cohort: OutreachCohort,
        purpose: ThreadPurpose, subject: String, chosen: Int, sent: Int, leftOut: Int
    ) {
        (self.outreach, self.state, self.made, self.practitioner, self.isOwn) = (outreach, state, made, practitioner, isOwn)
        (self.cohort, self.purpose, self.subject) = (cohort, purpose, subject)
        (self.chosen, self.sent, self.leftOut) = (chosen, sent, leftOut)
    }
}

/// The asker's own; an administrator's: everybody's.
public struct ReadOutreaches: Query {
    public static let name = "messaging.read-outreaches.v1"
    public typealias Reply = Outreaches

    public init() {}
}

public struct Outreaches: Codable, Sendable, Equatable {
    /// The last 50, newest first.
    public var outreaches: [OutreachLine]
    public var total: Int

    public init(outreaches: [OutreachLine], total: Int) { (self.outreaches, self.total) = (outreaches, total) }
}

/// One of them: what it says, and who is left out.
public struct ReadOutreach: Query {
    public static let name = "messaging.read-outreach.v1"
    public typealias Reply = OutreachView
    public typealias Refusal = OutreachRefusal

    public var outreach: ID<Outreach>
    /// Of those left out, from 0.
    public var page: Int

    public init(outreach: ID<Outreach>, page: Int = 0) { (self.outreach, self.page) = (outreach, page) }
}

public struct OutreachView: Codable, Sendable, Equatable {
    public struct LeftOut: Codable, Sendable, Equatable {
        public var patient: ID<Patient>
        public var reason: OutreachReason

        public init(patient: ID<Patient>, reason: OutreachReason) { (self.patient, self.reason) = (patient, reason) }
    }

    public struct Count: Codable, Sendable, Equatable {
        public var reason: OutreachReason
        public var count: Int

        public init(reason: OutreachReason, count: Int) { (self.reason, self.count) = (reason, count) }
    }

    public var line: OutreachLine
    public var text: String
    /// How many are left out, and why.
    public var reasons: [Count]
    /// 50 a page.
    public var leftOut: [LeftOut]

    public init(line: OutreachLine, text: String, reasons: [Count], leftOut: [LeftOut]) {
        (self.line, self.text, self.reasons, self.leftOut) = (line, text, reasons, leftOut)
    }
}

/// Why somebody of a cohort is not written to.
public enum OutreachReason: String, Codable, Sendable, CaseIterable {
    /// Nobody can read it in the portal.
    case noPortal
    /// Whoever writes may not know of them: they do not treat them, or the patient said no.
    case notAllowed
    /// Somebody else at their e-mail address gets it.
    case household
    /// Got one within a day.
    case lately
    case deceased, practice
    /// They do not want what is written to many.
    case notWanted
}

/// Sends what was looked at.
public struct SendOutreach: Command {
    public static let name = "messaging.send-outreach.v1"
    public typealias Reply = OutreachTaken
    public typealias Refusal = OutreachRefusal

    public var outreach: ID<Outreach>
    /// How many would be written to, as was seen.
    public var chosen: Int
    public var key: UUID

    public init(outreach: ID<Outreach>, chosen: Int, key: UUID) { (self.outreach, self.chosen, self.key) = (outreach, chosen, key) }
}

/// A patient says whether they want what the clinic writes to many at once.
public struct ChooseOutreach: Command {
    public static let name = "messaging.choose-outreach.v1"
    public typealias Reply = Done
    public typealias Refusal = Never

    public var patient: ID<Patient>
    public var wanted: Bool
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, wanted: Bool, key: UUID) { (self.patient, self.wanted, self.key) = (patient, wanted, key) }
}
