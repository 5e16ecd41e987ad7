public import Foundation

/// Lets a patient book one visit of a kind by an order, by themselves. Given again for the same order it changes for which kind.
public struct IssueTicket: Command {
    public static let name = "scheduling.issue-ticket.v1"
    public typealias Reply = Done
    public typealias Refusal = TicketRefusal

    public var order: ID<Resource>
    public var patient: ID<Patient>
    /// Code of a kind of visit that is booked by order.
    public var service: String
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(order: ID<Resource>, patient: ID<Patient>, service: String, key: UUID) {
        (self.order, self.patient, self.service, self.key) = (order, patient, service, key)
    }
}

public enum TicketRefusal: String, Codable, Sendable {
    /// No kind of visit that is booked by order.
    case notByOrder
    /// The order is over, is another patient's, or a visit is booked by it.
    case over
}
