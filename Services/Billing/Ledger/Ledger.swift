internal import Contracts
internal import Foundation
internal import Postgres

/// Where money is, or comes from. Debits are positive: what is owed to us, what we hold, what we gave up.
enum LedgerAccount: String, Sendable, PostgresEncodable, PostgresDecodable {
    case receivable, card, cash, revenue, credits
    case writeOffs = "write-offs"
    case disputed, held
}

enum EntryKind: String, Sendable, PostgresEncodable, PostgresDecodable {
    case invoice, payment, refund, credit
    case writeOff = "write-off"
    case dispute
    case disputeWon = "dispute-won"
    case disputeLost = "dispute-lost"
    case reversal, void
}

struct Posting: Sendable, Equatable {
    var account: LedgerAccount
    /// The line of a bill.
    var charge: UUID?
    var amount: Int
}

/// Postings that add up to nothing. The database looks at that again when they are committed.
struct Entry: Sendable {
    var kind: EntryKind
    var patient: ID<Patient>
    var invoice: UUID
    var currency: String
    /// What it is made for; for each once.
    var about: UUID
    var reason: String?
    var by: ID<Account>?
    var postings: [Posting]

    func write(in tx: Transaction) {
        let id = UUID.v7()
        tx.queue(
            """
            INSERT INTO entry (id, kind, patient, invoice, currency, about, reason, made_by)
            VALUES (\(id), \(kind), \(patient.uuid), \(invoice), \(currency), \(about), \(reason), \(by?.uuid))
            """)
        for (place, posting) in postings.enumerated() where posting.amount != 0 {
            tx.queue(
                """
                INSERT INTO posting (entry, place, account, patient, charge, amount, currency)
                VALUES (\(id), \(place), \(posting.account), \(patient.uuid), \(posting.charge), \(posting.amount), \(currency))
                """)
        }
        settlePlan(in: tx)
    }
}

/// A part of an amount, for one line of a bill.
struct LinePart: Sendable, Equatable {
    var charge: UUID
    var amount: Int

    /// Takes `amount` from the parts in their order. - Returns: what was taken from each, and what is left of the amount.
    static func take(_ amount: Int, from parts: [LinePart]) -> (taken: [LinePart], rest: Int) {
        var (taken, rest) = ([LinePart](), amount)
        for part in parts where part.amount > 0 && rest > 0 {
            let some = min(part.amount, rest)
            taken.append(LinePart(charge: part.charge, amount: some))
            rest -= some
        }
        return (taken, rest)
    }
}

/// A bill with what is owed on each of its lines.
struct OpenInvoice: Sendable {
    let id: UUID
    let currency: String
    /// The first line first.
    let lines: [LinePart]

    var due: Int { lines.reduce(0) { $0 + $1.amount } }

    /// Of one patient one transaction at a time changes what is owed: it waits for the others here, and sees what they did.
    static func lock(_ invoice: ID<Invoice>, of patient: ID<Patient>, in tx: Transaction) async throws -> OpenInvoice? {
        tx.lockBills(of: patient)
        let known = tx.later("SELECT currency FROM invoice WHERE id = \(invoice.uuid) AND patient = \(patient.uuid)")
        let lines = try await tx.all(
            """
            SELECT l.charge, coalesce(sum(p.amount), 0)::bigint
            FROM invoice_line l LEFT JOIN posting p ON p.charge = l.charge AND p.account = 'receivable'
            WHERE l.invoice = \(invoice.uuid) AND l.patient = \(patient.uuid) GROUP BY l.charge, l.place ORDER BY l.place
            """, as: UUID.self, Int.self)
        guard let currency = try known.first(as: String.self) else { return nil }
        return OpenInvoice(id: invoice.uuid, currency: currency, lines: lines.map { LinePart(charge: $0.0, amount: $0.1) })
    }

    /// Why so much can not be paid, or taken off; nil where it can.
    func refusal(of amount: Money) -> PaymentRefusal? {
        if amount.amount <= 0 { return .invalidAmount }
        if amount.currency != currency { return .otherCurrency(currency: currency) }
        return amount.amount > due ? .tooMuch(due: due) : nil
    }
}

extension Transaction {
    func lockBills(of patient: ID<Patient>) {
        queue("SELECT pg_advisory_xact_lock(hashtextextended(\(patient.description), 8))")
    }
}

extension [LinePart] {
    /// Postings that lower what is owed on these lines.
    var credits: [Posting] { map { Posting(account: .receivable, charge: $0.charge, amount: -$0.amount) } }
    /// The same the other way round.
    var debits: [Posting] { map { Posting(account: .receivable, charge: $0.charge, amount: $0.amount) } }
    var total: Int { reduce(0) { $0 + $1.amount } }
}
