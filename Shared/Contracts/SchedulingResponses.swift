public import Foundation

/// A patient's answer to a booked visit, as FHIR's AppointmentResponse has it: accepted, or declined, which cancels it.
public struct RespondToAppointment: Command {
    public static let name = "scheduling.respond-to-appointment.v1"
    public typealias Reply = Done
    public typealias Refusal = CancelRefusal

    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    /// The time they were told: an answer to another one is none.
    public var start: Date
    public var accepts: Bool
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(appointment: ID<Appointment>, patient: ID<Patient>, start: Date, accepts: Bool, key: UUID) {
        (self.appointment, self.patient, self.start, self.accepts, self.key) = (appointment, patient, start, accepts, key)
    }
}
