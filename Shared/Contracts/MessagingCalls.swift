public import Foundation

/// Writes during a visit by video, in the thread of that visit, which has its id. The key is the message's id.
public struct WriteInCall: Command {
    public static let name = "messaging.write-in-call.v1"
    public typealias Reply = MessageTaken
    public typealias Refusal = MessageRefusal

    public var patient: ID<Patient>
    public var appointment: ID<Appointment>
    /// What the thread is called, where this is its first message.
    public var subject: String
    public var text: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, appointment: ID<Appointment>, subject: String, text: String, key: UUID) {
        (self.patient, self.appointment, self.subject, self.text, self.key) = (patient, appointment, subject, text, key)
    }
}

extension ID where Entity == MessageThread {
    /// Where what was written during a visit stands.
    public init(of visit: ID<Appointment>) { self.init(visit.uuid) }
}
