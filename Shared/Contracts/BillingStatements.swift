public import Foundation

/// Begins the statements of a month that is over, or says how far they are: each account gets one, if it owes something. Asked again it is the
/// same run.
public struct RunStatements: Command {
    public static let name = "billing.run-statements.v1"
    public typealias Reply = StatementRun
    public typealias Refusal = StatementRunRefusal

    /// `2026-10`; nil for the last one that is over.
    public var month: String?
    public var key: UUID

    public init(month: String? = nil, key: UUID) { (self.month, self.key) = (month, key) }
}

public enum StatementRunRefusal: String, Codable, Sendable {
    case invalidMonth
    /// By the clinic's clocks, and an hour more.
    case notOver
    /// The clinic is not set up, or identity has not told by whose clocks.
    case zoneUnknown
}

public struct StatementRun: Codable, Sendable, Equatable {
    /// `2026-10`
    public var month: String
    /// Statements so far.
    public var made: Int
    public var begun: Date
    /// Nil while it is under way.
    public var ended: Date?

    public init(month: String, made: Int, begun: Date, ended: Date? = nil) {
        (self.month, self.made, self.begun, self.ended) = (month, made, begun, ended)
    }
}

/// A patient's statements, newest first.
public struct ReadStatements: Query {
    public static let name = "billing.read-statements.v1"
    public typealias Reply = Statements

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Statements: Codable, Sendable, Equatable {
    public var statements: [StatementSummary]
    /// How many there are; `statements` holds 36 at most.
    public var total: Int
    public var asOf: Date

    public init(statements: [StatementSummary], total: Int, asOf: Date) {
        (self.statements, self.total, self.asOf) = (statements, total, asOf)
    }
}

/// What an account owed when a month was over: what it owed before, and what was charged, paid and taken off in that month.
public struct StatementSummary: Codable, Sendable, Equatable {
    public var statement: ID<AccountStatement>
    public var patient: ID<Patient>
    /// `2026-10`
    public var month: String
    /// When the month began and was over on the clinic's clocks.
    public var since: Date
    public var until: Date
    public var zone: String
    public var opening: Int
    public var charged: Int
    public var paid: Int
    public var adjusted: Int
    public var closing: Money
    /// Of `closing`: on lines the patient had said are wrong.
    public var disputed: Int
    /// Who pays it; nil for the patient.
    public var billedTo: BilledTo?
    /// Of `closing`: what was being paid in instalments. Nobody is reminded of it here.
    public var planned: Int?

    public init(
        statement: ID<AccountStatement>, patient: ID<Patient>, month: String, since: Date, until: Date, zone: String, opening: Int, charged: Int,
        paid: Int, adjusted: Int, closing: Money, disputed: Int, billedTo: BilledTo? = nil, planned: Int? = nil
    ) {
        self.statement = statement
        self.patient = patient
        self.month = month
        self.since = since
        self.until = until
        self.zone = zone
        self.opening = opening
        self.charged = charged
        self.paid = paid
        self.adjusted = adjusted
        self.closing = closing
        self.disputed = disputed
        self.billedTo = billedTo
        self.planned = planned
    }
}

/// A statement with every line traced: to the visit, the charge, and whatever was paid or taken off in its month.
public struct ReadStatement: Query {
    public static let name = "billing.read-statement.v1"
    public typealias Reply = StatementView
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var statement: ID<AccountStatement>

    public var patients: [ID<Patient>] { [patient] }
    public var bill: UUID? { statement.uuid }

    public init(patient: ID<Patient>, statement: ID<AccountStatement>) { (self.patient, self.statement) = (patient, statement) }
}

public struct StatementView: Codable, Sendable, Equatable {
    public var summary: StatementSummary
    /// Those that were owed at its beginning or changed in its month, the oldest bill first: 80 at most.
    public var lines: [StatementLine]
    public var total: Int
    public var books: BooksCheck?
    public var asOf: Date

    public init(summary: StatementSummary, lines: [StatementLine], total: Int, books: BooksCheck? = nil, asOf: Date) {
        (self.summary, self.lines, self.total, self.books, self.asOf) = (summary, lines, total, books, asOf)
    }
}

public struct StatementLine: Codable, Sendable, Equatable {
    public var charge: ChargeLine
    public var invoice: ID<Invoice>
    public var number: String
    /// Day, `2026-12-24`.
    public var dueOn: String
    public var opening: Int
    /// In this month; 0 where the bill is older.
    public var charged: Int
    public var paid: Int
    public var adjusted: Int
    public var due: Int
    /// The patient says that it is wrong, and nobody has decided that yet.
    public var isDisputed: Bool
    /// Of this month, oldest first.
    public var entries: [LedgerLine]

    public init(
        charge: ChargeLine, invoice: ID<Invoice>, number: String, dueOn: String, opening: Int, charged: Int, paid: Int, adjusted: Int, due: Int,
        isDisputed: Bool, entries: [LedgerLine]
    ) {
        self.charge = charge
        self.invoice = invoice
        self.number = number
        self.dueOn = dueOn
        self.opening = opening
        self.charged = charged
        self.paid = paid
        self.adjusted = adjusted
        self.due = due
        self.isDisputed = isDisputed
        self.entries = entries
    }
}

/// Says that a line of a bill is wrong. Until the billing office has decided, nobody is reminded of it.
public struct DisputeLine: Command {
    public static let name = "billing.dispute-line.v1"
    public typealias Reply = Done
    public typealias Refusal = DisputeRefusal

    public var patient: ID<Patient>
    public var charge: ID<Charge>
    public var dispute: ID<LineDispute>
    public var reason: DisputeReason

    public var patients: [ID<Patient>] { [patient] }
    public var key: UUID { dispute.uuid }

    public init(patient: ID<Patient>, charge: ID<Charge>, dispute: ID<LineDispute>, reason: DisputeReason) {
        (self.patient, self.charge, self.dispute, self.reason) = (patient, charge, dispute, reason)
    }
}

public enum DisputeReason: String, Codable, Sendable, CaseIterable {
    case notDone, alreadyPaid, wrongPrice, notMine
}

public enum DisputeRefusal: String, Codable, Sendable {
    /// Not on a bill of this patient.
    case notFound
    case nothingOwed
    case alreadyDisputed
    case idInUse
}

/// The billing office has looked: the line stands, or was corrected.
public struct SettleLineDispute: Command {
    public static let name = "billing.settle-line-dispute.v1"
    public typealias Reply = Done
    public typealias Refusal = InvoiceRefusal

    public var patient: ID<Patient>
    public var charge: ID<Charge>
    public var stands: Bool
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, charge: ID<Charge>, stands: Bool, key: UUID) {
        (self.patient, self.charge, self.stands, self.key) = (patient, charge, stands, key)
    }
}

/// A statement was made with something on it that its patient does not dispute.
public struct StatementMade: Event, Equatable {
    public static let name = "billing.statement-made.v1"

    public var statement: ID<AccountStatement>
    public var patient: ID<Patient>
    public var at: Date
    /// Who pays it and is told, by their own record; nil for the patient.
    public var payer: ID<Patient>?
    /// It goes by post: to somebody without a record here.
    public var byPost: Bool?

    public init(statement: ID<AccountStatement>, patient: ID<Patient>, at: Date, payer: ID<Patient>? = nil, byPost: Bool? = nil) {
        (self.statement, self.patient, self.at, self.payer, self.byPost) = (statement, patient, at, payer, byPost)
    }
}
