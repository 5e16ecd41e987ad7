public import Foundation

/// What somebody waits for.
public enum WaitingKind: String, Codable, Sendable, CaseIterable {
    /// A time that becomes free: they are offered one.
    case list
    /// A visit of a kind that the clinic books when it is asked to.
    case request
    /// A call from the clinic, in place of booking by themselves.
    case call
}

public enum DayPart: String, Codable, Sendable, CaseIterable {
    case any
    /// Before noon, by the clocks of the place.
    case morning
    case afternoon
}

/// When somebody could come.
public struct VisitWishes: Codable, Sendable, Equatable {
    /// Local days, `2026-12-01`; nil for today, and for 90 days later or the visit that is to be sooner.
    public var from: String?
    public var until: String?
    /// ISO: 1 Monday … 7 Sunday; none for any.
    public var weekdays: [Int]
    public var part: DayPart

    public init(from: String? = nil, until: String? = nil, weekdays: [Int] = [], part: DayPart = .any) {
        (self.from, self.until, self.weekdays, self.part) = (from, until, weekdays, part)
    }
}

/// Puts somebody on the waiting list, or asks the clinic for a visit. A visit that is booked stays as it is until an offer is taken.
public struct JoinWaitingList: Command {
    public static let name = "scheduling.join-waiting-list.v1"
    public typealias Reply = Done
    public typealias Refusal = JoinRefusal

    public var waiting: ID<Waiting>
    public var patient: ID<Patient>
    public var service: String
    /// Nil for anybody.
    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    /// The booked visit that is to be sooner; its kind is `service`.
    public var visit: ID<Appointment>?
    public var wishes: VisitWishes

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { waiting.uuid }

    public init(
        waiting: ID<Waiting>, patient: ID<Patient>, service: String, practitioner: ID<Practitioner>? = nil, location: ID<Location>? = nil,
        visit: ID<Appointment>? = nil, wishes: VisitWishes = VisitWishes()
    ) {
        self.waiting = waiting
        self.patient = patient
        self.service = service
        self.practitioner = practitioner
        self.location = location
        self.visit = visit
        self.wishes = wishes
    }
}

public enum JoinRefusal: Codable, Sendable, Equatable {
    /// Fields are `from`, `until`, `weekdays`, `service`.
    case invalid(problems: [EntryProblem])
    /// The visit is not booked any more, or is another's.
    case visitGone
    /// They wait for one of this kind already.
    case waitsAlready
    /// Patients do not get this kind of visit by themselves.
    case byClinicOnly
}

/// Asks the clinic to call, instead of booking by oneself.
public struct RequestCall: Command {
    public static let name = "scheduling.request-call.v1"
    public typealias Reply = CallPromised
    public typealias Refusal = JoinRefusal

    public var waiting: ID<Waiting>
    public var patient: ID<Patient>
    /// What it is about, where they had chosen.
    public var service: String?

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { waiting.uuid }

    public init(waiting: ID<Waiting>, patient: ID<Patient>, service: String? = nil) {
        (self.waiting, self.patient, self.service) = (waiting, patient, service)
    }
}

public struct CallPromised: Codable, Sendable, Equatable {
    /// Until when the clinic calls: two of its hours from now. Nil where none are published.
    public var by: ZonedTime?

    public init(by: ZonedTime?) { self.by = by }
}

/// Waits no longer. An offer that is open goes to the next.
public struct LeaveWaitingList: Command {
    public static let name = "scheduling.leave-waiting-list.v1"
    public typealias Reply = Done
    public typealias Refusal = WaitingRefusal

    public var waiting: ID<Waiting>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(waiting: ID<Waiting>, patient: ID<Patient>, key: UUID) { (self.waiting, self.patient, self.key) = (waiting, patient, key) }
}

/// Ends what the clinic has to do for somebody: it has called, or has answered.
public struct AnswerWaiting: Command {
    public static let name = "scheduling.answer-waiting.v1"
    public typealias Reply = Done
    public typealias Refusal = WaitingRefusal

    public var waiting: ID<Waiting>
    public var patient: ID<Patient>
    public var answer: WaitingAnswer
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(waiting: ID<Waiting>, patient: ID<Patient>, answer: WaitingAnswer, key: UUID) {
        (self.waiting, self.patient, self.answer, self.key) = (waiting, patient, answer, key)
    }
}

public enum WaitingAnswer: String, Codable, Sendable, CaseIterable {
    /// There is a visit now.
    case booked
    /// The clinic has called.
    case called
    /// The patient is asked to call.
    case callUs
    /// The clinic has no such visit for them.
    case notPossible
}

public enum WaitingRefusal: String, Codable, Sendable {
    case notFound
    /// It has ended.
    case over
}

/// Takes the time that is offered: the visit is moved to it, or it is booked, once.
public struct TakeOffer: Command {
    public static let name = "scheduling.take-offer.v1"
    public typealias Reply = Booked
    public typealias Refusal = OfferRefusal

    /// The offer's id; the new visit's too, where none is moved.
    public var offer: ID<Appointment>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(offer: ID<Appointment>, patient: ID<Patient>, key: UUID) { (self.offer, self.patient, self.key) = (offer, patient, key) }
}

/// Does not take it: the next one is asked.
public struct DeclineOffer: Command {
    public static let name = "scheduling.decline-offer.v1"
    public typealias Reply = Done
    public typealias Refusal = OfferRefusal

    public var offer: ID<Appointment>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(offer: ID<Appointment>, patient: ID<Patient>, key: UUID) { (self.offer, self.patient, self.key) = (offer, patient, key) }
}

public enum OfferRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Its time is over, or it was declined, or the clinician cannot come. What was booked stays.
    case over
    /// The visit that was to be sooner is not booked any more.
    case visitGone
    /// The patient has another visit then.
    case patientBusy(with: ID<Appointment>)
}

/// A time that is kept for somebody until they have answered.
public struct WaitingOffer: Codable, Sendable, Equatable {
    public var offer: ID<Appointment>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: ZonedTime
    public var end: ZonedTime
    public var until: Date

    public init(
        offer: ID<Appointment>, practitioner: ID<Practitioner>, location: ID<Location>, start: ZonedTime, end: ZonedTime, until: Date
    ) {
        self.offer = offer
        self.practitioner = practitioner
        self.location = location
        self.start = start
        self.end = end
        self.until = until
    }
}

public struct WaitingLine: Codable, Sendable, Equatable {
    public var waiting: ID<Waiting>
    public var kind: WaitingKind
    public var patient: ID<Patient>
    /// Nil for a call about anything.
    public var service: String?
    public var practitioner: ID<Practitioner>?
    public var location: ID<Location>?
    public var visit: ID<Appointment>?
    public var wishes: VisitWishes
    public var since: Date
    public var offer: WaitingOffer?
    /// Until when the clinic has said it calls.
    public var promised: ZonedTime?
    /// What the clinic answered; nil while it waits.
    public var answer: WaitingAnswer?
    /// The clinic cannot keep the visit's time, and looks for another. Nil where that is not so.
    public var isInsteadOfVisit: Bool?

    public init(
        waiting: ID<Waiting>, kind: WaitingKind, patient: ID<Patient>, service: String? = nil, practitioner: ID<Practitioner>? = nil,
        location: ID<Location>? = nil, visit: ID<Appointment>? = nil, wishes: VisitWishes = VisitWishes(), since: Date,
        offer: WaitingOffer? = nil, promised: ZonedTime? = nil, answer: WaitingAnswer? = nil, isInsteadOfVisit: Bool? = nil
    ) {
        self.waiting = waiting
        self.kind = kind
        self.patient = patient
        self.service = service
        self.practitioner = practitioner
        self.location = location
        self.visit = visit
        self.wishes = wishes
        self.since = since
        self.offer = offer
        self.promised = promised
        self.answer = answer
        self.isInsteadOfVisit = isInsteadOfVisit
    }
}

/// What a patient waits for, and what the clinic answered in the last 30 days.
public struct ReadWaiting: Query {
    public static let name = "scheduling.read-waiting.v1"
    public typealias Reply = Waitings

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

/// Who waits, in the order in which they are served.
public struct ReadWaitingList: Query {
    public static let name = "scheduling.read-waiting-list.v1"
    public typealias Reply = Waitings

    public init() {}
}

public struct Waitings: Codable, Sendable, Equatable {
    /// At most 50.
    public var lines: [WaitingLine]
    public var total: Int
    public var services: [VisitService]
    public var asOf: Date

    public init(lines: [WaitingLine], total: Int, services: [VisitService], asOf: Date) {
        (self.lines, self.total, self.services, self.asOf) = (lines, total, services, asOf)
    }
}

/// A time is kept for somebody who waits.
public struct WaitlistOffered: Event, Equatable {
    public static let name = "scheduling.waitlist-offered.v1"

    public var offer: ID<Appointment>
    public var patient: ID<Patient>
    public var at: Date
    public var until: Date
    /// It is in place of a visit that cannot be as it is: the absence that is why. Nil where somebody waits by themselves.
    public var absence: UUID?

    public init(offer: ID<Appointment>, patient: ID<Patient>, at: Date, until: Date, absence: UUID? = nil) {
        (self.offer, self.patient, self.at, self.until, self.absence) = (offer, patient, at, until, absence)
    }
}
