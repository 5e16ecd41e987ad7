public import Foundation

/// A charge that was wrong altogether does not count any more: where it is on a bill, an entry against it is made. What was done is charged anew.
public struct VoidCharge: Command {
    public static let name = "billing.void-charge.v1"
    public typealias Reply = Done
    public typealias Refusal = VoidRefusal

    public var patient: ID<Patient>
    public var charge: ID<Charge>
    public var reason: AdjustmentReason
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, charge: ID<Charge>, reason: AdjustmentReason, key: UUID) {
        (self.patient, self.charge, self.reason, self.key) = (patient, charge, reason, key)
    }
}

/// The same for all that is on a bill: it is cancelled.
public struct CancelInvoice: Command {
    public static let name = "billing.cancel-invoice.v1"
    public typealias Reply = Done
    public typealias Refusal = VoidRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var reason: AdjustmentReason
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, reason: AdjustmentReason, key: UUID) {
        (self.patient, self.invoice, self.reason, self.key) = (patient, invoice, reason, key)
    }
}

public enum VoidRefusal: Codable, Sendable, Equatable {
    case notFound
    case alreadyVoid
    /// Something was paid or taken off: that is given back or undone first.
    case notWhollyOwed
    case underWay(payment: ID<Payment>)
}

/// A second person decides a refund, credit or write-off above the clinic's limit.
public struct DecideApproval: Command {
    public static let name = "billing.decide-approval.v1"
    public typealias Reply = Done
    public typealias Refusal = ApprovalRefusal

    public var patient: ID<Patient>
    public var approval: ID<Approval>
    public var approves: Bool
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, approval: ID<Approval>, approves: Bool, key: UUID) {
        (self.patient, self.approval, self.approves, self.key) = (patient, approval, approves, key)
    }
}

public enum ApprovalRefusal: String, Codable, Sendable {
    /// Decided already, or never asked.
    case notFound
    /// Whoever asked does not approve.
    case own
    /// The bill or payment has changed, and it cannot be done any more.
    case notPossible
}

/// What waits for a second person.
public struct ApprovalLine: Codable, Sendable, Equatable {
    public var approval: ID<Approval>
    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    /// refund, credit, write-off
    public var kind: String
    public var amount: Money
    /// A code.
    public var reason: String
    public var asked: Date
    public var askedBy: ID<Account>?

    public init(
        approval: ID<Approval>, patient: ID<Patient>, invoice: ID<Invoice>, kind: String, amount: Money, reason: String, asked: Date,
        askedBy: ID<Account>? = nil
    ) {
        self.approval = approval
        self.patient = patient
        self.invoice = invoice
        self.kind = kind
        self.amount = amount
        self.reason = reason
        self.asked = asked
        self.askedBy = askedBy
    }
}

/// A line of a bill that its patient says is wrong.
public struct DisputedLine: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var charge: ID<Charge>
    public var reason: DisputeReason
    public var opened: Date

    public init(patient: ID<Patient>, invoice: ID<Invoice>, charge: ID<Charge>, reason: DisputeReason, opened: Date) {
        (self.patient, self.invoice, self.charge, self.reason, self.opened) = (patient, invoice, charge, reason, opened)
    }
}
