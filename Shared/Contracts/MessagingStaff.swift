public import Foundation

/// What staff write to each other about a patient, on the chart. No patient's token opens it.
public struct ReadStaffMessages: Query {
    public static let name = "messaging.read-staff-messages.v1"
    public typealias Reply = StaffMessages

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct StaffMessages: Codable, Sendable, Equatable {
    /// The last 200, oldest first.
    public var messages: [StaffMessageLine]
    public var total: Int

    public init(messages: [StaffMessageLine], total: Int) { (self.messages, self.total) = (messages, total) }
}

public struct StaffMessageLine: Codable, Sendable, Equatable {
    public var message: ID<ThreadMessage>
    public var at: Date
    /// Of staff who are in the directory.
    public var practitioner: ID<Practitioner>?
    public var isOwn: Bool
    /// Empty where it is gone with the patient's key.
    public var text: String

    public init(message: ID<ThreadMessage>, at: Date, practitioner: ID<Practitioner>? = nil, isOwn: Bool, text: String) {
        (self.message, self.at, self.practitioner, self.isOwn, self.text) = (message, at, practitioner, isOwn, text)
    }
}

/// Writes to colleagues on a chart. The key is the message's id.
public struct WriteStaffMessage: Command {
    public static let name = "messaging.write-staff-message.v1"
    public typealias Reply = Done
    public typealias Refusal = StaffMessageRefusal

    public var patient: ID<Patient>
    public var text: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, text: String, key: UUID) { (self.patient, self.text, self.key) = (patient, text, key) }
}

public enum StaffMessageRefusal: String, Codable, Sendable {
    case empty, tooLong
}
