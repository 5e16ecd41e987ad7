public import Foundation

/// Books a visit at a time that is not offered, or that others have too: what the desk does when somebody must be seen. It says why, and what it
/// collides with has to be known to the writer. It takes a lane of its own, so that nothing else is moved by it.
public struct BookOver: Command {
    public static let name = "scheduling.book-over.v1"
    public typealias Reply = Booked
    public typealias Refusal = BookOverRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var practitioner: ID<Practitioner>
    public var location: ID<Location>
    public var service: String
    /// Wall time at the place, `2026-12-01T08:10`; of two it is the first.
    public var start: String
    /// In 3 to 200 characters.
    public var reason: String
    /// How many collisions the writer was told of.
    public var collisions: Int
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(
        appointment: ID<Appointment>, patient: ID<Patient>, practitioner: ID<Practitioner>, location: ID<Location>, service: String, start: String,
        reason: String, collisions: Int = 0, key: UUID
    ) {
        self.appointment = appointment
        self.patient = patient
        self.practitioner = practitioner
        self.location = location
        self.service = service
        self.start = start
        self.reason = reason
        self.collisions = collisions
        self.key = key
    }
}

public enum BookOverRefusal: Codable, Sendable, Equatable {
    /// Fields are `start` (no such time there, or not to come), `reason`, `service`, `location` (nobody has hours there, so it has no zone).
    case invalid(problems: [EntryProblem])
    /// What it collides with. Asked again with that number it is booked.
    case collides([Collision])
    /// A patient is not in two places, whoever books.
    case patientBusy(with: ID<Appointment>)
    case idInUse
}

/// What is in the way of a visit; it says nothing of the patient.
public struct Collision: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// Another visit of the clinician's, with the time that is kept free around it.
        case visit
        case leave
        case holiday
        /// The clinician has no hours there then.
        case hours
    }

    public var kind: Kind
    /// Of a visit: when it begins.
    public var start: ZonedTime?
    /// Of a visit: its kind.
    public var service: String?

    public init(kind: Kind, start: ZonedTime? = nil, service: String? = nil) { (self.kind, self.start, self.service) = (kind, start, service) }
}
