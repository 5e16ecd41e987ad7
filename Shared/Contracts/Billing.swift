public import Foundation

/// An amount in the smallest unit of a currency: cents, or whole yen.
public struct Money: Codable, Sendable, Hashable {
    public var amount: Int
    /// ISO 4217: `USD`.
    public var currency: String

    public init(_ amount: Int, _ currency: String) { (self.amount, self.currency) = (amount, currency) }
}

/// What a patient owes and has paid: bills, newest first, and what is not on a bill yet.
public struct ReadBills: Query {
    public static let name = "billing.read-bills.v1"
    public typealias Reply = Bills

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Bills: Codable, Sendable, Equatable {
    /// What the patient owes on all bills, a currency each: not on those somebody else pays.
    public var due: [Money]
    public var invoices: [InvoiceSummary]
    /// How many there are; `invoices` holds 100 at most.
    public var total: Int
    /// Done and not on a bill yet: as many as one has room for.
    public var charges: [ChargeLine]
    /// Bills of others that this patient pays, newest first: 100 at most.
    public var others: [InvoiceSummary]?
    public var books: BooksCheck?
    public var asOf: Date

    public init(
        due: [Money], invoices: [InvoiceSummary], total: Int, charges: [ChargeLine], others: [InvoiceSummary]? = nil, books: BooksCheck? = nil,
        asOf: Date
    ) {
        self.due = due
        self.invoices = invoices
        self.total = total
        self.charges = charges
        self.others = others
        self.books = books
        self.asOf = asOf
    }
}

public struct InvoiceSummary: Codable, Sendable, Equatable {
    public var invoice: ID<Invoice>
    /// As people call it: `2026-1187`.
    public var number: String
    public var patient: ID<Patient>
    public var issued: Date
    /// Day, `2026-12-24`.
    public var dueOn: String
    public var total: Money
    public var due: Int
    /// A payment that is on its way.
    public var pending: ID<Payment>?
    /// Of `due`: on lines the patient says are wrong. Nobody is reminded of it.
    public var disputed: Int?
    /// Who pays it; nil for the patient.
    public var billedTo: BilledTo?
    /// It is paid in instalments.
    public var plan: PlanSummary?

    public init(
        invoice: ID<Invoice>, number: String, patient: ID<Patient>, issued: Date, dueOn: String, total: Money, due: Int, pending: ID<Payment>? = nil,
        disputed: Int? = nil, billedTo: BilledTo? = nil, plan: PlanSummary? = nil
    ) {
        self.invoice = invoice
        self.number = number
        self.patient = patient
        self.issued = issued
        self.dueOn = dueOn
        self.total = total
        self.due = due
        self.pending = pending
        self.disputed = disputed
        self.billedTo = billedTo
        self.plan = plan
    }
}

/// One service at one visit, with its price at that time.
public struct ChargeLine: Codable, Sendable, Equatable {
    public var charge: ID<Charge>
    public var encounter: ID<Resource>
    /// When the visit was.
    public var at: Date
    public var code: String
    /// By language: `en`, `es`.
    public var name: [String: String]
    public var quantity: Int
    public var charged: Money

    public init(
        charge: ID<Charge>, encounter: ID<Resource>, at: Date, code: String, name: [String: String], quantity: Int, charged: Money
    ) {
        self.charge = charge
        self.encounter = encounter
        self.at = at
        self.code = code
        self.name = name
        self.quantity = quantity
        self.charged = charged
    }
}

/// The last time the books were proved.
public struct BooksCheck: Codable, Sendable, Equatable {
    public var at: Date
    /// Debits are credits, and every bill is the sum of its lines.
    public var holds: Bool

    public init(at: Date, holds: Bool) { (self.at, self.holds) = (at, holds) }
}

/// A bill with every line traced: to the visit, the charge, and whatever was paid or taken off.
public struct ReadInvoice: Query {
    public static let name = "billing.read-invoice.v1"
    public typealias Reply = InvoiceView
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var invoice: ID<Invoice>

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { invoice.uuid }

    public init(patient: ID<Patient>, invoice: ID<Invoice>) { (self.patient, self.invoice) = (patient, invoice) }
}

public enum InvoiceRefusal: String, Codable, Sendable {
    case notFound
}

public struct InvoiceView: Codable, Sendable, Equatable {
    public var summary: InvoiceSummary
    public var lines: [InvoiceLine]
    /// Oldest first.
    public var payments: [PaymentLine]
    /// Whether it can be paid by card here.
    public var takesCards: Bool
    public var books: BooksCheck?
    /// For the office alone: what waits for a second person.
    public var approvals: [ApprovalLine]?
    /// The insurance on file, for whoever sees what the patient decides; nil where there is none that holds.
    public var coverage: CoverageLine?
    /// In instalments: the plan there is, or how the last one ended.
    public var plan: PlanView?
    /// From what on whoever pays may split a bill.
    public var splitFrom: Int?
    public var asOf: Date

    public init(
        summary: InvoiceSummary, lines: [InvoiceLine], payments: [PaymentLine], takesCards: Bool, books: BooksCheck? = nil,
        approvals: [ApprovalLine]? = nil, coverage: CoverageLine? = nil, plan: PlanView? = nil, splitFrom: Int? = nil, asOf: Date
    ) {
        self.summary = summary
        self.lines = lines
        self.payments = payments
        self.takesCards = takesCards
        self.books = books
        self.approvals = approvals
        self.coverage = coverage
        self.plan = plan
        self.splitFrom = splitFrom
        self.asOf = asOf
    }
}

public struct InvoiceLine: Codable, Sendable, Equatable {
    public var charge: ChargeLine
    public var paid: Int
    public var adjusted: Int
    public var due: Int
    /// What changed it since it was charged, oldest first.
    public var entries: [LedgerLine]
    /// Why the patient says that it is wrong, while nobody has decided that.
    public var disputed: DisputeReason?

    public init(charge: ChargeLine, paid: Int, adjusted: Int, due: Int, entries: [LedgerLine], disputed: DisputeReason? = nil) {
        (self.charge, self.paid, self.adjusted, self.due, self.entries) = (charge, paid, adjusted, due, entries)
        self.disputed = disputed
    }
}

/// What one entry of the books did to one line of a bill.
public struct LedgerLine: Codable, Sendable, Equatable {
    public var entry: ID<LedgerEntry>
    /// payment, refund, credit, write-off, dispute-lost, reversal, void
    public var kind: String
    public var at: Date
    /// Negative lowers what is owed.
    public var amount: Int
    public var payment: ID<Payment>?
    /// A code.
    public var reason: String?
    /// Taken back by a later entry.
    public var isReversed: Bool?

    public init(
        entry: ID<LedgerEntry>, kind: String, at: Date, amount: Int, payment: ID<Payment>? = nil, reason: String? = nil, isReversed: Bool? = nil
    ) {
        self.entry = entry
        self.kind = kind
        self.at = at
        self.amount = amount
        self.payment = payment
        self.reason = reason
        self.isReversed = isReversed
    }
}

/// A bill was written.
public struct InvoiceIssued: Event, Equatable {
    public static let name = "billing.invoice-issued.v1"

    public var invoice: ID<Invoice>
    public var patient: ID<Patient>
    public var at: Date
    /// Who pays it and is told, by their own record; nil for the patient.
    public var payer: ID<Patient>?
    /// It goes by post: to somebody without a record here.
    public var byPost: Bool?

    public init(invoice: ID<Invoice>, patient: ID<Patient>, at: Date, payer: ID<Patient>? = nil, byPost: Bool? = nil) {
        (self.invoice, self.patient, self.at, self.payer, self.byPost) = (invoice, patient, at, payer, byPost)
    }
}
