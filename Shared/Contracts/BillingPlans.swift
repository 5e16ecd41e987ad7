public import Foundation

/// Splits what is owed on a bill into equal instalments, a month apart. Made by whoever pays within limits, or by the billing office.
public struct MakePlan: Command {
    public static let name = "billing.make-plan.v1"
    public typealias Reply = Done
    public typealias Refusal = PlanRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var plan: ID<PaymentPlan>
    public var count: Int
    /// The day the first is due, `2026-12-24`; the others on the same day of the months after, or on the last of a month that has no such day.
    public var first: String
    /// What was owed when the plan was shown.
    public var due: Int

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { invoice.uuid }
    public var key: UUID { plan.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, plan: ID<PaymentPlan>, count: Int, first: String, due: Int) {
        (self.patient, self.invoice, self.plan, self.count, self.first, self.due) = (patient, invoice, plan, count, first, due)
    }
}

public enum PlanRefusal: Codable, Sendable, Equatable {
    case notFound
    /// The bill has changed since the plan was shown.
    case changed(due: Int)
    /// A bill of less is paid at once; the office may split any.
    case tooSmall(from: Int)
    case invalidCount(most: Int)
    /// No day, one that is over, or one too far away.
    case invalidDay(last: String)
    case alreadyPlanned
    /// A line of it is said to be wrong: that is decided first.
    case disputed
    case underWay(payment: ID<Payment>)
    case idInUse
}

/// Gives a plan up: what is owed is owed as the bill says.
public struct CancelPlan: Command {
    public static let name = "billing.cancel-plan.v1"
    public typealias Reply = Done
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var plan: ID<PaymentPlan>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { invoice.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, plan: ID<PaymentPlan>, key: UUID) {
        (self.patient, self.invoice, self.plan, self.key) = (patient, invoice, plan, key)
    }
}

/// A bill's plan: what is paid goes to the instalments in their order, so that paying early, in part or more than one is all the same.
public struct PlanView: Codable, Sendable, Equatable {
    public var plan: ID<PaymentPlan>
    /// active, paid, cancelled
    public var state: String
    /// Why it was cancelled: corrected, given-up.
    public var reason: String?
    public var made: Date
    public var ended: Date?
    /// The billing office made it.
    public var isOffices: Bool
    public var instalments: [Instalment]

    public init(
        plan: ID<PaymentPlan>, state: String, reason: String? = nil, made: Date, ended: Date? = nil, isOffices: Bool, instalments: [Instalment]
    ) {
        (self.plan, self.state, self.reason, self.made, self.ended) = (plan, state, reason, made, ended)
        (self.isOffices, self.instalments) = (isOffices, instalments)
    }

    /// The first that is not wholly paid; nil where the plan is over.
    public var next: Instalment? { state == "active" ? instalments.first { $0.rest > 0 } : nil }
}

public struct Instalment: Codable, Sendable, Equatable {
    /// From 1.
    public var number: Int
    /// Day, `2026-12-24`, by the clinic's clocks.
    public var dueOn: String
    public var amount: Int
    public var paid: Int

    public var rest: Int { amount - paid }

    public init(number: Int, dueOn: String, amount: Int, paid: Int) {
        (self.number, self.dueOn, self.amount, self.paid) = (number, dueOn, amount, paid)
    }

    /// Equal parts of an amount: the last takes what is left over.
    public static func amounts(of total: Int, count: Int) -> [Int] {
        guard count > 0 else { return [] }
        let part = total / count
        return Array(repeating: part, count: count - 1) + [total - part * (count - 1)]
    }
}

/// What of a bill's plan its line in a list says.
public struct PlanSummary: Codable, Sendable, Equatable {
    public var count: Int
    /// Wholly paid.
    public var paid: Int
    /// The next one: its day, and what is left of it.
    public var dueOn: String
    public var rest: Int
    /// Of all that was due by today.
    public var late: Int

    public init(count: Int, paid: Int, dueOn: String, rest: Int, late: Int) {
        (self.count, self.paid, self.dueOn, self.rest, self.late) = (count, paid, dueOn, rest, late)
    }
}

/// An instalment is due soon, or was and is not paid.
public struct InstalmentNoticed: Event, Equatable {
    public static let name = "billing.instalment-noticed.v1"

    public var plan: ID<PaymentPlan>
    public var number: Int
    /// 0: due soon. 3, 7: days since it was due.
    public var daysLate: Int
    public var patient: ID<Patient>
    public var at: Date
    /// Who pays it and is told, by their own record; nil for the patient.
    public var payer: ID<Patient>?
    /// It goes by post: to somebody without a record here.
    public var byPost: Bool?

    public init(
        plan: ID<PaymentPlan>, number: Int, daysLate: Int, patient: ID<Patient>, at: Date, payer: ID<Patient>? = nil, byPost: Bool? = nil
    ) {
        (self.plan, self.number, self.daysLate, self.patient, self.at) = (plan, number, daysLate, patient, at)
        (self.payer, self.byPost) = (payer, byPost)
    }
}
