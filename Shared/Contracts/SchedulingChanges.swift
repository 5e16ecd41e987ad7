public import Foundation

/// Moves a booked visit to another time, with the same clinician or another one. It stays the same appointment: its old time is given back and the
/// new one taken at once, or nothing happens.
public struct RescheduleAppointment: Command {
    public static let name = "scheduling.reschedule-appointment.v1"
    public typealias Reply = Rescheduled
    public typealias Refusal = RescheduleRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    /// What the asker saw.
    public var version: Int
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var start: Date
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        appointment: ID<Appointment>, patient: ID<Patient>, version: Int, practitioner: ID<Practitioner>, location: ID<Location>, start: Date,
        key: UUID
    ) {
        self.appointment = appointment
        self.patient = patient
        self.version = version
        self.practitioner = practitioner
        self.location = location
        self.start = start
        self.key = key
    }
}

public struct Rescheduled: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int
    public var start: ZonedTime
    public var end: ZonedTime

    public init(appointment: ID<Appointment>, version: Int, start: ZonedTime, end: ZonedTime) {
        (self.appointment, self.version, self.start, self.end) = (appointment, version, start, end)
    }
}

public enum RescheduleRefusal: Codable, Sendable, Equatable {
    case notFound
    /// It has begun, or is no longer booked.
    case tooLate
    /// Patients move it themselves until `VisitRules.cutOffMinutes` before it begins; the clinic can still.
    case pastCutOff
    /// Somebody moved it since.
    case changedMeanwhile(version: Int)
    /// Someone else has the new time; the visit keeps its old one.
    case taken(alternatives: [Opening])
    /// Not a time that is offered.
    case notOffered(alternatives: [Opening])
    /// The patient has another visit then.
    case patientBusy(with: ID<Appointment>)
    /// As `BookingRefusal.resourceTaken`.
    case resourceTaken(names: [String], alternatives: [Opening])
}

/// Takes a visit a step further on its day, or corrects what was said of it. Which step leads where, and who takes it: scheduling's `VisitStep`.
public struct MarkAppointment: Command {
    public static let name = "scheduling.mark-appointment.v1"
    public typealias Reply = Marked
    public typealias Refusal = MarkRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    /// What the asker saw.
    public var version: Int
    /// FHIR code: arrived, checked-in, fulfilled, noshow, booked, entered-in-error.
    public var status: String
    /// Corrections say why, in 3 to 200 characters.
    public var reason: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(appointment: ID<Appointment>, patient: ID<Patient>, version: Int, status: String, reason: String? = nil, key: UUID) {
        self.appointment = appointment
        self.patient = patient
        self.version = version
        self.status = status
        self.reason = reason
        self.key = key
    }
}

public struct Marked: Codable, Sendable, Equatable {
    public var appointment: ID<Appointment>
    public var version: Int
    public var status: String

    public init(appointment: ID<Appointment>, version: Int, status: String) {
        (self.appointment, self.version, self.status) = (appointment, version, status)
    }
}

public enum MarkRefusal: Codable, Sendable, Equatable {
    case notFound
    /// Somebody marked or moved it since.
    case changedMeanwhile(version: Int)
    /// No step leads there from where it is.
    case illegal(status: String)
    /// The step is another role's.
    case notYours
    /// A correction without a reason.
    case reasonMissing
    /// Arrivals are of the visit's own day; nobody is missing before half an hour after the start; what is over is not booked anew.
    case notNow
    /// The time of a cancelled visit is somebody else's, or the patient is elsewhere then.
    case timeTaken
}

public struct AppointmentStatusChanged: Event, Equatable {
    public static let name = "scheduling.appointment-status-changed.v1"

    public var appointment: ID<Appointment>
    public var version: Int
    public var patient: ID<Patient>
    /// FHIR codes.
    public var old: String
    public var new: String

    public init(appointment: ID<Appointment>, version: Int, patient: ID<Patient>, old: String, new: String) {
        (self.appointment, self.version, self.patient, self.old, self.new) = (appointment, version, patient, old, new)
    }
}
