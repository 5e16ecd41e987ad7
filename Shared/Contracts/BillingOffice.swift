public import Foundation

/// Sets what services cost from now on. What was charged before keeps its price; a code that is not named is not charged any more.
public struct LoadFees: Command {
    public static let name = "billing.load-fees.v1"
    public typealias Reply = Done
    public typealias Refusal = FeesRefusal

    /// At most 1,000.
    public var fees: [Fee]
    public var key: UUID

    public init(fees: [Fee], key: UUID) { (self.fees, self.key) = (fees, key) }
}

public struct Fee: Codable, Sendable, Equatable {
    /// The clinic's own code of the service.
    public var code: String
    /// By language: `en`, `es`.
    public var name: [String: String]
    public var price: Money
    /// The kind of visit that is charged with it unasked, as scheduling calls it: `office-visit`.
    public var visit: String?

    public init(code: String, name: [String: String], price: Money, visit: String? = nil) {
        (self.code, self.name, self.price, self.visit) = (code, name, price, visit)
    }
}

public enum FeesRefusal: Codable, Sendable, Equatable {
    /// Of the lines from 1: a code or name that is missing or twice, a price that is none, two fees of one kind of visit.
    case invalid(line: Int)
}

public struct ReadFees: Query {
    public static let name = "billing.read-fees.v1"
    public typealias Reply = Fees

    public init() {}
}

public struct Fees: Codable, Sendable, Equatable {
    public var fees: [Fee]
    public init(fees: [Fee]) { self.fees = fees }
}

/// What waits in the billing office: 50 of each at most, the oldest first.
public struct ReadBillingWork: Query {
    public static let name = "billing.read-work.v1"
    public typealias Reply = BillingWork

    public init() {}
}

public struct BillingWork: Codable, Sendable, Equatable {
    /// Visits that are over, with nothing charged and nobody's word that nothing is to be.
    public var missing: [VisitToCharge]
    public var missingTotal: Int
    /// Who has charges that are on no bill yet.
    public var unbilled: [UnbilledCharges]
    public var unbilledTotal: Int
    public var unpaid: [InvoiceSummary]
    public var unpaidTotal: Int
    /// Payments that failed on bills that are still owed, and refunds that did.
    public var failed: [PaymentLine]
    public var failedTotal: Int
    public var disputes: [PaymentLine]
    public var disputesTotal: Int
    /// What waits for a second person.
    public var approvals: [ApprovalLine]?
    public var approvalsTotal: Int?
    /// Lines that patients say are wrong.
    public var disputedLines: [DisputedLine]?
    public var disputedLinesTotal: Int?
    /// Insurances nobody has checked.
    public var coverages: [CoverageToCheck]?
    public var coveragesTotal: Int?
    /// Bills with an instalment that is a week late, and both reminders sent: somebody calls.
    public var latePlans: [InvoiceSummary]?
    public var latePlansTotal: Int?
    public var books: BooksCheck?
    public var asOf: Date

    public init(
        missing: [VisitToCharge], missingTotal: Int, unbilled: [UnbilledCharges], unbilledTotal: Int, unpaid: [InvoiceSummary], unpaidTotal: Int,
        failed: [PaymentLine], failedTotal: Int, disputes: [PaymentLine], disputesTotal: Int, approvals: [ApprovalLine]? = nil,
        approvalsTotal: Int? = nil, disputedLines: [DisputedLine]? = nil, disputedLinesTotal: Int? = nil, coverages: [CoverageToCheck]? = nil,
        coveragesTotal: Int? = nil, latePlans: [InvoiceSummary]? = nil, latePlansTotal: Int? = nil, books: BooksCheck? = nil, asOf: Date
    ) {
        (self.missing, self.missingTotal, self.unbilled, self.unbilledTotal) = (missing, missingTotal, unbilled, unbilledTotal)
        (self.unpaid, self.unpaidTotal, self.failed, self.failedTotal) = (unpaid, unpaidTotal, failed, failedTotal)
        (self.disputes, self.disputesTotal, self.books, self.asOf) = (disputes, disputesTotal, books, asOf)
        (self.approvals, self.approvalsTotal) = (approvals, approvalsTotal)
        (self.disputedLines, self.disputedLinesTotal) = (disputedLines, disputedLinesTotal)
        (self.coverages, self.coveragesTotal) = (coverages, coveragesTotal)
        (self.latePlans, self.latePlansTotal) = (latePlans, latePlansTotal)
    }
}

public struct VisitToCharge: Codable, Sendable, Equatable {
    public var encounter: ID<Resource>
    public var patient: ID<Patient>
    public var ended: Date
    /// It has waited for more than a day.
    public var isLate: Bool

    public init(encounter: ID<Resource>, patient: ID<Patient>, ended: Date, isLate: Bool) {
        (self.encounter, self.patient, self.ended, self.isLate) = (encounter, patient, ended, isLate)
    }
}

public struct UnbilledCharges: Codable, Sendable, Equatable {
    public var patient: ID<Patient>
    public var count: Int
    public var total: Money

    public init(patient: ID<Patient>, count: Int, total: Money) { (self.patient, self.count, self.total) = (patient, count, total) }
}

/// Says what was done at a visit that is over, or that it costs nothing.
public struct ChargeVisit: Command {
    public static let name = "billing.charge-visit.v1"
    public typealias Reply = Done
    public typealias Refusal = ChargeRefusal

    public var patient: ID<Patient>
    public var encounter: ID<Resource>
    public var services: [ChargedService]
    /// Why nothing is charged: a code of `NoCharge`.
    public var nothing: String?
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, encounter: ID<Resource>, services: [ChargedService], nothing: String? = nil, key: UUID) {
        (self.patient, self.encounter, self.services, self.nothing, self.key) = (patient, encounter, services, nothing, key)
    }
}

public struct ChargedService: Codable, Sendable, Equatable {
    public var code: String
    /// 1 to 99.
    public var quantity: Int

    public init(code: String, quantity: Int) { (self.code, self.quantity) = (code, quantity) }
}

public enum ChargeRefusal: String, Codable, Sendable {
    /// No visit that is over.
    case notFound
    /// Neither services nor a reason, or both.
    case nothingSaid
    case unknownService
    case invalidQuantity
}

/// Writes a bill of charges that are on none. The sender makes its id.
public struct IssueInvoice: Command {
    public static let name = "billing.issue-invoice.v1"
    public typealias Reply = Done
    public typealias Refusal = IssueRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    /// At most 40, of one currency.
    public var charges: [ID<Charge>]

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { invoice.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, charges: [ID<Charge>]) {
        (self.patient, self.invoice, self.charges) = (patient, invoice, charges)
    }
}

public enum IssueRefusal: String, Codable, Sendable {
    /// No charges, too many, or one twice.
    case invalid
    /// A charge is not this patient's.
    case notFound
    case severalCurrencies
    case alreadyBilled
    case idInUse
}

/// Takes something off a bill: a credit lowers the price, a write-off gives up what is owed.
public struct AdjustInvoice: Command {
    public static let name = "billing.adjust-invoice.v1"
    public typealias Reply = Done
    public typealias Refusal = PaymentRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var isWriteOff: Bool
    public var amount: Money
    public var reason: AdjustmentReason
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, isWriteOff: Bool, amount: Money, reason: AdjustmentReason, key: UUID) {
        (self.patient, self.invoice, self.isWriteOff) = (patient, invoice, isWriteOff)
        (self.amount, self.reason, self.key) = (amount, reason, key)
    }
}

/// Why money is taken off or given back.
public enum AdjustmentReason: String, Codable, Sendable, CaseIterable {
    case courtesy, priceCorrected, notRendered, duplicate, hardship, smallBalance, uncollectible
}

/// Takes a credit or write-off back by an entry against it; the books keep both.
public struct ReverseAdjustment: Command {
    public static let name = "billing.reverse-adjustment.v1"
    public typealias Reply = Done
    public typealias Refusal = ReversalRefusal

    public var patient: ID<Patient>
    public var entry: ID<LedgerEntry>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, entry: ID<LedgerEntry>, key: UUID) { (self.patient, self.entry, self.key) = (patient, entry, key) }
}

public enum ReversalRefusal: String, Codable, Sendable {
    case notFound, alreadyReversed
}

/// Money that was paid at the desk.
public struct TakeCash: Command {
    public static let name = "billing.take-cash.v1"
    public typealias Reply = Done
    public typealias Refusal = PaymentRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>
    public var payment: ID<Payment>
    public var amount: Money

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { payment.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>, payment: ID<Payment>, amount: Money) {
        (self.patient, self.invoice, self.payment, self.amount) = (patient, invoice, payment, amount)
    }
}

/// Gives money back the way it came.
public struct RefundPayment: Command {
    public static let name = "billing.refund-payment.v1"
    public typealias Reply = Done
    public typealias Refusal = RefundRefusal

    public var patient: ID<Patient>
    public var payment: ID<Payment>
    public var refund: ID<Refund>
    public var amount: Money
    public var reason: AdjustmentReason
    /// Also takes it off the bill, so that it is not owed again: both are done, or neither.
    public var takesOff: Bool

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { refund.uuid }

    public init(patient: ID<Patient>, payment: ID<Payment>, refund: ID<Refund>, amount: Money, reason: AdjustmentReason, takesOff: Bool) {
        (self.patient, self.payment, self.refund) = (patient, payment, refund)
        (self.amount, self.reason, self.takesOff) = (amount, reason, takesOff)
    }
}

public enum RefundRefusal: Codable, Sendable, Equatable {
    case notFound
    case invalidAmount
    case otherCurrency(currency: String)
    /// More than was paid and has not been given back.
    case tooMuch(left: Int)
    /// Whoever paid has asked their bank to take it back: that goes first.
    case disputed
    case idInUse
}

/// Adds up all the books.
public struct ProveLedger: Query {
    public static let name = "billing.prove-ledger.v1"
    public typealias Reply = LedgerProof

    public init() {}
}

public struct LedgerProof: Codable, Sendable, Equatable {
    public var entries: Int
    public var postings: Int
    /// By account and currency; debits are positive. Together they are nothing.
    public var balances: [AccountBalance]
    /// What does not hold, as codes with how often; empty when all does.
    public var problems: [Problem]
    public var asOf: Date

    public var holds: Bool { problems.isEmpty }

    public struct AccountBalance: Codable, Sendable, Equatable {
        public var account: String
        public var balance: Money

        public init(account: String, balance: Money) { (self.account, self.balance) = (account, balance) }
    }

    public struct Problem: Codable, Sendable, Equatable {
        /// unbalanced-entry, trial-balance, empty-entry, line-not-its-charge, refunds-above-payment, payment-not-in-books, books-without-payment,
        /// overpaid-line, kept-balance, plan-not-its-bill
        public var code: String
        public var count: Int

        public init(code: String, count: Int) { (self.code, self.count) = (code, count) }
    }

    public init(entries: Int, postings: Int, balances: [AccountBalance], problems: [Problem], asOf: Date) {
        (self.entries, self.postings, self.balances, self.problems, self.asOf) = (entries, postings, balances, problems, asOf)
    }
}
